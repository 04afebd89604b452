//! How much work a regular expression makes.

use regex::Regex;
use regex_syntax::hir::{Class, Hir, HirKind};

/// Pairs of a byte of text and a state that one operation is about.
const PAIRS: u64 = 8;

/// A regular expression as an automaton that may be in all of its states at once.
pub(super) struct Pattern {
    states: u64,
    /// Groups: where each of them stands is kept for every state.
    groups: u64,
    /// Bytes of the longest match.
    longest: Option<u64>,
}

impl Pattern {
    pub(super) fn of(regex: &Regex) -> Self {
        let tree = regex_syntax::parse(regex.as_str()).ok();
        Pattern {
            states: tree.as_ref().map_or(u64::MAX, states),
            groups: regex.captures_len() as u64,
            longest: tree.and_then(|tree| tree.properties().maximum_len()).map(|longest| longest as u64),
        }
    }

    /// What looking for it in a text of so many bytes takes: once, or again behind each match.
    pub(super) fn operations(&self, bytes: u64, is_repeated: bool) -> u64 {
        // Each search may look as far as the longest match reaches before it finds a short one.
        let looks = if is_repeated { self.longest.unwrap_or(bytes).min(bytes).saturating_add(1) } else { 1 };
        let pairs = bytes.saturating_add(1).saturating_mul(self.states).saturating_mul(looks);
        (pairs / PAIRS).saturating_mul(self.groups)
    }
}

/// States of the automaton, roughly, and not too few.
fn states(tree: &Hir) -> u64 {
    let all = |parts: &[Hir]| parts.iter().map(states).fold(1, u64::saturating_add);
    match tree.kind() {
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(Class::Bytes(_)) => 1,
        HirKind::Literal(literal) => literal.0.len() as u64,
        // In UTF-8 a range of code points is a few sequences of up to four bytes.
        HirKind::Class(Class::Unicode(class)) if class.is_ascii() => 1,
        HirKind::Class(Class::Unicode(class)) => class.ranges().len() as u64 * 4 + 8,
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min).max(1);
            (states(&repetition.sub) + 1).saturating_mul(u64::from(times)).saturating_add(1)
        }
        HirKind::Capture(capture) => states(&capture.sub).saturating_add(2),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => all(parts),
    }
}
