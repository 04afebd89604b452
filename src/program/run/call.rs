//! Methods: the usual ones in place, all others as the reference engine runs them.

use super::Run;
use crate::builtins::{Apply, Builtin, Call, Operand, Quick};
use crate::eval::STEP_BYTES;
use crate::ir::{Argument, Expr};
use crate::program::value::{Bail, Val};
use crate::value::{Failure, Outcome, Value};

impl<'a> Run<'a> {
    pub(super) fn call(
        &mut self,
        builtin: &'static Builtin,
        receiver: &'a Expr,
        arguments: &'a [Argument],
        fold: bool,
    ) -> Result<Val<'a>, Bail> {
        let quick = match (builtin.quick(), arguments) {
            (Some(quick), []) => Some((quick, None)),
            (Some(quick), [argument]) => match argument {
                Argument::Value(expr) => Some((quick, Some(expr))),
                Argument::Lambda { .. } | Argument::Regex(_) => Some((quick, None)),
            },
            _ => None,
        };
        let Some((quick, part)) = quick else {
            let object = self.value(receiver)?;
            return self.call_exactly(builtin, object, arguments, fold);
        };
        let object = self.value(receiver)?;
        if matches!(object, Val::Absent) && builtin.accepts_absent() {
            return self.call_exactly(builtin, object, arguments, fold);
        }
        let part = part.map(|part| self.value(part)).transpose()?;
        match (object, part) {
            (Val::NoUser, _) | (_, Some(Val::NoUser)) => return Ok(Val::NoUser),
            (Val::Absent, _) | (_, Some(Val::Absent)) => return Ok(Val::Absent),
            _ => {}
        }
        self.spend_reading(object)?;
        if let Some(part) = part {
            self.spend_reading(part)?;
        }
        let given = if let Some(given) = self.quick(quick, object, part, arguments, fold)? {
            given
        } else {
            let start = self.memory.stack.len();
            self.memory.stack.extend(part);
            self.exact(builtin, object, start, arguments, fold)?
        };
        self.spend_made(given)?;
        Ok(given)
    }

    /// A call with any number of arguments, as the reference engine runs it.
    fn call_exactly(
        &mut self,
        builtin: &'static Builtin,
        object: Val<'a>,
        arguments: &'a [Argument],
        fold: bool,
    ) -> Result<Val<'a>, Bail> {
        let values = arguments.iter().filter_map(|argument| match argument {
            Argument::Value(expr) => Some(expr),
            Argument::Lambda { .. } | Argument::Regex(_) => None,
        });
        let pushed = self.push(values)?;
        let absence = match (object, pushed) {
            (Val::NoUser, _) | (_, Err(Val::NoUser)) => Some(Val::NoUser),
            (Val::Absent, _) if !builtin.accepts_absent() => Some(Val::Absent),
            (_, pushed) => pushed.err(),
        };
        let start = match (absence, pushed) {
            (None, Ok(start)) => start,
            (absence, pushed) => {
                if let Ok(start) = pushed {
                    self.memory.stack.truncate(start);
                }
                return Ok(absence.unwrap_or(Val::Absent));
            }
        };
        self.spend_reading(object)?;
        for index in start..self.memory.stack.len() {
            let operand = self.memory.stack.get(index).copied().unwrap_or(Val::Absent);
            self.spend_reading(operand)?;
        }
        let given = self.exact(builtin, object, start, arguments, fold)?;
        self.spend_made(given)?;
        Ok(given)
    }

    /// Takes the steps for looking at a value.
    pub(super) fn spend_reading(&mut self, val: Val<'a>) -> Result<(), Bail> {
        let store = &self.memory.store;
        let steps = match store.count(val) {
            Some(count) => count,
            None => store.text(val).map_or(0, |text| text.len() / STEP_BYTES),
        };
        self.spend(steps)
    }

    /// Takes the steps for what a method gives.
    fn spend_made(&mut self, val: Val<'a>) -> Result<(), Bail> {
        match self.memory.store.object(val) {
            Some(Value::Object(members)) => {
                let count = members.len();
                self.spend(count)
            }
            _ => self.spend_reading(val),
        }
    }

    /// A method that needs no values of its own; `None` where this one does.
    fn quick(
        &mut self,
        quick: Quick,
        object: Val<'a>,
        part: Option<Val<'a>>,
        arguments: &'a [Argument],
        fold: bool,
    ) -> Result<Option<Val<'a>>, Bail> {
        let lambda = match arguments {
            [Argument::Lambda { param, body }] => Some((*param, body)),
            _ => None,
        };
        let store = &mut self.memory.store;
        Ok(match quick {
            Quick::Test(test) => match (store.text(object), part.and_then(|part| store.text(part))) {
                (Some(whole), Some(part)) => test(whole, part, fold).map(Val::Bool),
                _ => None,
            },
            Quick::Part(cut) => object.as_borrowed().map(|text| cut(text).map_or(Val::Absent, Val::Text)),
            // What was made lies in the text that grows.
            Quick::Made(make) => match object.as_borrowed() {
                Some(text) => Some(store.made(make, text)?),
                None => None,
            },
            Quick::Matches => match (store.text(object), arguments) {
                (Some(text), [Argument::Regex(regex)]) => Some(Val::Bool(regex.is_match(text))),
                _ => None,
            },
            Quick::Count => {
                let count = match store.count(object) {
                    Some(count) => Some(count),
                    None => store.text(object).map(|text| text.chars().count()),
                };
                count.and_then(|count| i64::try_from(count).ok()).map(Val::Int)
            }
            Quick::Any => match lambda {
                Some((param, body)) => Some(self.quantify(object, param, body, true)?),
                None => None,
            },
            Quick::All => match lambda {
                Some((param, body)) => Some(self.quantify(object, param, body, false)?),
                None => None,
            },
            Quick::Filter => match lambda {
                Some((param, body)) => Some(self.gather(object, param, body, true)?),
                None => None,
            },
            Quick::Map => match lambda {
                Some((param, body)) => Some(self.gather(object, param, body, false)?),
                None => None,
            },
        })
    }

    /// A method as the reference engine runs it, on values of its own. Takes the arguments off the stack.
    fn exact(
        &mut self,
        builtin: &'static Builtin,
        object: Val<'a>,
        start: usize,
        arguments: &'a [Argument],
        fold: bool,
    ) -> Result<Val<'a>, Bail> {
        let receiver = self.memory.store.to_value(object);
        let mut values = self.memory.stack.get(start..).unwrap_or_default().iter();
        let store = &self.memory.store;
        let operands = arguments.iter().map(|argument| match argument {
            Argument::Lambda { .. } => Some(Operand::Lambda),
            Argument::Regex(regex) => Some(Operand::Regex(regex)),
            Argument::Value(_) => Some(Operand::Value(store.to_value(*values.next()?)?)),
        });
        let operands = operands.collect::<Option<Vec<_>>>().ok_or(Bail)?;
        let mut lambdas = Lambdas { run: self, arguments };
        let mut call = Call { receiver, arguments: operands, fold, lambdas: &mut lambdas };
        let outcome = (builtin.run)(&mut call);
        self.memory.stack.truncate(start);
        match outcome {
            Ok(Outcome::Value(value)) => self.memory.store.adopt(value),
            Ok(Outcome::Absent) => Ok(Val::Absent),
            Ok(Outcome::NoUser) => Ok(Val::NoUser),
            Err(_) => Err(Bail),
        }
    }
}

/// The lambda arguments of one call.
struct Lambdas<'r, 'a> {
    run: &'r mut Run<'a>,
    arguments: &'a [Argument],
}

impl Lambdas<'_, '_> {
    fn given(&mut self, position: usize, value: Value) -> Result<Outcome, Bail> {
        let Some(Argument::Lambda { param, body }) = self.arguments.get(position) else {
            return Ok(Outcome::Absent);
        };
        let value = self.run.memory.store.adopt(value)?;
        Ok(match self.run.applied(*param, body, value)? {
            Val::Absent => Outcome::Absent,
            Val::NoUser => Outcome::NoUser,
            given => Outcome::Value(self.run.memory.store.to_value(given).ok_or(Bail)?),
        })
    }
}

impl Apply for Lambdas<'_, '_> {
    fn apply(&mut self, position: usize, value: Value) -> Result<Outcome, Failure> {
        // What failed is found again, and named, by the reference engine.
        self.given(position, value).map_err(|Bail| Failure { code: "", message: String::new() })
    }
}
