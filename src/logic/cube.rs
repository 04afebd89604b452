//! What a formula plainly needs, so that most pairs of formulas are told apart without a solver.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::atom::{Aim, Atom, Path};
use super::formula::{AtomId, Formula, Formulas, View};
use super::text::{TextPattern, TextStep};

/// Literals that hold wherever a formula does, and what can be only one thing. There may be more.
#[derive(Debug, Clone, Default)]
pub struct Cube {
    /// Sorted.
    literals: Vec<(AtomId, bool)>,
    /// Of what can be only one thing, the things that it can be.
    only: BTreeMap<Kind, BTreeSet<Point>>,
    /// The least and the largest that numbers can be.
    ranges: BTreeMap<Arc<Path>, (i128, i128)>,
}

/// What can be only one thing in a request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The grant.
    Grant,
    /// The client.
    Client,
    /// The audience of the token, where there are never several.
    Audience,
    /// A text, or what steps make of it.
    Text(Arc<Path>, Vec<TextStep>),
    /// A whole number.
    Number(Arc<Path>),
    /// The branch of a chain that is taken.
    Branch(usize),
}

/// One of the things that something can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Point {
    /// The one of which this atom is true.
    Atom(AtomId),
    /// This number.
    Number(i128),
}

/// As many parts of a formula are looked at, those that were said last first, and as many things as something can be.
const LOOKED_AT: usize = 256;

impl Cube {
    /// What a formula plainly needs. `one_audience`: no token is for several audiences.
    pub fn of(f: &Formulas, formula: Formula, one_audience: bool) -> Cube {
        let mut cube = Cube::default();
        let mut open = vec![formula];
        for _ in 0..LOOKED_AT {
            let Some(part) = open.pop() else { break };
            match f.view(part) {
                View::All(parts) => open.extend(parts),
                View::Atom(atom, positive) => {
                    cube.literals.push((atom, positive));
                    match f.meaning(atom) {
                        Some(Atom::AtMost(left, right, bound)) => {
                            cube.bound(left.as_ref(), right.as_ref(), *bound, positive);
                        }
                        Some(meaning) if positive => {
                            if let Some(kind) = kind(meaning, one_audience) {
                                cube.limit(kind, BTreeSet::from([Point::Atom(atom)]));
                            }
                        }
                        _ => {}
                    }
                }
                View::NotAll(parts) => {
                    if let Some((kind, points)) = one_of(f, parts, one_audience) {
                        cube.limit(kind, points);
                    }
                }
                View::Constant(_) => {}
            }
        }
        cube.literals.sort_unstable();
        for (path, (least, most)) in cube.ranges.clone() {
            if least == most {
                cube.limit(Kind::Number(path), BTreeSet::from([Point::Number(least)]));
            }
        }
        cube
    }

    /// The same where this, too, can be only one of some things.
    #[must_use]
    pub fn with(mut self, kind: Kind, points: BTreeSet<Point>) -> Self {
        self.limit(kind, points);
        self
    }

    fn limit(&mut self, kind: Kind, points: BTreeSet<Point>) {
        match self.only.get_mut(&kind) {
            Some(known) => known.retain(|point| points.contains(point)),
            None => drop(self.only.insert(kind, points)),
        }
    }

    /// `left - right <= bound`, or not, of one number.
    fn bound(&mut self, left: Option<&Arc<Path>>, right: Option<&Arc<Path>>, bound: i128, holds: bool) {
        let (path, least, most) = match (left, right, holds) {
            (Some(path), None, true) => (path, None, Some(bound)),
            (Some(path), None, false) => (path, bound.checked_add(1), None),
            (None, Some(path), true) => (path, bound.checked_neg(), None),
            (None, Some(path), false) => (path, None, bound.checked_neg().and_then(|b| b.checked_sub(1))),
            _ => return,
        };
        let range = self.ranges.entry(path.clone()).or_insert((i128::MIN, i128::MAX));
        range.0 = range.0.max(least.unwrap_or(i128::MIN));
        range.1 = range.1.min(most.unwrap_or(i128::MAX));
    }

    /// Whether the two formulas plainly cannot hold together.
    pub fn excludes(&self, other: &Cube) -> bool {
        self.only.iter().any(|(kind, points)| other.only.get(kind).is_some_and(|o| o.is_disjoint(points)))
            || self.ranges.iter().any(|(path, (least, most))| {
                other.ranges.get(path).is_some_and(|(from, to)| most < from || to < least)
            })
            || self
                .literals
                .iter()
                .any(|(atom, positive)| other.literals.binary_search(&(*atom, !positive)).is_ok())
    }
}

/// Of alternatives that all say of the same what it is, all of it.
fn one_of(f: &Formulas, parts: &[Formula], one_audience: bool) -> Option<(Kind, BTreeSet<Point>)> {
    let mut found: Option<Kind> = None;
    let mut points = BTreeSet::new();
    for part in parts.iter().take(LOOKED_AT + 1) {
        let View::Atom(atom, true) = f.view(!*part) else { return None };
        let own = f.meaning(atom).and_then(|meaning| kind(meaning, one_audience))?;
        if found.get_or_insert_with(|| own.clone()) != &own {
            return None;
        }
        points.insert(Point::Atom(atom));
    }
    found.filter(|_| points.len() <= LOOKED_AT).map(|kind| (kind, points))
}

fn kind(atom: &Atom, one_audience: bool) -> Option<Kind> {
    match atom {
        Atom::Grant(_) => Some(Kind::Grant),
        Atom::Client(_) => Some(Kind::Client),
        Atom::Audience(Aim::Token, _) if one_audience => Some(Kind::Audience),
        Atom::Text(path, test) if !test.fold && matches!(test.pattern, TextPattern::Equals(_)) => {
            Some(Kind::Text(path.clone(), test.steps.clone()))
        }
        _ => None,
    }
}

/// Cubes by number, so that those which one does not exclude are found without a look at all of them.
#[derive(Debug, Default)]
pub struct Cubes {
    all: Vec<Cube>,
    kinds: BTreeMap<Kind, Places>,
}

/// Cubes by what they say of one kind.
#[derive(Debug, Default)]
struct Places {
    by_point: HashMap<Point, Vec<usize>>,
    /// Those that say nothing of it.
    free: Vec<usize>,
}

/// More kinds are not kept apart.
const KINDS: usize = 16;

impl Cubes {
    /// Adds one; its number is how many there were.
    pub fn push(&mut self, cube: Cube) {
        let next = self.all.len();
        for kind in cube.only.keys() {
            if self.kinds.len() < KINDS && !self.kinds.contains_key(kind) {
                let places = Places { by_point: HashMap::new(), free: (0..next).collect() };
                self.kinds.insert(kind.clone(), places);
            }
        }
        for (kind, places) in &mut self.kinds {
            match cube.only.get(kind) {
                Some(points) => {
                    for point in points {
                        places.by_point.entry(*point).or_default().push(next);
                    }
                }
                None => places.free.push(next),
            }
        }
        self.all.push(cube);
    }

    /// Those that a cube does not plainly exclude, by number.
    pub fn meeting(&self, cube: &Cube) -> Vec<usize> {
        let lists = cube.only.iter().filter_map(|(kind, points)| {
            let places = self.kinds.get(kind)?;
            let named = points.iter().filter_map(|point| places.by_point.get(point));
            Some(named.chain([&places.free]).collect::<Vec<_>>())
        });
        let least = lists.min_by_key(|lists| lists.iter().map(|list| list.len()).sum::<usize>());
        let meets = |number: &usize| self.all.get(*number).is_some_and(|other| !cube.excludes(other));
        let Some(lists) = least else { return (0..self.all.len()).filter(meets).collect() };
        let found: BTreeSet<usize> = lists.into_iter().flatten().copied().filter(meets).collect();
        found.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::standard::Grant;

    #[test]
    fn plain_differences_are_seen() {
        let mut f = Formulas::new();
        let (spa, ci) = (f.atom(Atom::Client("spa".into())), f.atom(Atom::Client("ci".into())));
        let password = f.atom(Atom::Grant(Grant::Password));
        let user = f.atom(Atom::User);
        let first = f.all([spa, user]);
        let second = f.all([ci, password]);
        let third = f.all([password, !user]);
        let either = f.either(first, second);
        let cube = |formula| Cube::of(&f, formula, true);
        assert!(cube(first).excludes(&cube(second)));
        assert!(cube(first).excludes(&cube(third)));
        assert!(!cube(second).excludes(&cube(third)));
        assert!(!cube(either).excludes(&cube(first)));
    }

    #[test]
    fn one_thing_is_not_another() {
        let mut f = Formulas::new();
        let path = Arc::new(Path::root(crate::catalog::Root::Now));
        let clients = ["a", "b", "c"].map(|id| f.atom(Atom::Client(id.into())));
        let [a, b, c] = clients;
        let first = f.either(a, b);
        let second = f.either(b, c);
        let mut at_most = |bound| f.atom(Atom::AtMost(Some(path.clone()), None, bound));
        let (two, three, four) = (at_most(2), at_most(3), at_most(4));
        let is_three = f.both(three, !two);
        let is_four = f.both(four, !three);
        let cube = |formula| Cube::of(&f, formula, true);
        assert!(cube(first).excludes(&cube(c)) && !cube(first).excludes(&cube(second)));
        assert!(cube(is_three).excludes(&cube(is_four)) && cube(is_three).excludes(&cube(!three)));
        assert!(!cube(is_three).excludes(&cube(!two)));
    }

    #[test]
    fn few_meet() {
        let mut f = Formulas::new();
        let user = f.atom(Atom::User);
        let clients: Vec<Formula> =
            (0..9).map(|number| f.atom(Atom::Client(number.to_string().into()))).collect();
        let mut formulas = clients.clone();
        formulas.push(user);
        formulas.push(f.both(clients[3], !user));
        let cubes: Vec<Cube> = formulas.iter().map(|one| Cube::of(&f, *one, true)).collect();
        let mut all = Cubes::default();
        cubes.iter().cloned().for_each(|cube| all.push(cube));
        for (number, cube) in cubes.iter().enumerate() {
            let slowly: Vec<usize> =
                (0..cubes.len()).filter(|other| !cube.excludes(&cubes[*other])).collect();
            assert_eq!(all.meeting(cube), slowly, "{number}");
        }
        assert_eq!(all.meeting(&cubes[3]), [3, 9, 10]);
    }
}
