//! Walks over typed expressions.

use std::collections::BTreeSet;

use super::{Argument, Element, Expr, ExprKind, Let, LetId, Member, SlotId};

/// The parts of an expression's kind, shared or to be changed.
macro_rules! children {
    ($kind:expr, $iter:ident) => {
        match $kind {
            ExprKind::Error
            | ExprKind::Literal(_)
            | ExprKind::Omit
            | ExprKind::Slot(_)
            | ExprKind::Local(_)
            | ExprKind::Let(_)
            | ExprKind::UserExists
            | ExprKind::Login
            | ExprKind::Failed(_) => Vec::new(),
            ExprKind::Member(e, _)
            | ExprKind::Negate(e)
            | ExprKind::As(e, _)
            | ExprKind::Not(e)
            | ExprKind::Exists(e)
            | ExprKind::AudienceIs(_, e)
            | ExprKind::AudienceHas(_, e)
            | ExprKind::AudienceWithin(_, e) => vec![e],
            ExprKind::Index(a, b)
            | ExprKind::Compare { left: a, right: b, .. }
            | ExprKind::In { element: a, list: b, .. } => vec![a, b],
            ExprKind::Lookup { keys: many, .. }
            | ExprKind::Template(many)
            | ExprKind::Join(many)
            | ExprKind::Product(many)
            | ExprKind::Coalesce(many)
            | ExprKind::And(many)
            | ExprKind::Or(many) => many.$iter().collect(),
            ExprKind::List(elements) => elements.$iter().map(|Element { value, .. }| value).collect(),
            ExprKind::Record(members) => members
                .$iter()
                .map(|m| match m {
                    Member::Named(_, e) | Member::Spread(e) => e,
                })
                .collect(),
            ExprKind::If { condition, then, otherwise, .. } => vec![condition, then, otherwise],
            ExprKind::Match { subject, arms, otherwise, .. } => {
                std::iter::once(subject).chain(arms.$iter().map(|(_, e)| e)).chain(otherwise).collect()
            }
            ExprKind::Call { receiver, arguments, .. } => std::iter::once(receiver)
                .chain(arguments.$iter().filter_map(|a| match a {
                    Argument::Value(e) | Argument::Lambda { body: e, .. } => Some(e),
                    Argument::Regex(_) => None,
                }))
                .collect(),
            ExprKind::Sum(first, rest) => {
                std::iter::once(first).chain(rest.$iter().map(|(_, e)| e)).collect()
            }
        }
    };
}

impl Expr {
    /// The expressions directly inside this one, lambda bodies included; a `let` is not entered.
    pub fn children(&self) -> Vec<&Expr> {
        children!(&*self.kind, iter)
    }

    /// The same, to be changed.
    fn children_mut(&mut self) -> Vec<&mut Expr> {
        children!(&mut *self.kind, iter_mut)
    }

    /// Calls `f` for the id of every `let` in this expression, in the order in which they stand there; a `let` is not
    /// entered.
    pub(super) fn rename_lets(&mut self, f: &mut impl FnMut(LetId) -> LetId) {
        let mut open = vec![self];
        while let Some(expr) = open.pop() {
            if let ExprKind::Let(id) = &mut *expr.kind {
                *id = f(*id);
            }
            let mut children = expr.children_mut();
            children.reverse();
            open.extend(children);
        }
    }

    /// Calls `f` for the number of every attribute in this expression; a `let` is not entered.
    pub(super) fn rename_slots(&mut self, f: &mut impl FnMut(SlotId) -> SlotId) {
        let mut open = vec![self];
        while let Some(expr) = open.pop() {
            if let ExprKind::Slot(id) = &mut *expr.kind {
                *id = f(*id);
            }
            open.extend(expr.children_mut());
        }
    }

    /// Calls `f` for this expression and everything inside it, lets entered once each; `f` returns whether to go on
    /// into an expression's parts.
    pub fn walk<'a>(&'a self, lets: &'a [Let], f: &mut impl FnMut(&'a Expr) -> bool) {
        let mut entered = BTreeSet::new();
        let mut open = vec![self];
        while let Some(expr) = open.pop() {
            if !f(expr) {
                continue;
            }
            if let ExprKind::Let(id) = &*expr.kind
                && entered.insert(*id)
            {
                open.extend(lets.get(id.index()).map(|l| &l.value));
            }
            let mut children = expr.children();
            children.reverse();
            open.extend(children);
        }
    }

    /// The slots that it reads, lets included.
    pub fn slots(&self, lets: &[Let]) -> BTreeSet<SlotId> {
        let mut slots = BTreeSet::new();
        self.walk(lets, &mut |expr| {
            if let ExprKind::Slot(id) = &*expr.kind {
                slots.insert(*id);
            }
            true
        });
        slots
    }

    /// Whether an expression inside, lets included, is like that.
    pub fn any(&self, lets: &[Let], mut test: impl FnMut(&Expr) -> bool) -> bool {
        let mut found = false;
        self.walk(lets, &mut |expr| {
            found = found || test(expr);
            !found
        });
        found
    }
}
