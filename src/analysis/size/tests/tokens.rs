//! Tokens against the limits of their audiences and hosts.

use crate::Compiler;
use crate::diag::Diagnostic;
use crate::request::Request;
use crate::standard::Token;

const CATALOG: &str = r#"
language: 1
issuer: https://id.acme.example
owned_domains: [acme.example]
clients:
  spa: { id: spa, grants: [authorization_code] }
  job: { id: job, grants: [client_credentials] }
audiences:
  api: { id: "https://api.acme.example", max_token_bytes: 3000, scopes: [read] }
  other: { id: "urn:other" }
user:
  sub: { type: string, max_length: 20 }
  admin: bool
  short: { type: string, max_length: 100 }
  long: { type: string, max_length: 200 }
  code: { enum: [a, b] }
  groups: { type: "string[]", max_items: 10, items: { max_length: 20 } }
  free: string
  names: string[]
"#;

fn check(catalog: &str, policy: &str) -> Vec<Diagnostic> {
    let mut compiler = Compiler::new();
    let policy = format!("namespace ns = \"https://acme.example/\"\n{policy}\n");
    compiler.catalog("claims.yaml", catalog).source("policy.claims", &policy);
    let found = compiler.compile().diagnostics.into_iter();
    found
        .filter(|diagnostic| {
            diagnostic.code.slug.ends_with("size") || diagnostic.code.slug == "token-too-large"
        })
        .collect()
}

fn slugs(policy: &str) -> Vec<&'static str> {
    check(CATALOG, policy).iter().map(|diagnostic| diagnostic.code.slug).collect()
}

fn help(policy: &str) -> String {
    check(CATALOG, policy).into_iter().filter_map(|diagnostic| diagnostic.help).collect()
}

#[test]
fn what_keeps_the_limit_is_silent() {
    for policy in [
        "add ns/a = user.short",
        // The limit is not that of other audiences.
        "if audience = other then add ns/a = user.names",
        // Nor is it about ID tokens.
        "add ns/a = user.names to id_token",
        // Machines have no such attributes.
        "if grant = client_credentials and audience = api then add ns/a = user.names",
    ] {
        assert_eq!(slugs(policy), [""; 0], "{policy}");
    }
}

#[test]
fn what_the_issuer_puts_in_may_be_too_much() {
    let found = check(&CATALOG.replace("3000", "300"), "");
    let [finding] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(finding.code.slug, "token-too-large");
    assert!(finding.witness.is_some());
    let help = finding.help.as_deref().unwrap();
    assert!(
        help.starts_with("raise `max_token_bytes`: what the issuer itself puts into the token needs more")
    );
}

#[test]
fn what_excludes_each_other_does_not_add_up() {
    let both = "add ns/a = user.long\nadd ns/b = { c: user.long }.c";
    assert_eq!(slugs(both), ["token-too-large"]);
    for policy in [
        "if user.admin then add ns/a = user.long\nelse add ns/b = user.long",
        "if user.code = \"a\" then add ns/a = user.long\nif user.code = \"b\" then add ns/b = user.long",
        "default ns/a = user.long\nadd ns/a = user.long.take(3)\nadd ns/b = user.long",
        "add ns/a = user.long\nif audience = other then add ns/b = user.long",
        "add ns/a = user.long\nadd ns/b = user.long\ndeny \"not here\" unless audience = other",
        "add ns/a = user.long\nadd ns/b = user.long\nif not user.admin then remove ns/b\nif user.admin then remove ns/a",
    ] {
        assert_eq!(slugs(policy), [""; 0], "{policy}");
    }
}

#[test]
fn what_stands_together_adds_up() {
    for policy in [
        "append ns/a = user.groups\nappend ns/a = user.groups.map(g => \"x\" + g)",
        "add ns/a.x = user.long\nadd ns/a.y = { v: user.long }",
        "add ns/* = { a: user.long, b: user.long }",
        "if user.admin then { add ns/a = user.long }\nadd ns/b = user.long",
        "add ns/a = \"${user.short}${user.long}\"\nadd ns/b = user.short",
    ] {
        assert_eq!(slugs(policy), ["token-too-large"], "{policy}");
    }
}

#[test]
fn what_no_request_shows_is_undecided() {
    assert_eq!(slugs("add ns/a = (user.short + user.free).extract(/[a-z]{2}/)"), ["undecided-size"]);
}

#[test]
fn bounds_that_are_missing_are_named() {
    assert!(help("add ns/a = user.free").contains("`max_length` of `user.free`"));
    let names = help("add ns/a = user.names");
    assert!(names.contains("`max_items` of `user.names`, `max_length` of `user.names[]`"), "{names}");
    assert!(help("add ns/a = user.long\nadd ns/b = user.long").contains("lower the bounds"));
}

/// The request gives a token as large as the message says.
#[test]
fn the_request_shows_it() {
    let policy = "if user.admin and user.groups.any(g => g = \"ops\") then { add ns/a = user.groups\nadd ns/b = user.short }";
    let [found] = check(CATALOG, policy).try_into().expect("one finding");
    assert_eq!(found.code.slug, "token-too-large");
    let request = found.witness.clone().expect("a witness");
    let policy = format!("namespace ns = \"https://acme.example/\"\n{policy}\n");
    let mut compiler = Compiler::new();
    compiler.catalog("claims.yaml", CATALOG).source("policy.claims", &policy).without_proofs();
    let policy = compiler.compile().policy.expect("a policy");
    let crate::Decision::Issue(issued) =
        policy.evaluate(&Request::from_json(request.as_bytes()).expect("a request"))
    else {
        panic!("{request} gets no token")
    };
    let claims = &issued.tokens[&Token::Access]["https://acme.example/a"];
    assert_eq!(claims.as_list().map(<[_]>::len), Some(10));
    assert!(found.message.contains("and `max_token_bytes` is 3000"), "{}", found.message);
}

#[test]
fn hosts_have_limits_too() {
    let catalog = format!("profile: entra\n{}", CATALOG.trim_start());
    let slugs = |policy: &str| -> Vec<&str> {
        check(&catalog, policy).iter().map(|diagnostic| diagnostic.code.slug).collect()
    };
    let long = |count: usize| -> String {
        let values: Vec<String> = (0..count).map(|n| format!("add c{n} = user.long to id_token")).collect();
        values.join("\n")
    };
    assert_eq!(slugs(&long(3)), ["token-too-large"]);
    assert_eq!(slugs(&long(2)), [""; 0]);
    // Those without a bound have a note of their own.
    assert_eq!(slugs("add ns/a = user.names to id_token"), [""; 0]);
}
