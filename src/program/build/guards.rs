//! What has to hold where each statement acts.

use std::sync::Arc;

use crate::ast::Comparison;
use crate::builtins::Quick;
use crate::ir::{Argument, Expr, ExprKind, SlotId, Step, Unit};
use crate::program::bind::{Listed, Source};
use crate::program::plan::{Guard, SCOPES, Scopes, Share};
use crate::program::scratch::REGISTERS;
use crate::standard::is_scope_token;
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
    /// The scopes that guards ask for.
    scopes: Vec<Arc<str>>,
}

impl<'u> Guarding<'u> {
    pub(super) fn of(unit: &'u Unit, sources: &'u [Source], open: &'u [Vec<Step>]) -> Self {
        let mut uses = vec![0; unit.chains.len()];
        for step in open.iter().flatten() {
            if let Some(count) = uses.get_mut(step.chain.index()) {
                *count += 1;
            }
        }
        Guarding { unit, sources, open, uses, scopes: Vec::new() }
    }

    /// The guards of all statements, and the scopes that they ask for.
    pub(super) fn all(mut self) -> (Vec<Box<[Guard]>>, Vec<Arc<str>>) {
        let open = self.open;
        let of = |(index, steps): (usize, &Vec<Step>)| {
            let mut guards: Vec<Guard> = steps.iter().flat_map(|step| self.step(*step)).collect();
            if self.unit.statements.get(index).is_some_and(|statement| statement.unless.is_some()) {
                guards.push(Guard::Unless(index));
            }
            guards.into()
        };
        let guards = open.iter().enumerate().map(of).collect();
        (guards, self.scopes)
    }

    /// A step; where nothing else asks for its chain, its conditions stand for themselves. Those that spend steps come last
    /// and are one, so that as many are spent as by the whole.
    fn step(&mut self, step: Step) -> Vec<Guard> {
        let chain = step.chain.index();
        let condition = self.unit.chains.get(chain).and_then(|chain| chain.conditions.first());
        let (Some(condition), 0, Some(1)) = (condition, step.branch, self.uses.get(chain)) else {
            return vec![Guard::Step(step)];
        };
        match &*condition.expr.kind {
            ExprKind::And(operands) => {
                let (last, first): (Vec<_>, Vec<_>) =
                    operands.iter().enumerate().partition(|(_, operand)| operand.spends);
                let together = self.scopes(last.iter().map(|(_, operand)| *operand), Share::All);
                let last = match (together, last.as_slice()) {
                    (Some(scopes), _) => Some(scopes),
                    (None, []) => None,
                    (None, [(index, operand)]) => {
                        Some(self.plain(operand).unwrap_or(Guard::Operand(chain, *index)))
                    }
                    (None, _) => return vec![Guard::Condition(chain)],
                };
                let guard = |(index, operand)| self.plain(operand).unwrap_or(Guard::Operand(chain, index));
                let mut guards: Vec<Guard> = first.into_iter().map(guard).collect();
                guards.extend(last);
                guards
            }
            _ => vec![self.plain(&condition.expr).unwrap_or(Guard::Condition(chain))],
        }
    }

    /// A condition that needs no look at expressions.
    fn plain(&mut self, expr: &Expr) -> Option<Guard> {
        match &*expr.kind {
            ExprKind::Slot(register) => self.at_hand(*register).map(Guard::Register),
            ExprKind::In { element, list, fold: false } => match (&*element.kind, &*list.kind) {
                (ExprKind::Literal(Value::String(text)), ExprKind::Slot(list)) => {
                    match self.sources.get(list.index())? {
                        Source::Listed(Listed::Scopes, _) => self.scopes([expr].into_iter(), Share::All),
                        Source::Plain(_) => Some(Guard::Has(self.at_hand(*list)?, text.clone())),
                        _ => None,
                    }
                }
                _ => None,
            },
            ExprKind::Not(operand) => self.scopes([operand].into_iter(), Share::None),
            ExprKind::Or(operands) => self.scopes(operands.iter(), Share::Some),
            ExprKind::Compare { operator: Comparison::Equal, left, right, fold: false } => {
                match (&*left.kind, &*right.kind) {
                    (ExprKind::Slot(register), ExprKind::Literal(Value::String(text)))
                    | (ExprKind::Literal(Value::String(text)), ExprKind::Slot(register)) => {
                        Some(Guard::Is(self.at_hand(*register)?, text.clone()))
                    }
                    _ => None,
                }
            }
            ExprKind::Call { builtin, receiver, arguments, .. } => {
                match (builtin.quick(), &*receiver.kind, arguments.as_slice()) {
                    (Some(Quick::Matches), ExprKind::Slot(register), [Argument::Regex(regex)]) => {
                        Some(Guard::Matches(self.at_hand(*register)?, regex.clone()))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }
    /// A register that every program has, and whose value takes no memory.
    fn at_hand(&self, register: SlotId) -> Option<usize> {
        let source = self.sources.get(register.index())?;
        (register.index() < REGISTERS && source.is_at_hand()).then_some(register.index())
    }

    /// A question about scopes, where each expression asks for one; there has to be one.
    fn scopes<'e>(
        &mut self,
        exprs: impl ExactSizeIterator<Item = &'e Expr>,
        holds_with: Share,
    ) -> Option<Guard> {
        let looks = exprs.len();
        let bits = exprs.map(|expr| self.scope(expr)).try_fold(0, |bits, bit| Some(bits | bit?))?;
        (bits != 0).then_some(Guard::Scopes(Scopes { bits, looks, holds_with }))
    }

    /// The scope that an expression asks for, by its number.
    fn scope(&mut self, expr: &Expr) -> Option<u64> {
        let ExprKind::In { element, list, fold: false } = &*expr.kind else { return None };
        let (ExprKind::Literal(Value::String(scope)), ExprKind::Slot(list)) = (&*element.kind, &*list.kind)
        else {
            return None;
        };
        let is_of_scopes = matches!(self.sources.get(list.index()), Some(Source::Listed(Listed::Scopes, _)));
        let known = self.scopes.iter().position(|known| known == scope);
        let number = known.unwrap_or(self.scopes.len());
        if !is_of_scopes || number >= SCOPES || !is_scope_token(scope) {
            return None;
        }
        if known.is_none() {
            self.scopes.push(scope.clone());
        }
        Some(1 << number)
    }
}
