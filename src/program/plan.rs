//! What a program does: tests, claims and what writes them, as far as it is known before there is a request.

use std::sync::Arc;

use regex::Regex;

use super::bind::{Read, Source};
use crate::ast::Level;
use crate::builtins::Make;
use crate::ir::{Step, Unit};
use crate::standard::Tokens;
use crate::value::Value;

/// What is done for the requests of one kind.
#[derive(Debug)]
pub(super) struct Program {
    /// The statements that are left, with folded conditions; attributes are registers.
    pub(super) unit: Unit,
    /// For each statement, what has to hold, in order.
    pub(super) guards: Vec<Box<[Guard]>>,
    /// A bound on the steps that the full policy takes beyond these.
    pub(super) slack: u64,
    /// The tokens of the grant.
    pub(super) given: Tokens,
    pub(super) has_user: bool,
    /// Whether claims.yaml lists the client.
    pub(super) is_listed: bool,
    /// Sorted; `None` where any scope may be granted.
    pub(super) allowed_scopes: Option<Vec<Arc<str>>>,
    /// What is read before statements are looked at, with its registers, in their order.
    pub(super) sources: Vec<(usize, Source)>,
    /// How many scopes there may be, and of how many bytes at most, where statements read them.
    pub(super) scope_limits: Option<(usize, u64)>,
    /// Whether some register holds the scopes of the token.
    pub(super) reads_scopes: bool,
    /// The memory that it works with.
    pub(super) needs: Needs,
    /// Statements about scopes.
    pub(super) scopes: Vec<usize>,
    /// By name.
    pub(super) claims: Vec<ClaimPlan>,
    /// Denials and limits of the lifetime.
    pub(super) others: Vec<usize>,
    /// Roughly what it takes.
    pub(super) bytes: usize,
}

/// The memory that a program works with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    /// For texts that are put together, and nothing else.
    Texts,
    /// For values, too.
    Values,
    /// And what chains and lets gave is kept from one use to the next.
    Chains,
}

/// What has to hold where a statement acts.
#[derive(Debug, Clone)]
pub(super) enum Guard {
    /// A scope of the request, which is that of the token: `"a" in scopes`.
    Scope(Arc<str>),
    /// A register is true.
    Register(usize),
    /// A register is this text.
    Is(usize, Arc<str>),
    /// A register is a list that has this text.
    Has(usize, Arc<str>),
    /// A register is text that matches.
    Matches(usize, Arc<Regex>),
    /// A condition that stands alone, by its chain.
    Condition(usize),
    /// One of several that all have to be true, by chain and place.
    Operand(usize, usize),
    /// A branch of a chain is taken.
    Step(Step),
    /// What `unless` says of the statement is not true.
    Unless(usize),
}

/// Everything that is about one claim. What nearly every request needs comes first, and is small: of thousands of
/// programs, a few lines each have to be at hand.
#[derive(Debug)]
pub(super) struct ClaimPlan {
    /// The name as JSON, a colon, the quotation mark of a text.
    pub(super) text_key: Box<str>,
    /// Whether the name is one that issuers write themselves for a scope.
    pub(super) is_standard: bool,
    /// The only statement that is about it, if it writes the whole claim.
    pub(super) only: Option<WritePlan>,
    pub(super) about: Box<About>,
}

/// What is seldom needed about a claim.
#[derive(Debug)]
pub(super) struct About {
    pub(super) name: Arc<str>,
    /// The name, where it is one that issuers write themselves for a scope.
    pub(super) standard: Option<&'static str>,
    /// Where there is more than one statement: writes of the whole claim.
    pub(super) writes: Vec<WritePlan>,
    /// The tokens of all statements, where they are the same and each writes the whole claim by itself.
    pub(super) common: Option<Tokens>,
    /// Writes of members, by member.
    pub(super) members: Vec<MemberPlan>,
    /// Statements that remove it, and from where.
    pub(super) removals: Vec<(usize, Tokens)>,
}

impl ClaimPlan {
    /// The name as JSON, a colon.
    #[inline]
    pub(super) fn key(&self) -> &str {
        self.text_key.strip_suffix('"').unwrap_or_default()
    }
}

#[derive(Debug)]
pub(super) struct MemberPlan {
    pub(super) name: Arc<str>,
    pub(super) writes: Vec<WritePlan>,
}

/// One statement that writes.
#[derive(Debug)]
pub(super) struct WritePlan {
    pub(super) guards: Guards,
    pub(super) origin: Origin,
    /// Those of the grant that it reaches.
    pub(super) tokens: Tokens,
    pub(super) level: Level,
    /// Whether an absent value is more than a write that does not fire.
    pub(super) must_be_there: bool,
    pub(super) mentions_actor: bool,
    pub(super) statement: usize,
}

/// What has to hold, in order.
#[derive(Debug)]
pub(super) enum Guards {
    None,
    One(Guard),
    Many(Box<[Guard]>),
}

impl From<&[Guard]> for Guards {
    fn from(guards: &[Guard]) -> Self {
        match guards {
            [] => Guards::None,
            [one] => Guards::One(one.clone()),
            many => Guards::Many(many.into()),
        }
    }
}

/// Where a written value comes from.
#[derive(Debug)]
pub(super) enum Origin {
    /// A constant: the whole claim as JSON, with a comma behind, and the value.
    Constant(Box<str>, Box<Value>),
    /// An attribute as it is.
    Copy(Fetch),
    /// An attribute, or a constant where it is absent.
    Or(Fetch, Box<Value>),
    /// Text that is put together.
    Template(Box<[Part]>),
    /// The expression of the statement.
    Value,
}

/// An attribute.
#[derive(Debug)]
pub(super) enum Fetch {
    /// It is read for this.
    Attribute(Read),
    /// It was read before.
    Register(usize),
}

/// A part of text that is put together.
#[derive(Debug)]
pub(super) enum Part {
    Literal(Arc<str>),
    Copy(Fetch),
    /// What is made of a text.
    Made(Make, Fetch),
}
