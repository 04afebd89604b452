//! Expressions to values, borrowed wherever they can be.

use super::Run;
use crate::ast::SumOperator;
use crate::eval::STEP_BYTES;
use crate::ir::{Element, Expr, ExprKind, LetId, Member, TableId};
use crate::program::value::{Bail, MAX_BYTES, Val, borrowed};
use crate::ty::decode::{Undeclared, decode};
use crate::value::{Object, Value};

impl<'a> Run<'a> {
    /// What an expression gives.
    #[expect(clippy::too_many_lines, reason = "one arm for each kind of expression")]
    pub(super) fn value(&mut self, expr: &'a Expr) -> Result<Val<'a>, Bail> {
        match &*expr.kind {
            ExprKind::Slot(slot) => self.register(slot.index()),
            ExprKind::Literal(value) => Ok(borrowed(value)),
            ExprKind::Error | ExprKind::Omit => Ok(Val::Absent),
            ExprKind::Local(local) => Ok(self.local(local.index())),
            ExprKind::Let(id) => self.binding(*id),
            ExprKind::Member(object, name) => match self.value(object)? {
                absent @ (Val::Absent | Val::NoUser) => Ok(absent),
                Val::Value(value) => Ok(value.get(name).map_or(Val::Absent, borrowed)),
                object => self.part(object, |value| value.get(name)),
            },
            ExprKind::Index(object, index) => self.index(object, index),
            ExprKind::Lookup { table, keys, fold } => self.lookup(*table, keys, fold),
            ExprKind::Template(parts) => self.template(parts),
            ExprKind::List(elements) => self.list(elements),
            ExprKind::Record(members) => self.record(members),
            ExprKind::If { condition, reads_user, then, otherwise } => {
                if self.is_true(condition)? {
                    self.value(then)
                } else if *reads_user && !self.frame.program.has_user {
                    Ok(Val::NoUser)
                } else {
                    self.value(otherwise)
                }
            }
            ExprKind::Match { subject, reads_user, fold, arms, otherwise } => match self.value(subject)? {
                Val::Absent | Val::NoUser if *reads_user && !self.frame.program.has_user => Ok(Val::NoUser),
                absent @ (Val::Absent | Val::NoUser) => Ok(absent),
                subject => {
                    let store = &self.memory.store;
                    let fits = |literal: &Value| store.equal(borrowed(literal), subject, *fold);
                    let arm = arms.iter().find(|(literals, _)| literals.iter().any(fits));
                    match arm.map(|(_, value)| value).or(otherwise.as_ref()) {
                        Some(value) => self.value(value),
                        None => Ok(Val::Absent),
                    }
                }
            },
            ExprKind::Call { builtin, receiver, arguments, fold } => {
                self.call(builtin, receiver, arguments, *fold)
            }
            ExprKind::Join(parts) => self.join(parts),
            ExprKind::Sum(first, rest) => self.sum(first, rest),
            ExprKind::Product(factors) => self.product(factors),
            ExprKind::Negate(operand) => match self.value(operand)? {
                absent @ (Val::Absent | Val::NoUser) => Ok(absent),
                value => match self.memory.store.int(value) {
                    Some(int) => int.checked_neg().map(Val::Int).ok_or(Bail),
                    None => Ok(Val::Absent),
                },
            },
            ExprKind::Coalesce(operands) => {
                for operand in operands {
                    match self.value(operand)? {
                        Val::Absent => {}
                        decided => return Ok(decided),
                    }
                }
                Ok(Val::Absent)
            }
            ExprKind::As(operand, shape) => match self.value(operand)? {
                absent @ (Val::Absent | Val::NoUser) => Ok(absent),
                val => {
                    let value = self.memory.store.to_value(val).ok_or(Bail)?;
                    match decode(&value, shape, Undeclared::LeftOut) {
                        Ok(decoded) => self.memory.store.adopt(decoded),
                        Err(_) => Ok(Val::Absent),
                    }
                }
            },
            _ => self.truth(expr).map(Val::from),
        }
    }

    /// The value of a `let`, found once.
    fn binding(&mut self, id: LetId) -> Result<Val<'a>, Bail> {
        if let Some(Some(known)) = self.memory.known().and_then(|rare| rare.lets.get(id.index())) {
            return Ok(*known);
        }
        let program = self.frame.program;
        let val = self.value(&program.unit.lets.get(id.index()).ok_or(Bail)?.value)?;
        if let Some(kept) = self.memory.rare().and_then(|rare| rare.lets.get_mut(id.index())) {
            *kept = Some(val);
        }
        Ok(val)
    }

    /// A part of a value that lies in the store.
    fn part(&mut self, whole: Val<'a>, find: impl FnOnce(&Value) -> Option<&Value>) -> Result<Val<'a>, Bail> {
        match self.memory.store.object(whole).and_then(find).cloned() {
            Some(part) => self.memory.store.adopt(part),
            None => Ok(Val::Absent),
        }
    }

    fn index(&mut self, object: &'a Expr, index: &'a Expr) -> Result<Val<'a>, Bail> {
        let (object, index) = match self.operands([object, index])? {
            Ok([object, index]) => (object, index),
            Err(absent) => return Ok(absent),
        };
        let store = &self.memory.store;
        if store.count(object).is_some() {
            let position = store.int(index).and_then(|index| usize::try_from(index).ok());
            return Ok(position.and_then(|at| store.element(object, at)).unwrap_or(Val::Absent));
        }
        match (object, store.text(index)) {
            (Val::Value(value), Some(key)) => Ok(value.get(key).map_or(Val::Absent, borrowed)),
            (Val::Owned(_), Some(key)) => {
                let key = key.to_owned();
                self.part(object, |value| value.get(&key))
            }
            _ => Ok(Val::Absent),
        }
    }

    /// The values of operands that must all be there, or why there is nothing.
    fn operands<const N: usize>(
        &mut self,
        operands: [&'a Expr; N],
    ) -> Result<Result<[Val<'a>; N], Val<'a>>, Bail> {
        let mut values = [Val::Absent; N];
        for (value, operand) in values.iter_mut().zip(operands) {
            *value = self.value(operand)?;
        }
        Ok(missing(&values).map_or(Ok(values), Err))
    }

    /// Puts the values of operands onto the stack, and gives where they start; takes them off again where one is missing.
    pub(super) fn push<'e>(
        &mut self,
        operands: impl IntoIterator<Item = &'a Expr>,
    ) -> Result<Result<usize, Val<'a>>, Bail>
    where
        'a: 'e,
    {
        let start = self.memory.stack.len();
        for operand in operands {
            let value = self.value(operand)?;
            self.memory.stack.push(value);
        }
        match missing(self.memory.stack.get(start..).unwrap_or_default()) {
            Some(absent) => {
                self.memory.stack.truncate(start);
                Ok(Err(absent))
            }
            None => Ok(Ok(start)),
        }
    }

    fn lookup(&mut self, table: TableId, keys: &'a [Expr], fold: &[bool]) -> Result<Val<'a>, Bail> {
        let start = match self.push(keys)? {
            Ok(start) => start,
            Err(absent) => return Ok(absent),
        };
        let program = self.frame.program;
        let rows = &program.unit.tables.get(table.index()).ok_or(Bail)?.rows;
        let (store, stack) = (&self.memory.store, self.memory.stack.get(start..).unwrap_or_default());
        let found = match stack {
            [key] if !fold.contains(&true) && store.text(*key).is_some() => {
                rows.find_text(store.text(*key).unwrap_or_default())
            }
            keys => {
                let keys: Option<Vec<Value>> = keys.iter().map(|key| store.to_value(*key)).collect();
                rows.find(&keys.ok_or(Bail)?, fold)
            }
        };
        self.memory.stack.truncate(start);
        Ok(found.map_or(Val::Absent, borrowed))
    }

    fn template(&mut self, parts: &'a [Expr]) -> Result<Val<'a>, Bail> {
        let stack = match self.push(parts)? {
            Ok(start) => start,
            Err(absent) => return Ok(absent),
        };
        let start = self.memory.store.text.len();
        for index in stack..self.memory.stack.len() {
            let part = self.memory.stack.get(index).copied().unwrap_or(Val::Absent);
            self.append(part);
        }
        self.memory.stack.truncate(stack);
        let made = self.memory.store.made_since(start)?;
        self.built(made)
    }

    /// Appends the text of a value, or its JSON, to the texts that are made.
    pub(super) fn append(&mut self, part: Val<'a>) {
        let store = &mut self.memory.store;
        match part {
            Val::Text(text) => store.text.push_str(text),
            Val::Value(Value::String(text)) => store.text.push_str(text),
            Val::Made(span) => store.text.extend_from_within(span.range()),
            part => {
                let mut text = std::mem::take(&mut store.text);
                store.write_json(part, &mut text);
                store.text = text;
            }
        }
    }

    fn join(&mut self, parts: &'a [Expr]) -> Result<Val<'a>, Bail> {
        let stack = match self.push(parts)? {
            Ok(start) => start,
            Err(absent) => return Ok(absent),
        };
        let parts = stack..self.memory.stack.len();
        let part = |run: &Self, index: usize| run.memory.stack.get(index).copied().unwrap_or(Val::Absent);
        let made = if parts.clone().all(|index| self.memory.store.count(part(self, index)).is_some()) {
            let start = self.memory.store.elements.len();
            for index in parts {
                self.extend(part(self, index));
            }
            self.memory.store.listed_since(start)?
        } else {
            let start = self.memory.store.text.len();
            for index in parts {
                let part = part(self, index);
                if self.memory.store.text(part).is_some() {
                    self.append(part);
                }
            }
            self.memory.store.made_since(start)?
        };
        self.memory.stack.truncate(stack);
        self.built(made)
    }

    /// Appends the elements of a list to the elements that are made.
    fn extend(&mut self, list: Val<'a>) {
        let store = &mut self.memory.store;
        for index in 0..store.count(list).unwrap_or(0) {
            if let Some(element) = store.element(list, index) {
                store.elements.push(element);
            }
        }
    }

    fn list(&mut self, elements: &'a [Element]) -> Result<Val<'a>, Bail> {
        let stack = self.memory.stack.len();
        for element in elements {
            let value = self.value(&element.value)?;
            match value {
                Val::Absent => {}
                list if element.spread && self.memory.store.count(list).is_some() => {
                    for index in 0..self.memory.store.count(list).unwrap_or(0) {
                        self.memory.stack.extend(self.memory.store.element(list, index));
                    }
                }
                value => self.memory.stack.push(value),
            }
        }
        let gathered = self.memory.stack.get(stack..).unwrap_or_default();
        let absent = missing(gathered);
        let start = self.memory.store.elements.len();
        self.memory.store.elements.extend_from_slice(gathered);
        self.memory.stack.truncate(stack);
        if let Some(absent) = absent {
            return Ok(absent);
        }
        let made = self.memory.store.listed_since(start)?;
        self.built(made)
    }

    fn record(&mut self, members: &'a [Member]) -> Result<Val<'a>, Bail> {
        let mut object = Object::with_capacity(members.len());
        let mut is_missing_user = false;
        for member in members {
            let (name, expr) = match member {
                Member::Named(name, expr) => (Some(name), expr),
                Member::Spread(expr) => (None, expr),
            };
            match (name, self.value(expr)?) {
                (_, Val::Absent) => {}
                (_, Val::NoUser) => is_missing_user = true,
                (Some(name), val) => {
                    object.insert(name.clone(), self.memory.store.to_value(val).ok_or(Bail)?);
                }
                (None, val) => match self.memory.store.to_value(val) {
                    Some(Value::Object(spread)) => {
                        object.extend(spread.iter().map(|(name, value)| (name.clone(), value.clone())));
                    }
                    _ => return Err(Bail),
                },
            }
        }
        if is_missing_user {
            return Ok(Val::NoUser);
        }
        let made = self.memory.store.adopt(Value::object(object))?;
        self.built(made)
    }

    fn sum(&mut self, first: &'a Expr, rest: &'a [(SumOperator, Expr)]) -> Result<Val<'a>, Bail> {
        let operands = std::iter::once(first).chain(rest.iter().map(|(_, operand)| operand));
        let start = match self.push(operands)? {
            Ok(start) => start,
            Err(absent) => return Ok(absent),
        };
        let operators = std::iter::once(SumOperator::Plus).chain(rest.iter().map(|(operator, _)| *operator));
        let (store, stack) = (&self.memory.store, self.memory.stack.get(start..).unwrap_or_default());
        let total = operators.zip(stack).try_fold(0_i128, |total, (operator, val)| {
            let value = i128::from(store.int(*val)?);
            Some(if operator == SumOperator::Plus { total + value } else { total - value })
        });
        self.memory.stack.truncate(start);
        match total {
            Some(total) => i64::try_from(total).map(Val::Int).map_err(|_| Bail),
            None => Ok(Val::Absent),
        }
    }

    fn product(&mut self, factors: &'a [Expr]) -> Result<Val<'a>, Bail> {
        let start = match self.push(factors)? {
            Ok(start) => start,
            Err(absent) => return Ok(absent),
        };
        let (store, stack) = (&self.memory.store, self.memory.stack.get(start..).unwrap_or_default());
        let is_number = stack.iter().all(|val| store.int(*val).is_some());
        let factors = || stack.iter().filter_map(|val| store.int(*val));
        let product = if factors().any(|factor| factor == 0) {
            Some(0)
        } else {
            factors().try_fold(1_i128, |product, factor| product.checked_mul(i128::from(factor)))
        };
        self.memory.stack.truncate(start);
        if !is_number {
            return Ok(Val::Absent);
        }
        product.and_then(|product| i64::try_from(product).ok()).map(Val::Int).ok_or(Bail)
    }

    /// A value that is built of parts, if it is not too large.
    pub(super) fn built(&mut self, val: Val<'a>) -> Result<Val<'a>, Bail> {
        let bytes = self.memory.store.json_bytes(val, MAX_BYTES).ok_or(Bail)?;
        self.spend(bytes / STEP_BYTES)?;
        Ok(val)
    }
}

/// Why operands give nothing: a missing user dominates.
fn missing<'a>(values: &[Val<'a>]) -> Option<Val<'a>> {
    let mut absent = None;
    for value in values {
        match value {
            Val::NoUser => return Some(Val::NoUser),
            Val::Absent => absent = Some(Val::Absent),
            _ => {}
        }
    }
    absent
}
