//! Methods of maps and records, and what they share with strings and lists.

use std::sync::Arc;

use super::operands::{give, give_option, wrong_type};
use super::{Builtin, Call, results, sizes};
use crate::value::{Failure, Object, Outcome, Value};

pub(super) static ROWS: &[Builtin] = &[
    Builtin::new(
        "object.keys() -> string[]",
        "The names of its members, sorted.",
        &[("{ b: 1, a: 2 }.keys()", r#"["a","b"]"#)],
        keys,
    )
    .sized(sizes::keys),
    Builtin::new(
        "map[T].values() -> T[]",
        "The values of its members, in the order of their names.",
        &[("{ b: 1, a: 2 }.values()", "[2,1]")],
        values,
    )
    .sized(sizes::values),
    Builtin::new(
        "map[T].entries() -> { key: string, value: T }[]",
        "Names and values of its members, in the order of their names.",
        &[("{ b: 1, a: 2 }.entries()", r#"[{"key":"a","value":2},{"key":"b","value":1}]"#)],
        entries,
    )
    .sized(sizes::entries),
    Builtin::new(
        "map[T].get(name: string) -> T?",
        "The member of that name; absent if there is none. A known member of a record has its own type.",
        &[(r#"{ a: 1 }.get("a")"#, "1"), (r#"["a"].to_map(x => x, x => 1).get("b")"#, "absent")],
        get,
    )
    .refined(results::member)
    .sized(sizes::member),
    Builtin::new(
        "object.merge(other: object) -> object",
        "The members of both; where both have one, that of the other. Members keep their order, new ones come last.",
        &[("{ a: 1, b: 2 }.merge({ b: 3, c: 4 })", r#"{"a":1,"b":3,"c":4}"#)],
        merge,
    )
    .refined(results::merged)
    .sized(sizes::merged),
    Builtin::new(
        "object.pick(names: literal...) -> object",
        "Only these members.",
        &[(r#"{ a: 1, b: 2, c: 3 }.pick("a", "c")"#, r#"{"a":1,"c":3}"#)],
        pick,
    )
    .refined(results::picked)
    .sized(sizes::picked),
    Builtin::new(
        "object.without(names: literal...) -> object",
        "All members but these.",
        &[(r#"{ a: 1, b: 2, c: 3 }.without("b")"#, r#"{"a":1,"c":3}"#)],
        without,
    )
    .refined(results::rest)
    .sized(sizes::rest),
    Builtin::new(
        "map[T].map_values(f: T => U?) -> map[U]",
        "The same names with what `f` gives for each value. A member for which it gives `omit` is left out.",
        &[("{ a: 1, b: 2 }.map_values(n => n * 10)", r#"{"a":10,"b":20}"#)],
        map_values,
    )
    .refined(results::mapped)
    .sized(sizes::mapped_values),
    Builtin::new(
        "object.length() -> int",
        "How many members it has.",
        &[("{ a: 1, b: 2 }.length()", "2")],
        length,
    )
    .sized(sizes::count),
    Builtin::new(
        "(string | T[] | object)?.is_empty() -> bool",
        "Whether it is `\"\"`, `[]` or `{}`, or absent.",
        &[(r#""".is_empty()"#, "true"), (r#"["a"].is_empty()"#, "false"), (r#"["a"].get(1).is_empty()"#, "true")],
        is_empty,
    ),
    Builtin::new(
        "(string | T[] | object).nonempty() -> self?",
        "The same; absent if it is `\"\"`, `[]` or `{}`.",
        &[(r#""a".nonempty()"#, r#""a""#), (r#""".nonempty()"#, "absent")],
        nonempty,
    )
    .sized(sizes::same),
];

/// The members in the order of their names.
fn by_name(members: &Object) -> Vec<(&Arc<str>, &Value)> {
    let mut members: Vec<_> = members.iter().collect();
    members.sort_by_key(|(name, _)| *name);
    members
}

fn keys(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let members = call.object()?;
    give(Value::list(by_name(&members).into_iter().map(|(name, _)| Value::String(name.clone())).collect()))
}

fn values(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let members = call.object()?;
    give(Value::list(by_name(&members).into_iter().map(|(_, value)| value.clone()).collect()))
}

fn entries(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let members = call.object()?;
    let entry = |(name, value): (&Arc<str>, &Value)| {
        Value::object(
            [("key".into(), Value::String(name.clone())), ("value".into(), value.clone())]
                .into_iter()
                .collect(),
        )
    };
    give(Value::list(by_name(&members).into_iter().map(entry).collect()))
}

fn get(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let members = call.object()?;
    give_option(members.get(call.text_at(0)?).cloned())
}

fn merge(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let mut members = Arc::unwrap_or_clone(call.object()?);
    members.extend(call.object_at(0)?.iter().map(|(name, value)| (name.clone(), value.clone())));
    give(Value::object(members))
}

fn pick(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    named(call, true)
}

fn without(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    named(call, false)
}

/// The members whose being named by an argument is as given.
fn named(call: &mut Call<'_>, wanted: bool) -> Result<Outcome, Failure> {
    let members = call.object()?;
    let names: Vec<&str> = (0..call.arguments.len()).map(|i| call.text_at(i)).collect::<Result<_, _>>()?;
    let kept = members.iter().filter(|(name, _)| names.contains(&&***name) == wanted);
    give(Value::object(kept.map(|(name, value)| (name.clone(), value.clone())).collect()))
}

fn map_values(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let members = call.object()?;
    let values: Vec<Value> = members.values().cloned().collect();
    let Some(results) = call.apply_all(0, &values)? else { return Ok(Outcome::NoUser) };
    let mapped = members.keys().zip(results).filter_map(|(name, value)| Some((name.clone(), value?)));
    give(Value::object(mapped.collect()))
}

fn length(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let count = call.object()?.len();
    give(i64::try_from(count).unwrap_or(i64::MAX))
}

fn has_nothing(value: &Value) -> Result<bool, Failure> {
    match value {
        Value::String(text) => Ok(text.is_empty()),
        Value::List(items) => Ok(items.is_empty()),
        Value::Object(members) => Ok(members.is_empty()),
        _ => Err(wrong_type()),
    }
}

fn is_empty(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    match &call.receiver {
        None => give(true),
        Some(value) => give(has_nothing(value)?),
    }
}

fn nonempty(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let value = call.receiver()?;
    let empty = has_nothing(&value)?;
    give_option((!empty).then_some(value))
}

#[cfg(test)]
mod tests {
    use super::super::testing::Run;
    use super::*;

    #[test]
    fn names_are_sorted_by_bytes() {
        let object = r#"{"é":1,"z":2,"Z":3}"#;
        assert_eq!(Run::of("keys", object).json(), r#"["Z","z","é"]"#);
        assert_eq!(Run::of("values", object).json(), "[3,2,1]");
        assert_eq!(Run::of("entries", "{}").json(), "[]");
    }

    #[test]
    fn members() {
        assert_eq!(Run::of("map[T].get", r#"{"a":null}"#).arg("\"a\"").json(), "null");
        assert_eq!(Run::of("map[T].get", r#"{"a":1}"#).arg("\"A\"").json(), "absent");
        assert_eq!(
            Run::of("merge", r#"{"b":1,"a":2}"#).arg(r#"{"c":3,"b":4}"#).json(),
            r#"{"b":4,"a":2,"c":3}"#
        );
        assert_eq!(Run::of("pick", r#"{"b":1,"a":2}"#).arg("\"a\"").arg("\"b\"").json(), r#"{"b":1,"a":2}"#);
        assert_eq!(Run::of("pick", r#"{"b":1}"#).arg("\"a\"").json(), "{}");
        assert_eq!(Run::of("without", r#"{"b":1,"a":2}"#).arg("\"b\"").arg("\"x\"").json(), r#"{"a":2}"#);
        assert_eq!(Run::of("object.length", "{}").json(), "0");
    }

    #[test]
    fn map_values_leaves_out_and_needs_the_user() {
        let run = |outcome: Outcome| {
            Run::of("map_values", r#"{"a":1,"b":2}"#).lambda(move |value| {
                if value.as_int() == Some(1) { Ok(outcome.clone()) } else { give(value) }
            })
        };
        assert_eq!(run(Outcome::Absent).json(), r#"{"b":2}"#);
        assert_eq!(run(Outcome::NoUser).json(), "no user");
    }

    #[test]
    fn emptiness() {
        for (value, empty) in
            [("\"\"", true), ("[]", true), ("{}", true), ("\" \"", false), ("[null]", false)]
        {
            assert_eq!(Run::of("is_empty", value).json(), empty.to_string(), "{value}");
            assert_eq!(Run::of("nonempty", value).json() == "absent", empty, "{value}");
        }
        assert_eq!(Run::absent("is_empty").json(), "true");
    }
}
