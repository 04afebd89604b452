//! How large tokens may be: what claims.yaml says of audiences and what the target host takes.

use std::sync::Arc;

use super::contents::{Contents, Part};
use super::token::{Known, Protocol, assumed, token_bytes};
use crate::catalog::{Audience, Catalog, Root, World};
use crate::check::profile_value_too_large::least_bytes;
use crate::decision::Issued;
use crate::ir::Unit;
use crate::logic::atom::{Aim, Atom};
use crate::logic::formula::{Formula, Formulas, View};
use crate::request::Request;
use crate::source::Span;
use crate::standard::profiles::{Effect, Is};
use crate::standard::signatures::DEFAULT;
use crate::standard::{OIDC_SCOPES, Profile, Token};
use crate::ty::ShapeKind;
use crate::ty::size::Size;
use crate::value::Value;

/// A limit of one kind of token.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit<'u> {
    /// The token.
    pub(super) token: Token,
    /// Bytes.
    pub(super) most: u64,
    /// Who sets it.
    pub(super) by: By<'u>,
}

/// Who sets a limit.
#[derive(Debug, Clone, Copy)]
pub(super) enum By<'u> {
    /// claims.yaml for an audience: about the encoded token.
    Audience { alias: &'u Arc<str>, audience: &'u Audience },
    /// The target host: about names and values of claims.
    Host { profile: &'static Profile, effect: Effect },
}

/// All limits of a policy.
pub(super) fn limits(unit: &Unit) -> Vec<Limit<'_>> {
    let stated = unit.catalog.audiences.iter().filter_map(|(alias, audience)| {
        let by = By::Audience { alias, audience };
        Some(Limit { token: Token::Access, most: audience.max_token_bytes?, by })
    });
    let mut all: Vec<Limit<'_>> = stated.collect();
    let Some(profile) = Profile::find(&unit.catalog.profile) else { return all };
    for fact in profile.facts {
        let Is::MaxBytes(most, effect) = fact.is else { continue };
        let by = By::Host { profile, effect };
        all.extend(fact.tokens.and(profile.tokens).iter().map(|token| Limit { token, most, by }));
    }
    all
}

impl<'u> Limit<'u> {
    /// The audience that it is about.
    pub(super) fn audience(&self) -> Option<&'u Audience> {
        match self.by {
            By::Audience { audience, .. } => Some(audience),
            By::Host { .. } => None,
        }
    }

    /// Where claims.yaml sets it.
    pub(super) fn span(&self) -> Option<Span> {
        self.audience().map(|audience| audience.span)
    }

    /// Whether a write counts: for a host not where it has a finding of its own, because it comes from an attribute
    /// without a bound (`unbounded-attribute`) or is too large by itself (`profile-value-too-large`).
    pub(super) fn counts(&self, unit: &Unit, part: &Part) -> bool {
        let value = || unit.statements.get(part.statement).and_then(|statement| statement.action.value());
        self.audience().is_some()
            || part.unbounded_by.is_empty()
                && value().is_none_or(|value| least_bytes(value, unit) <= self.most)
    }

    /// The bytes that it is about, of claims that are a JSON object of so many.
    pub(super) fn bytes(&self, around: &Around<'_>, claims: u64, has_user: bool) -> u64 {
        if self.audience().is_some() { around.bytes(claims, has_user) } else { claims }
    }

    /// The bytes of a token that was issued; `None` where it is not one that the limit is about.
    pub(super) fn measured(
        &self,
        around: &Around<'_>,
        catalog: &Catalog,
        request: &Request,
        issued: &Issued,
    ) -> Option<u64> {
        let claims = issued.tokens.get(&self.token)?;
        let Some(audience) = self.audience() else {
            let bytes = claims.iter().map(|(name, value)| name.len() + value.to_json().len());
            return Some(bytes.sum::<usize>() as u64);
        };
        if !issued.audience.contains(&audience.id) {
            return None;
        }
        let claims = claims.iter().map(|(name, value)| (name.clone(), value.clone()));
        let claims = Value::object(claims.collect()).to_json().len() as u64;
        let ids: Vec<&str> = issued.audience.iter().map(|id| &**id).collect();
        let known = Known {
            issuer: catalog.issuer.as_deref(),
            audience: &ids,
            client: Some(request.client().id()).map(|id| &**id),
            subject: request.user().map(|user| match user.get("sub") {
                Some(sub @ Value::String(_)) => sub.to_json().len() as u64,
                _ => assumed::SUBJECT + 2,
            }),
            scopes: (issued.scopes.iter().map(|scope| scope.len() as u64 + 1).sum::<u64>())
                .saturating_sub(1)
                .min(around.scopes),
        };
        Some(token_bytes(claims, &Protocol::of(known), &DEFAULT))
    }
}

/// What can stand in an access token beside the claims of the policy, at the most.
#[derive(Debug, Clone)]
pub(in crate::analysis) struct Around<'u> {
    issuer: Option<&'u str>,
    audience: Vec<&'u str>,
    client: Option<&'u str>,
    subject: u64,
    scopes: u64,
}

impl<'u> Around<'u> {
    /// Of a token for an audience, whoever asks.
    pub(super) fn of(catalog: &'u Catalog, contents: &Contents, audience: Option<&'u Audience>) -> Self {
        let sets = audience.map(|audience| sets(catalog, audience)).unwrap_or_default();
        let scopes = sets.iter().map(|ids| scopes(catalog, contents, ids)).max().unwrap_or(assumed::SCOPES);
        let mut audience = sets.into_iter().max_by_key(|ids| json(ids)).unwrap_or_default();
        if !audience.is_empty() {
            audience.extend(catalog.issuer_endpoints.iter().map(|id| &**id));
        }
        let longest = catalog.clients.values().map(|client| &*client.id).max_by_key(|id| id.len());
        let is_open = catalog.client_world != World::Closed;
        let client = longest.filter(|id| !is_open || id.len() as u64 > assumed::CLIENT);
        Around { issuer: catalog.issuer.as_deref(), audience, client, subject: subject(catalog), scopes }
    }

    /// Of a token for exactly these audiences, for a client. `None`: one that claims.yaml does not list.
    pub(in crate::analysis) fn exactly(
        catalog: &'u Catalog,
        contents: &Contents,
        client: Option<&'u str>,
        audience: &[Option<&'u str>],
    ) -> Self {
        let listed: Option<Vec<&'u str>> = audience.iter().copied().collect();
        let mut audience = listed.unwrap_or_default();
        let scopes = scopes(catalog, contents, &audience);
        if !audience.is_empty() {
            audience.extend(catalog.issuer_endpoints.iter().map(|id| &**id));
        }
        Around { issuer: catalog.issuer.as_deref(), audience, client, subject: subject(catalog), scopes }
    }

    /// Bytes of the encoded token with a JSON object of so many bytes of claims.
    pub(in crate::analysis) fn bytes(&self, claims: u64, has_user: bool) -> u64 {
        let known = Known {
            issuer: self.issuer,
            audience: &self.audience,
            client: self.client,
            subject: has_user.then_some(self.subject),
            scopes: self.scopes,
        };
        token_bytes(claims, &Protocol::of(known), &DEFAULT)
    }
}

/// All scopes with blanks between them: those that the audiences list, those of OpenID Connect, what is added.
fn scopes(catalog: &Catalog, contents: &Contents, audience: &[&str]) -> u64 {
    let listed = |id: &&str| catalog.audience(id).and_then(|(_, audience)| audience.scopes.as_ref());
    let lists: Option<Vec<_>> = audience.iter().map(listed).collect();
    match (lists, contents.added_scopes) {
        (Some(lists), Some(added)) if !lists.is_empty() => {
            let listed = lists.into_iter().flatten().map(|scope| scope.len() as u64 + 1);
            let standard = OIDC_SCOPES.iter().map(|scope| scope.len() as u64 + 1);
            listed.chain(standard).fold(added, u64::saturating_add)
        }
        _ => assumed::SCOPES,
    }
}

/// The user's `sub` as JSON.
fn subject(catalog: &Catalog) -> u64 {
    let sub = match catalog.input(Root::User).map(|shape| &shape.kind) {
        Some(ShapeKind::Record(record)) => record.member("sub"),
        _ => None,
    };
    let most = assumed::SUBJECT + 2;
    sub.map_or(most, |shape| Size::of_shape(shape, None).json.min(most))
}

/// Sets of audiences that may stand in one token with this one.
pub(super) fn sets<'u>(catalog: &'u Catalog, audience: &'u Audience) -> Vec<Vec<&'u str>> {
    let of = |alias: &Arc<str>| catalog.audiences.get(alias);
    let sets = catalog.audience_sets.iter().flatten().map(|set| set.iter().filter_map(of));
    let sets = sets.map(|set| set.map(|one| &*one.id).collect::<Vec<_>>());
    let alone = vec![&*audience.id];
    std::iter::once(alone).chain(sets.filter(|set| set.contains(&&*audience.id))).collect()
}

fn json(ids: &[&str]) -> usize {
    ids.iter().map(|id| id.len() + 3).sum()
}

/// The one listed audience that a formula plainly needs, if it needs one.
pub(super) fn only_for(f: &Formulas, formula: Formula) -> Option<Arc<str>> {
    let mut open = vec![formula];
    while let Some(part) = open.pop() {
        match f.view(part) {
            View::All(parts) => open.extend(parts),
            View::Atom(atom, true) => {
                if let Some(Atom::Audience(Aim::Token, id)) = f.meaning(atom) {
                    return Some(id.clone());
                }
            }
            _ => {}
        }
    }
    None
}
