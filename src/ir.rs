//! The typed policy: names are resolved, every expression has a type, statements are flat and carry their guards.
//!
//! `lower` builds it from the tree and the catalog; checks, analyses and the evaluator read it. Where
//! [`ExprKind::Error`] or an error type occurs, an error was reported and no policy is made of the unit.

use std::sync::Arc;

use regex::Regex;

use crate::ast::Level;
use crate::catalog::{Catalog, Root};
use crate::source::Span;
use crate::standard::Tokens;
use crate::ty::Type;

mod excerpt;
mod expr;
mod rows;
mod visit;

pub use expr::{Argument, AudienceOf, Element, Expr, ExprKind, Member};
pub use rows::Rows;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident,)*) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            /// The index into its table.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )* };
}

ids! {
    /// Into [`Unit::slots`].
    SlotId,
    /// Into [`Unit::lets`].
    LetId,
    /// Into [`Unit::tables`].
    TableId,
    /// Into [`Unit::claims`].
    ClaimId,
    /// Into [`Unit::chains`].
    ChainId,
    /// Of a lambda's parameter; unique within the unit, below [`Unit::locals`].
    LocalId,
}

/// All files of a policy, compiled as one. What excerpts of it have in common is shared.
#[derive(Debug, Clone)]
pub struct Unit {
    /// The facts it talks about.
    pub catalog: Arc<Catalog>,
    /// Attributes that it reads, each once.
    pub slots: Arc<Vec<Slot>>,
    /// Lets without parameters, local ones too. (Lets with parameters are expanded where they are called.)
    pub lets: Vec<Let>,
    /// Tables.
    pub tables: Arc<Vec<Table>>,
    /// Namespaces that it declares, in the order of their aliases.
    pub namespaces: Arc<Vec<Namespace>>,
    /// Claims that it names, each once.
    pub claims: Arc<Vec<Claim>>,
    /// Conditions of statements.
    pub chains: Vec<Chain>,
    /// What it does.
    pub statements: Vec<Statement>,
    /// `ensure` items.
    pub ensures: Vec<Ensure>,
    /// Contracts.
    pub contracts: Arc<Vec<Contract>>,
    /// How many lambda parameters there are.
    pub locals: u32,
}

/// An attribute that the policy reads: a path into the shape of a root.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot {
    /// The root.
    pub root: Root,
    /// Member names from the root on, through records and maps; empty for the whole root.
    pub path: Vec<Arc<str>>,
}

impl Slot {
    /// `user.app_metadata.tenant`.
    pub fn name(&self) -> String {
        let mut name = self.root.as_str().to_owned();
        for member in &self.path {
            name.push('.');
            name.push_str(member);
        }
        name
    }
}

/// A `let` without parameters.
#[derive(Debug, Clone)]
pub struct Let {
    /// Its name.
    pub name: Arc<str>,
    /// What it stands for.
    pub value: Expr,
    /// Its name in the source.
    pub span: Span,
}

/// A `table`. Rows have one key or a pair.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name.
    pub name: Arc<str>,
    /// How many keys a row has: 1 or 2.
    pub arity: usize,
    /// Keys and value; each row's keys are unlike all others'.
    pub rows: Rows,
    /// The type of a key position, and of the values.
    pub key: Vec<Type>,
    /// The type of the values.
    pub value: Type,
    /// Its name in the source.
    pub span: Span,
}

/// A declared `namespace`.
#[derive(Debug, Clone)]
pub struct Namespace {
    /// Its alias.
    pub alias: Arc<str>,
    /// What names in it start with.
    pub prefix: Arc<str>,
    /// The prefix in the source, with its quotes.
    pub span: Span,
}

/// A claim that some statement or contract names.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Its name.
    pub name: ClaimName,
    /// `@overridable`.
    pub overridable: bool,
    /// `@accepts`: labels and where that is said.
    pub accepts: Vec<(crate::ty::Labels, Span)>,
    /// Where it was first named.
    pub span: Span,
}

/// How a claim's name is known.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ClaimName {
    /// The name.
    Literal(Arc<str>),
    /// A string attribute of `config`. If it is optional and absent, writes of the claim do not fire.
    Config(SlotId),
}

/// An `if` statement with all its `else if`: at most one branch is taken.
#[derive(Debug, Clone)]
pub struct Chain {
    /// The conditions in order.
    pub conditions: Vec<Condition>,
    /// What `else` guards.
    pub otherwise: Option<Span>,
    /// The whole statement.
    pub span: Span,
}

/// One condition.
#[derive(Debug, Clone)]
pub struct Condition {
    /// A Boolean expression.
    pub expr: Expr,
    /// Whether it reads an attribute of `user`, lets included (`user exists` is a test, not a read). Without a user
    /// the chain then ends here, unless the condition is true all the same.
    pub reads_user: bool,
}

/// Where a statement stands: in which branch of which chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Step {
    /// The chain.
    pub chain: ChainId,
    /// The branch; the number of conditions for `else`.
    pub branch: u32,
}

/// One verb with everything that decides whether it acts.
#[derive(Debug, Clone)]
pub struct Statement {
    /// All must be taken, outermost first.
    pub guard: Vec<Step>,
    /// `unless c`: acts only where this is not true.
    pub unless: Option<Expr>,
    /// What it does.
    pub action: Action,
    /// The verb.
    pub span: Span,
    /// The name of the claim that it is about, as it is written; of other verbs the same as `span`.
    pub subject: Span,
    /// `file:line`, as results name it.
    pub place: Arc<str>,
    /// The name of the `rule` it stands in.
    pub rule: Option<Arc<str>>,
    /// Every slot that guard, `unless`, claim name and value read, lets and lambdas included; sorted.
    pub reads: Vec<SlotId>,
    /// Sources of `external` whose failure its conditions test with `external.x failed`; sorted.
    pub handles_failure: Vec<Arc<str>>,
    /// Whether guard or `unless` reads `actor`.
    pub mentions_actor: bool,
    /// Slugs silenced around it.
    pub allows: Vec<Arc<str>>,
}

/// What a statement does.
#[derive(Debug, Clone)]
pub enum Action {
    /// Writes a claim or one member of it.
    Write {
        /// How strongly.
        level: Level,
        /// The claim.
        claim: ClaimId,
        /// The member of an object claim.
        member: Option<Arc<str>>,
        /// The value; of `append` a list.
        value: Expr,
        /// `?? deny "text"`, outermost.
        or_deny: Option<Denial>,
        /// The tokens.
        tokens: Tokens,
    },
    /// `add ns/* = record`: one claim for each member that is there.
    Spread {
        /// How strongly; never `append`.
        level: Level,
        /// What the names start with.
        prefix: Arc<str>,
        /// A record, map or `json` object.
        value: Expr,
        /// Only members whose whole name matches; always there for values with free keys.
        matching: Option<Arc<Regex>>,
        /// The tokens.
        tokens: Tokens,
    },
    /// Suppresses a claim.
    Remove {
        /// The claim.
        claim: ClaimId,
        /// The tokens.
        tokens: Tokens,
    },
    /// Refuses the request.
    Deny(Denial),
    /// Grants scopes: a string or a list of strings.
    AddScope(Expr),
    /// Takes scopes away: a string or a list of strings.
    RemoveScope(Expr),
    /// Keeps only these scopes: a list of strings.
    LimitScopes(Expr),
    /// Fills or narrows the audience: a string or a list of strings.
    SetAudience(Expr),
    /// The longest lifetime: a duration.
    LimitLifetime(Expr),
}

/// When a statement is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// `set audience`: reads `requested.*`, not `audience` and `scopes`.
    Audience,
    /// Scope statements: read `audience` and `requested.scopes`, not `scopes`.
    Scopes,
    /// Everything else: reads what the token will carry.
    Claims,
}

impl Action {
    /// When it is carried out.
    pub fn stage(&self) -> Stage {
        match self {
            Action::SetAudience(_) => Stage::Audience,
            Action::AddScope(_) | Action::RemoveScope(_) | Action::LimitScopes(_) => Stage::Scopes,
            _ => Stage::Claims,
        }
    }

    /// What it writes, grants or decides with.
    pub fn value(&self) -> Option<&Expr> {
        match self {
            Action::Write { value, .. }
            | Action::Spread { value, .. }
            | Action::AddScope(value)
            | Action::RemoveScope(value)
            | Action::LimitScopes(value)
            | Action::SetAudience(value)
            | Action::LimitLifetime(value) => Some(value),
            Action::Remove { .. } | Action::Deny(_) => None,
        }
    }

    /// The same, to be changed.
    fn value_mut(&mut self) -> Option<&mut Expr> {
        match self {
            Action::Write { value, .. }
            | Action::Spread { value, .. }
            | Action::AddScope(value)
            | Action::RemoveScope(value)
            | Action::LimitScopes(value)
            | Action::SetAudience(value)
            | Action::LimitLifetime(value) => Some(value),
            Action::Remove { .. } | Action::Deny(_) => None,
        }
    }

    /// The tokens that it is about; all for those that are not about tokens.
    pub fn tokens(&self) -> Tokens {
        match self {
            Action::Write { tokens, .. } | Action::Spread { tokens, .. } | Action::Remove { tokens, .. } => {
                *tokens
            }
            _ => Tokens::ALL,
        }
    }
}

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Denial {
    /// An OAuth error code.
    pub code: Arc<str>,
    /// What people are told.
    pub text: Arc<str>,
}

/// `ensure ..`, typed; nothing decides it yet but the proofs.
#[derive(Debug, Clone)]
pub struct Ensure {
    /// What is stated.
    pub kind: EnsureKind,
    /// Alias of the audience.
    pub audience: Option<Arc<str>>,
    /// The tokens.
    pub tokens: Tokens,
    /// The condition.
    pub when: Option<Expr>,
    /// The item.
    pub span: Span,
}

/// What an `ensure` states.
#[derive(Debug, Clone)]
pub enum EnsureKind {
    /// The claim is in no such token.
    Never(ClaimId),
    /// It is in every one.
    Always(ClaimId),
    /// No value with this label is.
    NoLabel(crate::ty::Labels),
    /// No such request gets a token.
    Deny,
}

/// `contract A { .. }`.
#[derive(Debug, Clone)]
pub struct Contract {
    /// Alias of the audience.
    pub audience: Arc<str>,
    /// Claims, their types (optional: may be absent) and places.
    pub members: Vec<(ClaimId, Type, Span)>,
    /// The item.
    pub span: Span,
}
