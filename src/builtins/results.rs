//! Results that a signature cannot say.
//!
//! Each function gets the result by the signature, which has all labels, and makes it more precise; an error is a
//! message about the call as a whole.

#![expect(clippy::unnecessary_wraps, reason = "all rows' functions have one shape")]

use std::sync::Arc;

use super::patterns::Replacement;
use super::typing::{Given, Typed};
use super::{net, typing};
use crate::ty::{Kind, Labels, Record, Type};
use crate::value::Value;

/// A function of this module.
pub(super) type Refine = fn(&Typed<'_>) -> Result<Type, String>;

impl Typed<'_> {
    fn given_type(&self, index: usize) -> Option<&Type> {
        self.given.get(index).and_then(Given::ty)
    }

    fn literal(&self, index: usize) -> Option<&str> {
        match self.given.get(index) {
            Some(Given::Value(_, Some(Value::String(text)))) => Some(text),
            _ => None,
        }
    }

    fn literals(&self) -> impl Iterator<Item = &str> {
        (0..self.given.len()).filter_map(|i| self.literal(i))
    }

    fn groups(&self) -> Option<&[Option<String>]> {
        self.given.iter().find_map(|given| match given {
            Given::Regex(groups) => Some(groups.as_slice()),
            _ => None,
        })
    }

    /// Clears `untrusted` where every argument is free of it: the values were compared with trusted ones. Records, lists
    /// and `json` keep it, because only a part of them may have been compared.
    fn selected(&self, ty: &Type) -> Type {
        let trusted =
            |given: &Given| !given.ty().is_some_and(|ty| ty.all_labels().contains(Labels::UNTRUSTED));
        if self.given.is_empty() || !self.given.iter().all(trusted) {
            return ty.clone();
        }
        let clear = |ty: &Type| Type { labels: ty.labels.without(Labels::UNTRUSTED), ..ty.clone() };
        let is_scalar =
            |ty: &Type| !matches!(ty.kind, Kind::List(_) | Kind::Map(_) | Kind::Record(_) | Kind::Json);
        match &ty.kind {
            Kind::List(element) if is_scalar(element) => {
                clear(&Type { kind: Kind::List(Arc::new(clear(element))), ..*ty })
            }
            _ if is_scalar(ty) => clear(ty),
            _ => ty.clone(),
        }
    }
}

/// `any`, `all`: unknown where the condition may be.
pub(super) fn quantifier(call: &Typed<'_>) -> Result<Type, String> {
    let optional = call.given_type(0).is_some_and(|body| body.optional);
    Ok(call.result.clone().with_optional(optional))
}

/// `filter`, `first`, `last`: see [`Typed::selected`].
pub(super) fn selection(call: &Typed<'_>) -> Result<Type, String> {
    Ok(call.selected(&call.result))
}

/// `intersect`: what both lists may have.
pub(super) fn intersection(call: &Typed<'_>) -> Result<Type, String> {
    let (Kind::List(left), Some(Kind::List(right))) =
        (&call.receiver.kind, call.given_type(0).map(|ty| &ty.kind))
    else {
        return Ok(call.result.clone());
    };
    let exact = left.kind != Kind::Email && right.kind != Kind::Email;
    let kind = if exact && right.fits(left) { right.kind.clone() } else { left.kind.clone() };
    let element = Type { kind, ..(**left).clone() };
    let result = Type { kind: Kind::List(Arc::new(element)), ..call.result.clone() };
    Ok(call.selected(&result))
}

/// `difference`: what the left list may have.
pub(super) fn difference(call: &Typed<'_>) -> Result<Type, String> {
    Ok(Type { kind: call.receiver.kind.clone(), ..call.result.clone() })
}

/// `sort`: without a key, elements must have an order.
pub(super) fn sorted(call: &Typed<'_>) -> Result<Type, String> {
    if let (true, Kind::List(element)) = (call.given.is_empty(), &call.receiver.kind) {
        let ordered = element.kind.is_text()
            || element.kind.is_numeric()
            || matches!(
                element.kind,
                Kind::Bool | Kind::Timestamp | Kind::Duration | Kind::Error | Kind::Nothing
            );
        if !ordered {
            return Err(format!("values of type `{element}` have no order, so `sort` needs a key"));
        }
    }
    Ok(call.result.clone())
}

/// `split`: the separator is not empty.
pub(super) fn separated(call: &Typed<'_>) -> Result<Type, String> {
    if call.literal(0) == Some("") {
        return Err("the separator is empty".to_owned());
    }
    Ok(call.result.clone())
}

/// `in_cidr`: a range that is known must be one.
pub(super) fn in_range(call: &Typed<'_>) -> Result<Type, String> {
    match call.literal(0) {
        Some(range) if net::parse_range(range).is_none() => {
            Err(format!("`{range}` is not an address range such as `10.0.0.0/8` or `2001:db8::/32`"))
        }
        _ => Ok(call.result.clone()),
    }
}

/// `captures`: a record of the named groups, else a list of all groups.
pub(super) fn captures(call: &Typed<'_>) -> Result<Type, String> {
    let Some(groups) = call.groups() else { return Ok(Type::error()) };
    let text = Type::of(Kind::String).labelled(call.result.labels);
    let named: Vec<(Arc<str>, Type)> =
        groups.iter().flatten().map(|name| (name.as_str().into(), text.clone())).collect();
    let kind = match (groups.len(), named.is_empty()) {
        (0 | 1, _) => return Err("the regular expression has no group".to_owned()),
        (_, true) => Kind::List(Arc::new(text)),
        (_, false) => Kind::Record(Arc::new(Record { members: named, open: false })),
    };
    Ok(Type { kind, ..call.result.clone() })
}

/// `regex_replace`: the groups that the replacement names exist.
pub(super) fn replaced(call: &Typed<'_>) -> Result<Type, String> {
    let (Some(groups), Some(text)) = (call.groups(), call.literal(1)) else { return Ok(call.result.clone()) };
    let replacement = Replacement::parse(text);
    match replacement.unknown(groups) {
        Some(group) => Err(format!("the regular expression has no group `${group}`")),
        None => Ok(call.result.clone()),
    }
}

/// `get`: a known member of a record has its own type.
pub(super) fn member(call: &Typed<'_>) -> Result<Type, String> {
    let (Kind::Record(record), Some(name)) = (&call.receiver.kind, call.literal(0)) else {
        return Ok(call.result.clone());
    };
    match record.member(name) {
        Some(ty) => Ok(ty.clone().labelled(call.receiver.labels)),
        None if record.open => Ok(unlisted(call)),
        None => Err(format!("the record has no member `{name}`")),
    }
}

/// A member that an open record may have beyond its known ones.
fn unlisted(call: &Typed<'_>) -> Type {
    Type::of(Kind::Json).optional().labelled(call.receiver.labels)
}

/// `pick`: only these members.
pub(super) fn picked(call: &Typed<'_>) -> Result<Type, String> {
    let Kind::Record(record) = &call.receiver.kind else { return Ok(call.result.clone()) };
    known(record, call)?;
    let mut members: Vec<_> =
        record.members.iter().filter(|(name, _)| call.literals().any(|l| l == &**name)).cloned().collect();
    let others: Vec<Arc<str>> =
        call.literals().filter(|name| record.member(name).is_none()).map(Arc::from).collect();
    for name in others {
        if !members.iter().any(|(known, _)| *known == name) {
            members.push((name, unlisted(call)));
        }
    }
    Ok(Type { kind: Kind::Record(Arc::new(Record { members, open: false })), ..call.result.clone() })
}

/// `without`: all other members.
pub(super) fn rest(call: &Typed<'_>) -> Result<Type, String> {
    let Kind::Record(record) = &call.receiver.kind else { return Ok(call.result.clone()) };
    known(record, call)?;
    let members =
        record.members.iter().filter(|(name, _)| !call.literals().any(|l| l == &**name)).cloned().collect();
    Ok(Type { kind: Kind::Record(Arc::new(Record { members, open: record.open })), ..call.result.clone() })
}

/// A closed record must have the members that are named.
fn known(record: &Record, call: &Typed<'_>) -> Result<(), String> {
    match call.literals().find(|name| !record.open && record.member(name).is_none()) {
        Some(name) => Err(format!("the record has no member `{name}`")),
        None => Ok(()),
    }
}

/// `map_values`: a closed record keeps its members.
pub(super) fn mapped(call: &Typed<'_>) -> Result<Type, String> {
    let (Kind::Record(record), Some(body)) = (&call.receiver.kind, call.given_type(0)) else {
        return Ok(call.result.clone());
    };
    if record.open {
        return Ok(call.result.clone());
    }
    let member = |(name, ty): &(Arc<str>, Type)| {
        (name.clone(), body.clone().with_optional(body.optional || ty.optional))
    };
    let members = record.members.iter().map(member).collect();
    Ok(Type { kind: Kind::Record(Arc::new(Record { members, open: false })), ..call.result.clone() })
}

/// `merge`: of two records the members of both, else a map of what all values have in common.
pub(super) fn merged(call: &Typed<'_>) -> Result<Type, String> {
    let Some(other) = call.given_type(0) else { return Ok(call.result.clone()) };
    let kind = match (&call.receiver.kind, &other.kind) {
        (Kind::Error, _) | (_, Kind::Error) => Kind::Error,
        (Kind::Record(left), Kind::Record(right)) => Kind::Record(Arc::new(merge(left, right)?)),
        (left, right) => {
            let value = |kind: &Kind| match kind {
                Kind::Map(value) => Some((**value).clone()),
                Kind::Record(record) => typing::common(record),
                _ => Some(Type::of(Kind::Nothing)),
            };
            let joined = value(left).zip(value(right)).and_then(|(a, b)| either(&a, &b));
            let message = || format!("`{}` and `{other}` have no values in common", call.receiver);
            Kind::Map(Arc::new(joined.ok_or_else(message)?.present()))
        }
    };
    Ok(Type { kind, ..call.result.clone() })
}

/// What is one or the other: the join, else `json`.
fn either(a: &Type, b: &Type) -> Option<Type> {
    a.join(b).or_else(|| {
        (a.kind.is_json() && b.kind.is_json()).then(|| Type {
            kind: Kind::Json,
            optional: a.optional || b.optional,
            labels: a.all_labels().or(b.all_labels()),
        })
    })
}

fn merge(left: &Record, right: &Record) -> Result<Record, String> {
    let json = Type::of(Kind::Json);
    let mut members = Vec::new();
    for (name, ty) in &left.members {
        let merged = match right.member(name) {
            Some(over) if !over.optional => Some(over.clone()),
            Some(over) => either(ty, over).map(|both| both.with_optional(ty.optional)),
            None if right.open => either(ty, &json).map(|both| both.with_optional(ty.optional)),
            None => Some(ty.clone()),
        };
        members
            .push((name.clone(), merged.ok_or_else(|| format!("the types of `{name}` do not go together"))?));
    }
    for (name, ty) in right.members.iter().filter(|(name, _)| left.member(name).is_none()) {
        let merged = if left.open && ty.optional { either(ty, &json) } else { Some(ty.clone()) };
        members
            .push((name.clone(), merged.ok_or_else(|| format!("the types of `{name}` do not go together"))?));
    }
    Ok(Record { members, open: left.open || right.open })
}
