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

mod filter;
#[cfg(test)]
pub(crate) mod testing;

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
    /// The largest encoded token in bytes, if there is a bound.
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
    /// The type of the value.
    pub ty: Option<Arc<str>>,
    /// The labels of the value.
    pub labels: Vec<Arc<str>>,
    /// The largest encoding of name and value in bytes, if there is a bound.
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
        let rows = merged(rows, |row| (row.grants.clone(), row.audiences.clone()), |row| &mut row.clients);
        let rows = merged(rows, |row| (row.clients.clone(), row.audiences.clone()), |row| &mut row.grants);
        let mut rows =
            merged(rows, |row| (row.clients.clone(), row.grants.clone()), |row| &mut row.audiences);
        rows.sort_by(|a, b| a.place().cmp(&b.place()));
        Matrix { rows, namespaces }
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

impl Row {
    /// What it says, apart from where it stands.
    fn content(&self) -> (Subject, Vec<Cell>, Vec<Arc<str>>) {
        (self.subject, self.cells.clone(), self.undecided.clone())
    }

    /// Its place in the table: what it has first decides, so that the rows of a client stand together.
    fn place(&self) -> impl Ord {
        let Row { clients, grants, audiences, subject, .. } = self;
        let first = (clients.first(), grants.first(), audiences.first());
        (first, *subject, clients, grants, audiences)
    }
}

/// Joins the rows that differ only in one list.
fn merged<K: Hash + Eq, T: Ord>(
    rows: Vec<Row>,
    others: impl Fn(&Row) -> K,
    list: impl Fn(&mut Row) -> &mut Vec<T>,
) -> Vec<Row> {
    let mut joined: IndexMap<_, Row> = IndexMap::new();
    for mut row in rows {
        match joined.entry((row.content(), others(&row))) {
            indexmap::map::Entry::Vacant(entry) => {
                entry.insert(row);
            }
            indexmap::map::Entry::Occupied(mut entry) => {
                let whole = entry.get_mut();
                // A bound holds for all of them if it is the largest, and there is none if one has none.
                whole.max_bytes = whole.max_bytes.zip(row.max_bytes).map(|(a, b)| a.max(b));
                let all = list(whole);
                all.append(list(&mut row));
                all.sort();
                all.dedup();
            }
        }
    }
    joined.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::testing::{party, row, sample};
    use super::*;

    #[test]
    fn rows_that_say_the_same_are_one() {
        let matrix = sample();
        let shown: Vec<String> = matrix
            .rows
            .iter()
            .map(|row| {
                let sizes = (row.clients.len(), row.grants.len(), row.audiences.len());
                format!("{sizes:?} {}", row.subject)
            })
            .collect();
        assert_eq!(
            shown,
            [
                "(3, 2, 4) request",
                "(3, 2, 3) access_token",
                "(3, 2, 4) id_token",
                "(3, 2, 1) access_token",
                "(1, 1, 1) access_token"
            ]
        );
    }

    #[test]
    fn the_order_of_rows_does_not_matter() {
        let mut rows = Vec::new();
        for client in [Party::Other, party(1, "b"), party(0, "a")] {
            for grant in [Grant::RefreshToken, Grant::AuthorizationCode] {
                rows.push(row(client.clone(), grant, &[], Subject::Request, Vec::new()));
            }
        }
        let forwards = Matrix::new(rows.clone(), Vec::new());
        rows.reverse();
        assert_eq!(forwards, Matrix::new(rows, Vec::new()));
        let [one] = forwards.rows.as_slice() else { panic!("one row: {forwards:?}") };
        assert_eq!(one.clients, [party(0, "a"), party(1, "b"), Party::Other]);
        assert_eq!(one.grants, [Grant::AuthorizationCode, Grant::RefreshToken]);
    }

    #[test]
    fn a_bound_of_many_is_the_largest() {
        let rows = |a: Option<u64>, b: Option<u64>| {
            let mut rows = vec![
                row(party(0, "a"), Grant::Implicit, &[], Subject::Request, Vec::new()),
                row(party(1, "b"), Grant::Implicit, &[], Subject::Request, Vec::new()),
            ];
            rows[0].max_bytes = a;
            rows[1].max_bytes = b;
            Matrix::new(rows, Vec::new()).rows[0].max_bytes
        };
        assert_eq!(rows(Some(3), Some(5)), Some(5));
        assert_eq!(rows(Some(3), None), None);
    }

    #[test]
    fn names_are_shown_as_they_are_written() {
        let matrix = sample();
        assert_eq!(matrix.short_name("https://acme.example/claims/email"), "ns/email");
        assert_eq!(matrix.short_name("https://acme.example/claims/"), "https://acme.example/claims/");
        assert_eq!(matrix.short_name("department"), "department");
    }
}
