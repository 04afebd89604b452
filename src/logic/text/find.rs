//! Finds a text for literals, or a few of them that exclude all.
//!
//! Cheap things first: the words of an enumeration one by one, two literals that exclude each other, texts that suggest
//! themselves. Then automata, and of those only as many as are needed: the literals that the last text violates join
//! until a text violates none, or nothing is left.

use std::collections::BTreeSet;

use super::guess::guesses;
use super::machine::Machine;
use super::search::{Length, Side, Walked, search};
use super::{Automata, Found, TextPattern, TextTest, TextWorld, chars_of};

/// What is asked: tests, and whether each shall be true.
type Literals<'a> = [(&'a TextTest, bool)];

/// Finds a text, of those that the world allows, that fits all literals: preferably a short and readable one, and none of
/// `avoid`. The budget says how many states of products of automata may still be visited.
///
/// A [`Found::None`] is a proof; a [`Found::Text`] was tried on every literal.
pub fn find(literals: &[(&TextTest, bool)], world: &TextWorld, avoid: &[&str], budget: &mut usize) -> Found {
    Automata::default().find(literals, world, avoid, budget)
}

impl Automata {
    /// As [`find`](super::find), with regular expressions that were prepared for earlier questions.
    pub fn find(
        &mut self,
        literals: &[(&TextTest, bool)],
        world: &TextWorld,
        avoid: &[&str],
        budget: &mut usize,
    ) -> Found {
        if let Some(words) = &world.words {
            let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
            return self.find_word(literals, &words, avoid);
        }
        let length = length_of(literals.iter(), world);
        if let Some(core) = self.excluded_by_two(literals, world) {
            return Found::None(core);
        }
        let mut first = BTreeSet::new();
        for (place, text) in guesses(literals, length, avoid.len()).into_iter().enumerate() {
            let fits = chars_of(&text) <= world.max_chars
                && literals.iter().all(|(test, wanted)| self.holds(test, &text) == *wanted);
            if fits && !avoid.contains(&text.as_str()) {
                return Found::Text(text);
            }
            if place == 0 {
                first = self.violated(literals, &text);
            }
        }
        let mut question = Question { automata: self, literals, world, budget };
        match question.settle(first.clone(), &[]) {
            Found::Text(text) if avoid.contains(&text.as_str()) => match question.settle(first, avoid) {
                Found::Text(other) => Found::Text(other),
                Found::None(_) | Found::Unknown => Found::Text(text),
            },
            other => other,
        }
    }

    /// The places of the literals that a text does not fit.
    fn violated(&mut self, literals: &Literals<'_>, text: &str) -> BTreeSet<usize> {
        let wrong = |(place, (test, wanted)): (usize, &(&TextTest, bool))| {
            (self.holds(test, text) != *wanted).then_some(place)
        };
        literals.iter().enumerate().filter_map(wrong).collect()
    }

    /// One of some words.
    fn find_word(&mut self, literals: &Literals<'_>, words: &[&str], avoid: &[&str]) -> Found {
        let mut violations = Vec::new();
        let mut avoided = None;
        for word in words {
            let violated = self.violated(literals, word);
            if !violated.is_empty() {
                violations.push(violated);
            } else if avoid.contains(word) {
                avoided = avoided.or(Some(*word));
            } else {
                return Found::Text((*word).to_owned());
            }
        }
        if let Some(word) = avoided {
            return Found::Text(word.to_owned());
        }
        // Those that exclude few words go first, if the rest excludes all.
        let mut core: BTreeSet<usize> = (0..literals.len()).collect();
        let mut places: Vec<usize> = core.iter().copied().collect();
        places.sort_by_key(|place| violations.iter().filter(|violated| violated.contains(place)).count());
        for place in places {
            core.remove(&place);
            if violations.iter().any(|violated| violated.is_disjoint(&core)) {
                core.insert(place);
            }
        }
        Found::None(core.into_iter().collect())
    }

    /// One or two literals that exclude all texts, where that is seen without automata.
    fn excluded_by_two(&mut self, literals: &Literals<'_>, world: &TextWorld) -> Option<Vec<usize>> {
        for (place, (test, wanted)) in literals.iter().enumerate() {
            for (other, (tested, expected)) in literals.iter().enumerate() {
                if *wanted && self.implies(test, tested).is_some_and(|implied| implied != *expected) {
                    let core = BTreeSet::from([place, other]);
                    return Some(core.into_iter().collect());
                }
            }
        }
        excluded_by_length(literals, world)
    }
}

/// The number of code points that the literals leave, and the world.
fn length_of<'a>(literals: impl Iterator<Item = &'a (&'a TextTest, bool)>, world: &TextWorld) -> Length {
    let mut length = Length { at_least: 0, at_most: world.max_chars };
    for (test, wanted) in literals {
        match test.bound() {
            Some(bound) if *wanted => length.at_most = length.at_most.min(bound),
            Some(bound) => length.at_least = length.at_least.max(bound.saturating_add(1)),
            None => {}
        }
    }
    length
}

/// The literals that leave no number of code points.
fn excluded_by_length(literals: &Literals<'_>, world: &TextWorld) -> Option<Vec<usize>> {
    let bounds = |wanted: bool| {
        let bounds = literals.iter().enumerate().filter(move |(_, (_, other))| *other == wanted);
        bounds.filter_map(|(place, (test, _))| Some((test.bound()?, place)))
    };
    let (too_few, longest) = bounds(false).max()?;
    if too_few >= world.max_chars {
        return Some(vec![longest]);
    }
    let (most, shortest) = bounds(true).min()?;
    let core = BTreeSet::from([longest, shortest]);
    (too_few >= most).then(|| core.into_iter().collect())
}

/// A question that cheap means do not answer.
struct Question<'a> {
    automata: &'a mut Automata,
    literals: &'a Literals<'a>,
    world: &'a TextWorld,
    budget: &'a mut usize,
}

impl Question<'_> {
    /// Answers it, beginning with the automata of some literals.
    fn settle(&mut self, mut active: BTreeSet<usize>, avoid: &[&str]) -> Found {
        let before = *self.budget;
        loop {
            let text = match self.walk(&active, avoid) {
                Walked::Text(text) => text,
                Walked::Empty if avoid.is_empty() => {
                    let spent = before.saturating_sub(*self.budget);
                    return Found::None(self.shrunk(active, spent).into_iter().collect());
                }
                Walked::Empty | Walked::Spent => return Found::Unknown,
            };
            let violated = self.automata.violated(self.literals, &text);
            if violated.is_empty() {
                return Found::Text(text);
            }
            if violated.is_subset(&active) {
                // These have no automaton; or an automaton errs, and then its text is not to be trusted.
                return Found::Unknown;
            }
            active.extend(violated);
        }
    }

    /// As few of some literals that exclude all texts as can be had for a few times what the proof has cost.
    fn shrunk(&mut self, mut core: BTreeSet<usize>, spent: usize) -> BTreeSet<usize> {
        let reserve = self.budget.saturating_sub(spent.saturating_mul(8).saturating_add(1000));
        *self.budget -= reserve;
        for place in core.clone() {
            core.remove(&place);
            if !matches!(self.walk(&core, &[]), Walked::Empty) {
                core.insert(place);
            }
        }
        *self.budget += reserve;
        core
    }

    /// The best text for some literals. Those that have no automaton are left out.
    fn walk(&mut self, active: &BTreeSet<usize>, avoid: &[&str]) -> Walked {
        let literals = || active.iter().filter_map(|place| self.literals.get(*place));
        let length = length_of(literals(), self.world);
        let mut sides = Vec::new();
        let mut words: [Vec<&str>; 2] = [avoid.to_vec(), Vec::new()];
        for (test, wanted) in literals() {
            match &test.pattern {
                _ if test.bound().is_some() => {}
                // Words that it is not share one automaton for each way to compare them.
                TextPattern::Equals(word) if !wanted && test.steps.is_empty() => {
                    let [exact, folded] = &mut words;
                    if test.fold { folded } else { exact }.push(word);
                }
                _ => {
                    let machine = Machine::of(test, self.automata);
                    sides.extend(machine.map(|machine| Side { machine, wanted: *wanted }));
                }
            }
        }
        for (words, fold) in words.iter().zip([false, true]) {
            if !words.is_empty() {
                let machine = Machine::one_of(words.iter().copied(), fold);
                sides.push(Side { machine, wanted: false });
            }
        }
        search(&mut sides, length, self.budget)
    }
}
