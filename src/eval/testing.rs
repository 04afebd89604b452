//! Typed policies by hand, so that each rule of the evaluator is tested without parser and typing.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::ast::{Comparison, Level};
use crate::catalog::{Audience, Budget, Catalog, Client, Lifetimes, Root, World};
use crate::ir::*;
use crate::request::Request;
use crate::source::{FileId, Sources, Span};
use crate::standard::{Grant, Tokens};
pub(super) use crate::ty::testing::{open, record, shape, value};
use crate::ty::{Shape, Type};

pub(super) fn request(json: &str) -> Request {
    Request::from_json(json.as_bytes()).unwrap()
}

pub(super) fn decide(unit: &Unit, json: &str) -> String {
    super::evaluate(unit, &request(json)).to_string()
}

/// An open world without claims.yaml.
pub(super) fn catalog() -> Catalog {
    let client = record(&[
        ("id", shape("string")),
        ("name", shape("string?")),
        ("confidential", shape("bool?")),
        ("metadata", shape("map[json]")),
    ]);
    let asked = [("audience", shape("string[]")), ("scopes", shape("string[]"))];
    let original =
        [("grant", shape("string?")), ("audience", shape("string[]?")), ("scopes", shape("string[]?"))];
    let inputs = [
        (Root::Grant, shape("string")),
        (Root::Client, client),
        (Root::Audience, shape("string[]")),
        (Root::Scopes, shape("string[]")),
        (Root::Requested, record(&asked)),
        (Root::Original, record(&original).optional()),
        (Root::User, record(&[("sub", shape("string"))])),
        (Root::Connection, record(&[("id", shape("string")), ("name", shape("string?"))]).optional()),
        (Root::Organization, record(&[("id", shape("string"))]).optional()),
        (Root::Session, record(&[("amr", shape("string[]?"))])),
        (Root::Actor, record(&[("sub", shape("string"))]).optional()),
        (Root::Request, record(&[("ip", shape("string?"))])),
        (Root::External, record(&[])),
        (Root::Config, record(&[])),
        (Root::Now, shape("timestamp")),
    ];
    Catalog {
        is_given: true,
        issuer: Some("https://id.acme.example/".into()),
        profile: "generic".into(),
        owned_domains: Vec::new(),
        foreign_namespaces: IndexMap::new(),
        private_claims: IndexMap::new(),
        labels: Vec::new(),
        lifetimes: Lifetimes::default(),
        config: IndexMap::new(),
        audiences: IndexMap::new(),
        audience_world: World::Open,
        audience_sets: None,
        default_audience: None,
        issuer_endpoints: vec!["https://id.acme.example/userinfo".into()],
        clients: IndexMap::new(),
        client_world: World::Open,
        connections: IndexMap::new(),
        organizations: IndexMap::new(),
        inputs: BTreeMap::from(inputs),
        explicit_delegation: false,
        locked: Vec::new(),
        by_id: crate::catalog::ById::default(),
        budget: Budget::default(),
    }
}

pub(super) fn audience(id: &str, scopes: Option<&[&str]>) -> Audience {
    Audience {
        id: id.into(),
        accepts: None,
        max_token_bytes: None,
        scopes: scopes.map(|scopes| scopes.iter().map(|scope| Arc::from(*scope)).collect()),
        lifetimes: Lifetimes::default(),
        span: place(1),
    }
}

pub(super) fn client(id: &str, grants: Option<&[Grant]>, audiences: Option<&[&str]>) -> Client {
    Client {
        id: id.into(),
        name: None,
        confidential: None,
        grants: grants.map(<[Grant]>::to_vec),
        audiences: audiences.map(|all| all.iter().map(|alias| Arc::from(*alias)).collect()),
        metadata: value("{}"),
        accepts: None,
        lifetimes: Lifetimes::default(),
        span: place(1),
    }
}

fn file() -> FileId {
    Sources::new().add("p.claims", "")
}

fn place(line: usize) -> Span {
    Span::new(file(), line, line)
}

pub(super) fn expr(kind: ExprKind) -> Expr {
    let spends = kind.spends();
    let mut expr =
        Expr { kind: Box::new(kind), ty: Type::error(), needs_user: false, spends, span: place(0) };
    expr.spends = spends || expr.children().iter().any(|child| child.spends);
    expr
}

pub(super) fn lit(json: &str) -> Expr {
    expr(ExprKind::Literal(value(json)))
}

pub(super) fn equal(left: Expr, right: Expr) -> Expr {
    expr(ExprKind::Compare { operator: Comparison::Equal, left, right, fold: false })
}

pub(super) fn not(operand: Expr) -> Expr {
    expr(ExprKind::Not(operand))
}

pub(super) fn and(operands: Vec<Expr>) -> Expr {
    expr(ExprKind::And(operands))
}

pub(super) fn or(operands: Vec<Expr>) -> Expr {
    expr(ExprKind::Or(operands))
}

pub(super) fn default_to(operands: Vec<Expr>) -> Expr {
    expr(ExprKind::Coalesce(operands))
}

pub(super) fn exists(operand: Expr) -> Expr {
    expr(ExprKind::Exists(operand))
}

pub(super) fn audience_is(id: &str) -> Expr {
    expr(ExprKind::AudienceIs(AudienceOf::Token, lit(&format!("{id:?}"))))
}

/// A policy under construction. Statements stand on the lines in which they are added, from 1.
pub(super) struct Policy {
    pub(super) unit: Unit,
}

impl Policy {
    pub(super) fn new(catalog: Catalog) -> Self {
        Policy {
            unit: Unit {
                catalog: Arc::new(catalog),
                slots: Arc::default(),
                lets: Vec::new(),
                tables: Arc::default(),
                namespaces: Arc::default(),
                claims: Arc::default(),
                chains: Vec::new(),
                statements: Vec::new(),
                ensures: Vec::new(),
                contracts: Arc::default(),
                locals: 8,
            },
        }
    }

    /// A policy over users of a shape.
    pub(super) fn of_user(members: &[(&str, Shape)]) -> Self {
        let mut catalog = catalog();
        catalog.inputs.insert(Root::User, record(members));
        Policy::new(catalog)
    }

    /// Reads `user.email`.
    pub(super) fn read(&mut self, path: &str) -> Expr {
        expr(ExprKind::Slot(self.slot(path)))
    }

    pub(super) fn slot(&mut self, path: &str) -> SlotId {
        let mut words = path.split('.');
        let root = Root::parse(words.next().unwrap()).unwrap();
        let slot = Slot { root, path: words.map(Arc::from).collect() };
        let index = self.unit.slots.iter().position(|known| *known == slot).unwrap_or_else(|| {
            Arc::make_mut(&mut self.unit.slots).push(slot);
            self.unit.slots.len() - 1
        });
        SlotId(u32::try_from(index).unwrap())
    }

    pub(super) fn claim(&mut self, name: ClaimName) -> ClaimId {
        let index = self.unit.claims.iter().position(|claim| claim.name == name).unwrap_or_else(|| {
            Arc::make_mut(&mut self.unit.claims).push(Claim {
                name,
                overridable: false,
                accepts: Vec::new(),
                span: place(1),
            });
            self.unit.claims.len() - 1
        });
        ClaimId(u32::try_from(index).unwrap())
    }

    pub(super) fn binding(&mut self, value: Expr) -> Expr {
        self.unit.lets.push(Let { name: "x".into(), value, span: place(0) });
        expr(ExprKind::Let(LetId(u32::try_from(self.unit.lets.len() - 1).unwrap())))
    }

    /// A chain of conditions; whether each reads the user follows from it.
    pub(super) fn chain(&mut self, conditions: Vec<Expr>) -> ChainId {
        let reads_user = |condition: &Expr| {
            let slots = condition.slots(&self.unit.lets);
            slots.iter().any(|slot| self.unit.slots[slot.index()].root == Root::User)
        };
        let conditions =
            conditions.into_iter().map(|expr| Condition { reads_user: reads_user(&expr), expr }).collect();
        self.unit.chains.push(Chain { conditions, otherwise: None, span: place(1) });
        ChainId(u32::try_from(self.unit.chains.len() - 1).unwrap())
    }

    /// Adds a statement that stands in branches of chains.
    pub(super) fn act_in(&mut self, guard: Vec<Step>, action: Action) -> &mut Statement {
        let mut reads = std::collections::BTreeSet::new();
        for step in &guard {
            for condition in
                self.unit.chains[step.chain.index()].conditions.iter().take(step.branch as usize + 1)
            {
                reads.extend(condition.expr.slots(&self.unit.lets));
            }
        }
        match &action {
            Action::Write { value, .. }
            | Action::Spread { value, .. }
            | Action::AddScope(value)
            | Action::RemoveScope(value)
            | Action::LimitScopes(value)
            | Action::SetAudience(value)
            | Action::LimitLifetime(value) => reads.extend(value.slots(&self.unit.lets)),
            Action::Remove { .. } | Action::Deny(_) => {}
        }
        let line = self.unit.statements.len() + 1;
        self.unit.statements.push(Statement {
            guard,
            unless: None,
            action,
            span: place(line),
            place: format!("p.claims:{line}").into(),
            rule: None,
            reads: reads.into_iter().collect(),
            handles_failure: Vec::new(),
            mentions_actor: false,
            subject: place(0),
            allows: Vec::new(),
        });
        self.unit.statements.last_mut().unwrap()
    }

    pub(super) fn act(&mut self, action: Action) -> &mut Statement {
        self.act_in(Vec::new(), action)
    }

    pub(super) fn act_if(&mut self, condition: Expr, action: Action) -> &mut Statement {
        let chain = self.chain(vec![condition]);
        self.act_in(vec![Step { chain, branch: 0 }], action)
    }

    pub(super) fn write(&mut self, level: Level, claim: &str, value: Expr) -> Action {
        let (claim, member) = match claim.split_once('.') {
            Some((claim, member)) => (claim, Some(Arc::from(member))),
            None => (claim, None),
        };
        let claim = self.claim(ClaimName::Literal(claim.into()));
        Action::Write { level, claim, member, value, or_deny: None, tokens: Tokens::ACCESS }
    }

    pub(super) fn add(&mut self, claim: &str, value: Expr) -> &mut Statement {
        let action = self.write(Level::Add, claim, value);
        self.act(action)
    }

    pub(super) fn add_if(&mut self, condition: Expr, claim: &str, value: Expr) -> &mut Statement {
        let action = self.write(Level::Add, claim, value);
        self.act_if(condition, action)
    }

    pub(super) fn deny_if(&mut self, condition: Expr, text: &str) -> &mut Statement {
        self.act_if(condition, Action::Deny(Denial { code: "access_denied".into(), text: text.into() }))
    }
}
