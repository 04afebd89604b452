//! An e-mail address or its domain decides, and nobody asked whether the address was verified.
//!
//! Whoever may type an address into a profile could type that of somebody else. Silent where the guard or the value
//! reads anything called verified, and where some denial of the policy does.

use super::look::{Marks, grants};
use super::words::is_email;
use crate::diag::Diagnostic;
use crate::ir::{Action, Expr, ExprKind, Unit};
use crate::ty::Kind;

crate::codes! {
    /// An unverified e-mail address decides.
    UNVERIFIED_EMAIL = "C0720" "unverified-email" Warning allow;
}

/// An e-mail address is compared or looked up.
const DECIDES: u8 = 1;
/// Something says whether it was verified.
const VERIFIED: u8 = 2;

pub(super) fn check(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    let marks = Marks::of(unit, |expr| mark(unit, expr));
    let denies_unverified = unit.statements.iter().any(|statement| {
        matches!(statement.action, Action::Deny(_)) && marks.guard(statement) & VERIFIED != 0
    });
    if denies_unverified {
        return;
    }
    for statement in &unit.statements {
        let is_denial = matches!(statement.action, Action::Deny(_)) && statement.unless.is_some();
        if !is_denial && !grants(statement) {
            continue;
        }
        let of_value = statement.action.value().map_or(0, |value| marks.expr(value));
        let all = if is_denial {
            statement.unless.as_ref().map_or(0, |unless| marks.expr(unless))
                | (marks.guard(statement) & VERIFIED)
        } else {
            marks.guard(statement) | of_value
        };
        if all & DECIDES != 0 && all & VERIFIED == 0 {
            findings.push(
                Diagnostic::new(
                    &UNVERIFIED_EMAIL,
                    statement.span,
                    "an e-mail address decides here, and nothing says that it was verified",
                )
                .help("demand `user.email_verified` too (OpenID Connect Core section 5.7: an address alone identifies nobody)"),
            );
        }
    }
}

fn mark(unit: &Unit, expr: &Expr) -> u8 {
    match &*expr.kind {
        // What was meant there is unknown.
        ExprKind::Error => VERIFIED,
        ExprKind::Slot(id) => {
            let name = unit.slots.get(id.index()).and_then(|slot| slot.path.last());
            if name.is_some_and(|name| name.to_ascii_lowercase().contains("verified")) { VERIFIED } else { 0 }
        }
        ExprKind::Compare { left, right, .. } => decides(unit, left) | decides(unit, right),
        ExprKind::In { element, list, .. } => decides(unit, element) | decides(unit, list),
        ExprKind::Match { subject, .. } => decides(unit, subject),
        ExprKind::Lookup { keys, .. } => keys.iter().fold(0, |all, key| all | decides(unit, key)),
        ExprKind::Index(_, key) => decides(unit, key),
        ExprKind::Call { builtin, receiver, .. }
            if matches!(builtin.name(), "starts_with" | "ends_with" | "contains" | "matches") =>
        {
            decides(unit, receiver)
        }
        _ => 0,
    }
}

/// Whether an operand is the address of the user, or a part of it.
fn decides(unit: &Unit, operand: &Expr) -> u8 {
    let is_address = operand.any(&[], |part| match &*part.kind {
        ExprKind::Slot(id) => part.ty.kind == Kind::Email || unit.slots.get(id.index()).is_some_and(is_email),
        // Lets are texts here, not conditions: whether one holds an address is seen from its own value.
        ExprKind::Let(id) => {
            unit.lets.get(id.index()).is_some_and(|binding| holds_address(unit, &binding.value))
        }
        _ => false,
    });
    if is_address { DECIDES } else { 0 }
}

fn holds_address(unit: &Unit, value: &Expr) -> bool {
    value.ty.kind != Kind::Bool
        && value.any(&[], |part| match &*part.kind {
            ExprKind::Slot(id) => unit.slots.get(id.index()).is_some_and(is_email),
            _ => false,
        })
}
