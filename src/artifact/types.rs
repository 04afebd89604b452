//! Types, shapes and labels. Types stand in a table, each once, and refer to their parts by number; shapes stand where
//! they are declared.

use std::sync::Arc;

use super::Fault;
use super::checker::Checker;
use super::reader::Reader;
use super::wire::{Wire, wire_enum, wire_struct};
#[cfg(feature = "compiler")]
use super::writer::Writer;
use crate::standard::Tokens;
use crate::ty::{Bounds, Kind, Labels, Record, RecordShape, Shape, ShapeKind, Type};
use crate::value::Value;

/// How deep types may nest.
const MAX_DEPTH: u32 = 600;
/// How many parts a type may have as a tree. Many types share their parts, and whoever walks over one meets each as often
/// as it stands there.
const MAX_PARTS: u32 = 1_000_000;

/// What is known of the types of the table.
#[derive(Debug, Default)]
pub(super) struct TypeChecks {
    /// While the table is checked: each type that was.
    checked: Option<Vec<Extent>>,
    /// The parts of the one that is checked.
    parts: Extent,
}

/// How deep and how large a type is.
#[derive(Debug, Default, Clone, Copy)]
struct Extent {
    depth: u32,
    parts: u32,
}

/// Checks the table, and gives where each type stands.
pub(super) fn check_all(of: &mut Checker<'_>) -> Result<Vec<u32>, Fault> {
    let count = of.cursor.expect_count()?;
    let mut places = Vec::with_capacity(count);
    of.types.checked = Some(Vec::with_capacity(count));
    for _ in 0..count {
        of.types.parts = Extent::default();
        let (at, _) = of.record::<Entry>()?;
        let Extent { depth, parts } = of.types.parts;
        if depth >= MAX_DEPTH || parts >= MAX_PARTS {
            return Err(Fault::Type);
        }
        places.push(at);
        of.types.checked.get_or_insert_default().push(Extent { depth: depth + 1, parts: parts + 1 });
    }
    Ok(places)
}

/// A type as it stands in the table.
pub(super) struct Entry(pub(super) Type);

impl Wire for Entry {
    #[cfg(feature = "compiler")]
    fn write(&self, to: &mut Writer) {
        let Type { kind, optional, labels } = &self.0;
        kind.write(to);
        optional.write(to);
        labels.write(to);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Entry(Type { kind: Wire::read(from)?, optional: Wire::read(from)?, labels: Wire::read(from)? }))
    }

    fn check(of: &mut Checker<'_>) -> Result<(), Fault> {
        Kind::check(of)?;
        bool::check(of)?;
        Labels::check(of)
    }
}

/// Its number in the table.
impl Wire for Type {
    #[cfg(feature = "compiler")]
    fn write(&self, to: &mut Writer) {
        let id = id(self, to);
        to.number(id);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let id = from.number()?;
        from.ty(id)
    }

    fn check(of: &mut Checker<'_>) -> Result<(), Fault> {
        let id = of.number()?;
        check_id(of, id)
    }
}

/// The number of a type, which is entered if it is new.
#[cfg(feature = "compiler")]
pub(super) fn id(ty: &Type, to: &mut Writer) -> u64 {
    let before = std::mem::take(&mut to.out);
    Entry(ty.clone()).write(to);
    let entry = std::mem::replace(&mut to.out, before);
    let (id, _) = to.types.insert_full(entry);
    id as u64
}

/// Checks the number of a type.
pub(super) fn check_id(of: &mut Checker<'_>, id: u64) -> Result<(), Fault> {
    let id = usize::try_from(id).unwrap_or(usize::MAX);
    let is_known = match &of.types.checked {
        None => id < of.pool.types.len(),
        Some(checked) => match checked.get(id) {
            None => false,
            Some(extent) => {
                let parts = &mut of.types.parts;
                parts.depth = parts.depth.max(extent.depth);
                parts.parts = parts.parts.saturating_add(extent.parts);
                true
            }
        },
    };
    if is_known { Ok(()) } else { Err(Fault::NoType) }
}

wire_struct!(Record { members, open });

wire_enum! { Kind {
    0 => Error,
    1 => Nothing,
    2 => Null,
    3 => Bool,
    4 => Int,
    5 => Number,
    6 => String,
    7 => Email,
    8 => Timestamp,
    9 => Duration,
    10 => Json,
    11 => Enum(words: Arc<[Arc<str>]>),
    12 => List(element: Arc<Type>),
    13 => Map(value: Arc<Type>),
    14 => Record(record: Arc<Record>),
} }

impl Wire for Labels {
    #[cfg(feature = "compiler")]
    fn write(&self, to: &mut Writer) {
        to.number(self.bits());
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        from.number().map(Labels::of_bits)
    }

    fn check(of: &mut Checker<'_>) -> Result<(), Fault> {
        of.number().map(drop)
    }
}

impl Wire for Tokens {
    #[cfg(feature = "compiler")]
    fn write(&self, to: &mut Writer) {
        to.out.push(self.bits());
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        from.byte().map(Tokens::of_bits)
    }

    fn check(of: &mut Checker<'_>) -> Result<(), Fault> {
        let bits = of.byte()?;
        if Tokens::of_bits(bits).bits() == bits { Ok(()) } else { Err(Fault::Token) }
    }
}

wire_struct!(Bounds { max_length, max_items, max_bytes, min, max });
wire_struct!(RecordShape { members, open });

impl Wire for Shape {
    #[cfg(feature = "compiler")]
    fn write(&self, to: &mut Writer) {
        let Shape { kind, optional, labels, bounds, default } = self;
        kind.write(to);
        optional.write(to);
        labels.write(to);
        bounds.write(to);
        default.write(to);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Shape {
            kind: Wire::read(from)?,
            optional: Wire::read(from)?,
            labels: Wire::read(from)?,
            bounds: Wire::read(from)?,
            default: Wire::read(from)?,
        })
    }

    fn check(of: &mut Checker<'_>) -> Result<(), Fault> {
        of.part(|of| {
            ShapeKind::check(of)?;
            bool::check(of)?;
            Labels::check(of)?;
            Bounds::check(of)?;
            Option::<Value>::check(of)
        })
    }
}

wire_enum! { ShapeKind {
    0 => Error,
    1 => Bool,
    2 => Int,
    3 => Number,
    4 => String,
    5 => Email,
    6 => Timestamp,
    7 => Duration,
    8 => Json,
    9 => Enum(words: Arc<[Arc<str>]>),
    10 => List(element: Arc<Shape>),
    11 => Map(value: Arc<Shape>),
    12 => Record(record: Arc<RecordShape>),
} }
