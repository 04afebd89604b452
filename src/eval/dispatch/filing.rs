//! A policy's statements are filed, once, when it is sealed.

use std::collections::HashMap;
use std::sync::Arc;

use super::Dispatch;
use crate::catalog::Root;
use crate::eval::Evaluation;
use crate::eval::facets::named;
use crate::eval::scopes::texts;
use crate::ir::{Action, ClaimName, Expr, ExprKind, Stage, Statement, Unit};
use crate::request::Request;
use crate::standard::Grant;
use crate::value::Outcome;

impl Dispatch {
    /// Files the statements of a policy.
    pub(crate) fn of(unit: &Unit) -> Self {
        let (clients, audiences) = crate::eval::named(unit);
        let mut dispatch = Dispatch {
            named_clients: clients.into_iter().collect(),
            named_audiences: audiences.into_iter().collect(),
            ..Dispatch::default()
        };
        let request = Request::of_facets(Grant::ClientCredentials, "".into(), Vec::new());
        let evaluation = Evaluation::new(unit, &request);
        for (index, statement) in unit.statements.iter().enumerate() {
            if is_configured(unit, &statement.action) {
                dispatch.configured.push(index);
            }
            if statement.action.stage() == Stage::Audience {
                dispatch.first.push(index);
                continue;
            }
            let asked = conditions(unit, statement).filter_map(|expr| asked(&evaluation, expr));
            // The shorter the list of names, the fewer requests have to look at the statement.
            match asked.min_by_key(|(_, ids)| ids.len()) {
                Some((Root::Client, ids)) => file(&mut dispatch.by_client, ids, index),
                Some((_, ids)) => file(&mut dispatch.by_audience, ids, index),
                None => dispatch.everybody.push(index),
            }
        }
        dispatch
    }
}

/// Whether `config` names the claim that a statement is about.
fn is_configured(unit: &Unit, action: &Action) -> bool {
    let (Action::Write { claim, .. } | Action::Remove { claim, .. }) = action else { return false };
    unit.claims.get(claim.index()).is_some_and(|claim| matches!(claim.name, ClaimName::Config(_)))
}

fn file(lists: &mut HashMap<Arc<str>, Vec<usize>>, ids: Vec<Arc<str>>, index: usize) {
    for id in ids {
        lists.entry(id).or_default().push(index);
    }
}

/// Conditions that have to be true where a statement acts.
fn conditions<'u>(unit: &'u Unit, statement: &'u Statement) -> impl Iterator<Item = &'u Expr> {
    let own = statement.guard.iter().filter_map(|step| {
        let chain = unit.chains.get(step.chain.index())?;
        chain.conditions.get(step.branch as usize)
    });
    own.flat_map(|condition| {
        let condition = opened(unit, &condition.expr);
        match &*condition.kind {
            ExprKind::And(operands) => operands.iter().map(|operand| opened(unit, operand)).collect(),
            _ => vec![condition],
        }
    })
}

/// What stands behind the name of a let.
fn opened<'u>(unit: &'u Unit, mut expr: &'u Expr) -> &'u Expr {
    while let ExprKind::Let(id) = &*expr.kind
        && let Some(binding) = unit.lets.get(id.index())
    {
        expr = &binding.value;
    }
    expr
}

/// The ids of clients or audiences that a condition asks for.
fn asked(evaluation: &Evaluation<'_>, expr: &Expr) -> Option<(Root, Vec<Arc<str>>)> {
    let (root, ids) = named(evaluation.unit, expr)?;
    match evaluation.value(ids) {
        Ok(Outcome::Value(value)) => Some((root, texts(&value))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::testing::unit;

    const CATALOG: &str = r#"
language: 1
issuer: https://id.acme.example/
audiences:
  api: { id: "https://api.acme.example" }
  shop: { id: "https://shop.acme.example" }
audience_sets: [[api, shop]]
clients:
  web: { id: web-1, grants: [authorization_code] }
  job: { id: job-2, grants: [client_credentials] }
"#;

    #[test]
    fn statements_are_filed_under_whom_they_ask_for() {
        let text = r#"
namespace ns = "https://acme.example/claims/"
let is_api = audience = api
add ns/all = 1
if is_api then add ns/a = 1
if client = web and api in audience then add ns/b = 1 else add ns/c = 1
if client in [web, job] and audience in [shop] then add ns/d = 1
if audience = api or client = job then add ns/e = 1
if not audience = api then add ns/f = 1
if grant = client_credentials then { if client = job then add ns/g = 1 }
if client = web then set audience to api
"#;
        let dispatch = Dispatch::of(&unit(CATALOG, text));
        let (api, shop) = ("https://api.acme.example".into(), "https://shop.acme.example".into());
        // Everybody: all, the `else`, the `or`, the `not`.
        assert_eq!(dispatch.concerning("other", &[]), [0, 3, 5, 6]);
        assert_eq!(dispatch.concerning("web-1", std::slice::from_ref(&api)), [0, 1, 2, 3, 5, 6]);
        assert_eq!(dispatch.concerning("job-2", &[shop, api]), [0, 1, 3, 4, 5, 6, 7]);
        assert_eq!(dispatch.first(), [8]);
    }
}
