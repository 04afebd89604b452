//! Branches of expressions that are never taken where they are evaluated.

use super::acts::labelled;
use super::conditions::Place;
use super::found::Found;
use super::part::{self, Part};
use super::why::why;
use super::{Asker, UNREACHABLE_ARM};
use crate::analysis::Study;
use crate::diag::Diagnostic;
use crate::ir::{Argument, Expr, ExprKind};
use crate::logic::formula::Formula;
use crate::source::Span;

const ALWAYS: &str = "this holds wherever it is asked";

/// An expression under study, and what has to hold for it to be evaluated.
struct Open<'e> {
    expr: &'e Expr,
    parts: Vec<Part>,
    /// Whether absence is allowed here, so that nothing forces a writer to say `??`.
    may_be_absent: bool,
}

/// Reports what is never taken in an expression; lambdas and lets are not entered.
pub(super) fn check<'u>(
    study: &mut Study<'u>,
    asker: &mut Asker<'u>,
    place: &Place<'_>,
    expr: &Expr,
    may_be_absent: bool,
    found: &mut Found,
) {
    let mut open = vec![Open { expr, parts: Vec::new(), may_be_absent }];
    while let Some(one) = open.pop() {
        let branches = branches(study, &one);
        for (branch, parts, may_be_absent) in branches {
            let all: Vec<Part> = one.parts.iter().copied().chain(parts.iter().copied()).collect();
            let question = place.context.iter().copied().chain(all.iter().map(|part| part.formula));
            if parts.is_empty() || asker.is_possible(study, question) {
                if !parts.is_empty() {
                    found.fine(branch.span);
                }
                open.push(Open { expr: branch, parts: all, may_be_absent });
            } else if found.counts(branch.span) {
                report(study, asker, place, branch.span, all, found);
            }
        }
    }
}

/// The parts of an expression that are evaluated only somewhere, and where; all others with no condition.
fn branches<'e>(study: &mut Study<'_>, one: &Open<'e>) -> Vec<(&'e Expr, Vec<Part>, bool)> {
    let unit = study.unit;
    let part = |expr: &Expr, text, formula| {
        let is_switch = part::is_switch(unit, expr);
        Part { span: expr.span, text, formula, is_switch }
    };
    let unconditional = |expr: &'e Expr| (expr, Vec::new(), false);
    match &*one.expr.kind {
        ExprKind::If { condition, reads_user, then, otherwise } => {
            let yes = study.meaning.truth(&mut study.f, condition).yes;
            let mut not = vec![part(condition, ALWAYS, !yes)];
            if *reads_user {
                let user = study.meaning.user(&mut study.f);
                not.push(part(condition, "without a user there is no value", user));
            }
            let holds = vec![part(condition, part::HOLDS, yes)];
            vec![
                unconditional(condition),
                (then, holds, one.may_be_absent),
                (otherwise, not, one.may_be_absent),
            ]
        }
        ExprKind::Match { subject, arms, otherwise, fold, .. } => {
            let taken = study.meaning.arms(&mut study.f, subject, arms, *fold).unwrap_or_default();
            let values = arms.iter().map(|(_, value)| value).chain(otherwise);
            let arm = |(value, taken): (&'e Expr, Formula)| {
                (value, vec![part(subject, "by what this can be", taken)], one.may_be_absent)
            };
            let mut all = vec![unconditional(subject)];
            if taken.is_empty() {
                all.extend(values.map(unconditional));
            } else {
                all.extend(values.zip(taken).map(arm));
            }
            all
        }
        ExprKind::Coalesce(operands) if one.may_be_absent => {
            let mut all = Vec::new();
            let mut before = Vec::new();
            for operand in operands {
                all.push((operand, before.clone(), true));
                let presence = study.meaning.presence(&mut study.f, operand);
                let absent = study.f.both(!presence.there, !presence.no_user);
                before.push(part(operand, "this is there", absent));
            }
            all
        }
        ExprKind::Call { receiver, arguments, .. } => std::iter::once(receiver)
            .chain(arguments.iter().filter_map(|argument| match argument {
                Argument::Value(value) => Some(value),
                Argument::Lambda { .. } | Argument::Regex(_) => None,
            }))
            .map(unconditional)
            .collect(),
        _ => one.expr.children().into_iter().map(unconditional).collect(),
    }
}

fn report<'u>(
    study: &mut Study<'u>,
    asker: &mut Asker<'u>,
    place: &Place<'_>,
    span: Span,
    parts: Vec<Part>,
    found: &mut Found,
) {
    let mut all = place.parts(study);
    all.extend(parts);
    let why = why(study, asker.world, &all);
    // The language demands an `else`; conditions that name all there is leave it nothing, and say so to readers.
    let is_complete = why.core.iter().filter(|part| part.text == ALWAYS).count() > 1;
    if why.is_switch() || is_complete {
        return;
    }
    let diagnostic = Diagnostic::new(&UNREACHABLE_ARM, span, "this value is never taken");
    let diagnostic = labelled(diagnostic.label(why.cause.short()), &why);
    found.add(diagnostic.help("remove it, or correct what decides it"));
}
