//! Information flow: which labelled data arrives at whom.
//!
//! *Explicit*: a value derived from labelled data is written where a recipient reads it that does not accept the label.
//! *Implicit*: a condition that reads labelled data decides a claim there, so that the claim tells one bit of it.
//! Labels are those of types, so what `reveal` and `trust` take away is gone; where a value really arrives is asked of
//! the solver, and every leak is shown by a request that the evaluator has run.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use super::study::{Group, Study};
use crate::diag::Diagnostic;
use crate::ir::Action;
use crate::logic::formula::Formula;
use crate::logic::meaning::{Name, Write};
use crate::logic::solver::Instance;
use crate::ty::Labels;

mod early;
mod explicit;
mod implicit;
mod reads;
mod recipients;
mod shown;
pub mod table;
mod trust;

use recipients::{Readers, Recipient, Recipients, private_labels};

crate::codes! {
    /// A value with a label arrives where the label is not accepted.
    PII_IN_TOKEN = "C0701" "pii-in-token" Error;
    /// Whether labelled data arrives somewhere could not be decided.
    UNDECIDED_FLOW = "C0702" "undecided-flow" Warning allow;
    /// A condition that reads labelled data decides a claim where the label is not accepted.
    PII_IN_GUARD = "C0703" "pii-in-guard" Warning allow;
    /// A condition that reads a secret decides a claim.
    SECRET_IN_GUARD = "C0704" "secret-in-guard" Error;
    /// A value that nobody vouches for is written into an access token or SAML assertion.
    UNTRUSTED_IN_TOKEN = "C0705" "untrusted-in-token" Error;
}

/// What all questions about flow need.
struct Flow<'s, 'u> {
    study: &'s mut Study<'u>,
    recipients: Rc<Recipients>,
    /// The labels of privacy.
    private: Labels,
    denied: Formula,
    /// How many flows were shown.
    shown: usize,
    /// Statements that remove a claim, and which.
    removing: Vec<(usize, Name)>,
}

/// The writes that may be about one claim, and the solver that is asked about them.
struct Claim<'u> {
    writes: Vec<Write>,
    /// The statements that write or remove it.
    statements: Vec<usize>,
    instance: Option<Instance<'u>>,
}

pub(super) fn analyse(study: &mut Study<'_>, findings: &mut Vec<Diagnostic>) {
    if private_labels(&study.unit.catalog).is_empty() {
        return;
    }
    let mut flow = Flow::new(study);
    let mut guards = implicit::Guards::of(&mut flow);
    let mut seen = BTreeSet::new();
    for group in flow.study.groups().iter() {
        let mut claim = Claim::of(&flow, group);
        let own: Vec<usize> = group.writes.iter().copied().filter(|index| seen.insert(*index)).collect();
        for index in own {
            let Some(write) = flow.study.write(index) else { continue };
            if write.name != group.name {
                // It has a group of its own, whose other writes are about the same name.
                seen.remove(&index);
                continue;
            }
            explicit::check(&mut flow, &mut claim, &write, findings);
            trust::check(&mut flow, &mut claim, &write, findings);
            guards.write(&mut flow, &mut claim, &write, findings);
        }
    }
    guards.removals(&mut flow, findings);
    guards.finish(&flow, findings);
}

impl<'s, 'u> Flow<'s, 'u> {
    fn new(study: &'s mut Study<'u>) -> Self {
        let recipients = Rc::new(Recipients::of(study));
        let private = private_labels(&study.unit.catalog);
        let denied = study.meaning.denied(&mut study.f);
        let all = study.unit.statements.iter().enumerate();
        let removing = all
            .filter_map(|(index, statement)| match &statement.action {
                Action::Remove { claim, .. } => Some((index, study.meaning.name(*claim))),
                _ => None,
            })
            .collect();
        Flow { study, recipients, private, denied, shown: 0, removing }
    }

    /// Where a write reaches a token that some of the readers read, unless the request is denied.
    fn arrives(&mut self, claim: &Claim<'_>, write: &Write, readers: Readers) -> Formula {
        let study = &mut *self.study;
        // Most claims have writes of one level only, which beat nothing.
        let is_plain = claim.writes.iter().all(|w| w.level == write.level && w.member == write.member);
        let among: Vec<&Write> = if is_plain { Vec::new() } else { claim.writes.iter().collect() };
        let tokens = write.tokens.and(readers.tokens());
        let effective: Vec<Formula> = tokens
            .iter()
            .map(|token| study.meaning.is_effective(&mut study.f, write, token, &among))
            .collect();
        study.f.any(effective)
    }

    fn label_name(&self, label: Labels) -> Arc<str> {
        let labels = &self.study.unit.catalog.labels;
        label.indexes().next().and_then(|index| labels.get(index)).cloned().unwrap_or_else(|| "".into())
    }

    /// The labels of a set, one by one.
    fn each(labels: Labels) -> impl Iterator<Item = Labels> {
        labels.indexes().map(Labels::bit)
    }
}

impl<'u> Claim<'u> {
    fn of(flow: &Flow<'_, 'u>, group: &Group) -> Self {
        let writes: Vec<Write> = group.writes.iter().filter_map(|index| flow.study.write(*index)).collect();
        let removing = flow.removing.iter().filter(|(_, name)| name.may_be(&group.name));
        let statements =
            writes.iter().map(|write| write.statement).chain(removing.map(|(index, _)| *index)).collect();
        Claim { writes, statements, instance: None }
    }

    /// What only this statement removes, as far as it is looked at.
    fn removed(statement: usize) -> Self {
        Claim { writes: Vec::new(), statements: vec![statement], instance: None }
    }

    /// The solver for questions about this claim.
    fn solver(&mut self, flow: &mut Flow<'_, 'u>, question: &[Formula]) -> &mut Instance<'u> {
        let Claim { writes, instance, .. } = self;
        instance.get_or_insert_with(|| {
            let formulas: Vec<Formula> =
                writes.iter().map(|write| write.fires).chain(question.iter().copied()).collect();
            flow.study.instance(formulas)
        })
    }
}

/// `a`, `b` and `c`; of many the first ones and how many others there are.
fn listed(recipients: &[&Recipient], is_complete: bool) -> String {
    const NAMED: usize = 4;
    let words: Vec<String> = recipients.iter().take(NAMED).map(|one| one.who.words()).collect();
    let more = recipients.len() - words.len();
    let rest = match (more, is_complete) {
        (0, true) => None,
        (0, false) => Some("others".to_owned()),
        (1, true) => Some("1 other".to_owned()),
        (more, true) => Some(format!("{more} others")),
        (more, false) => Some(format!("{more} or more others")),
    };
    let all: Vec<String> = words.into_iter().chain(rest).collect();
    match all.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
