//! Which statements a request can concern at all, found by its client and audiences instead of by a look at each.
//!
//! A statement whose own condition asks for certain clients or audiences by name is filed under these; every other one
//! concerns all requests. What is not found here is what [`Facets`](super::facets::Facets) would exclude, so results
//! are the same with and without it.

use std::collections::HashMap;
use std::sync::Arc;

#[cfg(feature = "compiler")]
mod filing;

/// The statements of a policy, by whom they concern.
#[derive(Debug, Default)]
pub(crate) struct Dispatch {
    /// Those of the first stage, which settle the audience.
    pub(crate) first: Vec<usize>,
    pub(crate) everybody: Vec<usize>,
    pub(crate) by_client: HashMap<Arc<str>, Vec<usize>>,
    pub(crate) by_audience: HashMap<Arc<str>, Vec<usize>>,
    /// Every client and audience that a condition asks for by its id, filed or not, in order.
    pub(crate) named_clients: Vec<Arc<str>>,
    pub(crate) named_audiences: Vec<Arc<str>>,
    /// Those about claims that `config` names: which names are fit depends on all of them.
    pub(crate) configured: Vec<usize>,
}

impl Dispatch {
    /// Everything that is filed.
    pub(crate) fn positions(&self) -> impl Iterator<Item = usize> {
        let named = self.by_client.values().chain(self.by_audience.values());
        [&self.first, &self.everybody, &self.configured].into_iter().chain(named).flatten().copied()
    }

    /// The statements of the first stage, in their order.
    pub(crate) fn first(&self) -> &[usize] {
        &self.first
    }

    /// The ids of all clients that some condition asks for.
    pub(crate) fn named_clients(&self) -> &[Arc<str>] {
        &self.named_clients
    }

    /// The ids of all audiences that some condition asks for.
    pub(crate) fn named_audiences(&self) -> &[Arc<str>] {
        &self.named_audiences
    }

    /// The statements behind the first stage that can concern a request, in their order.
    pub(crate) fn concerning(&self, client: &str, audience: &[Arc<str>]) -> Vec<usize> {
        let of_audience = audience.iter().filter_map(|id| self.by_audience.get(id));
        let lists = self.by_client.get(client).into_iter().chain(of_audience);
        let mut found: Vec<usize> = self.everybody.iter().chain(lists.flatten()).copied().collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}
