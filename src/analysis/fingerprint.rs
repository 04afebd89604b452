//! A policy to one line of text that changes exactly when what it does may change.
//!
//! Equal fingerprints: the same decision for every request, but for the places of rules and the aliases that messages
//! name. Whoever deploys a policy can tell by them that nothing but its text has changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::catalog::{Audience, Catalog, Client, LANGUAGE, Lifetimes, World};
use crate::eval::IDENTITY_CLAIM_IN_ACCESS_TOKEN;
use crate::ir::{
    Action, ChainId, ClaimId, ClaimName, Denial, Expr, ExprKind, LetId, SlotId, Statement, Step, Unit,
};
use crate::logic::normal::Normal;
use crate::logic::normal::text::{call, embedded, quoted, sha256, shape};
use crate::standard::Tokens;
use crate::ty::{Shape, ShapeKind};

/// Changes whenever what is said about a policy or how it is written does.
const VERSION: &str = "v1";

/// The fingerprint of a policy: `v1:` and 64 hexadecimal digits.
///
/// It covers every statement with its conditions; names and values of claims; of the facts of claims.yaml all that
/// requests are held against or tokens are made by: clients, audiences, lifetimes, the host, and the declarations of
/// the attributes that the policy reads; constants of `config` that are read; and the version of the language.
///
/// It does not cover what only says something about the policy: comments, names of rules, lets, tables and
/// namespaces, aliases of claims.yaml, files and order, labels, `ensure`, contracts and annotations. (Where `config` names
/// a claim, what decides which names it may have is covered too.)
pub fn fingerprint(unit: &Unit) -> String {
    format!("{VERSION}:{}", sha256(&canonical(unit)))
}

/// What the fingerprint is the digest of.
fn canonical(unit: &Unit) -> String {
    let writer = Writer { unit, normal: Normal::with_steps(unit) };
    let statements: Vec<String> =
        unit.statements.iter().map(|statement| writer.statement(statement)).collect();
    let shared = writer.shared(&statements);
    let parts = [
        call("language", [LANGUAGE.to_string()]),
        sorted("statements", statements),
        sorted("shared", shared),
        sorted("inputs", writer.inputs()),
        writer.names(),
        catalog(&unit.catalog),
    ];
    call("policy", parts)
}

/// Parts whose order says nothing.
fn sorted(word: &str, parts: impl IntoIterator<Item = String>) -> String {
    let mut parts: Vec<String> = parts.into_iter().collect();
    parts.sort();
    call(word, parts)
}

fn texts<'t>(texts: impl IntoIterator<Item = &'t (impl AsRef<str> + ?Sized + 't)>) -> Vec<String> {
    texts.into_iter().map(|text| quoted(text.as_ref())).collect()
}

struct Writer<'u> {
    unit: &'u Unit,
    normal: Normal<'u>,
}

impl<'u> Writer<'u> {
    fn expr(&self, expr: &Expr) -> String {
        embedded(&self.normal.text(expr))
    }

    fn statement(&self, statement: &Statement) -> String {
        let mut parts = vec![self.action(statement)];
        parts.push(sorted("guard", statement.guard.iter().map(|step| self.step(*step))));
        parts.extend(statement.unless.iter().map(|unless| call("unless", [self.expr(unless)])));
        // Which attributes have to be right is asked before anything is evaluated.
        parts.push(sorted("reads", statement.reads.iter().map(|id| self.normal.slot(*id))));
        parts.push(call("handles", texts(&statement.handles_failure)));
        if self.unit.catalog.explicit_delegation && statement.mentions_actor {
            parts.push("actor".to_owned());
        }
        call("statement", parts)
    }

    /// A branch: the conditions before it, then its own; `else` has none.
    fn step(&self, step: Step) -> String {
        let conditions = self.unit.chains.get(step.chain.index()).map_or(&[][..], |chain| &chain.conditions);
        let branch = step.branch as usize;
        let earlier = conditions.iter().take(branch).map(|condition| {
            call(if condition.reads_user { "not_user" } else { "not" }, [self.expr(&condition.expr)])
        });
        let own = conditions.get(branch).map(|condition| self.expr(&condition.expr));
        embedded(&call("branch", [sorted("after", earlier)].into_iter().chain(own)))
    }

    fn action(&self, statement: &Statement) -> String {
        let denial = |Denial { code, text }: &Denial| call("deny", [quoted(code), quoted(text)]);
        match &statement.action {
            Action::Write { level, claim, member, value, or_deny, tokens: of } => {
                let mut parts = vec![self.claim(*claim), self.expr(value), tokens(*of)];
                parts.extend(member.iter().map(|member| call("member", [quoted(member)])));
                parts.extend(or_deny.iter().map(denial));
                if self.is_configured(*claim) {
                    let is_identity = |slug: &&Arc<str>| ***slug == *IDENTITY_CLAIM_IN_ACCESS_TOKEN;
                    parts.push(call("allows", texts(statement.allows.iter().find(is_identity))));
                }
                call(level.as_str(), parts)
            }
            Action::Spread { level, prefix, value, matching, tokens: of } => {
                let mut parts = vec![quoted(prefix), self.expr(value), tokens(*of)];
                parts.extend(matching.iter().map(|regex| call("matching", [quoted(regex.as_str())])));
                call(&format!("{}_each", level.as_str()), parts)
            }
            Action::Remove { claim, tokens: of } => call("remove", [self.claim(*claim), tokens(*of)]),
            Action::Deny(reason) => denial(reason),
            Action::AddScope(value) => call("add_scope", [self.expr(value)]),
            Action::RemoveScope(value) => call("remove_scope", [self.expr(value)]),
            Action::LimitScopes(value) => call("limit_scopes", [self.expr(value)]),
            Action::SetAudience(value) => call("set_audience", [self.expr(value)]),
            Action::LimitLifetime(value) => call("limit_lifetime", [self.expr(value)]),
        }
    }

    fn claim(&self, id: ClaimId) -> String {
        match self.unit.claims.get(id.index()).map(|claim| &claim.name) {
            Some(ClaimName::Literal(name)) => quoted(name),
            Some(ClaimName::Config(slot)) => self.normal.slot(*slot),
            None => "error".to_owned(),
        }
    }

    fn is_configured(&self, id: ClaimId) -> bool {
        self.unit.claims.get(id.index()).is_some_and(|claim| matches!(claim.name, ClaimName::Config(_)))
    }

    /// What is evaluated once however many use it, with those who do: a limit bounds the steps of a request.
    fn shared(&self, statements: &[String]) -> Vec<String> {
        let mut users: BTreeMap<Shared, BTreeSet<String>> = BTreeMap::new();
        let mut open: Vec<Shared> = Vec::new();
        let mut use_all = |user: &str, used: Vec<Shared>, open: &mut Vec<Shared>| {
            for one in used {
                let known = users.entry(one).or_insert_with(|| {
                    open.push(one);
                    BTreeSet::new()
                });
                known.insert(embedded(user));
            }
        };
        for (statement, text) in self.unit.statements.iter().zip(statements) {
            let chains = statement.guard.iter().map(|step| Shared::Chain(step.chain));
            let exprs = statement.unless.iter().chain(statement.action.value());
            use_all(text, chains.chain(exprs.flat_map(lets)).collect(), &mut open);
        }
        while let Some(one) = open.pop() {
            use_all(&self.shared_text(one), self.exprs(one).into_iter().flat_map(lets).collect(), &mut open);
        }
        let counting = users.iter().filter(|(one, _)| self.exprs(**one).iter().any(|expr| expr.spends));
        counting
            .map(|(one, users)| call("shared", [self.shared_text(*one), sorted("by", users.iter().cloned())]))
            .collect()
    }

    fn shared_text(&self, shared: Shared) -> String {
        let word = if matches!(shared, Shared::Let(_)) { "let" } else { "chain" };
        embedded(&call(word, self.exprs(shared).into_iter().map(|expr| self.expr(expr))))
    }

    fn exprs(&self, shared: Shared) -> Vec<&'u Expr> {
        match shared {
            Shared::Let(id) => self.unit.lets.get(id.index()).map(|one| &one.value).into_iter().collect(),
            Shared::Chain(id) => {
                let chain = self.unit.chains.get(id.index());
                chain.into_iter().flat_map(|chain| &chain.conditions).map(|one| &one.expr).collect()
            }
        }
    }

    /// The declarations of the attributes that are read.
    fn inputs(&self) -> Vec<String> {
        let names = self.unit.claims.iter().filter_map(|claim| match claim.name {
            ClaimName::Config(slot) => Some(slot),
            ClaimName::Literal(_) => None,
        });
        let read = self.unit.statements.iter().flat_map(|statement| statement.reads.iter().copied());
        let all: BTreeSet<SlotId> = read.chain(names).collect();
        all.into_iter().map(|id| call("input", [self.normal.slot(id), self.declared(id)])).collect()
    }

    /// What is declared on the way to an attribute, and the attribute itself.
    fn declared(&self, id: SlotId) -> String {
        let Some(slot) = self.unit.slots.get(id.index()) else {
            return "error".to_owned();
        };
        let mut place = self.unit.catalog.input(slot.root);
        let mut way = Vec::new();
        for member in &slot.path {
            let Some(shape) = place else { break };
            way.push(passed(shape));
            place = match &shape.kind {
                ShapeKind::Record(record) => record.member(member),
                ShapeKind::Map(element) => Some(element),
                _ => None,
            };
        }
        way.push(place.map_or_else(|| "free".to_owned(), |end| embedded(&shape(end))));
        call("declared", way)
    }

    /// What decides which names `config` may give to claims.
    fn names(&self) -> String {
        let configured: BTreeSet<String> = self
            .unit
            .claims
            .iter()
            .filter_map(|claim| match claim.name {
                ClaimName::Config(slot) => Some(self.normal.slot(slot)),
                ClaimName::Literal(_) => None,
            })
            .collect();
        if configured.is_empty() {
            return "names()".to_owned();
        }
        let catalog = &self.unit.catalog;
        let contracts = self.unit.contracts.iter().flat_map(|contract| &contract.members);
        let agreed: BTreeSet<String> = contracts.map(|(claim, ..)| self.claim(*claim)).collect();
        let parts = [
            sorted("configured", configured),
            sorted("agreed", agreed),
            sorted("private", texts(catalog.private_claims.keys())),
            sorted("foreign", texts(catalog.foreign_namespaces.keys())),
            sorted("owned", texts(&catalog.owned_domains)),
            call("given", [catalog.is_given.to_string()]),
        ];
        call("names", parts)
    }
}

/// What is evaluated at most once for a request.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Shared {
    Let(LetId),
    Chain(ChainId),
}

/// The lets that an expression names itself.
fn lets(expr: &Expr) -> Vec<Shared> {
    let mut found = Vec::new();
    expr.walk(&[], &mut |part| {
        if let ExprKind::Let(id) = &*part.kind {
            found.push(Shared::Let(*id));
        }
        true
    });
    found
}

fn tokens(tokens: Tokens) -> String {
    call("to", tokens.iter().map(|token| token.as_str().to_owned()))
}

/// What a path learns of a shape that it only passes through.
fn passed(shape: &Shape) -> String {
    let kind = match &shape.kind {
        ShapeKind::Record(record) if record.open => "open",
        ShapeKind::Record(_) => "record",
        ShapeKind::Map(_) => "map",
        _ => "other",
    };
    let mut parts = vec![kind.to_owned()];
    parts.extend(shape.optional.then(|| "optional".to_owned()));
    parts.extend(shape.reads_as_empty().then(|| "empty".to_owned()));
    parts.extend(shape.default.iter().map(|default| call("default", [embedded(&default.to_json())])));
    call("passed", parts)
}

/// What requests are held against and tokens are made by. Aliases stand for ids.
fn catalog(catalog: &Catalog) -> String {
    let ids = |aliases: &[Arc<str>]| {
        let ids = aliases.iter().filter_map(|alias| catalog.audiences.get(alias)).map(|one| &one.id);
        sorted("ids", texts(ids))
    };
    let sets = catalog.audience_sets.iter().map(|sets| sorted("sets", sets.iter().map(|set| ids(set))));
    let parts = [
        call("issuer", texts(&catalog.issuer)),
        call("profile", [quoted(&catalog.profile)]),
        lifetimes(catalog.lifetimes),
        sorted("audiences", catalog.audiences.values().map(audience)),
        call("others", [world(catalog.audience_world)]),
        call("together", sets),
        sorted("endpoints", texts(&catalog.issuer_endpoints)),
        sorted("clients", catalog.clients.values().map(|one| client(one, ids))),
        call("others", [world(catalog.client_world)]),
        call("explicit_delegation", [catalog.explicit_delegation.to_string()]),
    ];
    call("catalog", parts)
}

fn world(world: World) -> String {
    match world {
        World::Closed => "closed",
        // Who registers clients changes what is known of them, not what is done.
        World::Open | World::Dynamic => "open",
    }
    .to_owned()
}

fn lifetimes(lifetimes: Lifetimes) -> String {
    let one = |word: &str, seconds: Option<u64>| call(word, seconds.map(|seconds| seconds.to_string()));
    call("lifetimes", [one("access", lifetimes.access_token), one("id", lifetimes.id_token)])
}

fn audience(audience: &Audience) -> String {
    let parts = [
        quoted(&audience.id),
        call("bytes", audience.max_token_bytes.map(|bytes| bytes.to_string())),
        call("scopes", audience.scopes.iter().map(|scopes| sorted("any", texts(scopes)))),
        lifetimes(audience.lifetimes),
    ];
    call("audience", parts)
}

fn client(client: &Client, ids: impl Fn(&[Arc<str>]) -> String) -> String {
    let grants = |grants: &Vec<_>| sorted("any", grants.iter().map(ToString::to_string));
    let parts = [
        quoted(&client.id),
        call("name", texts(&client.name)),
        call("confidential", client.confidential.map(|value| value.to_string())),
        call("grants", client.grants.iter().map(grants)),
        call("audiences", client.audiences.iter().map(|aliases| ids(aliases))),
        call("metadata", [embedded(&client.metadata.to_json())]),
        lifetimes(client.lifetimes),
    ];
    call("client", parts)
}

#[cfg(test)]
mod tests;
