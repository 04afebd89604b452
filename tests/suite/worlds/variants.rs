//! The same policy in other words, and policies that differ from it in one detail.

use super::conditions::{Conditions, Place};
use super::print;
use super::rng::Rng;
use super::tree::{Action, Condition, Let, Node, Tree, Verb, each_node_mut};
use super::values::{CLAIMS, type_of};
use super::world::World;

/// A policy as files of text.
pub(super) type Files = Vec<(String, String)>;

/// The policy as one file.
pub(super) fn one_file(tree: &Tree) -> Files {
    vec![("p.claims".to_owned(), print::without_promises(tree).text)]
}

/// The same policy in other words: each with what was done to it.
pub(super) fn equal(rng: &mut Rng, tree: &Tree) -> Vec<(&'static str, Files)> {
    vec![
        ("items in another order", one_file(&shuffled(rng, tree))),
        ("in two files", two_files(&shuffled(rng, tree))),
        ("De Morgan", one_file(&de_morgan(tree))),
        ("operands in another order", one_file(&swapped(tree))),
        ("conditions as lets", one_file(&with_lets(tree))),
        ("lets in place", one_file(&without_lets(tree))),
        ("other names of lets", one_file(&renamed(tree))),
        ("a comment and blanks", spaced(tree)),
    ]
}

fn shuffled(rng: &mut Rng, tree: &Tree) -> Tree {
    let mut shuffled = tree.clone();
    for index in (1..shuffled.items.len()).rev() {
        shuffled.items.swap(index, rng.below(index + 1));
    }
    shuffled.lets.reverse();
    shuffled
}

fn two_files(tree: &Tree) -> Files {
    let half = tree.items.len() / 2;
    let head = Tree { lets: tree.lets.clone(), items: tree.items[..half].to_vec(), promises: Vec::new() };
    let rest = Tree { lets: Vec::new(), items: tree.items[half..].to_vec(), promises: Vec::new() };
    // Names and declarations hold in all files, so the second file has none of its own.
    let all = print::without_promises(tree).text;
    let declared =
        |text: &str| ["namespace ", "table ", "claim ", "let "].iter().any(|word| text.starts_with(word));
    let declarations: String =
        all.lines().filter(|line| declared(line)).map(|line| format!("{line}\n")).collect();
    let statements = |tree: &Tree| -> String {
        let text = print::without_promises(tree).text;
        text.lines().filter(|line| !declared(line)).map(|line| format!("{line}\n")).collect()
    };
    vec![
        ("b.claims".to_owned(), statements(&rest)),
        ("a.claims".to_owned(), format!("{declarations}{}", statements(&head))),
    ]
}

fn not(condition: Condition) -> Condition {
    match condition {
        Condition::Not(inner) => *inner,
        other => Condition::Not(Box::new(other)),
    }
}

/// `a and b` as `not (not a or not b)`, and the other way round.
fn de_morgan(tree: &Tree) -> Tree {
    fn changed(condition: &Condition) -> Condition {
        match condition {
            // What tests presence or the user narrows only where it stands directly in `and`.
            Condition::And(all) if !all.iter().any(narrows) => {
                not(Condition::Or(all.iter().map(|one| not(changed(one))).collect()))
            }
            Condition::Or(all) if !all.iter().any(narrows) => {
                not(Condition::And(all.iter().map(|one| not(changed(one))).collect()))
            }
            Condition::Not(one) => not(changed(one)),
            other => other.clone(),
        }
    }
    let mut tree = tree.clone();
    tree.each_condition_mut(&mut |condition| *condition = changed(condition));
    tree
}

/// Whether other parts of `and` and `or` rely on it.
fn narrows(condition: &Condition) -> bool {
    match condition {
        Condition::Atom(atom) => {
            atom.text.contains("exists") || atom.text.starts_with("user ") || atom.text == "grant in login"
        }
        Condition::Let(_) => false,
        Condition::Not(one) => narrows(one),
        Condition::And(all) | Condition::Or(all) => all.iter().any(narrows),
    }
}

/// The operands of `and` and `or` from last to first, where none narrows another.
fn swapped(tree: &Tree) -> Tree {
    fn changed(condition: &Condition) -> Condition {
        let turned = |all: &[Condition]| -> Vec<Condition> {
            let mut parts: Vec<Condition> = all.iter().map(changed).collect();
            if !all.iter().any(narrows) {
                parts.reverse();
            }
            parts
        };
        match condition {
            Condition::And(all) => Condition::And(turned(all)),
            Condition::Or(all) => Condition::Or(turned(all)),
            Condition::Not(one) => Condition::Not(Box::new(changed(one))),
            other => other.clone(),
        }
    }
    let mut tree = tree.clone();
    tree.each_condition_mut(&mut |condition| *condition = changed(condition));
    tree
}

/// Conditions of branches as lets, but for those that narrow what they guard.
fn with_lets(tree: &Tree) -> Tree {
    let mut tree = tree.clone();
    let mut lets = Vec::new();
    each_node_mut(&mut tree.items, &mut |node| {
        let Node::Chain(chain) = node else { return };
        for branch in &mut chain.branches {
            let reads_request = print::condition_text(&branch.condition).contains("requested.");
            if !narrows(&branch.condition) && !reads_request {
                let name = format!("taken_{}", lets.len());
                let condition = std::mem::replace(&mut branch.condition, Condition::Let(name.clone()));
                lets.push(Let { name, condition });
            }
        }
    });
    tree.lets.extend(lets);
    tree
}

pub(super) fn without_lets(tree: &Tree) -> Tree {
    fn changed(condition: &Condition, lets: &[Let]) -> Condition {
        let all = |parts: &[Condition]| parts.iter().map(|one| changed(one, lets)).collect();
        match condition {
            Condition::Let(name) => {
                let meant = lets.iter().find(|one| one.name == *name).expect("a let");
                changed(&meant.condition, lets)
            }
            Condition::And(parts) => Condition::And(all(parts)),
            Condition::Or(parts) => Condition::Or(all(parts)),
            Condition::Not(one) => Condition::Not(Box::new(changed(one, lets))),
            Condition::Atom(_) => condition.clone(),
        }
    }
    let mut changed_tree = tree.clone();
    changed_tree.each_condition_mut(&mut |condition| *condition = changed(condition, &tree.lets));
    changed_tree.lets.clear();
    changed_tree
}

fn renamed(tree: &Tree) -> Tree {
    fn change(condition: &mut Condition) {
        match condition {
            Condition::Let(name) => *name = format!("x_{name}"),
            Condition::And(all) | Condition::Or(all) => all.iter_mut().for_each(change),
            Condition::Not(one) => change(one),
            Condition::Atom(_) => {}
        }
    }
    let mut tree = tree.clone();
    tree.each_condition_mut(&mut change);
    tree.lets.iter_mut().for_each(|one| one.name = format!("x_{}", one.name));
    tree
}

fn spaced(tree: &Tree) -> Files {
    let text = print::without_promises(tree).text;
    let spaced: String = text.lines().map(|line| format!("   {line}   // as before\n\n")).collect();
    vec![("other.claims".to_owned(), spaced)]
}

/// Policies that differ in one detail: a constant, an operator, a claim, a target or a statement. Some mean the same
/// all the same, which only the requests tell.
pub(super) fn mutants(rng: &mut Rng, world: &World, tree: &Tree, count: usize) -> Vec<(&'static str, Tree)> {
    (0..count).filter_map(|_| mutant(rng, world, tree)).collect()
}

fn mutant(rng: &mut Rng, world: &World, tree: &Tree) -> Option<(&'static str, Tree)> {
    let mut mutant = Tree { promises: Vec::new(), ..tree.clone() };
    let mut verbs = 0;
    let mut conditions = 0;
    each_node_mut(&mut mutant.items, &mut |node| verbs += usize::from(matches!(node, Node::Verb(_))));
    mutant.each_condition_mut(&mut |_| conditions += 1);
    let what = match rng.below(5) {
        0 => {
            let chosen = rng.below(verbs.max(1));
            on_verb(&mut mutant, chosen, &mut |verb| {
                if let Action::Write { word, claim, value, .. } = &mut verb.action {
                    let source = Conditions { world };
                    *value = source.written(rng, type_of(claim), *word == "override", &[]);
                }
            });
            "another value"
        }
        1 => {
            let chosen = rng.below(verbs.max(1));
            on_verb(&mut mutant, chosen, &mut |verb| {
                if let Action::Write { claim, member: None, .. } = &mut verb.action {
                    let same: Vec<&'static str> = CLAIMS
                        .iter()
                        .map(|(name, _)| *name)
                        .filter(|name| type_of(name) == type_of(claim))
                        .collect();
                    *claim = rng.pick(&same);
                }
            });
            "another claim"
        }
        2 => {
            let chosen = rng.below(verbs.max(1));
            on_verb(&mut mutant, chosen, &mut |verb| {
                if matches!(verb.action, Action::Write { .. } | Action::Remove { .. } | Action::Spread { .. })
                {
                    verb.target = if verb.target.is_some() { None } else { Some("both") };
                }
            });
            "another target"
        }
        3 => {
            let chosen = rng.below(conditions.max(1));
            on_condition(&mut mutant, chosen, &mut |condition| {
                *condition = match condition.clone() {
                    Condition::And(all) => Condition::Or(all),
                    Condition::Or(all) => Condition::And(all),
                    other => not(other),
                };
            });
            "another operator"
        }
        _ => {
            let chosen = rng.below(conditions.max(1));
            on_condition(&mut mutant, chosen, &mut |condition| {
                let place = Place { has_user: false, must_be_known: true, of_token: false };
                *condition = Conditions { world }.condition(rng, place, &[]);
            });
            "another condition"
        }
    };
    (mutant.items != tree.items || mutant.lets != tree.lets).then_some((what, mutant))
}

fn on_verb(tree: &mut Tree, chosen: usize, change: &mut dyn FnMut(&mut Verb)) {
    let mut number = 0;
    each_node_mut(&mut tree.items, &mut |node| {
        if let Node::Verb(verb) = node {
            if number == chosen {
                change(verb);
            }
            number += 1;
        }
    });
}

fn on_condition(tree: &mut Tree, chosen: usize, change: &mut dyn FnMut(&mut Condition)) {
    let mut number = 0;
    tree.each_condition_mut(&mut |condition| {
        if number == chosen {
            change(condition);
        }
        number += 1;
    });
}
