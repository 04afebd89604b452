//! What a formula plainly needs, so that most pairs of formulas are told apart without a solver.

use std::sync::Arc;

use super::atom::{Aim, Atom, Path};
use super::formula::{AtomId, Formula, Formulas, View};
use super::text::TextPattern;

/// Literals that hold wherever a formula does. There may be more.
#[derive(Debug, Clone, Default)]
pub struct Cube {
    /// Sorted.
    literals: Vec<(AtomId, bool)>,
    /// Atoms that hold and of which no two of a kind can: sorted by kind.
    single: Vec<(Kind, AtomId)>,
}

/// What can be only one thing in a request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Grant,
    Client,
    Audience,
    Text(Arc<Path>),
}

impl Cube {
    /// What a formula plainly needs. `one_audience`: no token is for several audiences.
    pub fn of(f: &Formulas, formula: Formula, one_audience: bool) -> Cube {
        let mut cube = Cube::default();
        let mut open = vec![formula];
        while let Some(part) = open.pop() {
            match f.view(part) {
                View::All(parts) => open.extend(parts),
                View::Atom(atom, positive) => {
                    cube.literals.push((atom, positive));
                    if positive && let Some(kind) = f.meaning(atom).and_then(|a| kind(a, one_audience)) {
                        cube.single.push((kind, atom));
                    }
                }
                View::Constant(_) | View::NotAll(_) => {}
            }
        }
        cube.literals.sort_unstable();
        cube.single.sort();
        cube
    }

    /// Whether the two formulas plainly cannot hold together.
    pub fn excludes(&self, other: &Cube) -> bool {
        let differs = |(kind, atom): &(Kind, AtomId)| {
            other.single.iter().any(|(other_kind, other_atom)| kind == other_kind && atom != other_atom)
        };
        self.single.iter().any(differs)
            || self
                .literals
                .iter()
                .any(|(atom, positive)| other.literals.binary_search(&(*atom, !positive)).is_ok())
    }
}

fn kind(atom: &Atom, one_audience: bool) -> Option<Kind> {
    match atom {
        Atom::Grant(_) => Some(Kind::Grant),
        Atom::Client(_) => Some(Kind::Client),
        Atom::Audience(Aim::Token, _) if one_audience => Some(Kind::Audience),
        Atom::Text(path, test)
            if test.steps.is_empty() && !test.fold && matches!(test.pattern, TextPattern::Equals(_)) =>
        {
            Some(Kind::Text(path.clone()))
        }
        _ => None,
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
}
