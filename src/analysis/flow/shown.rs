//! What the evaluator has to say before a flow is believed, and to whom else it goes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Flow;
use super::recipients::{Recipient, Recipients, Who};
use crate::catalog::{Catalog, Cost};
use crate::decision::Decision;
use crate::eval;
use crate::ir::{Statement, Unit};
use crate::logic::atom::{Aim, Atom};
use crate::logic::formula::Formula;
use crate::logic::meaning::Name;
use crate::logic::solver::Doubt;
use crate::logic::solver::Instance;
use crate::logic::witness::{Verdict, Witness};
use crate::request::Request;
use crate::source::Span;
use crate::standard::Tokens;
use crate::ty::Labels;

/// A statement, the claim that it is about, and the tokens that are looked at.
pub(super) type Target<'t, 'u> = (&'u Statement, &'t Name, Tokens);

/// Whether a request's tokens, read by one of these, have the claim that a statement is about, or lack it by a `remove`.
fn are_about(
    unit: &Unit,
    (_, name, tokens): Target<'_, '_>,
    recipients: &[&Recipient],
    request: &Request,
    decision: &Decision,
) -> bool {
    let Decision::Issue(issued) = decision else { return false };
    let is_there = |token| match name {
        Name::Literal(name) => {
            issued.tokens.get(&token).is_some_and(|claims| claims.contains_key(name))
                || issued.removed.get(&token).is_some_and(|names| names.contains(name))
        }
        _ => issued.tokens.contains_key(&token),
    };
    tokens.iter().any(is_there) && recipients.iter().any(|one| one.who.reads(&unit.catalog, request, issued))
}

/// Whether these tokens carry what a statement writes or removes.
fn carries(
    unit: &Unit,
    target: Target<'_, '_>,
    recipients: &[&Recipient],
    request: &Request,
    decision: &Decision,
) -> bool {
    let (statement, name, tokens) = target;
    let is_name = |found: &str| match name {
        Name::Literal(name) => **name == *found,
        _ => true,
    };
    are_about(unit, target, recipients, request, decision)
        && eval::claim_traces(unit, request).iter().any(|trace| {
            tokens.contains(trace.token)
                && is_name(&trace.name)
                && trace.written_by.iter().chain(&trace.removed_by).any(|rule| rule.span == statement.span)
        })
}

/// Whether what a write wrote in a request carries a label, by the branches that were taken.
fn is_labelled(unit: &Unit, span: Span, part: Option<&str>, label: Labels, request: &Request) -> bool {
    let statement = unit.statements.iter().position(|statement| statement.span == span);
    statement.is_some_and(|statement| {
        eval::Inspection::new(unit, request).written_labels(statement, part).meets(label)
    })
}

/// What has to be shown.
#[derive(Clone, Copy)]
pub(super) struct Sought<'t, 'u> {
    pub(super) target: Target<'t, 'u>,
    /// Statements that write or remove the claim: what decides what becomes of it.
    pub(super) statements: &'t [usize],
    /// The label that the value has to carry, and the member of a spread value that is the claim.
    pub(super) value: Option<(Labels, Option<&'t str>)>,
}

/// Smaller policies are executed as a whole for every request that is tried.
const LARGE: usize = 100;

impl<'u> Flow<'_, 'u> {
    /// Looks for a request that shows something for one of the recipients. In a large policy, requests are tried on what
    /// decides about the claim; the whole has to issue the token all the same.
    pub(super) fn seek(
        &mut self,
        instance: &mut Instance<'u>,
        (what, some): (Formula, Formula),
        recipients: &[&Recipient],
        sought: Sought<'_, 'u>,
    ) -> Verdict {
        let unit = self.study.unit;
        let question = [what, some, !self.denied];
        let shows = |unit: &Unit, request: &Request, decision: &Decision| {
            carries(unit, sought.target, recipients, request, decision)
                && sought
                    .value
                    .is_none_or(|(label, part)| is_labelled(unit, sought.target.0.span, part, label, request))
        };
        if unit.statements.len() > LARGE {
            let verdict = self
                .study
                .find_among(instance, &question, sought.statements, &mut |unit, r, d| shows(unit, r, d));
            match &verdict {
                Verdict::Never => return verdict,
                Verdict::Shown(witness) => {
                    let is_whole = Request::from_value(&witness.request).is_ok_and(|request| {
                        are_about(unit, sought.target, recipients, &request, &witness.decision)
                    });
                    if is_whole {
                        return verdict;
                    }
                }
                Verdict::Undecided(_) => {}
            }
        }
        self.study.find(instance, &question, &mut |request, decision| shows(unit, request, decision))
    }
}

/// So many requests are made as small as may be; to read more of them is nobody's wish.
const SMALL: usize = 8;

/// Looks for a request in which `what` holds for `some` of the candidates, and that shows it.
pub(super) fn ask<'u>(
    flow: &mut Flow<'_, 'u>,
    instance: &mut Instance<'u>,
    (what, some): (Formula, Formula),
    candidates: &[&Recipient],
    sought: Sought<'_, 'u>,
) -> Verdict {
    let budget = flow.study.budget;
    if flow.shown >= SMALL {
        flow.study.budget.shrinking = 0;
    }
    let mut verdict = flow.seek(instance, (what, some), candidates, sought);
    if matches!(verdict, Verdict::Undecided(_)) {
        // What fails for one recipient, by a conflict of other rules, may be shown for another.
        let mut asked = BTreeSet::new();
        let mut is_open = false;
        for one in candidates {
            let key = flow.key(what, one);
            if key.0 == Formula::FALSE || !asked.insert(key) {
                continue;
            }
            if asked.len() > budget.recipients {
                is_open = true;
                if let Verdict::Undecided(doubts) = &mut verdict {
                    doubts.push(Doubt::Spent(Cost::Recipients));
                }
                break;
            }
            match flow.seek(instance, (what, one.is), &[one], sought) {
                Verdict::Never => {}
                Verdict::Undecided(_) => is_open = true,
                shown @ Verdict::Shown(_) => {
                    verdict = shown;
                    break;
                }
            }
        }
        if !is_open && matches!(verdict, Verdict::Undecided(_)) {
            verdict = Verdict::Never;
        }
    }
    flow.shown += usize::from(matches!(verdict, Verdict::Shown(_)));
    flow.study.budget = budget;
    verdict
}

/// To whom something goes.
pub(super) struct Reached<'r> {
    /// Each was shown by a request.
    pub(super) recipients: Vec<&'r Recipient>,
    /// Whether nobody else can be among those that were asked about.
    pub(super) is_complete: bool,
}

/// Who of `candidates` is reached, given a request that shows it for some.
pub(super) fn reached<'r, 'u>(
    flow: &mut Flow<'_, 'u>,
    instance: &mut Instance<'u>,
    question: Formula,
    candidates: &[&'r Recipient],
    (witness, sought): (&Witness, Sought<'_, 'u>),
) -> Reached<'r> {
    let unit = flow.study.unit;
    let mut reached = Reached { recipients: Vec::new(), is_complete: true };
    let mut known: BTreeMap<Key, bool> = BTreeMap::new();
    let mut asked = 0;
    let budget = flow.study.budget;
    flow.study.budget.shrinking = 0;
    flow.study.parts_decide = true;
    let request = Request::from_value(&witness.request).ok();
    for one in candidates {
        if let (Some(request), Decision::Issue(issued)) = (&request, &witness.decision)
            && one.who.reads(&unit.catalog, request, issued)
        {
            reached.recipients.push(one);
            continue;
        }
        let key = flow.key(question, one);
        if key.0 == Formula::FALSE {
            continue;
        }
        let is_reached = match known.get(&key) {
            Some(answer) => *answer,
            None if asked < budget.recipients => {
                asked += 1;
                let verdict = flow.seek(instance, (question, one.is), &[one], sought);
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
    flow.study.parts_decide = false;
    reached
}

/// What sets one recipient apart from another: what is left of the question and of the denials for it, and what
/// claims.yaml says of it.
pub(super) type Key = (Formula, Formula, String);

/// What claims.yaml says of a recipient, as far as it decides which requests there are: which listed clients may ask for
/// an audience and its scopes, which grants and audiences a client may use.
fn facts(recipients: &Recipients, catalog: &Catalog, who: &Who) -> String {
    let askers = |may: &dyn Fn(&Vec<Arc<str>>) -> bool| {
        let clients = catalog.clients.values();
        clients.map(|one| if one.audiences.as_ref().is_none_or(may) { '1' } else { '0' }).collect::<String>()
    };
    match who {
        // What stands beside it in a token matters too.
        Who::Audience(alias, _) if recipients.is_combined(who) => alias.to_string(),
        Who::Audience(alias, _) => {
            let scopes = catalog.audiences.get(alias).and_then(|audience| audience.scopes.as_ref());
            format!("{} {scopes:?}", askers(&|allowed| allowed.contains(alias)))
        }
        Who::OtherAudience => format!("other {}", askers(&|_| false)),
        Who::NoAudience => "none".to_owned(),
        Who::Client(alias, _) => {
            let client = catalog.clients.get(alias);
            format!("{:?}", client.map(|client| (&client.grants, &client.audiences)))
        }
        Who::OtherClient => "other client".to_owned(),
    }
}

impl Flow<'_, '_> {
    /// Recipients of one key get the same answer.
    pub(super) fn key(&mut self, question: Formula, recipient: &Recipient) -> Key {
        let left = self.folded(question, recipient);
        if left == Formula::FALSE {
            return (left, Formula::FALSE, String::new());
        }
        let denied = self.folded(self.denied, recipient);
        (left, denied, facts(&self.recipients, &self.study.unit.catalog, &recipient.who))
    }

    /// Whether nothing is left of a formula for each recipient, without asking a solver. Those that it does not name
    /// are all alike.
    pub(super) fn is_plainly_absent(&mut self, formula: Formula, recipients: &[&Recipient]) -> bool {
        if formula == Formula::FALSE {
            return true;
        }
        let f = &self.study.f;
        let named: BTreeSet<Arc<str>> = f
            .atoms_of([formula])
            .into_iter()
            .filter_map(|atom| match f.meaning(atom) {
                Some(Atom::Audience(Aim::Token, id) | Atom::Client(id)) => Some(id.clone()),
                _ => None,
            })
            .collect();
        let mut seen = BTreeSet::new();
        for one in recipients {
            let unnamed = match &one.who {
                Who::Audience(_, id) if !named.contains(id) => {
                    Some((self.recipients.is_combined(&one.who), None))
                }
                Who::Client(alias, id) if !named.contains(id) => {
                    let client = self.study.unit.catalog.clients.get(alias);
                    Some((true, client.and_then(|client| client.grants.clone())))
                }
                _ => None,
            };
            if unnamed.is_some_and(|alike| !seen.insert(alike)) {
                continue;
            }
            if self.folded(formula, one) != Formula::FALSE {
                return false;
            }
        }
        true
    }

    /// What is left of a formula for tokens that a recipient reads.
    pub(super) fn folded(&mut self, formula: Formula, recipient: &Recipient) -> Formula {
        let (recipients, unit) = (self.recipients.clone(), self.study.unit);
        self.study.f.restrict(formula, &|atom| recipients.known(&unit.catalog, &recipient.who, atom))
    }
}
