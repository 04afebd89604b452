//! How many claims the target host takes.

use std::collections::BTreeSet;

use super::profile::{of, places, touches};
use crate::diag::Diagnostic;
use crate::ir::Unit;
use crate::standard::Tokens;
use crate::standard::profiles::Is;

crate::codes! {
    /// More claims than the host takes.
    PROFILE_TOO_MANY_CLAIMS = "C0425" "profile-too-many-claims" Error allow;
}

pub(super) fn check(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    let Some(profile) = of(unit) else { return };
    for fact in profile.facts {
        let Is::MaxClaims(most, effect) = fact.is else { continue };
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let mut reported = BTreeSet::new();
        for token in fact.tokens.iter() {
            let mut names: BTreeSet<String> = BTreeSet::new();
            for touch in touches(unit) {
                let is_new = touch.is_named()
                    && touch.written().is_some()
                    && touch.tokens.contains(token)
                    && names.insert(touch.text().to_owned());
                if is_new && names.len() == most + 1 && reported.insert(touch.statement.span) {
                    let message = format!(
                        "the policy writes more than {most} claims into {}, and {} takes {most}: {}",
                        places(Tokens::of(token)),
                        profile.title,
                        effect.of(profile.title)
                    );
                    findings.push(
                        touch
                            .finding(&PROFILE_TOO_MANY_CLAIMS, fact, message)
                            .help("join claims that are read together into one"),
                    );
                }
            }
        }
    }
}
