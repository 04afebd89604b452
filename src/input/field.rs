//! Rust types as attributes: what they can hold, and how a policy's way through them is read.

use std::borrow::{Borrow, Cow};
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};
use std::ops::ControlFlow;
use std::sync::Arc;

use super::{Items, Lists, Reading, Texts};
use crate::value::{Number, Object, Value};

/// A Rust type that attributes can have: texts, truth values, numbers, lists, maps, [`Value`], options and pointers of
/// these, and structs with `#[derive(Attributes)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no type of an attribute",
    note = "attributes are texts, `bool`, numbers, lists, maps with texts as keys, `claimsc::Value`, options of these, and structs with `#[derive(Attributes)]`"
)]
pub trait Field: Send + Sync {
    /// What it can hold.
    fn form() -> Form;

    /// What is at the end of a way that leads through it.
    fn read<'a>(&'a self, way: Way<'_>) -> Reading<'a>;

    /// All of it, copied; null where it is not there.
    fn value(&self) -> Value;

    /// Many of it as texts in one piece, if they are.
    #[doc(hidden)]
    fn texts(list: &[Self]) -> Option<Texts<'_>>
    where
        Self: Sized,
    {
        let _ = list;
        None
    }
}

/// A struct whose fields are roots: `user`, `client`, `connection`, `organization`, `session`, `actor`, `request` and
/// `external`. Made by `#[derive(Roots)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no struct of roots",
    note = "put `#[derive(Roots)]` on it"
)]
pub trait Roots: Field {
    /// The same type, if what it borrows lives for ever.
    type Static: 'static;

    /// A root, by its position among the fields, copied.
    fn root(&self, position: u16) -> Value;
}

/// An object of what is there; for derived code.
#[doc(hidden)]
pub fn record<const N: usize>(members: [(&'static str, Value); N]) -> Value {
    let is_there = |(name, value)| (!matches!(value, Value::Null)).then(|| (Arc::from(name), value));
    Value::object(members.into_iter().filter_map(is_there).collect())
}

/// What a Rust type can hold.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Form {
    /// A truth value.
    Bool,
    /// A whole number.
    Int,
    /// Any number.
    Number,
    /// Text.
    Text,
    /// Whatever it is when it is read.
    Json,
    /// A list.
    List(fn() -> Form),
    /// An object with free keys.
    Map(fn() -> Form),
    /// Perhaps nothing.
    Option(fn() -> Form),
    /// A struct: its name and its fields.
    Record(&'static str, &'static [Member]),
}

/// A field of a struct.
#[derive(Debug, Clone, Copy)]
pub struct Member {
    /// The name that policies know.
    pub name: &'static str,
    /// The name of the field.
    pub field: &'static str,
    /// Its type as it is written.
    pub ty: &'static str,
    /// What it can hold.
    pub form: fn() -> Form,
}

/// Where a policy's attribute lies below a value, one step for each value on the way: the position of a field, or the key
/// of a map.
#[derive(Debug, Clone, Copy)]
pub struct Way<'p> {
    steps: &'p [u16],
    /// The names of the steps behind the first, which leads to the root.
    names: &'p [Arc<str>],
    at: usize,
}

/// The step to a field that a struct does not have.
pub(crate) const LACKING: u16 = u16::MAX;

impl<'p> Way<'p> {
    /// The value itself.
    pub const HERE: Way<'static> = Way { steps: &[], names: &[], at: 0 };

    /// From the struct of roots on.
    pub(crate) fn new(steps: &'p [u16], names: &'p [Arc<str>]) -> Self {
        Way { steps, names, at: 0 }
    }

    /// The position of the field that it goes on with; `None`: it ends here.
    #[inline]
    pub fn step(self) -> Option<u16> {
        self.steps.get(self.at).copied()
    }

    /// The keys that it goes on with.
    #[cfg(feature = "serde_json")]
    pub(super) fn keys(self) -> &'p [Arc<str>] {
        self.at.checked_sub(1).and_then(|from| self.names.get(from..)).unwrap_or_default()
    }

    /// How many values lead here, this one included.
    #[cfg(feature = "serde_json")]
    pub(super) fn found(self) -> usize {
        self.at
    }

    /// The key that it goes on with.
    fn key(self) -> Option<&'p str> {
        self.names.get(self.at.checked_sub(1)?).map(|name| &**name)
    }

    /// Behind the next step.
    #[inline]
    #[must_use]
    pub fn on(self) -> Self {
        Way { at: self.at + 1, ..self }
    }

    /// That it goes on and nothing is there.
    #[inline]
    pub fn breaks<'a>(self) -> Reading<'a> {
        Reading::Missing { found: self.at }
    }

    /// That not even this is there.
    #[inline]
    pub(super) fn is_gone<'a>(self) -> Reading<'a> {
        Reading::Missing { found: self.at.saturating_sub(1) }
    }

    /// What has no parts.
    #[inline]
    fn ends_at(self, reading: Reading<'_>) -> Reading<'_> {
        if self.step().is_none() { reading } else { Reading::Other }
    }
}

macro_rules! texts {
    ($($ty:ty $(=> $texts:expr)?),*) => { $(
        impl Field for $ty {
            fn form() -> Form {
                Form::Text
            }

            #[inline]
            fn read<'r>(&'r self, way: Way<'_>) -> Reading<'r> {
                way.ends_at(Reading::Text(self))
            }

            fn value(&self) -> Value {
                Value::from(&**self)
            }

            $(fn texts(list: &[Self]) -> Option<Texts<'_>> {
                Some($texts(list))
            })?
        }
    )* };
}

texts!(String => Texts::from, &str => Texts::from, Arc<str> => Texts::from, Box<str>, Cow<'_, str>);

impl Field for bool {
    fn form() -> Form {
        Form::Bool
    }

    #[inline]
    fn read<'r>(&'r self, way: Way<'_>) -> Reading<'r> {
        way.ends_at(Reading::Bool(*self))
    }

    fn value(&self) -> Value {
        Value::Bool(*self)
    }
}

macro_rules! whole_numbers {
    ($($ty:ty),*) => { $(
        impl Field for $ty {
            fn form() -> Form {
                Form::Int
            }

            #[inline]
            fn read<'r>(&'r self, way: Way<'_>) -> Reading<'r> {
                way.ends_at(i64::try_from(*self).map_or(Reading::Other, Reading::Int))
            }

            fn value(&self) -> Value {
                Number::parse(&self.to_string()).map_or(Value::Null, Value::Number)
            }
        }
    )* };
}

// Those of 64 bits without a sign may be too large, which is then an error when they are read.
whole_numbers!(i64, i32, i16, i8, u64, u32, u16, u8);

impl Field for f64 {
    fn form() -> Form {
        Form::Number
    }

    fn read<'r>(&'r self, way: Way<'_>) -> Reading<'r> {
        // What is no number is nothing.
        if self.is_finite() { Reading::Other } else { way.is_gone() }
    }

    fn value(&self) -> Value {
        Number::parse(&format!("{self:?}")).map_or(Value::Null, Value::Number)
    }
}

impl<T: Field> Field for Option<T> {
    fn form() -> Form {
        Form::Option(T::form)
    }

    #[inline]
    fn read<'r>(&'r self, way: Way<'_>) -> Reading<'r> {
        match self {
            Some(value) => value.read(way),
            None => way.is_gone(),
        }
    }

    fn value(&self) -> Value {
        self.as_ref().map_or(Value::Null, Field::value)
    }
}

macro_rules! pointers {
    ($($ty:ty),*) => { $(
        impl<T: Field> Field for $ty {
            fn form() -> Form {
                T::form()
            }

            #[inline]
            fn read<'r>(&'r self, way: Way<'_>) -> Reading<'r> {
                (**self).read(way)
            }

            fn value(&self) -> Value {
                (**self).value()
            }
        }
    )* };
}

pointers!(&T, Box<T>, Arc<T>);

macro_rules! lists {
    ($($ty:ty),*) => { $(
        impl<T: Field> Field for $ty {
            fn form() -> Form {
                Form::List(T::form)
            }

            #[inline]
            fn read<'r>(&'r self, way: Way<'_>) -> Reading<'r> {
                way.ends_at(Reading::Items(Items::of(self)))
            }

            fn value(&self) -> Value {
                Value::list(self.iter().map(Field::value).collect())
            }
        }

        impl<T: Field> Lists for $ty {
            fn count(&self, _: usize) -> usize {
                self.len()
            }

            fn each<'r>(
                &'r self,
                _: usize,
                visit: &mut dyn FnMut(Reading<'r>) -> ControlFlow<()>,
            ) -> ControlFlow<()> {
                self.iter().try_for_each(|item| visit(item.read(Way::HERE)))
            }

            fn texts(&self, _: usize) -> Option<Texts<'_>> {
                T::texts(self)
            }
        }
    )* };
}

lists!(Vec<T>, &[T], Box<[T]>, Arc<[T]>);

macro_rules! maps {
    ($(($($parameters:tt)*) $ty:ty,)*) => { $(
        impl<K: Borrow<str> + Ord + Hash + Send + Sync, T: Field $($parameters)*> Field for $ty {
            fn form() -> Form {
                Form::Map(T::form)
            }

            fn read<'r>(&'r self, way: Way<'_>) -> Reading<'r> {
                match way.key() {
                    None => Reading::Other,
                    Some(key) => self.get(key).map_or(way.breaks(), |value| value.read(way.on())),
                }
            }

            fn value(&self) -> Value {
                let members = self.iter().map(|(name, value)| (Arc::from(name.borrow()), value.value()));
                let mut members: Object = members.collect();
                // The same for each run.
                members.sort_unstable_keys();
                Value::object(members)
            }
        }
    )* };
}

maps! {
    () BTreeMap<K, T>,
    (, S: BuildHasher + Send + Sync) HashMap<K, T, S>,
}

impl Field for Value {
    fn form() -> Form {
        Form::Json
    }

    fn read<'r>(&'r self, mut way: Way<'_>) -> Reading<'r> {
        let mut value = self;
        loop {
            match (value, way.key()) {
                (Value::Null, _) => return way.is_gone(),
                (_, None) => return Reading::Value(value),
                (Value::Object(members), Some(name)) => match members.get(name) {
                    None => return way.breaks(),
                    Some(member) => value = member,
                },
                _ => return Reading::Other,
            }
            way = way.on();
        }
    }

    fn value(&self) -> Value {
        self.clone()
    }
}
