//! A policy to what a host has to know about a request: which attributes, by client, grant and audience.
//!
//! Which statements ask for attributes is the evaluator's answer, so that a host which supplies these and no others gets
//! the decisions that it would get if it supplied all. What every request has is not listed: grant, client id, audience
//! and scopes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::catalog::Root;
use crate::eval::{self, Facet, Facets};
use crate::ir::{Action, ClaimName, Expr, ExprKind, Slot, SlotId, Statement, Unit};
use crate::standard::{Grant, UserPresence};
use crate::ty::{Shape, ShapeKind};

mod group;
mod world;

/// An attribute that requests are asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Input {
    /// Its root.
    root: usize,
    /// Its path: `user.email`.
    pub name: String,
    /// Its type; `None` where only its existence matters.
    pub ty: Option<String>,
    /// What happens without it.
    pub need: Need,
}

/// Whether an attribute has to be there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// Without it the request is an error.
    Required,
    /// Without it the request is an error, if this part of the request is there.
    RequiredWith(String),
    /// It may be absent.
    Optional,
    /// Only whether it is there matters; of a source of external data, whether it failed.
    Existence,
}

/// Requests that are asked for the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Which requests.
    pub requests: Vec<Requests>,
    /// What they are asked for, by root and path.
    pub inputs: Vec<Input>,
}

/// All requests of some clients with some grants for some audiences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requests {
    /// Ids of clients. `Other`: any that claims.yaml does not list and no condition names.
    pub clients: BTreeSet<Facet<Arc<str>>>,
    /// Whether there are no other clients, and none was asked about.
    pub any_client: bool,
    /// The grants.
    pub grants: BTreeSet<Grant>,
    /// Whether these clients may use no others, and none was asked about.
    pub any_grant: bool,
    /// Ids of the audience that is asked for; none for requests without one. `Other`: a single one that claims.yaml
    /// does not list and no condition names; `Any`: several in one token.
    pub audiences: BTreeSet<Facet<Vec<Arc<str>>>>,
    /// Whether there are no others, and none was asked about.
    pub any_audience: bool,
}

/// Which requests are asked about; all where a part is left out.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// The id of the client.
    pub client: Option<Arc<str>>,
    /// The grant.
    pub grant: Option<Grant>,
    /// The ids of the audience.
    pub audience: Option<Vec<Arc<str>>>,
}

/// What requests are asked for. Requests that claims.yaml excludes are in no row.
pub fn inputs(unit: &Unit, question: &Question) -> Vec<Row> {
    let asker = Asker::new(unit);
    let all: BTreeSet<usize> = (0..unit.statements.len()).collect();
    let mut asking: BTreeMap<Facets, BTreeSet<usize>> = BTreeMap::new();
    let mut known: BTreeMap<(Facets, Grant, bool), Vec<Input>> = BTreeMap::new();
    let mut cells = Vec::new();
    for facets in world::requests(unit, question) {
        let is_listed = matches!(&facets.client, Facet::Is(id) if unit.catalog.client(id).is_some());
        let class = asker.world.class(&facets);
        let kind = (class, facets.grant, is_listed);
        let inputs = known.entry(kind).or_insert_with_key(|(class, grant, is_listed)| {
            // Most statements are about few clients: what no audience excludes is found once for each.
            let broad = Facets { audience: Facet::Any, ..class.clone() };
            let broad =
                asking.entry(broad).or_insert_with_key(|broad| eval::asking(unit, broad, &all)).clone();
            let exact = asking.entry(class.clone()).or_insert_with(|| eval::asking(unit, class, &broad));
            asker.inputs(exact, *grant, *is_listed)
        });
        cells.push((facets, inputs.clone()));
    }
    group::rows(cells, question)
}

/// What a statement looks at beside attributes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Test {
    /// Whether there is a user.
    User,
    /// Whether there is a delegate.
    Actor,
    /// Whether somebody signed in.
    Login,
    /// Whether a source of external data failed.
    Failed(Arc<str>),
}

struct Asker<'u> {
    unit: &'u Unit,
    world: world::Names,
    /// By statement.
    tests: Vec<BTreeSet<Test>>,
    /// Attributes of `config` that name claims: demanded of every request.
    names: BTreeSet<SlotId>,
}

impl<'u> Asker<'u> {
    fn new(unit: &'u Unit) -> Self {
        let of_chains: Vec<Vec<BTreeSet<Test>>> = unit
            .chains
            .iter()
            .map(|chain| chain.conditions.iter().map(|one| tests(unit, &one.expr)).collect())
            .collect();
        let of_statement = |statement: &Statement| {
            let conditions = statement.guard.iter().flat_map(|step| {
                let conditions = of_chains.get(step.chain.index()).into_iter().flatten();
                conditions.take((step.branch as usize).saturating_add(1))
            });
            let mut all: BTreeSet<Test> = conditions.flatten().cloned().collect();
            for expr in statement.unless.iter().chain(statement.action.value()) {
                all.extend(tests(unit, expr));
            }
            let writes = matches!(statement.action, Action::Write { .. } | Action::Spread { .. });
            if unit.catalog.explicit_delegation && writes && !statement.mentions_actor {
                all.insert(Test::Actor);
            }
            all
        };
        let names = unit.claims.iter().filter_map(|claim| match claim.name {
            ClaimName::Config(slot) => Some(slot),
            ClaimName::Literal(_) => None,
        });
        Asker {
            unit,
            world: world::Names::of(unit),
            tests: unit.statements.iter().map(of_statement).collect(),
            names: names.collect(),
        }
    }

    /// What some statements ask a request for.
    fn inputs(&self, statements: &BTreeSet<usize>, grant: Grant, is_listed: bool) -> Vec<Input> {
        let mut slots = self.names.clone();
        let mut tests: BTreeSet<&Test> = BTreeSet::new();
        for index in statements {
            slots.extend(self.unit.statements.get(*index).into_iter().flat_map(|one| &one.reads));
            tests.extend(self.tests.get(*index).into_iter().flatten());
        }
        let slots = slots.into_iter().filter_map(|id| self.unit.slots.get(id.index()));
        let mut all: BTreeSet<Input> = slots
            .filter(|slot| self.is_supplied(slot, grant, is_listed))
            .map(|slot| self.input(slot, grant))
            .collect();
        if grant == Grant::RefreshToken {
            // No refresh may exceed these, whatever the policy says (RFC 6749 section 6).
            let original = |member: &str| Slot { root: Root::Original, path: vec![member.into()] };
            all.extend(["audience", "scopes"].map(|member| self.input(&original(member), grant)));
            if tests.contains(&Test::Login) {
                all.insert(self.input(&original("grant"), grant));
            }
        }
        for one in tests.into_iter().filter_map(|test| existence(test, grant)) {
            if !all.iter().any(|other| covers(other, &one)) {
                all.insert(one);
            }
        }
        all.into_iter().collect()
    }

    /// Whether the host has to supply an attribute with each request.
    fn is_supplied(&self, slot: &Slot, grant: Grant, is_listed: bool) -> bool {
        match slot.root {
            Root::Grant | Root::Audience | Root::Scopes | Root::Requested => false,
            Root::Client => !is_listed && slot.path.first().is_none_or(|member| &**member != "id"),
            Root::User => grant.user() != UserPresence::Never,
            Root::Config => {
                let is_read = |name: &Arc<str>| slot.path.first().is_none_or(|first| first == name);
                let constants = &self.unit.catalog.config;
                constants.iter().any(|(name, constant)| is_read(name) && constant.value.is_none())
            }
            _ => true,
        }
    }

    fn input(&self, slot: &Slot, grant: Grant) -> Input {
        let place = self.place(slot);
        Input {
            root: order(slot.root),
            name: slot.name(),
            ty: Some(place.map_or_else(|| "json".to_owned(), |shape| format!("{:#}", shape.ty().present()))),
            need: self.need(slot, grant),
        }
    }

    /// The declaration of an attribute, if it has one.
    fn place(&self, slot: &Slot) -> Option<&'u Shape> {
        slot.path.iter().try_fold(self.unit.catalog.input(slot.root)?, |shape, member| part(shape, member))
    }

    /// Follows the declarations as the evaluator follows values.
    fn need(&self, slot: &Slot, grant: Grant) -> Need {
        let Some(root) = self.unit.catalog.input(slot.root) else {
            return Need::Optional;
        };
        let mut name = slot.root.as_str().to_owned();
        let is_whole = slot.path.is_empty();
        let may_miss_root = match slot.root {
            Root::User => grant.user() != UserPresence::Always,
            Root::Session | Root::Request | Root::External | Root::Config | Root::Client => is_whole,
            _ => is_optional(root),
        };
        if is_whole {
            return if may_miss_root { Need::Optional } else { Need::Required };
        }
        let mut holder = may_miss_root.then(|| name.clone());
        let mut shape = root;
        for (depth, member) in slot.path.iter().enumerate() {
            let ShapeKind::Record(record) = &shape.kind else {
                return Need::Optional;
            };
            let Some(inner) = record.member(member) else {
                return Need::Optional;
            };
            name.push('.');
            name.push_str(member);
            let is_last = depth + 1 == slot.path.len();
            if is_last && is_optional(inner) {
                return Need::Optional;
            }
            if !is_last && (inner.optional || inner.default.is_some()) {
                holder = Some(name.clone());
            }
            shape = inner;
        }
        holder.map_or(Need::Required, Need::RequiredWith)
    }
}

/// Whether nothing has to be there.
fn is_optional(shape: &Shape) -> bool {
    shape.optional || shape.default.is_some() || shape.reads_as_empty()
}

fn part<'s>(shape: &'s Shape, member: &str) -> Option<&'s Shape> {
    match &shape.kind {
        ShapeKind::Record(record) => record.member(member),
        ShapeKind::Map(element) => Some(element),
        _ => None,
    }
}

fn order(root: Root) -> usize {
    Root::ALL.iter().position(|one| *one == root).unwrap_or_default()
}

/// What an expression looks at beside attributes, lets included.
fn tests(unit: &Unit, expr: &Expr) -> BTreeSet<Test> {
    let mut found = BTreeSet::new();
    expr.walk(&unit.lets, &mut |part| {
        found.extend(match &*part.kind {
            ExprKind::UserExists => Some(Test::User),
            ExprKind::Login => Some(Test::Login),
            ExprKind::Failed(source) => Some(Test::Failed(source.clone())),
            _ => None,
        });
        true
    });
    found
}

/// What has to be known for a test. Whether there is a user is told by most grants.
fn existence(test: &Test, grant: Grant) -> Option<Input> {
    let (root, name) = match test {
        Test::User if grant.user() == UserPresence::Maybe => (Root::User, "user".to_owned()),
        Test::Login if grant == Grant::RefreshToken => (Root::User, "user".to_owned()),
        Test::User | Test::Login => return None,
        Test::Actor => (Root::Actor, "actor".to_owned()),
        Test::Failed(source) => (Root::External, format!("external.{source}")),
    };
    Some(Input { root: order(root), name, ty: None, need: Need::Existence })
}

/// Whether an input that is there already tells of the existence of another.
fn covers(input: &Input, existence: &Input) -> bool {
    let rest = input.name.strip_prefix(&existence.name);
    rest.is_some_and(|rest| rest.is_empty() || (existence.name.contains('.') && rest.starts_with('.')))
}

#[cfg(test)]
mod tests;
