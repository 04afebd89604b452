//! What the evaluator has to say before a flow is believed, and to whom else it goes.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::recipients::Who;
use super::{Flow, Recipient};
use crate::catalog::Client;
use crate::decision::Decision;
use crate::eval;
use crate::ir::{Statement, Unit};
use crate::logic::formula::Formula;
use crate::logic::meaning::{Name, Write};
use crate::logic::solver::Instance;
use crate::logic::witness::{Verdict, Witness};
use crate::request::Request;
use crate::standard::{Grant, Tokens};
use crate::ty::Labels;

/// A statement, the claim that it is about, and the tokens that are looked at.
pub(super) type Target<'t, 'u> = (&'u Statement, &'t Name, Tokens);

/// Whether a request's tokens, read by one of these, carry what a statement writes or removes.
pub(super) fn carries(
    unit: &Unit,
    (statement, name, tokens): Target<'_, '_>,
    recipients: &[&Recipient],
    request: &Request,
    decision: &Decision,
) -> bool {
    let Decision::Issue(issued) = decision else { return false };
    let literal = match name {
        Name::Literal(name) => Some(name),
        _ => None,
    };
    let catalog = &unit.catalog;
    let is_there = |token| match literal {
        Some(name) => {
            issued.tokens.get(&token).is_some_and(|claims| claims.contains_key(name))
                || issued.removed.get(&token).is_some_and(|names| names.contains(name))
        }
        None => issued.tokens.contains_key(&token),
    };
    tokens.iter().any(is_there)
        && recipients.iter().any(|one| one.who.reads(catalog, request, issued))
        && eval::claim_traces(unit, request).iter().any(|trace| {
            tokens.contains(trace.token)
                && literal.is_none_or(|name| trace.name == *name)
                && trace.written_by.iter().chain(&trace.removed_by).any(|rule| rule.span == statement.span)
        })
}

/// Whether what a write wrote in a request carries a label, by the branches that were taken.
pub(super) fn is_labelled(unit: &Unit, write: &Write, label: Labels, request: &Request) -> bool {
    eval::Inspection::new(unit, request).written_labels(write.statement, write.part.as_deref()).meets(label)
}

/// To whom something goes.
pub(super) struct Reached<'r> {
    /// Each was shown by a request.
    pub(super) recipients: Vec<&'r Recipient>,
    /// Whether nobody else can be among those that were asked about.
    pub(super) is_complete: bool,
}

/// How many further recipients are asked about, were they to differ in what the policy says of them.
const ASKED: usize = 12;

/// Who of `candidates` is reached, given a request that shows it for some.
pub(super) fn reached<'r, 'u>(
    flow: &mut Flow<'_, 'u>,
    instance: &mut Instance<'u>,
    question: Formula,
    candidates: &[&'r Recipient],
    (witness, target): (&Witness, Target<'_, 'u>),
) -> Reached<'r> {
    let unit = flow.study.unit;
    let mut reached = Reached { recipients: Vec::new(), is_complete: true };
    let mut known: BTreeMap<(Formula, Standing), bool> = BTreeMap::new();
    let mut asked = 0;
    let budget = flow.study.budget;
    flow.study.budget.shrinking = 0;
    let request = Request::from_value(&witness.request).ok();
    for one in candidates {
        if let (Some(request), Decision::Issue(issued)) = (&request, &witness.decision)
            && one.who.reads(&unit.catalog, request, issued)
        {
            reached.recipients.push(one);
            continue;
        }
        let key = (flow.folded(question, one), standing(unit, one));
        if key.0 == Formula::FALSE {
            continue;
        }
        let is_reached = match known.get(&key) {
            Some(answer) => *answer,
            None if asked < ASKED => {
                asked += 1;
                let verdict = flow.study.find(instance, &[question, one.is], &mut |request, decision| {
                    carries(unit, target, &[one], request, decision)
                });
                reached.is_complete &= !matches!(verdict, Verdict::Undecided(_));
                let answer = matches!(verdict, Verdict::Shown(_));
                known.insert(key, answer);
                answer
            }
            None => {
                reached.is_complete = false;
                continue;
            }
        };
        if is_reached {
            reached.recipients.push(one);
        }
    }
    flow.study.budget = budget;
    reached
}

/// What claims.yaml says of a recipient that unmentioned ones of a kind may share: recipients with equal ones, of whom
/// the policy says the same, have the same answer.
pub(super) type Standing = (Option<Who>, Arc<[bool]>);

/// Of an audience, which listed clients may ask for it, and whether its scopes are listed; of a client, its grants and
/// audiences. All others stand alone.
pub(super) fn standing(unit: &Unit, recipient: &Recipient) -> Standing {
    let catalog = &unit.catalog;
    match &recipient.who {
        Who::Audience(alias, _) => {
            let has_scopes = catalog.audiences.get(alias).is_some_and(|audience| audience.scopes.is_some());
            let may_ask = |client: &Client| client.audiences.as_ref().is_none_or(|all| all.contains(alias));
            (None, catalog.clients.values().map(may_ask).chain([has_scopes]).collect())
        }
        Who::Client(alias, _) => {
            let Some(client) = catalog.clients.get(alias) else {
                return (Some(recipient.who.clone()), [].into());
            };
            let may_use = |grant: &Grant| client.grants.as_ref().is_none_or(|all| all.contains(grant));
            let may_ask = |alias: &Arc<str>| client.audiences.as_ref().is_none_or(|all| all.contains(alias));
            let grants = Grant::ALL.iter().map(may_use);
            (None, grants.chain(catalog.audiences.keys().map(may_ask)).collect())
        }
        other => (Some(other.clone()), [].into()),
    }
}

impl Flow<'_, '_> {
    /// What is left of a formula for tokens that a recipient reads.
    pub(super) fn folded(&mut self, formula: Formula, recipient: &Recipient) -> Formula {
        let (recipients, unit) = (self.recipients.clone(), self.study.unit);
        self.study.f.restrict(formula, &|atom| recipients.known(&unit.catalog, &recipient.who, atom))
    }
}
