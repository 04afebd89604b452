//! What a claim name is to a catalog: whose it is and what it already means.

use super::Catalog;
use crate::standard::claims::{self, Class, Protocol, RegisteredClaim};
use crate::standard::namespaces::{self, Form};

/// What a claim name is in a JWT. The first that holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ClaimNameKind<'n> {
    /// A protocol claim, or what passes for one: no policy touches it.
    Protocol(Protocol),
    /// A registered claim about the person.
    Identity(&'static RegisteredClaim),
    /// `roles`, `groups`, `entitlements`.
    Authorization(&'static RegisteredClaim),
    /// A name that nobody else uses: below an owned domain, a listed foreign namespace, or a URN.
    Resistant,
    /// A short name that `private_claims` lists.
    Private,
    /// A short name that nobody asked for; registered for something else where a registration is given.
    Short(Option<&'static RegisteredClaim>),
    /// It looks like a URL or URN and is none; why.
    Malformed(&'static str),
    /// It belongs to somebody else: the host or URN namespace, and the owner where that is known.
    Foreign(&'n str, Option<&'static str>),
}

impl Catalog {
    /// What a claim name is.
    ///
    /// Without a claims.yaml nothing says whose a domain is, so only those that are known to be somebody else's are.
    pub fn claim_name_kind<'n>(&self, name: &'n str) -> ClaimNameKind<'n> {
        if let Some(protocol) = claims::protocol(name) {
            return ClaimNameKind::Protocol(protocol);
        }
        let claim = claims::tagged_claim(name);
        match claim {
            Some(claim) if claim.class == Class::Identity => return ClaimNameKind::Identity(claim),
            Some(claim) if claim.class == Class::Authorization => return ClaimNameKind::Authorization(claim),
            _ => {}
        }
        let untagged = name.split_once('#').map_or(name, |(base, _)| base);
        if self.private_claims.contains_key(name) || self.private_claims.contains_key(untagged) {
            return ClaimNameKind::Private;
        }
        if self.foreign_namespaces.keys().any(|namespace| name.starts_with(&**namespace)) {
            return ClaimNameKind::Resistant;
        }
        match namespaces::form(name) {
            Form::Short => ClaimNameKind::Short(claim),
            Form::Malformed(problem) => ClaimNameKind::Malformed(problem),
            Form::Urn { nid } => match namespaces::owner_of_urn(nid) {
                Some(owner) => ClaimNameKind::Foreign(nid, Some(owner)),
                None => ClaimNameKind::Resistant,
            },
            Form::Url { host } if self.owned_domains.iter().any(|own| namespaces::is_within(host, own)) => {
                ClaimNameKind::Resistant
            }
            Form::Url { host } => match namespaces::owner_of_host(host) {
                None if !self.is_given => ClaimNameKind::Resistant,
                owner => ClaimNameKind::Foreign(host, owner),
            },
        }
    }
}
