//! A request to one with larger values: attributes are blown up, as far as claims.yaml lets them, while the token grows.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::catalog::Root;
use crate::ir::{ExprKind, SlotId, Unit};
use crate::standard::OIDC_SCOPES;
use crate::ty::{Bounds, Shape, ShapeKind};
use crate::value::{Number, Object, Value};

/// Requests that are tried.
const TRIES: u32 = 240;
/// No attribute needs more bytes to exceed a limit than twice the limit, or these.
const ROOM: u64 = 16 * 1024;
/// What does not work with all of its room may work with a part of it.
const SCALES: u32 = 4;
/// Digits of the longest number that is not too large for a 64-bit float.
const DIGITS: u64 = 300;

/// A request and what it measures.
pub(super) struct Inflated {
    /// As JSON.
    pub(super) request: Value,
    /// The size of its token.
    pub(super) bytes: u64,
}

/// What strings are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Letters {
    /// One byte each.
    Plain,
    /// Six bytes of JSON each (RFC 8259 section 7).
    Escaped,
    /// Words of the policy.
    Words,
}

impl Letters {
    fn letter(self) -> (char, u64) {
        match self {
            Letters::Escaped => ('\u{1}', 6),
            Letters::Plain | Letters::Words => ('a', 1),
        }
    }
}

/// Blows up attributes, one after the other. Readable letters do where they exceed the limit.
pub(super) fn inflate(
    unit: &Unit,
    request: &Value,
    slots: &[SlotId],
    limit: u64,
    measure: &mut dyn FnMut(&Value) -> Option<u64>,
) -> Inflated {
    let bytes = measure(request).unwrap_or(0);
    let words = words(unit);
    let mut best = Inflated { request: request.clone(), bytes };
    let mut tries = TRIES;
    for letters in [Letters::Plain, Letters::Escaped] {
        let mut inflation = Inflation {
            unit,
            words: &words,
            best: Inflated { request: request.clone(), bytes },
            limit,
            tries: &mut tries,
            measure,
        };
        for slot in slots {
            inflation.attribute(*slot, letters);
        }
        inflation.subject(letters);
        let Inflation { best: found, .. } = inflation;
        if found.bytes > best.bytes {
            best = found;
        }
        if best.bytes > limit {
            break;
        }
    }
    best
}

struct Inflation<'i> {
    unit: &'i Unit,
    words: &'i [Arc<str>],
    best: Inflated,
    limit: u64,
    tries: &'i mut u32,
    measure: &'i mut dyn FnMut(&Value) -> Option<u64>,
}

impl Inflation<'_> {
    fn attribute(&mut self, slot: SlotId, letters: Letters) {
        let Some(slot) = self.unit.slots.get(slot.index()) else { return };
        let is_fixed = matches!(slot.root, Root::Grant | Root::Audience | Root::Requested | Root::Now);
        if is_fixed || slot.root == Root::Client {
            return;
        }
        if slot.root == Root::Scopes {
            return self.scopes();
        }
        let Some(mut shape) = self.unit.catalog.input(slot.root) else { return };
        for name in &slot.path {
            let inner = match &shape.kind {
                ShapeKind::Record(record) => record.member(name),
                ShapeKind::Map(value) => Some(&**value),
                _ => None,
            };
            let Some(inner) = inner else { return };
            shape = inner;
        }
        let path: Vec<Arc<str>> =
            std::iter::once(slot.root.as_str().into()).chain(slot.path.iter().cloned()).collect();
        self.value(&path, shape, letters);
    }

    /// Who signed in is in every token.
    fn subject(&mut self, letters: Letters) {
        if let Some(ShapeKind::Record(record)) = self.unit.catalog.input(Root::User).map(|shape| &shape.kind)
            && let Some(shape) = record.member("sub")
        {
            self.value(&["user".into(), "sub".into()], shape, letters);
        }
    }

    fn value(&mut self, path: &[Arc<str>], shape: &Shape, letters: Letters) {
        let existing = path.iter().try_fold(&self.best.request, |value, name| value.get(name)).cloned();
        let most = ROOM.max(self.limit.saturating_mul(2));
        for letters in [letters, Letters::Words] {
            for scale in 0..SCALES {
                let mut maker = Maker { words: self.words, letters, made: 0 };
                let value = maker.value(shape, existing.as_ref(), most >> (2 * scale));
                if Some(&value) == existing.as_ref() || self.attempt(with(&self.best.request, path, value)) {
                    break;
                }
            }
        }
    }

    /// All scopes that may be granted.
    fn scopes(&mut self) {
        let catalog = &self.unit.catalog;
        let asked = self.best.request.get("audience");
        let asked = asked.map(|ids| ids.as_list().unwrap_or(std::slice::from_ref(ids))).unwrap_or_default();
        let listed = asked.iter().filter_map(Value::as_str).filter_map(|id| catalog.audience(id));
        let listed: BTreeSet<Arc<str>> =
            listed.flat_map(|(_, audience)| audience.scopes.iter().flatten()).cloned().collect();
        let all = OIDC_SCOPES.iter().map(|scope| Arc::from(*scope)).chain(listed);
        let all = Value::list(all.map(Value::String).collect());
        self.attempt(with(&self.best.request, &["scopes".into()], all));
    }

    fn attempt(&mut self, candidate: Option<Value>) -> bool {
        let Some(candidate) = candidate.filter(|_| *self.tries > 0) else { return false };
        *self.tries -= 1;
        match (self.measure)(&candidate) {
            Some(bytes) if bytes > self.best.bytes => {
                self.best = Inflated { request: candidate, bytes };
                true
            }
            _ => false,
        }
    }
}

/// Makes large values.
struct Maker<'i> {
    words: &'i [Arc<str>],
    letters: Letters,
    /// Strings that were made, so that each is another one.
    made: usize,
}

impl Maker<'_> {
    /// A value of a shape with as many bytes of JSON as may be, but hardly more than there is room for. What there was
    /// stays as far as it can, since conditions may need it.
    fn value(&mut self, shape: &Shape, existing: Option<&Value>, room: u64) -> Value {
        let bounds = &shape.bounds;
        let json = |value: &Value| value.to_json().len() as u64;
        match &shape.kind {
            ShapeKind::String | ShapeKind::Email => {
                let text = existing.and_then(Value::as_str).unwrap_or_default();
                self.string(text, bounds, room)
            }
            ShapeKind::Enum(words) => {
                let longest = words.iter().max_by_key(|word| word.len()).cloned().unwrap_or_default();
                match (self.letters, existing) {
                    (Letters::Words, Some(existing)) => existing.clone(),
                    _ => Value::String(longest),
                }
            }
            ShapeKind::Bool => Value::Bool(false),
            ShapeKind::Int => {
                let ends = [bounds.min.unwrap_or(i64::MIN), bounds.max.unwrap_or(i64::MAX)];
                ends.map(Value::int)
                    .into_iter()
                    .max_by_key(|end| end.to_json().len())
                    .unwrap_or(Value::int(0))
            }
            ShapeKind::Number => {
                let digits = bounds.max_bytes.unwrap_or(Bounds::DEFAULT_BYTES).min(DIGITS).min(room);
                let digits = "1".repeat(usize::try_from(digits).unwrap_or(1).max(1));
                Number::parse(&digits).map_or(Value::int(1), Value::Number)
            }
            ShapeKind::Timestamp => existing.cloned().unwrap_or(Value::string("9999-12-31T23:59:59Z")),
            ShapeKind::Duration => existing.cloned().unwrap_or(Value::int(bounds.max.unwrap_or(86_400))),
            ShapeKind::List(element) => self.list(element, bounds, existing, room),
            ShapeKind::Map(element) => self.map(element, bounds, existing, room),
            ShapeKind::Record(record) => {
                let mut members = existing.and_then(Value::as_object).cloned().unwrap_or_default();
                for (name, shape) in &record.members {
                    let left = room.saturating_sub(json(&Value::object(members.clone())));
                    let value = self.value(shape, members.get(name), left);
                    members.insert(name.clone(), value);
                }
                if record.open {
                    let most = bounds.max_bytes.unwrap_or(Bounds::DEFAULT_BYTES).min(room);
                    self.pad(&mut members, most);
                }
                Value::object(members)
            }
            ShapeKind::Json | ShapeKind::Error => {
                self.json(existing, bounds.max_bytes.unwrap_or(Bounds::DEFAULT_BYTES).min(room))
            }
        }
    }

    fn json(&mut self, existing: Option<&Value>, most: u64) -> Value {
        match existing {
            Some(Value::Object(members)) => {
                let mut members = Object::clone(members);
                self.pad(&mut members, most);
                Value::object(members)
            }
            Some(Value::List(items)) => {
                let mut items = Vec::clone(items);
                let used = Value::list(items.clone()).to_json().len() as u64 + 3;
                items.push(Value::string(self.letters_in(most.saturating_sub(used))));
                Value::list(items)
            }
            _ => Value::string(self.letters_in(most.saturating_sub(2))),
        }
    }

    fn string(&mut self, existing: &str, bounds: &Bounds, room: u64) -> Value {
        let (chars, bytes) = (existing.chars().count() as u64, existing.len() as u64);
        let most_chars = bounds.max_length.unwrap_or(u64::MAX);
        let most_bytes = match (bounds.max_bytes, bounds.max_length) {
            (Some(bytes), _) => bytes,
            (None, Some(_)) => u64::MAX,
            (None, None) => Bounds::DEFAULT_BYTES,
        };
        if self.letters == Letters::Words && existing.is_empty() {
            let fits = |word: &&Arc<str>| {
                word.chars().count() as u64 <= most_chars && word.len() as u64 <= most_bytes
            };
            let words: Vec<_> = self.words.iter().filter(fits).collect();
            let index = self.made.checked_rem(words.len());
            self.made += 1;
            return index
                .and_then(|index| words.get(index))
                .map_or(Value::string(""), |word| Value::String((*word).clone()));
        }
        // A number makes it another string than those before.
        let number = if self.made > 0 { self.made.to_string() } else { String::new() };
        self.made += 1;
        let number = if number.len() as u64 + chars <= most_chars { number } else { String::new() };
        let fixed = number.len() as u64;
        let (letter, size) = self.letters.letter();
        let more = (most_chars.saturating_sub(chars + fixed))
            .min(most_bytes.saturating_sub(bytes + fixed))
            .min(room.saturating_sub(bytes + fixed + 2) / size);
        let more = usize::try_from(more).unwrap_or(0);
        Value::string(format!("{existing}{number}{}", letter.to_string().repeat(more)))
    }

    fn letters_in(&self, bytes: u64) -> String {
        let (letter, size) = self.letters.letter();
        letter.to_string().repeat(usize::try_from(bytes / size).unwrap_or(0))
    }

    fn list(&mut self, element: &Shape, bounds: &Bounds, existing: Option<&Value>, room: u64) -> Value {
        let mut items: Vec<Value> = existing.and_then(Value::as_list).unwrap_or_default().to_vec();
        let mut used = Value::list(items.clone()).to_json().len() as u64;
        let most = bounds.max_items.unwrap_or(Bounds::DEFAULT_ITEMS);
        self.made = items.len();
        while (items.len() as u64) < most && used < room {
            let enum_word = match &element.kind {
                ShapeKind::Enum(words) => self.made.checked_rem(words.len()).and_then(|at| words.get(at)),
                _ => None,
            };
            let item = match enum_word {
                Some(word) => {
                    self.made += 1;
                    Value::String(word.clone())
                }
                None => self.value(element, None, room - used),
            };
            used += item.to_json().len() as u64 + 1;
            items.push(item);
        }
        Value::list(items)
    }

    fn map(&mut self, element: &Shape, bounds: &Bounds, existing: Option<&Value>, room: u64) -> Value {
        let mut members = existing.and_then(Value::as_object).cloned().unwrap_or_default();
        let mut used = Value::object(members.clone()).to_json().len() as u64;
        let most = bounds.max_items.unwrap_or(Bounds::DEFAULT_ITEMS);
        let key_bounds = Bounds { max_bytes: None, ..*bounds };
        while (members.len() as u64) < most && used < room {
            let before = members.len();
            self.made = before + 1;
            let Value::String(key) = self.string("", &key_bounds, (room - used) / 2) else { break };
            let value = self.value(element, None, room - used);
            used += key.len() as u64 + value.to_json().len() as u64 + 4;
            members.insert(key, value);
            if members.len() == before {
                break;
            }
        }
        Value::object(members)
    }

    /// One more member, so that an object has so many bytes.
    fn pad(&self, members: &mut Object, most: u64) {
        let name: Arc<str> = "more".into();
        members.insert(name.clone(), Value::string(""));
        let used = Value::object(members.clone()).to_json().len() as u64;
        members.insert(name, Value::string(self.letters_in(most.saturating_sub(used))));
    }
}

/// Keys of tables and constants of the policy: what look-ups and comparisons know.
fn words(unit: &Unit) -> Vec<Arc<str>> {
    let mut words: BTreeSet<Arc<str>> = BTreeSet::new();
    for table in unit.tables.iter() {
        for (keys, _) in table.rows.iter() {
            words.extend(keys.iter().filter_map(Value::as_str).map(Arc::from));
        }
    }
    let values = unit.statements.iter().filter_map(|statement| statement.action.value());
    for value in values.chain(unit.lets.iter().map(|binding| &binding.value)) {
        value.walk(&[], &mut |part| {
            match &*part.kind {
                ExprKind::Literal(Value::String(word)) => drop(words.insert(word.clone())),
                ExprKind::Match { arms, .. } => {
                    let literals = arms.iter().flat_map(|(literals, _)| literals);
                    words.extend(literals.filter_map(Value::as_str).map(Arc::from));
                }
                _ => {}
            }
            true
        });
    }
    words.into_iter().take(200).collect()
}

/// A request with the value at a path replaced; `None` where something on the way is no object.
fn with(value: &Value, path: &[Arc<str>], new: Value) -> Option<Value> {
    let Some((first, rest)) = path.split_first() else { return Some(new) };
    let mut members = value.as_object()?.clone();
    let empty = Value::object(Object::new());
    let inner = with(members.get(&**first).unwrap_or(&empty), rest, new)?;
    members.insert(first.clone(), inner);
    Some(Value::object(members))
}
