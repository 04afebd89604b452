//! A compiled policy: the only thing that can be evaluated.

use std::sync::Arc;

use crate::decision::Decision;
use crate::eval::{self, Dispatch};
use crate::ir::Unit;
use crate::request::Request;

/// A policy without errors. Only [`Compiler::compile`](crate::Compiler::compile) makes one, so that what is evaluated
/// has been checked. Cloning is cheap, and any number of threads may use one at the same time.
#[derive(Debug, Clone)]
pub struct Policy {
    unit: Arc<Unit>,
    dispatch: Arc<Dispatch>,
}

impl Policy {
    /// Seals a unit that has no errors.
    #[cfg(feature = "compiler")]
    pub(crate) fn seal(unit: Unit) -> Self {
        Policy { dispatch: Arc::new(Dispatch::of(&unit)), unit: Arc::new(unit) }
    }

    /// Decides about one request. The same request always gives the same decision.
    pub fn evaluate(&self, request: &Request) -> Decision {
        eval::evaluate_by(&self.unit, &self.dispatch, request)
    }

    /// Decides about one request and tells what led there; with `show_values`, values of claims are part of it.
    pub fn explain(&self, request: &Request, show_values: bool) -> eval::Explanation {
        eval::explain(&self.unit, request, show_values)
    }

    /// The typed policy, for analyses.
    pub fn unit(&self) -> &Unit {
        &self.unit
    }
}
