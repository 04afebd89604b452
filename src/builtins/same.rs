//! Values as members of hash sets, under the language's equality.

use std::collections::HashSet;
use std::hash::{Hash, Hasher};

use crate::value::Value;

/// Values that were met, each once. The order in which they came plays no role.
pub(super) struct Seen<'a> {
    values: HashSet<Same<'a>>,
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
        self.values.insert(Same { value, fold: self.fold })
    }

    /// Whether an equal value was met.
    pub(super) fn contains(&self, value: &Value) -> bool {
        self.values.contains(&Same { value, fold: self.fold })
    }
}

/// A value that is the same as all that are equal to it.
pub(crate) struct Same<'a> {
    value: &'a Value,
    fold: bool,
}

impl<'a> Same<'a> {
    /// With regard to case.
    pub(crate) fn exactly(value: &'a Value) -> Self {
        Same { value, fold: false }
    }
}

impl PartialEq for Same<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.value.equals(other.value, self.fold)
    }
}

impl Eq for Same<'_> {}

impl Hash for Same<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Nothing looks like what is of another kind.
        self.value.kind().hash(state);
        match self.value {
            Value::Null => {}
            Value::Bool(value) => value.hash(state),
            Value::Number(number) => number.hash(state),
            Value::String(text) if self.fold => text.to_ascii_lowercase().hash(state),
            Value::String(text) => text.hash(state),
            // How many follow, so that lists within lists are not all alike.
            Value::List(items) => {
                state.write_usize(items.len());
                for value in items.iter() {
                    Same { value, fold: self.fold }.hash(state);
                }
            }
            // Members have no order. They are brought into one rather than their hashes added up: that takes hashes of
            // their own, and with a key that everybody knows, requests could be made in which many are alike.
            Value::Object(members) => {
                let mut members: Vec<_> = members.iter().collect();
                members.sort_unstable_by_key(|(name, _)| *name);
                state.write_usize(members.len());
                for (name, value) in members {
                    name.hash(state);
                    Same { value, fold: self.fold }.hash(state);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::hash::DefaultHasher;

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

    /// Values with one hash are compared one by one: if many had the same, that would take long.
    #[test]
    fn what_differs_in_its_form_only_has_another_hash() {
        let values =
            ["[]", "[[]]", "[[],[]]", "[[[]]]", "[1,[2]]", "[[1],2]", "[[1,2]]", "[1,2]", "{}", "[{}]"];
        let values = values.iter().chain(&["{\"a\":{\"b\":1}}", "{\"a\":{},\"b\":1}"]);
        let hash = |value: &&str| {
            let mut state = DefaultHasher::new();
            Same::exactly(&json(value)).hash(&mut state);
            state.finish()
        };
        let hashes: Vec<u64> = values.map(hash).collect();
        let unlike: HashSet<&u64> = hashes.iter().collect();
        assert_eq!(unlike.len(), hashes.len(), "{hashes:x?}");
    }
}
