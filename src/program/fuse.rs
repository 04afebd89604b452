//! Values of frequent forms, which are read, put together and written in one go: a copy of an attribute, perhaps with a
//! constant in its place, and templates.
//!
//! An attribute that nothing else reads needs no register: whoever writes it reads it.

use super::bind::{Listed, Read, Source};
use super::plan::{Fetch, Origin, Part};
use super::scratch::REGISTERS;
use crate::builtins::Quick;
use crate::ir::{Expr, ExprKind, SlotId};
use crate::value::{Value, write_json_text};

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
        self.frequent(value).unwrap_or(Origin::Value)
    }

    fn frequent(&mut self, value: &Expr) -> Option<Origin> {
        match &*value.kind {
            ExprKind::Slot(register) => self.fetch(*register).map(Origin::Copy),
            ExprKind::Coalesce(operands) => match operands.as_slice() {
                [first, second] => match (&*first.kind, &*second.kind) {
                    (ExprKind::Slot(register), ExprKind::Literal(value)) => {
                        Some(Origin::Or(self.fetch(*register)?, Box::new(value.clone())))
                    }
                    _ => None,
                },
                _ => None,
            },
            // Sources are taken only if all of them are.
            ExprKind::Template(parts) if parts.iter().all(|part| self.is_frequent(part)) => {
                parts.iter().map(|part| self.part(part)).collect::<Option<_>>().map(Origin::Template)
            }
            _ => None,
        }
    }

    fn is_frequent(&self, part: &Expr) -> bool {
        match &*part.kind {
            ExprKind::Literal(Value::String(_)) => true,
            ExprKind::Slot(register) => self.is_at_hand(*register),
            ExprKind::Call { builtin, receiver, arguments, .. } => {
                let is_made = matches!(builtin.quick(), Some(Quick::Made(_))) && arguments.is_empty();
                is_made && matches!(&*receiver.kind, ExprKind::Slot(register) if self.is_at_hand(*register))
            }
            _ => false,
        }
    }

    /// A part of a template.
    fn part(&mut self, part: &Expr) -> Option<Part> {
        match &*part.kind {
            ExprKind::Literal(Value::String(text)) => {
                let mut json = String::new();
                write_json_text(text, &mut json);
                Some(Part::Literal { json: json.into(), text: text.clone() })
            }
            ExprKind::Slot(register) => self.fetch(*register).map(Part::Copy),
            ExprKind::Call { builtin, receiver, .. } => match (&*receiver.kind, builtin.quick()) {
                (ExprKind::Slot(register), Some(Quick::Made(make))) => {
                    Some(Part::Made(make, self.fetch(*register)?))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether an attribute can be had without memory.
    fn is_at_hand(&self, register: SlotId) -> bool {
        let index = register.index();
        match self.sources.get(index) {
            Some(Some(source)) => {
                let is_alone = source.is_plain() && self.uses.get(index) == Some(&1);
                source.is_light() && (is_alone || index < REGISTERS)
            }
            _ => false,
        }
    }

    fn fetch(&mut self, register: SlotId) -> Option<Fetch> {
        if !self.is_at_hand(register) {
            return None;
        }
        let index = register.index();
        let is_alone = |source: &mut Source| self.uses.get(index) == Some(&1) && source.is_plain();
        Some(match self.sources.get_mut(index)?.take_if(is_alone) {
            Some(Source::Plain(read)) => Fetch::Attribute(read),
            _ => Fetch::Register(index),
        })
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
            Part::Literal { .. } => None,
        });
        one.into_iter().chain(parts).filter_map(|fetch| match fetch {
            Fetch::Attribute(read) => Some(read),
            Fetch::Register(_) => None,
        })
    }
}
