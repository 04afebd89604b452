//! Methods of lists that apply a lambda to elements.
//!
//! A lambda that needs an absent user makes the whole result absent in the same way; only `any` and `all`, which are
//! `or` and `and`, may be decided all the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::operands::{give, give_option, items_fit, least, wrong_type};
use super::{Builtin, Call, Quick, results, sizes};
use crate::value::{Failure, Object, Outcome, Value};

pub(super) static ROWS: &[Builtin] = &[
    Builtin::new(
        "T[].map(f: T => U?) -> U[]",
        "What `f` gives for each element. An element for which it gives `omit` is left out.",
        &[
            (r#"["a", "b"].map(x => x.upper())"#, r#"["A","B"]"#),
            (r#"["a-1", "b"].map(x => x.after("-") ?? omit)"#, r#"["1"]"#),
        ],
        map,
    )
    .quickly(Quick::Map)
    .sized(sizes::mapped),
    Builtin::new(
        "T[].flat_map(f: T => U[]?) -> U[]",
        "The elements of all lists that `f` gives.",
        &[(r#"["a b", "c"].flat_map(x => x.split(" "))"#, r#"["a","b","c"]"#)],
        flat_map,
    )
    .sized(sizes::flat_mapped),
    Builtin::new(
        "T[].filter(p: T => bool?) -> T[]",
        "The elements for which the condition is true. If it compares them with trusted values, plain elements are \
         trusted.",
        &[(r#"["app-a", "b"].filter(g => g.starts_with("app-"))"#, r#"["app-a"]"#)],
        filter,
    )
    .quickly(Quick::Filter)
    .refined(results::selection)
    .sized(sizes::same),
    Builtin::new(
        "T[].any(p: T => bool?) -> bool",
        "Whether the condition is true for an element. Unknown if it is for none, but unknown for one.",
        &[(r#"["a", "b"].any(g => g = "b")"#, "true"), (r#"["a"].any(g => g.starts_with("b"))"#, "false")],
        any,
    )
    .quickly(Quick::Any)
    .refined(results::quantifier),
    Builtin::new(
        "T[].all(p: T => bool?) -> bool",
        "Whether the condition is true for all elements; true for an empty list. Unknown if it is false for none, but \
         unknown for one.",
        &[(r#"["a", "b"].all(g => g = "b")"#, "false"), (r#"["b"].all(g => g.starts_with("b"))"#, "true")],
        all,
    )
    .quickly(Quick::All)
    .refined(results::quantifier),
    Builtin::new(
        "T[].first(p?: T => bool?) -> T?",
        "The first element, or the first for which the condition is true. Absent if there is none.",
        &[
            (r#"["a", "b"].first()"#, r#""a""#),
            (r#"["a", "b"].first(x => x > "a")"#, r#""b""#),
            (r#"["a"].first(x => x > "a")"#, "absent"),
        ],
        first,
    )
    .refined(results::selection)
    .sized(sizes::element),
    Builtin::new(
        "T[].last(p?: T => bool?) -> T?",
        "The last element, or the last for which the condition is true. Absent if there is none.",
        &[(r#"["a", "b"].last()"#, r#""b""#), (r#"["a", "b"].last(x => x < "b")"#, r#""a""#)],
        last,
    )
    .refined(results::selection)
    .sized(sizes::element),
    Builtin::new(
        "T[].sort(key?: T => (string | number | bool | timestamp | duration)) -> T[]",
        "By value, or by the key that the lambda gives: `false` before `true`, numbers and times by value, strings by \
         their UTF-8 bytes. Elements with equal keys keep their order.",
        &[
            (r#"["b", "a", "C"].sort()"#, r#"["C","a","b"]"#),
            (r#"["bb", "c", "a"].sort(x => x.length())"#, r#"["c","a","bb"]"#),
        ],
        sort,
    )
    .refined(results::sorted)
    .sized(sizes::same),
    Builtin::new(
        "T[].group_by(key: T => string?) -> map[T[]]",
        "The elements by key, keys sorted, elements in the order of the list. An element without a key is left out.",
        &[(r#"["b-1", "a-1", "b-2"].group_by(x => x.take(1))"#, r#"{"a":["a-1"],"b":["b-1","b-2"]}"#)],
        group_by,
    )
    .sized(sizes::grouped),
    Builtin::new(
        "T[].to_map(key: T => string?, value: T => U?) -> map[U]",
        "A map with one entry for each element, keys sorted. The first of equal keys wins; an element without a key or \
         value is left out.",
        &[(
            r#"["b=2", "a=1", "b=3"].to_map(x => x.before("=") ?? omit, x => x.after("=") ?? omit)"#,
            r#"{"a":"1","b":"2"}"#,
        )],
        to_map,
    )
    .sized(sizes::keyed),
];

fn map(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let items = call.list()?;
    let Some(results) = call.apply_all(0, &items)? else { return Ok(Outcome::NoUser) };
    give(Value::list(results.into_iter().flatten().collect()))
}

fn flat_map(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let items = call.list()?;
    let Some(results) = call.apply_all(0, &items)? else { return Ok(Outcome::NoUser) };
    let mut all = Vec::new();
    for list in results.iter().flatten() {
        let items = list.as_list().ok_or_else(wrong_type)?;
        items_fit("flat_map", all.len() + items.len())?;
        all.extend_from_slice(items);
    }
    give(Value::list(all))
}

/// The elements for which the first lambda is true; `None` where it needs an absent user.
fn selected(call: &mut Call<'_>) -> Result<Option<Vec<Value>>, Failure> {
    let items = call.list()?;
    let Some(results) = call.apply_all(0, &items)? else { return Ok(None) };
    let is_true = |result: &Option<Value>| result.as_ref().and_then(Value::as_bool) == Some(true);
    Ok(Some(items.iter().zip(results).filter(|(_, r)| is_true(r)).map(|(item, _)| item.clone()).collect()))
}

fn filter(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    Ok(selected(call)?.map_or(Outcome::NoUser, |items| Outcome::Value(Value::list(items))))
}

fn any(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    quantify(call, true)
}

fn all(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    quantify(call, false)
}

/// Kleene's `or` (decided by true) or `and` (decided by false) over all elements. A decisive element wins over a
/// failure of another, so their order cannot matter.
fn quantify(call: &mut Call<'_>, decisive: bool) -> Result<Outcome, Failure> {
    let items = call.list()?;
    let mut failed = None;
    let mut unknown = None;
    for item in items.iter() {
        match call.lambdas.apply(0, item.clone()) {
            Ok(Outcome::Value(value)) if value.as_bool() == Some(decisive) => return give(decisive),
            Ok(Outcome::Value(_)) => {}
            Ok(Outcome::NoUser) => unknown = Some(Outcome::NoUser),
            Ok(Outcome::Absent) => unknown = unknown.or(Some(Outcome::Absent)),
            Err(failure) => failed = Some(least(failed, failure)),
        }
    }
    match (failed, unknown) {
        (Some(failure), _) => Err(failure),
        (None, Some(unknown)) => Ok(unknown),
        (None, None) => give(!decisive),
    }
}

fn first(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    if call.arguments.is_empty() {
        return give_option(call.list()?.first().cloned());
    }
    Ok(selected(call)?.map_or(Outcome::NoUser, |items| Outcome::from_option(items.into_iter().next())))
}

fn last(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    if call.arguments.is_empty() {
        return give_option(call.list()?.last().cloned());
    }
    Ok(selected(call)?.map_or(Outcome::NoUser, |mut items| Outcome::from_option(items.pop())))
}

fn sort(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let items = call.list()?;
    if call.arguments.is_empty() {
        let mut items = items.to_vec();
        items.sort_by(Value::total_cmp);
        return give(Value::list(items));
    }
    let Some(keys) = call.apply_all(0, &items)? else { return Ok(Outcome::NoUser) };
    let keys: Option<Vec<Value>> = keys.into_iter().collect();
    let mut keyed: Vec<_> = keys.ok_or_else(wrong_type)?.into_iter().zip(items.iter()).collect();
    keyed.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    give(Value::list(keyed.into_iter().map(|(_, item)| item.clone()).collect()))
}

/// What the lambda at a position gives for each element as a key: as it is written, and as it is compared.
fn keys(call: &mut Call<'_>, position: usize, items: &[Value]) -> Result<Option<Vec<Option<Key>>>, Failure> {
    let Some(results) = call.apply_all(position, items)? else { return Ok(None) };
    let fold = call.fold;
    let key = |result: Option<Value>| match result {
        None => Ok(None),
        Some(Value::String(text)) if fold => Ok(Some((text.to_ascii_lowercase().into(), text))),
        Some(Value::String(text)) => Ok(Some((text.clone(), text))),
        Some(_) => Err(wrong_type()),
    };
    results.into_iter().map(key).collect::<Result<_, _>>().map(Some)
}

/// As it is compared, and as it is written.
type Key = (Arc<str>, Arc<str>);

fn group_by(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let items = call.list()?;
    let Some(keys) = keys(call, 0, &items)? else { return Ok(Outcome::NoUser) };
    let mut groups: BTreeMap<Arc<str>, (Arc<str>, Vec<Value>)> = BTreeMap::new();
    for (key, item) in keys.into_iter().zip(items.iter()) {
        if let Some((compared, written)) = key {
            groups.entry(compared).or_insert((written, Vec::new())).1.push(item.clone());
        }
    }
    give(sorted(groups.into_values().map(|(key, items)| (key, Value::list(items)))))
}

fn to_map(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let items = call.list()?;
    let keys = keys(call, 0, &items)?;
    let values = call.apply_all(1, &items)?;
    let (Some(keys), Some(values)) = (keys, values) else { return Ok(Outcome::NoUser) };
    let mut entries: BTreeMap<Arc<str>, (Arc<str>, Value)> = BTreeMap::new();
    for (key, value) in keys.into_iter().zip(values) {
        if let (Some((compared, written)), Some(value)) = (key, value) {
            entries.entry(compared).or_insert((written, value));
        }
    }
    give(sorted(entries.into_values()))
}

/// An object in key order.
fn sorted(members: impl Iterator<Item = (Arc<str>, Value)>) -> Value {
    let mut members: Object = members.collect();
    members.sort_keys();
    Value::object(members)
}

#[cfg(test)]
mod tests {
    use super::super::operands::wrong_type;
    use super::super::testing::Run;
    use super::*;

    /// "t", "f": a Boolean; "a": absent; "n": needs an absent user; "e": fails; others as they are.
    fn lambda(value: Value) -> Result<Outcome, Failure> {
        match value.as_str() {
            Some("t") => give(true),
            Some("f") => give(false),
            Some("a") => Ok(Outcome::Absent),
            Some("n") => Ok(Outcome::NoUser),
            Some("e") => Err(wrong_type()),
            _ => give(value),
        }
    }

    fn letters(word: &str) -> String {
        let all: Vec<String> = word.chars().map(|c| format!("\"{c}\"")).collect();
        format!("[{}]", all.join(","))
    }

    #[test]
    fn quantifiers_are_kleenes_and_do_not_depend_on_order() {
        for (word, any, all) in [
            ("", "false", "true"),
            ("f", "false", "false"),
            ("t", "true", "true"),
            ("ft", "true", "false"),
            ("fa", "absent", "false"),
            ("ta", "true", "absent"),
            ("an", "no user", "no user"),
            ("fn", "no user", "false"),
            ("aan", "no user", "no user"),
            ("ten", "true", "failure"),
            ("fe", "failure", "false"),
            ("nae", "failure", "failure"),
        ] {
            for word in [word.to_owned(), word.chars().rev().collect()] {
                for (method, expected) in [("any", any), ("all", all)] {
                    let run = || Run::of(method, &letters(&word)).lambda(lambda);
                    let found = if run().result().is_err() { "failure".to_owned() } else { run().json() };
                    assert_eq!(found, expected, "{method} {word}");
                }
            }
        }
    }

    #[test]
    fn selections_keep_what_is_true() {
        for (word, filter, first, last) in [
            ("", "[]", "absent", "absent"),
            ("fat", r#"["t"]"#, r#""t""#, r#""t""#),
            ("fa", "[]", "absent", "absent"),
            ("tn", "no user", "no user", "no user"),
        ] {
            let run = |method| Run::of(method, &letters(word)).lambda(lambda).json();
            assert_eq!(
                (run("filter"), run("first"), run("last")),
                (filter.into(), first.into(), last.into()),
                "{word}"
            );
        }
        assert!(Run::of("filter", &letters("tne")).lambda(lambda).result().is_err());
        assert_eq!(Run::of("first", "[]").json(), "absent");
        assert_eq!(Run::of("last", "[1,2]").json(), "2");
    }

    #[test]
    fn maps_leave_out_what_is_absent() {
        assert_eq!(Run::of("map", r#"["x","a",3]"#).lambda(lambda).json(), r#"["x",3]"#);
        assert_eq!(Run::of("map", r#"["x","n"]"#).lambda(lambda).json(), "no user");
        assert_eq!(Run::of("flat_map", r#"[[1],"a",[],[2,[3]]]"#).lambda(lambda).json(), "[1,2,[3]]");
        assert_eq!(Run::of("flat_map", r#"[[1],"n"]"#).lambda(lambda).json(), "no user");
        let list = format!("[{}]", vec!["1"; 1000].join(","));
        let inner = super::super::testing::json(&list);
        let failure = Run::of("flat_map", &list).lambda(move |_| give(inner.clone())).failure();
        assert_eq!(failure.code, "C0911");
    }

    #[test]
    fn sorting_is_stable_and_by_bytes() {
        assert_eq!(
            Run::of("sort", r#"["é","z","Z","","𝄞","\uffff"]"#).json(),
            "[\"\",\"Z\",\"z\",\"é\",\"\u{ffff}\",\"𝄞\"]"
        );
        assert_eq!(Run::of("sort", "[10,9.5,-1,1e1]").json(), "[-1,9.5,10,1e1]");
        assert_eq!(Run::of("sort", "[true,false]").json(), "[false,true]");
        let by_first = |value: Value| give(value.as_list().unwrap()[0].clone());
        assert_eq!(Run::of("sort", "[[2,1],[1,1],[2,0]]").lambda(by_first).json(), "[[1,1],[2,1],[2,0]]");
        assert_eq!(Run::of("sort", r#"["b","n"]"#).lambda(lambda).json(), "no user");
    }

    #[test]
    fn keys_are_sorted_and_the_first_wins() {
        let items = r#"["B","x","b","a"]"#;
        assert_eq!(Run::of("group_by", items).lambda(lambda).json(), r#"{"B":["B"],"b":["b"],"x":["x"]}"#);
        assert_eq!(Run::of("group_by", items).lambda(lambda).fold().json(), r#"{"B":["B","b"],"x":["x"]}"#);
        let to_map = || Run::of("to_map", items).lambda(lambda).lambda(give);
        assert_eq!(to_map().fold().json(), r#"{"B":"B","x":"x"}"#);
        assert_eq!(Run::of("to_map", r#"["x","n"]"#).lambda(give).lambda(lambda).json(), "no user");
        assert_eq!(Run::of("to_map", r#"["x","a"]"#).lambda(give).lambda(lambda).json(), r#"{"x":"x"}"#);
        assert!(Run::of("group_by", r#"["t"]"#).lambda(lambda).result().is_err());
    }
}
