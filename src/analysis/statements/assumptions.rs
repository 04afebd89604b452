//! What a proof stands on.

use super::Judge;
use crate::catalog::{Catalog, World};
use crate::ir::{Contract, Ensure, EnsureKind};
use crate::logic::formula::Formula;
use crate::logic::meaning::Name;
use crate::standard::{Token, claims};

/// One fact that a proof stands on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Assumption {
    /// Whether the evaluator refuses requests that contradict it. Otherwise it is for the issuer to keep.
    pub is_enforced: bool,
    /// The fact.
    pub text: String,
}

impl Assumption {
    fn enforced(text: impl Into<String>) -> Self {
        Assumption { is_enforced: true, text: text.into() }
    }

    fn of_issuer(text: impl Into<String>) -> Self {
        Assumption { is_enforced: false, text: text.into() }
    }
}

impl Judge<'_, '_> {
    /// What the proof of an `ensure` stands on.
    pub(super) fn assumed_by_ensure(&mut self, ensure: &Ensure, scope: Formula) -> Vec<Assumption> {
        let mut assumed = catalog_facts(&self.study.unit.catalog);
        match &ensure.kind {
            EnsureKind::Never(claim) => {
                let name = self.study.meaning.name(*claim);
                for token in ensure.tokens.iter() {
                    if !self.is_always_removed(&name, token, scope) {
                        assumed.push(issuer_leaves_out(&name, token));
                    }
                }
            }
            EnsureKind::NoLabel(_) => assumed.push(Assumption::of_issuer(
                "claims that the issuer itself puts in, such as those of granted scopes (OpenID Connect Core 1.0, \
                 Section 5.4), are not looked at",
            )),
            EnsureKind::Always(_) => assumed.push(Assumption::of_issuer("the issuer drops no claim of the policy")),
            EnsureKind::Deny => {}
        }
        assumed.dedup();
        assumed
    }

    /// What the proof of a contract stands on.
    pub(super) fn assumed_by_contract(&mut self, contract: &Contract, _scope: Formula) -> Vec<Assumption> {
        let mut assumed = catalog_facts(&self.study.unit.catalog);
        assumed.push(Assumption::of_issuer(format!(
            "the issuer itself puts nothing but protocol claims (RFC 9068, Section 2.2) into access tokens for `{}`",
            contract.audience
        )));
        if contract.members.iter().any(|(_, ty, _)| !ty.optional) {
            assumed.push(Assumption::of_issuer("the issuer drops no claim of the policy"));
        }
        assumed
    }

    /// Whether a `remove` suppresses a claim wherever a proof is about it, the issuer's own included.
    fn is_always_removed(&mut self, name: &Name, token: Token, scope: Formula) -> bool {
        let removed = self.carried.removed(self.study, name, token);
        if removed == Formula::FALSE {
            return false;
        }
        let gives = self.study.meaning.gives(&mut self.study.f, token);
        let kept = self.study.f.all([scope, gives, !removed]);
        !self.is_possible(kept)
    }
}

/// The issuer does not put a claim into a token by itself.
fn issuer_leaves_out(name: &Name, token: Token) -> Assumption {
    let text = name.to_string();
    let scope = claims::SCOPE_CLAIMS.iter().find(|(_, claims)| claims.contains(&text.as_str()));
    let token = super::ensure::token_words(token);
    Assumption::of_issuer(match scope {
        Some((scope, _)) => format!(
            "the issuer itself does not put `{text}` into the {token}, as it may where the scope `{scope}` is granted \
             (OpenID Connect Core 1.0, Section 5.4)"
        ),
        None if claims::claim(&text).is_some() => {
            format!("the issuer itself does not put `{text}` into the {token}")
        }
        None => format!("the issuer itself puts no claim of this name into the {token}"),
    })
}

/// The facts of claims.yaml that proofs use, as classes.
fn catalog_facts(catalog: &Catalog) -> Vec<Assumption> {
    let mut facts = Vec::new();
    let clients = &catalog.clients;
    let is_limited = clients.values().any(|client| client.grants.is_some() || client.audiences.is_some());
    let limits = "with its grants and for its audiences";
    match (catalog.client_world, is_limited) {
        (World::Closed, true) => {
            facts.push(format!("only clients that claims.yaml lists ask for tokens, each {limits}"));
        }
        (World::Closed, false) => facts.push("only clients that claims.yaml lists ask for tokens".to_owned()),
        (_, true) => facts.push(format!("each client that claims.yaml lists asks {limits}")),
        (_, false) => {}
    }
    if catalog.audience_world == World::Closed {
        let together = match &catalog.audience_sets {
            Some(sets) if sets.iter().any(|set| set.len() > 1) => {
                "one at a time or several of one of its `audience_sets`"
            }
            _ => "one at a time",
        };
        facts.push(format!("tokens are for audiences that claims.yaml lists, {together}"));
    }
    facts.push("attributes are as claims.yaml declares them".to_owned());
    facts.into_iter().map(Assumption::enforced).collect()
}
