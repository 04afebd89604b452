//! The scopes of the token: what statements add, take away and limit, and what a refresh may not exceed.

use super::Run;
use crate::input::MANY;
use crate::ir::Action;
use crate::program::bind::{Listed, Source};
use crate::program::sink::Sink;
use crate::program::value::{Bail, Val};
use crate::standard::{Grant, is_scope_token};

impl<'a> Run<'a> {
    /// Settles the scopes; tells whether they are others than those of the request.
    pub(super) fn settle_scopes<S: Sink>(&mut self, sink: &mut S) -> Result<bool, Bail> {
        let (program, asked) = (self.frame.program, self.frame.asked);
        let original = asked
            .original
            .and_then(|original| original.scopes)
            .filter(|_| asked.grant == Grant::RefreshToken);
        for index in &program.scopes {
            self.change(*index)?;
        }
        if original.is_none() && program.scopes.is_empty() {
            return Ok(false);
        }
        let mut rare = self.memory.take_rare();
        let mut known = 0;
        let (changes, store) = (&mut rare, &self.memory.store);
        let text = |val: &Val<'a>| store.text(*val);
        changes.added.sort_unstable_by(|a, b| text(a).cmp(&text(b)));
        changes.added.dedup_by(|a, b| text(a) == text(b));
        let is_new = |val: &&Val<'a>| text(val).is_some_and(|scope| !asked.scopes.contains(scope));
        let granted = asked.scopes.iter().map(Val::Text);
        for scope in granted.chain(changes.added.iter().filter(is_new).copied()) {
            let Some(name) = store.text(scope) else { continue };
            let mut start = 0;
            let is_within = changes.limits.iter().all(|end| {
                let limit = changes.limited.get(start..*end).unwrap_or_default();
                start = *end;
                limit.iter().any(|one| text(one) == Some(name))
            });
            let is_removed = changes.removed.iter().any(|one| text(one) == Some(name));
            if is_within && !is_removed && original.is_none_or(|original| original.contains(name)) {
                changes.settled.push(scope);
                known |= program.known(name);
                sink.scope(name);
            }
        }
        (self.frame.scopes, self.frame.scope_count) = (known, rare.settled.len());
        self.memory.put_rare(rare);
        Ok(true)
    }

    /// Carries out a statement about scopes.
    fn change(&mut self, index: usize) -> Result<(), Bail> {
        let program = self.frame.program;
        if !self.fires(index)? {
            return Ok(());
        }
        let action = &program.unit.statements.get(index).ok_or(Bail)?.action;
        let value = self.value(action.value().ok_or(Bail)?)?;
        if matches!(value, Val::Absent | Val::NoUser) {
            return if matches!(action, Action::AddScope(_)) { Ok(()) } else { Err(Bail) };
        }
        let mut changes = self.memory.take_rare();
        let store = &self.memory.store;
        let into = match action {
            Action::AddScope(_) => &mut changes.added,
            Action::RemoveScope(_) => &mut changes.removed,
            _ => &mut changes.limited,
        };
        let mut add = |scope: Val<'a>| match store.text(scope) {
            Some(text) if !is_scope_token(text) => Err(Bail),
            Some(_) => {
                into.push(scope);
                Ok(())
            }
            None => Ok(()),
        };
        match store.count(value) {
            Some(count) => {
                (0..count).filter_map(|index| store.element(value, index)).try_for_each(&mut add)?;
            }
            None => add(value)?,
        }
        if into.len() > MANY {
            return Err(Bail);
        }
        if matches!(action, Action::LimitScopes(_)) {
            let end = changes.limited.len();
            changes.limits.push(end);
        }
        self.memory.put_rare(changes);
        Ok(())
    }

    /// Gives the settled scopes to the registers that read them.
    pub(super) fn bind_scopes(&mut self) -> Result<(), Bail> {
        for (register, source) in &self.frame.program.sources {
            let Source::Listed(Listed::Scopes, test) = source else { continue };
            let rare = self.memory.take_rare();
            let store = &mut self.memory.store;
            let start = store.elements.len();
            if self.has_own_scopes {
                store.elements.extend_from_slice(&rare.settled);
            } else {
                store.elements.extend(self.frame.asked.scopes.iter().map(Val::Text));
            }
            self.memory.put_rare(rare);
            let store = &self.memory.store;
            let list = store.listed_since(start)?;
            let texts = store.elements.get(start..).unwrap_or_default().iter();
            if !test.fit(texts.map(|one| store.text(*one).unwrap_or_default())) {
                return Err(Bail);
            }
            self.set_register(*register, list);
        }
        Ok(())
    }
}
