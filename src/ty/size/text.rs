//! How long strings can be, in the three units that matter.

use crate::value::Value;

/// Upper bounds of a string. Each bounds every string by itself: the string with the most code points need not be the one
/// with the most bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text {
    /// Unicode code points.
    pub chars: u64,
    /// Bytes in UTF-8.
    pub bytes: u64,
    /// Bytes within a JSON string, escapes included.
    pub escaped: u64,
    /// Bytes in UTF-8 of one code point.
    pub width: u64,
    /// Bytes within a JSON string of one code point.
    pub escape: u64,
}

/// Bytes in UTF-8 of the widest code point.
const WIDTH: u64 = 4;
/// Bytes of the longest escape: `\u001f`.
const ESCAPE: u64 = 6;

impl Text {
    /// The empty string.
    pub const EMPTY: Text = Text { chars: 0, bytes: 0, escaped: 0, width: 0, escape: 0 };

    /// Exactly this string.
    pub fn of(text: &str) -> Self {
        let escaped = |text: &str| (Value::from(text).to_json().len() as u64).saturating_sub(2);
        let mut buffer = [0; 4];
        let (mut width, mut escape) = (0, 0);
        for c in text.chars() {
            width = width.max(c.len_utf8() as u64);
            escape = escape.max(escaped(c.encode_utf8(&mut buffer)));
        }
        Text {
            chars: text.chars().count() as u64,
            bytes: text.len() as u64,
            escaped: escaped(text),
            width,
            escape,
        }
    }

    /// ASCII of which nothing is escaped.
    pub fn plain(bytes: u64) -> Self {
        Text { chars: bytes, bytes, escaped: bytes, width: 1, escape: 1 }
    }

    /// Any code points, so many and in so many bytes of UTF-8.
    pub fn any(chars: u64, bytes: u64) -> Self {
        Text { chars, bytes, escaped: u64::MAX, width: WIDTH, escape: ESCAPE }.settled()
    }

    /// What follows from each bound for the others.
    fn settled(self) -> Self {
        // A code point has a byte or more, and an escape is no shorter than what it stands for.
        let bytes = self.bytes.min(self.chars.saturating_mul(self.width)).min(self.escaped);
        let chars = self.chars.min(bytes);
        // What takes more bytes in JSON than in UTF-8 is one byte in UTF-8, so this bounds wider code points too.
        let escaped =
            self.escaped.min(chars.saturating_mul(self.escape)).min(bytes.saturating_mul(self.escape));
        Text { chars, bytes, escaped, ..self }
    }

    /// The same, known to have no more bytes within JSON than that.
    #[must_use]
    pub fn escaped_at_most(self, escaped: u64) -> Self {
        Text { escaped: self.escaped.min(escaped), ..self }.settled()
    }

    /// The same, known to have no more bytes in UTF-8 than that.
    #[must_use]
    pub fn bytes_at_most(self, bytes: u64) -> Self {
        Text { bytes: self.bytes.min(bytes), ..self }.settled()
    }

    /// The first code points.
    #[must_use]
    pub fn take(self, chars: u64) -> Self {
        Text { chars: self.chars.min(chars), ..self }.settled()
    }

    /// What is one or the other.
    #[must_use]
    pub fn or(self, other: Text) -> Self {
        self.each(other, u64::max)
    }

    /// What is both.
    #[must_use]
    pub fn and(self, other: Text) -> Self {
        self.each(other, u64::min).settled()
    }

    /// One behind the other.
    #[must_use]
    pub fn then(self, other: Text) -> Self {
        Text {
            chars: self.chars.saturating_add(other.chars),
            bytes: self.bytes.saturating_add(other.bytes),
            escaped: self.escaped.saturating_add(other.escaped),
            ..self.or(other)
        }
    }

    /// So many of these in a row.
    #[must_use]
    pub fn times(self, count: u64) -> Self {
        Text {
            chars: self.chars.saturating_mul(count),
            bytes: self.bytes.saturating_mul(count),
            escaped: self.escaped.saturating_mul(count),
            ..self
        }
    }

    /// Of JSON text, which has no control characters: where it stands in a string itself, half of it may be quotation
    /// marks and backslashes that are escaped, and it may have any other code points.
    #[must_use]
    pub(super) fn quoted(self) -> Self {
        Text { escaped: self.bytes.saturating_mul(2), width: WIDTH, escape: WIDTH, ..self }
    }

    fn each(self, other: Text, pick: fn(u64, u64) -> u64) -> Self {
        Text {
            chars: pick(self.chars, other.chars),
            bytes: pick(self.bytes, other.bytes),
            escaped: pick(self.escaped, other.escaped),
            width: pick(self.width, other.width),
            escape: pick(self.escape, other.escape),
        }
    }
}
