//! Lists: elements that make some formulas true while none makes others true.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::theory::{ListTests, invented};
use super::{Answer, Doubt, Found, Instance, Scope};
use crate::catalog::Root;
use crate::logic::atom::Path;
use crate::logic::formula::{AtomId, Formula, Formulas};
use crate::logic::lemma::Lemma;
use crate::ty::{Bounds, Shape, ShapeKind};
use crate::value::{Object, Value};

/// What is asked of an element, and by which atom.
type Asked = (Formula, AtomId);

impl Instance<'_> {
    /// A list that passes the tests.
    pub(super) fn list(&mut self, f: &mut Formulas, path: &Arc<Path>, tests: &ListTests) -> Found<Value> {
        let absent: Vec<(Formula, AtomId)> =
            tests.some.iter().filter(|(_, positive, _)| !positive).map(|(p, _, id)| (*p, *id)).collect();
        let none: Vec<Formula> = absent.iter().map(|(predicate, _)| !*predicate).collect();
        let mut items: Vec<Value> = Vec::new();
        let wanted: Vec<(Formula, AtomId)> =
            tests.some.iter().filter(|(_, positive, _)| *positive).map(|(p, _, id)| (*p, *id)).collect();
        for (predicate, id) in &wanted {
            let question = f.all(none.iter().copied().chain([*predicate]));
            match self.element_value(f, path, question) {
                Ok(Some(item)) => {
                    if !items.contains(&item) {
                        items.push(item);
                    }
                }
                Ok(None) => return self.impossible(f, path, (*predicate, *id), &absent),
                Err(doubt) => return Found::Unknown(doubt),
            }
        }
        self.sized(f, path, tests, items, (&wanted, &absent, &none))
    }

    /// No element can make one predicate true and all others false: as few of the others as say so.
    fn impossible(
        &mut self,
        f: &mut Formulas,
        path: &Arc<Path>,
        (wanted, id): (Formula, AtomId),
        absent: &[(Formula, AtomId)],
    ) -> Found<Value> {
        let mut needed: Vec<(Formula, AtomId)> = absent.to_vec();
        let mut at = 0;
        while at < needed.len() {
            let mut fewer = needed.clone();
            fewer.remove(at);
            let question = f.all(fewer.iter().map(|(p, _)| !*p).chain([wanted]));
            if self.element_value(f, path, question) == Ok(None) {
                needed = fewer;
            } else {
                at += 1;
            }
        }
        let mut literals: Vec<(AtomId, bool)> = needed.iter().map(|(_, id)| (*id, false)).collect();
        literals.push((id, true));
        literals.extend(self.scope_facts(path));
        let all: Vec<usize> = (0..literals.len()).collect();
        self.conflict(f, &literals, &all, [&**path])
    }

    /// Makes a list as long or as short as it has to be.
    fn sized(
        &mut self,
        f: &mut Formulas,
        path: &Arc<Path>,
        tests: &ListTests,
        mut items: Vec<Value>,
        (wanted, absent, none): (&[Asked], &[Asked], &[Formula]),
    ) -> Found<Value> {
        let declared = match self.shape(path).filter(|_| f.knows(Lemma::LongestList)) {
            Some(shape) => shape.bounds.max_items.unwrap_or(Bounds::DEFAULT_ITEMS),
            None => Bounds::DEFAULT_ITEMS,
        };
        let upper = tests.items.iter().filter(|(_, positive, _)| *positive).min_by_key(|(most, ..)| *most);
        let lower = tests.items.iter().filter(|(_, positive, _)| !positive).max_by_key(|(most, ..)| *most);
        let least = lower.map_or(0, |(most, ..)| most.saturating_add(1));
        let most = upper.map_or(declared, |(most, ..)| (*most).min(declared));
        let bounds =
            || upper.map(|(_, p, id)| (*id, *p)).into_iter().chain(lower.map(|(_, p, id)| (*id, *p)));
        let fail = |meaning: &Self, f: &Formulas, more: Vec<(AtomId, bool)>| {
            let literals: Vec<_> = bounds().chain(more).chain(meaning.scope_facts(path)).collect();
            let all: Vec<usize> = (0..literals.len()).collect();
            meaning.conflict(f, &literals, &all, [&**path])
        };
        if least > most {
            return fail(self, f, Vec::new());
        }
        if most == 0 && !wanted.is_empty() {
            return fail(self, f, wanted.iter().take(1).map(|(_, id)| (*id, true)).collect());
        }
        if items.len() as u64 > most {
            let together: Vec<Formula> = wanted.iter().map(|(p, _)| *p).chain(none.iter().copied()).collect();
            let question = f.all(together);
            match self.element_value(f, path, question) {
                Ok(Some(item)) => items = vec![item],
                _ => return other(format!("how few elements {path} may have")),
            }
        }
        if (items.len() as u64) < least {
            let filler = if let Some(item) = items.first() {
                item.clone()
            } else {
                let question = f.all(none.iter().copied());
                match self.element_value(f, path, question) {
                    Ok(Some(item)) => item,
                    Ok(None) => {
                        return fail(self, f, absent.iter().map(|(_, id)| (*id, false)).collect());
                    }
                    Err(doubt) => return Found::Unknown(doubt),
                }
            };
            if least > 10_000 {
                return other(format!("the length of {path}"));
            }
            while (items.len() as u64) < least {
                items.push(filler.clone());
            }
        }
        Found::Model(Value::list(items))
    }

    /// An element that makes a formula true: `None` is the proof that there is none.
    fn element_value(
        &mut self,
        f: &mut Formulas,
        list: &Arc<Path>,
        question: Formula,
    ) -> Result<Option<Value>, Doubt> {
        let key = (list.clone(), question);
        if let Some(known) = self.elements.get(&key) {
            return known.clone();
        }
        let mut inner = Instance::empty(self.unit, Scope::Element(list.clone()), self.budget);
        inner.scope_words.clone_from(&self.scope_words);
        let unclear = || Doubt::Other(format!("elements of {list}").into());
        let answer = inner.ask(f, &[question], &mut |_| true);
        let found = match answer {
            Answer::Never => Ok(None),
            Answer::Unknown(doubts) => {
                let spent = doubts.into_iter().find(|doubt| matches!(doubt, Doubt::Spent(_)));
                Err(spent.unwrap_or_else(unclear))
            }
            Answer::Perhaps(model) => {
                let base = Path::element(list);
                let values = &model.choices.values;
                let found = match self.shape(&base) {
                    Some(shape) => assembled(shape, &base, values).map(Some),
                    None => values.get(&base).cloned(),
                };
                found.ok_or_else(unclear)
            }
        };
        self.elements.insert(key, found.clone());
        found
    }

    /// The audiences that decide which scopes there are.
    fn scope_facts(&self, path: &Path) -> Vec<(AtomId, bool)> {
        if *path == Path::root(Root::Scopes) && self.scope_words.is_some() {
            self.scope_facts.clone()
        } else {
            Vec::new()
        }
    }
}

fn other<T>(what: String) -> Found<T> {
    Found::Unknown(Doubt::Other(what.into()))
}

/// The value of a shape with chosen parts; what is free and required is invented.
fn assembled(shape: &Shape, path: &Path, values: &BTreeMap<Path, Option<Value>>) -> Option<Value> {
    if let Some(chosen) = values.get(path)
        && !matches!(shape.kind, ShapeKind::Record(_) | ShapeKind::Map(_))
    {
        return chosen.clone();
    }
    let below = |name: &str| {
        values.iter().any(|(other, value)| {
            value.is_some()
                && other.base == path.base
                && other.members.len() > path.members.len()
                && other.members.iter().zip(&path.members).all(|(a, b)| a == b)
                && other.members.get(path.members.len()).is_some_and(|member| **member == *name)
        })
    };
    match &shape.kind {
        ShapeKind::Record(record) => {
            let mut members = Object::new();
            for (name, shape) in &record.members {
                let place = path.member(name);
                if values.get(&place) == Some(&None) {
                    continue;
                }
                let is_free = !below(name);
                if is_free && (shape.optional || shape.default.is_some() || shape.reads_as_empty()) {
                    continue;
                }
                members.insert(name.clone(), assembled(shape, &place, values)?);
            }
            Some(Value::object(members))
        }
        ShapeKind::Map(value) => {
            let mut members = Object::new();
            for (other, chosen) in values {
                if other.parent().as_ref() == Some(path)
                    && let (Some(name), Some(_)) = (other.members.last(), chosen)
                {
                    members.insert(name.clone(), assembled(value, other, values)?);
                }
            }
            Some(Value::object(members))
        }
        _ => Some(invented(shape, path.members.last().map_or("element", |member| &**member))),
    }
}
