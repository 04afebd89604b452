//! What must hold for something to act, piece by piece, so that a finding can point at the pieces that decide it.

use crate::analysis::Study;
use crate::catalog::Root;
use crate::ir::{Action, Expr, ExprKind, Statement, Step, Unit};
use crate::logic::formula::Formula;
use crate::source::Span;

/// One of the things that must hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub(super) span: Span,
    /// What this has to do with the finding.
    pub(super) text: &'static str,
    pub(super) formula: Formula,
    /// Whether a constant of `config` or a literal decides it: a switch, which is meant to be off somewhere.
    pub(super) is_switch: bool,
}

/// The words for a condition.
pub(super) const HOLDS: &str = "this has to hold";

/// What must hold for a statement's branches to be taken.
pub(super) fn guard(study: &mut Study<'_>, steps: &[Step]) -> Vec<Part> {
    let mut parts = Vec::new();
    for step in steps {
        let Some(chain) = study.unit.chains.get(step.chain.index()) else { continue };
        let branch = step.branch as usize;
        parts.extend(before(study, *step));
        if let Some(condition) = chain.conditions.get(branch) {
            parts.extend(operands(study, &condition.expr));
        }
    }
    parts
}

/// What must hold for a branch to be reached within its chain.
pub(super) fn before(study: &mut Study<'_>, step: Step) -> Vec<Part> {
    let unit = study.unit;
    let Some(chain) = unit.chains.get(step.chain.index()) else { return Vec::new() };
    let mut parts = Vec::new();
    for condition in chain.conditions.iter().take(step.branch as usize) {
        let expr = &condition.expr;
        let formula = !study.meaning.truth(&mut study.f, expr).yes;
        let is_switch = is_switch(unit, expr);
        parts.push(Part { span: expr.span, text: "taken here already", formula, is_switch });
        if condition.reads_user {
            let text = "without a user the chain ends here, because this reads one";
            let formula = study.meaning.user(&mut study.f);
            parts.push(Part { span: expr.span, text, formula, is_switch: false });
        }
    }
    parts
}

/// The operands of a condition, all of which must hold.
fn operands(study: &mut Study<'_>, condition: &Expr) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut open = vec![condition];
    while let Some(expr) = open.pop() {
        if let ExprKind::And(all) = &*expr.kind {
            open.extend(all.iter().rev());
            continue;
        }
        let formula = study.meaning.truth(&mut study.f, expr).yes;
        let is_switch = is_switch(study.unit, expr);
        parts.push(Part { span: expr.span, text: HOLDS, formula, is_switch });
    }
    parts
}

/// What must hold for a statement to act, beside its branches.
pub(super) fn own(study: &mut Study<'_>, index: usize, statement: &Statement) -> Vec<Part> {
    let unit = study.unit;
    let mut parts = exceptions(study, statement);
    if let Some(value) = statement.action.value() {
        let formula = presence(study, index, value);
        let is_switch = is_switch(unit, value);
        let text = if formula == Formula::FALSE && reads(unit, value, Root::Client) {
            "claims.yaml gives no client this value"
        } else {
            "this value has to be there"
        };
        parts.push(Part { span: value.span, text, formula, is_switch });
    }
    if matches!(statement.action, Action::Write { .. } | Action::Spread { .. } | Action::Remove { .. }) {
        let tokens = statement.action.tokens();
        let gives: Vec<_> = tokens.iter().map(|token| study.meaning.gives(&mut study.f, token)).collect();
        let formula = study.f.any(gives);
        let text = "the grant has to give such a token";
        parts.push(Part { span: statement.span, text, formula, is_switch: false });
    }
    parts
}

/// What may keep a statement from acting, beside its branches and its value.
pub(super) fn exceptions(study: &mut Study<'_>, statement: &Statement) -> Vec<Part> {
    let unit = study.unit;
    let mut parts = Vec::new();
    if let Some(unless) = &statement.unless {
        let formula = !study.meaning.truth(&mut study.f, unless).yes;
        let is_switch = is_switch(unit, unless);
        parts.push(Part { span: unless.span, text: "this may not hold", formula, is_switch });
    }
    let rest = study.meaning.delegates(&mut study.f, statement);
    let text = "this does not mention `actor`, so it does not act for delegates";
    parts.push(Part { span: statement.span, text, formula: rest, is_switch: false });
    parts
}

/// Where a statement's value is there. That of a write with `?? deny` refuses the request elsewhere, which acts too.
fn presence(study: &mut Study<'_>, index: usize, value: &Expr) -> Formula {
    let denies = matches!(
        study.unit.statements.get(index).map(|statement| &statement.action),
        Some(Action::Write { or_deny: Some(_), .. })
    );
    let presence = study.meaning.presence(&mut study.f, value);
    if denies { !presence.no_user } else { presence.there }
}

/// Whether an expression reads a constant of `config`, or is one itself.
pub(super) fn is_switch(unit: &Unit, expr: &Expr) -> bool {
    let mut whole = expr;
    while let ExprKind::Let(id) = &*whole.kind {
        let Some(binding) = unit.lets.get(id.index()) else { return false };
        whole = &binding.value;
    }
    matches!(&*whole.kind, ExprKind::Literal(crate::value::Value::Bool(_))) || reads(unit, expr, Root::Config)
}

/// Whether an expression reads an attribute of a root.
pub(super) fn reads(unit: &Unit, expr: &Expr, root: Root) -> bool {
    let slots = expr.slots(&unit.lets);
    slots.iter().any(|slot| unit.slots.get(slot.index()).is_some_and(|slot| slot.root == root))
}
