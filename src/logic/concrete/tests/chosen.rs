//! What is chosen is what the evaluator reads.

use proptest::prelude::*;

use super::dice::Dice;
use super::*;
use crate::catalog::Root;
use crate::request::Request;
use crate::ty::decode::{Undeclared, decode};
use crate::ty::testing::record;
use crate::ty::{RecordShape, Shape, ShapeKind};

#[test]
fn what_holds_a_value_is_there_with_its_required_members() {
    let address = "sub: string\naddress: \"{ city: string, country: string, floor: int? }?\"";
    assert_eq!(user(address, &[]), r#"{"sub":"user-1"}"#);
    assert_eq!(
        user(address, &[("user.address.floor", "3")]),
        r#"{"sub":"user-1","address":{"city":"city","country":"country","floor":3}}"#
    );
    assert_eq!(user(address, &[("user.address", "-"), ("user.address.city", "-")]), r#"{"sub":"user-1"}"#);
    // A value below wins over an absence above.
    assert_eq!(
        user(address, &[("user.address", "-"), ("user.address.city", r#""Bonn""#)]),
        r#"{"sub":"user-1","address":{"city":"Bonn","country":"country"}}"#
    );
}

#[test]
fn a_deeper_choice_refines_the_whole() {
    let shape = "m: map[string]\no: \"{ a: string, b: string?, ... }?\"";
    let values = [("user.m", r#"{"x":"1","y":"2"}"#), ("user.m.x", "-"), ("user.m.z", r#""3""#)];
    assert_eq!(user(shape, &values), r#"{"m":{"y":"2","z":"3"}}"#);
    let values = [("user.o", r#"{"a":"1","b":"2","c":null}"#), ("user.o.b", "-"), ("user.o.d.e", "true")];
    assert_eq!(user(shape, &values), r#"{"o":{"a":"1","c":null,"d":{"e":true}}}"#);
}

#[test]
fn defaults_are_refined_and_otherwise_left_out() {
    let shape = "o: { type: \"{ a: string, b: int?, t: timestamp? }\", default: { a: x, b: 1, t: 0 } }";
    assert_eq!(user(shape, &[]), "{}");
    assert_eq!(user(shape, &[("user.o.a", r#""y""#)]), r#"{"o":{"a":"y","b":1,"t":"1970-01-01T00:00:00Z"}}"#);
    assert_eq!(user(shape, &[("user.o.b", "-"), ("user.o.t", "-")]), r#"{"o":{"a":"x"}}"#);
    assert_eq!(user(shape, &[("user.o", "-")]), "none", "a default is there whatever the request says");
}

/// Where a default holds what a choice rules out, the request says something else than the default.
#[test]
fn defaults_yield() {
    let shape = "z: { type: \"{ a: { b: { c: int }, d: int? }?, m: map[{ e: int }] }\", default: { a: { b: { c: 1 } }, m: { k: { e: 1 } } } }";
    assert_eq!(user(shape, &[("user.z.a.b.c", "-")]), r#"{"z":{"m":{"k":{"e":1}}}}"#);
    assert_eq!(user(shape, &[("user.z.a", "{}"), ("user.z.a.b.c", "-")]), "none");
    assert_eq!(
        user(shape, &[("user.z.m.k.e", "-"), ("user.z.a.d", "2")]),
        r#"{"z":{"a":{"b":{"c":1},"d":2},"m":{}}}"#
    );
    let inner = "z: { type: \"{ a: { b: { c: int }?, d: int }? }\", default: { a: { b: { c: 1 }, d: 2 } } }";
    assert_eq!(user(inner, &[("user.z.a.b.c", "-")]), r#"{"z":{"a":{"d":2}}}"#);
    assert_eq!(user("j: { type: json, default: 1 }", &[("user.j.a", "-")]), r#"{"j":{}}"#);
    assert_eq!(user("j: { type: json, default: 1 }", &[("user.j.a", "true")]), r#"{"j":{"a":true}}"#);
}

#[test]
fn times_are_text_and_durations_are_seconds() {
    let shape = "t: timestamp\nd: duration\nl: timestamp[]\nm: map[timestamp]";
    let values = [
        ("user.t", "1795176000"),
        ("user.d", "300"),
        ("user.l", "[0,253402300800]"),
        ("user.m.k", "-62167219200"),
    ];
    assert_eq!(
        user(shape, &values),
        r#"{"t":"2026-11-20T12:00:00Z","d":300,"l":["1970-01-01T00:00:00Z",253402300800],"m":{"k":"0000-01-01T00:00:00Z"}}"#
    );
}

#[test]
fn elements_of_lists_get_what_they_need() {
    let shape = "l: \"{ role: string, since: timestamp, note: string? }[]\"";
    assert_eq!(
        user(shape, &[("user.l", r#"[{"role":"admin"},{"role":"dev","since":0}]"#)]),
        r#"{"l":[{"role":"admin","since":"2025-06-01T08:00:00Z"},{"role":"dev","since":"1970-01-01T00:00:00Z"}]}"#
    );
}

#[test]
fn below_json_are_objects() {
    let shape = "j: json?\nk: json";
    assert_eq!(user(shape, &[("user.j.a.b", "1")]), r#"{"j":{"a":{"b":1}},"k":{}}"#);
    assert_eq!(user(shape, &[("user.k.a", "-")]), r#"{"k":{}}"#);
    assert_eq!(user(shape, &[("user.k", "1"), ("user.k.a", "-")]), "none", "who reads it demands an object");
}

#[test]
fn what_no_shape_allows_is_no_request() {
    let shape =
        "a: string\nb: { type: int, max: 3 }\nc: { enum: [x, y] }\nd: \"string[]\"\ne: \"{ f: string? }\"";
    for values in [
        ("user.a", "1"),
        ("user.a", "null"),
        ("user.a", "-"),
        ("user.a.b", "1"),
        ("user.b", "4"),
        ("user.c", r#""z""#),
        ("user.d", "[1]"),
        ("user.d", "[null]"),
        ("user.d", "-"),
        ("user.d.x", "1"),
        ("user.e", "-"),
        ("user.e", "1"),
        ("user.e", r#"{"g":1}"#),
        ("user.e.g", "1"),
        ("user.g", "1"),
        ("user", "-"),
        ("scopes", r#"["a b"]"#),
        ("scopes", r#"["a","a"]"#),
        ("scopes", "-"),
        ("session", "-"),
        ("now", "-"),
        ("original.grant", r#""no""#),
        ("client.name", r#""""#),
    ] {
        assert_eq!(user(shape, &[values]), "none", "{values:?}");
    }
    for nothing in
        ["user.g", "user.e.g", "user.e.f", "user.d.x", "connection", "connection.id", "client.name"]
    {
        assert_ne!(user(shape, &[(nothing, "-")]), "none", "{nothing}");
    }
}

#[test]
fn grants_decide_whether_there_is_a_user() {
    let world = Catalog::default_world();
    for grant in Grant::ALL {
        for user in [false, true] {
            let possible = match grant.user() {
                UserPresence::Always => user,
                UserPresence::Maybe => true,
                UserPresence::Never => !user,
            };
            let chosen = with(choices(*grant, "x"), &[("user.name", r#""Ann""#)]);
            let request = request(&world, &Choices { user, ..chosen });
            assert_eq!(request.is_some(), possible, "{grant} {user}");
            let name = request.and_then(|request| request.get("user")?.get("name").cloned());
            assert_eq!(name.is_some(), possible && user);
        }
    }
}

#[test]
fn an_audience_has_each_id_once() {
    let world = Catalog::default_world();
    let once = vec!["a".into(), "b".into()];
    let twice = vec!["a".into(), "a".into()];
    for (audience, asked, possible) in [
        (once.clone(), None, true),
        (twice.clone(), None, false),
        (Vec::new(), Some(once.clone()), true),
        (twice.clone(), Some(once), false),
        (Vec::new(), Some(twice), false),
        (vec!["".into()], None, false),
    ] {
        let chosen = choices(Grant::ClientCredentials, "x");
        let chosen = Choices { audience, requested_audience: asked, ..chosen };
        assert_eq!(request(&world, &chosen).is_some(), possible, "{chosen:?}");
    }
}

#[test]
fn the_whole_frame() {
    let world = catalog(
        "
language: 1
issuer: https://id.acme.example/
clients:
  web: { id: web-1, name: Web, metadata: { tier: gold } }
  open: { id: open, metadata: { tier: gold } }
open_clients: true
client_metadata: { tier: { enum: [gold, silver] } }
config: { open: string, bound: { type: string, value: x } }
external: { risk: \"{ score: int }\", crm: \"{ tier: string }?\" }
",
    );
    let values = [
        ("scopes", r#"["openid","a"]"#),
        ("requested.scopes", r#"["b"]"#),
        ("original.grant", r#""password""#),
        ("original.audience", r#"["x","y"]"#),
        ("client.name", r#""Spa""#),
        ("client.id", r#""other""#),
        ("request.headers.x-team", r#""blue""#),
        ("connection.name", r#""google""#),
        ("external.crm.tier", r#""top""#),
        ("external.risk.score", "9"),
        ("config.bound", r#""y""#),
        ("now", "1795176000"),
    ];
    let mut all = with(choices(Grant::RefreshToken, "spa"), &values);
    all.audience = vec!["https://a.example".into()];
    all.requested_audience = Some(vec!["https://a.example".into(), "https://b.example".into()]);
    all.failed = ["risk".into()].into();
    let listed = Choices { client: "web-1".into(), user: true, ..all.clone() };
    let shown = [all, listed].map(|choices| {
        let request = request(&world, &choices).unwrap();
        let lines =
            request.as_object().unwrap().iter().map(|(name, value)| format!("{name}: {}\n", value.to_json()));
        lines.collect::<String>()
    });
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn hostile_choices_are_no_request() {
    let world = Catalog::default_world();
    let deep = (0..100_000).fold(Path::root(Root::External), |mut path, _| {
        path.members.push("a".into());
        path
    });
    let mut hostile = choices(Grant::Password, "x");
    hostile.values.insert(deep, Some(Value::int(1)));
    assert_eq!(request(&world, &hostile), None);

    let mut hostile = choices(Grant::Password, "x");
    let nested = (0..100).fold(Value::int(1), |value, _| Value::list(vec![value]));
    hostile.values.insert(path("external.a"), Some(nested));
    assert_eq!(request(&world, &hostile), None);

    let element = Path::element(&Arc::new(path("user.groups")));
    let mut hostile = choices(Grant::Password, "x");
    hostile.values.insert(element, None);
    assert_eq!(request(&world, &hostile), None);
}

/// A shape of some depth. Names repeat on purpose.
fn shape(dice: &mut Dice, depth: usize) -> Shape {
    let kinds = if depth == 0 { 10 } else { 14 };
    let mut shape = Shape::of(match dice.below(kinds) {
        0 => ShapeKind::Bool,
        1 => ShapeKind::Int,
        2 => ShapeKind::Number,
        3 | 4 => ShapeKind::String,
        5 => ShapeKind::Email,
        6 => ShapeKind::Timestamp,
        7 => ShapeKind::Duration,
        8 => ShapeKind::Json,
        9 => ShapeKind::Enum(["blue".into(), "red".into()].into()),
        10 => ShapeKind::List(Arc::new(self::shape(dice, depth - 1))),
        11 => ShapeKind::Map(Arc::new(self::shape(dice, depth - 1))),
        _ => ShapeKind::Record(Arc::new(RecordShape {
            members: ["a", "b", "c"]
                .into_iter()
                .take(dice.below(4))
                .map(|name| (name.into(), self::shape(dice, depth - 1)))
                .collect(),
            open: dice.below(3) == 0,
        })),
    });
    match shape.kind {
        ShapeKind::Int | ShapeKind::Number if dice.below(2) == 0 => {
            (shape.bounds.min, shape.bounds.max) = (Some(-2), Some(3));
        }
        ShapeKind::String | ShapeKind::Email if dice.below(2) == 0 => shape.bounds.max_length = Some(3),
        _ => {}
    }
    shape.optional = dice.below(2) == 0;
    if dice.below(5) == 0 {
        let default = sample(dice, &shape);
        shape.default = Some(decode(&default, &shape, Undeclared::LeftOut).unwrap());
    }
    shape
}

/// A value of a shape.
fn sample(dice: &mut Dice, shape: &Shape) -> Value {
    match &shape.kind {
        ShapeKind::Bool => Value::Bool(dice.below(2) == 0),
        ShapeKind::Int | ShapeKind::Number => Value::int(dice.number(-2, 3)),
        ShapeKind::Timestamp | ShapeKind::Duration => Value::int(dice.number(-9, 1 << 40)),
        ShapeKind::String | ShapeKind::Email => Value::from(["", "a", "ab", "abc"][dice.below(4)]),
        ShapeKind::Enum(words) => Value::String(words[dice.below(words.len())].clone()),
        ShapeKind::Json | ShapeKind::Error => {
            let json = [r#"{"a":{"b":1},"c":null}"#, "{}", r#"{"b":[1]}"#, "1"];
            value(json[dice.below(4)])
        }
        ShapeKind::List(element) => Value::list((0..dice.below(3)).map(|_| sample(dice, element)).collect()),
        ShapeKind::Map(element) => {
            let keys = ["k", "l", "a"].into_iter().take(dice.below(4));
            Value::object(keys.map(|key| (key.into(), sample(dice, element))).collect())
        }
        ShapeKind::Record(record) => {
            let mut members = crate::value::Object::new();
            for (name, shape) in &record.members {
                let can_miss = shape.optional || shape.default.is_some() || shape.reads_as_empty();
                if !can_miss || dice.below(2) == 0 {
                    members.insert(name.clone(), sample(dice, shape));
                }
            }
            if record.open && dice.below(2) == 0 {
                members.insert("z".into(), value([r#"{"a":1}"#, "null", "2"][dice.below(3)]));
            }
            Value::object(members)
        }
    }
}

/// Some paths of a value as policies see it, with what is there.
fn observe(dice: &mut Dice, at: &Path, shape: Option<&Shape>, found: Option<&Value>, seen: &mut Choices) {
    if dice.below(3) == 0 {
        seen.values.insert(at.clone(), found.cloned());
    }
    let mut names: BTreeSet<Arc<str>> = BTreeSet::new();
    // Who reads below something demands an object there.
    let is_object = found.is_none_or(|found| found.as_object().is_some());
    match shape.map(|shape| &shape.kind) {
        Some(ShapeKind::Record(record)) => names.extend(record.members.iter().map(|(name, _)| name.clone())),
        Some(ShapeKind::Map(_)) => names.extend(["k", "m"].map(Arc::from)),
        Some(ShapeKind::Json) | None if is_object => names.extend(["a", "b", "c"].map(Arc::from)),
        _ => return,
    }
    names.extend(found.and_then(Value::as_object).into_iter().flat_map(|members| members.keys().cloned()));
    // An endless chain of what is not there says nothing new.
    if found.is_none() && at.members.len() > 4 {
        return;
    }
    for name in names {
        let below = match shape.map(|shape| &shape.kind) {
            Some(ShapeKind::Record(record)) => record.member(&name),
            Some(ShapeKind::Map(element)) => Some(&**element),
            _ => None,
        };
        observe(dice, &at.member(&name), below, found.and_then(|found| found.get(&name)), seen);
    }
}

fn look<'v>(user: &'v Value, path: &Path) -> Option<&'v Value> {
    path.members.iter().try_fold(user, |value, name| value.get(name))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever was seen of some request can be asked for, and is what the new request has.
    #[test]
    fn what_one_request_has_another_can_have(seed in any::<u64>()) {
        let mut dice = Dice::new(seed);
        let members: Vec<Shape> = (0..3).map(|_| shape(&mut dice, 3)).collect();
        let user = record(&[("x", members[0].clone()), ("y", members[1].clone()), ("z", members[2].clone())]);
        let original = decode(&sample(&mut dice, &user), &user, Undeclared::LeftOut).unwrap();
        let mut world = Catalog::default_world();
        world.inputs.insert(Root::User, user.clone());
        let mut seen = choices(Grant::Password, "spa");
        observe(&mut dice, &Path::root(Root::User), Some(&user), Some(&original), &mut seen);

        let told = || format!("{user:?}\n{}\n{:?}", original.to_json(), seen.values);
        let Some(json) = request(&world, &seen) else { panic!("no request: {}", told()) };
        let mut faults = super::reader::faults(&world, &json, &seen.failed);
        // The reader reads below all `json`; some of it is chosen or declared to be no object.
        faults.retain(|fault| !fault.ends_with("is not an object"));
        prop_assert!(faults.is_empty(), "{:?} in {}\n{}", faults, json.to_json(), told());
        let read = Request::from_value(&json).unwrap();
        let read = decode(read.user().unwrap(), &user, Undeclared::LeftOut).unwrap();
        for (path, value) in &seen.values {
            let found = look(&read, path);
            // A record that is chosen as a whole may have got members that another choice is about or that it lacks.
            let agrees = match (found, value) {
                (Some(Value::Object(_)), Some(Value::Object(_))) => true,
                (found, value) => found == value.as_ref(),
            };
            prop_assert!(agrees, "{} in {}\n{}", path, read.to_json(), told());
        }
    }
}
