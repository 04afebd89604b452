//! What one issue of tokens has beside the request: the time, random bytes, and how the answer is given.

use std::fmt;

use super::MintError;
use crate::request::Request;
use crate::standard::{Grant, Token};

/// The arguments of one issue beside the request.
///
/// ```
/// use claimsc::mint::Issuance;
///
/// let issuance = Issuance { nonce: Some("n-0S6_WzA2Mj"), ..Issuance::at(1_781_000_000, [7; 16]) };
/// assert_eq!(issuance.now, 1_781_000_000);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Issuance<'a> {
    /// The time in seconds since 1970: `iat`.
    pub now: i64,
    /// Random bytes from the operating system, never used twice: `jti`.
    pub random: [u8; 16],
    /// Where the tokens are given out.
    pub answer: Answer,
    /// What the client sent as `nonce` (OpenID Connect Core section 3.1.2.1).
    pub nonce: Option<&'a str>,
    /// The authorization code that is given out with the tokens: `c_hash` (OpenID Connect Core section 3.3.2.11).
    pub code: Option<&'a str>,
}

impl Issuance<'_> {
    /// One at the token endpoint, without `nonce`.
    pub fn at(now: i64, random: [u8; 16]) -> Self {
        Issuance { now, random, answer: Answer::TokenEndpoint, nonce: None, code: None }
    }
}

/// Where tokens are given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// At the token endpoint (RFC 6749 section 3.2), or the one that stands for it in the grant.
    TokenEndpoint,
    /// At the authorization endpoint (RFC 6749 section 3.1), for a response type.
    AuthorizationEndpoint(ResponseType),
}

/// A response type that gives out tokens at the authorization endpoint (OAuth 2.0 Multiple Response Type Encoding
/// Practices, sections 3 and 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseType {
    /// `token`
    Token,
    /// `id_token`
    IdToken,
    /// `id_token token`
    IdTokenToken,
    /// `code token`
    CodeToken,
    /// `code id_token`
    CodeIdToken,
    /// `code id_token token`
    CodeIdTokenToken,
}

impl ResponseType {
    const ALL: [ResponseType; 6] = [
        ResponseType::Token,
        ResponseType::IdToken,
        ResponseType::IdTokenToken,
        ResponseType::CodeToken,
        ResponseType::CodeIdToken,
        ResponseType::CodeIdTokenToken,
    ];

    /// Its words in their usual order.
    pub fn as_str(self) -> &'static str {
        match self {
            ResponseType::Token => "token",
            ResponseType::IdToken => "id_token",
            ResponseType::IdTokenToken => "id_token token",
            ResponseType::CodeToken => "code token",
            ResponseType::CodeIdToken => "code id_token",
            ResponseType::CodeIdTokenToken => "code id_token token",
        }
    }

    /// The one with these words, in any order.
    pub fn parse(words: &str) -> Option<Self> {
        let sorted = |text: &str| {
            let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
            words.sort_unstable();
            words
        };
        let wanted = sorted(words);
        ResponseType::ALL.into_iter().find(|one| sorted(one.as_str()) == wanted)
    }

    /// Whether an authorization code is given out.
    fn has_code(self) -> bool {
        matches!(self, ResponseType::CodeToken | ResponseType::CodeIdToken | ResponseType::CodeIdTokenToken)
    }

    /// Whether an access token is given out.
    fn has_access_token(self) -> bool {
        !matches!(self, ResponseType::IdToken | ResponseType::CodeIdToken)
    }

    /// Whether an ID token is given out.
    fn has_id_token(self) -> bool {
        !matches!(self, ResponseType::Token | ResponseType::CodeToken)
    }
}

impl fmt::Display for ResponseType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Answer {
    /// How a grant is usually answered: with an access token, and an ID token where `openid` is asked for. A request
    /// of the hybrid flow without a code is one at the token endpoint.
    pub fn usual(request: &Request, has_code: bool) -> Self {
        let openid = request.scopes().iter().any(|scope| **scope == *"openid");
        match (request.grant(), openid) {
            (Grant::Implicit, true) => Answer::AuthorizationEndpoint(ResponseType::IdTokenToken),
            (Grant::Implicit, false) => Answer::AuthorizationEndpoint(ResponseType::Token),
            (Grant::Hybrid, true) if has_code => {
                Answer::AuthorizationEndpoint(ResponseType::CodeIdTokenToken)
            }
            (Grant::Hybrid, false) if has_code => Answer::AuthorizationEndpoint(ResponseType::CodeToken),
            _ => Answer::TokenEndpoint,
        }
    }
}

/// Which tokens an answer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) access_token: bool,
    pub(super) id_token: IdToken,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IdToken {
    Never,
    /// Where `openid` is granted (OpenID Connect Core section 3.1.2.1).
    WithOpenid,
    /// By the response type.
    Always,
}

impl Plan {
    /// What a request gets, if its grant can be answered in this way.
    pub(super) fn of(request: &Request, issuance: &Issuance<'_>) -> Result<Plan, MintError> {
        let grant = request.grant();
        let unfit = || MintError::UnfitAnswer { grant, answer: issuance.answer };
        let has_id = grant.tokens().contains(Token::Id) && request.user().is_some();
        match issuance.answer {
            _ if grant == Grant::SamlSso => Err(MintError::SamlAssertion),
            Answer::TokenEndpoint if grant == Grant::Implicit || issuance.code.is_some() => Err(unfit()),
            Answer::TokenEndpoint => Ok(Plan {
                access_token: true,
                id_token: if has_id { IdToken::WithOpenid } else { IdToken::Never },
            }),
            Answer::AuthorizationEndpoint(kind) => {
                let fits = match grant {
                    Grant::Implicit => !kind.has_code(),
                    Grant::Hybrid => kind.has_code(),
                    _ => false,
                };
                if !fits || kind.has_code() != issuance.code.is_some() {
                    return Err(unfit());
                }
                let id_token = if kind.has_id_token() { IdToken::Always } else { IdToken::Never };
                // OpenID Connect Core section 3.2.2.1.
                if id_token == IdToken::Always && grant == Grant::Implicit && issuance.nonce.is_none() {
                    return Err(MintError::MissingNonce);
                }
                Ok(Plan { access_token: kind.has_access_token(), id_token })
            }
        }
    }
}
