//! What has been decided about a request to a request, and a request to a smaller one.
//!
//! What is free is left out where that is possible and gets a readable value where it is not. Before a request is
//! given, it is read as the evaluator reads it and compared with the choices, so callers need not trust the writing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::atom::Path;
use crate::catalog::{Catalog, Root};
use crate::request::Request;
use crate::standard::Grant;
use crate::ty::{RecordShape, Shape, ShapeKind};
use crate::value::{Object, Value};

mod fill;
mod invent;
mod read_back;
mod shrink;
mod vary;
mod wanted;

use fill::{Base, Fill};
pub use shrink::shrink;
pub use vary::near;
use wanted::{Wanted, by_root};

/// What has been decided about a request; everything else is free.
#[derive(Debug, Clone)]
pub struct Choices {
    /// The grant.
    pub grant: Grant,
    /// The id of the client, listed in the catalog or not.
    pub client: Arc<str>,
    /// The ids of the member `audience`, each once.
    pub audience: Vec<Arc<str>>,
    /// The ids of `requested.audience`, each once; `None`: the same as `audience`.
    pub requested_audience: Option<Vec<Arc<str>>>,
    /// Whether there is a user.
    pub user: bool,
    /// The sources of external data that failed. What is chosen below them counts for nothing.
    pub failed: BTreeSet<Arc<str>>,
    /// What stands at a path that starts at a root, as policies see it (times and durations are whole seconds), or
    /// that nothing does. What is below another path refines it, and a value below makes what holds it present,
    /// whatever is chosen for that. Counts for nothing at `grant`, `audience`, `requested.audience` and `client.id`,
    /// at `user` without a user, at a listed client, and at constants that the catalog binds.
    pub values: BTreeMap<Path, Option<Value>>,
}

/// The time of requests about which no time is chosen.
const NOON: &str = "2026-01-01T12:00:00Z";

/// A request as JSON that conforms to the shapes of the catalog and has these choices; `None` where there is none.
/// Whether client, grant, audience and scopes may go together is not asked.
pub fn request(catalog: &Catalog, choices: &Choices) -> Option<Value> {
    let wanted = by_root(catalog, choices)?;
    let mut assembly = Assembly { catalog, choices, wanted: &wanted, fill: Fill::new(catalog, choices) };
    let json = assembly.request();
    let request = Request::from_value(&json).ok()?;
    read_back::has(catalog, choices, &wanted, &request).then_some(json)
}

/// Puts a request together.
struct Assembly<'a> {
    catalog: &'a Catalog,
    choices: &'a Choices,
    wanted: &'a BTreeMap<Root, Wanted<'a>>,
    fill: Fill<'a>,
}

impl Assembly<'_> {
    fn request(&mut self) -> Value {
        let choices = self.choices;
        let mut members = Object::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                members.insert(name.into(), value);
            }
        };
        put("grant", Some(Value::from(choices.grant.as_str())));
        put("client", Some(self.client()));
        put("audience", (!choices.audience.is_empty()).then(|| words(&choices.audience)));
        put("scopes", self.scopes(Root::Scopes));
        put("requested", self.requested());
        put("original", self.root(Root::Original));
        if choices.user {
            let user = self.root(Root::User);
            put("user", Some(user.unwrap_or_else(|| Value::object(Object::new()))));
        }
        for root in [Root::Connection, Root::Organization, Root::Session, Root::Actor, Root::Request] {
            put(root.as_str(), self.root(root));
        }
        put("external", self.external());
        put("config", self.config());
        let is_free = self.wanted(Root::Now).says_nothing();
        put("now", if is_free { Some(Value::from(NOON)) } else { self.root(Root::Now) });
        Value::object(members)
    }

    fn wanted(&self, root: Root) -> &Wanted<'_> {
        self.wanted.get(&root).unwrap_or(&wanted::NOTHING)
    }

    /// A root as the catalog declares it.
    fn root(&mut self, root: Root) -> Option<Value> {
        self.shaped(root, self.catalog.input(root)?, None)
    }

    fn shaped(&mut self, root: Root, shape: &Shape, base: Option<Base<'_>>) -> Option<Value> {
        let wanted = self.wanted.get(&root).unwrap_or(&wanted::NOTHING);
        self.fill.root(root, shape, wanted, base)
    }

    /// A listed client is its id; the catalog says everything else.
    fn client(&mut self) -> Value {
        let id = Value::String(self.choices.client.clone());
        let shape = self.catalog.input(Root::Client);
        let Some(shape) = shape.filter(|_| self.catalog.client(&self.choices.client).is_none()) else {
            return id;
        };
        let base = Value::object([(Arc::from("id"), id.clone())].into_iter().collect());
        match self.shaped(Root::Client, shape, Some(Base::chosen(&base))) {
            Some(Value::Object(members)) if members.len() > 1 => Value::Object(members),
            _ => id,
        }
    }

    /// Scopes are left out where nothing is chosen, though their shape is no optional one.
    fn scopes(&mut self, root: Root) -> Option<Value> {
        if self.wanted(root).says_nothing() { None } else { self.root(root) }
    }

    fn requested(&mut self) -> Option<Value> {
        let mut members = Object::new();
        if let Some(audience) = &self.choices.requested_audience {
            members.insert("audience".into(), words(audience));
        }
        if let Some(Value::Object(asked)) = self.scopes(Root::Requested)
            && let Some(scopes) = asked.get("scopes")
        {
            members.insert("scopes".into(), scopes.clone());
        }
        (!members.is_empty()).then(|| Value::object(members))
    }

    fn external(&mut self) -> Option<Value> {
        let failed = &self.choices.failed;
        let shape = without(self.catalog.input(Root::External)?, |name| failed.contains(name));
        let external = self.shaped(Root::External, &shape, None);
        if failed.is_empty() {
            return external;
        }
        let mut sources = external.as_ref().and_then(Value::as_object).cloned().unwrap_or_default();
        for source in failed {
            let failure = [(Arc::from("$failed"), Value::from("unavailable"))];
            sources.insert(source.clone(), Value::object(failure.into_iter().collect()));
        }
        Some(Value::object(sources))
    }

    /// The constants that the catalog leaves open.
    fn config(&mut self) -> Option<Value> {
        let shape = without(self.catalog.input(Root::Config)?, |name| is_bound(self.catalog, name));
        self.shaped(Root::Config, &shape, None)
    }
}

/// Whether the catalog has the value of a constant.
fn is_bound(catalog: &Catalog, constant: &str) -> bool {
    catalog.config.get(constant).is_some_and(|constant| constant.value.is_some())
}

/// The same record without some of its members.
fn without(shape: &Shape, is_left_out: impl Fn(&str) -> bool) -> Shape {
    let ShapeKind::Record(record) = &shape.kind else {
        return shape.clone();
    };
    let members = record.members.iter().filter(|(name, _)| !is_left_out(name)).cloned().collect();
    let record = RecordShape { members, open: record.open };
    Shape { kind: ShapeKind::Record(Arc::new(record)), ..shape.clone() }
}

/// A list of ids; a single one stands by itself.
fn words(ids: &[Arc<str>]) -> Value {
    match ids {
        [id] => Value::String(id.clone()),
        ids => Value::list(ids.iter().cloned().map(Value::String).collect()),
    }
}

#[cfg(test)]
mod tests;
