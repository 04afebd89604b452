//! What becomes of claims: a JSON map, JSON bytes in a reused buffer, or borrowed parts.

use serde_json::{Map, Value};

use super::person::Person;

/// The name of a claim.
#[derive(Clone, Copy)]
pub(crate) struct Name<'a> {
    pub(crate) plain: &'a str,
    /// As JSON, with the colon.
    pub(crate) json: &'a str,
}

/// Takes claims one after the other.
pub(crate) trait Sink<'a, P: Person<'a>> {
    fn text(&mut self, name: Name<'a>, text: &'a str);
    fn texts(&mut self, name: Name<'a>, texts: P::Texts);
    fn truth(&mut self, name: Name<'a>, value: bool);
    /// A constant text; `member` is name and value as JSON, with a comma behind.
    fn constant(&mut self, name: Name<'a>, text: &'a str, member: &'a str);
    /// A prefix and a text in lower case.
    fn lower(&mut self, name: Name<'a>, prefix: &'static str, text: &'a str);
    /// Those of the texts that begin so, in upper case.
    fn upper(&mut self, name: Name<'a>, texts: P::Texts, prefix: &str);
    /// Those of the texts that begin so.
    fn filtered(&mut self, name: Name<'a>, texts: P::Texts, prefix: &str);
}

/// Builds a map.
#[derive(Default)]
pub(crate) struct ToMap(pub(crate) Map<String, Value>);

impl<'a, P: Person<'a>> Sink<'a, P> for ToMap {
    #[inline]
    fn text(&mut self, name: Name<'_>, text: &str) {
        self.0.insert(name.plain.to_owned(), Value::String(text.to_owned()));
    }

    #[inline]
    fn texts(&mut self, name: Name<'_>, texts: P::Texts) {
        let texts = texts.map(|text| Value::String(text.to_owned())).collect();
        self.0.insert(name.plain.to_owned(), Value::Array(texts));
    }

    #[inline]
    fn truth(&mut self, name: Name<'_>, value: bool) {
        self.0.insert(name.plain.to_owned(), Value::Bool(value));
    }

    #[inline]
    fn constant(&mut self, name: Name<'_>, text: &str, _member: &str) {
        self.0.insert(name.plain.to_owned(), Value::String(text.to_owned()));
    }

    #[inline]
    fn lower(&mut self, name: Name<'_>, prefix: &str, text: &str) {
        let mut value = String::with_capacity(prefix.len() + text.len());
        value.push_str(prefix);
        value.push_str(text);
        value.make_ascii_lowercase();
        self.0.insert(name.plain.to_owned(), Value::String(value));
    }

    #[inline]
    fn upper(&mut self, name: Name<'_>, texts: P::Texts, prefix: &str) {
        let texts = texts.filter(|text| text.starts_with(prefix));
        let texts = texts.map(|text| Value::String(text.to_ascii_uppercase())).collect();
        self.0.insert(name.plain.to_owned(), Value::Array(texts));
    }

    #[inline]
    fn filtered(&mut self, name: Name<'_>, texts: P::Texts, prefix: &str) {
        let texts = texts.filter(|text| text.starts_with(prefix));
        let texts = texts.map(|text| Value::String(text.to_owned())).collect();
        self.0.insert(name.plain.to_owned(), Value::Array(texts));
    }
}

/// Writes the members of a JSON object.
#[derive(Default)]
pub(crate) struct ToBytes {
    out: Vec<u8>,
}

impl ToBytes {
    /// Forgets what was written and keeps the memory.
    #[inline]
    pub(crate) fn start(&mut self) {
        self.out.clear();
        self.out.push(b'{');
    }

    /// Ends the object.
    #[inline]
    pub(crate) fn finish(&mut self) {
        match self.out.last_mut() {
            Some(last) if *last == b',' => *last = b'}',
            _ => self.out.push(b'}'),
        }
    }

    /// The whole object.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.out
    }

    #[inline]
    fn list<'a>(
        &mut self,
        name: Name<'_>,
        texts: impl Iterator<Item = &'a str>,
        write: impl Fn(&mut Vec<u8>, &str),
    ) {
        self.out.extend_from_slice(name.json.as_bytes());
        self.out.push(b'[');
        for text in texts {
            write(&mut self.out, text);
            self.out.push(b',');
        }
        match self.out.last_mut() {
            Some(last) if *last == b',' => *last = b']',
            _ => self.out.push(b']'),
        }
        self.out.push(b',');
    }
}

impl<'a, P: Person<'a>> Sink<'a, P> for ToBytes {
    #[inline]
    fn text(&mut self, name: Name<'_>, text: &str) {
        self.out.extend_from_slice(name.json.as_bytes());
        write_text(&mut self.out, text);
        self.out.push(b',');
    }

    #[inline]
    fn texts(&mut self, name: Name<'_>, texts: P::Texts) {
        self.list(name, texts, write_text);
    }

    #[inline]
    fn truth(&mut self, name: Name<'_>, value: bool) {
        self.out.extend_from_slice(name.json.as_bytes());
        self.out.extend_from_slice(if value { b"true," } else { b"false," });
    }

    #[inline]
    fn constant(&mut self, _: Name<'_>, _text: &str, member: &str) {
        self.out.extend_from_slice(member.as_bytes());
    }

    #[inline]
    fn lower(&mut self, name: Name<'_>, prefix: &str, text: &str) {
        self.out.extend_from_slice(name.json.as_bytes());
        write_lower(&mut self.out, prefix, text);
        self.out.push(b',');
    }

    #[inline]
    fn upper(&mut self, name: Name<'_>, texts: P::Texts, prefix: &str) {
        let write = |out: &mut Vec<u8>, text: &str| {
            if is_plain(text.as_bytes()) {
                let start = out.len();
                write_text(out, text);
                out[start..].make_ascii_uppercase();
            } else {
                write_text(out, &text.to_ascii_uppercase());
            }
        };
        self.list(name, texts.filter(|text| text.starts_with(prefix)), write);
    }

    #[inline]
    fn filtered(&mut self, name: Name<'_>, texts: P::Texts, prefix: &str) {
        self.list(name, texts.filter(|text| text.starts_with(prefix)), write_text);
    }
}

/// Keeps references only.
pub(crate) struct ToRefs<'a, P: Person<'a>>(pub(crate) Vec<(&'a str, Part<'a, P>)>);

/// A borrowed value.
pub(crate) enum Part<'a, P: Person<'a>> {
    Text(&'a str),
    Texts(P::Texts),
    Truth(bool),
    Lower(String),
    Filtered(Vec<String>),
}

impl<'a, P: Person<'a>> Sink<'a, P> for ToRefs<'a, P> {
    #[inline]
    fn text(&mut self, name: Name<'a>, text: &'a str) {
        self.0.push((name.plain, Part::Text(text)));
    }

    #[inline]
    fn texts(&mut self, name: Name<'a>, texts: P::Texts) {
        self.0.push((name.plain, Part::Texts(texts)));
    }

    #[inline]
    fn truth(&mut self, name: Name<'a>, value: bool) {
        self.0.push((name.plain, Part::Truth(value)));
    }

    #[inline]
    fn constant(&mut self, name: Name<'a>, text: &'a str, _member: &'a str) {
        self.0.push((name.plain, Part::Text(text)));
    }

    #[inline]
    fn lower(&mut self, name: Name<'a>, prefix: &str, text: &str) {
        let mut value = String::with_capacity(prefix.len() + text.len());
        value.push_str(prefix);
        value.push_str(text);
        value.make_ascii_lowercase();
        self.0.push((name.plain, Part::Lower(value)));
    }

    #[inline]
    fn upper(&mut self, name: Name<'a>, texts: P::Texts, prefix: &str) {
        let texts = texts.filter(|text| text.starts_with(prefix)).map(str::to_ascii_uppercase);
        self.0.push((name.plain, Part::Filtered(texts.collect())));
    }

    #[inline]
    fn filtered(&mut self, name: Name<'a>, texts: P::Texts, prefix: &str) {
        let texts = texts.filter(|text| text.starts_with(prefix)).map(str::to_owned);
        self.0.push((name.plain, Part::Filtered(texts.collect())));
    }
}

#[inline]
fn write_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    write_inner(out, text);
    out.push(b'"');
}

/// A prefix and a text in lower case. What stands behind a backslash is in lower case already.
#[inline]
fn write_lower(out: &mut Vec<u8>, prefix: &str, text: &str) {
    out.push(b'"');
    out.extend_from_slice(prefix.as_bytes());
    let start = out.len();
    write_inner(out, text);
    out[start..].make_ascii_lowercase();
    out.push(b'"');
}

#[inline]
fn write_inner(out: &mut Vec<u8>, text: &str) {
    if is_plain(text.as_bytes()) {
        out.extend_from_slice(text.as_bytes());
    } else {
        escape(out, text);
    }
}

/// Whether nothing has to be escaped: eight bytes at a time, the last eight overlapping.
#[inline]
fn is_plain(text: &[u8]) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let special = |word: u64| {
        let zero = |word: u64| word.wrapping_sub(ONES) & !word;
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        (control | zero(word ^ (ONES * 0x22)) | zero(word ^ (ONES * 0x5c))) & (ONES * 0x80)
    };
    let (words, rest) = text.as_chunks::<8>();
    let mut found = 0;
    for word in words {
        found |= special(u64::from_le_bytes(*word));
    }
    if let Some(last) = text.last_chunk::<8>() {
        found |= special(u64::from_le_bytes(*last));
        return found == 0;
    }
    rest.iter().all(|byte| *byte >= 0x20 && *byte != b'"' && *byte != b'\\')
}

#[cold]
fn escape(out: &mut Vec<u8>, text: &str) {
    let quoted = serde_json::to_vec(text).expect("text is JSON");
    out.extend_from_slice(&quoted[1..quoted.len() - 1]);
}
