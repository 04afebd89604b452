//! What expressions read, lets counted in: found once for each let, and added up along guards.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Lowerer;
use crate::catalog::Root;
use crate::ir::{AudienceOf, Expr, ExprKind, SlotId};
use crate::source::Span;

/// What is read, and where it matters the first place.
#[derive(Clone, Default)]
pub(super) struct Reads {
    pub(super) slots: BTreeSet<SlotId>,
    /// Sources of `external` whose failure is tested.
    pub(super) failures: BTreeSet<Arc<str>>,
    /// The audience that the token will carry.
    pub(super) audience: Option<Span>,
    /// The scopes that the token will carry.
    pub(super) scopes: Option<Span>,
    /// An attribute of the user.
    pub(super) user: bool,
    pub(super) actor: bool,
}

impl Reads {
    /// Adds what something else reads.
    pub(super) fn add(&mut self, other: &Reads) {
        self.slots.extend(&other.slots);
        self.failures.extend(other.failures.iter().cloned());
        self.audience = self.audience.or(other.audience);
        self.scopes = self.scopes.or(other.scopes);
        self.user |= other.user;
        self.actor |= other.actor;
    }
}

impl Lowerer<'_> {
    /// What an expression reads.
    pub(super) fn reads(&self, expr: &Expr) -> Reads {
        let mut reads = Reads::default();
        expr.walk(&[], &mut |part| {
            self.read_by(part, &mut reads);
            true
        });
        reads
    }

    fn read_by(&self, part: &Expr, reads: &mut Reads) {
        match &*part.kind {
            ExprKind::Slot(id) => {
                reads.slots.insert(*id);
                match self.slots.get_index(id.index()).map(|slot| slot.root) {
                    Some(Root::Audience) => reads.audience = reads.audience.or(Some(part.span)),
                    Some(Root::Scopes) => reads.scopes = reads.scopes.or(Some(part.span)),
                    Some(Root::User) => reads.user = true,
                    Some(Root::Actor) => reads.actor = true,
                    _ => {}
                }
            }
            ExprKind::AudienceIs(AudienceOf::Token, _)
            | ExprKind::AudienceHas(AudienceOf::Token, _)
            | ExprKind::AudienceWithin(AudienceOf::Token, _) => {
                reads.audience = reads.audience.or(Some(part.span));
            }
            ExprKind::Failed(source) => {
                reads.failures.insert(source.clone());
            }
            ExprKind::Let(id) => {
                if let Some(inner) = self.let_reads.get(id.index()) {
                    reads.add(inner);
                }
            }
            _ => {}
        }
    }
}
