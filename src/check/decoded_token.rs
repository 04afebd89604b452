//! A token that is taken apart by hand: nobody has verified its signature.

use super::look::{Everything, resolve};
use crate::diag::Diagnostic;
use crate::ir::{Expr, ExprKind, Unit};

crate::codes! {
    /// Parts of a token are decoded without verifying it.
    DECODED_TOKEN = "C0736" "decoded-token" Warning allow;
}

pub(super) fn check(all: &Everything<'_>, findings: &mut Vec<Diagnostic>) {
    let unit = all.unit;
    for &expr in &all.exprs {
        if let Some(decoded) = call(unit, expr, &["parse_json"])
            && let Some(part) = call(unit, decoded, &["from_base64", "from_base64url"])
            && is_part_of_token(unit, part)
        {
            findings.push(
                Diagnostic::new(&DECODED_TOKEN, expr.span, "a token is decoded here, and nobody has verified it").help(
                    "let the host verify the token and hand its claims in under `external`, or `original` of an exchange",
                ),
            );
        }
    }
}

/// The receiver of a call of one of these methods.
fn call<'u>(unit: &'u Unit, expr: &'u Expr, names: &[&str]) -> Option<&'u Expr> {
    match &*resolve(unit, expr).kind {
        ExprKind::Call { builtin, receiver, .. } if names.contains(&builtin.name()) => Some(receiver),
        _ => None,
    }
}

/// Whether a text is what stands between dots, as the parts of a JWT do (RFC 7515 section 3.1).
fn is_part_of_token(unit: &Unit, part: &Expr) -> bool {
    let list = match &*resolve(unit, part).kind {
        ExprKind::Index(list, _) => Some(list),
        _ => call(unit, part, &["get", "first", "last"]),
    };
    list.is_some_and(|list| call(unit, list, &["split"]).is_some())
        || call(unit, part, &["extract", "after", "before", "after_last", "before_last"]).is_some()
}
