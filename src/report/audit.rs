//! The exceptions of a policy, for people and for tools.

use std::fmt::Write as _;

use crate::analysis::audit::Exception;
use crate::source::Sources;
use crate::value::Value;

use super::json::{object, place};
use super::one_line;

/// `place  kind subject  reason`, in columns, and how many there are.
pub(super) fn text(exceptions: &[Exception], sources: &Sources) -> String {
    let rows: Vec<[String; 3]> = exceptions
        .iter()
        .map(|Exception { kind, subject, claim, reason, span }| {
            let about = match (subject, claim) {
                (Some(subject), Some(claim)) => format!("{subject} for {claim}"),
                (Some(one), None) | (None, Some(one)) => one.clone(),
                (None, None) => String::new(),
            };
            [
                one_line(&sources.place(*span)),
                one_line(&format!("{} {about}", kind.as_str())),
                reason.as_deref().map(one_line).unwrap_or_default(),
            ]
        })
        .collect();
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let (places, subjects) = (width(0), width(1));
    let mut out = String::new();
    for [place, subject, reason] in &rows {
        let line = format!("{place:<places$}  {subject:<subjects$}  {reason}");
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{}", line.trim_end());
    }
    let _ = match rows.len() {
        0 => writeln!(out, "no exceptions"),
        1 => writeln!(out, "1 exception"),
        count => writeln!(out, "{count} exceptions"),
    };
    out
}

/// `{ "exceptions": [..] }`; what an exception does not have is null.
pub(super) fn json(exceptions: &[Exception], sources: &Sources) -> Value {
    let text = |text: &Option<String>| text.as_deref().map_or(Value::Null, Value::from);
    let exceptions = exceptions.iter().map(|Exception { kind, subject, claim, reason, span }| {
        let [file, start, end] = place(*span, sources);
        object([
            ("kind", Value::from(kind.as_str())),
            ("subject", text(subject)),
            ("claim", text(claim)),
            ("reason", text(reason)),
            file,
            start,
            end,
        ])
    });
    object([("exceptions", Value::list(exceptions.collect()))])
}
