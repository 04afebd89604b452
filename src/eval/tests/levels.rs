//! Which write wins.

use crate::ast::Level::{self, Add, Append, Default, Override};
use crate::eval::testing::*;
use crate::ir::*;
use crate::standard::Tokens;

const REQUEST: &str = r#"{ "grant": "client_credentials", "client": "c" }"#;

/// What becomes of writes: the claims, or the messages of the errors. The same in every order.
fn outcome(writes: &[(Level, &str, &str)]) -> String {
    let forth = in_order(writes.iter());
    assert_eq!(forth, in_order(writes.iter().rev()));
    forth
}

fn in_order<'a>(writes: impl Iterator<Item = &'a (Level, &'a str, &'a str)>) -> String {
    let mut policy = Policy::new(catalog());
    for (level, claim, json) in writes {
        let action = policy.write(*level, claim, lit(json));
        // All on one line, so that messages are the same in every order.
        policy.act(action).place = "p.claims:1".into();
    }
    let decision = crate::eval::evaluate(&policy.unit, &request(REQUEST)).to_json();
    if let Some(errors) = decision.get("errors").and_then(|errors| errors.as_list()) {
        let messages = errors.iter().map(|error| error.get("message").unwrap().as_str().unwrap().to_owned());
        return messages.collect::<Vec<_>>().join("\n");
    }
    decision.get("access_token").unwrap().to_json()
}

fn conflicts(writes: &[(Level, &str, &str)]) -> bool {
    let message = outcome(writes);
    ["different values", "a set and a single value", "a whole value and single members"].iter().any(|what| {
        message.ends_with(&format!(" gets {what} in the access token from `p.claims:1` and `p.claims:1`"))
    })
}

#[test]
fn override_beats_add_beats_default() {
    assert_eq!(outcome(&[(Default, "c", "1"), (Add, "c", "2")]), r#"{"c":2}"#);
    assert_eq!(outcome(&[(Default, "c", "1"), (Add, "c", "2"), (Override, "c", "3")]), r#"{"c":3}"#);
    assert_eq!(outcome(&[(Default, "c", "1"), (Append, "c", "[2]")]), r#"{"c":[2]}"#);
}

#[test]
fn equal_values_do_not_conflict_and_the_shorter_spelling_is_written() {
    assert_eq!(outcome(&[(Add, "c", "1.0"), (Add, "c", "1"), (Add, "c", "10e-1")]), r#"{"c":1}"#);
    assert_eq!(outcome(&[(Add, "c", "1.0e1"), (Add, "c", "1.0E1")]), r#"{"c":1.0E1}"#);
    assert_eq!(
        outcome(&[(Add, "c", r#"{"a":1,"b":2}"#), (Add, "c", r#"{"b":2,"a":1.0}"#)]),
        r#"{"c":{"a":1,"b":2}}"#
    );
}

#[test]
fn different_values_of_one_level_conflict_also_where_something_beats_both() {
    for level in [Default, Add, Override] {
        assert!(conflicts(&[(level, "c", "1"), (level, "c", "2")]));
    }
    assert!(conflicts(&[(Default, "c", "1"), (Default, "c", "2"), (Add, "c", "3")]));
    assert!(conflicts(&[(Add, "c", "1"), (Add, "c", "2"), (Override, "c", "3")]));
    assert!(conflicts(&[(Add, "c", "[1]"), (Append, "c", "[1]")]));
}

#[test]
fn members_are_decided_one_by_one_and_sorted() {
    assert_eq!(
        outcome(&[(Add, "c.b", "1"), (Default, "c.a", "1"), (Default, "c.b", "2"), (Override, "c.d", "4")]),
        r#"{"c":{"a":1,"b":1,"d":4}}"#
    );
    assert!(conflicts(&[(Add, "c.a", "1"), (Add, "c.a", "2")]));
}

#[test]
fn whole_claims_and_members() {
    for level in [Default, Add, Override] {
        assert!(conflicts(&[(level, "c", r#"{"a":1}"#), (level, "c.a", "1")]));
    }
    assert_eq!(outcome(&[(Override, "c", "{}"), (Add, "c.a", "1")]), r#"{"c":{}}"#);
    assert_eq!(outcome(&[(Override, "c", "{}"), (Default, "c.a", "1")]), r#"{"c":{}}"#);
    assert_eq!(outcome(&[(Add, "c", "{}"), (Default, "c.a", "1")]), r#"{"c":{}}"#);
    assert_eq!(outcome(&[(Default, "c", "{}"), (Add, "c.a", "1")]), r#"{"c":{"a":1}}"#);
    assert_eq!(outcome(&[(Default, "c", "{}"), (Override, "c.a", "1")]), r#"{"c":{"a":1}}"#);
    assert!(conflicts(&[(Add, "c", "{}"), (Override, "c.a", "1")]));
}

#[test]
fn append_is_a_sorted_union() {
    assert_eq!(outcome(&[(Append, "c", "[]")]), r#"{"c":[]}"#);
    assert_eq!(
        outcome(&[
            (Append, "c", r#"["b","Z","é",{"x":1,"y":2},null]"#),
            (Append, "c", r#"["a","b",{"y":2,"x":1.0},2,1.0,true]"#),
            (Append, "c", "[1]"),
        ]),
        r#"{"c":[null,true,1,2,"Z","a","b","é",{"x":1,"y":2}]}"#
    );
}

#[test]
fn levels_count_per_token() {
    let mut policy = Policy::of_user(&[]);
    let action = policy.write(Add, "c", lit("1"));
    policy.act(action);
    let mut action = policy.write(Default, "c", lit("2"));
    if let Action::Write { tokens, .. } = &mut action {
        *tokens = Tokens::BOTH;
    }
    policy.act(action);
    let decision = decide(&policy.unit, r#"{ "grant": "password", "client": "c", "user": {} }"#);
    assert!(decision.contains(r#""access_token":{"c":1},"id_token":{"c":2},"userinfo":{}"#), "{decision}");
}

#[test]
fn remove_beats_everything_and_names_what_was_never_there() {
    let mut policy = Policy::of_user(&[]);
    let action = policy.write(Override, "c", lit("1"));
    policy.act(action);
    for (name, tokens) in [("c", Tokens::ALL), ("dn", Tokens::BOTH)] {
        let claim = policy.claim(ClaimName::Literal(name.into()));
        policy.act(Action::Remove { claim, tokens });
    }
    let decision = decide(&policy.unit, r#"{ "grant": "password", "client": "c", "user": {} }"#);
    let removed = r#""removed":{"access_token":["c","dn"],"id_token":["c","dn"],"userinfo":["c"]}"#;
    assert!(decision.contains(removed) && decision.contains(r#""access_token":{}"#), "{decision}");
    let decision = decide(&policy.unit, REQUEST);
    assert!(decision.contains(r#""removed":{"access_token":["c","dn"]}"#), "{decision}");
}

#[test]
fn a_write_without_a_value_has_not_fired() {
    let mut policy = Policy::of_user(&[("a", shape("string?"))]);
    let a = policy.read("user.a");
    policy.add("c", a);
    let action = policy.write(Default, "c", lit("1"));
    policy.act(action);
    let request = r#"{ "grant": "jwt_bearer", "client": "c", "user": {} }"#;
    assert!(decide(&policy.unit, request).contains(r#""access_token":{"c":1}"#));
}

#[test]
fn one_claim_for_each_member() {
    let mut policy = Policy::of_user(&[("meta", shape("map[json]"))]);
    let meta = policy.read("user.meta");
    let matching = Some(std::sync::Arc::new(regex::Regex::new(r"\A(?:[a-z]+)\z").unwrap()));
    policy.act(Action::Spread {
        level: Add,
        prefix: "https://x/".into(),
        value: meta,
        matching,
        tokens: Tokens::ACCESS,
    });
    let request =
        r#"{ "grant": "jwt_bearer", "client": "c", "user": { "meta": { "b": 2, "a": [1], "A-1": 3 } } }"#;
    let decision = decide(&policy.unit, request);
    assert!(decision.contains(r#""access_token":{"https://x/a":[1],"https://x/b":2}"#), "{decision}");
    let Action::Spread { matching, .. } = &mut policy.unit.statements[0].action else { panic!("a spread") };
    *matching = Some(std::sync::Arc::new(regex::Regex::new("(?s).*").unwrap()));
    let request = r#"{ "grant": "jwt_bearer", "client": "c", "user": { "meta": { "a\n": 2 } } }"#;
    assert!(
        decide(&policy.unit, request).contains(
            "a member of the value of `https://x/*` gives no name of a claim that a policy may write"
        )
    );
}
