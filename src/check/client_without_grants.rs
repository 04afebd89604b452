//! A client with an empty list of grants can ask for no token at all.

use crate::diag::Diagnostic;
use crate::ir::Unit;

crate::codes! {
    /// A client that may use no grant.
    CLIENT_WITHOUT_GRANTS = "C1022" "client-without-grants" Warning;
}

pub(super) fn check(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    for (alias, client) in &unit.catalog.clients {
        if client.grants.as_ref().is_some_and(Vec::is_empty) {
            let message = format!("the client `{alias}` has no grant, so it never gets a token");
            findings.push(
                Diagnostic::new(&CLIENT_WITHOUT_GRANTS, client.span, message)
                    .help("list its grants, or leave `grants` out if any may occur, or remove the client"),
            );
        }
    }
}
