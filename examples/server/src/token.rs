//! The token endpoint (RFC 6749 section 3.2): who asks, for what grant, and the tokens or the error.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use claimsc::mint::{Issuance, Tokens, random_bytes};
use claimsc::standard::Grant;
use claimsc::{Value, report};

use crate::Server;
use crate::issuer::{Client, Issuer, User};
use crate::log::{self, Level};
use crate::metrics::Outcome;
use crate::oauth::{OauthError, private_json};
use crate::params::Params;
use crate::secret::{Secret, verifies};
use crate::store::{Granted, Session, Use};

pub(crate) mod ask;

use ask::{Ask, Person};

pub(crate) async fn endpoint(State(server): State<Arc<Server>>, headers: HeaderMap, body: Bytes) -> Response {
    let issuer = server.current();
    let params = form(&headers, &body);
    let grant =
        params.as_ref().ok().and_then(|params| params.get("grant_type")).unwrap_or_default().to_owned();
    let result = match params {
        Ok(params) => answer(&server, &issuer, &headers, &params).await,
        Err(error) => Err(error),
    };
    let outcome = match &result {
        Ok(_) => Outcome::Issued,
        Err(error) if error.is_fault => Outcome::Failed,
        Err(_) => Outcome::Refused,
    };
    server.metrics.token_request(&grant, outcome);
    match result {
        Ok(body) => private_json(StatusCode::OK, &body),
        Err(error) => error.into_response(),
    }
}

/// The parameters of a form in the body of a request.
pub(crate) fn form(headers: &HeaderMap, body: &[u8]) -> Result<Params, OauthError> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(OauthError::bad("invalid_request", "the request is no form"));
    }
    Params::parse(body)
}

async fn answer(
    server: &Server,
    issuer: &Arc<Issuer>,
    headers: &HeaderMap,
    params: &Params,
) -> Result<Value, OauthError> {
    let client = issuer.clients.authenticate(headers, params)?;
    let grant = Grant::parse(params.need("grant_type")?);
    let call = Call { server, issuer, client, params, now: crate::now() };
    match grant {
        Some(grant @ Grant::ClientCredentials) => call.machine(grant),
        Some(grant @ Grant::Password) => call.password(grant).await,
        Some(grant @ Grant::AuthorizationCode) => call.code(grant),
        Some(grant @ Grant::RefreshToken) => call.refresh(grant),
        _ => Err(OauthError::bad("unsupported_grant_type", "this server does not have the grant")),
    }
}

/// One request of a client that has proven who it is.
struct Call<'c> {
    server: &'c Server,
    issuer: &'c Arc<Issuer>,
    client: &'c Client,
    params: &'c Params,
    now: i64,
}

fn invalid_grant(description: &str) -> OauthError {
    OauthError::bad("invalid_grant", description)
}

impl Call<'_> {
    /// RFC 6749 section 4.4.
    fn machine(&self, grant: Grant) -> Result<Value, OauthError> {
        self.client.check_grant(grant)?;
        let ask = self.ask(grant)?;
        Ok(self.mint(&ask, None)?.to_json())
    }

    /// RFC 6749 section 4.3.
    async fn password(&self, grant: Grant) -> Result<Value, OauthError> {
        self.client.check_grant(grant)?;
        let (login, password) = (self.params.need("username")?, self.params.need("password")?);
        let ask = self.ask(grant)?;
        let Some(user) = self.server.sign_in(self.issuer, login, password).await? else {
            log::event(Level::Warn, "sign-in-refused", &[("client", &self.client.id)]);
            return Err(invalid_grant("the name or the password is wrong"));
        };
        let session = Session::new(self.client.id.clone(), user.subject.clone(), grant, self.now);
        self.begin(ask, &session, &user, None)
    }

    /// RFC 6749 section 4.1.3, with PKCE (RFC 7636 section 4.6).
    fn code(&self, grant: Grant) -> Result<Value, OauthError> {
        self.client.check_grant(grant)?;
        let (code, verifier) = (self.params.need("code")?, self.params.need("code_verifier")?);
        let found = self.server.store().use_code(code, self.now);
        let code = self.only_first(found, "code")?;
        let asked = &code.asked;
        // A code that comes with anything wrong is used up all the same: whoever holds it is not who it was for.
        if asked.client != self.client.id
            || self.params.get("redirect_uri") != Some(&*asked.redirect_uri)
            || !verifies(&asked.challenge, verifier)
        {
            return Err(invalid_grant("the code is not for this request"));
        }
        if !code.session.is_alive(self.now) {
            return Err(invalid_grant("the session has ended"));
        }
        let user = self.user(&code.session)?;
        let audience = self.narrowed(&asked.audience)?;
        let ask = Ask { grant, client: self.client, scopes: asked.scopes.clone(), audience, person: None };
        self.begin(ask, &code.session, &user, asked.nonce.as_deref())
    }

    /// RFC 6749 section 6, with rotation (RFC 9700 section 4.14.2).
    fn refresh(&self, grant: Grant) -> Result<Value, OauthError> {
        self.client.check_grant(grant)?;
        let token = self.params.need("refresh_token")?;
        let found = self.server.store().look_at_refresh(token, self.now);
        let granted = self.only_first(found, "refresh token")?;
        if granted.session.client != self.client.id {
            return Err(invalid_grant("the refresh token is not for this client"));
        }
        let user = self.user(&granted.session)?;
        let scopes = match self.params.get("scope") {
            None => granted.scopes.clone(),
            Some(words) => words.split(' ').filter(|word| !word.is_empty()).map(Arc::from).collect(),
        };
        if scopes.iter().any(|scope| !granted.scopes.contains(scope)) {
            return Err(OauthError::bad("invalid_scope", "a scope was not granted"));
        }
        let audience = self.narrowed(&granted.audience)?;
        let person = Person { user: &user, session: &granted.session, original: Some(&granted) };
        let ask = Ask { grant, client: self.client, scopes, audience, person: Some(person) };
        let tokens = self.mint(&ask, None)?;
        // Only now: a refusal or a fault leaves the client its token. Of two requests at the same time, one gets here.
        let found = self.server.store().use_refresh(token, self.now);
        self.only_first(found, "refresh token")?;
        // The new token is good for what the old one was, whatever this access token was narrowed to.
        self.keep(&tokens, &Granted { is_refreshed: true, ..granted })
    }

    /// The tokens of somebody who has just signed in.
    fn begin(
        &self,
        ask: Ask<'_>,
        session: &Arc<Session>,
        user: &User,
        nonce: Option<&str>,
    ) -> Result<Value, OauthError> {
        let person = Person { user, session, original: None };
        let tokens = self.mint(&Ask { person: Some(person), ..ask }, nonce)?;
        let granted = Granted {
            session: session.clone(),
            scopes: tokens.scopes.clone(),
            audience: tokens.audience.clone(),
            is_refreshed: false,
        };
        self.keep(&tokens, &granted)
    }

    /// Remembers what the tokens stand for, and adds a refresh token where the client may use one.
    fn keep(&self, tokens: &Tokens, granted: &Granted) -> Result<Value, OauthError> {
        let full = |_| OauthError::busy();
        let mut store = self.server.store();
        if tokens.scopes.iter().any(|scope| **scope == *"openid") {
            let (scopes, audience) = (tokens.scopes.clone(), tokens.audience.clone());
            let access = Granted { scopes, audience, ..granted.clone() };
            let expires = self.now.saturating_add(tokens.expires_in);
            store.put_access(&tokens.token_id, access, expires, self.now).map_err(full)?;
        }
        let body = tokens.to_json();
        if !self.client.grants.contains(&Grant::RefreshToken) {
            return Ok(body);
        }
        let refresh = Secret::random()?;
        store.put_refresh(refresh.digest(), granted.clone(), self.now).map_err(full)?;
        Ok(report::with_member(&body, "refresh_token", Value::from(refresh.reveal())))
    }

    fn ask(&self, grant: Grant) -> Result<Ask<'_>, OauthError> {
        let scopes = self.client.scopes(self.params.get("scope"))?;
        let audience = self.issuer.audience(self.client, self.params)?;
        Ok(Ask { grant, client: self.client, scopes, audience, person: None })
    }

    /// The audience that the request names, of those that were granted; all of them where it names none (RFC 8707
    /// section 2.2).
    fn narrowed(&self, granted: &[Arc<str>]) -> Result<Vec<Arc<str>>, OauthError> {
        let named: Vec<Arc<str>> = self.params.all("resource").map(Arc::from).collect();
        if named.iter().any(|id| !granted.contains(id)) {
            return Err(OauthError::bad("invalid_target", "a resource was not granted"));
        }
        Ok(if named.is_empty() { granted.to_vec() } else { named })
    }

    /// The person of a session, as the files describe them now.
    fn user(&self, session: &Session) -> Result<User, OauthError> {
        let user = self.issuer.users.of_subject(&session.subject);
        user.cloned().ok_or_else(|| invalid_grant("the session has ended"))
    }

    fn only_first<T>(&self, found: Use<T>, what: &str) -> Result<T, OauthError> {
        match found {
            Use::First(entry) => return Ok(entry),
            Use::Unknown => {}
            Use::Again => {
                self.server.metrics.reused();
                log::event(Level::Warn, "used-again", &[("client", &self.client.id), ("what", what)]);
            }
        }
        Err(invalid_grant(&format!("the {what} is not good, or no more")))
    }

    fn mint(&self, ask: &Ask<'_>, nonce: Option<&str>) -> Result<Tokens, OauthError> {
        let request = ask.request(self.issuer, self.now)?;
        let random = random_bytes().map_err(|_| OauthError::fault())?;
        let issuance = Issuance { nonce, ..Issuance::at(self.now, random) };
        match self.issuer.minter.mint(&request, &issuance) {
            Ok(tokens) => {
                let fields =
                    [("client", &*self.client.id), ("grant", ask.grant.as_str()), ("jti", &*tokens.token_id)];
                log::event(Level::Info, "issued", &fields);
                Ok(tokens)
            }
            Err(error) => Err(ask::refused(&error, &request, issuance.answer)),
        }
    }
}

impl Server {
    /// Who signs in with a name and a password.
    pub(crate) async fn sign_in(
        &self,
        issuer: &Arc<Issuer>,
        login: &str,
        password: &str,
    ) -> Result<Option<User>, OauthError> {
        let permit = self.password_checks.acquire().await.map_err(|_| OauthError::busy())?;
        let (issuer, login, password) = (issuer.clone(), login.to_owned(), password.to_owned());
        let checked = tokio::task::spawn_blocking(move || issuer.users.sign_in(&login, &password)).await;
        drop(permit);
        checked.map_err(|_| OauthError::fault())
    }
}
