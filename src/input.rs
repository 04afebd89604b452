//! A token request that borrows from the host's own data: what is asked for, and attributes that are read when a policy
//! demands them.
//!
//! A host that has its users in structs, in JSON or in a database row hands out references; nothing is copied into a
//! tree first. [`Request`](crate::Request) is one such input.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::catalog::Root;
use crate::standard::Grant;
use crate::value::{Number, Object, Value, member};

mod field;
mod json_text;
#[cfg(feature = "serde_json")]
mod json_value;
mod kind;
mod request;
#[cfg(test)]
mod testing;
mod texts;

#[cfg(feature = "derive")]
pub use claimsc_derive::{Attributes, Roots};
pub(crate) use field::LACKING;
#[doc(hidden)]
pub use field::record;
pub use field::{Field, Form, Member, Roots, Way};
pub use json_text::{JsonBuffer, JsonReader, JsonText, JsonTextRequest};
#[cfg(feature = "serde_json")]
pub use json_value::{JsonAttributes, JsonRequest};
pub(crate) use texts::MANY;
pub use texts::Texts;

/// What is asked for: who wants a token, by what grant, for whom. Attributes are an [`Input`].
///
/// ```
/// use claimsc::input::Asked;
/// use claimsc::standard::Grant;
///
/// let audience = ["https://api.acme.example"];
/// let asked = Asked::new(Grant::ClientCredentials, "m2m-77").audience(&audience);
/// assert_eq!(asked.client, "m2m-77");
/// assert!(asked.scopes.is_empty());
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Asked<'a> {
    /// How the token is asked for.
    pub grant: Grant,
    /// The client id; not empty.
    pub client: &'a str,
    /// Ids of the audiences, the issuer's own endpoints included; none of them empty.
    pub audience: Texts<'a>,
    /// Granted scopes (RFC 6749 section 3.3).
    pub scopes: Texts<'a>,
    /// The audience that was asked for, before the host changed it; `None`: the same.
    pub requested_audience: Option<Texts<'a>>,
    /// The scopes that were asked for, before the host changed them; `None`: the same.
    pub requested_scopes: Option<Texts<'a>>,
    /// What a refresh or token exchange starts from.
    pub original: Option<Original<'a>>,
    /// The time of the request in seconds since 1970.
    pub now: Option<i64>,
}

/// What the first grant of a refresh had, or the exchanged token carried; `None` where the host does not tell.
#[derive(Debug, Clone, Copy, Default)]
pub struct Original<'a> {
    /// The grant.
    pub grant: Option<Grant>,
    /// Ids of audiences.
    pub audience: Option<Texts<'a>>,
    /// Scopes.
    pub scopes: Option<Texts<'a>>,
}

impl<'a> Asked<'a> {
    /// A token for a client, for no audience and without scopes.
    pub fn new(grant: Grant, client: &'a str) -> Self {
        Asked {
            grant,
            client,
            audience: Texts::default(),
            scopes: Texts::default(),
            requested_audience: None,
            requested_scopes: None,
            original: None,
            now: None,
        }
    }

    /// The same for these audiences.
    #[must_use]
    pub fn audience(self, ids: impl Into<Texts<'a>>) -> Self {
        Asked { audience: ids.into(), ..self }
    }

    /// The same with these scopes.
    #[must_use]
    pub fn scopes(self, scopes: impl Into<Texts<'a>>) -> Self {
        Asked { scopes: scopes.into(), ..self }
    }

    /// The same at a time, in seconds since 1970.
    #[must_use]
    pub fn now(self, seconds: i64) -> Self {
        Asked { now: Some(seconds), ..self }
    }

    /// Whether nothing is said of what was asked for before, or first.
    #[inline]
    pub(crate) fn is_alone(&self) -> bool {
        self.requested_audience.is_none() && self.requested_scopes.is_none() && self.original.is_none()
    }

    /// The same with what a refresh or token exchange starts from.
    #[must_use]
    pub fn original(self, original: Original<'a>) -> Self {
        Asked { original: Some(original), ..self }
    }
}

/// An attribute that a policy reads: a path from a root on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its position among the attributes that the policy reads; a host may keep a table by it.
    pub index: usize,
    /// `user`, `connection`, `organization`, `session`, `actor`, `request` (the HTTP request), `external`, or `client`
    /// for what the request says of a client that claims.yaml does not list.
    pub root: Root,
    /// Names of members from there on; empty for the whole root.
    pub path: Vec<Arc<str>>,
}

/// Where attributes come from.
///
/// An implementation gives the same answers as often as it is asked, and lets [`Input::whole`] say the same as
/// [`Input::read`].
pub trait Input {
    /// Whether the request has this root at all. Only [`Root::User`], [`Root::Actor`], [`Root::Client`] (does it describe
    /// the client beyond its id) and [`Root::Config`] (does it replace constants) are asked for.
    fn has(&self, root: Root) -> bool;

    /// One attribute, as it is: claimsc tests it against claims.yaml.
    fn read(&self, attribute: &Attribute) -> Reading<'_>;

    /// The whole of a root, an object; `None` where the request has none. Asked for where a request needs more than
    /// single attributes, as when an error has to be explained.
    fn whole(&self, root: Root) -> Option<Value>;
}

/// What an input knows of an attribute, or of an element of a list.
#[derive(Clone, Copy)]
pub enum Reading<'a> {
    /// It is not there, or null.
    Missing {
        /// How many are there of the root and the members of the path: 0 where the request has no such root.
        found: usize,
    },
    /// A Boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Text.
    Text(&'a str),
    /// A list.
    Items(Items<'a>),
    /// A value of claimsc's own kind, of any sort.
    Value(&'a Value),
    /// Something else, or a step of the path that is no object: [`Input::whole`] tells.
    Other,
}

/// The elements of a list.
#[derive(Clone, Copy)]
pub struct Items<'a> {
    lists: &'a dyn Lists,
    number: usize,
}

impl<'a> Items<'a> {
    /// A list that stands by itself.
    pub fn of(list: &'a dyn Lists) -> Self {
        Items { lists: list, number: 0 }
    }

    /// One of several lists.
    pub fn numbered(lists: &'a dyn Lists, number: usize) -> Self {
        Items { lists, number }
    }

    /// Whether both are the same list in the same place.
    pub(crate) fn is_same(self, other: Items<'_>) -> bool {
        std::ptr::addr_eq(self.lists, other.lists) && self.number == other.number
    }

    /// How many there are.
    pub fn count(self) -> usize {
        self.lists.count(self.number)
    }

    /// The elements as texts, if the host has them so.
    #[inline]
    pub fn texts(self) -> Option<Texts<'a>> {
        self.lists.texts(self.number)
    }

    /// Visits one after the other until the visitor breaks; elements live as long as the list. Null is
    /// [`Reading::Missing`].
    pub fn each(self, visit: &mut dyn FnMut(Reading<'a>) -> ControlFlow<()>) -> ControlFlow<()> {
        self.lists.each(self.number, visit)
    }
}

/// Holds a list, or several that it knows by number.
pub trait Lists: Sync {
    /// How many elements the list has.
    fn count(&self, number: usize) -> usize;

    /// Visits one after the other until the visitor breaks. Null is [`Reading::Missing`].
    fn each<'a>(
        &'a self,
        number: usize,
        visit: &mut dyn FnMut(Reading<'a>) -> ControlFlow<()>,
    ) -> ControlFlow<()>;

    /// The elements of a list that has nothing but texts, in one piece: what [`Lists::each`] visits, by a shorter way.
    fn texts(&self, number: usize) -> Option<Texts<'_>> {
        let _ = number;
        None
    }
}

impl Reading<'_> {
    /// The value, copied; `None` where it is missing or, as of an element of a list, only [`Input::whole`] can tell.
    pub fn to_value(self) -> Option<Value> {
        Some(match self {
            Reading::Missing { .. } | Reading::Other => return None,
            Reading::Bool(value) => Value::Bool(value),
            Reading::Int(value) => Value::Number(Number::from(value)),
            Reading::Text(text) => Value::from(text),
            Reading::Items(items) => {
                let mut values = Vec::with_capacity(items.count());
                let all = items.each(&mut |item| {
                    match (item, item.to_value()) {
                        (_, Some(value)) => values.push(value),
                        (Reading::Missing { .. }, None) => values.push(Value::Null),
                        (_, None) => return ControlFlow::Break(()),
                    }
                    ControlFlow::Continue(())
                });
                if all.is_break() {
                    return None;
                }
                Value::list(values)
            }
            Reading::Value(value) => value.clone(),
        })
    }
}

/// Never shows a value.
impl fmt::Debug for Reading<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reading::Missing { .. } => "missing",
            Reading::Bool(_) => "a boolean",
            Reading::Int(_) => "a whole number",
            Reading::Text(_) => "text",
            Reading::Items(_) => "a list",
            Reading::Value(_) => "a value",
            Reading::Other => "something else",
        })
    }
}

/// No attributes: for machines.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoAttributes;

impl Input for NoAttributes {
    fn has(&self, _: Root) -> bool {
        false
    }

    fn read(&self, _: &Attribute) -> Reading<'_> {
        Reading::Missing { found: 0 }
    }

    fn whole(&self, _: Root) -> Option<Value> {
        None
    }
}

/// Follows a path through an object of claimsc's own kind.
fn follow<'a>(mut members: &'a Object, path: &[Arc<str>]) -> Reading<'a> {
    let mut steps = path.iter().enumerate();
    while let Some((found, name)) = steps.next() {
        match member(members, name) {
            None | Some(Value::Null) => return Reading::Missing { found: found + 1 },
            Some(value) if steps.len() == 0 => return Reading::Value(value),
            Some(Value::Object(inner)) => members = inner,
            Some(_) => return Reading::Other,
        }
    }
    Reading::Other
}

/// The samples of the page about inputs are executed with those of this room.
#[cfg(all(feature = "compiler", feature = "derive", feature = "serde_json"))]
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../docs/inputs.md")]
    struct Inputs;
}
