//! Sizes of shapes against what `decode` lets through.

use super::*;
use crate::ty::decode::{Undeclared, decode};
use crate::ty::testing::{Random, open, random, record, shape};
use crate::ty::{Bounds, Shape, ShapeKind};

fn random_shape(random: &mut Random, depth: usize) -> Shape {
    let leaves = ["bool", "int", "number", "string", "email", "timestamp", "duration", "json", "a|b\"|\u{1}"];
    let mut found = match random.below(if depth == 0 { 9 } else { 13 }) {
        leaf @ 0..9 => shape(leaves[leaf]),
        9 => Shape::of(ShapeKind::List(Arc::new(random_shape(random, depth - 1)))),
        10 => Shape::of(ShapeKind::Map(Arc::new(random_shape(random, depth - 1)))),
        kind => {
            let members = [("a", random_shape(random, depth - 1)), ("b\n", random_shape(random, depth - 1))];
            let members = record(&members);
            if kind == 11 { members } else { open(members) }
        }
    };
    let mut bound = |most: usize| (random.below(3) > 0).then(|| random.below(most) as u64);
    found.bounds = match &found.kind {
        ShapeKind::String | ShapeKind::Email => Bounds { max_length: bound(6), ..Bounds::default() },
        ShapeKind::List(_) => Bounds { max_items: bound(4), ..Bounds::default() },
        ShapeKind::Map(_) => Bounds { max_items: bound(4), max_length: bound(3), ..Bounds::default() },
        ShapeKind::Json | ShapeKind::Number => Bounds { max_bytes: bound(50), ..Bounds::default() },
        ShapeKind::Record(record) if record.open => Bounds { max_bytes: bound(90), ..Bounds::default() },
        ShapeKind::Int => Bounds {
            min: bound(20).map(|n| i64::try_from(n).unwrap() - 15),
            max: bound(1200).map(|n| i64::try_from(n).unwrap() + 5),
            ..Bounds::default()
        },
        _ => Bounds::default(),
    };
    found.optional = random.below(4) == 0;
    if random.below(6) == 0 {
        let default = super::super::testing::random(&found, random);
        found.default = decode(&default, &found, Undeclared::LeftOut).is_ok().then_some(default);
    }
    found
}

#[test]
fn what_is_read_is_no_larger_than_its_shape() {
    let mut generator = Random::new(3);
    let (mut read, mut largest) = (0, 0);
    for _ in 0..2_000 {
        let shape = random_shape(&mut generator, 3);
        let size = Size::of_shape(&shape, None);
        for _ in 0..10 {
            let value = random(&shape, &mut generator);
            let Ok(value) = decode(&value, &shape, Undeclared::LeftOut) else { continue };
            let bytes = value.to_json().len() as u64;
            assert!(bytes <= size.json, "{bytes} > {}: {} of {shape:?}", size.json, value.to_json());
            read += 1;
            largest += u64::from(bytes == size.json);
        }
    }
    assert!(read > 10_000 && largest > 2_000, "{read} read, {largest} of them as large as can be");
}

#[test]
fn texts_have_three_lengths() {
    let text = Text::of("é\"\u{1}a");
    assert_eq!((text.chars, text.bytes, text.escaped), (4, 5, 11));
    assert_eq!(text.take(1).escaped, 6);
    let plain = Text::plain(9).take(4);
    assert_eq!((plain.chars, plain.bytes, plain.escaped), (4, 4, 4));
    assert_eq!(Text::any(3, u64::MAX).escaped, 18);
    assert_eq!(Text::any(u64::MAX, 3).chars, 3);
    assert_eq!(Text::any(u64::MAX, u64::MAX).times(2).escaped, u64::MAX);
}

/// Lets that are made of each other could double what is told apart with each.
#[test]
fn only_so_many_parts_are_told_apart() {
    let mut size = Size::string(Text::plain(1)).blamed_on([3]);
    for _ in 0..60 {
        let known = [("a", size.clone()), ("b", Size::list(2, size))].map(|(n, size)| (Arc::from(n), size));
        size = Size::object(Members { known: known.to_vec(), rest: None });
    }
    assert!(size.count() <= MAX_PARTS && size.json > 1 << 60);
    assert_eq!(size.all_free(), BTreeSet::from([3]));
}
