//! Names that the target host keeps to itself.

use super::profile::{Touch, closed_in, of, own_name, places, touches};
use crate::diag::Diagnostic;
use crate::ir::{AudienceOf, Expr, ExprKind, Statement, Unit};
use crate::standard::profiles::{Effect, Fact, Is, Verb};
use crate::standard::{Profile, Tokens};

crate::codes! {
    /// A write or removal of a claim that the host keeps to itself.
    PROFILE_RESTRICTED_CLAIM = "C0420" "profile-restricted-claim" Error allow;
}

pub(super) fn check(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    let Some(profile) = of(unit) else { return };
    for touch in touches(unit) {
        if touch.written.is_none() && profile.lacks(Verb::Remove) {
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
            findings.push(if touch.written.is_some() {
                let message = format!("`{name}` cannot be written into {places}: {}", effect.of(title));
                let own = own_name(unit, &name);
                touch
                    .finding(&PROFILE_RESTRICTED_CLAIM, fact, message)
                    .help(format!("choose a name of your own, such as `{own}`"))
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
    let (is_written, tokens) = (touch.written.is_some(), touch.tokens.and(fact.tokens));
    let by_prefix = |prefixes: &str, effect| {
        let begins = prefixes.split_whitespace().any(|prefix| touch.text().starts_with(prefix));
        let closed = closed_in(touch, profile, fact);
        (begins && !closed.is_empty()).then(|| (touch.text().to_owned(), effect, closed))
    };
    match fact.is {
        Is::Closed(names, effect) => {
            let first = |name: &str| name.split('.').next().map(str::to_owned);
            let name = touch.among(names).map(str::to_owned).or_else(|| {
                // Where dots make objects, the first part is the claim.
                let nests = profile.facts.iter().any(|fact| matches!(fact.is, Is::DotsNest(_)));
                first(touch.text()).filter(|part| nests && names.split_whitespace().any(|name| name == part))
            })?;
            Some((name, effect, tokens))
        }
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
    let is_endpoint = |id: &str| {
        let Some((_, rest)) = id.split_once("://") else { return false };
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let below = |of: &str| host == of || host.strip_suffix(of).is_some_and(|rest| rest.ends_with('.'));
        hosts.split_whitespace().any(below)
            && paths.split_whitespace().any(|of| path.trim_end_matches('/') == of)
    };
    let demands = |expr: &Expr| match &*expr.kind {
        ExprKind::AudienceIs(AudienceOf::Token, of) | ExprKind::AudienceHas(AudienceOf::Token, of) => {
            matches!(&*of.kind, ExprKind::Literal(id) if id.as_str().is_some_and(is_endpoint))
        }
        _ => false,
    };
    statement.guard.iter().any(|step| {
        let chain = unit.chains.get(step.chain.index());
        chain.and_then(|chain| chain.conditions.get(step.branch as usize)).is_some_and(|condition| {
            match &*condition.expr.kind {
                ExprKind::And(all) => all.iter().any(demands),
                _ => demands(&condition.expr),
            }
        })
    })
}
