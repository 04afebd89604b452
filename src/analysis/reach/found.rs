//! Findings by place: what a `let` with parameters stands for is looked at once for each use, and only what holds of all
//! uses is a finding.

use std::collections::BTreeMap;

use crate::diag::Diagnostic;
use crate::source::Span;

#[derive(Default)]
pub(super) struct Found {
    /// Nothing for a place that is fine in some use.
    places: BTreeMap<Span, Option<Diagnostic>>,
}

impl Found {
    /// The place is fine here.
    pub(super) fn fine(&mut self, place: Span) {
        self.places.insert(place, None);
    }

    /// Whether a finding about the place would count so far.
    pub(super) fn counts(&self, place: Span) -> bool {
        self.places.get(&place).is_none_or(Option::is_some)
    }

    /// Something is wrong with the place here.
    pub(super) fn add(&mut self, diagnostic: Diagnostic) {
        self.places.entry(diagnostic.span).or_insert(Some(diagnostic));
    }

    pub(super) fn finish(self) -> impl Iterator<Item = Diagnostic> {
        self.places.into_values().flatten()
    }
}
