//! Tokens in memory that is used again.

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
    let minter = acme();
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
    let mut answers = std::collections::BTreeSet::new();
    for round in 0..3_u8 {
        for json in &requests {
            let request = request(json);
            let usual = Issuance { random: [round; 16], nonce: Some("n-0S6"), ..issuance() };
            let answers_of = match request.grant().as_str() {
                "implicit" => vec![ResponseType::IdToken, ResponseType::IdTokenToken],
                _ => vec![],
            };
            let issuances = answers_of
                .into_iter()
                .map(|kind| Issuance { answer: Answer::AuthorizationEndpoint(kind), ..usual })
                .chain([usual]);
            for issuance in issuances {
                let minted = minter.mint_into(&request, &issuance, &mut workspace);
                let minted = minted.map(|minted| (minted.to_tokens(), format!("{minted:?}")));
                let tokens = minter.mint(&request, &issuance);
                let tokens =
                    tokens.map(|tokens| (format!("{tokens:?}").replace("Tokens(", "Minted("), tokens));
                assert_eq!(minted, tokens.map(|(shown, tokens)| (tokens, shown)), "{json}");
                answers.insert(minted.is_ok());
            }
        }
    }
    assert_eq!(answers.len(), 2, "some are refused, in between");
    assert_eq!(format!("{workspace:?}"), "Workspace");
}
