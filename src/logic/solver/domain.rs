//! Grants, clients and audiences: which can stand together by the catalog.

use std::collections::BTreeSet;
use std::sync::Arc;

use batsat::Lit;

use super::Instance;
use crate::catalog::{Audience, Catalog, Client, Root, World};
use crate::logic::atom::{Aim, Atom, Path};
use crate::logic::formula::{AtomId, Formulas};
use crate::standard::{Grant, OIDC_SCOPES};

/// What an instance knows by name, and the literals of what it does not.
#[derive(Debug, Default)]
pub(super) struct Domain {
    pub(super) atoms: BTreeSet<AtomId>,
    mentioned_clients: BTreeSet<Arc<str>>,
    mentioned_audiences: BTreeSet<Arc<str>>,
    grants: Vec<(Grant, Lit)>,
    clients: Vec<(Arc<str>, Lit)>,
    /// A client that is listed and not mentioned.
    rest_client: Option<Lit>,
    /// A client that is neither listed nor mentioned.
    other_client: Option<Lit>,
    unlisted_client: Option<Lit>,
    user: Option<Lit>,
    aims: Vec<Aimed>,
}

/// The literals about one audience of the request.
#[derive(Debug)]
struct Aimed {
    aim: Aim,
    has: Vec<(Arc<str>, Lit)>,
    /// One that is listed and not mentioned.
    rest: Option<Lit>,
    unlisted: Lit,
    none: Lit,
    many: Lit,
}

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

impl Domain {
    /// Whether everything that atoms mention is known by name.
    pub(super) fn covers(&self, f: &Formulas, atoms: &BTreeSet<AtomId>) -> bool {
        atoms.iter().all(|atom| match f.meaning(*atom) {
            Some(Atom::Client(id)) => self.mentioned_clients.contains(id),
            Some(Atom::Audience(aim, id)) => {
                self.mentioned_audiences.contains(id) && self.aims.iter().any(|aimed| aimed.aim == *aim)
            }
            Some(Atom::UnlistedAudience(aim) | Atom::NoAudience(aim) | Atom::ManyAudiences(aim)) => {
                self.aims.iter().any(|aimed| aimed.aim == *aim)
            }
            _ => true,
        })
    }
}

impl Instance<'_> {
    /// The clauses about grants, clients and audiences that atoms speak of.
    pub(super) fn encode_domain(&mut self, f: &mut Formulas, atoms: &BTreeSet<AtomId>) {
        let mut domain = Domain { atoms: atoms.clone(), ..Domain::default() };
        let mut aims = BTreeSet::from([Aim::Token]);
        for atom in atoms {
            match f.meaning(*atom) {
                Some(Atom::Client(id)) => drop(domain.mentioned_clients.insert(id.clone())),
                Some(Atom::Audience(aim, id)) => {
                    domain.mentioned_audiences.insert(id.clone());
                    aims.insert(*aim);
                }
                Some(Atom::UnlistedAudience(aim) | Atom::NoAudience(aim) | Atom::ManyAudiences(aim)) => {
                    aims.insert(*aim);
                }
                _ => {}
            }
        }
        let catalog = self.unit.catalog.clone();
        for alias in catalog.audience_sets.iter().flatten().flatten() {
            if let Some(audience) = catalog.audiences.get(alias) {
                domain.mentioned_audiences.insert(audience.id.clone());
            }
        }
        self.domain = domain;
        self.encode_clients(f, &catalog);
        self.encode_grants(f, &catalog);
        for aim in aims {
            self.encode_aim(f, &catalog, aim);
        }
        let user = self.named(f, &Atom::User);
        self.domain.user = Some(user);
    }

    fn named(&mut self, f: &mut Formulas, atom: &Atom) -> Lit {
        let formula = f.atom(atom.clone());
        self.literal(f, formula)
    }

    fn exactly_one(&mut self, literals: &[Lit]) {
        self.clause(literals.iter().copied());
        for (at, a) in literals.iter().enumerate() {
            for b in literals.iter().skip(at + 1) {
                self.clause([!*a, !*b]);
            }
        }
    }

    fn encode_clients(&mut self, f: &mut Formulas, catalog: &Catalog) {
        let mentioned: Vec<Arc<str>> = self.domain.mentioned_clients.iter().cloned().collect();
        let mut listed = Vec::new();
        let mut unlisted = Vec::new();
        for id in mentioned {
            let literal = self.named(f, &Atom::Client(id.clone()));
            let group = if catalog.client(&id).is_some() { &mut listed } else { &mut unlisted };
            group.push((id, literal));
        }
        let mut all: Vec<Lit> = listed.iter().chain(&unlisted).map(|(_, literal)| *literal).collect();
        if catalog.clients.values().any(|client| !self.domain.mentioned_clients.contains(&client.id)) {
            let rest = self.fresh();
            all.push(rest);
            self.domain.rest_client = Some(rest);
        }
        let is_unlisted = self.named(f, &Atom::UnlistedClient);
        self.domain.unlisted_client = Some(is_unlisted);
        if catalog.client_world == World::Closed {
            for (_, literal) in &unlisted {
                self.clause([!*literal]);
            }
        } else {
            let other = self.fresh();
            all.push(other);
            self.domain.other_client = Some(other);
        }
        let ways: Vec<Lit> =
            unlisted.iter().map(|(_, literal)| *literal).chain(self.domain.other_client).collect();
        for way in &ways {
            self.clause([!*way, is_unlisted]);
        }
        self.clause(ways.into_iter().chain([!is_unlisted]));
        self.exactly_one(&all);
        listed.extend(unlisted);
        self.domain.clients = listed;
    }

    fn encode_grants(&mut self, f: &mut Formulas, catalog: &Catalog) {
        let mut grants = Vec::new();
        for grant in Grant::ALL {
            grants.push((*grant, self.named(f, &Atom::Grant(*grant))));
        }
        self.exactly_one(&grants.iter().map(|(_, literal)| *literal).collect::<Vec<_>>());
        for (id, literal) in self.domain.clients.clone() {
            let Some(Client { grants: Some(allowed), .. }) = catalog.client(&id) else { continue };
            for (grant, is) in &grants {
                if !allowed.contains(grant) {
                    self.clause([!literal, !*is]);
                }
            }
        }
        if let Some(rest) = self.domain.rest_client {
            let others = || {
                catalog.clients.values().filter(|client| !self.domain.mentioned_clients.contains(&client.id))
            };
            let possible = |grant: &Grant| {
                others().any(|client| client.grants.as_ref().is_none_or(|grants| grants.contains(grant)))
            };
            let missing: Vec<Lit> =
                grants.iter().filter(|(grant, _)| !possible(grant)).map(|(_, is)| *is).collect();
            for is in missing {
                self.clause([!rest, !is]);
            }
        }
        self.domain.grants = grants;
    }

    fn encode_aim(&mut self, f: &mut Formulas, catalog: &Catalog, aim: Aim) {
        let mentioned: Vec<Arc<str>> = self.domain.mentioned_audiences.iter().cloned().collect();
        let mut has = Vec::new();
        for id in mentioned {
            let literal = self.named(f, &Atom::Audience(aim, id.clone()));
            has.push((id, literal));
        }
        let unlisted = self.named(f, &Atom::UnlistedAudience(aim));
        let none = self.named(f, &Atom::NoAudience(aim));
        let many = self.named(f, &Atom::ManyAudiences(aim));
        let is_mentioned = |audience: &Audience| self.domain.mentioned_audiences.contains(&audience.id);
        let rest = (!catalog.audiences.values().all(is_mentioned)).then(|| self.fresh());
        // Only what is listed, unless others may occur.
        let is_listed = |id: &Arc<str>| catalog.audience(id).is_some();
        for (id, literal) in has.iter().filter(|(id, _)| !is_listed(id)) {
            self.clause([!*literal, unlisted]);
            if catalog.audience_world == World::Closed && aim != Aim::Requested {
                self.clause([!*literal]);
            }
            if catalog.issuer_endpoints.contains(id) {
                self.clause([!*literal]);
            }
        }
        if catalog.audience_world == World::Closed && aim != Aim::Requested {
            self.clause([!unlisted]);
        }
        // An audience is counted once: an unlisted one that is mentioned by its name and as unlisted.
        let known: Vec<Lit> =
            has.iter().filter(|(id, _)| is_listed(id)).map(|(_, literal)| *literal).chain(rest).collect();
        let all: Vec<Lit> = has.iter().map(|(_, literal)| *literal).chain(rest).collect();
        for literal in all.iter().chain([&unlisted]) {
            self.clause([!*literal, !none]);
        }
        self.clause(all.iter().copied().chain([unlisted, none]));
        for (at, a) in all.iter().enumerate() {
            for b in all.iter().skip(at + 1) {
                self.clause([!*a, !*b, many]);
            }
        }
        for literal in &known {
            self.clause([!*literal, !unlisted, many]);
        }
        self.clause([!many, !none]);
        let aimed = Aimed { aim, has, rest, unlisted, none, many };
        if aim != Aim::Requested {
            self.encode_sets(catalog, &aimed, &all);
            self.encode_allowed(catalog, &aimed);
        }
        self.domain.aims.push(aimed);
    }

    /// Which audiences may stand in one token.
    fn encode_sets(&mut self, catalog: &Catalog, aimed: &Aimed, all: &[Lit]) {
        match &catalog.audience_sets {
            None if catalog.audiences.is_empty() && catalog.audience_world != World::Closed => {}
            None => self.clause([!aimed.many]),
            Some(sets) => {
                let mut choices = vec![!aimed.many];
                for set in sets {
                    let chosen = self.fresh();
                    choices.push(chosen);
                    for (id, literal) in &aimed.has {
                        let is_in = catalog.audience(id).is_some_and(|(alias, _)| set.contains(alias));
                        if !is_in {
                            self.clause([!chosen, !*literal]);
                        }
                    }
                    self.clause([!chosen, !aimed.unlisted]);
                    // All members of sets are mentioned.
                    if let Some(rest) = aimed.rest {
                        self.clause([!chosen, !rest]);
                    }
                }
                self.clause(choices);
                // Two at least: none stands alone.
                for literal in all {
                    let others = all.iter().filter(|other| *other != literal).copied();
                    self.clause(others.chain([!aimed.many, !*literal]));
                }
            }
        }
    }

    /// Which audiences a client may request.
    fn encode_allowed(&mut self, catalog: &Catalog, aimed: &Aimed) {
        let unmentioned = |audience: &Audience| !self.domain.mentioned_audiences.contains(&audience.id);
        let may_rest = |allowed: &[Arc<str>]| {
            allowed.iter().any(|alias| catalog.audiences.get(alias).is_some_and(unmentioned))
        };
        let mut clauses = Vec::new();
        for (id, literal) in &self.domain.clients {
            let Some(Client { audiences: Some(allowed), .. }) = catalog.client(id) else { continue };
            for (audience, has) in &aimed.has {
                let may = catalog.audience(audience).is_some_and(|(alias, _)| allowed.contains(alias));
                if !may {
                    clauses.push(vec![!*literal, !*has]);
                }
            }
            clauses.push(vec![!*literal, !aimed.unlisted]);
            if let Some(rest) = aimed.rest
                && !may_rest(allowed)
            {
                clauses.push(vec![!*literal, !rest]);
            }
        }
        if let Some(rest_client) = self.domain.rest_client {
            let others: Vec<&Client> = catalog
                .clients
                .values()
                .filter(|client| !self.domain.mentioned_clients.contains(&client.id))
                .collect();
            let may = |alias: Option<&Arc<str>>| {
                others.iter().any(|client| {
                    let allowed = client.audiences.as_ref();
                    allowed.is_none_or(|allowed| alias.is_some_and(|alias| allowed.contains(alias)))
                })
            };
            for (audience, has) in &aimed.has {
                if !may(catalog.audience(audience).map(|(alias, _)| alias)) {
                    clauses.push(vec![!rest_client, !*has]);
                }
            }
            if !may(None) {
                clauses.push(vec![!rest_client, !aimed.unlisted]);
            }
        }
        for clause in clauses {
            self.clause(clause);
        }
    }

    /// The client, grant and audience of the proposal. Representatives of what is not mentioned become one that fits;
    /// where none does, the proposal's facts about them conflict.
    pub(super) fn facets(&mut self, literals: &[(AtomId, bool)], f: &Formulas) -> Option<Facets> {
        let catalog = self.unit.catalog.clone();
        let grant =
            self.domain.grants.iter().find(|(_, literal)| self.value(*literal)).map(|(grant, _)| *grant);
        let grant = grant.unwrap_or(Grant::AuthorizationCode);
        let has_asked = self.domain.aims.iter().any(|aimed| aimed.aim == Aim::Asked);
        let wanted = if has_asked { Aim::Asked } else { Aim::Token };
        let clients = self.candidates(&catalog, grant);
        for client in &clients {
            if let Some(audience) = self.chosen_audience(&catalog, client, wanted) {
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
                let requested = requested.then(|| self.requested_audience(&catalog)).flatten();
                self.limit_scopes(f, &catalog);
                return Some(Facets {
                    grant,
                    client: client.clone(),
                    is_listed: catalog.client(client).is_some(),
                    audience,
                    requested_audience: requested,
                    user: self.domain.user.is_some_and(|user| self.value(user)),
                });
            }
        }
        self.forbid_facets(wanted);
        None
    }

    /// Which scopes the proposal's audience leaves: where every audience lists its scopes, those and the issuer's own.
    fn limit_scopes(&mut self, f: &Formulas, catalog: &Catalog) {
        self.scope_words = None;
        self.scope_facts.clear();
        let Some(aimed) = self.domain.aims.iter().find(|aimed| aimed.aim == Aim::Token) else { return };
        if self.value(aimed.none) || self.value(aimed.unlisted) {
            return;
        }
        let mut listed: Vec<&Audience> = Vec::new();
        let mut facts = Vec::new();
        for (id, literal) in &aimed.has {
            if self.value(*literal) {
                listed.extend(catalog.audience(id).map(|(_, audience)| audience));
            }
            facts.push(Atom::Audience(Aim::Token, id.clone()));
        }
        if aimed.rest.is_some_and(|rest| self.value(rest)) {
            let is_rest = |audience: &&Audience| !self.domain.mentioned_audiences.contains(&audience.id);
            listed.extend(catalog.audiences.values().filter(is_rest));
        }
        let scopes: Option<Vec<_>> = listed.iter().map(|audience| audience.scopes.as_ref()).collect();
        let Some(scopes) = scopes else { return };
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

    /// Clients that the proposal may mean.
    fn candidates(&self, catalog: &Catalog, grant: Grant) -> Vec<Arc<str>> {
        if let Some((id, _)) = self.domain.clients.iter().find(|(_, literal)| self.value(*literal)) {
            return vec![id.clone()];
        }
        if self.domain.rest_client.is_some_and(|rest| self.value(rest)) {
            return catalog
                .clients
                .values()
                .filter(|client| !self.domain.mentioned_clients.contains(&client.id))
                .filter(|client| client.grants.as_ref().is_none_or(|grants| grants.contains(&grant)))
                .map(|client| client.id.clone())
                .collect();
        }
        let is_free = |id: &str| catalog.client(id).is_none() && !self.domain.mentioned_clients.contains(id);
        vec![fresh_name("other-client", is_free)]
    }

    /// The ids of an audience; `None` where the client may not have them.
    fn chosen_audience(&self, catalog: &Catalog, client: &str, aim: Aim) -> Option<Vec<Arc<str>>> {
        let aimed = self.domain.aims.iter().find(|aimed| aimed.aim == aim)?;
        let allowed = catalog.client(client).and_then(|client| client.audiences.as_ref());
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

    fn requested_audience(&self, catalog: &Catalog) -> Option<Vec<Arc<str>>> {
        self.chosen_audience(catalog, "", Aim::Requested)
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
