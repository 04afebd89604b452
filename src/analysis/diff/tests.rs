//! Versions that are the same and versions that are not.

use std::fmt::Write as _;

use crate::analysis::matrix::Party;
use crate::lower::testing::unit;
use crate::value::Value;

use super::{About, Diff, diff};

const CATALOG: &str = r#"
language: 1
issuer: https://id.acme.example/
owned_domains: [acme.example]
audiences:
  api: { id: "https://api.acme.example" }
  shop: { id: "https://shop.acme.example" }
clients:
  web: { id: web, grants: [authorization_code, refresh_token] }
  job: { id: job, grants: [client_credentials], metadata: { tier: gold } }
client_metadata: { tier: string? }
user:
  email: { type: email, label: pii }
  email_verified: bool
  name: { type: string, label: pii, max_length: 40 }
  plan: { enum: [free, pro, suspended] }
  age: { type: int, min: 0 }
  groups: { type: "string[]", max_items: 50 }
  city: string?
external:
  risk: { type: "{ score: int }", optional: true }
"#;

const HEAD: &str = "namespace ns = \"https://acme.example/claims/\"\n";

fn compared(old: &str, new: &str) -> Diff {
    compared_with(CATALOG, old, CATALOG, new)
}

fn compared_with(old_catalog: &str, old: &str, new_catalog: &str, new: &str) -> Diff {
    let whole = |text: &str| if text.contains("ns/") { format!("{HEAD}{text}") } else { text.to_owned() };
    diff(&unit(old_catalog, &whole(old)), &unit(new_catalog, &whole(new)))
}

/// One line for each difference: kind, what, for whom, old and new answer.
fn told(diff: &Diff) -> String {
    let mut out = String::new();
    for one in &diff.differences {
        let about = match &one.about {
            About::Claim(name, token) => format!("{} in {token}", diff.short_name(name)),
            other => format!("{other:?}"),
        };
        let answer =
            |value: &Option<Value>| value.as_ref().map_or_else(|| "nothing".to_owned(), Value::to_json);
        let alias = |party: &Party| party.alias().map_or_else(|| "other".to_owned(), ToString::to_string);
        let whom = one.whom.as_ref().map_or_else(String::new, |whom| {
            let clients: Vec<String> = whom.clients.listed.iter().map(alias).collect();
            let audiences: Vec<String> = whom.audiences.listed.iter().flatten().map(alias).collect();
            format!(" for {clients:?} {audiences:?}")
        });
        let _ = writeln!(out, "{} {about}{whom}: {} -> {}", one.kind, answer(&one.old), answer(&one.new));
    }
    for one in &diff.undecided {
        let _ = writeln!(out, "undecided {:?} {:?}", one.about, one.doubts);
    }
    for fact in &diff.facts {
        let _ = writeln!(out, "fact {} {:?} -> {:?} {}", fact.what, fact.old, fact.new, fact.decides);
    }
    out
}

#[test]
fn the_same_in_other_words_is_proven_equal() {
    let pairs = [
        ("add ns/a = user.plan\nadd ns/b = 1", "add ns/b = 1\nadd ns/a = user.plan"),
        (
            "if user.email_verified and user.plan = \"pro\" then add ns/a = user.name",
            "let fine = user.email_verified\nrule r: if not (not fine or user.plan != \"pro\") then add ns/a = user.name",
        ),
        (
            "if user.plan = \"pro\" then { add ns/a = 1 } else { add ns/a = 2 }",
            "add ns/a = if user.plan = \"pro\" then 1 else 2",
        ),
        (
            "add ns/a = match user.plan { \"free\" => 0, \"pro\" => 1, \"suspended\" => 2 }",
            "table t { \"free\" => 0, \"pro\" => 1, \"suspended\" => 2 }\nadd ns/a = t[user.plan]",
        ),
        (
            "if user.age >= 18 then add ns/a = true\nif not user.age >= 18 then add ns/a = true",
            "if user.age < 0 or user.email_verified or not user.email_verified then add ns/a = true",
        ),
        ("append ns/a = [\"x\", \"y\"]", "append ns/a = [\"y\"]\nappend ns/a = [\"x\"]"),
        (
            "default ns/a = \"x\"\nif client = job then add ns/a = \"y\"",
            "if client = job then { add ns/a = \"y\" } else { add ns/a = \"x\" }",
        ),
        (
            "deny \"no\" unless not user exists or user.plan != \"suspended\"",
            "if user exists and user.plan = \"suspended\" then deny \"no\"",
        ),
        ("limit lifetime to 10m\nlimit lifetime to 5m", "limit lifetime to 300s"),
        (
            "if audience = api then { add ns/a = 1 to both }",
            "if audience = api then { add ns/a = 1\n add ns/a = 1 to id_token }",
        ),
        ("add ns/o.x = 1\nadd ns/o.y = user.plan", "add ns/o.y = user.plan\nadd ns/o.x = 1"),
        ("if user.plan = \"pro\" then add scope \"a\"", "if user.plan in [\"pro\"] then add scope [\"a\"]"),
        ("remove ns/a\nadd ns/a = 1", "remove ns/a"),
        (
            "add scope \"a\"\nif \"a\" in scopes and grant = client_credentials then add ns/a = 1",
            "if grant = client_credentials then add ns/a = 1\nadd scope \"a\"",
        ),
        ("add ns/a = user.name.lower()", "let n = user.name\nadd ns/a = n.lower()"),
        (
            "if client.metadata.tier = \"gold\" then add ns/a = 1 to both",
            "if client.metadata.tier in [\"gold\"] then add ns/a = 1 to both",
        ),
    ];
    let mut wrong = String::new();
    for (old, new) in pairs.into_iter().flat_map(|(a, b)| [(a, b), (b, a)]) {
        let found = compared(old, new);
        if !found.is_equal() {
            let _ = writeln!(wrong, "{old}\n-- and --\n{new}\n{}", told(&found));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn what_differs_is_shown() {
    let pairs = [
        ("a new claim", "", "if client = job then add ns/a = 1"),
        ("a lost claim", "if audience = api then add ns/a = 1", ""),
        ("another value", "add ns/a = user.plan", "add ns/a = user.name"),
        ("another type", "add ns/a = user.age", "add ns/a = \"{user.age}\""),
        (
            "for more",
            "if user.plan = \"pro\" then add ns/a = 1",
            "if user.plan != \"free\" then add ns/a = 1",
        ),
        ("for fewer", "if user.age > 17 then add ns/a = 1", "if user.age > 20 then add ns/a = 1"),
        (
            "for another audience",
            "if audience = api then add ns/a = 1",
            "if audience in [api, shop] then add ns/a = 1",
        ),
        ("a new scope", "", "if client = web then add scope \"a\""),
        ("a lost scope", "", "limit scopes to [\"openid\"]"),
        (
            "another refusal",
            "if user exists and user.plan = \"suspended\" then deny \"no\"",
            "if user exists and user.plan = \"suspended\" then deny \"never\"",
        ),
        ("a new refusal", "", "if user exists and user.plan = \"suspended\" then deny \"no\""),
        (
            "a shorter lifetime",
            "limit lifetime to 10m",
            "if client = web then limit lifetime to 5m\nlimit lifetime to 10m",
        ),
        ("another member", "add ns/o.x = 1\nadd ns/o.y = 2", "add ns/o.x = 1\nadd ns/o.y = 3"),
        (
            "another element",
            "append ns/a = [\"x\"]\nappend ns/a = user.groups",
            "append ns/a = [\"z\"]\nappend ns/a = user.groups",
        ),
        ("removed", "", "remove \"website\" to id_token"),
        (
            "a scope that a condition reads",
            "if \"a\" in scopes then add ns/a = 1\nif client = web then add scope \"a\"",
            "if \"a\" in scopes then add ns/a = 1\nif grant = authorization_code then add scope \"a\"",
        ),
        (
            "a refresh keeps to its first scopes",
            "add scope \"a\"\nif \"a\" in scopes then add ns/a = 1",
            "add ns/a = 1\nadd scope \"a\"",
        ),
        ("a new token", "add ns/a = 1", "add ns/a = 1 to both"),
    ];
    let mut out = String::new();
    for (what, old, new) in pairs {
        let found = compared(old, new);
        assert!(!found.is_equal(), "{what}");
        let _ = writeln!(out, "{what}\n{}", told(&found));
    }
    insta::assert_snapshot!(out);
}

#[test]
fn what_changed_in_claims_yaml_is_told() {
    let old = "if client = web then add ns/a = user.plan";
    let changes = [
        ("a client more", "  job: {", "  app: { id: app, grants: [implicit] }\n  job: {"),
        ("a grant more", "grants: [client_credentials]", "grants: [client_credentials, token_exchange]"),
        ("what nobody reads", "city: string?", "city: string"),
        ("what is read", "[free, pro, suspended]", "[free, gold, pro, suspended]"),
        ("a label", "enum: [free, pro, suspended]", "enum: [free, pro, suspended], label: pii"),
    ];
    let mut out = String::new();
    for (what, from, to) in &changes {
        let catalog = CATALOG.replace(from, to);
        assert_ne!(catalog, CATALOG, "{what}");
        let _ = writeln!(out, "{what}\n{}", told(&compared_with(CATALOG, old, &catalog, old)));
    }
    let open = CATALOG.replace("\nuser:", "\nopen_clients: true\nuser:");
    let new = "if client = web or client = job then add ns/a = 1";
    let _ =
        writeln!(out, "other clients and another rule\n{}", told(&compared_with(CATALOG, old, &open, new)));
    insta::assert_snapshot!(out);
}

#[test]
fn what_the_audience_decides_is_compared_where_it_stays() {
    let old = "set audience to api\nif audience = api then add ns/a = 1";
    let new = "set audience to shop\nif audience = api then add ns/a = 1";
    insta::assert_snapshot!(told(&compared(old, new)));
}

#[test]
fn what_is_not_understood_is_shown_or_undecided() {
    let pairs = [
        ("add ns/a = user.name.base64()", "add ns/a = user.name.lower().base64()"),
        ("add ns/a = user.groups.sort()", "add ns/a = user.groups.distinct().sort()"),
        ("append ns/a = user.groups", "append ns/a = user.groups\nappend ns/a = user.groups.distinct()"),
    ];
    let mut out = String::new();
    for (old, new) in pairs {
        let _ = writeln!(out, "{old}\n{new}\n{}", told(&compared(old, new)));
    }
    insta::assert_snapshot!(out);
}

#[test]
fn bounds_and_presence_leave_the_rest_comparable() {
    let policy = "if user.email.ends_with(\"@acme.example\") then add ns/mail = user.email";
    let found = compared_with(
        CATALOG,
        policy,
        &CATALOG.replace(
            "email: { type: email, label: pii }",
            "email: { type: email?, label: pii, max_length: 90 }",
        ),
        "if user.email exists and user.email.ends_with(\"@acme.example\") then add ns/mail = user.email",
    );
    assert!(found.differences.is_empty(), "{}", told(&found));
    assert!(found.undecided.is_empty(), "{:?}", found.undecided);
    assert!(found.facts.iter().any(|fact| fact.decides), "{:?}", found.facts);
}

#[test]
fn what_a_method_makes_of_a_text_is_tried() {
    let found = compared("add ns/mail = user.email", "add ns/mail = user.email.lower()");
    insta::assert_snapshot!(told(&found));
}
