//! Tokens that the target host cannot write.

use super::profile::{finding, of, places};
use crate::diag::Diagnostic;
use crate::ir::{Action, Unit};
use crate::standard::profiles::Is;
use crate::standard::{Profile, Token, Tokens};

crate::codes! {
    /// A write into a token that the host's mechanism does not reach.
    PROFILE_UNSUPPORTED_TOKEN = "C0424" "profile-unsupported-token" Error allow;
}

pub(super) fn check(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    let Some(profile) = of(unit) else { return };
    for statement in &unit.statements {
        let (tokens, is_removal) = match &statement.action {
            Action::Write { tokens, .. } | Action::Spread { tokens, .. } => (*tokens, false),
            Action::Remove { tokens, .. } => (*tokens, true),
            _ => continue,
        };
        // A removal usually means all tokens, whichever there are.
        let mut unreached =
            tokens.iter().filter(|token| !profile.tokens.contains(*token)).fold(Tokens::NONE, Tokens::with);
        if is_removal && unreached != tokens {
            continue;
        }
        for fact in profile.facts {
            let Is::Follows(shown, of) = fact.is else { continue };
            if !unreached.contains(shown) {
                continue;
            }
            unreached = unreached.iter().filter(|token| *token != shown).fold(Tokens::NONE, Tokens::with);
            if !tokens.contains(of) {
                let message = format!(
                    "{} shows in {} what {} carry, and this is not written there",
                    profile.title,
                    places(Tokens::of(shown)),
                    places(Tokens::of(of))
                );
                let help = format!("write it `to {of}, {shown}`");
                findings.push(finding(&PROFILE_UNSUPPORTED_TOKEN, statement, fact, message).help(help));
            }
        }
        if !unreached.is_empty() {
            let message = format!("{} cannot change {}", profile.title, places(unreached));
            findings.push(
                Diagnostic::new(&PROFILE_UNSUPPORTED_TOKEN, statement.span, message)
                    .label(format!("carried out by {}", profile.mechanism))
                    .help(help(profile, tokens.and(profile.tokens))),
            );
        }
    }
}

fn help(profile: &Profile, rest: Tokens) -> String {
    let possible = if rest.is_empty() { profile.tokens } else { rest };
    let names: Vec<&str> = possible.iter().map(Token::as_str).collect();
    format!("write it `to {}`", names.join(", "))
}
