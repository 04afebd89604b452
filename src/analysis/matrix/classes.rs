//! What sets requests apart: which clients and audiences formulas name. Those that no formula names are all alike, so
//! that a table of hundreds of each is worked out for few.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use crate::catalog::Root;
use crate::logic::atom::{Aim, Atom};
use crate::logic::formula::{Formula, Formulas, View};

use super::worlds::roots;

/// A formula that names more counts as naming all.
const MAX_NAMED: usize = 64;

/// What a formula speaks of.
#[derive(Debug, Clone, Default)]
pub(super) struct Mentions {
    /// Ids of clients.
    pub(super) clients: Named,
    /// Ids of audiences of the token.
    pub(super) audiences: Named,
    /// Whether it speaks of scopes, of which the audience decides what there are.
    pub(super) scopes: bool,
}

/// Which ids a formula names.
#[derive(Debug, Clone)]
pub(super) enum Named {
    /// These.
    These(Rc<BTreeSet<Arc<str>>>),
    /// Too many to tell.
    Any,
}

impl Default for Named {
    fn default() -> Self {
        Named::These(Rc::default())
    }
}

impl Named {
    fn only(id: &Arc<str>) -> Self {
        Named::These(Rc::new(BTreeSet::from([id.clone()])))
    }

    fn and(self, other: &Named) -> Self {
        match (self, other) {
            (Named::These(mine), Named::These(other)) if other.is_subset(&mine) => Named::These(mine),
            (Named::These(mut mine), Named::These(other)) => {
                Rc::make_mut(&mut mine).extend(other.iter().cloned());
                if mine.len() > MAX_NAMED { Named::Any } else { Named::These(mine) }
            }
            _ => Named::Any,
        }
    }
}

/// What formulas speak of, each looked at once.
#[derive(Default)]
pub(super) struct Spoken {
    /// By node.
    known: HashMap<Formula, Rc<Mentions>>,
}

impl Spoken {
    /// What a formula speaks of.
    pub(super) fn of(&mut self, f: &Formulas, formula: Formula) -> Rc<Mentions> {
        let mut open = vec![formula];
        // Parts first, without recursion: chains of `else if` nest as deep as they are long.
        while let Some(one) = open.last().copied() {
            if self.known.contains_key(&one) {
                open.pop();
                continue;
            }
            let mentions = match f.view(one) {
                View::Constant(_) => Mentions::default(),
                View::Atom(atom, _) => f.meaning(atom).map(of_atom).unwrap_or_default(),
                View::All(parts) | View::NotAll(parts) => {
                    let before = open.len();
                    open.extend(parts.iter().filter(|part| !self.known.contains_key(part)));
                    if open.len() > before {
                        continue;
                    }
                    let parts = parts.iter().filter_map(|part| self.known.get(part));
                    parts.fold(Mentions::default(), |all, part| Mentions {
                        clients: all.clients.and(&part.clients),
                        audiences: all.audiences.and(&part.audiences),
                        scopes: all.scopes || part.scopes,
                    })
                }
            };
            self.known.insert(one, Rc::new(mentions));
            open.pop();
        }
        self.known.get(&formula).cloned().unwrap_or_default()
    }
}

fn of_atom(atom: &Atom) -> Mentions {
    let roots = roots(atom);
    let scopes = roots.contains(&Root::Scopes) || roots.contains(&Root::Requested);
    match atom {
        Atom::Client(id) => Mentions { clients: Named::only(id), ..Mentions::default() },
        Atom::Audience(Aim::Token, id) => Mentions { audiences: Named::only(id), ..Mentions::default() },
        _ => Mentions { scopes, ..Mentions::default() },
    }
}
