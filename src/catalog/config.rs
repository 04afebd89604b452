//! The constants of `config` that are bound when a policy is loaded.

use std::collections::BTreeMap;

use super::{Catalog, Root};
use crate::ty::decode::{Undeclared, decode};
use crate::ty::{Shape, ShapeKind};
use crate::value::Value;

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
            (Some(constant), Some(shape)) => match decode(value, shape, Undeclared::Mistake) {
                Ok(value) => constant.value = Some(value),
                Err(mismatch) => errors.push(mismatch.precise(&format!("config.{name}"))),
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
