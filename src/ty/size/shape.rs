//! What reading a value of a declared shape lets through: the counterpart of `decode`.

use super::{INT, Members, Rest, Size, Text};
use crate::ty::{Bounds, RecordShape, Shape, ShapeKind};

impl Size {
    /// Every value that is read with a shape, its default included, which has to conform too. Parts that have no bound of
    /// their own are blamed on an attribute.
    pub fn of_shape(shape: &Shape, attribute: Option<u32>) -> Self {
        let bounds = &shape.bounds;
        let blamed = |size: Size, is_free: bool| size.blamed_on(attribute.filter(|_| is_free));
        match &shape.kind {
            ShapeKind::Error => Size::unlimited(),
            ShapeKind::Bool => Size::bool(),
            ShapeKind::Int | ShapeKind::Timestamp | ShapeKind::Duration => Size::scalar(digits(bounds)),
            // Whole numbers in 64 bits are not measured.
            ShapeKind::Number => blamed(
                Size::scalar(bounds.max_bytes.unwrap_or(Bounds::DEFAULT_BYTES).max(INT)),
                bounds.max_bytes.is_none(),
            ),
            ShapeKind::String | ShapeKind::Email => {
                blamed(Size::string(text(bounds)), bounds.max_length.is_none() && bounds.max_bytes.is_none())
            }
            ShapeKind::Json => blamed(json(bounds), bounds.max_bytes.is_none()),
            ShapeKind::Enum(words) => Size::words(words),
            ShapeKind::List(element) => {
                let list = Size::list(items(bounds), Size::of_shape(element, attribute));
                blamed(list, bounds.max_items.is_none())
            }
            ShapeKind::Map(value) => {
                let key = text(&Bounds { max_bytes: None, ..*bounds });
                let rest = Rest::new(items(bounds), key, Size::of_shape(value, attribute));
                let map = Size::object(Members { known: Vec::new(), rest: Some(rest) });
                blamed(map, bounds.max_items.is_none() || bounds.max_length.is_none())
            }
            ShapeKind::Record(record) => {
                let size = Size::of_record(record, bounds, attribute);
                blamed(size, record.open && bounds.max_bytes.is_none())
            }
        }
    }

    /// An open record is bounded as it stands in the request; what decoding adds to it comes on top.
    fn of_record(record: &RecordShape, bounds: &Bounds, attribute: Option<u32>) -> Self {
        let members = record.members.iter();
        let known: Vec<_> =
            members.map(|(name, shape)| (name.clone(), Size::of_shape(shape, attribute))).collect();
        if !record.open {
            return Size::object(Members { known, rest: None });
        }
        let whole = json(bounds).blamed_on(attribute.filter(|_| bounds.max_bytes.is_none()));
        let grown = record.members.iter().zip(&known).filter(|((_, shape), _)| shape.grows());
        let grown = grown.map(|(_, (name, size))| Size::object(Members::one(name, size)).json);
        let json = grown.fold(whole.json, u64::saturating_add);
        Size::object(Members { known, rest: Some(whole.any_rest()) }).at_most(json, whole.free)
    }
}

impl Members {
    fn one(name: &std::sync::Arc<str>, size: &Size) -> Self {
        Members { known: vec![(name.clone(), size.clone())], rest: None }
    }
}

impl Shape {
    /// Whether a decoded value can have more bytes than what was read: members that are filled in, times and durations
    /// that become numbers.
    pub(crate) fn grows(&self) -> bool {
        let fills_in = self.default.is_some() || (!self.optional && self.reads_as_empty());
        fills_in
            || match &self.kind {
                ShapeKind::Timestamp | ShapeKind::Duration | ShapeKind::Error => true,
                ShapeKind::List(part) | ShapeKind::Map(part) => part.grows(),
                ShapeKind::Record(record) => record.members.iter().any(|(_, shape)| shape.grows()),
                _ => false,
            }
    }
}

/// Digits and sign of a whole number; zero may be written `-0`.
fn digits(bounds: &Bounds) -> u64 {
    let (min, max) = (bounds.min.unwrap_or(i64::MIN), bounds.max.unwrap_or(i64::MAX));
    let zero = if min <= 0 && max >= 0 { 2 } else { 0 };
    let length = |n: i64| n.to_string().len() as u64;
    // Between two ends of unlike signs no number is longer than both.
    length(min).max(length(max)).max(zero)
}

/// A stated length counts code points; where none is stated, bytes are bounded.
fn text(bounds: &Bounds) -> Text {
    match (bounds.max_length, bounds.max_bytes) {
        (Some(chars), bytes) => Text::any(chars, bytes.unwrap_or(u64::MAX)),
        (None, bytes) => Text::any(u64::MAX, bytes.unwrap_or(Bounds::DEFAULT_BYTES)),
    }
}

fn json(bounds: &Bounds) -> Size {
    Size::any(bounds.max_bytes.unwrap_or(Bounds::DEFAULT_BYTES))
}

fn items(bounds: &Bounds) -> u64 {
    bounds.max_items.unwrap_or(Bounds::DEFAULT_ITEMS)
}
