//! Tests of a value: what claims.yaml demands of an attribute that is read in place.

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::input::{Items, Reading, Texts};
use crate::program::value::{Bail, MAX_BYTES, Store, Val, borrowed};
use crate::ty::{Bounds, Shape, ShapeKind};
use crate::value::Value;
use crate::value::time::{parse_duration, parse_timestamp};

/// What a value has to be.
#[derive(Debug)]
pub(in crate::program) enum Test {
    Bool,
    Int {
        min: Option<i64>,
        max: Option<i64>,
    },
    /// At most so many code points, and so many bytes where it is bounded.
    Text {
        max_length: Option<u64>,
        max_bytes: Option<u64>,
    },
    Word(Arc<[Arc<str>]>),
    Timestamp {
        min: Option<i64>,
        max: Option<i64>,
    },
    Duration {
        min: Option<i64>,
        max: Option<i64>,
    },
    List {
        max_items: usize,
        element: Box<Test>,
        may_be_null: bool,
    },
    /// A list that is written as it is, and nothing else.
    Written {
        max_items: usize,
        element: Box<Test>,
    },
}

impl Test {
    /// The same where the value is only written, as it is.
    pub(super) fn only_written(self) -> Test {
        match self {
            Test::List { max_items, element, may_be_null: false }
                if matches!(*element, Test::Bool | Test::Int { .. } | Test::Text { .. } | Test::Word(_)) =>
            {
                Test::Written { max_items, element }
            }
            test => test,
        }
    }

    /// Text of fewer bytes passes.
    pub(super) fn short(&self) -> u32 {
        match self {
            Test::Text { max_length, max_bytes } => {
                let bound = max_length.unwrap_or(u64::MAX).min(max_bytes.unwrap_or(u64::MAX));
                // What is shorter is small enough to be written, too.
                u32::try_from(bound.saturating_add(1).min(MAX_BYTES as u64 / 2)).unwrap_or(0)
            }
            _ => 0,
        }
    }

    /// The test for the end of a path, if it can be read in place.
    pub(in crate::program) fn at(shape: &Shape, path: &[Arc<str>]) -> Option<Test> {
        leaf(shape, path).and_then(Test::of)
    }

    /// Whether a list of texts passes that has these elements.
    pub(in crate::program) fn fit<'t>(&self, texts: impl ExactSizeIterator<Item = &'t str>) -> bool {
        let Test::List { max_items, element, .. } = self else { return false };
        let Test::Text { max_length, max_bytes } = &**element else { return false };
        let is_allowed = texts.len() <= *max_items;
        let mut fitting = texts.map(|text| is_short(text, *max_length, *max_bytes));
        is_allowed && fitting.all(|is_short| is_short)
    }

    /// The test for a shape that can be tested in place.
    fn of(shape: &Shape) -> Option<Test> {
        let Bounds { max_length, max_items, max_bytes, min, max } = shape.bounds;
        Some(match &shape.kind {
            ShapeKind::Bool => Test::Bool,
            ShapeKind::Int => Test::Int { min, max },
            ShapeKind::String | ShapeKind::Email => {
                let is_bounded = max_length.is_none() || max_bytes.is_some();
                let max_bytes = is_bounded.then(|| max_bytes.unwrap_or(Bounds::DEFAULT_BYTES));
                Test::Text { max_length, max_bytes }
            }
            ShapeKind::Enum(words) => Test::Word(words.iter().cloned().collect()),
            ShapeKind::Timestamp => Test::Timestamp { min, max },
            ShapeKind::Duration => Test::Duration { min, max },
            ShapeKind::List(element) => {
                let test = Test::of(element).filter(|test| !matches!(test, Test::List { .. }))?;
                let max_items = usize::try_from(max_items.unwrap_or(Bounds::DEFAULT_ITEMS)).ok()?;
                Test::List { max_items, element: Box::new(test), may_be_null: element.optional }
            }
            _ => return None,
        })
    }

    /// Whether a text passes.
    pub(in crate::program) fn is_passed_by(&self, text: &str) -> bool {
        self.accepts(Reading::Text(text))
    }

    /// Whether a value that is no list passes.
    #[inline]
    fn accepts(&self, reading: Reading<'_>) -> bool {
        match self {
            Test::Text { max_length, max_bytes } => {
                text(reading).is_ok_and(|(text, _)| is_short(text, *max_length, *max_bytes))
            }
            test => test.scalar(reading).is_ok(),
        }
    }

    /// The value as policies see it.
    pub(in crate::program) fn passed<'a>(
        &'a self,
        reading: Reading<'a>,
        store: &mut Store<'a>,
    ) -> Result<Val<'a>, Bail> {
        match self {
            Test::List { max_items, element, may_be_null } => {
                list(reading, *max_items, element, *may_be_null, store)
            }
            test => test.direct(reading),
        }
    }

    /// The same without a store.
    #[inline]
    pub(in crate::program) fn direct<'a>(&'a self, reading: Reading<'a>) -> Result<Val<'a>, Bail> {
        match self {
            Test::Text { max_length, max_bytes } => {
                let (text, val) = text(reading)?;
                if is_short(text, *max_length, *max_bytes) { Ok(val) } else { Err(Bail) }
            }
            Test::Written { max_items, element } => match reading {
                Reading::Items(items) => written(items, *max_items, element),
                Reading::Value(value @ Value::List(items)) => {
                    let fits = |item: &Value| element.accepts(Reading::Value(item));
                    let is_fit = items.len() <= *max_items && items.iter().all(fits);
                    if is_fit { Ok(borrowed(value)) } else { Err(Bail) }
                }
                _ => Err(Bail),
            },
            test => test.scalar(reading),
        }
    }

    /// The value as policies see it, where that is no list.
    fn scalar<'a>(&self, reading: Reading<'a>) -> Result<Val<'a>, Bail> {
        match self {
            Test::Bool => match reading {
                Reading::Bool(value) => Ok(Val::Bool(value)),
                Reading::Value(value) if value.as_bool().is_some() => Ok(borrowed(value)),
                _ => Err(Bail),
            },
            Test::Int { min, max } => int(reading, *min, *max, None),
            Test::Timestamp { min, max } => int(reading, *min, *max, Some(parse_timestamp)),
            Test::Duration { min, max } => int(reading, *min, *max, Some(parse_duration)),
            Test::Text { max_length, max_bytes } => {
                let (text, val) = text(reading)?;
                if is_short(text, *max_length, *max_bytes) { Ok(val) } else { Err(Bail) }
            }
            Test::Word(words) => {
                let (text, val) = text(reading)?;
                words.binary_search_by(|word| (**word).cmp(text)).map(|_| val).map_err(|_| Bail)
            }
            Test::List { .. } | Test::Written { .. } => Err(Bail),
        }
    }
}

#[inline]
fn is_short(text: &str, max_length: Option<u64>, max_bytes: Option<u64>) -> bool {
    let bytes = text.len() as u64;
    max_bytes.is_none_or(|max| bytes <= max)
        && max_length.is_none_or(|max| bytes <= max || text.chars().count() as u64 <= max)
}

#[inline]
fn text(reading: Reading<'_>) -> Result<(&str, Val<'_>), Bail> {
    match reading {
        Reading::Text(text) => Ok((text, Val::Text(text))),
        Reading::Value(value) => value.as_str().map(|text| (text, borrowed(value))).ok_or(Bail),
        _ => Err(Bail),
    }
}

/// A whole number; of a time or duration, also text that stands for one.
fn int(
    reading: Reading<'_>,
    min: Option<i64>,
    max: Option<i64>,
    parse: Option<fn(&str) -> Option<i64>>,
) -> Result<Val<'_>, Bail> {
    let parsed = |text: &str| parse.and_then(|parse| parse(text));
    let (value, val) = match reading {
        Reading::Int(value) => (Some(value), None),
        Reading::Text(text) => (parsed(text), None),
        Reading::Value(Value::String(text)) => (parsed(text), None),
        // The digits of a number stay, those of a time are counted anew.
        Reading::Value(value) => (value.as_int(), parse.is_none().then(|| borrowed(value))),
        _ => (None, None),
    };
    let value = value.ok_or(Bail)?;
    if min.is_some_and(|min| value < min) || max.is_some_and(|max| value > max) {
        return Err(Bail);
    }
    Ok(val.unwrap_or(Val::Int(value)))
}

fn list<'a>(
    reading: Reading<'a>,
    max_items: usize,
    element: &'a Test,
    may_be_null: bool,
    store: &mut Store<'a>,
) -> Result<Val<'a>, Bail> {
    if let Reading::Value(value @ Value::List(items)) = reading {
        // Elements of these kinds are what they are: tested, the list can be borrowed as a whole.
        let is_whole = matches!(element, Test::Bool | Test::Text { .. } | Test::Word(_));
        let fits = |item: &'a Value| is_whole && element.accepts(Reading::Value(item));
        if items.len() <= max_items && items.iter().all(fits) {
            return Ok(borrowed(value));
        }
    }
    let start = store.elements.len();
    if let (Reading::Items(items), Test::Text { max_length, max_bytes }) = (reading, element)
        && let Some(texts) = items.texts()
    {
        let mut is_short_enough = texts.len() <= max_items;
        texts.each(|text| {
            is_short_enough &= is_short(text, *max_length, *max_bytes);
            store.elements.push(Val::Text(text));
        });
        return if is_short_enough { store.listed_since(start) } else { Err(Bail) };
    }
    let count = match reading {
        Reading::Items(items) => items.count(),
        Reading::Value(value) => value.as_list().ok_or(Bail)?.len(),
        _ => return Err(Bail),
    };
    if count > max_items {
        return Err(Bail);
    }
    let mut add = |item: Reading<'a>| {
        let passed = match item {
            Reading::Missing { .. } | Reading::Value(Value::Null) if may_be_null => return Ok(()),
            item => element.passed(item, store)?,
        };
        store.elements.push(passed);
        Ok(())
    };
    match reading {
        Reading::Items(items) => {
            let mut outcome = Ok(());
            let _ = items.each(&mut |item| {
                outcome = add(item);
                if outcome.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            });
            outcome?;
        }
        Reading::Value(value) => {
            value.as_list().ok_or(Bail)?.iter().try_for_each(|item| add(Reading::Value(item)))?;
        }
        _ => return Err(Bail),
    }
    store.listed_since(start)
}

/// What a list of texts has to be that is written as it is.
#[derive(Clone, Copy)]
pub(in crate::program) struct TextsLimit {
    items: usize,
    length: Option<u64>,
    bytes: Option<u64>,
}

impl TextsLimit {
    #[inline]
    pub(super) fn of(items: usize, element: &Test) -> Option<Self> {
        match element {
            Test::Text { max_length, max_bytes } => {
                Some(TextsLimit { items, length: *max_length, bytes: *max_bytes })
            }
            _ => None,
        }
    }

    /// Visits the texts one after the other, also where some are unfit, and tells whether they are fit and not too many or
    /// too large.
    #[inline]
    pub(in crate::program) fn each<'a>(
        self,
        texts: Texts<'a>,
        mut visit: impl FnMut(&'a str),
    ) -> Result<(), Bail> {
        if texts.len() > self.items {
            return Err(Bail);
        }
        let (mut is_fit, mut bytes) = (true, 1_usize);
        texts.each(|text| {
            is_fit &= is_short(text, self.length, self.bytes);
            bytes = bytes.saturating_add(text.len() + 3);
            visit(text);
        });
        if is_fit && bytes <= MAX_BYTES { Ok(()) } else { Err(Bail) }
    }
}

/// A list that is written as it is: tested, and not too large.
fn written<'a>(items: Items<'a>, max_items: usize, element: &'a Test) -> Result<Val<'a>, Bail> {
    if let (Some(limit), Some(texts)) = (TextsLimit::of(max_items, element), items.texts()) {
        return limit.each(texts, |_| {}).map(|()| Val::Items(items));
    }
    if items.count() > max_items {
        return Err(Bail);
    }
    let mut left = Some(MAX_BYTES - 1);
    let _ = items.each(&mut |item| {
        let bytes = match item {
            Reading::Text(text) => text.len() + 3,
            _ => 2,
        };
        left = left.and_then(|left| left.checked_sub(bytes)).filter(|_| element.accepts(item));
        if left.is_some() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    left.map(|_| Val::Items(items)).ok_or(Bail)
}

/// The shape at the end of a path that leads through records only.
fn leaf<'s>(mut shape: &'s Shape, path: &[Arc<str>]) -> Option<&'s Shape> {
    for member in path {
        let ShapeKind::Record(record) = &shape.kind else { return None };
        shape = record.member(member)?;
    }
    Some(shape)
}
