//! Whether an executed request breaks a statement, by what its tokens carry.

use std::sync::Arc;

use crate::decision::{Decision, Issued};
use crate::eval::{self, ClaimTrace, Inspection};
use crate::ir::{ClaimId, Contract, Ensure, EnsureKind, Statement, Unit};
use crate::request::Request;
use crate::source::Span;
use crate::standard::Token;
use crate::ty::decode::{Undeclared, decode};
use crate::ty::{Labels, Shape, Type};
use crate::value::Value;

/// A request and what its evaluation shows.
pub(super) struct Shown<'a> {
    unit: &'a Unit,
    request: &'a Request,
    inspection: Inspection<'a>,
}

impl<'a> Shown<'a> {
    pub(super) fn new(unit: &'a Unit, request: &'a Request) -> Self {
        Shown { unit, request, inspection: Inspection::new(unit, request) }
    }

    /// What is issued, if it is for an audience.
    fn issued(&self, audience: Option<&Arc<str>>) -> Option<&Issued> {
        let Decision::Issue(issued) = self.inspection.decision() else { return None };
        let is_for = audience.is_none_or(|alias| {
            let id = self.unit.catalog.audiences.get(alias).map(|audience| &audience.id);
            id.is_some_and(|id| issued.audience.contains(id))
        });
        is_for.then_some(issued)
    }

    /// Whether it breaks an `ensure`.
    pub(super) fn breaks(&self, ensure: &Ensure) -> bool {
        let Some(issued) = self.issued(ensure.audience.as_ref()) else { return false };
        if ensure.when.as_ref().is_some_and(|when| !self.inspection.holds(when)) {
            return false;
        }
        match ensure.kind {
            EnsureKind::Deny => true,
            EnsureKind::NoLabel(labels) => self.labelled(ensure, labels).next().is_some(),
            EnsureKind::Never(claim) | EnsureKind::Always(claim) => {
                let name = self.inspection.name(claim);
                let is_never = matches!(ensure.kind, EnsureKind::Never(_));
                ensure
                    .tokens
                    .iter()
                    .filter_map(|token| issued.tokens.get(&token))
                    .any(|claims| is_never == name.as_ref().is_some_and(|name| claims.contains_key(name)))
            }
        }
    }

    /// How the claims came about that carry one of these labels in a token of an `ensure`.
    fn labelled(&self, ensure: &Ensure, labels: Labels) -> impl Iterator<Item = ClaimTrace> {
        let claims = eval::explain(self.unit, self.request, false).claims;
        let tokens = ensure.tokens;
        claims.into_iter().filter(move |claim| {
            let carries = |span: Span| {
                let statement = self.unit.statements.iter().position(|one| one.span == span);
                statement.is_some_and(|statement| self.carries(statement, &claim.name, labels))
            };
            tokens.contains(claim.token) && claim.written_by.iter().any(|rule| carries(rule.span))
        })
    }

    fn carries(&self, statement: usize, name: &str, labels: Labels) -> bool {
        let part = match self.unit.statements.get(statement).map(|one| &one.action) {
            Some(crate::ir::Action::Spread { prefix, .. }) => name.strip_prefix(&**prefix),
            _ => None,
        };
        let carried = self.inspection.written_labels(statement, part);
        labels.indexes().any(|index| carried.contains(Labels::bit(index)))
    }

    /// Where what breaks an `ensure` is written.
    pub(super) fn writers(&self, ensure: &Ensure) -> Vec<Span> {
        let traces: Vec<ClaimTrace> = match ensure.kind {
            EnsureKind::Never(claim) => {
                let name = self.inspection.name(claim);
                let claims = eval::explain(self.unit, self.request, false).claims;
                claims
                    .into_iter()
                    .filter(|trace| ensure.tokens.contains(trace.token) && name.as_ref() == Some(&trace.name))
                    .collect()
            }
            EnsureKind::NoLabel(labels) => self.labelled(ensure, labels).collect(),
            EnsureKind::Always(_) | EnsureKind::Deny => Vec::new(),
        };
        spans(traces.into_iter().flat_map(|trace| trace.written_by))
    }

    /// Whether a token lacks a claim.
    pub(super) fn is_without(&self, token: Token, claim: ClaimId) -> bool {
        let claims = self.issued(None).and_then(|issued| issued.tokens.get(&token));
        claims.is_some_and(|claims| self.name(claim).is_none_or(|name| !claims.contains_key(&name)))
    }

    /// What a claim is called in the request.
    pub(super) fn name(&self, claim: ClaimId) -> Option<Arc<str>> {
        self.inspection.name(claim)
    }

    /// The statements at these places.
    pub(super) fn statements(&self, spans: &[Span]) -> impl Iterator<Item = &'a Statement> {
        self.unit.statements.iter().filter(move |statement| spans.contains(&statement.span))
    }

    /// Where a claim of a token is written.
    pub(super) fn writers_of(&self, token: Token, name: &str) -> Vec<Span> {
        let claims = eval::explain(self.unit, self.request, false).claims;
        let traces = claims.into_iter().filter(|trace| trace.token == token && *trace.name == *name);
        spans(traces.flat_map(|trace| trace.written_by))
    }

    /// Where a claim is removed from a token.
    pub(super) fn removers(&self, token: Token, name: &str) -> Vec<Span> {
        let claims = eval::explain(self.unit, self.request, false).claims;
        let traces = claims.into_iter().filter(|trace| trace.token == token && *trace.name == *name);
        spans(traces.flat_map(|trace| trace.removed_by))
    }

    /// The claims of the access token, if it is for the audience of a contract.
    fn access_token(&self, contract: &Contract) -> Option<&std::collections::BTreeMap<Arc<str>, Value>> {
        self.issued(Some(&contract.audience))?.tokens.get(&Token::Access)
    }

    /// The claims that a contract does not list.
    pub(super) fn unlisted(&self, contract: &Contract) -> Vec<Arc<str>> {
        let listed: Vec<Option<Arc<str>>> =
            contract.members.iter().map(|(claim, ..)| self.inspection.name(*claim)).collect();
        let Some(claims) = self.access_token(contract) else { return Vec::new() };
        claims.keys().filter(|name| !listed.contains(&Some((*name).clone()))).cloned().collect()
    }

    /// Whether a member of a contract is missing.
    pub(super) fn lacks(&self, contract: &Contract, member: usize) -> bool {
        let Some((claim, ..)) = contract.members.get(member) else { return false };
        let name = self.inspection.name(*claim);
        self.access_token(contract).is_some_and(|claims| name.is_none_or(|name| !claims.contains_key(&name)))
    }

    /// Whether the value of a member is there and is not of its type.
    pub(super) fn misfits(&self, contract: &Contract, member: usize) -> bool {
        let Some((claim, ty, _)) = contract.members.get(member) else { return false };
        let value = self.access_token(contract).zip(self.inspection.name(*claim));
        value.and_then(|(claims, name)| claims.get(&name)).is_some_and(|value| !is_of(value, ty))
    }
}

/// Whether a value is of a type, members that it does not have included.
fn is_of(value: &Value, ty: &Type) -> bool {
    decode(value, &Shape::from(ty), Undeclared::Mistake).is_ok()
}

fn spans(rules: impl Iterator<Item = eval::RuleName>) -> Vec<Span> {
    let mut spans: Vec<Span> = rules.map(|rule| rule.span).collect();
    spans.sort_by_key(|span| (span.file, span.start));
    spans.dedup();
    spans
}
