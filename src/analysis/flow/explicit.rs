//! Values derived from labelled data, on their way to recipients that do not accept the label.

use std::fmt::Write as _;

use super::recipients::{Readers, Recipient, Who};
use super::shown::{self, Sought};
use super::{Claim, Flow, PII_IN_TOKEN, UNDECIDED_FLOW, listed, reads};
use crate::analysis::study::witnessed;
use crate::diag::{Applicability, Diagnostic};
use crate::ir::{Action, Expr, ExprKind};
use crate::logic::meaning::Write;
use crate::logic::witness::Verdict;
use crate::ty::Labels;

pub(super) fn check<'u>(
    flow: &mut Flow<'_, 'u>,
    claim: &mut Claim<'u>,
    write: &Write,
    findings: &mut Vec<Diagnostic>,
) {
    let labels = flow.study.meaning.written_labels(write).and(flow.private);
    for label in Flow::each(labels) {
        for readers in Readers::BOTH {
            if !write.tokens.and(readers.tokens()).is_empty() {
                findings.extend(arrival(flow, claim, write, label, readers));
            }
        }
    }
}

/// Whether a labelled value arrives at readers of one kind that do not accept it.
fn arrival<'u>(
    flow: &mut Flow<'_, 'u>,
    claim: &mut Claim<'u>,
    write: &Write,
    label: Labels,
    readers: Readers,
) -> Option<Diagnostic> {
    let unit = flow.study.unit;
    let recipients = flow.recipients.clone();
    let refusing = recipients.refusing(readers, label);
    let statement = flow.study.statement(write)?;
    let some = recipients.some_refusing(&mut flow.study.f, readers, label);
    let arrives = flow.arrives(claim, write, readers);
    let carried = flow.study.meaning.written_labelled(&mut flow.study.f, write, label);
    let flows = flow.study.f.both(arrives, carried);
    if flow.is_plainly_absent(flows, &refusing) {
        return None;
    }
    let question = [flows, some];
    let target = (statement, &write.name, write.tokens.and(readers.tokens()));
    claim.solver(flow, &question);
    let instance = claim.instance.as_mut()?;
    let sought =
        Sought { target, statements: &claim.statements, value: Some((label, write.part.as_deref())) };
    let verdict = shown::ask(flow, instance, (flows, some), &refusing, sought);
    let name = flow.label_name(label);
    let (Action::Write { value, .. } | Action::Spread { value, .. }) = &statement.action else { return None };
    match verdict {
        Verdict::Never => None,
        Verdict::Shown(witness) => {
            let reached = shown::reached(flow, instance, flows, &refusing, (&witness, sought));
            let whom = listed(&reached.recipients, reached.is_complete);
            let fact = if label == Labels::SECRET {
                format!("`{}` carries what is labelled `secret` to {whom}, and no token may", write.name)
            } else {
                let does = if reached.recipients.len() == 1 && reached.is_complete { "does" } else { "do" };
                format!("`{}` carries `{name}` to {whom}, which {does} not accept it", write.name)
            };
            let mut diagnostic = Diagnostic::new(&PII_IN_TOKEN, statement.span, fact)
                .label(origin(flow, value, label))
                .help(help(&name, label, &reached.recipients));
            for one in reached.recipients.iter().take(3) {
                if let Some(span) = one.span {
                    diagnostic = diagnostic.also(span, format!("does not accept `{name}`"));
                }
            }
            Some(witnessed(revealed(diagnostic, value, &name), unit, &witness))
        }
        Verdict::Undecided(doubts) => {
            let whom = listed(&refusing, true);
            let fact = format!("whether `{}` carries `{name}` to {whom} is undecided", write.name);
            let diagnostic = Diagnostic::new(&UNDECIDED_FLOW, statement.span, fact)
                .label(origin(flow, value, label))
                .help("name in the condition the audiences or clients that may have it");
            Some(flow.study.explain_doubts(diagnostic, &doubts))
        }
    }
}

/// `from user.email`.
fn origin(flow: &Flow<'_, '_>, value: &Expr, label: Labels) -> String {
    let sources = reads::sources(flow.study.unit, value, label);
    let mut text = String::from("derived from ");
    for (at, path) in sources.iter().take(3).enumerate() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{}`{path}`", if at == 0 { "" } else { ", " });
    }
    if sources.is_empty() { format!("labelled `{}`", flow.label_name(label)) } else { text }
}

fn help(name: &str, label: Labels, recipients: &[&Recipient]) -> String {
    if label == Labels::SECRET {
        return "leave it out: tokens are encoded, not encrypted".to_owned();
    }
    match recipients.first().map(|one| &one.who) {
        Some(who @ (Who::Audience(..) | Who::Client(..))) => format!(
            "write it only for those that accept `{name}`, or list `{name}` under `accepts` of {}",
            who.words()
        ),
        _ => format!("name in the condition those that accept `{name}`"),
    }
}

/// The fix that says that this value may be seen.
fn revealed(diagnostic: Diagnostic, value: &Expr, label: &str) -> Diagnostic {
    let is_operand = !matches!(
        &*value.kind,
        ExprKind::If { .. }
            | ExprKind::Match { .. }
            | ExprKind::Join(_)
            | ExprKind::Sum(..)
            | ExprKind::Product(_)
            | ExprKind::Negate(_)
            | ExprKind::Coalesce(_)
            | ExprKind::As(..)
            | ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::Not(_)
            | ExprKind::Compare { .. }
            | ExprKind::In { .. }
            | ExprKind::Exists(_)
    );
    if !is_operand || label == "secret" {
        return diagnostic;
    }
    let title = "state why it may be seen";
    let call = format!(".reveal({label}, \"why may they see it?\")");
    diagnostic.fix(Applicability::Unsafe, title, value.span.at_end(), call)
}
