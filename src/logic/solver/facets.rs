//! What a proposal says of client, grant and audience, made concrete: representatives become somebody.

use std::sync::Arc;

use batsat::Lit;

use super::Instance;
use crate::catalog::{Audience, Catalog, Client, Root};
use crate::logic::atom::{Aim, Atom, Path};
use crate::logic::formula::{AtomId, Formulas};
use crate::logic::lemma::Lemma;
use crate::standard::{Grant, OIDC_SCOPES};

/// What a proposal says of client, grant and audience, made concrete.
#[derive(Debug, Clone)]
pub(super) struct Facets {
    pub(super) grant: Grant,
    pub(super) client: Arc<str>,
    pub(super) is_listed: bool,
    pub(super) audience: Vec<Arc<str>>,
    pub(super) requested_audience: Option<Vec<Arc<str>>>,
    pub(super) user: bool,
}

impl Instance<'_> {
    /// The client, grant and audience of the proposal. Representatives of what is not mentioned become one that fits;
    /// where none does, the proposal's facts about them conflict.
    pub(super) fn facets(&mut self, literals: &[(AtomId, bool)], f: &Formulas) -> Option<Facets> {
        let catalog = self.unit.catalog.clone();
        let grant =
            self.domain.grants.iter().find(|(_, literal)| self.value(*literal)).map(|(grant, _)| *grant);
        let grant = grant.unwrap_or(Grant::AuthorizationCode);
        let has_asked = self.domain.aims.iter().any(|aimed| aimed.aim == Aim::Asked);
        let wanted = if has_asked { Aim::Asked } else { Aim::Token };
        let fitting =
            |client: &Arc<str>| Some((client.clone(), self.chosen_audience(f, &catalog, client, wanted)?));
        let Some((client, audience)) = self.candidate(f, &catalog, grant, fitting) else {
            self.forbid_facets(wanted);
            return None;
        };
        let requested = literals.iter().any(|(atom, _)| {
            matches!(
                f.meaning(*atom),
                Some(
                    Atom::Audience(Aim::Requested, _)
                        | Atom::UnlistedAudience(Aim::Requested)
                        | Atom::NoAudience(Aim::Requested)
                        | Atom::ManyAudiences(Aim::Requested)
                )
            )
        });
        let requested = requested.then(|| self.requested_audience(f, &catalog)).flatten();
        self.limit_scopes(f, &catalog);
        Some(Facets {
            grant,
            is_listed: catalog.client(&client).is_some(),
            client,
            audience,
            requested_audience: requested,
            user: self.domain.user.is_some_and(|user| self.value(user)),
        })
    }

    /// Which scopes the proposal's audience leaves: where every audience lists its scopes, those and the issuer's own.
    fn limit_scopes(&mut self, f: &Formulas, catalog: &Catalog) {
        self.scope_words = None;
        self.scope_facts.clear();
        let Some(aimed) = self.domain.aims.iter().find(|aimed| aimed.aim == Aim::Token) else { return };
        if self.value(aimed.none) || self.value(aimed.unlisted) {
            return;
        }
        let facts = aimed.has.iter().map(|(id, _)| Atom::Audience(Aim::Token, id.clone()));
        let mut facts: Vec<Atom> = facts.collect();
        let named = aimed.has.iter().filter(|(_, literal)| self.value(*literal));
        let named = named.filter_map(|(id, _)| catalog.audience(id)).map(|(_, audience)| audience);
        let rest = aimed.rest.is_some_and(|rest| self.value(rest)).then(|| {
            let is_rest = |audience: &&Audience| !self.domain.mentioned_audiences.contains(&audience.id);
            catalog.audiences.values().filter(is_rest)
        });
        let listed = named.chain(rest.into_iter().flatten());
        // One that does not list its scopes is enough.
        let scopes: Option<Vec<_>> = listed.map(|audience| audience.scopes.as_ref()).collect();
        let Some(scopes) = scopes.filter(|_| f.knows(Lemma::ScopesOfAudience)) else { return };
        let own = OIDC_SCOPES.iter().map(|scope| Arc::from(*scope));
        let mut words: Vec<Arc<str>> = scopes.into_iter().flatten().cloned().chain(own).collect();
        words.sort();
        words.dedup();
        facts.push(Atom::UnlistedAudience(Aim::Token));
        facts.push(Atom::NoAudience(Aim::Token));
        self.scope_words = Some(words.into());
        self.scope_facts = facts
            .iter()
            .filter_map(|atom| {
                let id = f.id(atom)?;
                Some((id, self.value(self.of_atom(f, id)?)))
            })
            .collect();
        self.elements.retain(|(path, _), _| **path != Path::root(Root::Scopes));
    }

    /// What `fitting` gives for the first client that the proposal may mean and that fits.
    fn candidate<T>(
        &self,
        f: &Formulas,
        catalog: &Catalog,
        grant: Grant,
        fitting: impl Fn(&Arc<str>) -> Option<T>,
    ) -> Option<T> {
        if let Some((id, _)) = self.domain.clients.iter().find(|(_, literal)| self.value(*literal)) {
            return fitting(id);
        }
        if self.domain.rest_client.is_some_and(|rest| self.value(rest)) {
            let may = |client: &&Client| {
                !f.knows(Lemma::GrantsOfClient)
                    || client.grants.as_ref().is_none_or(|grants| grants.contains(&grant))
            };
            let mut rest = catalog.clients.values().filter(|client| self.domain.is_rest(client)).filter(may);
            return rest.find_map(|client| fitting(&client.id));
        }
        let is_free = |id: &str| catalog.client(id).is_none() && !self.domain.mentioned_clients.contains(id);
        fitting(&fresh_name("other-client", is_free))
    }

    /// The ids of an audience; `None` where the client may not have them.
    fn chosen_audience(
        &self,
        f: &Formulas,
        catalog: &Catalog,
        client: &str,
        aim: Aim,
    ) -> Option<Vec<Arc<str>>> {
        let aimed = self.domain.aims.iter().find(|aimed| aimed.aim == aim)?;
        let allowed = catalog.client(client).and_then(|client| client.audiences.as_ref());
        let allowed = allowed.filter(|_| f.knows(Lemma::AudiencesOfClient));
        let may = |alias: &Arc<str>| allowed.is_none_or(|allowed| allowed.contains(alias));
        let mut ids: Vec<Arc<str>> =
            aimed.has.iter().filter(|(_, literal)| self.value(*literal)).map(|(id, _)| id.clone()).collect();
        if aimed.rest.is_some_and(|rest| self.value(rest)) {
            let rest = catalog.audiences.iter().find(|(alias, audience)| {
                may(alias) && !self.domain.mentioned_audiences.contains(&audience.id)
            });
            ids.push(rest?.1.id.clone());
        }
        let is_listed = |id: &Arc<str>| catalog.audience(id).is_some();
        if self.value(aimed.unlisted) && ids.iter().all(is_listed) {
            ids.push(self.unlisted_audience(catalog, 0));
        }
        if self.value(aimed.many) && ids.len() < 2 {
            ids.push(self.unlisted_audience(catalog, 1));
        }
        let is_fine = ids.iter().all(|id| match catalog.audience(id) {
            Some((alias, _)) => may(alias),
            None => allowed.is_none(),
        });
        is_fine.then_some(ids)
    }

    fn requested_audience(&self, f: &Formulas, catalog: &Catalog) -> Option<Vec<Arc<str>>> {
        self.chosen_audience(f, catalog, "", Aim::Requested)
    }

    fn unlisted_audience(&self, catalog: &Catalog, number: usize) -> Arc<str> {
        let is_free = |id: &str| {
            catalog.audience(id).is_none()
                && !self.domain.mentioned_audiences.contains(id)
                && !catalog.issuer_endpoints.iter().any(|endpoint| **endpoint == *id)
        };
        let name = if number == 0 { "https://other.example/api" } else { "https://another.example/api" };
        fresh_name(name, is_free)
    }

    /// No client that is listed and not mentioned fits the proposal's grant and audience.
    fn forbid_facets(&mut self, aim: Aim) {
        let mut clause: Vec<Lit> = Vec::new();
        let mut add = |literal: Lit, is_true: bool| {
            if is_true {
                clause.push(!literal);
            }
        };
        for (_, literal) in &self.domain.clients {
            add(*literal, self.value(*literal));
        }
        for literal in self.domain.rest_client.iter().chain(&self.domain.other_client) {
            add(*literal, self.value(*literal));
        }
        for (_, literal) in &self.domain.grants {
            add(*literal, self.value(*literal));
        }
        if let Some(aimed) = self.domain.aims.iter().find(|aimed| aimed.aim == aim) {
            for literal in aimed.has.iter().map(|(_, literal)| literal).chain(&aimed.rest) {
                add(*literal, self.value(*literal));
            }
            add(aimed.unlisted, self.value(aimed.unlisted));
            add(aimed.many, self.value(aimed.many));
        }
        self.clause(clause);
    }
}

/// A name that nobody has.
fn fresh_name(name: &str, is_free: impl Fn(&str) -> bool) -> Arc<str> {
    let numbered = (2..).map(|n| format!("{name}-{n}"));
    std::iter::once(name.to_owned())
        .chain(numbered)
        .find(|name| is_free(name))
        .unwrap_or_else(|| name.to_owned())
        .into()
}
