//! Errors and denials as they are found: each once, with the first place, sorted.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::decision::{EvaluationError, Refusal};
use crate::ir::Denial;
use crate::value::Failure;

/// `file:line` in the order in which people read: lines by number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    file: String,
    line: u64,
    /// As it was given.
    pub(super) text: Arc<str>,
}

impl From<&Arc<str>> for Place {
    fn from(text: &Arc<str>) -> Self {
        let (file, line) = text.rsplit_once(':').unwrap_or((text, ""));
        Place { file: file.to_owned(), line: line.parse().unwrap_or(0), text: text.clone() }
    }
}

/// What was found.
#[derive(Default)]
pub(super) struct Report {
    errors: BTreeMap<Failure, Option<Place>>,
    denials: BTreeMap<Denial, Place>,
}

impl Report {
    pub(super) fn failure(&mut self, failure: Failure, rule: Option<&Arc<str>>) {
        let place = rule.map(Place::from);
        self.errors
            .entry(failure)
            .and_modify(|first| *first = std::cmp::min(first.take(), place.clone()))
            .or_insert(place);
    }

    pub(super) fn denial(&mut self, denial: &Denial, rule: &Arc<str>) {
        let place = Place::from(rule);
        match self.denials.get_mut(denial) {
            Some(first) if *first <= place => {}
            Some(first) => *first = place,
            None => drop(self.denials.insert(denial.clone(), place)),
        }
    }

    pub(super) fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }

    /// All errors; none if nothing failed.
    pub(super) fn errors(&self) -> Vec<EvaluationError> {
        self.errors
            .iter()
            .map(|(failure, place)| EvaluationError {
                code: failure.code,
                message: failure.message.clone(),
                rule: place.as_ref().map(|place| place.text.clone()),
            })
            .collect()
    }

    /// All denials.
    pub(super) fn denials(&self) -> Vec<Refusal> {
        self.denials
            .iter()
            .map(|(denial, place)| Refusal {
                code: denial.code.clone(),
                message: denial.text.clone(),
                rule: place.text.clone(),
            })
            .collect()
    }
}
