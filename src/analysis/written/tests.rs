use super::*;
use crate::diag::Severity;
use crate::ir::Action;
use crate::source::Sources;
use crate::{catalog, lower, syntax};

const CATALOG: &str = r#"
language: 1
audiences: { api: { id: "https://api.example" }, shop: { id: "https://shop.example" } }
clients: { spa: { id: k8s }, job: { id: m2m, grants: [client_credentials] } }
config: { region: { type: string, value: eu } }
user:
  sub: string
  email: email
  name: string?
  plan: { enum: [free, pro] }
  age: int
  roles: string[]
  data: json
  tags: map[string]
  "odd name": string?
session: { auth_time: timestamp }
"#;

const POLICY: &str = r#"
namespace ns = "https://acme.example/claims/"
let grown = user.age > 17 and user.plan = "pro"
let long = user.name ?? "a default that is so long that nobody wants to read it in the place of its short and well chosen name, right?"
let short(text) = text.take(8)
table level_of { "a" => 1, "b" => 2 }
"#;

fn unit_of(policy: &str) -> Unit {
    let mut sources = Sources::new();
    let (catalog, found) = catalog::read(sources.add("claims.yaml", CATALOG), CATALOG);
    assert!(found.is_empty(), "{found:#?}");
    let file = sources.add("policy.claims", policy);
    let parsed = syntax::parse(file, policy);
    let (unit, found) = lower::lower(&[parsed.file], &sources, &Arc::new(catalog));
    let errors = found.iter().chain(&parsed.findings).filter(|one| one.severity == Severity::Error);
    let messages: Vec<_> = errors.map(|one| &one.message).collect();
    assert!(messages.is_empty(), "{messages:#?}\n{policy}");
    unit
}

/// The expression as it is read, written again.
fn rewritten(text: &str) -> Written {
    let unit = unit_of(&format!("{POLICY}\nadd ns/a = {text} to id_token"));
    let value = unit.statements.iter().find_map(|statement| match &statement.action {
        Action::Write { value, .. } => Some(value),
        _ => None,
    });
    expression(&unit, value.unwrap())
}

#[test]
fn expressions_are_written_as_they_are_read() {
    for text in [
        "user.email",
        "user.age + 1 - (user.age - 2) * 3",
        "-(user.age + 1)",
        "-user.age * 2",
        "user.name ?? \"x\" = \"y\"",
        "user.roles.map(x => user.tags[x] ?? omit)",
        "user.roles.filter(x => user.roles.any(y => x = y and y != \"a\"))",
        "user[\"odd name\"] ?? \"none\"",
        "{ id: user.sub, ...user.tags, \"a b\": [1, ...user.roles.map(x => x.length())] }",
        "\"${user.sub}-${user.age} \\\"\\$\\\\\\n\\u{202e}/\"",
        "if not (user.age < 3 or user.plan = \"pro\") and user.sub = \"a\" then 1 else 2",
        "(if user.age = 1 then 1 else 2) + 1",
        "match user.plan { \"free\" => 1, _ => 2 }",
        "(user.data as { a: string, b: int? }).a",
        "user.sub.matches(/a\\/b|[0-9]+/)",
        "user.sub.regex_replace(/(a)/, \"\\$1\")",
        "user.email.domain",
        "now - session.auth_time > 12h",
        "user.sub in [\"a\", \"b\"] or user.plan not in [\"free\"]",
        "audience = api or shop in audience or audience in [api, shop] or api in requested.audience",
        "client = spa and grant in [authorization_code, implicit] and grant != implicit and not grant in login",
        "user.name exists and user exists",
        "user.name.nonempty() ?? \"n\"",
    ] {
        let written = rewritten(text);
        assert_eq!(written.text, text);
        assert!(written.is_whole, "{text}");
    }
}

#[test]
fn names_give_way_to_what_they_stand_for() {
    for (text, wanted, is_whole) in [
        ("grown", "user.age > 17 and user.plan = \"pro\"", true),
        ("not grown", "not (user.age > 17 and user.plan = \"pro\")", true),
        ("short(user.sub)", "user.sub.take(8)", true),
        ("long", "long", false),
        ("level_of[user.sub]", "level_of[user.sub]", false),
        ("config.region", "config.region", false),
        ("client.id = \"k8s\"", "client = spa", true),
        ("connection = \"google\"", "connection = \"google\"", true),
        ("user.roles.map(role => role.upper())", "user.roles.map(x => x.upper())", true),
        ("user.age!=3   and\n // why\n  user.age>=2", "user.age != 3 and user.age >= 2", true),
    ] {
        assert_eq!(rewritten(text), Written { text: wanted.to_owned(), is_whole }, "{text}");
    }
}

#[test]
fn lets_of_lets_stay_short() {
    let mut policy = "let l0 = user.name ?? \"n\"\n".to_owned();
    for i in 1..40 {
        policy += &format!("let l{i} = l{} + l{}\n", i - 1, i - 1);
    }
    let unit = unit_of(&format!("{policy}\nlimit lifetime to 5m unless l39 = \"a\""));
    let unless = unit.statements[0].unless.as_ref().unwrap();
    assert_eq!(expression(&unit, unless), Written { text: "l39 = \"a\"".to_owned(), is_whole: false });
}

#[test]
fn spans_of_time_have_units() {
    let texts = [0, 1, 60, 90, 3600, 43_200, 86_400, 604_800, -300].map(literal::duration);
    assert_eq!(texts, ["0s", "1s", "1m", "90s", "1h", "12h", "1d", "7d", "-5m"]);
}
