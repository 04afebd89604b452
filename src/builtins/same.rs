//! Values as members of hash sets, under the language's equality.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::value::Value;

/// Values that were met, each once. The order in which they came plays no role.
pub(super) struct Seen<'a> {
    values: HashSet<Key<'a>>,
    fold: bool,
}

impl<'a> Seen<'a> {
    /// None yet; with `fold`, strings are compared without regard to ASCII case.
    pub(super) fn new(fold: bool) -> Self {
        Seen { values: HashSet::new(), fold }
    }

    /// All of a list.
    pub(super) fn of(items: &'a [Value], fold: bool) -> Self {
        let mut seen = Seen::new(fold);
        for item in items {
            seen.insert(item);
        }
        seen
    }

    /// Adds a value; whether it is new.
    pub(super) fn insert(&mut self, value: &'a Value) -> bool {
        self.values.insert(Key { value, fold: self.fold })
    }

    /// Whether an equal value was met.
    pub(super) fn contains(&self, value: &Value) -> bool {
        self.values.contains(&Key { value, fold: self.fold })
    }
}

struct Key<'a> {
    value: &'a Value,
    fold: bool,
}

impl PartialEq for Key<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.value.equals(other.value, self.fold)
    }
}

impl Eq for Key<'_> {}

impl Hash for Key<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self.value {
            Value::Null => state.write_u8(0),
            Value::Bool(value) => value.hash(state),
            Value::Number(number) => number.hash(state),
            Value::String(text) if self.fold => text.to_ascii_lowercase().hash(state),
            Value::String(text) => text.hash(state),
            Value::List(items) => {
                for value in items.iter() {
                    Key { value, fold: self.fold }.hash(state);
                }
            }
            // Members have no order, so their hashes are added up.
            Value::Object(members) => {
                let sum = members.iter().fold(0_u64, |sum, (name, value)| {
                    let mut member = DefaultHasher::new();
                    name.hash(&mut member);
                    Key { value, fold: self.fold }.hash(&mut member);
                    sum.wrapping_add(member.finish())
                });
                state.write_u64(sum);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::JsonLimits;

    fn json(text: &str) -> Value {
        Value::parse_json(text.as_bytes(), JsonLimits::default()).unwrap()
    }

    #[test]
    fn what_is_equal_is_met_again() {
        for (a, b, fold) in [
            ("1", "1.0", false),
            ("[100,null]", "[1e2,null]", false),
            (r#"{"a":1,"b":[2]}"#, r#"{"b":[2.0],"a":1}"#, false),
            (r#""Ann@A""#, r#""ann@a""#, true),
            (r#"["Ann@A"]"#, r#"["ann@a"]"#, true),
        ] {
            let (a, b) = (json(a), json(b));
            assert!(Seen::of(&[a], fold).contains(&b), "{b:?}");
        }
        for (a, b) in [("1", "\"1\""), ("\"a\"", "\"A\""), ("{\"a\":1}", "{\"b\":1}"), ("[1,2]", "[2,1]")] {
            let (a, b) = (json(a), json(b));
            assert!(!Seen::of(&[a], false).contains(&b), "{b:?}");
        }
    }
}
