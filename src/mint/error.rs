//! Why keys are refused and tokens are not minted, and what the client is told.

use std::fmt;

use super::Answer;
use crate::decision::{EvaluationError, Refusal};
use crate::request::Request;
use crate::standard::Grant;
use crate::value::{Object, Value};

/// Why a key, a ring or the settings of an issuer are refused. Never holds key material.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetupError {
    message: String,
    help: String,
}

impl SetupError {
    pub(super) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        SetupError { message: message.into(), help: help.into() }
    }

    /// The fact: lower case, without a period.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do: one imperative sentence.
    pub fn help(&self) -> &str {
        &self.help
    }
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.message, self.help)
    }
}

impl std::error::Error for SetupError {}

/// The cryptography did not sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SigningFailed;

/// Why no token is issued. Never holds a value of the request.
///
/// Exhaustive on purpose: a host has to know every way in which it can end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MintError {
    /// The policy refuses the request; never empty.
    Denied(Vec<Refusal>),
    /// The policy cannot be evaluated; never empty.
    Evaluation(Vec<EvaluationError>),
    /// The request has no audience, and claims.yaml no `default_audience`.
    MissingAudience,
    /// The user has no `sub`, or one that is no text.
    MissingSubject,
    /// The user's `sub` is longer than 255 ASCII characters or has others (OpenID Connect Core section 2).
    UnfitSubject,
    /// The user's `sub` is the id of a client (RFC 9068 section 5).
    SubjectIsClient,
    /// A member that becomes a protocol or standard claim is not of its type; says which.
    UnfitMember(String),
    /// The policy writes a protocol claim, which checks rule out.
    ProtocolClaim(std::sync::Arc<str>),
    /// An ID token of the implicit flow without `nonce` (OpenID Connect Core section 3.2.2.1).
    MissingNonce,
    /// An ID token by the response type, or userinfo, but the scope `openid` is not granted.
    MissingOpenid,
    /// Userinfo about nobody.
    MissingUser,
    /// The grant is not answered in this way.
    UnfitAnswer {
        /// The grant.
        grant: Grant,
        /// The way.
        answer: Answer,
    },
    /// SAML assertions are not minted.
    SamlAssertion,
    /// The client has a secret for HS256 and is not confidential.
    SecretOfPublicClient,
    /// The cryptography did not sign.
    SigningFailed,
}

impl From<SigningFailed> for MintError {
    fn from(_: SigningFailed) -> Self {
        MintError::SigningFailed
    }
}

impl fmt::Display for MintError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MintError::Denied(refusals) => {
                let all: Vec<&str> = refusals.iter().map(|refusal| &*refusal.message).collect();
                write!(f, "the policy denies the request: {}", all.join("; "))
            }
            MintError::Evaluation(errors) => {
                let all: Vec<String> =
                    errors.iter().map(|error| format!("{} ({})", error.message, error.code)).collect();
                write!(f, "the policy cannot be evaluated: {}", all.join("; "))
            }
            MintError::MissingAudience => f.write_str(
                "the request has no audience, and claims.yaml names no `default_audience` (RFC 9068 section 3)",
            ),
            MintError::MissingSubject => f.write_str("`user.sub` is missing or no text"),
            MintError::UnfitSubject => f.write_str(
                "`user.sub` is not 1 to 255 ASCII characters (OpenID Connect Core section 2)",
            ),
            MintError::SubjectIsClient => f.write_str(
                "`user.sub` is the id of a client, and APIs could take the person for it (RFC 9068 section 5)",
            ),
            MintError::UnfitMember(fact) => f.write_str(fact),
            MintError::ProtocolClaim(name) => {
                write!(f, "the policy writes the protocol claim `{name}`, which only the issuer writes")
            }
            MintError::MissingNonce => f.write_str(
                "the request has no `nonce`, which the implicit flow needs (OpenID Connect Core section 3.2.2.1)",
            ),
            MintError::MissingOpenid => f.write_str(
                "the scope `openid` is not granted, without which there is neither ID token nor userinfo (OpenID \
                 Connect Core section 3.1.2.1)",
            ),
            MintError::MissingUser => f.write_str("the request has no user, so there is no userinfo"),
            MintError::UnfitAnswer { grant, answer } => match answer {
                Answer::TokenEndpoint => {
                    write!(f, "the grant `{grant}` is not answered at the token endpoint in this way")
                }
                Answer::AuthorizationEndpoint(kind) => {
                    write!(f, "the grant `{grant}` is not answered with the response type `{kind}` in this way")
                }
            },
            MintError::SamlAssertion => f.write_str("a SAML assertion is not minted"),
            MintError::SecretOfPublicClient => f.write_str(
                "the client has a secret for HS256 and is not known to be confidential (OpenID Connect Core section \
                 10.1)",
            ),
            MintError::SigningFailed => f.write_str("the token could not be signed"),
        }
    }
}

impl std::error::Error for MintError {}

/// An error response of OAuth 2.0: what the client may be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorResponse {
    /// A code that the endpoint may use.
    pub error: String,
    /// Text for the client's developer, of the characters that RFC 6749 permits.
    pub error_description: String,
    /// Whether the fault is the issuer's own, so that somebody there has to look at it.
    pub is_fault: bool,
}

impl ErrorResponse {
    /// Its JSON form (RFC 6749 section 5.2).
    pub fn to_json(&self) -> Value {
        Value::object(Object::from_iter([
            ("error".into(), Value::from(&*self.error)),
            ("error_description".into(), Value::from(&*self.error_description)),
        ]))
    }
}

/// Codes of both endpoints (RFC 6749 sections 4.1.2.1 and 5.2, RFC 8707 section 2, RFC 9396 section 5).
const EVERYWHERE: &[&str] = &[
    "invalid_request",
    "unauthorized_client",
    "invalid_scope",
    "invalid_target",
    "invalid_authorization_details",
];
/// Those of the token endpoint alone.
const TOKEN_ENDPOINT: &[&str] = &["invalid_client", "invalid_grant", "unsupported_grant_type"];
/// Those that it has where the person decides on another device (RFC 8628 section 3.5, CIBA section 11).
const POLLED: &[&str] = &["access_denied", "expired_token"];
/// Those of the authorization endpoint alone, with those of OpenID Connect Core section 3.1.2.6.
const AUTHORIZATION_ENDPOINT: &[&str] = &[
    "access_denied",
    "unsupported_response_type",
    "server_error",
    "temporarily_unavailable",
    "interaction_required",
    "login_required",
    "account_selection_required",
    "consent_required",
];

fn is_allowed(code: &str, grant: Grant, answer: Answer) -> bool {
    EVERYWHERE.contains(&code)
        || match answer {
            Answer::TokenEndpoint => {
                let is_polled = matches!(grant, Grant::DeviceCode | Grant::Ciba);
                TOKEN_ENDPOINT.contains(&code) || (is_polled && POLLED.contains(&code))
            }
            Answer::AuthorizationEndpoint(_) => AUTHORIZATION_ENDPOINT.contains(&code),
        }
}

impl MintError {
    /// What the client is told, with a code that the endpoint may use. Of the policy's denials it is the first; of the
    /// issuer's own faults, nothing but that there is one.
    ///
    /// A code that the endpoint does not have becomes `invalid_grant` for people and `unauthorized_client` for machines
    /// at the token endpoint, and `access_denied` or, for faults, `server_error` at the authorization endpoint.
    pub fn response(&self, request: &Request, answer: Answer) -> ErrorResponse {
        let (code, description, is_fault) = match self {
            MintError::Denied(refusals) => {
                let first = refusals.first();
                let text = first.map_or("the request is denied", |refusal| &*refusal.message);
                (first.map_or("access_denied", |refusal| &*refusal.code), text.to_owned(), false)
            }
            MintError::MissingAudience => {
                ("invalid_target", "name the API with `resource` or `audience`".to_owned(), false)
            }
            MintError::MissingNonce => ("invalid_request", "`nonce` is missing".to_owned(), false),
            MintError::MissingOpenid => ("invalid_scope", "`openid` is not granted".to_owned(), false),
            MintError::MissingUser => ("invalid_request", "there is no user".to_owned(), false),
            MintError::UnfitAnswer { .. } | MintError::SamlAssertion => {
                let code = match answer {
                    Answer::TokenEndpoint => "unsupported_grant_type",
                    Answer::AuthorizationEndpoint(_) => "unsupported_response_type",
                };
                (code, "the grant is not answered in this way".to_owned(), false)
            }
            MintError::Evaluation(_)
            | MintError::MissingSubject
            | MintError::UnfitSubject
            | MintError::SubjectIsClient
            | MintError::UnfitMember(_)
            | MintError::ProtocolClaim(_)
            | MintError::SecretOfPublicClient
            | MintError::SigningFailed => ("server_error", "the token cannot be issued".to_owned(), true),
        };
        let grant = request.grant();
        let error = match answer {
            _ if is_allowed(code, grant, answer) => code,
            Answer::AuthorizationEndpoint(_) => "access_denied",
            Answer::TokenEndpoint if request.user().is_some() => "invalid_grant",
            Answer::TokenEndpoint => "unauthorized_client",
        };
        ErrorResponse { error: error.to_owned(), error_description: description, is_fault }
    }
}
