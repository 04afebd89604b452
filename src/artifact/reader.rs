//! Where things are read from: bytes that were checked.

use std::collections::HashMap;

use super::bytes::Cursor;
use super::parts::Place;
use super::pool::Pool;
use super::types::Entry;
use super::wire::Wire;
use crate::ty::Type;

/// Checked bytes, and what they refer to by number.
pub(super) struct Reader<'a> {
    pub(super) cursor: Cursor<'a>,
    pub(super) last: Place,
    pub(super) pool: &'a Pool,
    /// All bytes, in which types are found.
    bytes: &'a [u8],
    types: HashMap<u64, Type>,
    /// New numbers of chains and lets, if not all are read.
    pub(super) chosen: Option<Chosen>,
}

/// The chains and lets that were met, in the order in which they were.
#[derive(Default)]
pub(super) struct Chosen {
    pub(super) chains: Numbering,
    pub(super) lets: Numbering,
}

/// New numbers in the order of first use.
#[derive(Default)]
pub(super) struct Numbering {
    new: HashMap<u32, u32>,
    /// The old numbers.
    pub(super) old: Vec<u32>,
}

impl Numbering {
    pub(super) fn number(&mut self, old: u32) -> u32 {
        let next = u32::try_from(self.old.len()).unwrap_or(u32::MAX);
        *self.new.entry(old).or_insert_with(|| {
            self.old.push(old);
            next
        })
    }
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8], pool: &'a Pool) -> Self {
        Reader {
            cursor: Cursor::new(bytes, 0),
            last: Place::default(),
            pool,
            bytes,
            types: HashMap::new(),
            chosen: None,
        }
    }

    /// Goes on at a place that was checked.
    pub(super) fn go_to(&mut self, at: usize) {
        self.cursor = Cursor::new(self.bytes, at);
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        self.cursor.number()
    }

    pub(super) fn id(&mut self) -> Option<u32> {
        u32::try_from(self.number()?).ok()
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.cursor.byte()
    }

    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        self.cursor.take(count)
    }

    /// One of some things by its position among them.
    pub(super) fn of<T: Clone + 'a>(&mut self, things: impl FnOnce(&'a Pool) -> &'a [T]) -> Option<T> {
        let id = self.id()?;
        things(self.pool).get(id as usize).cloned()
    }

    /// Reads a record that stands somewhere else.
    pub(super) fn record<T: Wire>(&mut self, at: u32) -> Option<T> {
        let back = std::mem::replace(&mut self.cursor, Cursor::new(self.bytes, at as usize));
        let last = std::mem::take(&mut self.last);
        let record = T::read(self);
        self.cursor = back;
        self.last = last;
        record
    }

    /// A type by its number; types that are met again share their parts.
    pub(super) fn ty(&mut self, id: u64) -> Option<Type> {
        if let Some(known) = self.types.get(&id) {
            return Some(known.clone());
        }
        let at = *self.pool.types.get(usize::try_from(id).ok()?)?;
        let Entry(ty) = self.record(at)?;
        self.types.insert(id, ty.clone());
        Some(ty)
    }
}
