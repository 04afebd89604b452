//! Values that nobody vouches for, in tokens that others decide by: access tokens and SAML assertions.

use super::recipients::Readers;
use super::shown::Sought;
use super::{Claim, Flow, UNDECIDED_FLOW, UNTRUSTED_IN_TOKEN, reads};
use crate::analysis::study::witnessed;
use crate::diag::{Applicability, Diagnostic};
use crate::logic::formula::Formula;
use crate::logic::meaning::Write;
use crate::logic::witness::Verdict;
use crate::standard::{Token, Tokens};
use crate::ty::Labels;

pub(super) fn check<'u>(
    flow: &mut Flow<'_, 'u>,
    claim: &mut Claim<'u>,
    write: &Write,
    findings: &mut Vec<Diagnostic>,
) {
    let trust = Labels::UNTRUSTED.or(Labels::USER_EDITABLE);
    let labels = flow.study.meaning.written_labels(write).and(trust).without(accepted(flow, write));
    for label in Flow::each(labels) {
        for (readers, token) in [(Readers::Audiences, Token::Access), (Readers::Clients, Token::Saml)] {
            if write.tokens.contains(token)
                && let Some(finding) = arrival(flow, claim, write, label, (readers, token))
            {
                findings.push(finding);
                break;
            }
        }
    }
}

/// The labels that the claim takes by `@accepts`.
pub(super) fn accepted(flow: &Flow<'_, '_>, write: &Write) -> Labels {
    let meaning = &flow.study.meaning;
    let claims = (0u32..).zip(flow.study.unit.claims.iter());
    let own = claims.filter(|(id, claim)| {
        !claim.accepts.is_empty() && meaning.name(crate::ir::ClaimId(*id)) == write.name
    });
    own.flat_map(|(_, claim)| &claim.accepts).fold(Labels::NONE, |all, (labels, _)| all.or(*labels))
}

fn arrival<'u>(
    flow: &mut Flow<'_, 'u>,
    claim: &mut Claim<'u>,
    write: &Write,
    label: Labels,
    (readers, token): (Readers, Token),
) -> Option<Diagnostic> {
    let unit = flow.study.unit;
    let statement = flow.study.statement(write)?;
    let only = Write { tokens: Tokens::of(token), ..write.clone() };
    let carried = flow.study.meaning.written_labelled(&mut flow.study.f, write, label);
    let arrives = flow.arrives(claim, &only, readers);
    let flows = flow.study.f.both(arrives, carried);
    let target = (statement, &write.name, Tokens::of(token));
    let recipients = flow.recipients.clone();
    let readers: Vec<_> = recipients.readers(readers).iter().collect();
    claim.solver(flow, &[flows]);
    let instance = claim.instance.as_mut()?;
    let sought =
        Sought { target, statements: &claim.statements, value: Some((label, write.part.as_deref())) };
    let verdict = flow.seek(instance, (flows, Formula::TRUE), &readers, sought);
    let name = flow.label_name(label);
    match verdict {
        Verdict::Never => None,
        Verdict::Shown(witness) => {
            let who = if label == Labels::UNTRUSTED { "whoever sends the request" } else { "the user" };
            let what = if token == Token::Saml { "a SAML assertion" } else { "an access token" };
            let fact = format!("{who} chooses what {what} says in `{}`", write.name);
            let diagnostic = Diagnostic::new(&UNTRUSTED_IN_TOKEN, statement.span, fact)
                .label(origin(flow, write, label))
                .help(format!(
                    "compare it with what is allowed, say why it can be trusted, or declare the claim with \
                     `@accepts({name}, \"reason\")`"
                ));
            let value = flow.study.meaning.written(write.statement)?;
            let diagnostic = diagnostic.fix(
                Applicability::Unsafe,
                "state why it can be trusted",
                value.span.at_end(),
                format!(".trust({name}, \"who vouches for it?\")"),
            );
            Some(witnessed(diagnostic, unit, &witness))
        }
        Verdict::Undecided(doubts) => {
            let fact = format!("whether `{}` carries `{name}` values is undecided", write.name);
            let diagnostic = Diagnostic::new(&UNDECIDED_FLOW, statement.span, fact)
                .help("compare the value with what is allowed, or say why it can be trusted");
            Some(flow.study.explain_doubts(diagnostic, &doubts))
        }
    }
}

fn origin(flow: &Flow<'_, '_>, write: &Write, label: Labels) -> String {
    let Some(value) = flow.study.meaning.written(write.statement) else { return String::new() };
    let sources = reads::sources(flow.study.unit, value, label);
    match sources.first() {
        Some(path) => format!("`{path}` is labelled `{}`", flow.label_name(label)),
        None => format!("labelled `{}`", flow.label_name(label)),
    }
}
