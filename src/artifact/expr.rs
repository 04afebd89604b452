//! Typed expressions. They stand within each other, so they can have no cycles.

use std::sync::Arc;

use regex::Regex;

use super::Fault;
use super::checker::Checker;
use super::reader::Reader;
use super::types;
use super::wire::{Wire, wire_enum, wire_struct};
#[cfg(feature = "compiler")]
use super::writer::Writer;
use crate::ast::{Comparison, SumOperator};
use crate::builtins::Builtin;
use crate::ir::{
    Argument, AudienceOf, ChainId, ClaimId, Element, Expr, ExprKind, LetId, LocalId, Member, SlotId, TableId,
};
use crate::source::Span;
use crate::ty::Shape;
use crate::value::Value;

/// Its kind with its parts, then the number of its type with two marks, then its place.
impl Wire for Expr {
    #[cfg(feature = "compiler")]
    fn write(&self, to: &mut Writer) {
        let Expr { kind, ty, needs_user, spends, span } = self;
        kind.write(to);
        let ty = types::id(ty, to);
        to.number(ty << 2 | u64::from(*needs_user) << 1 | u64::from(*spends));
        span.write(to);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let kind = Box::read(from)?;
        let number = from.number()?;
        let ty = from.ty(number >> 2)?;
        Some(Expr { kind, ty, needs_user: number & 2 != 0, spends: number & 1 != 0, span: Wire::read(from)? })
    }

    fn check(of: &mut Checker<'_>) -> Result<(), Fault> {
        of.nested(ExprKind::check)?;
        let number = of.number()?;
        types::check_id(of, number >> 2)?;
        Span::check(of)
    }
}

wire_enum! { ExprKind {
    0 => Error,
    1 => Literal(value: Value),
    2 => Omit,
    3 => Slot(slot: SlotId),
    4 => Local(local: LocalId),
    5 => Let(binding: LetId),
    6 => Member(object: Expr, name: Arc<str>),
    7 => Index(object: Expr, index: Expr),
    8 => Lookup { table: TableId, keys: Vec<Expr>, fold: Vec<bool> },
    9 => Template(parts: Vec<Expr>),
    10 => List(elements: Vec<Element>),
    11 => Record(members: Vec<Member>),
    12 => If { condition: Expr, reads_user: bool, then: Expr, otherwise: Expr },
    13 => Match {
        subject: Expr, reads_user: bool, fold: bool, arms: Vec<(Vec<Value>, Expr)>, otherwise: Option<Expr>
    },
    14 => Call { builtin: &'static Builtin, receiver: Expr, arguments: Vec<Argument>, fold: bool },
    15 => Join(parts: Vec<Expr>),
    16 => Sum(first: Expr, rest: Vec<(SumOperator, Expr)>),
    17 => Product(factors: Vec<Expr>),
    18 => Negate(operand: Expr),
    19 => Coalesce(operands: Vec<Expr>),
    20 => As(operand: Expr, shape: Arc<Shape>),
    21 => And(operands: Vec<Expr>),
    22 => Or(operands: Vec<Expr>),
    23 => Not(operand: Expr),
    24 => Compare { operator: Comparison, left: Expr, right: Expr, fold: bool },
    25 => In { element: Expr, list: Expr, fold: bool },
    26 => Exists(operand: Expr),
    27 => UserExists,
    28 => Login,
    29 => Failed(source: Arc<str>),
    30 => AudienceIs(of_which: AudienceOf, ids: Expr),
    31 => AudienceHas(of_which: AudienceOf, ids: Expr),
    32 => AudienceWithin(of_which: AudienceOf, ids: Expr),
} }

wire_struct!(Element { spread, value });

wire_enum! { Member {
    0 => Named(name: Arc<str>, value: Expr),
    1 => Spread(value: Expr),
} }

wire_enum! { Argument {
    0 => Value(value: Expr),
    1 => Lambda { param: LocalId, body: Expr },
    2 => Regex(regex: Arc<Regex>),
} }

wire_enum! { AudienceOf {
    0 => Token,
    1 => Requested,
} }

wire_enum! { Comparison {
    0 => Equal,
    1 => NotEqual,
    2 => Less,
    3 => LessEqual,
    4 => Greater,
    5 => GreaterEqual,
} }

wire_enum! { SumOperator {
    0 => Plus,
    1 => Minus,
} }

/// Numbers of things that keep them, whatever is read.
macro_rules! wire_ids {
    ($($name:ident $sizes:ident $fault:ident;)*) => { $(
        impl Wire for $name {
            #[cfg(feature = "compiler")]
            fn write(&self, to: &mut Writer) {
                to.number(u64::from(self.0));
            }

            fn read(from: &mut Reader<'_>) -> Option<Self> {
                from.id().map($name)
            }

            fn check(of: &mut Checker<'_>) -> Result<(), Fault> {
                of.below(of.sizes.$sizes as usize, Fault::$fault).map(drop)
            }
        }
    )* };
}

wire_ids! {
    SlotId slots Slot;
    TableId tables Table;
    ClaimId claims Claim;
    LocalId locals Local;
}

/// A new number where not all chains are read.
impl Wire for ChainId {
    #[cfg(feature = "compiler")]
    fn write(&self, to: &mut Writer) {
        to.number(u64::from(self.0));
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let id = from.id()?;
        Some(ChainId(from.chosen.as_mut().map_or(id, |chosen| chosen.chains.number(id))))
    }

    fn check(of: &mut Checker<'_>) -> Result<(), Fault> {
        of.below(of.sizes.chains as usize, Fault::Chain).map(drop)
    }
}

/// A new number where not all lets are read. A let refers only to those before it, so none leads back to itself.
impl Wire for LetId {
    #[cfg(feature = "compiler")]
    fn write(&self, to: &mut Writer) {
        to.number(u64::from(self.0));
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let id = from.id()?;
        Some(LetId(from.chosen.as_mut().map_or(id, |chosen| chosen.lets.number(id))))
    }

    fn check(of: &mut Checker<'_>) -> Result<(), Fault> {
        let id = of.below(of.lets.len(), Fault::Let)?;
        let depth = of.lets.get(id).copied().unwrap_or_default();
        of.reach(depth);
        Ok(())
    }
}

/// The number of its pattern.
impl Wire for Arc<Regex> {
    #[cfg(feature = "compiler")]
    fn write(&self, to: &mut Writer) {
        let (id, _) = to.regexes.insert_full(self.as_str().into());
        to.count(id);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        from.of(|pool| &pool.regexes)
    }

    fn check(of: &mut Checker<'_>) -> Result<(), Fault> {
        of.below(of.pool.regexes.len(), Fault::NoRegex).map(drop)
    }
}

/// The number of its signature.
impl Wire for &'static Builtin {
    #[cfg(feature = "compiler")]
    fn write(&self, to: &mut Writer) {
        let (id, _) = to.builtins.insert_full(self.signature.into());
        to.count(id);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        from.of(|pool| &pool.builtins)
    }

    fn check(of: &mut Checker<'_>) -> Result<(), Fault> {
        of.below(of.pool.builtins.len(), Fault::NoBuiltin).map(drop)
    }
}
