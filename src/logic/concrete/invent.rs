//! Readable values for parts that must be there and about which nothing is chosen. Equal ones would suggest that a
//! policy compares them, so they differ, from each other and from what is chosen, as far as bounds allow.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Choices;
use crate::builtins::format_rfc3339;
use crate::catalog::Catalog;
use crate::ty::{Bounds, Shape, ShapeKind};
use crate::value::{Object, Value};

/// Nothing longer is readable.
const MAX_TEXT: usize = 64;
/// Values that are tried for one that differs.
const TRIED: i64 = 1000;
/// 2025-06-01T08:00:00Z: before the usual time of requests.
const MORNING: i64 = 1_748_764_800;
const DAY: i64 = 86_400;

const PEOPLE: [&str; 8] = ["ann", "bob", "cleo", "dan", "eve", "finn", "gwen", "hugo"];

pub(super) struct Inventor<'c> {
    catalog: &'c Catalog,
    texts: BTreeSet<Arc<str>>,
    numbers: BTreeSet<i64>,
}

impl<'c> Inventor<'c> {
    pub(super) fn new(catalog: &'c Catalog, choices: &Choices) -> Self {
        let mut inventor = Inventor { catalog, texts: BTreeSet::new(), numbers: BTreeSet::new() };
        inventor.texts.extend(choices.audience.iter().chain([&choices.client]).cloned());
        for value in choices.values.values().flatten() {
            inventor.take(value);
        }
        inventor
    }

    fn take(&mut self, value: &Value) {
        match value {
            Value::String(text) => drop(self.texts.insert(text.clone())),
            Value::Number(_) => self.numbers.extend(value.as_int()),
            Value::List(items) => items.iter().for_each(|item| self.take(item)),
            Value::Object(members) => members.values().for_each(|member| self.take(member)),
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// A value of a shape for the part that a path leads to: the word of its root and the names of members.
    pub(super) fn value(&mut self, shape: &Shape, path: &[Arc<str>]) -> Value {
        let bounds = &shape.bounds;
        match &shape.kind {
            ShapeKind::Bool => Value::Bool(false),
            ShapeKind::Int | ShapeKind::Number => Value::int(self.whole(1, 1, bounds)),
            ShapeKind::Duration => Value::int(self.whole(60, 60, bounds)),
            ShapeKind::Timestamp => {
                let seconds = self.whole(MORNING, DAY, bounds);
                format_rfc3339(seconds).map_or_else(|| Value::int(seconds), Value::string)
            }
            ShapeKind::String => self.text(named(path), path, bounds),
            ShapeKind::Email => self.text(addresses(), path, bounds),
            ShapeKind::Enum(words) => words.first().cloned().map_or(Value::Null, Value::String),
            // The smallest object has two bytes.
            ShapeKind::Json if bounds.max_bytes.is_some_and(|bytes| bytes < 2) => Value::int(1),
            ShapeKind::Json | ShapeKind::Error | ShapeKind::Map(_) | ShapeKind::Record(_) => {
                Value::object(Object::new())
            }
            ShapeKind::List(_) => Value::list(Vec::new()),
        }
    }

    fn whole(&mut self, first: i64, step: i64, bounds: &Bounds) -> i64 {
        let max = bounds.max.unwrap_or(i64::MAX);
        let first = first.max(bounds.min.unwrap_or(i64::MIN)).min(max);
        let further = (0..TRIED).map_while(|n| first.checked_add(n * step).filter(|number| *number <= max));
        let number = further.into_iter().find(|number| !self.numbers.contains(number)).unwrap_or(first);
        self.numbers.insert(number);
        number
    }

    /// The first candidate that fits and differs, else a single character, else what is left of the member's name.
    fn text(
        &mut self,
        candidates: impl Iterator<Item = String>,
        path: &[Arc<str>],
        bounds: &Bounds,
    ) -> Value {
        let characters = bounds.max_length.unwrap_or(u64::MAX);
        let bytes = bounds.max_bytes.unwrap_or(u64::MAX).min(MAX_TEXT as u64);
        let fits = |text: &str| {
            !text.is_empty() && text.len() as u64 <= bytes && text.chars().count() as u64 <= characters
        };
        let single = ('a'..='z').chain('0'..='9').map(String::from);
        let found = candidates.chain(single).find(|text| fits(text) && !self.is_taken(text));
        let text: Arc<str> = match (found, path.last()) {
            (Some(text), _) => text.into(),
            (None, Some(name)) if fits(name) => name.clone(),
            _ if fits("x") => "x".into(),
            _ => "".into(),
        };
        self.texts.insert(text.clone());
        Value::String(text)
    }

    /// Whether a text is chosen, invented already, or what the catalog calls something.
    fn is_taken(&self, text: &str) -> bool {
        let catalog = self.catalog;
        let parties = catalog.connections.values().chain(catalog.organizations.values());
        self.texts.contains(text)
            || catalog.client(text).is_some()
            || catalog.audience(text).is_some()
            || parties.into_iter().any(|party| *party.id == *text || party.name.as_deref() == Some(text))
    }
}

/// What a text can be called by where it stands: the member, with more of the path, with a number.
fn named(path: &[Arc<str>]) -> impl Iterator<Item = String> {
    let mut names: Vec<String> = (0..path.len()).rev().map(|from| joined(path, from)).collect();
    if let Some(whole) = names.last().cloned() {
        names.extend((2..TRIED).map(|n| format!("{whole}-{n}")));
    }
    // An id says whose it is.
    if let [.., owner, id] = path
        && matches!(&**id, "id" | "sub")
    {
        names.splice(..1, (1..TRIED).map(|n| format!("{owner}-{n}")));
    }
    names.into_iter()
}

fn joined(path: &[Arc<str>], from: usize) -> String {
    path.iter().skip(from).map(|name| &**name).collect::<Vec<_>>().join("-")
}

fn addresses() -> impl Iterator<Item = String> {
    let people = PEOPLE.iter().map(|name| format!("{name}@example.com"));
    let more = (1..TRIED).map(|n| format!("person{n}@example.com"));
    people
        .chain(more)
        .chain(PEOPLE.iter().map(|name| format!("{name}@a.example")))
        .chain(["a@b.example".into()])
}
