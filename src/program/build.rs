//! A residual policy to a program: registers for attributes, claims with everything that writes them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::bind::{Listed, Source, Test};
use super::fuse::Fuse;
use super::plan::{ClaimPlan, Guard, Needs, Program};
use super::scratch::REGISTERS;
use crate::catalog::Root;
use crate::eval::{self, Facet, Facets, Residual, RuleName};
use crate::ir::{Action, Expr, ExprKind, Slot, SlotId, Stage, Unit};
use crate::standard::{OIDC_SCOPES, Token, UserPresence};
use crate::value::{Outcome, Value};

mod claims;
mod guards;
mod uses;

pub(super) use claims::standard;
use guards::Guarding;
pub(super) use guards::operand;
use uses::Uses;

/// The program for requests of one kind; `None` where the reference engine has to decide about each of them.
pub(super) fn build(candidates: &Unit, facets: &Facets, has_user: bool) -> Option<Program> {
    let is_possible = match facets.grant.user() {
        UserPresence::Always => has_user,
        UserPresence::Never => !has_user,
        UserPresence::Maybe => true,
    };
    let residual = eval::residual(candidates, facets).filter(|_| is_possible)?;
    let Residual { mut unit, guards, slack } = residual;
    let is_strange = |action: &Action| matches!(action, Action::SetAudience(_) | Action::Spread { .. });
    if unit.statements.iter().any(|statement| is_strange(&statement.action)) {
        return None;
    }
    let registers = registers(&mut unit);
    let slots: Vec<Slot> = registers.iter().filter_map(|id| unit.slots.get(id.index()).cloned()).collect();
    let sources = registers
        .iter()
        .zip(&slots)
        .map(|(id, slot)| source(&unit, facets, has_user, *id, slot))
        .collect::<Option<Vec<Source>>>()?;
    let (guards, known_scopes) = Guarding::of(&unit, &sources, &guards).all();
    let uses = Uses::of(&unit, &guards, registers.len());
    let is_scopes = |source: &Source| matches!(source, Source::Listed(Listed::Scopes, _));
    let reads_scopes = sources.iter().zip(0..).any(|(source, register)| {
        is_scopes(source) && (uses.computed.contains(&register) || uses.written.contains(&register))
    });
    let only_written = |(register, source): (usize, Source)| {
        if uses.computed.contains(&register) { source } else { source.only_written() }
    };
    let sources: Vec<Source> = sources.into_iter().enumerate().map(only_written).collect();
    let scope_limits = sources.iter().find_map(Source::scope_limits);
    let mut fuse = Fuse::new(sources, uses.counts);
    let claims = claims::claims(&unit, facets.grant, &guards, &mut fuse)?;
    let indexes = |is_wanted: fn(&Action) -> bool| -> Vec<usize> {
        let all = unit.statements.iter().enumerate();
        all.filter(|(_, one)| is_wanted(&one.action)).map(|(index, _)| index).collect()
    };
    let client = match &facets.client {
        Facet::Is(id) => unit.catalog.client(id),
        Facet::Other | Facet::Any => None,
    };
    let program = Program {
        scopes: indexes(|action| action.stage() == Stage::Scopes),
        others: indexes(|action| matches!(action, Action::Deny(_) | Action::LimitLifetime(_))),
        allowed_scopes: allowed_scopes(&unit, &facets.audience),
        is_listed: client.is_some(),
        known_scopes,
        given: facets.grant.tokens(),
        sources: fuse.left(reads_scopes),
        needs: Needs::Values,
        rules: unit.statements.iter().map(RuleName::of).collect(),
        bytes: 0,
        scope_limits,
        has_user,
        unit,
        reads_scopes,
        guards,
        slack,
        claims,
    };
    Some(program.finished())
}

/// Numbers the attributes that statements demand or conditions read, from 0.
fn registers(unit: &mut Unit) -> Vec<SlotId> {
    let first = at_hand(unit);
    let mut known: BTreeMap<SlotId, u32> = BTreeMap::new();
    let mut order = Vec::new();
    let mut number = |id: SlotId| {
        SlotId(*known.entry(id).or_insert_with(|| {
            order.push(id);
            // As many as the unit has fit into its numbers.
            u32::try_from(order.len() - 1).unwrap_or(u32::MAX)
        }))
    };
    for id in first {
        number(id);
    }
    for id in unit.statements.iter_mut().flat_map(|statement| &mut statement.reads) {
        *id = number(*id);
    }
    unit.rename_slots(&mut number);
    order
}

/// What the first registers are for, which are at hand: attributes that conditions read, that several values read, and what
/// the question tells. Most others need no register at all. Scopes are asked for by number.
fn at_hand(unit: &Unit) -> Vec<SlotId> {
    let slots = |expr: &Expr| {
        let mut slots = Vec::new();
        expr.walk(&[], &mut |part| {
            if let ExprKind::Slot(id) = &*part.kind {
                slots.push(*id);
            }
            true
        });
        slots
    };
    let root = |id: &SlotId| unit.slots.get(id.index()).map(|slot| slot.root);
    let conditions = unit.chains.iter().flat_map(|chain| &chain.conditions);
    let mut first: Vec<SlotId> = conditions.flat_map(|condition| slots(&condition.expr)).collect();
    let mut counts: BTreeMap<SlotId, usize> = BTreeMap::new();
    for value in unit.statements.iter().filter_map(|statement| statement.action.value()) {
        for id in slots(value) {
            *counts.entry(id).or_default() += 1;
        }
    }
    let is_told = |id: &SlotId| root(id).is_some_and(|root| !root.is_attribute());
    first.extend(counts.into_iter().filter(|(id, count)| *count > 1 || is_told(id)).map(|(id, _)| id));
    first.retain(|id| root(id) != Some(Root::Scopes));
    first
}

/// Where a register comes from; `None` where that is an error for every request.
fn source(unit: &Unit, facets: &Facets, has_user: bool, id: SlotId, slot: &Slot) -> Option<Source> {
    let path: Vec<&str> = slot.path.iter().map(|member| &**member).collect();
    let is_listed = match &facets.client {
        Facet::Is(client) => unit.catalog.client(client).is_some(),
        Facet::Other | Facet::Any => false,
    };
    let test = || Test::at(unit.catalog.input(slot.root)?, &slot.path);
    Some(match (slot.root, path.as_slice()) {
        (Root::User, _) if !has_user => Source::NoUser,
        (Root::Client, ["id"]) => match (&facets.client, test()?) {
            (Facet::Is(id), test) if test.is_passed_by(id) => Source::Constant(Value::String(id.clone())),
            (_, test) => Source::ClientId(test),
        },
        (Root::Grant | Root::Config, _) => constant(unit, facets, id)?,
        (Root::Client, _) if is_listed => constant(unit, facets, id)?,
        (Root::Audience, []) => Source::Listed(Listed::Audience, test()?),
        (Root::Scopes, []) => Source::Listed(Listed::Scopes, test()?),
        (Root::Requested, ["audience"]) => Source::Listed(Listed::RequestedAudience, test()?),
        (Root::Requested, ["scopes"]) => Source::Listed(Listed::RequestedScopes, test()?),
        (Root::Client, []) | (Root::Original | Root::Audience | Root::Scopes | Root::Requested, _) => {
            return None;
        }
        (Root::Now, _) => Source::Now,
        _ => Source::of(&unit.catalog, id.index(), slot),
    })
}

/// What grant, client and constants say is the same for all requests.
fn constant(unit: &Unit, facets: &Facets, id: SlotId) -> Option<Source> {
    match eval::slot(unit, facets, id).ok()? {
        Outcome::Value(value) => Some(Source::Constant(value)),
        Outcome::Absent => Some(Source::Absent),
        Outcome::NoUser => Some(Source::NoUser),
    }
}

/// The scopes that may be granted, where every audience lists its own.
fn allowed_scopes(unit: &Unit, audience: &Facet<Vec<Arc<str>>>) -> Option<Vec<Arc<str>>> {
    let Facet::Is(ids) = audience else { return None };
    let seen: Vec<_> = ids.iter().filter(|id| !unit.catalog.issuer_endpoints.contains(id)).collect();
    if seen.is_empty() {
        return None;
    }
    let mut allowed: Vec<Arc<str>> = OIDC_SCOPES.iter().map(|scope| Arc::from(*scope)).collect();
    for id in seen {
        let (_, audience) = unit.catalog.audience(id)?;
        allowed.extend(audience.scopes.as_ref()?.iter().cloned());
    }
    allowed.sort();
    Some(allowed)
}

impl Program {
    /// The tokens of the grant, in their order.
    pub(super) fn tokens(&self) -> impl Iterator<Item = Token> {
        self.given.iter()
    }

    /// What it needs beside what it reads.
    fn needs(&self) -> Needs {
        let guards = || self.guards.iter().flatten();
        let is_plain = |guard: &Guard| {
            !matches!(guard, Guard::Condition(_) | Guard::Operand(..) | Guard::Step(_) | Guard::Unless(_))
        };
        let is_light = self.scopes.is_empty()
            && self.others.is_empty()
            && guards().all(is_plain)
            && self.sources.iter().all(|(register, source)| *register < REGISTERS && source.is_light())
            && self.claims.iter().all(ClaimPlan::is_light);
        match guards().any(|guard| matches!(guard, Guard::Step(_))) || !self.unit.lets.is_empty() {
            _ if is_light => Needs::Nothing,
            false => Needs::Values,
            true => Needs::Chains,
        }
    }

    /// Without what nobody looks at again, and with roughly the bytes that it takes.
    fn finished(mut self) -> Self {
        self.needs = self.needs();
        if self.needs == Needs::Nothing {
            let Unit { lets, chains, statements, .. } = &mut self.unit;
            (*lets, *chains, *statements) = (Vec::new(), Vec::new(), Vec::new());
            self.guards = Vec::new();
        }
        let claims: usize = self.claims.iter().map(|claim| 500 + claim.text_key.len() * 3).sum();
        let statements: usize = self.unit.statements.len() * 1_500 + self.rules.len() * 50;
        let sources = self.sources.len() * 250;
        self.bytes = 1_000 + claims + statements + sources;
        self
    }
}
