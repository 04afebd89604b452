//! A shape and what is chosen below it to JSON that reads as both demand.

use std::sync::Arc;

use super::Choices;
use super::invent::Inventor;
use super::wanted::{Choice, NOTHING, Wanted};
use crate::builtins::format_rfc3339;
use crate::catalog::{Catalog, Root};
use crate::ty::{RecordShape, Shape, ShapeKind};
use crate::value::{Object, Value};

/// No value has what is chosen.
pub(super) struct Impossible;

/// Writes parts of requests. `base` is, throughout, the value that holds where no choice further down says otherwise.
pub(super) struct Fill<'c> {
    inventor: Inventor<'c>,
    /// The root and the members to where it is.
    path: Vec<Arc<str>>,
}

impl<'c> Fill<'c> {
    pub(super) fn new(catalog: &'c Catalog, choices: &Choices) -> Self {
        Fill { inventor: Inventor::new(catalog, choices), path: Vec::new() }
    }

    /// A whole root, `None` where it can be left out.
    pub(super) fn root(
        &mut self,
        root: Root,
        shape: &Shape,
        wanted: &Wanted<'_>,
        base: Option<&Value>,
    ) -> Result<Option<Value>, Impossible> {
        self.below(&root.as_str().into(), |fill| fill.declared(shape, wanted, base))
    }

    fn below<T>(&mut self, name: &Arc<str>, fill: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(name.clone());
        let filled = fill(self);
        self.path.pop();
        filled
    }

    /// A declared part; `None` where it is left out.
    fn declared(
        &mut self,
        shape: &Shape,
        wanted: &Wanted<'_>,
        base: Option<&Value>,
    ) -> Result<Option<Value>, Impossible> {
        if wanted.is_absent() {
            return if shape.may_be_absent() { Ok(None) } else { Err(Impossible) };
        }
        let base = stated(wanted, base)?;
        let is_free = base.is_none() && !wanted.is_there();
        let is_default = shape.default.is_some() && wanted.members.is_empty();
        if is_free && (shape.may_be_absent() || is_default) {
            return Ok(None);
        }
        let value = self.present(shape, wanted, base.or(shape.default.as_ref()))?;
        let is_empty = value.as_object().is_some_and(Object::is_empty);
        if is_free && is_empty && shape.default.is_none() && shape.reads_as_empty() {
            return Ok(None);
        }
        Ok(Some(value))
    }

    fn present(
        &mut self,
        shape: &Shape,
        wanted: &Wanted<'_>,
        base: Option<&Value>,
    ) -> Result<Value, Impossible> {
        match &shape.kind {
            ShapeKind::Record(record) => self.record(record, wanted, base),
            ShapeKind::Map(element) => self.map(element, wanted, base),
            ShapeKind::Json | ShapeKind::Error => match json(wanted, base)? {
                Some(value) => Ok(value),
                None => self.inventor.value(shape, &self.path).ok_or(Impossible),
            },
            _ if wanted.has_member_there() => Err(Impossible),
            ShapeKind::List(element) => match base {
                Some(Value::List(items)) => {
                    let items = items.iter().map(|item| self.present(element, &NOTHING, Some(item)));
                    Ok(Value::list(items.collect::<Result<_, _>>()?))
                }
                Some(_) => Err(Impossible),
                None => Ok(Value::list(Vec::new())),
            },
            kind => match base {
                Some(value) => Ok(written(value, kind)),
                None => self.inventor.value(shape, &self.path).ok_or(Impossible),
            },
        }
    }

    fn record(
        &mut self,
        record: &RecordShape,
        wanted: &Wanted<'_>,
        base: Option<&Value>,
    ) -> Result<Value, Impossible> {
        let base = object(base)?;
        let mut members = Object::new();
        for (name, shape) in &record.members {
            let base = base.and_then(|base| base.get(name));
            let value = self.below(name, |fill| fill.declared(shape, wanted.member(name), base))?;
            members.extend(value.map(|value| (name.clone(), value)));
        }
        let is_undeclared = |name: &str| record.member(name).is_none();
        for (name, wanted, base) in each(wanted, base).filter(|(name, ..)| is_undeclared(name)) {
            match free(wanted, base)? {
                Some(value) if record.open => drop(members.insert(name.clone(), value)),
                Some(_) => return Err(Impossible),
                None => {}
            }
        }
        Ok(Value::object(members))
    }

    fn map(
        &mut self,
        element: &Shape,
        wanted: &Wanted<'_>,
        base: Option<&Value>,
    ) -> Result<Value, Impossible> {
        let mut members = Object::new();
        for (key, wanted, base) in each(wanted, object(base)?) {
            let base = stated(wanted, base)?;
            if wanted.is_absent() || (base.is_none() && !wanted.is_there()) {
                continue;
            }
            let value = self.below(key, |fill| fill.present(element, wanted, base))?;
            members.insert(key.clone(), value);
        }
        Ok(Value::object(members))
    }
}

/// The value that holds for a declared part or an element of a map. To write null there is to leave it out.
fn stated<'v>(wanted: &Wanted<'v>, base: Option<&'v Value>) -> Result<Option<&'v Value>, Impossible> {
    match wanted.choice {
        Choice::Value(Value::Null) => Err(Impossible),
        Choice::Value(value) => Ok(Some(value)),
        Choice::Absent => Ok(None),
        Choice::Free => Ok(base.filter(|base| !matches!(base, Value::Null))),
    }
}

/// The members that there are or that something is chosen for.
fn each<'w, 'v>(
    wanted: &'w Wanted<'v>,
    base: Option<&'w Object>,
) -> impl Iterator<Item = (&'w Arc<str>, &'w Wanted<'v>, Option<&'w Value>)> {
    let is_in_base = move |name: &Arc<str>| base.is_some_and(|base| base.contains_key(name));
    let stated = base.into_iter().flatten();
    let stated = stated.map(|(name, value)| (name, wanted.member(name), Some(value)));
    let more = wanted.members.iter().filter(move |(name, _)| !is_in_base(name));
    stated.chain(more.map(|(name, wanted)| (name, wanted, None)))
}

fn object(base: Option<&Value>) -> Result<Option<&Object>, Impossible> {
    base.map(|base| base.as_object().ok_or(Impossible)).transpose()
}

/// A value of a scalar shape as requests write it.
fn written(value: &Value, kind: &ShapeKind) -> Value {
    match (kind, value.as_int()) {
        (ShapeKind::Timestamp, Some(seconds)) => {
            format_rfc3339(seconds).map_or_else(|| value.clone(), Value::string)
        }
        _ => value.clone(),
    }
}

/// The value of a `json` attribute; `None` where any will do. Who reads below it demands an object.
fn json(wanted: &Wanted<'_>, base: Option<&Value>) -> Result<Option<Value>, Impossible> {
    if wanted.members.is_empty() {
        return Ok(base.cloned());
    }
    members(wanted, object(base)?).map(Some)
}

/// A part that nothing is declared for: any JSON, null included.
fn free(wanted: &Wanted<'_>, base: Option<&Value>) -> Result<Option<Value>, Impossible> {
    let base = match wanted.choice {
        Choice::Value(value) => Some(value),
        Choice::Absent => None,
        Choice::Free => base,
    };
    if !wanted.has_member_there() && !matches!(base, Some(Value::Object(_))) {
        return Ok(base.cloned());
    }
    members(wanted, object(base)?).map(Some)
}

fn members(wanted: &Wanted<'_>, base: Option<&Object>) -> Result<Value, Impossible> {
    let mut members = Object::new();
    for (name, wanted, base) in each(wanted, base) {
        members.extend(free(wanted, base)?.map(|value| (name.clone(), value)));
    }
    Ok(Value::object(members))
}
