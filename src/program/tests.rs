//! Programs are few, shared and bounded, whoever asks.

use std::fmt::Write as _;

use super::*;
use crate::eval::evaluate;
use crate::lower::testing::unit;
use crate::policy::Policy;

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
