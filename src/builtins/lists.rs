//! Methods of lists that take no lambda.

use super::operands::{failure, give, give_list, give_option, give_text, items_fit, text_fits, wrong_type};
use super::same::Seen;
use super::{Builtin, Call, Quick, codes, results, sizes};
use crate::value::{Failure, Outcome, Value};

pub(super) static ROWS: &[Builtin] = &[
    Builtin::new(
        "T[].length() -> int",
        "How many elements it has.",
        &[(r#"["a", "b"].length()"#, "2")],
        length,
    )
    .quickly(Quick::Count)
    .sized(sizes::count),
    Builtin::new(
        "T[].get(index: int) -> T?",
        "The element at a place, counted from 0. Absent if there is none; negative places have none.",
        &[(r#"["a", "b"].get(1)"#, r#""b""#), (r#"["a", "b"].get(2)"#, "absent")],
        get,
    )
    .sized(sizes::element),
    Builtin::new(
        "T[].only() -> T?",
        "The element of a list of one; absent if there are more or none.",
        &[(r#"["a"].only()"#, r#""a""#), (r#"["a", "b"].only()"#, "absent")],
        only,
    )
    .sized(sizes::element),
    Builtin::new(
        "T[].take(n: int) -> T[]",
        "The first `n` elements; all if there are fewer, none if `n` is negative.",
        &[(r#"["a", "b", "c"].take(2)"#, r#"["a","b"]"#)],
        take,
    )
    .sized(sizes::taken),
    Builtin::new(
        "T[].at_most(n: int) -> T[]",
        "The same list. A list of more than `n` elements is an evaluation error: no token is issued.",
        &[(r#"["a", "b"].at_most(2)"#, r#"["a","b"]"#)],
        at_most,
    )
    .sized(sizes::taken),
    Builtin::new(
        "T[].distinct() -> T[]",
        "Without elements that are equal to an earlier one.",
        &[(r#"["b", "a", "b"].distinct()"#, r#"["b","a"]"#)],
        distinct,
    )
    .sized(sizes::same),
    Builtin::new(
        "T[].union(other: T[]) -> T[]",
        "What is in either, in the order of the left list and then the other, without duplicates.",
        &[(r#"["b", "a"].union(["c", "a"])"#, r#"["b","a","c"]"#)],
        union,
    )
    .sized(sizes::union),
    Builtin::new(
        "T[].intersect(other: T[]) -> T[]",
        "What is in both, in the order of the left list, without duplicates. If the other list is trusted, so is the \
         result.",
        &[(r#"["b", "a", "c"].intersect(["a", "b"])"#, r#"["b","a"]"#)],
        intersect,
    )
    .refined(results::intersection)
    .sized(sizes::intersection),
    Builtin::new(
        "T[].difference(other: T[]) -> T[]",
        "What is not in the other, in the order of the left list, without duplicates.",
        &[(r#"["b", "a", "c"].difference(["a"])"#, r#"["b","c"]"#)],
        difference,
    )
    .refined(results::difference)
    .sized(sizes::same),
    Builtin::new(
        "T[][].flatten() -> T[]",
        "The elements of all its lists.",
        &[(r#"[["a"], [], ["b", "c"]].flatten()"#, r#"["a","b","c"]"#)],
        flatten,
    )
    .sized(sizes::flattened),
    Builtin::new(
        "string[].join(separator: string) -> string",
        "Its strings in one, with the separator between them.",
        &[(r#"["a", "b"].join(" ")"#, r#""a b""#), (r#""".split(",").join(" ")"#, r#""""#)],
        join,
    )
    .sized(sizes::joined),
];

fn length(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let count = call.list()?.len();
    give(i64::try_from(count).unwrap_or(i64::MAX))
}

fn get(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let items = call.list()?;
    let index = usize::try_from(call.int_at(0)?).ok();
    give_option(index.and_then(|index| items.get(index).cloned()))
}

fn only(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    match call.list()?.as_slice() {
        [one] => give(one.clone()),
        _ => Ok(Outcome::Absent),
    }
}

fn take(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let items = call.list()?;
    give(Value::list(items.iter().take(call.count_at(0)?).cloned().collect()))
}

fn at_most(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let items = call.list()?;
    let most = call.int_at(0)?;
    if items.len() <= call.count_at(0)? {
        return give(Value::List(items));
    }
    Err(failure(&codes::TOO_MANY_ELEMENTS, format!("a list has more than the {most} elements of `at_most`")))
}

fn distinct(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let items = call.list()?;
    let mut seen = Seen::new(call.fold);
    give(Value::list(items.iter().filter(|item| seen.insert(item)).cloned().collect()))
}

fn union(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let items = call.list()?;
    let mut seen = Seen::new(call.fold);
    let all = items.iter().chain(call.list_at(0)?).filter(|item| seen.insert(item));
    give_list("union", all.cloned().collect())
}

fn intersect(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    kept(call, true)
}

fn difference(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    kept(call, false)
}

/// The elements whose being in the other list is as given.
fn kept(call: &mut Call<'_>, in_other: bool) -> Result<Outcome, Failure> {
    let items = call.list()?;
    let other = Seen::of(call.list_at(0)?, call.fold);
    let mut seen = Seen::new(call.fold);
    let kept = items.iter().filter(|item| other.contains(item) == in_other && seen.insert(item));
    give(Value::list(kept.cloned().collect()))
}

fn flatten(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let lists = call.list()?;
    let mut all = Vec::new();
    for list in lists.iter() {
        let items = list.as_list().ok_or_else(wrong_type)?;
        items_fit("flatten", all.len() + items.len())?;
        all.extend_from_slice(items);
    }
    give(Value::list(all))
}

fn join(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let items = call.list()?;
    let separator = call.text_at(0)?;
    let mut out = String::new();
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push_str(separator);
        }
        out.push_str(item.as_str().ok_or_else(wrong_type)?);
        text_fits("join", out.len())?;
    }
    give_text("join", out)
}

#[cfg(test)]
mod tests {
    use super::super::testing::Run;

    #[test]
    fn sets_use_the_equality_of_the_language() {
        let left = r#"[1, 1.0, "a", "A", {"x":1,"y":2}, {"y":2,"x":1.0}, null]"#;
        assert_eq!(Run::of("distinct", left).json(), r#"[1,"a","A",{"x":1,"y":2},null]"#);
        assert_eq!(Run::of("distinct", left).fold().json(), r#"[1,"a",{"x":1,"y":2},null]"#);
        assert_eq!(Run::of("union", r#"["a"]"#).arg(r#"["A","b","b"]"#).json(), r#"["a","A","b"]"#);
        assert_eq!(Run::of("union", r#"["a"]"#).arg(r#"["A","b","b"]"#).fold().json(), r#"["a","b"]"#);
        let list = r#"["b","A","a","b"]"#;
        assert_eq!(Run::of("intersect", list).arg(r#"["a","b"]"#).json(), r#"["b","a"]"#);
        assert_eq!(Run::of("intersect", list).arg(r#"["a"]"#).fold().json(), r#"["A"]"#);
        assert_eq!(Run::of("difference", list).arg(r#"["a"]"#).json(), r#"["b","A"]"#);
        assert_eq!(Run::of("difference", list).arg(r#"["a"]"#).fold().json(), r#"["b"]"#);
    }

    #[test]
    fn many_elements_are_no_trouble() {
        let many = |from: usize| {
            let items: Vec<String> = (from..from + 50_000).map(|i| format!("\"group-{i}\"")).collect();
            format!("[{}]", items.join(","))
        };
        let outcome = Run::of("intersect", &many(0)).arg(&many(25_000)).outcome().value().unwrap();
        assert_eq!(outcome.as_list().unwrap().len(), 25_000);
    }

    #[test]
    fn elements_by_place() {
        for (index, expected) in [("0", "7"), ("-1", "absent"), ("1", "absent")] {
            assert_eq!(Run::of("T[].get", "[7]").arg(index).json(), expected, "{index}");
        }
        assert_eq!(Run::of("only", "[]").json(), "absent");
        for (n, expected) in [("-3", "[]"), ("0", "[]"), ("1", "[1]"), ("5", "[1,2]")] {
            assert_eq!(Run::of("T[].take", "[1,2]").arg(n).json(), expected, "{n}");
        }
    }

    #[test]
    fn a_list_that_is_too_long_fails() {
        let failure = Run::of("at_most", r#"["secret-group","b"]"#).arg("1").failure();
        assert_eq!((failure.code, failure.message.contains("secret-group")), ("C0910", false));
        assert_eq!(Run::of("at_most", "[]").arg("-1").json(), "[]");
    }

    #[test]
    fn joining_and_flattening_are_bounded() {
        assert_eq!(Run::of("join", "[]").arg("\",\"").json(), "\"\"");
        assert_eq!(Run::of("join", r#"["a","","b"]"#).arg("\"\"").json(), "\"ab\"");
        let texts = format!("[{}]", vec!["\"a\""; 1001].join(","));
        let long = format!("\"{}\"", "x".repeat(2000));
        assert_eq!(Run::of("join", &texts).arg(&long).failure().code, "C0911");
        let lists = format!("[{}]", vec![texts.as_str(); 100].join(","));
        assert_eq!(Run::of("flatten", &lists).failure().message, "`flatten` gives more than 100000 elements");
    }
}
