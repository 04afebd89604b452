//! A test of a string as a deterministic automaton over the bytes of valid UTF-8.
//!
//! Its states are numbers; those of taken strings are numbered as they are met, so an automaton costs what is walked of
//! it. Texts without regular expressions need no table.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use regex_automata::dfa::Automaton;
use regex_automata::util::primitives::StateID;

use super::patterns::{self, Automata, Table};
use super::stage::{Action, Stage};
use super::{TextPattern, TextStep, TextTest};

/// Where an automaton stands.
pub(super) type State = u32;

/// The text cannot be continued to a true one; or, of a search, it was found. No other state has these numbers.
const DEAD: State = u32::MAX;
const FOUND: State = u32::MAX - 1;

/// An automaton of a test.
pub(super) struct Machine(Kind);

enum Kind {
    Always,
    Equals(Needle),
    StartsWith(Needle),
    EndsWith(Needle),
    Contains(Needle),
    OneOf(Words),
    Matches(Arc<Table>, StateID),
    Finds(Arc<Table>, StateID),
    AtMost(u32),
    /// With ASCII letters mapped to one case.
    Lower(Box<Machine>),
    Upper(Box<Machine>),
    Taken(Box<Stage>),
}

/// Steps before a test; automata of more are not made, so that the stack suffices for them.
const MAX_STEPS: usize = 32;

/// Whether a byte continues a code point.
pub(super) fn continues(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

impl Machine {
    /// The automaton of a test, unless it would be too large or too deep.
    pub(super) fn of(test: &TextTest, automata: &mut Automata) -> Option<Machine> {
        if test.steps.len() > MAX_STEPS {
            return None;
        }
        let needle = |part: &str| Needle::new(part, test.fold);
        let mut kind = match &test.pattern {
            TextPattern::Equals(word) => Kind::Equals(needle(word)),
            TextPattern::StartsWith(part) => Kind::StartsWith(needle(part)),
            TextPattern::EndsWith(part) => Kind::EndsWith(needle(part)),
            TextPattern::Contains(part) => Kind::Contains(needle(part)),
            TextPattern::Matches(source) => {
                let table = automata.table(true, source)?;
                let start = patterns::start(&table, true)?;
                Kind::Matches(table, start)
            }
            TextPattern::Finds(source) => {
                let table = automata.table(false, source)?;
                let start = patterns::start(&table, false)?;
                Kind::Finds(table, start)
            }
            // No walk is as long as the numbers that are cut off here.
            TextPattern::AtMost(chars) => {
                Kind::AtMost(u32::try_from(*chars).unwrap_or(u32::MAX).min(FOUND - 2))
            }
            TextPattern::Exists => Kind::Always,
        };
        for step in test.steps.iter().rev() {
            kind = Machine(kind).after(step);
        }
        Some(Machine(kind))
    }

    /// The automaton that is true of some words.
    pub(super) fn one_of<'a>(words: impl Iterator<Item = &'a str>, fold: bool) -> Machine {
        Machine(Kind::OneOf(Words::new(words, fold)))
    }

    /// The same automaton about what a step takes.
    fn after(self, step: &TextStep) -> Kind {
        let taken = |action, inner| Kind::Taken(Box::new(Stage::new(action, inner)));
        match step {
            TextStep::Lower => Kind::Lower(Box::new(self)),
            TextStep::Upper => Kind::Upper(Box::new(self)),
            TextStep::Domain => {
                let lower = Machine(Kind::Lower(Box::new(self)));
                let named = Machine(taken(Action::NotEmpty, lower));
                taken(Action::Cut(super::TextCut::AfterLast, Needle::new("@", false)), named)
            }
            TextStep::Trim => taken(Action::Trim, self),
            TextStep::Take(chars) => {
                taken(Action::Take(u32::try_from(*chars).unwrap_or(u32::MAX).min(FOUND)), self)
            }
            TextStep::Cut { cut, part, fold } => taken(Action::Cut(*cut, Needle::new(part, *fold)), self),
        }
    }

    /// Where it stands before the first byte.
    pub(super) fn start(&mut self) -> State {
        match &mut self.0 {
            Kind::Matches(_, start) | Kind::Finds(_, start) => start.as_u32(),
            Kind::Lower(inner) | Kind::Upper(inner) => inner.start(),
            Kind::Taken(taken) => taken.start(),
            _ => 0,
        }
    }

    /// Where it stands after one more byte.
    pub(super) fn step(&mut self, state: State, byte: u8) -> State {
        match &mut self.0 {
            Kind::Always => state,
            Kind::StartsWith(needle) | Kind::Contains(needle) if needle.is_at_end(state) => state,
            Kind::Equals(needle) | Kind::StartsWith(needle) => needle.follow(state, byte).unwrap_or(DEAD),
            Kind::EndsWith(needle) | Kind::Contains(needle) => needle.seek(state, byte),
            Kind::OneOf(words) => words.step(state, byte).unwrap_or(DEAD),
            Kind::Matches(table, _) => table.next_state(id(state), byte).as_u32(),
            Kind::Finds(..) if state == FOUND => FOUND,
            Kind::Finds(table, _) => {
                let next = table.next_state(id(state), byte);
                // A match that ended before this byte. None ends within a code point: empty ones there do not count.
                if table.is_match_state(next) && !continues(byte) { FOUND } else { next.as_u32() }
            }
            Kind::AtMost(most) => {
                if continues(byte) {
                    state
                } else {
                    (state + 1).min(*most + 1)
                }
            }
            Kind::Lower(inner) => inner.step(state, byte.to_ascii_lowercase()),
            Kind::Upper(inner) => inner.step(state, byte.to_ascii_uppercase()),
            Kind::Taken(taken) => taken.step(state, byte),
        }
    }

    /// Whether the test is true of a text that ends here.
    pub(super) fn accepts(&self, state: State) -> bool {
        match &self.0 {
            Kind::Always => true,
            Kind::Equals(needle)
            | Kind::StartsWith(needle)
            | Kind::EndsWith(needle)
            | Kind::Contains(needle) => needle.is_at_end(state),
            Kind::OneOf(words) => words.is_end(state),
            Kind::Finds(..) if state == FOUND => true,
            Kind::Matches(table, _) | Kind::Finds(table, _) => {
                table.is_match_state(table.next_eoi_state(id(state)))
            }
            Kind::AtMost(most) => state <= *most,
            Kind::Lower(inner) | Kind::Upper(inner) => inner.accepts(state),
            Kind::Taken(taken) => taken.accepts(state),
        }
    }

    /// What the test is of every text that goes on from here, if that is settled and seen.
    pub(super) fn settled(&self, state: State) -> Option<bool> {
        match &self.0 {
            Kind::Always => Some(true),
            Kind::StartsWith(needle) | Kind::Contains(needle) if needle.is_at_end(state) => Some(true),
            Kind::Equals(_) | Kind::StartsWith(_) | Kind::OneOf(_) => (state == DEAD).then_some(false),
            Kind::EndsWith(needle) => needle.is_empty().then_some(true),
            Kind::Contains(_) => None,
            Kind::Finds(..) if state == FOUND => Some(true),
            Kind::Matches(table, _) | Kind::Finds(table, _) => {
                table.is_dead_state(id(state)).then_some(false)
            }
            Kind::AtMost(most) => (state > *most).then_some(false),
            Kind::Lower(inner) | Kind::Upper(inner) => inner.settled(state),
            Kind::Taken(taken) => taken.settled(state),
        }
    }

    /// Describes a byte: bytes that are described alike lead from every state to the same one, given that they play the
    /// same part in UTF-8.
    pub(super) fn describe(&self, byte: u8, words: &mut Vec<u16>) {
        match &self.0 {
            Kind::Always | Kind::AtMost(_) => {}
            Kind::Equals(needle)
            | Kind::StartsWith(needle)
            | Kind::EndsWith(needle)
            | Kind::Contains(needle) => {
                words.push(needle.class(byte));
            }
            Kind::OneOf(set) => words.push(set.class(byte)),
            Kind::Matches(table, _) | Kind::Finds(table, _) => {
                words.push(u16::from(table.byte_classes().get(byte)));
            }
            Kind::Lower(inner) => inner.describe(byte.to_ascii_lowercase(), words),
            Kind::Upper(inner) => inner.describe(byte.to_ascii_uppercase(), words),
            Kind::Taken(taken) => taken.describe(byte, words),
        }
    }
}

/// The number as a state of a table, from which it came.
fn id(state: State) -> StateID {
    StateID::new_unchecked(state as usize)
}

/// The class of bytes of which no word or needle speaks.
const OTHER: u16 = 256;

/// A text that is compared byte by byte, or looked for.
pub(super) struct Needle {
    bytes: Vec<u8>,
    fold: bool,
    /// For each length of a beginning, that of the longest shorter one with which it also ends.
    borders: Vec<State>,
}

impl Needle {
    pub(super) fn new(text: &str, fold: bool) -> Self {
        let text = if fold { text.to_ascii_lowercase() } else { text.to_owned() };
        let mut needle = Needle { bytes: text.into_bytes(), fold, borders: vec![0, 0] };
        let mut border = 0;
        for at in 1..needle.bytes.len() {
            if let Some(byte) = needle.bytes.get(at) {
                border = needle.seek(border, *byte);
            }
            needle.borders.push(border);
        }
        needle
    }

    fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    fn same(&self, byte: u8) -> u8 {
        if self.fold { byte.to_ascii_lowercase() } else { byte }
    }

    /// So much of the needle was there; whether that is all of it.
    pub(super) fn is_at_end(&self, state: State) -> bool {
        state as usize == self.bytes.len()
    }

    /// How much of it was there if the byte is the next one.
    pub(super) fn follow(&self, state: State, byte: u8) -> Option<State> {
        (*self.bytes.get(state as usize)? == self.same(byte)).then(|| state + 1)
    }

    /// With how much of it the text ends after one more byte.
    pub(super) fn seek(&self, mut state: State, byte: u8) -> State {
        loop {
            if let Some(next) = self.follow(state, byte) {
                return next;
            }
            if state == 0 {
                return 0;
            }
            state = self.borders.get(state as usize).copied().unwrap_or(0);
        }
    }

    pub(super) fn class(&self, byte: u8) -> u16 {
        let byte = self.same(byte);
        if self.bytes.contains(&byte) { u16::from(byte) } else { OTHER }
    }
}

/// Some words as a tree of their bytes.
struct Words {
    /// Where each byte leads; the node 0 is the root.
    nodes: Vec<BTreeMap<u8, State>>,
    ends: BTreeSet<State>,
    bytes: BTreeSet<u8>,
    fold: bool,
}

impl Words {
    fn new<'a>(words: impl Iterator<Item = &'a str>, fold: bool) -> Self {
        let mut tree =
            Words { nodes: vec![BTreeMap::new()], ends: BTreeSet::new(), bytes: BTreeSet::new(), fold };
        for word in words {
            let mut node: State = 0;
            for byte in word.bytes() {
                node = tree.grow(node, byte);
            }
            tree.ends.insert(node);
        }
        tree
    }

    fn same(&self, byte: u8) -> u8 {
        if self.fold { byte.to_ascii_lowercase() } else { byte }
    }

    /// The node that a byte leads to, made if there is none.
    fn grow(&mut self, node: State, byte: u8) -> State {
        let byte = self.same(byte);
        self.bytes.insert(byte);
        if let Some(next) = self.step(node, byte) {
            return next;
        }
        let next = State::try_from(self.nodes.len()).unwrap_or(DEAD);
        if let Some(node) = self.nodes.get_mut(node as usize) {
            node.insert(byte, next);
        }
        self.nodes.push(BTreeMap::new());
        next
    }

    fn step(&self, state: State, byte: u8) -> Option<State> {
        self.nodes.get(state as usize)?.get(&self.same(byte)).copied()
    }

    fn is_end(&self, state: State) -> bool {
        self.ends.contains(&state)
    }

    fn class(&self, byte: u8) -> u16 {
        let byte = self.same(byte);
        if self.bytes.contains(&byte) { u16::from(byte) } else { OTHER }
    }
}
