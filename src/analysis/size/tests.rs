//! Bounds against values: what random expressions give for random requests is never larger, and where everything is
//! known the bound is exact.

use std::sync::Arc;

use super::token::{Known, Protocol};
use super::*;
use crate::analysis::worst::worst;
use crate::eval::evaluate_counted;
use crate::ir::Action;
use crate::request::Request;
use crate::standard::Token;
use crate::standard::signatures::{self, SIGNATURES};
use crate::ty::testing::{Random, random};
use crate::{Compiler, Decision, Policy};

mod tokens;

const CATALOG: &str = r#"
language: 1
owned_domains: [acme.example]
clients: { spa: { id: "k8s\"1" }, ci: { id: m2m } }
audiences: { api: { id: "https://api.acme.example" }, other: { id: "urn:b" } }
user:
  s: { type: string, max_length: 5 }
  e: { type: email, max_length: 9 }
  free: string
  n: { type: int, min: -5, max: 100 }
  num: { type: number, max_bytes: 22 }
  b: bool
  at: timestamp
  tier: { enum: [free, pro, "enter\"prise"] }
  l: { type: "string[]", max_items: 4, max_length: 3 }
  names: string[]
  ll: { type: "string[][]", max_items: 3, items: { max_items: 2, max_length: 2 } }
  m: { type: "map[int]", max_items: 3, max_length: 2 }
  j: { type: json, max_bytes: 60 }
  r: { a: "string?", b: { type: string, max_length: 2 }, at: "timestamp?" }
  o: { type: "{ a: string?, d: int?, ... }", max_bytes: 40 }
  d: { x: { type: int, default: 12345 }, y: { z: "bool?" } }
"#;

fn compile(expression: &str) -> Option<Policy> {
    let mut compiler = Compiler::new();
    compiler.catalog("claims.yaml", CATALOG);
    compiler.source("policy.claims", &policy_text(expression));
    compiler.compile().policy
}

fn policy_text(expression: &str) -> String {
    format!(
        "namespace ns = \"https://acme.example/\"\ntable t {{ \"free\" => \"basic\", \"pro\" => \"\\u{{1}}\" }}\n\
         let name = user.s\nadd ns/x = {expression}"
    )
}

fn written(policy: &Policy) -> &Expr {
    let value = policy.unit().statements.iter().find_map(|statement| match &statement.action {
        Action::Write { value, .. } => Some(value),
        _ => None,
    });
    value.expect("one write")
}

fn bound(expression: &str) -> Bound {
    let policy = compile(expression).unwrap_or_else(|| panic!("{expression} has errors"));
    Sizes::of(policy.unit()).bound(written(&policy))
}

/// Bound in bytes, and the names of the attributes that are to blame.
fn blamed(expression: &str) -> (u64, Vec<String>) {
    let policy = compile(expression).unwrap_or_else(|| panic!("{expression} has errors"));
    let bound = Sizes::of(policy.unit()).bound(written(&policy));
    let names = bound.unbounded_by.iter().map(|id| policy.unit().slots[id.index()].name()).collect();
    (bound.bytes, names)
}

/// A request of a user.
fn request(user: &Value) -> Request {
    let request = format!(
        r#"{{"grant":"authorization_code","client":"m2m","audience":"https://api.acme.example","scopes":["a","b"],
             "now":"2026-11-20T12:00:00Z","user":{}}}"#,
        user.to_json()
    );
    Request::from_json(request.as_bytes()).expect("a request")
}

/// Bytes of the claim, if there is one; `None` where evaluation fails too.
fn bytes(policy: &Policy, user: &Value) -> Option<u64> {
    match policy.evaluate(&request(user)) {
        Decision::Issue(issued) => {
            issued.tokens[&Token::Access].values().next().map(|value| value.to_json().len() as u64)
        }
        _ => None,
    }
}

/// Expressions of one type. `$s $l $i $m $v` stand for strings, lists of strings, whole numbers, objects and anything.
struct Templates {
    leaves: &'static [&'static str],
    others: &'static [&'static str],
}

const STRINGS: Templates = Templates {
    leaves: &[
        "user.s",
        "user.s",
        "user.s",
        "user.s",
        "user.e",
        "user.tier",
        "\"a\\\"\"",
        "\"ab\\u{1}\"",
        "name",
    ],
    others: &[
        "$s.lower()",
        "$s.upper()",
        "$s.trim()",
        "$s.replace(\"a\", $s)",
        "$s.replace(\"\\\"\", \"\\u{2}\\u{2}\")",
        "$s.replace($s, \"bc\")",
        "$s.take(3)",
        "$s.strip_prefix(\"a\")",
        "($s.before($s) ?? \"x\")",
        "($s.after_last(\"a\") ?? $s)",
        "\"a${$s}b${$i}\"",
        "($s + $s)",
        "$s.base64()",
        "$s.base64url()",
        "$s.hex()",
        "$s.url_encode()",
        "($s.base64().from_base64() ?? $s)",
        "($s.hex().from_hex() ?? $s)",
        "$l.join($s)",
        "$l.join(\"-\")",
        "user.j.to_string()",
        "user.num.to_string()",
        "$l.to_json()",
        "$m.to_json()",
        "$s.to_json()",
        "($s.extract(/(a|b)+/) ?? \"n\")",
        "$s.regex_replace(/a?/, \"<$0$0>\")",
        "(if user.b then $s else $s)",
        "($l.first() ?? \"z\")",
        "(t[$s] ?? $s)",
        "$i.to_string()",
        "now.rfc3339()",
        "client.id",
        "(audience.only() ?? $s)",
        "(match user.tier { \"free\" => $s, _ => $s })",
    ],
};
const LISTS: Templates = Templates {
    leaves: &["user.l", "user.l", "user.l", "scopes", "[\"a\", \"b\"]", "audience"],
    others: &[
        "[$s, ...$l, $s]",
        "($l + $l)",
        "$l.map(x => x + $s)",
        "$l.map(x => x.replace(\"a\", $s))",
        "$l.map(x => x.after(\"a\") ?? omit)",
        "$l.flat_map(x => x.split(\"a\"))",
        "$l.filter(x => x != \"a\")",
        "$l.distinct()",
        "$l.sort()",
        "$l.take(2)",
        "$l.at_most(9)",
        "$l.union($l)",
        "$l.intersect($l)",
        "$l.difference($l)",
        "$s.split(\"a\")",
        "$s.split(\"\\u{1}\")",
        "$m.keys()",
        "$s.to_list()",
        "user.ll.flatten()",
        "user.ll.map(x => x.join($s))",
        "(user.j as string[] ?? $l)",
    ],
};
const INTS: Templates = Templates {
    leaves: &["user.n", "12", "user.d.x"],
    others: &["$s.length()", "$l.length()", "$m.length()", "($i + $i)", "(-$i)", "now.day()"],
};
const OBJECTS: Templates = Templates {
    leaves: &["user.m", "{ a: user.s, b: user.r.a ?? omit }", "user.d"],
    others: &[
        "{ a: $v, b: $v }",
        "{ ...$m, k: $v }",
        "{ k: $l, ...{ k: $s } }",
        "$l.to_map(x => x, x => $s)",
        "$l.group_by(x => x.take(1))",
        "$m.merge({ a: $v })",
        "user.r.without(\"at\")",
        "user.r.pick(\"a\", \"b\")",
        "user.o.pick(\"a\", \"zz\")",
        "user.m.map_values(n => [n, n])",
        "user.m.merge(user.m.map_values(n => n + 1))",
        "{ e: $m.entries(), v: user.m.values() }",
        "{ p: $s.parse_json() ?? omit, q: user.j.to_list() }",
        "{ c: $s.captures(/(?<one>a*)(?<two>.)/) ?? omit, l: $s.captures(/(a)(.)/) ?? omit }",
    ],
};
const ANY: Templates = Templates {
    leaves: &["user.j", "user.num", "user.b", "user.ll", "user.s", "user.l"],
    others: &["$s", "$l", "$m", "$i"],
};

/// A random expression.
fn pick(random: &mut Random, depth: usize, templates: &Templates) -> String {
    let all = if depth == 0 { templates.leaves } else { templates.others };
    let template = all[random.below(all.len())];
    fill(random, depth.saturating_sub(1), template)
}

/// A template with random expressions in it.
fn fill(random: &mut Random, depth: usize, template: &str) -> String {
    let mut out = String::new();
    let mut letters = template.chars();
    while let Some(letter) = letters.next() {
        if letter != '$' {
            out.push(letter);
            continue;
        }
        match letters.next() {
            Some('s') => out.push_str(&pick(random, depth, &STRINGS)),
            Some('l') => out.push_str(&pick(random, depth, &LISTS)),
            Some('i') => out.push_str(&pick(random, depth, &INTS)),
            Some('m') => out.push_str(&pick(random, depth, &OBJECTS)),
            Some('v') => out.push_str(&pick(random, depth, &ANY)),
            other => out.extend(std::iter::once('$').chain(other)),
        }
    }
    out
}

/// Evaluates an expression for random users, and returns how many values there were.
fn try_out(random: &mut Random, expression: &str, users: usize) -> usize {
    let Some(policy) = compile(expression) else { return 0 };
    let bound = Sizes::of(policy.unit()).bound(written(&policy));
    let shape = policy.unit().catalog.input(Root::User).expect("a user");
    let worst = worst(policy.unit());
    let mut measured = 0;
    for _ in 0..users {
        let user = self::random(shape, random);
        let (decision, steps) = evaluate_counted(policy.unit(), &request(&user));
        assert!(steps <= worst.steps, "{expression}: {steps} > {} steps\n{}", worst.steps, user.to_json());
        if let Decision::Issue(issued) = decision {
            let claims =
                issued.tokens.into_values().map(|claims| Value::object(claims.into_iter().collect()));
            let all: usize = claims.map(|claims| claims.to_json().len()).sum();
            assert!(all as u64 <= worst.claims, "{expression}: {all} > {}", worst.claims);
        }
        let Some(bytes) = bytes(&policy, &user) else { continue };
        measured += 1;
        assert!(bytes <= bound.bytes, "{expression}: {bytes} > {}\n{}", bound.bytes, user.to_json());
    }
    measured
}

/// Every method and operator by itself, over strings that are all alike and lists that are full.
#[test]
fn no_value_is_larger_than_its_bound() {
    let (mut random, mut idle) = (Random::new(7), Vec::new());
    for templates in [&STRINGS, &LISTS, &INTS, &OBJECTS] {
        for template in templates.others {
            let tried = || {
                let expression = fill(&mut random, 0, template);
                try_out(&mut random, &expression, 40)
            };
            let measured: usize = std::iter::repeat_with(tried).take(4).sum();
            if measured == 0 {
                idle.push(template);
            }
        }
    }
    assert!(idle.is_empty(), "never evaluated: {idle:?}");
}

#[test]
fn no_value_of_what_is_composed_is_larger_than_its_bound() {
    let mut random = Random::new(8);
    let tried = || {
        let depth = 2 + random.below(3);
        let expression = pick(&mut random, depth, &ANY);
        usize::from(try_out(&mut random, &expression, 8) > 0)
    };
    let evaluated: usize = std::iter::repeat_with(tried).take(100).sum();
    assert!(evaluated > 40, "only {evaluated} were evaluated");
}

#[test]
fn what_is_known_is_exact() {
    for expression in [
        "\"a\\u{1}\\\"é\"",
        "[[\"a\"], [], [\"b\", \"\\u{1f}\"]]",
        "{ a: 1.50, b: [\"x\"] }",
        "\"${user.sub}\"",
        "\"a\".hex() + \"é\".base64()",
        "[\"a\", \"b\"].join(\", \")",
        "{ a: 1, b: 2, c: 3 }.pick(\"a\", \"c\")",
        "now.rfc3339()",
        "\"a-b\".take(1)",
        "[\"a\", \"b\", \"c\"].take(2)",
    ] {
        let expression = expression.replace("user.sub", "12");
        let policy = compile(&expression).unwrap_or_else(|| panic!("{expression} has errors"));
        let shape = policy.unit().catalog.input(Root::User).expect("a user");
        let user = random(shape, &mut Random::new(1));
        assert_eq!(Some(bound(&expression).bytes), bytes(&policy, &user), "{expression}");
    }
}

#[test]
fn bounds_and_who_is_to_blame() {
    let text = |chars: u64| 6 * chars + 2;
    let unbounded = 6 * 4096 + 2;
    for (expression, bytes, names) in [
        ("user.b", 5, vec![]),
        ("user.n", 3, vec![]),
        ("user.tier", 14, vec![]),
        ("user.s", text(5), vec![]),
        ("user.free", unbounded, vec!["user.free"]),
        ("user.free.take(3)", text(3), vec![]),
        ("user.l", 2 + 4 * text(3) + 3, vec![]),
        ("user.names", 2 + 1000 * unbounded + 999, vec!["user.names"]),
        ("user.names.length()", 4, vec![]),
        ("user.names.intersect([\"ops\", \"dev\"])", 13, vec![]),
        ("user.names.take(1)", 2 + unbounded, vec!["user.names"]),
        ("user.names.map(g => t[g] ?? omit)", 2 + 1000 * 8 + 999, vec!["user.names"]),
        ("user.j", 60, vec![]),
        ("user.j as \"a\" | \"bc\" ?? \"d\"", 4, vec![]),
        ("user.free.hex()", 2 + 2 * 4096, vec!["user.free"]),
        ("user.o", 40, vec![]),
        ("user.o.pick(\"a\")", 40, vec![]),
        ("user.r.pick(\"a\")", 5 + unbounded + 1, vec!["user.r"]),
        ("user.d", 42, vec![]),
        ("client.id", 8, vec![]),
        ("audience", 28, vec![]),
        ("user.free != \"a\"", 5, vec![]),
    ] {
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        assert_eq!(blamed(expression), (bytes, names), "{expression}");
    }
}

#[test]
fn a_token_is_three_parts_in_base64url() {
    let protocol = Protocol::of(Known {
        issuer: Some("https://id.acme.example/"),
        audience: &["https://api.acme.example"],
        client: Some("spa"),
        subject: Some(10),
        scopes: 6,
    });
    let payload = r#"{"iss":"https://id.acme.example/","sub":"auth0|12","aud":"https://api.acme.example","client_id":"spa","exp":1795176000,"iat":1795176000,"jti":"123e4567-e89b-12d3-a456-426614174000","scope":"read:x","auth_time":1795176000,"acr":"","amr":["pwd","otp","mfa","hwk","sms"],"ns/x":true}"#;
    let payload = payload.len() as u64 + token::assumed::ASSURANCE;
    let header = r#"{"typ":"at+jwt","alg":"RS256","kid":""}"#.len() as u64 + token::assumed::KEY_ID;
    let encoded = |bytes: u64| (bytes * 4).div_ceil(3);
    let expected = encoded(header) + 1 + encoded(payload) + 1 + 342;
    let claims = r#"{"ns/x":true}"#.len() as u64;
    assert_eq!(token_bytes(claims, &protocol, &signatures::DEFAULT), expected);
    assert_eq!(token_bytes(u64::MAX, &protocol, &signatures::DEFAULT), u64::MAX);
}

#[test]
fn what_is_not_known_of_a_token_is_assumed() {
    let machine = Protocol::of(Known::default());
    let person = Protocol::of(Known { subject: Some(1 << 40), ..Known::default() });
    let bytes = |protocol| token_bytes(2, protocol, &signatures::DEFAULT);
    assert!(bytes(&machine) < bytes(&person) && bytes(&person) < 2_000);
    let es256 = SIGNATURES.iter().find(|signature| signature.alg == "ES256").expect("ES256");
    assert_eq!(bytes(&machine) - token_bytes(2, &machine, es256), 342 - 86);
}

#[test]
fn parts_of_objects_are_found_whichever_side_has_them() {
    let one = |name: &str, bytes| Members { known: vec![(Arc::from(name), Size::scalar(bytes))], rest: None };
    let (a, json) = (Size::object(one("a", 3)), Size::any(50));
    assert_eq!(a.or(&json).member("a").json, 48);
    assert_eq!(a.or(&Size::object(one("b", 9))).member("b").json, 9);
}
