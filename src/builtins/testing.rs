//! Runs one row with values that are written as JSON.

use std::sync::Arc;

use regex::Regex;

use super::{Apply, Call, Operand, compile_regex, compile_whole_regex, methods};
use crate::value::{Failure, JsonLimits, Outcome, Value};

pub(super) type Lambda = Box<dyn Fn(Value) -> Result<Outcome, Failure>>;

/// A value from JSON text.
pub(super) fn json(text: &str) -> Value {
    Value::parse_json(text.as_bytes(), JsonLimits::default()).unwrap()
}

/// A call of the first row with a name, or of that with a name and receiver: `string.length`.
pub(super) struct Run {
    row: &'static super::Builtin,
    receiver: Option<Value>,
    arguments: Vec<Given>,
    fold: bool,
}

enum Given {
    Value(Value),
    Lambda(Lambda),
    Regex(Arc<Regex>),
}

struct Lambdas<'a>(Vec<Option<&'a Lambda>>);

impl Apply for Lambdas<'_> {
    fn apply(&mut self, position: usize, value: Value) -> Result<Outcome, Failure> {
        self.0[position].unwrap()(value)
    }
}

impl Run {
    pub(super) fn of(method: &str, receiver: &str) -> Self {
        Run { receiver: Some(json(receiver)), ..Run::absent(method) }
    }

    pub(super) fn absent(method: &str) -> Self {
        let named = |signature: &str| {
            let (receiver, rest) = signature.split_once('.').unwrap();
            let name = rest.split(['(', ' ']).next().unwrap();
            name == method || format!("{receiver}.{name}") == method
        };
        let row = methods().find(|row| named(row.signature)).unwrap_or_else(|| panic!("no `{method}`"));
        Run { row, receiver: None, arguments: Vec::new(), fold: false }
    }

    pub(super) fn arg(mut self, value: &str) -> Self {
        self.arguments.push(Given::Value(json(value)));
        self
    }

    pub(super) fn lambda(mut self, f: impl Fn(Value) -> Result<Outcome, Failure> + 'static) -> Self {
        self.arguments.push(Given::Lambda(Box::new(f)));
        self
    }

    pub(super) fn regex(mut self, pattern: &str) -> Self {
        let whole = self.row.signature.contains("whole regex");
        let regex = if whole { compile_whole_regex(pattern) } else { compile_regex(pattern) };
        self.arguments.push(Given::Regex(regex.unwrap()));
        self
    }

    pub(super) fn fold(self) -> Self {
        Run { fold: true, ..self }
    }

    pub(super) fn result(self) -> Result<Outcome, Failure> {
        let mut lambdas = Lambdas(
            self.arguments
                .iter()
                .map(|given| match given {
                    Given::Lambda(f) => Some(f),
                    _ => None,
                })
                .collect(),
        );
        let arguments = self
            .arguments
            .iter()
            .map(|given| match given {
                Given::Value(value) => Operand::Value(value.clone()),
                Given::Lambda(_) => Operand::Lambda,
                Given::Regex(regex) => Operand::Regex(regex),
            })
            .collect();
        (self.row.run)(&mut Call {
            receiver: self.receiver,
            arguments,
            fold: self.fold,
            lambdas: &mut lambdas,
        })
    }

    pub(super) fn outcome(self) -> Outcome {
        self.result().unwrap()
    }

    pub(super) fn failure(self) -> Failure {
        self.result().unwrap_err()
    }

    /// The value as JSON; `absent` or `no user`.
    pub(super) fn json(self) -> String {
        match self.outcome() {
            Outcome::Value(value) => value.to_json(),
            Outcome::Absent => "absent".to_owned(),
            Outcome::NoUser => "no user".to_owned(),
        }
    }
}
