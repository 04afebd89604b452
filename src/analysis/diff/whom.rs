//! For whom a formula can be true: clients, grants and audiences.

use std::collections::HashMap;

use crate::analysis::matrix::{self, Party, worlds};
use crate::catalog::Catalog;
use crate::logic::atom::{Aim, Atom};
use crate::logic::formula::Formula;
use crate::standard::Grant;

use super::Whom;
use super::pair::{Pair, Room};

/// Everybody that a catalog tells apart.
pub(super) struct Audiences {
    clients: Vec<Party>,
    audiences: Vec<matrix::Audiences>,
}

impl Audiences {
    pub(super) fn of(catalog: &Catalog) -> Self {
        let clients = worlds::clients(catalog).into_iter().map(|(party, _)| party).collect();
        let audiences = worlds::audiences(catalog, None);
        Audiences { clients, audiences: audiences.into_iter().filter(|set| set.len() < 2).collect() }
    }
}

/// The audiences of the first that are not among those of the second.
pub(super) fn widened(now: &Whom, before: &Whom) -> Whom {
    let audiences = now.audiences.iter().filter(|party| !before.audiences.contains(party));
    Whom { audiences: audiences.cloned().collect(), no_audience: false, all_audiences: false, ..now.clone() }
}

impl<'u> Pair<'u> {
    /// For whom a formula can be true.
    pub(super) fn whom(&mut self, room: &mut Room<'u>, formula: Formula) -> Whom {
        let catalog = self.old.unit.catalog.clone();
        let mut known: HashMap<Formula, bool> = HashMap::new();
        let mut whom = Whom::default();
        let all = std::mem::take(&mut self.audiences.clients);
        for party in &all {
            if self.holds(room, formula, &mut known, &|atom| worlds::known_by_client(&catalog, party, atom)) {
                whom.clients.push(party.clone());
            }
        }
        whom.all_clients = whom.clients.len() == all.len();
        self.audiences.clients = all;
        for grant in Grant::ALL {
            if self.holds(room, formula, &mut known, &|atom| worlds::known_by_grant(*grant, atom)) {
                whom.grants.push(*grant);
            }
        }
        whom.all_grants = whom.grants.len() == Grant::ALL.len();
        let all = std::mem::take(&mut self.audiences.audiences);
        let mut count = 0;
        for set in &all {
            let is = |atom: &Atom| worlds::known_by_audiences(&catalog, set, atom);
            if self.holds(room, formula, &mut known, &is) {
                count += 1;
                match set.first() {
                    Some(party) => whom.audiences.push(party.clone()),
                    None => whom.no_audience = true,
                }
            }
        }
        whom.all_audiences = count == all.len();
        self.audiences.audiences = all;
        whom
    }

    /// Where a token is for an audience.
    pub(super) fn reaches(&mut self, party: &Party) -> Formula {
        match party {
            Party::Listed { id, .. } => self.f.atom(Atom::Audience(Aim::Token, id.clone())),
            Party::Other => self.f.atom(Atom::UnlistedAudience(Aim::Token)),
        }
    }

    /// Whether a formula can be true of requests of which some atoms are known. They are made part of the question as
    /// well, so that the catalog's facts about them count.
    fn holds(
        &mut self,
        room: &mut Room<'u>,
        formula: Formula,
        known: &mut HashMap<Formula, bool>,
        atoms: &dyn Fn(&Atom) -> Option<bool>,
    ) -> bool {
        let left = self.f.restrict(formula, &|atom| atoms(atom));
        if left == Formula::FALSE {
            return false;
        }
        let facts = self.facts_of(atoms);
        let question = self.f.both(left, facts);
        if let Some(known) = known.get(&question) {
            return *known;
        }
        let is_possible = self.is_possible(room, question);
        known.insert(question, is_possible);
        is_possible
    }

    /// What is known, as a formula.
    fn facts_of(&mut self, atoms: &dyn Fn(&Atom) -> Option<bool>) -> Formula {
        let catalog = self.old.unit.catalog.clone();
        let mut named: Vec<Atom> = Vec::new();
        named.extend(catalog.clients.values().map(|client| Atom::Client(client.id.clone())));
        named.push(Atom::UnlistedClient);
        named.extend(Grant::ALL.iter().map(|grant| Atom::Grant(*grant)));
        let aim = Aim::Token;
        named.extend(catalog.audiences.values().map(|one| Atom::Audience(aim, one.id.clone())));
        named.push(Atom::UnlistedAudience(aim));
        named.push(Atom::NoAudience(aim));
        let mut parts = Vec::new();
        for atom in named {
            match atoms(&atom) {
                Some(true) => parts.push(self.f.atom(atom)),
                // What is not so follows from what is, but for audiences, of which there may be several.
                Some(false) if matches!(atom, Atom::Audience(..) | Atom::UnlistedAudience(_)) => {
                    let formula = self.f.atom(atom);
                    parts.push(!formula);
                }
                _ => {}
            }
        }
        self.f.all(parts)
    }
}
