//! The attributes that are demanded, checked before anything is evaluated: which errors there are depends neither on
//! what happens to be evaluated nor on its order.

use super::report::Report;
use super::{Evaluation, codes};
use crate::catalog::Root;
use crate::ir::{Slot, Statement};
use crate::value::Failure;

/// Reports what is wrong with the attributes that a statement reads.
pub(super) fn check(evaluation: &Evaluation<'_>, statement: &Statement, report: &mut Report) {
    for id in &statement.reads {
        let Some(slot) = evaluation.unit.slots.get(id.index()) else {
            continue;
        };
        match slot.root {
            // Settled by scope statements, which come later; the request's own form was checked when it was read.
            Root::Scopes => continue,
            Root::External => failed_sources(evaluation, slot, statement, report),
            _ => {}
        }
        if let Err(failure) = evaluation.slot(*id) {
            report.failure(failure, Some(&statement.place));
        }
    }
}

/// A source that failed is an error, unless the statement tests for that.
fn failed_sources(evaluation: &Evaluation<'_>, slot: &Slot, statement: &Statement, report: &mut Report) {
    let Some(sources) = evaluation.request.external().and_then(|external| external.as_object()) else {
        return;
    };
    let is_read = |source: &str| slot.path.first().is_none_or(|first| **first == *source);
    for source in sources.keys().filter(|source| is_read(source) && evaluation.has_failed(source)) {
        if !statement.handles_failure.contains(source) {
            let message = format!("`external.{source}` failed");
            report.failure(Failure { code: codes::EXTERNAL_FAILED.code, message }, Some(&statement.place));
        }
    }
}
