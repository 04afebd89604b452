//! The userinfo endpoint (OpenID Connect Core section 5.3), and how an access token is checked (RFC 9068 section 4).

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use claimsc::Value;
use claimsc::mint::{Answer, MintError};
use claimsc::standard::Grant;
use claimsc::value::JsonLimits;

use crate::Server;
use crate::issuer::Issuer;
use crate::oauth::{object, private_json};
use crate::store::Granted;
use crate::token::ask::{Ask, Person, refused};

/// Bytes of a token that is looked at.
const MAX_TOKEN: usize = 64 << 10;

/// Why there is no answer (RFC 6750 section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refused {
    NoToken,
    InvalidToken,
    InsufficientScope,
    Fault,
}

pub(crate) async fn endpoint(State(server): State<Arc<Server>>, headers: HeaderMap) -> Response {
    match answer(&server, &headers) {
        Ok(claims) => private_json(StatusCode::OK, &claims),
        Err(refused) => refused.response(),
    }
}

fn answer(server: &Server, headers: &HeaderMap) -> Result<Value, Refused> {
    let token = bearer(headers).ok_or(Refused::NoToken)?;
    let (issuer, now) = (server.current(), crate::now());
    let id = verified(&issuer, token, now).ok_or(Refused::InvalidToken)?;
    let granted = server.store().access(&id, now).ok_or(Refused::InvalidToken)?;
    let Granted { session, scopes, audience, is_refreshed } = &granted;
    let client = issuer.clients.get(&session.client).ok_or(Refused::InvalidToken)?;
    let user = issuer.users.of_subject(&session.subject).ok_or(Refused::InvalidToken)?;
    let person = Person { user, session, original: is_refreshed.then_some(&granted) };
    let grant = if *is_refreshed { Grant::RefreshToken } else { session.grant };
    let ask = Ask { grant, client, scopes: scopes.clone(), audience: audience.clone(), person: Some(person) };
    let request = ask.request(&issuer, now).map_err(|_| Refused::Fault)?;
    issuer.minter.userinfo(&request).map_err(|error| match error {
        MintError::MissingOpenid | MintError::MissingUser => Refused::InsufficientScope,
        error if refused(&error, &request, Answer::TokenEndpoint).is_fault => Refused::Fault,
        _ => Refused::InvalidToken,
    })
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// The `jti` of an access token of this issuer that has not expired.
fn verified(issuer: &Issuer, token: &str, now: i64) -> Option<String> {
    if token.len() > MAX_TOKEN {
        return None;
    }
    let (message, signature) = token.rsplit_once('.')?;
    let (header, payload) = message.split_once('.')?;
    let header = part(header)?;
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let key = issuer.minter.keys().public(&text(&header, "kid")?)?;
    // The key says what it verifies with, not the token (RFC 8725 section 3.1).
    let is_access_token =
        text(&header, "typ")? == "at+jwt" && text(&header, "alg")? == key.algorithm().as_str();
    if !is_access_token || header.get("crit").is_some() || !key.verifies(message.as_bytes(), signature) {
        return None;
    }
    let payload = part(payload)?;
    let is_current = payload.get("exp").and_then(Value::as_int)? > now;
    let is_own = text(&payload, "iss")? == **issuer.id();
    if is_current && is_own { text(&payload, "jti") } else { None }
}

fn part(text: &str) -> Option<Value> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    Value::parse_json(&bytes, JsonLimits::default()).ok()
}

impl Refused {
    fn response(self) -> Response {
        let (status, code) = match self {
            Refused::NoToken => (StatusCode::UNAUTHORIZED, None),
            Refused::InvalidToken => (StatusCode::UNAUTHORIZED, Some("invalid_token")),
            Refused::InsufficientScope => (StatusCode::FORBIDDEN, Some("insufficient_scope")),
            Refused::Fault => (StatusCode::INTERNAL_SERVER_ERROR, Some("server_error")),
        };
        let body = object([("error", Value::from(code.unwrap_or("invalid_request")))]);
        let mut response = private_json(status, &body);
        let challenge = match self {
            Refused::NoToken => "Bearer realm=\"userinfo\"",
            Refused::InvalidToken => "Bearer realm=\"userinfo\", error=\"invalid_token\"",
            Refused::InsufficientScope => {
                "Bearer realm=\"userinfo\", error=\"insufficient_scope\", scope=\"openid\""
            }
            Refused::Fault => return response,
        };
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        response
    }
}
