//! Conditions in, conditions out: what is known of a row is gone, the rest reads like a policy.

use crate::Compiler;
use crate::analysis::matrix::{Filter, Matrix, Subject};

const CATALOG: &str = r#"
language: 1
owned_domains: [acme.example]
audiences:
  api: { id: "https://api.example", scopes: [read, write] }
  shop: { id: "https://shop.example" }
audience_sets: [[api, shop]]
clients:
  web: { id: w1, grants: [authorization_code, refresh_token], metadata: { tier: gold } }
  job: { id: j1, grants: [client_credentials], metadata: {} }
open_clients: true
client_metadata: { tier: string? }
connections: { google: { id: google-oauth2 } }
user:
  extends: oidc
  email: email?
  email_verified: bool?
  plan: { enum: [free, pro, gold] }
  level: int?
  groups: string[]
  nick: string?
session: { auth_time: "timestamp?" }
"#;

/// When a claim with this guard is written: by this client, in access tokens for `api` alone.
fn residual(client: &str, guard: &str) -> String {
    let mut compiler = Compiler::new();
    compiler.catalog("claims.yaml", CATALOG);
    compiler.source(
        "p.claims",
        &format!("claim probe = \"https://acme.example/probe\"\nif {guard} then add probe = 1"),
    );
    let compilation = compiler.compile();
    let messages: Vec<_> = compilation.diagnostics.iter().map(|one| &one.message).collect();
    let policy = compilation.policy.unwrap_or_else(|| panic!("{guard}: {messages:#?}"));
    let filter = Filter {
        clients: vec![client.to_owned()],
        audiences: vec!["api".to_owned()],
        subjects: Subject::parse("access_token").into_iter().collect(),
        ..Filter::default()
    };
    let matrix = filter.apply(Matrix::of(policy.unit()));
    let is_alone = |set: &Vec<_>| set.len() == 1;
    let mut found: Vec<String> = matrix
        .rows
        .iter()
        .filter(|row| row.audiences.iter().any(is_alone))
        .map(|row| match row.cells.as_slice() {
            [] => "-".to_owned(),
            cells => {
                cells.iter().flat_map(|cell| &cell.writes).map(|one| one.condition.to_string()).collect()
            }
        })
        .collect();
    found.dedup();
    found.join(" / ")
}

#[test]
fn what_the_row_knows_is_gone() {
    for (client, guard, wanted) in [
        ("web", "audience = api and client = web", "true"),
        ("web", "audience = shop", "-"),
        ("web", "api in audience and shop not in audience", "true"),
        ("web", "client in [web, job] and user.plan = \"pro\"", "user.plan = \"pro\""),
        ("job", "client != web", "true"),
        ("other", "client != web", "true"),
        ("web", "client.metadata.tier = \"gold\"", "true"),
        ("job", "client.metadata.tier = \"gold\"", "-"),
        ("other", "client.metadata.tier = \"gold\"", "client.metadata.tier = \"gold\""),
        ("job", "user.plan = \"pro\"", "-"),
        ("job", "user exists or grant = client_credentials", "true"),
        ("web", "grant = refresh_token and user exists", "- / user exists"),
        ("web", "grant = authorization_code or user.plan = \"pro\"", "true / user.plan = \"pro\""),
        ("web", "\"admin\" in scopes", "-"),
        ("web", "\"read\" in scopes", "\"read\" in scopes"),
    ] {
        assert_eq!(residual(client, guard), wanted, "{client}: {guard}");
    }
}

#[test]
fn what_is_left_reads_like_a_policy() {
    for (guard, wanted) in [
        ("user.email_verified", "user.email_verified"),
        ("not user.email_verified", "not user.email_verified"),
        ("user.nick exists and user.nick != \"x\"", "user.nick != \"x\""),
        ("user.nick.length() < 3", "user.nick.length() <= 2"),
        ("user.plan in [\"gold\", \"pro\"]", "user.plan in [\"gold\", \"pro\"]"),
        ("user.nick in [\"b\", \"a\"] or user.nick = \"c\"", "user.nick in [\"a\", \"b\", \"c\"]"),
        ("user.nick not in [\"b\", \"a\"]", "user.nick not in [\"a\", \"b\"]"),
        ("user.email.domain = \"acme.example\"", "user.email.domain = \"acme.example\""),
        (
            "user.nick.lower().starts_with(\"a\") or user.nick.matches(/x+/)",
            "user.nick.lower().starts_with(\"a\") or user.nick.matches(/x+/)",
        ),
        ("user.level > 3 and user.level <= 3", "-"),
        ("user.level = 3", "user.level = 3"),
        ("user.level != 3", "user.level != 3"),
        ("user.level >= 3 and not (user.level < 2)", "user.level > 2"),
        ("now - session.auth_time < 12h", "session.auth_time > now - 12h"),
        (
            "\"a\" in user.groups and user.groups.any(g => g.starts_with(\"b\") and g != \"b\")",
            "\"a\" in user.groups and user.groups.any(x => x != \"b\" and x.starts_with(\"b\"))",
        ),
        ("not user.groups.is_empty()", "not user.groups.is_empty()"),
        ("connection = google", "connection = google"),
        (
            "(user.level > 1 and user.nick = \"a\") or (user.level > 1 and user.nick = \"b\")",
            "user.level > 1 and user.nick = \"a\" or user.level > 1 and user.nick = \"b\"",
        ),
        (
            "user.nick.upper() = user.given_name",
            "user.given_name exists and user.nick exists and user.nick.upper() = user.given_name",
        ),
        ("user.plan = \"pro\" and not (user.plan = \"free\")", "user.plan = \"pro\""),
    ] {
        let found = residual("web", &format!("grant = authorization_code and ({guard})"));
        let found = found.strip_suffix(" / -").unwrap_or(&found).to_owned();
        assert_eq!(found, wanted, "{guard}");
    }
}

#[test]
fn else_is_unless() {
    let chain = "grant = refresh_token or user.email_verified and user.level > 3 then add probe = 2 else if user.plan = \"pro\"";
    assert_eq!(
        residual("web", chain),
        "user.email_verified and user.level > 3user.plan = \"pro\" unless user.email_verified and user.level > 3 / true"
    );
}
