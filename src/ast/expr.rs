//! Expressions, conditions and types as they are written.

use super::{Deny, Name, Text};
use crate::source::Span;

/// An expression or condition.
#[derive(Debug, Clone)]
pub struct Expr {
    /// What it is.
    pub kind: Box<ExprKind>,
    /// From its first to its last token; parentheses around it not included.
    pub span: Span,
}

/// The kinds of expression.
#[derive(Debug, Clone)]
pub enum ExprKind {
    /// Reported already.
    Error,
    /// `true`, `false`.
    Bool(bool),
    /// `null`.
    Null,
    /// `omit`.
    Omit,
    /// A number, as it was written (valid JSON; a leading `-` is part of it only where the grammar says so).
    Number(String),
    /// `5m`: whole seconds. Too large ones are reported by the parser.
    Duration(i64),
    /// A string with its parts; a plain one has at most one text part.
    Template(Vec<Part>),
    /// `/regex/` as an argument: the pattern without slashes, `\/` resolved.
    Regex(String),
    /// `[a, ...b]`.
    List(Vec<Element>),
    /// `{ a: x, ...y }`.
    Record(Vec<Member>),
    /// A bare name: an input, let, table, parameter or catalog alias.
    Name(String),
    /// `e.name`.
    Member {
        /// Of what.
        object: Expr,
        /// The member.
        name: Name,
    },
    /// `e[i]`, `t["a", "b"]`: one or two indexes.
    Index {
        /// Of what.
        object: Expr,
        /// The indexes.
        index: Vec<Expr>,
    },
    /// `f(x)`: a `let` with parameters.
    Call {
        /// The function.
        function: Name,
        /// The arguments.
        arguments: Vec<Expr>,
    },
    /// `e.method(x, y)`.
    Method {
        /// Of what.
        receiver: Expr,
        /// The method.
        name: Name,
        /// The arguments; lambdas and regular expressions only here.
        arguments: Vec<Expr>,
    },
    /// `g => e`, as an argument.
    Lambda {
        /// The parameter.
        param: Name,
        /// The body.
        body: Expr,
    },
    /// `if c then a else b`; chains nest in `otherwise`.
    If {
        /// The condition.
        condition: Expr,
        /// When it is true.
        then: Expr,
        /// Otherwise.
        otherwise: Expr,
    },
    /// `match e { "a", "b" => x, _ => y }`.
    Match {
        /// What is looked at.
        subject: Expr,
        /// The arms.
        arms: Vec<Arm>,
    },
    /// `not c`.
    Not(Expr),
    /// `-e`.
    Negate(Expr),
    /// `a and b and c`: two or more.
    And(Vec<Expr>),
    /// `a or b or c`: two or more.
    Or(Vec<Expr>),
    /// `a = b` and the like.
    Compare {
        /// The operator.
        operator: Comparison,
        /// Left.
        left: Expr,
        /// Right.
        right: Expr,
    },
    /// `a in b`, `a not in b`.
    In {
        /// `not in`.
        negated: bool,
        /// Left.
        element: Expr,
        /// Right.
        list: Expr,
    },
    /// `a ?? b ?? c`: two or more, grouped to the left.
    Coalesce(Vec<Expr>),
    /// `a + b - c`: the first operand and what follows.
    Sum(Expr, Vec<(SumOperator, Expr)>),
    /// `a * b * c`: two or more.
    Product(Vec<Expr>),
    /// `e exists`.
    Exists(Expr),
    /// `e failed`.
    Failed(Expr),
    /// `e as T`.
    As(Expr, Type),
    /// `deny "text"`, right of `??`.
    Deny(Deny),
}

/// Part of a template.
#[derive(Debug, Clone)]
pub enum Part {
    /// Text, escapes resolved.
    Text(String),
    /// `${e}`.
    Value(Expr),
}

/// Element of a list.
#[derive(Debug, Clone)]
pub struct Element {
    /// `...e`.
    pub spread: bool,
    /// The expression.
    pub value: Expr,
}

/// Member of a record.
#[derive(Debug, Clone)]
pub enum Member {
    /// `name: e`, `"name": e`.
    Named {
        /// The key.
        name: Name,
        /// The value.
        value: Expr,
    },
    /// `...e`.
    Spread(Expr),
}

/// Arm of a `match`.
#[derive(Debug, Clone)]
pub struct Arm {
    /// Literals; empty for `_`.
    pub patterns: Vec<Expr>,
    /// The value.
    pub value: Expr,
    /// The whole arm.
    pub span: Span,
}

/// Comparison operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
}

impl Comparison {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Comparison::Equal => "=",
            Comparison::NotEqual => "!=",
            Comparison::Less => "<",
            Comparison::LessEqual => "<=",
            Comparison::Greater => ">",
            Comparison::GreaterEqual => ">=",
        }
    }
}

/// `+` or `-`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SumOperator {
    /// `+`
    Plus,
    /// `-`
    Minus,
}

/// A type as it is written, here and in claims.yaml.
#[derive(Debug, Clone)]
pub struct Type {
    /// What it is.
    pub kind: Box<TypeKind>,
    /// Its place.
    pub span: Span,
}

/// The kinds of type.
#[derive(Debug, Clone)]
pub enum TypeKind {
    /// Reported already.
    Error,
    /// `string`, `email` ...: a word that the parser does not judge.
    Named(String),
    /// `"free" | "pro"`.
    Enum(Vec<Text>),
    /// `T[]`.
    List(Type),
    /// `map[T]`.
    Map(Type),
    /// `T?`.
    Optional(Type),
    /// `{ a: T, ... }`.
    Record {
        /// The members.
        members: Vec<(Name, Type)>,
        /// `...`.
        open: bool,
    },
}

impl Expr {
    /// The expressions directly inside this one.
    pub fn children(&self) -> Vec<&Expr> {
        match &*self.kind {
            ExprKind::Error
            | ExprKind::Bool(_)
            | ExprKind::Null
            | ExprKind::Omit
            | ExprKind::Number(_)
            | ExprKind::Duration(_)
            | ExprKind::Regex(_)
            | ExprKind::Name(_)
            | ExprKind::Deny(_) => Vec::new(),
            ExprKind::Template(parts) => parts
                .iter()
                .filter_map(|part| match part {
                    Part::Value(e) => Some(e),
                    Part::Text(_) => None,
                })
                .collect(),
            ExprKind::List(elements) => elements.iter().map(|e| &e.value).collect(),
            ExprKind::Record(members) => members
                .iter()
                .map(|m| match m {
                    Member::Named { value, .. } => value,
                    Member::Spread(e) => e,
                })
                .collect(),
            ExprKind::Member { object: e, .. }
            | ExprKind::Lambda { body: e, .. }
            | ExprKind::Not(e)
            | ExprKind::Negate(e)
            | ExprKind::Exists(e)
            | ExprKind::Failed(e)
            | ExprKind::As(e, _) => vec![e],
            ExprKind::Index { object, index: more }
            | ExprKind::Method { receiver: object, arguments: more, .. } => {
                std::iter::once(object).chain(more).collect()
            }
            ExprKind::Call { arguments: many, .. }
            | ExprKind::And(many)
            | ExprKind::Or(many)
            | ExprKind::Coalesce(many)
            | ExprKind::Product(many) => many.iter().collect(),
            ExprKind::If { condition, then, otherwise } => vec![condition, then, otherwise],
            ExprKind::Match { subject, arms } => std::iter::once(subject)
                .chain(arms.iter().flat_map(|arm| arm.patterns.iter().chain([&arm.value])))
                .collect(),
            ExprKind::Compare { left: a, right: b, .. } | ExprKind::In { element: a, list: b, .. } => {
                vec![a, b]
            }
            ExprKind::Sum(first, rest) => std::iter::once(first).chain(rest.iter().map(|(_, e)| e)).collect(),
        }
    }
}
