//! Questions about whole policies, answered for whoever reviews them.
//!
//! Those that `claimsc check` asks by default are in [`ANALYSES`]; each lives in a file of its own, with its
//! diagnostics. What they find is proven, or shown by a request that the evaluator has run, or said to be undecided.

use crate::diag::{Code, Diagnostic};
use crate::ir::Unit;

pub mod audit;
pub mod conflicts;
pub mod fingerprint;
pub mod inputs;
pub mod matrix;
pub mod size;
mod study;
pub mod written;

pub use study::Study;

/// An analysis: its diagnostics, and what finds them.
pub struct Analysis {
    /// What it can report.
    pub codes: &'static [&'static Code],
    run: fn(&mut Study<'_>, &mut Vec<Diagnostic>),
}

/// The analyses of `claimsc check`. Their order does not matter: findings are sorted.
pub static ANALYSES: &[Analysis] = &[
    Analysis { codes: conflicts::CODES, run: conflicts::analyse },
    Analysis { codes: size::CODES, run: size::analyse },
];

/// The findings of all analyses about a policy without errors in syntax, names and types.
pub fn analyse(unit: &Unit) -> Vec<Diagnostic> {
    let mut study = Study::new(unit);
    let mut findings = Vec::new();
    for analysis in ANALYSES {
        (analysis.run)(&mut study, &mut findings);
    }
    findings
}
