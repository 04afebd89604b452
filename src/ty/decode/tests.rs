use super::*;
use crate::ty::testing::{open, record, shape, value};

fn read(json: &str, shape: &Shape) -> Result<Value, Mismatch> {
    decode(&value(json), shape, Undeclared::LeftOut)
}

fn decoded(json: &str, shape: &Shape) -> String {
    match read(json, shape) {
        Ok(value) => value.to_json(),
        Err(mismatch) => mismatch.discreet("x"),
    }
}

fn bounded(text: &str, bounds: Bounds) -> Shape {
    Shape { bounds, ..shape(text) }
}

#[test]
fn types() {
    for (ty, fits, others) in [
        ("bool", "true", vec!["0", "\"true\""]),
        ("int", "7", vec!["7.0", "1e3", "9223372036854775808", "\"7\""]),
        ("number", "7.50", vec!["\"7\"", "true"]),
        ("string", "\"\"", vec!["7", "[]"]),
        ("email", "\"no at sign\"", vec!["7"]),
        ("free|pro", "\"pro\"", vec!["\"Pro\"", "\"\"", "1"]),
        ("string[]", "[\"a\"]", vec!["\"a\"", "{}", "[1]", "[null]"]),
        ("map[int]", "{\"a\":1}", vec!["[]", "{\"a\":\"1\"}", "{\"a\":null}"]),
        ("json", "{\"a\":[null,1.0]}", vec![]),
    ] {
        let ty = shape(ty);
        assert_eq!(decoded(fits, &ty), fits);
        for other in others {
            assert!(read(other, &ty).is_err(), "{other}");
        }
    }
}

#[test]
fn messages_name_the_part_and_never_a_value_or_key() {
    let address = record(&[("city", shape("string")), ("tags", shape("map[int[]]"))]);
    let user = record(&[
        ("home", address.clone()),
        ("all", Shape::of(ShapeKind::List(std::sync::Arc::new(address)))),
    ]);
    for (json, message) in [
        ("[]", "`x` is not an object"),
        (r#"{ "home": { "city": 1 } }"#, "`x.home.city` is not a string"),
        (r#"{ "home": {} }"#, "`x.home.city` is missing"),
        (
            r#"{ "home": { "city": "", "tags": { "s3cret": [4711, "s3cret"] } } }"#,
            "an element of `x.home.tags[]` is not a whole number in 64 bits",
        ),
        (r#"{ "home": { "city": "" }, "all": [{ "city": null }] }"#, "`x.all[].city` is missing"),
        (r#"{ "home": { "city": "" }, "all": [null] }"#, "an element of `x.all` is null"),
    ] {
        assert_eq!(decoded(json, &user), message);
    }
}

#[test]
fn times_and_durations_are_seconds() {
    assert_eq!(decoded("\"1970-01-01T01:00:00+01:00\"", &shape("timestamp")), "0");
    assert_eq!(decoded("-5", &shape("timestamp")), "-5");
    assert_eq!(decoded("\"5m\"", &shape("duration")), "300");
    assert_eq!(decoded("90", &shape("duration")), "90");
    for (json, ty) in [
        ("\"1970-01-01T01:00:00\"", "timestamp"),
        ("1.5", "timestamp"),
        ("\"5\"", "duration"),
        ("true", "duration"),
    ] {
        assert!(read(json, &shape(ty)).is_err(), "{json}");
    }
}

#[test]
fn stated_bounds() {
    let length = |max_length| bounded("string", Bounds { max_length: Some(max_length), ..Bounds::default() });
    assert_eq!(decoded("\"éé\"", &length(2)), "\"éé\"");
    assert_eq!(decoded("\"ééé\"", &length(2)), "`x` is longer than 2 characters");
    let items = |ty, max_items| bounded(ty, Bounds { max_items: Some(max_items), ..Bounds::default() });
    assert_eq!(decoded("[1,2]", &items("int[]", 1)), "`x` has more than 1 items");
    assert_eq!(decoded("{\"a\":1,\"b\":2}", &items("map[int]", 1)), "`x` has more than 1 items");
    let keys = bounded("map[int]", Bounds { max_length: Some(1), ..Bounds::default() });
    assert_eq!(decoded("{\"ab\":1}", &keys), "`x` has a key that is longer than 1 characters");
    let range = |ty| bounded(ty, Bounds { min: Some(-1), max: Some(1), ..Bounds::default() });
    assert_eq!(decoded("-2", &range("int")), "`x` is less than -1");
    assert_eq!(decoded("1.01", &range("number")), "`x` is greater than 1");
    assert_eq!(decoded("\"2s\"", &range("duration")), "`x` is greater than 1");
    let bytes = bounded("json", Bounds { max_bytes: Some(7), ..Bounds::default() });
    assert_eq!(decoded("{\"a\": 1}", &bytes), "{\"a\":1}");
    assert_eq!(decoded("{\"a\":12}", &bytes), "`x` is larger than 7 bytes");
}

#[test]
fn default_bounds() {
    let text = |n: usize| format!("\"{}\"", "é".repeat(n));
    assert!(read(&text(2048), &shape("string")).is_ok());
    assert_eq!(decoded(&text(2049), &shape("string")), "`x` is larger than 4096 bytes");
    let long = Bounds { max_length: Some(5000), ..Bounds::default() };
    assert!(read(&text(5000), &bounded("string", long)).is_ok());
    let list = |n: usize| format!("[{}]", vec!["1"; n].join(","));
    assert!(read(&list(1000), &shape("int[]")).is_ok());
    assert_eq!(decoded(&list(1001), &shape("int[]")), "`x` has more than 1000 items");
    assert_eq!(decoded(&list(2048), &shape("json")), "`x` is larger than 4096 bytes");
    let free = open(record(&[("a", shape("int?"))]));
    assert_eq!(decoded(&format!("{{\"b\":{}}}", text(4096)), &free), "`x` is larger than 4096 bytes");
    let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
    assert!(read(&nested(16), &shape("json")).is_ok());
    assert_eq!(decoded(&nested(17), &shape("json")), "`x` is nested more than 16 levels deep");
    let (mut deep, mut json) = (shape("int"), "1".to_owned());
    for _ in 0..17 {
        deep = Shape::of(ShapeKind::List(std::sync::Arc::new(deep)));
        json = format!("[{json}]");
    }
    assert!(decoded(&json, &deep).contains("is nested more than 16 levels deep"));
}

#[test]
fn what_is_missing_reads_as_its_default_or_empty_or_nothing() {
    let with_default = Shape { default: Some(value("[\"a\"]")), ..shape("string[]") };
    let later = Shape { default: Some(value("\"5m\"")), ..shape("duration").optional() };
    let user = record(&[
        ("roles", with_default),
        ("wait", later),
        ("meta", record(&[("a", shape("int?"))])),
        ("map", shape("map[int]")),
        ("gone", record(&[("a", shape("int?"))]).optional()),
    ]);
    let expected = r#"{"roles":["a"],"wait":300,"meta":{},"map":{}}"#;
    assert_eq!(decoded("{}", &user), expected);
    assert_eq!(decoded(r#"{"roles":null,"wait":null,"meta":null,"map":null,"gone":null}"#, &user), expected);
}

#[test]
fn closed_records_drop_unknown_members_and_open_ones_keep_them() {
    let closed = record(&[("a", shape("int")), ("b", shape("string?"))]);
    assert_eq!(decoded(r#"{"z":1,"b":null,"a":2}"#, &closed), r#"{"a":2}"#);
    assert_eq!(decoded(r#"{"z":null,"b":null,"a":2}"#, &open(closed)), r#"{"z":null,"a":2}"#);
}

#[test]
fn what_authors_state_may_not_be_undeclared() {
    let stated = |json: &str, shape: &Shape| match decode(&value(json), shape, Undeclared::Mistake) {
        Ok(value) => value.to_json(),
        Err(mismatch) => mismatch.precise("x"),
    };
    let closed = record(&[("a", shape("int")), ("b", record(&[("c", shape("map[int[]]"))]).optional())]);
    assert_eq!(stated(r#"{"a":1,"z":2}"#, &closed), "`x.z` is not declared");
    assert_eq!(stated(r#"{"a":1,"b":{"d":1}}"#, &closed), "`x.b.d` is not declared");
    assert_eq!(
        stated(r#"{"a":1,"b":{"c":{"k":[1,"2"]}}}"#, &closed),
        "`x.b.c.k[1]` is not a whole number in 64 bits"
    );
    assert_eq!(stated(r#"{"z":null,"a":2}"#, &open(closed)), r#"{"z":null,"a":2}"#);
}
