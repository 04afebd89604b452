//! Why a decision is what it is: which statement wrote each claim, which were beaten, and what kept the others from
//! acting.
//!
//! Everything is asked again of the evaluation that made the decision, so an explanation cannot differ from it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Evaluation;
use super::claims::{self, Claims, Contribution, Resolver, Target};
use super::condition::{Absence, Truth};
use super::stages::{self, Run};
use crate::ast::Level;
use crate::decision::{Decision, EvaluationError, Refusal};
use crate::ir::{Action, Expr, ExprKind, Statement, Step};
use crate::source::Span;
use crate::standard::Token;
use crate::value::{Failure, Outcome, Value};

/// An explanation. Holds values of the request only where they were asked for.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// `issue`, `deny` or `error`.
    pub decision: &'static str,
    /// Of a denial.
    pub denials: Vec<Refusal>,
    /// Of an error. Then nothing else is explained: what a request without reliable attributes would do is unknown.
    pub errors: Vec<EvaluationError>,
    /// The claims of an issued decision, by token and name.
    pub claims: Vec<ClaimTrace>,
    /// All statements in the order of the unit.
    pub statements: Vec<StatementTrace>,
    /// How the scopes differ from those of the request; only with values.
    pub scopes: Option<ScopeChanges>,
}

/// A statement, named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleName {
    /// `file:line`.
    pub place: Arc<str>,
    /// The name of the `rule` it stands in.
    pub rule: Option<Arc<str>>,
    /// The statement in the source.
    pub span: Span,
}

impl RuleName {
    /// The name of a statement.
    pub(crate) fn of(statement: &Statement) -> Self {
        RuleName { place: statement.place.clone(), rule: statement.rule.clone(), span: statement.span }
    }
}

/// How a claim of a token came about.
#[derive(Debug, Clone)]
pub struct ClaimTrace {
    /// The token.
    pub token: Token,
    /// The claim.
    pub name: Arc<str>,
    /// Its value, where it is written and values were asked for.
    pub value: Option<Value>,
    /// The statements that wrote it; several where they agree or each gives a part.
    pub written_by: Vec<RuleName>,
    /// The statements that fired and were beaten, and what beat them.
    pub beaten: Vec<Beaten>,
    /// The statements that suppress it.
    pub removed_by: Vec<RuleName>,
}

/// A statement that fired in vain.
#[derive(Debug, Clone)]
pub struct Beaten {
    /// The statement.
    pub rule: RuleName,
    /// What beat it.
    pub by: Vec<RuleName>,
}

/// What became of a statement.
#[derive(Debug, Clone)]
pub struct StatementTrace {
    /// The statement.
    pub rule: RuleName,
    /// What became of it.
    pub effect: Effect,
}

/// What became of a statement.
#[derive(Debug, Clone)]
pub enum Effect {
    /// It acted.
    Fired,
    /// It did not act, and why.
    NotFired(Vec<Reason>),
    /// The grant gives none of its tokens.
    NoToken,
}

/// One reason why a statement did not act.
#[derive(Debug, Clone)]
pub struct Reason {
    /// The deciding part of the source.
    pub span: Span,
    /// What is the matter with it: `false`, `no user`, `` `user.email` is absent ``.
    pub text: String,
    /// The attributes that it reads and their values; only with values.
    pub values: Vec<(String, Value)>,
}

/// How scopes differ from those of the request.
#[derive(Debug, Clone)]
pub struct ScopeChanges {
    /// New ones.
    pub added: Vec<Arc<str>>,
    /// Those that are gone.
    pub dropped: Vec<Arc<str>>,
}

/// Explains the decision that [`evaluate`](super::evaluate) makes for a request.
pub(super) fn explain(evaluation: &Evaluation<'_>, show_values: bool) -> Explanation {
    let Run { decision, claims } = stages::run(evaluation);
    let explainer = Explainer { evaluation, show_values };
    let mut explanation = Explanation {
        decision: decision.word(),
        denials: Vec::new(),
        errors: Vec::new(),
        claims: claims.as_ref().map(|claims| explainer.claims(claims, &decision)).unwrap_or_default(),
        statements: Vec::new(),
        scopes: explainer.scope_changes(&decision),
    };
    match decision {
        Decision::Issue(_) => {}
        Decision::Deny(denials) => explanation.denials = denials,
        Decision::Error(errors) => {
            explanation.errors = errors;
            return explanation;
        }
    }
    let statements = evaluation.unit.statements.iter();
    explanation.statements = statements.map(|statement| explainer.statement(statement)).collect();
    explanation
}

/// The part of it about claims.
pub(super) fn claim_traces(evaluation: &Evaluation<'_>) -> Vec<ClaimTrace> {
    let Run { decision, claims } = stages::run(evaluation);
    let explainer = Explainer { evaluation, show_values: false };
    claims.map(|claims| explainer.claims(&claims, &decision)).unwrap_or_default()
}

struct Explainer<'e, 'a> {
    evaluation: &'e Evaluation<'a>,
    show_values: bool,
}

impl Explainer<'_, '_> {
    fn rules(&self, statements: impl IntoIterator<Item = usize>) -> Vec<RuleName> {
        let all = &self.evaluation.unit.statements;
        statements.into_iter().filter_map(|index| all.get(index)).map(RuleName::of).collect()
    }

    fn claims(&self, claims: &Claims, decision: &Decision) -> Vec<ClaimTrace> {
        let mut targets: Vec<&Target> = claims.writes.keys().chain(claims.removals.keys()).collect();
        targets.sort();
        targets.dedup();
        targets.into_iter().map(|target| self.claim(claims, target, decision)).collect()
    }

    fn claim(&self, claims: &Claims, target: &Target, decision: &Decision) -> ClaimTrace {
        let writes = claims.writes.get(target).map(Vec::as_slice).unwrap_or_default();
        let removed_by =
            claims.removals.get(target).map(|all| self.rules(all.iter().copied())).unwrap_or_default();
        let resolver = Resolver::new(self.evaluation, target, writes);
        let whole = resolver.whole_level();
        let wins = |level: Level, member: Option<&Arc<str>>| match (whole, member) {
            (Some(whole), None) => level == whole,
            (None, Some(member)) => resolver.member_level(member) == Some(level),
            _ => false,
        };
        let (winners, losers): (Vec<_>, Vec<_>) =
            writes.iter().partition(|write| wins(write.level, write.member.as_ref()));
        let mut trace = ClaimTrace {
            token: target.0,
            name: target.1.clone(),
            value: self.written_value(decision, target),
            written_by: Vec::new(),
            beaten: Vec::new(),
            removed_by,
        };
        if trace.removed_by.is_empty() {
            trace.written_by = self.rules(winners.iter().map(|write| write.statement));
            // A member is beaten by a stronger write of the same member, or by whatever decides the whole claim.
            trace.beaten = self.beaten(losers.iter().map(|loser| {
                let beats = |winner: &&&Contribution| {
                    whole.is_some() || loser.member.is_none() || winner.member == loser.member
                };
                (loser.statement, self.rules(winners.iter().filter(beats).map(|winner| winner.statement)))
            }));
        } else {
            let removals = trace.removed_by.clone();
            trace.beaten = self.beaten(writes.iter().map(|write| (write.statement, removals.clone())));
        }
        trace
    }

    fn beaten(&self, pairs: impl Iterator<Item = (usize, Vec<RuleName>)>) -> Vec<Beaten> {
        pairs
            .flat_map(|(loser, by)| {
                self.rules([loser]).into_iter().map(move |rule| Beaten { rule, by: by.clone() })
            })
            .collect()
    }

    fn written_value(&self, decision: &Decision, (token, name): &Target) -> Option<Value> {
        match decision {
            Decision::Issue(issued) if self.show_values => issued.tokens.get(token)?.get(name).cloned(),
            _ => None,
        }
    }

    fn scope_changes(&self, decision: &Decision) -> Option<ScopeChanges> {
        let Decision::Issue(issued) = decision else {
            return None;
        };
        let asked = self.evaluation.request.scopes();
        let without = |all: &[Arc<str>], others: &[Arc<str>]| {
            all.iter().filter(|scope| !others.contains(scope)).cloned().collect()
        };
        self.show_values.then(|| ScopeChanges {
            added: without(&issued.scopes, asked),
            dropped: without(asked, &issued.scopes),
        })
    }

    fn statement(&self, statement: &Statement) -> StatementTrace {
        let given = self.evaluation.request.grant().tokens();
        let effect = if statement.action.tokens().and(given).is_empty() {
            Effect::NoToken
        } else {
            let mut reasons = self.guard_reasons(statement);
            if reasons.is_empty() {
                reasons = self.value_reasons(statement);
            }
            if reasons.is_empty() { Effect::Fired } else { Effect::NotFired(reasons) }
        };
        StatementTrace { rule: RuleName::of(statement), effect }
    }

    fn guard_reasons(&self, statement: &Statement) -> Vec<Reason> {
        let mut reasons = Vec::new();
        for step in &statement.guard {
            self.step_reasons(*step, &mut reasons);
        }
        if let Some(unless) = &statement.unless
            && self.evaluation.truth(unless) == Ok(Truth::True)
        {
            reasons.push(self.reason(unless, "`unless` is true"));
        }
        if self.evaluation.is_undelegated(statement) {
            let text = "the token is delegated, and the condition does not mention `actor`".to_owned();
            reasons.push(Reason { span: statement.span, text, values: Vec::new() });
        }
        reasons
    }

    fn step_reasons(&self, step: Step, reasons: &mut Vec<Reason>) {
        let Some(chain) = self.evaluation.unit.chains.get(step.chain.index()) else {
            return;
        };
        let branch = step.branch as usize;
        for (i, condition) in chain.conditions.iter().enumerate().take(branch) {
            if self.evaluation.condition(step.chain, i) == Ok(Truth::True) {
                reasons.push(self.reason(&condition.expr, "true, so an earlier branch is taken"));
            } else if condition.reads_user && !self.evaluation.has_user() {
                reasons.push(self.reason(&condition.expr, "no user, so no later branch is taken"));
            }
        }
        if let Some(own) = chain.conditions.get(branch) {
            match self.evaluation.condition(step.chain, branch) {
                Ok(Truth::True) => {}
                truth => self.condition_reasons(&own.expr, &truth, reasons),
            }
        }
    }

    /// The parts of a condition that keep it from being true.
    fn condition_reasons(&self, expr: &Expr, truth: &Result<Truth, Failure>, reasons: &mut Vec<Reason>) {
        let parts = match &*expr.kind {
            ExprKind::And(parts) | ExprKind::Or(parts) => parts.as_slice(),
            ExprKind::Let(id) => match self.evaluation.unit.lets.get(id.index()) {
                Some(binding) => std::slice::from_ref(&binding.value),
                None => &[],
            },
            _ => &[],
        };
        if parts.is_empty() {
            reasons.push(match truth {
                Ok(Truth::Unknown(absence)) => self.reason(expr, &self.absence_words(expr, *absence)),
                Ok(_) => self.reason(expr, "false"),
                Err(failure) => self.reason(expr, &failure.message),
            });
        }
        for part in parts {
            let of_part = self.evaluation.truth(part);
            // What is false decides a condition that is false; where it is unknown, what is unknown does.
            if of_part == *truth
                || matches!(of_part, Ok(Truth::Unknown(_))) && matches!(truth, Ok(Truth::Unknown(_)))
            {
                self.condition_reasons(part, &of_part, reasons);
            }
        }
    }

    /// Why a statement whose guard is true did not act: its value or claim name is absent.
    fn value_reasons(&self, statement: &Statement) -> Vec<Reason> {
        let action = &statement.action;
        if let Action::Write { claim, .. } | Action::Remove { claim, .. } = action
            && let Ok(None) = claims::name(self.evaluation, *claim)
        {
            let text = "the claim has no name in `config`".to_owned();
            return vec![Reason { span: statement.span, text, values: Vec::new() }];
        }
        let value = match action {
            Action::Write { or_deny: Some(_), .. } => return Vec::new(),
            Action::Write { value, .. }
            | Action::Spread { value, .. }
            | Action::AddScope(value)
            | Action::SetAudience(value) => value,
            _ => return Vec::new(),
        };
        match self.evaluation.value(value) {
            Ok(Outcome::Absent) => vec![self.reason(value, &self.absence_words(value, Absence::Absent))],
            Ok(Outcome::NoUser) => vec![self.reason(value, &self.absence_words(value, Absence::NoUser))],
            _ => Vec::new(),
        }
    }

    fn absence_words(&self, expr: &Expr, absence: Absence) -> String {
        if absence == Absence::NoUser {
            return "no user".to_owned();
        }
        let unit = self.evaluation.unit;
        let is_absent = |id: &crate::ir::SlotId| self.evaluation.slot(*id) == Ok(Outcome::Absent);
        let absent: Vec<String> = expr
            .slots(&unit.lets)
            .into_iter()
            .filter(is_absent)
            .filter_map(|id| unit.slots.get(id.index()))
            .map(|slot| format!("`{}`", slot.name()))
            .collect();
        match absent.as_slice() {
            [] => "there is no value".to_owned(),
            [one] => format!("{one} is absent"),
            many => format!("{} are absent", many.join(", ")),
        }
    }

    fn reason(&self, expr: &Expr, text: &str) -> Reason {
        let unit = self.evaluation.unit;
        let values = if self.show_values { expr.slots(&unit.lets) } else { BTreeSet::new() };
        let values = values.into_iter().filter_map(|id| {
            let name = unit.slots.get(id.index())?.name();
            Some((name, self.evaluation.slot(id).ok()?.value()?))
        });
        Reason { span: expr.span, text: text.to_owned(), values: values.collect() }
    }
}
