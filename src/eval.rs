//! A typed policy and a request to a decision.
//!
//! This is the reference engine: it interprets [`ir::Unit`] as it stands, one small function for each rule of the
//! language, and every faster engine has to agree with it. It assumes a unit without errors, which bounds how deep
//! expressions nest, lets counted in. Results depend neither on the order of statements nor on that of operands: what fails is collected and sorted, never thrown first come.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use crate::decision::Decision;
use crate::ir::{self, LetId, SlotId, Unit};
use crate::request::Request;
use crate::value::{Failure, Outcome, Value};

mod asked;
mod bind;
mod budget;
mod claims;
pub mod codes;
mod condition;
mod contradiction;
mod demand;
mod dispatch;
mod explain;
mod expr;
mod facets;
mod guard;
mod inspect;
mod names;
mod report;
mod residual;
mod scopes;
mod stages;

pub use asked::{Facet, Facets, asking, is_allowed, named, names_clients_or_audiences};
#[cfg(feature = "compiler")]
pub(crate) use bind::whole;
pub(crate) use bind::{along, has_failed_source, missing_from};
use budget::Budget;
pub use budget::MAX_STEPS;
pub(crate) use budget::STEP_BYTES;
use condition::Truth;
pub(crate) use dispatch::Dispatch;
pub use explain::{Beaten, ClaimTrace, Effect, Explanation, Reason, RuleName, ScopeChanges, StatementTrace};
#[cfg(feature = "compiler")]
pub(crate) use expr::MAX_BYTES;
pub use inspect::Inspection;
pub use names::IDENTITY_CLAIM_IN_ACCESS_TOKEN;
pub(crate) use residual::{Residual, residual};

/// Evaluates a policy for one request.
pub fn evaluate(unit: &ir::Unit, request: &Request) -> Decision {
    stages::run(&Evaluation::new(unit, request)).decision
}

/// The same, with the steps that it took of the budget.
pub fn evaluate_counted(unit: &ir::Unit, request: &Request) -> (Decision, u64) {
    let evaluation = Evaluation::new(unit, request);
    let decision = stages::run(&evaluation).decision;
    (decision, evaluation.budget.spent())
}

/// The same, with a look only at the statements that the request can concern.
pub(crate) fn evaluate_by(unit: &ir::Unit, dispatch: &Dispatch, request: &Request) -> Decision {
    let evaluation = Evaluation { dispatch: Some(dispatch), ..Evaluation::new(unit, request) };
    stages::run(&evaluation).decision
}

/// Explains the decision for one request: what wrote each claim, and what kept other statements from acting. Values of
/// the request are part of it only with `show_values`.
pub fn explain(unit: &ir::Unit, request: &Request, show_values: bool) -> Explanation {
    explain::explain(&Evaluation::new(unit, request), show_values)
}

/// What wrote each claim of the tokens that one request gets; nothing where it gets none.
pub fn claim_traces(unit: &ir::Unit, request: &Request) -> Vec<ClaimTrace> {
    explain::claim_traces(&Evaluation::new(unit, request))
}

/// The audience that policies see for one request, after `set audience`. Where that fails, which the evaluation then
/// reports, it is as asked.
pub(crate) fn audience(unit: &ir::Unit, request: &Request) -> Vec<Arc<str>> {
    let evaluation = Evaluation::new(unit, request);
    stages::seen(&unit.catalog, &scopes::audience(&evaluation, &mut report::Report::default()))
}

/// An attribute that grant, client and constants give, the same for all requests of these facets.
pub(crate) fn slot(unit: &ir::Unit, facets: &Facets, id: SlotId) -> Result<Outcome, Failure> {
    Evaluation::new(unit, &asked::request(facets)).slot(id)
}

/// The name of a claim that a constant gives; `None` where that is absent.
pub(crate) fn configured_name(unit: &ir::Unit, id: ir::ClaimId) -> Result<Option<Arc<str>>, Failure> {
    let request = Request::of_facets(crate::standard::Grant::ClientCredentials, "".into(), Vec::new());
    claims::name(&Evaluation::new(unit, &request), id)
}

/// Whether every claim whose name a constant gives may have that name, in all statements of the policy.
pub(crate) fn has_fit_names(unit: &ir::Unit) -> bool {
    let request = Request::of_facets(crate::standard::Grant::ClientCredentials, "".into(), Vec::new());
    let mut report = report::Report::default();
    claims::check_names(&Evaluation::new(unit, &request), &mut report);
    !report.has_errors()
}

/// What is known while one request is evaluated; everything is computed at most once and kept.
struct Evaluation<'a> {
    unit: &'a Unit,
    request: &'a Request,
    dispatch: Option<&'a Dispatch>,
    budget: Budget,
    /// The statements behind the first stage that the facets of the request do not exclude.
    concerned: OnceCell<Vec<usize>>,
    /// The audience that policies see, from the end of the first stage on.
    audience: OnceCell<Vec<Arc<str>>>,
    /// The scopes that policies see, from the end of the second stage on.
    scopes: OnceCell<Vec<Arc<str>>>,
    client: OnceCell<Value>,
    config: OnceCell<Value>,
    slots: Vec<OnceCell<Result<Outcome, Failure>>>,
    lets: Vec<OnceCell<Result<Outcome, Failure>>>,
    chains: Touched<ChainState>,
    /// The values of lambda parameters that are in scope; as many as were ever needed.
    locals: RefCell<Vec<Option<Value>>>,
}

/// What is known of a few of many things, by their position. A request concerns few chains of a large policy: it must
/// not pay for the others.
struct Touched<T>(RefCell<HashMap<usize, Rc<T>>>);

impl<T> Touched<T> {
    fn new() -> Self {
        Touched(RefCell::default())
    }

    /// What is known of one, made the first time.
    fn get_or_init(&self, index: usize, init: impl FnOnce() -> T) -> Rc<T> {
        if let Some(known) = self.0.borrow().get(&index) {
            return known.clone();
        }
        let made = Rc::new(init());
        self.0.borrow_mut().insert(index, made.clone());
        made
    }
}

/// What is known of a chain.
struct ChainState {
    conditions: Vec<OnceCell<Result<Truth, Failure>>>,
    /// Whether it goes on behind its first condition, its second, and so on, as far as that was asked.
    reached: RefCell<Vec<Result<Truth, Failure>>>,
}

impl<'a> Evaluation<'a> {
    /// Another one that knows the audience: what is looked at there costs this one nothing.
    fn aside(&self) -> Self {
        let aside = Evaluation::new(self.unit, self.request);
        if let Some(audience) = self.audience.get() {
            // Nobody sets it before, so this cannot fail.
            let _ = aside.audience.set(audience.clone());
        }
        aside
    }

    fn new(unit: &'a Unit, request: &'a Request) -> Self {
        Evaluation {
            unit,
            request,
            dispatch: None,
            budget: Budget::new(),
            concerned: OnceCell::new(),
            audience: OnceCell::new(),
            scopes: OnceCell::new(),
            client: OnceCell::new(),
            config: OnceCell::new(),
            slots: cells(unit.slots.len()),
            lets: cells(unit.lets.len()),
            chains: Touched::new(),
            locals: RefCell::default(),
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
        match (self.lets.get(id.index()), self.unit.lets.get(id.index())) {
            (Some(cell), Some(binding)) => cell.get_or_init(|| self.value(&binding.value)).clone(),
            _ => Ok(Outcome::Absent),
        }
    }
}

fn cells<T>(count: usize) -> Vec<OnceCell<T>> {
    std::iter::repeat_with(OnceCell::new).take(count).collect()
}

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
