//! What walks over bytes that nobody vouches for.

use super::Fault;
use super::bytes::Cursor;
use super::parts::Place;
use super::pool::Pool;
use super::types::TypeChecks;
use super::wire::Wire;

/// How deep a let may be, lets counted in: as deep as the lowering lets it be.
pub(super) const MAX_LET: u32 = 256;
/// How deep the expressions of a record may nest: the lowering makes at most two of each that is written within another.
pub(super) const MAX_NESTING: u32 = 2 * MAX_LET + 8;
/// How deep values and shapes may nest.
const MAX_PARTS_DEPTH: u32 = 128;

/// How many there are of what is referred to by number.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Sizes {
    pub(super) slots: u32,
    pub(super) tables: u32,
    pub(super) claims: u32,
    pub(super) locals: u32,
    pub(super) lets: u32,
    pub(super) chains: u32,
    pub(super) statements: u32,
}

/// Unchecked bytes, and what is known of what they refer to.
pub(super) struct Checker<'a> {
    pub(super) cursor: Cursor<'a>,
    pub(super) last: Place,
    pub(super) pool: &'a Pool,
    pub(super) sizes: Sizes,
    pub(super) types: TypeChecks,
    /// How deep the lets that may be named are.
    pub(super) lets: Vec<u32>,
    nesting: u32,
    parts_nesting: u32,
    /// How deep the record is, lets counted in.
    depth: u32,
}

impl<'a> Checker<'a> {
    pub(super) fn new(cursor: Cursor<'a>, pool: &'a Pool) -> Self {
        Checker {
            cursor,
            last: Place::default(),
            pool,
            sizes: Sizes::default(),
            types: TypeChecks::default(),
            lets: Vec::new(),
            nesting: 0,
            parts_nesting: 0,
            depth: 0,
        }
    }

    #[inline]
    pub(super) fn number(&mut self) -> Result<u64, Fault> {
        self.cursor.expect_number()
    }

    #[inline]
    pub(super) fn byte(&mut self) -> Result<u8, Fault> {
        self.cursor.byte().ok_or(Fault::CutOff)
    }

    /// A number below a bound.
    #[inline]
    pub(super) fn below(&mut self, bound: usize, fault: Fault) -> Result<usize, Fault> {
        match usize::try_from(self.number()?) {
            Ok(id) if id < bound => Ok(id),
            _ => Err(fault),
        }
    }

    /// A number that fits into 32 bits.
    #[inline]
    pub(super) fn small(&mut self) -> Result<u32, Fault> {
        u32::try_from(self.number()?).map_err(|_| Fault::TooLarge)
    }

    /// Walks over a record, and gives its offset and how deep it is.
    pub(super) fn record<T: Wire>(&mut self) -> Result<(u32, u32), Fault> {
        let at = u32::try_from(self.cursor.at()).map_err(|_| Fault::TooLarge)?;
        self.last = Place::default();
        self.depth = 0;
        T::check(self)?;
        Ok((at, self.depth))
    }

    /// Walks over an expression's parts.
    pub(super) fn nested(&mut self, walk: impl FnOnce(&mut Self) -> Result<(), Fault>) -> Result<(), Fault> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            return Err(Fault::Nesting);
        }
        self.reach(0);
        walk(self)?;
        self.nesting -= 1;
        Ok(())
    }

    /// Counts in what an expression leads to.
    pub(super) fn reach(&mut self, depth: u32) {
        self.depth = self.depth.max(self.nesting + depth);
    }

    /// Walks over the parts of a value or shape.
    pub(super) fn part(&mut self, walk: impl FnOnce(&mut Self) -> Result<(), Fault>) -> Result<(), Fault> {
        self.parts_nesting += 1;
        if self.parts_nesting > MAX_PARTS_DEPTH {
            return Err(Fault::Parts);
        }
        walk(self)?;
        self.parts_nesting -= 1;
        Ok(())
    }
}
