//! The first two stages: what the token is for, and which scopes it has.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use super::report::{Place, Report};
use super::stages::{absent_value, failure, is_issuer_endpoint, of_stage, seen};
use super::{Evaluation, codes};
use crate::ir::{Action, Expr, Stage, Statement};
use crate::standard::{Grant, is_scope_token};
use crate::value::{Failure, Outcome, Value};

/// The audience after all `set audience`, with the issuer's own endpoints.
pub(super) fn audience(evaluation: &Evaluation<'_>, report: &mut Report) -> Vec<Arc<str>> {
    let mut settings: BTreeMap<Place, BTreeSet<Vec<Arc<str>>>> = BTreeMap::new();
    for (_, statement) in of_stage(evaluation, |stage| stage == Stage::Audience) {
        match set_audience(evaluation, statement) {
            Ok(None) => {}
            Ok(Some(ids)) => drop(settings.entry(Place::from(&statement.place)).or_default().insert(ids)),
            Err(failure) => report.failure(failure, Some(&statement.place)),
        }
    }
    let mut settings =
        settings.into_iter().flat_map(|(place, all)| all.into_iter().map(move |ids| (place.clone(), ids)));
    let asked = evaluation.request.audience();
    let Some((first, ids)) = settings.next() else {
        return asked.to_vec();
    };
    for (place, _) in settings.filter(|(_, other)| *other != ids) {
        let message = format!("the audience is set differently by `{}` and `{}`", first.text, place.text);
        report.failure(failure(&codes::CONFLICTING_VALUES, message), Some(&first.text));
    }
    with_endpoints(evaluation, &ids)
}

/// What `set audience` makes of the audience that policies see; `None` where it does not fire.
fn set_audience(
    evaluation: &Evaluation<'_>,
    statement: &Statement,
) -> Result<Option<Vec<Arc<str>>>, Failure> {
    let Action::SetAudience(value) = &statement.action else {
        return Ok(None);
    };
    if !evaluation.fires(statement)? {
        return Ok(None);
    }
    let ids = match evaluation.value(value)? {
        Outcome::Value(value) => texts(&value),
        Outcome::NoUser => return Ok(None),
        Outcome::Absent => {
            return Err(absent_value("set audience"));
        }
    };
    let catalog = &evaluation.unit.catalog;
    let unfit = |problem: &str| failure(&codes::UNFIT_AUDIENCE, format!("`set audience` gives {problem}"));
    if ids.is_empty() || ids.iter().any(|id| id.is_empty()) {
        return Err(unfit("no audience"));
    }
    if ids.iter().any(|id| is_issuer_endpoint(catalog, id)) {
        return Err(unfit("an endpoint of the issuer itself"));
    }
    let asked = seen(catalog, evaluation.request.audience());
    if asked.is_empty() {
        return Ok(Some(ids));
    }
    if ids.iter().any(|id| !asked.contains(id)) {
        return Err(unfit("an audience that was not asked for"));
    }
    Ok(Some(asked.into_iter().filter(|id| ids.contains(id)).collect()))
}

/// An audience that policies see, with the issuer's own endpoints that were asked for: in the order of the request, or
/// behind an audience that was filled.
fn with_endpoints(evaluation: &Evaluation<'_>, ids: &[Arc<str>]) -> Vec<Arc<str>> {
    let is_endpoint = |id: &Arc<str>| is_issuer_endpoint(&evaluation.unit.catalog, id);
    let asked = evaluation.request.audience();
    if asked.iter().all(is_endpoint) {
        return ids.iter().chain(asked).cloned().collect();
    }
    asked.iter().filter(|id| is_endpoint(id) || ids.contains(id)).cloned().collect()
}

/// What scope statements have said.
#[derive(Default)]
struct Changes {
    added: BTreeSet<Arc<str>>,
    removed: BTreeSet<Arc<str>>,
    limits: Vec<BTreeSet<Arc<str>>>,
}

/// The scopes after all scope statements: the request's in its order, then added ones by UTF-8 bytes.
pub(super) fn scopes(evaluation: &Evaluation<'_>, report: &mut Report) -> Vec<Arc<str>> {
    let mut changes = Changes::default();
    for (_, statement) in of_stage(evaluation, |stage| stage == Stage::Scopes) {
        if let Err(failure) = change(evaluation, statement, &mut changes) {
            report.failure(failure, Some(&statement.place));
        }
    }
    let Changes { added, removed, limits } = changes;
    let granted = evaluation.request.scopes();
    // There may be many of each: none of them is looked for by going through another list.
    let is_granted: HashSet<&Arc<str>> = granted.iter().collect();
    let original: Option<HashSet<&Arc<str>>> =
        original_scopes(evaluation).map(|scopes| scopes.iter().collect());
    granted
        .iter()
        .chain(added.iter().filter(|scope| !is_granted.contains(scope)))
        .filter(|scope| !removed.contains(*scope) && limits.iter().all(|limit| limit.contains(*scope)))
        .filter(|scope| original.as_ref().is_none_or(|original| original.contains(scope)))
        .cloned()
        .collect()
}

/// What a refresh may not exceed (RFC 6749 section 6).
fn original_scopes<'a>(evaluation: &Evaluation<'a>) -> Option<&'a [Arc<str>]> {
    let original =
        evaluation.request.original().filter(|_| evaluation.request.grant() == Grant::RefreshToken)?;
    original.scopes.as_deref()
}

fn change(evaluation: &Evaluation<'_>, statement: &Statement, changes: &mut Changes) -> Result<(), Failure> {
    if !evaluation.fires(statement)? {
        return Ok(());
    }
    match &statement.action {
        Action::AddScope(value) => {
            if let Outcome::Value(value) = evaluation.value(value)? {
                changes.added.extend(scopes_of(&value, "add scope")?);
            }
        }
        Action::RemoveScope(value) => changes.removed.extend(restriction(evaluation, value, "remove scope")?),
        Action::LimitScopes(value) => {
            changes.limits.push(restriction(evaluation, value, "limit scopes")?.into_iter().collect());
        }
        _ => {}
    }
    Ok(())
}

/// The scopes of a restriction, which must be there: without them it would restrict nothing.
fn restriction(evaluation: &Evaluation<'_>, value: &Expr, verb: &str) -> Result<Vec<Arc<str>>, Failure> {
    match evaluation.value(value)? {
        Outcome::Value(value) => scopes_of(&value, verb),
        _ => Err(absent_value(verb)),
    }
}

fn scopes_of(value: &Value, verb: &str) -> Result<Vec<Arc<str>>, Failure> {
    let scopes = texts(value);
    if scopes.iter().all(|scope| is_scope_token(scope)) {
        return Ok(scopes);
    }
    Err(failure(&codes::MALFORMED_SCOPE, format!("`{verb}` gives what is not one scope")))
}

/// A string or the strings of a list, each once.
pub(super) fn texts(value: &Value) -> Vec<Arc<str>> {
    let one = std::slice::from_ref(value);
    let texts = value.as_list().unwrap_or(one).iter().filter_map(|item| match item {
        Value::String(text) => Some(text),
        _ => None,
    });
    let mut met = HashSet::new();
    texts.filter(|text| met.insert(*text)).cloned().collect()
}
