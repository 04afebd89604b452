//! One JSON number that makes comparisons with constants hold.
//!
//! The constants cut the line into pieces within which no comparison changes. One number of each piece is tried.

use std::collections::BTreeSet;

use crate::value::Number;

/// How a number is compared with a constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NumberComparison {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `=`
    Equal,
}

/// A comparison of the number with a constant.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NumberTest {
    /// How.
    pub comparison: NumberComparison,
    /// With what.
    pub than: Number,
}

impl NumberTest {
    /// Whether it is true of a number.
    pub fn holds(&self, number: &Number) -> bool {
        match self.comparison {
            NumberComparison::Less => *number < self.than,
            NumberComparison::AtMost => *number <= self.than,
            NumberComparison::Equal => *number == self.than,
        }
    }
}

/// Whether there is a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NumberFound {
    /// This one.
    Value(Number),
    /// There is none: indexes of literals that cannot hold together, in ascending order. Without any one of them there
    /// would be a number.
    None(Vec<usize>),
}

/// The number with the shortest text that makes each literal, a test and whether it is to hold, come true.
///
/// `range` is what the number may be at all, both ends included; without an end, what a 64-bit float can hold.
pub fn find_number(literals: &[(&NumberTest, bool)], range: (Option<i64>, Option<i64>)) -> NumberFound {
    let (low, high) = (range.0.map(Number::from), range.1.map(Number::from));
    let constants = literals.iter().map(|(test, _)| test.than.clone());
    let constants: BTreeSet<Number> = constants.chain(low.clone()).chain(high.clone()).collect();
    let in_range = |number: &Number| {
        low.as_ref().is_none_or(|low| low <= number) && high.as_ref().is_none_or(|high| number <= high)
    };
    let mut candidates = one_of_each_piece(&constants);
    candidates.retain(in_range);
    candidates.sort_by_cached_key(|number| {
        let text = number.to_string();
        (text.len(), text)
    });
    let mut broken: Vec<BTreeSet<usize>> = Vec::new();
    for candidate in candidates {
        let literals = literals.iter().enumerate();
        let failing = literals.filter(|(_, (test, wanted))| test.holds(&candidate) != *wanted);
        let failing: BTreeSet<usize> = failing.map(|(index, _)| index).collect();
        if failing.is_empty() {
            return NumberFound::Value(candidate);
        }
        broken.push(failing);
    }
    NumberFound::None(smallest_core(literals.len(), &broken))
}

/// As few literals as may be so that each candidate breaks one.
fn smallest_core(literals: usize, broken: &[BTreeSet<usize>]) -> Vec<usize> {
    let mut core: BTreeSet<usize> = (0..literals).collect();
    for literal in 0..literals {
        core.remove(&literal);
        if broken.iter().any(|failing| failing.is_disjoint(&core)) {
            core.insert(literal);
        }
    }
    core.into_iter().collect()
}

/// The constants, a number between each two neighbours, one below and one above all; and some short ones.
fn one_of_each_piece(constants: &BTreeSet<Number>) -> Vec<Number> {
    let mut found: Vec<Number> = constants.iter().cloned().collect();
    let neighbours = constants.iter().zip(constants.iter().skip(1));
    found.extend(neighbours.filter_map(|(low, high)| low.between(high)));
    found.extend(constants.first().and_then(Number::below));
    found.extend(constants.last().and_then(Number::above));
    let whole = constants.iter().filter_map(Number::as_int);
    found.extend(
        whole.flat_map(|n| [n.checked_sub(1), n.checked_add(1)]).flatten().chain([0]).map(Number::from),
    );
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const COMPARISONS: [NumberComparison; 3] =
        [NumberComparison::Less, NumberComparison::AtMost, NumberComparison::Equal];

    fn test(comparison: NumberComparison, than: &str) -> NumberTest {
        NumberTest { comparison, than: Number::parse(than).unwrap() }
    }

    fn borrowed(literals: &[(NumberTest, bool)]) -> Vec<(&NumberTest, bool)> {
        literals.iter().map(|(test, wanted)| (test, *wanted)).collect()
    }

    fn literal() -> impl Strategy<Value = (NumberTest, bool)> {
        let constants = vec!["-2", "-1.0", "-0.5", "0", "0.25", "5e-1", "1", "1.5", "2"];
        (prop::sample::select(COMPARISONS.to_vec()), prop::sample::select(constants), any::<bool>())
            .prop_map(|(comparison, than, wanted)| (test(comparison, than), wanted))
    }

    /// By eighths, which is finer than the constants.
    fn some_value(literals: &[(NumberTest, bool)], range: (Option<i64>, Option<i64>)) -> bool {
        (-24i64..=24).any(|eighths| {
            let number = Number::parse(&format!("{}e-3", eighths * 125)).unwrap();
            let in_range = range.0.is_none_or(|low| eighths >= low * 8)
                && range.1.is_none_or(|high| eighths <= high * 8);
            in_range && literals.iter().all(|(test, wanted)| test.holds(&number) == *wanted)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn agrees_with_trying_eighths(
            literals in prop::collection::vec(literal(), 0..8),
            low in prop::option::of(-2i64..=2),
            high in prop::option::of(-2i64..=2),
        ) {
            let range = (low, high);
            match find_number(&borrowed(&literals), range) {
                NumberFound::Value(number) => {
                    prop_assert!(literals.iter().all(|(test, wanted)| test.holds(&number) == *wanted));
                    prop_assert!(low.is_none_or(|low| Number::from(low) <= number));
                    prop_assert!(high.is_none_or(|high| number <= Number::from(high)));
                }
                NumberFound::None(core) => {
                    let of = |indexes: &[usize]| -> Vec<_> {
                        indexes.iter().map(|index| literals[*index].clone()).collect()
                    };
                    prop_assert!(!some_value(&of(&core), range), "{core:?} do not contradict each other");
                    for dropped in &core {
                        let fewer: Vec<usize> = core.iter().copied().filter(|kept| kept != dropped).collect();
                        prop_assert!(some_value(&of(&fewer), range), "{core:?} without {dropped} is enough");
                    }
                }
            }
        }
    }

    #[test]
    fn short_numbers_come_first() {
        let above = |than| (test(NumberComparison::AtMost, than), false);
        let below = |than| (test(NumberComparison::Less, than), true);
        for (literals, expected) in [
            (vec![], "0"),
            (vec![above("10")], "11"),
            (vec![above("10.5")], "100"),
            (vec![below("-0.5")], "-1"),
            (vec![above("1"), below("2")], "1.5"),
            (vec![above("1.25"), below("1.3")], "1.255"),
            (vec![above("0"), below("0.001")], "0.0001"),
            (vec![above("-3"), below("-2.5")], "-2.55"),
        ] {
            let found = find_number(&borrowed(&literals), (None, None));
            assert_eq!(found, NumberFound::Value(Number::parse(expected).unwrap()), "{literals:?}");
        }
    }
}
