//! Lambdas: what they give for each element of a list.

use super::Run;
use crate::builtins::{Make, Quick};
use crate::eval::STEP_BYTES;
use crate::ir::{Argument, Expr, ExprKind, LocalId};
use crate::program::value::{Bail, Store, Val};
use crate::value::Value;

/// A lambda's body.
enum Body<'a> {
    /// The parameter, tested with a constant text: `r.starts_with("app-")`.
    Test { test: fn(&str, &str, bool) -> Option<bool>, part: &'a str, fold: bool, expr: &'a Expr },
    /// What is made of the parameter: `r.upper()`.
    Made(Make, &'a Expr),
    /// Any other.
    Expr(&'a Expr),
}

impl<'a> Body<'a> {
    fn of(param: LocalId, body: &'a Expr) -> Self {
        let ExprKind::Call { builtin, receiver, arguments, fold } = &*body.kind else {
            return Body::Expr(body);
        };
        let is_param = matches!(&*receiver.kind, ExprKind::Local(local) if *local == param);
        match (builtin.quick().filter(|_| is_param), arguments.as_slice()) {
            (Some(Quick::Test(test)), [Argument::Value(part)]) => match &*part.kind {
                ExprKind::Literal(Value::String(part)) => Body::Test { test, part, fold: *fold, expr: body },
                _ => Body::Expr(body),
            },
            (Some(Quick::Made(make)), []) => Body::Made(make, body),
            _ => Body::Expr(body),
        }
    }
}

impl<'a> Run<'a> {
    /// The value of a lambda's parameter.
    #[inline]
    pub(super) fn local(&self, index: usize) -> Val<'a> {
        match self.local {
            Some((local, val)) if local == index => val,
            _ => self.memory.outer(index).unwrap_or(Val::Absent),
        }
    }

    /// What a lambda gives for a value.
    pub(super) fn applied(
        &mut self,
        param: LocalId,
        body: &'a Expr,
        value: Val<'a>,
    ) -> Result<Val<'a>, Bail> {
        self.spend(1)?;
        let outer = self.local.replace((param.index(), value));
        if let Some(outer) = outer {
            self.memory.enter(outer);
        }
        let given = self.value(body);
        if outer.is_some() {
            self.memory.leave();
        }
        self.local = outer;
        given
    }

    /// The same for a body that is known.
    #[inline]
    fn given_by(&mut self, param: LocalId, body: &Body<'a>, value: Val<'a>) -> Result<Val<'a>, Bail> {
        let expr = match body {
            Body::Test { expr, .. } | Body::Made(_, expr) | Body::Expr(expr) => expr,
        };
        match (body, value.as_borrowed()) {
            (Body::Test { test, part, fold, .. }, Some(text)) => {
                let Some(truth) = test(text, part, *fold) else {
                    return self.applied(param, expr, value);
                };
                self.spend(1 + text.len() / STEP_BYTES + part.len() / STEP_BYTES)?;
                Ok(Val::Bool(truth))
            }
            (Body::Made(with, _), Some(text)) => {
                self.spend(1 + text.len() / STEP_BYTES)?;
                let made = self.memory.store.made(*with, text)?;
                self.spend_reading(made)?;
                Ok(made)
            }
            _ => self.applied(param, expr, value),
        }
    }

    /// Whether a lambda is true for some element, or for each.
    pub(super) fn quantify(
        &mut self,
        list: Val<'a>,
        param: LocalId,
        body: &'a Expr,
        decisive: bool,
    ) -> Result<Val<'a>, Bail> {
        let body = Body::of(param, body);
        let mut unknown = None;
        for index in 0..self.memory.store.count(list).ok_or(Bail)? {
            let element = self.memory.store.element(list, index).ok_or(Bail)?;
            match self.given_by(param, &body, element)? {
                Val::NoUser => unknown = Some(Val::NoUser),
                Val::Absent => unknown = unknown.or(Some(Val::Absent)),
                given if Store::bool(given) == Some(decisive) => return Ok(Val::Bool(decisive)),
                _ => {}
            }
        }
        Ok(unknown.unwrap_or(Val::Bool(!decisive)))
    }

    /// The elements for which a lambda is true, or what it gives for each.
    pub(super) fn gather(
        &mut self,
        list: Val<'a>,
        param: LocalId,
        body: &'a Expr,
        is_filter: bool,
    ) -> Result<Val<'a>, Bail> {
        let body = Body::of(param, body);
        if let Some(texts) = self.gather_texts(list, &body, is_filter)? {
            return Ok(texts);
        }
        let stack = self.memory.stack.len();
        let mut is_missing_user = false;
        for index in 0..self.memory.store.count(list).ok_or(Bail)? {
            let element = self.memory.store.element(list, index).ok_or(Bail)?;
            match self.given_by(param, &body, element)? {
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

    /// The same where all elements are texts of the request or the policy, and the body is of a frequent form.
    fn gather_texts(
        &mut self,
        list: Val<'a>,
        body: &Body<'a>,
        is_filter: bool,
    ) -> Result<Option<Val<'a>>, Bail> {
        let before = self.frame.steps;
        let store = &mut self.memory.store;
        let (count, start, text) = (store.count(list).ok_or(Bail)?, store.elements.len(), store.text.len());
        for index in 0..count {
            let element = store.element(list, index).unwrap_or(Val::Absent);
            let given = match (body, element.as_borrowed()) {
                (Body::Test { test, part, fold, .. }, Some(text)) if is_filter => {
                    self.frame.steps += (1 + text.len() / STEP_BYTES + part.len() / STEP_BYTES) as u64;
                    test(text, part, *fold).map(|truth| if truth { element } else { Val::Absent })
                }
                (Body::Made(with, _), Some(text)) if !is_filter => {
                    let made = store.made(*with, text)?;
                    let bytes = store.text(made).map_or(0, str::len);
                    self.frame.steps += (1 + text.len() / STEP_BYTES + bytes / STEP_BYTES) as u64;
                    Some(made)
                }
                _ => None,
            };
            match given {
                Some(Val::Absent) => {}
                Some(given) => store.elements.push(given),
                None => {
                    self.frame.steps = before;
                    store.elements.truncate(start);
                    store.text.truncate(text);
                    return Ok(None);
                }
            }
        }
        self.spend(0)?;
        self.memory.store.listed_since(start).map(Some)
    }
}
