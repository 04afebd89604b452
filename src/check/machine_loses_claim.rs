//! Machines have no user: which of them lose which claim for that reason, one note for each audience.
//!
//! Only what the facets grant, client and audience decide is looked at. A claim that another rule gives the machine
//! is not lost, and a rule whose own condition asks something of the user, or how somebody signed in, is about people.

use std::collections::{BTreeMap, BTreeSet};

use super::look::{literal, texts};
use super::words::claim_name;
use crate::ast::Comparison;
use crate::catalog::{Client, Root};
use crate::diag::Diagnostic;
use crate::ir::{Action, ChainId, Expr, ExprKind, LetId, Statement, Step, Unit};
use crate::source::Span;
use crate::standard::{Grant, Token};
use crate::value::Value;

crate::codes! {
    /// Machines that get no claim because its rule needs a user.
    MACHINE_LOSES_CLAIM = "C0620" "machine-loses-claim" Note allow;
}

/// How many statements are looked at in all, each once for every machine and audience: beyond that nothing is said.
const MAX_LOOKS: usize = 200_000;
/// How many names a message lists.
const MAX_NAMES: usize = 6;

pub(super) fn check(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    let machines: Vec<_> = unit.catalog.clients.iter().filter(|(_, client)| is_machine(client)).collect();
    let looks =
        machines.len().saturating_mul(unit.catalog.audiences.len()).saturating_mul(unit.statements.len());
    if looks > MAX_LOOKS {
        return;
    }
    for (alias, audience) in &unit.catalog.audiences {
        let may_ask = |client: &Client| client.audiences.as_ref().is_none_or(|listed| listed.contains(alias));
        let mut losses = Losses::default();
        for (name, client) in machines.iter().filter(|(_, client)| may_ask(client)) {
            Machine::new(unit, &audience.id, &client.id).losses(name, client.span, &mut losses);
        }
        let Some(first) = losses.first else { continue };
        let claims: Vec<&str> = losses.claims.iter().map(String::as_str).collect();
        let clients: Vec<&str> = losses.clients.keys().copied().collect();
        let message = format!(
            "in tokens for `{alias}`, {} {} no {}: that needs a user",
            list(&clients),
            if clients.len() == 1 { "gets" } else { "get" },
            list(&claims),
        );
        let mut finding = Diagnostic::new(&MACHINE_LOSES_CLAIM, first, message)
            .also(audience.span, "machines may ask for this audience");
        for span in losses.clients.values().take(MAX_NAMES) {
            finding = finding.also(*span, "a machine");
        }
        findings.push(finding.help(
            "say `if user exists` where only people are meant, give machines a value of their own as in `if user exists then user.sub else client.id`, or let tests sign in as a test user through the password grant",
        ));
    }
}

/// A client that says that it uses the grant of machines.
fn is_machine(client: &Client) -> bool {
    client.grants.as_ref().is_some_and(|grants| grants.contains(&Grant::ClientCredentials))
}

fn list(names: &[&str]) -> String {
    let mut shown: Vec<String> = names.iter().take(MAX_NAMES).map(|name| format!("`{name}`")).collect();
    if names.len() > MAX_NAMES {
        shown.push(format!("{} more", names.len() - MAX_NAMES));
    }
    match shown.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => shown.concat(),
    }
}

/// What machines lose in tokens for one audience.
#[derive(Default)]
struct Losses<'u> {
    /// The first statement that they miss.
    first: Option<Span>,
    claims: BTreeSet<String>,
    clients: BTreeMap<&'u str, Span>,
}

/// What happens to a statement in a machine's request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It is about others.
    Excluded,
    /// It is skipped because there is no user.
    Lost,
    /// It may act.
    Open,
}

/// A request of a machine, as far as its facets tell.
struct Machine<'u, 'c> {
    unit: &'u Unit,
    audience: &'c str,
    client: &'c str,
    /// Lets that were looked at, and what the facets decide about them.
    lets: BTreeMap<LetId, Option<bool>>,
    /// By chain, what its first condition, its first two, and so on, make of a later branch.
    reached: BTreeMap<ChainId, Vec<Fate>>,
}

impl<'u, 'c> Machine<'u, 'c> {
    fn new(unit: &'u Unit, audience: &'c str, client: &'c str) -> Self {
        Machine { unit, audience, client, lets: BTreeMap::new(), reached: BTreeMap::new() }
    }

    fn losses<'n>(&mut self, name: &'n str, span: Span, losses: &mut Losses<'n>) {
        let mut lost: Vec<(String, Span)> = Vec::new();
        let mut given: BTreeSet<String> = BTreeSet::new();
        for statement in &self.unit.statements {
            let Some(claim) = target(self.unit, statement) else { continue };
            match self.fate(statement) {
                Fate::Excluded => {}
                Fate::Lost => lost.push((claim, statement.span)),
                Fate::Open => {
                    given.insert(claim);
                }
            }
        }
        for (claim, place) in lost.into_iter().filter(|(claim, _)| !given.contains(claim)) {
            losses.first = Some(losses.first.map_or(place, |first| first.min(place)));
            losses.claims.insert(claim);
            losses.clients.insert(name, span);
        }
    }

    fn fate(&mut self, statement: &Statement) -> Fate {
        let mut fate = Fate::Open;
        for step in &statement.guard {
            let Some(chain) = self.unit.chains.get(step.chain.index()) else { return Fate::Excluded };
            match self.reaches(*step) {
                Fate::Excluded => return Fate::Excluded,
                Fate::Lost => fate = Fate::Lost,
                Fate::Open => {}
            }
            let Some(condition) = chain.conditions.get(step.branch as usize) else { continue };
            let excludes = match self.truth(&condition.expr) {
                Some(truth) => !truth,
                None => condition.reads_user || self.is_about_sign_in(&condition.expr),
            };
            if excludes {
                return Fate::Excluded;
            }
        }
        if statement.action.value().is_some_and(|value| value.needs_user) { Fate::Lost } else { fate }
    }

    /// What the conditions before a branch make of it. Each is looked at once, however many branches there are.
    fn reaches(&mut self, step: Step) -> Fate {
        let unit = self.unit;
        let conditions = unit.chains.get(step.chain.index()).map_or(&[][..], |chain| &chain.conditions);
        let mut known = self.reached.remove(&step.chain).unwrap_or_default();
        for condition in conditions.iter().take(step.branch as usize).skip(known.len()) {
            let last = known.last().copied().unwrap_or(Fate::Open);
            known.push(match self.truth(&condition.expr) {
                _ if last == Fate::Excluded => last,
                Some(true) => Fate::Excluded,
                None if self.is_about_sign_in(&condition.expr) => Fate::Excluded,
                // The chain ends here, whatever its other branches say.
                None if condition.reads_user => Fate::Lost,
                _ => last,
            });
        }
        let before = (step.branch as usize).checked_sub(1);
        let fate = before.and_then(|before| known.get(before)).copied().unwrap_or(Fate::Open);
        self.reached.insert(step.chain, known);
        fate
    }

    /// Whether a condition asks how a person signed in, so that machines are not meant.
    fn is_about_sign_in(&self, condition: &Expr) -> bool {
        condition.any(&self.unit.lets, |part| match &*part.kind {
            ExprKind::Slot(id) => self
                .unit
                .slots
                .get(id.index())
                .is_some_and(|slot| matches!(slot.root, Root::Connection | Root::Session | Root::Actor)),
            _ => false,
        })
    }

    /// What the facets decide about a condition. Nesting is bounded by the lowering, lets counted in.
    fn truth(&mut self, condition: &Expr) -> Option<bool> {
        match &*condition.kind {
            ExprKind::Literal(value) => value.as_bool(),
            ExprKind::UserExists | ExprKind::Login => Some(false),
            ExprKind::Not(inner) => self.truth(inner).map(|truth| !truth),
            ExprKind::And(all) => self.combine(all, false),
            ExprKind::Or(all) => self.combine(all, true),
            ExprKind::Let(id) => self.of_let(*id),
            ExprKind::Compare { operator: Comparison::Equal, left, right, .. } => {
                let is = |id: &Expr, facet: Option<&str>| Some(facet? == literal(self.unit, id)?.as_str()?);
                is(right, self.facet(left)).or_else(|| is(left, self.facet(right)))
            }
            ExprKind::In { element, list, .. } => {
                let facet = self.facet(element)?;
                self.lists(list, facet)
            }
            ExprKind::AudienceIs(_, id) | ExprKind::AudienceHas(_, id) => {
                Some(literal(self.unit, id).and_then(Value::as_str)? == self.audience)
            }
            ExprKind::AudienceWithin(_, all) => self.lists(all, self.audience),
            _ => None,
        }
    }

    fn combine(&mut self, all: &[Expr], decisive: bool) -> Option<bool> {
        let mut is_known = true;
        for operand in all {
            match self.truth(operand) {
                Some(truth) if truth == decisive => return Some(decisive),
                Some(_) => {}
                None => is_known = false,
            }
        }
        is_known.then_some(!decisive)
    }

    fn of_let(&mut self, id: LetId) -> Option<bool> {
        if let Some(known) = self.lets.get(&id) {
            return *known;
        }
        let unit = self.unit;
        let truth = self.truth(&unit.lets.get(id.index())?.value);
        self.lets.insert(id, truth);
        truth
    }

    /// Whether a literal list has an id.
    fn lists(&self, list: &Expr, id: &str) -> Option<bool> {
        let ExprKind::List(elements) = &*super::look::resolve(self.unit, list).kind else { return None };
        let known = texts(self.unit, list);
        let has = known.iter().any(|(_, text)| *text == id);
        (has || known.len() == elements.len()).then_some(has)
    }

    /// The value of an expression that is a facet of the request.
    fn facet(&self, expr: &Expr) -> Option<&str> {
        let ExprKind::Slot(id) = &*expr.kind else { return None };
        let slot = self.unit.slots.get(id.index())?;
        match (slot.root, slot.path.as_slice()) {
            (Root::Grant, []) => Some(Grant::ClientCredentials.as_str()),
            (Root::Client, [member]) if &**member == "id" => Some(self.client),
            _ => None,
        }
    }
}

/// The claim of access tokens that a statement writes.
fn target(unit: &Unit, statement: &Statement) -> Option<String> {
    match &statement.action {
        Action::Write { claim, tokens, .. } if tokens.contains(Token::Access) => {
            Some(claim_name(unit, *claim))
        }
        Action::Spread { prefix, tokens, .. } if tokens.contains(Token::Access) => Some(format!("{prefix}*")),
        _ => None,
    }
}
