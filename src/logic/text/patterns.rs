//! Regular expressions as automata, each made once.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use regex::Regex;
use regex_automata::dfa::StartKind;
use regex_automata::dfa::dense;
use regex_automata::nfa::thompson;
use regex_automata::util::primitives::StateID;
use regex_automata::{Anchored, MatchKind, util::start};

use super::{TextTest, compile};

/// An automaton in a table.
pub(super) type Table = dense::DFA<Vec<u32>>;

/// Bytes of an automaton; larger ones are not made, and what needs them stays unknown.
const MAX_TABLE: usize = 512 << 10;

/// Regular expressions that were prepared for earlier questions. Keep one for all questions about a policy.
#[derive(Default)]
pub struct Automata {
    known: BTreeMap<(bool, Arc<str>), Prepared>,
}

/// A regular expression, for one text and for all.
struct Prepared {
    regex: Option<Arc<Regex>>,
    /// None if it is too large.
    table: OnceCell<Option<Arc<Table>>>,
}

impl Automata {
    fn prepared(&mut self, whole: bool, source: &Arc<str>) -> &mut Prepared {
        self.known
            .entry((whole, source.clone()))
            .or_insert_with(|| Prepared { regex: compile(whole, source), table: OnceCell::new() })
    }

    /// As [`TextTest::holds`], with regular expressions compiled once.
    pub fn holds(&mut self, asked: &TextTest, text: &str) -> bool {
        asked.holds_with(text, |whole, source| self.prepared(whole, source).regex.clone())
    }

    /// The automaton of a regular expression, unless it is malformed or too large.
    pub(super) fn table(&mut self, whole: bool, source: &Arc<str>) -> Option<Arc<Table>> {
        let prepared = self.prepared(whole, source);
        let regex = prepared.regex.as_ref()?;
        prepared.table.get_or_init(|| build(whole, regex.as_str()).map(Arc::new)).clone()
    }
}

/// The automaton of a pattern that the language's dialect was translated to. One for a whole text is anchored at both
/// ends by the pattern itself.
fn build(whole: bool, pattern: &str) -> Option<Table> {
    let start_kind = if whole { StartKind::Anchored } else { StartKind::Unanchored };
    dense::Builder::new()
        .configure(
            dense::Config::new()
                .match_kind(MatchKind::All)
                .start_kind(start_kind)
                .accelerate(false)
                .dfa_size_limit(Some(MAX_TABLE))
                .determinize_size_limit(Some(2 * MAX_TABLE)),
        )
        .thompson(
            thompson::Config::new()
                .which_captures(thompson::WhichCaptures::None)
                .nfa_size_limit(Some(4 * MAX_TABLE)),
        )
        .build(pattern)
        .ok()
}

/// Where an automaton stands before the first byte of a text.
pub(super) fn start(table: &Table, whole: bool) -> Option<StateID> {
    use regex_automata::dfa::Automaton;
    let anchored = if whole { Anchored::Yes } else { Anchored::No };
    table.start_state(&start::Config::new().anchored(anchored)).ok()
}
