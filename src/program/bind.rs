//! Attributes: where a program's registers come from, and the tests that claims.yaml demands of them.
//!
//! Most attributes are a path through declared records to text, a number, a Boolean or a list of these: they are read
//! and tested in place. All others are read as [`eval`](crate::eval) reads them.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::value::{Bail, MAX_BYTES, Store, Val, borrowed};
use crate::catalog::{Catalog, Root};
use crate::eval;
use crate::input::{Attribute, Input, Items, Reading};
use crate::ir::Slot;
use crate::ty::{Bounds, Shape, ShapeKind};
use crate::value::time::{parse_duration, parse_timestamp};
use crate::value::{Object, Value};

/// Where the value of a register comes from.
#[derive(Debug)]
pub(super) enum Source {
    /// The same for every request of the program.
    Constant(Value),
    /// Nothing, for every request of the program.
    Absent,
    /// It needs a user, and there is none.
    NoUser,
    /// The id of the client.
    ClientId(Test),
    /// A list of what is asked for.
    Listed(Listed, Test),
    /// The time of the request.
    Now,
    /// An attribute that is read and tested in place.
    Plain(Read),
    /// An attribute that is taken out of the whole of its root.
    Whole { attribute: Attribute, shape: Shape },
}

/// How an attribute is read and tested in place.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) attribute: Attribute,
    /// Text of fewer bytes passes the test.
    short: u32,
    /// Whether a truth value passes.
    pub(super) is_truth: bool,
    demand: Box<Demand>,
}

/// What an attribute has to be.
#[derive(Debug)]
struct Demand {
    test: Test,
    missing: Box<[Missing]>,
}

/// The lists of what is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listed {
    /// The audiences that policies see.
    Audience,
    /// The scopes of the token, once they are settled.
    Scopes,
    /// The audience that was asked for, as policies see it.
    RequestedAudience,
    /// The scopes that were asked for.
    RequestedScopes,
}

/// What an attribute reads as where some member on its path is not there.
#[derive(Debug)]
pub(super) enum Missing {
    /// Absent.
    Absent,
    /// A default.
    Default(Value),
    /// An error.
    Error,
}

/// What a value has to be.
#[derive(Debug)]
pub(super) enum Test {
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

impl Source {
    /// The same where the value is only written, as it is.
    pub(super) fn only_written(self) -> Source {
        match self {
            Source::Plain(Read { attribute, short, is_truth, demand }) => {
                let Demand { test, missing } = *demand;
                let demand = Box::new(Demand { test: test.only_written(), missing });
                Source::Plain(Read { attribute, short, is_truth, demand })
            }
            source => source,
        }
    }

    /// How many scopes there may be, and of how many bytes at most.
    pub(super) fn scope_limits(&self) -> Option<(usize, u64)> {
        let Source::Listed(Listed::Scopes, Test::List { max_items, element, .. }) = self else {
            return None;
        };
        match &**element {
            Test::Text { max_length, max_bytes } => {
                Some((*max_items, max_length.unwrap_or(u64::MAX).min(max_bytes.unwrap_or(u64::MAX))))
            }
            _ => None,
        }
    }

    /// Whether it gives neither a list nor a value that has to be kept.
    pub(super) fn is_light(&self) -> bool {
        match self {
            Source::Constant(_) | Source::Absent | Source::NoUser | Source::ClientId(_) | Source::Now => true,
            Source::Plain(read) => !matches!(read.demand.test, Test::List { .. }),
            Source::Listed(..) | Source::Whole { .. } => false,
        }
    }

    /// The source of an attribute of the request.
    pub(super) fn of(catalog: &Catalog, index: usize, slot: &Slot) -> Source {
        let attribute = Attribute { index, root: slot.root, path: slot.path.clone() };
        let Some(shape) = catalog.input(slot.root) else { return Source::Absent };
        let plain = (slot.root != Root::External).then(|| Test::at(shape, &slot.path)).flatten();
        match plain {
            Some(test) => {
                // Without a session or an HTTP request, their members are what is missing.
                let least = usize::from(matches!(slot.root, Root::Session | Root::Request | Root::Client));
                let missing = (0..=slot.path.len())
                    .map(|found| match eval::missing_from(shape, &slot.path, found.max(least)) {
                        Some(None) => Missing::Absent,
                        Some(Some(value)) => Missing::Default(value),
                        None => Missing::Error,
                    })
                    .collect();
                Source::Plain(Read {
                    attribute,
                    short: test.short(),
                    is_truth: matches!(test, Test::Bool),
                    demand: Box::new(Demand { test, missing }),
                })
            }
            None => Source::Whole { attribute, shape: shape.clone() },
        }
    }
}

/// The shape at the end of a path that leads through records only.
fn leaf<'s>(mut shape: &'s Shape, path: &[Arc<str>]) -> Option<&'s Shape> {
    for member in path {
        let ShapeKind::Record(record) = &shape.kind else { return None };
        shape = record.member(member)?;
    }
    Some(shape)
}

impl Read {
    /// Whether a text passes for sure, and is small enough to be written anywhere.
    #[inline]
    pub(super) fn is_short(&self, text: &str) -> bool {
        text.len() < self.short as usize
    }

    /// The value as policies see it.
    pub(super) fn passed<'a>(&'a self, reading: Reading<'a>, store: &mut Store<'a>) -> Result<Val<'a>, Bail> {
        match reading {
            Reading::Missing { found } => match self.demand.missing.get(found) {
                Some(Missing::Absent) => Ok(Val::Absent),
                Some(Missing::Default(value)) => Ok(borrowed(value)),
                Some(Missing::Error) | None => Err(Bail),
            },
            reading => self.demand.test.passed(reading, store),
        }
    }
}

impl Test {
    /// The same where the value is only written, as it is.
    fn only_written(self) -> Test {
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
    fn short(&self) -> u32 {
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
    pub(super) fn at(shape: &Shape, path: &[Arc<str>]) -> Option<Test> {
        leaf(shape, path).and_then(Test::of)
    }

    /// Whether a list of texts passes that has these elements.
    pub(super) fn fit<'t>(&self, texts: impl ExactSizeIterator<Item = &'t str>) -> bool {
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
    pub(super) fn is_passed_by(&self, text: &str) -> bool {
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
    #[inline]
    pub(super) fn passed<'a>(&'a self, reading: Reading<'a>, store: &mut Store<'a>) -> Result<Val<'a>, Bail> {
        match self {
            Test::Text { max_length, max_bytes } => {
                let (text, val) = text(reading)?;
                if is_short(text, *max_length, *max_bytes) { Ok(val) } else { Err(Bail) }
            }
            Test::List { max_items, element, may_be_null } => {
                list(reading, *max_items, element, *may_be_null, store)
            }
            Test::Written { max_items, element } => match reading {
                Reading::Items(items) => written(items, *max_items, element),
                reading => list(reading, *max_items, element, false, store),
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

/// A list that is written as it is: tested, and not too large.
fn written<'a>(items: Items<'a>, max_items: usize, element: &'a Test) -> Result<Val<'a>, Bail> {
    if items.count() > max_items {
        return Err(Bail);
    }
    if let (Some(texts), Test::Text { max_length, max_bytes }) = (items.texts(), element) {
        let (mut is_fit, mut bytes) = (true, 1_usize);
        texts.each(|text| {
            is_fit &= is_short(text, *max_length, *max_bytes);
            bytes = bytes.saturating_add(text.len() + 3);
        });
        return if is_fit && bytes <= MAX_BYTES { Ok(Val::Items(items)) } else { Err(Bail) };
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

/// An attribute that is taken out of the whole of its root.
pub(super) fn whole<'a>(
    input: &dyn Input,
    attribute: &Attribute,
    shape: &Shape,
    store: &mut Store<'a>,
) -> Result<Val<'a>, Bail> {
    let root = match (attribute.root, input.whole(attribute.root)) {
        (Root::Session | Root::Request | Root::External, None) => Some(Value::object(Object::default())),
        (_, root) => root,
    };
    if attribute.root == Root::External && eval::has_failed_source(root.as_ref()) {
        return Err(Bail);
    }
    match eval::along(root, shape, &attribute.path) {
        Ok(Some(value)) => store.adopt(value),
        Ok(None) => Ok(Val::Absent),
        Err(_) => Err(Bail),
    }
}
