//! The order of a request's evaluation: the audience, then scopes, then everything else.
//!
//! Each step starts from what the one before it has settled; errors of a step end the evaluation behind it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::claims::{Claims, Contribution};
use super::expr::measured;
use super::facets::Facets;
use super::report::Report;
use super::{Evaluation, budget, claims, codes, contradiction, demand, scopes};
use crate::ast::Level;
use crate::catalog::Catalog;
use crate::decision::{Decision, Issued};
use crate::ir::{Action, Denial, Expr, Stage, Statement};
use crate::value::{Failure, Outcome, Value};

/// Evaluates a request.
pub(super) fn run(evaluation: &Evaluation<'_>) -> Run {
    let mut report = Report::default();
    let issued = issue(evaluation, &mut report);
    if evaluation.budget.is_exhausted() {
        // What else was found depends on what was evaluated first, and so does the rule.
        report = Report::default();
        report.failure(budget::exhausted(), None);
        return Run { decision: Decision::Error(report.errors()), claims: None };
    }
    match issued {
        Ok((issued, claims)) => Run { decision: Decision::Issue(issued), claims: Some(claims) },
        Err(Stopped) if report.has_errors() => {
            Run { decision: Decision::Error(report.errors()), claims: None }
        }
        Err(Stopped) => Run { decision: Decision::Deny(report.denials()), claims: None },
    }
}

/// The decision and how its claims came about.
pub(super) struct Run {
    pub(super) decision: Decision,
    /// Where the decision is to issue.
    pub(super) claims: Option<Claims>,
}

/// The report has errors or denials.
struct Stopped;

fn go_on(report: &Report) -> Result<(), Stopped> {
    if report.has_errors() { Err(Stopped) } else { Ok(()) }
}

fn issue(evaluation: &Evaluation<'_>, report: &mut Report) -> Result<(Issued, Claims), Stopped> {
    contradiction::check_request(evaluation, report);
    claims::check_names(evaluation, report);
    go_on(report)?;

    check_demanded(evaluation, report, |stage| stage == Stage::Audience);
    go_on(report)?;
    let audience = scopes::audience(evaluation, report);
    if audience != evaluation.request.audience() {
        contradiction::check_audience(evaluation, &audience, report);
    }
    go_on(report)?;
    // Nobody sets it before, so this cannot fail.
    let _ = evaluation.audience.set(seen(&evaluation.unit.catalog, &audience));

    contradiction::check_scopes(evaluation, report);
    let concerned = check_demanded(evaluation, report, |stage| stage != Stage::Audience);
    let _ = evaluation.concerned.set(concerned);
    go_on(report)?;
    let scopes = scopes::scopes(evaluation, report);
    go_on(report)?;
    let _ = evaluation.scopes.set(scopes.clone());

    let mut gathered = Gathered { evaluation, report, claims: Claims::default(), lifetime: None };
    for (index, statement) in of_stage(evaluation, |stage| stage == Stage::Claims) {
        gathered.carry_out(index, statement);
    }
    let Gathered { claims, lifetime, .. } = gathered;
    let tokens = claims.resolve(evaluation, report);
    go_on(report)?;
    if !report.denials().is_empty() {
        return Err(Stopped);
    }
    let given = evaluation.request.grant().tokens();
    let mut all: BTreeMap<_, _> = given.iter().map(|token| (token, BTreeMap::new())).collect();
    for ((token, name), value) in tokens {
        all.entry(token).or_default().insert(name, value);
    }
    let issued = Issued { tokens: all, removed: claims.removed_names(), scopes, audience, lifetime };
    Ok((issued, claims))
}

/// The statements of some stages that can reach a token of the grant; behind the first stage only those that the facets
/// of the request do not exclude.
pub(super) fn of_stage<'a>(
    evaluation: &Evaluation<'a>,
    is_wanted: impl Fn(Stage) -> bool,
) -> impl Iterator<Item = (usize, &'a Statement)> {
    let all = &evaluation.unit.statements;
    let concerned = evaluation.concerned.get().cloned().or_else(|| {
        let dispatch = evaluation.dispatch?;
        Some(match evaluation.audience.get() {
            None => dispatch.first().to_vec(),
            Some(audience) => dispatch.concerning(evaluation.request.client().id(), audience),
        })
    });
    let indexes = concerned.unwrap_or_else(|| (0..all.len()).collect());
    let found = indexes.into_iter().filter_map(|index| Some((index, all.get(index)?)));
    found.filter(move |(_, statement)| is_wanted(statement.action.stage()) && reaches(evaluation, statement))
}

/// Whether a statement can reach a token of the grant.
pub(super) fn reaches(evaluation: &Evaluation<'_>, statement: &Statement) -> bool {
    !statement.action.tokens().and(evaluation.request.grant().tokens()).is_empty()
}

/// Checks what the statements of some stages demand, and gives those that the facets do not exclude. The look at the
/// facets is no part of the steps that a request may take: it is as long as the policy, whatever the request.
fn check_demanded(
    evaluation: &Evaluation<'_>,
    report: &mut Report,
    is_wanted: impl Fn(Stage) -> bool,
) -> Vec<usize> {
    let aside = evaluation.aside();
    let facets = Facets::new(&aside);
    let mut concerned = Vec::new();
    for (index, statement) in of_stage(evaluation, is_wanted) {
        if !facets.exclude(statement) {
            demand::check(evaluation, statement, report);
            concerned.push(index);
        }
    }
    concerned
}

/// The audiences that policies see: all but the issuer's own endpoints.
pub(super) fn seen(catalog: &Catalog, audience: &[Arc<str>]) -> Vec<Arc<str>> {
    audience.iter().filter(|id| !is_issuer_endpoint(catalog, id)).cloned().collect()
}

/// Whether an audience is an endpoint of the issuer itself.
pub(super) fn is_issuer_endpoint(catalog: &Catalog, id: &str) -> bool {
    catalog.issuer_endpoints.iter().any(|endpoint| **endpoint == *id)
}

/// An error of the evaluator's own.
pub(super) fn failure(code: &crate::diag::Code, message: impl Into<String>) -> Failure {
    Failure { code: code.code, message: message.into() }
}

/// A value without which a statement would do less than it says. Typing assures that there is one.
pub(super) fn absent_value(verb: &str) -> Failure {
    failure(&codes::UNFIT_ATTRIBUTE, format!("the value of `{verb}` is absent"))
}

/// What the statements of the last stage have done so far.
struct Gathered<'g, 'a> {
    evaluation: &'g Evaluation<'a>,
    report: &'g mut Report,
    claims: Claims,
    lifetime: Option<i64>,
}

impl Gathered<'_, '_> {
    fn carry_out(&mut self, index: usize, statement: &Statement) {
        let done = match self.evaluation.fires(statement) {
            Ok(true) => self.act(index, statement),
            Ok(false) => Ok(()),
            Err(failure) => Err(failure),
        };
        if let Err(failure) = done {
            self.report.failure(failure, Some(&statement.place));
        }
    }

    fn act(&mut self, index: usize, statement: &Statement) -> Result<(), Failure> {
        let given = self.evaluation.request.grant().tokens();
        match &statement.action {
            Action::Write { level, claim, member, value, or_deny, tokens } => {
                let Some(name) = claims::name(self.evaluation, *claim)? else {
                    return Ok(());
                };
                let Some(value) = self.written(statement, *level, value, or_deny.as_ref())? else {
                    return Ok(());
                };
                let written = Contribution { statement: index, level: *level, member: member.clone(), value };
                self.claims.write(tokens.and(given), &name, &written);
            }
            Action::Spread { level, prefix, value, matching, tokens } => {
                let Some(value) = self.written(statement, *level, value, None)? else {
                    return Ok(());
                };
                for (name, value) in claims::spread(prefix, &value, matching.as_deref(), *tokens)? {
                    let written = Contribution { statement: index, level: *level, member: None, value };
                    self.claims.write(tokens.and(given), &name, &written);
                }
            }
            Action::Remove { claim, tokens } => {
                if let Some(name) = claims::name(self.evaluation, *claim)? {
                    self.claims.remove(tokens.and(given), &name, index);
                }
            }
            Action::Deny(denial) => self.report.denial(denial, &statement.place),
            Action::LimitLifetime(value) => self.limit_lifetime(value)?,
            Action::AddScope(_)
            | Action::RemoveScope(_)
            | Action::LimitScopes(_)
            | Action::SetAudience(_) => {}
        }
        Ok(())
    }

    /// The value of a write; `None` where it does not fire.
    fn written(
        &mut self,
        statement: &Statement,
        level: Level,
        value: &Expr,
        or_deny: Option<&Denial>,
    ) -> Result<Option<Value>, Failure> {
        match self.evaluation.value(value)? {
            // What methods give was not measured as a whole yet.
            Outcome::Value(value) => return measured(&value).map(|_| Some(value)),
            Outcome::NoUser => {}
            Outcome::Absent => match or_deny {
                Some(denial) => self.report.denial(denial, &statement.place),
                None if level == Level::Override => return Err(absent_value("override")),
                None => {}
            },
        }
        Ok(None)
    }

    fn limit_lifetime(&mut self, value: &Expr) -> Result<(), Failure> {
        let Some(value) = self.evaluation.value(value)?.value() else {
            return Err(absent_value("limit lifetime"));
        };
        match value.as_int() {
            Some(seconds) if seconds > 0 => {
                self.lifetime = Some(self.lifetime.map_or(seconds, |shortest| shortest.min(seconds)));
                Ok(())
            }
            _ => Err(failure(&codes::UNFIT_LIFETIME, "`limit lifetime` gives less than one second")),
        }
    }
}
