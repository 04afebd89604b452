//! How normal texts are written: words, brackets and JSON, so that none can be read in two ways.

use std::fmt::Write as _;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::ir::AudienceOf;
use crate::ty::{Kind, Shape, ShapeKind};
use crate::value::Value;

/// The longest text, in bytes, that stands in others as it is. Of longer ones the digest does, so that lets that are
/// used many times do not multiply.
const MAX_EMBEDDED: usize = 64;

/// The SHA-256 (FIPS 180-4) of a text, in hexadecimal.
pub(crate) fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// `word(part,part)`.
pub(crate) fn call(word: &str, parts: impl IntoIterator<Item = String>) -> String {
    let parts: Vec<String> = parts.into_iter().collect();
    format!("{word}({})", parts.join(","))
}

/// A text as it stands within another.
pub(crate) fn embedded(text: &str) -> String {
    if text.len() > MAX_EMBEDDED { format!("#{}", sha256(text)) } else { text.to_owned() }
}

/// A text as a JSON string.
pub(crate) fn quoted(text: &str) -> String {
    Value::from(text).to_json()
}

/// What is compared without regard to ASCII case.
pub(crate) fn folded(text: String, fold: bool) -> String {
    if fold { call("folded", [text]) } else { text }
}

pub(crate) fn audience(of: AudienceOf) -> String {
    match of {
        AudienceOf::Token => "audience",
        AudienceOf::Requested => "requested",
    }
    .to_owned()
}

/// A constant. Times and durations are whole numbers that only the type tells.
pub(crate) fn literal(value: &Value, kind: &Kind) -> String {
    match kind {
        Kind::Timestamp => call("timestamp", [value.to_json()]),
        Kind::Duration => call("duration", [value.to_json()]),
        _ => value.to_json(),
    }
}

/// Everything about a shape that decides what reading a value gives: all but labels.
pub(crate) fn shape(shape: &Shape) -> String {
    let inner = |part: &Arc<Shape>| embedded(&self::shape(part));
    let kind = match &shape.kind {
        ShapeKind::Error => "error".to_owned(),
        ShapeKind::Bool => "bool".to_owned(),
        ShapeKind::Int => "int".to_owned(),
        ShapeKind::Number => "number".to_owned(),
        ShapeKind::String => "string".to_owned(),
        ShapeKind::Email => "email".to_owned(),
        ShapeKind::Timestamp => "timestamp".to_owned(),
        ShapeKind::Duration => "duration".to_owned(),
        ShapeKind::Json => "json".to_owned(),
        ShapeKind::Enum(words) => call("enum", words.iter().map(|word| quoted(word))),
        ShapeKind::List(element) => call("list", [inner(element)]),
        ShapeKind::Map(value) => call("map", [inner(value)]),
        ShapeKind::Record(record) => {
            let members = record.members.iter();
            let members =
                members.map(|(name, member)| call("named", [quoted(name), embedded(&self::shape(member))]));
            call(if record.open { "open" } else { "record" }, members)
        }
    };
    let mut parts = vec![kind];
    parts.extend(shape.optional.then(|| "optional".to_owned()));
    let bounds = shape.bounds;
    let whole =
        [("max_length", bounds.max_length), ("max_items", bounds.max_items), ("max_bytes", bounds.max_bytes)];
    let whole = whole.map(|(word, bound)| (word, bound.map(|bound| bound.to_string())));
    let signed = [("min", bounds.min), ("max", bounds.max)];
    let signed = signed.map(|(word, bound)| (word, bound.map(|bound| bound.to_string())));
    let bounds = whole.into_iter().chain(signed);
    parts.extend(bounds.filter_map(|(word, bound)| Some(call(word, [bound?]))));
    parts.extend(shape.default.iter().map(|default| call("default", [embedded(&default.to_json())])));
    call("shape", parts)
}
