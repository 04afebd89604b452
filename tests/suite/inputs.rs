//! What a policy is said to need is what the evaluator asks for: with the examples of every policy in this repository.

use std::collections::BTreeMap;

use claimsc::Policy;
use claimsc::analysis::inputs::{Input, Need, Question, inputs};
use serde_json::{Map, Value, json};

use super::folder::{compile_folder, decide, name, normal, report};
use super::order::policies;

/// The parts of a request that hold attributes. (The others are the request itself, or bind constants.)
const ROOTS: [&str; 8] =
    ["client", "user", "connection", "organization", "session", "actor", "request", "external"];

/// A request and what is said to be asked of it; nothing where claims.yaml excludes the request.
struct Example {
    name: String,
    policy: Policy,
    request: Map<String, Value>,
    inputs: Vec<Input>,
}

fn examples() -> Vec<Example> {
    let mut all = Vec::new();
    for (folder, requests) in policies() {
        let policy = compile_folder(&folder).expect("it compiles, as other tests see");
        for (index, request) in requests.iter().enumerate() {
            let read = claimsc::Request::from_json(request.to_string().as_bytes()).expect("a request");
            let question = Question {
                client: Some(read.client().id().clone()),
                grant: Some(read.grant()),
                audience: Some(read.audience().to_vec()),
            };
            let rows = inputs(policy.unit(), &question);
            assert!(rows.len() < 2, "one kind of request");
            for row in rows {
                all.push(Example {
                    name: format!("{} {index}", name(&folder)),
                    policy: policy.clone(),
                    request: written_out(request),
                    inputs: row.inputs,
                });
            }
        }
    }
    assert!(all.len() > 150, "{} examples", all.len());
    all
}

/// Clients, connections and organizations as objects with an id.
fn written_out(request: &Value) -> Map<String, Value> {
    let mut request = request.as_object().expect("an object").clone();
    for part in ["client", "connection", "organization"] {
        match request.get_mut(part) {
            Some(value @ Value::String(_)) => *value = json!({ "id": value }),
            Some(Value::Object(members)) if !members.contains_key("id") => {
                let id = members.get("name").cloned().unwrap_or_default();
                members.insert("id".to_owned(), id);
            }
            _ => {}
        }
    }
    request
}

impl Example {
    fn decide(&self, request: &Map<String, Value>) -> Value {
        decide(&self.policy, &Value::Object(request.clone()))
    }

    /// The request with nothing but what is listed.
    fn listed(&self) -> Map<String, Value> {
        let mut request = self.request.clone();
        for root in ROOTS {
            if let Some(value) = request.get_mut(root) {
                self.strip(root, value);
            }
            let is_told = ["user", "client"].contains(&root) && !self.has_optional_user(root);
            if !is_told && !self.mentions(root) {
                request.remove(root);
            }
        }
        if !self.mentions("now") {
            request.remove("now");
        }
        let original = request.get_mut("original").and_then(Value::as_object_mut);
        if let Some(original) = original {
            original.retain(|member, _| self.mentions(&format!("original.{member}")));
        }
        request
    }

    /// Whether a user may be left out whatever the grant.
    fn has_optional_user(&self, root: &str) -> bool {
        root == "user"
            && ["refresh_token", "token_exchange", "jwt_bearer"]
                .iter()
                .any(|grant| self.request["grant"] == *grant)
    }

    fn strip(&self, path: &str, value: &mut Value) {
        let Value::Object(members) = value else { return };
        if self.inputs.iter().any(|input| input.name == path && input.need != Need::Existence) {
            return;
        }
        members.retain(|member, inner| {
            let path = format!("{path}.{member}");
            self.strip(&path, inner);
            member == "$failed" || path == "client.id" || self.mentions(&path)
        });
    }

    /// Whether something at this path or below is listed.
    fn mentions(&self, path: &str) -> bool {
        let below =
            |name: &str| name.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        self.inputs.iter().any(|input| below(&input.name))
    }

    /// The request with a value at a path, or without it.
    fn with(&self, path: &str, value: Option<&Value>) -> Option<Map<String, Value>> {
        let mut request = self.request.clone();
        let mut place = &mut request;
        let (holders, last) = path.rsplit_once('.')?;
        for member in holders.split('.') {
            let next = place.entry(member).or_insert_with(|| json!({}));
            if next.is_null() {
                *next = json!({});
            }
            place = next.as_object_mut()?;
            // A source that failed is not read.
            place.remove("$failed");
        }
        match value {
            Some(value) => place.insert(last.to_owned(), value.clone()),
            None => place.remove(last),
        };
        Some(request)
    }
}

#[test]
fn what_is_not_listed_changes_no_decision() {
    let mut failures = Vec::new();
    let mut smaller = 0;
    for example in examples() {
        let listed = example.listed();
        smaller += usize::from(listed != example.request);
        let (whole, result) = (example.decide(&example.request), example.decide(&listed));
        if normal(&whole) != normal(&result) {
            let listed = Value::Object(listed);
            failures.push(format!("{}\n  whole  {whole}\n  listed {result}\n  {listed}", example.name));
        }
    }
    report(&failures);
    assert!(smaller > 50, "{smaller} requests became smaller");
}

/// Nested too deeply to be of any type.
fn unfit() -> Value {
    (0..20).fold(json!([]), |inner, _| json!([inner]))
}

#[test]
fn what_is_listed_is_asked_for() {
    let mut failures = Vec::new();
    let mut asked: BTreeMap<&str, usize> = BTreeMap::new();
    for example in examples() {
        for input in &example.inputs {
            let Input { name, need, .. } = input;
            // Of these the request itself has a form; their types are not left to policies.
            let is_free = ROOTS.iter().any(|root| name.starts_with(&format!("{root}.")))
                && !["client.name", "client.confidential", "client.metadata"].contains(&&**name);
            if *need == Need::Existence || !is_free {
                continue;
            }
            let Some(request) = example.with(name, Some(&unfit())) else { continue };
            let result = example.decide(&request).to_string();
            *asked.entry("unfit").or_default() += 1;
            if !result.contains(&format!("`{name}`")) {
                failures.push(format!("{}: `{name}` is not read\n  {result}", example.name));
            }
            if *need == Need::Required {
                let Some(request) = example.with(name, None) else { continue };
                let result = example.decide(&request).to_string();
                *asked.entry("missing").or_default() += 1;
                if !result.contains(&format!("`{name}` is missing")) {
                    failures.push(format!("{}: `{name}` may be missing\n  {result}", example.name));
                }
            }
        }
    }
    report(&failures);
    assert!(asked["unfit"] > 300 && asked["missing"] > 20, "{asked:?}");
}
