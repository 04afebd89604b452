//! Operands of `and` and `or` that change nothing about where a condition is true.

use super::acts::labelled;
use super::conditions::Place;
use super::found::Found;
use super::part::{self, Part};
use super::why::{Cause, why};
use super::{Asker, REDUNDANT_CONDITION};
use crate::analysis::Study;
use crate::ast::Comparison;
use crate::catalog::Root;
use crate::diag::{Applicability, Diagnostic};
use crate::ir::{Chain, Expr, ExprKind, Step, Unit};
use crate::source::Span;

/// Longer `and` and `or` are lists rather than conditions; their operands are not tried one by one.
const MAX_OPERANDS: usize = 32;

/// What may not be left out although it does not change where the condition is true.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Keeps {
    /// What reads the user: without a user a chain ends there.
    user: bool,
    /// What reads `actor`: with `delegation: explicit` that is what lets a statement act for delegates.
    actor: bool,
}

impl Keeps {
    /// For a condition of a chain.
    pub(super) fn of(unit: &Unit, chain: &Chain, step: Step) -> Keeps {
        let is_last = step.branch as usize + 1 == chain.conditions.len() && chain.otherwise.is_none();
        Keeps { user: !is_last, actor: unit.catalog.explicit_delegation }
    }

    fn keeps(self, unit: &Unit, operand: &Expr) -> bool {
        let reads = |root| part::reads(unit, operand, root);
        self.user && reads(Root::User) || self.actor && reads(Root::Actor)
    }
}

/// Reports operands of a condition that change nothing, at any depth of `and` and `or`.
pub(super) fn check<'u>(
    study: &mut Study<'u>,
    asker: &mut Asker<'u>,
    place: &Place<'_>,
    condition: &Expr,
    keeps: Keeps,
    found: &mut Found,
) {
    let mut open: Vec<(&Expr, Vec<Part>)> = vec![(condition, Vec::new())];
    while let Some((expr, around)) = open.pop() {
        let (operands, is_and) = match &*expr.kind {
            ExprKind::And(operands) => (operands, true),
            ExprKind::Or(operands) => (operands, false),
            _ => continue,
        };
        if operands.len() > MAX_OPERANDS {
            continue;
        }
        let mut left: Vec<(&Expr, Part)> = Vec::new();
        for operand in operands {
            let yes = study.meaning.truth(&mut study.f, operand).yes;
            let (text, formula) =
                if is_and { (part::HOLDS, yes) } else { ("where this does not hold", !yes) };
            let is_switch = part::is_switch(study.unit, operand);
            left.push((operand, Part { span: operand.span, text, formula, is_switch }));
        }
        // What stands later is what a reader would leave out.
        for index in (0..left.len()).rev() {
            let Some((operand, own)) = left.get(index).copied() else { continue };
            let others = left.iter().enumerate().filter(|(other, _)| *other != index);
            let others: Vec<Part> =
                others.map(|(_, (_, part))| *part).chain(around.iter().copied()).collect();
            let question = others.iter().map(|part| part.formula).chain([!own.formula]);
            if asker.is_possible(study, place.context.iter().copied().chain(question)) {
                found.fine(operand.span);
                open.push((operand, others));
            } else {
                left.remove(index);
                let is_needed = own.is_switch
                    || keeps.keeps(study.unit, operand)
                    || narrows(study, asker, operand)
                    || !found.counts(operand.span);
                if !is_needed {
                    let spans = operands.iter().map(|operand| operand.span).collect::<Vec<_>>();
                    // What is left of an `or` may say of an attribute that it is there: then `??` behind it is a mistake.
                    let narrows = !is_and && left.iter().any(|(other, _)| narrows(study, asker, other));
                    report(study, asker, place, (operand, narrows), &own, others, &spans, found);
                }
            }
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "what is known of one operand")]
fn report<'u>(
    study: &mut Study<'u>,
    asker: &mut Asker<'u>,
    place: &Place<'_>,
    (operand, narrows): (&Expr, bool),
    own: &Part,
    others: Vec<Part>,
    siblings: &[Span],
    found: &mut Found,
) {
    let mut parts = place.parts(study);
    parts.extend(others);
    parts.push(Part { text: "", formula: !own.formula, ..*own });
    let why = why(study, asker.world, &parts);
    if why.is_switch() || why.is_small_world() || (names_one(study.unit, operand) && why.is_of_catalog()) {
        return;
    }
    let fact = "leaving this out changes nothing";
    let mut diagnostic = Diagnostic::new(&REDUNDANT_CONDITION, operand.span, fact).label(why.cause.short());
    diagnostic = labelled(diagnostic, &why).help("leave it out, or say what was meant");
    if let Some(span) = removal(study, siblings, operand.span) {
        let is_plain = matches!(why.cause, Cause::Themselves | Cause::Grants);
        let is_safe = is_plain && !operand.ty.optional && !narrows;
        let applicability = if is_safe { Applicability::Safe } else { Applicability::Unsafe };
        diagnostic = diagnostic.fix(applicability, "leave it out", span, "");
    }
    found.add(diagnostic);
}

/// What to take out for an operand and one of the words around it; `None` where parentheses or comments stand there.
fn removal(study: &Study<'_>, siblings: &[Span], operand: Span) -> Option<Span> {
    let sources = study.sources?;
    let at = siblings.iter().position(|span| *span == operand)?;
    let before = at.checked_sub(1).and_then(|before| siblings.get(before));
    let (gap, whole) = if let Some(before) = before {
        let gap = Span { start: before.end, end: operand.start, ..operand };
        (gap, Span { start: before.end, ..operand })
    } else {
        let next = siblings.get(at + 1)?;
        let gap = Span { start: operand.end, end: next.start, ..operand };
        (gap, Span { end: next.start, ..operand })
    };
    let words = sources.text(gap).trim();
    matches!(words, "and" | "or").then_some(whole)
}

/// Whether a condition says for which one client, audience or grant a rule is. Where claims.yaml makes that sure it is
/// said on purpose: it stays right when claims.yaml changes.
pub(super) fn names_one(unit: &Unit, condition: &Expr) -> bool {
    match &*condition.kind {
        ExprKind::Compare { operator: Comparison::Equal, left, right, .. } => [left, right]
            .iter()
            .any(|side| part::reads(unit, side, Root::Client) || part::reads(unit, side, Root::Grant)),
        ExprKind::AudienceIs(..) | ExprKind::AudienceHas(..) => true,
        ExprKind::Not(inner) => names_one(unit, inner),
        _ => false,
    }
}

/// Whether a condition tells the type checker that something is there, or asks what a reader wants to see asked: whether
/// there is a user, a value, a sign-in, a source of data.
pub(super) fn narrows<'u>(study: &mut Study<'u>, asker: &mut Asker<'u>, condition: &Expr) -> bool {
    let unit = study.unit;
    let mut asks_grant = false;
    let tests = condition.any(&unit.lets, |expr| {
        let is_grant = |slot: &crate::ir::SlotId| {
            unit.slots.get(slot.index()).is_some_and(|slot| slot.root == Root::Grant)
        };
        asks_grant |= matches!(&*expr.kind, ExprKind::Slot(slot) if is_grant(slot));
        matches!(
            &*expr.kind,
            ExprKind::Exists(_) | ExprKind::UserExists | ExprKind::Login | ExprKind::Failed(_)
        )
    });
    if tests || !asks_grant {
        return tests;
    }
    // A grant with a user is such a test too.
    let yes = study.meaning.truth(&mut study.f, condition).yes;
    let user = study.meaning.user(&mut study.f);
    !asker.is_possible(study, [yes, !user])
}
