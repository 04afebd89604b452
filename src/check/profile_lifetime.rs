//! Lifetimes that the target host takes.

use super::profile::{finding, of};
use crate::diag::{Applicability, Diagnostic};
use crate::ir::{Action, ExprKind, Unit};
use crate::standard::profiles::Is;

crate::codes! {
    /// A lifetime that the host does not take.
    PROFILE_LIFETIME = "C0427" "profile-lifetime" Error allow;
}

pub(super) fn check(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    let Some(profile) = of(unit) else { return };
    for statement in &unit.statements {
        let Action::LimitLifetime(value) = &statement.action else { continue };
        let ExprKind::Literal(seconds) = &*value.kind else { continue };
        let Some(seconds) = seconds.as_int() else { continue };
        for fact in profile.facts {
            let Is::Lifetime(least, most, effect) = fact.is else { continue };
            if u64::try_from(seconds).is_ok_and(|seconds| (least..=most).contains(&seconds)) {
                continue;
            }
            let message = format!(
                "{} takes a lifetime of {least} to {most} seconds, and this is {seconds}: {}",
                profile.title,
                effect.of(profile.title)
            );
            let help = format!("limit the lifetime to {least} to {most} seconds");
            let nearest =
                if u64::try_from(seconds).is_ok_and(|seconds| seconds > most) { most } else { least };
            findings.push(finding(&PROFILE_LIFETIME, statement, fact, message).help(help).fix(
                Applicability::Unsafe,
                format!("limit it to {nearest} seconds"),
                value.span,
                format!("{nearest}s"),
            ));
        }
    }
}
