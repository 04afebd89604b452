//! An empty text where a claim should be missing.

use super::look::{Copies, literal, written};
use super::words::claim_name;
use crate::diag::{Applicability, Diagnostic};
use crate::ir::{Expr, ExprKind, Unit};
use crate::value::Value;

crate::codes! {
    /// A claim is empty where it should be missing.
    EMPTY_DEFAULT = "C0733" "empty-default" Warning allow;
}

pub(super) fn check(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    let mut copies = Copies::of(unit);
    for statement in &unit.statements {
        let Some((claim, _, value)) = written(statement) else { continue };
        let name = claim_name(unit, claim);
        copies.walk(value, &mut |part| {
            let fallback = match &*part.kind {
                ExprKind::Coalesce(all) => all.last(),
                ExprKind::If { otherwise, .. } => Some(otherwise),
                ExprKind::Match { otherwise, .. } => otherwise.as_ref(),
                _ => None,
            };
            if let Some(fallback) = fallback.filter(|fallback| is_empty(unit, fallback)) {
                findings.push(
                    Diagnostic::new(
                        &EMPTY_DEFAULT,
                        fallback.span,
                        format!("`{name}` is an empty text where there is no value"),
                    )
                    .help("leave the claim out: readers test whether it is there")
                    .fix(Applicability::Unsafe, "leave it out", fallback.span, "omit"),
                );
            }
            // Within a text an empty part is a way to write it.
            !matches!(&*part.kind, ExprKind::Template(_) | ExprKind::Join(_))
                && fallback.is_none_or(|f| !is_empty(unit, f))
        });
    }
}

fn is_empty(unit: &Unit, expr: &Expr) -> bool {
    literal(unit, expr).and_then(Value::as_str).is_some_and(str::is_empty)
}
