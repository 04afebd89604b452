//! Claims to signed tokens: what a policy decides becomes access tokens by the profile of RFC 9068, ID tokens by OpenID
//! Connect Core, and userinfo responses.
//!
//! May assume a sealed policy, and nothing about the request. Reads no clock and draws no random number of its own: both
//! are arguments, except those that ECDSA and RSASSA-PSS draw inside the cryptography. Fails closed: where anything is
//! missing or unfit, no token is issued.

use std::borrow::Cow;
use std::sync::Arc;

use crate::catalog::Catalog;
use crate::eval::{self, ClaimTrace};
use crate::policy::Policy;
use crate::program::{self, Issue, Scratch};
use crate::request::{Request, RequestError};
use crate::standard::{Grant, Token};
use crate::value::{Object, Value};

mod algorithm;
mod artifact;
mod base64url;
mod claims;
mod compact;
mod error;
mod issuance;
mod jwk;
mod key;
mod key_set;
mod payload;
mod public;
mod read;
mod ring;
mod workspace;

pub use algorithm::Algorithm;
pub use error::{ErrorResponse, MintError, SetupError};
pub use issuance::{Answer, Issuance, ResponseType};
pub use key::{ClientSecret, Key, SigningKey};
pub use key_set::{KeySet, MAX_KEY_SET_BYTES, NotVerified, Verified};
pub use public::PublicKey;
pub use read::{Form, MAX_TOKEN_BYTES, SignedToken, Unreadable};
pub use ring::{KeyRing, KeyState, Purpose};
pub use workspace::{Minted, Workspace};

use base64url::SHORT;
#[cfg(feature = "compiler")]
pub(crate) use claims::is_of_type;
use compact::Kind;
use error::SigningFailed;
use issuance::{IdToken as Wanted, Plan};
use payload::First;
use workspace::{Desk, Made};

/// What an issuer is, beside its policy and its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    issuer: Arc<str>,
    /// With which all claims begin: the issuer.
    first: First,
}

impl Settings {
    /// Settings with an issuer identifier: an `https` URL without query and fragment (RFC 8414 section 2). On a loopback
    /// address `http` will do, for development.
    ///
    /// # Errors
    /// Other text.
    pub fn new(issuer: impl Into<Arc<str>>) -> Result<Self, SetupError> {
        let issuer = issuer.into();
        let loopback = ["127.0.0.1", "[::1]", "localhost"];
        let rest = issuer.strip_prefix("https://").or_else(|| {
            let rest = issuer.strip_prefix("http://")?;
            let is_local = |host: &&str| {
                rest.strip_prefix(*host).is_some_and(|end| end.is_empty() || end.starts_with([':', '/']))
            };
            loopback.iter().any(is_local).then_some(rest)
        });
        let is_fit = rest.is_some_and(|rest| {
            !rest.is_empty()
                && !rest.starts_with('/')
                && rest.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#' | b'@'))
        });
        if is_fit {
            return Ok(Settings { first: First::text("iss", &issuer), issuer });
        }
        Err(SetupError::new(
            "the issuer is not an `https` URL without query and fragment (RFC 8414 section 2)",
            "give the issuer exactly as in its metadata, as in `https://id.acme.example/`",
        ))
    }

    /// Settings with the issuer of the policy's claims.yaml.
    ///
    /// # Errors
    /// A claims.yaml without `issuer`, or none.
    pub fn of_policy(policy: &Policy) -> Result<Self, SetupError> {
        match &policy.catalog().issuer {
            Some(issuer) => Settings::new(issuer.clone()),
            None => Err(SetupError::new(
                "claims.yaml does not name the issuer, which every token carries",
                "add `issuer` to claims.yaml",
            )),
        }
    }

    /// The value of `iss`.
    pub fn issuer(&self) -> &Arc<str> {
        &self.issuer
    }
}

/// The tokens of one answer. `Debug` does not show them.
#[derive(Clone, PartialEq, Eq)]
pub struct Tokens {
    /// The access token, unless a response type leaves it out.
    pub access_token: Option<String>,
    /// The ID token, where there is one.
    pub id_token: Option<String>,
    /// Seconds that the access token lives, or the ID token where it is alone.
    pub expires_in: i64,
    /// The granted scopes.
    pub scopes: Vec<Arc<str>>,
    /// What the access token is for; a refresh may not go beyond it.
    pub audience: Vec<Arc<str>>,
    /// The value of `jti` in the access token, for logs.
    pub token_id: String,
    grant: Grant,
}

impl Tokens {
    /// The body of a successful response (RFC 6749 section 5.1, OpenID Connect Core section 3.1.3.3). That of a token
    /// exchange has `issued_token_type` too (RFC 8693 section 2.2.1).
    pub fn to_json(&self) -> Value {
        let mut members = Object::new();
        let mut add = |name: &str, value: Value| drop(members.insert(name.into(), value));
        if let Some(token) = &self.access_token {
            add("access_token", Value::from(&**token));
        }
        if let Some(token) = &self.id_token {
            add("id_token", Value::from(&**token));
        }
        if self.access_token.is_some() {
            add("token_type", Value::from("Bearer"));
            add("expires_in", Value::int(self.expires_in));
            if self.grant == Grant::TokenExchange {
                add("issued_token_type", Value::from("urn:ietf:params:oauth:token-type:access_token"));
            }
        }
        if !self.scopes.is_empty() {
            add("scope", Value::from(&*claims::words(&self.scopes)));
        }
        Value::object(members)
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = [("access_token", &self.access_token), ("id_token", &self.id_token)];
        let names: Vec<&str> =
            names.into_iter().filter(|(_, token)| token.is_some()).map(|(name, _)| name).collect();
        write!(f, "Tokens({}, {} s, {})", names.join(" and "), self.expires_in, self.token_id)
    }
}

/// Issues tokens: a policy, the issuer's settings and its keys. Any number of threads may use one at the same time; to
/// swap the policy or the keys, make another one.
///
/// ```
/// use claimsc::mint::{Algorithm, Issuance, KeyRing, Minter, Settings, SigningKey};
/// use claimsc::{Compiler, Request};
///
/// let mut compiler = Compiler::new();
/// compiler.catalog("claims.yaml", "{ language: 1, issuer: 'https://id.acme.example/', owned_domains: [acme.example] }");
/// compiler.source("policy.claims", r#"add "https://acme.example/env" = "prod""#);
/// let policy = compiler.compile().policy.unwrap();
///
/// let settings = Settings::of_policy(&policy).unwrap();
/// let keys = KeyRing::new(SigningKey::generate(Algorithm::Es256).unwrap());
/// let minter = Minter::new(policy, settings, keys);
///
/// let request = Request::from_json(
///     br#"{ "grant": "client_credentials", "client": "m2m-77", "audience": "https://api.acme.example" }"#,
/// ).unwrap();
/// let tokens = minter.mint(&request, &Issuance::at(1_781_000_000, [7; 16])).unwrap();
/// assert_eq!(tokens.access_token.unwrap().split('.').count(), 3);
/// assert_eq!(tokens.expires_in, 600);
/// ```
#[derive(Debug, Clone)]
pub struct Minter {
    policy: Policy,
    settings: Settings,
    keys: KeyRing,
}

impl Minter {
    /// One that issues by this policy with these keys.
    pub fn new(policy: Policy, settings: Settings, keys: KeyRing) -> Self {
        Minter { policy, settings, keys }
    }

    /// The policy.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The keys; their `jwks` is what the issuer publishes.
    pub fn keys(&self) -> &KeyRing {
        &self.keys
    }

    /// Issues the tokens for one request, or none at all.
    ///
    /// An ID token is part of an answer at the token endpoint where the request has a user, its grant gives ID tokens and
    /// the scope `openid` is granted; at the authorization endpoint the response type decides.
    ///
    /// # Errors
    /// Denials and errors of the policy, requests that lack what a token has to have, and a failing signature.
    pub fn mint(&self, request: &Request, issuance: &Issuance<'_>) -> Result<Tokens, MintError> {
        self.policy.with_scratch(|scratch| self.mint_with(request, issuance, scratch))
    }

    /// The same with memory of the caller's own, which is used again.
    ///
    /// # Errors
    /// As [`Minter::mint`].
    pub fn mint_with(
        &self,
        request: &Request,
        issuance: &Issuance<'_>,
        scratch: &mut Scratch,
    ) -> Result<Tokens, MintError> {
        let mut desk = Desk::default();
        self.make(request, issuance, scratch, &mut desk, |issue, made, desk| Tokens {
            access_token: made.access_token.then(|| std::mem::take(&mut desk.access_token)),
            id_token: made.id_token.then(|| std::mem::take(&mut desk.id_token)),
            expires_in: made.expires_in,
            scopes: issue.scopes().shared(),
            audience: issue.audience().shared(),
            token_id: std::mem::take(&mut desk.token_id),
            grant: made.grant,
        })
    }

    /// The same with tokens that are written into the caller's memory: once that has grown, nothing is allocated but by
    /// the cryptography.
    ///
    /// # Errors
    /// As [`Minter::mint`].
    pub fn mint_into<'w>(
        &self,
        request: &Request,
        issuance: &Issuance<'_>,
        workspace: &'w mut Workspace,
    ) -> Result<Minted<'w>, MintError> {
        let Workspace { scratch, desk } = workspace;
        let made = self.make(request, issuance, scratch, desk, |issue, made, desk| {
            desk.scopes.set(issue.scopes());
            desk.audience.set(issue.audience());
            made
        })?;
        Ok(Minted::new(made, desk))
    }

    /// Writes the tokens of one request, and hands on what the policy has issued while it is there.
    fn make<R>(
        &self,
        request: &Request,
        issuance: &Issuance<'_>,
        scratch: &mut Scratch,
        desk: &mut Desk,
        then: impl FnOnce(&Issue<'_>, Made, &mut Desk) -> R,
    ) -> Result<R, MintError> {
        let plan = Plan::of(request, issuance)?;
        let request = self.addressed(request, plan.access_token);
        let asked = request.asked();
        let answer = self.policy.decide_request(&asked, &request, scratch);
        let issue = issued(&answer)?;
        let has_openid = issue.scopes().contains("openid");
        let with_id = match plan.id_token {
            Wanted::Never => false,
            Wanted::WithOpenid => has_openid,
            Wanted::Always if has_openid => true,
            Wanted::Always => return Err(MintError::MissingOpenid),
        };
        desk.token_id.clear();
        desk.token_id.push_str(base64url::short(&issuance.random, &mut [0; SHORT])?);
        let Desk { payload, access_token, id_token, token_id, .. } = &mut *desk;
        let facts = claims::Facts::of(&self.policy, &self.settings, &request, issuance, issue, token_id)?;
        let mut expires_in = 0;
        if plan.access_token {
            expires_in = claims::access_token(&facts, payload)?;
            let key = self.keys.signing(Purpose::AccessTokens);
            compact::sign(key, Kind::AccessToken, payload.as_bytes(), access_token)?;
        }
        if with_id {
            let signer = self.id_signer(&request)?;
            let beside = plan.access_token.then_some(&**access_token);
            let lifetime = claims::id_token(&facts, signer.algorithm(), beside, payload)?;
            signer.sign(payload.as_bytes(), id_token)?;
            if !plan.access_token {
                expires_in = lifetime;
            }
        }
        let made =
            Made { access_token: plan.access_token, id_token: with_id, expires_in, grant: request.grant() };
        Ok(then(issue, made, desk))
    }

    /// The response of the userinfo endpoint for the request whose access token is presented (OpenID Connect Core section
    /// 5.3.2): `sub`, the standard claims of the granted scopes, and what the policy says of userinfo.
    ///
    /// # Errors
    /// As [`Minter::mint`]; without a user or the scope `openid` there is none.
    pub fn userinfo(&self, request: &Request) -> Result<Value, MintError> {
        if request.user().is_none() || !request.grant().tokens().contains(Token::Userinfo) {
            return Err(MintError::MissingUser);
        }
        let request = self.addressed(request, true);
        let asked = request.asked();
        self.policy.with_scratch(|scratch| {
            let answer = self.policy.decide_request(&asked, &request, scratch);
            let issue = issued(&answer)?;
            if !issue.scopes().contains("openid") {
                return Err(MintError::MissingOpenid);
            }
            claims::userinfo(&self.policy, &request, issue)
        })
    }

    /// What wrote each claim of the policy in the tokens of one request, and what removed some; nothing where it gets no
    /// tokens. The other claims are the issuer's own.
    pub fn claim_traces(&self, request: &Request, issuance: &Issuance<'_>) -> Vec<ClaimTrace> {
        let has_access_token = Plan::of(request, issuance).is_ok_and(|plan| plan.access_token);
        eval::claim_traces(self.policy.unit(), &self.addressed(request, has_access_token))
    }

    /// The request with the default audience where neither it nor the policy names one (RFC 9068 section 3). The policy
    /// then sees that audience, so what is proven for it holds.
    fn addressed<'r>(&self, request: &'r Request, has_access_token: bool) -> Cow<'r, Request> {
        let Catalog { default_audience, audiences, issuer_endpoints, .. } = &**self.policy.catalog();
        let default = default_audience.as_ref().and_then(|alias| audiences.get(alias));
        // A policy narrows an audience, but takes none away altogether.
        let names_none = || request.audience().iter().all(|id| issuer_endpoints.contains(id));
        match default {
            Some(default) if has_access_token && names_none() && self.policy.audience(request).is_empty() => {
                Cow::Owned(request.clone().for_audience(default.id.clone()))
            }
            _ => Cow::Borrowed(request),
        }
    }

    /// What signs the ID tokens of the request's client: the secret that it shares with the issuer, if there is one.
    fn id_signer(&self, request: &Request) -> Result<IdSigner<'_>, MintError> {
        let id = request.client().id();
        let Some(secret) = self.keys.secret(id) else {
            return Ok(IdSigner::Public(self.keys.signing(Purpose::IdTokens)));
        };
        let listed = self.policy.catalog().client(id).and_then(|client| client.confidential);
        match listed.or(request.client().confidential()) {
            Some(true) => Ok(IdSigner::Shared(secret)),
            _ => Err(MintError::SecretOfPublicClient),
        }
    }
}

/// What an answer gives, if it gives anything.
fn issued<'a, 's>(answer: &'a Result<program::Answer<'s>, RequestError>) -> Result<&'a Issue<'s>, MintError> {
    match answer {
        Ok(program::Answer::Issue(issue)) => Ok(issue),
        Ok(program::Answer::Deny(refusals)) => Err(MintError::Denied(refusals.clone())),
        Ok(program::Answer::Error(errors)) => Err(MintError::Evaluation(errors.clone())),
        // It was read as one before.
        Err(malformed) => Err(MintError::UnfitMember(malformed.to_string())),
    }
}

/// What signs an ID token.
enum IdSigner<'k> {
    Public(&'k SigningKey),
    Shared(&'k ClientSecret),
}

impl IdSigner<'_> {
    fn algorithm(&self) -> Algorithm {
        match self {
            IdSigner::Public(key) => key.algorithm(),
            IdSigner::Shared(_) => Algorithm::Hs256,
        }
    }

    fn sign(&self, payload: &[u8], place: &mut String) -> Result<(), SigningFailed> {
        match self {
            IdSigner::Public(key) => compact::sign(key, Kind::IdToken, payload, place),
            IdSigner::Shared(secret) => compact::sign_shared(secret, payload, place),
        }
    }
}

/// Random bytes of the operating system for [`Issuance::random`].
///
/// # Errors
/// A failing generator.
pub fn random_bytes() -> Result<[u8; 16], SetupError> {
    let mut bytes = [0; 16];
    match aws_lc_rs::rand::fill(&mut bytes) {
        Ok(()) => Ok(bytes),
        Err(_) => Err(SetupError::new("the generator of random numbers failed", "try again")),
    }
}

/// The samples of the pages about minting are executed with those of this room.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../docs/keys.md")]
    struct Keys;
    #[doc = include_str!("../docs/minting.md")]
    struct Minting;
}

/// The bits of a number in big-endian bytes without leading zeros.
fn bits(number: &[u8]) -> usize {
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}
