//! Absence, missing users, chains.

use crate::ast::Level;
use crate::eval::testing::*;
use crate::ir::*;

const MACHINE: &str = r#"{ "grant": "client_credentials", "client": "c" }"#;

fn person(user: &str) -> String {
    format!(r#"{{ "grant": "token_exchange", "client": "c", "user": {user} }}"#)
}

/// The access token's claims.
fn claims(unit: &Unit, request: &str) -> String {
    let decision = crate::eval::evaluate(unit, &self::request(request)).to_json();
    decision.get("access_token").map_or_else(|| decision.to_json(), crate::value::Value::to_json)
}

#[test]
fn the_smallest_rule() {
    let mut policy = Policy::of_user(&[("email", shape("email"))]);
    let email = policy.read("user.email");
    policy.add_if(audience_is("https://api.acme.example"), "email", email);
    let request = r#"{ "grant": "authorization_code", "client": "spa", "audience": "https://api.acme.example",
        "scopes": "openid read", "user": { "email": "a@acme.example" } }"#;
    assert_eq!(
        decide(&policy.unit, request),
        concat!(
            r#"{"decision":"issue","access_token":{"email":"a@acme.example"},"id_token":{},"userinfo":{},"#,
            r#""removed":{},"scopes":["openid","read"],"audience":["https://api.acme.example"],"lifetime":null}"#
        )
    );
    let other = request.replace("api.acme", "other");
    assert_eq!(claims(&policy.unit, &other), "{}");
}

#[test]
fn a_default_does_not_catch_a_missing_user() {
    let mut policy = Policy::of_user(&[("tier", shape("string?"))]);
    let tier = policy.read("user.tier");
    policy.add("tier", default_to(vec![tier, lit("\"bronze\"")]));
    assert_eq!(claims(&policy.unit, &person(r#"{ "tier": "gold" }"#)), r#"{"tier":"gold"}"#);
    assert_eq!(claims(&policy.unit, &person("{}")), r#"{"tier":"bronze"}"#);
    assert_eq!(claims(&policy.unit, &person(r#"{ "tier": null }"#)), r#"{"tier":"bronze"}"#);
    assert_eq!(claims(&policy.unit, MACHINE), "{}");
}

#[test]
fn a_missing_user_goes_through_lists_records_and_templates() {
    for kind in [
        |user: Expr| ExprKind::List(vec![Element { spread: false, value: user }]),
        |user: Expr| ExprKind::List(vec![Element { spread: false, value: default_to(vec![user, lit("1")]) }]),
        |user: Expr| ExprKind::Record(vec![Member::Named("a".into(), user)]),
        |user: Expr| ExprKind::Template(vec![lit("\"x\""), user]),
        |user: Expr| ExprKind::Join(vec![lit("\"x\""), user]),
    ] {
        let mut policy = Policy::of_user(&[("sub", shape("string"))]);
        let sub = policy.read("user.sub");
        policy.add("x", expr(kind(sub)));
        assert_eq!(claims(&policy.unit, MACHINE), "{}");
        assert_ne!(claims(&policy.unit, &person(r#"{ "sub": "1" }"#)), "{}");
    }
}

#[test]
fn only_true_fires_and_unless_fires_unless_true() {
    let mut policy = Policy::of_user(&[("ok", shape("bool?"))]);
    let ok = policy.read("user.ok");
    policy.add_if(ok.clone(), "granting", lit("1"));
    policy.add_if(not(ok.clone()), "negated", lit("1"));
    let claim = policy.claim(ClaimName::Literal("gone".into()));
    let remove = Action::Remove { claim, tokens: crate::standard::Tokens::ACCESS };
    policy.act(remove).unless = Some(ok);
    for (user, access, removed) in [
        (r#"{ "ok": true }"#, r#""access_token":{"granting":1}"#, r#""removed":{}"#),
        (r#"{ "ok": false }"#, r#""access_token":{"negated":1}"#, r#""removed":{"access_token":["gone"]}"#),
        ("{}", r#""access_token":{}"#, r#""removed":{"access_token":["gone"]}"#),
    ] {
        let decision = decide(&policy.unit, &person(user));
        assert!(decision.contains(access) && decision.contains(removed), "{user} {decision}");
    }
    assert!(
        decide(&policy.unit, MACHINE).contains(r#""access_token":{},"removed":{"access_token":["gone"]}"#)
    );
}

#[test]
fn a_chain_ends_at_the_first_condition_about_a_missing_user() {
    let mut policy = Policy::of_user(&[("staff", shape("bool"))]);
    let staff = policy.read("user.staff");
    let grant = policy.read("grant");
    let machine = equal(grant, lit("\"client_credentials\""));
    let chain = policy.chain(vec![or(vec![staff.clone(), machine]), staff, lit("true")]);
    for (branch, name) in ["either", "staff", "other", "else"].iter().enumerate() {
        let action = policy.write(Level::Add, name, lit("1"));
        policy.act_in(vec![Step { chain, branch: u32::try_from(branch).unwrap() }], action);
    }
    assert_eq!(claims(&policy.unit, MACHINE), r#"{"either":1}"#);
    assert_eq!(claims(&policy.unit, r#"{ "grant": "jwt_bearer", "client": "c" }"#), "{}");
    assert_eq!(claims(&policy.unit, &person(r#"{ "staff": true }"#)), r#"{"either":1}"#);
    assert_eq!(claims(&policy.unit, &person(r#"{ "staff": false }"#)), r#"{"other":1}"#);
}

#[test]
fn an_else_follows_what_is_false_or_unknown() {
    let mut policy = Policy::of_user(&[("a", shape("bool?")), ("b", shape("bool?"))]);
    let conditions = vec![policy.read("user.a"), policy.read("user.b")];
    let chain = policy.chain(conditions);
    for (branch, name) in ["a", "b", "else"].iter().enumerate() {
        let action = policy.write(Level::Add, name, lit("1"));
        policy.act_in(vec![Step { chain, branch: u32::try_from(branch).unwrap() }], action);
    }
    for (user, expected) in [
        (r#"{ "a": true, "b": true }"#, r#"{"a":1}"#),
        (r#"{ "b": true }"#, r#"{"b":1}"#),
        (r#"{ "a": false }"#, r#"{"else":1}"#),
        ("{}", r#"{"else":1}"#),
    ] {
        assert_eq!(claims(&policy.unit, &person(user)), expected, "{user}");
    }
    assert_eq!(claims(&policy.unit, MACHINE), "{}");
}

#[test]
fn expressions_that_choose_have_no_value_without_a_user() {
    let mut policy = Policy::of_user(&[("sub", shape("string")), ("plan", shape("string?"))]);
    let (sub, plan, id) = (policy.read("user.sub"), policy.read("user.plan"), policy.read("client.id"));
    let choice = |condition: Expr, reads_user| {
        expr(ExprKind::If { condition, reads_user, then: sub.clone(), otherwise: id.clone() })
    };
    policy.add("subject", choice(expr(ExprKind::UserExists), false));
    policy.add("named", choice(equal(sub.clone(), lit("\"1\"")), true));
    let arms = vec![(vec![value("\"pro\"")], lit("1"))];
    let matched = ExprKind::Match {
        subject: plan.clone(),
        reads_user: true,
        fold: false,
        arms: arms.clone(),
        otherwise: Some(lit("0")),
    };
    policy.add("matched", expr(matched));
    let defaulted = ExprKind::Match {
        subject: default_to(vec![plan, lit("\"free\"")]),
        reads_user: true,
        fold: false,
        arms,
        otherwise: Some(lit("0")),
    };
    policy.add("defaulted", expr(defaulted));
    assert_eq!(claims(&policy.unit, MACHINE), r#"{"subject":"c"}"#);
    assert_eq!(
        claims(&policy.unit, &person(r#"{ "sub": "2" }"#)),
        r#"{"defaulted":0,"named":"c","subject":"2"}"#
    );
    assert_eq!(
        claims(&policy.unit, &person(r#"{ "sub": "1", "plan": "pro" }"#)),
        r#"{"defaulted":1,"matched":1,"named":"1","subject":"1"}"#
    );
}

#[test]
fn exists_is_false_for_what_is_absent_and_unknown_without_a_user() {
    let mut policy = Policy::of_user(&[("a", shape("string?"))]);
    let a = policy.read("user.a");
    policy.add("exists", exists(a.clone()));
    policy.add("not", not(exists(a)));
    policy.add("user", expr(ExprKind::UserExists));
    assert_eq!(claims(&policy.unit, MACHINE), r#"{"user":false}"#);
    assert_eq!(claims(&policy.unit, &person("{}")), r#"{"exists":false,"not":true,"user":true}"#);
}

#[test]
fn login_is_a_sign_in_and_its_refresh() {
    let mut policy = Policy::of_user(&[]);
    policy.add_if(expr(ExprKind::Login), "login", lit("1"));
    for (request, login) in [
        (r#"{ "grant": "authorization_code", "client": "c", "user": {} }"#, true),
        (r#"{ "grant": "refresh_token", "client": "c", "user": {} }"#, true),
        (r#"{ "grant": "refresh_token", "client": "c", "user": {}, "original": { "grant": "ciba" } }"#, true),
        (
            r#"{ "grant": "refresh_token", "client": "c", "user": {}, "original": { "grant": "jwt_bearer" } }"#,
            false,
        ),
        (r#"{ "grant": "refresh_token", "client": "c" }"#, false),
        (r#"{ "grant": "token_exchange", "client": "c", "user": {} }"#, false),
        (MACHINE, false),
    ] {
        assert_eq!(claims(&policy.unit, request) != "{}", login, "{request}");
    }
}
