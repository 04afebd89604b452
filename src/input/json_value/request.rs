//! A whole request in a `serde_json::Value`.

use indexmap::IndexSet;
use serde_json::{Map, Value as Json};

use super::{JsonAttributes, copied, given};
use crate::catalog::Root;
use crate::input::{Asked, Attribute, Input, Original, Reading, Texts};
use crate::request::{Request, RequestError};
use crate::standard::{Grant, UserPresence, is_scope_token};
use crate::value::time::parse_timestamp;
use crate::value::{JsonLimits, Value};

/// A request in the form that [`Request::from_json`] documents: what is asked for, and the attributes.
///
/// ```
/// use claimsc::Request;
/// use claimsc::input::{Input, JsonRequest};
/// use claimsc::standard::Grant;
///
/// let json = serde_json::json!({ "grant": "client_credentials", "client": "m2m-77", "scopes": "read write" });
/// let request = JsonRequest::new(&json)?;
/// assert_eq!(request.asked().scopes.len(), 2);
/// assert_eq!(Request::from_input(&request.asked(), &request)?.grant(), Grant::ClientCredentials);
/// # Ok::<(), claimsc::request::RequestError>(())
/// ```
#[derive(Debug, Clone)]
pub struct JsonRequest<'a> {
    grant: Grant,
    client: &'a str,
    audience: Vec<&'a str>,
    scopes: Vec<&'a str>,
    requested_audience: Option<Vec<&'a str>>,
    requested_scopes: Option<Vec<&'a str>>,
    original: Option<First<'a>>,
    now: Option<i64>,
    attributes: JsonAttributes<'a>,
}

/// What a refresh or token exchange starts from.
#[derive(Debug, Clone, Default)]
struct First<'a> {
    grant: Option<Grant>,
    audience: Option<Vec<&'a str>>,
    scopes: Option<Vec<&'a str>>,
}

impl<'a> JsonRequest<'a> {
    /// Borrows what is asked for and the attributes.
    ///
    /// # Errors
    /// As [`Request::from_value`].
    pub fn new(request: &'a Json) -> Result<Self, RequestError> {
        read(request).ok_or_else(|| {
            // Told by the reader whose word counts.
            match Request::from_value(&copied(request, JsonLimits::default().depth)) {
                Err(error) => error,
                Ok(_) => RequestError::new("the request is malformed"),
            }
        })
    }

    /// What is asked for; the attributes are the [`Input`].
    pub fn asked(&self) -> Asked<'_> {
        Asked {
            requested_audience: texts(self.requested_audience.as_ref()),
            requested_scopes: texts(self.requested_scopes.as_ref()),
            original: self.original.as_ref().map(|first| Original {
                grant: first.grant,
                audience: texts(first.audience.as_ref()),
                scopes: texts(first.scopes.as_ref()),
            }),
            now: self.now,
            ..Asked::new(self.grant, self.client).audience(&*self.audience).scopes(&*self.scopes)
        }
    }
}

fn texts<'a>(words: Option<&'a Vec<&'a str>>) -> Option<Texts<'a>> {
    words.map(|words| Texts::from(words.as_slice()))
}

impl Input for JsonRequest<'_> {
    fn has(&self, root: Root) -> bool {
        self.attributes.has(root)
    }

    fn read(&self, attribute: &Attribute) -> Reading<'_> {
        self.attributes.read(attribute)
    }

    fn whole(&self, root: Root) -> Option<Value> {
        self.attributes.whole(root)
    }
}

/// A request, unless it is malformed.
fn read(request: &Json) -> Option<JsonRequest<'_>> {
    let members = request.as_object()?;
    let attributes = JsonAttributes::new(request).ok()?;
    let (requested_audience, requested_scopes) = match object(members, "requested").ok()? {
        Some(requested) => (audience(requested).ok()?, scopes(requested).ok()?),
        None => (None, None),
    };
    let original = match object(members, "original").ok()? {
        Some(original) => Some(First {
            grant: match given(original, "grant") {
                Some(grant) => Some(Grant::parse(grant.as_str()?)?),
                None => None,
            },
            audience: audience(original).ok()?,
            scopes: scopes(original).ok()?,
        }),
        None => None,
    };
    let client = match given(members, "client")? {
        Json::Object(described) => given(described, "id")?.as_str()?,
        id => id.as_str()?,
    };
    let grant = Grant::parse(given(members, "grant")?.as_str()?)?;
    match (grant.user(), attributes.has(Root::User)) {
        (UserPresence::Never, true) | (UserPresence::Always, false) => return None,
        _ => {}
    }
    Some(JsonRequest {
        grant,
        client: Some(client).filter(|id| !id.is_empty())?,
        audience: audience(members).ok()?.unwrap_or_default(),
        scopes: scopes(members).ok()?.unwrap_or_default(),
        requested_audience,
        requested_scopes,
        original,
        now: match given(members, "now") {
            None => None,
            Some(Json::String(text)) => Some(parse_timestamp(text)?),
            Some(seconds) => Some(seconds.as_i64()?),
        },
        attributes,
    })
}

/// It is there and something else.
struct Malformed;

/// An object that may be missing.
fn object<'a>(
    members: &'a Map<String, Json>,
    name: &str,
) -> Result<Option<&'a Map<String, Json>>, Malformed> {
    given(members, name).map(|value| value.as_object().ok_or(Malformed)).transpose()
}

/// Ids of audiences that may be missing.
fn audience(members: &Map<String, Json>) -> Result<Option<Vec<&str>>, Malformed> {
    let Some(value) = given(members, "audience") else {
        return Ok(None);
    };
    let words = match value {
        Json::String(id) => Some(vec![id.as_str()]),
        value => strings(value),
    };
    let words = words.filter(|words| words.iter().all(|id| !id.is_empty())).ok_or(Malformed)?;
    Ok(Some(each_once(words)))
}

/// Scopes that may be missing.
fn scopes(members: &Map<String, Json>) -> Result<Option<Vec<&str>>, Malformed> {
    let Some(value) = given(members, "scopes") else {
        return Ok(None);
    };
    let words = match value {
        Json::String(scopes) => Some(scopes.split(' ').filter(|scope| !scope.is_empty()).collect()),
        value => strings(value),
    };
    let words: Vec<&str> = words.ok_or(Malformed)?;
    if !words.iter().all(|scope| is_scope_token(scope)) {
        return Err(Malformed);
    }
    Ok(Some(each_once(words)))
}

fn strings(value: &Json) -> Option<Vec<&str>> {
    value.as_array()?.iter().map(Json::as_str).collect()
}

/// How many words are compared with each other rather than hashed.
const FEW: usize = 16;

/// The same without those that stood before.
fn each_once(mut words: Vec<&str>) -> Vec<&str> {
    if words.len() > FEW {
        return words.into_iter().collect::<IndexSet<_>>().into_iter().collect();
    }
    let mut index = 0;
    while let Some(word) = words.get(index).copied() {
        if words.iter().take(index).any(|before| *before == word) {
            words.remove(index);
        } else {
            index += 1;
        }
    }
    words
}
