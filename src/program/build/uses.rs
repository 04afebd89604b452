//! What registers are used for.

use std::collections::BTreeSet;

use super::guards::operand;
use crate::ast::Level;
use crate::ir::{Action, Expr, ExprKind, Unit};
use crate::program::plan::Guard;

/// How the statements of a program use its registers.
pub(super) struct Uses {
    /// Those that something is computed with, beside those that are written as they are or stand alone in a guard.
    pub(super) computed: BTreeSet<usize>,
    /// Those that are the value of a statement.
    pub(super) written: BTreeSet<usize>,
    /// How often each of them is read.
    pub(super) counts: Vec<usize>,
}

impl Uses {
    pub(super) fn of(unit: &Unit, guards: &[Box<[Guard]>], registers: usize) -> Self {
        let mut uses =
            Uses { computed: BTreeSet::new(), written: BTreeSet::new(), counts: vec![0; registers] };
        let condition = |chain: usize| unit.chains.get(chain).into_iter().flat_map(|chain| &chain.conditions);
        for guard in guards.iter().flatten() {
            match guard {
                Guard::Scopes(_) => {}
                Guard::Register(register)
                | Guard::Is(register, _)
                | Guard::Has(register, _)
                | Guard::Matches(register, _) => uses.count(*register),
                Guard::Condition(chain) => condition(*chain).for_each(|one| uses.compute(&one.expr)),
                Guard::Step(step) => condition(step.chain.index()).for_each(|one| uses.compute(&one.expr)),
                Guard::Operand(chain, index) => {
                    condition(*chain)
                        .filter_map(|one| operand(&one.expr, *index))
                        .for_each(|one| uses.compute(one));
                }
                Guard::Unless(index) => {
                    let unless = unit.statements.get(*index).and_then(|one| one.unless.as_ref());
                    if let Some(unless) = unless {
                        uses.compute(unless);
                    }
                }
            }
        }
        unit.lets.iter().for_each(|binding| uses.compute(&binding.value));
        for action in unit.statements.iter().map(|statement| &statement.action) {
            let is_appended = matches!(action, Action::Write { level: Level::Append, .. });
            let Some(value) = action.value() else { continue };
            match &*value.kind {
                ExprKind::Slot(register) if matches!(action, Action::Write { .. }) && !is_appended => {
                    uses.written.insert(register.index());
                    uses.count(register.index());
                }
                _ => uses.compute(value),
            }
        }
        uses
    }

    fn count(&mut self, register: usize) {
        if let Some(count) = self.counts.get_mut(register) {
            *count += 1;
        }
    }

    fn compute(&mut self, expr: &Expr) {
        expr.walk(&[], &mut |part| {
            if let ExprKind::Slot(register) = &*part.kind {
                self.computed.insert(register.index());
                self.count(register.index());
            }
            true
        });
    }
}
