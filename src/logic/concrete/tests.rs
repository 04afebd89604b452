//! Requests for the catalogs of this repository and for hostile ones, read by the evaluator.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Choices, request};
use crate::catalog::{self, Catalog, Root};
use crate::logic::atom::{Base, Path};
use crate::source::Sources;
use crate::standard::{Grant, UserPresence};
use crate::ty::testing::value;
use crate::value::Value;

mod catalogs;
mod chosen;
mod dice;
mod reader;
mod shrinking;

fn catalog(yaml: &str) -> Catalog {
    let file = Sources::new().add("claims.yaml", yaml);
    let (catalog, findings) = catalog::read(file, yaml);
    let errors = findings.iter().filter(|f| f.severity == crate::diag::Severity::Error);
    let errors: Vec<_> = errors.map(|f| &f.message).collect();
    assert!(errors.is_empty(), "{errors:?}\n{yaml}");
    catalog
}

/// The path that a text names: `user.address.city`.
fn path(text: &str) -> Path {
    let mut words = text.split('.');
    let root = Root::parse(words.next().unwrap()).unwrap();
    Path { base: Base::Root(root), members: words.map(Arc::from).collect() }
}

fn choices(grant: Grant, client: &str) -> Choices {
    Choices {
        grant,
        client: client.into(),
        audience: Vec::new(),
        requested_audience: None,
        user: grant.user() == UserPresence::Always,
        failed: BTreeSet::new(),
        values: BTreeMap::new(),
    }
}

/// With values as JSON; `-` is that there is none.
fn with(mut choices: Choices, values: &[(&str, &str)]) -> Choices {
    for (at, json) in values {
        choices.values.insert(path(at), (*json != "-").then(|| value(json)));
    }
    choices
}

/// A sign-in with these values.
fn sign_in(catalog: &Catalog, values: &[(&str, &str)]) -> Option<Value> {
    request(catalog, &with(choices(Grant::AuthorizationCode, "spa"), values))
}

/// A catalog with such a user, by the YAML below `user:`.
fn of_user(members: &str) -> Catalog {
    let mut yaml = "language: 1\nissuer: https://id.acme.example/\nuser:\n".to_owned();
    for line in members.lines().filter(|line| !line.trim().is_empty()) {
        yaml.push_str("  ");
        yaml.push_str(line.trim_start_matches("            "));
        yaml.push('\n');
    }
    catalog(&yaml)
}

/// The user of a sign-in as JSON text; `none` where there is no such request.
fn user(members: &str, values: &[(&str, &str)]) -> String {
    let request = sign_in(&of_user(members), values);
    request.map_or("none".to_owned(), |request| request.get("user").unwrap().to_json())
}
