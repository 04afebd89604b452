//! Verbs that the target host has no counterpart for.

use super::profile::{finding, of};
use crate::diag::Diagnostic;
use crate::ir::{Action, Unit};
use crate::standard::profiles::{Is, Verb};

crate::codes! {
    /// A verb that the host cannot carry out.
    PROFILE_UNSUPPORTED_VERB = "C0423" "profile-unsupported-verb" Error allow;
}

pub(super) fn check(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    let Some(profile) = of(unit) else { return };
    for statement in &unit.statements {
        let Some(verb) = verb(&statement.action) else { continue };
        for fact in profile.facts {
            let Is::Lacks(verbs) = fact.is else { continue };
            if verbs.contains(&verb) {
                let message = format!("{} cannot carry out `{verb}`: {}", profile.title, fact.note);
                let mut finding = finding(&PROFILE_UNSUPPORTED_VERB, statement, fact, message);
                finding.label = format!("source: {}", fact.source.title);
                findings.push(finding.help(help(verb)));
            }
        }
    }
}

/// The verb, if it is one that hosts can lack.
fn verb(action: &Action) -> Option<Verb> {
    Some(match action {
        Action::Write { or_deny: Some(_), .. } | Action::Deny(_) => Verb::Deny,
        Action::Write { .. } | Action::Spread { .. } => return None,
        Action::Remove { .. } => Verb::Remove,
        Action::AddScope(_) => Verb::AddScope,
        Action::RemoveScope(_) => Verb::RemoveScope,
        Action::LimitScopes(_) => Verb::LimitScopes,
        Action::SetAudience(_) => Verb::SetAudience,
        Action::LimitLifetime(_) => Verb::LimitLifetime,
    })
}

fn help(verb: Verb) -> &'static str {
    match verb {
        Verb::Remove => {
            "keep the claim out of the token by the host's own settings, and leave the removal out"
        }
        Verb::Deny => "refuse the sign-in by the host's own access rules, and leave the denial out",
        Verb::AddScope | Verb::RemoveScope | Verb::LimitScopes => {
            "decide about scopes by the host's own settings, and leave the statement out"
        }
        Verb::SetAudience => "let clients ask for their audience, and leave the statement out",
        Verb::LimitLifetime => "set the lifetime by the host's own settings, and leave the limit out",
    }
}
