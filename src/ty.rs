//! Types, presence and labels; and shapes, which are types with the bounds and defaults that claims.yaml states.

use std::fmt;
use std::sync::Arc;

pub(crate) mod decode;
mod shape;
pub mod size;
#[cfg(test)]
pub(crate) mod testing;

pub use shape::{Bounds, RecordShape, Shape, ShapeKind};

/// Data labels as a set: `untrusted`, `user_editable`, `pii`, `secret`, then the catalog's own in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Labels(u64);

impl Labels {
    /// No label.
    pub const NONE: Labels = Labels(0);
    /// Taken from the request without anybody vouching for it.
    pub const UNTRUSTED: Labels = Labels(1);
    /// What users can edit themselves.
    pub const USER_EDITABLE: Labels = Labels(2);
    /// Identifies or reaches a person.
    pub const PII: Labels = Labels(4);
    /// Reaches no token.
    pub const SECRET: Labels = Labels(8);
    /// The names of the labels that every catalog has, in the order of their bits.
    pub const BUILT_IN: [&'static str; 4] = ["untrusted", "user_editable", "pii", "secret"];
    /// How many labels of its own a catalog may have.
    pub const MAX_OWN: usize = 60;

    /// The label with this position in the catalog's list of all labels; none beyond 64.
    pub fn bit(index: usize) -> Self {
        if index < 64 { Labels(1 << index) } else { Labels::NONE }
    }

    /// The set as bits.
    #[cfg(feature = "compiler")]
    pub(crate) fn bits(self) -> u64 {
        self.0
    }

    /// The set of some bits.
    pub(crate) fn of_bits(bits: u64) -> Self {
        Labels(bits)
    }

    /// What is in either.
    #[must_use]
    pub fn or(self, other: Labels) -> Labels {
        Labels(self.0 | other.0)
    }

    /// What is in both.
    #[must_use]
    pub fn and(self, other: Labels) -> Labels {
        Labels(self.0 & other.0)
    }

    /// What is in this set and not in the other.
    #[must_use]
    pub fn without(self, other: Labels) -> Labels {
        Labels(self.0 & !other.0)
    }

    /// Whether all labels of `other` are in it.
    pub fn contains(self, other: Labels) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether some label of `other` is in it.
    pub fn meets(self, other: Labels) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The positions of the labels in the catalog's list of all labels.
    pub fn indexes(self) -> impl Iterator<Item = usize> {
        (0..64).filter(move |i| self.0 & (1 << i) != 0)
    }
}

/// The static type of an expression: what it is, whether it may be absent, which labels its value carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Type {
    /// What it is.
    pub kind: Kind,
    /// Whether it may be absent.
    pub optional: bool,
    /// Labels of the whole value; parts may have more.
    pub labels: Labels,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A mistake was reported already: compatible with everything.
    Error,
    /// No value at all: the kind of `omit`. Fits everywhere.
    Nothing,
    /// The literal `null`.
    Null,
    /// Boolean.
    Bool,
    /// Whole number in 64 bits.
    Int,
    /// Any JSON number.
    Number,
    /// Text.
    String,
    /// Text that is compared without regard to ASCII case.
    Email,
    /// A point in time, in seconds.
    Timestamp,
    /// A span of time, in seconds.
    Duration,
    /// Any JSON value.
    Json,
    /// One of these strings, sorted. String literals have a type of one member.
    Enum(Arc<[Arc<str>]>),
    /// A list.
    List(Arc<Type>),
    /// An object with free keys.
    Map(Arc<Type>),
    /// An object with known members.
    Record(Arc<Record>),
}

/// The members of a record type, in the order in which they were declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Name and type.
    pub members: Vec<(Arc<str>, Type)>,
    /// Whether a value may have members beyond these (`...`); they read as `json?`.
    pub open: bool,
}

impl Record {
    /// The type of a member.
    pub fn member(&self, name: &str) -> Option<&Type> {
        self.members.iter().find(|(n, _)| &**n == name).map(|(_, ty)| ty)
    }
}

/// The largest literal type that is kept apart from `string`.
const MAX_LITERALS: usize = 64;

impl Type {
    /// A present, unlabelled value.
    pub fn of(kind: Kind) -> Self {
        Type { kind, optional: false, labels: Labels::NONE }
    }

    /// The type after a mistake.
    pub fn error() -> Self {
        Type::of(Kind::Error)
    }

    /// A list of elements.
    pub fn list(element: Type) -> Self {
        Type::of(Kind::List(Arc::new(element)))
    }

    /// A map of values.
    pub fn map(value: Type) -> Self {
        Type::of(Kind::Map(Arc::new(value)))
    }

    /// The type of one string literal.
    pub fn literal(text: &str) -> Self {
        Type::of(Kind::Enum(Arc::from([Arc::from(text)])))
    }

    /// The same, but it may be absent.
    #[must_use]
    pub fn optional(self) -> Self {
        Type { optional: true, ..self }
    }

    /// The same, but present.
    #[must_use]
    pub fn present(self) -> Self {
        Type { optional: false, ..self }
    }

    /// The same with absence as given.
    #[must_use]
    pub fn with_optional(self, optional: bool) -> Self {
        Type { optional, ..self }
    }

    /// The same with more labels.
    #[must_use]
    pub fn labelled(self, labels: Labels) -> Self {
        Type { labels: self.labels.or(labels), ..self }
    }

    /// Whether it has at most so many parts, itself included; takes no longer than to count that far.
    pub fn has_at_most(&self, parts: usize) -> bool {
        let mut open = vec![self];
        let mut left = parts;
        while let Some(ty) = open.pop() {
            let Some(fewer) = left.checked_sub(1) else { return false };
            left = fewer;
            match &ty.kind {
                Kind::List(inner) | Kind::Map(inner) => open.push(inner),
                Kind::Record(record) => open.extend(record.members.iter().map(|(_, ty)| ty)),
                _ => {}
            }
        }
        true
    }

    /// Whether a mistake was reported already.
    pub fn is_error(&self) -> bool {
        self.kind == Kind::Error
    }

    /// All labels, those of parts included.
    pub fn all_labels(&self) -> Labels {
        let parts = match &self.kind {
            Kind::List(inner) | Kind::Map(inner) => inner.all_labels(),
            Kind::Record(record) => {
                record.members.iter().fold(Labels::NONE, |all, (_, ty)| all.or(ty.all_labels()))
            }
            _ => Labels::NONE,
        };
        self.labels.or(parts)
    }

    /// The least type of both, or `None` where a value of one kind can never stand for the other.
    /// `json` with T is `json`; enums unite; `int` with `number` is `number`; absence and labels unite.
    pub fn join(&self, other: &Type) -> Option<Type> {
        let kind = Kind::join(&self.kind, &other.kind)?;
        Some(Type { kind, optional: self.optional || other.optional, labels: self.labels.or(other.labels) })
    }

    /// Whether every value of this type is one of `target`, absence and labels aside.
    pub fn fits(&self, target: &Type) -> bool {
        self.kind.fits(&target.kind)
    }
}

impl Kind {
    /// Text of some sort: `string`, `email` or an enum.
    pub fn is_text(&self) -> bool {
        matches!(self, Kind::String | Kind::Email | Kind::Enum(_))
    }

    /// `int` or `number`.
    pub fn is_numeric(&self) -> bool {
        matches!(self, Kind::Int | Kind::Number)
    }

    /// An enum of these words, sorted and each once; `string` where there are too many to keep apart.
    pub fn words(words: impl IntoIterator<Item = Arc<str>>) -> Kind {
        let mut words: Vec<Arc<str>> = words.into_iter().collect();
        words.sort();
        words.dedup();
        if words.len() > MAX_LITERALS { Kind::String } else { Kind::Enum(words.into()) }
    }

    fn join(a: &Kind, b: &Kind) -> Option<Kind> {
        Some(match (a, b) {
            (Kind::Error, _) | (_, Kind::Error) => Kind::Error,
            (Kind::Nothing, kind) | (kind, Kind::Nothing) => kind.clone(),
            (Kind::Enum(a), Kind::Enum(b)) => {
                if a == b {
                    return Some(Kind::Enum(a.clone()));
                }
                Kind::words(a.iter().chain(b.iter()).cloned())
            }
            (Kind::Email, Kind::Email) => Kind::Email,
            (a, b) if a.is_text() && b.is_text() => Kind::String,
            (a, b) if a.is_numeric() && b.is_numeric() && a != b => Kind::Number,
            (Kind::Json | Kind::Null, other) | (other, Kind::Json | Kind::Null) if other.is_json() => {
                Kind::Json
            }
            (Kind::List(a), Kind::List(b)) => Kind::List(Arc::new(a.join(b)?)),
            (Kind::Map(a), Kind::Map(b)) => Kind::Map(Arc::new(a.join(b)?)),
            (Kind::Record(a), Kind::Record(b)) => Kind::Record(Arc::new(Record::join(a, b)?)),
            (Kind::Record(record), Kind::Map(value)) | (Kind::Map(value), Kind::Record(record)) => {
                let joined =
                    record.members.iter().try_fold((**value).clone(), |all, (_, ty)| all.join(ty))?;
                Kind::Map(Arc::new(joined.present()))
            }
            (a, b) if a == b => a.clone(),
            _ => return None,
        })
    }

    /// Whether every value of this kind is one of `target`. Timestamps and durations are no JSON.
    pub fn fits(&self, target: &Kind) -> bool {
        match (self, target) {
            (Kind::Error | Kind::Nothing, _) | (_, Kind::Error) => true,
            (Kind::Enum(a), Kind::Enum(b)) => a.iter().all(|word| b.binary_search(word).is_ok()),
            (a, Kind::String | Kind::Email) => a.is_text(),
            (a, Kind::Number) => a.is_numeric(),
            (a, Kind::Json) => a.is_json(),
            (Kind::List(a), Kind::List(b)) => a.fits(b) && (!a.optional || b.optional),
            (Kind::Map(a), Kind::Map(b)) => a.fits(b),
            (Kind::Record(a), Kind::Map(b)) => !a.open && a.members.iter().all(|(_, ty)| ty.fits(b)),
            (Kind::Record(a), Kind::Record(b)) => {
                let known = b.members.iter().all(|(name, target)| match a.member(name) {
                    Some(ty) => ty.fits(target) && (!ty.optional || target.optional),
                    None => target.optional,
                });
                known && (b.open || (!a.open && a.members.iter().all(|(name, _)| b.member(name).is_some())))
            }
            (a, b) => a == b,
        }
    }

    /// Whether a value of this kind can stand in a token as it is: everything but times and durations, in depth.
    pub fn is_json(&self) -> bool {
        match self {
            Kind::Timestamp | Kind::Duration => false,
            Kind::List(inner) | Kind::Map(inner) => inner.kind.is_json(),
            Kind::Record(record) => record.members.iter().all(|(_, ty)| ty.kind.is_json()),
            _ => true,
        }
    }
}

impl Record {
    fn join(a: &Record, b: &Record) -> Option<Record> {
        let mut members = Vec::new();
        for (name, ty) in &a.members {
            let joined = match b.member(name) {
                Some(other) => ty.join(other)?,
                None => ty.clone().optional(),
            };
            members.push((name.clone(), joined));
        }
        for (name, ty) in &b.members {
            if a.member(name).is_none() {
                members.push((name.clone(), ty.clone().optional()));
            }
        }
        Some(Record { members, open: a.open || b.open })
    }
}

/// As it is written. Long ones are cut short, but not with `{:#}`.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.kind, self.optional) {
            (Kind::Enum(words), true) if words.len() > 1 => enclosed(f, "(", &self.kind, ")?"),
            (kind, true) => enclosed(f, "", kind, "?"),
            (kind, false) => kind.fmt(f),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Error => f.write_str("?"),
            Kind::Nothing => f.write_str("omit"),
            Kind::Null => f.write_str("null"),
            Kind::Bool => f.write_str("bool"),
            Kind::Int => f.write_str("int"),
            Kind::Number => f.write_str("number"),
            Kind::String => f.write_str("string"),
            Kind::Email => f.write_str("email"),
            Kind::Timestamp => f.write_str("timestamp"),
            Kind::Duration => f.write_str("duration"),
            Kind::Json => f.write_str("json"),
            Kind::Enum(words) => {
                for (i, word) in words.iter().enumerate() {
                    if i == 6 && words.len() > 7 && !f.alternate() {
                        return write!(f, " | ... {} more", words.len() - 6);
                    }
                    write!(f, "{}\"{word}\"", if i == 0 { "" } else { " | " })?;
                }
                Ok(())
            }
            Kind::List(element) => match &element.kind {
                Kind::Enum(words) if words.len() > 1 && !element.optional => {
                    enclosed(f, "(", &**element, ")[]")
                }
                _ => enclosed(f, "", &**element, "[]"),
            },
            Kind::Map(value) => enclosed(f, "map[", &**value, "]"),
            Kind::Record(record) => record.fmt(f),
        }
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{ ")?;
        for (i, (name, ty)) in self.members.iter().enumerate() {
            if i == 4 && self.members.len() > 5 && !f.alternate() {
                return write!(f, ", ... {} more }}", self.members.len() - 4);
            }
            write!(f, "{}{name}: ", if i == 0 { "" } else { ", " })?;
            ty.fmt(f)?;
        }
        f.write_str(match (self.open, self.members.is_empty()) {
            (true, true) => "... }",
            (true, false) => ", ... }",
            (false, _) => " }",
        })
    }
}

fn enclosed(f: &mut fmt::Formatter<'_>, before: &str, inner: &dyn fmt::Display, behind: &str) -> fmt::Result {
    f.write_str(before)?;
    inner.fmt(f)?;
    f.write_str(behind)
}
