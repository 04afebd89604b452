//! Which of several values of one claim decides.

use crate::ast::Level;
use crate::program::value::{Bail, Store, Val};

/// The values of one claim by their level. Those of one level have to be the same.
#[derive(Default)]
pub(super) struct Strongest<'a> {
    by_default: Option<Val<'a>>,
    added: Option<Val<'a>>,
    overriding: Option<Val<'a>>,
}

impl<'a> Strongest<'a> {
    /// Adds the value of a write that acts; whether there is one.
    pub(super) fn add(&mut self, level: Level, val: Val<'a>, store: &Store<'a>) -> Result<bool, Bail> {
        let known = match level {
            Level::Default => &mut self.by_default,
            Level::Add => &mut self.added,
            Level::Override => &mut self.overriding,
            Level::Append => return Err(Bail),
        };
        match *known {
            _ if matches!(val, Val::Absent | Val::NoUser) => return Ok(false),
            Some(known) if !is_same(store, known, val) => return Err(Bail),
            _ => *known = Some(val),
        }
        Ok(true)
    }

    /// The one that decides.
    pub(super) fn val(self) -> Option<Val<'a>> {
        self.overriding.or(self.added).or(self.by_default)
    }
}

/// Whether two values are the same and spelled the same, as far as that is plain to see.
pub(super) fn is_same<'a>(store: &Store<'a>, a: Val<'a>, b: Val<'a>) -> bool {
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
