//! Roles and permissions that users, or whoever sends the request, write themselves.

use super::look::{Marks, resolve};
use super::words::{claim_name, is_authority};
use crate::diag::Diagnostic;
use crate::ir::{Action, ExprKind, Statement, Unit};
use crate::ty::Labels;

crate::codes! {
    /// Access follows from data that its bearer can write.
    USER_EDITABLE_AUTHORIZATION = "C0721" "user-editable-authorization" Warning allow;
}

const EDITABLE: u8 = 1;

pub(super) fn check(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    let marks = Marks::of(unit, |expr| u8::from(expr.ty.labels.contains(Labels::USER_EDITABLE)));
    for statement in &unit.statements {
        let Some(what) = subject(unit, statement) else { continue };
        let labels = statement.action.value().map_or(Labels::NONE, |value| value.ty.all_labels());
        let (who, because) = if labels.contains(Labels::USER_EDITABLE) {
            ("users can edit", "its value")
        } else if labels.contains(Labels::UNTRUSTED) {
            ("whoever sends the request chooses", "its value")
        } else if matches!(statement.action, Action::Deny(_)) {
            if !has_exemption(unit, statement) {
                continue;
            }
            ("users can edit", "an exemption")
        } else if marks.guard(statement) & EDITABLE != 0 {
            ("users can edit", "the condition")
        } else {
            continue;
        };
        findings.push(
            Diagnostic::new(
                &USER_EDITABLE_AUTHORIZATION,
                statement.span,
                format!("{what} follows from what {who}"),
            )
            .label(format!("{because} reads it"))
            .help("read it from where only administrators write, such as `app_metadata`, or compare it with what is allowed and say `.trust(label, \"reason\")`"),
        );
    }
}

/// Whether one way around a denial is what users say of themselves. To demand that they say something is fine.
fn has_exemption(unit: &Unit, statement: &Statement) -> bool {
    let Some(unless) = &statement.unless else { return false };
    let ExprKind::Or(ways) = &*resolve(unit, unless).kind else { return false };
    ways.iter().any(|way| way.ty.labels.contains(Labels::USER_EDITABLE))
}

/// What access follows from a statement, in words; `None` where none does.
fn subject(unit: &Unit, statement: &Statement) -> Option<String> {
    match &statement.action {
        Action::Write { claim, .. } => {
            let accepts = unit.claims.get(claim.index()).is_some_and(|claim| !claim.accepts.is_empty());
            let name = claim_name(unit, *claim);
            (!accepts && is_authority(&name)).then(|| format!("`{name}`"))
        }
        Action::AddScope(_) => Some("a scope".to_owned()),
        Action::Deny(_) => Some("whether there is a token".to_owned()),
        _ => None,
    }
}
