//! The clients: who they are, how they prove it, and where people are sent back to.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use claimsc::standard::{Grant, is_scope_token};
use claimsc::{Policy, Value};

use super::Members;
use crate::oauth::OauthError;
use crate::params::Params;
use crate::secret::{self, Digest};

/// A registered client. The members of its entry are those of RFC 7591 section 2, but for the secret, of which only the
/// SHA-256 is kept: it is random, so nothing slower is needed.
#[derive(Debug)]
pub struct Client {
    /// The client id.
    pub id: Arc<str>,
    /// What people are shown.
    pub name: Arc<str>,
    /// The grants that it may use.
    pub grants: Vec<Grant>,
    redirect_uris: Vec<String>,
    scopes: Vec<String>,
    method: Method,
}

/// How a client proves who it is at the token endpoint (RFC 7591 section 2, `token_endpoint_auth_method`).
#[derive(Debug)]
enum Method {
    /// Not at all: a public client.
    None,
    /// HTTP Basic.
    Basic(Digest),
    /// In the form.
    Post(Digest),
}

/// All clients by id.
#[derive(Debug)]
pub struct Clients {
    all: BTreeMap<Arc<str>, Client>,
}

/// What a client shows.
struct Shown {
    id: String,
    secret: Option<String>,
    is_basic: bool,
}

impl Clients {
    pub(super) fn read(value: &Value) -> Result<Self, String> {
        let entries = value.as_list().ok_or("the file is not a list of clients")?;
        let mut all = BTreeMap::new();
        for entry in entries {
            let client = Client::read(entry)?;
            if let Some(twice) = all.insert(client.id.clone(), client) {
                return Err(format!("the client `{}` stands there twice", twice.id));
            }
        }
        Ok(Clients { all })
    }

    /// Where the policy knows a client, both have to say the same: a request that contradicts claims.yaml is an error of
    /// the policy's evaluation, and better found now.
    pub(super) fn check_against(&self, policy: &Policy) -> Result<(), Vec<String>> {
        let catalog = &policy.unit().catalog;
        let mut problems = Vec::new();
        for client in self.all.values() {
            let Some(listed) = catalog.client(&client.id) else {
                if !catalog.clients.is_empty() && catalog.client_world == claimsc::catalog::World::Closed {
                    problems.push(format!("the client `{}` is not listed in claims.yaml", client.id));
                }
                continue;
            };
            let has = |grant: &&Grant| listed.grants.as_ref().is_none_or(|grants| grants.contains(grant));
            problems.extend(client.grants.iter().filter(|grant| !has(grant)).map(|grant| {
                format!("the client `{}` may not use the grant `{grant}` by claims.yaml", client.id)
            }));
            if listed.confidential.is_some_and(|confidential| confidential == client.is_public()) {
                problems.push(format!(
                    "claims.yaml disagrees whether the client `{}` is confidential",
                    client.id
                ));
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// The client of an id.
    pub fn get(&self, id: &str) -> Option<&Client> {
        self.all.get(id)
    }

    /// The client that asks at the token endpoint, if it proves to be it in the way it has registered (RFC 6749 section
    /// 2.3).
    ///
    /// # Errors
    /// Unknown clients and wrong secrets, without saying which; two ways at once.
    pub fn authenticate(&self, headers: &HeaderMap, params: &Params) -> Result<&Client, OauthError> {
        let Shown { id, secret, is_basic } = Shown::read(headers, params)?;
        let refused = || OauthError::invalid_client(is_basic);
        let client = self.get(&id);
        // An unknown client takes as long as one with a wrong secret.
        let expected = match client.map(|client| &client.method) {
            Some(Method::Basic(digest)) if is_basic => Some(digest),
            Some(Method::Post(digest)) if !is_basic => Some(digest),
            _ => None,
        };
        let is_right = secret::matches(expected.unwrap_or(&[0; 32]), secret.as_deref().unwrap_or_default());
        let client = client.ok_or_else(refused)?;
        match (&client.method, secret) {
            (Method::None, None) => Ok(client),
            (Method::Basic(_) | Method::Post(_), Some(_)) if is_right => Ok(client),
            _ => Err(refused()),
        }
    }
}

impl Shown {
    fn read(headers: &HeaderMap, params: &Params) -> Result<Self, OauthError> {
        let (id, secret) = (params.get("client_id"), params.get("client_secret"));
        let Some(authorization) = headers.get(header::AUTHORIZATION) else {
            let id = params.need("client_id")?.to_owned();
            return Ok(Shown { id, secret: secret.map(str::to_owned), is_basic: false });
        };
        let (user, password) =
            authorization.to_str().ok().and_then(basic).ok_or_else(|| OauthError::invalid_client(true))?;
        if secret.is_some() || id.is_some_and(|id| *id != user) {
            return Err(OauthError::bad("invalid_request", "the client identifies itself in two ways"));
        }
        Ok(Shown { id: user, secret: Some(password), is_basic: true })
    }
}

/// User and password of HTTP Basic, each encoded as in a form before (RFC 6749 section 2.3.1).
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, credentials) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    let decoded = |text: &str| {
        // `&` would begin another pair.
        let encoded = format!("={}", text.replace('&', "%26"));
        let (_, value) = form_urlencoded::parse(encoded.as_bytes()).next()?;
        Some(value.into_owned())
    };
    Some((decoded(user)?, decoded(password)?))
}

impl Client {
    fn read(entry: &Value) -> Result<Self, String> {
        const MEMBERS: &[&str] = &[
            "client_id",
            "client_name",
            "client_secret_sha256",
            "token_endpoint_auth_method",
            "grant_types",
            "redirect_uris",
            "scope",
        ];
        let members = Members::new(entry, MEMBERS)?;
        let id: Arc<str> = members.text("client_id")?.into();
        Client::of(&members, id.clone()).map_err(|problem| format!("client `{id}`: {problem}"))
    }

    fn of(members: &Members<'_>, id: Arc<str>) -> Result<Self, String> {
        let method = match members.text("token_endpoint_auth_method")? {
            "none" if members.value.get("client_secret_sha256").is_some() => {
                return Err("a public client has no secret".to_owned());
            }
            "none" => Method::None,
            "client_secret_basic" => Method::Basic(digest(members.text("client_secret_sha256")?)?),
            "client_secret_post" => Method::Post(digest(members.text("client_secret_sha256")?)?),
            _ => return Err("`token_endpoint_auth_method` is not one of this server".to_owned()),
        };
        let grants = members.texts("grant_types")?;
        let grants: Option<Vec<Grant>> = grants.into_iter().map(grant).collect();
        let grants = grants.ok_or("`grant_types` has a grant that this server does not have")?;
        if matches!(method, Method::None) && grants.contains(&Grant::ClientCredentials) {
            return Err("a public client may not use `client_credentials` (RFC 6749 section 4.4)".to_owned());
        }
        let redirect_uris = members.texts("redirect_uris")?;
        if let Some(unfit) = redirect_uris.iter().find(|uri| !is_fit_redirect(uri)) {
            return Err(format!("`{unfit}` is no redirect URI (RFC 9700 section 2.1)"));
        }
        if redirect_uris.is_empty() && grants.contains(&Grant::AuthorizationCode) {
            return Err("`redirect_uris` is missing".to_owned());
        }
        let scopes: Vec<String> = match members.value.get("scope") {
            None => Vec::new(),
            Some(_) => members.text("scope")?.split(' ').map(str::to_owned).collect(),
        };
        if !scopes.iter().all(|scope| is_scope_token(scope)) {
            return Err("`scope` has what is no scope".to_owned());
        }
        let redirect_uris = redirect_uris.into_iter().map(str::to_owned).collect();
        let name = if members.value.get("client_name").is_some() {
            members.text("client_name")?.into()
        } else {
            id.clone()
        };
        Ok(Client { id, name, grants, redirect_uris, scopes, method })
    }

    /// Whether it has no secret.
    pub fn is_public(&self) -> bool {
        matches!(self.method, Method::None)
    }

    /// Whether people may be sent back there: the very text that is registered (RFC 9700 section 2.1).
    pub fn has_redirect(&self, uri: &str) -> bool {
        self.redirect_uris.iter().any(|registered| registered == uri)
    }

    /// Whether it may use a grant.
    ///
    /// # Errors
    /// If not.
    pub fn check_grant(&self, grant: Grant) -> Result<(), OauthError> {
        if self.grants.contains(&grant) {
            return Ok(());
        }
        Err(OauthError::bad("unauthorized_client", "the client may not use this grant"))
    }

    /// The scopes that it asks for, each once, if it has registered all of them.
    ///
    /// # Errors
    /// Others.
    pub fn scopes(&self, asked: Option<&str>) -> Result<Vec<Arc<str>>, OauthError> {
        let mut scopes: Vec<Arc<str>> = Vec::new();
        for scope in asked.unwrap_or_default().split(' ').filter(|scope| !scope.is_empty()) {
            if !self.scopes.iter().any(|registered| registered == scope) {
                return Err(OauthError::bad("invalid_scope", "a scope is not registered for the client"));
            }
            if !scopes.iter().any(|known| **known == *scope) {
                scopes.push(scope.into());
            }
        }
        Ok(scopes)
    }
}

fn grant(word: &str) -> Option<Grant> {
    Grant::parse(word).filter(|grant| super::metadata::GRANTS.contains(grant))
}

/// 64 hexadecimal digits.
fn digest(text: &str) -> Result<Digest, String> {
    let problem = || "`client_secret_sha256` is not 64 hexadecimal digits".to_owned();
    let mut digest = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return Err(problem());
    }
    for (index, byte) in digest.iter_mut().enumerate() {
        let digits = text.get(index * 2..index * 2 + 2).ok_or_else(problem)?;
        *byte = u8::from_str_radix(digits, 16).map_err(|_| problem())?;
    }
    Ok(digest)
}

/// `https`, a loopback address (RFC 8252 section 7.3) or an app's own scheme, which has a dot (section 7.1); no fragment
/// (RFC 6749 section 3.1.2).
fn is_fit_redirect(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once(':') else { return false };
    let is_clean = uri.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
    let is_loopback = ["//127.0.0.1", "//[::1]"]
        .iter()
        .any(|host| rest.strip_prefix(host).is_some_and(|end| end.is_empty() || end.starts_with([':', '/'])));
    let is_app =
        scheme.contains('.') && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
    is_clean
        && match scheme {
            "https" => rest.len() > 2 && rest.starts_with("//"),
            "http" => is_loopback,
            _ => is_app,
        }
}

#[cfg(test)]
mod tests {
    use claimsc::value::JsonLimits;

    use super::*;

    #[test]
    fn redirects_are_https_loopback_or_of_an_app() {
        for fit in
            ["https://a.example/cb?x=1", "http://127.0.0.1:8081/cb", "http://[::1]/cb", "com.example.app:/cb"]
        {
            assert!(is_fit_redirect(fit), "{fit}");
        }
        for unfit in [
            "http://a.example/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://localhost/cb",
            "https://a.example/cb#x",
            "https://",
            "javascript:alert(1)",
            "data:text/html,x",
            "/cb",
            "https://a.example/c b",
        ] {
            assert!(!is_fit_redirect(unfit), "{unfit}");
        }
    }

    #[test]
    fn basic_credentials_are_decoded_as_in_forms() {
        let header = |text: &str| format!("Basic {}", STANDARD.encode(text));
        assert_eq!(basic(&header("a%3Ab:c%26+d")), Some(("a:b".to_owned(), "c& d".to_owned())));
        assert_eq!(basic(&header("a:b:c")), Some(("a".to_owned(), "b:c".to_owned())));
        assert_eq!(basic(&header("a&b:c=d")), Some(("a&b".to_owned(), "c=d".to_owned())));
        assert_eq!(basic(&header("a")), None);
        assert_eq!(basic("Basic ?"), None);
    }

    #[test]
    fn registrations_are_strict() {
        let hash = "a".repeat(64);
        for (problem, entry) in [
            (
                "has no secret",
                format!(r#""token_endpoint_auth_method": "none", "client_secret_sha256": "{hash}""#),
            ),
            ("is missing or no text", r#""token_endpoint_auth_method": "client_secret_basic""#.to_owned()),
            ("is not one of this server", r#""token_endpoint_auth_method": "tls_client_auth""#.to_owned()),
            (
                "may not use `client_credentials`",
                r#""token_endpoint_auth_method": "none", "grant_types": ["client_credentials"]"#.to_owned(),
            ),
            (
                "does not have",
                r#""token_endpoint_auth_method": "none", "grant_types": ["implicit"]"#.to_owned(),
            ),
            (
                "`redirect_uris` is missing",
                r#""token_endpoint_auth_method": "none", "grant_types": ["authorization_code"]"#.to_owned(),
            ),
            ("not a known member", r#""token_endpoint_auth_method": "none", "redirect_uri": "x""#.to_owned()),
            (
                "64 hexadecimal digits",
                r#""token_endpoint_auth_method": "client_secret_post", "client_secret_sha256": "secret""#
                    .to_owned(),
            ),
        ] {
            let text = format!(r#"[{{ "client_id": "c", {entry} }}]"#);
            let value = Value::parse_json(text.as_bytes(), JsonLimits::default()).unwrap();
            let error = Clients::read(&value).unwrap_err();
            assert!(error.contains(problem), "{error}");
        }
    }
}
