//! Two answers to one request, and in what they differ.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::decision::{Decision, Issued};
use crate::eval::{self, Effect as Acted, RuleName};
use crate::ir::{Action, Unit};
use crate::request::Request;
use crate::standard::Token;
use crate::value::Value;

use super::{About, Kind};

/// One difference between two answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Effect {
    pub(super) kind: Kind,
    pub(super) about: About,
    pub(super) old: Option<Value>,
    pub(super) new: Option<Value>,
}

/// A request on which the versions differ.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    pub(super) request: Value,
    pub(super) old: Decision,
    pub(super) new: Decision,
    pub(super) effects: Vec<Effect>,
}

/// In what two answers differ. Places of rules are no part of an answer, so two errors are alike.
pub(super) fn effects(old: &Decision, new: &Decision) -> Vec<Effect> {
    let whole =
        |kind| vec![Effect { kind, about: About::Decision, old: Some(plain(old)), new: Some(plain(new)) }];
    match (old, new) {
        (Decision::Issue(old), Decision::Issue(new)) => issued(old, new),
        (Decision::Error(_), Decision::Error(_)) => Vec::new(),
        (_, Decision::Error(_)) => whole(Kind::NewError),
        (Decision::Error(_), _) => whole(Kind::LostError),
        (Decision::Deny(_), Decision::Issue(_)) => whole(Kind::LostDenial),
        (Decision::Issue(_), Decision::Deny(_)) => whole(Kind::NewDenial),
        (Decision::Deny(a), Decision::Deny(b)) if a == b => Vec::new(),
        (Decision::Deny(_), Decision::Deny(_)) => whole(Kind::OtherDenial),
    }
}

/// An answer without places.
fn plain(decision: &Decision) -> Value {
    let texts = |texts: Vec<String>| Value::list(texts.into_iter().map(Value::string).collect());
    match decision {
        Decision::Issue(_) => Value::from("tokens are issued"),
        Decision::Deny(refusals) => {
            texts(refusals.iter().map(|one| format!("{}: {}", one.code, one.message)).collect())
        }
        Decision::Error(errors) => {
            texts(errors.iter().map(|one| format!("{} {}", one.code, one.message)).collect())
        }
    }
}

fn issued(old: &Issued, new: &Issued) -> Vec<Effect> {
    let mut found = Vec::new();
    let mut add = |kind, about, old, new| found.push(Effect { kind, about, old, new });
    let tokens: BTreeSet<Token> = old.tokens.keys().chain(new.tokens.keys()).copied().collect();
    for token in tokens {
        let (a, b) = (old.tokens.get(&token), new.tokens.get(&token));
        let names: BTreeSet<&Arc<str>> = a.into_iter().chain(b).flat_map(|claims| claims.keys()).collect();
        for name in names {
            let about = About::Claim(name.clone(), token);
            let values = (a.and_then(|claims| claims.get(name)), b.and_then(|claims| claims.get(name)));
            let kind = match values {
                (None, _) => Kind::NewClaim,
                (_, None) => Kind::LostClaim,
                (Some(a), Some(b)) if a == b => continue,
                (Some(a), Some(b)) if a.kind() != b.kind() => Kind::Type,
                _ => Kind::Value,
            };
            add(kind, about, values.0.cloned(), values.1.cloned());
        }
        let removed = |issued: &Issued| issued.removed.get(&token).cloned().unwrap_or_default();
        let (a, b) = (removed(old), removed(new));
        for name in a.symmetric_difference(&b) {
            let kind = if b.contains(name) { Kind::NewRemoval } else { Kind::LostRemoval };
            let word = |removed: bool| removed.then(|| Value::from("removed"));
            add(kind, About::Claim(name.clone(), token), word(a.contains(name)), word(b.contains(name)));
        }
    }
    scopes(old, new, &mut add);
    audience(old, new, &mut add);
    if old.lifetime != new.lifetime {
        // No limit is the longest one.
        let longer = new.lifetime.is_none_or(|seconds| old.lifetime.is_some_and(|old| seconds > old));
        let kind = if longer { Kind::LongerLifetime } else { Kind::ShorterLifetime };
        add(kind, About::Lifetime, old.lifetime.map(Value::int), new.lifetime.map(Value::int));
    }
    found
}

type Add<'a> = dyn FnMut(Kind, About, Option<Value>, Option<Value>) + 'a;

fn scopes(old: &Issued, new: &Issued, add: &mut Add<'_>) {
    let all: BTreeSet<&Arc<str>> = old.scopes.iter().chain(&new.scopes).collect();
    for scope in all {
        let (had, has) = (old.scopes.contains(scope), new.scopes.contains(scope));
        let word = |granted: bool| granted.then(|| Value::from("granted"));
        if had != has {
            let kind = if has { Kind::NewScope } else { Kind::LostScope };
            add(kind, About::Scope(scope.clone()), word(had), word(has));
        }
    }
}

fn audience(old: &Issued, new: &Issued, add: &mut Add<'_>) {
    if old.audience == new.audience {
        return;
    }
    let list = |ids: &[Arc<str>]| Value::list(ids.iter().cloned().map(Value::String).collect());
    let is_wider = new.audience.iter().any(|id| !old.audience.contains(id));
    let kind = if is_wider { Kind::WiderAudience } else { Kind::NarrowerAudience };
    add(kind, About::Audience, Some(list(&old.audience)), Some(list(&new.audience)));
}

/// The rules of a version that decide about one thing in a request.
pub(super) fn rules(unit: &Unit, request: &Request, decision: &Decision, about: &About) -> Vec<RuleName> {
    if let About::Claim(name, token) = about {
        let traces = eval::claim_traces(unit, request);
        let own = traces.into_iter().filter(|trace| trace.token == *token && trace.name == *name);
        return own.flat_map(|trace| trace.written_by.into_iter().chain(trace.removed_by)).collect();
    }
    let places: BTreeSet<&Arc<str>> = match decision {
        Decision::Deny(refusals) => refusals.iter().map(|refusal| &refusal.rule).collect(),
        Decision::Error(errors) => errors.iter().filter_map(|error| error.rule.as_ref()).collect(),
        Decision::Issue(_) => BTreeSet::new(),
    };
    let explanation = eval::explain(unit, request, false);
    let is_about = |action: &Action| match about {
        About::Audience => matches!(action, Action::SetAudience(_)),
        About::Scope(_) | About::OtherScopes => {
            matches!(action, Action::AddScope(_) | Action::RemoveScope(_) | Action::LimitScopes(_))
        }
        About::Lifetime => matches!(action, Action::LimitLifetime(_)),
        About::Claim(..) | About::Decision => false,
    };
    let acted = unit
        .statements
        .iter()
        .zip(&explanation.statements)
        .filter(|(statement, trace)| is_about(&statement.action) && matches!(trace.effect, Acted::Fired));
    let named = unit.statements.iter().filter(|statement| places.contains(&statement.place));
    let named = named.map(|statement| RuleName {
        place: statement.place.clone(),
        rule: statement.rule.clone(),
        span: statement.span,
    });
    let mut rules: Vec<RuleName> = acted.map(|(_, trace)| trace.rule.clone()).chain(named).collect();
    rules.sort_by(|a, b| a.place.cmp(&b.place));
    rules.dedup_by(|a, b| a.place == b.place);
    rules
}
