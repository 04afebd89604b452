//! A residual policy to a program: registers for attributes, claims with everything that writes them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::bind::{Listed, Source, Test};
use super::fuse::Fuse;
use super::plan::{About, ClaimPlan, Guard, Guards, MemberPlan, Origin, Program, WritePlan};
use crate::ast::{Comparison, Level};
use crate::builtins::Quick;
use crate::catalog::Root;
use crate::eval::{self, Facet, Facets, Residual};
use crate::ir::{Action, Argument, ClaimId, ClaimName, Expr, ExprKind, Slot, SlotId, Stage, Step, Unit};
use crate::standard::claims::{SCOPE_CLAIMS, protocol};
use crate::standard::{Grant, OIDC_SCOPES, Token, Tokens, UserPresence};
use crate::value::{Outcome, Value, write_json_string};

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
    let guards = GuardsOf::of(&unit, &sources, &guards).all();
    let uses = Uses::of(&unit, &guards, registers.len());
    let is_used = |register: usize| uses.computed.contains(&register) || uses.written.contains(&register);
    let reads_scopes = (0..sources.len()).any(|register| {
        matches!(sources.get(register), Some(Source::Listed(Listed::Scopes, _))) && is_used(register)
    });
    let only_written = |(register, source): (usize, Source)| {
        if uses.computed.contains(&register) { source } else { source.only_written() }
    };
    let sources: Vec<Source> = sources.into_iter().enumerate().map(only_written).collect();
    let scope_limits = sources.iter().find_map(Source::scope_limits);
    let mut fuse = Fuse::new(sources, uses.counts);
    let claims = claims(&unit, facets.grant, &guards, &mut fuse)?;
    let sources = fuse.left(reads_scopes);
    let indexes = |is_wanted: fn(&Action) -> bool| -> Vec<usize> {
        let all = unit.statements.iter().enumerate();
        all.filter(|(_, one)| is_wanted(&one.action)).map(|(index, _)| index).collect()
    };
    let scopes = indexes(|action| action.stage() == Stage::Scopes);
    let others = indexes(|action| matches!(action, Action::Deny(_) | Action::LimitLifetime(_)));
    let catalog = unit.catalog.clone();
    let client = match &facets.client {
        Facet::Is(id) => catalog.client(id),
        Facet::Other | Facet::Any => None,
    };
    let has_steps = guards.iter().flatten().any(|guard| matches!(guard, Guard::Step(_)));
    let is_plain = |guard: &Guard| {
        !matches!(guard, Guard::Condition(_) | Guard::Operand(..) | Guard::Step(_) | Guard::Unless(_))
    };
    let is_light = scopes.is_empty()
        && others.is_empty()
        && guards.iter().flatten().all(is_plain)
        && sources.iter().all(|(_, source)| source.is_light())
        && claims.iter().all(ClaimPlan::is_light);
    Some(Program {
        is_light,
        scope_limits,
        keeps: !is_light && (has_steps || !unit.lets.is_empty()),
        allowed_scopes: allowed_scopes(&unit, &facets.audience),
        is_listed: client.is_some(),
        has_user,
        given: facets.grant.tokens(),
        bytes: 0,
        unit,
        reads_scopes,
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

/// What registers are used for.
struct Uses {
    /// Those that something is computed with, beside those that are written as they are or stand alone in a guard.
    computed: BTreeSet<usize>,
    /// Those that are the value of a statement.
    written: BTreeSet<usize>,
    /// How often each of them is read.
    counts: Vec<usize>,
}

impl Uses {
    fn of(unit: &Unit, guards: &[Box<[Guard]>], registers: usize) -> Self {
        let mut uses =
            Uses { computed: BTreeSet::new(), written: BTreeSet::new(), counts: vec![0; registers] };
        let condition = |chain: usize| unit.chains.get(chain).into_iter().flat_map(|chain| &chain.conditions);
        for guard in guards.iter().flatten() {
            match guard {
                Guard::Scope(_) => {}
                Guard::Register(register) => uses.count(*register),
                Guard::Is(register, _) | Guard::Has(register, _) | Guard::Matches(register, _) => {
                    uses.computed.insert(*register);
                    uses.count(*register);
                }
                Guard::Condition(chain) => condition(*chain).for_each(|one| uses.compute(&one.expr)),
                Guard::Step(step) => condition(step.chain.index()).for_each(|one| uses.compute(&one.expr)),
                Guard::Operand(chain, index) => {
                    condition(*chain)
                        .filter_map(|one| operand(&one.expr, *index))
                        .for_each(|one| uses.compute(one));
                }
                Guard::Unless(index) => {
                    let unless = unit.statements.get(*index).and_then(|one| one.unless.as_ref());
                    unless.into_iter().for_each(|unless| uses.compute(unless));
                }
            }
        }
        unit.lets.iter().for_each(|binding| uses.compute(&binding.value));
        for action in unit.statements.iter().map(|statement| &statement.action) {
            let is_appended = matches!(action, Action::Write { level: Level::Append, .. });
            let Some(value) = action.value() else { continue };
            match &*value.kind {
                ExprKind::Slot(register) if matches!(action, Action::Write { .. }) && !is_appended => {
                    uses.written.insert(register.index());
                    uses.count(register.index());
                }
                _ => uses.compute(value),
            }
        }
        uses
    }

    fn count(&mut self, register: usize) {
        if let Some(count) = self.counts.get_mut(register) {
            *count += 1;
        }
    }

    fn compute(&mut self, expr: &Expr) {
        expr.walk(&[], &mut |part| {
            if let ExprKind::Slot(register) = &*part.kind {
                self.computed.insert(register.index());
                self.count(register.index());
            }
            true
        });
    }
}

/// One of the operands of `and`.
pub(super) fn operand(expr: &Expr, index: usize) -> Option<&Expr> {
    match &*expr.kind {
        ExprKind::And(operands) => operands.get(index),
        _ => None,
    }
}

/// What has to hold where each statement acts.
struct GuardsOf<'u> {
    unit: &'u Unit,
    sources: &'u [Source],
    open: &'u [Vec<Step>],
    /// How many guards each chain stands in.
    uses: Vec<usize>,
}

impl<'u> GuardsOf<'u> {
    fn of(unit: &'u Unit, sources: &'u [Source], open: &'u [Vec<Step>]) -> Self {
        let mut uses = vec![0; unit.chains.len()];
        for step in open.iter().flatten() {
            if let Some(count) = uses.get_mut(step.chain.index()) {
                *count += 1;
            }
        }
        GuardsOf { unit, sources, open, uses }
    }

    fn all(&self) -> Vec<Box<[Guard]>> {
        let of = |(index, steps): (usize, &Vec<Step>)| {
            let mut guards: Vec<Guard> = steps.iter().flat_map(|step| self.step(*step)).collect();
            if self.unit.statements.get(index).is_some_and(|statement| statement.unless.is_some()) {
                guards.push(Guard::Unless(index));
            }
            guards.into()
        };
        self.open.iter().enumerate().map(of).collect()
    }

    /// A step; where nothing else asks for its chain, its conditions stand for themselves. Of those that spend steps at
    /// most one may, so that as many are spent as by the whole.
    fn step(&self, step: Step) -> Vec<Guard> {
        let chain = step.chain.index();
        let condition = self.unit.chains.get(chain).and_then(|chain| chain.conditions.first());
        let (Some(condition), 0, Some(1)) = (condition, step.branch, self.uses.get(chain)) else {
            return vec![Guard::Step(step)];
        };
        match &*condition.expr.kind {
            ExprKind::And(operands) if operands.iter().filter(|one| one.spends).count() <= 1 => {
                let (last, first): (Vec<_>, Vec<_>) =
                    operands.iter().enumerate().partition(|(_, operand)| operand.spends);
                let guard = |(index, operand)| self.plain(operand).unwrap_or(Guard::Operand(chain, index));
                first.into_iter().chain(last).map(guard).collect()
            }
            _ => vec![self.plain(&condition.expr).unwrap_or(Guard::Condition(chain))],
        }
    }

    /// A condition that needs no look at expressions.
    fn plain(&self, expr: &Expr) -> Option<Guard> {
        match &*expr.kind {
            ExprKind::Slot(register) => Some(Guard::Register(register.index())),
            ExprKind::In { element, list, fold: false } => match (&*element.kind, &*list.kind) {
                (ExprKind::Literal(Value::String(text)), ExprKind::Slot(list)) => {
                    match self.sources.get(list.index())? {
                        Source::Listed(Listed::Scopes, _) => Some(Guard::Scope(text.clone())),
                        Source::Plain(_) => Some(Guard::Has(list.index(), text.clone())),
                        _ => None,
                    }
                }
                _ => None,
            },
            ExprKind::Compare { operator: Comparison::Equal, left, right, fold: false } => {
                match (&*left.kind, &*right.kind) {
                    (ExprKind::Slot(register), ExprKind::Literal(Value::String(text)))
                    | (ExprKind::Literal(Value::String(text)), ExprKind::Slot(register)) => {
                        Some(Guard::Is(register.index(), text.clone()))
                    }
                    _ => None,
                }
            }
            ExprKind::Call { builtin, receiver, arguments, .. } => {
                match (builtin.quick(), &*receiver.kind, arguments.as_slice()) {
                    (Some(Quick::Matches), ExprKind::Slot(register), [Argument::Regex(regex)]) => {
                        Some(Guard::Matches(register.index(), regex.clone()))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }
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

/// Everything that is about a claim.
#[derive(Default)]
struct Gathered {
    writes: Vec<WritePlan>,
    members: BTreeMap<Arc<str>, Vec<WritePlan>>,
    removals: Vec<(usize, Tokens)>,
}

/// The claims in the order in which tokens carry them.
fn claims(unit: &Unit, grant: Grant, guards: &[Box<[Guard]>], fuse: &mut Fuse) -> Option<Vec<ClaimPlan>> {
    let given = grant.tokens();
    let mut all: BTreeMap<Arc<str>, Gathered> = BTreeMap::new();
    for (index, statement) in unit.statements.iter().enumerate() {
        let tokens = statement.action.tokens().and(given);
        match &statement.action {
            Action::Write { level, claim, member, value, or_deny, .. } => {
                let Some(name) = name(unit, *claim)? else { continue };
                let about = all.entry(name.clone()).or_default();
                let origin = match &*value.kind {
                    ExprKind::Literal(value) if *level != Level::Append => {
                        let member = format!("{}{},", key(&name), value.to_json());
                        Origin::Constant(member.into(), Box::new(value.clone()))
                    }
                    _ if *level == Level::Append => Origin::Value,
                    _ => fuse.origin(value),
                };
                let write = WritePlan {
                    statement: index,
                    level: *level,
                    tokens,
                    guards: Guards::from(&**guards.get(index)?),
                    origin,
                    must_be_there: or_deny.is_some() || *level == Level::Override,
                    mentions_actor: statement.mentions_actor,
                };
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
    // Checks have made sure that there are none; what reaches a signature is not left to them alone.
    if all.keys().any(|name| protocol(name).is_some()) && given != Tokens::of(Token::Saml) {
        return None;
    }
    let plan = |(name, about): (Arc<str>, Gathered)| {
        let Gathered { mut writes, members, removals } = about;
        let members: Vec<_> = members.into_iter().map(|(name, writes)| MemberPlan { name, writes }).collect();
        let is_plain = |write: &WritePlan| write.level != Level::Append;
        let is_only = writes.len() == 1 && members.is_empty() && removals.is_empty();
        let only = if is_only && writes.iter().all(is_plain) { writes.pop() } else { None };
        let standard = standard(&name);
        ClaimPlan {
            text_key: format!("{}\"", key(&name)).into(),
            is_standard: standard.is_some(),
            only,
            about: Box::new(About {
                common: common_tokens(&writes).filter(|_| members.is_empty() && removals.is_empty()),
                name,
                standard,
                writes,
                members,
                removals,
            }),
        }
    };
    Some(all.into_iter().map(plan).collect())
}

impl ClaimPlan {
    /// Whether it takes no memory to find out what becomes of it.
    fn is_light(&self) -> bool {
        let is_light = |write: &WritePlan| !matches!(write.origin, Origin::Value);
        let writes = &self.about.writes;
        (self.only.is_some() || self.about.common.is_some()) && self.only.iter().chain(writes).all(is_light)
    }
}

/// The tokens of all writes, where they are the same, and each gives the claim by itself.
fn common_tokens(writes: &[WritePlan]) -> Option<Tokens> {
    let tokens = writes.first()?.tokens;
    writes.iter().all(|write| write.tokens == tokens && write.level != Level::Append).then_some(tokens)
}

/// The name of a member of a JSON object, with the colon.
fn key(name: &str) -> String {
    let mut key = String::new();
    write_json_string(name, &mut key);
    key.push(':');
    key
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

    /// Without what nobody looks at again, and with roughly the bytes that it takes.
    pub(super) fn finished(mut self) -> Self {
        if self.is_light {
            let Unit { lets, chains, statements, .. } = &mut self.unit;
            (*lets, *chains, *statements) = (Vec::new(), Vec::new(), Vec::new());
            self.guards = Vec::new();
        }
        let claims: usize = self.claims.iter().map(|claim| 500 + claim.text_key.len() * 3).sum();
        let statements: usize = self.unit.statements.len() * 1_500;
        let sources = self.sources.len() * 250;
        self.bytes = 1_000 + claims + statements + sources;
        self
    }
}

/// The name, if it is one that issuers write themselves for a scope (OpenID Connect Core section 5.4).
pub(super) fn standard(name: &str) -> Option<&'static str> {
    SCOPE_CLAIMS.iter().flat_map(|(_, names)| names.iter().copied()).find(|standard| *standard == name)
}
