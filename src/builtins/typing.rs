//! Signatures to types: which method a call means, what its arguments must be, what it gives.
//!
//! Variables of a signature are bound by the receiver first, then by the arguments in order; a variable that is met
//! again is the [`Type::join`] of what it was and what it meets. Absence of the receiver or of an argument passes to the
//! result, and so do labels:
//!
//! * the result has the labels of the receiver, of the arguments and of what lambdas give;
//! * parts keep labels of their own where the signature names the part (`T[].first() -> T?`);
//! * a method that gives a `bool` compares: it clears `untrusted` of its receiver unless an argument is `untrusted`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

use regex::Regex;

use super::signature::{Parameter, ParameterKind, Pattern, Signature};
use super::{Argument, Builtin, Param, compile_regex, compile_whole_regex, methods};
use crate::ty::{Kind, Labels, Record, Type};
use crate::value::Value;

struct Row {
    builtin: &'static Builtin,
    signature: Signature,
}

/// All rows whose signature can be read; a test assures that these are all.
static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    methods()
        .filter_map(|builtin| {
            Signature::parse(builtin.signature).ok().map(|signature| Row { builtin, signature })
        })
        .collect()
});

/// Whether a method has this name, whatever its receiver.
pub fn exists(name: &str) -> bool {
    ROWS.iter().any(|row| row.signature.name == name)
}

/// The names that a receiver has, sorted.
pub fn names_for(receiver: &Type) -> Vec<&'static str> {
    let mut names: Vec<_> =
        ROWS.iter().filter(|row| row.accepts(receiver).is_some()).map(|row| row.signature.name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The method of a name for a receiver. A property, which is written without parentheses, is found like a method; see
/// [`Typing::is_property`].
pub fn find(name: &str, receiver: &Type) -> Result<Typing, FindError> {
    let mut receivers = Vec::new();
    for row in ROWS.iter().filter(|row| row.signature.name == name) {
        if let Some(bound) = row.accepts(receiver) {
            return Ok(Typing { row, receiver: receiver.clone(), bound, given: Vec::new() });
        }
        receivers.push(row.signature.receiver.present().to_string());
    }
    Err(FindError { receivers })
}

/// Whether methods of this receiver compare without regard to ASCII case: it is an `email`, or a list of them.
pub fn folds(receiver: &Type) -> bool {
    match &receiver.kind {
        Kind::Email => true,
        Kind::List(element) => folds(element),
        _ => false,
    }
}

/// There is no such method for the receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindError {
    /// The receivers that the name has, as signatures write them; empty if no method has the name.
    pub receivers: Vec<String>,
}

/// An argument does not fit its parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeMismatch {
    /// Another type is wanted.
    Types {
        /// What is wanted.
        expected: String,
        /// What was given.
        found: String,
    },
    /// Something else; the fact.
    Sentence(String),
}

/// As a diagnostic's message.
impl fmt::Display for TypeMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TypeMismatch::Types { expected, found } => write!(f, "expected `{expected}`, found `{found}`"),
            TypeMismatch::Sentence(fact) => f.write_str(fact),
        }
    }
}

/// What it means that a lambda's body is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AbsentBody {
    /// Refused: [`Typing::argument`] gives an error.
    Refused,
    /// The element is left out, so the author says `?? omit`.
    LeavesOut,
    /// A condition that is unknown.
    Unknown,
}

/// A call while it is typed: for each argument in order [`Typing::param`], then [`Typing::argument`]; at the end
/// [`Typing::finish`].
#[derive(Clone)]
pub struct Typing {
    row: &'static Row,
    receiver: Type,
    bound: Bindings,
    given: Vec<Given>,
}

type Bindings = BTreeMap<char, Type>;

/// An argument as it was typed.
#[derive(Debug, Clone)]
pub(super) enum Given {
    Value(Type, Option<Value>),
    Lambda(Type),
    /// The names of its groups, that of the whole match first.
    Regex(Vec<Option<String>>),
}

impl Given {
    pub(super) fn ty(&self) -> Option<&Type> {
        match self {
            Given::Value(ty, _) | Given::Lambda(ty) => Some(ty),
            Given::Regex(_) => None,
        }
    }
}

/// What a function of `results` sees of a call.
pub(super) struct Typed<'a> {
    pub(super) receiver: &'a Type,
    pub(super) given: &'a [Given],
    /// The result by the signature, with all labels, without the absence that receiver and arguments pass on.
    pub(super) result: Type,
}

impl Typing {
    /// The row.
    pub fn builtin(&self) -> &'static Builtin {
        self.row.builtin
    }

    /// Whether it is written without parentheses.
    pub fn is_property(&self) -> bool {
        self.row.signature.property
    }

    /// The fewest and the most arguments; `None` for any number.
    pub fn arity(&self) -> (usize, Option<usize>) {
        let parameters = &self.row.signature.parameters;
        let repeated = parameters.iter().any(|p| p.repeated);
        (parameters.iter().filter(|p| !p.optional).count(), (!repeated).then_some(parameters.len()))
    }

    fn parameter(&self, index: usize) -> Option<&'static Parameter> {
        let parameters = &self.row.signature.parameters;
        parameters.get(index).or_else(|| parameters.last().filter(|p| p.repeated))
    }

    /// What the argument must be; `None` beyond the last one. Earlier arguments are typed before.
    pub fn param(&self, index: usize) -> Option<Param> {
        Some(match &self.parameter(index)?.kind {
            ParameterKind::Value(_) => Param::Value,
            ParameterKind::Lambda(from, _) => {
                Param::Lambda(self.instance(from).labelled(self.receiver.labels))
            }
            ParameterKind::Regex { .. } => Param::Regex,
            ParameterKind::Literal => Param::Literal,
        })
    }

    /// What it means that the body of the lambda at this position is absent.
    pub fn absent_body(&self, index: usize) -> AbsentBody {
        match self.parameter(index).map(|p| &p.kind) {
            Some(ParameterKind::Lambda(_, Pattern::Optional(to))) => match **to {
                Pattern::Scalar(Kind::Bool) => AbsentBody::Unknown,
                _ => AbsentBody::LeavesOut,
            },
            _ => AbsentBody::Refused,
        }
    }

    /// Prepares the regular expression that is the argument at this position: of `matches` it is about the whole
    /// value, of others it is searched for.
    ///
    /// # Errors
    /// What is wrong with it, as a message.
    pub fn compile_regex(&self, index: usize, pattern: &str) -> Result<Arc<Regex>, String> {
        match self.parameter(index).map(|p| &p.kind) {
            Some(ParameterKind::Regex { whole: true }) => compile_whole_regex(pattern),
            _ => compile_regex(pattern),
        }
    }

    /// Notes the type of an argument.
    ///
    /// # Errors
    /// It does not fit.
    pub fn argument(&mut self, index: usize, argument: Argument<'_>) -> Result<(), TypeMismatch> {
        let sentence = |fact: &str| Err(TypeMismatch::Sentence(fact.to_owned()));
        let Some(parameter) = self.parameter(index) else { return sentence("there is no such parameter") };
        let given = match (&parameter.kind, argument) {
            (ParameterKind::Regex { .. }, Argument::Regex(regex)) => {
                Given::Regex(regex.capture_names().map(|name| name.map(str::to_owned)).collect())
            }
            (ParameterKind::Literal, Argument::Value(ty, value)) => {
                if !ty.is_error() && value.and_then(Value::as_str).is_none() {
                    return sentence("a string literal is expected");
                }
                Given::Value(ty.clone(), value.cloned())
            }
            (ParameterKind::Value(pattern), Argument::Value(ty, value)) => {
                self.fit(pattern, ty)?;
                Given::Value(ty.clone(), value.cloned())
            }
            (ParameterKind::Lambda(_, to), Argument::Lambda(body)) => {
                if body.optional && !to.is_optional() && !body.is_error() {
                    return sentence("the value of this lambda may be absent");
                }
                self.fit(to.present(), body)?;
                Given::Lambda(body.clone())
            }
            (ParameterKind::Regex { .. }, _) => return sentence("a regular expression is expected"),
            (ParameterKind::Lambda(..), _) => return sentence("a lambda is expected"),
            (_, Argument::Lambda(_)) => return sentence("no lambda is expected here"),
            (_, Argument::Regex(_)) => return sentence("no regular expression is expected here"),
        };
        self.given.truncate(index);
        self.given.push(given);
        Ok(())
    }

    fn fit(&mut self, pattern: &Pattern, ty: &Type) -> Result<(), TypeMismatch> {
        let mut bound = self.bound.clone();
        if unify(pattern, &ty.clone().present(), &mut bound) {
            self.bound = bound;
            return Ok(());
        }
        let expected =
            if self.is_bound(pattern) { self.instance(pattern).to_string() } else { pattern.to_string() };
        Err(TypeMismatch::Types { expected, found: ty.to_string() })
    }

    /// Whether the call compares without regard to ASCII case: what it compares is an `email` or a list of them. That
    /// is what lambdas give where there are any (`group_by`), else receiver and arguments. Asked after the arguments.
    pub fn folds(&self) -> bool {
        let mut lambdas = self.given.iter().filter(|g| matches!(g, Given::Lambda(_))).peekable();
        match lambdas.peek() {
            Some(Given::Lambda(key)) => folds(key),
            _ => folds(&self.receiver) || self.given.iter().filter_map(Given::ty).any(folds),
        }
    }

    /// The type of the call.
    ///
    /// # Errors
    /// What the arguments cannot be together, as a message.
    pub fn finish(self) -> Result<Type, String> {
        if self.receiver.is_error() {
            return Ok(Type::error());
        }
        let signature = &self.row.signature;
        let mut ty = self.instance(&signature.result).labelled(self.labels());
        if let Some(refine) = self.row.builtin.result {
            ty = refine(&Typed { receiver: &self.receiver, given: &self.given, result: ty })?;
        }
        let passed = (self.receiver.optional && !signature.receiver.is_optional())
            || self.given.iter().any(|given| matches!(given, Given::Value(ty, _) if ty.optional));
        let optional = ty.optional || passed;
        Ok(ty.with_optional(optional))
    }

    /// The labels of the result as a whole.
    fn labels(&self) -> Labels {
        let signature = &self.row.signature;
        let has_lambda = signature.parameters.iter().any(|p| matches!(p.kind, ParameterKind::Lambda(..)));
        // Where parts stand in the result they bring their labels along; lambdas say what they take of each part.
        let deep = !has_lambda && !names_parts(&signature.result);
        let of = |ty: &Type| if deep { ty.all_labels() } else { ty.labels };
        let given = self.given.iter().enumerate().fold(Labels::NONE, |all, (i, given)| {
            all.or(match given {
                Given::Value(ty, _) => of(ty),
                Given::Lambda(body) => match self.parameter(i).map(|p| &p.kind) {
                    Some(ParameterKind::Lambda(_, to)) if names_parts(to) => Labels::NONE,
                    _ => body.all_labels(),
                },
                Given::Regex(_) => Labels::NONE,
            })
        });
        let compares = *signature.result.present() == Pattern::Scalar(Kind::Bool);
        let receiver = of(&self.receiver);
        if compares && !given.contains(Labels::UNTRUSTED) {
            return receiver.without(Labels::UNTRUSTED).or(given);
        }
        receiver.or(given)
    }

    /// Whether a pattern stands for one type by now.
    fn is_bound(&self, pattern: &Pattern) -> bool {
        match pattern {
            Pattern::Var(letter) => self.bound.contains_key(letter),
            Pattern::Scalar(_) | Pattern::Receiver => true,
            Pattern::Object | Pattern::OneOf(_) => false,
            Pattern::List(inner) | Pattern::Map(inner) | Pattern::Optional(inner) => self.is_bound(inner),
            Pattern::Record(members) => members.iter().all(|(_, p)| self.is_bound(p)),
        }
    }

    /// The type that a pattern stands for.
    fn instance(&self, pattern: &Pattern) -> Type {
        match pattern {
            Pattern::Var(letter) => self.bound.get(letter).cloned().unwrap_or_else(Type::error),
            Pattern::Scalar(kind) => Type::of(kind.clone()),
            Pattern::Object | Pattern::Receiver => self.receiver.clone().present(),
            Pattern::List(inner) => Type::list(self.instance(inner)),
            Pattern::Map(inner) => Type::map(self.instance(inner)),
            Pattern::Record(members) => {
                let members = members.iter().map(|(name, p)| (name.clone(), self.instance(p))).collect();
                Type::of(Kind::Record(Arc::new(Record { members, open: false })))
            }
            Pattern::OneOf(all) => all.first().map_or_else(Type::error, |first| self.instance(first)),
            Pattern::Optional(inner) => self.instance(inner).optional(),
        }
    }
}

impl fmt::Debug for Typing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.row.builtin.signature, self.receiver)
    }
}

impl Row {
    fn accepts(&self, receiver: &Type) -> Option<Bindings> {
        let mut bound = Bindings::new();
        let present = receiver.clone().present();
        unify(self.signature.receiver.present(), &present, &mut bound).then_some(bound)
    }
}

/// Whether a part of a receiver or argument stands in the pattern.
fn names_parts(pattern: &Pattern) -> bool {
    match pattern {
        Pattern::Var(_) | Pattern::Object | Pattern::Receiver => true,
        Pattern::Scalar(_) => false,
        Pattern::List(inner) | Pattern::Map(inner) | Pattern::Optional(inner) => names_parts(inner),
        Pattern::Record(members) => members.iter().any(|(_, p)| names_parts(p)),
        Pattern::OneOf(all) => all.iter().any(names_parts),
    }
}

/// Whether a type fits a pattern; binds its variables. Absence is not looked at.
fn unify(pattern: &Pattern, ty: &Type, bound: &mut Bindings) -> bool {
    if matches!(ty.kind, Kind::Error | Kind::Nothing) && !matches!(pattern, Pattern::Var(_)) {
        return true;
    }
    match pattern {
        Pattern::Var(letter) => {
            let ty = ty.clone().present();
            let joined = match bound.get(letter) {
                Some(before) => before.join(&ty),
                None => Some(ty),
            };
            match joined {
                Some(joined) => {
                    bound.insert(*letter, joined);
                    true
                }
                None => false,
            }
        }
        // Every text fits `email` in assignments; as a receiver only an email is one.
        Pattern::Scalar(Kind::Email) => ty.kind == Kind::Email,
        Pattern::Scalar(kind) => ty.kind.fits(kind),
        Pattern::Object => matches!(ty.kind, Kind::Map(_) | Kind::Record(_)),
        Pattern::List(inner) => matches!(&ty.kind, Kind::List(element) if unify(inner, element, bound)),
        Pattern::Map(inner) => match &ty.kind {
            Kind::Map(value) => unify(inner, value, bound),
            Kind::Record(record) => common(record).is_some_and(|value| unify(inner, &value, bound)),
            _ => false,
        },
        Pattern::OneOf(all) => all.iter().any(|pattern| unify(pattern, ty, bound)),
        Pattern::Optional(inner) => unify(inner, ty, bound),
        Pattern::Receiver | Pattern::Record(_) => false,
    }
}

/// What all members of a record have in common: their join, else `json`.
pub(super) fn common(record: &Record) -> Option<Type> {
    let labels = record.members.iter().fold(Labels::NONE, |all, (_, ty)| all.or(ty.labels));
    let start = Type::of(if record.open { Kind::Json } else { Kind::Nothing });
    let joined = record.members.iter().try_fold(start, |all, (_, ty)| all.join(ty));
    let json = || {
        let all = record.members.iter().fold(Labels::NONE, |all, (_, ty)| all.or(ty.all_labels()));
        let is_json = record.members.iter().all(|(_, ty)| ty.kind.is_json());
        is_json.then(|| Type::of(Kind::Json).labelled(all))
    };
    joined.or_else(json).map(|ty| ty.present().labelled(labels))
}

#[cfg(test)]
#[path = "typing_tests.rs"]
mod tests;
