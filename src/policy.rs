//! A compiled policy: the only thing that can be evaluated.

use std::sync::Arc;

use crate::decision::Decision;
use crate::eval::{self, Dispatch};
use crate::input::{Asked, Input};
use crate::ir::Unit;
use crate::program::{Answer, Engine, Scratch};
use crate::request::{Request, RequestError};

/// A policy without errors. Only [`Compiler::compile`](crate::Compiler::compile) makes one, so that what is evaluated
/// has been checked. Cloning is cheap, and any number of threads may use one at the same time.
#[derive(Debug, Clone)]
pub struct Policy {
    unit: Arc<Unit>,
    engine: Arc<Engine>,
}

impl Policy {
    /// Seals a unit that has no errors.
    #[cfg(feature = "compiler")]
    pub(crate) fn seal(unit: Unit) -> Self {
        let dispatch = Arc::new(Dispatch::of(&unit));
        let unit = Arc::new(unit);
        Policy { engine: Arc::new(Engine::new(unit.clone(), dispatch)), unit }
    }

    /// Decides about one request. The same request always gives the same decision.
    pub fn evaluate(&self, request: &Request) -> Decision {
        self.engine.evaluate(request, &mut Scratch::new())
    }

    /// The same with memory that is used again.
    pub fn evaluate_with(&self, request: &Request, scratch: &mut Scratch) -> Decision {
        self.engine.evaluate(request, scratch)
    }

    /// Decides about what a host asks in its own terms, into JSON bytes in the scratch. Once that has grown, a decision to
    /// issue allocates nothing.
    ///
    /// # Errors
    /// What makes a [`Request`] malformed: see [`Request::from_input`].
    pub fn decide<'s>(
        &self,
        asked: &'s Asked<'s>,
        input: &'s dyn Input,
        scratch: &'s mut Scratch,
    ) -> Result<Answer<'s>, RequestError> {
        self.engine.decide(asked, input, scratch)
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
