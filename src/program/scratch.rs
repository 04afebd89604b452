//! Memory that one evaluation leaves to the next, so that none has to ask for any.

use std::sync::Arc;

use super::cache::Recent;
use super::run::Fired;
use super::value::{Store, Val, recycled, reused};
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
    pub(super) locals: Vec<Val<'a>>,
    pub(super) lets: Vec<Option<Val<'a>>>,
    pub(super) chains: Vec<ChainState>,
    pub(super) scopes: ScopeChanges<'a>,
    /// Writes of one claim, and where those of each member end.
    pub(super) fired: Vec<Fired<'a>>,
    pub(super) ends: Vec<usize>,
    /// Those of them that are added to a set.
    pub(super) appended: Vec<Fired<'a>>,
}

/// What statements have said about scopes.
#[derive(Default)]
pub(super) struct ScopeChanges<'a> {
    pub(super) added: Vec<Val<'a>>,
    pub(super) removed: Vec<Val<'a>>,
    /// All limits, one behind the other, and where each ends.
    pub(super) limited: Vec<Val<'a>>,
    pub(super) limits: Vec<usize>,
    /// What the token has.
    pub(super) settled: Vec<Val<'a>>,
}

impl ScopeChanges<'_> {
    fn recycled<'b>(self) -> ScopeChanges<'b> {
        let ScopeChanges { added, removed, limited, mut limits, settled } = self;
        limits.clear();
        ScopeChanges {
            added: recycled(added),
            removed: recycled(removed),
            limited: recycled(limited),
            limits,
            settled: recycled(settled),
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

impl Memory<'_> {
    /// The same memory for another request.
    pub(super) fn recycled<'b>(self) -> Memory<'b> {
        let Memory { store, registers, stack, locals, lets, chains, scopes, fired, ends, appended } = self;
        Memory {
            store: store.recycled(),
            registers: recycled(registers),
            stack: recycled(stack),
            locals: recycled(locals),
            lets: reused(lets, || None),
            chains: reused(chains, ChainState::default),
            scopes: scopes.recycled(),
            fired: reused(fired, || Fired::NONE),
            ends: reused(ends, || 0),
            appended: reused(appended, || Fired::NONE),
        }
    }
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
