//! The names that a policy declares: unique among their kind, and all used.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::codes;
use crate::ast::{self, ClaimSubject, ItemKind, Name};
use crate::catalog::Root;
use crate::diag::{Applicability, Code, Diagnostic};
use crate::suggest::similar;

/// A declaration and whether something reads it.
pub(super) struct Declared<'a, T> {
    pub(super) name: &'a Name,
    pub(super) item: T,
    used: Cell<bool>,
}

/// All declarations of one kind, by name.
pub(super) struct Kind<'a, T> {
    what: &'static str,
    all: BTreeMap<&'a str, Declared<'a, T>>,
}

impl<'a, T: Copy> Kind<'a, T> {
    fn new(what: &'static str) -> Self {
        Kind { what, all: BTreeMap::new() }
    }

    /// The declaration of a name, which is used by that.
    pub(super) fn get(&self, name: &str) -> Option<&Declared<'a, T>> {
        self.all.get(name).inspect(|declared| declared.used.set(true))
    }

    /// Whether the name is declared; asking is no use of it.
    pub(super) fn has(&self, name: &str) -> bool {
        self.all.contains_key(name)
    }

    /// All names.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.all.keys().copied()
    }

    /// All declarations.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Declared<'a, T>> {
        self.all.values()
    }

    fn declare(&mut self, name: &'a Name, item: T, findings: &mut Vec<Diagnostic>) {
        if let Some(problem) = bad_name(&name.text) {
            findings.push(
                Diagnostic::new(
                    &codes::BAD_NAME,
                    name.span,
                    format!("`{}` cannot name a {}", name.text, self.what),
                )
                .label(problem)
                .help("choose a name of lower-case letters, digits and `_` that starts with a letter"),
            );
        }
        if let Some(first) = self.all.get(name.text.as_str()) {
            findings.push(
                Diagnostic::new(
                    &codes::DUPLICATE_NAME,
                    name.span,
                    format!("the {} `{}` is declared twice", self.what, name.text),
                )
                .label("declared again here")
                .also(first.name.span, "declared here first")
                .help("rename or remove one of them"),
            );
            return;
        }
        self.all.insert(&name.text, Declared { name, item, used: Cell::new(false) });
    }

    fn unused(&self, code: &'static Code, findings: &mut Vec<Diagnostic>) {
        for declared in self.all.values().filter(|declared| !declared.used.get()) {
            let name = &declared.name.text;
            findings.push(
                Diagnostic::new(
                    code,
                    declared.name.span,
                    format!("the {} `{name}` is never used", self.what),
                )
                .help("remove it, or use it"),
            );
        }
    }
}

/// Why a word cannot be a declared name; `None` if it can. The parser refuses reserved words itself.
fn bad_name(name: &str) -> Option<&'static str> {
    let shape = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !shape {
        return Some("not of lower-case letters, digits and `_`");
    }
    Root::parse(name).map(|_| "the name of an input")
}

/// What a `claim` alias stands for.
#[derive(Clone, Copy)]
pub(super) enum ClaimAlias<'a> {
    /// A whole name.
    Literal(&'a ast::Text),
    /// A constant of `config`.
    Config(&'a ast::Expr),
}

/// Everything that the files of a policy declare.
pub(super) struct Names<'a> {
    pub(super) namespaces: Kind<'a, &'a ast::Text>,
    pub(super) claims: Kind<'a, ClaimAlias<'a>>,
    pub(super) lets: Kind<'a, &'a ast::Let>,
    pub(super) tables: Kind<'a, &'a ast::Table>,
    rules: Kind<'a, ()>,
}

impl<'a> Names<'a> {
    /// Collects the declarations of all files.
    pub(super) fn collect(files: &'a [ast::File], findings: &mut Vec<Diagnostic>) -> Self {
        let mut names = Names {
            namespaces: Kind::new("namespace"),
            claims: Kind::new("claim"),
            lets: Kind::new("let"),
            tables: Kind::new("table"),
            rules: Kind::new("rule"),
        };
        for item in files.iter().flat_map(|file| &file.items) {
            match &item.kind {
                ItemKind::Namespace { name, prefix } => names.namespaces.declare(name, prefix, findings),
                ItemKind::Claim(claim) => match &claim.subject {
                    ClaimSubject::Literal { alias, name } => {
                        names.claims.declare(alias, ClaimAlias::Literal(name), findings);
                    }
                    ClaimSubject::Config { alias, path } => {
                        names.claims.declare(alias, ClaimAlias::Config(path), findings);
                    }
                    ClaimSubject::Existing(_) => {}
                },
                ItemKind::Let(item) => names.lets.declare(&item.name, item, findings),
                ItemKind::Table(item) => names.tables.declare(&item.name, item, findings),
                ItemKind::Rule { name, .. } => names.rules.declare(name, (), findings),
                ItemKind::Contract(_) | ItemKind::Ensure(_) | ItemKind::Statement(_) => {}
            }
        }
        names
    }

    /// What nothing uses.
    pub(super) fn unused(&self, findings: &mut Vec<Diagnostic>) {
        self.namespaces.unused(&codes::UNUSED_NAMESPACE, findings);
        self.claims.unused(&codes::UNUSED_CLAIM_ALIAS, findings);
        self.lets.unused(&codes::UNUSED_LET, findings);
        self.tables.unused(&codes::UNUSED_TABLE, findings);
    }
}

/// Adds "did you mean" with a fix where a candidate is like the word.
pub(super) fn suggest<'c>(
    diagnostic: Diagnostic,
    word: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Diagnostic {
    match similar(word, candidates) {
        Some(found) => {
            let span = diagnostic.span;
            diagnostic.help(format!("did you mean `{found}`?")).fix(
                Applicability::Unsafe,
                format!("replace it by `{found}`"),
                span,
                found,
            )
        }
        None => diagnostic,
    }
}

/// All bare names that the expressions of a block read.
pub(super) fn words<'a>(block: &'a ast::Block, found: &mut std::collections::BTreeSet<&'a str>) {
    let mut exprs: Vec<&ast::Expr> = Vec::new();
    let mut blocks = vec![block];
    while let Some(block) = blocks.pop() {
        for statement in &block.statements {
            match &statement.kind {
                ast::StatementKind::If(chain) => {
                    for branch in &chain.branches {
                        exprs.push(&branch.condition);
                        blocks.push(&branch.body);
                    }
                    blocks.extend(&chain.otherwise);
                }
                ast::StatementKind::Block(inner) => blocks.push(inner),
                ast::StatementKind::Let(item) => exprs.push(&item.value),
                ast::StatementKind::Verb(verb) => {
                    exprs.extend(&verb.unless);
                    exprs.extend(verb.kind.value());
                }
                ast::StatementKind::Error => {}
            }
        }
    }
    while let Some(expr) = exprs.pop() {
        if let ast::ExprKind::Name(name) = &*expr.kind {
            found.insert(name);
        }
        exprs.extend(expr.children());
    }
}
