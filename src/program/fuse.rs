//! Values of frequent forms, which are read, put together and written in one go: a copy of an attribute, perhaps with a
//! constant in its place, and templates.
//!
//! An attribute that nothing else reads needs no register: whoever writes it reads it.

use super::bind::{Listed, Read, Source};
use super::plan::{Fetch, Origin, Part};
use crate::builtins::Quick;
use crate::ir::{Expr, ExprKind, SlotId};
use crate::value::Value;

/// The sources that are not taken yet.
pub(super) struct Fuse {
    sources: Vec<Option<Source>>,
    /// How often each register is used.
    uses: Vec<usize>,
}

impl Fuse {
    pub(super) fn new(sources: Vec<Source>, uses: Vec<usize>) -> Self {
        Fuse { sources: sources.into_iter().map(Some).collect(), uses }
    }

    /// The sources that are left, with their registers: what somebody reads, or what may be wrong.
    pub(super) fn left(self, reads_scopes: bool) -> Vec<(usize, Source)> {
        let is_used = |register: usize| self.uses.get(register).is_some_and(|count| *count > 0);
        let left = self.sources.into_iter().enumerate();
        let left = left.filter_map(|(register, source)| Some((register, source?)));
        left.filter(|(register, source)| match source {
            Source::Constant(_) | Source::Absent | Source::NoUser => is_used(*register),
            Source::Listed(Listed::Scopes, _) => reads_scopes,
            _ => true,
        })
        .collect()
    }

    /// Where the value of a write comes from.
    pub(super) fn origin(&mut self, value: &Expr) -> Origin {
        match &*value.kind {
            ExprKind::Slot(register) => Origin::Copy(self.fetch(*register)),
            ExprKind::Coalesce(operands) => match operands.as_slice() {
                [first, second] => match (&*first.kind, &*second.kind) {
                    (ExprKind::Slot(register), ExprKind::Literal(value)) => {
                        Origin::Or(self.fetch(*register), Box::new(value.clone()))
                    }
                    _ => Origin::Value,
                },
                _ => Origin::Value,
            },
            ExprKind::Template(parts) if parts.iter().all(|part| self.part(part, false).is_some()) => {
                Origin::Template(parts.iter().filter_map(|part| self.part(part, true)).collect())
            }
            _ => Origin::Value,
        }
    }

    /// A part of a template, if its form is a frequent one; only then are sources taken, if they are.
    fn part(&mut self, part: &Expr, takes: bool) -> Option<Part> {
        let mut fetch = |register: SlotId| {
            if takes { self.fetch(register) } else { Fetch::Register(register.index()) }
        };
        Some(match &*part.kind {
            ExprKind::Literal(Value::String(text)) => Part::Literal(text.clone()),
            ExprKind::Slot(register) => Part::Copy(fetch(*register)),
            ExprKind::Call { builtin, receiver, arguments, .. } if arguments.is_empty() => {
                match (&*receiver.kind, builtin.quick()) {
                    (ExprKind::Slot(register), Some(Quick::Made(make))) => Part::Made(make, fetch(*register)),
                    _ => return None,
                }
            }
            _ => return None,
        })
    }

    fn fetch(&mut self, register: SlotId) -> Fetch {
        let index = register.index();
        let is_only = self.uses.get(index) == Some(&1);
        match self.sources.get_mut(index) {
            Some(source @ Some(Source::Plain(_))) if is_only => match source.take() {
                Some(Source::Plain(read)) => Fetch::Attribute(read),
                _ => Fetch::Register(index),
            },
            _ => Fetch::Register(index),
        }
    }
}

impl Origin {
    /// The attributes that are read with it.
    pub(super) fn attributes(&self) -> impl Iterator<Item = &Read> {
        let (one, parts) = match self {
            Origin::Copy(fetch) | Origin::Or(fetch, _) => (Some(fetch), None),
            Origin::Template(parts) => (None, Some(parts)),
            Origin::Constant(..) | Origin::Value => (None, None),
        };
        let parts = parts.into_iter().flatten().filter_map(|part| match part {
            Part::Copy(fetch) | Part::Made(_, fetch) => Some(fetch),
            Part::Literal(_) => None,
        });
        one.into_iter().chain(parts).filter_map(|fetch| match fetch {
            Fetch::Attribute(read) => Some(read),
            Fetch::Register(_) => None,
        })
    }
}
