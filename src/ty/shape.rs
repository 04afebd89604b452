//! Shapes: types with what claims.yaml says beyond them, and what reading a value tests.

use std::sync::Arc;

use super::{Kind, Labels, Record, Type};
use crate::value::Value;

/// A declared input or part of one: its type, and what claims.yaml says beyond the type.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    /// What it is.
    pub kind: ShapeKind,
    /// Whether it may be absent.
    pub optional: bool,
    /// Labels, those of parents not included.
    pub labels: Labels,
    /// Bounds; what is not stated has a default bound.
    pub bounds: Bounds,
    /// The value when it is missing.
    pub default: Option<Value>,
}

/// Bounds on a value, enforced when it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bounds {
    /// Unicode code points of a string, or of a map's keys.
    pub max_length: Option<u64>,
    /// Elements of a list or members of a map.
    pub max_items: Option<u64>,
    /// Bytes of a value's compact JSON text (for `json`, open records and numbers).
    pub max_bytes: Option<u64>,
    /// The smallest number.
    pub min: Option<i64>,
    /// The largest number.
    pub max: Option<i64>,
}

impl Bounds {
    /// Bytes of a string, `json` value or number whose shape states no bound of its own.
    pub const DEFAULT_BYTES: u64 = 4096;
    /// Elements or members where the shape states no bound of its own.
    pub const DEFAULT_ITEMS: u64 = 1000;
    /// Depth of a value.
    pub const MAX_DEPTH: usize = 16;
}

/// What a shape is. The same words as [`Kind`], with shapes for parts.
#[derive(Debug, Clone, PartialEq)]
pub enum ShapeKind {
    /// A mistake in claims.yaml was reported already.
    Error,
    /// Boolean.
    Bool,
    /// Whole number in 64 bits.
    Int,
    /// Any JSON number.
    Number,
    /// Text.
    String,
    /// Text, compared without regard to ASCII case.
    Email,
    /// RFC 3339 text with offset, or integer seconds since 1970.
    Timestamp,
    /// Text such as `5m`, or integer seconds.
    Duration,
    /// Any JSON value.
    Json,
    /// One of these strings, sorted.
    Enum(Arc<[Arc<str>]>),
    /// A list.
    List(Arc<Shape>),
    /// An object with free keys.
    Map(Arc<Shape>),
    /// An object with known members.
    Record(Arc<RecordShape>),
}

/// The members of a record, in the order in which they were declared.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RecordShape {
    /// Name and shape.
    pub members: Vec<(Arc<str>, Shape)>,
    /// Whether a value may have members beyond these.
    pub open: bool,
}

impl RecordShape {
    /// The shape of a member.
    pub fn member(&self, name: &str) -> Option<&Shape> {
        self.members.iter().find(|(n, _)| &**n == name).map(|(_, shape)| shape)
    }
}

impl Shape {
    /// A shape without bounds, labels or default.
    pub fn of(kind: ShapeKind) -> Self {
        Shape { kind, optional: false, labels: Labels::NONE, bounds: Bounds::default(), default: None }
    }

    /// The same, but it may be absent.
    #[must_use]
    pub fn optional(self) -> Self {
        Shape { optional: true, ..self }
    }

    /// The same with more labels.
    #[must_use]
    pub fn labelled(self, labels: Labels) -> Self {
        Shape { labels: self.labels.or(labels), ..self }
    }

    /// All labels, those of parts included.
    pub fn all_labels(&self) -> Labels {
        let parts = match &self.kind {
            ShapeKind::List(inner) | ShapeKind::Map(inner) => inner.all_labels(),
            ShapeKind::Record(record) => {
                record.members.iter().fold(Labels::NONE, |all, (_, shape)| all.or(shape.all_labels()))
            }
            _ => Labels::NONE,
        };
        self.labels.or(parts)
    }

    /// Whether reading it may give nothing: it is optional and has no default. (A record without `?` whose members
    /// may all be missing reads as empty, so it is never absent.)
    pub fn may_be_absent(&self) -> bool {
        self.optional && self.default.is_none()
    }

    /// Whether a missing value reads as an empty object: a map, or a record whose members may all be missing.
    pub fn reads_as_empty(&self) -> bool {
        match &self.kind {
            ShapeKind::Map(_) => true,
            ShapeKind::Record(record) => {
                record.members.iter().all(|(_, s)| s.optional || s.default.is_some() || s.reads_as_empty())
            }
            _ => false,
        }
    }

    /// The static type of what is read.
    pub fn ty(&self) -> Type {
        let kind = match &self.kind {
            ShapeKind::Error => Kind::Error,
            ShapeKind::Bool => Kind::Bool,
            ShapeKind::Int => Kind::Int,
            ShapeKind::Number => Kind::Number,
            ShapeKind::String => Kind::String,
            ShapeKind::Email => Kind::Email,
            ShapeKind::Timestamp => Kind::Timestamp,
            ShapeKind::Duration => Kind::Duration,
            ShapeKind::Json => Kind::Json,
            ShapeKind::Enum(words) => Kind::Enum(words.clone()),
            // The elements that are null are dropped when the list is read, so none is absent.
            ShapeKind::List(element) => Kind::List(Arc::new(element.ty().present())),
            ShapeKind::Map(value) => Kind::Map(Arc::new(value.ty().present())),
            ShapeKind::Record(record) => Kind::Record(Arc::new(Record {
                members: record.members.iter().map(|(name, shape)| (name.clone(), shape.ty())).collect(),
                open: record.open,
            })),
        };
        Type { kind, optional: self.may_be_absent(), labels: self.labels }
    }
}

impl From<&Type> for Shape {
    /// The shape that tests for a type, as `as` does: no bounds beyond the defaults.
    fn from(ty: &Type) -> Self {
        let kind = match &ty.kind {
            Kind::Error | Kind::Nothing => ShapeKind::Error,
            Kind::Bool => ShapeKind::Bool,
            Kind::Int => ShapeKind::Int,
            Kind::Number => ShapeKind::Number,
            Kind::String => ShapeKind::String,
            Kind::Email => ShapeKind::Email,
            Kind::Timestamp => ShapeKind::Timestamp,
            Kind::Duration => ShapeKind::Duration,
            Kind::Json | Kind::Null => ShapeKind::Json,
            Kind::Enum(words) => ShapeKind::Enum(words.clone()),
            Kind::List(element) => ShapeKind::List(Arc::new(Shape::from(&**element))),
            Kind::Map(value) => ShapeKind::Map(Arc::new(Shape::from(&**value))),
            Kind::Record(record) => ShapeKind::Record(Arc::new(RecordShape {
                members: record.members.iter().map(|(name, ty)| (name.clone(), Shape::from(ty))).collect(),
                open: record.open,
            })),
        };
        Shape { optional: ty.optional, labels: ty.labels, ..Shape::of(kind) }
    }
}
