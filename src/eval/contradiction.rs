//! A request against the catalog: what proofs assume, the evaluator enforces.
//!
//! Messages name what claims.yaml calls things, never what the request says.

use std::sync::Arc;

use super::report::Report;
use super::stages::{failure, seen};
use super::{Evaluation, codes};
use crate::catalog::{Catalog, Client, World};
use crate::standard::{Grant, OIDC_SCOPES};
use crate::value::Value;

fn contradiction(report: &mut Report, message: impl Into<String>) {
    report.failure(failure(&codes::REQUEST_CONTRADICTS_CATALOG, message), None);
}

/// Checks the client, its grant and the audience that was asked for.
pub(super) fn check_request(evaluation: &Evaluation<'_>, report: &mut Report) {
    let (catalog, request) = (&evaluation.unit.catalog, evaluation.request);
    match listed_client(catalog, request.client().id()) {
        Some((alias, client)) => {
            check_grant(alias, client, request.grant(), report);
            check_described(evaluation, alias, client, report);
        }
        None if catalog.client_world == World::Closed => {
            contradiction(report, "the client is not listed in claims.yaml");
        }
        None => {}
    }
    check_audience(evaluation, request.audience(), report);
}

fn listed_client<'c>(catalog: &'c Catalog, id: &str) -> Option<(&'c Arc<str>, &'c Client)> {
    catalog.clients.iter().find(|(_, client)| &*client.id == id)
}

fn check_grant(alias: &str, client: &Client, grant: Grant, report: &mut Report) {
    if client.grants.as_ref().is_some_and(|grants| !grants.contains(&grant)) {
        contradiction(report, format!("client `{alias}` may not use the grant `{grant}`"));
    }
}

/// A listed client is what claims.yaml says: the request may repeat that and nothing else.
fn check_described(evaluation: &Evaluation<'_>, alias: &str, client: &Client, report: &mut Report) {
    let described = evaluation.request.client();
    let differs = [
        ("name", described.name().is_some_and(|name| client.name.as_ref() != Some(name))),
        ("confidential", described.confidential().is_some_and(|found| client.confidential != Some(found))),
        (
            "metadata",
            described.metadata().is_some_and(|metadata| !is_same_metadata(metadata, &client.metadata)),
        ),
    ];
    for (member, _) in differs.iter().filter(|(_, differs)| *differs) {
        contradiction(
            report,
            format!("`client.{member}` is not what claims.yaml states for client `{alias}`"),
        );
    }
}

/// Members that are null count as missing.
fn is_same_metadata(found: &Value, stated: &Value) -> bool {
    let present = |value: &Value| {
        let members = value.as_object().into_iter().flatten();
        let present = members.filter(|(_, value)| !matches!(value, Value::Null));
        Value::object(present.map(|(name, value)| (name.clone(), value.clone())).collect())
    };
    present(found) == present(stated)
}

/// Checks an audience: which ones there are, which the client may have, and which may stand together.
pub(super) fn check_audience(evaluation: &Evaluation<'_>, audience: &[Arc<str>], report: &mut Report) {
    let (catalog, request) = (&evaluation.unit.catalog, evaluation.request);
    let seen = seen(catalog, audience);
    let aliases: Vec<Option<&str>> =
        seen.iter().map(|id| catalog.audience(id).map(|(alias, _)| &**alias)).collect();
    if catalog.audience_world == World::Closed && aliases.contains(&None) {
        contradiction(report, "an audience is not listed in claims.yaml");
    }
    if let Some((client_alias, Client { audiences: Some(allowed), .. })) =
        listed_client(catalog, request.client().id())
    {
        for alias in &aliases {
            let Some(alias) = alias else {
                contradiction(report, format!("client `{client_alias}` may not request other audiences"));
                continue;
            };
            if !allowed.iter().any(|one| **one == **alias) {
                contradiction(report, format!("client `{client_alias}` may not request audience `{alias}`"));
            }
        }
    }
    if !may_stand_together(catalog, &aliases) {
        contradiction(report, "these audiences may not stand in one token");
    }
    let original = request.original().filter(|_| request.grant() == Grant::RefreshToken);
    if let Some(original) = original.and_then(|original| original.audience.as_ref())
        && seen.iter().any(|id| !original.contains(id))
    {
        contradiction(report, "the audience of a refresh exceeds the original one");
    }
}

fn may_stand_together(catalog: &Catalog, aliases: &[Option<&str>]) -> bool {
    if aliases.len() < 2 {
        return true;
    }
    match &catalog.audience_sets {
        Some(sets) => sets.iter().any(|set| {
            aliases.iter().all(|alias| alias.is_some_and(|alias| set.iter().any(|one| **one == *alias)))
        }),
        None => catalog.audiences.is_empty() && catalog.audience_world != World::Closed,
    }
}

/// Checks the granted scopes: where every audience lists its scopes, there are no others but the issuer's.
pub(super) fn check_scopes(evaluation: &Evaluation<'_>, report: &mut Report) {
    let catalog = &evaluation.unit.catalog;
    let Some(audience) = evaluation.audience.get().filter(|audience| !audience.is_empty()) else {
        return;
    };
    let listed: Option<Vec<&Vec<Arc<str>>>> = audience
        .iter()
        .map(|id| catalog.audience(id).and_then(|(_, audience)| audience.scopes.as_ref()))
        .collect();
    let Some(listed) = listed else {
        return;
    };
    let is_known = |scope: &Arc<str>| {
        OIDC_SCOPES.contains(&&**scope) || listed.iter().any(|scopes| scopes.contains(scope))
    };
    if !evaluation.request.scopes().iter().all(is_known) {
        contradiction(report, "a scope is not among those that claims.yaml lists for the audience");
    }
}
