//! Which statements ask a request for attributes, as far as grant, client and audience tell before there is one.
//!
//! The answer is that of the evaluator, which demands the attributes of every statement that the facets do not exclude.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::facets::{self, Facets as Knowledge};
use super::report::Report;
use super::stages::{is_issuer_endpoint, reaches, seen};
use super::{Evaluation, contradiction, scopes};
use crate::catalog::Root;
use crate::ir::{Action, Expr, Stage, Unit};
use crate::request::Request;
use crate::standard::Grant;
use crate::value::Outcome;

/// What is known of a client or an audience.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Facet<T> {
    /// Which one it is.
    Is(T),
    /// One that no condition of the policy names.
    Other,
    /// Nothing.
    Any,
}

/// What is known of a request. In the order in which tables of requests are read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Facets {
    /// The id of the client.
    pub client: Facet<Arc<str>>,
    /// The grant.
    pub grant: Grant,
    /// The ids of the audience that is asked for; `set audience` may give another.
    pub audience: Facet<Vec<Arc<str>>>,
}

/// Whether claims.yaml allows a request of these facets, as far as they are known.
pub fn is_allowed(unit: &Unit, facets: &Facets) -> bool {
    let request = request(facets);
    let evaluation = Evaluation::new(unit, &request);
    let mut report = Report::default();
    if let Facet::Is(_) = facets.client {
        contradiction::check_request(&evaluation, &mut report);
    } else {
        contradiction::check_audience(&evaluation, request.audience(), &mut report);
    }
    !report.has_errors()
}

/// The positions of the statements that may ask such a request for attributes, and decide about it.
///
/// A statement is left out only where the evaluator leaves it out too: where grant, client and audience decide against
/// it. Each of them asks every such request, but for what [`Facet::Any`], [`Facet::Other`] and `set audience` leave
/// open. `among` are the only positions that are looked at: what is asked where less is known includes what is asked
/// where more is.
pub fn asking(unit: &Unit, facets: &Facets, among: &BTreeSet<usize>) -> BTreeSet<usize> {
    let request = request(facets);
    let evaluation = Evaluation::new(unit, &request);
    let client = known(&facets.client);
    let first = Knowledge::knowing(&evaluation, client, Facet::Any);
    let mut asking = possible(&evaluation, &first, among, |stage| stage == Stage::Audience);
    for audience in audiences(&evaluation, &first, &asking, &facets.audience) {
        asking.extend(asking_behind(unit, &request, among, client, &audience));
    }
    asking
}

/// The ids by which conditions and `set audience` name clients and audiences. They may be none of claims.yaml.
pub fn named(unit: &Unit) -> (BTreeSet<Arc<str>>, BTreeSet<Arc<str>>) {
    let request = Request::of_facets(Grant::ClientCredentials, "".into(), Vec::new());
    let evaluation = Evaluation::new(unit, &request);
    let (mut clients, mut audiences) = (BTreeSet::new(), BTreeSet::new());
    let conditions = unit.chains.iter().flat_map(|chain| &chain.conditions).map(|one| &one.expr);
    let lets = unit.lets.iter().map(|one| &one.value);
    let own = unit.statements.iter().flat_map(|one| one.unless.iter().chain(one.action.value()));
    for expr in conditions.chain(lets).chain(own) {
        expr.walk(&[], &mut |part| {
            let Some((root, ids)) = facets::named(unit, part) else { return true };
            if let Ok(Outcome::Value(ids)) = evaluation.value(ids) {
                let all = if root == Root::Client { &mut clients } else { &mut audiences };
                all.extend(scopes::texts(&ids));
            }
            true
        });
    }
    let knowledge = Knowledge::knowing(&evaluation, Facet::Any, Facet::Any);
    for statement in &unit.statements {
        if let Some(ids) = constant_audience(&evaluation, &knowledge, &statement.action) {
            audiences.extend(ids);
        }
    }
    (clients, audiences)
}

/// Whether a condition asks for nothing but whether the client or the token's audience has certain ids.
pub fn names_clients_or_audiences(unit: &Unit, expr: &Expr) -> bool {
    facets::named(unit, expr).is_some()
}

pub(super) fn request(facets: &Facets) -> Request {
    let client = match &facets.client {
        Facet::Is(id) => id.clone(),
        Facet::Other | Facet::Any => Arc::from(""),
    };
    let audience = match &facets.audience {
        Facet::Is(ids) => ids.clone(),
        Facet::Other | Facet::Any => Vec::new(),
    };
    Request::of_facets(facets.grant, client, audience)
}

pub(super) fn known<T>(facet: &Facet<T>) -> Facet<()> {
    match facet {
        Facet::Is(_) => Facet::Is(()),
        Facet::Other => Facet::Other,
        Facet::Any => Facet::Any,
    }
}

/// The positions of the statements of some stages that are not excluded.
fn possible(
    evaluation: &Evaluation<'_>,
    knowledge: &Knowledge<'_, '_>,
    among: &BTreeSet<usize>,
    is_wanted: impl Fn(Stage) -> bool,
) -> BTreeSet<usize> {
    let is_possible = |index: &usize| {
        evaluation.unit.statements.get(*index).is_some_and(|statement| {
            is_wanted(statement.action.stage())
                && reaches(evaluation, statement)
                && !knowledge.exclude(statement)
        })
    };
    among.iter().copied().filter(is_possible).collect()
}

/// What the statements behind the first stage are, once the audience is settled.
fn asking_behind(
    unit: &Unit,
    request: &Request,
    among: &BTreeSet<usize>,
    client: Facet<()>,
    audience: &Facet<Vec<Arc<str>>>,
) -> BTreeSet<usize> {
    let evaluation = Evaluation::new(unit, request);
    if let Facet::Is(ids) = audience {
        let mut report = Report::default();
        contradiction::check_audience(&evaluation, ids, &mut report);
        if report.has_errors() {
            return BTreeSet::new();
        }
        // Nobody sets it before, so this cannot fail.
        let _ = evaluation.audience.set(seen(&unit.catalog, ids));
    }
    let knowledge = Knowledge::knowing(&evaluation, client, known(audience));
    possible(&evaluation, &knowledge, among, |stage| stage != Stage::Audience)
}

/// The audiences that a token may have in the end.
fn audiences(
    evaluation: &Evaluation<'_>,
    knowledge: &Knowledge<'_, '_>,
    setting: &BTreeSet<usize>,
    asked: &Facet<Vec<Arc<str>>>,
) -> BTreeSet<Facet<Vec<Arc<str>>>> {
    let mut all = BTreeSet::new();
    let mut is_settled = false;
    let catalog = &evaluation.unit.catalog;
    let asked_ids = match asked {
        Facet::Is(ids) => seen(catalog, ids),
        Facet::Other | Facet::Any => Vec::new(),
    };
    for statement in setting.iter().filter_map(|index| evaluation.unit.statements.get(*index)) {
        match constant_audience(evaluation, knowledge, &statement.action) {
            Some(ids) => {
                is_settled |= knowledge.settle(statement);
                let is_free = asked_ids.is_empty() && *asked != Facet::Other;
                let is_possible = is_free || ids.iter().all(|id| asked_ids.contains(id));
                if is_possible && !ids.is_empty() && !ids.iter().any(|id| is_issuer_endpoint(catalog, id)) {
                    all.insert(Facet::Is(in_order(&asked_ids, ids)));
                }
            }
            None if asked_ids.len() == 1 || *asked == Facet::Other => {}
            // Any of those that were asked for.
            None => drop(all.insert(Facet::Any)),
        }
    }
    if !is_settled {
        all.insert(asked.clone());
    }
    all
}

/// The ids in the order of the request, if it has any.
fn in_order(asked: &[Arc<str>], ids: Vec<Arc<str>>) -> Vec<Arc<str>> {
    if asked.is_empty() { ids } else { asked.iter().filter(|id| ids.contains(id)).cloned().collect() }
}

/// What `set audience` gives, where grant and client tell.
fn constant_audience(
    evaluation: &Evaluation<'_>,
    knowledge: &Knowledge<'_, '_>,
    action: &Action,
) -> Option<Vec<Arc<str>>> {
    let Action::SetAudience(value) = action else { return None };
    if !knowledge.is_whole(value) {
        return None;
    }
    match evaluation.value(value) {
        Ok(Outcome::Value(value)) => Some(scopes::texts(&value)),
        _ => None,
    }
}
