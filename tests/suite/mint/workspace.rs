//! Tokens in memory that is used again.

use std::collections::BTreeSet;

use claimsc::mint::{Answer, ClientSecret, Issuance, KeyRing, Minter, ResponseType, Workspace};

use super::{issuance, key, minter, policy, request};

/// All of it signs the same bytes to the same signature.
fn acme() -> Minter {
    let policy = policy(
        "
language: 1
issuer: https://id.acme.example/
owned_domains: [acme.example]
default_audience: api
audiences: { api: { id: 'https://api.acme.example' }, billing: { id: 'https://billing.acme.example' } }
audience_sets: [[api, billing]]
clients: { web: { id: web, confidential: true }, spa: { id: spa, confidential: false } }
user: { extends: oidc, plan: { enum: [free, pro], default: free } }
",
        r#"
namespace ns = "https://acme.example/"
add ns/plan = user.plan to both
deny "the account is locked" unless not user exists or user.plan != "free"
if client = spa then limit lifetime to 1m
"#,
    );
    let mut keys = KeyRing::new(key("ed25519.pem"));
    keys.share("web", ClientSecret::new(&[7; 32]).unwrap());
    minter(policy, keys)
}

#[test]
fn no_answer_shows_what_an_earlier_one_has_left() {
    let acme = acme();
    let user = r#""user": { "sub": "u1", "plan": "pro", "name": "Ann \"A\" Example", "email": "ann@acme.example" },
        "session": { "auth_time": 1780999000, "amr": ["pwd"] }"#;
    let api = r#""audience": "https://api.acme.example""#;
    let long = "long ".repeat(400);
    let requests = [
        format!(
            r#"{{ "grant": "password", "client": "web", {api}, "scopes": "openid profile email", {user} }}"#
        ),
        format!(r#"{{ "grant": "password", "client": "spa", {api}, "scopes": "openid read", {user} }}"#),
        format!(r#"{{ "grant": "password", "client": "web", {api}, {user} }}"#),
        r#"{ "grant": "client_credentials", "client": "job", "scopes": "read write" }"#.to_owned(),
        r#"{ "grant": "client_credentials", "client": "job",
             "audience": ["https://api.acme.example", "https://billing.acme.example"] }"#
            .to_owned(),
        format!(r#"{{ "grant": "implicit", "client": "web", {api}, "scopes": "openid", {user} }}"#),
        format!(
            r#"{{ "grant": "password", "client": "web", {api}, "scopes": "openid", "user": {{ "sub": "u2" }} }}"#
        ),
        format!(
            r#"{{ "grant": "password", "client": "web", {api}, "scopes": "openid profile", "user": {{ "sub": "u3",
             "plan": "pro", "name": "{long}" }} }}"#
        ),
        format!(r#"{{ "grant": "password", "client": "web", {api}, "user": {{ "plan": "pro" }} }}"#),
    ];
    let mut workspace = Workspace::new();
    let mut outcomes = BTreeSet::new();
    for round in 0..3_u8 {
        for json in &requests {
            let request = request(json);
            let usual = Issuance { random: [round; 16], nonce: Some("n-0S6"), ..issuance() };
            let of_type = |kind| Issuance { answer: Answer::AuthorizationEndpoint(kind), ..usual };
            for issuance in [usual, of_type(ResponseType::IdToken), of_type(ResponseType::IdTokenToken)] {
                let again = acme.mint_into(&request, &issuance, &mut workspace);
                let shown = again.as_ref().ok().map(|tokens| format!("{tokens:?}"));
                let again = again.map(|tokens| tokens.to_tokens());
                assert_eq!(again, acme.mint(&request, &issuance), "{json}");
                outcomes.insert(again.is_ok());
                let same = again.ok().map(|tokens| format!("{tokens:?}").replace("Tokens", "Minted"));
                assert_eq!(shown, same);
            }
        }
    }
    assert_eq!(outcomes.len(), 2, "some are refused, in between");
    assert_eq!(format!("{workspace:?}"), "Workspace");
}
