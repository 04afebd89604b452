//! JSON-shaped values: what is read from requests and written into tokens.
//!
//! Numbers keep the digits they were written with; objects keep the order of their members. Cloning is cheap.

use std::cmp::Ordering;
use std::sync::Arc;

use indexmap::IndexMap;

mod json;
mod number;
pub(crate) mod time;

pub use json::{JsonError, JsonLimits};
pub(crate) use json::{escaped, is_plain_json, write_json_string, write_json_text};
pub(crate) use number::Form;
pub use number::Number;
#[cfg(feature = "mint")]
pub(crate) use number::write_int;

/// The members of an object, in the order in which they were written.
pub type Object = IndexMap<Arc<str>, Value>;

/// A JSON value. A point in time or a duration is a whole number of seconds here; only its static type tells.
#[derive(Debug, Clone)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, digit for digit.
    Number(Number),
    /// A string.
    String(Arc<str>),
    /// A list.
    List(Arc<Vec<Value>>),
    /// An object.
    Object(Arc<Object>),
}

/// Members of an object that are sooner looked through than found by a hash.
const FEW: usize = 24;

/// A member of an object.
pub(crate) fn member<'a>(members: &'a Object, name: &str) -> Option<&'a Value> {
    if members.len() > FEW {
        return members.get(name);
    }
    members.iter().find(|(known, _)| ***known == *name).map(|(_, value)| value)
}

impl Value {
    /// A string value.
    pub fn string(text: impl Into<Arc<str>>) -> Self {
        Value::String(text.into())
    }

    /// A whole number.
    pub fn int(value: i64) -> Self {
        Value::Number(Number::from(value))
    }

    /// A list value.
    pub fn list(items: Vec<Value>) -> Self {
        Value::List(Arc::new(items))
    }

    /// An object value.
    pub fn object(members: Object) -> Self {
        Value::Object(Arc::new(members))
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value of a Boolean.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// A JSON number without fraction or exponent in 64 bits.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Value::Number(number) => number.as_int(),
            _ => None,
        }
    }

    /// The elements of a list.
    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// The members of an object.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Value::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The member of an object.
    pub fn get(&self, name: &str) -> Option<&Value> {
        member(self.as_object()?, name)
    }

    /// What kind of JSON value it is: `null`, `bool`, `number`, `string`, `list` or `object`.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "bool",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::List(_) => "list",
            Value::Object(_) => "object",
        }
    }

    /// Whether lists and objects are nested at most so many levels deep.
    pub fn is_within_depth(&self, depth: usize) -> bool {
        match self {
            Value::List(items) => depth > 0 && items.iter().all(|item| item.is_within_depth(depth - 1)),
            Value::Object(members) => {
                depth > 0 && members.values().all(|member| member.is_within_depth(depth - 1))
            }
            _ => true,
        }
    }

    /// JSON equality; with `fold`, strings are compared without regard to ASCII case (as `email` values are).
    pub fn equals(&self, other: &Value, fold: bool) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Number(a), Value::Number(b)) => a == b,
            (Value::String(a), Value::String(b)) => a == b || (fold && a.eq_ignore_ascii_case(b)),
            (Value::List(a), Value::List(b)) => {
                Arc::ptr_eq(a, b)
                    || (a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.equals(b, fold)))
            }
            (Value::Object(a), Value::Object(b)) => {
                Arc::ptr_eq(a, b)
                    || (a.len() == b.len()
                        && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| a.equals(b, fold))))
            }
            _ => false,
        }
    }

    /// The total order that `sort` and `append` use: null, bools, numbers, strings by UTF-8 bytes, lists and objects
    /// by their JSON text.
    pub fn total_cmp(&self, other: &Value) -> Ordering {
        fn rank(value: &Value) -> u8 {
            match value {
                Value::Null => 0,
                Value::Bool(_) => 1,
                Value::Number(_) => 2,
                Value::String(_) => 3,
                Value::List(_) => 4,
                Value::Object(_) => 5,
            }
        }
        match (self, other) {
            (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
            (Value::Number(a), Value::Number(b)) => a.cmp(b),
            (Value::String(a), Value::String(b)) => a.as_bytes().cmp(b.as_bytes()),
            (Value::List(_), Value::List(_)) | (Value::Object(_), Value::Object(_)) => {
                self.to_json().cmp(&other.to_json())
            }
            _ => rank(self).cmp(&rank(other)),
        }
    }
}

/// JSON equality: numbers by value, lists in order, objects by member whatever their order.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.equals(other, false)
    }
}

impl Eq for Value {}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::int(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Value::string(value)
    }
}

/// What an expression gives at run time.
///
/// The two kinds of absence differ in one way: `??` ends [`Outcome::Absent`] and never [`Outcome::NoUser`], so that a
/// default for a missing attribute does not turn into a claim for a machine.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// A value.
    Value(Value),
    /// Nothing: an optional attribute that the request does not have, `omit`, a partial function without result.
    Absent,
    /// Nothing, because the expression reads the user and the request has none.
    NoUser,
}

impl Outcome {
    /// `Value` or `Absent`.
    pub fn from_option(value: Option<Value>) -> Self {
        value.map_or(Outcome::Absent, Outcome::Value)
    }

    /// The value, if there is one.
    pub fn value(self) -> Option<Value> {
        match self {
            Outcome::Value(value) => Some(value),
            _ => None,
        }
    }
}

/// An evaluation that cannot go on: the request gets no token. Never holds a value of the request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Failure {
    /// The diagnostic code, `C09..`.
    pub code: &'static str,
    /// What happened, naming the attribute or function.
    pub message: String,
}
