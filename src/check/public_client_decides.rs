//! A role or scope for nothing more than the id of a public client, which anybody can claim to be.

use super::look::Marks;
use super::words::{claim_name, is_authority};
use crate::catalog::Root;
use crate::diag::Diagnostic;
use crate::ir::{Action, Expr, ExprKind, Slot, Unit};

crate::codes! {
    /// Access follows from the id of a public client alone.
    PUBLIC_CLIENT_DECIDES = "C0722" "public-client-decides" Warning allow;
}

/// A public client's id is compared.
const PUBLIC: u8 = 1;
/// Something else than client, grant and audience is read.
const OTHER: u8 = 2;

pub(super) fn check(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    if !unit.catalog.clients.values().any(|client| client.confidential == Some(false)) {
        return;
    }
    let marks = Marks::of(unit, |expr| mark(unit, expr));
    for statement in &unit.statements {
        let what = match &statement.action {
            Action::Write { claim, .. } if is_authority(&claim_name(unit, *claim)) => "a role",
            Action::AddScope(_) => "a scope",
            _ => continue,
        };
        let guard = marks.guard(statement);
        let all = guard | statement.action.value().map_or(0, |value| marks.expr(value));
        if all == PUBLIC {
            findings.push(
                Diagnostic::new(
                    &PUBLIC_CLIENT_DECIDES,
                    statement.span,
                    format!("{what} for nothing but the id of a public client, which anybody can use"),
                )
                .help("demand something of the user too, or give this to a confidential client only (RFC 6749 section 10.1)"),
            );
        }
    }
}

fn mark(unit: &Unit, expr: &Expr) -> u8 {
    match &*expr.kind {
        ExprKind::Compare { left, right, .. } => public(unit, left, right) | public(unit, right, left),
        ExprKind::In { element, list, .. } => public(unit, element, list),
        ExprKind::Slot(id) => match unit.slots.get(id.index()) {
            Some(slot) if is_client_id(slot) || matches!(slot.root, Root::Grant | Root::Audience) => 0,
            _ => OTHER,
        },
        ExprKind::Failed(_) => OTHER,
        _ => 0,
    }
}

fn is_client_id(slot: &Slot) -> bool {
    slot.root == Root::Client && matches!(slot.path.as_slice(), [member] if &**member == "id")
}

fn public(unit: &Unit, client: &Expr, ids: &Expr) -> u8 {
    let ExprKind::Slot(id) = &*client.kind else { return 0 };
    let is_client = unit.slots.get(id.index()).is_some_and(is_client_id);
    let is_public =
        |id: &str| unit.catalog.client(id).is_some_and(|client| client.confidential == Some(false));
    if is_client && super::look::texts(unit, ids).iter().any(|(_, id)| is_public(id)) { PUBLIC } else { 0 }
}
