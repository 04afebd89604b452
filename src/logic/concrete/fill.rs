//! A shape and what is chosen below it to JSON that reads as both demand, if any does. If none does, something is
//! written all the same, and reading it back tells.

use std::sync::Arc;

use super::Choices;
use super::invent::Inventor;
use super::wanted::{Choice, NOTHING, Wanted};
use crate::builtins::format_rfc3339;
use crate::catalog::{Catalog, Root};
use crate::ty::{RecordShape, Shape, ShapeKind};
use crate::value::{Object, Value};

/// The value that holds where no choice further down says otherwise.
#[derive(Clone, Copy)]
pub(super) struct Base<'v> {
    value: &'v Value,
    /// Whether it may yield: nobody chose it, it is a default.
    is_default: bool,
}

impl<'v> Base<'v> {
    pub(super) fn chosen(value: &'v Value) -> Self {
        Base { value, is_default: false }
    }

    fn default(value: &'v Value) -> Self {
        Base { value, is_default: true }
    }

    fn member(self, name: &str) -> Option<Self> {
        Some(Base { value: self.value.get(name)?, ..self })
    }

    fn is_null(self) -> bool {
        matches!(self.value, Value::Null)
    }
}

/// Writes parts of requests.
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
        base: Option<Base<'_>>,
    ) -> Option<Value> {
        self.below(&root.as_str().into(), |fill| fill.declared(shape, wanted, base))
    }

    fn below<T>(&mut self, name: &Arc<str>, fill: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(name.clone());
        let filled = fill(self);
        self.path.pop();
        filled
    }

    /// A declared part; `None` where it is left out.
    fn declared(&mut self, shape: &Shape, wanted: &Wanted<'_>, base: Option<Base<'_>>) -> Option<Value> {
        let base = stated(wanted, base);
        if yields(base, wanted) && shape.may_be_absent() && !can_be_there(shape, wanted) {
            return None;
        }
        let is_free = base.is_none() && !wanted.is_there();
        let is_default = shape.default.is_some() && wanted.members.is_empty();
        if is_free && (shape.may_be_absent() || is_default) {
            return None;
        }
        let value = self.present(shape, wanted, base.or(shape.default.as_ref().map(Base::default)));
        let is_empty = value.as_object().is_some_and(Object::is_empty);
        if is_free && is_empty && shape.default.is_none() && shape.reads_as_empty() {
            return None;
        }
        Some(value)
    }

    fn present(&mut self, shape: &Shape, wanted: &Wanted<'_>, base: Option<Base<'_>>) -> Value {
        match &shape.kind {
            ShapeKind::Record(record) => self.record(record, wanted, base),
            ShapeKind::Map(element) => self.map(element, wanted, base),
            // Who reads below `json` demands an object.
            ShapeKind::Json | ShapeKind::Error if !wanted.members.is_empty() => members(wanted, object(base)),
            ShapeKind::List(element) => {
                let items = base.and_then(|base| base.value.as_list()).unwrap_or_default().iter();
                let items = items.map(|item| self.present(element, &NOTHING, Some(Base::chosen(item))));
                Value::list(items.collect())
            }
            kind => match base {
                Some(base) => written(base.value, kind),
                None => self.inventor.value(shape, &self.path),
            },
        }
    }

    fn record(&mut self, record: &RecordShape, wanted: &Wanted<'_>, base: Option<Base<'_>>) -> Value {
        let base = object(base);
        let mut members = Object::new();
        for (name, shape) in &record.members {
            let base = base.and_then(|base| base.member(name));
            let value = self.below(name, |fill| fill.declared(shape, wanted.member(name), base));
            members.extend(value.map(|value| (name.clone(), value)));
        }
        if record.open {
            let undeclared = each(wanted, base).filter(|(name, ..)| record.member(name).is_none());
            members.extend(
                undeclared.filter_map(|(name, wanted, base)| Some((name.clone(), free(wanted, base)?))),
            );
        }
        Value::object(members)
    }

    fn map(&mut self, element: &Shape, wanted: &Wanted<'_>, base: Option<Base<'_>>) -> Value {
        let mut members = Object::new();
        for (key, wanted, base) in each(wanted, object(base)) {
            let base = stated(wanted, base);
            let is_missing = base.is_none() && !wanted.is_there();
            let yields = yields(base, wanted) && !can_be_there(element, wanted);
            if is_missing || yields {
                continue;
            }
            let value = self.below(key, |fill| fill.present(element, wanted, base));
            members.insert(key.clone(), value);
        }
        Value::object(members)
    }
}

/// Whether what is there by default may as well not be.
fn yields(base: Option<Base<'_>>, wanted: &Wanted<'_>) -> bool {
    base.is_some_and(|base| base.is_default) && !wanted.is_there()
}

/// Whether what is chosen below leaves any value of a shape.
fn can_be_there(shape: &Shape, wanted: &Wanted<'_>) -> bool {
    wanted.members.iter().all(|(name, wanted)| match &shape.kind {
        ShapeKind::Record(record) => match record.member(name) {
            Some(shape) if wanted.is_absent() => shape.may_be_absent(),
            Some(shape) => (shape.may_be_absent() && !wanted.is_there()) || can_be_there(shape, wanted),
            None => record.open || !wanted.is_there(),
        },
        ShapeKind::Map(element) => !wanted.is_there() || can_be_there(element, wanted),
        ShapeKind::Json | ShapeKind::Error => true,
        _ => !wanted.is_there(),
    })
}

/// The value that holds for a declared part or an element of a map, where null is nothing.
fn stated<'v>(wanted: &Wanted<'v>, base: Option<Base<'v>>) -> Option<Base<'v>> {
    match wanted.choice {
        Choice::Value(value) => Some(Base::chosen(value)),
        Choice::Absent => None,
        Choice::Free => base.filter(|base| !base.is_null()),
    }
}

/// The members that there are or that something is chosen for.
fn each<'w, 'v>(
    wanted: &'w Wanted<'v>,
    base: Option<Base<'w>>,
) -> impl Iterator<Item = (&'w Arc<str>, &'w Wanted<'v>, Option<Base<'w>>)> {
    let stated = base.and_then(|base| base.value.as_object());
    let is_stated = move |name: &Arc<str>| stated.is_some_and(|stated| stated.contains_key(name));
    let members = stated.into_iter().flatten();
    let members =
        members.map(move |(name, _)| (name, wanted.member(name), base.and_then(|base| base.member(name))));
    let more = wanted.members.iter().filter(move |(name, _)| !is_stated(name));
    members.chain(more.map(|(name, wanted)| (name, wanted, None)))
}

/// An object to start from. What is none yields: there is no member of it.
fn object(base: Option<Base<'_>>) -> Option<Base<'_>> {
    base.filter(|base| base.value.as_object().is_some())
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

/// A part that nothing is declared for: any JSON, null included.
fn free(wanted: &Wanted<'_>, base: Option<Base<'_>>) -> Option<Value> {
    let base = match wanted.choice {
        Choice::Value(value) => Some(Base::chosen(value)),
        Choice::Absent => None,
        Choice::Free => base,
    };
    if wanted.has_member_there() || object(base).is_some() {
        return Some(members(wanted, object(base)));
    }
    base.map(|base| base.value.clone())
}

fn members(wanted: &Wanted<'_>, base: Option<Base<'_>>) -> Value {
    let members = each(wanted, base);
    let present = members.filter_map(|(name, wanted, base)| Some((name.clone(), free(wanted, base)?)));
    Value::object(present.collect())
}
