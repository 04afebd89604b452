//! The parts of a request to the attributes that a policy reads.
//!
//! Only what is read is decoded: a path is followed through the declared shapes, and its end is checked.

use std::sync::Arc;

use super::{Evaluation, codes};
use crate::catalog::{Catalog, Root};
use crate::ir::SlotId;
use crate::request::Request;
use crate::ty::decode::{Mismatch, Undeclared, decode, decode_map_element};
use crate::ty::{Shape, ShapeKind};
use crate::value::{Failure, Object, Outcome, Value};

/// The value of a slot. A source of external data that failed reads as absent here; `demand` reports it.
pub(super) fn slot(evaluation: &Evaluation<'_>, id: SlotId) -> Result<Outcome, Failure> {
    let Some(slot) = evaluation.unit.slots.get(id.index()) else {
        return Ok(Outcome::Absent);
    };
    if slot.root == Root::User && !evaluation.has_user() {
        return Ok(Outcome::NoUser);
    }
    if slot.root == Root::External
        && let Some(source) = slot.path.first()
        && evaluation.has_failed(source)
    {
        return Ok(Outcome::Absent);
    }
    if slot.root == Root::Now && evaluation.request.now().is_none() {
        let message = "the policy reads `now`, which the request does not give".to_owned();
        return Err(Failure { code: codes::TIME_NOT_GIVEN.code, message });
    }
    let Some(shape) = evaluation.unit.catalog.input(slot.root) else {
        return Ok(Outcome::Absent);
    };
    along(root(evaluation, slot.root), shape, &slot.path).map(Outcome::from_option).map_err(|unfit| {
        let mut name = slot.root.as_str().to_owned();
        for member in slot.path.iter().take(unfit.depth) {
            name.push('.');
            name.push_str(member);
        }
        Failure { code: codes::UNFIT_ATTRIBUTE.code, message: unfit.mismatch.discreet(&name) }
    })
}

/// What does not fit, and how many members of the path lead there.
pub(crate) struct Unfit {
    mismatch: Mismatch,
    depth: usize,
}

/// What a path leads to from a root of this shape.
pub(crate) fn along(root: Option<Value>, shape: &Shape, path: &[Arc<str>]) -> Result<Option<Value>, Unfit> {
    let mut place = Place::declared(root, shape).map_err(|mismatch| Unfit { mismatch, depth: 0 })?;
    for (depth, member) in path.iter().enumerate() {
        place = place
            .step(member)
            .map_err(|(mismatch, below)| Unfit { mismatch, depth: depth + usize::from(below) })?;
    }
    place.read().map_err(|mismatch| Unfit { mismatch, depth: path.len() })
}

/// What a path reads as where the root and so many of its members are there, and no more: `None` where that is an error.
#[expect(clippy::option_option, reason = "absent is one answer, an error another")]
pub(crate) fn missing_from(shape: &Shape, path: &[Arc<str>], found: usize) -> Option<Option<Value>> {
    let mut shape = shape;
    for member in path.iter().take(found.saturating_sub(1)) {
        let ShapeKind::Record(record) = &shape.kind else { return None };
        shape = record.member(member)?;
    }
    let mut rest = path.iter().skip(found.saturating_sub(1));
    if found > 0 {
        let ShapeKind::Record(record) = &shape.kind else { return None };
        shape = record.member(rest.next()?)?;
    }
    let mut place = Place::declared(None, shape).ok()?;
    for member in rest {
        place = place.step(member).ok()?;
    }
    place.read().ok()
}

/// Whether some source of external data failed.
pub(crate) fn has_failed_source(external: Option<&Value>) -> bool {
    external.and_then(Value::as_object).is_some_and(|sources| sources.values().any(is_failed))
}

/// Where a path has led: a value that is not decoded yet and the shape that is declared for it.
enum Place<'s> {
    /// Nothing.
    Absent,
    /// A value at a declared place.
    Declared(Value, &'s Shape),
    /// The value of a key of a map.
    Element(Value, &'s Shape),
    /// A member that an open record does not declare: any JSON, null included.
    Free(Value),
}

impl<'s> Place<'s> {
    /// A declared part that may be missing or null.
    fn declared(value: Option<Value>, shape: &'s Shape) -> Result<Self, Mismatch> {
        match value.filter(|value| !matches!(value, Value::Null)) {
            Some(value) => Ok(Place::Declared(value, shape)),
            None if shape.default.is_none() && !shape.optional && shape.reads_as_empty() => {
                Ok(Place::Declared(Value::object(Object::new()), shape))
            }
            None => match &shape.default {
                Some(default) => Ok(Place::Declared(default.clone(), shape)),
                None if shape.optional => Ok(Place::Absent),
                None => Err(Mismatch::missing()),
            },
        }
    }

    /// The place of a member. A mismatch tells whether it is about the member (`true`) or what holds it.
    fn step(self, member: &Arc<str>) -> Result<Self, (Mismatch, bool)> {
        let (value, shape) = match self {
            Place::Absent => return Ok(Place::Absent),
            Place::Free(value) => return Ok(value.get(member).cloned().map_or(Place::Absent, Place::Free)),
            Place::Declared(value, shape) | Place::Element(value, shape) => (value, shape),
        };
        if matches!(value, Value::Null) {
            // Only values of keys can be null here; the one that is read tells whether that is allowed.
            return decode_map_element(&value, shape).map(|_| Place::Absent).map_err(|m| (m, false));
        }
        let Some(members) = value.as_object() else {
            return Err((Mismatch::new("is not an object"), false));
        };
        let found = members.get(member).cloned();
        match &shape.kind {
            ShapeKind::Record(record) => match (record.member(member), found) {
                (Some(shape), found) => Place::declared(found, shape).map_err(|mismatch| (mismatch, true)),
                (None, Some(value)) if record.open => Ok(Place::Free(value)),
                (None, _) => Ok(Place::Absent),
            },
            ShapeKind::Map(element) => {
                Ok(found.map_or(Place::Absent, |value| Place::Element(value, element)))
            }
            _ => Ok(found.map_or(Place::Absent, Place::Free)),
        }
    }

    fn read(self) -> Result<Option<Value>, Mismatch> {
        match self {
            Place::Absent => Ok(None),
            Place::Declared(value, shape) => decode(&value, shape, Undeclared::LeftOut).map(Some),
            Place::Element(value, shape) => decode_map_element(&value, shape),
            Place::Free(value) => decode(&value, &Shape::of(ShapeKind::Json), Undeclared::LeftOut).map(Some),
        }
    }
}

/// A root as the request and the catalog give it, and as the policy has settled it; `None` where there is nothing.
fn root(evaluation: &Evaluation<'_>, root: Root) -> Option<Value> {
    match root {
        Root::Client => Some(
            evaluation.client.get_or_init(|| client(&evaluation.unit.catalog, evaluation.request)).clone(),
        ),
        Root::Config => Some(
            evaluation.config.get_or_init(|| config(&evaluation.unit.catalog, evaluation.request)).clone(),
        ),
        Root::Audience => evaluation.audience.get().map(|ids| strings(ids)),
        Root::Scopes => evaluation.scopes.get().map(|scopes| strings(scopes)),
        _ => given(&evaluation.unit.catalog, evaluation.request, root),
    }
}

/// A root as policies see it before any has settled audience and scopes, against a shape for the whole of it.
#[cfg(feature = "compiler")]
pub(crate) fn whole(
    catalog: &Catalog,
    request: &Request,
    root: Root,
    shape: &Shape,
) -> Result<Option<Value>, Mismatch> {
    Place::declared(given(catalog, request, root), shape)?.read()
}

/// A root as the request and the catalog give it.
fn given(catalog: &Catalog, request: &Request, root: Root) -> Option<Value> {
    match root {
        Root::Grant => Some(Value::from(request.grant().as_str())),
        Root::Client => Some(client(catalog, request)),
        Root::Audience => Some(strings(&super::stages::seen(catalog, request.audience()))),
        Root::Scopes => Some(strings(request.scopes())),
        Root::Requested => Some(requested(catalog, request)),
        Root::Original => original(catalog, request),
        Root::User => request.user().cloned(),
        Root::Connection => request.connection().cloned(),
        Root::Organization => request.organization().cloned(),
        Root::Session => Some(or_empty(request.session())),
        Root::Actor => request.actor().cloned(),
        Root::Request => Some(or_empty(request.http())),
        Root::External => Some(without_failed(or_empty(request.external()))),
        Root::Config => Some(config(catalog, request)),
        Root::Now => request.now().map(Value::int),
    }
}

/// What is not tied to a sign-in: where the request does not have it, every member is missing.
fn or_empty(object: Option<&Value>) -> Value {
    object.cloned().unwrap_or_else(|| Value::object(Object::new()))
}

fn strings(texts: &[Arc<str>]) -> Value {
    Value::list(texts.iter().cloned().map(Value::String).collect())
}

fn object(members: impl IntoIterator<Item = (&'static str, Option<Value>)>) -> Value {
    let present = members.into_iter().filter_map(|(name, value)| Some((Arc::from(name), value?)));
    Value::object(present.collect())
}

/// What claims.yaml states about a listed client; about any other, what the request says.
fn client(catalog: &Catalog, request: &Request) -> Value {
    let client = request.client();
    let (name, confidential, metadata) = match catalog.client(client.id()) {
        Some(listed) => (listed.name.as_ref(), listed.confidential, Some(&listed.metadata)),
        None => (client.name(), client.confidential(), client.metadata()),
    };
    object([
        ("id", Some(Value::String(client.id().clone()))),
        ("name", name.cloned().map(Value::String)),
        ("confidential", confidential.map(Value::Bool)),
        ("metadata", metadata.cloned()),
    ])
}

fn requested(catalog: &Catalog, request: &Request) -> Value {
    let requested = request.requested();
    let audience: Vec<_> = super::stages::seen(catalog, &requested.audience);
    object([("audience", Some(strings(&audience))), ("scopes", Some(strings(&requested.scopes)))])
}

fn original(catalog: &Catalog, request: &Request) -> Option<Value> {
    let original = request.original()?;
    let audience = original.audience.as_ref().map(|ids| super::stages::seen(catalog, ids));
    Some(object([
        ("grant", original.grant.map(|grant| Value::from(grant.as_str()))),
        ("audience", audience.map(|ids| strings(&ids))),
        ("scopes", original.scopes.as_ref().map(|scopes| strings(scopes))),
    ]))
}

/// Constants of the catalog; those of the request replace them.
fn config(catalog: &Catalog, request: &Request) -> Value {
    let mut members: Object = catalog
        .config
        .iter()
        .filter_map(|(name, constant)| Some((name.clone(), constant.value.clone()?)))
        .collect();
    if let Some(given) = request.config().and_then(Value::as_object) {
        members.extend(given.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    Value::object(members)
}

/// Whether a source of external data says that it failed: `{"$failed": "reason"}`.
pub(super) fn is_failed(value: &Value) -> bool {
    value.get("$failed").is_some()
}

/// The sources of external data without those that failed.
fn without_failed(external: Value) -> Value {
    match external.as_object() {
        Some(sources) if sources.values().any(is_failed) => {
            let present = sources.iter().filter(|(_, value)| !is_failed(value));
            Value::object(present.map(|(name, value)| (name.clone(), value.clone())).collect())
        }
        _ => external,
    }
}

#[cfg(test)]
mod tests;
