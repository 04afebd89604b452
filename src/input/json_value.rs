//! Attributes and requests in a `serde_json::Value`, read where they stand.
//!
//! The meaning is that of [`Request::from_value`](crate::Request::from_value) for the same JSON, but that nothing is copied, and that what nobody
//! demands is looked at no further than its kind.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::kind::{self, DESCRIPTION, Kind};
use super::{Attribute, Element, Input, Items, Reading};
use crate::catalog::Root;
use crate::request::RequestError;
use crate::value::{JsonLimits, Number, Object, Value};

mod request;

pub use request::JsonRequest;

/// Attributes in `serde_json::Value`s, by root.
///
/// ```
/// use claimsc::input::{Input, JsonAttributes};
/// use claimsc::catalog::Root;
/// use serde_json::json;
///
/// let roots = json!({ "user": { "sub": "u1" }, "organization": "org-1" });
/// assert!(JsonAttributes::new(&roots)?.has(Root::User));
///
/// let (user, session) = (json!({ "sub": "u1" }), json!({ "id": "s1" }));
/// assert!(JsonAttributes::user(&user)?.with(Root::Session, &session)?.has(Root::User));
/// # Ok::<(), claimsc::request::RequestError>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct JsonAttributes<'a> {
    /// By [`place`]; none of them null.
    roots: [Option<&'a Json>; 9],
}

/// Where a root stands among those that an input gives.
fn place(root: Root) -> Option<usize> {
    Some(match root {
        Root::User => 0,
        Root::Client => 1,
        Root::Connection => 2,
        Root::Organization => 3,
        Root::Session => 4,
        Root::Actor => 5,
        Root::Request => 6,
        Root::External => 7,
        Root::Config => 8,
        _ => return None,
    })
}

impl<'a> JsonAttributes<'a> {
    /// An object whose members are roots: `user`, `connection`, `organization`, `session`, `actor`, `request`, `external`,
    /// `config`, and `client` with what is known of the client beyond its id. Other members are ignored, null is
    /// absence.
    ///
    /// # Errors
    /// A root that is no object. (A connection or organization may also be its id.)
    pub fn new(roots: &'a Json) -> Result<Self, RequestError> {
        let members =
            roots.as_object().ok_or_else(|| RequestError::new("the attributes are not an object"))?;
        let mut attributes = JsonAttributes::default();
        for (name, value) in members {
            if let Some(root) = Root::parse(name)
                && place(root).is_some()
            {
                attributes = attributes.with(root, value)?;
            }
        }
        Ok(attributes)
    }

    /// The user alone, an object.
    ///
    /// # Errors
    /// It is something else.
    pub fn user(user: &'a Json) -> Result<Self, RequestError> {
        JsonAttributes::default().with(Root::User, user)
    }

    /// The same with one more root.
    ///
    /// # Errors
    /// No object, or a root that is part of [`Asked`](super::Asked).
    pub fn with(mut self, root: Root, value: &'a Json) -> Result<Self, RequestError> {
        let Some(held) = place(root).and_then(|place| self.roots.get_mut(place)) else {
            return Err(RequestError::new(format!("`{}` is no attribute", root.as_str())));
        };
        kind::check(root, kind_of(value))?;
        if let (Root::Client, Json::Object(members)) = (root, value) {
            for name in DESCRIPTION {
                kind::check_description(name, members.get(name).map_or(Kind::Null, kind_of))?;
            }
        }
        *held = Some(value).filter(|value| !value.is_null());
        Ok(self)
    }

    fn root(&self, root: Root) -> Option<&'a Json> {
        *self.roots.get(place(root)?)?
    }

    /// What is known of the client beyond its id.
    fn client(&self, name: &str) -> Option<&'a Json> {
        self.root(Root::Client).and_then(|client| given(client.as_object()?, name))
    }
}

/// A member that is there.
fn given<'a>(members: &'a Map<String, Json>, name: &str) -> Option<&'a Json> {
    members.get(name).filter(|value| !value.is_null())
}

fn kind_of(value: &Json) -> Kind {
    match value {
        Json::Null => Kind::Null,
        Json::Bool(_) => Kind::Bool,
        Json::String(text) if text.is_empty() => Kind::EmptyText,
        Json::String(_) => Kind::Text,
        Json::Object(_) => Kind::Object,
        Json::Number(_) | Json::Array(_) => Kind::Other,
    }
}

impl Input for JsonAttributes<'_> {
    fn has(&self, root: Root) -> bool {
        match root {
            Root::Client => DESCRIPTION.into_iter().any(|name| self.client(name).is_some()),
            root => self.root(root).is_some(),
        }
    }

    fn read(&self, attribute: &Attribute) -> Reading<'_> {
        let path = attribute.path.as_slice();
        match (attribute.root, self.root(attribute.root), path) {
            (Root::Client, client, [name, ..]) if &**name != "id" => match client {
                Some(described @ Json::Object(_)) => follow(described, path, 1),
                _ => Reading::Missing { found: 1 },
            },
            (Root::Client, _, _) | (_, Some(_), []) => Reading::Other,
            (_, None, _) => Reading::Missing { found: 0 },
            (Root::Connection | Root::Organization, Some(party), [name, rest @ ..]) => match party {
                id @ Json::String(_) if &**name == "id" => follow(id, rest, 2),
                Json::String(_) => Reading::Missing { found: 1 },
                Json::Object(members) if &**name == "id" && given(members, "id").is_none() => {
                    given(members, "name").map_or(Reading::Missing { found: 1 }, |name| follow(name, rest, 2))
                }
                party => follow(party, path, 1),
            },
            (_, Some(value), path) => follow(value, path, 1),
        }
    }

    fn whole(&self, root: Root) -> Option<Value> {
        let depth = JsonLimits::default().depth;
        match root {
            Root::Client => {
                let described = DESCRIPTION
                    .into_iter()
                    .filter_map(|name| Some((Arc::from(name), copied(self.client(name)?, depth))));
                Some(Value::object(described.collect()))
            }
            root => self.root(root).map(|value| copied(value, depth)),
        }
    }
}

/// Follows a path from a value on, which is the last of so many that are there.
fn follow<'a>(mut value: &'a Json, path: &[Arc<str>], mut found: usize) -> Reading<'a> {
    for name in path {
        let Json::Object(members) = value else {
            return Reading::Other;
        };
        value = match members.get(&**name) {
            None | Some(Json::Null) => return Reading::Missing { found },
            Some(value) => value,
        };
        found += 1;
    }
    value.reading()
}

impl Element for Json {
    fn reading(&self) -> Reading<'_> {
        match self {
            Json::Null => Reading::Missing { found: 0 },
            Json::Bool(value) => Reading::Bool(*value),
            Json::Number(number) => match number.as_i64() {
                // Negative zero of a reader that keeps digits is written with its sign.
                Some(0) if number.as_u64().is_none() => Reading::Other,
                Some(value) => Reading::Int(value),
                None => Reading::Other,
            },
            Json::String(text) => Reading::Text(text),
            Json::Array(items) => Reading::Items(Items::of(items)),
            Json::Object(_) => Reading::Other,
        }
    }
}

/// The same in claimsc's own kind, cut off below so many levels and one more: a request is refused for that one. Numbers
/// beyond a 64-bit float, which only a reader that keeps digits gives, are null, as `serde_json` has them else.
fn copied(value: &Json, depth: usize) -> Value {
    let below = |value| depth.checked_sub(1).map_or(Value::Null, |depth| copied(value, depth));
    match value {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => Number::parse(&number.to_string()).map_or(Value::Null, Value::Number),
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => Value::list(items.iter().map(below).collect()),
        Json::Object(members) => {
            let members = members.iter().map(|(name, value)| (Arc::from(name.as_str()), below(value)));
            Value::object(members.collect::<Object>())
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::input::testing::{assert_same, request};
    use crate::request::Request;

    proptest! {
        #[test]
        fn a_request_is_the_same_from_its_text(json in request()) {
            let text = json.to_string();
            match (Request::from_json(text.as_bytes()), JsonRequest::new(&json)) {
                (Ok(request), Ok(borrowed)) => assert_same(&request, &borrowed.asked(), &borrowed),
                (Err(theirs), Err(ours)) => prop_assert_eq!(theirs, ours),
                (theirs, ours) => prop_assert!(false, "{theirs:?} {ours:?}"),
            }
        }
    }

    #[test]
    fn a_user_alone_is_the_user_of_a_request() {
        let user = json!({ "sub": "u1", "groups": ["a", null, 1.5] });
        let asked = super::super::Asked::new(crate::standard::Grant::Password, "app");
        let text = json!({ "grant": "password", "client": "app", "user": user }).to_string();
        let request = Request::from_json(text.as_bytes()).unwrap();
        assert_same(&request, &asked, &JsonAttributes::user(&user).unwrap());
    }

    #[test]
    fn a_part_of_a_wrong_kind_is_refused_whoever_reads_it() {
        let refusal = |roots: Json| JsonAttributes::new(&roots).unwrap_err().to_string();
        assert_eq!(refusal(json!([])), "the attributes are not an object");
        assert_eq!(refusal(json!({ "user": "u1" })), "`user` is not an object");
        assert_eq!(refusal(json!({ "organization": 1 })), "`organization` is not a string or an object");
        assert_eq!(refusal(json!({ "connection": "" })), "`connection` is empty");
        assert_eq!(refusal(json!({ "client": { "name": 1 } })), "`client.name` is not a string");
        let scopes = json!(["a"]);
        let misplaced = JsonAttributes::default().with(Root::Scopes, &scopes).unwrap_err();
        assert_eq!(misplaced.to_string(), "`scopes` is no attribute");
    }

    #[test]
    fn nesting_is_bounded() {
        let mut deep = json!({});
        for _ in 0..500 {
            deep = json!({ "deep": deep });
        }
        let roots = json!({ "grant": "password", "client": "app", "user": deep });
        let request = JsonRequest::new(&roots).unwrap();
        let error = Request::from_input(&request.asked(), &request).unwrap_err();
        assert_eq!(error.to_string(), "the request is nested more than 64 levels deep");
    }
}
