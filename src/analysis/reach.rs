//! What a policy says in vain: statements that never act, branches and arms that are never taken, conditions that
//! change nothing, writes that never reach a token.
//!
//! All of it is proven: where a question is undecided, nothing is said. One mistake is one finding: what stands in a
//! branch that is never taken is not looked at again.

use std::collections::BTreeSet;

use super::study::Study;
use crate::diag::Diagnostic;
use crate::ir::{Stage, Unit};
use crate::logic::formula::Formula;
use crate::logic::solver::Instance;

mod acts;
mod part;
mod why;

crate::codes! {
    /// A statement can never act.
    NEVER_FIRES = "C0610" "never-fires" Warning allow;
    /// A branch of an `if` is never taken.
    UNREACHABLE_BRANCH = "C0611" "unreachable-branch" Warning allow;
}

pub(super) fn analyse(study: &mut Study<'_>, findings: &mut Vec<Diagnostic>) {
    let mut idle = BTreeSet::new();
    for group in groups(study.unit) {
        let mut asker = Asker::new(study, &group);
        let acts = acts::check(study, &mut asker, &group, findings);
        idle.extend(acts.idle);
    }
}

/// The statements of each outermost `if`, and each other one alone.
fn groups(unit: &Unit) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut last = None;
    for (index, statement) in unit.statements.iter().enumerate() {
        let chain = statement.guard.first().map(|step| step.chain);
        match groups.last_mut() {
            Some(group) if chain.is_some() && chain == last => group.push(index),
            _ => groups.push(vec![index]),
        }
        last = chain;
    }
    groups
}

/// A solver for the questions about one group of statements.
struct Asker<'u> {
    instance: Instance<'u>,
    world: Formula,
}

impl<'u> Asker<'u> {
    fn new(study: &mut Study<'u>, group: &[usize]) -> Self {
        let unit = study.unit;
        let sets_audience = group.iter().any(|index| {
            unit.statements.get(*index).is_some_and(|statement| statement.action.stage() == Stage::Audience)
        });
        // What statements make of the audience is not known to those that set it.
        let world = if sets_audience { study.meaning.request_facts(&mut study.f) } else { study.world };
        let formulas = group.iter().map(|index| study.meaning.acts(*index)).chain([world]);
        let instance = Instance::new(unit, study.budget, &mut study.f, formulas.collect::<Vec<_>>());
        Asker { instance, world }
    }

    /// Whether all can hold in one request; `false` is a proof.
    fn is_possible(&mut self, study: &mut Study<'u>, question: impl IntoIterator<Item = Formula>) -> bool {
        let question: Vec<Formula> = question.into_iter().chain([self.world]).collect();
        study.f.all(question.iter().copied()) != Formula::FALSE
            && self.instance.is_possible(&mut study.f, &question)
    }
}
