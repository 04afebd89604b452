//! How large values can be: upper bounds of the bytes of their compact JSON text, as tokens carry it.
//!
//! What a declared shape enforces, what a constant is and what a type allows become a [`Size`]; methods and expressions
//! make sizes of sizes. All sums saturate, so a bound is never too small. Escapes count: a control character takes six
//! bytes (`\u001f`), a quotation mark or backslash two (RFC 8259 section 7).

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Kind, Type};
use crate::value::Value;

mod shape;
mod text;

pub use text::Text;

/// An upper bound of each value that an expression can have, whatever its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Size {
    /// Bytes of the compact JSON text; 0 where there never is a value.
    pub json: u64,
    /// Where it may be a string: that string.
    pub text: Option<Text>,
    /// Its parts.
    parts: Parts,
    /// Attributes without a bound of their own that the bound comes from, those of parts aside.
    pub free: BTreeSet<u32>,
    /// Whether the bound is less than what the parts could have together, so that they are not to blame for it.
    is_capped: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Parts {
    /// It has none.
    None,
    /// Anything that fits.
    Any,
    /// It may be a list.
    List { most: u64, each: Box<Size> },
    /// It may be an object.
    Object(Box<Members>),
}

/// The members of objects.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Members {
    /// Members whose names are known.
    pub known: Vec<(Arc<str>, Size)>,
    /// All others.
    pub rest: Option<Rest>,
}

/// Members whose names are not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rest {
    /// How many there are at the most.
    pub most: u64,
    /// The name of each.
    pub key: Text,
    /// The value of each.
    pub each: Size,
    /// Bytes of all of them with the marks around and between them.
    pub json: u64,
}

/// How many parts are told apart. Lets that are made of each other could double them with each.
const MAX_PARTS: usize = 1000;

/// The digits of the longest whole number in 64 bits, with its sign.
const INT: u64 = 20;

impl Size {
    /// No value at all.
    pub fn nothing() -> Self {
        Size::scalar(0)
    }

    /// A Boolean, a number or null of so many bytes.
    pub fn scalar(json: u64) -> Self {
        Size { json, text: None, parts: Parts::None, free: BTreeSet::new(), is_capped: false }
    }

    /// A whole number in 64 bits, a time or a duration.
    pub fn int() -> Self {
        Size::scalar(INT)
    }

    /// `true` or `false`.
    pub fn bool() -> Self {
        Size::scalar(5)
    }

    /// Any value of so many bytes.
    pub fn any(json: u64) -> Self {
        let text = Text::any(json.saturating_sub(2), u64::MAX).escaped_at_most(json.saturating_sub(2));
        Size { json, text: Some(text), parts: Parts::Any, free: BTreeSet::new(), is_capped: false }
    }

    /// A value of which nothing is known.
    pub fn unlimited() -> Self {
        Size::any(u64::MAX)
    }

    /// A string.
    pub fn string(text: Text) -> Self {
        Size {
            json: text.escaped.saturating_add(2),
            text: Some(text),
            parts: Parts::None,
            free: BTreeSet::new(),
            is_capped: false,
        }
    }

    /// A list of at most so many elements.
    pub fn list(most: u64, each: Size) -> Self {
        let json = separated(most, each.json).saturating_add(2);
        let parts = Parts::List { most, each: Box::new(each) };
        Size { json, text: None, parts, free: BTreeSet::new(), is_capped: false }.simple()
    }

    /// An object.
    pub fn object(members: Members) -> Self {
        let known = members.known.iter().filter(|(_, size)| size.json > 0);
        let known = known.map(|(name, size)| named(&Text::of(name), size).saturating_add(1));
        let rest = members.rest.iter().map(|rest| rest.json.saturating_add(1));
        let inner = known.chain(rest).fold(0, u64::saturating_add);
        let json = inner.saturating_sub(1).saturating_add(2);
        Size {
            json,
            text: None,
            parts: Parts::Object(Box::new(members)),
            free: BTreeSet::new(),
            is_capped: false,
        }
        .simple()
    }

    /// Does not tell parts apart where there are too many.
    fn simple(self) -> Self {
        if self.count() <= MAX_PARTS {
            return self;
        }
        Size { free: self.all_free(), parts: Parts::Any, ..self }
    }

    /// How many parts are told apart.
    fn count(&self) -> usize {
        let inner = match &self.parts {
            Parts::None | Parts::Any => 0,
            Parts::List { each, .. } => each.count(),
            Parts::Object(members) => members.sizes().map(Size::count).sum(),
        };
        inner + 1
    }

    /// Exactly this value.
    pub fn of_value(value: &Value) -> Self {
        let json = value.to_json().len() as u64;
        let size = match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => Size::scalar(json),
            Value::String(text) => Size::string(Text::of(text)),
            Value::List(items) => Size::list(items.len() as u64, Size::largest(items.iter())),
            Value::Object(members) => Size::object(Members {
                known: members.iter().map(|(name, value)| (name.clone(), Size::of_value(value))).collect(),
                rest: None,
            }),
        };
        size.at_most(json, BTreeSet::new())
    }

    /// Whichever of these values is the largest.
    pub fn largest<'v>(values: impl Iterator<Item = &'v Value>) -> Self {
        values.fold(Size::nothing(), |all, value| all.or(&Size::of_value(value)))
    }

    /// What every value of a type is at the most; `None` where the type does not say.
    pub fn of_type(ty: &Type) -> Option<Self> {
        match &ty.kind {
            Kind::Nothing => Some(Size::nothing()),
            Kind::Null => Some(Size::scalar(4)),
            Kind::Bool => Some(Size::bool()),
            Kind::Int | Kind::Timestamp | Kind::Duration => Some(Size::int()),
            Kind::Enum(words) => Some(Size::words(words)),
            _ => None,
        }
    }

    fn words(words: &[Arc<str>]) -> Self {
        words.iter().fold(Size::nothing(), |all, word| all.or(&Size::string(Text::of(word))))
    }

    /// The same where its type says no less.
    #[must_use]
    pub fn within_type(self, ty: &Type) -> Self {
        if let Some(typed) = Size::of_type(ty) {
            return if typed.json <= self.json { typed } else { self };
        }
        match (&ty.kind, &self.parts) {
            (Kind::List(element), Parts::List { most, each }) => {
                let each = (**each).clone().within_type(element);
                let list = Size::list(*most, each).blamed_on(self.free.iter().copied()).within(&self);
                Size { text: self.text, ..list }
            }
            _ => self,
        }
    }

    /// What is one or the other.
    #[must_use]
    pub fn or(&self, other: &Size) -> Self {
        if self.json == 0 || other.json == 0 {
            return if self.json == 0 { other.clone() } else { self.clone() };
        }
        let text = match (self.text, other.text) {
            (Some(a), Some(b)) => Some(a.or(b)),
            (a, b) => a.or(b),
        };
        let parts = self.parts.or(&other.parts);
        let is_capped = self.is_capped || other.is_capped;
        // Where parts are no longer told apart, neither is what is to blame for them.
        let is_whole = is_capped || parts == Parts::Any;
        let blame = |size: &Size| if is_whole { size.all_free() } else { size.free.clone() };
        let free = blame(self).into_iter().chain(blame(other)).collect();
        Size { json: self.json.max(other.json), text, parts, free, is_capped }.simple()
    }

    /// The same, known for another reason to have no more bytes than that; where that is less, what is to blame for the
    /// reason is to blame alone.
    #[must_use]
    pub fn at_most(self, json: u64, blame: BTreeSet<u32>) -> Self {
        let text = self.text.map(|text| text.escaped_at_most(json.saturating_sub(2)));
        if json >= self.json {
            return Size { text, ..self };
        }
        Size { json, text, free: blame, is_capped: true, ..self }
    }

    /// The same, known to have no more bytes than another value.
    #[must_use]
    pub fn within(self, other: &Size) -> Self {
        self.at_most(other.json, other.all_free())
    }

    /// The same, and this attribute is to blame for it.
    #[must_use]
    pub fn blamed_on(mut self, free: impl IntoIterator<Item = u32>) -> Self {
        self.free.extend(free);
        self
    }

    /// Attributes without a bound of their own that the bound comes from.
    pub fn all_free(&self) -> BTreeSet<u32> {
        let mut all = self.free.clone();
        match &self.parts {
            _ if self.is_capped => {}
            Parts::None | Parts::Any => {}
            Parts::List { each, .. } => all.extend(each.all_free()),
            Parts::Object(members) => members.sizes().for_each(|size| all.extend(size.all_free())),
        }
        all
    }

    /// Elements of a list, at the most.
    pub fn most(&self) -> u64 {
        match &self.parts {
            Parts::None | Parts::Object(_) => 0,
            // Two marks around them, and one between each two of one byte.
            Parts::Any => self.json.saturating_sub(1).div_ceil(2),
            Parts::List { most, .. } => *most,
        }
    }

    /// An element of a list.
    #[must_use]
    pub fn each(&self) -> Size {
        match &self.parts {
            Parts::None | Parts::Object(_) => Size::nothing(),
            Parts::Any => self.part(),
            Parts::List { each, .. } => (**each).clone(),
        }
    }

    /// The members of an object.
    pub fn members(&self) -> Members {
        match &self.parts {
            Parts::None | Parts::List { .. } => Members::default(),
            Parts::Any => Members { known: Vec::new(), rest: Some(self.any_rest()) },
            Parts::Object(members) => (**members).clone(),
        }
    }

    /// The member of a name.
    #[must_use]
    pub fn member(&self, name: &str) -> Size {
        let member = self.members().get(name);
        // Of an object that is known to be smaller than its members could make it.
        if self.is_capped { member.at_most(self.json.saturating_sub(2), self.all_free()) } else { member }
    }

    fn part(&self) -> Size {
        Size::any(self.json.saturating_sub(2)).blamed_on(self.free.iter().copied())
    }

    fn any_rest(&self) -> Rest {
        let inner = self.json.saturating_sub(2);
        let key = Text::any(inner, u64::MAX).escaped_at_most(inner);
        // The least is `"":0,`.
        Rest { most: inner.div_ceil(5), key, each: self.part(), json: inner }
    }

    /// As part of a text: a string as it is, anything else as its JSON.
    pub fn as_text(&self) -> Text {
        match (self.text, &self.parts) {
            (Some(text), Parts::None) => text,
            (Some(text), _) => text.or(self.json_text()),
            (None, _) => self.json_text(),
        }
    }

    /// Its JSON as a text.
    pub fn json_text(&self) -> Text {
        let json = Text::plain(self.json);
        // Digits and words have nothing to escape.
        if self.text.is_none() && self.parts == Parts::None { json } else { json.quoted() }
    }
}

impl Parts {
    fn or(&self, other: &Parts) -> Parts {
        match (self, other) {
            (Parts::None, parts) | (parts, Parts::None) => parts.clone(),
            (Parts::List { most: a, each: x }, Parts::List { most: b, each: y }) => {
                Parts::List { most: (*a).max(*b), each: Box::new(x.or(y)) }
            }
            (Parts::Object(a), Parts::Object(b)) => Parts::Object(Box::new(a.or(b))),
            _ => Parts::Any,
        }
    }
}

impl Members {
    /// The value of the member of a name.
    pub fn get(&self, name: &str) -> Size {
        let known = self.known.iter().find(|(known, _)| &**known == name).map(|(_, size)| size);
        known.or(self.rest.as_ref().map(|rest| &rest.each)).cloned().unwrap_or_else(Size::nothing)
    }

    /// What is one or the other.
    fn or(&self, other: &Members) -> Members {
        let added = other.known.iter().filter(|(name, _)| !self.known.iter().any(|(known, _)| known == name));
        let names = self.known.iter().chain(added).map(|(name, _)| name);
        let known = names.map(|name| (name.clone(), self.get(name).or(&other.get(name)))).collect();
        let rest = match (&self.rest, &other.rest) {
            (Some(a), Some(b)) => Some(Rest {
                most: a.most.max(b.most),
                key: a.key.or(b.key),
                each: a.each.or(&b.each),
                json: a.json.max(b.json),
            }),
            (a, b) => a.clone().or_else(|| b.clone()),
        };
        Members { known, rest }
    }

    /// These with the members of another object, which replace those of the same name.
    #[must_use]
    pub fn extended(&self, other: &Members) -> Members {
        let either = self.or(other);
        let rest = match (&self.rest, &other.rest) {
            (Some(a), Some(b)) => either.rest.map(|rest| Rest {
                most: a.most.saturating_add(b.most),
                json: a.json.saturating_add(b.json).saturating_add(1),
                ..rest
            }),
            _ => either.rest,
        };
        Members { rest, ..either }
    }

    fn sizes(&self) -> impl Iterator<Item = &Size> {
        self.known.iter().map(|(_, size)| size).chain(self.rest.iter().map(|rest| &rest.each))
    }

    /// A name of any member.
    pub fn key(&self) -> Text {
        let rest = self.rest.iter().map(|rest| rest.key);
        self.known.iter().map(|(name, _)| Text::of(name)).chain(rest).fold(Text::EMPTY, Text::or)
    }

    /// The value of any member.
    pub fn each(&self) -> Size {
        self.sizes().fold(Size::nothing(), |all, size| all.or(size))
    }

    /// How many members there are at the most.
    pub fn most(&self) -> u64 {
        let rest = self.rest.as_ref().map_or(0, |rest| rest.most);
        (self.known.len() as u64).saturating_add(rest)
    }
}

impl Rest {
    /// Members of names and values like these.
    pub fn new(most: u64, key: Text, each: Size) -> Self {
        let json = separated(most, named(&key, &each));
        Rest { most, key, each, json }
    }
}

/// `"name":value`
fn named(name: &Text, value: &Size) -> u64 {
    name.escaped.saturating_add(3).saturating_add(value.json)
}

/// So many parts of so many bytes with a mark between each two.
fn separated(count: u64, each: u64) -> u64 {
    if each == 0 {
        return 0;
    }
    count.saturating_mul(each).saturating_add(count.saturating_sub(1))
}

#[cfg(test)]
mod tests;
