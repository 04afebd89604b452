//! Folders of policies, and results in a form that can be compared.

#![expect(clippy::expect_used, clippy::panic, reason = "a file that cannot be read is a failed test")]

use std::fs;
use std::path::{Path, PathBuf};

use claimsc::diag::Severity;
use serde_json::{Map, Value, json};

/// A folder of this repository.
pub(crate) fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The entries of a folder in the order of their names.
pub(crate) fn entries(folder: &Path) -> Vec<PathBuf> {
    let listing = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = listing.map(|entry| entry.expect("readable folder").path()).collect();
    paths.sort();
    paths
}

pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn read_json(path: &Path) -> Value {
    serde_json::from_str(&read(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The last part of a path.
pub(crate) fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Compiles a policy from texts. Otherwise what is as bad as `worst` or worse, one line for each finding.
pub(crate) fn compile(
    catalog: Option<&str>,
    files: &[(String, String)],
    worst: Severity,
) -> Result<claimsc::Policy, String> {
    judged(claimsc::Compiler::new(), catalog, files, worst)
}

/// The same without the proofs: for policies that show what the evaluator makes of conflicts.
pub(crate) fn compile_unproven(
    catalog: Option<&str>,
    files: &[(String, String)],
    worst: Severity,
) -> Result<claimsc::Policy, String> {
    let mut compiler = claimsc::Compiler::new();
    compiler.without_proofs();
    judged(compiler, catalog, files, worst)
}

fn judged(
    mut compiler: claimsc::Compiler,
    catalog: Option<&str>,
    files: &[(String, String)],
    worst: Severity,
) -> Result<claimsc::Policy, String> {
    if let Some(catalog) = catalog {
        compiler.catalog("claims.yaml", catalog);
    }
    for (name, text) in files {
        compiler.source(name, text);
    }
    let compilation = compiler.compile();
    let findings: Vec<String> = compilation
        .diagnostics
        .iter()
        .filter(|finding| finding.severity <= worst)
        .map(|finding| {
            let place = compilation.sources.place(finding.span);
            format!("{place}: {} {}: {}", finding.code.code, finding.code.slug, finding.message)
        })
        .collect();
    match compilation.policy {
        Some(policy) if findings.is_empty() => Ok(policy),
        _ => Err(findings.join("\n")),
    }
}

/// The `*.claims` files directly in a folder, with their names.
pub(crate) fn sources(folder: &Path) -> Vec<(String, String)> {
    let paths = entries(folder).into_iter();
    let paths = paths.filter(|path| path.extension().is_some_and(|extension| extension == "claims"));
    paths.map(|path| (name(&path), read(&path))).collect()
}

/// The claims.yaml of a folder.
pub(crate) fn catalog(folder: &Path) -> Option<String> {
    let path = folder.join("claims.yaml");
    path.exists().then(|| read(&path))
}

/// Compiles the policy of a folder. Warnings count as errors.
pub(crate) fn compile_folder(folder: &Path) -> Result<claimsc::Policy, String> {
    compile(catalog(folder).as_deref(), &sources(folder), Severity::Warning)
}

/// What a policy decides; an error result also where the request itself is malformed.
pub(crate) fn decide(policy: &claimsc::Policy, request: &Value) -> Value {
    match claimsc::Request::from_json(request.to_string().as_bytes()) {
        Ok(request) => {
            let decision = policy.evaluate(&request).to_json().to_json();
            serde_json::from_str(&decision).expect("a result is JSON")
        }
        Err(error) => json!({ "decision": "malformed", "message": error.to_string() }),
    }
}

/// A result without what is informative only (`rule`), with every member that may be left out.
pub(crate) fn normal(result: &Value) -> Value {
    let mut result = result.as_object().cloned().unwrap_or_default();
    if result.get("decision") == Some(&json!("issue")) {
        for token in ["access_token", "id_token", "userinfo", "saml", "removed"] {
            result.entry(token).or_insert_with(|| json!({}));
        }
        if let Some(Value::Object(removed)) = result.get_mut("removed") {
            for claims in removed.values_mut() {
                sort(claims);
            }
        }
    }
    for list in ["denials", "errors"] {
        let Some(Value::Array(items)) = result.get_mut(list) else { continue };
        for item in items.iter_mut().filter_map(Value::as_object_mut) {
            item.remove("rule");
        }
    }
    Value::Object(result)
}

/// Sorts a list by the JSON of its elements.
pub(crate) fn sort(list: &mut Value) {
    if let Value::Array(items) = list {
        items.sort_by_key(Value::to_string);
    }
}

/// The member of an object, or an empty object.
pub(crate) fn object(value: &Value, member: &str) -> Map<String, Value> {
    value.get(member).and_then(Value::as_object).cloned().unwrap_or_default()
}

/// Panics with all failures at once.
pub(crate) fn report(failures: &[String]) {
    assert!(failures.is_empty(), "{} failures\n\n{}\n", failures.len(), failures.join("\n\n"));
}
