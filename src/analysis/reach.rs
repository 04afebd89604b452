//! What a policy says in vain: statements that never act, branches and arms that are never taken, conditions that
//! change nothing, writes that never reach a token.
//!
//! All of it is proven: where a question is undecided, nothing is said. One mistake is one finding: what stands in a
//! branch that is never taken is not looked at again.

use std::collections::{BTreeSet, HashMap};

use super::study::Study;
use crate::ast::Level;
use crate::diag::Diagnostic;
use crate::ir::{Action, Stage, Unit};
use crate::logic::formula::Formula;
use crate::logic::solver::Instance;

mod acts;
mod arms;
mod chains;
mod conditions;
mod found;
mod part;
mod redundant;
mod why;
mod writes;

use chains::Chains;
use conditions::Place;
use found::Found;

crate::codes! {
    /// A statement can never act.
    NEVER_FIRES = "C0610" "never-fires" Warning allow;
    /// A branch of an `if` is never taken.
    UNREACHABLE_BRANCH = "C0611" "unreachable-branch" Warning allow;
    /// A branch of an expression is never taken.
    UNREACHABLE_ARM = "C0612" "unreachable-arm" Warning allow;
    /// A condition is true wherever it is asked, or an exception nowhere.
    ALWAYS_TRUE = "C0613" "always-true" Warning allow;
    /// An operand of a condition changes nothing.
    REDUNDANT_CONDITION = "C0614" "redundant-condition" Warning allow;
    /// A write never reaches a token, because another one or a `remove` always wins.
    BEATEN_WRITE = "C0615" "beaten-write" Warning allow;
    /// A default never applies, because another write always does.
    UNUSED_DEFAULT = "C0616" "unused-default" Warning allow;
}

pub(super) fn analyse(study: &mut Study<'_>, findings: &mut Vec<Diagnostic>) {
    let mut idle = BTreeSet::new();
    let mut found = Found::default();
    for group in groups(study.unit) {
        let mut asker = Asker::new(study, &group);
        let acts = acts::check(study, &mut asker, &group, findings);
        conditions::check(study, &mut asker, &group, &acts, &mut found);
        values(study, &mut asker, &group, &acts.idle, &mut found);
        idle.extend(acts.idle);
    }
    lets(study, &mut found);
    findings.extend(found.finish());
    writes::check(study, &idle, findings);
}

/// What is never taken in the values of statements.
fn values<'u>(
    study: &mut Study<'u>,
    asker: &mut Asker<'u>,
    group: &[usize],
    idle: &BTreeSet<usize>,
    found: &mut Found,
) {
    let unit = study.unit;
    for index in group.iter().filter(|index| !idle.contains(index)) {
        let Some(statement) = unit.statements.get(*index) else { continue };
        let Some(value) = statement.action.value() else { continue };
        let may_be_absent = matches!(
            &statement.action,
            Action::Write { level: Level::Add | Level::Default | Level::Append, or_deny: None, .. }
        );
        let own = part::exceptions(study, statement);
        let mut context = asker.chains.all_taken(study, &statement.guard);
        context.extend(own.iter().map(|part| part.formula));
        let place = Place { outer: &statement.guard, step: None, own, context };
        arms::check(study, asker, &place, value, may_be_absent, found);
    }
}

/// What is never taken in lets, wherever they are used.
fn lets(study: &mut Study<'_>, found: &mut Found) {
    let unit = study.unit;
    let mut asker = Asker::new(study, &[]);
    for binding in &unit.lets {
        let place = Place { outer: &[], step: None, own: Vec::new(), context: Vec::new() };
        arms::check(study, &mut asker, &place, &binding.value, false, found);
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
    chains: Chains,
    /// Answers, by the conjunction that was asked.
    known: HashMap<Formula, bool>,
    /// How many questions the solver has had.
    asked: u32,
}

/// So many questions to one solver: it decides about all that it was ever asked about.
const QUESTIONS: u32 = 64;

impl<'u> Asker<'u> {
    fn new(study: &mut Study<'u>, group: &[usize]) -> Self {
        let unit = study.unit;
        let sets_audience = group.iter().any(|index| {
            unit.statements.get(*index).is_some_and(|statement| statement.action.stage() == Stage::Audience)
        });
        // What statements make of the audience is not known to those that set it.
        let world = if sets_audience { study.meaning.request_facts(&mut study.f) } else { study.world };
        let first = group.iter().take(QUESTIONS as usize);
        let formulas: Vec<Formula> = first.map(|index| study.meaning.acts(*index)).chain([world]).collect();
        let instance = Instance::new(unit, study.budget, &mut study.f, formulas);
        Asker { instance, world, chains: Chains::default(), known: HashMap::new(), asked: 0 }
    }

    /// Whether all can hold in one request; `false` is a proof.
    fn is_possible(&mut self, study: &mut Study<'u>, question: impl IntoIterator<Item = Formula>) -> bool {
        let question: Vec<Formula> = question.into_iter().chain([self.world]).collect();
        let whole = study.f.all(question.iter().copied());
        if whole == Formula::FALSE {
            return false;
        }
        if let Some(known) = self.known.get(&whole) {
            return *known;
        }
        if self.asked >= QUESTIONS {
            self.instance = Instance::new(study.unit, study.budget, &mut study.f, question.iter().copied());
            self.asked = 0;
        }
        self.asked += 1;
        let is_possible = self.instance.is_possible(&mut study.f, &question);
        self.known.insert(whole, is_possible);
        is_possible
    }
}
