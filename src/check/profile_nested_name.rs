//! Names of which one becomes a member of the other, where the target host splits names at dots.

use std::collections::BTreeMap;

use super::profile::{Touch, of, touches};
use crate::diag::Diagnostic;
use crate::ir::Unit;
use crate::standard::profiles::Is;

crate::codes! {
    /// `a` beside `a.b` for a host that makes objects of dotted names.
    PROFILE_NESTED_NAME = "C0428" "profile-nested-name" Error allow;
}

pub(super) fn check(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    let Some(profile) = of(unit) else { return };
    let mut touches = touches(unit);
    touches.retain(|touch| touch.is_named() && touch.written().is_some());
    let mut written: BTreeMap<&str, Vec<&Touch<'_>>> = BTreeMap::new();
    for touch in &touches {
        written.entry(touch.text()).or_default().push(touch);
    }
    for fact in profile.facts {
        if !matches!(fact.is, Is::DotsNest(_)) {
            continue;
        }
        for touch in &touches {
            let name = touch.text();
            let meets = |other: &&&Touch<'_>| !other.tokens.and(touch.tokens).and(fact.tokens).is_empty();
            let outer = name.match_indices('.').find_map(|(dot, _)| {
                let outer = name.get(..dot)?;
                Some((outer, written.get(outer)?.iter().find(meets)?))
            });
            let Some((outer, other)) = outer else { continue };
            let message = format!(
                "{} makes `{name}` a member of `{outer}`, which is written as a claim of its own",
                profile.title
            );
            findings.push(
                touch
                    .finding(&PROFILE_NESTED_NAME, fact, message)
                    .also(other.statement.span, format!("`{outer}` is written here"))
                    .help("choose names of which none is the beginning of another up to a dot"),
            );
        }
    }
}
