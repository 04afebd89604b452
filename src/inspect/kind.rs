//! Which kind of token it is, from what it says of itself.

use std::fmt;

use crate::catalog::Catalog;
use crate::mint::SignedToken;
use crate::standard::Token;
use crate::value::Value;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// For an API (RFC 9068).
    AccessToken,
    /// For the client (OpenID Connect Core section 2).
    IdToken,
    /// For the client, when a session ends (OpenID Connect Back-Channel Logout section 2.4).
    LogoutToken,
    /// Something else, or it does not say.
    Other,
}

impl Kind {
    /// A word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::AccessToken => "access_token",
            Kind::IdToken => "id_token",
            Kind::LogoutToken => "logout_token",
            Kind::Other => "other",
        }
    }

    /// The token that policies write into.
    pub fn token(self) -> Option<Token> {
        match self {
            Kind::AccessToken => Some(Token::Access),
            Kind::IdToken => Some(Token::Id),
            Kind::LogoutToken | Kind::Other => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::AccessToken => "access token",
            Kind::IdToken => "ID token",
            Kind::LogoutToken => "logout token",
            Kind::Other => "token of an unknown kind",
        })
    }
}

/// What only ID tokens have.
const OF_ID_TOKENS: [&str; 4] = ["nonce", "at_hash", "c_hash", "s_hash"];
/// What only access tokens have.
const OF_ACCESS_TOKENS: [&str; 6] = ["scope", "scp", "client_id", "cid", "appid", "authorization_details"];

/// What a token is, and how that is seen.
pub(super) fn of(token: &SignedToken, catalog: Option<&Catalog>) -> (Kind, String) {
    let claims = token.claims();
    let typ = token.header_text("typ").unwrap_or("JWT").to_ascii_lowercase();
    let typ = typ.strip_prefix("application/").unwrap_or(&typ);
    match typ {
        "at+jwt" => return (Kind::AccessToken, "`typ` of the header is `at+jwt`".to_owned()),
        "logout+jwt" => return (Kind::LogoutToken, "`typ` of the header is `logout+jwt`".to_owned()),
        "jwt" => {}
        other => return (Kind::Other, format!("`typ` of the header is `{other}`")),
    }
    for (name, value, kind) in [
        ("token_use", "access", Kind::AccessToken),
        ("token_use", "id", Kind::IdToken),
        ("typ", "Bearer", Kind::AccessToken),
        ("typ", "ID", Kind::IdToken),
        ("typ", "Logout", Kind::LogoutToken),
    ] {
        if claims.get(name).and_then(Value::as_str) == Some(value) {
            return (kind, format!("the claim `{name}` is `{value}`"));
        }
    }
    if claims.get("events").is_some_and(|events| events.get(BACKCHANNEL_LOGOUT).is_some()) {
        return (Kind::LogoutToken, "`events` holds a logout".to_owned());
    }
    let found = |names: &[&'static str]| names.iter().copied().find(|name| claims.contains_key(*name));
    if let Some(name) = found(&OF_ID_TOKENS) {
        return (Kind::IdToken, format!("it has `{name}`"));
    }
    if let Some(name) = found(&OF_ACCESS_TOKENS) {
        return (Kind::AccessToken, format!("it has `{name}`"));
    }
    let Some(audience) = claims.get("aud").and_then(Value::as_str) else {
        return (Kind::Other, "nothing in it tells".to_owned());
    };
    if claims.get("azp").and_then(Value::as_str) == Some(audience) {
        return (Kind::IdToken, "`aud` is the client that `azp` names".to_owned());
    }
    match catalog {
        Some(catalog) if catalog.client(audience).is_some() => {
            (Kind::IdToken, "`aud` is a client of claims.yaml".to_owned())
        }
        Some(catalog) if catalog.audience(audience).is_some() => {
            (Kind::AccessToken, "`aud` is an API of claims.yaml".to_owned())
        }
        _ => (Kind::Other, "nothing in it tells".to_owned()),
    }
}

/// The event of a logout token (OpenID Connect Back-Channel Logout section 2.4).
const BACKCHANNEL_LOGOUT: &str = "http://schemas.openid.net/event/backchannel-logout";
