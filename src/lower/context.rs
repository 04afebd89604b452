//! What is known at a place of the policy: names in scope, and what is certainly present.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;

use crate::ast;
use crate::ir::{Argument, Expr, ExprKind, LetId, LocalId, Slot};
use crate::ty::Type;

/// What a parameter or local `let` stands for.
#[derive(Clone)]
pub(super) enum Binding<'a> {
    /// The parameter of a lambda.
    Local(LocalId, Type),
    /// The parameter of a function: its argument, in the scope of the call, and whether the body has used it.
    Argument { ast: &'a ast::Expr, scope: Scope<'a>, calls: Calls<'a>, is_used: Rc<Cell<bool>> },
    /// A `let` of a block.
    Let(LetId),
    /// A declaration with a mistake that was reported.
    Poison,
}

/// Names in scope beside the policy's own, innermost first. Sharing makes it cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Scope<'a>(Option<Rc<Entry<'a>>>);

struct Entry<'a> {
    name: &'a str,
    binding: Binding<'a>,
    outer: Scope<'a>,
}

impl Drop for Scope<'_> {
    /// A block may have any number of lets, so the chain is not dropped by recursion.
    fn drop(&mut self) {
        let mut next = self.0.take();
        while let Some(mut entry) = next.and_then(Rc::into_inner) {
            next = entry.outer.0.take();
        }
    }
}

impl<'a> Scope<'a> {
    /// This scope with one more name.
    pub(super) fn with(&self, name: &'a str, binding: Binding<'a>) -> Self {
        Scope(Some(Rc::new(Entry { name, binding, outer: self.clone() })))
    }

    /// The innermost binding of a name.
    pub(super) fn get(&self, name: &str) -> Option<Binding<'a>> {
        self.names().find(|entry| entry.name == name).map(|entry| entry.binding.clone())
    }

    /// All names.
    pub(super) fn all(&self) -> impl Iterator<Item = &'a str> {
        self.names().map(|entry| entry.name)
    }

    fn names(&self) -> impl Iterator<Item = &Entry<'a>> {
        std::iter::successors(self.0.as_deref(), |entry| entry.outer.0.as_deref())
    }
}

/// What is certain at a place: the places that have a value, and whether there is a user.
#[derive(Clone, Default)]
pub(super) struct Facts {
    present: Rc<BTreeSet<Rc<str>>>,
    /// The request has a user.
    pub(super) user: bool,
}

impl Facts {
    /// Whether the place with this key has a value.
    pub(super) fn has(&self, key: &str) -> bool {
        self.present.contains(key)
    }

    fn add(&mut self, key: String) {
        if !self.present.contains(key.as_str()) {
            Rc::make_mut(&mut self.present).insert(key.into());
        }
    }

    fn union(&mut self, other: &Facts) {
        self.user |= other.user;
        if self.present.is_empty() {
            self.present = other.present.clone();
        } else if !other.present.is_subset(&self.present) {
            Rc::make_mut(&mut self.present).extend(other.present.iter().cloned());
        }
    }

    fn intersection(&self, other: &Facts) -> Facts {
        Facts {
            present: Rc::new(self.present.intersection(&other.present).cloned().collect()),
            user: self.user && other.user,
        }
    }
}

/// Everything that the lowering of an expression depends on beside its text.
#[derive(Clone, Default)]
pub(super) struct Context<'a> {
    pub(super) scope: Scope<'a>,
    pub(super) facts: Facts,
    /// The functions whose bodies this place is part of.
    pub(super) calls: Calls<'a>,
}

/// The functions that are being expanded, innermost first.
#[derive(Clone, Default)]
pub(super) struct Calls<'a>(Option<Rc<(&'a str, Calls<'a>)>>);

impl<'a> Calls<'a> {
    /// One more.
    pub(super) fn with(&self, function: &'a str) -> Self {
        Calls(Some(Rc::new((function, self.clone()))))
    }

    /// Whether none is.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Those from the innermost to this one.
    pub(super) fn up_to(&self, function: &str) -> impl Iterator<Item = &'a str> {
        let mut is_over = false;
        std::iter::successors(self.0.as_deref(), |call| call.1.0.as_deref())
            .take_while(move |call| !std::mem::replace(&mut is_over, call.0 == function))
            .map(|call| call.0)
    }

    /// Whether this one is.
    pub(super) fn contains(&self, function: &str) -> bool {
        std::iter::successors(self.0.as_deref(), |call| call.1.0.as_deref()).any(|call| call.0 == function)
    }
}

impl<'a> Context<'a> {
    /// The same place with more certain.
    pub(super) fn knowing(&self, facts: &Facts) -> Self {
        let mut context = self.clone();
        context.facts.union(facts);
        context
    }

    /// The same place with one more name.
    pub(super) fn binding(&self, name: &'a str, binding: Binding<'a>) -> Self {
        Context { scope: self.scope.with(name, binding), ..self.clone() }
    }
}

/// What is known of a `let`.
pub(super) struct LetFacts {
    /// The key of the path that it stands for.
    path: Option<String>,
    /// What is certain where it is known to be true.
    if_true: Facts,
    /// What is certain where it is known to be false.
    if_false: Facts,
}

/// The tables that facts refer to.
pub(super) struct Tables<'t> {
    pub(super) slots: &'t indexmap::IndexSet<Slot>,
    /// Of every `let` so far: found once for each, because lets that stand for each other would multiply.
    pub(super) lets: &'t [LetFacts],
}

/// The key of a slot's place.
pub(super) fn slot_key(slot: &Slot) -> String {
    let mut key = format!("{}:", slot.root.as_str());
    for member in &slot.path {
        key.push('\u{1f}');
        key.push_str(member);
    }
    key
}

impl Tables<'_> {
    /// The key of a place: an attribute, `let`, parameter, a constant member or element of one, or what a method or
    /// `as` makes of one with constants alone.
    pub(super) fn key(&self, expr: &Expr) -> Option<String> {
        Some(match &*expr.kind {
            ExprKind::Slot(id) => slot_key(self.slots.get_index(id.index())?),
            // A let that stands for a path is that path.
            ExprKind::Let(id) => match self.lets.get(id.index()).and_then(|known| known.path.clone()) {
                Some(path) => path,
                None => format!("let {}", id.0),
            },
            ExprKind::Local(id) => format!("local {}", id.0),
            ExprKind::Member(object, name) => format!("{}\u{1f}{name}", self.key(object)?),
            ExprKind::Index(object, index) => {
                format!("{}[{}]", self.key(object)?, self.key_or_constant(index)?)
            }
            ExprKind::Call { builtin, receiver, arguments, .. } => {
                let arguments: Option<Vec<String>> = arguments
                    .iter()
                    .map(|argument| match argument {
                        Argument::Value(value) => self.key_or_constant(value),
                        Argument::Lambda { .. } | Argument::Regex(_) => None,
                    })
                    .collect();
                format!("{}.{}({})", self.key(receiver)?, builtin.name(), arguments?.join(","))
            }
            ExprKind::As(inner, shape) => format!("{} as {}", self.key(inner)?, shape.ty()),
            ExprKind::Lookup { table, keys, .. } => {
                let keys: Option<Vec<String>> = keys.iter().map(|key| self.key_or_constant(key)).collect();
                format!("table {}[{}]", table.0, keys?.join(","))
            }
            _ => return None,
        })
    }

    fn key_or_constant(&self, expr: &Expr) -> Option<String> {
        match &*expr.kind {
            ExprKind::Literal(value) => Some(value.to_json()),
            _ => self.key(expr),
        }
    }

    /// What is known of a `let` with this value.
    pub(super) fn let_facts(&self, value: &Expr) -> LetFacts {
        let is_path = matches!(&*value.kind, ExprKind::Slot(_) | ExprKind::Let(_) | ExprKind::Member(..));
        LetFacts {
            path: if is_path { self.key(value) } else { None },
            if_true: self.learn(value, true),
            if_false: self.learn(value, false),
        }
    }

    /// What is certain where a condition is known to be true (or, with `truth` false, known to be false).
    pub(super) fn learn(&self, condition: &Expr, truth: bool) -> Facts {
        let mut facts = Facts::default();
        match (&*condition.kind, truth) {
            (ExprKind::And(all), true) | (ExprKind::Or(all), false) => {
                for one in all {
                    facts.union(&self.learn(one, truth));
                }
            }
            (ExprKind::And(all), false) | (ExprKind::Or(all), true) => {
                let each = all.iter().map(|one| self.learn(one, truth));
                facts = each.reduce(|a, b| a.intersection(&b)).unwrap_or_default();
            }
            (ExprKind::Not(inner), _) => return self.learn(inner, !truth),
            (ExprKind::Exists(inner), true) => self.present(inner, &mut facts),
            (ExprKind::Exists(inner), false) => facts.user = inner.needs_user,
            (ExprKind::UserExists | ExprKind::Login, true) => facts.user = true,
            (ExprKind::Let(id), _) => {
                if let Some(inner) = self.lets.get(id.index()) {
                    facts.union(if truth { &inner.if_true } else { &inner.if_false });
                }
                self.present(condition, &mut facts);
            }
            (ExprKind::Compare { .. } | ExprKind::In { .. }, true) if self.implies_user(condition) => {
                facts.user = true;
            }
            _ => self.present(condition, &mut facts),
        }
        facts
    }

    /// `grant = authorization_code`, `grant in [..]` with nothing but grants that always have a user.
    fn implies_user(&self, condition: &Expr) -> bool {
        use crate::ast::Comparison;
        use crate::standard::{Grant, UserPresence};
        let is_grant = |expr: &Expr| {
            matches!(&*expr.kind, ExprKind::Slot(id)
                if self.slots.get_index(id.index()).is_some_and(|s| s.root == crate::catalog::Root::Grant))
        };
        let always = |expr: &Expr| match &*expr.kind {
            ExprKind::Literal(value) => value
                .as_str()
                .and_then(Grant::parse)
                .is_some_and(|grant| grant.user() == UserPresence::Always),
            _ => false,
        };
        match &*condition.kind {
            ExprKind::Compare { operator: Comparison::Equal, left, right, .. } => {
                (is_grant(left) && always(right)) || (is_grant(right) && always(left))
            }
            ExprKind::In { element, list, .. } => {
                is_grant(element)
                    && matches!(&*list.kind, ExprKind::List(elements)
                        if elements.iter().all(|e| !e.spread && always(&e.value)))
            }
            _ => false,
        }
    }

    /// The places that must have a value for an expression to have one.
    fn present(&self, expr: &Expr, facts: &mut Facts) {
        let mut open = vec![expr];
        while let Some(expr) = open.pop() {
            facts.user |= expr.needs_user;
            if let Some(key) = self.key(expr) {
                facts.add(key);
            }
            match &*expr.kind {
                ExprKind::Slot(id) => {
                    if let Some(slot) = self.slots.get_index(id.index()) {
                        let mut slot = slot.clone();
                        while slot.path.pop().is_some() {
                            facts.add(slot_key(&slot));
                        }
                    }
                }
                ExprKind::Member(inner, _) | ExprKind::As(inner, _) | ExprKind::Negate(inner) => {
                    open.push(inner);
                }
                ExprKind::Index(a, b)
                | ExprKind::Compare { left: a, right: b, .. }
                | ExprKind::In { element: a, list: b, .. } => open.extend([a, b]),
                ExprKind::Template(parts) | ExprKind::Join(parts) | ExprKind::Product(parts) => {
                    open.extend(parts);
                }
                ExprKind::Sum(first, rest) => {
                    open.push(first);
                    open.extend(rest.iter().map(|(_, e)| e));
                }
                ExprKind::Lookup { keys, .. } => open.extend(keys),
                ExprKind::Call { builtin, receiver, .. } if !builtin.accepts_absent() => open.push(receiver),
                _ => {}
            }
        }
    }
}
