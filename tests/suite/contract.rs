//! What `claimsc contract` promises holds for the tokens of every sample request of the shipped policies.

use std::path::PathBuf;
use std::sync::Arc;

use claimsc::analysis::contract::{Docs, offer};
use claimsc::report::contract::json_schema;
use serde_json::Value;

use super::folder::{compile_folder, decide, entries, in_repository, name, read_json, report};

#[test]
fn tokens_of_the_shipped_policies_fit_their_schemas() {
    let mut failures = Vec::new();
    let mut tokens = 0;
    for folder in entries(&in_repository("policies")).iter().filter(|path| path.is_dir()) {
        let policy = compile_folder(folder).expect("a policy");
        let is_request = |path: &PathBuf| !name(path).ends_with(".expected.json");
        for request in entries(&folder.join("requests")).into_iter().filter(is_request) {
            let decision = decide(&policy, &read_json(&request));
            let (Some(claims), Some(audience)) =
                (decision["access_token"].as_object(), decision["audience"].as_array())
            else {
                continue;
            };
            for id in audience {
                let id = id.as_str().expect("an id");
                let offer = offer(policy.unit(), &Arc::from(id), &Docs::default());
                assert!(offer.is_issued, "{id}");
                let schema: Value = serde_json::from_str(&json_schema(&offer).to_json()).expect("JSON");
                let mut payload = claims.clone();
                for protocol in ["iss", "sub", "client_id", "jti"] {
                    payload.insert(protocol.to_owned(), schema["properties"][protocol]["const"].clone());
                    if payload[protocol].is_null() {
                        payload[protocol] = "x".into();
                    }
                }
                payload.insert("aud".to_owned(), decision["audience"].clone());
                payload.insert("exp".to_owned(), 1.into());
                payload.insert("iat".to_owned(), 1.into());
                tokens += 1;
                let is_listed = |claim: &str| {
                    let patterns = schema["patternProperties"].as_object();
                    !schema["properties"][claim].is_null()
                        || patterns.is_some_and(|all| all.keys().any(|one| is_prefix(one, claim)))
                };
                let is_fit = fits(&Value::Object(payload), &schema);
                if !is_fit || !claims.keys().all(|claim| is_listed(claim)) {
                    failures.push(format!("{}/{}: {id}: {decision}", name(folder), name(&request)));
                }
            }
        }
    }
    report(&failures);
    assert!(tokens > 20, "{tokens} tokens");
}

/// Whether a name begins as a pattern of a schema says, which is an escaped text behind `^`.
fn is_prefix(pattern: &str, claim: &str) -> bool {
    claim.starts_with(&pattern.trim_start_matches('^').replace('\\', ""))
}

/// The part of JSON Schema that is written.
fn fits(value: &Value, schema: &Value) -> bool {
    let is_of = |word: &Value| match word.as_str() {
        None => true,
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_i64(),
        Some("number") => value.is_number(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        Some("null") => value.is_null(),
        Some(other) => panic!("{other}"),
    };
    let all = |name: &str| schema[name].as_array();
    let elements = || value.as_array().into_iter().flatten();
    is_of(&schema["type"])
        && (schema["const"].is_null() || schema["const"] == *value)
        && all("enum").is_none_or(|words| words.contains(value))
        && all("anyOf").is_none_or(|ways| ways.iter().any(|way| fits(value, way)))
        && elements().all(|element| fits(element, &schema["items"]))
        && (schema["contains"].is_null() || elements().any(|element| fits(element, &schema["contains"])))
        && all("required")
            .is_none_or(|names| names.iter().all(|name| value.get(name.as_str().expect("a name")).is_some()))
        && value.as_object().is_none_or(|members| {
            members.iter().all(|(name, member)| match &schema["properties"][name] {
                Value::Null if schema["additionalProperties"] == Value::Bool(false) => false,
                Value::Null => fits(member, &schema["additionalProperties"]),
                schema => fits(member, schema),
            })
        })
}

#[test]
fn a_schema_is_only_as_wide_as_the_policy() {
    let schema = serde_json::json!({
        "type": "object", "required": ["a"], "additionalProperties": false,
        "properties": { "a": { "anyOf": [{ "const": 1 }, { "type": "array", "contains": { "const": 1 } }] } }
    });
    for (value, expected) in
        [(r#"{"a":1}"#, true), (r#"{"a":[2,1]}"#, true), (r#"{"a":[2]}"#, false), (r#"{"a":1,"b":1}"#, false)]
    {
        assert_eq!(fits(&serde_json::from_str(value).expect("JSON"), &schema), expected, "{value}");
    }
}
