//! What formulas and texts of both versions do not have in common although they read alike: attributes that
//! claims.yaml declares otherwise, facts about clients and audiences, audience and scopes that rules change otherwise.

use std::sync::Arc;

use super::Fact;
use super::facts::Touches;
use crate::catalog::Root;
use crate::ir::{AudienceOf, Expr, ExprKind, Slot, Statement, Unit};
use crate::logic::atom::{Aim, Atom};
use crate::logic::formula::{Formula, Formulas};

/// What is unlike.
#[derive(Debug, Default)]
pub(super) struct Unlike {
    facts: Changed,
    /// Rules may make the audience another one.
    pub(super) audience: bool,
    /// Rules may make the scopes others.
    pub(super) scopes: bool,
}

/// What claims.yaml says otherwise.
#[derive(Debug, Default)]
struct Changed {
    any: bool,
    inputs: Vec<Slot>,
    clients: bool,
    audiences: bool,
}

impl Unlike {
    pub(super) fn new(facts: &[Fact]) -> Self {
        let mut unlike = Unlike::default();
        for fact in facts.iter().filter(|fact| fact.decides) {
            unlike.facts.any = true;
            match &fact.touches {
                Touches::Input(slot) => unlike.facts.inputs.push(slot.clone()),
                Touches::Clients => unlike.facts.clients = true,
                Touches::Audiences => unlike.facts.audiences = true,
                Touches::Nothing | Touches::Constant(_) | Touches::Presence(_) => {}
            }
        }
        unlike
    }

    /// Whether facts that decide about requests differ.
    pub(super) fn has_facts(&self) -> bool {
        self.facts.any
    }

    /// Why formulas of these statements cannot be compared, if they cannot.
    pub(super) fn reason<'s>(
        &self,
        f: &Formulas,
        unit: &Unit,
        statements: impl Iterator<Item = &'s Statement>,
        formulas: &[Formula],
    ) -> Option<Arc<str>> {
        if !self.facts.any && !self.audience && !self.scopes {
            return None;
        }
        let by_atom =
            f.atoms_of(formulas.iter().copied()).into_iter().find_map(|atom| self.of_atom(f.meaning(atom)?));
        let by_statement = || {
            let mut statements = statements;
            statements.find_map(|statement| self.of_statement(unit, statement))
        };
        by_atom.map(Arc::from).or_else(by_statement)
    }

    fn of_atom(&self, atom: &Atom) -> Option<&'static str> {
        match atom {
            Atom::UnlistedClient if self.facts.clients => Some(CLIENTS),
            Atom::UnlistedAudience(_) | Atom::ManyAudiences(_) if self.facts.audiences => Some(AUDIENCES),
            Atom::Audience(Aim::Token, _)
            | Atom::UnlistedAudience(Aim::Token)
            | Atom::NoAudience(Aim::Token)
            | Atom::ManyAudiences(Aim::Token)
                if self.audience =>
            {
                Some("it depends on the audience, which the rules may set otherwise")
            }
            _ => None,
        }
    }

    fn of_statement(&self, unit: &Unit, statement: &Statement) -> Option<Arc<str>> {
        for slot in statement.reads.iter().filter_map(|id| unit.slots.get(id.index())) {
            if let Some(input) = self.facts.inputs.iter().find(|input| overlaps(input, slot)) {
                return Some(format!("claims.yaml declares `{}` otherwise", input.name()).into());
            }
            let is_id = slot.path.first().is_some_and(|member| &**member == "id");
            match slot.root {
                Root::Client if self.facts.clients && !is_id => return Some(CLIENTS.into()),
                Root::Audience if self.facts.audiences => return Some(AUDIENCES.into()),
                Root::Audience if self.audience => return Some(AUDIENCE.into()),
                Root::Scopes if self.scopes => {
                    return Some("it depends on the scopes, which the rules may change otherwise".into());
                }
                _ => {}
            }
        }
        let delegated = self.facts.inputs.iter().any(|input| input.root == Root::Actor);
        if delegated && unit.catalog.explicit_delegation {
            return Some("claims.yaml declares `actor` otherwise".into());
        }
        let asks = self.audience && exprs(unit, statement).any(|expr| expr.any(&unit.lets, asks_audience));
        asks.then(|| AUDIENCE.into())
    }
}

const CLIENTS: &str = "claims.yaml says other things of clients";
const AUDIENCES: &str = "claims.yaml lists other audiences";
const AUDIENCE: &str = "it depends on the audience, which the rules may set otherwise";

fn overlaps(a: &Slot, b: &Slot) -> bool {
    let common = a.path.len().min(b.path.len());
    a.root == b.root && a.path.iter().take(common).eq(b.path.iter().take(common))
}

fn asks_audience(expr: &Expr) -> bool {
    matches!(
        &*expr.kind,
        ExprKind::AudienceIs(AudienceOf::Token, _)
            | ExprKind::AudienceHas(AudienceOf::Token, _)
            | ExprKind::AudienceWithin(AudienceOf::Token, _)
    )
}

/// The conditions and the value of a statement.
fn exprs<'u>(unit: &'u Unit, statement: &'u Statement) -> impl Iterator<Item = &'u Expr> {
    let chains = statement.guard.iter().filter_map(|step| unit.chains.get(step.chain.index()));
    let conditions = chains.flat_map(|chain| chain.conditions.iter().map(|condition| &condition.expr));
    conditions.chain(&statement.unless).chain(statement.action.value())
}
