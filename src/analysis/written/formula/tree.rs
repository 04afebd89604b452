//! Formulas as trees of tests, brought into a form that reads well.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::logic::atom::{Atom, Path};
use crate::logic::formula::{Formula, Formulas, View};
use crate::logic::text::{TextPattern, TextStep, TextTest};

use super::super::atom::Relation;
use super::{is_of_user, is_within};

/// A formula whose parts are written out.
#[derive(Debug, Clone)]
pub(super) enum Tree {
    Constant(bool),
    Leaf(Leaf),
    All(Vec<Tree>),
    Any(Vec<Tree>),
    /// Not all of these hold. What the others imply is not left out of it.
    Not(Vec<Tree>),
}

/// A test.
#[derive(Debug, Clone)]
pub(super) enum Leaf {
    /// An atom, or its opposite.
    Atom(Atom, bool),
    /// `left - right = bound`, or the opposite.
    Relation { left: Option<Arc<Path>>, right: Option<Arc<Path>>, bound: i128, relation: Relation },
    /// A text is one of these, or none of them.
    Words { path: Arc<Path>, steps: Vec<TextStep>, words: BTreeSet<Arc<str>>, is_true: bool },
}

/// The tree of a formula; `None` if it has more than so many parts or nests more deeply than that.
pub(super) fn build(f: &Formulas, formula: Formula, depth: usize, parts: &mut usize) -> Option<Tree> {
    *parts = parts.checked_sub(1)?;
    let depth = depth.checked_sub(1)?;
    let mut each = |formulas: &[Formula], is_opposite: bool| -> Option<Vec<Tree>> {
        let one = |formula: &Formula| build(f, if is_opposite { !*formula } else { *formula }, depth, parts);
        formulas.iter().map(one).collect()
    };
    Some(match f.view(formula) {
        View::Constant(truth) => Tree::Constant(truth),
        View::Atom(atom, is_true) => Tree::Leaf(Leaf::Atom(f.meaning(atom)?.clone(), is_true)),
        View::All(inner) => all(each(inner, false)?),
        // `not (a and b)` says what `not a or not b` says, in fewer words; only an `or` of the writer stays one.
        View::NotAll(inner) if inner.iter().any(|part| is_positive(f, *part)) => {
            match all(each(inner, false)?) {
                Tree::Leaf(Leaf::Relation { left, right, bound, relation: Relation::Equal }) => {
                    Tree::Leaf(Leaf::Relation { left, right, bound, relation: Relation::Unequal })
                }
                _ => Tree::Not(each(inner, false)?),
            }
        }
        View::NotAll(inner) => any(each(inner, true)?),
    })
}

fn is_positive(f: &Formulas, formula: Formula) -> bool {
    matches!(f.view(formula), View::Atom(_, true) | View::All(_))
}

/// Parts of which all must hold, where it matters only whether that is true.
pub(super) fn all(parts: Vec<Tree>) -> Tree {
    let parts = flat(parts, |part| match part {
        Tree::All(inner) => Ok(inner),
        other => Err(other),
    });
    let parts = equalities(parts, Relation::Equal);
    let parts = words(parts, false);
    let is_implied = |at: usize, part: &Tree| {
        let Tree::Leaf(Leaf::Atom(atom, true)) = part else { return false };
        is_presence(atom)
            && parts.iter().enumerate().any(|(other_at, other)| other_at != at && needs(other, atom))
    };
    let kept: Vec<Tree> = parts
        .iter()
        .enumerate()
        .filter(|(at, part)| !is_implied(*at, part))
        .map(|(_, part)| part.clone())
        .collect();
    single(kept, Tree::All)
}

fn any(parts: Vec<Tree>) -> Tree {
    let parts = flat(parts, |part| match part {
        Tree::Any(inner) => Ok(inner),
        other => Err(other),
    });
    single(words(equalities(parts, Relation::Unequal), true), Tree::Any)
}

fn single(mut parts: Vec<Tree>, many: fn(Vec<Tree>) -> Tree) -> Tree {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => many(parts.into_iter().chain(last).collect()),
    }
}

fn flat(parts: Vec<Tree>, inner: impl Fn(Tree) -> Result<Vec<Tree>, Tree>) -> Vec<Tree> {
    let mut flat = Vec::with_capacity(parts.len());
    for part in parts {
        match inner(part) {
            Ok(inner) => flat.extend(inner),
            Err(other) => flat.push(other),
        }
    }
    flat
}

/// `x <= 3` and `x >= 3` are `x = 3`; `x <= 2` or `x >= 4` is the opposite.
fn equalities(parts: Vec<Tree>, relation: Relation) -> Vec<Tree> {
    let gap = i128::from(relation != Relation::Equal);
    let mut found: Vec<Tree> = Vec::with_capacity(parts.len());
    for part in parts {
        let Some(limit) = Limit::of(&part) else {
            found.push(part);
            continue;
        };
        let value = limit.value(gap);
        let meets = |one: &Tree| {
            Limit::of(one).is_some_and(|other| {
                other.of == limit.of && other.is_upper != limit.is_upper && other.value(gap) == value
            })
        };
        match found.iter_mut().find(|one| meets(one)) {
            Some(place) => {
                let (left, right) = limit.of;
                *place = Tree::Leaf(Leaf::Relation { left, right, bound: value, relation });
            }
            None => found.push(part),
        }
    }
    found
}

/// A bound on a difference from one side.
struct Limit {
    /// What is subtracted from what; there is something on the left.
    of: (Option<Arc<Path>>, Option<Arc<Path>>),
    is_upper: bool,
    bound: i128,
}

impl Limit {
    fn of(part: &Tree) -> Option<Self> {
        let Tree::Leaf(Leaf::Atom(Atom::AtMost(left, right, bound), is_true)) = part else { return None };
        // Not `a - b <= c` is `a - b >= c + 1`; `-b <= c` is `b >= -c`.
        let bound = if *is_true { *bound } else { bound + 1 };
        let is_turned = match (left, right) {
            (None, _) => true,
            (Some(a), Some(b)) => a > b,
            (Some(_), None) => false,
        };
        Some(if is_turned {
            Limit { of: (right.clone(), left.clone()), is_upper: !is_true, bound: -bound }
        } else {
            Limit { of: (left.clone(), right.clone()), is_upper: *is_true, bound }
        })
    }

    /// The value that it just reaches, or just misses by so much.
    fn value(&self, gap: i128) -> i128 {
        if self.is_upper { self.bound + gap } else { self.bound - gap }
    }
}

/// Tests of one text for several words are one test.
fn words(parts: Vec<Tree>, is_true: bool) -> Vec<Tree> {
    let mut found: Vec<Tree> = Vec::with_capacity(parts.len());
    for part in parts {
        let Some((path, steps, more)) = tested(&part, is_true) else {
            found.push(part);
            continue;
        };
        let same = found.iter_mut().find_map(|one| match one {
            Tree::Leaf(Leaf::Words { path: p, steps: s, words, is_true: t })
                if *t == is_true && *p == path && *s == steps =>
            {
                Some(words)
            }
            _ => None,
        });
        if let Some(words) = same {
            words.extend(more);
        } else {
            found.push(Tree::Leaf(Leaf::Words { path, steps, words: more, is_true }));
        }
    }
    for part in &mut found {
        // One word alone is a comparison.
        if let Tree::Leaf(Leaf::Words { path, steps, words, is_true }) = part
            && words.len() == 1
            && let Some(word) = words.first()
        {
            let pattern = TextPattern::Equals(word.clone());
            let test = TextTest { steps: steps.clone(), pattern, fold: false };
            *part = Tree::Leaf(Leaf::Atom(Atom::Text(path.clone(), test), *is_true));
        }
    }
    found
}

type Tested = (Arc<Path>, Vec<TextStep>, BTreeSet<Arc<str>>);

/// The text that a part compares with words, and these.
fn tested(part: &Tree, is_true: bool) -> Option<Tested> {
    match part {
        Tree::Leaf(Leaf::Atom(
            Atom::Text(path, TextTest { steps, pattern: TextPattern::Equals(word), .. }),
            sign,
        )) if *sign == is_true => Some((path.clone(), steps.clone(), BTreeSet::from([word.clone()]))),
        Tree::Leaf(Leaf::Words { path, steps, words, is_true: sign }) if *sign == is_true => {
            Some((path.clone(), steps.clone(), words.clone()))
        }
        _ => None,
    }
}

/// Whether an atom says that something is there.
fn is_presence(atom: &Atom) -> bool {
    let is_part = |test: &TextTest| test.pattern == TextPattern::Exists;
    matches!(atom, Atom::Present(_) | Atom::User) || matches!(atom, Atom::Text(_, test) if is_part(test))
}

/// Whether a part, as the language reads it, cannot be true where `there` does not hold.
fn needs(part: &Tree, there: &Atom) -> bool {
    match part {
        Tree::Constant(_) | Tree::Not(_) => false,
        Tree::All(parts) => parts.iter().any(|part| needs(part, there)),
        Tree::Any(parts) => parts.iter().all(|part| needs(part, there)),
        Tree::Leaf(leaf) => touched(leaf).into_iter().any(|(path, steps)| match there {
            Atom::Present(whole) => is_within(path, whole),
            Atom::Text(whole, test) => path == whole && steps.starts_with(&test.steps),
            _ => is_of_user(path),
        }),
    }
}

/// The places that must be there for a test, or its opposite, to be true, each with what is taken from it.
fn touched(leaf: &Leaf) -> Vec<(&Arc<Path>, &[TextStep])> {
    const NONE: &[TextStep] = &[];
    match leaf {
        Leaf::Words { path, steps, .. } => vec![(path, steps.as_slice())],
        Leaf::Relation { left, right, .. } | Leaf::Atom(Atom::AtMost(left, right, _), _) => {
            left.iter().chain(right).map(|path| (path, NONE)).collect()
        }
        Leaf::Atom(atom, is_true) => match atom {
            Atom::True(path) | Atom::Number(path, _) | Atom::Items(path, _) => vec![(path, NONE)],
            // `not x.domain exists` is true of a missing x.
            Atom::Text(_, TextTest { pattern: TextPattern::Exists | TextPattern::Finds(_), .. })
                if !is_true =>
            {
                Vec::new()
            }
            Atom::Text(path, test) => vec![(path, test.steps.as_slice())],
            Atom::Present(path) if *is_true => vec![(path, NONE)],
            // A missing list is empty.
            Atom::Some(list, inner) if *is_true || *inner != Formula::TRUE => vec![(list, NONE)],
            _ => Vec::new(),
        },
    }
}
