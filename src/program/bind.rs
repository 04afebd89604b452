//! Attributes: where a program's registers come from, and the tests that claims.yaml demands of them.
//!
//! Most attributes are a path through declared records to text, a number, a Boolean or a list of these: they are read
//! and tested in place. All others are read as [`eval`](crate::eval) reads them.

use super::value::{Bail, Store, Val, borrowed};
use crate::catalog::{Catalog, Root};
use crate::eval;
use crate::input::{Attribute, Input, Reading};
use crate::ir::Slot;
use crate::ty::Shape;
use crate::value::{Object, Value};

mod test;

pub(super) use test::{Test, TextsLimit};

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

    /// Whether it is an attribute that is read and tested in place.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self, Source::Plain(_))
    }

    /// Whether it gives nothing that lies in a store.
    pub(super) fn is_light(&self) -> bool {
        self.is_at_hand() && !matches!(self, Source::Plain(read) if read.makes_list())
    }

    /// The same, but that it may be a list which does.
    pub(super) fn is_at_hand(&self) -> bool {
        !matches!(self, Source::Listed(..) | Source::Whole { .. })
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

impl Read {
    /// Whether a text passes for sure, and is small enough to be written anywhere.
    #[inline]
    pub(super) fn is_short(&self, text: &str) -> bool {
        text.len() < self.short as usize
    }

    /// Whether it gives a list that lies in a store.
    pub(super) fn makes_list(&self) -> bool {
        matches!(self.demand.test, Test::List { .. })
    }

    /// The value as policies see it, if that is no list that lies in a store.
    pub(super) fn passed<'a>(&'a self, reading: Reading<'a>) -> Result<Val<'a>, Bail> {
        match reading {
            Reading::Missing { found } => match self.demand.missing.get(found) {
                Some(Missing::Absent) => Ok(Val::Absent),
                Some(Missing::Default(value)) => Ok(borrowed(value)),
                Some(Missing::Error) | None => Err(Bail),
            },
            reading => self.demand.test.direct(reading),
        }
    }

    /// The same for lists, too.
    pub(super) fn listed<'a>(&'a self, reading: Reading<'a>, store: &mut Store<'a>) -> Result<Val<'a>, Bail> {
        match reading {
            Reading::Missing { .. } => self.passed(reading),
            reading => self.demand.test.passed(reading, store),
        }
    }

    /// What a list of texts has to be, if it is written as it is.
    #[inline]
    pub(super) fn texts_limit(&self) -> Option<TextsLimit> {
        match &self.demand.test {
            Test::Written { max_items, element } => TextsLimit::of(*max_items, element),
            _ => None,
        }
    }
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
