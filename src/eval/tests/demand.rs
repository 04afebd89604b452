//! Which errors there are, and when.

use crate::ast::{Level, SumOperator};
use crate::catalog::{Constant, Root};
use crate::eval::testing::*;
use crate::ir::*;

fn messages(unit: &Unit, request: &str) -> Vec<String> {
    let decision = crate::eval::evaluate(unit, &self::request(request)).to_json();
    let errors = decision.get("errors").and_then(|errors| errors.as_list()).unwrap_or_default();
    let text =
        |error: &crate::value::Value, name: &str| error.get(name).unwrap().as_str().unwrap_or("-").to_owned();
    errors.iter().map(|e| format!("{} {} {}", text(e, "code"), text(e, "message"), text(e, "rule"))).collect()
}

fn login(user: &str) -> String {
    format!(r#"{{ "grant": "password", "client": "c", "user": {user} }}"#)
}

#[test]
fn wrong_types_are_errors_with_attribute_and_rule_sorted_and_once() {
    let mut policy = Policy::of_user(&[("b", shape("int")), ("a", shape("string"))]);
    for _ in 0..2 {
        for path in ["user.b", "user.a"] {
            let read = policy.read(path);
            policy.add(path, read);
        }
    }
    assert_eq!(
        messages(&policy.unit, &login(r#"{ "a": 4711, "b": "s3cret" }"#)),
        [
            "C0901 `user.a` is not a string p.claims:2",
            "C0901 `user.b` is not a whole number in 64 bits p.claims:1"
        ]
    );
    assert_eq!(messages(&policy.unit, &login(r#"{ "b": 1 }"#)), ["C0901 `user.a` is missing p.claims:2"]);
}

#[test]
fn what_the_facets_exclude_demands_nothing() {
    let mut policy = Policy::of_user(&[("a", shape("string")), ("ok", shape("bool"))]);
    let (a, ok) = (policy.read("user.a"), policy.read("user.ok"));
    let is_ciba = equal(policy.read("grant"), lit("\"ciba\""));
    let other_client = equal(policy.read("client.id"), lit("\"other\""));
    let through_let = policy.binding(and(vec![ok.clone(), audience_is("x")]));
    for guard in
        [is_ciba.clone(), other_client, audience_is("x"), and(vec![ok, is_ciba.clone()]), through_let]
    {
        policy.add_if(guard, "c", a.clone());
    }
    let chain = policy.chain(vec![not(is_ciba), lit("true")]);
    let action = policy.write(Level::Add, "c", a.clone());
    policy.act_in(vec![Step { chain, branch: 1 }], action);
    let mut action = policy.write(Level::Add, "c", a);
    if let Action::Write { tokens, .. } = &mut action {
        *tokens = crate::standard::Tokens::of(crate::standard::Token::Saml);
    }
    policy.act(action);
    assert_eq!(messages(&policy.unit, &login(r#"{ "a": 1, "ok": 1 }"#)), [""; 0]);
}

#[test]
fn a_guard_that_the_user_decides_demands_everything() {
    let mut policy = Policy::of_user(&[("a", shape("string")), ("ok", shape("bool"))]);
    let (a, ok) = (policy.read("user.a"), policy.read("user.ok"));
    policy.add_if(ok, "c", a);
    assert_eq!(
        messages(&policy.unit, &login(r#"{ "a": 1, "ok": false }"#)),
        ["C0901 `user.a` is not a string p.claims:1"]
    );
}

#[test]
fn machines_demand_nothing_of_a_user() {
    let mut policy = Policy::of_user(&[("a", shape("string"))]);
    let a = policy.read("user.a");
    policy.add("c", a);
    assert_eq!(messages(&policy.unit, r#"{ "grant": "client_credentials", "client": "c" }"#), [""; 0]);
}

#[test]
fn overflow_is_an_error_of_statements_that_depend_on_it() {
    let mut policy = Policy::of_user(&[("n", shape("int")), ("no", shape("bool"))]);
    let (n, no) = (policy.read("user.n"), policy.read("user.no"));
    let doubled = policy.binding(expr(ExprKind::Product(vec![n.clone(), lit("2")])));
    let large = equal(doubled.clone(), lit("2"));
    policy.add_if(and(vec![large.clone(), no.clone()]), "decided", lit("1"));
    policy.add_if(or(vec![large.clone(), not(no)]), "true", lit("1"));
    policy.add_if(large, "open", lit("1"));
    policy.add("value", doubled);
    let sum = ExprKind::Sum(n.clone(), vec![(SumOperator::Plus, lit("1")), (SumOperator::Minus, lit("1"))]);
    policy.add("sum", expr(sum));
    policy.add("zero", expr(ExprKind::Product(vec![n.clone(), n.clone(), n, lit("0")])));
    let max = r#"{ "n": 9223372036854775807, "no": false }"#;
    assert_eq!(messages(&policy.unit, &login(max)), ["C0904 a number is beyond 64 bits p.claims:3"]);
    policy.unit.statements.drain(2..4);
    let decision = decide(&policy.unit, &login(max));
    let claims = r#""access_token":{"sum":9223372036854775807,"true":1,"zero":0}"#;
    assert!(decision.contains(claims), "{decision}");
}

#[test]
fn a_branch_behind_a_failing_condition_fails_unless_it_is_decided() {
    let mut policy = Policy::of_user(&[("n", shape("int"))]);
    let n = policy.read("user.n");
    let fails = equal(expr(ExprKind::Negate(n.clone())), lit("1"));
    let chain = policy.chain(vec![equal(n, lit("1")), fails, lit("false")]);
    for branch in 0..4 {
        let action = policy.write(Level::Add, &format!("c{branch}"), lit("1"));
        policy.act_in(vec![Step { chain, branch }], action);
    }
    let min = login(r#"{ "n": -9223372036854775808 }"#);
    assert_eq!(messages(&policy.unit, &min), ["C0904 a number is beyond 64 bits p.claims:2"]);
    policy.unit.statements.remove(1);
    assert_eq!(messages(&policy.unit, &min), ["C0904 a number is beyond 64 bits p.claims:4"]);
    policy.unit.statements.pop();
    assert_eq!(messages(&policy.unit, &min), [""; 0]);
}

#[test]
fn failed_sources_are_errors_unless_tested() {
    let mut catalog = catalog();
    let risk = record(&[("level", shape("string"))]);
    catalog.inputs.insert(Root::External, record(&[("risk", risk), ("other", shape("string?"))]));
    let mut policy = Policy::new(catalog);
    let level = policy.read("external.risk.level");
    policy.add("c", level.clone());
    let failed =
        r#"{ "grant": "client_credentials", "client": "c", "external": { "risk": { "$failed": "x" } } }"#;
    assert_eq!(messages(&policy.unit, failed), ["C0906 `external.risk` failed p.claims:1"]);
    policy.unit.statements.clear();
    let failed_atom = expr(ExprKind::Failed("risk".into()));
    policy
        .add_if(or(vec![failed_atom.clone(), equal(level, lit("\"high\""))]), "review", failed_atom)
        .handles_failure
        .push("risk".into());
    assert!(decide(&policy.unit, failed).contains(r#""access_token":{"review":true}"#));
    let fine =
        r#"{ "grant": "client_credentials", "client": "c", "external": { "risk": { "level": "high" } } }"#;
    assert!(decide(&policy.unit, fine).contains(r#""access_token":{"review":false}"#));
    let missing = r#"{ "grant": "client_credentials", "client": "c" }"#;
    assert_eq!(messages(&policy.unit, missing), ["C0901 `external.risk` is missing p.claims:1"]);
}

#[test]
fn the_time_must_be_given_where_it_is_read() {
    let mut policy = Policy::new(catalog());
    let now = policy.read("now");
    policy.add("c", now);
    let without = r#"{ "grant": "client_credentials", "client": "c" }"#;
    assert_eq!(
        messages(&policy.unit, without),
        ["C0908 the policy reads `now`, which the request does not give p.claims:1"]
    );
    for now in ["\"1970-01-01T00:01:00Z\"", "60"] {
        let request = format!(r#"{{ "grant": "client_credentials", "client": "c", "now": {now} }}"#);
        assert!(decide(&policy.unit, &request).contains(r#"{"c":60}"#));
    }
}

#[test]
fn claim_names_from_config() {
    let mut catalog = catalog();
    catalog.owned_domains.push("acme.example".into());
    catalog.inputs.insert(Root::Config, record(&[("name", shape("string?"))]));
    let constant =
        Constant { value: Some(value("\"https://acme.example/from_catalog\"")), span: lit("1").span };
    catalog.config.insert("name".into(), constant);
    let mut policy = Policy::new(catalog);
    let slot = policy.slot("config.name");
    let claim = policy.claim(ClaimName::Config(slot));
    policy.act(Action::Write {
        level: Level::Add,
        claim,
        member: None,
        value: lit("1"),
        or_deny: None,
        tokens: crate::standard::Tokens::ACCESS,
    });
    let with = |config: &str| {
        let request = format!(r#"{{ "grant": "client_credentials", "client": "c", "config": {config} }}"#);
        decide(&policy.unit, &request)
    };
    assert!(with("{}").contains(r#"{"https://acme.example/from_catalog":1}"#));
    for name in ["https://acme.example/x", "urn:acme:x", "roles"] {
        let result = with(&format!(r#"{{ "name": "{name}" }}"#));
        assert!(result.contains(&format!(r#"{{"{name}":1}}"#)), "{result}");
    }
    assert!(with(r#"{ "name": null }"#).contains(r#""access_token":{}"#));
    for name in [
        "",
        "a\\u0000",
        "sub",
        "Sub",
        "sub#en",
        "scp",
        "email",
        "level",
        "https://other.example/x",
        "urn:ietf:x",
    ] {
        let result = with(&format!(r#"{{ "name": "{name}" }}"#));
        assert!(result.contains("C0909"), "{name}: {result}");
    }
    assert!(with(r#"{ "name": 1 }"#).contains("C0901"));
}

#[test]
fn errors_beat_denials_beat_claims() {
    let mut policy = Policy::of_user(&[("a", shape("string")), ("n", shape("int"))]);
    let (a, n) = (policy.read("user.a"), policy.read("user.n"));
    policy.add("c", a);
    policy.deny_if(equal(n.clone(), lit("1")), "one");
    policy.deny_if(lit("true"), "always");
    policy.deny_if(lit("true"), "always");
    policy.deny_if(equal(expr(ExprKind::Negate(n)), lit("7")), "fails");
    assert_eq!(
        decide(&policy.unit, &login(r#"{ "a": "", "n": 1 }"#)),
        concat!(
            r#"{"decision":"deny","denials":[{"code":"access_denied","message":"always","rule":"p.claims:3"},"#,
            r#"{"code":"access_denied","message":"one","rule":"p.claims:2"}]}"#
        )
    );
    assert_eq!(
        decide(&policy.unit, &login(r#"{ "a": "", "n": -9223372036854775808 }"#)),
        r#"{"decision":"error","errors":[{"code":"C0904","message":"a number is beyond 64 bits","rule":"p.claims:5"}]}"#
    );
}
