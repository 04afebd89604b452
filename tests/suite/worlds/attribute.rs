//! Attributes of small worlds: what claims.yaml says of them, what policies ask about them, and a list of values that
//! answers every such question in each way that is possible at all.

use claimsc::Value;
use claimsc::value::JsonLimits;

use super::rng::Rng;

/// What a request has of an attribute: nothing, or a value.
pub(super) type Given = Option<Value>;

/// An attribute of a world.
#[derive(Debug, Clone)]
pub(super) struct Attribute {
    /// As policies write it: `user.profile.city`.
    pub(super) path: &'static str,
    /// Its type in claims.yaml, without `?`.
    pub(super) ty: &'static str,
    pub(super) kind: Kind,
    pub(super) optional: bool,
    pub(super) label: Option<&'static str>,
    /// Bounds in claims.yaml, as further settings.
    pub(super) bounds: &'static str,
    /// What requests may have of it.
    pub(super) values: Vec<Given>,
    /// The conditions about its value that policies use.
    pub(super) tests: Vec<String>,
}

/// How the value of an attribute can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// One of these words.
    Enum(&'static [&'static str]),
    Bool,
    Text,
    Email,
    Int,
    Words,
    Time,
    /// Only asked about, never written.
    Party,
}

impl Attribute {
    pub(super) fn of_user(&self) -> bool {
        self.path.starts_with("user.")
    }
}

pub(super) fn json(text: &str) -> Value {
    Value::parse_json(text.as_bytes(), JsonLimits::default()).expect("JSON of a test")
}

const PLANS: &[&str] = &["free", "pro"];
const LEVELS: &[&str] = &["gold", "silver", "bronze"];

/// Tests of a text with `$` in place of the attribute, and what they mean.
type TextTest = (&'static str, fn(&str) -> bool);
const TEXT_TESTS: &[TextTest] = &[
    ("$ = \"ops-x\"", |s| s == "ops-x"),
    ("$ != \"dev\"", |s| s != "dev"),
    ("$ in [\"dev\", \"ops-y\"]", |s| s == "dev" || s == "ops-y"),
    ("$.starts_with(\"ops-\")", |s| s.starts_with("ops-")),
    ("$.ends_with(\"-x\")", |s| s.ends_with("-x")),
    ("$.contains(\"-\")", |s| s.contains('-')),
    ("$.length() > 5", |s| s.len() > 5),
    ("$.matches(/[a-z]+-[xy]/)", |s| {
        let bytes = s.as_bytes();
        let letters = bytes.iter().take_while(|b| b.is_ascii_lowercase()).count();
        letters > 0
            && bytes.len() == letters + 2
            && bytes[letters] == b'-'
            && matches!(bytes[letters + 1], b'x' | b'y')
    }),
    ("$.upper() = \"DEV\"", |s| s.eq_ignore_ascii_case("dev")),
    ("$.lower().starts_with(\"d\")", |s| s.to_ascii_lowercase().starts_with('d')),
    ("$.replace(\"-\", \"\") = \"opsx\"", |s| s.replace('-', "") == "opsx"),
    ("$.split(\"-\").length() > 2", |s| s.split('-').count() > 2),
    ("$.strip_prefix(\"ops-\") = \"x\"", |s| s.strip_prefix("ops-").unwrap_or(s) == "x"),
    ("$.after_prefix(\"ops-\") = \"x\"", |s| s == "ops-x"),
    ("$.to_int() = 0", |s| s.parse() == Ok(0)),
    ("$.take(3) = \"ops\"", |s| s.starts_with("ops")),
    ("$ < \"e\"", |s| s < "e"),
];
const WORDS: &[&str] = &[
    "dev",
    "ops-x",
    "ops-y",
    "ops-z",
    "ops-1-x",
    "zed",
    "dev-x",
    "dev-z",
    "-x",
    "ops-",
    "a-b",
    "",
    "longer",
    "development-x",
    "development-y",
    "development-1",
    "ops-longer-x",
    "ops-longer-y",
    "ops-longer-name",
    "a-longer-name",
    "a-longer-x",
    "long-y",
    "longer-y",
    "longer-x",
    "opsops-x",
    "ops--x",
    "0",
    "0-x",
    "000000",
    "000000-x",
    "Dev",
    "x",
    "opsx",
    "Dope-1-2",
];

/// Whether a test can be unknown although its attribute is there.
pub(super) fn is_partial(test: &str) -> bool {
    [".domain", ".after_prefix", ".to_int", ".first()"].iter().any(|part| test.contains(part))
}

/// A word for each way in which the tests can come out together.
fn words(tests: &[TextTest]) -> Vec<Given> {
    let mut seen = Vec::new();
    let mut words = Vec::new();
    for word in WORDS {
        let outcome: Vec<bool> = tests.iter().map(|(_, test)| test(word)).collect();
        if !seen.contains(&outcome) {
            seen.push(outcome);
            words.push(Some(Value::from(*word)));
        }
    }
    words
}

fn on(path: &str, tests: &[&str]) -> Vec<String> {
    tests.iter().map(|test| test.replace('$', path)).collect()
}

fn plain(path: &'static str, ty: &'static str, kind: Kind, values: &str) -> Attribute {
    let values = json(values).as_list().expect("a list").iter().cloned().map(Some).collect();
    Attribute { path, ty, kind, optional: false, label: None, bounds: "", values, tests: Vec::new() }
}

/// The attributes that a world may have, with tests and values drawn for it.
pub(super) fn pool(rng: &mut Rng) -> Vec<Attribute> {
    let age = rng.pick(&[0_i64, 18, 65]);
    let ages = if rng.chance(30) { vec![age, age + 10] } else { vec![age] };
    let some_text = rng.below(2) + 1;
    let name_tests = rng.some(TEXT_TESTS, some_text);
    let city_tests = rng.some(&TEXT_TESTS[..4], 1);
    let mut pool = vec![
        Attribute {
            tests: on(
                "user.plan",
                &["$ = \"pro\"", "$ != \"pro\"", "$ = \"free\"", "$ in [\"free\", \"pro\"]"],
            ),
            ..plain("user.plan", "{ enum: [free, pro] }", Kind::Enum(PLANS), r#"["free", "pro"]"#)
        },
        Attribute {
            tests: on("user.level", &["$ = \"gold\"", "$ in [\"gold\", \"silver\"]", "$ != \"bronze\""]),
            ..plain(
                "user.level",
                "{ enum: [gold, silver, bronze] }",
                Kind::Enum(LEVELS),
                r#"["gold", "silver", "bronze"]"#,
            )
        },
        Attribute {
            tests: on("user.verified", &["$"]),
            ..plain("user.verified", "bool", Kind::Bool, "[true, false]")
        },
        Attribute {
            tests: on("user.staff", &["$", "$ = false"]),
            ..plain("user.staff", "bool", Kind::Bool, "[true, false]")
        },
        text("user.name", &name_tests),
        text("user.profile.city", &city_tests),
        numbers(&ages),
        Attribute {
            tests: on("user.nick", &["$ = \"dev\""]),
            bounds: "max_length: 20",
            ..plain("user.nick", "string", Kind::Text, r#"["dev", "ops-x", "zed"]"#)
        },
        Attribute {
            tests: on("user.limit", &["$ > 18"]),
            bounds: "min: -5, max: 150",
            ..plain("user.limit", "int", Kind::Int, "[17, 18, 19, 20]")
        },
        groups(rng),
        Attribute {
            label: Some("pii"),
            tests: on(
                "user.email",
                &["$ = \"A@acme.example\"", "$.domain = \"acme.example\"", "$.ends_with(\"@acme.example\")"],
            ),
            bounds: "max_length: 40",
            ..plain(
                "user.email",
                "email",
                Kind::Email,
                r#"["a@acme.example", "b@ACME.example", "c@other.example"]"#,
            )
        },
        Attribute {
            tests: on("client.metadata.tier", &["$ = \"gold\"", "$ != \"silver\""]),
            ..plain("client.metadata.tier", "string", Kind::Text, r#"["gold", "silver", "x"]"#)
        },
        Attribute {
            tests: on("session.amr", &["\"mfa\" in $", "$.any(m => m = \"mfa\")"]),
            ..plain("session.amr", "string[]", Kind::Words, r#"[[], ["mfa"], ["pwd"], ["pwd", "mfa"]]"#)
        },
        Attribute {
            tests: on("session.auth_time", &["$ < now - 1h", "$ >= now - 1h"]),
            ..plain("session.auth_time", "timestamp", Kind::Time, "[996399, 996400, 996401]")
        },
        Attribute {
            tests: on("connection", &["$ = google", "$ exists", "$ != google"]),
            ..plain("connection", "", Kind::Party, r#"["google-oauth2", { "id": "other" }]"#)
        },
        Attribute {
            tests: on("organization", &["$ = north", "$ exists"]),
            ..plain("organization", "", Kind::Party, r#"[{ "id": "org-1" }, "org-2"]"#)
        },
        Attribute {
            tests: on("actor", &["$ exists", "$.sub = \"svc\""]),
            ..plain("actor", "", Kind::Party, r#"[{ "sub": "svc" }, { "sub": "x" }]"#)
        },
        Attribute {
            tests: vec![
                "external.risk failed or external.risk.score < 80".to_owned(),
                "not external.risk failed and external.risk.score >= 80".to_owned(),
            ],
            ..plain(
                "external.risk",
                "",
                Kind::Party,
                r#"[{ "score": 79 }, { "score": 80 }, { "score": 81 }, { "$failed": "no" }]"#,
            )
        },
    ];
    for attribute in &mut pool {
        let must = matches!(
            attribute.path,
            "client.metadata.tier" | "session.amr" | "session.auth_time" | "user.profile.city"
        ) || attribute.kind == Kind::Party;
        attribute.optional = must || rng.chance(35);
        if attribute.optional {
            attribute.values.insert(0, None);
        }
        if matches!(attribute.path, "user.name" | "user.groups") && rng.chance(25) {
            attribute.label = Some(rng.pick(&["health", "pii"]));
        }
    }
    pool
}

fn text(path: &'static str, tests: &[TextTest]) -> Attribute {
    let written: Vec<&str> = tests.iter().map(|(written, _)| *written).collect();
    Attribute {
        tests: on(path, &written),
        values: words(tests),
        bounds: "max_length: 20",
        ..plain(path, "string", Kind::Text, "[]")
    }
}

fn numbers(thresholds: &[i64]) -> Attribute {
    let mut tests = Vec::new();
    let mut values = Vec::new();
    for threshold in thresholds {
        for operator in ["<", ">=", "=", "<="] {
            tests.push(format!("user.age {operator} {threshold}"));
        }
        values.extend([threshold - 1, *threshold, threshold + 1]);
        tests.push(format!("user.age + 1 = {threshold}"));
        match threshold {
            0 => tests.push("-user.age < 0".to_owned()),
            18 => tests.push("user.age * 2 > 36".to_owned()),
            _ => {}
        }
    }
    let values = values.into_iter().map(|value| Some(Value::int(value))).collect();
    Attribute { tests, values, bounds: "min: -5, max: 150", ..plain("user.age", "int", Kind::Int, "[]") }
}

fn groups(rng: &mut Rng) -> Attribute {
    let menu: [(&[&str], &str); 5] = [
        (
            &["$.length() > 1", "$.first() = \"a\"", "[\"a\", \"b\"].any(x => x in $)"],
            r#"[[], ["a"], ["b"], ["a", "b"], ["b", "a"]]"#,
        ),
        (
            &[
                "$.filter(g => g.starts_with(\"a\")).length() >= 2",
                "$.join(\",\") = \"ab\"",
                "$.distinct().length() = 1",
            ],
            r#"[[], ["ab"], ["b"], ["ab", "ac"], ["ab", "ab"], ["b", "ab"]]"#,
        ),
        (
            &["\"a\" in $", "$.any(g => g = \"a\")", "not $.any(g => g = \"a\")"],
            r#"[[], ["a"], ["b"], ["a", "b"]]"#,
        ),
        (
            &["\"ab\" in $", "$.any(g => g.starts_with(\"a\"))"],
            r#"[[], ["ab"], ["ac"], ["b"], ["ab", "b"], ["ac", "b"], ["ab", "ac"]]"#,
        ),
        (
            &["$.nonempty() exists and $.all(g => g = \"a\")", "$.nonempty() exists", "\"a\" in $"],
            r#"[[], ["a"], ["b"], ["a", "b"]]"#,
        ),
    ];
    let (tests, values) = rng.pick(&menu);
    Attribute {
        tests: on("user.groups", tests),
        bounds: "max_items: 3, items: { max_length: 8 }",
        ..plain("user.groups", "\"string[]\"", Kind::Words, values)
    }
}

/// Adds tests of two attributes at once, where both are there.
pub(super) fn compare(attributes: &mut [Attribute]) {
    let find = |path: &str| attributes.iter().position(|attribute| attribute.path == path);
    let (name, nick, age, limit) =
        (find("user.name"), find("user.nick"), find("user.age"), find("user.limit"));
    if let (Some(name), Some(nick)) = (name, nick) {
        attributes[nick].values.extend(attributes[name].values.clone());
        attributes[nick]
            .tests
            .extend(["user.nick = user.name".to_owned(), "user.name != user.nick".to_owned()]);
        tidy(&mut attributes[nick]);
    }
    if let (Some(age), Some(limit)) = (age, limit) {
        let around = attributes[age]
            .values
            .iter()
            .flatten()
            .filter_map(Value::as_int)
            .flat_map(|age| [age, age + 1, age + 2]);
        let around: Vec<Given> = around.map(|value| Some(Value::int(value))).collect();
        attributes[limit].values.extend(around);
        attributes[limit].tests =
            ["user.limit > user.age", "user.limit = user.age + 1", "user.limit - user.age >= 1"]
                .map(str::to_owned)
                .into();
        tidy(&mut attributes[limit]);
    }
}

/// Each value once. Tests of two attributes are unknown where one is missing, so none may be.
fn tidy(attribute: &mut Attribute) {
    let mut seen: Vec<Given> = Vec::new();
    attribute.values.retain(|value| {
        let is_new = value.is_some() && !seen.contains(value);
        seen.push(value.clone());
        is_new
    });
    attribute.optional = false;
}
