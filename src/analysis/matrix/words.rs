//! What rows say, in words.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::analysis::written::Conditions;
use crate::ir::Unit;
use crate::logic::formula::{Formula, Formulas};
use crate::logic::solver::{Budget, Instance};

use super::effects::Effect;
use super::{Cell, Condition, Content, Subject, Verb, Write, refine, worlds};

type CellKey = (Option<Verb>, Arc<str>);

/// Formulas in words.
pub(super) struct Words<'m, 'u> {
    unit: &'u Unit,
    f: &'m mut Formulas,
    world: Formula,
    budget: Budget,
    conditions: Conditions<'m, 'u>,
    solvers: BTreeMap<(Subject, Arc<str>), Instance<'u>>,
    known: HashMap<Formula, Condition>,
}

impl<'m, 'u> Words<'m, 'u> {
    /// For formulas of a policy; `solvers` are those of claims that were asked already.
    pub(super) fn new(
        unit: &'u Unit,
        f: &'m mut Formulas,
        (world, budget): (Formula, Budget),
        conditions: Conditions<'m, 'u>,
        solvers: BTreeMap<(Subject, Arc<str>), Instance<'u>>,
    ) -> Self {
        Words { unit, f, world, budget, conditions, solvers, known: HashMap::new() }
    }

    /// What a row says.
    pub(super) fn content(&mut self, effects: &[Effect], says: &[(usize, Formula)]) -> Content {
        // Claims by name, effects on requests by verb.
        let mut cells: BTreeMap<CellKey, Vec<(Verb, usize, Write)>> = BTreeMap::new();
        let mut undecided = Vec::new();
        for (index, fires) in says {
            let Some(effect) = effects.get(*index) else { continue };
            let condition = self.condition(effect, *fires);
            undecided.extend(self.conditions.unfolded(self.f, *fires));
            let verb = effect.write.verb;
            let write = Write { condition, ..effect.write.clone() };
            let order = (effect.subject == Subject::Request).then_some(verb);
            cells.entry((order, effect.name.clone())).or_default().push((verb, *index, write));
        }
        undecided.sort();
        undecided.dedup();
        let cells = cells.into_iter().map(|((_, name), mut writes)| {
            writes.sort_by_key(|(verb, index, _)| (*verb, *index));
            Cell { name, writes: writes.into_iter().map(|(.., write)| write).collect() }
        });
        Content { cells: cells.collect(), undecided }
    }

    fn condition(&mut self, effect: &Effect, formula: Formula) -> Condition {
        if let Some(known) = self.known.get(&formula) {
            return known.clone();
        }
        let Words { unit, f, world, budget, conditions, solvers, .. } = self;
        let simple = refine::propagated(f, formula);
        // The longest goes first; texts decide, because formulas are numbered in the order of the rules.
        let mut ranked: Vec<(String, Formula)> = refine::parts_of(f, simple)
            .into_iter()
            .map(|part| (conditions.of(f, part).to_string(), part))
            .collect();
        ranked.sort_by(|(a, _), (b, _)| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        let ranked: Vec<Formula> = ranked.into_iter().map(|(_, part)| part).collect();
        let solver = solvers
            .entry((effect.subject, effect.name.clone()))
            .or_insert_with(|| Instance::new(unit, *budget, f, [formula, *world]));
        let context = worlds::context(f, simple);
        let simple = refine::without_implied(f, ranked, &mut |f, question| {
            let question: Vec<_> = question.iter().copied().chain([*world, context]).collect();
            solver.is_possible(f, &question)
        });
        let condition = conditions.of(f, simple);
        self.known.insert(formula, condition.clone());
        condition
    }
}
