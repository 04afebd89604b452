//! Protocol parameters that are read from the raw request instead of what the issuer made of them.

use super::look::Everything;
use crate::catalog::Root;
use crate::diag::Diagnostic;
use crate::ir::{ExprKind, Slot};

crate::codes! {
    /// A protocol parameter is read from query or body.
    RAW_PARAMETER = "C0735" "raw-parameter" Warning allow;
}

pub(super) fn check(all: &Everything<'_>, findings: &mut Vec<Diagnostic>) {
    let unit = all.unit;
    for &expr in &all.exprs {
        let ExprKind::Slot(id) = &*expr.kind else { continue };
        let Some((slot, instead)) = unit.slots.get(id.index()).and_then(|slot| Some((slot, resolved(slot)?)))
        else {
            continue;
        };
        findings.push(
            Diagnostic::new(
                &RAW_PARAMETER,
                expr.span,
                format!("`{}` is what the request says, not what the token gets", slot.name()),
            )
            .help(format!("read {instead}, which the issuer has resolved and checked")),
        );
    }
}

/// What stands for a parameter once the issuer has looked at it.
fn resolved(slot: &Slot) -> Option<&'static str> {
    let (Root::Request, [place, name]) = (slot.root, slot.path.as_slice()) else { return None };
    if !matches!(&**place, "query" | "body") {
        return None;
    }
    match &**name {
        "audience" => Some("`audience` or `requested.audience`"),
        "scope" | "scopes" => Some("`scopes` or `requested.scopes`"),
        "client_id" => Some("`client`"),
        "grant_type" | "response_type" => Some("`grant`"),
        _ => None,
    }
}
