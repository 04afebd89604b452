//! Whether a JSON value is of a shape, for values that the author states: defaults, constants, client metadata.
//!
//! Requests are read by the evaluator, which is lenient about members that nobody declared; here they are mistakes.

use std::collections::BTreeMap;

use super::Catalog;
use super::Root;
use crate::ty::{Bounds, RecordShape, Shape, ShapeKind};
use crate::value::time::{parse_duration, parse_timestamp};
use crate::value::{Object, Value};

/// One step from a value to a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// A member.
    Member(String),
    /// An element, from 0.
    Element(usize),
}

/// Where and why a value is not of a shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Misfit {
    /// The way to the part that does not fit, the last step first.
    pub(super) steps: Vec<Step>,
    /// A fact that goes on after the name of that part.
    pub(super) fact: String,
}

impl Misfit {
    fn new(fact: impl Into<String>) -> Self {
        Misfit { steps: Vec::new(), fact: fact.into() }
    }

    fn within(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// The part after `root`, as in `config.a[0]`.
    pub(super) fn path(&self, root: &str) -> String {
        let mut path = root.to_owned();
        for step in self.steps.iter().rev() {
            match step {
                Step::Member(name) => {
                    path.push('.');
                    path.push_str(name);
                }
                Step::Element(index) => path = format!("{path}[{index}]"),
            }
        }
        path
    }
}

/// The value as it is read: times and durations in seconds, defaults filled in, null members left out.
pub(super) fn fit(value: &Value, shape: &Shape) -> Result<Value, Misfit> {
    fit_part(value, shape, Bounds::MAX_DEPTH)
}

/// `depth` is how many levels of lists and objects there may be.
fn fit_part(value: &Value, shape: &Shape, depth: usize) -> Result<Value, Misfit> {
    match (&shape.kind, value) {
        (ShapeKind::Error, _) | (ShapeKind::Bool, Value::Bool(_)) => Ok(value.clone()),
        (ShapeKind::Int, Value::Number(_)) if value.as_int().is_some() => in_range(value, shape),
        (ShapeKind::Number, Value::Number(_)) => {
            within_bytes(value, shape)?;
            in_range(value, shape)
        }
        (ShapeKind::String | ShapeKind::Email, Value::String(text)) => {
            short_enough(text, shape)?;
            Ok(value.clone())
        }
        (ShapeKind::Enum(words), Value::String(text)) if words.contains(text) => Ok(value.clone()),
        (ShapeKind::Timestamp, _) => seconds(value, parse_timestamp).ok_or_else(|| not_of(shape)),
        (ShapeKind::Duration, _) => seconds(value, parse_duration).ok_or_else(|| not_of(shape)),
        (ShapeKind::Json, _) => {
            shallow(value, depth)?;
            within_bytes(value, shape)?;
            Ok(value.clone())
        }
        (ShapeKind::List(element), Value::List(items)) => {
            few_enough(items.len(), shape)?;
            fit_list(items, element, inner(depth)?)
        }
        (ShapeKind::Map(element), Value::Object(members)) => {
            few_enough(members.len(), shape)?;
            for name in members.keys() {
                short_enough(name, shape).map_err(|m| m.within(Step::Member(name.to_string())))?;
            }
            fit_map(members, element, inner(depth)?)
        }
        (ShapeKind::Record(record), Value::Object(members)) => {
            if record.open {
                shallow(value, depth)?;
                within_bytes(value, shape)?;
            }
            fit_record(members, record, inner(depth)?)
        }
        _ => Err(not_of(shape)),
    }
}

fn inner(depth: usize) -> Result<usize, Misfit> {
    depth.checked_sub(1).ok_or_else(too_deep)
}

fn too_deep() -> Misfit {
    Misfit::new(format!("is nested more than {} deep", Bounds::MAX_DEPTH))
}

fn fit_list(items: &[Value], element: &Shape, depth: usize) -> Result<Value, Misfit> {
    let mut out = Vec::new();
    for (i, item) in items.iter().enumerate() {
        if !(element.optional && matches!(item, Value::Null)) {
            out.push(fit_part(item, element, depth).map_err(|m| m.within(Step::Element(i)))?);
        }
    }
    Ok(Value::list(out))
}

fn fit_map(members: &Object, element: &Shape, depth: usize) -> Result<Value, Misfit> {
    let mut out = Object::new();
    for (name, member) in members {
        if !(element.optional && matches!(member, Value::Null)) {
            let step = || Step::Member(name.to_string());
            out.insert(name.clone(), fit_part(member, element, depth).map_err(|m| m.within(step()))?);
        }
    }
    Ok(Value::object(out))
}

fn fit_record(members: &Object, record: &RecordShape, depth: usize) -> Result<Value, Misfit> {
    let shapes: BTreeMap<&str, &Shape> =
        record.members.iter().map(|(name, shape)| (&**name, shape)).collect();
    let mut out = Object::new();
    for (name, member) in members {
        let step = || Step::Member(name.to_string());
        match shapes.get(&**name) {
            Some(_) if matches!(member, Value::Null) => {}
            Some(shape) => {
                out.insert(name.clone(), fit_part(member, shape, depth).map_err(|m| m.within(step()))?);
            }
            None if record.open => {
                out.insert(name.clone(), member.clone());
            }
            None => return Err(Misfit::new("is not declared").within(step())),
        }
    }
    for (name, shape) in &record.members {
        if out.contains_key(name) {
            continue;
        }
        if let Some(default) = &shape.default {
            out.insert(name.clone(), default.clone());
        } else if !shape.optional && shape.reads_as_empty() {
            let step = || Step::Member(name.to_string());
            let empty = Value::object(Object::new());
            out.insert(name.clone(), fit_part(&empty, shape, depth).map_err(|m| m.within(step()))?);
        } else if !shape.optional {
            return Err(Misfit::new("is missing").within(Step::Member(name.to_string())));
        }
    }
    Ok(Value::object(out))
}

fn not_of(shape: &Shape) -> Misfit {
    Misfit::new(match &shape.kind {
        ShapeKind::Enum(words) if words.len() <= 12 => {
            let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
            format!("is none of {}", words.join(", "))
        }
        ShapeKind::Enum(_) => "is none of the listed texts".to_owned(),
        ShapeKind::List(_) => "is not a list".to_owned(),
        ShapeKind::Map(_) | ShapeKind::Record(_) => "is not an object".to_owned(),
        ShapeKind::Int => "is not a whole number in 64 bits".to_owned(),
        ShapeKind::Timestamp => "is no RFC 3339 time with offset, nor whole seconds".to_owned(),
        ShapeKind::Duration => "is no duration such as `5m`, nor whole seconds".to_owned(),
        _ => format!("is not a {}", shape.ty().kind),
    })
}

fn seconds(value: &Value, parse: fn(&str) -> Option<i64>) -> Option<Value> {
    match value {
        Value::String(text) => parse(text).map(Value::int),
        value => value.as_int().map(Value::int),
    }
}

fn in_range(value: &Value, shape: &Shape) -> Result<Value, Misfit> {
    let Value::Number(number) = value else { return Ok(value.clone()) };
    match (shape.bounds.min, shape.bounds.max) {
        (Some(min), _) if *number < min.into() => Err(Misfit::new(format!("is less than {min}"))),
        (_, Some(max)) if *number > max.into() => Err(Misfit::new(format!("is more than {max}"))),
        _ => Ok(value.clone()),
    }
}

fn short_enough(text: &str, shape: &Shape) -> Result<(), Misfit> {
    match shape.bounds.max_length {
        Some(max) if text.chars().count() as u64 > max => {
            Err(Misfit::new(format!("has more than {max} characters")))
        }
        None if text.len() as u64 > Bounds::DEFAULT_BYTES => {
            Err(Misfit::new(format!("has more than {} bytes", Bounds::DEFAULT_BYTES)))
        }
        _ => Ok(()),
    }
}

fn few_enough(count: usize, shape: &Shape) -> Result<(), Misfit> {
    let max = shape.bounds.max_items.unwrap_or(Bounds::DEFAULT_ITEMS);
    if count as u64 > max {
        return Err(Misfit::new(format!("has more than {max} elements")));
    }
    Ok(())
}

fn within_bytes(value: &Value, shape: &Shape) -> Result<(), Misfit> {
    let max = shape.bounds.max_bytes.unwrap_or(Bounds::DEFAULT_BYTES);
    if value.to_json().len() as u64 > max {
        return Err(Misfit::new(format!("has more than {max} bytes as JSON")));
    }
    Ok(())
}

/// Asked before the size is measured, which recurses.
fn shallow(value: &Value, depth: usize) -> Result<(), Misfit> {
    if value.is_within_depth(depth) { Ok(()) } else { Err(too_deep()) }
}

/// Binds the constants of `config` that have no value in claims.yaml to the members of an object.
///
/// # Errors
/// One sentence for each member that is no such constant or not of its type, and for each constant that stays
/// without a value and may not be absent. The catalog is unchanged then.
pub fn bind_config(catalog: &mut Catalog, value: &Value) -> Result<(), Vec<String>> {
    let Some(members) = value.as_object() else {
        return Err(vec![format!("the config is not an object, but a {}", value.kind())]);
    };
    let Some(ShapeKind::Record(record)) = catalog.input(Root::Config).map(|shape| &shape.kind) else {
        return Ok(());
    };
    let shapes: BTreeMap<&str, &Shape> =
        record.members.iter().map(|(name, shape)| (&**name, shape)).collect();
    let mut bound = catalog.config.clone();
    let mut errors = Vec::new();
    for (name, value) in members {
        match (bound.get_mut(name), shapes.get(&**name)) {
            (Some(constant), Some(_)) if constant.value.is_some() => {
                errors.push(format!("`config.{name}` has its value in claims.yaml"));
            }
            (Some(_), Some(shape)) if shape.optional && matches!(value, Value::Null) => {}
            (Some(constant), Some(shape)) => match fit(value, shape) {
                Ok(value) => constant.value = Some(value),
                Err(misfit) => {
                    errors.push(format!("`{}` {}", misfit.path(&format!("config.{name}")), misfit.fact));
                }
            },
            _ => errors.push(format!("claims.yaml has no constant `config.{name}`")),
        }
    }
    for (name, constant) in &bound {
        let needed = shapes.get(&**name).is_some_and(|shape| !shape.optional && shape.default.is_none());
        if constant.value.is_none() && needed && !members.contains_key(name) {
            errors.push(format!("`config.{name}` has no value"));
        }
    }
    if errors.is_empty() {
        catalog.config = bound;
        return Ok(());
    }
    Err(errors)
}
