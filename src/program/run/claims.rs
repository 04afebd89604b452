//! What the writes of all statements make of each claim.

use super::Run;
use super::light::sized;
use super::strongest::{Strongest, is_same};
use crate::ast::Level;
use crate::ir::Action;
use crate::program::plan::{ClaimPlan, Guards, Origin, Reach, WritePlan};
use crate::program::sink::Sink;
use crate::program::value::{Bail, Val};
use crate::standard::{Token, Tokens};
use crate::value::{Object, Value};

/// A write that fired.
#[derive(Debug, Clone, Copy)]
pub(in crate::program) struct Fired<'a> {
    level: Level,
    reach: Reach,
    val: Val<'a>,
}

impl<'a> Run<'a> {
    pub(super) fn issue_claims<S: Sink>(&mut self, sink: &mut S) -> Result<(), Bail> {
        let program = self.frame.program;
        for plan in &program.claims {
            match (&plan.only, plan.about.common) {
                (Some(write), _) => self.issue_only(plan, write, sink)?,
                (None, Some(reach)) => self.issue_strongest(plan, reach, sink)?,
                (None, None) => self.issue_claim(plan, sink)?,
            }
        }
        Ok(())
    }

    fn issue_only<S: Sink>(
        &mut self,
        plan: &'a ClaimPlan,
        write: &'a WritePlan,
        sink: &mut S,
    ) -> Result<(), Bail> {
        if !self.is_open(write)? {
            return self.frame.demand(&write.origin);
        }
        if !matches!(write.origin, Origin::Value) {
            return self.frame.put(plan, write, sink);
        }
        let val = self.written(write)?;
        let store = &self.memory.store;
        let val = sized(write, val, store)?;
        if !matches!(val, Val::Absent | Val::NoUser) {
            sink.claim(plan, write.reach, val, store);
        }
        Ok(())
    }

    /// Whether a write acts.
    #[inline]
    fn is_open(&mut self, write: &'a WritePlan) -> Result<bool, Bail> {
        let passes = match &write.guards {
            Guards::None => true,
            Guards::One(guard) => self.passes(guard)?,
            Guards::Many(guards) => self.pass(guards)?,
        };
        Ok(passes && (!self.frame.is_delegated || write.mentions_actor))
    }

    fn written(&mut self, write: &'a WritePlan) -> Result<Val<'a>, Bail> {
        let program = self.frame.program;
        match program.unit.statements.get(write.statement).map(|one| &one.action) {
            Some(Action::Write { value, .. }) => self.value(value),
            _ => Err(Bail),
        }
    }

    fn fired(&mut self, write: &'a WritePlan) -> Result<Option<Fired<'a>>, Bail> {
        if !self.is_open(write)? {
            self.frame.demand(&write.origin)?;
            return Ok(None);
        }
        let val = match &write.origin {
            Origin::Value => self.written(write)?,
            origin => self.frame.value(origin)?,
        };
        Ok(match sized(write, val, &self.memory.store)? {
            Val::Absent | Val::NoUser => None,
            val => Some(Fired { level: write.level, reach: write.reach, val }),
        })
    }

    /// A claim that several statements write into the same tokens: the strongest of them decides.
    fn issue_strongest<S: Sink>(
        &mut self,
        plan: &'a ClaimPlan,
        reach: Reach,
        sink: &mut S,
    ) -> Result<(), Bail> {
        let mut strongest = Strongest::default();
        for write in &plan.about.writes {
            if let Some(Fired { level, val, .. }) = self.fired(write)? {
                strongest.add(level, val, &self.memory.store)?;
                sink.fired(plan, None, write);
            }
        }
        if let Some(val) = strongest.val() {
            sink.claim(plan, reach, val, &self.memory.store);
        }
        Ok(())
    }

    /// A claim that several statements are about.
    #[cold]
    fn issue_claim<S: Sink>(&mut self, plan: &'a ClaimPlan, sink: &mut S) -> Result<(), Bail> {
        let mut removed = Tokens::NONE;
        for (statement, tokens) in &plan.about.removals {
            if self.fires(*statement)? {
                removed = removed.or(*tokens);
                sink.removes(plan, *statement, *tokens);
            }
        }
        if !removed.is_empty() {
            sink.removed(&plan.about.name, removed);
        }
        let rare = self.memory.rare().ok_or(Bail)?;
        let (mut fired, mut ends) = (std::mem::take(&mut rare.fired), std::mem::take(&mut rare.ends));
        fired.clear();
        ends.clear();
        let whole = std::iter::once((None, &plan.about.writes));
        let members = plan.about.members.iter().enumerate();
        for (member, writes) in whole.chain(members.map(|(index, member)| (Some(index), &member.writes))) {
            for write in writes {
                if let Some(one) = self.fired(write)? {
                    fired.push(one);
                    sink.fired(plan, member, write);
                }
            }
            ends.push(fired.len());
        }
        for token in self.frame.program.tokens() {
            // Also where it is removed, values have to agree.
            let val = self.decided(plan, &fired, &ends, token)?.filter(|_| !removed.contains(token));
            if let Some(val) = val {
                sink.claim(plan, Reach::One(token), val, &self.memory.store);
            }
        }
        let rare = self.memory.rare().ok_or(Bail)?;
        (rare.fired, rare.ends) = (fired, ends);
        Ok(())
    }

    /// The value of a claim in a token.
    fn decided(
        &mut self,
        plan: &'a ClaimPlan,
        fired: &[Fired<'a>],
        ends: &[usize],
        token: Token,
    ) -> Result<Option<Val<'a>>, Bail> {
        let mut parts = ends.iter().scan(0, |start, end| {
            let part = fired.get(*start..*end).unwrap_or_default();
            *start = *end;
            Some(part)
        });
        let whole = self.strongest(parts.next().unwrap_or_default(), token)?;
        let mut object: Option<Object> = None;
        for (member, part) in plan.about.members.iter().zip(parts) {
            if let Some(val) = self.strongest(part, token)? {
                let value = self.memory.store.to_value(val).ok_or(Bail)?;
                object.get_or_insert_default().insert(member.name.clone(), value);
            }
        }
        match (whole, object) {
            // Which of them may stand beside each other is not decided here.
            (Some(_), Some(_)) => Err(Bail),
            (whole, None) => Ok(whole),
            (None, Some(members)) => self.memory.store.adopt(Value::object(members)).map(Some),
        }
    }

    /// The value that decides among the writes of one claim or member in a token. Values of one level have to be the
    /// same, digit for digit.
    fn strongest(&mut self, fired: &[Fired<'a>], token: Token) -> Result<Option<Val<'a>>, Bail> {
        let of = |level: Level| {
            fired.iter().filter(move |write| write.level == level && write.reach.contains(token))
        };
        let first = |level: Level| of(level).next();
        for level in [Level::Default, Level::Add, Level::Override] {
            let store = &self.memory.store;
            let is_same =
                |other: &Fired<'a>| first(level).is_some_and(|first| is_same(store, first.val, other.val));
            if !of(level).all(is_same) {
                return Err(Bail);
            }
        }
        let single = first(Level::Override).or_else(|| first(Level::Add));
        match (single, first(Level::Append)) {
            (Some(_), Some(_)) => Err(Bail),
            (Some(single), None) => Ok(Some(single.val)),
            (None, Some(_)) => {
                let stack = self.memory.stack.len();
                for list in of(Level::Append) {
                    self.stack_texts(list.val)?;
                }
                self.union(stack).map(Some)
            }
            (None, None) => Ok(first(Level::Default).map(|write| write.val)),
        }
    }

    /// Puts the texts of a list onto the stack.
    fn stack_texts(&mut self, list: Val<'a>) -> Result<(), Bail> {
        for index in 0..self.memory.store.count(list).ok_or(Bail)? {
            let element = self.memory.store.element(list, index).ok_or(Bail)?;
            self.memory.store.text(element).ok_or(Bail)?;
            self.memory.stack.push(element);
        }
        Ok(())
    }

    /// The texts on the stack from a place on, each once, sorted; takes them off.
    fn union(&mut self, stack: usize) -> Result<Val<'a>, Bail> {
        let store = &mut self.memory.store;
        let items = self.memory.stack.get_mut(stack..).unwrap_or_default();
        items.sort_unstable_by(|a, b| store.text(*a).cmp(&store.text(*b)));
        let start = store.elements.len();
        for item in items.iter() {
            let last = store.elements.get(start..).and_then(<[Val<'a>]>::last).copied();
            if last.is_none_or(|last| store.text(last) != store.text(*item)) {
                store.elements.push(*item);
            }
        }
        self.memory.stack.truncate(stack);
        self.memory.store.listed_since(start)
    }

    /// The shortest lifetime that a statement sets; a denial is left to the reference engine.
    pub(super) fn lifetime(&mut self) -> Result<Option<i64>, Bail> {
        let program = self.frame.program;
        let mut shortest: Option<i64> = None;
        for index in &program.others {
            if !self.fires(*index)? {
                continue;
            }
            match program.unit.statements.get(*index).map(|one| &one.action) {
                Some(Action::LimitLifetime(value)) => {
                    let value = self.value(value)?;
                    let seconds = self.memory.store.int(value).filter(|seconds| *seconds > 0).ok_or(Bail)?;
                    shortest = Some(shortest.map_or(seconds, |other| other.min(seconds)));
                }
                _ => return Err(Bail),
            }
        }
        Ok(shortest)
    }
}
