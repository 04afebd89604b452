//! The parts of a typed policy, and which statements a request can concern.

use std::collections::HashMap;
use std::sync::Arc;

use super::Fault;
use super::checker::Checker;
use super::reader::Reader;
use super::wire::{Wire, wire_enum, wire_struct};
#[cfg(feature = "compiler")]
use super::writer::Writer;
use crate::ast::Level;
use crate::catalog::Catalog;
use crate::eval::Dispatch;
use crate::ir::{
    Action, Chain, Claim, ClaimId, ClaimName, Condition, Contract, Denial, Ensure, EnsureKind, Let,
    Namespace, Rows, Slot, SlotId, Statement, Step, Table,
};
use crate::standard::Tokens;
use crate::ty::Labels;
use crate::{ir::Expr, value::Value};

/// What every statement may refer to: read as a whole when an artifact is loaded.
pub(super) struct Shared {
    pub(super) catalog: Arc<Catalog>,
    pub(super) slots: Arc<Vec<Slot>>,
    pub(super) tables: Arc<Vec<Table>>,
    pub(super) namespaces: Arc<Vec<Namespace>>,
    pub(super) claims: Arc<Vec<Claim>>,
    pub(super) contracts: Arc<Vec<Contract>>,
    pub(super) dispatch: Arc<Dispatch>,
}

wire_struct!(Shared { catalog, slots, tables, namespaces, claims, contracts, dispatch });
wire_struct!(Slot { root, path });
wire_struct!(Let { name, value, span });
wire_struct!(Table { name, arity, rows, key, value, span });
wire_struct!(Namespace { alias, prefix, span });
wire_struct!(Claim { name, overridable, accepts, span });
wire_struct!(Chain { conditions, otherwise, span });
wire_struct!(Condition { expr, reads_user });
wire_struct!(Step { chain, branch });
wire_struct!(Statement {
    guard,
    unless,
    action,
    span,
    subject,
    place as Line,
    rule,
    reads,
    handles_failure,
    mentions_actor,
    allows,
});
/// The form of `file:line`: the file is one text for all its lines.
struct Line;

impl Line {
    #[cfg(feature = "compiler")]
    fn write(place: &Arc<str>, to: &mut Writer) {
        let parts = place.rsplit_once(':').and_then(|(file, line)| Some((file, line.parse::<u32>().ok()?)));
        if let Some((file, line)) = parts.filter(|(file, line)| format!("{file}:{line}") == **place) {
            to.number(u64::from(line) + 1);
            Arc::<str>::from(file).write(to);
        } else {
            to.number(0);
            place.write(to);
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Arc<str>> {
        let line = from.number()?;
        let text = Arc::<str>::read(from)?;
        Some(line.checked_sub(1).map_or_else(|| text.clone(), |line| format!("{text}:{line}").into()))
    }

    fn check(of: &mut Checker<'_>) -> Result<(), Fault> {
        of.number()?;
        Arc::<str>::check(of)
    }
}

wire_struct!(Denial { code, text });
wire_struct!(Ensure { kind, audience, tokens, when, span });
wire_struct!(Contract { audience, members, span });
wire_struct!(Dispatch {
    first,
    everybody,
    by_client,
    by_audience,
    named_clients,
    named_audiences,
    configured
});

wire_enum! { ClaimName {
    0 => Literal(name: Arc<str>),
    1 => Config(slot: SlotId),
} }

wire_enum! { Action {
    0 => Write {
        level: Level, claim: ClaimId, member: Option<Arc<str>>, value: Expr, or_deny: Option<Denial>, tokens: Tokens
    },
    1 => Spread {
        level: Level, prefix: Arc<str>, value: Expr, matching: Option<Arc<regex::Regex>>, tokens: Tokens
    },
    2 => Remove { claim: ClaimId, tokens: Tokens },
    3 => Deny(denial: Denial),
    4 => AddScope(value: Expr),
    5 => RemoveScope(value: Expr),
    6 => LimitScopes(value: Expr),
    7 => SetAudience(value: Expr),
    8 => LimitLifetime(value: Expr),
} }

wire_enum! { Level {
    0 => Default,
    1 => Append,
    2 => Add,
    3 => Override,
} }

wire_enum! { EnsureKind {
    0 => Never(claim: ClaimId),
    1 => Always(claim: ClaimId),
    2 => NoLabel(labels: Labels),
    3 => Deny,
} }

/// As they were written.
impl Wire for Rows {
    #[cfg(feature = "compiler")]
    fn write(&self, to: &mut Writer) {
        to.count(self.iter().count());
        for (keys, value) in self.iter() {
            to.count(keys.len());
            for key in keys {
                key.write(to);
            }
            value.write(to);
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Wire::read(from).map(Rows::new)
    }

    fn check(of: &mut Checker<'_>) -> Result<(), Fault> {
        Vec::<(Vec<Value>, Value)>::check(of)
    }
}

/// Positions of statements by name, sorted by name.
impl Wire for HashMap<Arc<str>, Vec<usize>> {
    #[cfg(feature = "compiler")]
    fn write(&self, to: &mut Writer) {
        let mut sorted: Vec<_> = self.iter().collect();
        sorted.sort();
        to.count(sorted.len());
        for (name, positions) in sorted {
            name.write(to);
            positions.write(to);
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        (0..usize::read(from)?).map(|_| Wire::read(from)).collect()
    }

    fn check(of: &mut Checker<'_>) -> Result<(), Fault> {
        Vec::<(Arc<str>, Vec<usize>)>::check(of)
    }
}
