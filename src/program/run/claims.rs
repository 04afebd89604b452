//! What the writes of all statements make of each claim.

use super::Run;
use super::expr::MAX_BYTES;
use crate::ast::Level;
use crate::ir::Action;
use crate::program::sink::Sink;
use crate::program::value::{Bail, Store, Val};
use crate::program::{ClaimPlan, WritePlan};
use crate::standard::{Token, Tokens};
use crate::value::Object;

/// A write that fired.
#[derive(Debug, Clone, Copy)]
pub(in crate::program) struct Fired<'a> {
    level: Level,
    tokens: Tokens,
    val: Val<'a>,
    constant: Option<&'a str>,
}

impl Fired<'_> {
    /// For the memory of another request.
    pub(in crate::program) const NONE: Fired<'static> =
        Fired { level: Level::Add, tokens: Tokens::NONE, val: Val::Absent, constant: None };
}

impl<'a> Run<'a> {
    pub(super) fn issue_claims<S: Sink>(&mut self, sink: &mut S) -> Result<(), Bail> {
        let program = self.program;
        for plan in &program.claims {
            match (plan.writes.as_slice(), plan.members.as_slice(), plan.removals.as_slice()) {
                ([write], [], []) => {
                    if let Some(fired) = self.fired(write)? {
                        let val =
                            if fired.level == Level::Append { self.union(&[fired])? } else { fired.val };
                        let constant = fired.constant.filter(|_| fired.level != Level::Append);
                        sink.claim(plan, fired.tokens, val, constant, &self.memory.store);
                    }
                }
                _ => self.issue_claim(plan, sink)?,
            }
        }
        Ok(())
    }

    /// The value of a write, if it fires.
    fn fired(&mut self, write: &'a WritePlan) -> Result<Option<Fired<'a>>, Bail> {
        let program = self.program;
        if !self.fires(write.statement)? {
            return Ok(None);
        }
        let Some(Action::Write { value, or_deny, .. }) =
            program.unit.statements.get(write.statement).map(|one| &one.action)
        else {
            return Err(Bail);
        };
        match self.value(value)? {
            Val::NoUser => Ok(None),
            Val::Absent if or_deny.is_some() || write.level == Level::Override => Err(Bail),
            Val::Absent => Ok(None),
            val => {
                self.memory.store.json_bytes(val, MAX_BYTES).ok_or(Bail)?;
                let WritePlan { level, tokens, constant, .. } = write;
                Ok(Some(Fired { level: *level, tokens: *tokens, val, constant: constant.as_deref() }))
            }
        }
    }

    /// A claim that several statements are about.
    fn issue_claim<S: Sink>(&mut self, plan: &'a ClaimPlan, sink: &mut S) -> Result<(), Bail> {
        let mut removed = Tokens::NONE;
        for (statement, tokens) in &plan.removals {
            if self.fires(*statement)? {
                removed = removed.or(*tokens);
            }
        }
        if !removed.is_empty() {
            sink.removed(&plan.name, removed);
        }
        let mut fired = std::mem::take(&mut self.memory.fired);
        fired.clear();
        for write in &plan.writes {
            fired.extend(self.fired(write)?);
        }
        let whole = fired.len();
        let mut ends = std::mem::take(&mut self.memory.ends);
        ends.clear();
        for member in &plan.members {
            for write in &member.writes {
                fired.extend(self.fired(write)?);
            }
            ends.push(fired.len());
        }
        for token in self.program.tokens() {
            let of_whole = self.resolved(fired.get(..whole).unwrap_or_default(), token)?;
            let mut object = None;
            let mut start = whole;
            for (member, end) in plan.members.iter().zip(&ends) {
                let value = self.resolved(fired.get(start..*end).unwrap_or_default(), token)?;
                start = *end;
                if let Some((val, _)) = value {
                    let members: &mut Object = object.get_or_insert_default();
                    members.insert(member.name.clone(), self.memory.store.to_value(val).ok_or(Bail)?);
                }
            }
            let value = match (of_whole, object) {
                // Which of them may stand beside each other is not decided here.
                (Some(_), Some(_)) => return Err(Bail),
                (whole, None) => whole,
                (None, Some(members)) => {
                    Some((self.memory.store.adopt(crate::value::Value::object(members))?, None))
                }
            };
            if let Some((val, constant)) = value.filter(|_| !removed.contains(token)) {
                sink.claim(plan, Tokens::of(token), val, constant, &self.memory.store);
            }
        }
        self.memory.fired = fired;
        self.memory.ends = ends;
        Ok(())
    }

    /// The value that decides among the writes of one claim or member in a token. Values of one level have to be the
    /// same, digit for digit.
    #[expect(clippy::type_complexity, reason = "a value and the JSON text of a constant")]
    fn resolved(
        &mut self,
        fired: &[Fired<'a>],
        token: Token,
    ) -> Result<Option<(Val<'a>, Option<&'a str>)>, Bail> {
        let mut strongest: Option<Fired<'a>> = None;
        let mut is_appended = false;
        for write in fired.iter().filter(|write| write.tokens.contains(token)) {
            is_appended |= write.level == Level::Append;
            for other in fired.iter().filter(|other| other.tokens.contains(token)) {
                let is_same = || Self::is_same(&self.memory.store, write.val, other.val);
                match (write.level, other.level) {
                    (Level::Append, Level::Append) => {}
                    (Level::Append, Level::Add | Level::Override) => return Err(Bail),
                    (a, b) if a == b && !is_same() => return Err(Bail),
                    _ => {}
                }
            }
            let rank = |level| crate::program::build::LEVELS.iter().position(|one| *one == level);
            if strongest.is_none_or(|other| rank(write.level) < rank(other.level)) {
                strongest = Some(*write);
            }
        }
        let Some(strongest) = strongest else { return Ok(None) };
        if is_appended && strongest.level == Level::Append {
            let mut lists = std::mem::take(&mut self.memory.appended);
            lists.clear();
            lists.extend(fired.iter().filter(|one| one.tokens.contains(token) && one.level == Level::Append));
            let union = self.union(&lists);
            self.memory.appended = lists;
            return Ok(Some((union?, None)));
        }
        Ok(Some((strongest.val, strongest.constant)))
    }

    /// Whether two values are the same and spelled the same, as far as that is plain to see.
    fn is_same(store: &Store<'a>, a: Val<'a>, b: Val<'a>) -> bool {
        match (store.text(a), store.text(b)) {
            (Some(a), Some(b)) => a == b,
            (None, None) => match (a, b) {
                (Val::Value(a), Val::Value(b)) if std::ptr::eq(a, b) => true,
                (Val::List(a), Val::List(b)) if a == b => true,
                (Val::Owned(a), Val::Owned(b)) if a == b => true,
                _ => match (Store::bool(a), Store::bool(b)) {
                    (Some(a), Some(b)) => a == b,
                    (None, None) => {
                        matches!((a, b), (Val::Int(a), Val::Int(b)) if a == b)
                    }
                    _ => false,
                },
            },
            _ => false,
        }
    }

    /// The texts of all lists, each once, sorted.
    fn union(&mut self, lists: &[Fired<'a>]) -> Result<Val<'a>, Bail> {
        let stack = self.memory.stack.len();
        for list in lists {
            for index in 0..self.memory.store.count(list.val).ok_or(Bail)? {
                let element = self.memory.store.element(list.val, index).ok_or(Bail)?;
                self.memory.store.text(element).ok_or(Bail)?;
                self.memory.stack.push(element);
            }
        }
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
