//! What requests are asked for.

use super::*;
use crate::lower::testing::unit;
use crate::report::inputs::text;

const CATALOG: &str = r#"
language: 1
audiences:
  shop: { id: "https://shop.acme.example" }
  store: { id: "https://store.acme.example" }
audience_sets: [[shop, store]]
clients:
  web: { id: web-1, grants: [authorization_code, refresh_token], audiences: [shop] }
  job: { id: job-1, grants: [client_credentials], metadata: { tier: gold } }
user:
  a: string
  b: string?
  c: { type: string, default: x }
  d: { e: string, f: string? }
external:
  risk: { type: "{ score: int }", optional: true }
config:
  unbound: string
  bound: { type: string, value: x }
"#;

const OPEN: &str = "language: 1\nuser: { a: string, b: string?, c: string?, d: string? }\n";

fn asked(catalog: &str, policy: &str) -> String {
    let policy = format!("namespace ns = \"https://acme.example/claims/\"\n{policy}");
    let unit = unit(catalog, &policy);
    let question = Question::default();
    let text = text(&inputs(&unit, &question), &unit.catalog);
    format!("{policy}\n\n{text}")
}

#[test]
fn by_client_grant_and_audience() {
    let policy = r"
if client = web and audience = shop then add ns/a = user.a
if grant = authorization_code then add ns/b = user.b to id_token
if audience = store then add ns/tier = client.metadata.tier
if client = job then add ns/never = user.d.e
";
    insta::assert_snapshot!(asked(CATALOG, policy));
}

#[test]
fn what_may_be_missing() {
    let policy = r#"
if client = web then {
  add ns/c = user.c
  add ns/e = user.d.e
  add ns/f = user.d.f
  add ns/risk = external.risk.score
  add ns/name = connection.name
  add ns/mode = config.bound + config.unbound
  if request.headers["x-a"] = "1" then add ns/h = true
  if session.auth_time < now - 1h then add ns/old = true
}
"#;
    insta::assert_snapshot!(asked(CATALOG, policy));
}

#[test]
fn tests_of_existence() {
    let policy = r#"
if grant = refresh_token and user exists then add ns/a = "x"
deny "later" unless grant not in login
if external.risk failed then limit lifetime to 1m
"#;
    let catalog = CATALOG.replace("language: 1", "language: 1\ndelegation: explicit");
    insta::assert_snapshot!(asked(&catalog, policy));
}

#[test]
fn who_is_named_and_who_is_not() {
    let policy = r#"
let friends = ["f-1", "f-2"]
if client = "x" then add ns/a = user.a
if client in friends then add ns/b = user.b
if audience = "api" then add ns/c = user.c
if "log" in audience then add ns/d = user.d
"#;
    insta::assert_snapshot!(asked(OPEN, policy));
}

#[test]
fn what_no_name_tells_may_be_asked_of_anybody() {
    let policy = r#"
if client.id.starts_with("partner-") then add ns/a = user.a
if client = "x" then add ns/b = user.b
if audience.length() = 1 then add ns/c = user.c
"#;
    insta::assert_snapshot!(asked(OPEN, policy));
}

#[test]
fn the_audience_that_is_set_counts_too() {
    let policy = r#"
if user.b = "x" then set audience to shop
if audience = shop then add ns/a = user.a
if audience = store then add ns/e = user.d.e
"#;
    insta::assert_snapshot!(asked(CATALOG, policy));
}

#[test]
fn the_audience_that_is_always_set_is_the_only_one() {
    let policy = r"
if requested.audience.is_empty() then set audience to store
if client != job then set audience to shop
if audience = shop then add ns/a = user.a
if audience = store then add ns/e = user.d.e
";
    insta::assert_snapshot!(asked(CATALOG, policy));
}
