//! Statements about whole policies: does every `ensure` hold, and does every token keep its contract?
//!
//! Each is a question whether some request breaks it. No: it is proven, and the proof names what it stands on. A request
//! that does, executed: refuted. Neither: undecided, which is an error too, for whoever reads the policy relies on it.

use std::collections::BTreeMap;

use super::carried::Carried;
use super::study::Study;
use crate::diag::Diagnostic;
use crate::logic::formula::Formula;
use crate::source::Span;

mod assumptions;
mod contract;
mod ensure;
mod shown;

pub use assumptions::Assumption;

crate::codes! {
    /// A request breaks an `ensure`.
    REFUTED_ENSURE = "C0630" "refuted-ensure" Error;
    /// An `ensure` is about no token at all.
    VACUOUS_ENSURE = "C0631" "vacuous-ensure" Error;
    /// Whether an `ensure` holds could not be decided.
    UNDECIDED_ENSURE = "C0632" "undecided-ensure" Error;
    /// A token breaks the contract of its audience.
    REFUTED_CONTRACT = "C0633" "refuted-contract" Error;
    /// The audience of a contract gets no token at all.
    VACUOUS_CONTRACT = "C0634" "vacuous-contract" Error;
    /// Whether all tokens keep a contract could not be decided.
    UNDECIDED_CONTRACT = "C0635" "undecided-contract" Error;
}

/// What is known of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decided {
    /// No request breaks it.
    Proven,
    /// A request breaks it.
    Refuted,
    /// It is about no request.
    Vacuous,
    /// Neither could be shown.
    Undecided,
}

impl Decided {
    /// `proven`, `refuted`, `vacuous` or `undecided`.
    pub fn as_str(self) -> &'static str {
        match self {
            Decided::Proven => "proven",
            Decided::Refuted => "refuted",
            Decided::Vacuous => "vacuous",
            Decided::Undecided => "undecided",
        }
    }
}

/// An `ensure` or a contract, decided.
#[derive(Debug, Clone)]
pub struct Promise {
    /// The item in the source.
    pub span: Span,
    /// Whether it is a contract.
    pub is_contract: bool,
    /// What is known of it.
    pub decided: Decided,
    /// What a proof stands on; empty for all else.
    pub assumptions: Vec<Assumption>,
}

pub(super) fn analyse(study: &mut Study<'_>, findings: &mut Vec<Diagnostic>) {
    let unit = study.unit;
    if unit.ensures.is_empty() && unit.contracts.is_empty() {
        return;
    }
    let mut judge = Judge { carried: Carried::new(study), study, findings, possible: BTreeMap::new() };
    for ensure in &unit.ensures {
        let promise = judge.ensure(ensure);
        judge.study.promises.push(promise);
    }
    for contract in unit.contracts.iter() {
        let promise = judge.contract(contract);
        judge.study.promises.push(promise);
    }
    judge.study.promises.sort_by_key(|promise| (promise.span.file, promise.span.start));
}

/// Decides statements and reports those that are not proven.
struct Judge<'j, 'u> {
    study: &'j mut Study<'u>,
    findings: &'j mut Vec<Diagnostic>,
    carried: Carried,
    /// Whether any request is in a scope.
    possible: BTreeMap<Formula, bool>,
}

impl Judge<'_, '_> {
    /// Whether there is a request in the scope; no is a proof.
    fn is_possible(&mut self, scope: Formula) -> bool {
        if let Some(known) = self.possible.get(&scope) {
            return *known;
        }
        let mut instance = self.study.instance([scope]);
        let is_possible = self.study.is_possible(&mut instance, &[scope]);
        self.possible.insert(scope, is_possible);
        is_possible
    }
}
