use super::*;

fn text() -> Type {
    Type::of(Kind::String)
}

fn record(members: &[(&str, Type)]) -> Type {
    let members = members.iter().map(|(name, ty)| (Arc::from(*name), ty.clone())).collect();
    Type::of(Kind::Record(Arc::new(Record { members, open: false })))
}

/// The type of a call whose arguments are values, literals or lambda bodies.
enum Arg {
    Is(Type),
    Literal(&'static str),
    Gives(Type),
    Regex(&'static str),
}
use Arg::{Gives, Is, Literal};

fn typed(name: &str, receiver: &Type, args: &[Arg]) -> Result<Type, String> {
    let mut call =
        find(name, receiver).map_err(|error| format!("not for {receiver}: {:?}", error.receivers))?;
    for (i, arg) in args.iter().enumerate() {
        let done = match arg {
            Is(ty) => call.argument(i, Argument::Value(ty, None)),
            Literal(text) => {
                call.argument(i, Argument::Value(&Type::literal(text), Some(&Value::from(*text))))
            }
            Gives(body) => call.argument(i, Argument::Lambda(body)),
            Arg::Regex(pattern) => {
                let regex = call.compile_regex(i, pattern)?;
                call.argument(i, Argument::Regex(&regex))
            }
        };
        done.map_err(|mismatch| format!("{i}: {mismatch}"))?;
    }
    call.finish()
}

fn show(name: &str, receiver: &Type, args: &[Arg]) -> String {
    typed(name, receiver, args).map_or_else(|error| format!("error: {error}"), |ty| ty.to_string())
}

#[test]
fn receivers_choose_the_row() {
    let email = Type::of(Kind::Email);
    for (name, receiver, expected) in [
        ("lower", text(), "string"),
        ("lower", email.clone(), "email"),
        ("lower", Type::literal("A"), "string"),
        ("domain", email.clone(), "string?"),
        ("domain", text(), "error: not for string: [\"email\"]"),
        ("length", email, "int"),
        ("length", Type::list(text()), "int"),
        ("length", record(&[]), "int"),
        ("length", Type::of(Kind::Int), "error: not for int: [\"string\", \"T[]\", \"object\"]"),
        ("length", Type::of(Kind::Json), "error: not for json: [\"string\", \"T[]\", \"object\"]"),
        ("nosuch", text(), "error: not for string: []"),
        ("to_list", Type::list(text()), "string[]"),
        ("to_list", Type::of(Kind::Json), "json[]"),
        ("to_string", Type::of(Kind::Timestamp), "error: not for timestamp: [\"json\"]"),
        ("only", Type::list(Type::of(Kind::Int)), "int?"),
        ("flatten", Type::list(Type::list(text())), "string[]"),
        ("nonempty", Type::list(text()).optional(), "string[]?"),
        ("is_empty", Type::list(text()).optional(), "bool"),
        ("keys", Type::map(text()).optional(), "string[]?"),
    ] {
        assert_eq!(show(name, &receiver, &[]), expected, "{receiver}.{name}");
    }
    let domain = find("domain", &Type::of(Kind::Email)).unwrap();
    assert!(domain.is_property() && !domain.builtin().accepts_absent());
    let is_empty = find("is_empty", &text()).unwrap();
    assert!(!is_empty.is_property() && is_empty.builtin().accepts_absent());
    assert!(exists("map") && !exists("reduce"));
    assert_eq!(names_for(&Type::of(Kind::Json)), ["to_json", "to_list", "to_string"]);
    assert!(names_for(&Type::of(Kind::Duration)).contains(&"seconds"));
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of calls")]
fn arguments_must_fit() {
    let list = Type::list(text());
    let int = Type::of(Kind::Int);
    for (name, receiver, args, expected) in [
        ("take", &list, vec![Is(text())], "error: 0: expected `int`, found `string`"),
        ("take", &list, vec![Is(int.clone().optional())], "string[]?"),
        ("union", &list, vec![Is(Type::list(int.clone()))], "error: 0: expected `string[]`, found `int[]`"),
        ("union", &list, vec![Is(Type::list(Type::literal("a")))], "string[]"),
        (
            "union",
            &Type::list(Type::literal("b")),
            vec![Is(Type::list(Type::literal("a")))],
            "(\"a\" | \"b\")[]",
        ),
        ("intersect", &list, vec![Is(Type::list(Type::literal("a")))], "\"a\"[]"),
        ("difference", &list, vec![Is(Type::list(Type::literal("a")))], "string[]"),
        ("map", &list, vec![Gives(int.clone())], "int[]"),
        ("map", &list, vec![Gives(int.clone().optional())], "int[]"),
        ("map", &list, vec![Is(int.clone())], "error: 0: a lambda is expected"),
        ("flat_map", &list, vec![Gives(int.clone())], "error: 0: expected `U[]`, found `int`"),
        ("filter", &list, vec![Gives(text())], "error: 0: expected `bool`, found `string`"),
        ("any", &list, vec![Gives(Type::of(Kind::Bool))], "bool"),
        ("any", &list, vec![Gives(Type::of(Kind::Bool).optional())], "bool?"),
        (
            "sort",
            &list,
            vec![Gives(int.clone().optional())],
            "error: 0: the value of this lambda may be absent",
        ),
        (
            "sort",
            &Type::list(list.clone()),
            vec![],
            "error: values of type `string[]` have no order, so `sort` needs a key",
        ),
        ("group_by", &list, vec![Gives(text())], "map[string[]]"),
        ("to_map", &list, vec![Gives(text()), Gives(int.clone())], "map[int]"),
        ("split", &text(), vec![Literal("-")], "string[]"),
        ("split", &text(), vec![Literal("")], "error: the separator is empty"),
        ("split", &text(), vec![Is(text())], "error: 0: a string literal is expected"),
        (
            "in_cidr",
            &text(),
            vec![Literal("10.0.0.0")],
            "error: `10.0.0.0` is not an address range such as `10.0.0.0/8` or `2001:db8::/32`",
        ),
        ("in_cidr", &text(), vec![Is(text())], "bool?"),
        ("matches", &text(), vec![Literal("a")], "error: 0: a regular expression is expected"),
        ("matches", &text(), vec![Arg::Regex("a|b")], "bool"),
        ("captures", &text(), vec![Arg::Regex("(a)(b)")], "string[]?"),
        ("captures", &text(), vec![Arg::Regex("(?<x>a)(b)(?<y>c)")], "{ x: string, y: string }?"),
        ("captures", &text(), vec![Arg::Regex("a")], "error: the regular expression has no group"),
        ("regex_replace", &text(), vec![Arg::Regex("(a)"), Literal("$1")], "string"),
        (
            "regex_replace",
            &text(),
            vec![Arg::Regex("(a)"), Literal("$2")],
            "error: the regular expression has no group `$2`",
        ),
    ] {
        assert_eq!(show(name, receiver, &args), expected, "{receiver}.{name}");
    }
}

#[test]
fn records() {
    let user = record(&[("a", text()), ("b", Type::of(Kind::Int).optional()), ("c", Type::list(text()))]);
    let open = match &user.kind {
        Kind::Record(r) => {
            Type::of(Kind::Record(Arc::new(Record { open: true, members: r.members.clone() })))
        }
        _ => user.clone(),
    };
    let other = record(&[("b", text()), ("d", Type::of(Kind::Bool))]);
    let times = record(&[("t", Type::of(Kind::Timestamp)), ("s", text())]);
    let same = record(&[("x", text()), ("y", text().optional())]);
    for (name, receiver, args, expected) in [
        ("get", &user, vec![Literal("a")], "string"),
        ("get", &user, vec![Literal("b")], "int?"),
        ("get", &user, vec![Literal("z")], "error: the record has no member `z`"),
        ("get", &open, vec![Literal("z")], "json?"),
        ("get", &user, vec![Is(text())], "json?"),
        ("get", &same, vec![Is(text())], "string?"),
        ("values", &same, vec![], "string[]"),
        ("entries", &same, vec![], "{ key: string, value: string }[]"),
        ("values", &times, vec![], "error: not for { t: timestamp, s: string }: [\"map[T]\"]"),
        ("pick", &times, vec![Literal("t")], "{ t: timestamp }"),
        ("pick", &user, vec![Literal("c"), Literal("a")], "{ a: string, c: string[] }"),
        ("pick", &user, vec![Literal("z")], "error: the record has no member `z`"),
        ("pick", &open, vec![Literal("z"), Literal("z")], "{ z: json? }"),
        ("without", &open, vec![Literal("a")], "{ b: int?, c: string[], ... }"),
        ("merge", &user, vec![Is(other.clone())], "{ a: string, b: string, c: string[], d: bool }"),
        ("merge", &other, vec![Is(user.clone())], "{ b: json, d: bool, a: string, c: string[] }"),
        ("merge", &other, vec![Is(open.clone())], "{ b: json, d: json, a: string, c: string[], ... }"),
        ("merge", &Type::map(text()), vec![Is(Type::map(text()))], "map[string]"),
        ("merge", &Type::map(text()), vec![Is(same.clone())], "map[string]"),
        ("merge", &Type::map(text()), vec![Is(user.clone())], "map[json]"),
        ("map_values", &same, vec![Gives(Type::of(Kind::Int))], "{ x: int, y: int? }"),
        ("map_values", &open, vec![Gives(Type::of(Kind::Int))], "map[int]"),
        ("map_values", &Type::map(text()), vec![Gives(Type::of(Kind::Int).optional())], "map[int]"),
    ] {
        assert_eq!(show(name, receiver, &args), expected, "{receiver}.{name}");
    }
    let lambda = |receiver: &Type| find("map_values", receiver).unwrap().param(0);
    assert_eq!(lambda(&same), Some(Param::Lambda(text())));
    assert_eq!(lambda(&open), Some(Param::Lambda(Type::of(Kind::Json))));
}

#[test]
fn parameters() {
    let call = find("pick", &record(&[])).unwrap();
    assert_eq!((call.arity(), call.param(7)), ((1, None), Some(Param::Literal)));
    let call = find("first", &Type::list(text()).labelled(Labels::PII)).unwrap();
    assert_eq!((call.arity(), call.param(1)), ((0, Some(1)), None));
    assert_eq!(call.param(0), Some(Param::Lambda(text().labelled(Labels::PII))));
    assert_eq!(call.absent_body(0), AbsentBody::Unknown);
    assert_eq!(find("map", &Type::list(text())).unwrap().absent_body(0), AbsentBody::LeavesOut);
    assert_eq!(find("sort", &Type::list(text())).unwrap().absent_body(0), AbsentBody::Refused);
    assert_eq!(find("replace", &text()).unwrap().arity(), (2, Some(2)));
    assert_eq!(find("domain", &Type::of(Kind::Email)).unwrap().arity(), (0, Some(0)));
}

#[test]
fn mistakes_poison_quietly() {
    let list = Type::list(text());
    assert_eq!(typed("take", &list, &[Is(Type::error())]), Ok(list.clone()));
    assert_eq!(typed("map", &list, &[Gives(Type::error())]), Ok(Type::list(Type::error())));
    assert_eq!(typed("map", &Type::error(), &[Gives(text())]), Ok(Type::error()));
    assert_eq!(typed("union", &list, &[Is(Type::list(Type::error()))]), Ok(Type::list(Type::error())));
    assert_eq!(typed("split", &text(), &[Is(Type::error())]), Ok(list));
    // The empty list.
    let empty = Type::list(Type::of(Kind::Nothing));
    assert_eq!(show("union", &empty, &[Is(Type::list(text()))]), "string[]");
    assert_eq!(show("join", &empty, &[Literal(",")]), "string");
}

#[test]
fn labels() {
    let plain = Type::list(text());
    let untrusted = text().labelled(Labels::UNTRUSTED);
    let pii = Type::list(text().labelled(Labels::PII));
    let of = |name: &str, receiver: &Type, args: &[Arg]| typed(name, receiver, args).unwrap();
    let bool = Type::of(Kind::Bool);
    let secret = bool.clone().labelled(Labels::SECRET);
    // What has no parts takes the labels of all parts; parts keep theirs.
    assert_eq!(of("join", &pii, &[Literal(",")]).labels, Labels::PII);
    assert_eq!(of("first", &pii, &[]).labels, Labels::PII);
    assert_eq!(of("take", &pii, &[Is(Type::of(Kind::Int))]), pii);
    assert_eq!(of("replace", &text(), &[Is(text()), Is(untrusted.clone())]).labels, Labels::UNTRUSTED);
    // Lambdas: their bodies flow into elements, their conditions into the whole.
    assert_eq!(of("map", &plain, &[Gives(untrusted.clone())]), Type::list(untrusted.clone()));
    assert_eq!(of("filter", &plain, &[Gives(secret.clone())]), plain.clone().labelled(Labels::SECRET));
    assert_eq!(of("any", &pii, &[Gives(secret)]).labels, Labels::SECRET);
    assert_eq!(of("group_by", &plain, &[Gives(untrusted.clone())]).labels, Labels::UNTRUSTED);
    // Comparing with trusted values clears `untrusted`, and nothing else.
    let both = untrusted.clone().labelled(Labels::PII);
    assert_eq!(of("starts_with", &both, &[Literal("a")]).labels, Labels::PII);
    assert_eq!(of("starts_with", &both, &[Is(untrusted.clone())]).labels, both.labels);
    let many = Type::list(both.clone()).labelled(Labels::UNTRUSTED);
    assert_eq!(of("filter", &many, &[Gives(bool.clone())]), pii);
    assert_eq!(of("intersect", &many, &[Is(plain.clone())]), pii);
    assert_eq!(of("intersect", &many, &[Is(Type::list(untrusted.clone()))]), many);
    assert_eq!(of("first", &many, &[]).labels, both.labels);
    assert_eq!(of("first", &many, &[Gives(bool.clone())]).labels, Labels::PII);
    let records = Type::list(record(&[("a", untrusted)])).labelled(Labels::UNTRUSTED);
    assert_eq!(of("filter", &records, &[Gives(bool)]), records);
    // Of a record only what stays.
    let user = record(&[("a", both), ("b", text())]);
    assert_eq!(of("pick", &user, &[Literal("b")]).all_labels(), Labels::NONE);
    assert_eq!(of("get", &user, &[Literal("b")]).labels, Labels::NONE);
}

#[test]
fn what_folds() {
    let email = Type::of(Kind::Email);
    let emails = Type::list(email.clone());
    assert!(folds(&email) && folds(&emails) && !folds(&text()));
    let with = |name: &str, receiver: &Type, argument: Argument<'_>| {
        let mut call = find(name, receiver).unwrap();
        call.argument(0, argument).unwrap();
        call.folds()
    };
    assert!(with("contains", &text(), Argument::Value(&email, None)));
    assert!(with("union", &Type::list(text()), Argument::Value(&emails, None)));
    assert!(with("group_by", &Type::list(text()), Argument::Lambda(&email)));
    assert!(!with("group_by", &emails, Argument::Lambda(&text())));
    assert!(!with("contains", &text(), Argument::Value(&text(), None)));
}
