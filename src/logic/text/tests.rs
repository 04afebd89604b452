//! The theory against brute force: all texts up to four code points over a small alphabet, and random tests of them.

mod answers;

use super::machine::Machine;
use super::search::{utf8_class, utf8_step};
use super::*;

const ALPHABET: [char; 7] = ['a', 'b', 'A', '@', '.', 'é', ' '];
const MAX_CHARS: u64 = 4;
const ENOUGH: usize = 1_000_000;

const REGEXES: [&str; 20] = [
    "",
    "a*b",
    "[ab]+",
    ".",
    ".*@.*",
    "(a|é)+",
    r"\Ba",
    r"\b",
    r"\B",
    "^a",
    "b$",
    "[^a]+",
    "[A-Z]",
    r"\w+@\w+",
    "é|b",
    "a{2,3}",
    r"(?:a|b)?\.",
    r"\B.\B",
    r"\s\S",
    r"^$|é\B",
];

const CUTS: [TextCut; 8] = [
    TextCut::AfterPrefix,
    TextCut::StripPrefix,
    TextCut::BeforeSuffix,
    TextCut::StripSuffix,
    TextCut::Before,
    TextCut::After,
    TextCut::BeforeLast,
    TextCut::AfterLast,
];

/// Numbers that look random, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    fn word(&mut self, longest: usize) -> Arc<str> {
        (0..self.below(longest + 1)).map(|_| *self.one(&ALPHABET)).collect::<String>().into()
    }

    fn step(&mut self) -> TextStep {
        match self.below(9) {
            0 => TextStep::Lower,
            1 => TextStep::Upper,
            2 | 3 => TextStep::Domain,
            4 => TextStep::Trim,
            5 => TextStep::Take(self.below(4) as u64),
            _ => TextStep::Cut { cut: *self.one(&CUTS), part: self.word(2), fold: self.below(2) == 0 },
        }
    }

    fn pattern(&mut self) -> TextPattern {
        match self.below(10) {
            0 | 1 => TextPattern::Equals(self.word(3)),
            2 | 3 => TextPattern::StartsWith(self.word(2)),
            4 => TextPattern::EndsWith(self.word(2)),
            5 => TextPattern::Contains(self.word(2)),
            6 => TextPattern::Matches((*self.one(&REGEXES)).into()),
            7 => TextPattern::Finds((*self.one(&REGEXES)).into()),
            8 => TextPattern::AtMost(self.below(5) as u64),
            _ => TextPattern::Exists,
        }
    }

    fn test(&mut self) -> TextTest {
        let steps = [0, 0, 0, 1, 1, 2][self.below(6)];
        TextTest {
            steps: (0..steps).map(|_| self.step()).collect(),
            pattern: self.pattern(),
            fold: self.below(3) == 0,
        }
    }
}

fn texts() -> Vec<String> {
    let mut texts = vec![String::new()];
    let mut last = texts.clone();
    for _ in 0..MAX_CHARS {
        last = last.iter().flat_map(|text| ALPHABET.iter().map(move |c| format!("{text}{c}"))).collect();
        texts.extend(last.clone());
    }
    texts
}

/// Random tests, and of each which texts fit it.
struct Pool {
    texts: Vec<String>,
    tests: Vec<(TextTest, Vec<u64>)>,
    automata: Automata,
}

impl Pool {
    fn new(seed: u64, size: usize) -> Self {
        let (mut dice, mut automata) = (Dice(seed), Automata::default());
        let all = texts();
        let mut row = || {
            let test = dice.test();
            let mut bits = vec![0; all.len().div_ceil(64)];
            for (at, text) in all.iter().enumerate() {
                bits[at / 64] |= u64::from(automata.holds(&test, text)) << (at % 64);
            }
            (test, bits)
        };
        let tests = (0..size).map(|_| row()).collect();
        Pool { texts: all, tests, automata }
    }

    /// A text that fits all, by trying all.
    fn tried(&self, literals: &[(usize, bool)]) -> Option<&str> {
        let fits = |block: usize| {
            literals.iter().fold(u64::MAX, |all, (test, wanted)| {
                let bits = self.tests[*test].1[block];
                all & if *wanted { bits } else { !bits }
            })
        };
        let blocks = self.texts.chunks(64).enumerate();
        let mut found = blocks.filter_map(|(at, texts)| texts.get(fits(at).trailing_zeros() as usize));
        found.next().map(String::as_str)
    }
}

/// Walks a text; whether the test is true of it, and whether what was settled on the way is so.
fn check(asked: &TextTest, machine: &mut Machine, text: &str, holds: bool) {
    let mut state = machine.start();
    let mut settled = machine.settled(state);
    for byte in text.bytes() {
        state = machine.step(state, byte);
        settled = settled.or(machine.settled(state));
    }
    assert_eq!(machine.accepts(state), holds, "{asked:?} {text:?}");
    assert!(settled.is_none_or(|settled| settled == holds), "{asked:?} {text:?} is settled wrongly");
}

#[test]
fn automata_agree_with_plain_functions() {
    let mut pool = Pool::new(1, 100);
    for (test, bits) in &pool.tests {
        let mut machine = Machine::of(test, &mut pool.automata).unwrap();
        for (at, text) in pool.texts.iter().enumerate() {
            check(test, &mut machine, text, bits[at / 64] >> (at % 64) & 1 == 1);
        }
    }
}

#[test]
fn automata_of_all_kinds_agree() {
    let words = ["", "a", "aa", "ab", "aba", "aab", "é", "@", "A"].map(Arc::<str>::from);
    let mut tests = Vec::new();
    for word in &words {
        type Kind = fn(Arc<str>) -> TextPattern;
        let kinds: [Kind; 4] =
            [TextPattern::Equals, TextPattern::StartsWith, TextPattern::EndsWith, TextPattern::Contains];
        tests.extend(kinds.map(|kind| (vec![], kind(word.clone()))));
        for cut in CUTS {
            for pattern in [TextPattern::Equals("a".into()), TextPattern::AtMost(1), TextPattern::Exists] {
                tests.push((vec![TextStep::Cut { cut, part: word.clone(), fold: false }], pattern));
            }
        }
    }
    for source in REGEXES {
        tests.extend([TextPattern::Matches, TextPattern::Finds].map(|kind| (vec![], kind(source.into()))));
    }
    let mut few = texts();
    few.truncate(400);
    few.extend(["ababa", "aabaab", "aabaaab", "abababa"].map(str::to_owned));
    let mut automata = Automata::default();
    for (steps, pattern) in tests {
        for fold in [false, true] {
            let test = TextTest { steps: steps.clone(), pattern: pattern.clone(), fold };
            let mut machine = Machine::of(&test, &mut automata).unwrap();
            for text in &few {
                check(&test, &mut machine, text, automata.holds(&test, text));
            }
        }
    }
}

#[test]
fn only_utf8_is_walked() {
    let mut classes = std::collections::BTreeMap::new();
    for first in 0..=u8::MAX {
        let state = utf8_step(0, first);
        for second in 0..=u8::MAX {
            let bytes = [first, second];
            let state = state.and_then(|state| utf8_step(state, second));
            let is_valid = match std::str::from_utf8(&bytes) {
                Ok(_) => Some(true),
                Err(error) => error.error_len().is_none().then_some(false),
            };
            assert_eq!(state.map(|state| state == 0), is_valid, "{bytes:x?}");
        }
        let all: Vec<_> = (0..8).map(|state| utf8_step(state, first)).collect();
        let known =
            utf8_class(first).map(|class| classes.entry(class).or_insert_with(|| all.clone()).clone());
        assert_eq!(known.unwrap_or_else(|| vec![None; 8]), all, "{first:x}");
    }
    for c in
        ['\u{7ff}', '\u{800}', '\u{d7ff}', '\u{e000}', '\u{ffff}', '\u{10000}', '\u{40000}', '\u{10ffff}']
    {
        let state = c.to_string().bytes().try_fold(0, utf8_step);
        assert_eq!(state, Some(0), "{c:?}");
    }
}

/// Asks for random literals; `closed` confines the texts to the alphabet, so that brute force is the whole truth.
fn compare(seed: u64, rounds: usize, closed: bool) {
    let mut pool = Pool::new(seed, 120);
    let mut dice = Dice(seed + 1);
    let alphabet =
        TextTest { steps: vec![], pattern: TextPattern::Matches("[abA@.é ]*".into()), fold: false };
    let world = TextWorld { max_chars: MAX_CHARS, words: None };
    let mut counts = [0, 0];
    for _ in 0..rounds {
        let literals: Vec<(usize, bool)> =
            (0..=dice.below(4)).map(|_| (dice.below(pool.tests.len()), dice.below(3) > 0)).collect();
        let tried = pool.tried(&literals).map(str::to_owned);
        let mut asked: Vec<_> =
            literals.iter().map(|(test, wanted)| (&pool.tests[*test].0, *wanted)).collect();
        if closed {
            asked.push((&alphabet, true));
        }
        match pool.automata.find(&asked, &world, &[], &mut ENOUGH.clone()) {
            Found::Text(text) => {
                counts[0] += 1;
                assert!(chars_of(&text) <= MAX_CHARS, "{asked:?} {text:?}");
                for (test, wanted) in &asked {
                    assert_eq!(test.holds(&text), *wanted, "{asked:?} {text:?}");
                }
                assert!(!closed || tried.is_some(), "{asked:?} {text:?}");
            }
            Found::None(core) => {
                counts[1] += 1;
                assert_eq!(tried, None, "{asked:?}");
                let few: Vec<_> = core.iter().filter_map(|place| literals.get(*place)).copied().collect();
                assert_eq!(pool.tried(&few), None, "{asked:?} {core:?}");
                // The core alone is refuted, and all of it is needed.
                let core: Vec<_> = core.iter().map(|place| asked[*place]).collect();
                let again = pool.automata.find(&core, &world, &[], &mut ENOUGH.clone());
                assert_eq!(again, Found::None((0..core.len()).collect()), "{core:?}");
            }
            Found::Unknown => panic!("unknown: {asked:?}"),
        }
    }
    assert!(counts.iter().all(|count| *count > rounds / 20), "{counts:?}");
}

#[test]
fn brute_force_over_the_alphabet_is_the_truth() {
    compare(10, 1500, true);
}

#[test]
fn brute_force_over_the_alphabet_is_part_of_the_truth() {
    compare(20, 1500, false);
}

#[test]
fn what_is_implied_is_so() {
    let mut pool = Pool::new(30, 200);
    let mut counts = [0, 0];
    for (a, fits_a) in &pool.tests {
        for (b, fits_b) in &pool.tests {
            let Some(implied) = pool.automata.implies(a, b) else { continue };
            counts[usize::from(implied)] += 1;
            let both = fits_a.iter().zip(fits_b);
            let is_so = both.map(|(a, b)| a & if implied { !b } else { *b }).all(|wrong| wrong == 0);
            assert!(is_so, "{a:?} says {implied} of {b:?}");
        }
    }
    assert!(counts.iter().all(|count| *count > 300), "{counts:?}");
}
