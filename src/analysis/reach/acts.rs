//! Statements that never act, and branches that are never taken.

use std::collections::BTreeSet;

use super::part::{self, Part};
use super::why::{Cause, Why, why};
use super::{Asker, NEVER_FIRES, UNREACHABLE_BRANCH};
use crate::analysis::Study;
use crate::diag::{Code, Diagnostic};
use crate::ir::{Action, ChainId, Statement, Step};
use crate::logic::formula::Formula;

/// What is known of a group of statements.
#[derive(Default)]
pub(super) struct Acts {
    /// Statements that never act.
    pub(super) idle: BTreeSet<usize>,
    /// Branches that are taken in some request.
    pub(super) live: BTreeSet<Vec<Step>>,
    /// Chains of which some branch is never taken.
    pub(super) closed: BTreeSet<ChainId>,
    dead: BTreeSet<Vec<Step>>,
    /// Chains that no request leaves for a later branch.
    exhausted: BTreeSet<ChainId>,
}

pub(super) fn check<'u>(
    study: &mut Study<'u>,
    asker: &mut Asker<'u>,
    group: &[usize],
    findings: &mut Vec<Diagnostic>,
) -> Acts {
    let unit = study.unit;
    let mut acts = Acts::default();
    for index in group {
        let Some(statement) = unit.statements.get(*index) else { continue };
        let prefixes: Vec<Vec<Step>> = (1..=statement.guard.len())
            .map(|length| statement.guard.iter().take(length).copied().collect())
            .collect();
        if prefixes.iter().any(|prefix| acts.dead.contains(prefix)) {
            acts.idle.insert(*index);
            continue;
        }
        let own = part::own(study, *index, statement);
        let taken = asker.chains.all_taken(study, &statement.guard);
        let question = own.iter().map(|part| part.formula).chain(taken);
        if asker.is_possible(study, question) {
            acts.live.extend(prefixes);
            continue;
        }
        acts.idle.insert(*index);
        let mut dead = None;
        for prefix in prefixes {
            let taken = asker.chains.all_taken(study, &prefix);
            if acts.live.contains(&prefix) || asker.is_possible(study, taken) {
                acts.live.insert(prefix);
            } else {
                dead = Some(prefix);
                break;
            }
        }
        match dead {
            Some(prefix) => {
                findings.extend(branch(study, asker.world, &prefix, &mut acts));
                acts.dead.insert(prefix);
            }
            None => findings.extend(never_acts(study, asker.world, statement, own)),
        }
    }
    acts
}

/// A branch that is never taken.
fn branch(study: &mut Study<'_>, world: Formula, prefix: &[Step], acts: &mut Acts) -> Option<Diagnostic> {
    let unit = study.unit;
    let step = prefix.last()?;
    let chain = unit.chains.get(step.chain.index())?;
    acts.closed.insert(step.chain);
    if acts.exhausted.contains(&step.chain) {
        return None;
    }
    let parts = part::guard(study, prefix);
    let why = why(study, world, &parts);
    let condition = chain.conditions.get(step.branch as usize).map(|condition| condition.expr.span);
    let is_own = |part: &Part| condition.is_some_and(|span| span.contains(part.span));
    if !why.core.iter().any(is_own) {
        acts.exhausted.insert(step.chain);
    }
    let inside = || unit.statements.iter().filter(|statement| statement.guard.starts_with(prefix));
    let is_otherwise = condition.is_none() && why.cause != Cause::Themselves;
    let is_caution = (is_otherwise || why.is_of_catalog()) && inside().all(restricts);
    if why.is_switch() || is_caution {
        return None;
    }
    let span = condition.or(chain.otherwise).unwrap_or(chain.span);
    let is_whole = chain.conditions.len() == 1 && chain.otherwise.is_none();
    let (code, fact): (&'static Code, _) = match (is_whole, condition) {
        (true, _) => (&NEVER_FIRES, "nothing under this condition ever acts"),
        (false, Some(_)) => (&UNREACHABLE_BRANCH, "this branch is never taken"),
        (false, None) => (&UNREACHABLE_BRANCH, "this `else` is never taken"),
    };
    Some(explained(Diagnostic::new(code, span, fact), &why))
}

/// Whether a statement only restricts: one that refuses what claims.yaml excludes already is caution.
fn restricts(statement: &Statement) -> bool {
    matches!(
        statement.action,
        Action::Deny(_)
            | Action::Remove { .. }
            | Action::RemoveScope(_)
            | Action::LimitScopes(_)
            | Action::LimitLifetime(_)
    )
}

/// A statement that never acts although its branches are taken.
fn never_acts(
    study: &mut Study<'_>,
    world: Formula,
    statement: &Statement,
    own: Vec<Part>,
) -> Option<Diagnostic> {
    let mut parts = part::guard(study, &statement.guard);
    parts.extend(own);
    let why = why(study, world, &parts);
    if why.is_switch() || why.is_of_catalog() && restricts(statement) {
        return None;
    }
    Some(explained(Diagnostic::new(&NEVER_FIRES, statement.span, "this never acts"), &why))
}

/// Says what decides it.
fn explained(diagnostic: Diagnostic, why: &Why) -> Diagnostic {
    let span = diagnostic.span;
    let is_branch = *diagnostic.code == UNREACHABLE_BRANCH;
    let here = why.core.iter().find(|part| part.span == span && part.text != part::HOLDS);
    let label = match (&why.cause, here) {
        (_, Some(part)) => part.text,
        (Cause::Themselves, None) if why.core.iter().any(|part| part.span == span) => {
            "no request makes this true"
        }
        (Cause::Themselves, None) => "",
        (Cause::Grants, None) => "which grants have a user decides it",
        (Cause::Audience, None) => "`set audience` decides it",
        (Cause::Catalog(_), None) => "claims.yaml excludes it",
    };
    let help = match &why.cause {
        _ if is_branch => "remove it, or narrow the conditions that exclude it",
        Cause::Themselves => "correct the conditions, or remove what never acts",
        Cause::Grants => "test another grant, or do not ask for a user where there is none",
        Cause::Audience => "test an audience that `set audience` leaves",
        Cause::Catalog(_) => "correct the condition, or claims.yaml if that should be possible",
    };
    labelled(diagnostic.label(label), why).help(help)
}

/// Labels what takes part beside the finding's own place.
pub(super) fn labelled(mut diagnostic: Diagnostic, why: &Why) -> Diagnostic {
    for part in why.core.iter().filter(|part| part.span != diagnostic.span).collect::<Vec<_>>() {
        diagnostic = diagnostic.also(part.span, part.text);
    }
    if let Cause::Catalog(lines) = &why.cause {
        for (span, text) in lines {
            diagnostic = diagnostic.also(*span, text.clone());
        }
    }
    diagnostic
}
