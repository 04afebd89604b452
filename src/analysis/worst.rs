//! What the worst request can cost: upper bounds of time and memory, as counts.
//!
//! They follow from what claims.yaml bounds and the evaluator enforces, and hold for every request, whatever it is
//! decided. Some are far from what any request can reach: alternatives that exclude each other are told apart only where
//! conditions name different clients or audiences.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::World;
use crate::eval::{Dispatch, MAX_BYTES};
use crate::ir::{Action, ChainId, LetId, SlotId, Statement, Unit};
use crate::standard::{Token, Tokens};
use crate::ty::{Bounds, ShapeKind};

mod claims;
mod cost;
mod pattern;

use claims::Written;
use cost::{Cost, Costs, content};
use pattern::Pattern;

/// Bytes of the JSON of the largest value that a policy can make.
const MAX_VALUE: u64 = MAX_BYTES as u64;

/// What one request can cost at the most; `u64::MAX` for that and more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Worst {
    /// Statements that a request can concern.
    pub statements: u64,
    /// Steps of the budget. Where that is more than [`MAX_STEPS`](crate::eval::MAX_STEPS), there may be requests that end
    /// in an error for want of steps.
    pub steps: u64,
    /// Operations: the steps, each part of an expression that is evaluated, each 64 bytes of text and each 8 bytes of
    /// lists and objects that are read, compared or written, and what regular expressions take. Time is in proportion.
    pub operations: u64,
    /// Bytes of compact JSON of the attributes that are read.
    pub read: u64,
    /// Bytes of compact JSON of the claims, in all tokens together.
    pub claims: u64,
}

/// The worst request to a policy.
pub fn worst(unit: &Unit) -> Worst {
    let dispatch = Dispatch::of(unit);
    let most_audiences =
        sets(unit, &[]).iter().map(Vec::len).max().map_or(Bounds::DEFAULT_ITEMS, |n| n as u64);
    let mut study = Study { unit, costs: Costs::of(unit, most_audiences), seen: Seen::default() };
    let (always, seen) = study.group([&dispatch.first, &dispatch.everybody].into_iter().flatten().copied());
    study.seen = seen;
    let clients = dispatch.by_client.values().map(|list| study.group(list.iter().copied()).0);
    let client = clients.fold(Group::default(), Group::or);
    let by_audience: BTreeMap<&str, Group> =
        dispatch.by_audience.iter().map(|(id, list)| (&**id, study.group(list.iter().copied()).0)).collect();
    let ids: Vec<&str> = by_audience.keys().copied().collect();
    let together = sets(unit, &ids).into_iter().map(|set| {
        set.into_iter().filter_map(|id| by_audience.get(id).copied()).fold(Group::default(), Group::and)
    });
    let whole = always.and(client).and(together.fold(Group::default(), Group::or));
    // Client and audience are looked for, names of claims from `config` are looked at, and there is room for what is
    // found once, whatever is asked.
    let listed = unit.catalog.clients.len() + unit.catalog.audiences.len();
    let fixed = listed + unit.slots.len() + unit.lets.len() + unit.claims.len();
    Worst {
        statements: whole.statements,
        steps: whole.cost.steps,
        operations: whole.cost.operations().saturating_add(fixed as u64),
        read: whole.read,
        // Two braces around the claims of each token.
        claims: whole.claims.saturating_add(2 * Token::ALL.len() as u64),
    }
}

/// The audiences that a token can have together, of those that claims.yaml lists and some others; none where it can have
/// any number of them.
fn sets<'u>(unit: &'u Unit, others: &[&'u str]) -> Vec<Vec<&'u str>> {
    let catalog = &unit.catalog;
    if catalog.audiences.is_empty()
        && catalog.audience_world != World::Closed
        && catalog.audience_sets.is_none()
    {
        return if others.is_empty() { Vec::new() } else { vec![others.to_vec()] };
    }
    let listed = catalog.audiences.values().map(|audience| &*audience.id);
    let alone = listed.chain(others.iter().copied()).map(|id| vec![id]);
    let of = |alias| catalog.audiences.get(alias).map(|audience| &*audience.id);
    let sets = catalog.audience_sets.iter().flatten().map(|set| set.iter().filter_map(of).collect());
    alone.chain(sets).collect()
}

/// What some statements take together.
#[derive(Debug, Clone, Copy, Default)]
struct Group {
    statements: u64,
    cost: Cost,
    read: u64,
    claims: u64,
}

impl Group {
    fn and(self, other: Group) -> Self {
        Group {
            statements: self.statements.saturating_add(other.statements),
            cost: self.cost.and(other.cost),
            read: self.read.saturating_add(other.read),
            claims: self.claims.saturating_add(other.claims),
        }
    }

    fn or(self, other: Group) -> Self {
        Group {
            statements: self.statements.max(other.statements),
            cost: self.cost.or(other.cost),
            read: self.read.max(other.read),
            claims: self.claims.max(other.claims),
        }
    }
}

/// What is computed once, whoever asks for it.
#[derive(Debug, Clone, Default)]
struct Seen {
    /// How many conditions of a chain.
    conditions: BTreeMap<ChainId, usize>,
    lets: BTreeSet<LetId>,
    slots: BTreeSet<SlotId>,
}

/// A policy under study.
struct Study<'u> {
    unit: &'u Unit,
    costs: Costs<'u>,
    /// What every request has paid for.
    seen: Seen,
}

impl Study<'_> {
    /// What some statements take beyond what every request pays for, and that with what they ask for.
    fn group(&self, statements: impl Iterator<Item = usize>) -> (Group, Seen) {
        let (mut group, mut seen, mut written) = (Group::default(), self.seen.clone(), Written::default());
        for statement in statements.filter_map(|index| self.unit.statements.get(index)) {
            let cost = self.statement(statement, &mut seen, &mut written);
            group.statements += 1;
            group.cost = group.cost.and(cost);
        }
        let mut open: Vec<LetId> = seen.lets.difference(&self.seen.lets).copied().collect();
        while let Some(id) = open.pop() {
            let Some(binding) = self.unit.lets.get(id.index()) else { continue };
            let mut inner = BTreeSet::new();
            group.cost = group.cost.and(self.costs.of_expr(&binding.value, &mut inner));
            open.extend(inner.into_iter().filter(|id| seen.lets.insert(*id)));
        }
        for id in seen.slots.difference(&self.seen.slots) {
            let size = self.costs.sizes.slot(*id);
            group.read = group.read.saturating_add(size.json);
            // It is found, member by member, tested and copied.
            let found = self.siblings(*id) / 8 + 4;
            group.cost = group.cost.and(Cost::free(content(&size).saturating_mul(2).saturating_add(found)));
        }
        group.claims = written.bytes();
        (group, seen)
    }

    /// How many members the records have that lead to an attribute.
    fn siblings(&self, id: SlotId) -> u64 {
        let Some(slot) = self.unit.slots.get(id.index()) else { return 0 };
        let (mut shape, mut count) = (self.unit.catalog.input(slot.root), 0);
        for name in &slot.path {
            shape = match shape.map(|shape| &shape.kind) {
                Some(ShapeKind::Record(record)) => {
                    count += record.members.len() as u64;
                    record.member(name)
                }
                Some(ShapeKind::Map(value)) => Some(value),
                _ => None,
            };
        }
        count
    }

    /// What a statement takes, what it reads aside.
    fn statement(&self, statement: &Statement, seen: &mut Seen, written: &mut Written) -> Cost {
        let mut cost = Cost::free(1 + statement.guard.len() as u64 + statement.reads.len() as u64);
        seen.slots.extend(&statement.reads);
        for step in &statement.guard {
            let Some(chain) = self.unit.chains.get(step.chain.index()) else { continue };
            let wanted = (step.branch as usize + 1).min(chain.conditions.len());
            let known = seen.conditions.entry(step.chain).or_default();
            for condition in chain.conditions.iter().take(wanted).skip(*known) {
                cost = cost.and(self.costs.of_expr(&condition.expr, &mut seen.lets));
            }
            *known = wanted.max(*known);
        }
        for expr in statement.unless.iter().chain(statement.action.value()) {
            cost = cost.and(self.costs.of_expr(expr, &mut seen.lets));
        }
        cost.and(self.action(&statement.action, written))
    }

    /// What becomes of a value.
    fn action(&self, action: &Action, written: &mut Written) -> Cost {
        let Some(value) = action.value() else { return Cost::free(1) };
        let size = self.costs.sizes.size(value);
        let mut cost = Cost::free(content(&size).saturating_mul(2));
        let (tokens, content) = match action {
            Action::Write { level, claim, member, tokens, .. } => {
                written.write(self, *claim, member.as_ref(), *level, *tokens, &size);
                (*tokens, content(&size))
            }
            Action::Spread { prefix, matching, tokens, .. } => {
                let members = size.members();
                if let Some(regex) = matching {
                    let each = Pattern::of(regex).operations(members.key().bytes, false);
                    cost = cost.and(Cost::free(members.most().saturating_mul(each)));
                }
                let bytes = written.spread(prefix, *tokens, &size);
                (*tokens, (bytes / 8).saturating_add(members.most()))
            }
            // Scopes and audiences are put into sets.
            _ => {
                cost = cost.and(Cost::free(size.most().saturating_mul(8)));
                (Tokens::NONE, 0)
            }
        };
        // It is measured, compared with other writes of the claim, put into each token and written out.
        let each = content.saturating_mul(4).saturating_add(8);
        cost.and(Cost::free(each.saturating_mul(tokens.iter().count() as u64)))
    }
}

#[cfg(test)]
mod tests;
