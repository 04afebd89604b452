//! Grants, clients and audiences: which can stand together by the catalog.

use std::collections::BTreeSet;
use std::sync::Arc;

use batsat::Lit;

use super::Instance;
use crate::catalog::{Audience, Catalog, Client, World};
use crate::logic::atom::{Aim, Atom};
use crate::logic::formula::{AtomId, Formulas};
use crate::logic::lemma::Lemma;
use crate::standard::Grant;

/// What an instance knows by name, and the literals of what it does not.
#[derive(Debug, Default)]
pub(super) struct Domain {
    pub(super) atoms: BTreeSet<AtomId>,
    pub(super) mentioned_clients: BTreeSet<Arc<str>>,
    pub(super) mentioned_audiences: BTreeSet<Arc<str>>,
    pub(super) grants: Vec<(Grant, Lit)>,
    pub(super) clients: Vec<(Arc<str>, Lit)>,
    /// A client that is listed and not mentioned.
    pub(super) rest_client: Option<Lit>,
    /// A client that is neither listed nor mentioned.
    pub(super) other_client: Option<Lit>,
    pub(super) unlisted_client: Option<Lit>,
    pub(super) user: Option<Lit>,
    pub(super) aims: Vec<Aimed>,
}

/// The literals about one audience of the request.
#[derive(Debug)]
pub(super) struct Aimed {
    pub(super) aim: Aim,
    pub(super) has: Vec<(Arc<str>, Lit)>,
    /// One that is listed and not mentioned.
    pub(super) rest: Option<Lit>,
    pub(super) unlisted: Lit,
    pub(super) none: Lit,
    pub(super) many: Lit,
}

impl Aimed {
    /// The literals of all audiences that are listed or mentioned.
    fn all(&self) -> Vec<Lit> {
        self.has.iter().map(|(_, literal)| *literal).chain(self.rest).collect()
    }
}

impl Domain {
    /// Whether nothing mentions a client of claims.yaml.
    pub(super) fn is_rest(&self, client: &Client) -> bool {
        !self.mentioned_clients.contains(&client.id)
    }

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
        if catalog.clients.values().any(|client| self.domain.is_rest(client)) {
            let rest = self.fresh();
            all.push(rest);
            self.domain.rest_client = Some(rest);
        }
        let is_unlisted = self.named(f, &Atom::UnlistedClient);
        self.domain.unlisted_client = Some(is_unlisted);
        if catalog.client_world == World::Closed && f.knows(Lemma::ListedClients) {
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
        if f.knows(Lemma::OneClient) {
            self.exactly_one(&all);
        }
        listed.extend(unlisted);
        self.domain.clients = listed;
    }

    fn encode_grants(&mut self, f: &mut Formulas, catalog: &Catalog) {
        let mut grants = Vec::new();
        for grant in Grant::ALL {
            grants.push((*grant, self.named(f, &Atom::Grant(*grant))));
        }
        if f.knows(Lemma::OneGrant) {
            self.exactly_one(&grants.iter().map(|(_, literal)| *literal).collect::<Vec<_>>());
        }
        self.domain.grants = grants;
        if f.knows(Lemma::GrantsOfClient) {
            self.encode_grants_of_clients(catalog);
        }
    }

    fn encode_grants_of_clients(&mut self, catalog: &Catalog) {
        let grants = self.domain.grants.clone();
        for (id, literal) in self.domain.clients.clone() {
            let Some(Client { grants: Some(allowed), .. }) = catalog.client(&id) else { continue };
            for (grant, is) in &grants {
                if !allowed.contains(grant) {
                    self.clause([!literal, !*is]);
                }
            }
        }
        if let Some(rest) = self.domain.rest_client {
            let mut missing = grants;
            for client in catalog.clients.values() {
                let may = |grant: &Grant| client.grants.as_ref().is_none_or(|grants| grants.contains(grant));
                // Most clients give no grant that others do not: who they are need not be known.
                if missing.iter().any(|(grant, _)| may(grant)) && self.domain.is_rest(client) {
                    missing.retain(|(grant, _)| !may(grant));
                }
            }
            for (_, is) in missing {
                self.clause([!rest, !is]);
            }
        }
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
        let is_closed = catalog.audience_world == World::Closed && aim != Aim::Requested;
        let is_listed = |id: &Arc<str>| catalog.audience(id).is_some();
        for (id, literal) in has.iter().filter(|(id, _)| !is_listed(id)) {
            self.clause([!*literal, unlisted]);
            if is_closed {
                self.clause([!*literal]);
            }
            if catalog.issuer_endpoints.contains(id) {
                self.clause([!*literal]);
            }
        }
        if is_closed {
            self.clause([!unlisted]);
        }
        let aimed = Aimed { aim, has, rest, unlisted, none, many };
        if f.knows(Lemma::CountedAudiences) {
            self.encode_count(catalog, &aimed);
        }
        if aim != Aim::Requested {
            if f.knows(Lemma::AudienceSets) {
                self.encode_sets(catalog, &aimed);
            }
            if f.knows(Lemma::AudiencesOfClient) {
                self.encode_allowed(catalog, &aimed);
            }
        }
        self.domain.aims.push(aimed);
    }

    /// How many audiences there are.
    fn encode_count(&mut self, catalog: &Catalog, aimed: &Aimed) {
        let Aimed { rest, unlisted, none, many, .. } = *aimed;
        let is_listed = |id: &Arc<str>| catalog.audience(id).is_some();
        // An audience is counted once: an unlisted one that is mentioned by its name and as unlisted.
        let listed = aimed.has.iter().filter(|(id, _)| is_listed(id)).map(|(_, literal)| *literal);
        let known: Vec<Lit> = listed.chain(rest).collect();
        let all = aimed.all();
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
    }

    /// Which audiences may stand in one token.
    fn encode_sets(&mut self, catalog: &Catalog, aimed: &Aimed) {
        let all = aimed.all();
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
                for literal in &all {
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
            let may = |alias: Option<&Arc<str>>| {
                catalog.clients.values().any(|client| {
                    let allowed = client.audiences.as_ref();
                    allowed.is_none_or(|allowed| alias.is_some_and(|alias| allowed.contains(alias)))
                        && self.domain.is_rest(client)
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
}
