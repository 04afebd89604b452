//! The cheapest text that a product of automata accepts, or the proof that it accepts none.
//!
//! The walk goes byte by byte through valid UTF-8 only, along one byte for each class that no automaton tells apart.
//! States of the product are made as they are met and counted against a budget.

use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BinaryHeap, HashMap};

use super::chars_of;
use super::machine::{Machine, State, continues};

/// An automaton, and whether it shall accept.
pub(super) struct Side {
    pub(super) machine: Machine,
    pub(super) wanted: bool,
}

/// How many code points the text may have.
#[derive(Clone, Copy)]
pub(super) struct Length {
    pub(super) at_least: u64,
    pub(super) at_most: u64,
}

/// What a search came to.
pub(super) enum Walked {
    /// The cheapest text.
    Text(String),
    /// All that can be reached was met, and nothing was accepted.
    Empty,
    /// The budget did not suffice.
    Spent,
}

/// Finds a text that all automata want.
pub(super) fn search(sides: &mut [Side], length: Length, budget: &mut usize) -> Walked {
    if length.at_least > length.at_most {
        return Walked::Empty;
    }
    let Ok(at_least) = State::try_from(length.at_least) else { return Walked::Spent };
    // Short is nice, but not what is asked for: a second walk is needed only where the nicest text is too long.
    match Walk::new(sides, at_least, nice).run(budget) {
        Walked::Text(text) if chars_of(&text) > length.at_most => {}
        other => return other,
    }
    match Walk::new(sides, at_least, short).run(budget) {
        Walked::Text(text) if chars_of(&text) > length.at_most => Walked::Empty,
        other => other,
    }
}

/// What a byte costs in a text for readers; a code point of usual letters costs 1000.
fn nice(byte: u8) -> u64 {
    match byte {
        b'a' => 1000,
        b'b'..=b'z' => 1001,
        b'0'..=b'9' => 1010,
        b'-' | b'.' | b'_' | b'@' | b'/' | b':' => 1020,
        b'A'..=b'Z' => 1030,
        b' ' => 1200,
        b'!'..=b'~' => 1100,
        // Continuations, best those of accented letters.
        0xa9 => 0,
        0x80..=0xbf => 1,
        0xc3 | 0xc4 | 0xe4 | 0xe5 => 3000,
        0xc5..=0xec | 0xf0..=0xff => 4000,
        b'\t' | b'\n' | b'\r' => 40_000,
        0 => 60_000,
        // Controls; what stands behind C2, ED, EE and EF may be one, or have no glyph.
        _ => 50_000,
    }
}

/// What a byte costs where the number of code points decides, and among equal ones niceness.
fn short(byte: u8) -> u64 {
    if continues(byte) { nice(byte) } else { (1 << 40) + nice(byte) }
}

/// What an empty text costs beyond its bytes: a letter or two are easier to see.
const EMPTY: u64 = 2500;

/// What it costs to begin with `@`: more than a letter before it.
const NO_NAME: u64 = 1500;

/// A state of the product that was met.
struct Met {
    /// Where one comes from, by which byte. Of the first, itself.
    from: (usize, u8),
    cost: u64,
    is_done: bool,
}

struct Walk<'a> {
    sides: &'a mut [Side],
    /// How many code points the text has at least. They are counted so far, and one is told from none.
    at_least: State,
    cost_of: fn(u8) -> u64,
    /// The cheapest byte of each class.
    alphabet: Vec<u8>,
    /// UTF-8, code points, then the automata.
    states: Vec<Box<[State]>>,
    met: Vec<Met>,
    numbers: HashMap<Box<[State]>, usize>,
    /// What is to be visited: the cost, whether the text shall end there, where.
    queue: BinaryHeap<Reverse<(u64, bool, usize)>>,
}

impl<'a> Walk<'a> {
    fn new(sides: &'a mut [Side], at_least: State, cost_of: fn(u8) -> u64) -> Self {
        let alphabet = alphabet(sides, cost_of);
        Walk {
            sides,
            at_least,
            cost_of,
            alphabet,
            states: Vec::new(),
            met: Vec::new(),
            numbers: HashMap::new(),
            queue: BinaryHeap::new(),
        }
    }

    fn run(mut self, budget: &mut usize) -> Walked {
        let start = [BOUNDARY, 0].into_iter().chain(self.sides.iter_mut().map(|side| side.machine.start()));
        let start: Box<[State]> = start.collect();
        self.meet(start, (0, 0), 0);
        while let Some(Reverse((_, ends, number))) = self.queue.pop() {
            if ends {
                return self.text(number).map_or(Walked::Spent, Walked::Text);
            }
            let Some(met) = self.met.get_mut(number) else { continue };
            if std::mem::replace(&mut met.is_done, true) {
                continue;
            }
            let Some(rest) = budget.checked_sub(1) else { return Walked::Spent };
            *budget = rest;
            let cost = met.cost;
            let is_first = number == 0;
            let Some(states) = self.states.get(number).cloned() else { continue };
            if self.accepts(&states) {
                let extra = if is_first { EMPTY } else { 0 };
                self.queue.push(Reverse((cost + extra, true, number)));
            }
            for at in 0..self.alphabet.len() {
                let Some(byte) = self.alphabet.get(at).copied() else { break };
                if let Some(next) = self.next(&states, byte) {
                    let extra = if is_first && byte == b'@' { NO_NAME } else { 0 };
                    self.meet(next, (number, byte), cost + extra + (self.cost_of)(byte));
                }
            }
        }
        Walked::Empty
    }

    /// Puts a state into the queue, unless nothing acceptable follows or a cheaper way to it is known.
    fn meet(&mut self, states: Box<[State]>, from: (usize, u8), cost: u64) {
        match self.numbers.entry(states) {
            Entry::Occupied(known) => {
                let number = *known.get();
                if let Some(met) = self.met.get_mut(number)
                    && !met.is_done
                    && cost < met.cost
                {
                    (met.from, met.cost) = (from, cost);
                    self.queue.push(Reverse((cost, false, number)));
                }
            }
            Entry::Vacant(new) => {
                let number = self.met.len();
                let hopeless = self.sides.iter().zip(new.key().iter().skip(2)).any(|(side, state)| {
                    side.machine.settled(*state).is_some_and(|settled| settled != side.wanted)
                });
                self.states.push(new.key().clone());
                new.insert(number);
                self.met.push(Met { from, cost, is_done: hopeless });
                if !hopeless {
                    self.queue.push(Reverse((cost, false, number)));
                }
            }
        }
    }

    /// Where a byte leads, if UTF-8 allows it.
    fn next(&mut self, states: &[State], byte: u8) -> Option<Box<[State]>> {
        let (utf8, counted) = (states.first()?, states.get(1)?);
        let utf8 = utf8_step(*utf8, byte)?;
        let counted = if continues(byte) { *counted } else { (counted + 1).min(self.at_least.max(1)) };
        let sides = self.sides.iter_mut().zip(states.iter().skip(2));
        let sides = sides.map(|(side, state)| side.machine.step(*state, byte));
        Some([utf8, counted].into_iter().chain(sides).collect())
    }

    fn accepts(&self, states: &[State]) -> bool {
        states.first() == Some(&BOUNDARY)
            && states.get(1).is_some_and(|counted| *counted >= self.at_least)
            && (self.sides.iter().zip(states.iter().skip(2)))
                .all(|(side, state)| side.machine.accepts(*state) == side.wanted)
    }

    /// The text on whose way a state was met.
    fn text(&self, mut number: usize) -> Option<String> {
        let mut bytes = Vec::new();
        while number != 0 {
            let (from, byte) = self.met.get(number)?.from;
            bytes.push(byte);
            number = from;
        }
        bytes.reverse();
        String::from_utf8(bytes).ok()
    }
}

/// One byte for each class of bytes that UTF-8 and the automata treat alike, the cheapest.
fn alphabet(sides: &[Side], cost_of: fn(u8) -> u64) -> Vec<u8> {
    let mut classes: BTreeMap<Vec<u16>, u8> = BTreeMap::new();
    for byte in 0..=u8::MAX {
        let Some(class) = utf8_class(byte) else { continue };
        let mut words = vec![class];
        for side in sides {
            side.machine.describe(byte, &mut words);
        }
        let best = classes.entry(words).or_insert(byte);
        if cost_of(byte) < cost_of(*best) {
            *best = byte;
        }
    }
    let mut bytes: Vec<u8> = classes.into_values().collect();
    bytes.sort_by_key(|byte| (cost_of(*byte), *byte));
    bytes
}

/// States of the automaton of UTF-8: between code points, before so many continuations, and after the first bytes that
/// restrict the second (RFC 3629, section 4).
const BOUNDARY: State = 0;
const ONE: State = 1;
const TWO: State = 2;
const THREE: State = 3;
const AFTER_E0: State = 4;
const AFTER_ED: State = 5;
const AFTER_F0: State = 6;
const AFTER_F4: State = 7;

pub(super) fn utf8_step(state: State, byte: u8) -> Option<State> {
    match (state, byte) {
        (BOUNDARY, 0..=0x7f) | (ONE, 0x80..=0xbf) => Some(BOUNDARY),
        (BOUNDARY, 0xc2..=0xdf) | (TWO, 0x80..=0xbf) | (AFTER_E0, 0xa0..=0xbf) | (AFTER_ED, 0x80..=0x9f) => {
            Some(ONE)
        }
        (BOUNDARY, 0xe0) => Some(AFTER_E0),
        (BOUNDARY, 0xed) => Some(AFTER_ED),
        (BOUNDARY, 0xe1..=0xef)
        | (THREE, 0x80..=0xbf)
        | (AFTER_F0, 0x90..=0xbf)
        | (AFTER_F4, 0x80..=0x8f) => Some(TWO),
        (BOUNDARY, 0xf0) => Some(AFTER_F0),
        (BOUNDARY, 0xf1..=0xf3) => Some(THREE),
        (BOUNDARY, 0xf4) => Some(AFTER_F4),
        _ => None,
    }
}

/// The class of a byte for `utf8_step`; none if it never occurs.
pub(super) fn utf8_class(byte: u8) -> Option<u16> {
    Some(match byte {
        0..=0x7f => 0,
        0x80..=0x8f => 1,
        0x90..=0x9f => 2,
        0xa0..=0xbf => 3,
        0xc2..=0xdf => 4,
        0xe0 => 5,
        0xed => 6,
        0xe1..=0xef => 7,
        0xf0 => 8,
        0xf1..=0xf3 => 9,
        0xf4 => 10,
        _ => return None,
    })
}
