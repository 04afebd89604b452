//! Walks over typed expressions.

use std::collections::BTreeSet;

use super::{Argument, Element, Expr, ExprKind, Let, LetId, Member, SlotId};

/// Puts the parts of an expression's kind, shared or to be changed, at the end of a list.
macro_rules! push_parts {
    ($kind:expr, $iter:ident, $open:expr) => {
        match $kind {
            ExprKind::Error
            | ExprKind::Literal(_)
            | ExprKind::Omit
            | ExprKind::Slot(_)
            | ExprKind::Local(_)
            | ExprKind::Let(_)
            | ExprKind::UserExists
            | ExprKind::Login
            | ExprKind::Failed(_) => {}
            ExprKind::Member(e, _)
            | ExprKind::Negate(e)
            | ExprKind::As(e, _)
            | ExprKind::Not(e)
            | ExprKind::Exists(e)
            | ExprKind::AudienceIs(_, e)
            | ExprKind::AudienceHas(_, e)
            | ExprKind::AudienceWithin(_, e) => $open.push(e),
            ExprKind::Index(a, b)
            | ExprKind::Compare { left: a, right: b, .. }
            | ExprKind::In { element: a, list: b, .. } => $open.extend([a, b]),
            ExprKind::Lookup { keys: many, .. }
            | ExprKind::Template(many)
            | ExprKind::Join(many)
            | ExprKind::Product(many)
            | ExprKind::Coalesce(many)
            | ExprKind::And(many)
            | ExprKind::Or(many) => $open.extend(many.$iter()),
            ExprKind::List(elements) => $open.extend(elements.$iter().map(|Element { value, .. }| value)),
            ExprKind::Record(members) => $open.extend(members.$iter().map(|m| match m {
                Member::Named(_, e) | Member::Spread(e) => e,
            })),
            ExprKind::If { condition, then, otherwise, .. } => $open.extend([condition, then, otherwise]),
            ExprKind::Match { subject, arms, otherwise, .. } => {
                $open.push(subject);
                $open.extend(arms.$iter().map(|(_, e)| e).chain(otherwise));
            }
            ExprKind::Call { receiver, arguments, .. } => {
                $open.push(receiver);
                $open.extend(arguments.$iter().filter_map(|a| match a {
                    Argument::Value(e) | Argument::Lambda { body: e, .. } => Some(e),
                    Argument::Regex(_) => None,
                }));
            }
            ExprKind::Sum(first, rest) => {
                $open.push(first);
                $open.extend(rest.$iter().map(|(_, e)| e));
            }
        }
    };
}

/// Turns what a list got since it had `before` elements, so that the first of them is taken first.
fn turn<T>(open: &mut [T], before: usize) {
    if let Some(new) = open.get_mut(before..) {
        new.reverse();
    }
}

impl Expr {
    /// The expressions directly inside this one, lambda bodies included; a `let` is not entered.
    pub fn children(&self) -> Vec<&Expr> {
        let mut children = Vec::new();
        push_parts!(&*self.kind, iter, children);
        children
    }

    /// Calls `f` for the id of every `let` in this expression, in the order in which they stand there; a `let` is not
    /// entered.
    pub(super) fn rename_lets(&mut self, f: &mut impl FnMut(LetId) -> LetId) {
        let mut open = vec![self];
        while let Some(expr) = open.pop() {
            if let ExprKind::Let(id) = &mut *expr.kind {
                *id = f(*id);
            }
            let before = open.len();
            push_parts!(&mut *expr.kind, iter_mut, open);
            turn(&mut open, before);
        }
    }

    /// Calls `f` for the number of every attribute in this expression; a `let` is not entered.
    pub(super) fn rename_slots(&mut self, f: &mut impl FnMut(SlotId) -> SlotId) {
        let mut open = vec![self];
        while let Some(expr) = open.pop() {
            if let ExprKind::Slot(id) = &mut *expr.kind {
                *id = f(*id);
            }
            push_parts!(&mut *expr.kind, iter_mut, open);
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
            let before = open.len();
            push_parts!(&*expr.kind, iter, open);
            turn(&mut open, before);
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
