//! Constants from trying things out that every token still gets.

use super::look::{literal, written};
use super::words::{claim_name, words};
use crate::diag::Diagnostic;
use crate::ir::Unit;
use crate::value::Value;

crate::codes! {
    /// A constant that reads like a left-over goes into every token.
    LEFT_OVER_CONSTANT = "C0726" "left-over-constant" Warning allow;
}

/// Words of people who try something out.
const WORDS: &[&str] = &[
    "test",
    "testing",
    "debug",
    "foo",
    "foobar",
    "bar",
    "baz",
    "qux",
    "todo",
    "fixme",
    "hello",
    "dummy",
    "asdf",
    "xxx",
    "lorem",
    "sample",
    "placeholder",
    "changeme",
    "mycustomclaim",
];

pub(super) fn check(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    for statement in unit.statements.iter().filter(|statement| statement.guard.is_empty()) {
        let Some((claim, _, value)) = written(statement) else { continue };
        let Some(constant) = literal(unit, value) else { continue };
        let name = claim_name(unit, claim);
        let of_name = words(&name);
        // Where the claim says in which environment a token was issued, `test` is an answer.
        let is_environment =
            of_name.iter().any(|word| matches!(word.as_str(), "env" | "environment" | "stage"));
        let of_value = constant.as_str().map(words).unwrap_or_default();
        let odd = of_name.iter().chain(&of_value).find(|word| WORDS.contains(&word.as_str()));
        if let Some(odd) = odd.filter(|_| !is_environment && is_plain(constant)) {
            findings.push(
                Diagnostic::new(
                    &LEFT_OVER_CONSTANT,
                    statement.span,
                    format!("every token gets this constant, and `{odd}` reads like a left-over"),
                )
                .help("remove it, or say for whom it is"),
            );
        }
    }
}

fn is_plain(value: &Value) -> bool {
    matches!(value, Value::String(_) | Value::Bool(_) | Value::Number(_))
}
