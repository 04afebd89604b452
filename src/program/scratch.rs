//! Memory that one evaluation leaves to the next, so that none has to ask for any.

use std::sync::Arc;

use super::cache::Recent;
use super::run::Fired;
use super::value::{Store, Val, emptied};
use crate::decision::Issued;
use crate::input::Texts;
use crate::standard::{Token, Tokens};

/// Reusable memory of evaluations, for one thread at a time. Once it has grown, an evaluation into bytes allocates
/// nothing.
#[derive(Default)]
pub struct Scratch {
    pub(super) recent: Recent,
    pub(super) memory: Memory<'static>,
    pub(super) output: Output,
    pub(super) effort: Option<Effort>,
}

/// What an evaluation took of the budget of [`MAX_STEPS`](crate::eval::MAX_STEPS).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// Steps that were taken.
    pub steps: u64,
    /// The reference engine takes at most so many more, for conditions that were decided beforehand.
    pub spared: u64,
}

impl Scratch {
    /// What the last evaluation took; `None` where the reference engine decided.
    pub fn effort(&self) -> Option<Effort> {
        self.effort
    }

    /// Memory that has not grown yet.
    pub fn new() -> Self {
        Scratch::default()
    }
}

/// What an evaluation works with.
#[derive(Default)]
pub(super) struct Memory<'a> {
    pub(super) store: Store<'a>,
    pub(super) registers: Vec<Val<'a>>,
    pub(super) stack: Vec<Val<'a>>,
    pub(super) lets: Vec<Option<Val<'a>>>,
    pub(super) chains: Vec<ChainState>,
    /// Writes of one claim, and where those of the whole and of each member end.
    pub(super) fired: Vec<Fired<'a>>,
    pub(super) ends: Vec<usize>,
    /// What few programs need: one of it, or none.
    pub(super) rare: Vec<Rare<'a>>,
}

/// What only some evaluations work with.
#[derive(Default)]
pub(super) struct Rare<'a> {
    pub(super) locals: Vec<Val<'a>>,
    /// Scopes that statements add, remove and keep; each limit ends somewhere among the latter.
    pub(super) added: Vec<Val<'a>>,
    pub(super) removed: Vec<Val<'a>>,
    pub(super) limited: Vec<Val<'a>>,
    pub(super) limits: Vec<usize>,
    /// The scopes of the token, where they are not those of the request.
    pub(super) settled: Vec<Val<'a>>,
}

impl<'a> Memory<'a> {
    /// Takes out what few programs need.
    pub(super) fn take_rare(&mut self) -> Rare<'a> {
        self.rare.pop().unwrap_or_default()
    }

    /// A value of a lambda's parameter.
    pub(super) fn local(&self, index: usize) -> Val<'a> {
        self.rare.first().and_then(|rare| rare.locals.get(index).copied()).unwrap_or(Val::Absent)
    }

    /// Gives a lambda's parameter a value.
    pub(super) fn set_local(&mut self, index: usize, value: Val<'a>) {
        if self.rare.is_empty() {
            self.rare.push(Rare::default());
        }
        for rare in &mut self.rare {
            if rare.locals.len() <= index {
                rare.locals.resize(index + 1, Val::Absent);
            }
            if let Some(local) = rare.locals.get_mut(index) {
                *local = value;
            }
        }
    }

    /// The same memory, empty, for any other request. The other way round nothing has to be done: what holds nothing
    /// borrows nothing.
    pub(super) fn emptied(self) -> Memory<'static> {
        let Memory { store, registers, stack, lets, chains, fired, ends, rare } = self;
        Memory {
            store: store.emptied(),
            registers: emptied(registers),
            stack: emptied(stack),
            lets: emptied(lets),
            chains: emptied(chains),
            fired: emptied(fired),
            ends: emptied(ends),
            rare: rare.into_iter().map(Rare::emptied).collect(),
        }
    }
}

impl Rare<'_> {
    fn emptied(self) -> Rare<'static> {
        let Rare { locals, added, removed, limited, limits, settled } = self;
        Rare {
            locals: emptied(locals),
            added: emptied(added),
            removed: emptied(removed),
            limited: emptied(limited),
            limits: emptied(limits),
            settled: emptied(settled),
        }
    }
}

/// What is known of a chain: the conditions in order, up to the first that is true.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ChainState {
    /// How many conditions are known not to be true.
    pub(super) passed: u32,
    /// Whether the one behind these is true.
    pub(super) is_taken: bool,
}

/// What an evaluation gives.
#[derive(Default)]
pub(super) struct Output {
    /// The claims of each token as a JSON object.
    pub(super) claims: [String; Token::ALL.len()],
    pub(super) removed: Vec<(Arc<str>, Tokens)>,
    /// Scopes, one behind the other, and where each ends; where statements or a refresh changed them.
    pub(super) scopes: String,
    pub(super) scope_ends: Vec<usize>,
    /// What the reference engine issued, where it had to decide.
    pub(super) exact: Option<Issued>,
}

impl Output {
    /// The scopes, where they are not those of the request.
    pub(super) fn changed_scopes(&self) -> Texts<'_> {
        Texts::ending(&self.scopes, &self.scope_ends)
    }

    pub(super) fn clear(&mut self) {
        for claims in &mut self.claims {
            claims.clear();
        }
        self.removed.clear();
        self.scopes.clear();
        self.scope_ends.clear();
        self.exact = None;
    }
}
