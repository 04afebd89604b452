//! Values that are certainly larger than the target host takes. What whole tokens may hold the proofs of size say.

use super::profile::{of, places, touches};
use crate::diag::Diagnostic;
use crate::ir::{Expr, ExprKind, Member, Unit};
use crate::standard::profiles::Is;

crate::codes! {
    /// A value that no token of the host can carry.
    PROFILE_VALUE_TOO_LARGE = "C0426" "profile-value-too-large" Error allow;
}

pub(super) fn check(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    let Some(profile) = of(unit) else { return };
    for touch in touches(unit) {
        let Some(written) = touch.written().filter(|written| written.is_whole) else { continue };
        for fact in profile.about(touch.tokens) {
            let Is::MaxBytes(most, effect) = fact.is else { continue };
            let found = least_bytes(written.value, unit);
            if found > most {
                let message = format!(
                    "the value of `{}` has at least {found} bytes, and {} takes {most} in {}: {}",
                    touch.text(),
                    profile.title,
                    places(touch.tokens.and(fact.tokens)),
                    effect.of(profile.title)
                );
                findings.push(
                    touch.finding(&PROFILE_VALUE_TOO_LARGE, fact, message).help("write less into one claim"),
                );
            }
        }
    }
}

/// How many bytes of JSON an expression has at least.
pub fn least_bytes(expr: &Expr, unit: &Unit) -> u64 {
    let mut sum: u64 = 0;
    expr.walk(&unit.lets, &mut |part| match &*part.kind {
        ExprKind::Literal(value) => {
            sum = sum.saturating_add(value.to_json().len() as u64);
            false
        }
        ExprKind::List(_) | ExprKind::Template(_) | ExprKind::Join(_) | ExprKind::Let(_) => true,
        ExprKind::Record(members) => {
            // A later member replaces an earlier one of its name, so only records without spreads are counted.
            members.iter().all(|member| matches!(member, Member::Named(..)))
        }
        _ => false,
    });
    sum
}
