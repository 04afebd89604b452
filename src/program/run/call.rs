//! Methods: the usual ones in place, all others as the reference engine runs them.

use super::Run;
use crate::builtins::{Apply, Builtin, Call, Operand, Quick};
use crate::ir::{Argument, Expr, LocalId};
use crate::program::value::{Bail, MAX_BYTES, Store, Val};
use crate::value::{Failure, Outcome, Value};

/// Bytes that one step of the budget reads or builds.
const BYTES: usize = 64;

impl<'a> Run<'a> {
    pub(super) fn call(
        &mut self,
        builtin: &'static Builtin,
        receiver: &'a Expr,
        arguments: &'a [Argument],
        fold: bool,
    ) -> Result<Val<'a>, Bail> {
        let object = self.value(receiver)?;
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
        let first = self.memory.stack.get(start).copied().unwrap_or(Val::Absent);
        let given = match builtin.quick() {
            Some(quick) => self.quick(quick, object, first, arguments, fold)?,
            None => None,
        };
        let given = match given {
            Some(given) => given,
            None => self.exact(builtin, object, start, arguments, fold)?,
        };
        self.memory.stack.truncate(start);
        self.spend_made(given)?;
        Ok(given)
    }

    /// Takes the steps for looking at a value.
    fn spend_reading(&mut self, val: Val<'a>) -> Result<(), Bail> {
        let store = &self.memory.store;
        let steps = match store.count(val) {
            Some(count) => count,
            None => store.text(val).map_or(0, |text| text.len() / BYTES),
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
        part: Val<'a>,
        arguments: &'a [Argument],
        fold: bool,
    ) -> Result<Option<Val<'a>>, Bail> {
        let lambda = match arguments {
            [Argument::Lambda { param, body }] => Some((*param, body)),
            _ => None,
        };
        let store = &mut self.memory.store;
        Ok(match quick {
            Quick::Test(test) => match (store.text(object), store.text(part)) {
                (Some(whole), Some(part)) => test(whole, part, fold).map(Val::Bool),
                _ => None,
            },
            Quick::Part(cut) => match object {
                Val::Text(text) => Some(cut(text).map_or(Val::Absent, Val::Text)),
                Val::Value(Value::String(text)) => Some(cut(text).map_or(Val::Absent, Val::Text)),
                _ => None,
            },
            Quick::Made(make) => {
                let start = store.text.len();
                let mut text = std::mem::take(&mut store.text);
                let is_there = match object {
                    Val::Text(given) => make(given, &mut text),
                    Val::Value(Value::String(given)) => make(given, &mut text),
                    // It lies in the text that grows.
                    _ => {
                        store.text = text;
                        return Ok(None);
                    }
                };
                store.text = text;
                if store.text.len() - start > MAX_BYTES {
                    return Err(Bail);
                }
                Some(if is_there { store.made_since(start)? } else { Val::Absent })
            }
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

    /// What a lambda gives for a value.
    fn applied(&mut self, param: LocalId, body: &'a Expr, value: Val<'a>) -> Result<Val<'a>, Bail> {
        self.spend(1)?;
        self.memory.set_local(param.index(), value);
        let given = self.value(body);
        self.memory.set_local(param.index(), Val::Absent);
        given
    }

    fn quantify(
        &mut self,
        list: Val<'a>,
        param: LocalId,
        body: &'a Expr,
        decisive: bool,
    ) -> Result<Val<'a>, Bail> {
        let mut unknown = None;
        for index in 0..self.memory.store.count(list).ok_or(Bail)? {
            let element = self.memory.store.element(list, index).ok_or(Bail)?;
            match self.applied(param, body, element)? {
                Val::NoUser => unknown = Some(Val::NoUser),
                Val::Absent => unknown = unknown.or(Some(Val::Absent)),
                given if Store::bool(given) == Some(decisive) => return Ok(Val::Bool(decisive)),
                _ => {}
            }
        }
        Ok(unknown.unwrap_or(Val::Bool(!decisive)))
    }

    /// The elements for which a lambda is true, or what it gives for each.
    fn gather(
        &mut self,
        list: Val<'a>,
        param: LocalId,
        body: &'a Expr,
        is_filter: bool,
    ) -> Result<Val<'a>, Bail> {
        let stack = self.memory.stack.len();
        let mut is_missing_user = false;
        for index in 0..self.memory.store.count(list).ok_or(Bail)? {
            let element = self.memory.store.element(list, index).ok_or(Bail)?;
            match self.applied(param, body, element)? {
                Val::NoUser => is_missing_user = true,
                Val::Absent => {}
                given if is_filter => {
                    if Store::bool(given) == Some(true) {
                        self.memory.stack.push(element);
                    }
                }
                given => self.memory.stack.push(given),
            }
        }
        let store = &mut self.memory.store;
        let start = store.elements.len();
        store.elements.extend_from_slice(self.memory.stack.get(stack..).unwrap_or_default());
        self.memory.stack.truncate(stack);
        if is_missing_user { Ok(Val::NoUser) } else { self.memory.store.listed_since(start) }
    }

    /// A method as the reference engine runs it, on values of its own.
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
        match (builtin.run)(&mut call) {
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
