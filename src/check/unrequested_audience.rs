//! An audience that no client may ask for gets no token.

use std::collections::BTreeSet;

use crate::catalog::World;
use crate::diag::Diagnostic;
use crate::ir::Unit;

crate::codes! {
    /// An audience that no client may request.
    UNREQUESTED_AUDIENCE = "C1023" "unrequested-audience" Warning;
}

pub(super) fn check(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    let catalog = &unit.catalog;
    if catalog.client_world != World::Closed {
        return;
    }
    let clients =
        || catalog.clients.values().filter(|client| !client.grants.as_ref().is_some_and(Vec::is_empty));
    if clients().any(|client| client.audiences.is_none()) {
        return;
    }
    let asked: BTreeSet<&str> =
        clients().flat_map(|client| client.audiences.iter().flatten()).map(|a| &**a).collect();
    for (alias, audience) in &catalog.audiences {
        if !asked.contains(&**alias) {
            let message = format!("no client may ask for the audience `{alias}`");
            findings.push(
                Diagnostic::new(&UNREQUESTED_AUDIENCE, audience.span, message).help(format!(
                    "list `{alias}` under `audiences` of the clients that call it, or remove it"
                )),
            );
        }
    }
}
