//! Which policies are the same, and which are not.

use std::collections::BTreeMap;

use crate::lower::testing::unit;

const CATALOG: &str = r#"
language: 1
issuer: https://id.acme.example/
owned_domains: [acme.example]
lifetimes: { access_token: 10m }
config:
  region: { type: string, value: eu }
  claim: { type: string, value: "https://acme.example/claims/special" }
  unread: { type: string, value: a }
audiences:
  shop: { id: "https://shop.acme.example", accepts: [pii], scopes: [read, write], lifetimes: { access_token: 5m } }
  store: { id: "https://store.acme.example", max_token_bytes: 4000 }
audience_sets: [[shop, store]]
issuer_endpoints: ["https://id.acme.example/userinfo"]
clients:
  web: { id: web-1, name: Web, confidential: true, grants: [authorization_code], audiences: [shop] }
  app: { id: app-1, metadata: { tier: gold } }
open_clients: true
user:
  email: email
  name: string
  plan: { enum: [free, pro] }
  age: { type: int, min: 0 }
  groups: { type: "string[]", max_items: 50 }
  address: { city: string?, zip: { type: string, default: "0" } }
  unread: string?
external:
  risk: { type: "{ score: int }", optional: true }
actor: { sub: string }
"#;

const POLICY: &str = r#"
namespace ns = "https://acme.example/claims/"
let grown = user.age > 17 and "x" in user.groups
table fee { "free" => 1, "pro" => 2 }

if audience = shop and grown then {
  add ns/plan = user.plan
} else if user.plan = "pro" then {
  add ns/pro = true to id_token
} else {
  add ns/fee = fee[user.plan]
}
default ns/city = user.address.city ?? "none"
append ns/set = user.groups
append ns/set = [config.region]
add ns/contact.name = user.name
remove "website" unless client = web
override ns/lang = "de" to both
remove "nickname" to id_token
deny "too young" unless not user exists or user.age > 12
if external.risk.score ?? 9 > 3 then limit lifetime to 1m
if client = app then add scope "read"
if client != app then set audience to shop
"#;

fn fingerprint(catalog: &str, policy: &str) -> String {
    super::fingerprint(&unit(catalog, policy))
}

/// The texts with one part replaced, which must be there.
fn replaced(text: &str, (old, new): (&str, &str)) -> String {
    assert!(text.contains(old), "{old}");
    text.replace(old, new)
}

#[test]
fn what_only_says_something_about_a_policy_is_left_out() {
    let whole = fingerprint(CATALOG, POLICY);
    let changes: [&[(&str, &str)]; 12] = [
        &[("grown", "is_adult")],
        &[("namespace ns = ", "/// Ours.\nnamespace ours = "), ("ns/", "ours/")],
        &[("fee {", "prices {"), ("fee[", "prices[")],
        &[("\"free\" => 1, \"pro\" => 2", "\"pro\" => 2, \"free\" => 1")],
        &[("if audience = shop and grown", "rule shoppers: if grown and shop = audience")],
        &[("user.age > 17 and \"x\" in user.groups", "(\"x\" in user.groups and 17 < user.age)")],
        &[("deny \"too young\" unless", "// A comment.\n\n\n  deny   \"too young\"\n unless")],
        &[("user.age > 12", "user.age > 12\nensure never ns/pro for store")],
        &[("user.age > 12", "user.age > 12\ncontract store { ns/city: string? }")],
        &[("add ns/pro = true to id_token", "to id_token { add ns/pro = true }")],
        &[("table fee", "claim ns/lang @overridable\ntable fee")],
        &[("add ns/plan", "@allow(constant-condition, \"why\")\n  add ns/plan")],
    ];
    for change in changes {
        let policy = change.iter().fold(POLICY.to_owned(), |text, one| replaced(&text, *one));
        assert_eq!(fingerprint(CATALOG, &policy), whole, "{change:?}");
    }
}

#[test]
fn aliases_and_what_nobody_reads_are_left_out() {
    let whole = fingerprint(CATALOG, POLICY);
    for change in [
        ("  unread: string?\n", ""),
        ("value: a }", "value: b }"),
        ("email: email\n", "email: email?\n"),
        ("accepts: [pii], ", ""),
        ("audience_sets: [[shop, store]]", "audience_sets: [[store, shop]]"),
        ("name: string\n", "name: { type: string, label: pii }\n"),
        ("language: 1\n", "# A comment.\nlanguage: 1\n"),
        ("owned_domains: [acme.example]", "owned_domains: [acme.example, other.example]"),
    ] {
        assert_eq!(fingerprint(&replaced(CATALOG, change), POLICY), whole, "{change:?}");
    }
    let (catalog, policy) = [
        ("shop", "market"),
        ("web:", "site:"),
        ("client = web", "client = site"),
        ("app:", "mobile:"),
        ("client = app", "client = mobile"),
        ("client != app", "client != mobile"),
    ]
    .into_iter()
    .fold((CATALOG.to_owned(), POLICY.to_owned()), |(catalog, policy), (old, new)| {
        (catalog.replace(old, new), policy.replace(old, new))
    });
    let catalog = catalog.replace("https://market.", "https://shop.");
    assert_eq!(fingerprint(&catalog, &policy), whole);
}

#[test]
fn whatever_changes_a_result_changes_the_fingerprint() {
    let mut seen = BTreeMap::from([(fingerprint(CATALOG, POLICY), ("", ""))]);
    let changes = [
        ("audience = shop and", "audience = store and"),
        ("> 17", "> 18"),
        ("> 17", ">= 17"),
        ("> 17 and", "> 17 or"),
        ("\"x\" in", "\"y\" in"),
        ("\"pro\" => 2", "\"pro\" => 3"),
        ("ns/pro", "ns/paid"),
        ("\"https://acme.example/claims/\"", "\"https://acme.example/c/\""),
        ("ns/pro = true", "ns/pro = false"),
        ("true to id_token", "true to userinfo"),
        ("override ns/lang", "add ns/lang"),
        ("default ns/city", "add ns/city"),
        ("\"none\"", "\"nowhere\""),
        ("ns/contact.name", "ns/contact.nick"),
        ("ns/contact.name", "ns/contact"),
        ("\"website\" unless client = web", "\"website\""),
        ("unless client = web", "unless client = app"),
        ("to both", "to id_token"),
        ("remove \"nickname\" to id_token", "remove \"nickname\""),
        ("remove \"nickname\"", "remove \"birthdate\""),
        ("\"too young\"", "\"grow up\""),
        ("deny \"too young\"", "deny invalid_request \"too young\""),
        (
            "user.age > 12",
            "user.age > 12\ndeny \"too young\" unless not user exists or user.age > 12 or client = app",
        ),
        ("lifetime to 1m", "lifetime to 2m"),
        ("add scope \"read\"", "add scope \"write\""),
        ("add scope \"read\"", "remove scope \"read\""),
        ("add scope \"read\"", "limit scopes to [\"read\"]"),
        ("set audience to shop", "set audience to store"),
        ("append ns/set = user.groups", "append ns/set = user.groups.map(g => g.lower())"),
        ("append ns/set = [config.region]\n", ""),
        ("} else if user.plan = \"pro\" then {", "}\nif user.plan = \"pro\" then {"),
        ("score ?? 9 > 3", "score ?? 9 > 3 and not external.risk failed"),
        ("add ns/plan = user.plan", "add ns/plan = user.address.city"),
        ("add ns/plan = user.plan", "add ns/plan = user.address.city ?? deny \"x\""),
        ("add ns/plan = user.plan", "add ns/* = { plan: user.plan }"),
    ];
    for change in changes {
        if let Some(other) = seen.insert(fingerprint(CATALOG, &replaced(POLICY, change)), change) {
            panic!("{change:?} is the same as {other:?}");
        }
    }
}

#[test]
fn whatever_changes_a_fact_changes_the_fingerprint() {
    let mut seen = BTreeMap::from([(fingerprint(CATALOG, POLICY), ("", ""))]);
    let facts = [
        ("issuer: https://id.acme.example/", "issuer: https://login.acme.example/"),
        ("issuer:", "profile: auth0\nissuer:"),
        ("access_token: 10m", "access_token: 11m"),
        ("value: eu", "value: us"),
        ("\"https://shop.acme.example\"", "\"https://shop2.acme.example\""),
        ("scopes: [read, write]", "scopes: [read]"),
        (", scopes: [read, write]", ""),
        ("{ access_token: 5m }", "{ access_token: 6m }"),
        ("4000", "4001"),
        ("audience_sets: [[shop, store]]\n", ""),
        ("https://id.acme.example/userinfo", "https://id.acme.example/me"),
        ("id: web-1", "id: web-2"),
        ("name: Web", "name: Site"),
        ("confidential: true", "confidential: false"),
        ("grants: [authorization_code]", "grants: [authorization_code, refresh_token]"),
        ("grants: [authorization_code], ", ""),
        ("audiences: [shop]", "audiences: [shop, store]"),
        (", audiences: [shop]", ""),
        ("tier: gold", "tier: silver"),
        ("open_clients: true", "open_clients: false"),
        ("enum: [free, pro]", "enum: [free, pro, gold]"),
        ("min: 0", "min: 1"),
        ("max_items: 50", "max_items: 51"),
        ("age: { type: int, min: 0 }", "age: { type: int, min: 0, default: 1 }"),
        ("{ city: string?,", "{ city: { type: string, max_length: 9, optional: true },"),
        ("zip: { type: string, default: \"0\" }", "zip: string"),
        ("audience_sets", "open_audiences: true\naudience_sets"),
    ];
    for change in facts {
        if let Some(other) = seen.insert(fingerprint(&replaced(CATALOG, change), POLICY), change) {
            panic!("{change:?} is the same as {other:?}");
        }
    }
}

#[test]
fn explicit_delegation_counts_and_then_who_mentions_the_actor() {
    let plain = fingerprint(CATALOG, POLICY);
    let catalog = replaced(CATALOG, ("language: 1\n", "language: 1\ndelegation: explicit\n"));
    assert_ne!(fingerprint(&catalog, POLICY), plain);
}

#[test]
fn names_from_config_stand_on_what_decides_about_them() {
    let policy = replaced(POLICY, ("ns/pro = true", "special = true"));
    let policy = replaced(&policy, ("table fee", "claim special = config.claim\ntable fee"));
    let whole = fingerprint(CATALOG, &policy);
    for change in [
        ("claims/special", "claims/extra"),
        ("owned_domains: [acme.example]", "owned_domains: [acme.example, other.example]"),
        ("issuer:", "private_claims: { dept: \"a reason\" }\nissuer:"),
    ] {
        assert_ne!(fingerprint(&replaced(CATALOG, change), &policy), whole, "{change:?}");
    }
    let agreed = replaced(&policy, ("table fee", "contract store { department: string? }\ntable fee"));
    assert_ne!(fingerprint(CATALOG, &agreed), whole);
}

#[test]
fn what_is_evaluated_once_for_many_is_told_from_what_is_evaluated_for_each() {
    let head = "namespace ns = \"https://acme.example/claims/\"\n";
    let list = "user.groups.map(g => g.lower())";
    let shared = format!("{head}let all = {list}\nadd ns/a = all\nadd ns/b = all");
    let renamed = format!("{head}add ns/b = groups\nlet groups = {list}\nadd ns/a = groups");
    let each = format!("{head}add ns/a = {list}\nadd ns/b = {list}");
    let two = format!("{head}let all = {list}\nlet other = {list}\nadd ns/a = all\nadd ns/b = other");
    assert_eq!(fingerprint(CATALOG, &shared), fingerprint(CATALOG, &renamed));
    assert_ne!(fingerprint(CATALOG, &shared), fingerprint(CATALOG, &each));
    assert_ne!(fingerprint(CATALOG, &shared), fingerprint(CATALOG, &two));
    assert_ne!(fingerprint(CATALOG, &each), fingerprint(CATALOG, &two));
}

/// A change here means that everybody's fingerprints change: then the version has to change as well.
#[test]
fn version_1_stays_as_it_is() {
    insta::assert_snapshot!(fingerprint(CATALOG, POLICY), @"v1:f9325d034d8857c8ec837917b6a82481cc32b4dc4c2e41e0d876b5cdb70d4281");
}
