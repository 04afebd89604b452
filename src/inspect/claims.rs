//! Who writes each claim of a token, and which claims of the policy it has not.
//!
//! What the policy can do is asked of its matrix, which is proven. A token tells its client and its audience, and its
//! grant only in part: a machine's token is told from a person's, and that is all.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::analysis::matrix::{
    Audiences, Cell, Condition, Matrix, Party, Row, Subject as Place, Verb, Write,
};
use crate::catalog::Catalog;
use crate::diag::Severity;
use crate::standard::claims::{self, Class, RegisteredClaim, SCOPE_CLAIMS};
use crate::standard::dotnet;
use crate::standard::{Grant, UserPresence};
use crate::value::Value;

use super::{Finding, Kind, Subject};

/// A claim of a token.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Its name.
    pub name: Arc<str>,
    /// Its value.
    pub value: Value,
    /// Who writes it.
    pub origin: Origin,
    /// The type under which ASP.NET Core shows it, where that is another one.
    pub dotnet: Option<&'static str>,
}

/// Who writes a claim.
#[derive(Debug, Clone)]
pub enum Origin {
    /// The issuer, as the protocol has it.
    Protocol(&'static RegisteredClaim),
    /// The issuer, from the user, because this scope is granted (OpenID Connect Core section 5.4).
    Scope(&'static str),
    /// Statements of the policy: those that can have written it.
    Policy(Vec<Write>),
    /// It is registered, and nothing here writes it.
    Registered(&'static RegisteredClaim),
    /// It is not registered, and nothing here writes it; somebody is known to read it: who, and as what.
    Known(&'static str, &'static str),
    /// Nothing is known of it.
    Unknown,
}

impl Origin {
    /// `protocol`, `standard`, `policy` or `unknown`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Origin::Protocol(_) => "protocol",
            Origin::Scope(_) | Origin::Registered(_) => "standard",
            Origin::Policy(_) => "policy",
            Origin::Known(..) | Origin::Unknown => "unknown",
        }
    }
}

/// A claim that the policy can write into such a token, and that this one has not.
#[derive(Debug, Clone)]
pub struct Missing {
    /// Its name; where data decides it, what it begins with and `*`.
    pub name: Arc<str>,
    /// Why it is missing.
    pub why: Why,
    /// The statements that write it.
    pub writes: Vec<Write>,
}

/// Why a claim is missing, the nearest reason first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// The policy always gives it: another policy decided about the token, or somebody dropped the claim.
    Unexplained,
    /// No condition of its statements was true, or their values were absent.
    Conditions,
    /// These statements remove it.
    Removed(Vec<Write>),
    /// Only a person's token has it, and this is a machine's; or the other way round.
    OtherSubject,
    /// Only other grants give it.
    OtherGrant(Vec<Grant>),
    /// Only tokens for other audiences have it.
    OtherAudience(Vec<Audiences>),
    /// Only other clients get it.
    OtherClient(Vec<Party>),
}

impl Why {
    /// A word for it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Why::Unexplained => "unexplained",
            Why::Conditions => "conditions",
            Why::Removed(_) => "removed",
            Why::OtherSubject => "other_subject",
            Why::OtherGrant(_) => "other_grant",
            Why::OtherAudience(_) => "other_audience",
            Why::OtherClient(_) => "other_client",
        }
    }
}

pub(super) fn compare(subject: &Subject<'_>, findings: &mut Vec<Finding>) -> (Vec<Claim>, Vec<Missing>) {
    let policy = subject.question.policy.zip(subject.kind.token());
    let table = policy.map(|(policy, token)| {
        let unit = policy.unit();
        Table::of(subject, &unit.catalog, &Matrix::of(unit), Place::Token(token))
    });
    let claim = |(name, value): (&Arc<str>, &Value)| Claim {
        name: name.clone(),
        value: value.clone(),
        origin: origin(subject, table.as_ref(), name),
        dotnet: dotnet::renamed(name),
    };
    let found: Vec<Claim> = subject.token.claims().iter().map(claim).collect();
    let missing = table.as_ref().map(|table| table.missing(subject)).unwrap_or_default();
    if let Some(table) = &table {
        findings.extend(table.unexpected(&found));
    }
    (found, missing)
}

fn origin(subject: &Subject<'_>, table: Option<&Table>, name: &str) -> Origin {
    let registered = claims::claim(name);
    if let Some(claim) = registered.filter(|claim| claim.class == Class::Protocol) {
        return Origin::Protocol(claim);
    }
    let writes = table.map(|table| table.writers(name)).unwrap_or_default();
    if !writes.is_empty() {
        return Origin::Policy(writes);
    }
    let scope = SCOPE_CLAIMS.iter().find(|(_, names)| names.contains(&name));
    match (scope, registered) {
        (Some((scope, _)), _) if subject.kind == Kind::IdToken => Origin::Scope(scope),
        (_, Some(claim)) => Origin::Registered(claim),
        _ => match claims::reading(name).copied().or_else(|| claims::known_use(name)) {
            Some(reading) => Origin::Known(reading.reader, reading.meaning),
            None => Origin::Unknown,
        },
    }
}

/// How near a row of the matrix is to the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Nearness {
    Same,
    OtherGrant,
    OtherAudience,
    OtherClient,
}

/// What the policy does with one claim, in the rows that are nearest to the token.
#[derive(Debug)]
struct Entry {
    nearness: Nearness,
    writes: Vec<Write>,
    removals: Vec<Write>,
    /// Whether some row gives it whatever the request.
    is_certain: bool,
    /// Whether some row does not.
    is_open: bool,
    /// How many rows there are.
    rows: usize,
    grants: Vec<Grant>,
    audiences: Vec<Audiences>,
    clients: Vec<Party>,
}

/// What the policy does with the claims of such a token, by name.
#[derive(Debug)]
struct Table {
    entries: BTreeMap<Arc<str>, Entry>,
}

impl Table {
    fn of(subject: &Subject<'_>, catalog: &Catalog, matrix: &Matrix, place: Place) -> Self {
        let facets = Facets::of(subject, catalog, matrix);
        let mut entries: BTreeMap<Arc<str>, Entry> = BTreeMap::new();
        let rows: Vec<(Nearness, &Row)> = matrix
            .rows
            .iter()
            .filter(|row| row.subject == place)
            .map(|row| (facets.nearness(row), row))
            .collect();
        let same = rows.iter().filter(|(nearness, _)| *nearness == Nearness::Same).count();
        for (nearness, row) in rows {
            for cell in &row.cells {
                let name = written_name(catalog, &cell.name);
                let new = Entry::at(nearness);
                let entry = entries.entry(name).or_insert(new);
                if nearness < entry.nearness {
                    *entry = Entry::at(nearness);
                }
                if nearness == entry.nearness {
                    entry.take(row, cell);
                }
            }
        }
        // A grant without a row for the claim does not give it.
        for entry in entries.values_mut().filter(|entry| entry.nearness == Nearness::Same) {
            entry.is_open |= entry.rows < same;
        }
        Table { entries }
    }

    /// The statements that can have written a claim of this token.
    fn writers(&self, name: &str) -> Vec<Write> {
        let fits = |(pattern, entry): &(&Arc<str>, &Entry)| {
            entry.nearness == Nearness::Same && is_name(pattern, name)
        };
        self.entries.iter().filter(fits).flat_map(|(_, entry)| entry.writes.clone()).collect()
    }

    fn missing(&self, subject: &Subject<'_>) -> Vec<Missing> {
        let is_there = |pattern: &str| subject.token.claims().keys().any(|name| is_name(pattern, name));
        let mut missing: Vec<Missing> = self
            .entries
            .iter()
            .filter(|(name, entry)| !entry.writes.is_empty() && !is_there(name))
            .map(|(name, entry)| Missing {
                name: name.clone(),
                why: entry.why(subject.is_machine()),
                writes: entry.writes.clone(),
            })
            .collect();
        missing.sort_by(|a, b| (&a.why, &a.name).cmp(&(&b.why, &b.name)));
        missing
    }

    /// Claims that the policy does not give to such a token, and removes from it.
    fn unexpected(&self, claims: &[Claim]) -> Vec<Finding> {
        let mut findings = Vec::new();
        for claim in claims.iter().filter(|claim| !matches!(claim.origin, Origin::Protocol(_))) {
            let named = self.entries.iter().filter(|(pattern, _)| is_name(pattern, &claim.name));
            // What data names may be this claim, too; what is nearest to the token counts.
            let nearest = named.map(|(_, entry)| entry).min_by_key(|entry| entry.nearness);
            let Some(entry) = nearest else { continue };
            let is_removed = entry.removals.iter().any(|removal| removal.condition.is_always());
            if entry.nearness == Nearness::Same && is_removed {
                findings.push(Finding::new(
                    Severity::Warning,
                    "removed-claim",
                    format!(
                        "the policy removes `{}` from such a token, which has it all the same",
                        claim.name
                    ),
                    "look for another policy, an older one, or what adds claims behind it",
                ));
            } else if entry.nearness > Nearness::Same && !entry.writes.is_empty() {
                findings.push(Finding::new(
                    Severity::Warning,
                    "unexpected-claim",
                    format!("the policy writes `{}` only for {}", claim.name, entry.place()),
                    "look for another policy, an older one, or what adds claims behind it",
                ));
            }
        }
        findings
    }
}

impl Entry {
    fn at(nearness: Nearness) -> Self {
        Entry {
            nearness,
            writes: Vec::new(),
            removals: Vec::new(),
            is_certain: false,
            is_open: false,
            rows: 0,
            grants: Vec::new(),
            audiences: Vec::new(),
            clients: Vec::new(),
        }
    }

    fn take(&mut self, row: &Row, cell: &Cell) {
        self.rows += 1;
        let is_removed = cell.writes.iter().any(|write| write.verb == Verb::Remove);
        // That the value is there is part of the condition.
        let is_certain = |write: &Write| write.verb != Verb::Remove && write.condition.is_always();
        if !is_removed && cell.writes.iter().any(is_certain) {
            self.is_certain = true;
        } else {
            self.is_open = true;
        }
        for write in &cell.writes {
            let all = if write.verb == Verb::Remove { &mut self.removals } else { &mut self.writes };
            if !all.contains(write) {
                all.push(write.clone());
            }
        }
        add(&mut self.grants, &row.grants);
        add(&mut self.audiences, &row.audiences);
        add(&mut self.clients, &row.clients);
    }

    fn why(&self, is_machine: bool) -> Why {
        match self.nearness {
            Nearness::Same if self.removals.iter().any(|removal| removal.condition.is_always()) => {
                Why::Removed(self.removals.clone())
            }
            Nearness::Same if self.is_certain && !self.is_open => Why::Unexplained,
            Nearness::Same
                if !is_machine && self.writes.iter().all(|write| needs_machine(&write.condition)) =>
            {
                Why::OtherSubject
            }
            Nearness::Same => Why::Conditions,
            Nearness::OtherGrant
                if is_machine && self.grants.iter().all(|grant| grant.user() != UserPresence::Never) =>
            {
                Why::OtherSubject
            }
            Nearness::OtherGrant => Why::OtherGrant(self.grants.clone()),
            Nearness::OtherAudience => Why::OtherAudience(self.audiences.clone()),
            Nearness::OtherClient => Why::OtherClient(self.clients.clone()),
        }
    }

    fn place(&self) -> &'static str {
        match self.nearness {
            Nearness::Same => "this client and audience",
            Nearness::OtherGrant => "other grants",
            Nearness::OtherAudience => "other audiences",
            Nearness::OtherClient => "other clients",
        }
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

fn add<T: Clone + PartialEq>(all: &mut Vec<T>, more: &[T]) {
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
