//! Lets in an order in which each stands behind those that it reads.
//!
//! A policy may have a chain of thousands of lets; following it by recursion would overflow the stack.

use std::collections::BTreeSet;

use super::Evaluation;
use crate::ir::{Argument, Expr, ExprKind, LetId, Member, Unit};

/// Computes a `let` and all that it reads. What is never needed is computed too; that costs time but changes nothing,
/// because failures are kept with the `let` and count only where it is read.
pub(super) fn force(evaluation: &Evaluation<'_>, id: LetId) {
    for id in in_order(evaluation.unit, id, |id| is_known(evaluation, id)) {
        let (Some(cell), Some(binding)) =
            (evaluation.lets.get(id.index()), evaluation.unit.lets.get(id.index()))
        else {
            continue;
        };
        cell.get_or_init(|| evaluation.value(&binding.value));
    }
}

fn is_known(evaluation: &Evaluation<'_>, id: LetId) -> bool {
    evaluation.lets.get(id.index()).is_none_or(|cell| cell.get().is_some())
}

/// A `let` and those that it reads and that are not done yet, what is read first.
pub(super) fn in_order(unit: &Unit, id: LetId, done: impl Fn(LetId) -> bool) -> Vec<LetId> {
    enum Step {
        Enter(LetId),
        Leave(LetId),
    }
    let mut order = Vec::new();
    let mut entered = BTreeSet::new();
    let mut steps = vec![Step::Enter(id)];
    while let Some(step) = steps.pop() {
        match step {
            Step::Leave(id) => order.push(id),
            Step::Enter(id) if done(id) || !entered.insert(id) => {}
            Step::Enter(id) => {
                steps.push(Step::Leave(id));
                if let Some(binding) = unit.lets.get(id.index()) {
                    steps.extend(read_lets(&binding.value).into_iter().map(Step::Enter));
                }
            }
        }
    }
    order
}

/// The lets that an expression names itself.
fn read_lets(expr: &Expr) -> Vec<LetId> {
    let mut found = Vec::new();
    let mut open = vec![expr];
    while let Some(expr) = open.pop() {
        if let ExprKind::Let(id) = &*expr.kind {
            found.push(*id);
        }
        for_each_part(expr, &mut |part| open.push(part));
    }
    found
}

/// Calls a function for each direct part of an expression, bodies of lambdas included.
pub(super) fn for_each_part<'e>(expr: &'e Expr, visit: &mut dyn FnMut(&'e Expr)) {
    match &*expr.kind {
        ExprKind::Error
        | ExprKind::Literal(_)
        | ExprKind::Omit
        | ExprKind::Slot(_)
        | ExprKind::Local(_)
        | ExprKind::Let(_)
        | ExprKind::UserExists
        | ExprKind::Failed(_) => {}
        ExprKind::Member(part, _)
        | ExprKind::Negate(part)
        | ExprKind::As(part, _)
        | ExprKind::Not(part)
        | ExprKind::Exists(part)
        | ExprKind::AudienceIs(_, part)
        | ExprKind::AudienceHas(_, part)
        | ExprKind::AudienceWithin(_, part) => visit(part),
        ExprKind::Index(left, right)
        | ExprKind::Compare { left, right, .. }
        | ExprKind::In { element: left, list: right, .. } => {
            visit(left);
            visit(right);
        }
        ExprKind::Lookup { keys: parts, .. }
        | ExprKind::Template(parts)
        | ExprKind::Join(parts)
        | ExprKind::Product(parts)
        | ExprKind::Coalesce(parts)
        | ExprKind::And(parts)
        | ExprKind::Or(parts) => parts.iter().for_each(visit),
        ExprKind::List(elements) => elements.iter().map(|element| &element.value).for_each(visit),
        ExprKind::Record(members) => {
            for member in members {
                match member {
                    Member::Named(_, part) | Member::Spread(part) => visit(part),
                }
            }
        }
        ExprKind::If { condition, then, otherwise, .. } => {
            [condition, then, otherwise].into_iter().for_each(visit)
        }
        ExprKind::Match { subject, arms, otherwise, .. } => {
            visit(subject);
            arms.iter().map(|(_, value)| value).for_each(&mut *visit);
            otherwise.iter().for_each(visit);
        }
        ExprKind::Call { receiver, arguments, .. } => {
            visit(receiver);
            for argument in arguments {
                match argument {
                    Argument::Value(part) | Argument::Lambda { body: part, .. } => visit(part),
                    Argument::Regex(_) => {}
                }
            }
        }
        ExprKind::Sum(first, rest) => {
            visit(first);
            rest.iter().map(|(_, operand)| operand).for_each(visit);
        }
    }
}
