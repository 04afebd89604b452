//! What guards are, knowing nothing of a request but grant, client, audience and token.
//!
//! A statement whose guard is false by these alone demands no attributes.

use std::cell::OnceCell;

use super::condition::Truth;
use super::{Evaluation, cells};
use crate::catalog::Root;
use crate::ir::{AudienceOf, Expr, ExprKind, LetId, SlotId, Statement, Step};
use crate::standard::Grant;

/// The facets of one request; what they decide about lets is kept.
pub(super) struct Facets<'e, 'a> {
    evaluation: &'e Evaluation<'a>,
    lets: Vec<OnceCell<Known>>,
    chains: Vec<OnceCell<Branches>>,
}

/// What the facets decide about the conditions of a chain.
struct Branches {
    truths: Vec<Option<bool>>,
    /// The first condition that is true by them; behind it no branch is taken.
    taken: Option<usize>,
}

/// What the facets tell about an expression.
#[derive(Clone, Copy)]
struct Known {
    /// Whether it reads nothing else.
    is_whole: bool,
    /// As a condition: `None` where the rest of the request decides.
    truth: Option<bool>,
}

impl<'e, 'a> Facets<'e, 'a> {
    /// The facets that are known by now: the audience only behind the first stage.
    pub(super) fn new(evaluation: &'e Evaluation<'a>) -> Self {
        let unit = evaluation.unit;
        Facets { evaluation, lets: cells(unit.lets.len()), chains: cells(unit.chains.len()) }
    }

    /// Whether the guard of a statement is false by the facets alone.
    pub(super) fn exclude(&self, statement: &Statement) -> bool {
        statement.guard.iter().any(|step| self.excludes_step(*step))
            || statement.unless.as_ref().is_some_and(|unless| self.truth(unless) == Some(true))
    }

    fn excludes_step(&self, step: Step) -> bool {
        let index = step.chain.index();
        let (Some(cell), Some(chain)) = (self.chains.get(index), self.evaluation.unit.chains.get(index))
        else {
            return true;
        };
        let branches = cell.get_or_init(|| {
            let truths: Vec<_> = chain.conditions.iter().map(|one| self.truth(&one.expr)).collect();
            let taken = truths.iter().position(|truth| *truth == Some(true));
            Branches { truths, taken }
        });
        let branch = step.branch as usize;
        branches.taken.is_some_and(|taken| taken < branch)
            || branches.truths.get(branch).is_some_and(|own| *own == Some(false))
    }

    /// What the facets decide about a condition.
    fn truth(&self, expr: &Expr) -> Option<bool> {
        match &*expr.kind {
            ExprKind::And(operands) => self.combine(operands, false),
            ExprKind::Or(operands) => self.combine(operands, true),
            ExprKind::Not(operand) => self.truth(operand).map(|truth| !truth),
            ExprKind::Let(id) => self.known(*id).truth,
            ExprKind::Login => match self.evaluation.request.grant() {
                Grant::RefreshToken => None,
                grant => Some(grant.is_sign_in()),
            },
            ExprKind::If { condition, then, otherwise, .. } => match self.truth(condition) {
                Some(true) => self.truth(then),
                Some(false) => self.truth(otherwise),
                None => self.truth(then).filter(|then| self.truth(otherwise) == Some(*then)),
            },
            _ if self.is_whole(expr) => match self.evaluation.truth(expr) {
                Ok(Truth::True) => Some(true),
                Ok(Truth::False) => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    fn combine(&self, operands: &[Expr], decisive: bool) -> Option<bool> {
        let mut all_known = true;
        for operand in operands.iter().filter(|operand| !operand.spends) {
            match self.truth(operand) {
                Some(truth) if truth == decisive => return Some(decisive),
                Some(_) => {}
                None => all_known = false,
            }
        }
        // What spends steps comes last, and then all of it is looked at: see `Evaluation::all_truths`.
        let mut is_decided = false;
        for operand in operands.iter().filter(|operand| operand.spends) {
            match self.truth(operand) {
                Some(truth) => is_decided |= truth == decisive,
                None => all_known = false,
            }
        }
        if is_decided { Some(decisive) } else { all_known.then_some(!decisive) }
    }

    fn known(&self, id: LetId) -> Known {
        match (self.lets.get(id.index()), self.evaluation.unit.lets.get(id.index())) {
            (Some(cell), Some(binding)) => *cell.get_or_init(|| Known {
                is_whole: self.is_whole(&binding.value),
                truth: self.truth(&binding.value),
            }),
            _ => Known { is_whole: false, truth: None },
        }
    }

    /// Whether an expression reads nothing but facets.
    fn is_whole(&self, expr: &Expr) -> bool {
        let own = match &*expr.kind {
            ExprKind::Error | ExprKind::UserExists | ExprKind::Login | ExprKind::Failed(_) => false,
            ExprKind::Slot(slot) => self.is_facet(*slot),
            ExprKind::Let(id) => self.known(*id).is_whole,
            ExprKind::AudienceIs(of, _) | ExprKind::AudienceHas(of, _) | ExprKind::AudienceWithin(of, _) => {
                *of == AudienceOf::Token && self.knows_audience()
            }
            _ => true,
        };
        own && expr.children().into_iter().all(|part| self.is_whole(part))
    }

    fn is_facet(&self, slot: SlotId) -> bool {
        let Some(slot) = self.evaluation.unit.slots.get(slot.index()) else {
            return false;
        };
        match (slot.root, slot.path.as_slice()) {
            (Root::Grant, []) => true,
            (Root::Client, [member]) => &**member == "id",
            (Root::Audience, []) => self.knows_audience(),
            _ => false,
        }
    }

    fn knows_audience(&self) -> bool {
        self.evaluation.audience.get().is_some()
    }
}
