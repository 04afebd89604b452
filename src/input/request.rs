//! A request in JSON form as an input, and the other way round.

use std::sync::Arc;

use super::{Asked, Attribute, Input, Original, Reading, Texts, follow};
use crate::catalog::Root;
use crate::request::{Request, RequestError};
use crate::value::{Object, Value};

impl Request {
    /// A request that a host asks in its own terms, copied.
    ///
    /// # Errors
    /// As [`Request::from_json`], for the parts that types do not rule out.
    pub fn from_input(asked: &Asked<'_>, input: &dyn Input) -> Result<Request, RequestError> {
        let mut members = Object::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                members.insert(name.into(), value);
            }
        };
        let texts = |texts: Texts<'_>| Value::list(texts.iter().map(Value::from).collect());
        put("grant", Some(Value::from(asked.grant.as_str())));
        put("audience", Some(texts(asked.audience)));
        put("scopes", Some(texts(asked.scopes)));
        let part = |parts: [(&str, Option<Value>); 3]| {
            let given = parts.into_iter().filter_map(|(name, value)| Some((Arc::from(name), value?)));
            Value::object(given.collect())
        };
        let requested = [
            ("audience", asked.requested_audience.map(texts)),
            ("scopes", asked.requested_scopes.map(texts)),
            ("", None),
        ];
        put("requested", Some(part(requested)));
        let original = asked.original.map(|original| {
            part([
                ("grant", original.grant.map(|grant| Value::from(grant.as_str()))),
                ("audience", original.audience.map(texts)),
                ("scopes", original.scopes.map(texts)),
            ])
        });
        put("original", original);
        put("now", asked.now.map(Value::int));
        let mut client = match input.whole(Root::Client) {
            Some(Value::Object(described)) => (*described).clone(),
            _ => Object::new(),
        };
        client.insert("id".into(), Value::from(asked.client));
        put("client", Some(Value::object(client)));
        for root in Root::DATA {
            put(root.as_str(), input.whole(root));
        }
        Request::from_value(&Value::object(members))
    }

    /// What is asked for, borrowed; the request itself is the [`Input`].
    pub fn asked(&self) -> Asked<'_> {
        let requested = self.requested();
        Asked {
            requested_audience: Some(Texts::from(&*requested.audience)),
            requested_scopes: Some(Texts::from(&*requested.scopes)),
            original: self.original().map(|original| Original {
                grant: original.grant,
                audience: original.audience.as_deref().map(Texts::from),
                scopes: original.scopes.as_deref().map(Texts::from),
            }),
            now: self.now(),
            ..Asked::new(self.grant(), self.client().id()).audience(self.audience()).scopes(self.scopes())
        }
    }

    fn part(&self, root: Root) -> Option<&Value> {
        match root {
            Root::User => self.user(),
            Root::Connection => self.connection(),
            Root::Organization => self.organization(),
            Root::Session => self.session(),
            Root::Actor => self.actor(),
            Root::Request => self.http(),
            Root::External => self.external(),
            Root::Config => self.config(),
            _ => None,
        }
    }
}

impl Input for Request {
    fn has(&self, root: Root) -> bool {
        match root {
            Root::Client => {
                let client = self.client();
                client.name().is_some() || client.confidential().is_some() || client.metadata().is_some()
            }
            root => self.part(root).is_some(),
        }
    }

    fn read(&self, attribute: &Attribute) -> Reading<'_> {
        match (attribute.root, attribute.path.as_slice()) {
            (Root::Client, [name, rest @ ..]) => match (&**name, rest, self.client().metadata()) {
                ("name", [], _) => self.client().name().map_or(NO_MEMBER, |name| Reading::Text(name)),
                ("confidential", [], _) => self.client().confidential().map_or(NO_MEMBER, Reading::Bool),
                ("metadata", [], Some(metadata)) => Reading::Value(metadata),
                ("metadata", _, None) => NO_MEMBER,
                ("metadata", rest, Some(Value::Object(members))) => match follow(members, rest) {
                    Reading::Missing { found } => Reading::Missing { found: found + 1 },
                    reading => reading,
                },
                _ => Reading::Other,
            },
            (root, path) => match self.part(root) {
                None => Reading::Missing { found: 0 },
                Some(value) if path.is_empty() => Reading::Value(value),
                Some(Value::Object(members)) => follow(members, path),
                Some(_) => Reading::Other,
            },
        }
    }

    fn whole(&self, root: Root) -> Option<Value> {
        match root {
            Root::Client => {
                let client = self.client();
                let described = [
                    ("name", client.name().cloned().map(Value::String)),
                    ("confidential", client.confidential().map(Value::Bool)),
                    ("metadata", client.metadata().cloned()),
                ];
                let given = described.into_iter().filter_map(|(name, value)| Some((Arc::from(name), value?)));
                Some(Value::object(given.collect()))
            }
            root => self.part(root).cloned(),
        }
    }
}

/// The client is there, what is asked of it is not.
const NO_MEMBER: Reading<'static> = Reading::Missing { found: 1 };

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: &str = r#"{
        "grant": "refresh_token",
        "client": { "id": "app", "name": "App", "metadata": { "tier": "gold", "none": null } },
        "audience": ["https://a.example", "https://b.example"],
        "scopes": "openid email",
        "requested": { "scopes": "openid email phone" },
        "original": { "grant": "authorization_code", "audience": "https://a.example" },
        "user": { "sub": "u1", "address": { "city": "Bern" }, "groups": ["a", "b"], "phone": null, "level": 7 },
        "organization": "org-1",
        "config": { "ns": "https://acme.example/" },
        "now": 1781000000
    }"#;

    fn read<'a>(request: &'a Request, root: Root, path: &[&str]) -> Reading<'a> {
        let path = path.iter().map(|name| Arc::from(*name)).collect();
        request.read(&Attribute { index: 0, root, path })
    }

    #[test]
    fn a_request_borrowed_and_copied_is_the_same() {
        let request = Request::from_json(REQUEST.as_bytes()).unwrap();
        let copied = Request::from_input(&request.asked(), &request).unwrap();
        assert_eq!(format!("{request:?}"), format!("{copied:?}"));
    }

    #[test]
    fn what_is_missing_tells_how_much_is_there() {
        let request = Request::from_json(REQUEST.as_bytes()).unwrap();
        let found = |root, path: &[&str]| match read(&request, root, path) {
            Reading::Missing { found } => Some(found),
            _ => None,
        };
        assert_eq!(found(Root::Session, &["id"]), Some(0));
        assert_eq!(found(Root::User, &["phone"]), Some(1));
        assert_eq!(found(Root::User, &["phone", "number"]), Some(1));
        assert_eq!(found(Root::User, &["address", "street"]), Some(2));
        assert_eq!(found(Root::Client, &["confidential"]), Some(1));
        assert_eq!(found(Root::Client, &["metadata", "none"]), Some(2));
        assert!(matches!(read(&request, Root::User, &["sub", "part"]), Reading::Other));
        assert_eq!(read(&request, Root::User, &["address", "city"]).to_value(), Some(Value::from("Bern")));
        assert_eq!(read(&request, Root::Client, &["metadata", "tier"]).to_value(), Some(Value::from("gold")));
    }
}
