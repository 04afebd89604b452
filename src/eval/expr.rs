//! Expressions to values.
//!
//! Absence goes through everything but `??`, lists and records; a missing user through these too. A failure wins over
//! absence: which operand is evaluated first makes no difference.

use super::condition::{Absence, Truth};
use super::{Evaluation, codes};
use crate::ast::SumOperator;
use crate::builtins::codes::RESULT_TOO_LARGE;
use crate::builtins::{Apply, Builtin, Call, Operand};
use crate::ir::{Argument, Element, Expr, ExprKind, LocalId, Member, TableId};
use crate::ty::decode::{Undeclared, decode};
use crate::value::{Failure, Object, Outcome, Value};

impl Evaluation<'_> {
    /// What an expression gives.
    pub(super) fn value(&self, expr: &Expr) -> Result<Outcome, Failure> {
        match &*expr.kind {
            ExprKind::Error | ExprKind::Omit => Ok(Outcome::Absent),
            ExprKind::Literal(value) => Ok(Outcome::Value(value.clone())),
            ExprKind::Slot(slot) => self.slot(*slot),
            ExprKind::Local(local) => Ok(self.local(*local)),
            ExprKind::Let(id) => self.binding(*id),
            ExprKind::Member(object, name) => {
                self.of(object, |object| Ok(Outcome::from_option(object.get(name).cloned())))
            }
            ExprKind::Index(object, index) => self.each([object, index], |values| Ok(element(&values))),
            ExprKind::Lookup { table, keys, fold } => {
                self.each(keys, |keys| Ok(self.row(*table, &keys, fold)))
            }
            ExprKind::Template(parts) => self.each(parts, |parts| self.built(template(&parts))),
            ExprKind::List(elements) => self.list(elements),
            ExprKind::Record(members) => self.record(members),
            ExprKind::If { condition, reads_user, then, otherwise } => match self.truth(condition)? {
                Truth::True => self.value(then),
                _ if *reads_user && !self.has_user() => Ok(Outcome::NoUser),
                _ => self.value(otherwise),
            },
            ExprKind::Match { subject, reads_user, fold, arms, otherwise } => match self.value(subject)? {
                Outcome::Value(subject) => self.arm(&subject, arms, otherwise.as_ref(), *fold),
                _ if *reads_user && !self.has_user() => Ok(Outcome::NoUser),
                absent => Ok(absent),
            },
            ExprKind::Call { builtin, receiver, arguments, fold } => {
                self.call(builtin, receiver, arguments, *fold)
            }
            ExprKind::Join(parts) => self.each(parts, |parts| self.built(join(&parts))),
            ExprKind::Sum(first, rest) => self.sum(first, rest),
            ExprKind::Product(factors) => self.each(factors, |factors| product(&factors)),
            ExprKind::Negate(operand) => self
                .of(operand, |value| value.as_int().map_or(Ok(Outcome::Absent), |n| whole(-i128::from(n)))),
            ExprKind::Coalesce(operands) => self.coalesce(operands),
            ExprKind::As(operand, shape) => self.of(operand, |value| {
                Ok(Outcome::from_option(decode(&value, shape, Undeclared::LeftOut).ok()))
            }),
            ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::Not(_)
            | ExprKind::Compare { .. }
            | ExprKind::In { .. }
            | ExprKind::Exists(_)
            | ExprKind::UserExists
            | ExprKind::Login
            | ExprKind::Failed(_)
            | ExprKind::AudienceIs(..)
            | ExprKind::AudienceHas(..)
            | ExprKind::AudienceWithin(..) => self.truth(expr).map(Outcome::from),
        }
    }

    /// The values of operands that must all be there.
    pub(super) fn values<'e>(
        &self,
        operands: impl IntoIterator<Item = &'e Expr>,
    ) -> Result<Result<Vec<Value>, Absence>, Failure> {
        let mut gathered = Gathered::default();
        for operand in operands {
            gathered.add(self.value(operand));
        }
        gathered.finish()
    }

    /// Applies a function to the values of operands that must all be there.
    fn each<'e>(
        &self,
        operands: impl IntoIterator<Item = &'e Expr>,
        apply: impl FnOnce(Vec<Value>) -> Result<Outcome, Failure>,
    ) -> Result<Outcome, Failure> {
        match self.values(operands)? {
            Ok(values) => apply(values),
            Err(absence) => Ok(absence.into()),
        }
    }

    fn of(
        &self,
        operand: &Expr,
        apply: impl FnOnce(Value) -> Result<Outcome, Failure>,
    ) -> Result<Outcome, Failure> {
        match self.value(operand)? {
            Outcome::Value(value) => apply(value),
            absent => Ok(absent),
        }
    }

    fn local(&self, id: LocalId) -> Outcome {
        Outcome::from_option(self.locals.borrow().get(id.index()).cloned().flatten())
    }

    fn row(&self, table: TableId, keys: &[Value], fold: &[bool]) -> Outcome {
        let Some(table) = self.unit.tables.get(table.index()) else {
            return Outcome::Absent;
        };
        Outcome::from_option(table.rows.find(keys, fold).cloned())
    }

    fn arm(
        &self,
        subject: &Value,
        arms: &[(Vec<Value>, Expr)],
        otherwise: Option<&Expr>,
        fold: bool,
    ) -> Result<Outcome, Failure> {
        let fitting =
            arms.iter().find(|(literals, _)| literals.iter().any(|literal| literal.equals(subject, fold)));
        match fitting.map(|(_, value)| value).or(otherwise) {
            Some(value) => self.value(value),
            None => Ok(Outcome::Absent),
        }
    }

    fn list(&self, elements: &[Element]) -> Result<Outcome, Failure> {
        let mut gathered = Gathered::default();
        for element in elements {
            match self.value(&element.value) {
                Ok(Outcome::Absent) => {}
                Ok(Outcome::Value(Value::List(items))) if element.spread => {
                    gathered.values.extend(items.iter().cloned());
                }
                outcome => gathered.add(outcome),
            }
        }
        gathered.finish()?.map_or_else(|absence| Ok(absence.into()), |items| self.built(Value::list(items)))
    }

    fn record(&self, members: &[Member]) -> Result<Outcome, Failure> {
        let mut gathered = Gathered::default();
        let mut object = Object::with_capacity(members.len());
        for member in members {
            let (name, expr) = match member {
                Member::Named(name, expr) => (Some(name), expr),
                Member::Spread(expr) => (None, expr),
            };
            match (name, self.value(expr)) {
                (_, Ok(Outcome::Absent)) => {}
                (Some(name), Ok(Outcome::Value(value))) => drop(object.insert(name.clone(), value)),
                (None, Ok(Outcome::Value(Value::Object(spread)))) => {
                    object.extend(spread.iter().map(|(name, value)| (name.clone(), value.clone())));
                }
                (_, outcome) => gathered.add(outcome),
            }
        }
        gathered.finish()?.map_or_else(|absence| Ok(absence.into()), |_| self.built(Value::object(object)))
    }

    fn coalesce(&self, operands: &[Expr]) -> Result<Outcome, Failure> {
        for operand in operands {
            match self.value(operand)? {
                Outcome::Absent => {}
                decided => return Ok(decided),
            }
        }
        Ok(Outcome::Absent)
    }

    fn sum(&self, first: &Expr, rest: &[(SumOperator, Expr)]) -> Result<Outcome, Failure> {
        let operands = std::iter::once(first).chain(rest.iter().map(|(_, operand)| operand));
        let operators = std::iter::once(SumOperator::Plus).chain(rest.iter().map(|(operator, _)| *operator));
        self.each(operands, |values| {
            // In 128 bits nothing that fits at the end overflows on the way, whatever the order.
            let mut total: i128 = 0;
            for (operator, value) in operators.zip(&values) {
                let Some(value) = value.as_int().map(i128::from) else {
                    return Ok(Outcome::Absent);
                };
                total += if operator == SumOperator::Plus { value } else { -value };
            }
            whole(total)
        })
    }

    fn call(
        &self,
        builtin: &Builtin,
        receiver: &Expr,
        arguments: &[Argument],
        fold: bool,
    ) -> Result<Outcome, Failure> {
        let mut gathered = Gathered::default();
        let receiver = match self.value(receiver) {
            Ok(Outcome::Value(value)) => Some(value),
            Ok(Outcome::Absent) if builtin.accepts_absent() => None,
            outcome => {
                gathered.add(outcome);
                None
            }
        };
        let mut operands = Vec::with_capacity(arguments.len());
        for argument in arguments {
            match argument {
                Argument::Lambda { .. } => operands.push(Operand::Lambda),
                Argument::Regex(regex) => operands.push(Operand::Regex(regex)),
                Argument::Value(expr) => match self.value(expr) {
                    Ok(Outcome::Value(value)) => operands.push(Operand::Value(value)),
                    outcome => gathered.add(outcome),
                },
            }
        }
        if let Err(absence) = gathered.finish()? {
            return Ok(absence.into());
        }
        for operand in receiver.iter().chain(operands.iter().filter_map(Operand::value)) {
            self.budget.read(operand)?;
        }
        let mut lambdas = Lambdas { evaluation: self, arguments };
        let given = (builtin.run)(&mut Call { receiver, arguments: operands, fold, lambdas: &mut lambdas })?;
        self.budget.made(&given)?;
        Ok(given)
    }

    /// A value that is built of parts, if it is not too large.
    fn built(&self, value: Value) -> Result<Outcome, Failure> {
        self.budget.spend_bytes(measured(&value)?)?;
        Ok(Outcome::Value(value))
    }
}

/// What becomes of operands that must all be there.
#[derive(Default)]
struct Gathered {
    values: Vec<Value>,
    absence: Option<Absence>,
    failure: Option<Failure>,
}

impl Gathered {
    fn add(&mut self, outcome: Result<Outcome, Failure>) {
        match outcome {
            Ok(Outcome::Value(value)) => self.values.push(value),
            Ok(Outcome::Absent) => self.absence = self.absence.max(Some(Absence::Absent)),
            Ok(Outcome::NoUser) => self.absence = Some(Absence::NoUser),
            Err(failure) => {
                let least = self.failure.take().map_or(failure.clone(), |least| least.min(failure));
                self.failure = Some(least);
            }
        }
    }

    fn finish(self) -> Result<Result<Vec<Value>, Absence>, Failure> {
        match (self.failure, self.absence) {
            (Some(failure), _) => Err(failure),
            (None, Some(absence)) => Ok(Err(absence)),
            (None, None) => Ok(Ok(self.values)),
        }
    }
}

/// The lambda arguments of one call.
struct Lambdas<'e, 'a> {
    evaluation: &'e Evaluation<'a>,
    arguments: &'e [Argument],
}

impl Apply for Lambdas<'_, '_> {
    fn apply(&mut self, position: usize, value: Value) -> Result<Outcome, Failure> {
        let Some(Argument::Lambda { param, body }) = self.arguments.get(position) else {
            return Ok(Outcome::Absent);
        };
        let set = |value: Option<Value>| {
            let mut locals = self.evaluation.locals.borrow_mut();
            if locals.len() <= param.index() {
                locals.resize(param.index() + 1, None);
            }
            if let Some(local) = locals.get_mut(param.index()) {
                *local = value;
            }
        };
        self.evaluation.budget.spend(1)?;
        set(Some(value));
        let outcome = self.evaluation.value(body);
        set(None);
        outcome
    }
}

/// Bytes of a value's JSON. What lets build of each other could double with each of them.
pub(crate) const MAX_BYTES: usize = 1 << 20;

/// The bytes of a value, which are not more than any token could have.
pub(super) fn measured(value: &Value) -> Result<usize, Failure> {
    value.json_bytes_within(MAX_BYTES).ok_or_else(|| {
        let message = format!("a value has more than {MAX_BYTES} bytes");
        Failure { code: RESULT_TOO_LARGE.code, message }
    })
}

/// The element of a list, map or `json` value.
fn element(values: &[Value]) -> Outcome {
    let found = match values {
        [Value::List(items), index] => {
            index.as_int().and_then(|index| usize::try_from(index).ok()).and_then(|index| items.get(index))
        }
        [Value::Object(members), Value::String(key)] => members.get(key),
        _ => None,
    };
    Outcome::from_option(found.cloned())
}

fn template(parts: &[Value]) -> Value {
    let mut text = String::new();
    for part in parts {
        match part {
            Value::String(part) => text.push_str(part),
            part => part.write_json(&mut text),
        }
    }
    Value::string(text)
}

/// Strings or lists, one after the other.
fn join(parts: &[Value]) -> Value {
    let lists: Option<Vec<&[Value]>> = parts.iter().map(Value::as_list).collect();
    match lists {
        Some(lists) => Value::list(lists.concat()),
        None => Value::string(parts.iter().filter_map(Value::as_str).collect::<String>()),
    }
}

fn product(factors: &[Value]) -> Result<Outcome, Failure> {
    let Some(factors) = factors.iter().map(Value::as_int).collect::<Option<Vec<i64>>>() else {
        return Ok(Outcome::Absent);
    };
    // Zero first: what is too large on the way must not depend on where it stands.
    if factors.contains(&0) {
        return whole(0);
    }
    let product = factors.iter().try_fold(1_i128, |product, factor| product.checked_mul(i128::from(*factor)));
    product.map_or_else(overflow, whole)
}

fn whole(value: i128) -> Result<Outcome, Failure> {
    i64::try_from(value).map_or_else(|_| overflow(), |value| Ok(Outcome::Value(Value::int(value))))
}

fn overflow() -> Result<Outcome, Failure> {
    let message = "a number is beyond 64 bits".to_owned();
    Err(Failure { code: codes::ARITHMETIC_OVERFLOW.code, message })
}
