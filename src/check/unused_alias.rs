//! Aliases of claims.yaml that no rule names and that state nothing else.
//!
//! A listed audience or client is a fact about the world, whether rules name it or not. Only where others may occur
//! anyway, and the entry has no more than its id, is the alias all it gives; so is that of a connection or organization.

use std::collections::BTreeSet;

use super::look::Everything;
use crate::catalog::{Audience, Client, World};
use crate::diag::Diagnostic;
use crate::ir::ExprKind;
use crate::source::Span;
use crate::value::Value;

crate::codes! {
    /// An alias that no rule names.
    UNUSED_ALIAS = "C1025" "unused-alias" Note;
}

pub(super) fn check(all: &Everything<'_>, findings: &mut Vec<Diagnostic>) {
    let unit = all.unit;
    let catalog = &unit.catalog;
    let mut named: BTreeSet<&str> = all
        .exprs
        .iter()
        .filter_map(|expr| match &*expr.kind {
            ExprKind::Literal(value) => Value::as_str(value),
            _ => None,
        })
        .collect();
    let promised = unit.contracts.iter().map(|contract| &contract.audience);
    let promised: BTreeSet<&str> = promised
        .chain(unit.ensures.iter().filter_map(|ensure| ensure.audience.as_ref()))
        .map(|a| &**a)
        .collect();
    let listed = catalog.clients.values().flat_map(|client| client.audiences.iter().flatten());
    let sets = catalog.audience_sets.iter().flatten().flatten();
    let related: BTreeSet<&str> = listed.chain(sets).map(|alias| &**alias).chain(promised).collect();
    named.extend(catalog.audiences.iter().filter(|(a, _)| related.contains(&***a)).map(|(_, a)| &*a.id));

    let mut unused: Vec<(&str, &str, Span)> = Vec::new();
    for (what, parties) in [("connection", &catalog.connections), ("organization", &catalog.organizations)] {
        let open = parties.iter().filter(|(_, party)| !named.contains(&*party.id));
        unused.extend(open.map(|(alias, party)| (what, &**alias, party.span)));
    }
    if catalog.audience_world != World::Closed {
        let open = catalog.audiences.iter().filter(|(_, a)| is_bare_audience(a) && !named.contains(&*a.id));
        unused.extend(open.map(|(alias, audience)| ("audience", &**alias, audience.span)));
    }
    if catalog.client_world != World::Closed {
        let open = catalog.clients.iter().filter(|(_, c)| is_bare_client(c) && !named.contains(&*c.id));
        unused.extend(open.map(|(alias, client)| ("client", &**alias, client.span)));
    }
    for (what, alias, span) in unused {
        findings.push(
            Diagnostic::new(&UNUSED_ALIAS, span, format!("no rule names the {what} `{alias}`"))
                .help("remove it, or check whether a rule should name it"),
        );
    }
}

fn is_bare_audience(audience: &Audience) -> bool {
    audience.accepts.is_none() && audience.max_token_bytes.is_none() && audience.scopes.is_none()
}

fn is_bare_client(client: &Client) -> bool {
    client.name.is_none()
        && client.confidential.is_none()
        && client.grants.is_none()
        && client.audiences.is_none()
        && client.accepts.is_none()
        && client.metadata.as_object().is_none_or(indexmap::IndexMap::is_empty)
}
