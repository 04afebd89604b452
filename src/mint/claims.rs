//! The claims of each token: what the issuer writes, and what the policy adds and removes.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use super::base64url::{self, SHORT};
use super::error::SigningFailed;
use super::payload::Payload;
use super::{Algorithm, Issuance, MintError, Settings};
use crate::catalog::{Catalog, Client, Lifetimes, Root};
use crate::policy::Policy;
use crate::program::Issue;
use crate::request::Request;
use crate::standard::claims::{self, JsonType, RegisteredClaim, SCOPE_CLAIMS};
use crate::standard::{Grant, Token};
use crate::ty::decode::{Mismatch, decode_borrowed};
use crate::ty::{Labels, Shape, ShapeKind};
use crate::value::{Object, Value};
use aws_lc_rs::digest;

/// What the tokens of one answer have in common.
pub(super) struct Facts<'a> {
    settings: &'a Settings,
    catalog: &'a Catalog,
    request: &'a Request,
    issuance: &'a Issuance<'a>,
    issue: &'a Issue<'a>,
    /// What claims.yaml says of the client.
    client: Option<&'a Client>,
    subject: &'a str,
    /// The value of `jti`.
    token_id: &'a str,
}

static TIME: LazyLock<Shape> = LazyLock::new(|| Shape::of(ShapeKind::Timestamp));
static TEXT: LazyLock<Shape> = LazyLock::new(|| Shape::of(ShapeKind::String));
static TEXTS: LazyLock<Shape> =
    LazyLock::new(|| Shape::of(ShapeKind::List(Arc::new(Shape::of(ShapeKind::String)))));

impl<'a> Facts<'a> {
    pub(super) fn of(
        policy: &'a Policy,
        settings: &'a Settings,
        request: &'a Request,
        issuance: &'a Issuance<'a>,
        issue: &'a Issue<'a>,
        token_id: &'a str,
    ) -> Result<Self, MintError> {
        let catalog = policy.catalog();
        Ok(Facts {
            settings,
            catalog,
            request,
            issuance,
            issue,
            client: catalog.client(request.client().id()),
            subject: subject(catalog, request)?,
            token_id,
        })
    }

    /// The shortest of what the client, its audiences and the policy state; where the first two state nothing, what
    /// claims.yaml states for all.
    fn lifetime(&self, of: impl Fn(&Lifetimes) -> Option<u64>) -> i64 {
        let catalog = self.catalog;
        let client = self.client.and_then(|client| of(&client.lifetimes));
        let audiences = self.issue.audience().iter().filter_map(|id| of(&catalog.audience(id)?.1.lifetimes));
        let stated = audiences.chain(client).min().or_else(|| of(&catalog.lifetimes));
        let stated = stated.map_or(i64::MAX, |seconds| i64::try_from(seconds).unwrap_or(i64::MAX));
        stated.min(self.issue.lifetime().unwrap_or(i64::MAX))
    }

    fn expiry(&self, lifetime: i64) -> i64 {
        self.issuance.now.saturating_add(lifetime)
    }

    /// The claims that all tokens have in common, and room for those of the policy.
    fn begin<'p>(&self, token: Token, text: &'p mut String) -> Payload<'p> {
        let claims = self.issue.claims(token).map_or(0, str::len);
        let mut payload = Payload::new(text, &self.settings.first, claims.saturating_add(USUAL_BYTES));
        payload.text("sub", self.subject);
        payload
    }

    /// How the person signed in (RFC 9068 section 2.2.1, OpenID Connect Core section 2).
    fn write_session(&self, payload: &mut Payload<'_>) -> Result<(), MintError> {
        let Some(session) = self.request.session().filter(|_| self.request.user().is_some()) else {
            return Ok(());
        };
        for (name, shape) in [("auth_time", &TIME), ("acr", &TEXT), ("amr", &TEXTS)] {
            if let Some(value) = member("session", session, name, shape)? {
                payload.value(name, &value);
            }
        }
        Ok(())
    }

    /// The policy's claims for a token.
    fn write_policy(&self, payload: &mut Payload<'_>, token: Token) -> Result<(), MintError> {
        payload.members(checked(self.issue, token)?);
        Ok(())
    }
}

/// The claims of a token as the text of a JSON object, where none has a name of the protocol's own.
fn checked<'s>(issue: &Issue<'s>, token: Token) -> Result<&'s str, MintError> {
    match issue.protocol_claim(token) {
        Some(name) => Err(MintError::ProtocolClaim(name.clone())),
        None => Ok(issue.claims(token).unwrap_or("{}")),
    }
}

/// The claims of the issuer usually have less; if not, the text grows.
const USUAL_BYTES: usize = 512;

/// Writes the claims of an access token (RFC 9068 section 2.2). Gives its lifetime in seconds.
pub(super) fn access_token(facts: &Facts<'_>, text: &mut String) -> Result<i64, MintError> {
    let lifetime = facts.lifetime(|lifetimes| lifetimes.access_token);
    let audience = facts.issue.audience();
    if audience.is_empty() {
        return Err(MintError::MissingAudience);
    }
    let mut payload = facts.begin(Token::Access, text);
    payload.one_or_many("aud", audience);
    payload.text("client_id", facts.request.client().id());
    payload.int("iat", facts.issuance.now);
    payload.int("exp", facts.expiry(lifetime));
    payload.text("jti", facts.token_id);
    if !facts.issue.scopes().is_empty() {
        payload.words("scope", facts.issue.scopes());
    }
    facts.write_session(&mut payload)?;
    if let Some(actor) = facts.request.actor().filter(|_| facts.request.grant() == Grant::TokenExchange) {
        payload.value("act", &act(actor)?);
    }
    facts.write_policy(&mut payload, Token::Access)?;
    payload.close();
    Ok(lifetime)
}

/// Writes the claims of an ID token (OpenID Connect Core section 2). It is for one client, so `azp` would say nothing that
/// `aud` does not say. Gives its lifetime in seconds.
pub(super) fn id_token(
    facts: &Facts<'_>,
    algorithm: Algorithm,
    access_token: Option<&str>,
    text: &mut String,
) -> Result<i64, MintError> {
    let lifetime = facts.lifetime(|lifetimes| lifetimes.id_token);
    let mut payload = facts.begin(Token::Id, text);
    payload.text("aud", facts.request.client().id());
    payload.int("iat", facts.issuance.now);
    payload.int("exp", facts.expiry(lifetime));
    facts.write_session(&mut payload)?;
    // A refreshed ID token has none (OpenID Connect Core section 12.2).
    if let Some(nonce) = facts.issuance.nonce.filter(|_| facts.request.grant() != Grant::RefreshToken) {
        payload.text("nonce", nonce);
    }
    if let Some(token) = access_token {
        payload.text("at_hash", half_hash(algorithm, token, &mut [0; SHORT])?);
    }
    if let Some(code) = facts.issuance.code {
        payload.text("c_hash", half_hash(algorithm, code, &mut [0; SHORT])?);
    }
    let Facts { catalog, request, issue, .. } = facts;
    standard_claims(catalog, request, issue, Token::Id, |name, value| payload.value(name, &value))?;
    facts.write_policy(&mut payload, Token::Id)?;
    payload.close();
    Ok(lifetime)
}

/// OpenID Connect Core section 5.3.2.
pub(super) fn userinfo(policy: &Policy, request: &Request, issue: &Issue<'_>) -> Result<Value, MintError> {
    let catalog = policy.catalog();
    let mut members = Object::new();
    members.insert("sub".into(), Value::from(subject(catalog, request)?));
    standard_claims(catalog, request, issue, Token::Userinfo, |name, value| {
        members.insert(name.into(), value.into_owned());
    })?;
    checked(issue, Token::Userinfo)?;
    for (name, value) in issue.to_issued().tokens.remove(&Token::Userinfo).into_iter().flatten() {
        members.insert(name, value);
    }
    Ok(Value::object(members))
}

/// Who a token is about: the person, or the client where there is none (RFC 9068 section 2.2).
fn subject<'a>(catalog: &Catalog, request: &'a Request) -> Result<&'a str, MintError> {
    let Some(user) = request.user() else {
        return Ok(request.client().id());
    };
    let subject = user.get("sub").and_then(Value::as_str).ok_or(MintError::MissingSubject)?;
    if !(1..=255).contains(&subject.len()) || !subject.is_ascii() {
        return Err(MintError::UnfitSubject);
    }
    if **request.client().id() == *subject || catalog.client(subject).is_some() {
        return Err(MintError::SubjectIsClient);
    }
    Ok(subject)
}

/// A member of a part of the request that becomes part of a protocol claim. It is of its type and within the default
/// bounds whatever claims.yaml says, which may declare another type for policies or nothing at all.
fn member<'a>(
    part: &str,
    object: &'a Value,
    name: &str,
    shape: &Shape,
) -> Result<Option<Cow<'a, Value>>, MintError> {
    let Some(value) = object.get(name).filter(|value| !matches!(value, Value::Null)) else {
        return Ok(None);
    };
    let unfit = |mismatch: Mismatch| MintError::UnfitMember(mismatch.discreet(&format!("{part}.{name}")));
    decode_borrowed(value, shape).map(Some).map_err(unfit)
}

/// Who acts for the person, and for whom that one acts (RFC 8693 section 4.1): only what identifies them.
fn act(actor: &Value) -> Result<Value, MintError> {
    let mut members = Object::new();
    for name in ["iss", "sub", "client_id"] {
        if let Some(value) = member("actor", actor, name, &TEXT)? {
            members.insert(name.into(), value.into_owned());
        }
    }
    if !members.contains_key("sub") && !members.contains_key("client_id") {
        return Err(MintError::UnfitMember("`actor` has neither `sub` nor `client_id`".to_owned()));
    }
    if let Some(earlier) = actor.get("act").filter(|earlier| !matches!(earlier, Value::Null)) {
        members.insert("act".into(), act(earlier)?);
    }
    Ok(Value::object(members))
}

/// The left half of a hash (OpenID Connect Core sections 3.1.3.6 and 3.3.2.11).
fn half_hash<'p>(
    algorithm: Algorithm,
    text: &str,
    place: &'p mut [u8; SHORT],
) -> Result<&'p str, SigningFailed> {
    let hash = digest::digest(algorithm.hash(), text.as_bytes());
    let half = hash.as_ref().get(..hash.as_ref().len() / 2).ok_or(SigningFailed)?;
    base64url::short(half, place)
}

/// Texts with blanks between them (RFC 8693 section 4.2).
pub(super) fn words(texts: &[Arc<str>]) -> String {
    let texts: Vec<&str> = texts.iter().map(|text| &**text).collect();
    texts.join(" ")
}

/// Each scope of [`SCOPE_CLAIMS`] with its claims, and how these are registered.
static STANDARD: LazyLock<Vec<(&str, Vec<Standard>)>> = LazyLock::new(|| {
    let registered = |name: &&'static str| (*name, claims::claim(name));
    SCOPE_CLAIMS.iter().map(|(scope, names)| (*scope, names.iter().map(registered).collect())).collect()
});

type Standard = (&'static str, Option<&'static RegisteredClaim>);

/// The standard claims of the granted scopes (OpenID Connect Core section 5.4) that the user has, that the policy neither
/// writes nor removes in a token, and whose labels the client accepts: as claims.yaml declares them, and of the type that
/// their definition asks for. One after the other is handed on.
fn standard_claims(
    catalog: &Catalog,
    request: &Request,
    issue: &Issue<'_>,
    token: Token,
    mut write: impl FnMut(&'static str, Cow<'_, Value>),
) -> Result<(), MintError> {
    let shape = catalog.input(Root::User).map(|shape| &shape.kind);
    let (Some(user), Some(ShapeKind::Record(record))) = (request.user(), shape) else {
        return Ok(());
    };
    let granted = STANDARD.iter().filter(|(scope, _)| issue.scopes().contains(scope));
    let accepted = catalog.client(request.client().id()).and_then(|client| client.accepts);
    for (name, claim) in granted.flat_map(|(_, claims)| claims.iter().copied()) {
        if issue.decides(token, name) {
            continue;
        }
        let Some(shape) = record.member(name).filter(|shape| may_receive(accepted, shape)) else { continue };
        let value = match user.get(name).filter(|value| !matches!(value, Value::Null)) {
            Some(value) => decode_borrowed(value, shape)
                .map_err(|mismatch| MintError::UnfitMember(mismatch.discreet(&format!("user.{name}"))))?,
            None => match &shape.default {
                Some(default) => Cow::Borrowed(default),
                None => continue,
            },
        };
        check_type(name, claim, &value)?;
        write(name, value);
    }
    Ok(())
}

/// Whether a client that accepts these labels may receive an attribute in ID token and userinfo. Labels of trust are about
/// access tokens.
fn may_receive(accepted: Option<Labels>, shape: &Shape) -> bool {
    let labels = shape.all_labels().without(Labels::UNTRUSTED.or(Labels::USER_EDITABLE));
    match accepted {
        Some(accepted) => labels.without(accepted).is_empty(),
        None => !labels.contains(Labels::SECRET),
    }
}

/// Whether the value of a standard claim is of a type that the claim is registered with.
fn check_type(name: &str, claim: Option<&RegisteredClaim>, value: &Value) -> Result<(), MintError> {
    if claim.is_some_and(|claim| is_of_type(claim, value)) {
        return Ok(());
    }
    let what = claim.and_then(|claim| claim.types.first()).map_or("of its type", |ty| ty.what());
    Err(MintError::UnfitMember(format!(
        "`user.{name}` is not {what}, as the claim of that name is (OpenID Connect Core section 5.1)"
    )))
}

/// Whether a value is of a type that a claim is registered with.
pub(crate) fn is_of_type(claim: &RegisteredClaim, value: &Value) -> bool {
    claim.types.iter().any(|ty| match ty {
        JsonType::String | JsonType::Uri => value.as_str().is_some(),
        JsonType::Bool => value.as_bool().is_some(),
        JsonType::Date | JsonType::Number => matches!(value, Value::Number(_)),
        JsonType::Object => value.as_object().is_some(),
        JsonType::Array | JsonType::Strings | JsonType::Objects => value.as_list().is_some(),
    })
}

#[cfg(test)]
#[cfg(feature = "compiler")]
mod tests;
