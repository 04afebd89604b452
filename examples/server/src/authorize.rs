//! The authorization endpoint (RFC 6749 section 3.1) and the form in which somebody signs in.
//!
//! There is no session of the browser: everybody who comes signs in. What a form belongs to is kept here, and its cookie
//! ties it to the browser that began, so that nobody can be signed in as somebody else by a foreign page.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use claimsc::standard::Grant;

use crate::Server;
use crate::issuer::{Client, Issuer};
use crate::log::{self, Level};
use crate::oauth::{OauthError, with_headers};
use crate::page;
use crate::params::Params;
use crate::secret::Secret;
use crate::store::{Asked, Code, LOGIN_SECONDS, Session};
use crate::token::form;

/// The request of a client, by a link or a redirect.
pub(crate) async fn begin(State(server): State<Arc<Server>>, RawQuery(query): RawQuery) -> Response {
    start(&server, Params::parse(query.unwrap_or_default().as_bytes()))
}

/// The same by a form (OpenID Connect Core section 3.1.2.1).
pub(crate) async fn begin_by_form(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    start(&server, form(&headers, &body))
}

fn start(server: &Server, params: Result<Params, OauthError>) -> Response {
    let Ok(params) = params else {
        return page::problem("The application has sent you here with a malformed request.");
    };
    let issuer = server.current();
    // Nobody is sent on to an address before it is known to be the client's (RFC 6749 section 4.1.2.1).
    let client = params.get("client_id").and_then(|id| issuer.clients.get(id));
    let uri = params.get("redirect_uri");
    let Some((client, uri)) = client.zip(uri).filter(|(client, uri)| client.has_redirect(uri)) else {
        return page::problem("The application that has sent you here, or its address, is not known.");
    };
    let (to, state) = (Back { issuer: &issuer, uri }, params.get("state"));
    let asked = match read(&issuer, client, uri, &params) {
        Ok(asked) => asked,
        Err(error) => return to.error(&error, state),
    };
    let (Ok(id), Ok(cookie)) = (Secret::random(), Secret::random()) else {
        return to.error(&OauthError::fault(), state);
    };
    if server.store().begin_login(id.reveal(), cookie.digest(), asked, crate::now()).is_err() {
        return to.error(&OauthError::busy(), state);
    }
    let mut response = page::sign_in(StatusCode::OK, id.reveal(), &client.name, None);
    let secure = if issuer.id().starts_with("https:") { "; Secure" } else { "" };
    let cookie = format!(
        "login={}; Path=/login/{}; Max-Age={LOGIN_SECONDS}; HttpOnly; SameSite=Strict{secure}",
        cookie.reveal(),
        id.reveal()
    );
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// What the client asks for (RFC 6749 section 4.1.1, RFC 7636 section 4.3, OpenID Connect Core section 3.1.2.1).
fn read(issuer: &Issuer, client: &Client, uri: &str, params: &Params) -> Result<Asked, OauthError> {
    let bad = |code: &str, text: &str| Err(OauthError::bad(code, text));
    if params.need("response_type")? != "code" {
        return bad("unsupported_response_type", "this server answers with a code");
    }
    if params.get("response_mode").is_some_and(|mode| mode != "query") {
        return bad("invalid_request", "this server answers in the query");
    }
    if params.get("request").is_some() {
        return bad("request_not_supported", "this server reads no request objects");
    }
    if params.get("request_uri").is_some() {
        return bad("request_uri_not_supported", "this server reads no request objects");
    }
    client.check_grant(Grant::AuthorizationCode)?;
    let challenge = params.need("code_challenge")?;
    // Left out, it would mean `plain`.
    if params.get("code_challenge_method") != Some("S256") || challenge.len() != 43 {
        return bad("invalid_request", "`code_challenge_method` is not S256, or the challenge is not of it");
    }
    if params.get("prompt").is_some_and(|prompt| prompt.split(' ').any(|word| word == "none")) {
        return bad("login_required", "the person has to sign in");
    }
    Ok(Asked {
        client: client.id.clone(),
        redirect_uri: uri.to_owned(),
        scopes: client.scopes(params.get("scope"))?,
        audience: issuer.audience(client, params)?,
        state: params.get("state").map(str::to_owned),
        nonce: params.get("nonce").map(str::to_owned),
        challenge: challenge.to_owned(),
    })
}

/// The form as somebody has filled it in.
pub(crate) async fn sign_in(
    State(server): State<Arc<Server>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let over = || page::problem("This sign-in is over. Please go back to the application and begin again.");
    let params = match form(&headers, &body) {
        Ok(params) => params,
        Err(error) => return error.into_response(),
    };
    let asked = server.store().attempt_login(&id, cookie(&headers), crate::now());
    let issuer = server.current();
    // The client may have gone since.
    let found = asked.and_then(|asked| Some((issuer.clients.get(&asked.client)?, asked)));
    let Some((client, asked)) = found.filter(|(client, asked)| client.has_redirect(&asked.redirect_uri))
    else {
        return over();
    };
    let (to, state) = (Back { issuer: &issuer, uri: &asked.redirect_uri }, asked.state.as_deref());
    if params.get("cancel").is_some() {
        server.store().end_login(&id);
        return to.error(&OauthError::bad("access_denied", "the person has gone back"), state);
    }
    let (login, password) =
        (params.get("login").unwrap_or_default(), params.get("password").unwrap_or_default());
    let user = match server.sign_in(&issuer, login, password).await {
        Ok(Some(user)) => user,
        Ok(None) => {
            log::event(Level::Warn, "sign-in-refused", &[("client", &client.id)]);
            let problem = Some("The name or the password is wrong.");
            return page::sign_in(StatusCode::FORBIDDEN, &id, &client.name, problem);
        }
        Err(error) => return to.error(&error, state),
    };
    if !server.store().end_login(&id) {
        return over();
    }
    let now = crate::now();
    let session = Session::new(client.id.clone(), user.subject, Grant::AuthorizationCode, now);
    let Ok(code) = Secret::random() else { return to.error(&OauthError::fault(), state) };
    let entry = Code { asked: asked.clone(), session };
    if server.store().put_code(code.digest(), entry, now).is_err() {
        return to.error(&OauthError::busy(), state);
    }
    to.redirect(&[("code", code.reveal())], state)
}

/// The value of the form's cookie.
fn cookie(headers: &HeaderMap) -> &str {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|line| line.split(';'))
        .find_map(|pair| pair.trim().strip_prefix("login="))
        .unwrap_or_default()
}

/// The way back to the client.
struct Back<'a> {
    issuer: &'a Issuer,
    uri: &'a str,
}

impl Back<'_> {
    fn error(&self, error: &OauthError, state: Option<&str>) -> Response {
        self.redirect(&[("error", &error.error), ("error_description", &error.description)], state)
    }

    /// Sends the browser back with an answer, `state`, and who answers (RFC 9207 section 2). The status is one with which
    /// no browser sends the form on (RFC 9700 section 4.12).
    fn redirect(&self, answer: &[(&str, &str)], state: Option<&str>) -> Response {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(answer);
        if let Some(state) = state {
            query.append_pair("state", state);
        }
        query.append_pair("iss", self.issuer.id());
        let separator = if self.uri.contains('?') { '&' } else { '?' };
        let location = format!("{}{separator}{}", self.uri, query.finish());
        let Ok(location) = HeaderValue::from_str(&location) else {
            return page::problem("The application cannot be reached.");
        };
        let headers = [(header::CACHE_CONTROL, "no-store"), (header::REFERRER_POLICY, "no-referrer")];
        let mut response = with_headers(StatusCode::SEE_OTHER, headers, String::new());
        response.headers_mut().insert(header::LOCATION, location);
        response
    }
}
