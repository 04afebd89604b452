//! What every token can carry: for each client, grant, audience and token the claims with their conditions, and for
//! each request what is refused or limited. A table for whoever reviews a policy.
//!
//! Rows that say the same are one row. Everything stands in the order of claims.yaml, what it does not list last.

use std::collections::BTreeSet;
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::standard::{Grant, Token};

mod compute;
mod effects;
mod filter;
mod refine;
#[cfg(test)]
pub(crate) mod testing;
mod worlds;

pub use super::written::Condition;
pub use filter::{Filter, NONE, OTHER};

/// The table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Matrix {
    /// Rows without two that say the same. Each combination of client, grant, audiences and subject that a request can
    /// have stands in exactly one row.
    pub rows: Vec<Row>,
    /// Alias and prefix of each namespace that the policy declares, so that names can be shown as they are written.
    pub namespaces: Vec<(Arc<str>, Arc<str>)>,
}

/// Requests about which the same is to be said. It stands for every combination of its clients, grants and audiences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Who asks.
    pub clients: Vec<Party>,
    /// How.
    pub grants: Vec<Grant>,
    /// For what: sets of audiences, each in one token.
    pub audiences: Vec<Audiences>,
    /// What the row is about.
    pub subject: Subject,
    /// Claims, by name; of a row about requests the verbs that act on requests.
    pub cells: Vec<Cell>,
    /// The largest JSON object of the claims in bytes, if there is a bound; what the issuer adds is not counted.
    pub max_bytes: Option<u64>,
    /// What could not be decided about the row, so that conditions may say less than is true.
    pub undecided: Vec<Arc<str>>,
}

/// A client or an audience.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// One that claims.yaml lists.
    Listed {
        /// Its position in the list.
        position: usize,
        /// Its alias.
        alias: Arc<str>,
        /// Its id.
        id: Arc<str>,
    },
    /// Any that claims.yaml does not list.
    Other,
}

impl Party {
    /// The alias, if it is listed.
    pub fn alias(&self) -> Option<&Arc<str>> {
        match self {
            Party::Listed { alias, .. } => Some(alias),
            Party::Other => None,
        }
    }
}

/// The audiences of one token, sorted; empty where there is none.
pub type Audiences = Vec<Party>;

/// What a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// The request as a whole: refusals, scopes, audience, lifetime.
    Request,
    /// One token, provided that the request is not refused.
    Token(Token),
}

impl Subject {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Subject> {
        std::iter::once(Subject::Request).chain(Token::ALL.iter().copied().map(Subject::Token))
    }

    /// `request`, or the token's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Subject::Request => "request",
            Subject::Token(token) => token.as_str(),
        }
    }

    /// The one that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        Subject::all().find(|subject| subject.as_str() == word)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A claim and everything that can become of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// The claim's whole name; of names that data decides the prefix and the pattern; of requests the verb.
    pub name: Arc<str>,
    /// The strongest first.
    pub writes: Vec<Write>,
}

/// What one statement does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Write {
    /// How.
    pub verb: Verb,
    /// The member of an object claim that it is about.
    pub member: Option<Arc<str>>,
    /// When, given the row.
    pub condition: Condition,
    /// What, in the language's syntax; of `remove` nothing.
    pub value: Option<Arc<str>>,
    /// What `value` does not show, as the digest of all that the expression means: tables, constants of `config`, long
    /// lets.
    pub digest: Option<Arc<str>>,
    /// The type of the value.
    pub ty: Option<Arc<str>>,
    /// The labels of the value.
    pub labels: Vec<Arc<str>>,
    /// The largest JSON of the value in bytes, if there is a bound.
    pub max_bytes: Option<u64>,
    /// The name of the `rule`.
    pub rule: Option<Arc<str>>,
    /// `file:line`.
    pub place: Arc<str>,
}

macro_rules! verbs {
    ($($(#[$doc:meta])* $verb:ident = $word:literal,)*) => {
        /// What statements do, in the order in which they are shown: of claims the strongest first.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Verb { $($(#[$doc])* $verb,)* }

        impl Verb {
            /// As it is written.
            pub fn as_str(self) -> &'static str {
                match self { $(Verb::$verb => $word,)* }
            }
        }
    };
}

verbs! {
    /// Refuses the request.
    Deny = "deny",
    /// Fills or narrows the audience.
    SetAudience = "set audience",
    /// Grants scopes.
    AddScope = "add scope",
    /// Takes scopes away.
    RemoveScope = "remove scope",
    /// Keeps only these scopes.
    LimitScopes = "limit scopes",
    /// Bounds the lifetime.
    LimitLifetime = "limit lifetime",
    /// Suppresses a claim.
    Remove = "remove",
    /// Beats `add`.
    Override = "override",
    /// Sets a claim.
    Add = "add",
    /// Contributes to a set.
    Append = "append",
    /// Applies where nothing else does.
    Default = "default",
}

impl Matrix {
    /// Makes one row of those that say the same: over clients, then grants, then audiences. Rows may come in any order
    /// as long as that of claims.yaml is kept within each.
    pub fn new(rows: Vec<Row>, namespaces: Vec<(Arc<str>, Arc<str>)>) -> Self {
        let mut contents: IndexMap<Content, ()> = IndexMap::new();
        let mut spots = Vec::with_capacity(rows.len());
        for Row { clients, grants, audiences, subject, cells, max_bytes, undecided } in rows {
            let content = contents.insert_full(Content { cells, undecided }, ()).0;
            spots.push(Spot { clients, grants, audiences, subject, content, max_bytes });
        }
        let contents: Vec<Content> = contents.into_keys().collect();
        Matrix { rows: rows_of(spots, &contents), namespaces }
    }

    /// Every client that occurs, in order.
    pub fn clients(&self) -> BTreeSet<&Party> {
        self.rows.iter().flat_map(|row| &row.clients).collect()
    }

    /// How the policy writes a name: `ns/email`, or all of it where no namespace fits.
    pub fn short_name(&self, name: &str) -> String {
        let fitting = self
            .namespaces
            .iter()
            .filter_map(|(alias, prefix)| Some((prefix.len(), alias, name.strip_prefix(&**prefix)?)));
        match fitting.max_by_key(|(length, ..)| *length) {
            Some((_, alias, rest)) if !rest.is_empty() => format!("{alias}/{rest}"),
            _ => name.to_owned(),
        }
    }
}

/// What a row says, apart from where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
struct Content {
    cells: Vec<Cell>,
    undecided: Vec<Arc<str>>,
}

/// Where a row stands, with what it says by number.
#[derive(Debug)]
struct Spot {
    clients: Vec<Party>,
    grants: Vec<Grant>,
    audiences: Vec<Audiences>,
    subject: Subject,
    content: usize,
    max_bytes: Option<u64>,
}

/// The rows of a table, in order, none of which says the same as another.
fn rows_of(spots: Vec<Spot>, contents: &[Content]) -> Vec<Row> {
    let spots = merged(spots, |spot| (spot.grants.clone(), spot.audiences.clone()), |spot| &mut spot.clients);
    let spots = merged(spots, |spot| (spot.clients.clone(), spot.audiences.clone()), |spot| &mut spot.grants);
    let mut spots =
        merged(spots, |spot| (spot.clients.clone(), spot.grants.clone()), |spot| &mut spot.audiences);
    // What a row has first decides, so that the rows of a client stand together.
    spots.sort_by(|a, b| {
        let first = |spot: &Spot| (spot.clients.first().cloned(), spot.grants.first().copied());
        let then = |spot: &Spot| (spot.audiences.first().cloned(), spot.subject);
        first(a)
            .cmp(&first(b))
            .then_with(|| then(a).cmp(&then(b)))
            .then_with(|| (&a.clients, &a.grants, &a.audiences).cmp(&(&b.clients, &b.grants, &b.audiences)))
    });
    let row = |Spot { clients, grants, audiences, subject, content, max_bytes }| {
        let Content { cells, undecided } = contents.get(content).cloned().unwrap_or_default();
        Row { clients, grants, audiences, subject, cells, max_bytes, undecided }
    };
    spots.into_iter().map(row).collect()
}

/// Joins what differs in one list only.
fn merged<K: Hash + Eq, T: Ord>(
    spots: Vec<Spot>,
    others: impl Fn(&Spot) -> K,
    list: impl Fn(&mut Spot) -> &mut Vec<T>,
) -> Vec<Spot> {
    let mut joined: IndexMap<_, Spot> = IndexMap::new();
    for mut spot in spots {
        match joined.entry((spot.subject, spot.content, others(&spot))) {
            indexmap::map::Entry::Vacant(entry) => {
                entry.insert(spot);
            }
            indexmap::map::Entry::Occupied(mut entry) => {
                let whole = entry.get_mut();
                // A bound holds for all of them if it is the largest, and there is none if one has none.
                whole.max_bytes = whole.max_bytes.zip(spot.max_bytes).map(|(a, b)| a.max(b));
                let all = list(whole);
                all.append(list(&mut spot));
                all.sort();
                all.dedup();
            }
        }
    }
    joined.into_values().collect()
}

#[cfg(test)]
mod tests;
