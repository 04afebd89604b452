//! How large values and tokens can be.
//!
//! Every expression gets an upper bound of the bytes of its compact JSON text, from the shapes of claims.yaml (which the
//! evaluator enforces), constants, types, and what methods do to sizes. No request gives more; some expressions cannot
//! give as much.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::builtins::{Measured, MeasuredArgument};
use crate::catalog::{Root, World};
use crate::ir::{Argument, Element, Expr, ExprKind, LetId, LocalId, Member, Slot, SlotId, Unit};
use crate::ty::decode::{Undeclared, decode};
use crate::ty::size::{Members, Size, Text};
use crate::ty::{Shape, ShapeKind};
use crate::value::Value;

mod contents;
mod inflate;
mod limits;
mod report;
mod search;
mod show;
mod token;

pub(super) use contents::Contents;
pub(super) use limits::Around;
pub(super) use report::analyse;
pub(crate) use report::grouped;
pub use token::{Known, Protocol, assumed, token_bytes};

crate::codes! {
    /// A token that can be issued is larger than its audience or the target host takes.
    TOKEN_TOO_LARGE = "C0710" "token-too-large" Error;
    /// Whether a token keeps a limit could not be decided.
    UNDECIDED_SIZE = "C0711" "undecided-size" Warning allow;
}

/// How large the value of an expression can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// Bytes of compact JSON; `u64::MAX` for that and more.
    pub bytes: u64,
    /// Attributes without a bound of their own in claims.yaml that the bound comes from: lower ones would lower it.
    pub unbounded_by: BTreeSet<SlotId>,
}

impl From<&Size> for Bound {
    fn from(size: &Size) -> Self {
        Bound { bytes: size.json, unbounded_by: size.all_free().into_iter().map(SlotId).collect() }
    }
}

/// The sizes of what a policy computes.
pub struct Sizes<'u> {
    unit: &'u Unit,
    slots: Vec<Size>,
    tables: Vec<Size>,
    lets: Vec<Size>,
    /// What parameters of lambdas are, while their bodies are measured.
    locals: RefCell<BTreeMap<LocalId, Size>>,
}

impl<'u> Sizes<'u> {
    /// Measures attributes, tables and lets.
    pub fn of(unit: &'u Unit) -> Self {
        let slots = unit.slots.iter().zip(0..).map(|(slot, id)| of_slot(unit, slot, id)).collect();
        let tables = unit.tables.iter().map(|table| Size::largest(table.rows.iter().map(|(_, row)| row)));
        let tables = tables.collect();
        let mut sizes = Sizes { unit, slots, tables, lets: Vec::new(), locals: RefCell::default() };
        // A let reads only lets before it.
        for binding in &unit.lets {
            let size = sizes.size(&binding.value);
            sizes.lets.push(size);
        }
        sizes
    }

    /// What the parameter of a lambda is from now on.
    pub(super) fn set_local(&self, param: LocalId, size: Size) {
        self.locals.borrow_mut().insert(param, size);
    }

    /// How large the value of an expression can be.
    pub fn bound(&self, expr: &Expr) -> Bound {
        Bound::from(&self.size(expr))
    }

    /// The same with what is known of parts of the value.
    pub fn size(&self, expr: &Expr) -> Size {
        self.untyped(expr).within_type(&expr.ty)
    }

    fn untyped(&self, expr: &Expr) -> Size {
        let known = |sizes: &[Size], index: usize| sizes.get(index).cloned().unwrap_or_else(Size::unlimited);
        match &*expr.kind {
            ExprKind::Error => Size::unlimited(),
            ExprKind::Omit => Size::nothing(),
            ExprKind::Literal(value) => Size::of_value(value),
            ExprKind::Slot(id) => known(&self.slots, id.index()),
            ExprKind::Local(id) => self.locals.borrow().get(id).cloned().unwrap_or_else(Size::unlimited),
            ExprKind::Let(id) => known(&self.lets, id.index()),
            ExprKind::Lookup { table, .. } => known(&self.tables, table.index()),
            ExprKind::Member(object, name) => self.size(object).member(name),
            ExprKind::Index(object, _) => {
                let object = self.size(object);
                object.each().or(&object.members().each())
            }
            ExprKind::Template(parts) => self.template(parts),
            ExprKind::Join(parts) if expr.ty.kind.is_text() => self.template(parts),
            ExprKind::Join(parts) => self.list(parts.iter().map(|part| (true, part))),
            ExprKind::List(elements) => {
                self.list(elements.iter().map(|Element { spread, value }| (*spread, value)))
            }
            ExprKind::Record(members) => self.record(members),
            ExprKind::If { then, otherwise, .. } => self.either([then, otherwise]),
            ExprKind::Match { arms, otherwise, .. } => {
                self.either(arms.iter().map(|(_, value)| value).chain(otherwise))
            }
            ExprKind::Coalesce(operands) => self.either(operands),
            ExprKind::Call { builtin, receiver, arguments, .. } => {
                let receiver = self.size(receiver);
                let arguments = arguments.iter().map(|argument| self.argument(argument)).collect();
                builtin.size(&Measured { receiver, arguments, ty: &expr.ty })
            }
            ExprKind::As(operand, shape) => self.cast(operand, shape),
            ExprKind::Sum(..) | ExprKind::Product(_) | ExprKind::Negate(_) => Size::int(),
            ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::Not(_)
            | ExprKind::Compare { .. }
            | ExprKind::In { .. }
            | ExprKind::Exists(_)
            | ExprKind::UserExists
            | ExprKind::Login
            | ExprKind::Failed(_)
            | ExprKind::AudienceIs(..)
            | ExprKind::AudienceHas(..)
            | ExprKind::AudienceWithin(..) => Size::bool(),
        }
    }

    /// What an attribute is at the most.
    pub(super) fn slot(&self, id: SlotId) -> Size {
        self.slots.get(id.index()).cloned().unwrap_or_else(Size::unlimited)
    }

    fn either<'e>(&self, all: impl IntoIterator<Item = &'e Expr>) -> Size {
        all.into_iter().fold(Size::nothing(), |either, expr| either.or(&self.size(expr)))
    }

    fn template(&self, parts: &[Expr]) -> Size {
        parts.iter().fold(Size::string(Text::EMPTY), |all, part| {
            let part = self.size(part);
            let text = all.text.unwrap_or(Text::EMPTY).then(part.as_text());
            Size::string(text).blamed_on(all.free).blamed_on(part.all_free())
        })
    }

    /// Elements, and lists whose elements stand among them.
    fn list<'e>(&self, elements: impl Iterator<Item = (bool, &'e Expr)>) -> Size {
        let (mut most, mut json) = (0_u64, 1_u64);
        let mut each = Size::nothing();
        let (mut free, mut all_free) = (BTreeSet::new(), BTreeSet::new());
        for (spread, value) in elements {
            let size = self.size(value);
            all_free.extend(size.all_free());
            let (count, bytes, element) = if spread {
                free.extend(size.free.iter().copied());
                (size.most(), size.json.saturating_sub(2), size.each())
            } else {
                (1, size.json, size)
            };
            json = json.saturating_add(bytes).saturating_add(1);
            most = most.saturating_add(count);
            each = each.or(&element);
        }
        Size::list(most, each).blamed_on(free).at_most(json.max(2), all_free)
    }

    fn record(&self, members: &[Member]) -> Size {
        let mut all = Members::default();
        let mut json = 1_u64;
        let (mut free, mut all_free) = (BTreeSet::new(), BTreeSet::new());
        for member in members {
            let size = match member {
                Member::Named(name, value) => {
                    Size::object(Members { known: vec![(name.clone(), self.size(value))], rest: None })
                }
                Member::Spread(value) => self.size(value),
            };
            json = json.saturating_add(size.json.saturating_sub(1));
            all = all.extended(&size.members());
            all_free.extend(size.all_free());
            free.extend(size.free);
        }
        Size::object(all).blamed_on(free).at_most(json.max(2), all_free)
    }

    fn argument<'e>(&'e self, argument: &'e Argument) -> MeasuredArgument<'e> {
        match argument {
            Argument::Value(value) => MeasuredArgument::Value(self.size(value), self.constant(value)),
            Argument::Lambda { param, body } => MeasuredArgument::Lambda(Box::new(|value| {
                self.set_local(*param, value.clone());
                self.size(body)
            })),
            Argument::Regex(regex) => MeasuredArgument::Regex(regex),
        }
    }

    fn constant<'e>(&'e self, expr: &'e Expr) -> Option<&'e Value> {
        match &*expr.kind {
            ExprKind::Literal(value) => Some(value),
            ExprKind::Let(id) => self.constant(self.binding(*id)?),
            _ => None,
        }
    }

    fn binding(&self, id: LetId) -> Option<&'u Expr> {
        self.unit.lets.get(id.index()).map(|binding| &binding.value)
    }

    /// `as` gives what the value was, without members that the type does not have; the default bounds hold for it too.
    fn cast(&self, operand: &Expr, shape: &Shape) -> Size {
        let operand = self.size(operand);
        let cast = Size::of_shape(shape, None);
        let cast = if shape.grows() { cast } else { cast.within(&operand) };
        cast.blamed_on(operand.all_free())
    }
}

/// What reading an attribute gives.
fn of_slot(unit: &Unit, slot: &Slot, id: u32) -> Size {
    let listed = match (slot.root, slot.path.as_slice()) {
        (Root::Client, [member]) if unit.catalog.client_world == World::Closed => client(unit, member),
        (Root::Audience, []) if unit.catalog.audience_world == World::Closed => Some(audience(unit)),
        (Root::Config, [name, rest @ ..]) => constant(unit, name, rest),
        _ => None,
    };
    if let Some(size) = listed {
        return size;
    }
    let Some(mut shape) = unit.catalog.input(slot.root) else { return Size::unlimited() };
    for name in &slot.path {
        let inner = match &shape.kind {
            ShapeKind::Record(record) => record.member(name),
            ShapeKind::Map(value) => Some(&**value),
            _ => None,
        };
        match inner {
            Some(inner) => shape = inner,
            // A member that nobody declared.
            None => return Size::of_shape(&Shape::of(ShapeKind::Json), Some(id)),
        }
    }
    let size = Size::of_shape(shape, Some(id));
    if is_scopes(slot) { scopes(&size).blamed_on([id]) } else { size }
}

/// Id or name of a listed client.
fn client(unit: &Unit, member: &str) -> Option<Size> {
    let texts: Vec<Option<&str>> = match member {
        "id" => unit.catalog.clients.values().map(|client| Some(&*client.id)).collect(),
        "name" => unit.catalog.clients.values().map(|client| client.name.as_deref()).collect(),
        _ => return None,
    };
    Some(texts.into_iter().flatten().fold(Size::nothing(), |all, text| all.or(&Size::string(Text::of(text)))))
}

/// As many listed audiences as may stand in one token.
fn audience(unit: &Unit) -> Size {
    let catalog = &unit.catalog;
    let ids = catalog.audiences.values().map(|audience| Size::string(Text::of(&audience.id)));
    let each = ids.fold(Size::nothing(), |all, id| all.or(&id));
    let sets = catalog.audience_sets.iter().flatten().map(|set| set.len() as u64);
    Size::list(sets.max().unwrap_or(1).max(1), each)
}

/// A constant that claims.yaml states, or that was bound.
fn constant(unit: &Unit, name: &str, rest: &[std::sync::Arc<str>]) -> Option<Size> {
    let ShapeKind::Record(record) = &unit.catalog.input(Root::Config)?.kind else { return None };
    let value = unit.catalog.config.get(name)?.value.as_ref()?;
    let value = decode(value, record.member(name)?, Undeclared::LeftOut).ok()?;
    Some(rest.iter().fold(Size::of_value(&value), |size, name| size.member(name)))
}

fn is_scopes(slot: &Slot) -> bool {
    match (slot.root, slot.path.as_slice()) {
        (Root::Scopes, []) => true,
        (Root::Requested | Root::Original, [member]) => &**member == "scopes",
        _ => false,
    }
}

/// Scopes have no characters that JSON escapes (RFC 6749 section 3.3); requests with others are malformed.
fn scopes(size: &Size) -> Size {
    let each = size.each().text.unwrap_or(Text::EMPTY);
    Size::list(size.most(), Size::string(Text::plain(each.bytes)))
}

#[cfg(test)]
mod tests;
