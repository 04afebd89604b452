//! What a policy is asked: one token request, as the host describes it.
//!
//! Reading checks the form of a request and nothing more: who is asked for by what grant, and that the parts are of
//! the right JSON kind. Attributes are checked when a policy demands them.

use std::fmt;
use std::sync::Arc;

use crate::standard::{Grant, UserPresence, is_scope_token};
use crate::value::time::parse_timestamp;
use crate::value::{JsonLimits, Object, Value};

/// One token request. Built from its JSON form:
///
/// ```
/// use claimsc::request::Request;
///
/// let request = Request::from_json(br#"{ "grant": "client_credentials", "client": "m2m-77" }"#).unwrap();
/// assert_eq!(&**request.client().id(), "m2m-77");
/// assert!(request.user().is_none());
/// ```
///
/// Members that it does not know are ignored; `null` is absence.
#[derive(Debug, Clone)]
pub struct Request {
    grant: Grant,
    client: RequestClient,
    audience: Vec<Arc<str>>,
    scopes: Vec<Arc<str>>,
    requested: Requested,
    original: Option<Original>,
    user: Option<Value>,
    connection: Option<Value>,
    organization: Option<Value>,
    session: Option<Value>,
    actor: Option<Value>,
    http: Option<Value>,
    external: Option<Value>,
    config: Option<Value>,
    now: Option<i64>,
}

/// The client as the request describes it.
#[derive(Debug, Clone)]
pub struct RequestClient {
    id: Arc<str>,
    name: Option<Arc<str>>,
    confidential: Option<bool>,
    metadata: Option<Value>,
}

impl RequestClient {
    /// The client id.
    pub fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// Its display name, where the request states it.
    pub fn name(&self) -> Option<&Arc<str>> {
        self.name.as_ref()
    }

    /// Whether it can keep a secret, where the request states it.
    pub fn confidential(&self) -> Option<bool> {
        self.confidential
    }

    /// Its metadata, an object, where the request states it.
    pub fn metadata(&self) -> Option<&Value> {
        self.metadata.as_ref()
    }
}

/// What was asked for, before the host changed anything.
#[derive(Debug, Clone)]
pub struct Requested {
    /// Ids of audiences, each once.
    pub audience: Vec<Arc<str>>,
    /// Scopes, each once.
    pub scopes: Vec<Arc<str>>,
}

/// What the first grant of a refresh had, or the exchanged token carried.
#[derive(Debug, Clone)]
pub struct Original {
    /// The grant.
    pub grant: Option<Grant>,
    /// Ids of audiences, each once; `None` where the host does not tell.
    pub audience: Option<Vec<Arc<str>>>,
    /// Scopes, each once; `None` where the host does not tell.
    pub scopes: Option<Vec<Arc<str>>>,
}

/// Why a request is malformed. Names a member, never a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestError {
    message: String,
}

impl RequestError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        RequestError { message: message.into() }
    }

    /// The fact: lower case, without a period.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for RequestError {}

impl Request {
    /// Reads a request from JSON text of at most 16 MiB and 64 levels.
    ///
    /// # Errors
    /// Malformed JSON, duplicate members, members of a wrong kind, an unknown grant, a user where the grant has none
    /// or none where it always has one (RFC 6749 and its extensions, see [`Grant::user`]).
    pub fn from_json(bytes: &[u8]) -> Result<Request, RequestError> {
        let value = Value::parse_json(bytes, JsonLimits::default())
            .map_err(|error| RequestError::new(format!("the request is malformed JSON: {error}")))?;
        Request::from_value(&value)
    }

    /// Reads a request from a value that the host has parsed.
    ///
    /// # Errors
    /// As [`Request::from_json`].
    pub fn from_value(value: &Value) -> Result<Request, RequestError> {
        let limit = JsonLimits::default().depth;
        if !value.is_within_depth(limit) {
            return Err(RequestError::new(format!("the request is nested more than {limit} levels deep")));
        }
        let members = Members::new(value)?;
        let audience = members.strings("audience", Words::Whole)?.unwrap_or_default();
        let scopes = members.strings("scopes", Words::Scopes)?.unwrap_or_default();
        let request = Request {
            grant: members.grant("grant")?.ok_or_else(|| members.missing("grant"))?,
            client: client(&members)?,
            requested: requested(&members, &audience, &scopes)?,
            original: original(&members)?,
            audience,
            scopes,
            user: members.object("user")?,
            connection: party(&members, "connection")?,
            organization: party(&members, "organization")?,
            session: members.object("session")?,
            actor: members.object("actor")?,
            http: members.object("request")?,
            external: members.object("external")?,
            config: members.object("config")?,
            now: members.time("now")?,
        };
        request.check_user()?;
        Ok(request)
    }

    /// A request of which nothing but grant, client and audience is known: not one to be decided about, because it has
    /// no user, whatever the grant.
    pub(crate) fn of_facets(grant: Grant, client: Arc<str>, audience: Vec<Arc<str>>) -> Request {
        Request {
            grant,
            client: RequestClient { id: client, name: None, confidential: None, metadata: None },
            requested: Requested { audience: audience.clone(), scopes: Vec::new() },
            audience,
            scopes: Vec::new(),
            original: None,
            user: None,
            connection: None,
            organization: None,
            session: None,
            actor: None,
            http: None,
            external: None,
            config: None,
            now: None,
        }
    }

    /// The same request with one more audience, as from a host that has changed what was asked for.
    #[cfg(feature = "mint")]
    pub(crate) fn for_audience(mut self, id: Arc<str>) -> Request {
        self.audience.push(id);
        self
    }

    fn check_user(&self) -> Result<(), RequestError> {
        let grant = self.grant;
        match (grant.user(), &self.user) {
            (UserPresence::Never, Some(_)) => Err(RequestError::new(format!(
                "`user` is given, but a request with grant `{grant}` has none"
            ))),
            (UserPresence::Always, None) => Err(RequestError::new(format!(
                "`user` is missing, but a request with grant `{grant}` has one"
            ))),
            _ => Ok(()),
        }
    }

    /// How the token is asked for.
    pub fn grant(&self) -> Grant {
        self.grant
    }

    /// Who asks for it.
    pub fn client(&self) -> &RequestClient {
        &self.client
    }

    /// Ids of the audiences in the order of the request, each once; the issuer's own endpoints included.
    pub fn audience(&self) -> &[Arc<str>] {
        &self.audience
    }

    /// Granted scopes in the order of the request, each once.
    pub fn scopes(&self) -> &[Arc<str>] {
        &self.scopes
    }

    /// What was asked for; the same as audience and scopes unless the host tells otherwise.
    pub fn requested(&self) -> &Requested {
        &self.requested
    }

    /// What a refresh or token exchange starts from.
    pub fn original(&self) -> Option<&Original> {
        self.original.as_ref()
    }

    /// The person: an object.
    pub fn user(&self) -> Option<&Value> {
        self.user.as_ref()
    }

    /// How the person signed in: an object.
    pub fn connection(&self) -> Option<&Value> {
        self.connection.as_ref()
    }

    /// The organization that the person signed in to: an object.
    pub fn organization(&self) -> Option<&Value> {
        self.organization.as_ref()
    }

    /// The sign-in session: an object.
    pub fn session(&self) -> Option<&Value> {
        self.session.as_ref()
    }

    /// The delegate in token exchange (RFC 8693 section 1.1): an object.
    pub fn actor(&self) -> Option<&Value> {
        self.actor.as_ref()
    }

    /// The HTTP request, member `request`: an object.
    pub fn http(&self) -> Option<&Value> {
        self.http.as_ref()
    }

    /// Data that the host fetched, by source: an object.
    pub fn external(&self) -> Option<&Value> {
        self.external.as_ref()
    }

    /// Constants that replace those of the catalog, for tests: an object.
    pub fn config(&self) -> Option<&Value> {
        self.config.as_ref()
    }

    /// The time of the request in seconds since 1970.
    pub fn now(&self) -> Option<i64> {
        self.now
    }
}

fn client(request: &Members<'_>) -> Result<RequestClient, RequestError> {
    let value = request.get("client").ok_or_else(|| request.missing("client"))?;
    if let Some(id) = value.as_str() {
        let id = nonempty(id, "client")?;
        return Ok(RequestClient { id, name: None, confidential: None, metadata: None });
    }
    let members = request.part("client", value, "a string or an object")?;
    Ok(RequestClient {
        id: members.string("id")?.ok_or_else(|| members.missing("id"))?,
        name: members.string("name")?,
        confidential: members.boolean("confidential")?,
        metadata: members.object("metadata")?,
    })
}

fn requested(
    request: &Members<'_>,
    audience: &[Arc<str>],
    scopes: &[Arc<str>],
) -> Result<Requested, RequestError> {
    let (mut asked_audience, mut asked_scopes) = (None, None);
    if let Some(value) = request.get("requested") {
        let members = request.part("requested", value, "an object")?;
        asked_audience = members.strings("audience", Words::Whole)?;
        asked_scopes = members.strings("scopes", Words::Scopes)?;
    }
    Ok(Requested {
        audience: asked_audience.unwrap_or_else(|| audience.to_vec()),
        scopes: asked_scopes.unwrap_or_else(|| scopes.to_vec()),
    })
}

fn original(request: &Members<'_>) -> Result<Option<Original>, RequestError> {
    let Some(value) = request.get("original") else {
        return Ok(None);
    };
    let members = request.part("original", value, "an object")?;
    Ok(Some(Original {
        grant: members.grant("grant")?,
        audience: members.strings("audience", Words::Whole)?,
        scopes: members.strings("scopes", Words::Scopes)?,
    }))
}

/// A connection or organization: an object, or its id as a string. One with a name and no id has its name as id.
fn party(request: &Members<'_>, name: &str) -> Result<Option<Value>, RequestError> {
    let Some(value) = request.get(name) else {
        return Ok(None);
    };
    if let Some(id) = value.as_str() {
        let id = Value::String(nonempty(id, name)?);
        return Ok(Some(Value::object([(Arc::from("id"), id)].into_iter().collect())));
    }
    let members = request.part(name, value, "a string or an object")?;
    match (members.get("id"), members.get("name")) {
        (None, Some(id)) => {
            let mut object = members.object.clone();
            object.insert("id".into(), id.clone());
            Ok(Some(Value::object(object)))
        }
        _ => Ok(Some(value.clone())),
    }
}

/// How a list of words may be written.
#[derive(Clone, Copy, PartialEq)]
enum Words {
    /// A list, or one string that is a whole word.
    Whole,
    /// A list of scopes, or a string of scopes with blanks between them (RFC 6749 section 3.3).
    Scopes,
}

/// The members of one object of the request, with its path for messages.
struct Members<'a> {
    object: &'a Object,
    path: String,
}

impl<'a> Members<'a> {
    fn new(request: &'a Value) -> Result<Self, RequestError> {
        let object = request.as_object().ok_or_else(|| RequestError::new("the request is not an object"))?;
        Ok(Members { object, path: String::new() })
    }

    fn part(&self, name: &str, value: &'a Value, wanted: &str) -> Result<Members<'a>, RequestError> {
        let object = value.as_object().ok_or_else(|| self.wrong(name, wanted))?;
        Ok(Members { object, path: format!("{}{name}.", self.path) })
    }

    fn wrong(&self, name: &str, wanted: &str) -> RequestError {
        RequestError::new(format!("`{}{name}` is not {wanted}", self.path))
    }

    fn missing(&self, name: &str) -> RequestError {
        RequestError::new(format!("`{}{name}` is missing", self.path))
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        self.object.get(name).filter(|value| !matches!(value, Value::Null))
    }

    fn object(&self, name: &str) -> Result<Option<Value>, RequestError> {
        match self.get(name) {
            None => Ok(None),
            Some(value @ Value::Object(_)) => Ok(Some(value.clone())),
            Some(_) => Err(self.wrong(name, "an object")),
        }
    }

    fn string(&self, name: &str) -> Result<Option<Arc<str>>, RequestError> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => nonempty(text, &format!("{}{name}", self.path)).map(Some),
            Some(_) => Err(self.wrong(name, "a string")),
        }
    }

    fn boolean(&self, name: &str) -> Result<Option<bool>, RequestError> {
        match self.get(name) {
            None => Ok(None),
            Some(value) => value.as_bool().map(Some).ok_or_else(|| self.wrong(name, "a boolean")),
        }
    }

    fn grant(&self, name: &str) -> Result<Option<Grant>, RequestError> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let word = value.as_str().ok_or_else(|| self.wrong(name, "a string"))?;
        Grant::parse(word).map(Some).ok_or_else(|| self.wrong(name, "a known grant"))
    }

    fn time(&self, name: &str) -> Result<Option<i64>, RequestError> {
        let seconds = match self.get(name) {
            None => return Ok(None),
            Some(Value::String(text)) => parse_timestamp(text),
            Some(value) => value.as_int(),
        };
        seconds.map(Some).ok_or_else(|| {
            self.wrong(name, "a time: RFC 3339 text with an offset, or whole seconds since 1970")
        })
    }

    /// Each word once, in the order in which they stand.
    fn strings(&self, name: &str, words: Words) -> Result<Option<Vec<Arc<str>>>, RequestError> {
        let texts: Vec<&str> = match self.get(name) {
            None => return Ok(None),
            Some(Value::String(text)) if words == Words::Scopes => {
                text.split(' ').filter(|word| !word.is_empty()).collect()
            }
            Some(Value::String(text)) => vec![text],
            Some(Value::List(items)) => {
                let texts: Option<_> = items.iter().map(Value::as_str).collect();
                texts.ok_or_else(|| self.wrong(name, "a list of strings"))?
            }
            Some(_) => return Err(self.wrong(name, "a string or a list of strings")),
        };
        let fits = |text: &&str| match words {
            Words::Whole => !text.is_empty(),
            Words::Scopes => is_scope_token(text),
        };
        if !texts.iter().all(fits) {
            let problem = match words {
                Words::Whole => "holds an empty string",
                Words::Scopes => "holds what is not one scope (RFC 6749 section 3.3)",
            };
            return Err(RequestError::new(format!("`{}{name}` {problem}", self.path)));
        }
        let each_once: indexmap::IndexSet<&str> = texts.into_iter().collect();
        Ok(Some(each_once.into_iter().map(Arc::from).collect()))
    }
}

fn nonempty(text: &str, path: &str) -> Result<Arc<str>, RequestError> {
    if text.is_empty() {
        return Err(RequestError::new(format!("`{path}` is empty")));
    }
    Ok(text.into())
}

#[cfg(test)]
mod tests;
