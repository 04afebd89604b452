//! What is left of a policy once grant, client and audience of a request are known.
//!
//! Conditions that these decide are replaced by their truth, and what they decide for good is left out. Attributes that a
//! statement demands stay demanded, so that errors stay what they were. The steps that the full policy would have taken
//! for what is gone are bounded, so that a request near the limit can be given to the full policy.

use super::asked::{Facet, known, request};
use super::facets::{Facets, named};
use super::report::Report;
use super::stages::{reaches, seen};
use super::{Evaluation, Facets as Asked, contradiction};
use crate::ir::{Expr, ExprKind, Stage, Statement, Step, Unit};
use crate::value::Value;

/// A policy for requests of one kind.
#[derive(Debug)]
pub(crate) struct Residual {
    /// Its statements, each of which still can act; conditions are folded.
    pub(crate) unit: Unit,
    /// For each statement, the steps of its guard that the facets leave open, outermost first.
    pub(crate) guards: Vec<Vec<Step>>,
    /// More steps than the full policy takes for what is gone.
    pub(crate) slack: u64,
}

/// The rest of a policy for requests of one kind; `None` where claims.yaml rules them out. `candidates` is an excerpt with
/// all statements that may concern them.
pub(crate) fn residual(candidates: &Unit, facets: &Asked) -> Option<Residual> {
    let request = request(facets);
    let evaluation = Evaluation::new(candidates, &request);
    let (client, audience) = (known(&facets.client), known(&facets.audience));
    let mut report = Report::default();
    contradiction::check_request(&evaluation, &mut report);
    if facets.audience == Facet::Other {
        // The request of these facets has none. This is the id of none that claims.yaml could list.
        contradiction::check_audience(&evaluation, &["".into()], &mut report);
    }
    if report.has_errors() {
        return None;
    }
    let first = Facets::knowing(&evaluation, client, Facet::Any);
    let is_kept = |facets: &Facets<'_, '_>, statement: &Statement, is_first: bool| {
        (statement.action.stage() == Stage::Audience) == is_first
            && reaches(&evaluation, statement)
            && !facets.exclude(statement)
    };
    let all = || candidates.statements.iter().enumerate();
    let mut kept: Vec<usize> = all().filter(|(_, one)| is_kept(&first, one, true)).map(|(i, _)| i).collect();
    let _ = evaluation.audience.set(seen(&candidates.catalog, request.audience()));
    // Where a statement may still set the audience, only that decides about the others.
    let second = Facets::knowing(&evaluation, client, if kept.is_empty() { audience } else { Facet::Any });
    kept.extend(all().filter(|(_, one)| is_kept(&second, one, false)).map(|(i, _)| i));
    let unit = candidates.excerpt(&kept);

    let evaluation = Evaluation::new(&unit, &request);
    let _ = evaluation.audience.set(seen(&unit.catalog, request.audience()));
    let facets = Facets::knowing(&evaluation, client, if has_first(&unit) { Facet::Any } else { audience });
    let mut folding = Folding { unit: &unit, facets: &facets, slack: 0 };
    let mut folded = unit.clone();
    let guards = unit.statements.iter().map(|statement| folding.open(statement)).collect();
    for condition in folded.chains.iter_mut().flat_map(|chain| &mut chain.conditions) {
        folding.fold(&mut condition.expr);
    }
    for binding in folded.lets.iter_mut().filter(|one| one.value.ty.kind == crate::ty::Kind::Bool) {
        folding.fold(&mut binding.value);
    }
    for statement in &mut folded.statements {
        if let Some(unless) = &mut statement.unless {
            folding.fold(unless);
        }
    }
    let slack = folding.slack;
    Some(Residual { unit: folded, guards, slack })
}

fn has_first(unit: &Unit) -> bool {
    unit.statements.iter().any(|statement| statement.action.stage() == Stage::Audience)
}

struct Folding<'f, 'e, 'a> {
    unit: &'f Unit,
    facets: &'f Facets<'e, 'a>,
    slack: u64,
}

impl Folding<'_, '_, '_> {
    /// The steps of a guard that the facets leave open.
    fn open(&mut self, statement: &Statement) -> Vec<Step> {
        let mut open = Vec::new();
        for step in &statement.guard {
            match self.cost_of_step(*step).filter(|_| self.facets.settles_step(*step)) {
                Some(cost) => self.slack = self.slack.saturating_add(cost),
                None => open.push(*step),
            }
        }
        open
    }

    /// A bound on what it costs to find out whether a branch is taken.
    fn cost_of_step(&self, step: Step) -> Option<u64> {
        let chain = self.unit.chains.get(step.chain.index())?;
        let looked_at = chain.conditions.iter().take(step.branch as usize + 1);
        looked_at.map(|condition| self.cost(&condition.expr)).sum()
    }

    /// Replaces what the facets decide.
    fn fold(&mut self, expr: &mut Expr) {
        if matches!(&*expr.kind, ExprKind::Literal(_)) {
            return;
        }
        if let (Some(truth), Some(cost)) = (self.facets.truth(expr), self.cost(expr)) {
            self.slack = self.slack.saturating_add(cost);
            *expr.kind = ExprKind::Literal(Value::Bool(truth));
            expr.spends = false;
            return;
        }
        let neutral = match &mut *expr.kind {
            ExprKind::And(operands) => Some((operands, true)),
            ExprKind::Or(operands) => Some((operands, false)),
            ExprKind::Not(operand) => {
                self.fold(operand);
                None
            }
            ExprKind::If { condition, then, otherwise, .. } => {
                for part in [condition, then, otherwise] {
                    self.fold(part);
                }
                None
            }
            _ => None,
        };
        let Some((operands, neutral)) = neutral else { return };
        for operand in operands.iter_mut() {
            self.fold(operand);
        }
        let is_neutral = |operand: &Expr| matches!(&*operand.kind, ExprKind::Literal(Value::Bool(truth)) if *truth == neutral);
        operands.retain(|operand| !is_neutral(operand));
        if let [_] = operands.as_slice()
            && let Some(only) = operands.pop()
        {
            *expr = only;
        }
    }

    /// A bound on the steps that looking at a condition takes; `None` where only the request tells.
    fn cost(&self, expr: &Expr) -> Option<u64> {
        match &*expr.kind {
            ExprKind::And(operands) | ExprKind::Or(operands) => {
                operands.iter().map(|operand| self.cost(operand)).sum()
            }
            ExprKind::Not(operand) => self.cost(operand),
            ExprKind::If { condition, then, otherwise, .. } => {
                Some(self.cost(condition)? + self.cost(then)? + self.cost(otherwise)?)
            }
            ExprKind::Let(id) => self.cost(&self.unit.lets.get(id.index())?.value),
            _ if !expr.spends || self.facets.is_whole(expr) || named(self.unit, expr).is_some() => {
                Some(self.constants(expr))
            }
            _ => None,
        }
    }

    /// How much of constants and facets an expression can read: each element of a list costs a step, and so do 64 bytes
    /// of text.
    fn constants(&self, expr: &Expr) -> u64 {
        let mut total = 0_u64;
        expr.walk(&self.unit.lets, &mut |part| {
            total = total.saturating_add(match &*part.kind {
                ExprKind::Literal(value) => 1 + value.to_json().len() as u64,
                ExprKind::List(elements) => elements.len() as u64,
                // A method gives at most what a step limit allows; those on ids and grants are few.
                ExprKind::Call { .. } => 10_000,
                ExprKind::Slot(_) => 1_000,
                _ => 1,
            });
            true
        });
        total
    }
}
