//! What every run works with: who asks for what, the attributes that were read, and the steps that were taken.
//!
//! Nothing here takes memory. Programs of frequent forms need no more than this; all others have a store beside it.

use std::ops::ControlFlow;

use crate::catalog::Root;
use crate::eval::MAX_STEPS;
use crate::input::{Asked, Input, Reading};
use crate::program::bind::{Read, Source};
use crate::program::cache::Names;
use crate::program::plan::{Fetch, Guard, Origin, Program, Scopes, Share};
use crate::program::scratch::REGISTERS;
use crate::program::value::{Bail, Store, Val, borrowed};
use crate::standard::{Grant, is_scope_token};
use crate::value::Value;

/// One evaluation. What reads attributes is part of its type: a host's own is compiled into the loop over claims.
pub(super) struct Frame<'a, I: ?Sized> {
    pub(super) program: &'a Program,
    pub(super) asked: &'a Asked<'a>,
    pub(super) input: &'a I,
    /// The first of the values that sources gave.
    pub(super) registers: [Val<'a>; REGISTERS],
    /// Those of the scopes that guards ask for which the token has, as bits.
    pub(super) scopes: u64,
    /// How many scopes the token has.
    pub(super) scope_count: usize,
    /// Steps that were taken.
    pub(super) steps: u64,
    /// Whether only statements that mention the actor may write.
    pub(super) is_delegated: bool,
}

impl<'a, I: Input> Frame<'a, I> {
    /// The same, whatever reads attributes.
    pub(super) fn widened(self) -> Frame<'a, dyn Input + 'a> {
        let Frame { program, asked, input, registers, scopes, scope_count, steps, is_delegated } = self;
        Frame { program, asked, input, registers, scopes, scope_count, steps, is_delegated }
    }
}

impl<'a, I: Input + ?Sized> Frame<'a, I> {
    #[inline]
    pub(super) fn new(program: &'a Program, asked: &'a Asked<'a>, input: &'a I) -> Self {
        Frame {
            program,
            asked,
            input,
            registers: [Val::Absent; REGISTERS],
            scopes: 0,
            scope_count: asked.scopes.len(),
            steps: 0,
            is_delegated: program.unit.catalog.explicit_delegation && input.has(Root::Actor),
        }
    }

    /// What claims.yaml and the form of requests demand of this one, beyond its kind.
    #[inline]
    pub(super) fn check(&mut self, names: &Names, is_formed: bool) -> Result<(), Bail> {
        let Frame { program, asked, input, .. } = *self;
        let (count, bytes) = program.scope_limits.unwrap_or((usize::MAX, u64::MAX));
        let is_within = asked.scopes.len() <= count;
        let mut scopes = 0;
        let is_fit = if is_formed {
            asked.scopes.each(|scope| scopes |= program.known(scope));
            is_within && (bytes == u64::MAX || asked.scopes.iter().all(|scope| scope.len() as u64 <= bytes))
        } else {
            let is_fit = |scope: &str| {
                let known = program.known(scope);
                scopes |= known;
                scope.len() as u64 <= bytes && (known != 0 || is_scope_token(scope))
            };
            is_within
                && !asked.client.is_empty()
                && asked.audience.is_each_once(|id| !id.is_empty())
                && asked.scopes.is_each_once(is_fit)
        };
        self.scopes = scopes;
        let is_allowed = match &program.allowed_scopes {
            None => true,
            Some(allowed) => {
                asked.scopes.iter().all(|scope| allowed.binary_search_by(|one| (**one).cmp(scope)).is_ok())
            }
        };
        let is_described = program.is_listed && input.has(Root::Client);
        if !is_fit || !is_allowed || is_described || input.has(Root::Config) {
            return Err(Bail);
        }
        if asked.is_alone() { Ok(()) } else { is_formed_before(asked, names, is_formed) }
    }

    /// Reads what statements demand, where nothing of it takes memory.
    #[expect(clippy::inline_always, reason = "most programs read little, and a call costs as much")]
    #[inline(always)]
    pub(super) fn bind(&mut self) -> Result<(), Bail> {
        let program = self.program;
        for (register, source) in &program.sources {
            let val = match source {
                Source::Plain(read) => self.attribute(read)?,
                source => self.read(source)?,
            };
            *self.registers.get_mut(*register).ok_or(Bail)? = val;
        }
        Ok(())
    }

    /// What a source gives that takes no memory.
    pub(super) fn read(&self, source: &'a Source) -> Result<Val<'a>, Bail> {
        match source {
            Source::Plain(read) => self.attribute(read),
            Source::Constant(value) => Ok(borrowed(value)),
            Source::Absent => Ok(Val::Absent),
            Source::NoUser => Ok(Val::NoUser),
            Source::ClientId(test) => test.direct(Reading::Text(self.asked.client)),
            Source::Now => self.asked.now.map(Val::Int).ok_or(Bail),
            Source::Listed(..) | Source::Whole { .. } => Err(Bail),
        }
    }

    /// Reads an attribute that takes no memory.
    #[inline]
    pub(super) fn attribute(&self, read: &'a Read) -> Result<Val<'a>, Bail> {
        match self.input.read(&read.attribute) {
            Reading::Text(text) if read.is_short(text) => Ok(Val::Text(text)),
            Reading::Bool(truth) if read.is_truth => Ok(Val::Bool(truth)),
            reading => read.passed(reading),
        }
    }

    /// One of the first registers.
    #[inline]
    pub(super) fn register(&self, index: usize) -> Result<Val<'a>, Bail> {
        self.registers.get(index).copied().ok_or(Bail)
    }

    #[inline]
    pub(super) fn fetch(&self, fetch: &'a Fetch) -> Result<Val<'a>, Bail> {
        match fetch {
            Fetch::Attribute(read) => self.attribute(read),
            Fetch::Register(index) => self.register(*index),
        }
    }

    /// Tests the attributes of a write that does not act: what a statement demands has to be right all the same.
    pub(super) fn demand(&self, origin: &'a Origin) -> Result<(), Bail> {
        for read in origin.attributes() {
            self.attribute(read)?;
        }
        Ok(())
    }

    /// Takes steps of the budget.
    #[inline]
    pub(super) fn spend(&mut self, steps: usize) -> Result<(), Bail> {
        self.steps += steps as u64;
        if self.steps > MAX_STEPS { Err(Bail) } else { Ok(()) }
    }

    /// Whether a guard holds that looks at scopes or the first registers.
    #[inline]
    pub(super) fn passes(&mut self, guard: &'a Guard) -> Result<bool, Bail> {
        match guard {
            Guard::Scopes(Scopes { bits, looks, holds_with }) => {
                self.spend(looks.saturating_mul(self.scope_count))?;
                let held = self.scopes & bits;
                Ok(match holds_with {
                    Share::All => held == *bits,
                    Share::Some => held != 0,
                    Share::None => held == 0,
                })
            }
            Guard::Register(index) => Ok(Store::bool(self.register(*index)?) == Some(true)),
            guard => self.holds(guard),
        }
    }

    fn holds(&mut self, guard: &'a Guard) -> Result<bool, Bail> {
        match guard {
            Guard::Is(index, text) => Ok(self.register(*index)?.as_borrowed() == Some(text)),
            Guard::Has(index, text) => self.has(*index, text),
            Guard::Matches(index, regex) => {
                let text = self.register(*index)?.as_borrowed();
                self.spend(text.map_or(0, |text| text.len() / crate::eval::STEP_BYTES))?;
                Ok(text.is_some_and(|text| regex.is_match(text)))
            }
            // The others look at expressions, which have a store.
            _ => Err(Bail),
        }
    }

    /// Whether a list that lies in no store has a text.
    fn has(&mut self, index: usize, text: &str) -> Result<bool, Bail> {
        match self.register(index)? {
            Val::Absent | Val::NoUser => Ok(false),
            Val::Value(Value::List(items)) => {
                self.spend(items.len())?;
                Ok(items.iter().any(|one| one.as_str() == Some(text)))
            }
            Val::Items(items) => {
                self.spend(items.count())?;
                let is_it = |one| match one {
                    Reading::Text(one) if one == text => ControlFlow::Break(()),
                    Reading::Value(one) if one.as_str() == Some(text) => ControlFlow::Break(()),
                    _ => ControlFlow::Continue(()),
                };
                Ok(match items.texts() {
                    Some(texts) => texts.contains(text),
                    None => items.each(&mut { is_it }).is_break(),
                })
            }
            _ => Err(Bail),
        }
    }
}

impl Program {
    /// The number of a scope as a bit, if guards ask for it.
    #[inline]
    pub(super) fn known(&self, scope: &str) -> u64 {
        let mut bit = 1;
        for known in &self.known_scopes {
            if **known == *scope {
                return bit;
            }
            bit <<= 1;
        }
        0
    }
}

/// Whether claims.yaml and the form of requests allow what was asked for before, or first.
fn is_formed_before(asked: &Asked<'_>, names: &Names, is_formed: bool) -> Result<(), Bail> {
    let original = asked.original.unwrap_or_default();
    let is_formed = is_formed
        || [asked.requested_audience, original.audience]
            .into_iter()
            .flatten()
            .all(|ids| ids.is_each_once(|id| !id.is_empty()))
            && [asked.requested_scopes, original.scopes]
                .into_iter()
                .flatten()
                .all(|scopes| scopes.is_each_once(is_scope_token));
    match original.audience.filter(|_| asked.grant == Grant::RefreshToken) {
        Some(original) if names.seen(asked.audience).any(|id| !original.contains(id)) => Err(Bail),
        _ if is_formed => Ok(()),
        _ => Err(Bail),
    }
}
