//! Requests that are asked for the same, brought together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Input, Question, Requests, Row};
use crate::eval::{Facet, Facets};
use crate::standard::Grant;

type Client = Facet<Arc<str>>;
type Audiences = BTreeSet<Facet<Vec<Arc<str>>>>;
/// The audiences of each client and grant.
type Cells = BTreeMap<(Client, Grant), Audiences>;

/// Rows in the order of their first request.
pub(super) fn rows(cells: Vec<(Facets, Vec<Input>)>, question: &Question) -> Vec<Row> {
    let mut all = Cells::new();
    let mut order: Vec<Vec<Input>> = Vec::new();
    let mut by_inputs: BTreeMap<Vec<Input>, Cells> = BTreeMap::new();
    for (Facets { client, grant, audience }, inputs) in cells {
        all.entry((client.clone(), grant)).or_default().insert(audience.clone());
        if !by_inputs.contains_key(&inputs) {
            order.push(inputs.clone());
        }
        by_inputs.entry(inputs).or_default().entry((client, grant)).or_default().insert(audience);
    }
    let row = |inputs: Vec<Input>| {
        let requests =
            by_inputs.get(&inputs).map(|cells| requests(cells, &all, question)).unwrap_or_default();
        Row { requests, inputs }
    };
    order.into_iter().map(row).collect()
}

/// As few products of clients, grants and audiences as joining finds: audiences first, then grants, then clients.
fn requests(cells: &Cells, all: &Cells, question: &Question) -> Vec<Requests> {
    let mut grants: BTreeMap<(&Client, &Audiences), BTreeSet<Grant>> = BTreeMap::new();
    for ((client, grant), audiences) in cells {
        grants.entry((client, audiences)).or_default().insert(*grant);
    }
    let mut clients: BTreeMap<(BTreeSet<Grant>, &Audiences), BTreeSet<Client>> = BTreeMap::new();
    for ((client, audiences), grants) in grants {
        clients.entry((grants, audiences)).or_default().insert(client.clone());
    }
    let every: BTreeSet<&Client> = all.keys().map(|(client, _)| client).collect();
    let mut found: Vec<Requests> = clients
        .into_iter()
        .map(|((grants, audiences), clients)| {
            let own = || all.iter().filter(|((client, _), _)| clients.contains(client));
            Requests {
                any_client: question.client.is_none() && every.iter().all(|client| clients.contains(*client)),
                any_grant: question.grant.is_none() && own().all(|((_, grant), _)| grants.contains(grant)),
                any_audience: question.audience.is_none()
                    && own()
                        .filter(|((_, grant), _)| grants.contains(grant))
                        .all(|(_, possible)| possible == audiences),
                audiences: audiences.clone(),
                clients,
                grants,
            }
        })
        .collect();
    found.sort_by(|a, b| (&a.clients, &a.grants, &a.audiences).cmp(&(&b.clients, &b.grants, &b.audiences)));
    found
}
