//! Shapes and values for tests.

use std::sync::Arc;

use super::{RecordShape, Shape, ShapeKind};
use crate::value::{JsonLimits, Value};

pub(crate) fn value(json: &str) -> Value {
    Value::parse_json(json.as_bytes(), JsonLimits::default()).unwrap()
}

/// A shape by words: `string`, `int?`, `string[]` ...
pub(crate) fn shape(text: &str) -> Shape {
    if let Some(inner) = text.strip_suffix('?') {
        return shape(inner).optional();
    }
    if let Some(element) = text.strip_suffix("[]") {
        return Shape::of(ShapeKind::List(Arc::new(shape(element))));
    }
    if let Some(element) = text.strip_prefix("map[") {
        return Shape::of(ShapeKind::Map(Arc::new(shape(element.strip_suffix(']').unwrap()))));
    }
    Shape::of(match text {
        "bool" => ShapeKind::Bool,
        "int" => ShapeKind::Int,
        "number" => ShapeKind::Number,
        "string" => ShapeKind::String,
        "email" => ShapeKind::Email,
        "timestamp" => ShapeKind::Timestamp,
        "duration" => ShapeKind::Duration,
        "json" => ShapeKind::Json,
        words => {
            let mut words: Vec<Arc<str>> = words.split('|').map(Arc::from).collect();
            words.sort();
            ShapeKind::Enum(words.into())
        }
    })
}

pub(crate) fn record(members: &[(&str, Shape)]) -> Shape {
    let members = members.iter().map(|(name, shape)| (Arc::from(*name), shape.clone())).collect();
    Shape::of(ShapeKind::Record(Arc::new(RecordShape { members, open: false })))
}

pub(crate) fn open(shape: Shape) -> Shape {
    let ShapeKind::Record(record) = shape.kind else { panic!("{shape:?} is no record") };
    Shape::of(ShapeKind::Record(Arc::new(RecordShape { open: true, ..(*record).clone() })))
}
