//! What implementations take from a call, and the bounds of what they give.

use std::sync::Arc;

use regex::Regex;

use super::{Call, Operand, codes};
use crate::diag::Code;
use crate::value::{Failure, Object, Outcome, Value};

/// Bytes of a text that a method gives.
pub(super) const MAX_TEXT: usize = 1 << 20;
/// Elements of a list that a method gives.
pub(super) const MAX_ITEMS: usize = 100_000;

/// The evaluator's code for a value of the wrong type. Typing assures that methods never meet one, so this has no page
/// of its own.
const WRONG_TYPE: &str = "C0901";

impl Call<'_> {
    /// The receiver, taken out of the call.
    pub(super) fn receiver(&mut self) -> Result<Value, Failure> {
        self.receiver.take().ok_or_else(wrong_type)
    }

    /// The receiver as text.
    pub(super) fn text(&mut self) -> Result<Arc<str>, Failure> {
        match self.receiver()? {
            Value::String(text) => Ok(text),
            _ => Err(wrong_type()),
        }
    }

    /// The receiver as a list.
    pub(super) fn list(&mut self) -> Result<Arc<Vec<Value>>, Failure> {
        match self.receiver()? {
            Value::List(items) => Ok(items),
            _ => Err(wrong_type()),
        }
    }

    /// The receiver as an object.
    pub(super) fn object(&mut self) -> Result<Arc<Object>, Failure> {
        match self.receiver()? {
            Value::Object(members) => Ok(members),
            _ => Err(wrong_type()),
        }
    }

    /// The receiver as whole seconds or another whole number.
    pub(super) fn int(&mut self) -> Result<i64, Failure> {
        self.receiver()?.as_int().ok_or_else(wrong_type)
    }

    /// An argument.
    pub(super) fn value_at(&self, position: usize) -> Result<&Value, Failure> {
        match self.arguments.get(position) {
            Some(Operand::Value(value)) => Ok(value),
            _ => Err(wrong_type()),
        }
    }

    /// An argument as text.
    pub(super) fn text_at(&self, position: usize) -> Result<&str, Failure> {
        self.value_at(position)?.as_str().ok_or_else(wrong_type)
    }

    /// An argument as a list.
    pub(super) fn list_at(&self, position: usize) -> Result<&[Value], Failure> {
        self.value_at(position)?.as_list().ok_or_else(wrong_type)
    }

    /// An argument as an object.
    pub(super) fn object_at(&self, position: usize) -> Result<&Object, Failure> {
        self.value_at(position)?.as_object().ok_or_else(wrong_type)
    }

    /// An argument as a whole number.
    pub(super) fn int_at(&self, position: usize) -> Result<i64, Failure> {
        self.value_at(position)?.as_int().ok_or_else(wrong_type)
    }

    /// An argument as a count; negative ones are 0.
    pub(super) fn count_at(&self, position: usize) -> Result<usize, Failure> {
        Ok(usize::try_from(self.int_at(position)?.max(0)).unwrap_or(usize::MAX))
    }

    /// The first argument as a regular expression.
    pub(super) fn regex(&self) -> Result<&Regex, Failure> {
        match self.arguments.first() {
            Some(Operand::Regex(regex)) => Ok(regex),
            _ => Err(wrong_type()),
        }
    }

    /// Applies the lambda at a position to every element: its outcomes, `None` where it has none; no list at all where
    /// one of them needs an absent user. Looks at all elements and gives the least failure, so that their order does not
    /// matter for it.
    pub(super) fn apply_all(
        &mut self,
        position: usize,
        items: &[Value],
    ) -> Result<Option<Vec<Option<Value>>>, Failure> {
        let mut needs_user = false;
        let mut failed = None;
        let mut outcomes = Vec::with_capacity(items.len());
        for item in items {
            match self.lambdas.apply(position, item.clone()) {
                Ok(Outcome::Value(value)) => outcomes.push(Some(value)),
                Ok(Outcome::Absent) => outcomes.push(None),
                Ok(Outcome::NoUser) => needs_user = true,
                Err(failure) => failed = Some(least(failed, failure)),
            }
        }
        match failed {
            Some(failure) => Err(failure),
            None => Ok((!needs_user).then_some(outcomes)),
        }
    }
}

/// The lesser of two failures.
pub(super) fn least(before: Option<Failure>, failure: Failure) -> Failure {
    match before {
        Some(before) => before.min(failure),
        None => failure,
    }
}

/// A value of a type that typing rules out.
pub(super) fn wrong_type() -> Failure {
    Failure { code: WRONG_TYPE, message: "a method met a value of the wrong type".to_owned() }
}

/// A failure of a declared kind.
pub(super) fn failure(code: &'static Code, message: String) -> Failure {
    Failure { code: code.code, message }
}

/// A value as an outcome.
#[expect(clippy::unnecessary_wraps, reason = "the last expression of most implementations")]
pub(super) fn give(value: impl Into<Value>) -> Result<Outcome, Failure> {
    Ok(Outcome::Value(value.into()))
}

/// Something or nothing as an outcome.
#[expect(clippy::unnecessary_wraps, reason = "the last expression of many implementations")]
pub(super) fn give_option(value: Option<impl Into<Value>>) -> Result<Outcome, Failure> {
    Ok(Outcome::from_option(value.map(Into::into)))
}

/// A text as an outcome, within bounds.
pub(super) fn give_text(method: &str, text: String) -> Result<Outcome, Failure> {
    text_fits(method, text.len())?;
    Ok(Outcome::Value(Value::string(text)))
}

/// A list as an outcome, within bounds.
pub(super) fn give_list(method: &str, items: Vec<Value>) -> Result<Outcome, Failure> {
    items_fit(method, items.len())?;
    Ok(Outcome::Value(Value::list(items)))
}

/// Checks a text's bytes, before or while it is built.
pub(super) fn text_fits(method: &str, bytes: usize) -> Result<(), Failure> {
    if bytes <= MAX_TEXT {
        return Ok(());
    }
    Err(failure(&codes::RESULT_TOO_LARGE, format!("`{method}` gives more than {MAX_TEXT} bytes")))
}

/// Checks a list's elements, before or while it is built.
pub(super) fn items_fit(method: &str, items: usize) -> Result<(), Failure> {
    if items <= MAX_ITEMS {
        return Ok(());
    }
    Err(failure(&codes::RESULT_TOO_LARGE, format!("`{method}` gives more than {MAX_ITEMS} elements")))
}

/// Compact JSON, within bounds. A value may hold one part many times, so its size is looked at before it is written.
pub(super) fn json_text(method: &str, value: &Value) -> Result<String, Failure> {
    if !value.is_json_within(MAX_TEXT) {
        text_fits(method, usize::MAX)?;
    }
    let text = value.to_json();
    text_fits(method, text.len())?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_of_a_part_that_stands_many_times_is_refused_before_it_is_written() {
        let mut value = Value::from("a");
        for _ in 0..12 {
            value = Value::list(vec![value; 100]);
        }
        assert_eq!(
            json_text("to_json", &value).unwrap_err().message,
            "`to_json` gives more than 1048576 bytes"
        );
    }
}
