//! Labelled data that arrives where it is not accepted.

use claimsc::standard::Token;

use super::{Finding, Opinions};
use crate::worlds::observe::Run;
use crate::worlds::tree::{Action, Written};
use crate::worlds::truth::Truth;

pub(super) fn compare(opinions: &mut Opinions<'_>) {
    let flows = opinions.truth.flows();
    for ((label, recipient, token, claim), flow) in &flows {
        if opinions.truth.accepts(recipient, *token, label) {
            continue;
        }
        let says = |slug: &str| {
            opinions.of(slug).any(|finding| {
                let is_about =
                    finding.message.contains(claim.as_str()) || finding.message.contains("other claims");
                is_about && finding.message.contains(&format!("`{label}`"))
            })
        };
        let is_plain = flow.is_value && flow.verbs.iter().all(|verb| is_plain(&opinions.truth, *verb));
        let verdict = match (says("pii-in-token"), says("undecided-flow"), says("pii-in-guard")) {
            (true, ..) => "pii-in-token",
            (_, true, _) => "undecided-flow",
            (.., true) if !is_plain => "pii-in-guard",
            _ => {
                let kind = if is_plain { "missed pii-in-token" } else { "missed flow" };
                let (one, other) = flow.runs;
                let requests = format!("{}\n{}", opinions.truth.shown(one), opinions.truth.shown(other));
                let whom = if recipient.is_empty() { "nobody" } else { recipient };
                let detail = format!("`{claim}` tells {whom} of `{label}` in {token}:\n{requests}");
                opinions.disagree(kind, detail);
                continue;
            }
        };
        let kind = if flow.is_value { "in a value" } else { "in a guard" };
        opinions.count(format!("flow {kind}, said to be {verdict}"));
    }
    opinions.check_witnesses("pii-in-token", shows);
    opinions.check_witnesses("pii-in-guard", |_, _, run| run.issued().is_some());
}

/// Whether the value of a verb has no conditions inside.
fn is_plain(truth: &Truth<'_>, verb: usize) -> bool {
    match &truth.verbs[verb].action {
        Action::Write { value: Written::Text(text), .. } => !text.contains("if "),
        Action::Spread { members } => members.iter().all(|(_, value)| !value.contains("if ")),
        _ => false,
    }
}

/// The claim is in a token of somebody who does not accept its label.
fn shows(truth: &Truth<'_>, finding: &Finding, run: &Run) -> bool {
    let Some(issued) = run.issued() else { return false };
    let words: Vec<&str> = finding.message.split('`').skip(1).step_by(2).collect();
    let [claim, label, ..] = words[..] else { return false };
    let has_claim = |token: &Token| issued.tokens[token].contains_key(claim);
    let access = if issued.audience.is_empty() {
        !truth.accepts("", Token::Access, label)
    } else {
        issued.audience.iter().any(|id| !truth.accepts(id, Token::Access, label))
    };
    issued.tokens.keys().filter(|token| has_claim(token)).any(|token| match token {
        Token::Access => access,
        _ => truth.world.clients.iter().any(|client| !truth.accepts(client.id, *token, label)),
    })
}
