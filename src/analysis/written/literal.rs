//! Constants in the language's syntax.

use crate::ty::Kind;
use crate::value::Value;

/// A constant of a kind. Times, which have no literal, stand as RFC 3339 text.
pub(super) fn value(value: &Value, kind: &Kind) -> String {
    match (value, kind) {
        (Value::Number(number), Kind::Duration) => {
            number.as_int().map_or_else(|| value.to_json(), |seconds| duration(seconds.into()))
        }
        (Value::String(text), _) => quoted(text),
        (Value::List(items), _) => {
            let inner = if let Kind::List(element) = kind { &element.kind } else { &Kind::Json };
            let items: Vec<_> = items.iter().map(|item| self::value(item, inner)).collect();
            format!("[{}]", items.join(", "))
        }
        (Value::Object(members), _) if !members.is_empty() => {
            let one = |(name, member): (&std::sync::Arc<str>, &Value)| {
                let name = if is_word(name) { name.to_string() } else { quoted(name) };
                format!("{name}: {}", self::value(member, &Kind::Json))
            };
            format!("{{ {} }}", members.iter().map(one).collect::<Vec<_>>().join(", "))
        }
        _ => value.to_json(),
    }
}

/// `5m`: whole seconds in the largest unit that divides them.
pub(super) fn duration(seconds: i128) -> String {
    let units = [(86_400, 'd'), (3600, 'h'), (60, 'm')];
    let fitting = units.into_iter().find(|(size, _)| seconds != 0 && seconds % size == 0);
    let (size, unit) = fitting.unwrap_or((1, 's'));
    format!("{}{unit}", seconds / size)
}

/// A string literal.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    push_escaped(&mut out, text);
    out.push('"');
    out
}

/// The inside of a string literal.
pub(super) fn push_escaped(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            // Only before a bracket would it begin something.
            '$' => out.push_str("\\$"),
            c if is_hidden(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
}

/// Controls and the bidirectional marks of Unicode Standard Annex 9, section 2, which a literal may not hold as they are.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// `/a\/b/`. What makes an expression speak of the whole value is put there by its method, not by the writer.
pub(in crate::analysis) fn regex(pattern: &str) -> String {
    let whole = pattern.strip_prefix(r"\A(?:").and_then(|rest| rest.strip_suffix(r")\z"));
    let mut out = String::from("/");
    let mut is_escaped = false;
    for c in whole.unwrap_or(pattern).chars() {
        if c == '/' && !is_escaped {
            out.push('\\');
        }
        is_escaped = c == '\\' && !is_escaped;
        out.push(c);
    }
    out.push('/');
    out
}

/// Whether a name can stand behind a dot.
pub(super) fn is_word(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}
