//! A typed policy and a request to a decision.
//!
//! This is the reference engine: it interprets [`Unit`](ir::Unit) as it stands, one small function for each rule of the
//! language, and every faster engine has to agree with it. It assumes a unit without errors. Results depend neither
//! on the order of statements nor on that of operands: what fails is collected and sorted, never thrown first come.

use std::cell::{OnceCell, RefCell};
use std::sync::Arc;

use crate::decision::Decision;
use crate::ir::{self, LetId, SlotId, Unit};
use crate::request::Request;
use crate::value::{Failure, Outcome, Value};

mod bind;
mod claims;
pub mod codes;
mod condition;
mod contradiction;
mod decode;
mod demand;
mod expr;
mod facets;
mod guard;
mod lets;
mod report;
mod scopes;
mod stages;

use condition::Truth;

/// Evaluates a policy for one request.
pub fn evaluate(unit: &ir::Unit, request: &Request) -> Decision {
    stages::run(&Evaluation::new(unit, request)).decision
}

/// What is known while one request is evaluated; everything is computed at most once and kept.
struct Evaluation<'a> {
    unit: &'a Unit,
    request: &'a Request,
    /// The audience that policies see, from the end of the first stage on.
    audience: OnceCell<Vec<Arc<str>>>,
    /// The scopes that policies see, from the end of the second stage on.
    scopes: OnceCell<Vec<Arc<str>>>,
    client: OnceCell<Value>,
    slots: Vec<OnceCell<Result<Outcome, Failure>>>,
    lets: Vec<OnceCell<Result<Outcome, Failure>>>,
    /// By chain and position in it.
    conditions: Vec<Vec<OnceCell<Result<Truth, Failure>>>>,
    /// The values of lambda parameters that are in scope.
    locals: RefCell<Vec<Option<Value>>>,
}

impl<'a> Evaluation<'a> {
    fn new(unit: &'a Unit, request: &'a Request) -> Self {
        let chains = unit.chains.iter();
        Evaluation {
            unit,
            request,
            audience: OnceCell::new(),
            scopes: OnceCell::new(),
            client: OnceCell::new(),
            slots: cells(unit.slots.len()),
            lets: cells(unit.lets.len()),
            conditions: chains.map(|chain| cells(chain.conditions.len())).collect(),
            locals: RefCell::new(vec![None; unit.locals as usize]),
        }
    }

    fn has_user(&self) -> bool {
        self.request.user().is_some()
    }

    /// An attribute as policies see it.
    fn slot(&self, id: SlotId) -> Result<Outcome, Failure> {
        match self.slots.get(id.index()) {
            Some(cell) => cell.get_or_init(|| bind::slot(self, id)).clone(),
            None => Ok(Outcome::Absent),
        }
    }

    /// The value of a `let`.
    fn binding(&self, id: LetId) -> Result<Outcome, Failure> {
        let Some(cell) = self.lets.get(id.index()) else {
            return Ok(Outcome::Absent);
        };
        if cell.get().is_none() {
            lets::force(self, id);
        }
        cell.get().cloned().unwrap_or(Ok(Outcome::Absent))
    }
}

fn cells<T>(count: usize) -> Vec<OnceCell<T>> {
    std::iter::repeat_with(OnceCell::new).take(count).collect()
}
