//! Whole numbers that make differences hold: attributes of type `int`, times and durations (whole seconds), compared
//! with constants and with each other.
//!
//! `a - b <= c` is an edge of a graph, and no values exist exactly where the graph has a cycle of negative length. So
//! both answers are exact: 64-bit values, or literals that contradict each other. [`find_number`] does the same for one
//! number with a fraction.

use std::collections::{BTreeMap, BTreeSet};

mod fraction;

pub use fraction::{NumberComparison, NumberFound, NumberTest, find_number};

/// `left - right <= bound`; a side that is `None` is zero.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Difference<V> {
    /// What is bounded from above.
    pub left: Option<V>,
    /// What it is compared with.
    pub right: Option<V>,
    /// The largest difference.
    pub bound: i128,
}

/// Whether there are values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found<V> {
    /// A value for each variable of the literals.
    Values(BTreeMap<V, i64>),
    /// There are none: indexes of literals that cannot hold together (with what the variables may be at all), in
    /// ascending order. Without any one of them there would be values.
    None(Vec<usize>),
}

/// Values that make each literal, a constraint and whether it is to hold, come true: not `l - r <= b` is
/// `r - l <= -b - 1`.
///
/// `range` is what a variable may be at all, both ends included. Where a variable is free, its value is the closest to
/// `near`, variables in ascending order.
pub fn find<V: Ord + Clone>(
    literals: &[(&Difference<V>, bool)],
    range: impl Fn(&V) -> (i64, i64),
    near: impl Fn(&V) -> i64,
) -> Found<V> {
    let sides = literals.iter().flat_map(|(difference, _)| [&difference.left, &difference.right]);
    let variables: BTreeSet<&V> = sides.filter_map(Option::as_ref).collect();
    let variables: Vec<&V> = variables.into_iter().collect();
    let mut graph = Graph::of(literals, &variables, range);
    if let Err(cycle) = graph.distances(Edge::ends) {
        return Found::None(graph.smallest_core(cycle));
    }
    let mut values = BTreeMap::new();
    for (at, variable) in variables.iter().enumerate() {
        let Some((low, high)) = graph.interval(at + 1) else { break };
        let value = i128::from(near(variable)).max(low).min(high);
        graph.fix(at + 1, value);
        // Within the range that edges of 64 bits leave it.
        values.insert((*variable).clone(), i64::try_from(value).unwrap_or_default());
    }
    Found::Values(values)
}

/// Beyond every difference of two 64-bit numbers, and far from what a sum of many could overflow.
const BEYOND: i128 = 1 << 65;

/// The node that stands for zero; those of variables follow.
const ZERO: usize = 0;

/// The distance of what was not reached yet.
const FAR: i128 = 1 << 120;

/// `to - from <= weight`.
#[derive(Clone)]
struct Edge {
    from: usize,
    to: usize,
    weight: i128,
    /// The literal that it stands for; none for a variable's range.
    literal: Option<usize>,
}

impl Edge {
    fn ends(&self) -> (usize, usize) {
        (self.from, self.to)
    }

    fn reversed(&self) -> (usize, usize) {
        (self.to, self.from)
    }
}

struct Graph {
    nodes: usize,
    edges: Vec<Edge>,
}

impl Graph {
    /// Edges of ranges first, so that one round reaches every node.
    fn of<V: Ord>(
        literals: &[(&Difference<V>, bool)],
        variables: &[&V],
        range: impl Fn(&V) -> (i64, i64),
    ) -> Self {
        let mut graph = Graph { nodes: variables.len() + 1, edges: Vec::new() };
        for (at, variable) in variables.iter().enumerate() {
            let (low, high) = range(variable);
            graph.within(at + 1, low.into(), high.into());
        }
        let node = |side: &Option<V>| {
            let found = side.as_ref().and_then(|variable| variables.binary_search(&variable).ok());
            found.map_or(ZERO, |at| at + 1)
        };
        for (index, (difference, holds)) in literals.iter().enumerate() {
            let (left, right) = (node(&difference.left), node(&difference.right));
            let bound = difference.bound.clamp(-BEYOND, BEYOND);
            let (from, to, weight) = if *holds { (right, left, bound) } else { (left, right, -bound - 1) };
            graph.edges.push(Edge { from, to, weight, literal: Some(index) });
        }
        graph
    }

    fn within(&mut self, node: usize, low: i128, high: i128) {
        self.edges.push(Edge { from: ZERO, to: node, weight: high, literal: None });
        self.edges.push(Edge { from: node, to: ZERO, weight: -low, literal: None });
    }

    fn fix(&mut self, node: usize, value: i128) {
        self.within(node, value, value);
    }

    /// Bellman and Ford: the distance of each node from zero along edges in the direction that `ends` gives, or the
    /// literals of a negative cycle.
    fn distances(&self, ends: fn(&Edge) -> (usize, usize)) -> Result<Vec<i128>, BTreeSet<usize>> {
        let mut distances = vec![FAR; self.nodes];
        let mut last: Vec<Option<&Edge>> = vec![None; self.nodes];
        if let Some(zero) = distances.get_mut(ZERO) {
            *zero = 0;
        }
        let mut changed = None;
        for _ in 0..=self.nodes {
            changed = None;
            for edge in &self.edges {
                let (from, to) = ends(edge);
                let through = distances.get(from).map_or(FAR, |before| before + edge.weight);
                if let (Some(distance), Some(last)) = (distances.get_mut(to), last.get_mut(to))
                    && through < *distance
                {
                    *distance = through;
                    *last = Some(edge);
                    changed = Some(to);
                }
            }
            if changed.is_none() {
                return Ok(distances);
            }
        }
        Err(self.cycle(changed.unwrap_or(ZERO), &last, ends))
    }

    /// The literals of the cycle that `node`, which more rounds than there are nodes have changed, was reached from.
    fn cycle(
        &self,
        node: usize,
        last: &[Option<&Edge>],
        ends: fn(&Edge) -> (usize, usize),
    ) -> BTreeSet<usize> {
        let back = |node: usize| last.get(node).copied().flatten();
        let mut inside = node;
        for _ in 0..self.nodes {
            inside = back(inside).map_or(inside, |edge| ends(edge).0);
        }
        let mut literals = BTreeSet::new();
        let mut node = inside;
        for _ in 0..self.nodes {
            let Some(edge) = back(node) else { break };
            literals.extend(edge.literal);
            node = ends(edge).0;
            if node == inside {
                break;
            }
        }
        literals
    }

    /// The same contradiction without literals that it does not need: the ranges may do what some of them say.
    fn smallest_core(&self, mut core: BTreeSet<usize>) -> Vec<usize> {
        for literal in core.clone() {
            let fewer: BTreeSet<usize> = core.iter().copied().filter(|kept| *kept != literal).collect();
            let is_kept = |edge: &&Edge| edge.literal.is_none_or(|literal| fewer.contains(&literal));
            let part =
                Graph { nodes: self.nodes, edges: self.edges.iter().filter(is_kept).cloned().collect() };
            if part.distances(Edge::ends).is_err() {
                core = fewer;
            }
        }
        core.into_iter().collect()
    }

    /// The smallest and the largest value of a node; each one between them goes with some values of the others.
    fn interval(&self, node: usize) -> Option<(i128, i128)> {
        let high = self.distances(Edge::ends).ok()?.get(node).copied()?;
        let low = self.distances(Edge::reversed).ok()?.get(node).copied()?;
        Some((-low, high))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Literal = (Difference<char>, bool);

    const SMALL: (i64, i64) = (-3, 3);

    fn holds(literals: &[Literal], value: impl Fn(char) -> i64) -> bool {
        literals.iter().all(|(difference, wanted)| {
            let side = |side: Option<char>| i128::from(side.map_or(0, &value));
            (side(difference.left) - side(difference.right) <= difference.bound) == *wanted
        })
    }

    fn borrowed(literals: &[Literal]) -> Vec<(&Difference<char>, bool)> {
        literals.iter().map(|(difference, wanted)| (difference, *wanted)).collect()
    }

    fn some_values(literals: &[Literal]) -> bool {
        let all = || SMALL.0..=SMALL.1;
        all().any(|a| {
            all().any(|b| {
                all().any(|c| {
                    holds(literals, |variable| match variable {
                        'a' => a,
                        'b' => b,
                        _ => c,
                    })
                })
            })
        })
    }

    fn side() -> impl Strategy<Value = Option<char>> {
        prop::option::of(prop::sample::select(vec!['a', 'b', 'c']))
    }

    fn literal() -> impl Strategy<Value = Literal> {
        (side(), side(), -8i128..=8, any::<bool>())
            .prop_map(|(left, right, bound, wanted)| (Difference { left, right, bound }, wanted))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn agrees_with_trying_every_value(literals in prop::collection::vec(literal(), 0..9), near in -5i64..=5) {
            match find(&borrowed(&literals), |_| SMALL, |_| near) {
                Found::Values(values) => {
                    prop_assert!(holds(&literals, |variable| *values.get(&variable).unwrap()));
                    prop_assert!(values.values().all(|value| (SMALL.0..=SMALL.1).contains(value)));
                }
                Found::None(core) => {
                    let of = |indexes: &[usize]| -> Vec<Literal> {
                        indexes.iter().map(|index| literals[*index].clone()).collect()
                    };
                    prop_assert!(!some_values(&of(&core)), "{core:?} do not contradict each other");
                    for dropped in &core {
                        let fewer: Vec<usize> = core.iter().copied().filter(|kept| kept != dropped).collect();
                        prop_assert!(some_values(&of(&fewer)), "{core:?} without {dropped} is enough");
                    }
                }
            }
        }
    }

    fn difference(left: Option<char>, right: Option<char>, bound: i128) -> Difference<char> {
        Difference { left, right, bound }
    }

    const ALL: (i64, i64) = (i64::MIN, i64::MAX);

    #[test]
    fn the_ends_of_64_bits_are_exact() {
        let (max, min) = (i128::from(i64::MAX), i128::from(i64::MIN));
        let find = |literals: &[Literal]| find(&borrowed(literals), |_| ALL, |_| 0);
        let at_least = |variable, bound: i128| (difference(Some(variable), None, bound - 1), false);
        assert_eq!(find(&[at_least('a', max)]), Found::Values([('a', i64::MAX)].into()));
        assert_eq!(find(&[at_least('a', max + 1)]), Found::None(vec![0]));
        assert_eq!(
            find(&[(difference(Some('a'), Some('b'), min - max), true)]),
            Found::Values([('a', i64::MIN), ('b', i64::MAX)].into())
        );
        assert_eq!(find(&[(difference(Some('a'), Some('b'), min - max - 1), true)]), Found::None(vec![0]));
        for bound in [i128::MIN, i128::MAX] {
            let beyond = (difference(Some('a'), Some('b'), bound), bound == i128::MIN);
            assert_eq!(find(&[at_least('b', 0), beyond]), Found::None(vec![1]));
        }
    }

    #[test]
    fn what_is_free_is_near() {
        let now = 1_795_000_000;
        let day = 86_400;
        // The last sign-in is more than a day ago, and the account is no older than 30 days.
        let old = difference(Some('n'), Some('s'), day);
        let young = difference(Some('n'), Some('c'), 30 * day);
        let literals = [(&old, false), (&young, true)];
        let day = i64::try_from(day).unwrap();
        assert_eq!(
            find(&literals, |_| (0, i64::MAX), |_| now),
            Found::Values([('c', now), ('n', now), ('s', now - day - 1)].into())
        );
    }

    #[test]
    fn an_empty_range_is_a_contradiction_of_nothing() {
        let any = difference(Some('a'), None, 5);
        assert_eq!(find(&[(&any, true)], |_| (1, 0), |_| 0), Found::None(Vec::new()));
        assert_eq!(find(&[], |_: &char| ALL, |_| 0), Found::Values(BTreeMap::new()));
    }
}
