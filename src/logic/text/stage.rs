//! A test of what is taken from a string, as an automaton over the string itself.
//!
//! The automaton of the test is fed as far as is known what is taken. Where that is known only later, its earlier states
//! are kept.

use std::collections::HashMap;

use super::machine::{Machine, Needle, State, continues};
use super::{BLANKS, TextCut};

/// What is taken.
pub(super) enum Action {
    /// The same, if it is not empty.
    NotEmpty,
    /// See [`super::TextStep::Trim`].
    Trim,
    /// See [`super::TextStep::Take`].
    Take(u32),
    /// See [`super::TextStep::Cut`].
    Cut(TextCut, Needle),
}

/// A test of what is taken from a string.
pub(super) struct Stage {
    action: Action,
    inner: Machine,
    places: Vec<Place>,
    numbers: HashMap<Place, State>,
}

/// Where a stage stands. What the fields mean depends on the action.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Place {
    /// How much of the part was there; how many code points were taken; whether anything was.
    count: Count,
    /// Where the test stands; none before the taken stretch begins.
    now: Option<State>,
    /// Where the test stood at the end of what is taken as far as is known.
    kept: Option<State>,
    /// Where it stood before each byte of the part that was there, the first byte's first.
    trail: Vec<State>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Count {
    At(u32),
    /// The string does not start with the prefix, or nothing more is looked for.
    Over,
}

impl Place {
    /// Where the test stood before the first byte that may still be cut off.
    fn oldest(&self) -> Option<State> {
        self.trail.first().copied().or(self.now)
    }
}

impl Stage {
    pub(super) fn new(action: Action, inner: Machine) -> Self {
        Stage { action, inner, places: Vec::new(), numbers: HashMap::new() }
    }

    fn number(&mut self, place: Place) -> State {
        if let Some(number) = self.numbers.get(&place) {
            return *number;
        }
        let number = State::try_from(self.places.len()).unwrap_or(State::MAX);
        self.places.push(place.clone());
        self.numbers.insert(place, number);
        number
    }

    pub(super) fn start(&mut self) -> State {
        let begin = Some(self.inner.start());
        let mut place = Place { count: Count::At(0), now: begin, kept: None, trail: Vec::new() };
        match &self.action {
            Action::Trim => place.kept = begin,
            Action::NotEmpty | Action::Take(_) => {}
            Action::Cut(cut, part) => {
                let is_there = part.is_at_end(0);
                match cut {
                    TextCut::AfterPrefix | TextCut::After | TextCut::AfterLast if !is_there => {
                        place.now = None;
                    }
                    TextCut::Before | TextCut::BeforeLast if is_there => place.kept = begin,
                    _ => {}
                }
            }
        }
        self.number(place)
    }

    pub(super) fn step(&mut self, state: State, byte: u8) -> State {
        let Some(mut place) = self.places.get(state as usize).cloned() else { return state };
        let inner = &mut self.inner;
        match &self.action {
            Action::NotEmpty => {
                place.count = Count::At(1);
                place.now = place.now.map(|now| inner.step(now, byte));
            }
            Action::Trim => trim(&mut place, inner, byte),
            Action::Take(chars) => take(&mut place, inner, *chars, byte),
            Action::Cut(TextCut::AfterPrefix | TextCut::StripPrefix, part) => {
                prefix(&mut place, inner, part, byte);
            }
            Action::Cut(cut @ (TextCut::After | TextCut::AfterLast), part) => {
                after(&mut place, inner, part, *cut, byte);
            }
            Action::Cut(cut, part) => before(&mut place, inner, part, *cut, byte),
        }
        self.number(place)
    }

    /// Where the test stands if the string ends here; none if nothing is taken.
    fn end(&self, place: &Place) -> Option<State> {
        let is_whole = |part: &Needle| matches!(place.count, Count::At(n) if part.is_at_end(n));
        match &self.action {
            Action::NotEmpty if place.count == Count::At(0) => None,
            Action::Trim | Action::Cut(TextCut::Before | TextCut::BeforeLast, _) => place.kept,
            Action::Cut(TextCut::BeforeSuffix, part) => place.oldest().filter(|_| is_whole(part)),
            Action::Cut(TextCut::StripSuffix, part) if is_whole(part) => place.oldest(),
            _ => place.now,
        }
    }

    pub(super) fn accepts(&self, state: State) -> bool {
        let place = self.places.get(state as usize);
        place.and_then(|place| self.end(place)).is_some_and(|end| self.inner.accepts(end))
    }

    pub(super) fn settled(&self, state: State) -> Option<bool> {
        let place = self.places.get(state as usize)?;
        let settled = |at: Option<State>| at.and_then(|at| self.inner.settled(at));
        let no = |at: Option<State>| (settled(at) == Some(false)).then_some(false);
        let Action::Cut(cut, _) = &self.action else {
            return match &self.action {
                Action::NotEmpty if place.count == Count::At(0) => no(place.now),
                Action::Take(_) if place.count == Count::Over => Some(self.accepts(state)),
                Action::Trim => settled(place.kept),
                _ => settled(place.now),
            };
        };
        match cut {
            TextCut::AfterPrefix if place.count == Count::Over && place.now.is_none() => Some(false),
            TextCut::AfterPrefix | TextCut::After => settled(place.now),
            TextCut::StripPrefix if place.count == Count::Over => settled(place.now),
            TextCut::StripPrefix | TextCut::AfterLast => None,
            TextCut::Before if place.kept.is_some() => Some(self.accepts(state)),
            TextCut::BeforeLast if place.kept.is_some() => settled(place.kept),
            TextCut::Before | TextCut::BeforeLast | TextCut::BeforeSuffix => no(place.oldest()),
            TextCut::StripSuffix => settled(place.oldest()),
        }
    }

    pub(super) fn describe(&self, byte: u8, words: &mut Vec<u16>) {
        match &self.action {
            Action::Trim => words.push(u16::from(BLANKS.contains(&byte))),
            Action::NotEmpty | Action::Take(_) => {}
            Action::Cut(_, part) => words.push(part.class(byte)),
        }
        self.inner.describe(byte, words);
    }
}

fn trim(place: &mut Place, inner: &mut Machine, byte: u8) {
    let is_blank = BLANKS.contains(&byte);
    if is_blank && place.count == Count::At(0) {
        return;
    }
    place.count = Count::At(1);
    place.now = place.now.map(|now| inner.step(now, byte));
    if !is_blank {
        place.kept = place.now;
    }
}

fn take(place: &mut Place, inner: &mut Machine, chars: u32, byte: u8) {
    if let Count::At(taken) = place.count
        && !continues(byte)
    {
        place.count = if taken < chars { Count::At(taken + 1) } else { Count::Over };
    }
    if place.count != Count::Over {
        place.now = place.now.map(|now| inner.step(now, byte));
    }
}

/// After a prefix, the test begins anew; without it, it has gone on from the beginning or never began.
fn prefix(place: &mut Place, inner: &mut Machine, part: &Needle, byte: u8) {
    let Count::At(n) = place.count else {
        place.now = place.now.map(|now| inner.step(now, byte));
        return;
    };
    let followed = part.follow(n, byte);
    place.count = followed.map_or(Count::Over, Count::At);
    place.now = if followed.is_some_and(|n| part.is_at_end(n)) {
        Some(inner.start())
    } else {
        place.now.map(|now| inner.step(now, byte))
    };
}

/// After the part, the test begins, each time anew where the last occurrence is meant.
fn after(place: &mut Place, inner: &mut Machine, part: &Needle, cut: TextCut, byte: u8) {
    let is_going = place.now.is_some();
    place.now = place.now.map(|now| inner.step(now, byte));
    if is_going && cut == TextCut::After {
        place.count = Count::Over;
    }
    let Count::At(n) = place.count else { return };
    let n = part.seek(n, byte);
    place.count = Count::At(n);
    if part.is_at_end(n) {
        place.now = Some(inner.start());
    }
}

/// The test goes on from the beginning, and is set back by the part where that occurs.
fn before(place: &mut Place, inner: &mut Machine, part: &Needle, cut: TextCut, byte: u8) {
    if cut == TextCut::Before && place.kept.is_some() {
        (place.count, place.now) = (Count::Over, None);
        place.trail.clear();
        return;
    }
    let (Count::At(n), Some(now)) = (place.count, place.now) else { return };
    let n = part.seek(n, byte);
    place.count = Count::At(n);
    place.trail.push(now);
    place.now = Some(inner.step(now, byte));
    let gone = place.trail.len().saturating_sub(n as usize);
    place.trail.drain(..gone);
    if part.is_at_end(n) && matches!(cut, TextCut::Before | TextCut::BeforeLast) {
        place.kept = place.oldest();
    }
}
