//! A value against the shape that is declared for it: attributes of requests, `e as T`, and what claims.yaml and
//! configurations state.
//!
//! Gives the value as policies see it: null at a declared path is absence, defaults are filled in, times and durations
//! are whole seconds. Bounds are enforced here.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Bounds, RecordShape, Shape, ShapeKind};
use crate::value::time::{parse_duration, parse_timestamp};
use crate::value::{Number, Object, Value};

/// What becomes of members that a closed record does not declare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undeclared {
    /// They are left out: requests hold more than policies read.
    LeftOut,
    /// They are mistakes: authors state what they mean.
    Mistake,
}

/// Why a value does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mismatch {
    /// The way to the part that does not fit, the last step first.
    pub(crate) path: Vec<Part>,
    /// A fact that goes on after the name of that part. Never holds a value, nor a key of a map.
    pub(crate) problem: String,
}

/// One step from a value to a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// A member that the shape declares, or an undeclared one where that is a mistake.
    Member(Arc<str>),
    /// The value of a key of a map.
    Key(Arc<str>),
    /// An element of a list, from 0.
    Element(usize),
}

impl Mismatch {
    pub(crate) fn new(problem: impl Into<String>) -> Self {
        Mismatch { path: Vec::new(), problem: problem.into() }
    }

    pub(crate) fn missing() -> Self {
        Mismatch::new("is missing")
    }

    fn within(mut self, part: Part) -> Self {
        self.path.push(part);
        self
    }

    /// The whole sentence about the part of an attribute, without what only the request knows: keys and positions.
    pub(crate) fn discreet(&self, attribute: &str) -> String {
        let mut parts = self.path.as_slice();
        let of_element = matches!(parts.first(), Some(Part::Element(_) | Part::Key(_)));
        if of_element {
            parts = parts.get(1..).unwrap_or_default();
        }
        let mut name = attribute.to_owned();
        for part in parts.iter().rev() {
            match part {
                Part::Member(member) => {
                    name.push('.');
                    name.push_str(member);
                }
                Part::Element(_) | Part::Key(_) => name.push_str("[]"),
            }
        }
        let subject = if of_element { format!("an element of `{name}`") } else { format!("`{name}`") };
        format!("{subject} {}", self.problem)
    }

    /// The whole sentence about the part of what an author states, as in "`config.a[0]` is not a string".
    pub(crate) fn precise(&self, root: &str) -> String {
        use std::fmt::Write as _;

        let mut name = root.to_owned();
        for part in self.path.iter().rev() {
            // Writing to a string cannot fail.
            let _ = match part {
                Part::Member(member) | Part::Key(member) => write!(name, ".{member}"),
                Part::Element(index) => write!(name, "[{index}]"),
            };
        }
        format!("`{name}` {}", self.problem)
    }
}

/// The value as policies see it.
pub(crate) fn decode(value: &Value, shape: &Shape, undeclared: Undeclared) -> Result<Value, Mismatch> {
    Decoder { undeclared }.part(value, shape, Bounds::MAX_DEPTH).map(Cow::into_owned)
}

/// The same, for those who only look at it: what policies see as it stands in the request is not copied.
#[cfg(feature = "mint")]
pub(crate) fn decode_borrowed<'v>(value: &'v Value, shape: &Shape) -> Result<Cow<'v, Value>, Mismatch> {
    Decoder { undeclared: Undeclared::LeftOut }.part(value, shape, Bounds::MAX_DEPTH)
}

/// The value of a key of a map, when only that one is read.
pub(crate) fn decode_map_element(value: &Value, element: &Shape) -> Result<Option<Value>, Mismatch> {
    let decoder = Decoder { undeclared: Undeclared::LeftOut };
    Ok(decoder.map_element(value, element, Bounds::MAX_DEPTH)?.map(Cow::into_owned))
}

/// `depth` is, throughout, how many levels of lists and objects there may be.
#[derive(Clone, Copy)]
struct Decoder {
    undeclared: Undeclared,
}

impl Decoder {
    /// Borrowed where policies see a value as it is.
    fn part<'v>(self, value: &'v Value, shape: &Shape, depth: usize) -> Result<Cow<'v, Value>, Mismatch> {
        match &shape.kind {
            // A mistake in the declaration was reported already.
            ShapeKind::Error => Ok(Cow::Borrowed(value)),
            ShapeKind::Bool if value.as_bool().is_some() => Ok(Cow::Borrowed(value)),
            ShapeKind::Bool => Err(Mismatch::new("is not a boolean")),
            ShapeKind::Int => int(value, &shape.bounds),
            ShapeKind::Number => number(value, &shape.bounds),
            ShapeKind::String | ShapeKind::Email => string(value, &shape.bounds),
            ShapeKind::Enum(words) => word(value, words),
            ShapeKind::Timestamp => seconds(
                value,
                parse_timestamp,
                "is not a timestamp (RFC 3339 text with an offset, or seconds)",
            )
            .and_then(|seconds| bounded_int(seconds, &shape.bounds)),
            ShapeKind::Duration => {
                seconds(value, parse_duration, "is not a duration (such as `5m`, or seconds)")
                    .and_then(|seconds| bounded_int(seconds, &shape.bounds))
            }
            ShapeKind::Json => json(value, &shape.bounds, depth),
            ShapeKind::List(element) => self.list(value, element, &shape.bounds, inner(depth)?),
            ShapeKind::Map(element) => self.map(value, element, &shape.bounds, inner(depth)?).map(Cow::Owned),
            ShapeKind::Record(record) => {
                self.record(value, record, &shape.bounds, inner(depth)?).map(Cow::Owned)
            }
        }
    }

    /// What a missing part reads as: its default, an empty object, or nothing (`None`).
    fn missing(self, shape: &Shape) -> Result<Option<Value>, Mismatch> {
        if let Some(default) = &shape.default {
            return self.part(default, shape, Bounds::MAX_DEPTH).map(|value| Some(value.into_owned()));
        }
        if shape.optional {
            return Ok(None);
        }
        if shape.reads_as_empty() {
            let empty = Value::object(Object::new());
            return self.part(&empty, shape, Bounds::MAX_DEPTH).map(|value| Some(value.into_owned()));
        }
        Err(Mismatch::missing())
    }

    fn list<'v>(
        self,
        value: &'v Value,
        element: &Shape,
        bounds: &Bounds,
        depth: usize,
    ) -> Result<Cow<'v, Value>, Mismatch> {
        let found = value.as_list().ok_or_else(|| Mismatch::new("is not a list"))?;
        within_items(found.len(), bounds)?;
        // As soon as one element is not seen as it is.
        let mut items: Option<Vec<Value>> = None;
        for (index, item) in found.iter().enumerate() {
            let decoded = match item {
                Value::Null if element.optional => Ok(None),
                Value::Null => Err(Mismatch::new("is null")),
                item => self.part(item, element, depth).map(Some),
            };
            let decoded = decoded.map_err(|mismatch| mismatch.within(Part::Element(index)))?;
            match (decoded, &mut items) {
                (Some(Cow::Borrowed(_)), None) => {}
                (decoded, items) => {
                    let before = || found.get(..index).unwrap_or_default().to_vec();
                    items.get_or_insert_with(before).extend(decoded.map(Cow::into_owned));
                }
            }
        }
        Ok(items.map_or(Cow::Borrowed(value), |items| Cow::Owned(Value::list(items))))
    }

    fn map(self, value: &Value, element: &Shape, bounds: &Bounds, depth: usize) -> Result<Value, Mismatch> {
        let found = value.as_object().ok_or_else(|| Mismatch::new("is not an object"))?;
        within_items(found.len(), bounds)?;
        let mut members = Object::with_capacity(found.len());
        for (key, member) in found {
            within_length(key, &Bounds { max_bytes: None, ..*bounds })
                .map_err(|mismatch| Mismatch::new(format!("has a key that {}", mismatch.problem)))?;
            let decoded = self.map_element(member, element, depth);
            if let Some(decoded) = decoded.map_err(|mismatch| mismatch.within(Part::Key(key.clone())))? {
                members.insert(key.clone(), decoded.into_owned());
            }
        }
        Ok(Value::object(members))
    }

    fn map_element<'v>(
        self,
        value: &'v Value,
        element: &Shape,
        depth: usize,
    ) -> Result<Option<Cow<'v, Value>>, Mismatch> {
        match value {
            Value::Null if element.optional => Ok(None),
            Value::Null => Err(Mismatch::new("is null")),
            value => self.part(value, element, depth).map(Some),
        }
    }

    /// The declared members in the order of their declaration.
    fn record(
        self,
        value: &Value,
        record: &RecordShape,
        bounds: &Bounds,
        depth: usize,
    ) -> Result<Value, Mismatch> {
        let found = value.as_object().ok_or_else(|| Mismatch::new("is not an object"))?;
        if record.open {
            return self.open_record(value, found, record, bounds, depth);
        }
        let mut members = Object::with_capacity(record.members.len());
        for (name, shape) in &record.members {
            if let Some(member) = self.record_member(found, name, shape, depth)? {
                members.insert(name.clone(), member);
            }
        }
        if self.undeclared == Undeclared::Mistake
            && let Some(name) = found.keys().find(|name| record.member(name).is_none())
        {
            return Err(Mismatch::new("is not declared").within(Part::Member(name.clone())));
        }
        Ok(Value::object(members))
    }

    /// Members of an open record stand as they are, then those that have a default and are missing.
    fn open_record(
        self,
        value: &Value,
        found: &Object,
        record: &RecordShape,
        bounds: &Bounds,
        depth: usize,
    ) -> Result<Value, Mismatch> {
        // The depth first: the size is measured by recursion.
        if !value.is_within_depth(depth + 1) {
            return Err(too_deep());
        }
        within_bytes(value.to_json().len(), bounds)?;
        let mut members = Object::with_capacity(found.len());
        for (name, member) in found {
            match record.member(name) {
                None => drop(members.insert(name.clone(), member.clone())),
                Some(shape) => {
                    if let Some(member) = self.record_member(found, name, shape, depth)? {
                        members.insert(name.clone(), member);
                    }
                }
            }
        }
        for (name, shape) in record.members.iter().filter(|(name, _)| !found.contains_key(name)) {
            if let Some(member) = self.record_member(found, name, shape, depth)? {
                members.insert(name.clone(), member);
            }
        }
        Ok(Value::object(members))
    }

    fn record_member(
        self,
        found: &Object,
        name: &Arc<str>,
        shape: &Shape,
        depth: usize,
    ) -> Result<Option<Value>, Mismatch> {
        match found.get(name) {
            None | Some(Value::Null) => self.missing(shape),
            Some(member) => self.part(member, shape, depth).map(|value| Some(value.into_owned())),
        }
        .map_err(|mismatch| mismatch.within(Part::Member(name.clone())))
    }
}

fn inner(depth: usize) -> Result<usize, Mismatch> {
    depth.checked_sub(1).ok_or_else(too_deep)
}

fn too_deep() -> Mismatch {
    Mismatch::new(format!("is nested more than {} levels deep", Bounds::MAX_DEPTH))
}

fn int<'v>(value: &'v Value, bounds: &Bounds) -> Result<Cow<'v, Value>, Mismatch> {
    let found = value.as_int().ok_or_else(|| Mismatch::new("is not a whole number in 64 bits"))?;
    in_range(&Number::from(found), bounds)?;
    Ok(Cow::Borrowed(value))
}

fn bounded_int(value: i64, bounds: &Bounds) -> Result<Cow<'static, Value>, Mismatch> {
    in_range(&Number::from(value), bounds)?;
    Ok(Cow::Owned(Value::int(value)))
}

fn number<'v>(value: &'v Value, bounds: &Bounds) -> Result<Cow<'v, Value>, Mismatch> {
    let Value::Number(number) = value else {
        return Err(Mismatch::new("is not a number"));
    };
    in_range(number, bounds)?;
    if number.as_int().is_none() {
        within_bytes(number.to_string().len(), bounds)?;
    }
    Ok(Cow::Borrowed(value))
}

fn in_range(number: &Number, bounds: &Bounds) -> Result<(), Mismatch> {
    match (bounds.min, bounds.max) {
        (Some(min), _) if *number < Number::from(min) => Err(Mismatch::new(format!("is less than {min}"))),
        (_, Some(max)) if *number > Number::from(max) => Err(Mismatch::new(format!("is greater than {max}"))),
        _ => Ok(()),
    }
}

fn string<'v>(value: &'v Value, bounds: &Bounds) -> Result<Cow<'v, Value>, Mismatch> {
    let text = value.as_str().ok_or_else(|| Mismatch::new("is not a string"))?;
    within_length(text, bounds)?;
    Ok(Cow::Borrowed(value))
}

/// A stated length counts code points; where none is stated, bytes are bounded.
fn within_length(text: &str, bounds: &Bounds) -> Result<(), Mismatch> {
    match bounds.max_length {
        // A string of n bytes has at most n code points, so most need no counting.
        Some(max) if text.len() as u64 > max && text.chars().count() as u64 > max => {
            Err(Mismatch::new(format!("is longer than {max} characters")))
        }
        Some(_) if bounds.max_bytes.is_none() => Ok(()),
        _ => within_bytes(text.len(), bounds),
    }
}

fn within_bytes(bytes: usize, bounds: &Bounds) -> Result<(), Mismatch> {
    let max = bounds.max_bytes.unwrap_or(Bounds::DEFAULT_BYTES);
    if bytes as u64 > max {
        return Err(Mismatch::new(format!("is larger than {max} bytes")));
    }
    Ok(())
}

fn within_items(items: usize, bounds: &Bounds) -> Result<(), Mismatch> {
    let max = bounds.max_items.unwrap_or(Bounds::DEFAULT_ITEMS);
    if items as u64 > max {
        return Err(Mismatch::new(format!("has more than {max} items")));
    }
    Ok(())
}

/// How many words of an enum a message lists.
const SHOWN_WORDS: usize = 12;

fn word<'v>(value: &'v Value, words: &[Arc<str>]) -> Result<Cow<'v, Value>, Mismatch> {
    let text = value.as_str().ok_or_else(|| Mismatch::new("is not a string"))?;
    match words.binary_search_by(|word| (**word).cmp(text)) {
        Ok(_) => Ok(Cow::Borrowed(value)),
        Err(_) if words.len() <= SHOWN_WORDS => {
            let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
            Err(Mismatch::new(format!("is none of {}", words.join(", "))))
        }
        Err(_) => Err(Mismatch::new("is none of its listed values")),
    }
}

fn seconds(value: &Value, parse: fn(&str) -> Option<i64>, problem: &str) -> Result<i64, Mismatch> {
    let seconds = match value {
        Value::Number(number) => number.as_int(),
        Value::String(text) => parse(text),
        _ => None,
    };
    seconds.ok_or_else(|| Mismatch::new(problem))
}

fn json<'v>(value: &'v Value, bounds: &Bounds, depth: usize) -> Result<Cow<'v, Value>, Mismatch> {
    if !value.is_within_depth(depth) {
        return Err(too_deep());
    }
    within_bytes(value.to_json().len(), bounds)?;
    Ok(Cow::Borrowed(value))
}

#[cfg(test)]
mod tests;
