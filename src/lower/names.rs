//! The names that a policy declares: unique among their kind, and all used.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

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

    /// Whether this is what the name stands for: of two declarations of one name only the first counts.
    pub(super) fn is_first(&self, name: &Name) -> bool {
        self.all.get(name.text.as_str()).is_some_and(|declared| std::ptr::eq(declared.name, name))
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
        // Nothing refers to a rule by its name, so it may be any word.
        if self.what != "rule" {
            findings.extend(check_name(name, self.what));
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

/// A word that cannot be a declared name. The parser refuses reserved words itself.
fn check_name(name: &Name, what: &str) -> Option<Diagnostic> {
    let text = &name.text;
    let shape = text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if shape {
        return check_input_name(name, what);
    }
    Some(
        Diagnostic::new(&codes::BAD_NAME, name.span, format!("`{text}` cannot name a {what}"))
            .label("not of lower-case letters, digits and `_`")
            .help("choose a name of lower-case letters, digits and `_` that starts with a letter"),
    )
}

/// A word that is the name of an input and would change what others mean.
pub(super) fn check_input_name(name: &Name, what: &str) -> Option<Diagnostic> {
    Root::parse(&name.text).map(|_| {
        Diagnostic::new(&codes::BAD_NAME, name.span, format!("`{}` cannot name a {what}", name.text))
            .label("the name of an input")
            .help("choose another name")
    })
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
        Some(found) => did_you_mean(diagnostic, found),
        None => diagnostic,
    }
}

/// Offers a name in the place of the one that is reported.
pub(super) fn did_you_mean(diagnostic: Diagnostic, found: &str) -> Diagnostic {
    let span = diagnostic.span;
    diagnostic.help(format!("did you mean `{found}`?")).fix(
        Applicability::Unsafe,
        format!("replace it by `{found}`"),
        span,
        found,
    )
}

/// All bare names that the expressions of a block mention.
pub(super) fn words(block: &ast::Block) -> BTreeSet<&str> {
    let mut statements: Vec<&ast::Statement> = block.statements.iter().collect();
    let mut exprs: Vec<&ast::Expr> = Vec::new();
    while let Some(statement) = statements.pop() {
        match &statement.kind {
            ast::StatementKind::If(chain) => {
                exprs.extend(chain.branches.iter().map(|branch| &branch.condition));
                statements.extend(chain.branches.iter().flat_map(|branch| &branch.body.statements));
                statements.extend(chain.otherwise.iter().flat_map(|block| &block.statements));
            }
            ast::StatementKind::Block(inner) => statements.extend(&inner.statements),
            ast::StatementKind::Let(item) => exprs.push(&item.value),
            ast::StatementKind::Verb(verb) => {
                exprs.extend(&verb.unless);
                exprs.extend(verb.kind.value());
            }
            ast::StatementKind::Error => {}
        }
    }
    let mut found = BTreeSet::new();
    while let Some(expr) = exprs.pop() {
        if let ast::ExprKind::Name(name) = &*expr.kind {
            found.insert(name.as_str());
        }
        exprs.extend(expr.children());
    }
    found
}
