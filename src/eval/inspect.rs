//! What analyses ask of an evaluated request beyond its decision: whether a condition holds in it, what a claim is
//! called, and which labels a written value carries.

use std::sync::Arc;

use super::condition::Truth;
use super::{Evaluation, claims, stages};
use crate::decision::Decision;
use crate::ir::{Action, ClaimId, Expr, ExprKind, Member, Unit};
use crate::request::Request;
use crate::ty::{Kind, Labels};
use crate::value::{Outcome, Value};

/// An evaluated request.
pub struct Inspection<'a> {
    evaluation: Evaluation<'a>,
    decision: Decision,
}

impl<'a> Inspection<'a> {
    /// Evaluates a request.
    pub fn new(unit: &'a Unit, request: &'a Request) -> Self {
        let evaluation = Evaluation::new(unit, request);
        let decision = stages::run(&evaluation).decision;
        Inspection { evaluation, decision }
    }

    /// What the policy answers.
    pub fn decision(&self) -> &Decision {
        &self.decision
    }

    /// Whether a condition of the last stage is true. Meaningful where tokens are issued.
    pub fn holds(&self, condition: &Expr) -> bool {
        self.evaluation.truth(condition) == Ok(Truth::True)
    }

    /// What a claim is called in this request.
    pub fn name(&self, claim: ClaimId) -> Option<Arc<str>> {
        claims::name(&self.evaluation, claim).ok().flatten()
    }

    /// The labels of what a statement writes, or of one member of it: of the branches that are taken.
    pub fn written_labels(&self, statement: usize, part: Option<&str>) -> Labels {
        let action = self.evaluation.unit.statements.get(statement).map(|one| &one.action);
        let Some(Action::Write { value, .. } | Action::Spread { value, .. }) = action else {
            return Labels::NONE;
        };
        let Some(part) = part else { return self.labels(value) };
        if let ExprKind::Record(members) = &*value.kind {
            let named = members.iter().rev().find_map(|member| match member {
                Member::Named(name, expr) if **name == *part => Some(Some(expr)),
                Member::Named(..) => None,
                Member::Spread(_) => Some(None),
            });
            if let Some(Some(expr)) = named {
                return self.labels(expr);
            }
        }
        match &value.ty.kind {
            Kind::Record(record) => {
                record.member(part).map_or(value.ty.all_labels(), |ty| value.ty.labels.or(ty.all_labels()))
            }
            _ => value.ty.all_labels(),
        }
    }

    fn labels(&self, expr: &Expr) -> Labels {
        let evaluation = &self.evaluation;
        match &*expr.kind {
            ExprKind::Let(id) => match evaluation.unit.lets.get(id.index()) {
                Some(binding) => self.labels(&binding.value),
                None => expr.ty.all_labels(),
            },
            ExprKind::If { condition, then, otherwise, .. } => {
                self.labels(if self.holds(condition) { then } else { otherwise })
            }
            ExprKind::Match { subject, arms, otherwise, fold, .. } => {
                let Ok(Outcome::Value(subject)) = evaluation.value(subject) else { return Labels::NONE };
                let fits = |literals: &[Value]| literals.iter().any(|one| one.equals(&subject, *fold));
                let arm = arms.iter().find(|(literals, _)| fits(literals)).map(|(_, value)| value);
                arm.or(otherwise.as_ref()).map_or(Labels::NONE, |value| self.labels(value))
            }
            ExprKind::Coalesce(operands) => {
                let is_there = |operand: &&Expr| matches!(evaluation.value(operand), Ok(Outcome::Value(_)));
                operands.iter().find(is_there).map_or(Labels::NONE, |operand| self.labels(operand))
            }
            _ => expr.ty.all_labels(),
        }
    }
}
