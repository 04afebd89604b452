//! How things become bytes and things again: one description of each gives writing, reading and checking.
//!
//! [`Wire::check`] walks bytes that nobody vouches for. [`Wire::read`] makes things of bytes that were checked. Both follow
//! from the same list of fields, so what was checked can be read.

use std::collections::HashMap;
use std::sync::Arc;

use indexmap::IndexMap;
#[cfg(feature = "compiler")]
use indexmap::IndexSet;

use super::Fault;
use super::bytes::{Cursor, unzigzag};
#[cfg(feature = "compiler")]
use super::bytes::{put_number, zigzag};
use super::pool::Pool;
use super::types::{Entry, TypeChecks};
use crate::source::{FileId, Span};
use crate::ty::Type;

/// How deep expressions of one record may nest. The grammar and the lowering let through less.
pub(super) const MAX_NESTING: u32 = 600;
/// The same with lets counted in.
pub(super) const MAX_DEPTH: u32 = 900;
/// How deep values and shapes may nest.
const MAX_PARTS_DEPTH: u32 = 128;

/// What has a form in an artifact.
pub(super) trait Wire: Sized {
    /// Appends it.
    #[cfg(feature = "compiler")]
    fn write(&self, to: &mut Writer);

    /// Takes it from checked bytes.
    fn read(from: &mut Reader<'_>) -> Option<Self>;

    /// Walks over it.
    fn check(of: &mut Checker<'_>) -> Result<(), Fault>;
}

/// Where things are written to.
#[cfg(feature = "compiler")]
#[derive(Default)]
pub(super) struct Writer {
    pub(super) out: Vec<u8>,
    /// The span that was written last in this record: places are told from there.
    last: Place,
    pub(super) strings: IndexSet<Arc<str>>,
    pub(super) regexes: IndexSet<Arc<str>>,
    pub(super) builtins: IndexSet<Arc<str>>,
    /// Each type once, as its bytes.
    pub(super) types: IndexSet<Vec<u8>>,
}

#[cfg(feature = "compiler")]
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

/// Where things are read from.
pub(super) struct Reader<'a> {
    cursor: Cursor<'a>,
    last: Place,
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

/// What walks over bytes that nobody vouches for.
pub(super) struct Checker<'a> {
    pub(super) cursor: Cursor<'a>,
    last: Place,
    pub(super) pool: &'a Pool,
    pub(super) sizes: Sizes,
    pub(super) types: TypeChecks,
    /// How deep the lets that may be named are.
    pub(super) lets: Vec<u32>,
    nesting: u32,
    parts_nesting: u32,
    /// How deep the record is, lets counted in.
    deepest: u32,
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
            deepest: 0,
        }
    }

    pub(super) fn fault(&self, what: &'static str) -> Fault {
        Fault::new(self.cursor.at(), what)
    }

    pub(super) fn number(&mut self) -> Result<u64, Fault> {
        self.cursor.expect_number()
    }

    pub(super) fn byte(&mut self) -> Result<u8, Fault> {
        let at = self.cursor.at();
        self.cursor.byte().ok_or(Fault::new(at, "something is cut off"))
    }

    /// A number below a bound.
    pub(super) fn below(&mut self, bound: usize, what: &'static str) -> Result<usize, Fault> {
        let at = self.cursor.at();
        match usize::try_from(self.number()?) {
            Ok(id) if id < bound => Ok(id),
            _ => Err(Fault::new(at, what)),
        }
    }

    /// A number that fits into 32 bits.
    pub(super) fn small(&mut self) -> Result<u32, Fault> {
        let at = self.cursor.at();
        u32::try_from(self.number()?).map_err(|_| Fault::new(at, "a number is beyond 32 bits"))
    }

    /// Walks over a record, and gives its offset and how deep it is.
    pub(super) fn record<T: Wire>(&mut self) -> Result<(u32, u32), Fault> {
        let at = u32::try_from(self.cursor.at()).map_err(|_| self.fault("the artifact is too large"))?;
        self.last = Place::default();
        self.deepest = 0;
        T::check(self)?;
        Ok((at, self.deepest))
    }

    /// Walks over an expression's parts.
    pub(super) fn nested(&mut self, walk: impl FnOnce(&mut Self) -> Result<(), Fault>) -> Result<(), Fault> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            return Err(self.fault("expressions nest too deeply"));
        }
        self.reach(0)?;
        walk(self)?;
        self.nesting -= 1;
        Ok(())
    }

    /// Counts in what an expression leads to.
    pub(super) fn reach(&mut self, depth: u32) -> Result<(), Fault> {
        self.deepest = self.deepest.max(self.nesting + depth);
        if self.deepest > MAX_DEPTH { Err(self.fault("lets nest too deeply")) } else { Ok(()) }
    }

    /// Walks over the parts of a value or shape.
    pub(super) fn part(&mut self, walk: impl FnOnce(&mut Self) -> Result<(), Fault>) -> Result<(), Fault> {
        self.parts_nesting += 1;
        if self.parts_nesting > MAX_PARTS_DEPTH {
            return Err(self.fault("a value or shape nests too deeply"));
        }
        walk(self)?;
        self.parts_nesting -= 1;
        Ok(())
    }
}

/// Where a span starts.
#[derive(Debug, Default, Clone, Copy)]
struct Place {
    file: u32,
    start: u32,
}

/// Written as the distance of its start from that of the span before it, whether the file is another, and its length.
impl Wire for Span {
    #[cfg(feature = "compiler")]
    fn write(&self, to: &mut Writer) {
        let file = self.file.index();
        let distance = i64::from(self.start) - i64::from(to.last.start);
        let is_other = file != to.last.file;
        to.number(zigzag(distance) << 1 | u64::from(is_other));
        if is_other {
            to.number(u64::from(file));
        }
        to.number(u64::from(self.end.saturating_sub(self.start)));
        to.last = Place { file, start: self.start };
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let number = from.number()?;
        if number & 1 == 1 {
            from.last.file = from.id()?;
        }
        let start = i64::from(from.last.start).checked_add(unzigzag(number >> 1))?;
        from.last.start = u32::try_from(start).ok()?;
        let end = from.last.start.checked_add(from.id()?)?;
        Some(Span { file: FileId::at(from.last.file), start: from.last.start, end })
    }

    fn check(of: &mut Checker<'_>) -> Result<(), Fault> {
        let number = of.number()?;
        if number & 1 == 1 {
            of.last.file = of.small()?;
        }
        let start = i64::from(of.last.start).checked_add(unzigzag(number >> 1));
        of.last.start = start
            .and_then(|start| u32::try_from(start).ok())
            .ok_or_else(|| of.fault("a place is outside of every file"))?;
        let length = of.small()?;
        match of.last.start.checked_add(length) {
            Some(_) => Ok(()),
            None => Err(of.fault("a place is outside of every file")),
        }
    }
}

/// Checks a field of a structure, whose type is known from the field.
pub(super) fn check_field<S, T: Wire>(_: impl FnOnce(&S) -> &T, of: &mut Checker<'_>) -> Result<(), Fault> {
    T::check(of)
}

/// The form of a structure: its fields, in this order.
macro_rules! wire_struct {
    ($name:ident { $($field:ident),* $(,)? }) => {
        impl $crate::artifact::wire::Wire for $name {
            #[cfg(feature = "compiler")]
            fn write(&self, to: &mut $crate::artifact::wire::Writer) {
                let $name { $($field),* } = self;
                $($crate::artifact::wire::Wire::write($field, to);)*
            }

            fn read(from: &mut $crate::artifact::wire::Reader<'_>) -> Option<Self> {
                Some($name { $($field: $crate::artifact::wire::Wire::read(from)?),* })
            }

            fn check(
                of: &mut $crate::artifact::wire::Checker<'_>,
            ) -> Result<(), $crate::artifact::Fault> {
                $($crate::artifact::wire::check_field(|it: &$name| &it.$field, of)?;)*
                Ok(())
            }
        }
    };
}
pub(super) use wire_struct;

/// The form of an enumeration: a byte that tells the variant, then its fields.
macro_rules! wire_enum {
    ($name:ident { $($tag:literal => $variant:ident
        $( ( $($place:ident: $place_ty:ty),* ) )?
        $( { $($field:ident: $field_ty:ty),* } )?,)* }) => {
        impl $crate::artifact::wire::Wire for $name {
            #[cfg(feature = "compiler")]
            fn write(&self, to: &mut $crate::artifact::wire::Writer) {
                match self {
                    $($name::$variant $( ( $($place),* ) )? $( { $($field),* } )? => {
                        to.out.push($tag);
                        $($(<$place_ty as $crate::artifact::wire::Wire>::write($place, to);)*)?
                        $($(<$field_ty as $crate::artifact::wire::Wire>::write($field, to);)*)?
                    })*
                }
            }

            fn read(from: &mut $crate::artifact::wire::Reader<'_>) -> Option<Self> {
                Some(match from.byte()? {
                    $($tag => {
                        $($(let $place = <$place_ty as $crate::artifact::wire::Wire>::read(from)?;)*)?
                        $($(let $field = <$field_ty as $crate::artifact::wire::Wire>::read(from)?;)*)?
                        $name::$variant $( ( $($place),* ) )? $( { $($field),* } )?
                    })*
                    _ => return None,
                })
            }

            fn check(
                of: &mut $crate::artifact::wire::Checker<'_>,
            ) -> Result<(), $crate::artifact::Fault> {
                match of.byte()? {
                    $($tag => {
                        $($(<$place_ty as $crate::artifact::wire::Wire>::check(of)?;)*)?
                        $($(<$field_ty as $crate::artifact::wire::Wire>::check(of)?;)*)?
                    })*
                    _ => return Err(of.fault(concat!("there is no such ", stringify!($name)))),
                }
                Ok(())
            }
        }
    };
}
pub(super) use wire_enum;

impl Wire for bool {
    #[cfg(feature = "compiler")]
    fn write(&self, to: &mut Writer) {
        to.out.push(u8::from(*self));
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(from.byte()? == 1)
    }

    fn check(of: &mut Checker<'_>) -> Result<(), Fault> {
        if of.byte()? <= 1 { Ok(()) } else { Err(of.fault("a yes or no is neither")) }
    }
}

/// Whole numbers, by the type that a number has to fit into.
macro_rules! wire_numbers {
    ($($number:ty: $to:expr, $from:expr;)*) => { $(
        impl Wire for $number {
            #[cfg(feature = "compiler")]
            fn write(&self, to: &mut Writer) {
                to.number($to(*self));
            }

            fn read(from: &mut Reader<'_>) -> Option<Self> {
                $from(from.number()?)
            }

            fn check(of: &mut Checker<'_>) -> Result<(), Fault> {
                let number: Option<$number> = $from(of.number()?);
                number.map(drop).ok_or_else(|| of.fault("a number is too large"))
            }
        }
    )* };
}

wire_numbers! {
    u32: u64::from, |number| u32::try_from(number).ok();
    u64: |number| number, Some;
    usize: |number| number as u64, |number| u32::try_from(number).ok().and_then(|number| usize::try_from(number).ok());
    i64: zigzag, |number| Some(unzigzag(number));
}

/// The number of a string.
impl Wire for Arc<str> {
    #[cfg(feature = "compiler")]
    fn write(&self, to: &mut Writer) {
        let (id, _) = to.strings.insert_full(self.clone());
        to.count(id);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        from.of(|pool| &pool.strings)
    }

    fn check(of: &mut Checker<'_>) -> Result<(), Fault> {
        of.below(of.pool.strings.len(), "there is no such string").map(drop)
    }
}

/// What is told apart from its absence by one byte.
impl<T: Wire> Wire for Option<T> {
    #[cfg(feature = "compiler")]
    fn write(&self, to: &mut Writer) {
        self.is_some().write(to);
        if let Some(it) = self {
            it.write(to);
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(if bool::read(from)? { Some(T::read(from)?) } else { None })
    }

    fn check(of: &mut Checker<'_>) -> Result<(), Fault> {
        match of.byte()? {
            0 => Ok(()),
            1 => T::check(of),
            _ => Err(of.fault("a yes or no is neither")),
        }
    }
}

/// How many there are, and each.
impl<T: Wire> Wire for Vec<T> {
    #[cfg(feature = "compiler")]
    fn write(&self, to: &mut Writer) {
        to.count(self.len());
        self.iter().for_each(|it| it.write(to));
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let count = usize::read(from)?;
        let mut all = Vec::with_capacity(count.min(from.cursor.left()));
        for _ in 0..count {
            all.push(T::read(from)?);
        }
        Some(all)
    }

    fn check(of: &mut Checker<'_>) -> Result<(), Fault> {
        (0..of.cursor.expect_count()?).try_for_each(|_| T::check(of))
    }
}

impl<T: Wire> Wire for Arc<[T]> {
    #[cfg(feature = "compiler")]
    fn write(&self, to: &mut Writer) {
        to.count(self.len());
        self.iter().for_each(|it| it.write(to));
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Vec::read(from).map(Arc::from)
    }

    fn check(of: &mut Checker<'_>) -> Result<(), Fault> {
        Vec::<T>::check(of)
    }
}

/// Things by name, in their order.
impl<T: Wire> Wire for IndexMap<Arc<str>, T> {
    #[cfg(feature = "compiler")]
    fn write(&self, to: &mut Writer) {
        to.count(self.len());
        for (name, it) in self {
            name.write(to);
            it.write(to);
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        (0..usize::read(from)?).map(|_| Wire::read(from)).collect()
    }

    fn check(of: &mut Checker<'_>) -> Result<(), Fault> {
        (0..of.cursor.expect_count()?).try_for_each(|_| <(Arc<str>, T)>::check(of))
    }
}

/// What stands behind a pointer stands in its place.
macro_rules! wire_pointers {
    ($($pointer:ident)*) => { $(
        impl<T: Wire> Wire for $pointer<T> {
            #[cfg(feature = "compiler")]
            fn write(&self, to: &mut Writer) {
                T::write(self, to);
            }

            fn read(from: &mut Reader<'_>) -> Option<Self> {
                T::read(from).map($pointer::new)
            }

            fn check(of: &mut Checker<'_>) -> Result<(), Fault> {
                T::check(of)
            }
        }
    )* };
}

wire_pointers!(Box Arc);

/// One after the other.
macro_rules! wire_tuples {
    ($(($($part:ident $at:tt),*))*) => { $(
        impl<$($part: Wire),*> Wire for ($($part,)*) {
            #[cfg(feature = "compiler")]
            fn write(&self, to: &mut Writer) {
                $(self.$at.write(to);)*
            }

            fn read(from: &mut Reader<'_>) -> Option<Self> {
                Some(($($part::read(from)?,)*))
            }

            fn check(of: &mut Checker<'_>) -> Result<(), Fault> {
                $($part::check(of)?;)*
                Ok(())
            }
        }
    )* };
}

wire_tuples!((A 0, B 1) (A 0, B 1, C 2));
