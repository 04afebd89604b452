//! Expressions.

use crate::eval::testing::*;
use crate::ir::*;

/// What an expression gives for a user, as JSON; `-` for none.
fn of(members: &[(&str, crate::ty::Shape)], user: &str, build: impl FnOnce(&mut Policy) -> Expr) -> String {
    let mut policy = Policy::of_user(members);
    let value = build(&mut policy);
    policy.add("c", value);
    let request = format!(r#"{{ "grant": "jwt_bearer", "client": "c", "user": {user} }}"#);
    let decision = crate::eval::evaluate(&policy.unit, &self::request(&request)).to_json();
    let claims = decision.get("access_token").unwrap_or_else(|| panic!("{}", decision.to_json()));
    claims.get("c").map_or_else(|| "-".to_owned(), crate::value::Value::to_json)
}

fn constant(build: impl FnOnce(&mut Policy) -> Expr) -> String {
    of(&[], "{}", build)
}

#[test]
fn elements_of_lists_maps_and_json() {
    let index = |object: &str, index: &str| constant(|_| expr(ExprKind::Index(lit(object), lit(index))));
    assert_eq!(index("[1, 2]", "1"), "2");
    assert_eq!(index("[1, 2]", "2"), "-");
    assert_eq!(index("[1, 2]", "-1"), "-");
    assert_eq!(index(r#"{"a": null}"#, "\"a\""), "null");
    assert_eq!(index(r#"{"a": 1}"#, "\"b\""), "-");
    assert_eq!(index(r#"{"a": 1}"#, "0"), "-");
    assert_eq!(index("\"text\"", "0"), "-");
    assert_eq!(constant(|_| expr(ExprKind::Member(lit(r#"{"a": 1}"#), "a".into()))), "1");
    assert_eq!(constant(|_| expr(ExprKind::Member(lit("[1]"), "a".into()))), "-");
}

#[test]
fn records_keep_order_and_later_members_replace() {
    let built = of(&[("a", shape("string?"))], "{}", |policy| {
        let absent = policy.read("user.a");
        expr(ExprKind::Record(vec![
            Member::Named("a".into(), lit("1")),
            Member::Named("b".into(), lit("2")),
            Member::Spread(lit(r#"{"c": 3, "a": 4}"#)),
            Member::Named("b".into(), absent.clone()),
            Member::Named("d".into(), absent),
        ]))
    });
    assert_eq!(built, r#"{"a":4,"b":2,"c":3}"#);
}

#[test]
fn lists_leave_absent_elements_out() {
    let built = of(&[("a", shape("string?"))], "{}", |policy| {
        let absent = policy.read("user.a");
        let elements = [(false, lit("1")), (true, lit("[2, null]")), (false, absent.clone()), (true, absent)];
        expr(ExprKind::List(elements.into_iter().map(|(spread, value)| Element { spread, value }).collect()))
    });
    assert_eq!(built, "[1,2,null]");
}

#[test]
fn templates_join_strings_numbers_and_booleans() {
    let parts = || vec![lit("\"a\""), lit("-5"), lit("true")];
    assert_eq!(constant(|_| expr(ExprKind::Template(parts()))), r#""a-5true""#);
    assert_eq!(constant(|_| expr(ExprKind::Join(vec![lit("\"a\""), lit("\"b\"")]))), r#""ab""#);
    assert_eq!(constant(|_| expr(ExprKind::Join(vec![lit("[1]"), lit("[]"), lit("[2]")]))), "[1,2]");
}

#[test]
fn tables_have_rows_of_one_key_or_two() {
    let lookup = |keys: &[&str], fold: bool| {
        constant(|policy| {
            let any = crate::ty::Type::error();
            let rows = [(["\"A\"", "1"], "1"), (["\"a\"", "1"], "2"), (["\"b\"", "1.0"], "3")];
            let rows = rows.iter().map(|(keys, row)| (keys.map(value).to_vec(), value(row)));
            let rows = Rows::new(rows.collect());
            std::sync::Arc::make_mut(&mut policy.unit.tables).push(Table {
                name: "t".into(),
                arity: 2,
                rows,
                key: vec![any.clone(); 2],
                value: any,
                span: lit("1").span,
            });
            let keys: Vec<Expr> = keys.iter().map(|key| lit(key)).collect();
            expr(ExprKind::Lookup { table: TableId(0), fold: vec![fold; keys.len()], keys })
        })
    };
    assert_eq!(lookup(&["\"a\"", "1"], false), "2");
    assert_eq!(lookup(&["\"a\"", "1"], true), "2", "the exact spelling first");
    assert_eq!(lookup(&["\"B\"", "1"], true), "3");
    assert_eq!(lookup(&["\"B\"", "1"], false), "-");
    assert_eq!(lookup(&["\"b\"", "2"], false), "-");
}

#[test]
fn as_tests_in_depth() {
    let as_shape = |json: &str, target: crate::ty::Shape| {
        constant(|_| expr(ExprKind::As(lit(json), std::sync::Arc::new(target))))
    };
    assert_eq!(as_shape(r#"["a", "b"]"#, shape("string[]")), r#"["a","b"]"#);
    assert_eq!(as_shape(r#"["a", 1]"#, shape("string[]")), "-");
    assert_eq!(as_shape(r#"["a", null]"#, shape("string[]")), "-");
    assert_eq!(as_shape(r#"["a", null]"#, shape("string?[]")), r#"["a"]"#);
    let target = || record(&[("a", shape("int")), ("b", shape("string?"))]);
    assert_eq!(as_shape(r#"{"x": 1, "b": null, "a": 2}"#, target()), r#"{"a":2}"#);
    assert_eq!(as_shape(r#"{"x": 1}"#, target()), "-");
    assert_eq!(as_shape(r#"{"x": 1, "a": 2}"#, open(target())), r#"{"x":1,"a":2}"#);
}

#[test]
fn email_like_values_compare_without_case() {
    let compare = |fold| {
        let compare = crate::ast::Comparison::Equal;
        constant(|_| {
            expr(ExprKind::Compare { operator: compare, left: lit("\"A@x\""), right: lit("\"a@X\""), fold })
        })
    };
    assert_eq!((compare(true).as_str(), compare(false).as_str()), ("true", "false"));
    let within =
        |fold| constant(|_| expr(ExprKind::In { element: lit("\"A\""), list: lit("[\"a\"]"), fold }));
    assert_eq!((within(true).as_str(), within(false).as_str()), ("true", "false"));
}

#[test]
fn numbers_keep_their_digits() {
    let copied = of(&[("n", shape("number"))], r#"{ "n": 1.50 }"#, |policy| policy.read("user.n"));
    assert_eq!(copied, "1.50");
}

/// Each let doubles the one before it; without a bound the value would have 2^200 elements.
#[test]
fn what_lets_build_of_each_other_is_bounded() {
    for twice in [
        |inner: Expr| ExprKind::Join(vec![inner.clone(), inner]),
        |inner: Expr| {
            ExprKind::List(
                vec![inner.clone(), inner]
                    .into_iter()
                    .map(|value| Element { spread: false, value })
                    .collect(),
            )
        },
        |inner: Expr| {
            ExprKind::Record(vec![Member::Named("a".into(), inner.clone()), Member::Named("b".into(), inner)])
        },
        |inner: Expr| ExprKind::Template(vec![inner.clone(), inner]),
    ] {
        let mut policy = Policy::of_user(&[]);
        let mut value = lit("\"text\"");
        for _ in 0..200 {
            value = policy.binding(expr(twice(value)));
        }
        policy.add("c", value);
        let decision = decide(&policy.unit, r#"{ "grant": "jwt_bearer", "client": "c" }"#);
        assert!(decision.contains(r#""message":"a value has more than 1048576 bytes""#), "{decision}");
    }
}

/// As deep as typing lets expressions be, a let included, on the stack of a test's thread.
#[test]
fn the_deepest_expressions_do_not_overflow_the_stack() {
    let nest = |mut inner: Expr| {
        for i in 0..256 {
            inner = match i % 4 {
                0 => expr(ExprKind::List(vec![Element { spread: false, value: inner }])),
                1 => expr(ExprKind::Index(inner, lit("0"))),
                2 => expr(ExprKind::Coalesce(vec![inner, lit("0")])),
                _ => expr(ExprKind::If {
                    condition: not(exists(lit("1"))),
                    reads_user: false,
                    then: lit("0"),
                    otherwise: inner,
                }),
            };
        }
        inner
    };
    let value = constant(|policy| {
        let inner = policy.binding(nest(lit("7")));
        nest(inner)
    });
    assert_eq!(value, "7");
    let condition = |mut inner: Expr| {
        for _ in 0..128 {
            inner = not(and(vec![inner, lit("true")]));
        }
        inner
    };
    let value = constant(|policy| {
        let inner = policy.binding(condition(lit("true")));
        condition(inner)
    });
    assert_eq!(value, "true");
}
