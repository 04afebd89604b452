use crate::catalog::Root;
use crate::eval::Evaluation;
use crate::eval::testing::{Policy, catalog, open, record, request, shape, value};
use crate::ty::Shape;
use crate::value::Outcome;

/// What reading a path of `user` gives: JSON, `-`, or the message of the failure.
fn read(user: &Shape, path: &str, json: &str) -> String {
    let mut catalog = catalog();
    catalog.inputs.insert(Root::User, user.clone());
    let mut policy = Policy::new(catalog);
    let slot = policy.slot(path);
    let request = request(&format!(r#"{{ "grant": "jwt_bearer", "client": "c", "user": {json} }}"#));
    match Evaluation::new(&policy.unit, &request).slot(slot) {
        Ok(Outcome::Value(value)) => value.to_json(),
        Ok(Outcome::Absent) => "-".to_owned(),
        Ok(Outcome::NoUser) => "no user".to_owned(),
        Err(failure) => failure.message,
    }
}

#[test]
fn paths_go_through_records_maps_and_open_members() {
    let inner = record(&[("b", shape("string")), ("c", shape("int?"))]);
    let map = Shape::of(crate::ty::ShapeKind::Map(std::sync::Arc::new(inner.clone())));
    let user = open(record(&[("a", inner.clone()), ("o", inner.optional()), ("m", map)]));
    for (path, json, expected) in [
        ("user.a.b", r#"{ "a": { "b": "x", "c": "unread" } }"#, "\"x\""),
        ("user.a.c", r#"{ "a": { "b": 1 } }"#, "-"),
        ("user.a.b", "{}", "`user.a` is missing"),
        ("user.a.b", r#"{ "a": {} }"#, "`user.a.b` is missing"),
        ("user.a.b", r#"{ "a": [] }"#, "`user.a` is not an object"),
        ("user.a.b", r#"{ "a": { "b": 1 } }"#, "`user.a.b` is not a string"),
        ("user.o.b", "{}", "-"),
        ("user.o.b", r#"{ "o": null }"#, "-"),
        ("user.o.b", r#"{ "o": {} }"#, "`user.o.b` is missing"),
        ("user.m.k", "{}", "-"),
        ("user.m.k.b", r#"{ "m": { "k": { "b": "x" } } }"#, "\"x\""),
        ("user.m.k", r#"{ "m": { "k": null } }"#, "`user.m.k` is null"),
        ("user.m.k.b", r#"{ "m": { "k": null } }"#, "`user.m.k` is null"),
        ("user.m.k.b", r#"{ "m": { "q": null } }"#, "-"),
        ("user.free", r#"{ "free": { "x": null } }"#, r#"{"x":null}"#),
        ("user.free", r#"{ "free": null }"#, "null"),
        ("user.free", "{}", "-"),
        ("user", "null", "no user"),
        ("user.a.b", "null", "no user"),
    ] {
        assert_eq!(read(&user, path, json), expected, "{path} {json}");
    }
}

#[test]
fn defaults_stand_for_what_is_missing_on_the_way_too() {
    let inner =
        Shape { default: Some(value(r#"{ "b": "d" }"#)), ..record(&[("b", shape("string"))]).optional() };
    let empty = record(&[("c", shape("string?"))]);
    let user = record(&[("a", inner), ("e", empty)]);
    assert_eq!(read(&user, "user.a.b", "{}"), "\"d\"");
    assert_eq!(read(&user, "user.a.b", r#"{ "a": { "b": "x" } }"#), "\"x\"");
    assert_eq!(read(&user, "user.e.c", "{}"), "-");
    assert_eq!(read(&user, "user.e", "{}"), "{}");
}

#[test]
fn parties_that_are_absent_are_absent_and_sessions_are_empty() {
    let user = record(&[]);
    for (path, expected) in [
        ("connection", "-"),
        ("connection.id", "-"),
        ("organization.id", "-"),
        ("actor.sub", "-"),
        ("original.scopes", "-"),
        ("session", "{}"),
        ("session.amr", "-"),
        ("request.ip", "-"),
        ("client", r#"{"id":"c","metadata":{}}"#),
    ] {
        assert_eq!(read(&user, path, "{}"), expected, "{path}");
    }
}
