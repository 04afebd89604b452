//! Grants that OAuth advises against.

use crate::diag::Diagnostic;
use crate::ir::Unit;
use crate::standard::Grant;

crate::codes! {
    /// A client that may use the password or the implicit grant.
    DISCOURAGED_GRANT = "C1024" "discouraged-grant" Note;
}

pub(super) fn check(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    for (alias, client) in &unit.catalog.clients {
        for grant in client.grants.iter().flatten() {
            let (why, help) = match grant {
                Grant::Password => (
                    "must not be used (RFC 9700 section 2.4)",
                    "sign people in with the authorization code grant; keep this one to test users",
                ),
                Grant::Implicit => (
                    "should not be used (RFC 9700 section 2.1.2)",
                    "use the authorization code grant with PKCE",
                ),
                _ => continue,
            };
            let message = format!("the client `{alias}` may use the {grant} grant, which {why}");
            findings.push(Diagnostic::new(&DISCOURAGED_GRANT, client.span, message).help(help));
        }
    }
}
