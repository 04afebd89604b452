//! What guards are, knowing nothing of a request but grant, client, audience and token.
//!
//! A statement whose guard is false by these alone demands no attributes.

use std::cell::OnceCell;
use std::rc::Rc;

use super::asked::Facet;
use super::condition::Truth;
use super::{Evaluation, Touched, cells};
use crate::ast::Comparison;
use crate::catalog::Root;
use crate::ir::{AudienceOf, Expr, ExprKind, LetId, SlotId, Statement, Step, Unit};
use crate::standard::Grant;

/// The facets of one request; what they decide about lets is kept.
pub(super) struct Facets<'e, 'a> {
    evaluation: &'e Evaluation<'a>,
    client: Facet<()>,
    audience: Facet<()>,
    lets: Vec<OnceCell<Known>>,
    chains: Touched<Branches>,
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
        let audience = if evaluation.audience.get().is_some() { Facet::Is(()) } else { Facet::Any };
        Facets::knowing(evaluation, Facet::Is(()), audience)
    }

    /// What is known of a client and of an audience of which the request does not tell all.
    pub(super) fn knowing(evaluation: &'e Evaluation<'a>, client: Facet<()>, audience: Facet<()>) -> Self {
        let unit = evaluation.unit;
        let lets = cells(unit.lets.len());
        Facets { evaluation, client, audience, lets, chains: Touched::new() }
    }

    /// Whether the guard of a statement is false by the facets alone.
    pub(super) fn exclude(&self, statement: &Statement) -> bool {
        statement.guard.iter().any(|step| self.excludes_step(*step))
            || statement.unless.as_ref().is_some_and(|unless| self.truth(unless) == Some(true))
    }

    /// Whether a statement that is not excluded acts by the facets alone.
    pub(super) fn settle(&self, statement: &Statement) -> bool {
        statement.guard.iter().all(|step| self.settles_step(*step))
            && statement.unless.as_ref().is_none_or(|unless| self.truth(unless) == Some(false))
    }

    fn branches(&self, step: Step) -> Option<Rc<Branches>> {
        let index = step.chain.index();
        let chain = self.evaluation.unit.chains.get(index)?;
        Some(self.chains.get_or_init(index, || {
            let truths: Vec<_> = chain.conditions.iter().map(|one| self.truth(&one.expr)).collect();
            let taken = truths.iter().position(|truth| *truth == Some(true));
            Branches { truths, taken }
        }))
    }

    fn excludes_step(&self, step: Step) -> bool {
        let Some(branches) = self.branches(step) else {
            return true;
        };
        let branch = step.branch as usize;
        branches.taken.is_some_and(|taken| taken < branch)
            || branches.truths.get(branch).is_some_and(|own| *own == Some(false))
    }

    pub(super) fn settles_step(&self, step: Step) -> bool {
        let chain = self.evaluation.unit.chains.get(step.chain.index());
        let (Some(branches), Some(chain)) = (self.branches(step), chain) else {
            return false;
        };
        let branch = step.branch as usize;
        // Without a user, a condition that reads one ends the chain even where it is false.
        let mut earlier = branches.truths.iter().zip(&chain.conditions).take(branch);
        earlier.all(|(truth, condition)| *truth == Some(false) && !condition.reads_user)
            && branches.truths.get(branch).is_none_or(|own| *own == Some(true))
    }

    /// What the facets decide about a condition.
    pub(super) fn truth(&self, expr: &Expr) -> Option<bool> {
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
            _ if self.names_another(expr) => Some(false),
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

    /// Whether a condition asks for a client or audience by name where the request has one that nobody names.
    fn names_another(&self, expr: &Expr) -> bool {
        let other = |facet: Facet<()>| facet == Facet::Other;
        (other(self.client) || other(self.audience))
            && match named(self.evaluation.unit, expr) {
                Some((Root::Client, _)) => other(self.client),
                Some((Root::Audience, _)) => other(self.audience),
                _ => false,
            }
    }

    /// Whether an expression reads nothing but facets.
    pub(super) fn is_whole(&self, expr: &Expr) -> bool {
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
            (Root::Client, [member]) => self.client == Facet::Is(()) && &**member == "id",
            (Root::Audience, []) => self.knows_audience(),
            _ => false,
        }
    }

    fn knows_audience(&self) -> bool {
        self.audience == Facet::Is(())
    }
}

/// The ids that a condition asks the client or the token's audience for, where they are constant and nothing else is
/// asked.
pub(super) fn named<'u>(unit: &'u Unit, expr: &'u Expr) -> Option<(Root, &'u Expr)> {
    let is_client = |expr: &Expr| match &*expr.kind {
        ExprKind::Slot(id) => unit.slots.get(id.index()).is_some_and(|slot| {
            slot.root == Root::Client && matches!(slot.path.as_slice(), [member] if &**member == "id")
        }),
        _ => false,
    };
    let (root, ids) = match &*expr.kind {
        ExprKind::Compare { operator: Comparison::Equal, left, right, fold: false } => {
            match (is_client(left), is_client(right)) {
                (true, false) => (Root::Client, right),
                (false, true) => (Root::Client, left),
                _ => return None,
            }
        }
        ExprKind::In { element, list, fold: false } if is_client(element) => (Root::Client, list),
        ExprKind::AudienceIs(AudienceOf::Token, ids)
        | ExprKind::AudienceHas(AudienceOf::Token, ids)
        | ExprKind::AudienceWithin(AudienceOf::Token, ids) => (Root::Audience, ids),
        _ => return None,
    };
    is_constant(unit, ids).then_some((root, ids))
}

/// Whether an expression has the same value in every request.
fn is_constant(unit: &Unit, expr: &Expr) -> bool {
    !expr.any(&unit.lets, |part| {
        matches!(
            &*part.kind,
            ExprKind::Error
                | ExprKind::Slot(_)
                | ExprKind::UserExists
                | ExprKind::Login
                | ExprKind::Failed(_)
                | ExprKind::AudienceIs(..)
                | ExprKind::AudienceHas(..)
                | ExprKind::AudienceWithin(..)
        )
    })
}
