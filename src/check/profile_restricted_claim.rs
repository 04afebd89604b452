//! Names that the target host keeps to itself.

use std::sync::Arc;

use super::names::audiences_of;
use super::profile::{Touch, of, places, touches};
use crate::diag::Diagnostic;
use crate::ir::{Statement, Unit};
use crate::standard::namespaces::is_within;
use crate::standard::profiles::{Effect, Fact, Is, Verb};
use crate::standard::{Profile, Tokens};

crate::codes! {
    /// A write or removal of a claim that the host keeps to itself.
    PROFILE_RESTRICTED_CLAIM = "C0420" "profile-restricted-claim" Error allow;
}

pub(super) fn check(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    let Some(profile) = of(unit) else { return };
    for touch in touches(unit) {
        // A verb that the host lacks, and protocol claims, which no policy touches, are reported as such.
        if (touch.written().is_none() && profile.lacks(Verb::Remove)) || touch.is_protocol() {
            continue;
        }
        // One finding for each effect: two facts about different tokens may say the same.
        let mut seen: Vec<(Effect, &Fact, String, Tokens)> = Vec::new();
        for fact in profile.about(touch.tokens) {
            let Some((name, effect, tokens)) = closed(unit, profile, &touch, fact) else { continue };
            match seen.iter_mut().find(|(known, _, other, _)| *known == effect && *other == name) {
                Some((.., all)) => tokens.iter().for_each(|token| *all = all.with(token)),
                None => seen.push((effect, fact, name, tokens)),
            }
        }
        for (effect, fact, name, tokens) in seen {
            let (places, title) = (places(tokens), profile.title);
            findings.push(if touch.written().is_some() {
                let message = format!("`{name}` cannot be written into {places}: {}", effect.of(title));
                touch.offer_own_name(unit, touch.finding(&PROFILE_RESTRICTED_CLAIM, fact, message))
            } else {
                let message =
                    format!("`{name}` cannot be removed from {places}: {}", effect.of_removal(title));
                touch.finding(&PROFILE_RESTRICTED_CLAIM, fact, message).help("leave the removal out")
            });
        }
    }
}

/// The name that a fact closes, what the host does about it, and in which tokens.
fn closed(
    unit: &Unit,
    profile: &Profile,
    touch: &Touch<'_>,
    fact: &Fact,
) -> Option<(String, Effect, Tokens)> {
    let (is_written, tokens) = (touch.written().is_some(), touch.tokens.and(fact.tokens));
    let by_prefix = |prefixes: &str, effect| {
        let begins = prefixes.split_whitespace().any(|prefix| touch.text().starts_with(prefix));
        let closed = touch.closed_in(profile, fact);
        (begins && !closed.is_empty()).then(|| (touch.text().to_owned(), effect, closed))
    };
    match fact.is {
        Is::Closed(names, effect) => Some((touch.among(names)?.to_owned(), effect, tokens)),
        Is::ClosedPrefix(prefixes, effect) => by_prefix(prefixes, effect),
        Is::OnlyRemoved(prefixes, effect) if is_written => by_prefix(prefixes, effect),
        Is::Demanded(names, _, effect) if !is_written => {
            Some((touch.among(names)?.to_owned(), effect, tokens))
        }
        Is::ShortNamesFor(hosts, paths, effect) if is_written => {
            let is_short = !touch.text().contains(':');
            (is_short && is_for(unit, touch.statement, hosts, paths))
                .then(|| (touch.text().to_owned(), effect, tokens))
        }
        _ => None,
    }
}

/// Whether a statement demands that the token is for one of these endpoints.
fn is_for(unit: &Unit, statement: &Statement, hosts: &str, paths: &str) -> bool {
    let is_endpoint = |id: &Arc<str>| {
        let Some((_, rest)) = id.split_once("://") else { return false };
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        hosts.split_whitespace().any(|domain| is_within(host, domain))
            && paths.split_whitespace().any(|known| known.trim_matches('/') == path.trim_end_matches('/'))
    };
    audiences_of(unit, statement).is_some_and(|ids| ids.iter().all(is_endpoint))
}
