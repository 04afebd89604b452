//! What every token can carry: for each client, grant, audience and token the claims with their conditions, and for
//! each request what is refused or limited. A table for whoever reviews a policy.
//!
//! Rows that say the same are one row. Everything stands in the order of claims.yaml, what it does not list last.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use indexmap::IndexSet;

use crate::standard::{Grant, Token};

mod bounds;
mod classes;
mod compute;
mod effects;
mod filter;
mod merge;
mod refine;
#[cfg(test)]
pub(crate) mod testing;
mod words;
pub(super) mod worlds;

use merge::{Axis, Spot, Spots};

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
    /// Of access tokens, the bytes of the largest encoded token, if there is a bound: signed, with what the issuer adds.
    pub max_token_bytes: Option<u64>,
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
        let mut contents: IndexSet<Content> = IndexSet::new();
        let mut spots = Spots {
            clients: Axis::of(rows.iter().flat_map(|row| &row.clients).cloned().collect()),
            grants: Axis::of(rows.iter().flat_map(|row| &row.grants).copied().collect()),
            audiences: Axis::of(rows.iter().flat_map(|row| &row.audiences).cloned().collect()),
            all: Vec::with_capacity(rows.len()),
        };
        for Row { clients, grants, audiences, subject, cells, max_bytes, max_token_bytes, undecided } in rows
        {
            let content = contents.insert_full(Content { cells, undecided }).0;
            let (clients, grants) = (spots.clients.list(&clients), spots.grants.list(&grants));
            let audiences = spots.audiences.list(&audiences);
            let bytes = [max_bytes, max_token_bytes];
            spots.all.push(Spot { clients, grants, audiences, subject, content, bytes });
        }
        let contents: Vec<Content> = contents.into_iter().collect();
        Matrix { rows: spots.rows(&contents), namespaces }
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

#[cfg(test)]
mod tests;
