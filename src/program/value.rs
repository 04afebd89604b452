//! Values of one evaluation: small, copied freely, borrowed from the request and the policy wherever they can be.
//!
//! What is made on the way (a text in lower case, a filtered list) lies in a [`Store`] that is emptied, not freed,
//! between requests.

use std::fmt;
use std::ops::ControlFlow;

use crate::builtins::Make;
use crate::input::{Items, Reading};
use crate::value::{Value, write_json_string, write_json_text};

/// Bytes of a value's JSON.
pub(super) const MAX_BYTES: usize = 1 << 20;
/// Bytes of texts, and elements of lists, that are made for one request. What lambdas make lies here until the end, while
/// the reference engine drops what nobody needs.
const MAX_MADE: usize = 8 << 20;
const MAX_LISTED: usize = 1 << 19;

/// Where something lies in a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    start: u32,
    len: u32,
}

impl Span {
    pub(super) fn new(start: usize, end: usize) -> Result<Self, Bail> {
        let part = |n: usize| u32::try_from(n).map_err(|_| Bail);
        Ok(Span { start: part(start)?, len: part(end.saturating_sub(start))? })
    }

    pub(super) fn range(self) -> std::ops::Range<usize> {
        let start = self.start as usize;
        start..start + self.len as usize
    }
}

/// The reference engine has to decide: something failed, or is not known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bail;

/// What an expression gives.
#[derive(Clone, Copy)]
pub(super) enum Val<'a> {
    /// Nothing.
    Absent,
    /// Nothing, for want of a user.
    NoUser,
    Bool(bool),
    Int(i64),
    /// Text of the request or the policy.
    Text(&'a str),
    /// Text in the store.
    Made(Span),
    /// Elements in the store.
    List(Span),
    /// A value of the request or the policy; null only as an element.
    Value(&'a Value),
    /// A value in the store that is neither text nor list.
    Owned(u32),
    /// A list of the request that is written as it is, and is not too large.
    Items(Items<'a>),
}

impl<'a> Val<'a> {
    /// Text of the request or the policy.
    #[inline]
    pub(super) fn as_borrowed(self) -> Option<&'a str> {
        match self {
            Val::Text(text) => Some(text),
            Val::Value(Value::String(text)) => Some(text),
            _ => None,
        }
    }
}

/// Texts, elements and values that were made while a request is evaluated.
#[derive(Debug, Default)]
pub(super) struct Store<'a> {
    pub(super) text: String,
    pub(super) elements: Vec<Val<'a>>,
    owned: Vec<Value>,
}

impl<'a> Store<'a> {
    /// A store that has nothing.
    pub(super) const fn new() -> Self {
        Store { text: String::new(), elements: Vec::new(), owned: Vec::new() }
    }

    /// The same memory, empty, for any other request.
    pub(super) fn emptied(self) -> Store<'static> {
        let Store { mut text, elements, mut owned } = self;
        text.clear();
        owned.clear();
        Store { text, elements: emptied(elements), owned }
    }

    /// Keeps text that was appended to `self.text` from a place on.
    pub(super) fn made_since(&self, start: usize) -> Result<Val<'a>, Bail> {
        if self.text.len() > MAX_MADE {
            return Err(Bail);
        }
        Span::new(start, self.text.len()).map(Val::Made)
    }

    /// Keeps what is made of a text; nothing where that is nothing.
    pub(super) fn made(&mut self, make: Make, of: &str) -> Result<Val<'a>, Bail> {
        let start = self.text.len();
        let is_there = make(of, &mut self.text);
        match self.text.len() - start {
            bytes if bytes > MAX_BYTES => Err(Bail),
            _ if is_there => self.made_since(start),
            _ => Ok(Val::Absent),
        }
    }

    /// Keeps elements that were appended to `self.elements` from a place on.
    pub(super) fn listed_since(&self, start: usize) -> Result<Val<'a>, Bail> {
        if self.elements.len() > MAX_LISTED {
            return Err(Bail);
        }
        Span::new(start, self.elements.len()).map(Val::List)
    }

    /// Takes over a value: texts and lists become parts of the store.
    pub(super) fn adopt(&mut self, value: Value) -> Result<Val<'a>, Bail> {
        Ok(match value {
            Value::Bool(value) => Val::Bool(value),
            Value::String(text) => {
                let start = self.text.len();
                self.text.push_str(&text);
                self.made_since(start)?
            }
            Value::List(items) => {
                let adopted: Result<Vec<_>, _> = items.iter().map(|item| self.adopt(item.clone())).collect();
                let start = self.elements.len();
                self.elements.extend(adopted?);
                self.listed_since(start)?
            }
            value => {
                // Zero may have a sign, which stays.
                if let Some(int) = value.as_int().filter(|int| *int != 0) {
                    return Ok(Val::Int(int));
                }
                let index = u32::try_from(self.owned.len()).map_err(|_| Bail)?;
                self.owned.push(value);
                Val::Owned(index)
            }
        })
    }

    /// The text of a string.
    #[inline]
    pub(super) fn text<'s>(&'s self, val: Val<'a>) -> Option<&'s str>
    where
        'a: 's,
    {
        match val {
            Val::Text(text) => Some(text),
            Val::Made(span) => self.text.get(span.range()),
            Val::Value(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// A whole number.
    pub(super) fn int(&self, val: Val<'a>) -> Option<i64> {
        match val {
            Val::Int(int) => Some(int),
            Val::Value(value) => value.as_int(),
            Val::Owned(index) => self.owned(index)?.as_int(),
            _ => None,
        }
    }

    /// A Boolean.
    pub(super) fn bool(val: Val<'a>) -> Option<bool> {
        match val {
            Val::Bool(value) => Some(value),
            Val::Value(value) => value.as_bool(),
            _ => None,
        }
    }

    fn owned(&self, index: u32) -> Option<&Value> {
        self.owned.get(index as usize)
    }

    /// How many elements a list has; nothing else has any.
    #[expect(clippy::unused_self, reason = "as its siblings")]
    pub(super) fn count(&self, val: Val<'a>) -> Option<usize> {
        match val {
            Val::List(span) => Some(span.range().len()),
            Val::Value(Value::List(items)) => Some(items.len()),
            _ => None,
        }
    }

    /// An element of a list.
    pub(super) fn element(&self, val: Val<'a>, index: usize) -> Option<Val<'a>> {
        match val {
            Val::List(span) => self.elements.get(span.range())?.get(index).copied(),
            Val::Value(Value::List(items)) => items.get(index).map(borrowed),
            _ => None,
        }
    }

    /// Whether a list has a text.
    pub(super) fn has_text(&self, list: Val<'a>, text: &str) -> bool {
        match list {
            Val::List(span) => {
                let elements = self.elements.get(span.range()).unwrap_or_default();
                elements.iter().any(|one| match one {
                    Val::Text(one) => *one == text,
                    one => self.text(*one) == Some(text),
                })
            }
            Val::Value(Value::List(items)) => items.iter().any(|one| one.as_str() == Some(text)),
            _ => false,
        }
    }

    /// The value behind a reference into the request or the store.
    pub(super) fn object(&self, val: Val<'a>) -> Option<&Value> {
        match val {
            Val::Value(value) => Some(value),
            Val::Owned(index) => self.owned(index),
            _ => None,
        }
    }

    /// A copy that stands for itself; `None` for nothing.
    pub(super) fn to_value(&self, val: Val<'a>) -> Option<Value> {
        Some(match val {
            Val::Absent | Val::NoUser => return None,
            Val::Bool(value) => Value::Bool(value),
            Val::Int(value) => Value::int(value),
            Val::Text(text) => Value::from(text),
            Val::Made(span) => Value::from(self.text.get(span.range())?),
            Val::List(span) => {
                let items = self.elements.get(span.range())?;
                Value::list(items.iter().map(|item| self.to_value(*item)).collect::<Option<_>>()?)
            }
            Val::Value(value) => value.clone(),
            Val::Owned(index) => self.owned(index)?.clone(),
            Val::Items(items) => Reading::Items(items).to_value()?,
        })
    }

    /// The bytes of the compact JSON text, escapes aside, as [`Value::json_bytes_within`] counts them.
    pub(super) fn json_bytes(&self, val: Val<'a>, within: usize) -> Option<usize> {
        match val {
            Val::Absent | Val::NoUser => None,
            Val::Bool(_) | Val::Int(_) | Val::Items(_) => Some(1),
            Val::Text(_) | Val::Made(_) => Some(self.text(val)?.len() + 2).filter(|bytes| *bytes <= within),
            Val::List(span) => {
                let items = self.elements.get(span.range())?;
                items.iter().try_fold(1_usize, |bytes, item| {
                    let left = within.checked_sub(bytes + 1)?;
                    Some(match self.text(*item) {
                        Some(text) if text.len() + 2 <= left => bytes + text.len() + 3,
                        _ => bytes + 1 + self.json_bytes(*item, left)?,
                    })
                })
            }
            Val::Value(value) => value.json_bytes_within(within),
            Val::Owned(index) => self.owned(index)?.json_bytes_within(within),
        }
    }

    /// Appends the compact JSON text.
    pub(super) fn write_json(&self, val: Val<'a>, out: &mut String) {
        match val {
            Val::Absent | Val::NoUser => {}
            Val::Bool(true) => out.push_str("true"),
            Val::Bool(false) => out.push_str("false"),
            Val::Int(int) => {
                use std::fmt::Write as _;
                // Writing to a string cannot fail.
                let _ = write!(out, "{int}");
            }
            Val::Text(text) => write_json_string(text, out),
            Val::Made(_) => write_json_string(self.text(val).unwrap_or_default(), out),
            Val::Items(items) => write_items(items, out),
            Val::List(span) => {
                let mut separator = "[";
                for item in self.elements.get(span.range()).unwrap_or_default() {
                    out.push_str(separator);
                    separator = ",";
                    match self.text(*item) {
                        Some(text) => {
                            out.push('"');
                            write_json_text(text, out);
                            out.push('"');
                        }
                        None => self.write_json(*item, out),
                    }
                }
                out.push_str(if separator == "[" { "[]" } else { "]" });
            }
            Val::Value(value) => value.write_json(out),
            Val::Owned(index) => {
                if let Some(value) = self.owned(index) {
                    value.write_json(out);
                }
            }
        }
    }

    /// JSON equality; with `fold`, texts are compared without regard to ASCII case.
    pub(super) fn equal(&self, a: Val<'a>, b: Val<'a>, fold: bool) -> bool {
        match (self.text(a), self.text(b)) {
            (Some(a), Some(b)) => return a == b || (fold && a.eq_ignore_ascii_case(b)),
            (Some(_), None) | (None, Some(_)) => return false,
            (None, None) => {}
        }
        match (a, b) {
            (Val::Bool(a), Val::Bool(b)) => a == b,
            (Val::Int(a), Val::Int(b)) => a == b,
            (Val::Value(a), Val::Value(b)) => a.equals(b, fold),
            _ => match (self.to_value(a), self.to_value(b)) {
                (Some(a), Some(b)) => a.equals(&b, fold),
                _ => false,
            },
        }
    }

    /// The total order of values.
    pub(super) fn order(&self, a: Val<'a>, b: Val<'a>) -> Result<std::cmp::Ordering, Bail> {
        if let (Some(a), Some(b)) = (self.text(a), self.text(b)) {
            return Ok(a.as_bytes().cmp(b.as_bytes()));
        }
        if let (Some(a), Some(b)) = (self.int(a), self.int(b)) {
            return Ok(a.cmp(&b));
        }
        let (a, b) = (self.to_value(a).ok_or(Bail)?, self.to_value(b).ok_or(Bail)?);
        Ok(a.total_cmp(&b))
    }
}

/// Begins the JSON text of a list of texts. A quotation mark stands ready for the next one at any time, so that there is one
/// piece between two of them.
#[inline]
pub(super) fn open_texts(out: &mut String) {
    out.push_str("[\"");
}

/// Appends the next one.
#[inline]
pub(super) fn push_text(text: &str, out: &mut String) {
    write_json_text(text, out);
    out.push_str("\",\"");
}

/// Ends the list after so many.
#[inline]
pub(super) fn close_texts(count: usize, out: &mut String) {
    let ready = if count == 0 { 1 } else { 2 };
    out.truncate(out.len().saturating_sub(ready));
    out.push(']');
}

/// Appends the JSON text of a list that was tested.
fn write_items(items: Items<'_>, out: &mut String) {
    if let Some(texts) = items.texts() {
        open_texts(out);
        texts.each(|text| push_text(text, out));
        return close_texts(texts.len(), out);
    }
    out.push('[');
    let start = out.len();
    let _ = items.each(&mut |item| {
        if out.len() > start {
            out.push(',');
        }
        match item {
            Reading::Text(text) => write_json_string(text, out),
            item => {
                if let Some(value) = item.to_value() {
                    value.write_json(out);
                }
            }
        }
        ControlFlow::Continue(())
    });
    out.push(']');
}

/// Never shows a value.
impl fmt::Debug for Val<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Val::Absent => "absent",
            Val::NoUser => "no user",
            _ => "a value",
        })
    }
}

/// A value of the request or the policy.
#[inline]
pub(super) fn borrowed(value: &Value) -> Val<'_> {
    Val::Value(value)
}

/// The memory of a list for elements of another lifetime, empty. Collecting reuses the allocation, as the elements are of
/// the same size; none is made.
#[inline]
pub(super) fn emptied<T, U>(mut list: Vec<T>) -> Vec<U> {
    list.clear();
    list.into_iter().filter_map(|_| None).collect()
}
