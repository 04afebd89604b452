//! A residual policy to a program: registers for attributes, claims with everything that writes them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::bind::{Listed, Source, Test};
use super::{ClaimPlan, MemberPlan, Program, WritePlan};
use crate::ast::Level;
use crate::catalog::Root;
use crate::eval::{self, Facet, Facets, Residual};
use crate::ir::{Action, ClaimId, ClaimName, ExprKind, Slot, SlotId, Stage, Unit};
use crate::standard::{Grant, OIDC_SCOPES, Token, Tokens, UserPresence};
use crate::value::{Outcome, write_json_string};

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
    let claims = claims(&unit, facets.grant)?;
    let of_stage = |wanted: Stage| {
        let all = unit.statements.iter().enumerate();
        all.filter(move |(_, one)| one.action.stage() == wanted)
    };
    let scopes = of_stage(Stage::Scopes).map(|(index, _)| index).collect();
    let others = of_stage(Stage::Claims)
        .filter(|(_, one)| matches!(one.action, Action::Deny(_) | Action::LimitLifetime(_)))
        .map(|(index, _)| index)
        .collect();
    let catalog = unit.catalog.clone();
    let client = match &facets.client {
        Facet::Is(id) => catalog.client(id),
        Facet::Other | Facet::Any => None,
    };
    Some(Program {
        allowed_scopes: allowed_scopes(&unit, &facets.audience),
        is_listed: client.is_some(),
        has_user,
        given: facets.grant.tokens(),
        bytes: 0,
        unit,
        guards,
        slack,
        sources,
        claims,
        scopes,
        others,
    })
}

/// Numbers the attributes that statements demand or conditions read, from 0.
fn registers(unit: &mut Unit) -> Vec<SlotId> {
    let mut known: BTreeMap<SlotId, u32> = BTreeMap::new();
    let mut order = Vec::new();
    let mut number = |id: SlotId| {
        SlotId(*known.entry(id).or_insert_with(|| {
            order.push(id);
            // As many as the unit has fit into its numbers.
            u32::try_from(order.len() - 1).unwrap_or(u32::MAX)
        }))
    };
    for id in unit.statements.iter_mut().flat_map(|statement| &mut statement.reads) {
        *id = number(*id);
    }
    unit.rename_slots(&mut number);
    order
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
        (Root::Client, ["id"]) => Source::ClientId(test()?),
        (Root::Grant | Root::Config, _) => constant(unit, facets, id)?,
        (Root::Client, _) if is_listed => constant(unit, facets, id)?,
        (Root::Client, []) | (Root::Requested, []) | (Root::Original, _) => return None,
        (Root::Audience, []) => Source::Listed(Listed::Audience, test()?),
        (Root::Scopes, []) => Source::Listed(Listed::Scopes, test()?),
        (Root::Requested, ["audience"]) => Source::Listed(Listed::RequestedAudience, test()?),
        (Root::Requested, ["scopes"]) => Source::Listed(Listed::RequestedScopes, test()?),
        (Root::Audience | Root::Scopes | Root::Requested, _) => return None,
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

/// Everything that is about a claim.
#[derive(Default)]
struct Gathered {
    writes: Vec<WritePlan>,
    members: BTreeMap<Arc<str>, Vec<WritePlan>>,
    removals: Vec<(usize, Tokens)>,
}

/// The claims in the order in which tokens carry them.
fn claims(unit: &Unit, grant: Grant) -> Option<Vec<ClaimPlan>> {
    let given = grant.tokens();
    let mut all: BTreeMap<Arc<str>, Gathered> = BTreeMap::new();
    for (index, statement) in unit.statements.iter().enumerate() {
        let tokens = statement.action.tokens().and(given);
        match &statement.action {
            Action::Write { level, claim, member, value, .. } => {
                let Some(name) = name(unit, *claim)? else { continue };
                let about = all.entry(name).or_default();
                let constant = match &*value.kind {
                    ExprKind::Literal(value) => Some(value.to_json()),
                    _ => None,
                };
                let write = WritePlan { statement: index, level: *level, tokens, constant };
                match member {
                    Some(member) => about.members.entry(member.clone()).or_default().push(write),
                    None => about.writes.push(write),
                }
            }
            Action::Remove { claim, .. } => {
                let Some(name) = name(unit, *claim)? else { continue };
                all.entry(name).or_default().removals.push((index, tokens));
            }
            _ => {}
        }
    }
    let plan = |(name, about): (Arc<str>, Gathered)| {
        let mut key = String::from(",");
        write_json_string(&name, &mut key);
        key.push(':');
        let members = about.members.into_iter().map(|(name, writes)| MemberPlan { name, writes }).collect();
        ClaimPlan { name, key, writes: about.writes, members, removals: about.removals }
    };
    Some(all.into_iter().map(plan).collect())
}

/// The name of a claim, which no request changes; `Some(None)` where its constant is absent, `None` where it is unfit.
#[expect(clippy::option_option, reason = "an absent name is one answer, an unfit one another")]
fn name(unit: &Unit, id: ClaimId) -> Option<Option<Arc<str>>> {
    match &unit.claims.get(id.index())?.name {
        ClaimName::Literal(name) => Some(Some(name.clone())),
        ClaimName::Config(_) => eval::configured_name(unit, id).ok(),
    }
}

impl Program {
    /// The tokens of the grant, in their order.
    pub(super) fn tokens(&self) -> impl Iterator<Item = Token> {
        self.given.iter()
    }

    /// Roughly the bytes that it takes, for what may be kept.
    pub(super) fn measured(mut self) -> Self {
        let claims: usize = self.claims.iter().map(|claim| 200 + claim.key.len() * 2).sum();
        let statements: usize = self.unit.statements.len() * 1_500;
        let sources = self.sources.len() * 250;
        self.bytes = 1_000 + claims + statements + sources;
        self
    }
}

/// Levels from the strongest on; `append` never stands beside `add` or `override`.
pub(super) const LEVELS: [Level; 4] = [Level::Override, Level::Add, Level::Append, Level::Default];
