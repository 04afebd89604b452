//! Propositional formulas over atoms, each kept once: equal formulas are equal numbers.
//!
//! Negation is a bit of the number, `or` is a negated `and`, so both ways of writing a condition (De Morgan) are one
//! formula from the start. Formulas only grow; the room that holds them is dropped as a whole.

use std::collections::{BTreeSet, HashMap};
use std::ops::Not;

use indexmap::IndexSet;

use super::atom::Atom;
use super::lemma::Lemma;

/// A formula; meaningful with the [`Formulas`] that made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Formula(u32);

/// An atom of [`Formulas`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AtomId(pub(super) u32);

impl Formula {
    /// Always true.
    pub const TRUE: Formula = Formula(0);
    /// Never true.
    pub const FALSE: Formula = Formula(1);

    /// Its number without the bit for negation.
    pub(super) fn node(self) -> u32 {
        self.0 >> 1
    }

    pub(super) fn is_negated(self) -> bool {
        self.0 & 1 == 1
    }

    /// The formula of a node, not negated.
    pub(super) fn plain(node: u32) -> Formula {
        Formula(node << 1)
    }

    fn of_node(node: usize) -> Formula {
        // As many formulas as would overflow do not fit into memory.
        Formula(u32::try_from(node).unwrap_or(u32::MAX >> 1) << 1)
    }
}

impl Not for Formula {
    type Output = Formula;

    fn not(self) -> Formula {
        Formula(self.0 ^ 1)
    }
}

impl From<bool> for Formula {
    fn from(truth: bool) -> Self {
        if truth { Formula::TRUE } else { Formula::FALSE }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Node {
    True,
    Atom(AtomId),
    /// Two or more, sorted, each once.
    All(Box<[Formula]>),
}

/// What a formula is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View<'f> {
    /// True or false.
    Constant(bool),
    /// An atom, or its negation (`false`).
    Atom(AtomId, bool),
    /// True if all of these are.
    All(&'f [Formula]),
    /// True if one of these is false.
    NotAll(&'f [Formula]),
}

/// Larger conjunctions are not merged into the one around them: chains of `else if` would grow with the square.
const MERGED: usize = 8;

/// All formulas and atoms of one analysis.
#[derive(Debug)]
pub struct Formulas {
    nodes: Vec<Node>,
    /// Only for look-ups, never iterated.
    known: HashMap<Node, Formula>,
    atoms: IndexSet<Atom>,
    /// Not used, for a test.
    without: Option<Lemma>,
}

impl Default for Formulas {
    fn default() -> Self {
        Formulas { nodes: vec![Node::True], known: HashMap::new(), atoms: IndexSet::new(), without: None }
    }
}

impl Formulas {
    /// Without any formula.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same for a test that shows that a lemma is needed: nothing uses it.
    #[doc(hidden)]
    pub fn without(lemma: Lemma) -> Self {
        Formulas { without: Some(lemma), ..Self::default() }
    }

    /// Whether what is said about these formulas may use a lemma.
    pub fn knows(&self, lemma: Lemma) -> bool {
        self.without != Some(lemma)
    }

    /// What an atom says.
    pub fn meaning(&self, atom: AtomId) -> Option<&Atom> {
        self.atoms.get_index(atom.0 as usize)
    }

    /// True where the atom is.
    pub fn atom(&mut self, atom: Atom) -> Formula {
        let (index, _) = self.atoms.insert_full(atom);
        self.keep(Node::Atom(AtomId(u32::try_from(index).unwrap_or(u32::MAX))))
    }

    /// The number of an atom that some formula is made of.
    pub fn id(&self, atom: &Atom) -> Option<AtomId> {
        self.atoms.get_index_of(atom).map(|index| AtomId(u32::try_from(index).unwrap_or(u32::MAX)))
    }

    /// The formula of an atom that some formula is made of.
    pub fn find(&self, atom: &Atom) -> Option<Formula> {
        self.of(self.id(atom)?)
    }

    /// The formula that is an atom.
    pub fn of(&self, atom: AtomId) -> Option<Formula> {
        self.known.get(&Node::Atom(atom)).copied()
    }

    /// What a formula is.
    pub fn view(&self, formula: Formula) -> View<'_> {
        match self.nodes.get(formula.node() as usize) {
            Some(Node::Atom(atom)) => View::Atom(*atom, !formula.is_negated()),
            Some(Node::All(parts)) if formula.is_negated() => View::NotAll(parts),
            Some(Node::All(parts)) => View::All(parts),
            Some(Node::True) | None => View::Constant(!formula.is_negated()),
        }
    }

    /// True if all are.
    pub fn all(&mut self, parts: impl IntoIterator<Item = Formula>) -> Formula {
        let mut flat: Vec<Formula> = Vec::new();
        for part in parts {
            match self.view(part) {
                View::Constant(true) => {}
                View::Constant(false) => return Formula::FALSE,
                View::All(inner) if inner.len() <= MERGED => flat.extend(inner),
                _ => flat.push(part),
            }
        }
        flat.sort_unstable();
        flat.dedup();
        // A formula and its negation are neighbours.
        if flat.windows(2).any(|pair| matches!(pair, [a, b] if *a == !*b)) {
            return Formula::FALSE;
        }
        match flat.as_slice() {
            [] => Formula::TRUE,
            [only] => *only,
            _ => self.keep(Node::All(flat.into())),
        }
    }

    /// True if one is.
    pub fn any(&mut self, parts: impl IntoIterator<Item = Formula>) -> Formula {
        !self.all(parts.into_iter().map(Not::not).collect::<Vec<_>>())
    }

    /// True if both are.
    pub fn both(&mut self, a: Formula, b: Formula) -> Formula {
        self.all([a, b])
    }

    /// True if either is.
    pub fn either(&mut self, a: Formula, b: Formula) -> Formula {
        self.any([a, b])
    }

    fn keep(&mut self, node: Node) -> Formula {
        if let Some(known) = self.known.get(&node) {
            return *known;
        }
        let formula = Formula::of_node(self.nodes.len());
        self.nodes.push(node.clone());
        self.known.insert(node, formula);
        formula
    }

    /// The atoms that formulas are made of.
    pub fn atoms_of(&self, formulas: impl IntoIterator<Item = Formula>) -> BTreeSet<AtomId> {
        let mut atoms = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut open: Vec<Formula> = formulas.into_iter().collect();
        while let Some(formula) = open.pop() {
            if !seen.insert(formula.node()) {
                continue;
            }
            match self.view(formula) {
                View::Constant(_) => {}
                View::Atom(atom, _) => drop(atoms.insert(atom)),
                View::All(parts) | View::NotAll(parts) => open.extend(parts),
            }
        }
        atoms
    }

    /// What is left of a formula where some atoms are known.
    pub fn restrict(&mut self, formula: Formula, known: &impl Fn(&Atom) -> Option<bool>) -> Formula {
        self.restrict_with(&mut Restricted::default(), formula, known)
    }

    /// The same for many formulas of which the same atoms are known: what they share is looked at once.
    pub fn restrict_with(
        &mut self,
        done: &mut Restricted,
        formula: Formula,
        known: &impl Fn(&Atom) -> Option<bool>,
    ) -> Formula {
        let done = &mut done.0;
        let mut open = vec![formula.node()];
        // Parts first, without recursion: chains of `else if` nest as deep as they are long.
        while let Some(node) = open.last().copied() {
            if done.contains_key(&node) {
                open.pop();
                continue;
            }
            let plain = Formula::plain(node);
            let simple = match self.view(plain) {
                View::All(parts) => {
                    let before = open.len();
                    open.extend(parts.iter().map(|p| p.node()).filter(|n| !done.contains_key(n)));
                    if open.len() > before {
                        continue;
                    }
                    let left: Vec<Formula> = parts
                        .iter()
                        .filter_map(|p| done.get(&p.node()).map(|f| if p.is_negated() { !*f } else { *f }))
                        .collect();
                    if left.as_slice() == parts { plain } else { self.all(left) }
                }
                View::Atom(atom, _) => match self.meaning(atom).and_then(known) {
                    Some(truth) => Formula::from(truth),
                    None => plain,
                },
                _ => plain,
            };
            done.insert(node, simple);
            open.pop();
        }
        let plain = done.get(&formula.node()).copied().unwrap_or(formula);
        if formula.is_negated() { !plain } else { plain }
    }
}

/// What is left of formulas of which the same atoms are known; see [`Formulas::restrict_with`].
#[derive(Debug, Default)]
pub struct Restricted(HashMap<u32, Formula>);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::standard::Grant;

    #[test]
    fn equal_conditions_are_one_formula() {
        let mut f = Formulas::new();
        let a = f.atom(Atom::User);
        let b = f.atom(Atom::Grant(Grant::Password));
        let either = f.either(a, b);
        let de_morgan = f.both(!b, !a);
        assert_eq!(either, !de_morgan);
        assert_eq!(f.both(a, !a), Formula::FALSE);
        assert_eq!(f.both(a, a), a);
        let nested = f.both(a, b);
        assert_eq!(f.both(nested, a), nested);
    }

    #[test]
    fn what_is_known_is_folded_away() {
        let mut f = Formulas::new();
        let a = f.atom(Atom::User);
        let b = f.atom(Atom::Grant(Grant::Password));
        let both = f.both(a, !b);
        let left = f.restrict(both, &|atom| (*atom == Atom::User).then_some(true));
        assert_eq!(left, !b);
        assert_eq!(f.restrict(!both, &|atom| (*atom == Atom::User).then_some(false)), Formula::TRUE);
    }
}
