//! Findings as JSON, for tools.

use crate::diag::{Diagnostic, Edit, Fix, Label};
use crate::source::{Position, Sources, Span};
use crate::value::{JsonLimits, Object, Value};

use super::Summary;

/// `{ "diagnostics": [..], "summary": {..} }`.
pub(super) fn document(diagnostics: &[Diagnostic], sources: &Sources) -> Value {
    let Summary { errors, warnings, notes } = Summary::of(diagnostics);
    let summary = object([("errors", count(errors)), ("warnings", count(warnings)), ("notes", count(notes))]);
    let diagnostics = diagnostics.iter().map(|d| diagnostic(d, sources)).collect();
    object([("diagnostics", Value::list(diagnostics)), ("summary", summary)])
}

fn diagnostic(diagnostic: &Diagnostic, sources: &Sources) -> Value {
    let [file, start, end] = place(diagnostic.span, sources);
    let labels = std::iter::once((diagnostic.span, &diagnostic.label))
        .filter(|(_, text)| !text.is_empty())
        .chain(diagnostic.labels.iter().map(|Label { span, text }| (*span, text)))
        .map(|(span, text)| spanned(span, text, sources))
        .collect();
    object([
        ("code", Value::from(diagnostic.code.code)),
        ("slug", Value::from(diagnostic.code.slug)),
        ("severity", Value::from(diagnostic.severity.as_str())),
        ("message", Value::from(diagnostic.message.as_str())),
        ("help", diagnostic.help.as_deref().map_or(Value::Null, Value::from)),
        file,
        start,
        end,
        ("labels", Value::list(labels)),
        ("fixes", Value::list(diagnostic.fixes.iter().map(|f| fix(f, sources)).collect())),
        ("witness", witness(diagnostic).unwrap_or(Value::Null)),
    ])
}

/// The request that shows a finding.
pub(super) fn witness(diagnostic: &Diagnostic) -> Option<Value> {
    let parsed = |text: &String| Value::parse_json(text.as_bytes(), JsonLimits::default()).ok();
    diagnostic.witness.as_ref().and_then(parsed)
}

fn fix(Fix { title, applicability, edits }: &Fix, sources: &Sources) -> Value {
    let edits = edits.iter().map(|Edit { span, text }| spanned(*span, text, sources)).collect();
    object([
        ("title", Value::from(title.as_str())),
        ("applicability", Value::from(applicability.as_str())),
        ("edits", Value::list(edits)),
    ])
}

/// A place with a text: a label, an edit.
fn spanned(span: Span, text: &str, sources: &Sources) -> Value {
    let [file, start, end] = place(span, sources);
    object([file, start, end, ("text", Value::from(text))])
}

pub(super) fn place(span: Span, sources: &Sources) -> [(&'static str, Value); 3] {
    [
        ("file", Value::from(sources.name(span.file))),
        ("start", position(sources.start(span))),
        ("end", position(sources.end(span))),
    ]
}

fn position(Position { line, column, offset }: Position) -> Value {
    object([("line", count(line)), ("column", count(column)), ("offset", count(offset))])
}

pub(super) fn count(n: usize) -> Value {
    Value::int(i64::try_from(n).unwrap_or(i64::MAX))
}

pub(super) fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::object(members.into_iter().map(|(name, value)| (name.into(), value)).collect::<Object>())
}

/// An object with one more member, the last one.
pub(super) fn with(object: &Value, name: &str, value: Value) -> Value {
    let mut members = object.as_object().cloned().unwrap_or_default();
    members.insert(name.into(), value);
    Value::object(members)
}
