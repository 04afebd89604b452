//! Which statements wrote the claims of an answer, for those who keep a record of it.

use std::sync::Arc;

use super::bind::TextsLimit;
use super::cache::{Held, Labels};
use super::plan::{ClaimPlan, Reach, WritePlan};
use super::scratch::Output;
use super::sink::{Build, Bytes, Pieces, Sink};
use super::value::{Bail, Store, Val};
use crate::ast::Level;
use crate::eval::{ClaimTrace, RuleName};
use crate::input::Texts;
use crate::standard::{Token, Tokens};
use crate::value::Value;

/// A statement that had a part in a claim of an issued token: see [`Issue::traces`](super::Issue::traces).
#[derive(Debug, Clone, Copy)]
pub struct Trace<'s> {
    /// The token.
    pub token: Token,
    /// The claim.
    pub claim: &'s str,
    /// The statement.
    pub rule: &'s RuleName,
    /// Whether it suppresses the claim; else it wrote it, or a part of it, or the same as others.
    pub is_removal: bool,
}

/// What is known of the statements of an answer.
#[derive(Default)]
pub(super) struct Trail {
    /// The program that decided, as the thread has it: the count of the program is everybody's.
    program: Option<Arc<Labels>>,
    steps: Vec<Step>,
    /// Writes of one claim that act.
    fired: Vec<Fired>,
    /// The same from the reference engine.
    exact: Vec<ClaimTrace>,
}

/// What a statement did, by numbers of the program.
#[derive(Clone, Copy)]
struct Step {
    claim: usize,
    statement: usize,
    tokens: Tokens,
    is_removal: bool,
}

#[derive(Clone, Copy)]
struct Fired {
    claim: usize,
    member: Option<usize>,
    level: Level,
    tokens: Tokens,
    statement: usize,
}

impl Trail {
    /// Whether anything is known.
    #[inline]
    pub(super) fn is_noted(&self) -> bool {
        self.program.is_some() || !self.exact.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.program = None;
        self.steps.clear();
        self.fired.clear();
        self.exact.clear();
    }

    /// What the reference engine says.
    pub(super) fn set_exact(&mut self, traces: Vec<ClaimTrace>) {
        self.exact = traces;
    }

    /// Everything, one statement of one claim of one token after the other.
    pub(super) fn traces(&self) -> impl Iterator<Item = Trace<'_>> {
        let program = self.program.as_deref().map(|labels| &*labels.program);
        let steps = self.steps.iter().filter_map(move |step| {
            let program = program?;
            Some((step, &*program.claims.get(step.claim)?.about.name, program.rules.get(step.statement)?))
        });
        let by_program = steps.flat_map(|(step, claim, rule)| {
            let is_removal = step.is_removal;
            step.tokens.iter().map(move |token| Trace { token, claim, rule, is_removal })
        });
        let exact = self.exact.iter().flat_map(|trace| {
            let written = trace.written_by.iter().map(|rule| (rule, false));
            let all = written.chain(trace.removed_by.iter().map(|rule| (rule, true)));
            all.map(|(rule, is_removal)| Trace { token: trace.token, claim: &trace.name, rule, is_removal })
        });
        by_program.chain(exact)
    }

    /// A claim is written into these tokens.
    fn write(&mut self, plan: &ClaimPlan, reach: Reach) {
        let (claim, tokens) = (plan.about.number, reach.tokens());
        if let Some(write) = &plan.only {
            self.steps.push(Step { claim, statement: write.statement, tokens, is_removal: false });
            return;
        }
        for token in tokens.iter() {
            // All of them are about this claim.
            for one in self.fired.iter().filter(|one| one.tokens.contains(token)) {
                let is_beaten = |other: &Fired| {
                    other.member == one.member && other.tokens.contains(token) && other.level > one.level
                };
                if !self.fired.iter().any(is_beaten) {
                    let (statement, tokens) = (one.statement, Tokens::of(token));
                    self.steps.push(Step { claim, statement, tokens, is_removal: false });
                }
            }
        }
    }
}

/// Writes claims as bytes, and notes which statements they come from.
pub(super) struct Traced<'o>(Bytes<'o>);

impl<'o> Traced<'o> {
    pub(super) fn new(output: &'o mut Output, held: &Held) -> Self {
        let bytes = Bytes::new(output, held.program.given);
        bytes.output.trail.program = Some(held.labels().clone());
        Traced(bytes)
    }

    fn write(&mut self, plan: &ClaimPlan, reach: Reach) {
        self.0.output.trail.write(plan, reach);
    }
}

impl Sink for Traced<'_> {
    fn claim<'a>(&mut self, plan: &ClaimPlan, reach: Reach, val: Val<'a>, store: &Store<'a>) {
        self.write(plan, reach);
        self.0.claim(plan, reach, val, store);
    }

    fn text(&mut self, plan: &ClaimPlan, reach: Reach, text: &str) {
        self.write(plan, reach);
        self.0.text(plan, reach, text);
    }

    fn string(&mut self, plan: &ClaimPlan, reach: Reach, text: &str, value: &Value) {
        self.write(plan, reach);
        self.0.string(plan, reach, text, value);
    }

    fn texts(&mut self, plan: &ClaimPlan, reach: Reach, texts: (Texts<'_>, TextsLimit)) -> Result<(), Bail> {
        self.write(plan, reach);
        self.0.texts(plan, reach, texts)
    }

    fn built(&mut self, plan: &ClaimPlan, reach: Reach, build: impl Build) -> Result<(), Bail> {
        let mut is_there = false;
        self.0.built(plan, reach, Watched { build, is_there: &mut is_there })?;
        if is_there {
            self.write(plan, reach);
        }
        Ok(())
    }

    fn constant(&mut self, plan: &ClaimPlan, reach: Reach, value: &Value, member: &str) {
        self.write(plan, reach);
        self.0.constant(plan, reach, value, member);
    }

    fn removed(&mut self, name: &Arc<str>, tokens: Tokens) {
        self.0.removed(name, tokens);
    }

    fn scope(&mut self, scope: &str) {
        self.0.scope(scope);
    }

    fn fired(&mut self, plan: &ClaimPlan, member: Option<usize>, write: &WritePlan) {
        let (claim, tokens) = (plan.about.number, write.reach.tokens());
        let fired = &mut self.0.output.trail.fired;
        fired.retain(|one| one.claim == claim);
        fired.push(Fired { claim, member, level: write.level, tokens, statement: write.statement });
    }

    fn removes(&mut self, plan: &ClaimPlan, statement: usize, tokens: Tokens) {
        let claim = plan.about.number;
        self.0.output.trail.steps.push(Step { claim, statement, tokens, is_removal: true });
    }

    fn end(&mut self) {
        self.0.end();
    }
}

/// Tells whether what is built is there.
struct Watched<'w, B> {
    build: B,
    is_there: &'w mut bool,
}

impl<B: Build> Build for Watched<'_, B> {
    fn build(self, pieces: &mut impl Pieces) -> Result<bool, Bail> {
        *self.is_there = self.build.build(pieces)?;
        Ok(*self.is_there)
    }
}
