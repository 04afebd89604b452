//! Memory that one evaluation leaves to the next, so that none has to ask for any.

use std::sync::Arc;

use super::cache::Recent;
use super::run::Fired;
use super::trace::Trail;
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

/// Never shows a value.
impl std::fmt::Debug for Scratch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scratch")
    }
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

/// What an evaluation works with that makes values. It is handed over from request to request, so it is small: most
/// programs need none of the rare parts.
#[derive(Default)]
pub(super) struct Memory<'a> {
    pub(super) store: Store<'a>,
    pub(super) stack: Vec<Val<'a>>,
    /// Registers beyond the first [`REGISTERS`].
    pub(super) registers: Vec<Val<'a>>,
    /// One of it, or none.
    rare: Vec<Rare<'a>>,
}

/// Registers that need no memory.
pub(super) const REGISTERS: usize = 16;

/// What only some evaluations work with.
#[derive(Default)]
pub(super) struct Rare<'a> {
    /// The parameters of lambdas around the innermost one.
    pub(super) locals: Vec<(usize, Val<'a>)>,
    pub(super) lets: Vec<Option<Val<'a>>>,
    pub(super) chains: Vec<ChainState>,
    /// Writes of one claim, and where those of the whole and of each member end.
    pub(super) fired: Vec<Fired<'a>>,
    pub(super) ends: Vec<usize>,
    /// Scopes that statements add, remove and keep; each limit ends somewhere among the latter.
    pub(super) added: Vec<Val<'a>>,
    pub(super) removed: Vec<Val<'a>>,
    pub(super) limited: Vec<Val<'a>>,
    pub(super) limits: Vec<usize>,
    /// The scopes of the token, where they are not those of the request.
    pub(super) settled: Vec<Val<'a>>,
}

impl<'a> Memory<'a> {
    /// What few programs need, if it was needed.
    #[inline]
    pub(super) fn known(&self) -> Option<&Rare<'a>> {
        self.rare.first()
    }

    /// What few programs need; it is always there.
    #[inline]
    pub(super) fn rare(&mut self) -> Option<&mut Rare<'a>> {
        if self.rare.is_empty() {
            self.rare.push(Rare::default());
        }
        self.rare.first_mut()
    }

    /// Takes out what few programs need; it has to be put back.
    pub(super) fn take_rare(&mut self) -> Rare<'a> {
        self.rare.pop().unwrap_or_default()
    }

    /// Puts it back.
    pub(super) fn put_rare(&mut self, rare: Rare<'a>) {
        self.rare.push(rare);
    }

    /// The parameter of a lambda around the innermost one.
    pub(super) fn outer(&self, index: usize) -> Option<Val<'a>> {
        let found = self.known()?.locals.iter().rev().find(|(local, _)| *local == index);
        found.map(|(_, val)| *val)
    }

    /// A lambda begins within the one with this parameter.
    pub(super) fn enter(&mut self, outer: (usize, Val<'a>)) {
        self.rare().into_iter().for_each(|rare| rare.locals.push(outer));
    }

    /// It ends.
    pub(super) fn leave(&mut self) {
        self.rare().into_iter().for_each(|rare| {
            rare.locals.pop();
        });
    }

    /// The same memory, empty, for any other request. The other way round nothing has to be done: what holds nothing
    /// borrows nothing.
    #[inline]
    pub(super) fn emptied(self) -> Memory<'static> {
        let Memory { store, stack, registers, rare } = self;
        Memory {
            store: store.emptied(),
            stack: emptied(stack),
            registers: emptied(registers),
            rare: if rare.is_empty() { Vec::new() } else { rare.into_iter().map(Rare::emptied).collect() },
        }
    }
}

impl Rare<'_> {
    fn emptied(self) -> Rare<'static> {
        let Rare { locals, lets, chains, fired, ends, added, removed, limited, limits, settled } = self;
        Rare {
            locals: emptied(locals),
            lets: emptied(lets),
            chains: emptied(chains),
            fired: emptied(fired),
            ends: emptied(ends),
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

/// The claims of each token as a JSON object.
#[derive(Default)]
pub(super) struct Objects {
    /// The tokens that have claims.
    pub(super) opened: Tokens,
    /// Of the other tokens, what is left of an earlier answer.
    texts: [String; Token::ALL.len()],
}

impl Objects {
    /// The claims of a token, which begin with a brace.
    #[inline]
    pub(super) fn object(&mut self, token: Token) -> Option<&mut String> {
        let claims = self.texts.get_mut(token as usize)?;
        if !self.opened.contains(token) {
            self.opened = self.opened.with(token);
            claims.clear();
            claims.push('{');
        }
        Some(claims)
    }

    /// The claims of a token, as far as they are written.
    #[inline]
    pub(super) fn text(&self, token: Token) -> &str {
        let text = self.texts.get(token as usize).filter(|_| self.opened.contains(token));
        text.map_or("{}", String::as_str)
    }

    /// Ends all objects; a comma stands behind each claim.
    #[inline]
    pub(super) fn end(&mut self) {
        for (token, claims) in Token::ALL.iter().zip(&mut self.texts) {
            if self.opened.contains(*token) {
                if claims.len() > 1 {
                    claims.pop();
                }
                claims.push('}');
            }
        }
    }
}

/// What an evaluation gives.
#[derive(Default)]
pub(super) struct Output {
    /// The tokens that there are.
    pub(super) given: Tokens,
    pub(super) objects: Objects,
    pub(super) removed: Vec<(Arc<str>, Tokens)>,
    /// Claims of OpenID Connect that are written.
    pub(super) standard: Vec<(&'static str, Tokens)>,
    /// Scopes, one behind the other, and where each ends; where statements or a refresh changed them.
    pub(super) scopes: String,
    pub(super) scope_ends: Vec<usize>,
    /// Text that is on its way.
    pub(super) spare: String,
    /// What the reference engine issued, where it had to decide.
    pub(super) exact: Option<Issued>,
    /// Which statements did what, where that was asked for.
    pub(super) trail: Trail,
}

impl Output {
    /// The scopes, where they are not those of the request.
    pub(super) fn changed_scopes(&self) -> Texts<'_> {
        Texts::ending(&self.scopes, &self.scope_ends)
    }

    #[inline]
    pub(super) fn clear(&mut self) {
        self.given = Tokens::NONE;
        self.objects.opened = Tokens::NONE;
        self.standard.clear();
        self.scopes.clear();
        self.scope_ends.clear();
        if !self.removed.is_empty() || self.exact.is_some() || self.trail.is_noted() {
            self.forget();
        }
    }

    /// What few answers have.
    #[cold]
    fn forget(&mut self) {
        self.removed.clear();
        self.exact = None;
        self.trail.clear();
    }
}
