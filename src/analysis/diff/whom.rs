//! For whom a formula can be true: clients, grants and audiences.

use std::collections::HashMap;

use crate::analysis::matrix::{Party, worlds};
use crate::catalog::Catalog;
use crate::logic::atom::{Aim, Atom};
use crate::logic::formula::Formula;
use crate::standard::Grant;

use super::pair::{Pair, Room};
use super::{Among, Whom};

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

/// The first with only those audiences that the second does not have.
pub(super) fn widened(now: &Whom, before: &Whom) -> Whom {
    let is_new = |party: &&Option<Party>| party.is_some() && !before.audiences.listed.contains(*party);
    let listed = now.audiences.listed.iter().filter(is_new).cloned().collect();
    Whom { audiences: Among { listed, of: now.audiences.of }, ..now.clone() }
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
        let all: Vec<Party> = self.parties.audiences.clone();
        for party in all.into_iter().map(Some).chain([None]) {
            let is = self.reaches(party.as_ref());
            if self.holds(room, formula, is, &mut known) {
                audiences.push(party);
            }
        }
        Whom {
            clients: Among { listed: clients, of: self.parties.clients.len() },
            grants: Among { listed: grants, of: Grant::ALL.len() },
            audiences: Among { listed: audiences, of: self.parties.audiences.len() + 1 },
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

    /// Where a token is for an audience, or for none.
    pub(super) fn reaches(&mut self, party: Option<&Party>) -> Formula {
        match party {
            Some(Party::Listed { id, .. }) => self.f.atom(Atom::Audience(Aim::Token, id.clone())),
            Some(Party::Other) => self.f.atom(Atom::UnlistedAudience(Aim::Token)),
            None => self.f.atom(Atom::NoAudience(Aim::Token)),
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
