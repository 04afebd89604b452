//! From what the server knows to a request of the policy, and from the minter's errors to those of OAuth.

use std::sync::Arc;

use axum::http::StatusCode;
use claimsc::catalog::World;
use claimsc::mint::{Answer, MintError};
use claimsc::standard::Grant;
use claimsc::value::Object;
use claimsc::{Request, Value};

use crate::issuer::{Client, Issuer, User};
use crate::log::{self, Level};
use crate::oauth::{OauthError, object};
use crate::params::Params;
use crate::store::{Granted, Session};

/// What tokens are asked for.
pub(crate) struct Ask<'a> {
    pub(crate) grant: Grant,
    pub(crate) client: &'a Client,
    pub(crate) scopes: Vec<Arc<str>>,
    pub(crate) audience: Vec<Arc<str>>,
    pub(crate) person: Option<Person<'a>>,
}

/// For whom.
pub(crate) struct Person<'a> {
    pub(crate) user: &'a User,
    pub(crate) session: &'a Session,
    /// What a refresh starts from.
    pub(crate) original: Option<&'a Granted>,
}

impl Ask<'_> {
    /// The request as the policy reads it.
    pub(crate) fn request(&self, issuer: &Issuer, now: i64) -> Result<Request, OauthError> {
        let mut members = Object::new();
        let mut add = |name: &str, value: Value| drop(members.insert(name.into(), value));
        add("grant", Value::from(self.grant.as_str()));
        add("client", client(issuer, self.client));
        add("audience", texts(&self.audience));
        add("scopes", texts(&self.scopes));
        add("now", Value::int(now));
        if let Some(Person { user, session, original }) = &self.person {
            add("user", user.attributes.clone());
            let methods = Value::list(vec![Value::from("pwd")]);
            add("session", object([("auth_time", Value::int(session.auth_time)), ("amr", methods)]));
            if let Some(original) = original {
                let grant = Value::from(session.grant.as_str());
                let (scopes, audience) = (texts(&original.scopes), texts(&original.audience));
                add("original", object([("grant", grant), ("scopes", scopes), ("audience", audience)]));
            }
        }
        Request::from_value(&Value::object(members)).map_err(|error| {
            // The server's own mistake: it has put the request together.
            log::event(Level::Error, "malformed-request", &[("problem", error.message())]);
            OauthError::fault()
        })
    }
}

/// Of a client that claims.yaml lists, everything but the id is stated there.
fn client(issuer: &Issuer, client: &Client) -> Value {
    if issuer.minter.policy().unit().catalog.client(&client.id).is_some() {
        return Value::String(client.id.clone());
    }
    object([
        ("id", Value::String(client.id.clone())),
        ("name", Value::String(client.name.clone())),
        ("confidential", Value::from(!client.is_public())),
    ])
}

fn texts(all: &[Arc<str>]) -> Value {
    Value::list(all.iter().cloned().map(Value::String).collect())
}

impl Issuer {
    /// The audiences that a request names (RFC 8707 section 2), or the default one, if the client may have tokens for them.
    pub(crate) fn audience(&self, client: &Client, params: &Params) -> Result<Vec<Arc<str>>, OauthError> {
        let catalog = &self.minter.policy().unit().catalog;
        let unfit = |text: &str| Err(OauthError::bad("invalid_target", text));
        let mut audience: Vec<Arc<str>> = Vec::new();
        for id in params.all("resource") {
            if !audience.iter().any(|known| **known == *id) {
                audience.push(id.into());
            }
        }
        if audience.len() > 1 && catalog.has_single_audiences() {
            return unfit("a token is for one resource only");
        }
        if audience.is_empty() {
            // The minter would take it, too; here it is part of what is granted.
            let default = catalog.default_audience.as_ref().and_then(|alias| catalog.audiences.get(alias));
            let Some(default) = default else { return unfit("`resource` is missing") };
            audience.push(default.id.clone());
        }
        let aliases: Vec<Option<&Arc<str>>> =
            audience.iter().map(|id| catalog.audience(id).map(|(alias, _)| alias)).collect();
        if catalog.audience_world == World::Closed && aliases.contains(&None) {
            return unfit("there is no such resource");
        }
        let allowed = catalog.client(&client.id).and_then(|client| client.audiences.as_ref());
        let may_have = |alias: Option<&Arc<str>>| {
            allowed.is_none_or(|allowed| alias.is_some_and(|alias| allowed.contains(alias)))
        };
        if !aliases.iter().copied().all(may_have) {
            return unfit("the client may not have tokens for this resource");
        }
        Ok(audience)
    }
}

/// A request that contradicts claims.yaml: see `docs/diagnostics/request-contradicts-catalog.md`.
const CONTRADICTION: &str = "C0903";

/// What the client is told of an error of the minter, and what the log is told.
pub(crate) fn refused(error: &MintError, request: &Request, answer: Answer) -> OauthError {
    let client = &**request.client().id();
    if let MintError::Denied(refusals) = error {
        for refusal in refusals {
            let fields = [("client", client), ("code", &*refusal.code), ("rule", &*refusal.rule)];
            log::event(Level::Info, "denied", &fields);
        }
    }
    if let MintError::Evaluation(errors) = error
        && errors.iter().all(|one| one.code == CONTRADICTION)
    {
        return OauthError::bad("invalid_request", "the client may not ask for this");
    }
    let response = error.response(request, answer);
    if response.is_fault {
        log::event(Level::Error, "fault", &[("client", client), ("problem", &error.to_string())]);
    }
    let status = if response.is_fault { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::BAD_REQUEST };
    OauthError {
        status,
        is_fault: response.is_fault,
        ..OauthError::bad(response.error, response.error_description)
    }
}
