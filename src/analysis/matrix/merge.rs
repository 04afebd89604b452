//! Rows that say the same, made one: over clients, then grants, then audiences.
//!
//! There can be as many combinations as clients, grants and audiences together give, so all of it is numbers.

use std::collections::BTreeSet;
use std::hash::Hash;
use std::mem;

use indexmap::{IndexMap, IndexSet};

use super::{Audiences, Content, Party, Row, Subject};
use crate::standard::Grant;

/// Items in order, and lists of them by number.
#[derive(Debug)]
pub(super) struct Axis<T> {
    items: Vec<T>,
    lists: IndexSet<Vec<usize>>,
}

impl<T: Ord + Clone> Axis<T> {
    /// All items that occur.
    pub(super) fn of(items: BTreeSet<T>) -> Self {
        Axis { items: items.into_iter().collect(), lists: IndexSet::new() }
    }

    /// The number of a list of items, all of which are known.
    pub(super) fn list<'i>(&mut self, items: impl IntoIterator<Item = &'i T>) -> usize
    where
        T: 'i,
    {
        let places = items.into_iter().filter_map(|item| self.items.binary_search(item).ok());
        let places: BTreeSet<usize> = places.collect();
        self.lists.insert_full(places.into_iter().collect()).0
    }

    fn joined(&mut self, lists: &[usize]) -> usize {
        if let [only] = lists {
            return *only;
        }
        let all = lists.iter().filter_map(|list| self.lists.get_index(*list)).flatten();
        let all: BTreeSet<usize> = all.copied().collect();
        self.lists.insert_full(all.into_iter().collect()).0
    }

    /// By number, where a list stands among all.
    fn ranks(&self) -> Vec<usize> {
        let mut sorted: Vec<usize> = (0..self.lists.len()).collect();
        sorted.sort_by_key(|list| self.lists.get_index(*list));
        let mut ranks = vec![0; sorted.len()];
        for (rank, list) in sorted.into_iter().enumerate() {
            if let Some(place) = ranks.get_mut(list) {
                *place = rank;
            }
        }
        ranks
    }

    fn first(&self, list: usize) -> Option<usize> {
        self.lists.get_index(list).and_then(|list| list.first()).copied()
    }

    /// The items of a list.
    pub(super) fn get(&self, list: usize) -> impl Iterator<Item = &T> {
        let places = self.lists.get_index(list).into_iter().flatten();
        places.filter_map(|place| self.items.get(*place))
    }
}

/// Where a row stands, with what it says, by number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot {
    /// A list of [`Spots::clients`].
    pub(super) clients: usize,
    /// A list of [`Spots::grants`].
    pub(super) grants: usize,
    /// A list of [`Spots::audiences`].
    pub(super) audiences: usize,
    /// What the row is about.
    pub(super) subject: Subject,
    /// What it says.
    pub(super) content: usize,
    /// The bounds of claims and of the encoded token.
    pub(super) bytes: [Option<u64>; 2],
}

/// All of them.
#[derive(Debug)]
pub(super) struct Spots {
    /// Who asks.
    pub(super) clients: Axis<Party>,
    /// How.
    pub(super) grants: Axis<Grant>,
    /// For what.
    pub(super) audiences: Axis<Audiences>,
    /// In any order.
    pub(super) all: Vec<Spot>,
}

impl Spots {
    /// The rows of a table, in order, none of which says the same as another.
    pub(super) fn rows(mut self, contents: &[Content]) -> Vec<Row> {
        let Spots { clients, grants, audiences, all } = &mut self;
        let spots = mem::take(all);
        let mut spots = merged(spots, clients, |s| (s.grants, s.audiences), |s| &mut s.clients);
        spots = merged(spots, grants, |s| (s.clients, s.audiences), |s| &mut s.grants);
        spots = merged(spots, audiences, |s| (s.clients, s.grants), |s| &mut s.audiences);
        let ranks = (clients.ranks(), grants.ranks(), audiences.ranks());
        // What a row has first decides, so that the rows of a client stand together.
        spots.sort_by_key(|spot| {
            let rank = |ranks: &[usize], list: usize| ranks.get(list).copied();
            (
                (clients.first(spot.clients), grants.first(spot.grants)),
                (audiences.first(spot.audiences), spot.subject),
                (rank(&ranks.0, spot.clients), rank(&ranks.1, spot.grants), rank(&ranks.2, spot.audiences)),
            )
        });
        let row = |spot: Spot| {
            let Content { cells, undecided } = contents.get(spot.content).cloned().unwrap_or_default();
            let [max_bytes, max_token_bytes] = spot.bytes;
            Row {
                clients: clients.get(spot.clients).cloned().collect(),
                grants: grants.get(spot.grants).copied().collect(),
                audiences: audiences.get(spot.audiences).cloned().collect(),
                subject: spot.subject,
                cells,
                max_bytes,
                max_token_bytes,
                undecided,
            }
        };
        spots.into_iter().map(row).collect()
    }
}

/// Joins what differs in one list only.
fn merged<T: Ord + Clone, K: Hash + Eq>(
    spots: Vec<Spot>,
    axis: &mut Axis<T>,
    others: impl Fn(&Spot) -> K,
    list: impl Fn(&mut Spot) -> &mut usize,
) -> Vec<Spot> {
    let mut joined: IndexMap<_, (Spot, Vec<usize>)> = IndexMap::new();
    for mut spot in spots {
        let own = *list(&mut spot);
        let (whole, lists) =
            joined.entry((spot.subject, spot.content, others(&spot))).or_insert_with(|| (spot, Vec::new()));
        // A bound holds for all of them if it is the largest, and there is none if one has none.
        for (all, own) in whole.bytes.iter_mut().zip(spot.bytes) {
            *all = all.zip(own).map(|(a, b)| a.max(b));
        }
        lists.push(own);
    }
    let one = |(mut spot, lists): (Spot, Vec<usize>)| {
        *list(&mut spot) = axis.joined(&lists);
        spot
    };
    joined.into_values().map(one).collect()
}
