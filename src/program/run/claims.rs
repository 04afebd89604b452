//! What the writes of all statements make of each claim.

use super::Run;
use crate::ast::Level;
use crate::eval::STEP_BYTES;
use crate::input::Reading;
use crate::ir::Action;
use crate::program::bind::Read;
use crate::program::plan::{ClaimPlan, Fetch, Guards, Origin, Part, WritePlan};
use crate::program::sink::Sink;
use crate::program::value::{Bail, MAX_BYTES, Store, Val, borrowed};
use crate::standard::{Token, Tokens};
use crate::value::{Object, Value};

/// A write that fired.
#[derive(Debug, Clone, Copy)]
pub(in crate::program) struct Fired<'a> {
    level: Level,
    tokens: Tokens,
    val: Val<'a>,
}

impl<'a> Run<'a> {
    pub(super) fn issue_claims<S: Sink>(&mut self, sink: &mut S) -> Result<(), Bail> {
        let program = self.program;
        for plan in &program.claims {
            let Some(write) = &plan.only else {
                match plan.about.common {
                    Some(tokens) => self.issue_strongest(plan, tokens, sink)?,
                    None => self.issue_claim(plan, sink)?,
                }
                continue;
            };
            if !self.is_open(write)? {
                self.demand(&write.origin)?;
                continue;
            }
            // What is frequent goes straight to the sink.
            match &write.origin {
                Origin::Constant(member, value) => sink.constant(plan, write.tokens, value, member),
                Origin::Copy(Fetch::Attribute(read)) | Origin::Or(Fetch::Attribute(read), _) => {
                    match self.input.read(&read.attribute) {
                        Reading::Text(text) if read.is_short(text) => sink.text(plan, write.tokens, text),
                        reading => self.issue_reading(plan, write, read, reading, sink)?,
                    }
                }
                Origin::Template(parts) => match self.put_together(parts)? {
                    // Its size is known.
                    Val::Made(span) => {
                        let text = self.memory.store.text.get(span.range()).ok_or(Bail)?;
                        sink.text(plan, write.tokens, text);
                    }
                    val => self.issue_value(plan, write, val, sink)?,
                },
                origin => {
                    let val = self.given(write, origin)?;
                    self.issue_value(plan, write, val, sink)?;
                }
            }
        }
        Ok(())
    }

    /// Writes a claim that is an attribute, and no short text.
    fn issue_reading<S: Sink>(
        &mut self,
        plan: &'a ClaimPlan,
        write: &'a WritePlan,
        read: &'a Read,
        reading: Reading<'a>,
        sink: &mut S,
    ) -> Result<(), Bail> {
        let val = match (read.passed(reading, &mut self.memory.store)?, &write.origin) {
            (Val::Absent, Origin::Or(_, otherwise)) => borrowed(otherwise),
            (val, _) => val,
        };
        self.issue_value(plan, write, val, sink)
    }

    /// Writes a claim, if there is a value.
    fn issue_value<S: Sink>(
        &mut self,
        plan: &'a ClaimPlan,
        write: &'a WritePlan,
        val: Val<'a>,
        sink: &mut S,
    ) -> Result<(), Bail> {
        let val = self.sized(write, val)?;
        if !matches!(val, Val::Absent | Val::NoUser) {
            sink.claim(plan, write.tokens, val, &self.memory.store);
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
        Ok(passes && (!self.is_delegated || write.mentions_actor))
    }

    /// Tests the attributes of a write that does not act: what a statement demands has to be right all the same.
    fn demand(&mut self, origin: &'a Origin) -> Result<(), Bail> {
        for read in origin.attributes() {
            self.attribute(read)?;
        }
        Ok(())
    }

    #[inline]
    fn fetch(&mut self, fetch: &'a Fetch) -> Result<Val<'a>, Bail> {
        match fetch {
            Fetch::Attribute(read) => self.attribute(read),
            Fetch::Register(index) => self.register(*index),
        }
    }

    /// The value of a write.
    fn given(&mut self, write: &'a WritePlan, origin: &'a Origin) -> Result<Val<'a>, Bail> {
        match origin {
            Origin::Constant(_, value) => Ok(borrowed(value)),
            Origin::Copy(from) => self.fetch(from),
            Origin::Or(from, otherwise) => match self.fetch(from)? {
                Val::Absent => Ok(borrowed(otherwise)),
                val => Ok(val),
            },
            Origin::Template(parts) => self.put_together(parts),
            Origin::Value => self.written(write),
        }
    }

    /// The value of a write, if it is not too large; nothing where it does not fire.
    #[inline]
    fn sized(&mut self, write: &'a WritePlan, val: Val<'a>) -> Result<Val<'a>, Bail> {
        match val {
            // Text is small nearly always; the others were looked at before.
            Val::Text(text) if text.len() < MAX_BYTES / 2 => Ok(val),
            Val::Made(span) if span.range().len() < MAX_BYTES / 2 => Ok(val),
            Val::Absent if write.must_be_there => Err(Bail),
            Val::Bool(_) | Val::Int(_) | Val::Items(_) | Val::Absent | Val::NoUser => Ok(val),
            val => self.memory.store.json_bytes(val, MAX_BYTES).map(|_| val).ok_or(Bail),
        }
    }

    /// Text out of parts, as templates of any form are put together.
    fn put_together(&mut self, parts: &'a [Part]) -> Result<Val<'a>, Bail> {
        let start = self.memory.store.text.len();
        let mut lack = None;
        for part in parts {
            let (val, with) = match part {
                Part::Literal(text) => {
                    self.memory.store.text.push_str(text);
                    continue;
                }
                Part::Copy(from) => (self.fetch(from)?, None),
                Part::Made(with, from) => (self.fetch(from)?, Some(with)),
            };
            match (val, with) {
                (Val::NoUser, _) => lack = Some(Val::NoUser),
                (Val::Absent, _) => lack = lack.or(Some(Val::Absent)),
                (val, None) => self.append(val),
                (val, Some(with)) => {
                    let text = val.as_borrowed().ok_or(Bail)?;
                    let made = self.memory.store.made(*with, text)?;
                    self.spend(text.len() / STEP_BYTES)?;
                    match made {
                        Val::Absent => lack = lack.or(Some(Val::Absent)),
                        made => self.spend_reading(made)?,
                    }
                }
            }
        }
        if let Some(lack) = lack {
            return Ok(lack);
        }
        let made = self.memory.store.made_since(start)?;
        self.built(made)
    }

    fn written(&mut self, write: &'a WritePlan) -> Result<Val<'a>, Bail> {
        let program = self.program;
        match program.unit.statements.get(write.statement).map(|one| &one.action) {
            Some(Action::Write { value, .. }) => self.value(value),
            _ => Err(Bail),
        }
    }

    fn fired(&mut self, write: &'a WritePlan) -> Result<Option<Fired<'a>>, Bail> {
        if !self.is_open(write)? {
            self.demand(&write.origin)?;
            return Ok(None);
        }
        let val = self.given(write, &write.origin)?;
        Ok(match self.sized(write, val)? {
            Val::Absent | Val::NoUser => None,
            val => Some(Fired { level: write.level, tokens: write.tokens, val }),
        })
    }

    /// A claim that several statements write into the same tokens: the strongest of them decides. Values of one level
    /// have to be the same.
    fn issue_strongest<S: Sink>(
        &mut self,
        plan: &'a ClaimPlan,
        tokens: Tokens,
        sink: &mut S,
    ) -> Result<(), Bail> {
        let (mut by_default, mut added, mut overriding) = (None, None, None);
        for write in &plan.about.writes {
            let Some(Fired { level, val, .. }) = self.fired(write)? else { continue };
            let known = match level {
                Level::Default => &mut by_default,
                Level::Add => &mut added,
                Level::Override => &mut overriding,
                Level::Append => return Err(Bail),
            };
            match *known {
                Some(known) if !is_same(&self.memory.store, known, val) => return Err(Bail),
                _ => *known = Some(val),
            }
        }
        if let Some(val) = overriding.or(added).or(by_default) {
            sink.claim(plan, tokens, val, &self.memory.store);
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
            }
        }
        if !removed.is_empty() {
            sink.removed(&plan.about.name, removed);
        }
        let rare = self.memory.rare().ok_or(Bail)?;
        let (mut fired, mut ends) = (std::mem::take(&mut rare.fired), std::mem::take(&mut rare.ends));
        fired.clear();
        ends.clear();
        for write in &plan.about.writes {
            fired.extend(self.fired(write)?);
        }
        ends.push(fired.len());
        for member in &plan.about.members {
            for write in &member.writes {
                fired.extend(self.fired(write)?);
            }
            ends.push(fired.len());
        }
        for token in self.program.tokens() {
            // Also where it is removed, values have to agree.
            let val = self.decided(plan, &fired, &ends, token)?.filter(|_| !removed.contains(token));
            if let Some(val) = val {
                sink.claim(plan, Tokens::of(token), val, &self.memory.store);
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
            fired.iter().filter(move |write| write.level == level && write.tokens.contains(token))
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
        let program = self.program;
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

/// Whether two values are the same and spelled the same, as far as that is plain to see.
fn is_same<'a>(store: &Store<'a>, a: Val<'a>, b: Val<'a>) -> bool {
    if let (Some(a), Some(b)) = (store.text(a), store.text(b)) {
        return a == b;
    }
    match (a, b) {
        (Val::Value(a), Val::Value(b)) if std::ptr::eq(a, b) => true,
        (Val::List(a), Val::List(b)) => a == b,
        (Val::Owned(a), Val::Owned(b)) => a == b,
        (Val::Items(a), Val::Items(b)) => a.is_same(b),
        (Val::Int(a), Val::Int(b)) => a == b,
        _ => matches!((Store::bool(a), Store::bool(b)), (Some(a), Some(b)) if a == b),
    }
}
