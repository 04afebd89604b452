//! Programs are few, shared and bounded, whoever asks.

use std::fmt::Write as _;

use super::*;
use crate::eval::evaluate;
use crate::input::NoAttributes;
use crate::lower::testing::unit;
use crate::policy::Policy;
use crate::standard::{Grant, Token};

mod forms;

const CATALOG: &str = r#"
language: 1
issuer: https://id.acme.example/
owned_domains: [acme.example]
audiences:
  api: { id: "https://api.acme.example" }
  shop: { id: "https://shop.acme.example" }
audience_sets: [[api, shop]]
open_audiences: true
clients:
  web: { id: web-1 }
  job: { id: job-2 }
open_clients: true
"#;

const POLICY: &str = r#"
namespace ns = "https://acme.example/claims/"
add ns/client = client.id
if audience = api then add ns/api = true
if client = web then add ns/web = "yes" else add ns/other = audience
if not (client = job) and shop in audience then add ns/shop = scopes
"#;

fn policy() -> Policy {
    Policy::seal(unit(CATALOG, POLICY))
}

fn request(client: &str, audience: &str, scope: &str) -> Request {
    let text = format!(
        r#"{{ "grant": "client_credentials", "client": "{client}", "audience": [{audience}], "scopes": "{scope}" }}"#
    );
    Request::from_json(text.as_bytes()).unwrap()
}

#[test]
fn invented_names_make_no_programs() {
    let policy = policy();
    let mut scratch = Scratch::new();
    for n in 0..500 {
        let request = request(&format!("x{n}"), &format!(r#""https://x{n}.example""#), &format!("s{n}"));
        let decision = policy.evaluate_with(&request, &mut scratch);
        assert_eq!(decision.to_string(), evaluate(policy.unit(), &request).to_string());
        assert!(scratch.effort().is_some(), "a program decides about strangers too");
    }
    assert_eq!(policy.engine().shared.len(), 1);
}

#[test]
fn strangers_beside_known_audiences_are_decided_all_the_same() {
    let policy = policy();
    let mut scratch = Scratch::new();
    let many: Vec<String> = (0..9).map(|n| format!(r#""https://x{n}.example""#)).collect();
    for audience in [
        "",
        r#""https://api.acme.example""#,
        r#""https://shop.acme.example", "https://api.acme.example""#,
        r#""https://api.acme.example", "https://x.example""#,
        &many.join(","),
    ] {
        for client in ["web-1", "job-2", "stranger"] {
            let request = request(client, audience, "read");
            let decision = policy.evaluate_with(&request, &mut scratch);
            assert_eq!(decision.to_string(), evaluate(policy.unit(), &request).to_string());
        }
    }
}

/// Names that claims.yaml does not have are one kind of request: what it says of them is asked all the same.
#[test]
fn strangers_are_refused_where_claims_yaml_refuses_them() {
    let closed = |part: &str| CATALOG.replace(&format!("{part}: true\n"), "");
    let restricted = CATALOG.replace("{ id: web-1 }", "{ id: web-1, audiences: [api] }");
    let worlds = [closed("open_audiences"), closed("open_clients"), restricted];
    let mut refused = 0;
    for catalog in worlds {
        let policy = Policy::seal(unit(&catalog, POLICY));
        let mut scratch = Scratch::new();
        for client in ["web-1", "job-2", "stranger"] {
            for audience in ["api.acme", "shop.acme", "stranger"] {
                let request = request(client, &format!("\"https://{audience}.example\""), "read");
                let expected = evaluate(policy.unit(), &request);
                refused += usize::from(expected.word() == "error");
                for _ in 0..2 {
                    let decision = policy.evaluate_with(&request, &mut scratch);
                    assert_eq!(decision.to_string(), expected.to_string(), "{client}, {audience}: {catalog}");
                }
            }
        }
    }
    assert_eq!(refused, 3 + 3 + 2);
}

/// There are more kinds of requests than places to find programs by name.
#[test]
fn every_kind_of_requests_has_its_own_program() {
    let mut catalog = "language: 1\nowned_domains: [acme.example]\naudiences:\n".to_owned();
    let mut source = String::new();
    for n in 0..40 {
        let _ = writeln!(catalog, "  a{n}: {{ id: \"https://a{n}.acme.example\" }}");
        let _ = writeln!(source, "if audience = a{n} then add \"https://acme.example/audience\" = {n}");
        let _ = writeln!(source, "if client = c{n} then add \"https://acme.example/client\" = {n}");
    }
    catalog.push_str("clients:\n");
    (0..40).for_each(|n| catalog.push_str(&format!("  c{n}: {{ id: client-{n} }}\n")));
    let policy = Policy::seal(unit(&catalog, &source));
    let mut scratch = Scratch::new();
    for _ in 0..2 {
        for (client, audience) in (0..40).flat_map(|client| (0..40).map(move |audience| (client, audience))) {
            let ids = [format!("https://a{audience}.acme.example")];
            let client_id = format!("client-{client}");
            let asked = Asked::new(Grant::ClientCredentials, &client_id).audience(&ids[..]);
            let Answer::Issue(issue) = policy.decide(&asked, &NoAttributes, &mut scratch).unwrap() else {
                panic!("{asked:?} is refused");
            };
            let expected = format!(
                r#"{{"https://acme.example/audience":{audience},"https://acme.example/client":{client}}}"#
            );
            assert_eq!(issue.claims(Token::Access), Some(&*expected));
        }
    }
}

#[test]
fn threads_share_programs_and_decide_alike() {
    let policy = policy();
    let requests: Vec<Request> = (0..40)
        .map(|n| {
            let audience = ["", r#""https://api.acme.example""#, r#""https://shop.acme.example""#][n % 3];
            request(["web-1", "job-2", "stranger"][n / 3 % 3], audience, "read write")
        })
        .collect();
    let shown = |policy: &Policy| -> String {
        let mut scratch = Scratch::new();
        requests.iter().fold(String::new(), |mut all, request| {
            let _ = writeln!(all, "{}", policy.evaluate_with(request, &mut scratch));
            all
        })
    };
    let expected = shown(&policy);
    let fresh = &self::policy();
    let shown = &shown;
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(move || shown(fresh))).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), expected);
        }
    });
}

#[test]
fn a_scratch_serves_several_policies() {
    let (one, other) =
        (policy(), Policy::seal(unit(CATALOG, "add \"https://acme.example/claims/other\" = 1")));
    let mut scratch = Scratch::new();
    let request = request("web-1", "", "read");
    for _ in 0..3 {
        for policy in [&one, &other] {
            let decision = policy.evaluate_with(&request, &mut scratch);
            assert_eq!(decision.to_string(), evaluate(policy.unit(), &request).to_string());
        }
    }
}
