//! Typed expressions.

use std::sync::Arc;

use regex::Regex;

use super::{LetId, LocalId, SlotId, TableId};
use crate::ast::{Comparison, SumOperator};
use crate::builtins::Builtin;
use crate::source::Span;
use crate::ty::{Kind, Shape, Type};
use crate::value::Value;

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
    /// Whether evaluating it may spend steps of a request's budget, lets included.
    pub spends: bool,
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

impl ExprKind {
    /// Whether it spends steps of a request's budget, those of its parts aside.
    pub fn spends(&self) -> bool {
        let is_scalar = |expr: &Expr| {
            !matches!(expr.ty.kind, Kind::List(_) | Kind::Map(_) | Kind::Record(_) | Kind::Json | Kind::Error)
        };
        match self {
            ExprKind::Call { .. }
            | ExprKind::In { .. }
            | ExprKind::Template(_)
            | ExprKind::List(_)
            | ExprKind::Record(_)
            | ExprKind::Join(_) => true,
            ExprKind::Compare { left, right, .. } => !is_scalar(left) && !is_scalar(right),
            _ => false,
        }
    }
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
