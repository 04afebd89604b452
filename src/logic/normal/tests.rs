//! Which texts are equal, and which are not.

use super::*;
use crate::ir::Action;
use crate::lower::testing::unit;

const CATALOG: &str = r"
language: 1
user:
  email: email
  name: string
  plan: string
  age: int
  roles: string[]
  teams: string[]
  seen: timestamp
  tags: map[string]?
config:
  region: { type: string, value: eu }
";

/// The values of a policy's claims, in order.
fn texts(catalog: &str, policy: &str) -> Vec<Arc<str>> {
    let text = format!("namespace ns = \"https://acme.example/claims/\"\n{policy}");
    let unit = unit(catalog, &text);
    let normal = Normal::new(&unit);
    let value = |action: &Action| match action {
        Action::Write { value, .. } => Some(normal.text(value)),
        _ => None,
    };
    unit.statements.iter().filter_map(|statement| value(&statement.action)).collect()
}

fn text_in(catalog: &str, declarations: &str, expression: &str) -> Arc<str> {
    let texts = texts(catalog, &format!("{declarations}\nadd ns/a = {expression} to id_token"));
    let [text] = texts.as_slice() else { panic!("{texts:?}") };
    text.clone()
}

fn text(expression: &str) -> Arc<str> {
    text_in(CATALOG, "", expression)
}

#[test]
fn what_is_the_same_has_one_text() {
    for (a, b) in [
        ("user.roles.any(r => r = \"x\")", "user.roles.any(role => \"x\" = role)"),
        (
            "user.roles.filter(r => user.teams.any(t => t = r))",
            "user.roles.filter(t => user.teams.any(r => r = t))",
        ),
        ("user.age > 3 and user.name = \"n\"", "user.name = \"n\" and 3 < user.age"),
        ("user.age >= 3", "not (user.age < 3)"),
        ("user.age != 3", "not (3 = user.age)"),
        (
            "(user.age > 1 and user.age > 2) and user.age > 3",
            "user.age > 1 and (user.age > 2 and user.age > 3)",
        ),
        ("user.age > 1 or user.age > 1 or user.age > 2", "user.age > 2 or user.age > 1"),
        ("not (not (user.tags exists))", "user.tags exists"),
        ("user.name in [\"a\", \"b\"]", "user.name in [\"b\", \"a\"]"),
        ("user.seen > now - 5m", "now - 300s < user.seen"),
        ("user.age + 1 - user.age * 2", "1 - 2 * user.age + user.age"),
    ] {
        assert_eq!(text(a), text(b), "{a}  |  {b}");
    }
}

#[test]
fn what_differs_has_another_text() {
    for (a, b) in [
        ("user.age > 3", "user.age > 4"),
        ("user.age > 3", "user.age >= 3"),
        ("user.age < 3", "user.age > 3"),
        ("user.age - 1", "1 - user.age"),
        ("user.name = \"a\"", "user.name = \"A\""),
        ("user.name = \"1\"", "user.name = \"user.name\""),
        ("user.email = user.name", "user.name = user.plan"),
        ("user.name = \"a@b.example\"", "user.email = \"a@b.example\""),
        ("[\"a\", \"b\"]", "[\"b\", \"a\"]"),
        ("[\"a,b\"]", "[\"a\", \"b\"]"),
        ("user.tags.a", "user.tags.b"),
        ("user.tags[\"a.b\"]", "user.tags.a"),
        ("user.name.lower()", "user.email.lower()"),
        ("user.name.matches(/a/)", "user.name.matches(/b/)"),
        (
            "user.roles.map(r => user.teams.filter(t => t = r))",
            "user.roles.map(r => user.teams.filter(t => t = t.lower()))",
        ),
        (
            "user.roles.filter(r => user.teams.any(t => r = \"a\"))",
            "user.roles.filter(r => user.teams.any(t => t = \"a\"))",
        ),
        ("user.seen > now - 5m", "user.seen > now - 5s"),
        ("user.tags.a ?? user.tags.b", "user.tags.b ?? user.tags.a"),
    ] {
        assert_ne!(text(a), text(b), "{a}  |  {b}");
    }
}

#[test]
fn lets_stand_for_what_they_name() {
    let grown = "let adult = user.age > 17 and user.name = \"n\"";
    let known = "user.age > 17 and user.name = \"n\"";
    for (expression, inlined) in [
        ("adult and user.plan = \"p\"", format!("({known}) and user.plan = \"p\"")),
        ("not adult", format!("not ({known})")),
        ("user.roles.filter(r => adult)", format!("user.roles.filter(r => {known})")),
    ] {
        assert_eq!(text_in(CATALOG, grown, expression), text(&inlined), "{expression}");
    }
    let lists = "let all = [\"a\", \"b\"]";
    assert_eq!(text_in(CATALOG, lists, "user.name in all"), text("user.name in [\"b\", \"a\"]"));
}

#[test]
fn shared_lets_do_not_multiply() {
    let mut declarations = "let l0 = user.name + user.plan\n".to_owned();
    for i in 1..40 {
        declarations += &format!("let l{i} = l{} + \"-\" + l{}\n", i - 1, i - 1);
    }
    assert!(text_in(CATALOG, &declarations, "l39").len() < 300);
}

#[test]
fn tables_are_their_rows() {
    let table = |name: &str, rows: &str| {
        let declaration = format!("table {name} {{ {rows} }}");
        text_in(CATALOG, &declaration, &format!("{name}[user.name]"))
    };
    let one = table("a", "\"x\" => \"1\", \"y\" => \"2\"");
    assert_eq!(one, table("b", "\"y\" => \"2\", \"x\" => \"1\""));
    assert_ne!(one, table("a", "\"x\" => \"1\", \"y\" => \"3\""));
    assert_ne!(one, table("a", "\"x\" => \"1\""));
    let mail = |rows: &str| text_in(CATALOG, &format!("table t {{ {rows} }}"), "t[user.email]");
    assert_ne!(mail("\"A@b\" => \"1\", \"a@b\" => \"2\""), mail("\"a@b\" => \"2\", \"A@b\" => \"1\""));
}

#[test]
fn constants_count_by_their_value() {
    let other = CATALOG.replace("value: eu", "value: us");
    assert_eq!(text("config.region"), text("config.region"));
    assert_ne!(text("config.region"), text_in(&other, "", "config.region"));
}

#[test]
fn builtins_are_told_apart_by_receiver_and_name() {
    let mut seen = std::collections::BTreeSet::new();
    for builtin in crate::builtins::methods() {
        let (of, _) = builtin.signature.split_once('.').unwrap();
        assert!(seen.insert((of, builtin.name())), "{builtin:?}");
    }
}

#[test]
fn texts_read_like_this() {
    let text = text("user.name.matches(/a+/) and user.age >= 3 or user.roles.any(r => r = \"x\")");
    insta::assert_snapshot!(text, @r#"or(<T[]>any(user."roles",lambda(equal("x",$0))),#9fdbe74ac9e187ef1775db7963c5f8feffa0ea8b7284bfb2e851abaa52887c5f)"#);
}
