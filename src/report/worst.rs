//! What the worst request can cost, for people and for tools.

use crate::analysis::size::grouped;
use crate::analysis::worst::Worst;
use crate::eval::MAX_STEPS;
use crate::value::Value;

use super::json::object;

/// One line. A number without an end is called so.
pub(super) fn text(worst: &Worst) -> String {
    let Worst { statements, steps, operations, read, claims } = *worst;
    let count = |n: u64, one: &str, many: &str| match n {
        1 => format!("1 {one}"),
        u64::MAX => format!("any number of {many}"),
        n => format!("{} {many}", grouped(n)),
    };
    let steps = if steps > MAX_STEPS {
        format!("all {} steps (more are an error)", grouped(MAX_STEPS))
    } else {
        format!("{} of {} steps", grouped(steps), grouped(MAX_STEPS))
    };
    format!(
        "a request takes at most: {}, {steps}, {}, {} read, {} of claims\n",
        count(statements, "statement", "statements"),
        count(operations, "operation", "operations"),
        count(read, "byte", "bytes"),
        count(claims, "byte", "bytes"),
    )
}

/// The counts; `null` for one without an end.
pub(super) fn json(worst: &Worst) -> Value {
    let count = |n: u64| i64::try_from(n).map_or(Value::Null, Value::int);
    object([
        ("statements", count(worst.statements)),
        ("steps", count(worst.steps)),
        ("step_limit", count(MAX_STEPS)),
        ("operations", count(worst.operations)),
        ("bytes_read", count(worst.read)),
        ("bytes_of_claims", count(worst.claims)),
    ])
}
