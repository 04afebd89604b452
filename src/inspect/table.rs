//! What a policy does with the claims of one kind of token, in the rows of its matrix that are nearest to a token.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::analysis::matrix::{
    Audiences, Cell, Condition, Matrix, Party, Row, Subject as Place, Verb, Write,
};
use crate::catalog::Catalog;
use crate::standard::{Grant, UserPresence};
use crate::value::Value;

use super::claims::{Missing, Why};
use super::{Kind, Subject};

/// How near a row of the matrix is to the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Nearness {
    Same,
    OtherGrant,
    OtherAudience,
    OtherClient,
}

/// What the policy does with a claim that a token has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It may be there.
    Possible,
    /// It is always removed.
    Removed,
    /// It is written for others only; for whom.
    Elsewhere(&'static str),
}

/// What the policy does with one claim, in the rows that are nearest to the token.
#[derive(Debug)]
struct Entry {
    nearness: Nearness,
    writes: Vec<Write>,
    removals: Vec<Write>,
    /// Rows in which it is given, or removed, whatever the request.
    given: usize,
    removed: usize,
    grants: Vec<Grant>,
    audiences: Vec<Audiences>,
    clients: Vec<Party>,
}

/// What the policy does with the claims of such a token, by name.
#[derive(Debug)]
pub(super) struct Table {
    entries: BTreeMap<Arc<str>, Entry>,
    /// How many rows are about just such tokens: a token does not tell its grant.
    rows: usize,
}

impl Table {
    pub(super) fn of(subject: &Subject<'_>, catalog: &Catalog, matrix: &Matrix, place: Place) -> Self {
        let facets = Facets::of(subject, catalog, matrix);
        let mut table = Table { entries: BTreeMap::new(), rows: 0 };
        for row in matrix.rows.iter().filter(|row| row.subject == place) {
            let nearness = facets.nearness(row);
            table.rows += usize::from(nearness == Nearness::Same);
            for cell in &row.cells {
                let name = written_name(catalog, &cell.name);
                let entry = table.entries.entry(name).or_insert_with(|| Entry::at(nearness));
                if nearness < entry.nearness {
                    *entry = Entry::at(nearness);
                }
                if nearness == entry.nearness {
                    entry.take(row, cell);
                }
            }
        }
        table
    }

    /// The statements that can have written a claim of this token.
    pub(super) fn writers(&self, name: &str) -> Vec<Write> {
        let same = self.named(name).filter(|entry| entry.nearness == Nearness::Same);
        same.flat_map(|entry| entry.writes.clone()).collect()
    }

    /// What the policy does with a claim, if it does anything.
    pub(super) fn fate(&self, name: &str) -> Option<Fate> {
        // What data names may be this claim, too; what is nearest to the token counts.
        let entry = self.named(name).min_by_key(|entry| entry.nearness)?;
        match entry.nearness {
            Nearness::Same if entry.removed == self.rows => Some(Fate::Removed),
            Nearness::Same => Some(Fate::Possible),
            _ if entry.writes.is_empty() => None,
            Nearness::OtherGrant => Some(Fate::Elsewhere("other grants")),
            Nearness::OtherAudience => Some(Fate::Elsewhere("other audiences")),
            Nearness::OtherClient => Some(Fate::Elsewhere("other clients")),
        }
    }

    fn named<'t>(&'t self, name: &'t str) -> impl Iterator<Item = &'t Entry> {
        self.entries.iter().filter(move |(pattern, _)| is_name(pattern, name)).map(|(_, entry)| entry)
    }

    /// What the policy can give and the token has not, the nearest reason first.
    pub(super) fn missing(&self, subject: &Subject<'_>) -> Vec<Missing> {
        let is_there = |pattern: &str| subject.token.claims().keys().any(|name| is_name(pattern, name));
        let mut missing: Vec<Missing> = self
            .entries
            .iter()
            .filter(|(name, _)| !is_there(name))
            .filter_map(|(name, entry)| {
                let why = entry.why(self.rows, subject.is_machine())?;
                let (writes, removals) = (entry.writes.clone(), entry.removals.clone());
                Some(Missing { name: name.clone(), why, writes, removals })
            })
            .collect();
        missing.sort_by(|a, b| (&a.why, &a.name).cmp(&(&b.why, &b.name)));
        missing
    }
}

impl Entry {
    fn at(nearness: Nearness) -> Self {
        Entry {
            nearness,
            writes: Vec::new(),
            removals: Vec::new(),
            given: 0,
            removed: 0,
            grants: Vec::new(),
            audiences: Vec::new(),
            clients: Vec::new(),
        }
    }

    fn take(&mut self, row: &Row, cell: &Cell) {
        let (removals, writes): (Vec<&Write>, Vec<&Write>) =
            cell.writes.iter().partition(|write| write.verb == Verb::Remove);
        // That a value is there is part of the condition.
        let is_certain = |writes: &[&Write]| writes.iter().any(|write| write.condition.is_always());
        self.given += usize::from(removals.is_empty() && is_certain(&writes));
        self.removed += usize::from(is_certain(&removals));
        add(&mut self.writes, writes.into_iter());
        add(&mut self.removals, removals.into_iter());
        add(&mut self.grants, row.grants.iter());
        add(&mut self.audiences, row.audiences.iter());
        add(&mut self.clients, row.clients.iter());
    }

    /// Why a token has not got the claim, of so many rows about such tokens.
    fn why(&self, rows: usize, is_machine: bool) -> Option<Why> {
        // What the policy does not write, the issuer may: the standard claims of a scope.
        let is_removed = self.removed == rows || (self.writes.is_empty() && !self.removals.is_empty());
        if self.nearness == Nearness::Same && is_removed {
            return Some(Why::Removed);
        }
        if self.writes.is_empty() {
            return None;
        }
        let is_for_machines = || self.writes.iter().all(|write| needs_machine(&write.condition));
        let is_for_people = || self.grants.iter().all(|grant| grant.user() != UserPresence::Never);
        Some(match self.nearness {
            Nearness::Same if self.given == rows => Why::Unexplained,
            Nearness::Same if !is_machine && is_for_machines() => Why::OtherSubject,
            Nearness::Same => Why::Conditions,
            Nearness::OtherGrant if is_machine && is_for_people() => Why::OtherSubject,
            Nearness::OtherGrant => Why::OtherGrant(self.grants.clone()),
            Nearness::OtherAudience => Why::OtherAudience(self.audiences.clone()),
            Nearness::OtherClient => Why::OtherClient(self.clients.clone()),
        })
    }
}

/// Whether a condition is false wherever there is a user.
fn needs_machine(condition: &Condition) -> bool {
    match condition {
        Condition::Not(test) => **test == Condition::test("user exists"),
        Condition::All(parts) => parts.iter().any(needs_machine),
        Condition::Except(condition, _) => needs_machine(condition),
        _ => false,
    }
}

fn add<'a, T: Clone + PartialEq + 'a>(all: &mut Vec<T>, more: impl Iterator<Item = &'a T>) {
    for one in more {
        if !all.contains(one) {
            all.push(one.clone());
        }
    }
}

/// A client or an audience, as the matrix tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Id<'a> {
    Listed(&'a str),
    Other,
}

impl<'a> Id<'a> {
    fn of(id: &'a str, is_listed: bool) -> Self {
        if is_listed { Id::Listed(id) } else { Id::Other }
    }

    fn of_party(party: &'a Party) -> Self {
        match party {
            Party::Listed { id, .. } => Id::Listed(id),
            Party::Other => Id::Other,
        }
    }
}

/// What a token tells of its request; `None` where it does not.
struct Facets<'a> {
    client: Option<Id<'a>>,
    audience: Option<Vec<Id<'a>>>,
    is_machine: bool,
    /// Whether the client has a grant that is for machines alone.
    has_machine_grant: bool,
    is_delegated: bool,
}

impl<'a> Facets<'a> {
    fn of(subject: &Subject<'a>, catalog: &Catalog, matrix: &Matrix) -> Self {
        let is_endpoint = |id: &&str| catalog.issuer_endpoints.iter().any(|endpoint| **endpoint == **id);
        let audience = subject.audience().into_iter().filter(|id| !is_endpoint(id));
        let audience = sorted(audience.map(|id| Id::of(id, catalog.audience(id).is_some())));
        let client = subject.client().map(|id| Id::of(id, catalog.client(id).is_some()));
        let is_own = |row: &Row| {
            row.grants.contains(&Grant::ClientCredentials)
                && row.clients.iter().any(|party| Some(Id::of_party(party)) == client)
        };
        Facets {
            client,
            // That of an ID token is the client.
            audience: (subject.kind == Kind::AccessToken).then_some(audience),
            is_machine: subject.is_machine(),
            has_machine_grant: matrix.rows.iter().any(is_own),
            is_delegated: subject.has("act"),
        }
    }

    fn nearness(&self, row: &Row) -> Nearness {
        let is_client =
            self.client.is_none_or(|id| row.clients.iter().any(|party| Id::of_party(party) == id));
        let is_audience = self.audience.as_ref().is_none_or(|wanted| {
            row.audiences.iter().any(|set| sorted(set.iter().map(Id::of_party)) == *wanted)
        });
        if !is_client {
            Nearness::OtherClient
        } else if !is_audience {
            Nearness::OtherAudience
        } else if !row.grants.iter().any(|grant| self.is_possible(*grant)) {
            Nearness::OtherGrant
        } else {
            Nearness::Same
        }
    }

    fn is_possible(&self, grant: Grant) -> bool {
        if self.is_delegated {
            return grant == Grant::TokenExchange;
        }
        match grant.user() {
            UserPresence::Always => !self.is_machine,
            UserPresence::Never => self.is_machine,
            UserPresence::Maybe => !(self.is_machine && self.has_machine_grant),
        }
    }
}

fn sorted<'a>(ids: impl Iterator<Item = Id<'a>>) -> Vec<Id<'a>> {
    let mut ids: Vec<_> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The name of a claim as tokens have it, where a constant of claims.yaml is its name.
fn written_name(catalog: &Catalog, name: &Arc<str>) -> Arc<str> {
    let constant = name.strip_prefix("config.").and_then(|constant| catalog.config.get(constant));
    match constant.and_then(|constant| constant.value.as_ref()) {
        Some(Value::String(text)) => text.clone(),
        _ => name.clone(),
    }
}

/// Whether a claim has the name that the matrix shows: itself, or what it begins with and `*`.
fn is_name(pattern: &str, name: &str) -> bool {
    let prefix =
        pattern.split_once("* matching ").map(|(prefix, _)| prefix).or_else(|| pattern.strip_suffix('*'));
    match prefix {
        Some(prefix) => name.len() > prefix.len() && name.starts_with(prefix),
        None => pattern == name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_data_decides_are_found_by_their_beginning() {
        for (pattern, name, fits) in [
            ("https://acme.example/a", "https://acme.example/a", true),
            ("https://acme.example/a", "https://acme.example/ab", false),
            ("https://acme.example/*", "https://acme.example/ab", true),
            ("https://acme.example/*", "https://acme.example/", false),
            ("https://acme.example/* matching /[a-z]+/", "https://acme.example/ab", true),
        ] {
            assert_eq!(is_name(pattern, name), fits, "{pattern} {name}");
        }
    }
}
