//! What was written: the tree that `syntax` builds and `lower` reads. Nothing is resolved here.
//!
//! A broken stretch of text is an `Error` node, so that the rest is still checked.

use crate::source::Span;
use crate::standard::Token;

mod expr;

pub use expr::{Arm, Comparison, Element, Expr, ExprKind, Member, Part, SumOperator, Type, TypeKind};

/// A bare word and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The word.
    pub text: String,
    /// Its place.
    pub span: Span,
}

/// A literal-only string, escapes resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The text.
    pub text: String,
    /// The place of the literal with its quotes.
    pub span: Span,
}

/// One `*.claims` file.
#[derive(Debug, Clone, Default)]
pub struct File {
    /// The items that could be read, in order; broken ones are left out of this list and set [`File::broken`].
    pub items: Vec<Item>,
    /// Whether there is a syntax error anywhere in the file.
    pub broken: bool,
    /// All comments in order, for the formatter.
    pub comments: Vec<Comment>,
}

/// A comment, with its slashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Its place.
    pub span: Span,
    /// Whether nothing but blanks stands before it on its line.
    pub own_line: bool,
}

/// `/// text`, the lines joined by newlines, without slashes and first blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doc {
    /// The text.
    pub text: String,
    /// All its lines.
    pub span: Span,
}

/// `@allow(slug, "reason")`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allow {
    /// The slug of the silenced check: words with dashes.
    pub slug: Name,
    /// Why.
    pub reason: Text,
    /// The whole annotation.
    pub span: Span,
}

/// What stands before an item, statement or block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notes {
    /// Documentation.
    pub doc: Option<Doc>,
    /// Silenced checks.
    pub allows: Vec<Allow>,
}

/// A top-level item.
#[derive(Debug, Clone)]
pub struct Item {
    /// What it is.
    pub kind: ItemKind,
    /// Documentation and silenced checks.
    pub notes: Notes,
    /// From its first to its last token, notes not included.
    pub span: Span,
}

/// The kinds of item.
#[derive(Debug, Clone)]
pub enum ItemKind {
    /// `namespace ns = "https://..."`.
    Namespace {
        /// The alias.
        name: Name,
        /// The prefix.
        prefix: Text,
    },
    /// `claim ...`.
    Claim(ClaimItem),
    /// `let ...`.
    Let(Let),
    /// `table ...`.
    Table(Table),
    /// `contract A { ... }`.
    Contract(Contract),
    /// `ensure ...`.
    Ensure(Ensure),
    /// `rule name: statement`.
    Rule {
        /// The rule's name.
        name: Name,
        /// What it does.
        body: Statement,
    },
    /// A statement without a name.
    Statement(Statement),
}

/// `claim alias = "name"`, `claim alias = config.x`, or a note about a claim: `claim ns/x @overridable`.
#[derive(Debug, Clone)]
pub struct ClaimItem {
    /// What it is about.
    pub subject: ClaimSubject,
    /// `@accepts(untrusted, "reason")`.
    pub accepts: Vec<Accepts>,
    /// `@overridable`.
    pub overridable: Option<Span>,
}

/// What a `claim` item is about.
#[derive(Debug, Clone)]
pub enum ClaimSubject {
    /// `claim hasura = "https://..."`.
    Literal {
        /// The alias.
        alias: Name,
        /// The whole claim name.
        name: Text,
    },
    /// `claim special = config.claim_name`: an expression that must be a path of `config`.
    Config {
        /// The alias.
        alias: Name,
        /// The path.
        path: Expr,
    },
    /// `claim ns/beta @...`.
    Existing(ClaimName),
}

/// `@accepts(label, "reason")`.
#[derive(Debug, Clone)]
pub struct Accepts {
    /// The label.
    pub label: Name,
    /// Why.
    pub reason: Text,
    /// The whole annotation.
    pub span: Span,
}

/// `let name = e` or `let name(p, q) = e`.
#[derive(Debug, Clone)]
pub struct Let {
    /// Its name.
    pub name: Name,
    /// `None` for a plain let; parameters of a function, possibly none.
    pub params: Option<Vec<Name>>,
    /// What it stands for.
    pub value: Expr,
}

/// `table name { keys => value, ... }`.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name.
    pub name: Name,
    /// The rows.
    pub rows: Vec<Row>,
}

/// One row of a table: `"a", "b" => v` has two keys, `["a", "b"] => v` one key that is a pair.
#[derive(Debug, Clone)]
pub struct Row {
    /// Literals, or lists of two literals.
    pub keys: Vec<Expr>,
    /// A literal, or a list or record of them.
    pub value: Expr,
    /// The whole row.
    pub span: Span,
}

/// `contract A { ns/env: string, ... }`.
#[derive(Debug, Clone)]
pub struct Contract {
    /// The audience.
    pub audience: Name,
    /// The members.
    pub members: Vec<ContractMember>,
}

/// One claim of a contract.
#[derive(Debug, Clone)]
pub struct ContractMember {
    /// Documentation.
    pub doc: Option<Doc>,
    /// The claim.
    pub claim: ClaimName,
    /// Its type.
    pub ty: Type,
    /// The whole member.
    pub span: Span,
}

/// `ensure ...`.
#[derive(Debug, Clone)]
pub struct Ensure {
    /// What is stated.
    pub kind: EnsureKind,
    /// `for A`.
    pub audience: Option<Name>,
    /// `to id_token`.
    pub target: Option<Target>,
    /// `when c`.
    pub when: Option<Expr>,
}

/// What an `ensure` states.
#[derive(Debug, Clone)]
pub enum EnsureKind {
    /// `ensure never C`.
    Never(ClaimName),
    /// `ensure always C`.
    Always(ClaimName),
    /// `ensure no label`.
    NoLabel(Name),
    /// `ensure deny when c`.
    Deny,
}

/// A statement.
#[derive(Debug, Clone)]
pub struct Statement {
    /// What it is.
    pub kind: StatementKind,
    /// Documentation and silenced checks.
    pub notes: Notes,
    /// From its first to its last token, notes not included.
    pub span: Span,
}

/// The kinds of statement.
#[derive(Debug, Clone)]
pub enum StatementKind {
    /// `if c then .. else if d then .. else ..`, the whole chain.
    If(If),
    /// `{ .. }` or `to both { .. }`.
    Block(Block),
    /// `let` inside a block; not at the top level, where it is an item.
    Let(Let),
    /// A verb.
    Verb(Verb),
    /// A broken statement; reported already.
    Error,
}

/// A chain of conditions.
#[derive(Debug, Clone)]
pub struct If {
    /// `if` and all `else if`, at least one.
    pub branches: Vec<Branch>,
    /// `else`.
    pub otherwise: Option<Block>,
}

/// One condition and what it guards.
#[derive(Debug, Clone)]
pub struct Branch {
    /// The condition.
    pub condition: Expr,
    /// What it guards.
    pub body: Block,
}

/// One unbraced statement, or a braced block with its target.
#[derive(Debug, Clone)]
pub struct Block {
    /// `to both { .. }`: where writes go that say nothing themselves.
    pub target: Option<Target>,
    /// The statements.
    pub statements: Vec<Statement>,
    /// Silenced checks that stand before the brace.
    pub allows: Vec<Allow>,
    /// The whole block.
    pub span: Span,
}

/// `to id_token`, `to both`, `to access_token, userinfo`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The tokens, `both` resolved, each once, with the place of the word.
    pub tokens: Vec<(Token, Span)>,
    /// With `to`.
    pub span: Span,
}

/// A verb with its tail.
#[derive(Debug, Clone)]
pub struct Verb {
    /// What it does.
    pub kind: VerbKind,
    /// `to ..`.
    pub target: Option<Target>,
    /// `unless c`. Restrictions only; `lower` reports it elsewhere.
    pub unless: Option<Expr>,
}

/// How strongly a claim is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// `default`: when no add or override of the claim fires.
    Default,
    /// `append`: a contribution to a set; counts as an add against `default`.
    Append,
    /// `add`.
    Add,
    /// `override`: beats add.
    Override,
}

impl Level {
    /// The verb.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Default => "default",
            Level::Append => "append",
            Level::Add => "add",
            Level::Override => "override",
        }
    }
}

/// What a verb does.
#[derive(Debug, Clone)]
pub enum VerbKind {
    /// `add C = e`, `default`, `override`, `append`.
    Write {
        /// Which of them.
        level: Level,
        /// The claim, or one member of it, or all of a namespace.
        claim: ClaimPath,
        /// The value. Outermost it may be `e ?? deny "text"`.
        value: Expr,
        /// `matching /regex/`: the pattern without slashes, `\/` resolved.
        matching: Option<Text>,
    },
    /// `remove C`.
    Remove(ClaimPath),
    /// `deny code "text"`.
    Deny(Deny),
    /// `add scope e`.
    AddScope(Expr),
    /// `remove scope e`.
    RemoveScope(Expr),
    /// `limit scopes to list`.
    LimitScopes(Expr),
    /// `set audience to e`.
    SetAudience(Expr),
    /// `limit lifetime to 5m`.
    LimitLifetime(Expr),
}

/// `deny "text"` or `deny code "text"`, as a verb or right of `??`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deny {
    /// The OAuth error code; default `access_denied`.
    pub code: Option<Name>,
    /// What people are told.
    pub text: Text,
    /// The whole of it.
    pub span: Span,
}

/// A claim or one member of it.
#[derive(Debug, Clone)]
pub struct ClaimPath {
    /// The claim.
    pub name: ClaimName,
    /// `.member`.
    pub member: Option<Name>,
    /// The whole of it.
    pub span: Span,
}

/// A claim as it is written.
#[derive(Debug, Clone)]
pub enum ClaimName {
    /// `email`: an alias of a `claim` item, or a short name.
    Bare(Name),
    /// `"https://.."`, `"x-role"`.
    Quoted(Text),
    /// `ns/email`, `ns/"x-role"`.
    Namespaced {
        /// The namespace's alias.
        namespace: Name,
        /// What follows it.
        local: Name,
        /// The whole of it.
        span: Span,
    },
    /// `ns/*`.
    All {
        /// The namespace's alias.
        namespace: Name,
        /// The whole of it.
        span: Span,
    },
}

impl ClaimName {
    /// The place of the whole name.
    pub fn span(&self) -> Span {
        match self {
            ClaimName::Bare(name) => name.span,
            ClaimName::Quoted(text) => text.span,
            ClaimName::Namespaced { span, .. } | ClaimName::All { span, .. } => *span,
        }
    }
}

impl VerbKind {
    /// The expression of the verb, if it has one.
    pub fn value(&self) -> Option<&Expr> {
        match self {
            VerbKind::Write { value, .. }
            | VerbKind::AddScope(value)
            | VerbKind::RemoveScope(value)
            | VerbKind::LimitScopes(value)
            | VerbKind::SetAudience(value)
            | VerbKind::LimitLifetime(value) => Some(value),
            VerbKind::Remove(_) | VerbKind::Deny(_) => None,
        }
    }
}
