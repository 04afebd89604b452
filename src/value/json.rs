//! JSON text to [`Value`] and back.
//!
//! Stricter than most readers, because what decides about tokens may not be read in two ways: duplicate members,
//! unpaired surrogates and numbers beyond a 64-bit float are refused, and numbers keep their digits (RFC 8259 leaves
//! all of that open).

use std::fmt::{self, Write as _};
use std::sync::Arc;

use super::{Number, Object, Value};
use crate::ascii;

/// What a JSON text may be at the most.
#[derive(Debug, Clone, Copy)]
pub struct JsonLimits {
    /// Nesting of lists and objects.
    pub depth: usize,
    /// Bytes of the text.
    pub bytes: usize,
}

impl Default for JsonLimits {
    /// Depth 64, 16 MiB.
    fn default() -> Self {
        JsonLimits { depth: 64, bytes: 16 << 20 }
    }
}

/// Why a text is not acceptable JSON. The message quotes at most a member's name or one character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonError {
    /// Byte offset of the offending place.
    pub offset: usize,
    /// The fact, as in diagnostics.
    pub message: String,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (byte {})", self.message, self.offset)
    }
}

impl std::error::Error for JsonError {}

impl Value {
    /// Reads one JSON value; blanks may surround it.
    ///
    /// # Errors
    /// Malformed or truncated text, text that is not UTF-8, duplicate members, numbers out of range, limits.
    ///
    /// ```
    /// use claimsc::value::{JsonLimits, Value};
    ///
    /// let value = Value::parse_json(br#"{ "n": 1.50 }"#, JsonLimits::default()).unwrap();
    /// assert_eq!(value.to_json(), r#"{"n":1.50}"#);
    /// assert!(Value::parse_json(br#"{ "n": 1, "n": 2 }"#, JsonLimits::default()).is_err());
    /// ```
    pub fn parse_json(bytes: &[u8], limits: JsonLimits) -> Result<Value, JsonError> {
        if bytes.len() > limits.bytes {
            let message = format!("more than {} bytes of JSON", limits.bytes);
            return Err(JsonError { offset: limits.bytes, message });
        }
        let text = std::str::from_utf8(bytes)
            .map_err(|e| JsonError { offset: e.valid_up_to(), message: "not UTF-8".to_owned() })?;
        let mut reader = Reader { text, at: 0, depth: limits.depth };
        reader.blanks();
        let value = reader.value()?;
        reader.blanks();
        match reader.peek() {
            None => Ok(value),
            Some(_) => Err(reader.error("more text behind the JSON value")),
        }
    }

    /// Compact JSON text. Numbers are written digit for digit; of strings only what RFC 8259 demands is escaped.
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        self.write_json(&mut out);
        out
    }

    /// Whether the compact JSON text, escapes aside, has at most so many bytes. Looks at no more than that, so that a
    /// value that holds one part many times is measured before it is written.
    pub(crate) fn is_json_within(&self, bytes: usize) -> bool {
        self.take_json_bytes(bytes).is_some()
    }

    /// The bytes of the compact JSON text, escapes aside, if they are at most so many.
    pub(crate) fn json_bytes_within(&self, bytes: usize) -> Option<usize> {
        Some(bytes - self.take_json_bytes(bytes)?)
    }

    /// What is left of so many bytes, without the marks that every list and object has.
    fn take_json_bytes(&self, left: usize) -> Option<usize> {
        match self {
            Value::String(text) => left.checked_sub(text.len() + 2),
            Value::List(items) => items
                .iter()
                .try_fold(left.checked_sub(1)?, |left, item| item.take_json_bytes(left.checked_sub(1)?)),
            Value::Object(members) => {
                members.iter().try_fold(left.checked_sub(1)?, |left, (name, member)| {
                    member.take_json_bytes(left.checked_sub(name.len() + 4)?)
                })
            }
            _ => left.checked_sub(1),
        }
    }

    /// Appends the compact JSON text.
    pub fn write_json(&self, out: &mut String) {
        match self {
            Value::Null => out.push_str("null"),
            Value::Bool(true) => out.push_str("true"),
            Value::Bool(false) => out.push_str("false"),
            Value::Number(number) => number.write_json(out),
            Value::String(text) => write_json_string(text, out),
            Value::List(items) => {
                out.push('[');
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    item.write_json(out);
                }
                out.push(']');
            }
            Value::Object(members) => {
                out.push('{');
                for (i, (name, value)) in members.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    write_json_string(name, out);
                    out.push(':');
                    value.write_json(out);
                }
                out.push('}');
            }
        }
    }
}

/// Appends a JSON string literal.
pub(crate) fn write_json_string(text: &str, out: &mut String) {
    out.push('"');
    write_json_text(text, out);
    out.push('"');
}

/// Appends what stands between the quotation marks of a JSON string literal.
#[expect(
    clippy::inline_always,
    reason = "it stands in the innermost loops, where a call costs as much as the text"
)]
#[inline(always)]
pub(crate) fn write_json_text(text: &str, out: &mut String) {
    if is_plain_json(text) {
        out.push_str(text);
    } else {
        write_escaped(text, out);
    }
}

/// Whether a text stands in a JSON string as it is.
#[expect(clippy::inline_always, reason = "as above")]
#[inline(always)]
pub(crate) fn is_plain_json(text: &str) -> bool {
    let escaped = ascii::Bytes { below: b' ', above: 255, those: *b"\"\\" };
    !escaped.is_any_in(text.as_bytes())
}

#[cold]
fn write_escaped(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn error(&self, message: impl Into<String>) -> JsonError {
        JsonError { offset: self.at, message: message.into() }
    }

    fn unexpected(&self, wanted: &str) -> JsonError {
        match self.rest().chars().next() {
            None => self.error(format!("the text ends where {wanted} is expected")),
            Some(c) if c.is_control() => self.error(format!("expected {wanted}, found a control character")),
            Some(c) => self.error(format!("expected {wanted}, found `{c}`")),
        }
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8, wanted: &str) -> Result<(), JsonError> {
        if self.peek() == Some(byte) {
            self.at += 1;
            return Ok(());
        }
        Err(self.unexpected(wanted))
    }

    fn value(&mut self) -> Result<Value, JsonError> {
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::list),
            Some(b'"') => Ok(Value::string(self.string()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            _ => Err(self.unexpected("a JSON value")),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Value, JsonError>) -> Result<Value, JsonError> {
        let Some(depth) = self.depth.checked_sub(1) else {
            return Err(self.error("lists and objects are nested too deeply"));
        };
        self.depth = depth;
        self.at += 1;
        self.blanks();
        let value = read(self)?;
        self.depth += 1;
        Ok(value)
    }

    fn object(&mut self) -> Result<Value, JsonError> {
        let mut members = Object::new();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::object(members));
        }
        loop {
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("a member name in quotes"));
            }
            let name: Arc<str> = self.string()?.into();
            self.blanks();
            self.expect(b':', "`:`")?;
            self.blanks();
            let value = self.value()?;
            if members.insert(name.clone(), value).is_some() {
                return Err(JsonError {
                    offset: start,
                    message: format!("the member `{name}` stands twice"),
                });
            }
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                _ => break,
            }
            self.blanks();
        }
        self.expect(b'}', "`,` or `}`")?;
        Ok(Value::object(members))
    }

    fn list(&mut self) -> Result<Value, JsonError> {
        let mut items = Vec::new();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::list(items));
        }
        loop {
            items.push(self.value()?);
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                _ => break,
            }
            self.blanks();
        }
        self.expect(b']', "`,` or `]`")?;
        Ok(Value::list(items))
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, JsonError> {
        if self.rest().starts_with(word) {
            self.at += word.len();
            return Ok(value);
        }
        Err(self.unexpected("a JSON value"))
    }

    fn number(&mut self) -> Result<Value, JsonError> {
        let rest = self.rest();
        let end =
            rest.find(|c: char| !matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E')).unwrap_or(rest.len());
        let text = rest.get(..end).unwrap_or_default();
        match Number::parse(text) {
            Some(number) => {
                self.at += end;
                Ok(Value::Number(number))
            }
            None => Err(self.error("malformed number, or one that is out of range")),
        }
    }

    fn string(&mut self) -> Result<String, JsonError> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = self.rest();
            let plain = rest.find(|c: char| c == '"' || c == '\\' || c < ' ').unwrap_or(rest.len());
            out.push_str(rest.get(..plain).unwrap_or_default());
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => out.push(self.escape()?),
                None => return Err(self.error("the text ends within a string")),
                Some(_) => return Err(self.error("control character in a string")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        let (c, length) = escaped(self.rest()).ok_or_else(|| self.error("malformed escape in a string"))?;
        self.at += length;
        Ok(c)
    }
}

/// The character that an escape stands for, and the length of the escape, which the text begins with.
pub(crate) fn escaped(text: &str) -> Option<(char, usize)> {
    let hex4 = |at: usize| {
        let digits = text.get(at..at + 4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
        u32::from_str_radix(digits, 16).ok()
    };
    let c = match text.as_bytes().get(1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let (code, length) = match hex4(2)? {
                first @ 0xD800..=0xDBFF => {
                    text.get(6..).filter(|rest| rest.starts_with("\\u"))?;
                    let second = hex4(8).filter(|second| (0xDC00..=0xDFFF).contains(second))?;
                    (0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00), 12)
                }
                code => (code, 6),
            };
            return Some((char::from_u32(code)?, length));
        }
        _ => return None,
    };
    Some((c, 2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> Result<Value, JsonError> {
        Value::parse_json(text.as_bytes(), JsonLimits::default())
    }

    #[test]
    fn keeps_digits_and_order() {
        let text = r#"{"b":[1,1.0,-0,1e2,12345678901234567890.5],"a":"\u0001é\"\\/","c":null}"#;
        assert_eq!(parse(text).unwrap().to_json(), text);
        assert_eq!(parse(r#""\ud83d\ude00\/""#).unwrap(), Value::from("😀/"));
    }

    #[test]
    fn refuses_what_could_be_read_in_two_ways() {
        for text in [
            "",
            " ",
            "{",
            "[1,",
            "[1,]",
            "{\"a\":1,}",
            "{\"a\":1,\"a\":2}",
            "tru",
            "1e999",
            "01",
            "\"\\ud800\"",
            "\"\\x\"",
            "\"a\nb\"",
            "1 2",
            "'a'",
            "{a:1}",
            "\u{feff}1",
            "nul",
            "[1 2]",
            "\"\\u12\"",
        ] {
            assert!(parse(text).is_err(), "{text:?}");
        }
        assert!(Value::parse_json(b"\"\xff\"", JsonLimits::default()).is_err());
        assert!(parse(&"[".repeat(100_000)).unwrap_err().message.contains("deeply"));
        let message = parse("{\"ab\": 1, \"ab\": 2}").unwrap_err();
        assert_eq!((message.offset, message.message.as_str()), (10, "the member `ab` stands twice"));
    }

    proptest! {
        /// A second reader agrees about what is JSON, apart from what is refused on purpose.
        #[test]
        fn agrees_with_another_reader(text in r#"[\[\]{}:,"a0-9.eE+\-\\u tfn]{0,24}"#) {
            let other = serde_json::from_str::<serde_json::Value>(&text);
            match parse(&text) {
                Ok(value) => {
                    let other = other.unwrap();
                    let again = serde_json::from_str::<serde_json::Value>(&value.to_json()).unwrap();
                    prop_assert_eq!(other, again);
                }
                Err(error) => prop_assert!(
                    other.is_err() || error.message.contains("twice") || error.message.contains("number"),
                    "{} {}", text, error
                ),
            }
        }
    }
}
