//! The methods of the language: one row each, from which typing, evaluation, documentation and completion follow.

use std::sync::Arc;

use regex::Regex;

use crate::ty::Type;
use crate::value::{Failure, Outcome, Value};

/// One method. Its name, receiver, parameters and result stand in the signature.
pub struct Builtin {
    /// `T[].map(f: T => U) -> U[]`: see the module's documentation for the notation.
    pub signature: &'static str,
    /// What it gives, in one or two sentences.
    pub doc: &'static str,
    /// Expressions and the JSON they give (`absent` for none); executed by a test.
    pub examples: &'static [(&'static str, &'static str)],
    /// The implementation.
    pub run: fn(&mut Call<'_>) -> Result<Outcome, Failure>,
}

/// An evaluated call.
pub struct Call<'a> {
    /// The receiver. `None` only for methods that say in their signature that they accept an absent one (`T?`).
    pub receiver: Option<Value>,
    /// The arguments.
    pub arguments: Vec<Operand<'a>>,
    /// Whether strings are compared without regard to ASCII case: the receiver is an `email` or holds them.
    pub fold: bool,
    /// Applies lambda arguments.
    pub lambdas: &'a mut dyn Apply,
}

/// An evaluated argument.
pub enum Operand<'a> {
    /// A value; absent arguments make the call absent before it is run.
    Value(Value),
    /// The lambda at this position; see [`Apply`].
    Lambda,
    /// A prepared regular expression.
    Regex(&'a Arc<Regex>),
}

/// Applies the lambda that is the argument at `position` to a value.
pub trait Apply {
    /// What the lambda gives. A condition gives a Boolean, or an absence where it is unknown.
    fn apply(&mut self, position: usize, value: Value) -> Result<Outcome, Failure>;
}

/// What a parameter wants, known before its argument is typed.
#[derive(Debug, Clone, PartialEq)]
pub enum Param {
    /// An expression.
    Value,
    /// A lambda; its parameter has this type.
    Lambda(Type),
    /// A regular expression literal.
    Regex,
    /// A string literal.
    Literal,
}

/// A typed argument.
#[derive(Debug, Clone)]
pub enum Argument<'a> {
    /// An expression's type and, where it is a literal, its value.
    Value(&'a Type, Option<&'a Value>),
    /// The type of a lambda's body.
    Lambda(&'a Type),
    /// A regular expression.
    Regex(&'a Regex),
}

impl std::fmt::Debug for Builtin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.signature)
    }
}
