//! The JSON Schema and the reader refuse the same structural mistakes.

use std::collections::BTreeSet;

use regex::Regex;

use super::{read_text, schema};
use crate::catalog::keys::TABLES;
use crate::catalog::yaml::{self, Node};
use crate::source::Sources;
use crate::value::{JsonLimits, Value};

fn tree(text: &str) -> Node {
    let mut findings = Vec::new();
    let tree =
        yaml::parse(Sources::new().add("claims.yaml", text), text, "claims.yaml", &mut findings).unwrap();
    assert!(findings.is_empty(), "{text}");
    tree
}

fn schema_value() -> Value {
    Value::parse_json(schema().as_bytes(), JsonLimits::default()).unwrap()
}

/// The keywords of draft 2020-12 that the schema uses; any other is a failure.
fn accepts(root: &Value, schema: &Value, value: &Value) -> bool {
    if let Some(all) = schema.as_bool() {
        return all;
    }
    let keywords = schema.as_object().unwrap();
    let known = |name: &str| schema.get("properties").and_then(|p| p.get(name)).is_some();
    let check = |schema: &Value, value: &Value| accepts(root, schema, value);
    keywords.iter().all(|(keyword, rule)| match &**keyword {
        "$schema" | "$defs" | "title" | "description" | "then" | "else" => true,
        "$ref" => {
            let name = rule.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
            check(root.get("$defs").unwrap().get(name).unwrap(), value)
        }
        "type" => match rule.as_str().unwrap() {
            "string" => value.as_str().is_some(),
            "boolean" => value.as_bool().is_some(),
            "integer" => value.as_int().is_some(),
            "array" => value.as_list().is_some(),
            "object" => value.as_object().is_some(),
            other => panic!("type {other}"),
        },
        "const" => value == rule,
        "enum" => rule.as_list().unwrap().contains(value),
        "minimum" => value.as_int().is_none_or(|n| n >= rule.as_int().unwrap()),
        "minLength" => value.as_str().is_none_or(|text| !text.is_empty()),
        "pattern" => value.as_str().is_none_or(|t| Regex::new(rule.as_str().unwrap()).unwrap().is_match(t)),
        "anyOf" => rule.as_list().unwrap().iter().any(|schema| check(schema, value)),
        "if" => {
            let branch = if check(rule, value) { "then" } else { "else" };
            schema.get(branch).is_none_or(|schema| check(schema, value))
        }
        "items" => value.as_list().is_none_or(|items| items.iter().all(|item| check(rule, item))),
        "uniqueItems" => value
            .as_list()
            .is_none_or(|items| items.iter().enumerate().all(|(i, item)| !items[..i].contains(item))),
        "properties" => value.as_object().is_none_or(|members| {
            members.iter().all(|(name, value)| rule.get(name).is_none_or(|schema| check(schema, value)))
        }),
        "required" => value.as_object().is_none_or(|members| {
            rule.as_list().unwrap().iter().all(|name| members.contains_key(name.as_str().unwrap()))
        }),
        "propertyNames" => value
            .as_object()
            .is_none_or(|members| members.keys().all(|name| check(rule, &Value::from(&**name)))),
        "additionalProperties" => value.as_object().is_none_or(|members| {
            members.iter().filter(|(name, _)| !known(name)).all(|(_, value)| check(rule, value))
        }),
        other => panic!("keyword {other}"),
    })
}

fn keys_of(node: &Node, keys: &mut BTreeSet<String>) {
    for (key, node) in node.map() {
        keys.insert(key.text.to_string());
        keys_of(node, keys);
    }
    for node in node.list() {
        keys_of(node, keys);
    }
}

#[test]
fn every_key_is_accepted_by_the_reader_and_in_the_schema() {
    let text = include_str!("../../../tests/catalog/all_keys.yaml");
    let (_, findings, _) = read_text(text);
    assert!(findings.is_empty());
    let mut keys = BTreeSet::new();
    keys_of(&tree(text), &mut keys);
    let schema = schema();
    for key in TABLES.iter().flat_map(|table| table.keys()) {
        assert!(keys.contains(key.name), "tests/catalog/all_keys.yaml has no `{}`", key.name);
        assert!(schema.contains(&format!("\"{}\": {{", key.name)), "the schema has no `{}`", key.name);
    }
}

#[test]
fn the_schema_accepts_what_the_reader_accepts() {
    let schema = schema_value();
    for text in [
        include_str!("../../../tests/catalog/all_keys.yaml"),
        include_str!("../../../tests/catalog/example.yaml"),
        include_str!("../../../tests/catalog/shapes_good.yaml"),
    ] {
        assert!(read_text(text).1.is_empty());
        assert!(accepts(&schema, &schema, &tree(text).value()), "{text}");
    }
}

#[test]
fn the_schema_refuses_what_the_reader_refuses() {
    let schema = schema_value();
    for text in [
        "issuer: https://a.example/",
        "language: 2",
        "language: one",
        "isuer: x",
        "issuer: http://a.example",
        "profile: keycloack",
        "owned_domains: [localhost]",
        "owned_domains: [acme.example, acme.example]",
        "foreign_namespaces: { hasura: x }",
        "private_claims: { department: }",
        "private_claims: { department: { type: string } }",
        "labels: [Health]",
        "lifetimes: { access_token: 0s }",
        "lifetimes: { access_token: 0 }",
        "lifetimes: { refresh_token: 1d }",
        "default_audience: [api]",
        "default_audience: API",
        "audiences: { API: { id: a } }",
        "audiences: { api: {} }",
        "audiences: { api: { id: 1 } }",
        "audiences: { api: { id: a, max_token_bytes: -1 } }",
        "audience_sets: [api]",
        "audiences: { a: { id: a }, b: { id: b } }\naudience_sets: [[a, b], [a, b]]",
        "clients: { spa: { id: a, grants: [code] } }",
        "clients: { spa: { id: a, metadata: [] } }",
        "open_clients: no",
        "open_audiences: dynamic",
        "organizations: { acme: { id: a, strategy: b } }",
        "delegation: implicit",
        "locked: [PII]",
        "user: [sub]",
        "user: { extends: standard, sub: string }",
        "user: { sub: [string] }",
        "user: { sub: { type: string, maxlength: 3 } }",
        "user: { sub: { type: string, max_length: -3 } }",
        "user: { sub: { enum: [1] } }",
        "user: { sub: { type: string, items: { type: string } } }",
        "config: { 5x: string }",
        "config: { x: { value: 3 } }",
    ] {
        let text = if text.contains("language") || text.starts_with("issuer: https") {
            text.to_owned()
        } else {
            format!("language: 1\n{text}")
        };
        assert!(!read_text(&text).1.is_empty(), "the reader accepts {text}");
        assert!(!accepts(&schema, &schema, &tree(&text).value()), "the schema accepts {text}");
    }
}
