//! Questions about whole policies, answered for whoever reviews them.
//!
//! Those that `claimsc check` asks by default are in [`ANALYSES`]; each lives in a file of its own, with its
//! diagnostics. What they find is proven, or shown by a request that the evaluator has run, or said to be undecided.

use std::collections::BTreeSet;

use crate::diag::{Code, Diagnostic};
use crate::ir::Unit;
use crate::logic::formula::Formulas;
use crate::source::{Sources, Span};

pub mod audit;
mod carried;
pub mod conflicts;
pub mod contract;
pub mod diff;
pub mod fingerprint;
pub mod flow;
pub mod inputs;
pub mod matrix;
mod part;
pub mod reach;
pub mod size;
pub mod statements;
mod study;
pub mod worst;
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
    Analysis { codes: reach::CODES, run: reach::analyse },
    Analysis { codes: statements::CODES, run: statements::analyse },
    Analysis { codes: flow::CODES, run: flow::analyse },
    Analysis { codes: size::CODES, run: size::analyse },
];

/// What analyses found.
#[derive(Debug, Default)]
pub struct Analysed {
    /// Their findings.
    pub findings: Vec<Diagnostic>,
    /// What is known of every `ensure` and contract, in the order of the source.
    pub promises: Vec<statements::Promise>,
}

/// What all analyses find about a policy without errors in syntax, names and types.
pub fn analyse(unit: &Unit, sources: &Sources) -> Analysed {
    analyse_with(unit, sources, Formulas::new())
}

/// The same in a room of one's own for formulas: a test may leave out a lemma.
#[doc(hidden)]
pub fn analyse_with(unit: &Unit, sources: &Sources, f: Formulas) -> Analysed {
    let mut study = Study::with(unit, f);
    study.sources = Some(sources);
    let mut findings = Vec::new();
    for analysis in ANALYSES {
        (analysis.run)(&mut study, &mut findings);
    }
    once_each(&mut findings);
    Analysed { findings, promises: study.promises }
}

/// A write that never reaches a token is not also told that it is removed somewhere.
fn once_each(findings: &mut Vec<Diagnostic>) {
    let of = |code: &'static Code| move |found: &&Diagnostic| found.code.slug == code.slug;
    let in_vain: BTreeSet<Span> = findings.iter().filter(of(&reach::BEATEN_WRITE)).map(|f| f.span).collect();
    findings.retain(|found| !(of(&conflicts::REMOVED_WRITE)(&found) && in_vain.contains(&found.span)));
}
