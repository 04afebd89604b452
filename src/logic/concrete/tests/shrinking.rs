//! What is left of a request is what matters, and all of it.

use std::cell::Cell;
use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;

use super::dice::Dice;
use super::*;
use crate::logic::concrete::shrink;
use crate::request::Request;
use crate::value::Object;

const PLENTY: usize = 1_000_000;

/// All values that lack one part of this one.
fn without_one(value: &Value) -> Vec<Value> {
    let mut smaller = Vec::new();
    match value {
        Value::List(items) => {
            for index in 0..items.len() {
                let mut rest = (**items).clone();
                let item = rest.remove(index);
                smaller.push(Value::list(rest.clone()));
                for item in without_one(&item) {
                    let mut changed = rest.clone();
                    changed.insert(index, item);
                    smaller.push(Value::list(changed));
                }
            }
        }
        Value::Object(members) => {
            for (name, member) in &**members {
                let mut rest: Object = (**members).clone();
                rest.shift_remove(name);
                smaller.push(Value::object(rest));
                for member in without_one(member) {
                    let mut changed = (**members).clone();
                    changed.insert(name.clone(), member);
                    smaller.push(Value::object(changed));
                }
            }
        }
        _ => {}
    }
    smaller
}

fn shrunk(json: &str, holds: impl Fn(&Value) -> bool) -> String {
    shrink(value(json), &mut PLENTY.clone(), &mut |request| holds(request)).to_json()
}

const LARGE: &str = r#"{"grant":"refresh_token","client":{"id":"spa","name":"Spa","metadata":{"a":1}},
    "audience":["https://a.example","https://b.example"],"scopes":"openid  email read:x",
    "requested":{"scopes":["x"],"audience":"https://b.example"},"original":{"grant":"password","scopes":"a b"},
    "user":{"sub":"1","roles":["a","b","c","d","e"],"address":{"city":"Bonn","country":"DE"}},
    "connection":{"id":"c","name":"n"},"organization":null,"session":{"amr":["mfa","pwd"]},"actor":{},
    "request":{"headers":{"x":"y"}},"external":{"risk":{"$failed":"unavailable"}},"now":"2026-01-01T12:00:00Z",
    "unknown":[1]}"#;

#[test]
fn only_what_matters_is_left() {
    assert_eq!(shrunk(LARGE, |_| true), r#"{"grant":"refresh_token","client":"spa"}"#);
    let has = |path: &'static str| {
        move |request: &Value| path.split('.').try_fold(request, |value, name| value.get(name)).is_some()
    };
    let frame = r#"{"grant":"refresh_token","client":"#;
    assert_eq!(shrunk(LARGE, has("client.name")), format!(r#"{frame}{{"id":"spa","name":"Spa"}}}}"#));
    // With a user, a sign-in is as good as a refresh.
    let sign_in = r#"{"grant":"authorization_code","client":"spa","user":{"address":{"city":"Bonn"}}}"#;
    assert_eq!(shrunk(LARGE, has("user.address.city")), sign_in);
    assert_eq!(
        shrunk(LARGE, has("external.risk.$failed")),
        format!(r#"{frame}"spa","external":{{"risk":{{"$failed":"unavailable"}}}}}}"#)
    );
    let asks =
        |request: &Value| Request::from_value(request).unwrap().scopes().iter().any(|s| &**s == "email");
    assert_eq!(shrunk(LARGE, asks), format!(r#"{frame}"spa","scopes":["email"]}}"#));
    let aims =
        |request: &Value| Request::from_value(request).unwrap().audience().iter().any(|a| a.contains("b."));
    assert_eq!(shrunk(LARGE, aims), format!(r#"{frame}"spa","audience":"https://b.example"}}"#));
}

/// `a` can go once `b` is gone, and comes before it.
#[test]
fn what_could_not_go_before_is_tried_again() {
    let json = r#"{"grant":"password","client":"x","user":{"a":1,"b":2,"c":3}}"#;
    let holds = |request: &Value| {
        let user = request.get("user").unwrap();
        user.get("c").is_some() && (user.get("a").is_some() || user.get("b").is_none())
    };
    assert_eq!(shrunk(json, holds), r#"{"grant":"password","client":"x","user":{"c":3}}"#);
}

#[test]
fn grants_keep_their_user() {
    let json = r#"{"grant":"password","client":"x","user":{"sub":"1"}}"#;
    assert_eq!(shrunk(json, |_| true), r#"{"grant":"password","client":"x","user":{}}"#);
}

/// The requests beside the shipped policies, each with everything that its decision does not need left out.
#[test]
fn shipped_requests_keep_their_decisions() {
    let mut count = 0;
    let policies = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("policies");
    for folder in fs::read_dir(policies).unwrap().map(|entry| entry.unwrap().path()) {
        let mut compiler = crate::Compiler::new();
        for file in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            match file.extension().and_then(|extension| extension.to_str()) {
                Some("yaml") => {
                    compiler.catalog("claims.yaml", &fs::read_to_string(&file).unwrap());
                }
                Some("claims") => {
                    compiler.source(&file.display().to_string(), &fs::read_to_string(&file).unwrap());
                }
                _ => {}
            }
        }
        let policy = compiler.compile().policy.unwrap();
        let decide = |request: &Value| policy.evaluate(&Request::from_value(request).unwrap());
        for file in fs::read_dir(folder.join("requests")).unwrap().map(|entry| entry.unwrap().path()) {
            if file.display().to_string().ends_with(".expected.json") {
                continue;
            }
            count += 1;
            let request = value(&fs::read_to_string(&file).unwrap());
            let decision = decide(&request);
            let holds = |request: &Value| decide(request) == decision;
            let small = shrink(request.clone(), &mut PLENTY.clone(), &mut |request| holds(request));
            assert!(holds(&small), "{}", file.display());
            for smaller in without_one(&small) {
                let goes = Request::from_value(&smaller).is_ok() && holds(&smaller);
                assert!(!goes, "{}: {} although {}", file.display(), small.to_json(), smaller.to_json());
            }
        }
    }
    assert!(count > 10, "there are {count} requests");
}

#[test]
fn what_is_no_request_or_does_not_hold_stays() {
    assert_eq!(
        shrunk(r#"{"grant":"no","client":"x","scopes":[]}"#, |_| true),
        r#"{"grant":"no","client":"x","scopes":[]}"#
    );
    let json = r#"{"grant":"password","client":{"id":"x"},"user":{"sub":"1"},"audience":["a"]}"#;
    assert_eq!(shrunk(json, |_| false), json);
}

#[test]
fn a_long_list_goes_in_few_steps() {
    let roles: Vec<String> = (0..1000).map(|n| format!("\"r{n}\"")).collect();
    let json = format!(r#"{{"grant":"password","client":"x","user":{{"roles":[{}]}}}}"#, roles.join(","));
    let mut left = 200;
    let needs = |request: &Value| {
        let roles = request.get("user").and_then(|user| user.get("roles"));
        roles.and_then(Value::as_list).is_some_and(|roles| roles.contains(&Value::from("r613")))
    };
    let small = shrink(value(&json), &mut left, &mut |request| needs(request));
    assert_eq!(small.to_json(), r#"{"grant":"password","client":"x","user":{"roles":["r613"]}}"#);
}

#[test]
fn the_budget_is_kept() {
    for budget in 0..40 {
        let (asked, mut left) = (Cell::new(0), budget);
        let small = shrink(value(LARGE), &mut left, &mut |request| {
            asked.set(asked.get() + 1);
            request.get("user").is_some()
        });
        assert!(small.get("user").is_some());
        assert_eq!(asked.get() + left, budget);
    }
}

fn json(dice: &mut Dice, depth: usize) -> Value {
    match dice.below(if depth == 0 { 3 } else { 6 }) {
        0 => Value::Null,
        1 => Value::Bool(true),
        2 => Value::int(dice.number(0, 3)),
        3 => Value::list((0..dice.below(4)).map(|_| json(dice, depth - 1)).collect()),
        _ => object(dice, depth),
    }
}

fn object(dice: &mut Dice, depth: usize) -> Value {
    let names = ["a", "b", "c", "d"].into_iter().take(dice.below(5));
    Value::object(names.map(|name| (name.into(), json(dice, depth - 1))).collect())
}

fn any_request(dice: &mut Dice) -> Value {
    let mut members = Object::new();
    members.insert("grant".into(), Value::from("token_exchange"));
    members.insert("client".into(), Value::from("x"));
    for name in ["user", "session", "actor", "request", "external", "config"] {
        if dice.below(3) > 0 {
            members.insert(name.into(), object(dice, 3));
        }
    }
    for name in ["audience", "scopes"] {
        let words = ["a", "b", "c"].into_iter().take(dice.below(4));
        members.insert(name.into(), Value::list(words.map(Value::from).collect()));
    }
    Value::object(members)
}

fn size(value: &Value) -> usize {
    match value {
        Value::List(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Object(members) => 1 + members.values().map(size).sum::<usize>(),
        _ => 1,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Conditions that hold of the whole and, more or less by chance, of parts of it, so larger ones may fail where
    /// smaller ones hold.
    #[test]
    fn no_single_part_can_go(seed in any::<u64>()) {
        let mut dice = Dice::new(seed);
        let request = any_request(&mut dice);
        prop_assert!(Request::from_value(&request).is_ok());
        let (salt, whole, least) = (dice.next(), size(&request), dice.below(12));
        let holds = |candidate: &Value| {
            assert!(Request::from_value(candidate).is_ok());
            let chance = candidate.to_json().bytes().fold(salt, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3).rotate_left(23)
            });
            size(candidate) >= whole || size(candidate) > least && chance % 4 > 0
        };
        let small = shrink(request.clone(), &mut PLENTY.clone(), &mut |candidate| holds(candidate));
        prop_assert!(holds(&small));
        for smaller in without_one(&small) {
            let goes = Request::from_value(&smaller).is_ok() && holds(&smaller);
            // An audience that stands alone was a list while parts could go.
            prop_assert!(!goes, "{} although {}", small.to_json(), smaller.to_json());
        }
        let again = shrink(request, &mut PLENTY.clone(), &mut |candidate| holds(candidate));
        prop_assert_eq!(small.to_json(), again.to_json());
    }
}
