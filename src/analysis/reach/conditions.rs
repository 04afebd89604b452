//! Conditions that say nothing: always true where they are asked, or with an operand that changes nothing.

use super::acts::{Acts, labelled};
use super::found::Found;
use super::part::{self, Part};
use super::redundant::{self, Keeps};
use super::why::why;
use super::{ALWAYS_TRUE, Asker, arms};
use crate::analysis::Study;
use crate::diag::Diagnostic;
use crate::ir::{Expr, Step};
use crate::logic::formula::Formula;

/// Chains that are longer are tables rather than conditions; what stands later in them is not looked at this closely.
const MAX_BRANCH: u32 = 32;

/// Where a condition is asked.
pub(super) struct Place<'p> {
    /// The branches around it.
    pub(super) outer: &'p [Step],
    /// Its own branch; none for an `unless`.
    pub(super) step: Option<Step>,
    /// What else has to hold.
    pub(super) own: Vec<Part>,
    /// All of it.
    pub(super) context: Vec<Formula>,
}

impl Place<'_> {
    /// What must hold for it to be asked.
    pub(super) fn parts(&self, study: &mut Study<'_>) -> Vec<Part> {
        let mut parts = part::guard(study, self.outer);
        parts.extend(self.step.map(|step| part::before(study, step)).unwrap_or_default());
        parts.extend(self.own.iter().copied());
        parts
    }
}

pub(super) fn check<'u>(
    study: &mut Study<'u>,
    asker: &mut Asker<'u>,
    group: &[usize],
    acts: &Acts,
    found: &mut Found,
) {
    let unit = study.unit;
    for prefix in &acts.live {
        let Some((step, outer)) = prefix.split_last() else { continue };
        let Some(chain) = unit.chains.get(step.chain.index()) else { continue };
        let Some(condition) = chain.conditions.get(step.branch as usize) else { continue };
        let expr = &condition.expr;
        if step.branch > MAX_BRANCH {
            continue;
        }
        let mut context = asker.chains.all_taken(study, outer);
        context.push(asker.chains.reached(study, *step));
        let place = Place { outer, step: Some(*step), own: Vec::new(), context };
        // A later branch that repeats what is left says so to readers; one that leaves nothing is reported there.
        let may_be_always = step.branch == 0 && !acts.closed.contains(&step.chain);
        if may_be_always && is_always(study, asker, &place, expr, found) {
            continue;
        }
        redundant::check(study, asker, &place, expr, Keeps::of(unit, chain, *step), found);
        arms::check(study, asker, &place, expr, false, found);
    }
    for index in group.iter().filter(|index| !acts.idle.contains(index)) {
        let Some(statement) = unit.statements.get(*index) else { continue };
        let Some(unless) = &statement.unless else { continue };
        let context = asker.chains.all_taken(study, &statement.guard);
        let place = Place { outer: &statement.guard, step: None, own: Vec::new(), context };
        if !is_never(study, asker, &place, unless, found) {
            redundant::check(study, asker, &place, unless, Keeps::default(), found);
            arms::check(study, asker, &place, unless, false, found);
        }
    }
}

/// Reports a condition that is true wherever it is asked.
fn is_always<'u>(
    study: &mut Study<'u>,
    asker: &mut Asker<'u>,
    place: &Place<'_>,
    condition: &Expr,
    found: &mut Found,
) -> bool {
    let yes = study.meaning.truth(&mut study.f, condition).yes;
    if asker.is_possible(study, place.context.iter().copied().chain([!yes])) {
        found.fine(condition.span);
        return false;
    }
    if redundant::narrows(study, asker, condition) || part::is_switch(study.unit, condition) {
        return true;
    }
    report(study, asker, place, condition, !yes, "this is true wherever it is asked", found);
    true
}

/// Reports an `unless` that is true nowhere.
fn is_never<'u>(
    study: &mut Study<'u>,
    asker: &mut Asker<'u>,
    place: &Place<'_>,
    unless: &Expr,
    found: &mut Found,
) -> bool {
    let yes = study.meaning.truth(&mut study.f, unless).yes;
    if asker.is_possible(study, place.context.iter().copied().chain([yes])) {
        found.fine(unless.span);
        return false;
    }
    if part::is_switch(study.unit, unless) {
        return true;
    }
    report(study, asker, place, unless, yes, "this exception never holds", found);
    true
}

fn report<'u>(
    study: &mut Study<'u>,
    asker: &mut Asker<'u>,
    place: &Place<'_>,
    condition: &Expr,
    otherwise: Formula,
    fact: &'static str,
    found: &mut Found,
) {
    if !found.counts(condition.span) {
        return;
    }
    let mut parts = place.parts(study);
    parts.push(Part { span: condition.span, text: "", formula: otherwise, is_switch: false });
    let why = why(study, asker.world, &parts);
    let names_one = redundant::names_one(study.unit, condition);
    if why.is_switch() || why.is_small_world() || (names_one && why.is_of_catalog()) {
        return;
    }
    let diagnostic = Diagnostic::new(&ALWAYS_TRUE, condition.span, fact).label(why.cause.short());
    found.add(labelled(diagnostic, &why).help("leave it out, or say what was meant"));
}
