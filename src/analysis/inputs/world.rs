//! Which requests there are: clients, grants and audiences of claims.yaml, those that only the policy names, and others.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Question;
use crate::catalog::{Catalog, Root, World};
use crate::eval::{Facet, Facets, is_allowed, named};
use crate::ir::{Action, Expr, ExprKind, Unit};
use crate::standard::Grant;

/// The largest of the `audience_sets` of which every part is looked at by itself.
const MAX_SET: usize = 6;

/// Every kind of request that a question is about and claims.yaml allows.
pub(super) fn requests(unit: &Unit, question: &Question) -> BTreeSet<Facets> {
    let (named_clients, named_audiences) = named(unit);
    let catalog = &unit.catalog;
    let clients = match &question.client {
        Some(id) => BTreeSet::from([Facet::Is(id.clone())]),
        None => clients(catalog, named_clients),
    };
    let audiences = match &question.audience {
        Some(ids) => BTreeSet::from([Facet::Is(ids.clone())]),
        None => audiences(catalog, named_audiences),
    };
    let mut all = BTreeSet::new();
    for client in &clients {
        let is_restricted = matches!(client, Facet::Is(id)
            if catalog.client(id).is_some_and(|client| client.audiences.is_some()));
        for grant in Grant::ALL.iter().filter(|grant| question.grant.is_none_or(|asked| asked == **grant)) {
            for audience in &audiences {
                if is_restricted && *audience == Facet::Other {
                    continue;
                }
                let facets = Facets { client: client.clone(), grant: *grant, audience: audience.clone() };
                if is_allowed(unit, &facets) {
                    all.insert(facets);
                }
            }
        }
    }
    all
}

fn clients(catalog: &Catalog, named: BTreeSet<Arc<str>>) -> BTreeSet<Facet<Arc<str>>> {
    let mut all: BTreeSet<_> = catalog.clients.values().map(|client| Facet::Is(client.id.clone())).collect();
    if catalog.client_world != World::Closed {
        all.extend(named.into_iter().map(Facet::Is));
        all.insert(Facet::Other);
    }
    all
}

fn audiences(catalog: &Catalog, named: BTreeSet<Arc<str>>) -> BTreeSet<Facet<Vec<Arc<str>>>> {
    let mut all: BTreeSet<_> =
        catalog.audiences.values().map(|audience| Facet::Is(vec![audience.id.clone()])).collect();
    all.insert(Facet::Is(Vec::new()));
    let is_open = catalog.audience_world != World::Closed;
    if is_open {
        let endpoints = &catalog.issuer_endpoints;
        let named = named.into_iter().filter(|id| !id.is_empty() && !endpoints.contains(id));
        all.extend(named.map(|id| Facet::Is(vec![id])));
        all.insert(Facet::Other);
    }
    match &catalog.audience_sets {
        None if catalog.audiences.is_empty() && is_open => drop(all.insert(Facet::Any)),
        None => {}
        Some(sets) => {
            for set in sets {
                let ids = set.iter().filter_map(|alias| catalog.audiences.get(alias));
                let ids: Vec<Arc<str>> = ids.map(|audience| audience.id.clone()).collect();
                if ids.len() > MAX_SET {
                    all.insert(Facet::Any);
                } else {
                    all.extend(parts(&ids).into_iter().map(Facet::Is));
                }
            }
        }
    }
    all
}

/// All parts of a set with at least two members.
fn parts(ids: &[Arc<str>]) -> Vec<Vec<Arc<str>>> {
    let mut all: Vec<Vec<Arc<str>>> = vec![Vec::new()];
    for id in ids {
        let with: Vec<_> =
            all.iter().map(|part| [part.as_slice(), std::slice::from_ref(id)].concat()).collect();
        all.extend(with);
    }
    all.retain(|part| part.len() > 1);
    all
}

/// What a policy knows clients and audiences by.
pub(super) struct Names {
    clients: BTreeSet<Arc<str>>,
    audiences: BTreeSet<Arc<str>>,
    /// Whether all that is asked about clients is whether they have certain ids; the same for audiences.
    clients_by_name: bool,
    audiences_by_name: bool,
    /// Whether conditions read the grant.
    reads_grant: bool,
}

impl Names {
    pub(super) fn of(unit: &Unit) -> Self {
        let (clients, audiences) = named(unit);
        let mut names =
            Names { clients, audiences, clients_by_name: true, audiences_by_name: true, reads_grant: false };
        let conditions = unit.chains.iter().flat_map(|chain| &chain.conditions).map(|one| &one.expr);
        let lets = unit.lets.iter().map(|one| &one.value);
        let own = unit.statements.iter().flat_map(|one| one.unless.iter().chain(one.action.value()));
        for expr in conditions.chain(lets).chain(own) {
            names.look(unit, expr);
        }
        if unit.statements.iter().any(|one| matches!(one.action, Action::SetAudience(_))) {
            // Which audience there is then depends on which ones the client may have.
            names.clients_by_name = false;
            names.audiences_by_name = false;
        }
        names
    }

    fn look(&mut self, unit: &Unit, expr: &Expr) {
        expr.walk(&[], &mut |part| {
            if crate::eval::names_clients_or_audiences(unit, part) {
                return false;
            }
            match &*part.kind {
                ExprKind::Slot(id) => match unit.slots.get(id.index()).map(|slot| slot.root) {
                    Some(Root::Client) => self.clients_by_name = false,
                    Some(Root::Audience) => self.audiences_by_name = false,
                    Some(Root::Grant) => self.reads_grant = true,
                    _ => {}
                },
                ExprKind::Login => self.reads_grant = true,
                ExprKind::AudienceIs(..) | ExprKind::AudienceHas(..) | ExprKind::AudienceWithin(..) => {
                    self.audiences_by_name = false;
                }
                _ => {}
            }
            true
        });
    }

    /// Facets that stand for all that no condition can tell from these.
    pub(super) fn class(&self, facets: &Facets) -> Facets {
        let client = match &facets.client {
            Facet::Is(id) if self.clients_by_name && !self.clients.contains(id) => Facet::Other,
            client => client.clone(),
        };
        let audience = match &facets.audience {
            Facet::Is(ids)
                if self.audiences_by_name
                    && matches!(ids.as_slice(), [only] if !self.audiences.contains(only)) =>
            {
                Facet::Other
            }
            audience => audience.clone(),
        };
        // Beside conditions, only the tokens that a grant gives decide.
        let alike = Grant::ALL.iter().find(|grant| grant.tokens() == facets.grant.tokens());
        let grant = alike.copied().filter(|_| !self.reads_grant).unwrap_or(facets.grant);
        Facets { client, grant, audience }
    }
}
