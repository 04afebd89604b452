//! The forms of what everything else is made of: places in the source, numbers, strings, lists.

use std::sync::Arc;

use indexmap::IndexMap;

use super::Fault;
use super::bytes::unzigzag;
#[cfg(feature = "compiler")]
use super::bytes::zigzag;
use super::checker::Checker;
use super::reader::Reader;
use super::wire::Wire;
#[cfg(feature = "compiler")]
use super::writer::Writer;
use crate::source::{FileId, Span};

/// Where a span starts.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Place {
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
        of.last.start = start.and_then(|start| u32::try_from(start).ok()).ok_or(Fault::Place)?;
        let length = of.small()?;
        match of.last.start.checked_add(length) {
            Some(_) => Ok(()),
            None => Err(Fault::Place),
        }
    }
}

impl Wire for bool {
    #[cfg(feature = "compiler")]
    fn write(&self, to: &mut Writer) {
        to.out.push(u8::from(*self));
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(from.byte()? == 1)
    }

    fn check(of: &mut Checker<'_>) -> Result<(), Fault> {
        if of.byte()? <= 1 { Ok(()) } else { Err(Fault::Bool) }
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
                from.number().and_then($from)
            }

            fn check(of: &mut Checker<'_>) -> Result<(), Fault> {
                let number: Option<$number> = $from(of.number()?);
                number.map(drop).ok_or(Fault::TooLarge)
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
        of.below(of.pool.strings.len(), Fault::String).map(drop)
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
            _ => Err(Fault::Bool),
        }
    }
}

/// How many there are, and each.
impl<T: Wire> Wire for Vec<T> {
    #[cfg(feature = "compiler")]
    fn write(&self, to: &mut Writer) {
        to.count(self.len());
        for it in self {
            it.write(to);
        }
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
        for it in self.iter() {
            it.write(to);
        }
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
