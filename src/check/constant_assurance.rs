//! A constant that says something was verified or how somebody signed in.

use super::look::{Marks, literal, written};
use super::words::{claim_name, words};
use crate::catalog::Root;
use crate::diag::Diagnostic;
use crate::ir::{ExprKind, Unit};
use crate::value::Value;

crate::codes! {
    /// A constant states an assurance.
    CONSTANT_ASSURANCE = "C0737" "constant-assurance" Warning allow;
}

/// Something about the person or the sign-in is read.
const SPECIFIC: u8 = 1;

pub(super) fn check(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    let marks = Marks::of(unit, |expr| match &*expr.kind {
        ExprKind::Error => SPECIFIC,
        ExprKind::Slot(id) => unit.slots.get(id.index()).map_or(0, |slot| {
            u8::from(matches!(
                slot.root,
                Root::User | Root::Session | Root::Connection | Root::External | Root::Organization
            ))
        }),
        _ => 0,
    });
    for statement in &unit.statements {
        let Some((claim, _, value)) = written(statement) else { continue };
        let name = claim_name(unit, claim);
        let is_true = match literal(unit, value) {
            Some(Value::Bool(true)) => true,
            // Text is the wrong type for a registered claim, which is told already.
            Some(Value::String(text)) => &**text == "true" && name.contains(':'),
            _ => false,
        };
        if is_true && is_assurance(&name) && marks.guard(statement) & SPECIFIC == 0 {
            findings.push(
                Diagnostic::new(
                    &CONSTANT_ASSURANCE,
                    statement.span,
                    format!("`{name}` says yes without looking at anything"),
                )
                .help("copy what is known of the user or the session, or leave the claim out"),
            );
        }
    }
}

fn is_assurance(name: &str) -> bool {
    words(name).iter().any(|word| {
        matches!(word.as_str(), "verified" | "mfa" | "confirmed" | "trusted" | "authenticated" | "validated")
    })
}
