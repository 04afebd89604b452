//! A role that may do everything, for everybody nobody thought of.

use super::look::{Copies, Marks, is_else, literal, written};
use super::words::{claim_name, is_authority, is_privileged};
use crate::ast::Level;
use crate::catalog::Root;
use crate::diag::Diagnostic;
use crate::ir::{Expr, ExprKind, Unit};
use crate::source::Span;
use crate::value::Value;

crate::codes! {
    /// A privileged constant for everybody, or for everybody else.
    PRIVILEGED_DEFAULT = "C0732" "privileged-default" Warning allow;
}

/// Something is read that tells one requester from another.
const SPECIFIC: u8 = 1;

pub(super) fn check(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    let marks = Marks::of(unit, |expr| u8::from(is_specific(unit, expr)));
    for statement in &unit.statements {
        let Some((claim, level, value)) = written(statement) else { continue };
        let name = claim_name(unit, claim);
        if !is_authority(&name) {
            continue;
        }
        let for_all =
            level == Level::Default || is_else(unit, statement) || marks.guard(statement) & SPECIFIC == 0;
        let mut copies = Copies::of(unit);
        let mut open: Vec<(&Expr, bool)> = vec![(value, for_all)];
        let mut report = |span: Span| {
            findings.push(
                Diagnostic::new(
                    &PRIVILEGED_DEFAULT,
                    span,
                    format!("whoever no rule knows gets this in `{name}`, and it may do everything"),
                )
                .help("give it where it is earned, and to everybody else the least there is, or nothing"),
            );
        };
        while let Some((value, for_all)) = open.pop() {
            copies.walk(value, &mut |part| {
                let rest = match &*part.kind {
                    ExprKind::Coalesce(all) => all.last(),
                    ExprKind::If { otherwise, .. } => Some(otherwise),
                    ExprKind::Match { otherwise, .. } => otherwise.as_ref(),
                    _ => None,
                };
                if let Some(rest) = rest.filter(|_| !for_all) {
                    open.push((rest, true));
                }
                // What is chosen by looking at somebody is not given to all.
                if for_all && chooses(part) {
                    return false;
                }
                if for_all && matches!(&*part.kind, ExprKind::If { .. } | ExprKind::Match { .. }) {
                    open.extend(rest.map(|rest| (rest, true)));
                    return false;
                }
                if for_all && literal(unit, part).is_some_and(|value| may_do_everything(&name, value)) {
                    report(part.span);
                }
                true
            });
        }
    }
}

/// Whether a method picks elements that fit.
fn chooses(expr: &Expr) -> bool {
    match &*expr.kind {
        ExprKind::Call { builtin, arguments, .. } => match builtin.name() {
            "first" | "last" | "filter" => !arguments.is_empty(),
            name => matches!(name, "intersect" | "difference"),
        },
        _ => false,
    }
}

fn may_do_everything(claim: &str, value: &Value) -> bool {
    match value {
        Value::Bool(value) => *value && is_privileged(claim),
        Value::String(text) => is_privileged(text),
        Value::List(items) => items.iter().any(|item| may_do_everything(claim, item)),
        _ => false,
    }
}

/// Everything but which API is asked for, and whether by a person.
fn is_specific(unit: &Unit, expr: &Expr) -> bool {
    match &*expr.kind {
        ExprKind::Slot(id) => unit
            .slots
            .get(id.index())
            .is_some_and(|slot| !matches!(slot.root, Root::Audience | Root::Grant | Root::Requested)),
        ExprKind::Failed(_) | ExprKind::Error => true,
        _ => false,
    }
}
