//! A request whose token is as large as can be shown.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::contents::Contents;
use super::inflate::{Inflated, inflate};
use super::limits::{Around, Limit};
use super::search::{Search, Tight};
use crate::decision::Decision;
use crate::eval;
use crate::ir::{SlotId, Unit};
use crate::logic::meaning::Name;
use crate::logic::solver::Doubt;
use crate::logic::witness::{Verdict, Witness, conforms};
use crate::request::Request;
use crate::value::Value;

/// Of more writes than that, the largest are put together one by one.
const TOGETHER: usize = 12;

/// What could be shown.
pub(super) struct Shown {
    /// Bytes, as the limit counts them.
    pub(super) bytes: u64,
    /// The request, and what it gives.
    pub(super) witness: Witness,
}

/// The largest token that a request was found for, and what is in the way of a larger one.
pub(super) fn show(
    search: &mut Search<'_, '_>,
    contents: &Contents,
    limit: &Limit<'_>,
    around: &Around<'_>,
    tight: &Tight,
) -> (Option<Shown>, Vec<Doubt>) {
    let unit = search.study.unit;
    let mut doubts = Vec::new();
    let mut parts = tight.parts.clone();
    let mut start = find(search, contents, limit, around, tight, &parts, &mut doubts);
    if start.is_none() {
        parts = Vec::new();
        start = find(search, contents, limit, around, tight, &parts, &mut doubts);
        for part in tight.parts.iter().take(TOGETHER) {
            let more: Vec<usize> = parts.iter().copied().chain([*part]).collect();
            if let Some(found) = find(search, contents, limit, around, tight, &more, &mut doubts) {
                (start, parts) = (Some(found), more);
            }
        }
    }
    let Some(witness) = start else { return (None, doubts) };
    let mut measure = |json: &Value| {
        let request = Request::from_value(json).ok().filter(|_| conforms(&unit.catalog, json))?;
        match eval::evaluate(unit, &request) {
            Decision::Issue(issued) => limit.measured(around, &unit.catalog, &request, &issued),
            _ => None,
        }
    };
    let slots = slots(unit, contents, &tight.parts);
    let Inflated { request, bytes } = inflate(unit, &witness.request, &slots, limit.most, &mut measure);
    let decision = Request::from_value(&request).map(|request| eval::evaluate(unit, &request));
    let witness = Witness { decision: decision.unwrap_or(witness.decision), request };
    (Some(Shown { bytes, witness }), doubts)
}

/// A request in which these writes reach the token.
fn find(
    search: &mut Search<'_, '_>,
    contents: &Contents,
    limit: &Limit<'_>,
    around: &Around<'_>,
    tight: &Tight,
    parts: &[usize],
    doubts: &mut Vec<Doubt>,
) -> Option<Witness> {
    let unit = search.study.unit;
    let names: BTreeSet<Arc<str>> = parts
        .iter()
        .filter_map(|part| match &contents.parts.get(*part)?.name {
            Name::Literal(name) => Some(name.clone()),
            _ => None,
        })
        .collect();
    let mut shows = |request: &Request, decision: &Decision| match decision {
        Decision::Issue(issued) => {
            request.user().is_some() == tight.has_user
                && limit.measured(around, &unit.catalog, request, issued).is_some()
                && issued.tokens.get(&limit.token).is_some_and(|c| names.iter().all(|n| c.contains_key(n)))
        }
        _ => false,
    };
    let [question, quiet] = search.questions(tight.has_user, parts);
    for question in [quiet, question] {
        match search.study.find(&mut search.instance, &question, &mut shows) {
            Verdict::Shown(witness) => return Some(*witness),
            Verdict::Undecided(found) => doubts.extend(found),
            Verdict::Never => {}
        }
    }
    None
}

/// The attributes that writes read.
fn slots(unit: &Unit, contents: &Contents, parts: &[usize]) -> Vec<SlotId> {
    let mut slots: Vec<SlotId> = Vec::new();
    for part in parts {
        let statement = contents.parts.get(*part).and_then(|part| unit.statements.get(part.statement));
        let Some(value) = statement.and_then(|statement| statement.action.value()) else { continue };
        let read = value.slots(&unit.lets).into_iter();
        let new: Vec<SlotId> = read.filter(|slot| !slots.contains(slot)).collect();
        slots.extend(new);
    }
    slots
}
