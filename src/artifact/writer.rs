//! Where things are written to.

use std::sync::Arc;

use indexmap::IndexSet;

use super::bytes::put_number;
use super::parts::Place;
use super::wire::Wire;

/// Bytes, and what they refer to by number.
#[derive(Default)]
pub(super) struct Writer {
    pub(super) out: Vec<u8>,
    /// The span that was written last in this record: places are told from there.
    pub(super) last: Place,
    pub(super) strings: IndexSet<Arc<str>>,
    pub(super) regexes: IndexSet<Arc<str>>,
    pub(super) builtins: IndexSet<Arc<str>>,
    /// Each type once, as its bytes.
    pub(super) types: IndexSet<Vec<u8>>,
}

impl Writer {
    pub(super) fn number(&mut self, number: u64) {
        put_number(&mut self.out, number);
    }

    pub(super) fn count(&mut self, count: usize) {
        self.number(count as u64);
    }

    /// Appends things that are decoded one by one.
    pub(super) fn records<T: Wire>(&mut self, records: &[T]) {
        for record in records {
            self.last = Place::default();
            record.write(self);
        }
    }
}
