//! Runs a program for one request.
//!
//! Every step is taken as the reference engine takes it, in the same order, so that the steps of the budget are the same;
//! where the reference engine finds an error, a conflict or a denial, the run is given up.

use super::bind::{self, Listed, Source, Test};
use super::build::operand;
use super::cache::Names;
use super::plan::{Guard, Needs, Program};
use super::scratch::{ChainState, Memory, REGISTERS};
use super::sink::Sink;
use super::value::{Bail, Val};
use crate::eval::MAX_STEPS;
use crate::input::{Asked, Input, Items, Reading, Texts};
use crate::ir::Step;
use crate::standard::Grant;

mod call;
mod claims;
mod condition;
mod expr;
mod frame;
mod lambda;
mod light;
mod scopes;
mod strongest;

pub(super) use claims::Fired;
use frame::Frame;

/// What a run tells beside the claims.
pub(super) struct Done {
    pub(super) lifetime: Option<i64>,
    /// Whether the sink got the scopes; else they are those of the request.
    pub(super) has_own_scopes: bool,
    /// Steps of the budget.
    pub(super) steps: u64,
}

/// What is asked.
#[derive(Clone, Copy)]
pub(super) struct Question<'a> {
    pub(super) asked: &'a Asked<'a>,
    pub(super) input: &'a dyn Input,
    /// Whether ids and scopes are known to be well-formed.
    pub(super) is_formed: bool,
}

/// Runs a program; gives up where the reference engine has to decide.
#[inline]
pub(super) fn run<'a, S: Sink>(
    program: &'a Program,
    names: &'a Names,
    question: Question<'a>,
    kept: &mut Memory<'static>,
    sink: &mut S,
) -> Result<Done, Bail> {
    let mut frame = Frame::new(program, question);
    frame.check(names, question.is_formed)?;
    if program.needs != Needs::Nothing {
        return run_with_memory(frame, names, kept, sink);
    }
    let original = question.asked.original.filter(|_| question.asked.grant == Grant::RefreshToken);
    if original.is_some_and(|original| original.scopes.is_some()) {
        return run_with_memory(frame, names, kept, sink);
    }
    frame.bind()?;
    frame.issue(sink)?;
    if frame.steps + program.slack > MAX_STEPS {
        return Err(Bail);
    }
    sink.end();
    Ok(Done { lifetime: None, has_own_scopes: false, steps: frame.steps })
}

/// The same for programs that make values, and where the scopes of the token have to be found.
#[inline(never)]
fn run_with_memory<'a, S: Sink>(
    frame: Frame<'a>,
    names: &'a Names,
    kept: &mut Memory<'static>,
    sink: &mut S,
) -> Result<Done, Bail> {
    let mut run = Run { frame, names, local: None, memory: std::mem::take(kept), has_own_scopes: false };
    let done = run.issue(sink);
    *kept = run.memory.emptied();
    done
}

/// One evaluation that makes values.
struct Run<'a> {
    frame: Frame<'a>,
    names: &'a Names,
    /// The parameter of the innermost lambda.
    local: Option<(usize, Val<'a>)>,
    memory: Memory<'a>,
    /// Whether the scopes of the token are others than those of the request.
    has_own_scopes: bool,
}

impl<'a> Run<'a> {
    fn issue<S: Sink>(&mut self, sink: &mut S) -> Result<Done, Bail> {
        let program = self.frame.program;
        if program.needs == Needs::Chains {
            let rare = self.memory.rare().ok_or(Bail)?;
            rare.lets.resize(program.unit.lets.len(), None);
            rare.chains.resize(program.unit.chains.len(), ChainState::default());
        }
        self.bind()?;
        self.has_own_scopes = self.settle_scopes(sink)?;
        if program.reads_scopes || self.has_own_scopes {
            self.bind_scopes()?;
        }
        self.issue_claims(sink)?;
        let lifetime = self.lifetime()?;
        if self.frame.steps + program.slack > MAX_STEPS {
            return Err(Bail);
        }
        sink.end();
        Ok(Done { lifetime, has_own_scopes: self.has_own_scopes, steps: self.frame.steps })
    }

    /// Reads what the statements demand.
    fn bind(&mut self) -> Result<(), Bail> {
        let program = self.frame.program;
        for (register, source) in &program.sources {
            let val = self.read(source)?;
            self.set_register(*register, val);
        }
        Ok(())
    }

    /// Keeps a value in a register.
    #[inline]
    fn set_register(&mut self, index: usize, val: Val<'a>) {
        let beyond = &mut self.memory.registers;
        if let Some(place) = self.frame.registers.get_mut(index) {
            *place = val;
            return;
        }
        let place = index.saturating_sub(REGISTERS);
        if place >= beyond.len() {
            beyond.resize(place + 1, Val::Absent);
        }
        if let Some(place) = beyond.get_mut(place) {
            *place = val;
        }
    }

    /// The value that a source gave.
    #[inline]
    fn register(&self, index: usize) -> Result<Val<'a>, Bail> {
        let beyond = || self.memory.registers.get(index.checked_sub(REGISTERS)?);
        self.frame.registers.get(index).or_else(beyond).copied().ok_or(Bail)
    }

    fn read(&mut self, source: &'a Source) -> Result<Val<'a>, Bail> {
        let (asked, input, store) = (self.frame.asked, self.frame.input, &mut self.memory.store);
        match source {
            Source::Plain(read) if read.makes_list() => read.listed(input.read(&read.attribute), store),
            // Scopes are settled later.
            Source::Listed(Listed::Scopes, _) => Ok(Val::Absent),
            Source::Listed(Listed::Audience, test) => self.audience(asked.audience, test),
            Source::Listed(Listed::RequestedAudience, test) => {
                self.audience(asked.requested_audience.unwrap_or(asked.audience), test)
            }
            Source::Listed(Listed::RequestedScopes, test) => {
                let scopes = asked.requested_scopes.as_ref().unwrap_or(&asked.scopes);
                test.passed(Reading::Items(Items::of(scopes)), store)
            }
            Source::Whole { attribute, shape } => bind::whole(input, attribute, shape, store),
            source => self.frame.read(source),
        }
    }

    fn audience(&mut self, ids: Texts<'a>, test: &'a Test) -> Result<Val<'a>, Bail> {
        let start = self.memory.store.elements.len();
        let seen = self.names.seen(ids);
        self.memory.store.elements.extend(seen.map(Val::Text));
        let list = self.memory.store.listed_since(start)?;
        let texts = self.memory.store.elements.get(start..).unwrap_or_default();
        let texts = texts.iter().map(|one| self.memory.store.text(*one).unwrap_or_default());
        test.fit(texts).then_some(list).ok_or(Bail)
    }

    /// Takes steps of the budget.
    #[inline]
    fn spend(&mut self, steps: usize) -> Result<(), Bail> {
        self.frame.spend(steps)
    }

    /// Whether a statement acts that is no write.
    fn fires(&mut self, index: usize) -> Result<bool, Bail> {
        self.pass(self.frame.program.guards.get(index).ok_or(Bail)?)
    }

    /// Whether everything holds that a statement asks for.
    fn pass(&mut self, guards: &'a [Guard]) -> Result<bool, Bail> {
        for guard in guards {
            if !self.passes(guard)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether one of these holds.
    fn passes(&mut self, guard: &'a Guard) -> Result<bool, Bail> {
        let unit = &self.frame.program.unit;
        let condition = |chain: usize| unit.chains.get(chain).and_then(|chain| chain.conditions.first());
        match guard {
            Guard::Step(step) => self.takes(*step),
            Guard::Condition(chain) => self.is_true(&condition(*chain).ok_or(Bail)?.expr),
            Guard::Operand(chain, index) => {
                let condition = condition(*chain).ok_or(Bail)?;
                self.is_true(operand(&condition.expr, *index).ok_or(Bail)?)
            }
            Guard::Unless(statement) => {
                let unless = unit.statements.get(*statement).and_then(|one| one.unless.as_ref());
                self.is_true(unless.ok_or(Bail)?).map(|is_true| !is_true)
            }
            Guard::Has(index, text) if matches!(self.register(*index)?, Val::List(_)) => {
                let list = self.register(*index)?;
                self.spend(self.memory.store.count(list).unwrap_or(0))?;
                Ok(self.memory.store.has_text(list, text))
            }
            guard => self.frame.passes(guard),
        }
    }

    /// Whether a chain takes a branch. Conditions are looked at in order, each at most once, and no further than is
    /// needed.
    fn takes(&mut self, step: Step) -> Result<bool, Bail> {
        let program = self.frame.program;
        let chain = program.unit.chains.get(step.chain.index()).ok_or(Bail)?;
        let chains =
            |run: &Self| run.memory.known().and_then(|rare| rare.chains.get(step.chain.index()).copied());
        let mut state = chains(self).ok_or(Bail)?;
        while !state.is_taken && state.passed <= step.branch {
            let Some(condition) = chain.conditions.get(state.passed as usize) else {
                return Ok(true);
            };
            let ends_here = condition.reads_user && !program.has_user;
            if ends_here && state.passed < step.branch {
                return Ok(false);
            }
            if self.is_true(&condition.expr)? {
                state.is_taken = true;
            } else {
                state.passed = if ends_here { u32::MAX } else { state.passed + 1 };
            }
            if let Some(kept) = self.memory.rare().and_then(|rare| rare.chains.get_mut(step.chain.index())) {
                *kept = state;
            }
        }
        Ok(state.is_taken && state.passed == step.branch)
    }
}
