//! Runs a program for one request.
//!
//! Every step is taken as the reference engine takes it, in the same order, so that the steps of the budget are the same;
//! where the reference engine finds an error, a conflict or a denial, the run is given up.

use super::bind::{self, Listed, Read, Source, Test};
use super::build::operand;
use super::cache::Names;
use super::plan::{Guard, Needs, Program};
use super::scratch::{ChainState, Memory, REGISTERS};
use super::sink::Sink;
use super::value::{Bail, Store, Val, borrowed};
use crate::catalog::Root;
use crate::eval::MAX_STEPS;
use crate::input::{Asked, Input, Items, Reading, Texts};
use crate::ir::Step;
use crate::standard::{Grant, is_scope_token};

mod call;
mod claims;
mod condition;
mod expr;
mod lambda;
mod scopes;

pub(super) use claims::Fired;

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
pub(super) fn run<'a, S: Sink>(
    program: &'a Program,
    names: &'a Names,
    question: Question<'a>,
    kept: &mut Memory<'static>,
    sink: &mut S,
) -> Result<Done, Bail> {
    let Question { asked, input, is_formed } = question;
    let mut run = Run {
        program,
        names,
        asked,
        input,
        is_formed,
        registers: [Val::Absent; REGISTERS],
        local: None,
        memory: if program.needs == Needs::Texts { kept.lend_text() } else { std::mem::take(kept) },
        steps: 0,
        is_delegated: false,
        has_own_scopes: false,
    };
    let done = run.issue(sink);
    if program.needs == Needs::Texts {
        kept.take_text(run.memory);
    } else {
        *kept = run.memory.emptied();
    }
    done
}

/// One evaluation.
struct Run<'a> {
    program: &'a Program,
    names: &'a Names,
    asked: &'a Asked<'a>,
    input: &'a dyn Input,
    is_formed: bool,
    /// The first of the values that sources gave.
    registers: [Val<'a>; REGISTERS],
    /// The parameter of the innermost lambda.
    local: Option<(usize, Val<'a>)>,
    memory: Memory<'a>,
    /// Steps that were taken.
    steps: u64,
    /// Whether only statements that mention the actor may write.
    is_delegated: bool,
    /// Whether the scopes of the token are others than those of the request.
    has_own_scopes: bool,
}

impl<'a> Run<'a> {
    fn issue<S: Sink>(&mut self, sink: &mut S) -> Result<Done, Bail> {
        self.check()?;
        if self.program.needs == Needs::Chains {
            let unit = &self.program.unit;
            let rare = self.memory.rare().ok_or(Bail)?;
            rare.lets.resize(unit.lets.len(), None);
            rare.chains.resize(unit.chains.len(), ChainState::default());
        }
        self.bind()?;
        self.has_own_scopes = self.settle_scopes(sink)?;
        if self.program.reads_scopes || self.has_own_scopes {
            self.bind_scopes()?;
        }
        self.issue_claims(sink)?;
        let lifetime = self.lifetime()?;
        if self.steps + self.program.slack > MAX_STEPS {
            return Err(Bail);
        }
        sink.end();
        Ok(Done { lifetime, has_own_scopes: self.has_own_scopes, steps: self.steps })
    }

    /// What claims.yaml and the form of requests demand of this one, beyond its kind.
    fn check(&mut self) -> Result<(), Bail> {
        let (program, asked, input) = (self.program, self.asked, self.input);
        self.is_delegated = program.unit.catalog.explicit_delegation && input.has(Root::Actor);
        let is_described = program.is_listed && input.has(Root::Client);
        let (count, bytes) = program.scope_limits.unwrap_or((usize::MAX, u64::MAX));
        let is_formed = asked.scopes.len() <= count
            && if self.is_formed {
                bytes == u64::MAX || asked.scopes.iter().all(|scope| scope.len() as u64 <= bytes)
            } else {
                let is_fit = |scope: &str| scope.len() as u64 <= bytes && is_scope_token(scope);
                !asked.client.is_empty()
                    && asked.audience.is_each_once(|id| !id.is_empty())
                    && asked.scopes.is_each_once(is_fit)
            };
        let is_allowed = match &program.allowed_scopes {
            None => true,
            Some(allowed) => {
                asked.scopes.iter().all(|scope| allowed.binary_search_by(|one| (**one).cmp(scope)).is_ok())
            }
        };
        if is_described || !is_formed || !is_allowed || input.has(Root::Config) {
            return Err(Bail);
        }
        if asked.requested_audience.is_none() && asked.requested_scopes.is_none() && asked.original.is_none()
        {
            return Ok(());
        }
        self.check_before()
    }

    /// The same for what was asked for before, or first.
    fn check_before(&self) -> Result<(), Bail> {
        let asked = self.asked;
        let original = asked.original.unwrap_or_default();
        let is_formed = self.is_formed
            || [asked.requested_audience, original.audience]
                .into_iter()
                .flatten()
                .all(|ids| ids.is_each_once(|id| !id.is_empty()))
                && [asked.requested_scopes, original.scopes]
                    .into_iter()
                    .flatten()
                    .all(|scopes| scopes.is_each_once(is_scope_token));
        match original.audience.filter(|_| asked.grant == Grant::RefreshToken) {
            Some(original) if self.seen(asked.audience).any(|id| !original.contains(id)) => Err(Bail),
            _ if is_formed => Ok(()),
            _ => Err(Bail),
        }
    }

    /// The audiences that policies see.
    fn seen(&self, audience: Texts<'a>) -> impl Iterator<Item = &'a str> + use<'a> {
        let names = self.names;
        audience.iter().filter(move |id| !names.is_endpoint(id))
    }

    /// Reads what the statements demand.
    fn bind(&mut self) -> Result<(), Bail> {
        let program = self.program;
        for (register, source) in &program.sources {
            let val = match source {
                Source::Plain(read) => self.attribute(read)?,
                source => self.read(source)?,
            };
            self.set_register(*register, val);
        }
        Ok(())
    }

    /// Keeps a value in a register.
    #[inline]
    fn set_register(&mut self, index: usize, val: Val<'a>) {
        let beyond = &mut self.memory.registers;
        if let Some(place) = self.registers.get_mut(index) {
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

    /// Reads an attribute.
    #[inline]
    fn attribute(&mut self, read: &'a Read) -> Result<Val<'a>, Bail> {
        match self.input.read(&read.attribute) {
            Reading::Text(text) if read.is_short(text) => Ok(Val::Text(text)),
            Reading::Bool(truth) if read.is_truth => Ok(Val::Bool(truth)),
            reading => read.passed(reading, &mut self.memory.store),
        }
    }

    /// The value that a source gave.
    #[inline]
    fn register(&self, index: usize) -> Result<Val<'a>, Bail> {
        let beyond = || self.memory.registers.get(index.checked_sub(REGISTERS)?);
        self.registers.get(index).or_else(beyond).copied().ok_or(Bail)
    }

    fn read(&mut self, source: &'a Source) -> Result<Val<'a>, Bail> {
        let (asked, store) = (self.asked, &mut self.memory.store);
        Ok(match source {
            Source::Plain(read) => read.passed(self.input.read(&read.attribute), store)?,
            Source::Constant(value) => borrowed(value),
            // Scopes are settled later.
            Source::Absent | Source::Listed(Listed::Scopes, _) => Val::Absent,
            Source::NoUser => Val::NoUser,
            Source::ClientId(test) => test.passed(Reading::Text(asked.client), store)?,
            Source::Listed(Listed::Audience, test) => self.audience(asked.audience, test)?,
            Source::Listed(Listed::RequestedAudience, test) => {
                self.audience(asked.requested_audience.unwrap_or(asked.audience), test)?
            }
            Source::Listed(Listed::RequestedScopes, test) => {
                let scopes = asked.requested_scopes.as_ref().unwrap_or(&asked.scopes);
                test.passed(Reading::Items(Items::of(scopes)), store)?
            }
            Source::Now => asked.now.map(Val::Int).ok_or(Bail)?,
            Source::Whole { attribute, shape } => bind::whole(self.input, attribute, shape, store)?,
        })
    }

    fn audience(&mut self, ids: Texts<'a>, test: &'a Test) -> Result<Val<'a>, Bail> {
        let start = self.memory.store.elements.len();
        let seen = self.seen(ids);
        self.memory.store.elements.extend(seen.map(Val::Text));
        let list = self.memory.store.listed_since(start)?;
        let texts = self.memory.store.elements.get(start..).unwrap_or_default();
        let texts = texts.iter().map(|one| self.memory.store.text(*one).unwrap_or_default());
        test.fit(texts).then_some(list).ok_or(Bail)
    }

    /// Takes steps of the budget.
    #[inline]
    fn spend(&mut self, steps: usize) -> Result<(), Bail> {
        self.steps += steps as u64;
        if self.steps > MAX_STEPS { Err(Bail) } else { Ok(()) }
    }

    /// Whether a statement acts that is no write.
    fn fires(&mut self, index: usize) -> Result<bool, Bail> {
        self.pass(self.program.guards.get(index).ok_or(Bail)?)
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
    #[inline]
    fn passes(&mut self, guard: &'a Guard) -> Result<bool, Bail> {
        match guard {
            Guard::Register(index) => Ok(Store::bool(self.register(*index)?) == Some(true)),
            Guard::Scope(scope) => self.has_scope(scope),
            Guard::Is(index, text) => {
                let val = self.register(*index)?;
                Ok(self.memory.store.text(val) == Some(text))
            }
            Guard::Has(index, text) => {
                let list = self.register(*index)?;
                self.spend(self.memory.store.count(list).unwrap_or(0))?;
                Ok(self.memory.store.has_text(list, text))
            }
            guard => self.holds(guard),
        }
    }

    fn holds(&mut self, guard: &'a Guard) -> Result<bool, Bail> {
        let unit = &self.program.unit;
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
            Guard::Matches(index, regex) => {
                let val = self.register(*index)?;
                self.spend_reading(val)?;
                Ok(self.memory.store.text(val).is_some_and(|text| regex.is_match(text)))
            }
            Guard::Register(_) | Guard::Scope(_) | Guard::Is(..) | Guard::Has(..) => self.passes(guard),
        }
    }

    /// Whether the token has a scope.
    fn has_scope(&mut self, scope: &str) -> Result<bool, Bail> {
        if !self.has_own_scopes {
            self.spend(self.asked.scopes.len())?;
            return Ok(self.asked.scopes.contains(scope));
        }
        let store = &self.memory.store;
        let settled = self.memory.known().map(|rare| rare.settled.as_slice()).unwrap_or_default();
        let has = settled.iter().any(|one| store.text(*one) == Some(scope));
        let count = settled.len();
        self.spend(count)?;
        Ok(has)
    }

    /// Whether a chain takes a branch. Conditions are looked at in order, each at most once, and no further than is
    /// needed.
    fn takes(&mut self, step: Step) -> Result<bool, Bail> {
        let program = self.program;
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
