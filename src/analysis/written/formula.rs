//! Formulas as conditions that a policy could state.
//!
//! A formula has two truth values and says of everything it speaks of that it is there; a condition is unknown where
//! something is missing. So `x exists` is left out beside a test of `x` that could not be true without it, and only
//! there: what is written is true, as the language reads it, in exactly the requests in which the formula is.

use std::collections::HashMap;
use std::sync::Arc;

use crate::catalog::Root;
use crate::ir::{Action, Expr, ExprKind, Unit};
use crate::logic::atom::{Atom, Base, Path, Role};
use crate::logic::formula::{Formula, Formulas, View};
use crate::logic::meaning::Meaning;
use crate::logic::normal::Normal;
use crate::logic::normal::text::sha256;
use crate::logic::text::{TextPattern, TextTest};
use crate::source::Span;

use super::atom::Places;
use super::condition::Condition;
use super::{Binding, Written, expression_at, opposite, parameter};

mod tree;

use tree::{Leaf, Tree};

/// Parts of a formula that are written out; a larger one is named by its digest.
const MAX_PARTS: usize = 400;
/// How deep they may nest.
const MAX_DEPTH: usize = 48;
/// The longest key of an opaque atom that is shown as it is.
const MAX_KEY: usize = 80;
/// How many hexadecimal digits of a digest are shown.
const DIGITS: usize = 12;

/// Writes the formulas of one policy.
pub struct Conditions<'m, 'u> {
    unit: &'u Unit,
    meaning: &'m Meaning<'u>,
    normal: Normal<'u>,
    places: Places<'u>,
    /// Every expression of the policy, by where it stands.
    expressions: HashMap<Span, Vec<&'u Expr>>,
    known: HashMap<Formula, Condition>,
}

impl<'m, 'u> Conditions<'m, 'u> {
    /// For formulas of this policy.
    pub fn new(meaning: &'m Meaning<'u>) -> Self {
        let unit = meaning.unit;
        let mut expressions: HashMap<Span, Vec<&'u Expr>> = HashMap::new();
        let mut open: Vec<&'u Expr> = roots(unit);
        while let Some(expr) = open.pop() {
            expressions.entry(expr.span).or_default().push(expr);
            open.extend(expr.children());
        }
        let places = Places { catalog: &unit.catalog, elements: Vec::new() };
        Conditions { unit, meaning, normal: Normal::new(unit), places, expressions, known: HashMap::new() }
    }

    /// The condition that a formula is.
    pub fn of(&mut self, f: &Formulas, formula: Formula) -> Condition {
        if let Some(known) = self.known.get(&formula) {
            return known.clone();
        }
        let condition = self.condition(f, formula);
        self.known.insert(formula, condition.clone());
        condition
    }

    /// The expressions in a formula that are not understood although they read who asks for what: what is known of a
    /// client, grant or audience could not be put in.
    pub fn unfolded(&self, f: &Formulas, formula: Formula) -> Vec<Arc<str>> {
        let mut found = Vec::new();
        for atom in f.atoms_of([formula]) {
            let Some(Atom::Opaque(key, _)) = f.meaning(atom) else { continue };
            let Some((expr, _)) = self.opaque(key) else { continue };
            let reads_facts = |expr: &Expr| match &*expr.kind {
                ExprKind::AudienceIs(..) | ExprKind::AudienceHas(..) | ExprKind::AudienceWithin(..) => true,
                ExprKind::Slot(id) => self
                    .unit
                    .slots
                    .get(id.index())
                    .is_some_and(|slot| matches!(slot.root, Root::Client | Root::Grant | Root::Audience)),
                _ => false,
            };
            if expr.any(&self.unit.lets, reads_facts) {
                found.push(super::expression(self.unit, expr).text.into());
            }
        }
        found.sort();
        found.dedup();
        found
    }

    fn condition(&mut self, f: &Formulas, formula: Formula) -> Condition {
        let mut parts = MAX_PARTS;
        if let Some(tree) = tree::build(f, formula, MAX_DEPTH, &mut parts) {
            return self.whole(f, tree);
        }
        let digest = self.digest(f, formula);
        Condition::test(format!("(a condition of more than {MAX_PARTS} parts, {digest})"))
    }

    /// What must not all be true stands behind `unless`, where it need not be known to be false.
    fn whole(&mut self, f: &Formulas, tree: Tree) -> Condition {
        let parts = match tree {
            Tree::All(parts) => parts,
            other => vec![other],
        };
        let (mut holds, mut fails) = (Vec::new(), Vec::new());
        for part in parts {
            match part {
                Tree::Not(inner) => fails.push(self.write(f, &tree::all(inner))),
                other => holds.push(self.write(f, &other)),
            }
        }
        Condition::all(holds).unless(Condition::any(fails))
    }

    fn write(&mut self, f: &Formulas, tree: &Tree) -> Condition {
        match tree {
            Tree::Constant(truth) => Condition::from(*truth),
            Tree::Leaf(leaf) => self.leaf(f, leaf),
            Tree::All(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| self.write(f, part)).collect();
                Condition::all(parts)
            }
            Tree::Any(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| self.write(f, part)).collect();
                Condition::any(parts)
            }
            Tree::Not(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| self.write(f, part)).collect();
                Condition::all(parts).negated()
            }
        }
    }

    fn leaf(&mut self, f: &Formulas, leaf: &Leaf) -> Condition {
        match leaf {
            Leaf::Atom(Atom::Some(list, inner), is_true) => self.some(f, list, *inner, *is_true),
            Leaf::Atom(Atom::Opaque(key, role), is_true) => self.opaque_test(key, *role, *is_true),
            Leaf::Atom(atom, is_true) => self.places.literal(atom, *is_true),
            Leaf::Relation { left, right, bound, relation } => {
                self.places.relation(left.as_deref(), right.as_deref(), *bound, *relation)
            }
            Leaf::Words { path, steps, words, is_true } => self.places.words(path, steps, words, *is_true),
        }
    }

    /// Some element of a list, or none, makes the formula true.
    fn some(&mut self, f: &Formulas, list: &Arc<Path>, inner: Formula, is_true: bool) -> Condition {
        let text = self.places.path(list);
        if inner == Formula::TRUE {
            return Condition::test(format!("{text}.is_empty()")).signed(!is_true);
        }
        let element = Path::element(list);
        if let View::Atom(atom, true) = f.view(inner)
            && let Some(Atom::Text(path, TextTest { steps, pattern: TextPattern::Equals(word), .. })) =
                f.meaning(atom)
            && **path == element
            && steps.is_empty()
        {
            let operator = if is_true { "in" } else { "not in" };
            return Condition::test(format!("{} {operator} {text}", super::quoted(word)));
        }
        let name = parameter(self.places.elements.len());
        self.places.elements.push(list.clone());
        let condition = self.condition(f, inner);
        self.places.elements.pop();
        Condition::test(format!("{text}.any({name} => {condition})")).signed(is_true)
    }

    fn opaque_test(&self, key: &Arc<str>, role: Role, is_true: bool) -> Condition {
        let Some((expr, rest)) = self.opaque(key) else {
            return Condition::test(format!("({})", cut(key))).signed(is_true);
        };
        let digest =
            |written: &Written| if written.is_whole { String::new() } else { format!(" {}", digits(key)) };
        if role == Role::Holds && rest.is_empty() {
            if !is_true && let Some(written) = opposite(self.unit, expr) {
                return Condition::test(format!("{}{}", written.text, digest(&written)));
            }
            let written = expression_at(self.unit, expr, Binding::Comparison);
            return Condition::test(format!("{}{}", written.text, digest(&written))).signed(is_true);
        }
        let written = expression_at(self.unit, expr, Binding::As);
        let rest = match role {
            Role::Holds => rest,
            Role::There => " exists",
            Role::NoUser => " needs a user",
        };
        Condition::test(format!("{}{rest}{}", written.text, digest(&written))).signed(is_true)
    }

    /// The expression that an opaque atom is about, and what its key says of it.
    fn opaque<'k>(&self, key: &'k Arc<str>) -> Option<(&'u Expr, &'k str)> {
        let candidates = self.expressions.get(&self.meaning.opaque_span(key)?)?;
        candidates.iter().find_map(|expr| Some((*expr, key.strip_prefix(&*self.normal.text(expr))?)))
    }

    /// A text that only this formula has, whatever order its parts are kept in.
    fn digest(&mut self, f: &Formulas, formula: Formula) -> String {
        let mut done: HashMap<Formula, String> = HashMap::new();
        let mut open = vec![formula];
        while let Some(one) = open.last().copied() {
            let text = match f.view(one) {
                _ if done.contains_key(&one) => None,
                View::Constant(truth) => Some(truth.to_string()),
                View::Atom(atom, is_true) => {
                    f.meaning(atom).cloned().map(|atom| self.leaf(f, &Leaf::Atom(atom, is_true)).to_string())
                }
                View::All(parts) | View::NotAll(parts) => {
                    let missing: Vec<_> = parts.iter().filter(|part| !done.contains_key(part)).collect();
                    if !missing.is_empty() {
                        open.extend(missing);
                        continue;
                    }
                    let mut parts: Vec<_> = parts.iter().filter_map(|part| done.get(part)).cloned().collect();
                    parts.sort();
                    Some(format!("{}({})", matches!(f.view(one), View::All(_)), parts.join(",")))
                }
            };
            done.extend(text.map(|text| (one, sha256(&text))));
            open.pop();
        }
        digits(done.get(&formula).map_or("", String::as_str))
    }
}

/// A key that belongs to no expression, not too long.
fn cut(key: &str) -> String {
    if key.len() <= MAX_KEY { key.to_owned() } else { digits(key) }
}

/// `#` and the first digits of a text's digest.
pub(in crate::analysis) fn digits(text: &str) -> String {
    sha256(text).chars().take(DIGITS).fold("#".to_owned(), |mut digits, c| {
        digits.push(c);
        digits
    })
}

/// The expressions of a policy that stand in no other one.
fn roots(unit: &Unit) -> Vec<&Expr> {
    let conditions = unit.chains.iter().flat_map(|chain| chain.conditions.iter().map(|one| &one.expr));
    let unless = unit.statements.iter().filter_map(|statement| statement.unless.as_ref());
    let values = unit.statements.iter().filter_map(|statement| match &statement.action {
        Action::Write { value, .. }
        | Action::Spread { value, .. }
        | Action::AddScope(value)
        | Action::RemoveScope(value)
        | Action::LimitScopes(value)
        | Action::SetAudience(value)
        | Action::LimitLifetime(value) => Some(value),
        Action::Remove { .. } | Action::Deny(_) => None,
    });
    let lets = unit.lets.iter().map(|binding| &binding.value);
    let ensures = unit.ensures.iter().filter_map(|ensure| ensure.when.as_ref());
    conditions.chain(unless).chain(values).chain(lets).chain(ensures).collect()
}

/// Whether a path is another one or within it.
fn is_within(path: &Path, whole: &Path) -> bool {
    path.base == whole.base && path.members.starts_with(&whole.members)
}

fn is_of_user(path: &Path) -> bool {
    path.base == Base::Root(Root::User)
}
