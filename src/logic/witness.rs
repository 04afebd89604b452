//! Requests that show something, executed by the evaluator before they are believed.

use std::sync::Arc;

use super::concrete::{request, shrink};
use super::formula::{Formula, Formulas};
use super::solver::{Answer, Budget, Instance};
use crate::decision::Decision;
use crate::eval;
use crate::ir::Unit;
use crate::request::Request;
use crate::value::Value;

/// A request that shows something, and what the policy makes of it.
#[derive(Debug, Clone)]
pub struct Witness {
    /// The request as JSON, as `claimsc eval` takes it.
    pub request: Value,
    /// What the evaluator answers.
    pub decision: Decision,
}

/// What is known of a question.
#[derive(Debug, Clone)]
pub enum Verdict {
    /// No request makes it true: a proof.
    Never,
    /// This one does.
    Shown(Box<Witness>),
    /// Neither could be established; what is in the way: normal texts of expressions that are not understood, or a
    /// budget that is spent.
    Undecided(Vec<Arc<str>>),
}

impl Verdict {
    /// Whether it is proven that there is no such request.
    pub fn is_never(&self) -> bool {
        matches!(self, Verdict::Never)
    }
}

/// Looks for a request in which all formulas hold and which `shows` what they stand for, as small as possible. It is
/// executed; what `shows` does not confirm is no witness.
pub fn find(
    unit: &Unit,
    instance: &mut Instance<'_>,
    f: &mut Formulas,
    question: &[Formula],
    budget: Budget,
    shows: &mut dyn FnMut(&Request, &Decision) -> bool,
) -> Verdict {
    let mut confirms = |json: &Value| {
        Request::from_value(json).is_ok_and(|request| shows(&request, &eval::evaluate(unit, &request)))
    };
    let mut found = None;
    let answer = instance.ask(f, question, &mut |model| {
        let Some(json) = request(&unit.catalog, &model.choices) else { return false };
        let is_shown = confirms(&json);
        if is_shown {
            found = Some(json);
        }
        is_shown
    });
    match (answer, found) {
        (Answer::Never, _) => Verdict::Never,
        (Answer::Perhaps(_), Some(json)) => {
            let mut runs = budget.shrinking;
            let json = shrink(json, &mut runs, &mut confirms);
            match Request::from_value(&json) {
                Ok(request) => {
                    let decision = eval::evaluate(unit, &request);
                    Verdict::Shown(Box::new(Witness { request: json, decision }))
                }
                Err(_) => Verdict::Undecided(Vec::new()),
            }
        }
        (Answer::Perhaps(_), None) => Verdict::Undecided(Vec::new()),
        (Answer::Unknown(reasons), _) => Verdict::Undecided(reasons),
    }
}
