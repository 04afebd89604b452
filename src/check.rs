//! Static checks of a typed policy: each lives in a file of its own, with its diagnostics, and sees the whole policy.
//!
//! What can be said while one expression is typed (names, types, absence) the lowering says; what needs the whole
//! policy is a check. To add one, write `check/<slug>.rs` and its page, and add it to the module list and to [`CHECKS`].

use crate::diag::{Code, Diagnostic};
use crate::ir::Unit;

pub mod mixed_append;

/// A check: its diagnostics, and what finds them.
pub struct Check {
    /// What it can report.
    pub codes: &'static [&'static Code],
    run: fn(&Unit, &mut Vec<Diagnostic>),
}

/// All checks. Their order does not matter: findings are sorted.
pub static CHECKS: &[Check] = &[Check { codes: mixed_append::CODES, run: mixed_append::check }];

/// The findings of all checks about a policy without errors in syntax, names and types.
pub fn check(unit: &Unit) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for check in CHECKS {
        (check.run)(unit, &mut findings);
    }
    findings
}
