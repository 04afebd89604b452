//! The matrix of a policy: for terminals, as JSON, as Markdown, and as a page to look things up in.

use crate::analysis::matrix::{Audiences, Condition, Matrix, Party, Row, Subject, Verb, Write};
use crate::value::Value;

mod html;
mod json;
mod markdown;
#[cfg(feature = "cli")]
mod terminal;

/// The version of the JSON form. It grows when a member goes or changes its meaning.
const VERSION: i64 = 1;

/// For people at a terminal: a block for each row.
#[cfg(feature = "cli")]
pub fn text(matrix: &Matrix, style: super::terminal::Style) -> String {
    terminal::render(matrix, style)
}

/// For tools, as one object:
///
/// ```json
/// { "version": 1,
///   "namespaces": { "ns": "https://acme.example/claims/" },
///   "rows": [ {
///     "clients": [ { "alias": "spa", "id": "k8sYt1" }, null ],
///     "grants": ["authorization_code"],
///     "audiences": [ [ { "alias": "api", "id": "https://api.acme.example" } ], [] ],
///     "subject": "access_token",
///     "max_bytes": 640,
///     "max_token_bytes": 1800,
///     "undecided": [],
///     "cells": [ { "name": "https://acme.example/claims/email", "writes": [ {
///       "verb": "add", "member": null, "condition": "user.email_verified", "value": "user.email",
///       "digest": null, "type": "email?", "labels": ["pii"], "max_bytes": 300, "rule": null, "place": "policy.claims:3" } ] } ]
///   } ] }
/// ```
///
/// A `null` among clients or audiences is any that claims.yaml does not list. Each member of `audiences` is a set that
/// one token carries; the empty one is a token without audience. A row stands for all combinations of its clients,
/// grants and audiences. `subject` is a token or `request`; the cells of a request are verbs. `condition` is null where
/// a write always fires, `max_bytes`, of the JSON of claims, and `max_token_bytes`, of the encoded token, where there is
/// no bound; that of other tokens than access tokens is not known. `digest` changes with what `value` names and does not
/// show: tables, constants of `config`, long lets.
pub fn json(matrix: &Matrix) -> Value {
    json::document(matrix)
}

/// For documents and pull requests: a section with a table for each row.
pub fn markdown(matrix: &Matrix) -> String {
    markdown::render(matrix)
}

/// One page that needs nothing else: it filters by client, grant, audience, token, claim and label.
pub fn html(matrix: &Matrix) -> String {
    html::page(matrix)
}

/// The bounds of a row, if it has claims: `claims of at most 300 bytes, the whole token of 1460`.
fn bound(row: &Row) -> Option<String> {
    let writes = row.cells.iter().flat_map(|cell| &cell.writes);
    let claims = row.max_bytes.filter(|_| writes.into_iter().any(|write| write.verb != Verb::Remove))?;
    let token = row.max_token_bytes.map(|bytes| format!(", the whole token of {bytes}"));
    Some(format!("claims of at most {claims} bytes{}", token.unwrap_or_default()))
}

/// `spa, web, any other client`.
fn clients(row: &Row) -> String {
    listed(row.clients.iter().map(|client| party(client, "any other client")))
}

/// `authorization_code, refresh_token`.
fn grants(row: &Row) -> String {
    listed(row.grants.iter().map(ToString::to_string))
}

/// `no audience, api, api + partner`.
fn audiences(row: &Row) -> String {
    listed(row.audiences.iter().map(audience_set))
}

pub(super) fn audience_set(set: &Audiences) -> String {
    let names: Vec<_> = set.iter().map(|audience| party(audience, "any other audience")).collect();
    if names.is_empty() { "no audience".to_owned() } else { names.join(" + ") }
}

/// `access token`, `request`.
fn subject(subject: Subject) -> String {
    subject.as_str().replace('_', " ")
}

pub(super) fn party(party: &Party, other: &str) -> String {
    party.alias().map_or(other, |alias| alias).to_owned()
}

fn listed(names: impl Iterator<Item = String>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

/// `always`, `if ..`, or `unless ..`.
pub(super) fn condition(condition: &Condition) -> String {
    match condition {
        Condition::Always => "always".to_owned(),
        Condition::Except(always, _) if always.is_always() => condition.to_string(),
        _ => format!("if {condition}"),
    }
}

/// What a write does to the claim of its cell: `= e`, `.member = e`, `override = e`, `removed`; of requests `e`.
pub(super) fn deed(write: &Write) -> String {
    let value = write.value.as_deref().unwrap_or_default();
    let member = write.member.as_deref().map(|member| format!(".{member} ")).unwrap_or_default();
    match write.verb {
        Verb::Remove => "removed".to_owned(),
        Verb::Add => format!("{member}= {value}"),
        Verb::Override | Verb::Append | Verb::Default => {
            format!("{} {member}= {value}", write.verb.as_str())
        }
        _ => value.to_owned(),
    }
}

/// `support (people.claims:10)`.
pub(super) fn rule(write: &Write) -> String {
    match &write.rule {
        Some(name) => format!("{name} ({})", write.place),
        None => write.place.to_string(),
    }
}

#[cfg(test)]
mod tests;
