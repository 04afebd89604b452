//! What a program does: tests, claims and what writes them, as far as it is known before there is a request.

use std::sync::Arc;

use regex::Regex;

use super::bind::{Read, Source};
use crate::ast::Level;
use crate::builtins::Make;
use crate::eval::RuleName;
use crate::ir::{Step, Unit};
use crate::standard::{Token, Tokens};
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
    /// The scopes that guards ask for, well-formed ones: at most [`SCOPES`].
    pub(super) known_scopes: Vec<Arc<str>>,
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
    /// The statements by name, for traces.
    pub(super) rules: Box<[RuleName]>,
    /// Roughly what it takes.
    pub(super) bytes: usize,
}

/// A question about the scopes of the token.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scopes {
    /// Those that are asked for, by their numbers.
    pub(super) bits: u64,
    /// How often steps are taken for a look at all scopes.
    pub(super) looks: usize,
    pub(super) holds_with: Share,
}

/// How many of the scopes that are asked for a token has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Share {
    All,
    Some,
    None,
}

/// How many scopes guards may ask for by number.
pub(super) const SCOPES: usize = 64;

/// The memory that a program works with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    /// None: what it reads is tested and written in one go.
    Nothing,
    /// For values that are made on the way.
    Values,
    /// And what chains and lets gave is kept from one use to the next.
    Chains,
}

/// What has to hold where a statement acts.
///
/// It is asked for in the innermost loop: `repr` has its kind stand in a byte of its own, at hand without a computation, here
/// and below.
#[derive(Debug, Clone)]
#[repr(u8)]
pub(super) enum Guard {
    /// The token has scopes: `"a" in scopes`, several of them with `and` or `or`, or `not`.
    Scopes(Scopes),
    /// One of the first registers is true.
    Register(usize),
    /// It is this text.
    Is(usize, Arc<str>),
    /// It is a list that has this text.
    Has(usize, Arc<str>),
    /// It is text that matches.
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
    /// Its place among the claims of the program.
    pub(super) number: usize,
    /// The name, where it is one that issuers write themselves for a scope.
    pub(super) standard: Option<&'static str>,
    /// Where there is more than one statement: writes of the whole claim.
    pub(super) writes: Vec<WritePlan>,
    /// The tokens of all statements, where they are the same and each writes the whole claim by itself.
    pub(super) common: Option<Reach>,
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
    /// The tokens of the grant that it reaches.
    pub(super) reach: Reach,
    pub(super) level: Level,
    /// Whether an absent value is more than a write that does not fire.
    pub(super) must_be_there: bool,
    pub(super) mentions_actor: bool,
    pub(super) statement: usize,
}

/// Tokens; nearly always it is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    One(Token),
    /// None, or several.
    Others(Tokens),
}

impl From<Tokens> for Reach {
    fn from(tokens: Tokens) -> Self {
        tokens.only().map_or(Reach::Others(tokens), Reach::One)
    }
}

impl Reach {
    pub(super) fn tokens(self) -> Tokens {
        match self {
            Reach::One(token) => Tokens::of(token),
            Reach::Others(tokens) => tokens,
        }
    }

    pub(super) fn contains(self, token: Token) -> bool {
        self.tokens().contains(token)
    }
}

/// What has to hold, in order.
#[derive(Debug)]
#[repr(u8)]
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
#[repr(u8)]
pub(super) enum Origin {
    /// A constant: the whole claim as JSON, with a comma behind, and the value.
    Constant(Box<str>, Box<Value>),
    /// An attribute as it is.
    Copy(Fetch),
    /// An attribute, or a constant where it is absent.
    Or(Fetch, Box<Value>),
    /// Text that is put together, where it is the only value of its claim.
    Template(Box<[Part]>),
    /// The expression of the statement.
    Value,
}

/// An attribute that takes no memory.
#[derive(Debug)]
#[repr(u8)]
pub(super) enum Fetch {
    /// It is read for this.
    Attribute(Read),
    /// It was read before, into one of the first registers.
    Register(usize),
}

/// A part of text that is put together.
#[derive(Debug)]
pub(super) enum Part {
    /// As it is, and as it stands in JSON.
    Literal {
        text: Arc<str>,
        json: Box<str>,
    },
    Copy(Fetch),
    /// What is made of a text.
    Made(Make, Fetch),
}
