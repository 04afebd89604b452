//! Real customisations of tokens, written as policies, give exactly what is wanted. See tests/corpus/README.md.

use serde_json::{Value, json};

use super::folder::{
    compile_folder, decide, entries, in_repository, name, normal, object, read_json, report, sort,
};

const TOKENS: [&str; 4] = ["access_token", "id_token", "userinfo", "saml"];

#[test]
fn tasks_are_solved_exactly() {
    let mut failures = Vec::new();
    let (mut tasks, mut examples) = (0, 0);
    for folder in entries(&in_repository("tests/corpus")).iter().filter(|path| path.is_dir()) {
        tasks += 1;
        let task = read_json(&folder.join("examples.json"));
        let all = task["examples"].as_array().expect("a list of examples");
        examples += all.len();
        match compile_folder(folder) {
            Ok(policy) => {
                for example in all {
                    let result = normal(&decide(&policy, &example["request"]));
                    if let Err(difference) = compare(&task, example, &result) {
                        failures.push(format!("{}: {}\n{difference}", name(folder), example["name"]));
                    }
                }
            }
            Err(errors) => failures.push(format!("{}\n{errors}", name(folder))),
        }
    }
    report(&failures);
    assert!(tasks >= 36 && examples >= 163, "{tasks} tasks with {examples} examples");
}

/// Compares a result with what an example expects.
fn compare(task: &Value, example: &Value, result: &Value) -> Result<(), String> {
    let expect = &example["expect"];
    if let Some(messages) = expect.get("denied") {
        let denials = result["denials"].as_array().map(Vec::as_slice).unwrap_or_default();
        let denied = denials.iter().map(|denial| denial["message"].clone()).collect();
        return same("denials", &sorted(messages.clone()), &sorted(denied), result);
    }
    same("decision", &json!("issue"), &result["decision"], result)?;
    for token in TOKENS {
        let (mut wanted, mut got) = (object(expect, token), object(result, token));
        for claim in unordered_claims(task, token) {
            for claims in [&mut wanted, &mut got] {
                for (_, value) in claims.iter_mut().filter(|(name, _)| claim == "*" || *name == claim) {
                    sort(value);
                }
            }
        }
        same(token, &wanted.into(), &got.into(), result)?;
    }
    let expected = normal(&json!({ "decision": "issue", "removed": object(expect, "removed") }));
    same("removed", &object(&expected, "removed").into(), &result["removed"], result)?;
    let scopes_are_a_set = task["unordered"].as_array().is_some_and(|parts| parts.contains(&json!("scopes")));
    for (part, is_set) in [("scopes", scopes_are_a_set), ("audience", false)] {
        // What an example does not mention stays as requested.
        let wanted = list(expect.get(part).or_else(|| example["request"].get(part)));
        let got = result[part].clone();
        let (wanted, got) = if is_set { (sorted(wanted), sorted(got)) } else { (wanted, got) };
        same(part, &wanted, &got, result)?;
    }
    Ok(())
}

/// The claims of a token whose lists are sets.
fn unordered_claims<'a>(task: &'a Value, token: &str) -> impl Iterator<Item = &'a str> {
    let parts = task["unordered"].as_array().map(Vec::as_slice).unwrap_or_default();
    parts.iter().filter(move |part| part["token"] == token).filter_map(|part| part["claim"].as_str())
}

/// One text is a list of one, nothing an empty list.
fn list(value: Option<&Value>) -> Value {
    match value {
        None => json!([]),
        Some(Value::String(text)) => json!([text]),
        Some(list) => list.clone(),
    }
}

fn sorted(mut list: Value) -> Value {
    sort(&mut list);
    list
}

fn same(part: &str, wanted: &Value, got: &Value, result: &Value) -> Result<(), String> {
    if wanted == got {
        return Ok(());
    }
    Err(format!("  {part}: expected {wanted}\n  {part}: got      {got}\n  whole result: {result}"))
}
