//! The first of somebody's roles, as if their order meant something.

use super::look::Everything;
use super::words::is_membership;
use crate::catalog::Root;
use crate::diag::Diagnostic;
use crate::ir::{Argument, Expr, ExprKind, Unit};
use crate::value::Value;

crate::codes! {
    /// One element of an unordered list is taken for the one that counts.
    FIRST_OF_UNORDERED = "C0724" "first-of-unordered" Warning allow;
}

pub(super) fn check(all: &Everything<'_>, findings: &mut Vec<Diagnostic>) {
    let unit = all.unit;
    for expr in &all.exprs {
        let Some(list) = list_of_one(expr) else { continue };
        let Some(slot) = all.origin(list) else { continue };
        let name = slot.path.last().map_or("", |name| name);
        if matches!(slot.root, Root::User | Root::External) && is_membership(name) && !is_sorted(unit, list) {
            findings.push(
                Diagnostic::new(
                    &FIRST_OF_UNORDERED,
                    expr.span,
                    format!("`{}` has no order, and one of it is taken for the one that counts", slot.name()),
                )
                .help(
                    "say which one wins, as in `[\"admin\", \"editor\"].first(r => r in user.roles)`, or keep the whole list",
                ),
            );
        }
    }
}

/// The list of which a fixed element is taken, whatever it is.
fn list_of_one(expr: &Expr) -> Option<&Expr> {
    let is_number = |index: &Expr| matches!(&*index.kind, ExprKind::Literal(Value::Number(_)));
    match &*expr.kind {
        ExprKind::Index(list, index) if is_number(index) => Some(list),
        ExprKind::Call { builtin, receiver, arguments, .. } => match (builtin.name(), arguments.as_slice()) {
            ("first" | "last", []) => Some(receiver),
            ("get", [Argument::Value(index)]) if is_number(index) => Some(receiver),
            _ => None,
        },
        _ => None,
    }
}

/// Whether the list was put into an order on the way.
fn is_sorted(unit: &Unit, list: &Expr) -> bool {
    list.any(
        &unit.lets,
        |part| matches!(&*part.kind, ExprKind::Call { builtin, .. } if builtin.name() == "sort"),
    )
}
