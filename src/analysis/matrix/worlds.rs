//! Who can ask for what: every combination of client, grant and audiences that claims.yaml allows, and what is known of
//! a request that has it.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::catalog::{Catalog, Client, Root, World};
use crate::logic::atom::{Aim, Atom, Base, Path};
use crate::logic::formula::{Formula, Formulas};
use crate::standard::{Grant, UserPresence};

use super::{Audiences, Party};

/// Subsets of a set of audiences that are told apart; of larger sets only single audiences and the whole are.
const MAX_SET: usize = 8;

/// Every client, the unlisted ones as one.
pub(in crate::analysis) fn clients(catalog: &Catalog) -> Vec<(Party, Option<&Client>)> {
    let listed = catalog.clients.iter().enumerate();
    let listed =
        listed.map(|(position, (alias, client))| (listed_party(position, alias, &client.id), Some(client)));
    let other = (catalog.client_world != World::Closed).then_some((Party::Other, None));
    listed.chain(other).collect()
}

/// The grants of a client.
pub(in crate::analysis) fn grants(client: Option<&Client>) -> Vec<Grant> {
    let listed = client.and_then(|client| client.grants.as_ref());
    Grant::ALL.iter().copied().filter(|grant| listed.is_none_or(|listed| listed.contains(grant))).collect()
}

/// Sets of audiences that a token of a client can have, the empty one first.
pub(in crate::analysis) fn audiences(catalog: &Catalog, client: Option<&Client>) -> Vec<Audiences> {
    let allowed = client.and_then(|client| client.audiences.as_ref());
    let is_allowed = |alias: &Arc<str>| allowed.is_none_or(|allowed| allowed.contains(alias));
    let parties: Vec<(&Arc<str>, Party)> = catalog
        .audiences
        .iter()
        .enumerate()
        .filter(|(_, (alias, _))| is_allowed(alias))
        .map(|(position, (alias, audience))| (alias, listed_party(position, alias, &audience.id)))
        .collect();
    let mut sets: BTreeSet<Audiences> = BTreeSet::from([Vec::new()]);
    sets.extend(parties.iter().map(|(_, party)| vec![party.clone()]));
    for together in catalog.audience_sets.iter().flatten() {
        let members = parties.iter().filter(|(alias, _)| together.contains(alias));
        sets.extend(subsets(&members.map(|(_, party)| party.clone()).collect::<Vec<_>>()));
    }
    if catalog.audience_world != World::Closed && allowed.is_none() {
        sets.insert(vec![Party::Other]);
    }
    sets.into_iter().collect()
}

fn subsets(parties: &[Party]) -> Vec<Audiences> {
    if parties.len() > MAX_SET {
        return vec![parties.to_vec()];
    }
    let bits = 0..1_usize << parties.len();
    let chosen = |bits: usize| {
        let chosen = parties.iter().enumerate().filter(move |(at, _)| bits >> at & 1 == 1);
        chosen.map(|(_, party)| party.clone()).collect()
    };
    bits.map(chosen).collect()
}

/// How many audiences a set has, as far as that sets it apart from others that nobody names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    None,
    One,
    Many,
    /// One that claims.yaml does not list.
    Other,
}

impl Kind {
    pub(super) fn of(set: &Audiences) -> Self {
        match set.as_slice() {
            [] => Kind::None,
            [Party::Other] => Kind::Other,
            [_] => Kind::One,
            _ => Kind::Many,
        }
    }

    /// A set of this kind that no formula names.
    pub(super) fn example(self) -> Audiences {
        match self {
            Kind::None => Vec::new(),
            Kind::One => vec![unnamed()],
            Kind::Many => vec![unnamed(), unnamed()],
            Kind::Other => vec![Party::Other],
        }
    }
}

/// A listed client or audience that no formula names.
pub(super) fn unnamed() -> Party {
    listed_party(usize::MAX, &"".into(), &"".into())
}

/// Whether an id is the one that a formula names; nothing is called like [`unnamed`].
fn is_named(id: &str, wanted: &str) -> bool {
    id == wanted && !id.is_empty()
}

/// The scopes that the audiences of a set list.
pub(super) fn scopes<'u>(catalog: &'u Catalog, set: &Audiences) -> Vec<Option<&'u [Arc<str>]>> {
    let listed = |party: &Party| catalog.audiences.get(party.alias()?)?.scopes.as_deref();
    set.iter().map(listed).collect()
}

fn listed_party(position: usize, alias: &Arc<str>, id: &Arc<str>) -> Party {
    Party::Listed { position, alias: alias.clone(), id: id.clone() }
}

/// What is known of an atom where this client asks.
pub(in crate::analysis) fn known_by_client(catalog: &Catalog, client: &Party, atom: &Atom) -> Option<bool> {
    match (atom, client) {
        (Atom::Client(wanted), Party::Listed { id, .. }) => Some(is_named(id, wanted)),
        (Atom::Client(wanted), Party::Other) => catalog.client(wanted).map(|_| false),
        (Atom::UnlistedClient, _) => Some(*client == Party::Other),
        _ => None,
    }
}

/// What is known of an atom in a request of this grant.
pub(in crate::analysis) fn known_by_grant(grant: Grant, atom: &Atom) -> Option<bool> {
    match (atom, grant.user()) {
        (Atom::Grant(wanted), _) => Some(*wanted == grant),
        (Atom::User, UserPresence::Always) => Some(true),
        (Atom::User, UserPresence::Never) => Some(false),
        _ => None,
    }
}

/// What is known of an atom where the token has these audiences.
pub(in crate::analysis) fn known_by_audiences(
    catalog: &Catalog,
    audiences: &Audiences,
    atom: &Atom,
) -> Option<bool> {
    let has_other = audiences.contains(&Party::Other);
    match atom {
        Atom::Audience(Aim::Token, wanted) => {
            let has =
                audiences.iter().any(|one| matches!(one, Party::Listed { id, .. } if is_named(id, wanted)));
            (has || !has_other || catalog.audience(wanted).is_some()).then_some(has)
        }
        Atom::UnlistedAudience(Aim::Token) => Some(has_other),
        Atom::NoAudience(Aim::Token) => Some(audiences.is_empty()),
        // Without any list, "other" stands for any set.
        Atom::ManyAudiences(Aim::Token)
            if has_other && catalog.audience_sets.is_none() && catalog.audiences.is_empty() =>
        {
            None
        }
        Atom::ManyAudiences(Aim::Token) => Some(audiences.len() > 1),
        _ => None,
    }
}

/// What was put into a formula before and is not in it any more, as far as it decides what the rest can be: attributes
/// of a user say something only of requests with one, those of clients only of unlisted ones.
pub(super) fn context(f: &mut Formulas, formula: Formula) -> Formula {
    let (mut reads, mut states) = (BTreeSet::new(), BTreeSet::new());
    for atom in f.atoms_of([formula]) {
        match f.meaning(atom) {
            Some(Atom::User) => drop(states.insert(Root::User)),
            Some(Atom::UnlistedClient) => drop(states.insert(Root::Client)),
            Some(atom) => reads.extend(roots(atom)),
            None => {}
        }
    }
    let facts = [(Root::User, Atom::User), (Root::Client, Atom::UnlistedClient)];
    let facts = facts.into_iter().filter(|(root, _)| reads.contains(root) && !states.contains(root));
    let facts: Vec<Formula> = facts.map(|(_, atom)| f.atom(atom)).collect();
    f.all(facts)
}

/// The roots of the places that an atom speaks of.
pub(super) fn roots(atom: &Atom) -> BTreeSet<Root> {
    let paths: Vec<&Arc<Path>> = match atom {
        Atom::Present(path)
        | Atom::True(path)
        | Atom::Text(path, _)
        | Atom::Number(path, _)
        | Atom::Some(path, _)
        | Atom::Items(path, _) => vec![path],
        Atom::AtMost(left, right, _) => left.iter().chain(right).collect(),
        _ => Vec::new(),
    };
    let root = |path: &Arc<Path>| match &path.base {
        Base::Root(root) => Some(*root),
        Base::Element(_) => None,
    };
    paths.into_iter().filter_map(root).collect()
}

/// The audiences of a token, as a formula. One of them excludes all others.
pub(super) fn has_audiences(catalog: &Catalog, f: &mut Formulas, audiences: &Audiences) -> Formula {
    let is_one = matches!(audiences.as_slice(), [] | [Party::Listed { .. }]);
    let named =
        |id: &Arc<str>| audiences.iter().any(|one| matches!(one, Party::Listed { id: own, .. } if own == id));
    let listed = catalog.audiences.values().map(|one| &one.id).filter(|id| !is_one || named(id));
    let listed = listed.map(|id| Atom::Audience(Aim::Token, id.clone()));
    let others = [Atom::UnlistedAudience, Atom::NoAudience, Atom::ManyAudiences].map(|atom| atom(Aim::Token));
    let mut facts = Vec::new();
    for atom in listed.chain(others) {
        if let Some(truth) = known_by_audiences(catalog, audiences, &atom) {
            let atom = f.atom(atom);
            facts.push(if truth { atom } else { !atom });
        }
    }
    f.all(facts)
}
