//! Bounds against requests that take exactly as much, and the shape of what has no step.

use super::*;
use crate::eval::{MAX_STEPS, evaluate_counted};
use crate::request::Request;
use crate::{Compiler, Policy};

const CATALOG: &str = r#"
language: 1
owned_domains: [acme.example]
clients: { spa: { id: spa-1 }, job: { id: job-1 } }
audiences: { api: { id: "urn:api" }, shop: { id: "urn:shop" }, old: { id: "urn:old" } }
audience_sets: [[api, shop]]
user:
  s: { type: string, max_length: 640 }
  l: { type: "string[]", max_items: 10, max_length: 64 }
  n: { type: "int[]", max_items: 5 }
"#;

fn policy(text: &str) -> Policy {
    let mut compiler = Compiler::new();
    compiler.catalog("claims.yaml", CATALOG);
    compiler.source("policy.claims", &format!("namespace ns = \"https://acme.example/\"\n{text}"));
    let compilation = compiler.without_proofs().compile();
    let messages: Vec<_> = compilation.diagnostics.iter().map(|d| &d.message).collect();
    compilation.policy.unwrap_or_else(|| panic!("{text}: {messages:#?}"))
}

/// The steps of a request whose lists are full and whose texts are as long as they may be.
fn taken(policy: &Policy, client: &str, audience: &str) -> u64 {
    let list = vec![format!("\"{}\"", "x".repeat(64)); 10].join(",");
    let text = format!(
        r#"{{"grant":"authorization_code","client":"{client}","audience":{audience},
             "user":{{"s":"{}","l":[{list}],"n":[1,2,3,4,5]}}}}"#,
        "\u{1f600}".repeat(640)
    );
    evaluate_counted(policy.unit(), &Request::from_json(text.as_bytes()).expect("a request")).1
}

#[test]
fn some_requests_take_all_steps_of_the_bound() {
    for (text, steps) in [
        ("add ns/x = user.s", 0),
        // A text of 640 code points has up to 2,560 bytes; it is read, and one as long is given.
        ("add ns/x = user.s.trim()", 80),
        ("add ns/x = user.l.length()", 10),
        // Ten elements, an application and the reading of 64 code points for each.
        ("add ns/x = user.l.any(x => x.starts_with(\"y\"))", 10 + 10 * (1 + 4)),
        ("add ns/x = user.n.all(x => user.n.all(y => x in user.n))", 5 + 5 * (1 + 5 + 5 * (1 + 5))),
        ("let found = \"a\" in user.l\nadd ns/x = found\nif found then add ns/y = 1", 10),
        ("if \"a\" in user.l then add ns/x = 1 else if \"b\" in user.l then add ns/x = 2", 20),
        // The clients exclude each other, as do audiences that cannot stand together.
        (
            "if client = spa and \"a\" in user.l then add ns/x = 1\nif client = job and 1 in user.n then add ns/y = 1",
            10,
        ),
        (
            "if api in audience and \"a\" in user.l then add ns/x = 1\nif shop in audience and \"b\" in user.l then \
             add ns/y = 1\nif audience = old and 1 in user.n then add ns/z = 1",
            20,
        ),
    ] {
        let policy = policy(text);
        assert_eq!(worst(policy.unit()).steps, steps, "{text}");
        // Texts of elements are ASCII here, so that those that read them take fewer.
        let taken = taken(&policy, "spa-1", "[\"urn:api\",\"urn:shop\"]");
        let is_exact = !text.contains("starts_with");
        assert!(taken == steps || (!is_exact && taken < steps), "{text}: {taken} of {steps}");
    }
}

#[test]
fn what_takes_no_step_counts_too() {
    let operations = |text: &str| worst(policy(text).unit()).operations;
    let (short, long) = (operations("add ns/x = 1"), operations("add ns/x = 1\nadd ns/y = 1"));
    assert!(short < long && long < 100, "{short} {long}");
    let plain = operations("add ns/x = user.s.matches(/a*/)");
    let greedy = operations("add ns/x = user.s.matches(/(a|b){200}/)");
    let repeated = operations("add ns/x = user.s.regex_replace(/a*b|a/, \"\")");
    assert!(greedy > 100 * plain && repeated > 1000 * plain, "{plain} {greedy} {repeated}");
    let nested = "add ns/x = user.l.any(a => user.l.any(b => user.l.any(c => user.l.any(d => user.l.any(e => user.l.any(f \
                  => user.l.any(g => a = b)))))))";
    let worst = worst(policy(nested).unit());
    assert!(worst.steps > MAX_STEPS && worst.operations < 100 * MAX_STEPS, "{worst:?}");
}
