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

/// Numbers that follow from a seed (Marsaglia's xorshift).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below another one; 0 below 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % end.max(1)
    }
}

/// A value that mostly conforms to a shape, often as large as it may be, with much to escape.
pub(crate) fn random(shape: &Shape, random: &mut Random) -> Value {
    let up_to = |most: Option<u64>, otherwise: usize, random: &mut Random| {
        let most = most.map_or(otherwise, |most| usize::try_from(most).unwrap());
        if random.below(4) > 0 { most } else { random.below(most + 1) }
    };
    let bounds = &shape.bounds;
    match &shape.kind {
        ShapeKind::Error => Value::Null,
        ShapeKind::Bool => Value::Bool(random.below(2) == 0),
        ShapeKind::Int => {
            let all = [bounds.min.unwrap_or(i64::MIN), bounds.max.unwrap_or(i64::MAX), 0, 7];
            let n = all[random.below(4)];
            if n == 0 && random.below(2) == 0 { value("-0") } else { Value::int(n) }
        }
        ShapeKind::Number => value(["-9223372036854775808", "1.50", "12e300", "-0"][random.below(4)]),
        ShapeKind::String | ShapeKind::Email => {
            let most = up_to(bounds.max_length, 6, random);
            Value::from(text(most, random).as_str())
        }
        ShapeKind::Timestamp => {
            [value("\"0000-01-01T00:00:00Z\""), value("1795176000")][random.below(2)].clone()
        }
        ShapeKind::Duration => [value("\"1d\""), value("\"106751991167300d\"")][random.below(2)].clone(),
        ShapeKind::Json => {
            let all = [
                "null",
                "[1,\"a\"]",
                "{\"a\":\"\\u0001\",\"b\":{\"c\":[true]}}",
                "\"\\\"\\u0002é\"",
                "[\"a\",\"b\"]",
            ];
            value(all[random.below(5)])
        }
        ShapeKind::Enum(words) => Value::String(words[random.below(words.len())].clone()),
        ShapeKind::List(element) => {
            let most = up_to(bounds.max_items, 5, random);
            Value::list((0..most).map(|_| self::random(element, random)).collect())
        }
        ShapeKind::Map(element) => {
            let most = up_to(bounds.max_items, 5, random);
            let length = up_to(bounds.max_length, 3, random);
            Value::object(
                (0..most)
                    .map(|_| (Arc::from(text(length, random).as_str()), self::random(element, random)))
                    .collect(),
            )
        }
        ShapeKind::Record(record) => {
            let mut members: crate::value::Object = crate::value::Object::new();
            for (name, member) in &record.members {
                if !member.optional || random.below(2) == 0 {
                    members.insert(name.clone(), self::random(member, random));
                }
            }
            if random.below(2) == 0 {
                members.insert("zz".into(), value("[\"\\u0003\"]"));
            }
            Value::object(members)
        }
    }
}

/// All letters alike, or what is escaped only, or anything.
fn text(chars: usize, random: &mut Random) -> String {
    let letters = ['\u{1}', '\u{1f}', 'a', 'b', '"', '\\', '\n', 'é', '😀', '@'];
    let one = random.below(letters.len());
    let kind = random.below(3);
    let letter = |random: &mut Random| match kind {
        0 => letters[one],
        1 => letters[random.below(2)],
        _ => letters[random.below(letters.len())],
    };
    (0..chars).map(|_| letter(random)).collect()
}
