//! What has to hold where each statement acts.

use crate::ast::Comparison;
use crate::builtins::Quick;
use crate::ir::{Argument, Expr, ExprKind, Step, Unit};
use crate::program::bind::{Listed, Source};
use crate::program::plan::Guard;
use crate::value::Value;

/// One of the operands of `and`.
pub(in crate::program) fn operand(expr: &Expr, index: usize) -> Option<&Expr> {
    match &*expr.kind {
        ExprKind::And(operands) => operands.get(index),
        _ => None,
    }
}

/// A unit whose statements are guarded by what the facets leave open.
pub(super) struct Guarding<'u> {
    unit: &'u Unit,
    sources: &'u [Source],
    open: &'u [Vec<Step>],
    /// How many guards each chain stands in.
    uses: Vec<usize>,
}

impl<'u> Guarding<'u> {
    pub(super) fn of(unit: &'u Unit, sources: &'u [Source], open: &'u [Vec<Step>]) -> Self {
        let mut uses = vec![0; unit.chains.len()];
        for step in open.iter().flatten() {
            if let Some(count) = uses.get_mut(step.chain.index()) {
                *count += 1;
            }
        }
        Guarding { unit, sources, open, uses }
    }

    pub(super) fn all(&self) -> Vec<Box<[Guard]>> {
        let of = |(index, steps): (usize, &Vec<Step>)| {
            let mut guards: Vec<Guard> = steps.iter().flat_map(|step| self.step(*step)).collect();
            if self.unit.statements.get(index).is_some_and(|statement| statement.unless.is_some()) {
                guards.push(Guard::Unless(index));
            }
            guards.into()
        };
        self.open.iter().enumerate().map(of).collect()
    }

    /// A step; where nothing else asks for its chain, its conditions stand for themselves. Of those that spend steps at
    /// most one may, so that as many are spent as by the whole.
    fn step(&self, step: Step) -> Vec<Guard> {
        let chain = step.chain.index();
        let condition = self.unit.chains.get(chain).and_then(|chain| chain.conditions.first());
        let (Some(condition), 0, Some(1)) = (condition, step.branch, self.uses.get(chain)) else {
            return vec![Guard::Step(step)];
        };
        match &*condition.expr.kind {
            ExprKind::And(operands) if operands.iter().filter(|one| one.spends).count() <= 1 => {
                let (last, first): (Vec<_>, Vec<_>) =
                    operands.iter().enumerate().partition(|(_, operand)| operand.spends);
                let guard = |(index, operand)| self.plain(operand).unwrap_or(Guard::Operand(chain, index));
                first.into_iter().chain(last).map(guard).collect()
            }
            _ => vec![self.plain(&condition.expr).unwrap_or(Guard::Condition(chain))],
        }
    }

    /// A condition that needs no look at expressions.
    fn plain(&self, expr: &Expr) -> Option<Guard> {
        match &*expr.kind {
            ExprKind::Slot(register) => Some(Guard::Register(register.index())),
            ExprKind::In { element, list, fold: false } => match (&*element.kind, &*list.kind) {
                (ExprKind::Literal(Value::String(text)), ExprKind::Slot(list)) => {
                    match self.sources.get(list.index())? {
                        Source::Listed(Listed::Scopes, _) => Some(Guard::Scope(text.clone())),
                        Source::Plain(_) => Some(Guard::Has(list.index(), text.clone())),
                        _ => None,
                    }
                }
                _ => None,
            },
            ExprKind::Compare { operator: Comparison::Equal, left, right, fold: false } => {
                match (&*left.kind, &*right.kind) {
                    (ExprKind::Slot(register), ExprKind::Literal(Value::String(text)))
                    | (ExprKind::Literal(Value::String(text)), ExprKind::Slot(register)) => {
                        Some(Guard::Is(register.index(), text.clone()))
                    }
                    _ => None,
                }
            }
            ExprKind::Call { builtin, receiver, arguments, .. } => {
                match (builtin.quick(), &*receiver.kind, arguments.as_slice()) {
                    (Some(Quick::Matches), ExprKind::Slot(register), [Argument::Regex(regex)]) => {
                        Some(Guard::Matches(register.index(), regex.clone()))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }
}
