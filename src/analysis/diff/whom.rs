//! For whom a formula can be true: clients, grants and audiences.

use std::collections::HashMap;

use crate::analysis::matrix::{Party, worlds};
use crate::catalog::Catalog;
use crate::logic::atom::{Aim, Atom};
use crate::logic::formula::Formula;
use crate::standard::Grant;

use super::Whom;
use super::pair::{Pair, Room};

/// Everybody that a catalog tells apart.
pub(super) struct Parties {
    clients: Vec<Party>,
    audiences: Vec<Party>,
}

impl Parties {
    pub(super) fn of(catalog: &Catalog) -> Self {
        let clients = worlds::clients(catalog).into_iter().map(|(party, _)| party).collect();
        let single = worlds::audiences(catalog, None).into_iter().filter(|set| set.len() == 1).flatten();
        Parties { clients, audiences: single.collect() }
    }
}

/// The audiences of the first that are not among those of the second.
pub(super) fn widened(now: &Whom, before: &Whom) -> Whom {
    let audiences = now.audiences.iter().filter(|party| !before.audiences.contains(party));
    Whom { audiences: audiences.cloned().collect(), no_audience: false, all_audiences: false, ..now.clone() }
}

/// More clients are told apart by the formula alone, which is less exact.
const MAX_CLIENTS: usize = 64;

impl<'u> Pair<'u> {
    /// For whom a formula can be true.
    pub(super) fn whom(&mut self, room: &mut Room<'u>, formula: Formula) -> Whom {
        let mut known: HashMap<Formula, bool> = HashMap::new();
        let clients = self.clients_of(room, formula, &mut known);
        let mut grants = Vec::new();
        for grant in Grant::ALL {
            let left = self.f.restrict(formula, &|atom| worlds::known_by_grant(*grant, atom));
            let is = self.f.atom(Atom::Grant(*grant));
            if self.holds(room, left, is, &mut known) {
                grants.push(*grant);
            }
        }
        let mut audiences = Vec::new();
        for party in self.parties.audiences.clone() {
            let is = self.reaches(&party);
            if self.holds(room, formula, is, &mut known) {
                audiences.push(party);
            }
        }
        let none = self.f.atom(Atom::NoAudience(Aim::Token));
        let no_audience = self.holds(room, formula, none, &mut known);
        Whom {
            all_clients: clients.len() == self.parties.clients.len(),
            all_grants: grants.len() == Grant::ALL.len(),
            all_audiences: no_audience && audiences.len() == self.parties.audiences.len(),
            clients,
            grants,
            audiences,
            no_audience,
        }
    }

    fn clients_of(
        &mut self,
        room: &mut Room<'u>,
        formula: Formula,
        known: &mut HashMap<Formula, bool>,
    ) -> Vec<Party> {
        let catalog = self.old.unit.catalog.clone();
        let is_exact = self.parties.clients.len() <= MAX_CLIENTS;
        let mut clients = Vec::new();
        for party in self.parties.clients.clone() {
            let left = self.f.restrict(formula, &|atom| worlds::known_by_client(&catalog, &party, atom));
            let is = match &party {
                _ if !is_exact => Formula::TRUE,
                Party::Listed { id, .. } => self.f.atom(Atom::Client(id.clone())),
                Party::Other => self.f.atom(Atom::UnlistedClient),
            };
            if self.holds(room, left, is, known) {
                clients.push(party);
            }
        }
        clients
    }

    /// Where a token is for an audience.
    pub(super) fn reaches(&mut self, party: &Party) -> Formula {
        match party {
            Party::Listed { id, .. } => self.f.atom(Atom::Audience(Aim::Token, id.clone())),
            Party::Other => self.f.atom(Atom::UnlistedAudience(Aim::Token)),
        }
    }

    /// Whether both can be true of one request.
    fn holds(
        &mut self,
        room: &mut Room<'u>,
        formula: Formula,
        fact: Formula,
        known: &mut HashMap<Formula, bool>,
    ) -> bool {
        let question = self.f.both(formula, fact);
        if let Some(known) = known.get(&question) {
            return *known;
        }
        let is_possible = self.is_possible(room, question);
        known.insert(question, is_possible);
        is_possible
    }
}
