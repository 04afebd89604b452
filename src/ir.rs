//! The typed policy: names are resolved, every expression has a type, statements are flat and carry their guards.
//!
//! `lower` builds it from the tree and the catalog; checks, analyses and the evaluator read it. Where
//! [`ExprKind::Error`] or an error type occurs, an error was reported and no policy is made of the unit.

use std::sync::Arc;

use regex::Regex;

use crate::ast::{Comparison, Level, SumOperator};
use crate::builtins::Builtin;
use crate::catalog::{Catalog, Root};
use crate::source::Span;
use crate::standard::Tokens;
use crate::ty::{Shape, Type};
use crate::value::Value;

mod visit;

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

/// All files of a policy, compiled as one.
#[derive(Debug, Clone)]
pub struct Unit {
    /// The facts it talks about.
    pub catalog: Arc<Catalog>,
    /// Attributes that it reads, each once.
    pub slots: Vec<Slot>,
    /// Lets without parameters, local ones too. (Lets with parameters are expanded where they are called.)
    pub lets: Vec<Let>,
    /// Tables.
    pub tables: Vec<Table>,
    /// Claims that it names, each once.
    pub claims: Vec<Claim>,
    /// Conditions of statements.
    pub chains: Vec<Chain>,
    /// What it does.
    pub statements: Vec<Statement>,
    /// `ensure` items.
    pub ensures: Vec<Ensure>,
    /// Contracts.
    pub contracts: Vec<Contract>,
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
    pub rows: Vec<(Vec<Value>, Value)>,
    /// The type of a key position, and of the values.
    pub key: Vec<Type>,
    /// The type of the values.
    pub value: Type,
    /// Its name in the source.
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

/// An expression with its type.
#[derive(Debug, Clone)]
pub struct Expr {
    /// What it is.
    pub kind: Box<ExprKind>,
    /// Its type. A condition that may be unknown is an optional Boolean.
    pub ty: Type,
    /// Whether it may be absent because the request has no user (then it is [`Outcome::NoUser`]).
    ///
    /// [`Outcome::NoUser`]: crate::value::Outcome::NoUser
    pub needs_user: bool,
    /// Where it was written; of an expanded `let` with parameters, within its body.
    pub span: Span,
}

/// The kinds of expression.
#[derive(Debug, Clone)]
pub enum ExprKind {
    /// An error was reported.
    Error,
    /// A constant; times and durations as whole seconds.
    Literal(Value),
    /// `omit`: absent.
    Omit,
    /// An attribute.
    Slot(SlotId),
    /// The parameter of a lambda.
    Local(LocalId),
    /// A `let`.
    Let(LetId),
    /// A member of a record, map or `json` value; absent where there is none.
    Member(Expr, Arc<str>),
    /// An element: of a list by whole number (negative ones are absent), of a map by string, of `json` by either.
    Index(Expr, Expr),
    /// A row of a table; absent where there is none. One key expression for each key position.
    Lookup {
        /// The table.
        table: TableId,
        /// The keys.
        keys: Vec<Expr>,
        /// For each key, whether ASCII case is ignored.
        fold: Vec<bool>,
    },
    /// Strings, whole numbers, Booleans and enums joined into one string.
    Template(Vec<Expr>),
    /// A list; an absent element is left out (`?? omit`).
    List(Vec<Element>),
    /// A record; an absent member is left out.
    Record(Vec<Member>),
    /// `then` where the condition is true, else `otherwise`.
    If {
        /// The condition.
        condition: Expr,
        /// Whether it reads an attribute of `user`: without a user there is then no value, unless it is true.
        reads_user: bool,
        /// Its value where true.
        then: Expr,
        /// Its value elsewhere.
        otherwise: Expr,
    },
    /// The first arm one of whose literals equals the subject, else `otherwise`; absent where the subject is, or where
    /// no arm fits and there is no `otherwise`.
    Match {
        /// What is looked at.
        subject: Expr,
        /// Whether it reads an attribute of `user`: without a user there is then no value, unless it is present.
        reads_user: bool,
        /// Whether ASCII case is ignored.
        fold: bool,
        /// Literals and value.
        arms: Vec<(Vec<Value>, Expr)>,
        /// `_`.
        otherwise: Option<Expr>,
    },
    /// A method. Absent receiver or arguments make it absent, unless its row says otherwise.
    Call {
        /// Its row.
        builtin: &'static Builtin,
        /// The receiver.
        receiver: Expr,
        /// The arguments.
        arguments: Vec<Argument>,
        /// Whether strings are compared without regard to ASCII case.
        fold: bool,
    },
    /// Strings or lists joined.
    Join(Vec<Expr>),
    /// Whole numbers, times and durations added; overflow fails.
    Sum(Expr, Vec<(SumOperator, Expr)>),
    /// Whole numbers and durations multiplied; overflow fails.
    Product(Vec<Expr>),
    /// The negative; overflow fails.
    Negate(Expr),
    /// The first that is there. Absence by a missing user is not ended.
    Coalesce(Vec<Expr>),
    /// The value if it is of this shape, else absent; members that the shape lacks are dropped.
    As(Expr, Arc<Shape>),
    /// All; Kleene's three values. Two or more.
    And(Vec<Expr>),
    /// Any; Kleene's three values. Two or more.
    Or(Vec<Expr>),
    /// Not; unknown stays unknown.
    Not(Expr),
    /// A comparison; unknown where a side is absent. `!=` is `Not` of `=`.
    Compare {
        /// The operator, never `!=`.
        operator: Comparison,
        /// Left.
        left: Expr,
        /// Right.
        right: Expr,
        /// Whether ASCII case is ignored (equality only).
        fold: bool,
    },
    /// Whether a list has an element.
    In {
        /// The element.
        element: Expr,
        /// The list.
        list: Expr,
        /// Whether ASCII case is ignored.
        fold: bool,
    },
    /// Whether there is a value; unknown where it needs an absent user.
    Exists(Expr),
    /// `user exists`: never unknown.
    UserExists,
    /// `grant in login`: a grant with a sign-in, or a refresh that has a user and whose first grant was one or is not
    /// told. Never unknown.
    Login,
    /// `external.x failed`: never unknown.
    Failed(Arc<str>),
    /// `audience = a`: the set is exactly this one. The expression gives a string.
    AudienceIs(AudienceOf, Expr),
    /// `a in audience`: the set has this one.
    AudienceHas(AudienceOf, Expr),
    /// `audience in [a, b]`: the set is not empty and all of it is in the list.
    AudienceWithin(AudienceOf, Expr),
}

/// Which audience is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AudienceOf {
    /// The token's.
    Token,
    /// The requested one.
    Requested,
}

/// Element of a list.
#[derive(Debug, Clone)]
pub struct Element {
    /// Whether it is a list whose elements stand here.
    pub spread: bool,
    /// The expression.
    pub value: Expr,
}

/// Member of a record.
#[derive(Debug, Clone)]
pub enum Member {
    /// One member; a later one of the name replaces it in place.
    Named(Arc<str>, Expr),
    /// All members of an object.
    Spread(Expr),
}

/// Argument of a method.
#[derive(Debug, Clone)]
pub enum Argument {
    /// An expression.
    Value(Expr),
    /// A lambda.
    Lambda {
        /// Its parameter.
        param: LocalId,
        /// Its body.
        body: Expr,
    },
    /// A regular expression.
    Regex(Arc<Regex>),
}
