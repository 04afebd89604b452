//! Formulas without what is said twice.

use std::collections::HashMap;

use crate::logic::atom::Atom;
use crate::logic::formula::{Formula, Formulas, View};

/// How often, and how deep within each other, parts are simplified by others.
const MAX_ROUNDS: usize = 16;
/// Of more parts than that, each is kept.
const MAX_PARTS: usize = 24;

/// The same formula where each part takes the tests beside it for granted.
pub(super) fn propagated(f: &mut Formulas, formula: Formula) -> Formula {
    propagated_within(f, formula, MAX_ROUNDS)
}

fn propagated_within(f: &mut Formulas, formula: Formula, depth: usize) -> Formula {
    let Some(depth) = depth.checked_sub(1) else { return formula };
    let mut formula = formula;
    for _ in 0..MAX_ROUNDS {
        let parts = match f.view(formula) {
            View::All(_) => parts_of(f, formula),
            View::NotAll(_) => return !propagated_of_all(f, !formula, depth),
            _ => return formula,
        };
        let simpler = simpler(f, &parts, depth);
        if simpler == formula {
            return formula;
        }
        formula = simpler;
    }
    formula
}

/// Of a conjunction that is itself negated, only the inside is looked at.
fn propagated_of_all(f: &mut Formulas, formula: Formula, depth: usize) -> Formula {
    let parts = parts_of(f, formula);
    simpler(f, &parts, depth)
}

fn simpler(f: &mut Formulas, parts: &[Formula], depth: usize) -> Formula {
    let mut known: HashMap<Atom, bool> = HashMap::new();
    for part in parts {
        if let View::Atom(atom, is_true) = f.view(*part)
            && let Some(atom) = f.meaning(atom)
        {
            known.insert(atom.clone(), is_true);
        }
    }
    let mut left = Vec::with_capacity(parts.len());
    for part in parts {
        let is_test = matches!(f.view(*part), View::Atom(..));
        left.push(if is_test {
            *part
        } else {
            let part = f.restrict(*part, &|atom| known.get(atom).copied());
            propagated_within(f, part, depth)
        });
    }
    f.all(left)
}

/// What all must hold, nested conjunctions taken apart.
pub(super) fn parts_of(f: &Formulas, formula: Formula) -> Vec<Formula> {
    let mut parts = Vec::new();
    let mut open = vec![formula];
    while let Some(one) = open.pop() {
        match f.view(one) {
            View::All(inner) => open.extend(inner),
            _ => parts.push(one),
        }
    }
    parts
}

/// The formula without the parts that follow from the others, the first of `ranked` parts first.
pub(super) fn without_implied(
    f: &mut Formulas,
    mut ranked: Vec<Formula>,
    is_possible: &mut dyn FnMut(&mut Formulas, &[Formula]) -> bool,
) -> Formula {
    if ranked.len() <= MAX_PARTS {
        let mut at = 0;
        while let Some(part) = ranked.get(at).copied() {
            let mut question = ranked.clone();
            if let Some(place) = question.get_mut(at) {
                *place = !part;
            }
            if ranked.len() > 1 && !is_possible(f, &question) {
                ranked.remove(at);
            } else {
                at += 1;
            }
        }
    }
    f.all(ranked)
}
