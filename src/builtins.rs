//! The methods of the language: one row each, from which typing, evaluation, documentation and completion follow.
//!
//! A row's signature is the only place that says its name, receiver, parameters and result: `typing` reads it for the
//! compiler. What a signature cannot say, such as the members of a merged record, a row leaves to a function of
//! `results`. The evaluator calls `run` with a present receiver and present arguments; it may assume what typing
//! assures, and what contradicts that is a failure, never a panic.
//!
//! To add a method, add a row to the file of its group; `docs/builtins.md` and the tests follow.

use std::sync::Arc;

use regex::Regex;

use crate::ty::Type;
use crate::value::{Failure, Outcome, Value};

pub mod codes;

mod convert;
mod lambdas;
mod lists;
mod maps;
mod net;
mod operands;
mod patterns;
mod regexes;
mod results;
mod same;
mod signature;
mod sizes;
mod strings;
mod time;
mod typing;

#[cfg(test)]
mod manual;
#[cfg(test)]
mod testing;

pub(crate) use regexes::{MAX_COMPILED, compile_again};
pub use regexes::{compile_regex, compile_whole_regex};
pub(crate) use same::Same;
pub use sizes::{Measured, MeasuredArgument};
#[cfg(feature = "compiler")]
pub(crate) use time::format_rfc3339;
pub use typing::{AbsentBody, FindError, TypeMismatch, Typing, exists, find, folds, names_for};

/// One method. Its name, receiver, parameters and result stand in the signature.
pub struct Builtin {
    /// `T[].map(f: T => U) -> U[]`: see the module's documentation for the notation.
    pub signature: &'static str,
    /// What it gives, in one or two sentences.
    pub doc: &'static str,
    /// Expressions and the JSON they give (`absent` for none) with [`EXAMPLE_REQUEST`]; executed by a test.
    pub examples: &'static [(&'static str, &'static str)],
    /// The implementation.
    pub run: Run,
    /// The result's type where the signature says only part of it.
    result: Option<results::Refine>,
    /// How large the result can be, where its type does not say.
    size: Option<sizes::Rule>,
    /// The same on borrowed text or lists, without values of its own.
    quick: Option<Quick>,
}

/// A method in a form that needs no memory, or only appends to a text. Gives what the implementation gives; a test compares
/// them. Methods of lists are carried out by the engine.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Quick {
    /// A test of a text with another one; with `true`, ASCII case is ignored. `None`: not in this form.
    Test(fn(&str, &str, bool) -> Option<bool>),
    /// A part of a text; `None` where there is none.
    Part(fn(&str) -> Option<&str>),
    /// Appends another text.
    Made(Make),
    /// Whether a whole regular expression matches.
    Matches,
    /// Elements of a list, code points of a text.
    Count,
    /// Whether a lambda is true for some element.
    Any,
    /// Whether it is for each.
    All,
    /// The elements for which it is.
    Filter,
    /// What it gives for each.
    Map,
}

/// Appends what is made of a text; `false` where that is nothing.
pub(crate) type Make = fn(&str, &mut String) -> bool;

/// An implementation.
pub type Run = fn(&mut Call<'_>) -> Result<Outcome, Failure>;

impl Builtin {
    const fn new(
        signature: &'static str,
        doc: &'static str,
        examples: &'static [(&'static str, &'static str)],
        run: Run,
    ) -> Self {
        Builtin { signature, doc, examples, run, result: None, size: None, quick: None }
    }

    /// What stands before the dot, and behind it.
    fn halves(&self) -> (&'static str, &'static str) {
        self.signature.split_once('.').unwrap_or_default()
    }

    /// Its name: `map`.
    pub fn name(&self) -> &'static str {
        let (_, rest) = self.halves();
        rest.split(['(', ' ']).next().unwrap_or_default()
    }

    /// Whether it is written without parentheses.
    pub fn is_property(&self) -> bool {
        let (_, rest) = self.halves();
        !rest.split("->").next().unwrap_or_default().contains('(')
    }

    /// Whether it can be called on something absent (`T?`), which it then takes for a value.
    pub fn accepts_absent(&self) -> bool {
        let (receiver, _) = self.halves();
        receiver.ends_with('?')
    }

    const fn refined(self, result: results::Refine) -> Self {
        Builtin { result: Some(result), ..self }
    }

    const fn sized(self, size: sizes::Rule) -> Self {
        Builtin { size: Some(size), ..self }
    }

    const fn quickly(self, quick: Quick) -> Self {
        Builtin { quick: Some(quick), ..self }
    }

    /// Its form that needs no memory, if it has one.
    pub(crate) fn quick(&self) -> Option<Quick> {
        self.quick
    }
}

/// The rows by group, in the order of the manual.
static GROUPS: &[(&str, &[Builtin])] = &[
    ("Strings", strings::ROWS),
    ("Regular expressions", patterns::ROWS),
    ("Lists", lists::ROWS),
    ("Lists, element by element", lambdas::ROWS),
    ("Maps and records", maps::ROWS),
    ("Conversion", convert::ROWS),
    ("Times and durations", time::ROWS),
    ("Network", net::ROWS),
];

/// All rows, by group. A name stands several times where it has several receivers.
pub fn methods() -> impl Iterator<Item = &'static Builtin> {
    GROUPS.iter().flat_map(|(_, rows)| rows.iter())
}

/// The request that the examples are evaluated with.
pub const EXAMPLE_REQUEST: &str = r#"{ "grant": "authorization_code", "client": "spa", "now": "2026-11-20T12:00:00Z",
  "user": { "sub": "u1", "email": "Ann@ACME.example" } }"#;

/// An evaluated call.
pub struct Call<'a> {
    /// The receiver. `None` only for methods that say in their signature that they accept an absent one (`T?`).
    pub receiver: Option<Value>,
    /// The arguments.
    pub arguments: Vec<Operand<'a>>,
    /// Whether strings are compared without regard to ASCII case: see [`Typing::folds`].
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

impl Operand<'_> {
    /// The value of one that is a value.
    pub fn value(&self) -> Option<&Value> {
        match self {
            Operand::Value(value) => Some(value),
            Operand::Lambda | Operand::Regex(_) => None,
        }
    }
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
