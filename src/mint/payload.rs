//! The claims of a token as bytes of JSON. The signing step knows nothing else, so whatever writes these bytes can
//! stand here.

use std::sync::Arc;

use crate::input::Texts;
use crate::value::{Value, write_int, write_json_string};

/// A JSON object that grows by members. The caller writes each name once; names are those of standards, in which nothing
/// has to be escaped.
pub(super) struct Payload<'p> {
    text: &'p mut String,
}

impl<'p> Payload<'p> {
    /// An object with its first member, in the place of what there was, and with room for further bytes.
    pub(super) fn new(text: &'p mut String, first: &First, room: usize) -> Self {
        let First(first) = first;
        text.clear();
        text.reserve(first.len().saturating_add(room));
        text.push_str(first);
        Payload { text }
    }

    #[inline]
    fn name(&mut self, name: &'static str) {
        self.text.push_str(",\"");
        self.text.push_str(name);
        self.text.push_str("\":");
    }

    #[inline]
    pub(super) fn text(&mut self, name: &'static str, value: &str) {
        self.name(name);
        write_json_string(value, self.text);
    }

    #[inline]
    pub(super) fn int(&mut self, name: &'static str, value: i64) {
        self.name(name);
        write_int(value, self.text);
    }

    pub(super) fn value(&mut self, name: &'static str, value: &Value) {
        self.name(name);
        value.write_json(self.text);
    }

    /// All members of another object, by its text.
    pub(super) fn members(&mut self, object: &str) {
        let members = object.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or_default();
        if !members.is_empty() {
            self.text.push(',');
            self.text.push_str(members);
        }
    }

    /// Scopes with blanks between them (RFC 8693 section 4.2), in which nothing has to be escaped.
    pub(super) fn words(&mut self, name: &'static str, words: Texts<'_>) {
        self.name(name);
        let mut separator = '"';
        for word in words.iter() {
            self.text.push(separator);
            separator = ' ';
            self.text.push_str(word);
        }
        self.text.push_str(if separator == '"' { "\"\"" } else { "\"" });
    }

    /// A single text, or a list of several: `aud` (RFC 7519 section 4.1.3).
    pub(super) fn one_or_many(&mut self, name: &'static str, values: Texts<'_>) {
        if let (1, Some(one)) = (values.len(), values.get(0)) {
            self.text(name, one);
            return;
        }
        self.name(name);
        self.text.push('[');
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            write_json_string(value, self.text);
        }
        self.text.push(']');
    }

    /// The object is whole.
    pub(super) fn close(self) {
        self.text.push('}');
    }
}

/// The beginning of an object: its first member, which is written once for many objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct First(Arc<str>);

impl First {
    /// A text.
    pub(super) fn text(name: &'static str, value: &str) -> Self {
        let mut text = format!("{{\"{name}\":");
        write_json_string(value, &mut text);
        First(text.into())
    }
}
