//! A count of the work that one request may cost.
//!
//! Lambdas within lambdas multiply: six of them over a thousand elements each would not end in a lifetime. So methods,
//! `in`, and what is built of parts spend steps, and a request that spends more than there are is an error, whatever
//! else was found. How much is spent depends neither on the order of statements nor on that of operands.

use std::cell::Cell;

use super::codes::TOO_MANY_STEPS;
use crate::value::{Failure, Outcome, Value};

/// Steps that the evaluation of one request may take. One step is one application of a lambda, one element of a list
/// that a method or `in` looks at or gives, or 64 bytes of text, lists or records that are read or built.
pub const MAX_STEPS: u64 = 2_000_000;

/// Bytes that one step reads or builds.
pub(crate) const STEP_BYTES: usize = 64;

/// What is left of the steps of a request.
pub(super) struct Budget {
    left: Cell<u64>,
    is_exhausted: Cell<bool>,
}

impl Budget {
    pub(super) fn new() -> Self {
        Budget { left: Cell::new(MAX_STEPS), is_exhausted: Cell::new(false) }
    }

    /// Whether more steps were wanted than there are.
    pub(super) fn is_exhausted(&self) -> bool {
        self.is_exhausted.get()
    }

    /// Steps that were taken.
    pub(super) fn spent(&self) -> u64 {
        MAX_STEPS - self.left.get()
    }

    /// Takes steps; fails where they are not left, and from then on for every step.
    pub(super) fn spend(&self, steps: usize) -> Result<(), Failure> {
        match self.left.get().checked_sub(steps as u64) {
            Some(left) if !self.is_exhausted() => {
                self.left.set(left);
                Ok(())
            }
            _ => {
                self.is_exhausted.set(true);
                Err(exhausted())
            }
        }
    }

    /// Takes the steps for bytes that are built.
    pub(super) fn spend_bytes(&self, bytes: usize) -> Result<(), Failure> {
        self.spend(bytes / STEP_BYTES)
    }

    /// Takes the steps for looking at a value, parts of its elements and members aside.
    pub(super) fn read(&self, value: &Value) -> Result<(), Failure> {
        self.spend(match value {
            Value::List(items) => items.len(),
            Value::String(text) => text.len() / STEP_BYTES,
            _ => 0,
        })
    }

    /// Takes the steps for what a method gives.
    pub(super) fn made(&self, outcome: &Outcome) -> Result<(), Failure> {
        match outcome {
            Outcome::Value(Value::Object(members)) => self.spend(members.len()),
            Outcome::Value(value) => self.read(value),
            Outcome::Absent | Outcome::NoUser => Ok(()),
        }
    }
}

/// The error of a request that wants more steps than there are.
pub(super) fn exhausted() -> Failure {
    let message = format!("the policy takes more than {MAX_STEPS} steps for this request");
    Failure { code: TOO_MANY_STEPS.code, message }
}
