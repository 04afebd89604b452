//! Whether a statement acts: its chains, its `unless`, and delegation.

use std::cell::RefCell;
use std::rc::Rc;

use super::condition::{Truth, combine};
use super::{ChainState, Evaluation, cells};
use crate::ir::{Action, ChainId, Statement, Step};
use crate::value::Failure;

impl Evaluation<'_> {
    /// Whether the statement acts. What decides against it wins over what fails.
    pub(super) fn fires(&self, statement: &Statement) -> Result<bool, Failure> {
        let steps = statement.guard.iter().map(|step| self.takes(*step));
        let unless = statement.unless.iter().map(|unless| is_true(self.truth(unless), false));
        let delegation = std::iter::once(Ok(Truth::from(!self.is_undelegated(statement))));
        combine(steps.chain(unless).chain(delegation), Truth::False).map(|truth| truth == Truth::True)
    }

    /// With `delegation: explicit` a write reaches a delegated token only if its condition mentions the actor.
    pub(super) fn is_undelegated(&self, statement: &Statement) -> bool {
        self.unit.catalog.explicit_delegation
            && self.request.actor().is_some()
            && !statement.mentions_actor
            && matches!(statement.action, Action::Write { .. } | Action::Spread { .. })
    }

    /// Whether a chain takes a branch: its condition is true and none before it is. Where a condition reads the user
    /// and there is none, no later branch is taken.
    fn takes(&self, step: Step) -> Result<Truth, Failure> {
        let Some(chain) = self.unit.chains.get(step.chain.index()) else {
            return Ok(Truth::False);
        };
        let branch = step.branch as usize;
        let earlier = self.reaches(step.chain, branch);
        if earlier == Ok(Truth::False) || branch >= chain.conditions.len() {
            return earlier;
        }
        let own = is_true(self.condition(step.chain, branch), true);
        combine([earlier, own].into_iter(), Truth::False)
    }

    /// Whether a chain comes as far as a branch: no condition before it ends the chain. What is known of a chain is
    /// kept, so that each of its conditions is looked at once, however many branches there are.
    fn reaches(&self, id: ChainId, branch: usize) -> Result<Truth, Failure> {
        let (Some(state), Some(chain)) = (self.chain(id), self.unit.chains.get(id.index())) else {
            return Ok(Truth::False);
        };
        let cell = &state.reached;
        let known = cell.borrow().len();
        let mut last = cell.borrow().last().cloned().unwrap_or(Ok(Truth::True));
        for (index, condition) in chain.conditions.iter().enumerate().take(branch).skip(known) {
            if last != Ok(Truth::False) {
                let goes_on = if condition.reads_user && !self.has_user() {
                    Ok(Truth::False)
                } else {
                    is_true(self.condition(id, index), false)
                };
                last = combine([last, goes_on].into_iter(), Truth::False);
            }
            cell.borrow_mut().push(last.clone());
        }
        match branch.checked_sub(1) {
            None => Ok(Truth::True),
            Some(before) => cell.borrow().get(before).cloned().unwrap_or(last),
        }
    }

    /// What is known of a chain.
    fn chain(&self, id: ChainId) -> Option<Rc<ChainState>> {
        let chain = self.unit.chains.get(id.index())?;
        Some(self.chains.get_or_init(id.index(), || ChainState {
            conditions: cells(chain.conditions.len()),
            reached: RefCell::default(),
        }))
    }

    /// A condition of a chain.
    pub(super) fn condition(&self, chain: ChainId, index: usize) -> Result<Truth, Failure> {
        let state = self.chain(chain);
        let cell = state.as_ref().and_then(|state| state.conditions.get(index));
        let condition = self.unit.chains.get(chain.index()).and_then(|chain| chain.conditions.get(index));
        match (cell, condition) {
            (Some(cell), Some(condition)) => cell.get_or_init(|| self.truth(&condition.expr)).clone(),
            _ => Ok(Truth::False),
        }
    }
}

/// Whether a condition is true, or is not.
fn is_true(truth: Result<Truth, Failure>, wanted: bool) -> Result<Truth, Failure> {
    truth.map(|truth| Truth::from((truth == Truth::True) == wanted))
}
