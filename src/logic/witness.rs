//! Requests that show something, executed by the evaluator before they are believed.

use super::concrete::{near, request, shrink};
use super::formula::{Formula, Formulas};
use super::solver::{Answer, Budget, Doubt, Instance};
use crate::catalog::{Catalog, Root};
use crate::decision::Decision;
use crate::request::Request;
use crate::ty::decode::{Undeclared, decode};
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
pub enum Verdict<W = Box<Witness>> {
    /// No request makes it true: a proof.
    Never,
    /// This one does.
    Shown(W),
    /// Neither could be established; what is in the way.
    Undecided(Vec<Doubt>),
}

impl<W> Verdict<W> {
    /// The same with something else that shows it.
    pub fn map<V>(self, shown: impl FnOnce(W) -> V) -> Verdict<V> {
        match self {
            Verdict::Never => Verdict::Never,
            Verdict::Shown(witness) => Verdict::Shown(shown(witness)),
            Verdict::Undecided(doubts) => Verdict::Undecided(doubts),
        }
    }

    /// Whether it is proven that there is no such request.
    pub fn is_never(&self) -> bool {
        matches!(self, Verdict::Never)
    }
}

/// Looks for a request in which all formulas hold and which `shows`, by an execution, what they stand for, as small as
/// possible. What is not confirmed is no witness.
pub fn find(
    catalog: &Catalog,
    instance: &mut Instance<'_>,
    f: &mut Formulas,
    question: &[Formula],
    budget: Budget,
    shows: &mut dyn FnMut(&Request) -> bool,
) -> Verdict<(Value, Request)> {
    let mut confirms = |json: &Value| {
        conforms(catalog, json) && Request::from_value(json).is_ok_and(|request| shows(&request))
    };
    let (mut found, mut tried) = (None, None);
    let answer = instance.ask(f, question, &mut |model| {
        let Some(json) = request(catalog, &model.choices) else { return false };
        let is_shown = confirms(&json);
        if is_shown {
            found = Some(json);
        } else {
            tried.get_or_insert(json);
        }
        is_shown
    });
    if found.is_none()
        && !matches!(answer, Answer::Never)
        && let Some(tried) = tried
    {
        found = near(&tried).into_iter().take(budget.variations).find(|json| confirms(json));
    }
    match (answer, found) {
        (Answer::Never, _) => Verdict::Never,
        (_, Some(json)) => {
            let mut runs = budget.shrinking;
            let json = shrink(json, &mut runs, &mut confirms);
            match Request::from_value(&json) {
                Ok(request) => Verdict::Shown((json, request)),
                Err(_) => Verdict::Undecided(Vec::new()),
            }
        }
        (Answer::Perhaps(_), None) => Verdict::Undecided(Vec::new()),
        (Answer::Unknown(reasons), None) => Verdict::Undecided(reasons),
    }
}

/// Whether the parts of a request are as claims.yaml declares them, also where the policy does not read them.
pub fn conforms(catalog: &Catalog, json: &Value) -> bool {
    const DECLARED: [Root; 6] =
        [Root::User, Root::Connection, Root::Organization, Root::Session, Root::Actor, Root::Request];
    DECLARED.iter().all(|root| match (json.get(root.as_str()), catalog.input(*root)) {
        (Some(part @ Value::Object(_)), Some(shape)) => decode(part, shape, Undeclared::LeftOut).is_ok(),
        _ => true,
    })
}
