//! The time of the request as a claim: another token each time, and one more `iat`.

use super::look::Copies;
use crate::catalog::Root;
use crate::diag::Diagnostic;
use crate::ir::{Action, ExprKind, Unit};

crate::codes! {
    /// `now` is copied into a claim.
    TIME_IN_CLAIM = "C0727" "time-in-claim" Warning allow;
}

pub(super) fn check(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    let mut copies = Copies::of(unit);
    for statement in &unit.statements {
        let (Action::Write { .. } | Action::Spread { .. }) = statement.action else { continue };
        let Some(value) = statement.action.value() else { continue };
        copies.walk(value, &mut |expr| {
            if let ExprKind::Slot(id) = &*expr.kind
                && unit.slots.get(id.index()).is_some_and(|slot| slot.root == Root::Now)
            {
                findings.push(
                    Diagnostic::new(&TIME_IN_CLAIM, expr.span, "the time of the request is copied into a claim")
                        .help("read `iat`, which every token has; for the time of the sign-in use `session.auth_time`"),
                );
            }
            true
        });
    }
}
