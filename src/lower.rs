//! Tree and catalog to typed policy: names are resolved, every expression gets its type, statements become flat.
//!
//! A mistake is reported once and becomes an error node or type that fits everywhere, so that the rest is checked as
//! if it were right. The unit may only be evaluated if nothing was reported as an error.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};

use crate::ast::{self, ItemKind};
use crate::catalog::Catalog;
use crate::diag::{Code, Diagnostic, Severity};
use crate::ir;
use crate::source::{Sources, Span};
use crate::ty::{Kind, Labels, Type};

mod arithmetic;
mod call;
mod choice;
mod claim;
pub mod codes;
mod compose;
mod condition;
mod context;
mod expr;
mod guard;
mod identity;
mod names;
mod path;
mod promise;
mod reads;
mod scope;
mod statement;
mod table;
#[cfg(test)]
pub(crate) mod testing;
mod verb;

use context::{LetFacts, Tables};
use names::Names;

/// How many parts a type may have.
const MAX_TYPE: usize = 10_000;

/// How deep an expression may be once the lets and functions it uses are counted in.
pub const MAX_DEPTH: usize = 256;
/// How many expressions the calls of functions may expand to.
pub const MAX_EXPANSION: usize = 200_000;

/// Types the files of a policy. They are compiled as one; their order does not matter.
pub fn lower(files: &[ast::File], sources: &Sources, catalog: &Arc<Catalog>) -> (ir::Unit, Vec<Diagnostic>) {
    let mut findings = Vec::new();
    let names = Names::collect(files, &mut findings);
    let mut lowerer = Lowerer {
        sources,
        catalog: Arc::clone(catalog),
        names,
        findings,
        is_broken: files.iter().any(|file| file.broken),
        slots: IndexSet::new(),
        claims: IndexMap::new(),
        claim_types: BTreeMap::new(),
        lets: Vec::new(),
        let_states: BTreeMap::new(),
        depths: Vec::new(),
        let_reads: Vec::new(),
        let_facts: Vec::new(),
        tables: Vec::new(),
        table_ids: BTreeMap::new(),
        chains: Vec::new(),
        statements: Vec::new(),
        ensures: Vec::new(),
        contracts: Vec::new(),
        locals: 0,
        open: 0,
        expanded: 0,
        seen: BTreeSet::new(),
        local_names: BTreeSet::new(),
        recursive: BTreeSet::new(),
        is_too_deep: false,
    };
    lowerer.unit(files);
    lowerer.finish()
}

/// What has become of a top-level `let`.
#[derive(Clone, Copy)]
enum LetState {
    /// Its value is being typed: a use now is a use within itself.
    Open,
    /// Typed.
    Done(ir::LetId),
}

struct Lowerer<'a> {
    sources: &'a Sources,
    catalog: Arc<Catalog>,
    names: Names<'a>,
    findings: Vec<Diagnostic>,
    /// Whether some file has a syntax error, so that a missing name may stand in the broken part.
    is_broken: bool,
    slots: IndexSet<ir::Slot>,
    claims: IndexMap<ir::ClaimName, ir::Claim>,
    /// Types that contracts and claims.yaml state for claims.
    claim_types: BTreeMap<ir::ClaimId, Vec<claim::Stated>>,
    lets: Vec<ir::Let>,
    let_states: BTreeMap<&'a str, LetState>,
    /// The depth of each let's value, lets counted in.
    depths: Vec<usize>,
    /// What each let's value reads.
    let_reads: Vec<reads::Reads>,
    /// What is known of each of the lets.
    let_facts: Vec<LetFacts>,
    tables: Vec<ir::Table>,
    table_ids: BTreeMap<&'a str, ir::TableId>,
    chains: Vec<ir::Chain>,
    statements: Vec<ir::Statement>,
    ensures: Vec<ir::Ensure>,
    contracts: Vec<ir::Contract>,
    locals: u32,
    /// How many expressions are being typed within each other.
    open: usize,
    expanded: usize,
    /// Conditions that were reported already.
    seen: BTreeSet<Span>,
    /// Names of local lets that were met.
    local_names: BTreeSet<&'a str>,
    /// Functions that were reported to stand for themselves.
    recursive: BTreeSet<&'a str>,
    /// Whether too deep a nesting was reported: with it much else nests too deeply.
    is_too_deep: bool,
}

impl<'a> Lowerer<'a> {
    fn unit(&mut self, files: &'a [ast::File]) {
        let items = || files.iter().flat_map(|file| &file.items);
        for item in items() {
            if let ItemKind::Table(table) = &item.kind {
                self.table(table);
            }
        }
        // Contracts state types of claims, which writes are checked against.
        for item in items() {
            match &item.kind {
                ItemKind::Claim(claim) => self.claim_item(claim),
                ItemKind::Contract(contract) => self.contract(contract, item.span),
                _ => {}
            }
        }
        for item in items() {
            match &item.kind {
                ItemKind::Let(item) => self.let_item(item),
                ItemKind::Rule { name, body } => self.rule(Some(name), body),
                ItemKind::Statement(statement) => self.rule(None, statement),
                ItemKind::Ensure(ensure) => self.ensure(ensure, item.span),
                _ => {}
            }
        }
        // What seems unused may be what an error is about: a misspelled use, or one that was never typed.
        if !self.is_broken && self.findings.iter().all(|finding| finding.severity != Severity::Error) {
            self.names.unused(&mut self.findings);
        }
    }

    fn finish(mut self) -> (ir::Unit, Vec<Diagnostic>) {
        self.forget_calls();
        let namespaces = self.names.namespaces.iter().map(|declared| ir::Namespace {
            alias: declared.name.text.as_str().into(),
            prefix: declared.item.text.as_str().into(),
            span: declared.item.span,
        });
        let unit = ir::Unit {
            namespaces: Arc::new(namespaces.collect()),
            catalog: self.catalog,
            slots: Arc::new(self.slots.into_iter().collect()),
            lets: self.lets,
            tables: Arc::new(self.tables),
            claims: Arc::new(self.claims.into_values().collect()),
            chains: self.chains,
            statements: self.statements,
            ensures: self.ensures,
            contracts: Arc::new(self.contracts),
            locals: self.locals,
        };
        (unit, self.findings)
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.findings.push(diagnostic);
    }

    /// Reports a mistake and gives the expression that stands for it.
    fn wrong(&mut self, diagnostic: Diagnostic) -> ir::Expr {
        let span = diagnostic.span;
        self.report(diagnostic);
        poison(span)
    }

    /// A finding whose message is complete.
    fn say(&mut self, code: &'static Code, span: Span, message: impl Into<String>) {
        self.report(Diagnostic::new(code, span, message));
    }

    fn tables(&self) -> Tables<'_> {
        Tables { slots: &self.slots, lets: &self.let_facts }
    }

    fn text(&self, span: Span) -> &str {
        self.sources.text(span)
    }

    /// The text of an expression as an operand: in parentheses unless it is a path or call.
    fn grouped(&self, expr: &ir::Expr) -> String {
        let text = self.text(expr.span);
        match &*expr.kind {
            ir::ExprKind::Slot(_)
            | ir::ExprKind::Let(_)
            | ir::ExprKind::Local(_)
            | ir::ExprKind::Literal(_)
            | ir::ExprKind::Member(..)
            | ir::ExprKind::Index(..)
            | ir::ExprKind::Lookup { .. }
            | ir::ExprKind::Call { .. }
            | ir::ExprKind::Template(_)
            | ir::ExprKind::List(_)
            | ir::ExprKind::Record(_) => text.to_owned(),
            _ => format!("({text})"),
        }
    }

    fn slot(&mut self, slot: ir::Slot) -> ir::SlotId {
        let (index, _) = self.slots.insert_full(slot);
        ir::SlotId(id(index))
    }

    fn local(&mut self) -> ir::LocalId {
        self.locals += 1;
        ir::LocalId(self.locals - 1)
    }

    /// Adds a let whose value is typed, unless it nests too deeply with the lets it reads.
    fn push_let(&mut self, name: &'a ast::Name, value: ir::Expr) -> ir::LetId {
        let depth = self.depth(&value);
        // A type is a tree for whoever walks it: lets that use each other twice would double it each time.
        let is_too_deep = depth > MAX_DEPTH || !value.ty.has_at_most(MAX_TYPE);
        let value = if is_too_deep { self.too_deep(name.span) } else { value };
        self.depths.push(depth.min(MAX_DEPTH));
        let reads = self.reads(&value);
        self.let_reads.push(reads);
        let facts = self.tables().let_facts(&value);
        self.let_facts.push(facts);
        self.lets.push(ir::Let { name: name.text.as_str().into(), value, span: name.span });
        ir::LetId(id(self.lets.len() - 1))
    }

    /// How deep an expression is, lets counted in.
    fn depth(&self, expr: &ir::Expr) -> usize {
        let inner = match &*expr.kind {
            ir::ExprKind::Let(id) => self.depths.get(id.index()).copied().unwrap_or(0),
            _ => expr.children().into_iter().map(|child| self.depth(child)).max().unwrap_or(0),
        };
        inner + 1
    }

    fn too_deep(&mut self, span: Span) -> ir::Expr {
        if std::mem::replace(&mut self.is_too_deep, true) {
            return poison(span);
        }
        self.wrong(
            Diagnostic::new(&codes::NESTING, span, "this nests too deeply")
                .label(format!("deeper than {MAX_DEPTH}, or of more than {MAX_TYPE} parts, with the lets and functions it uses"))
                .help("split it, or say it without so many lets that stand for each other"),
        )
    }
}

/// An index into one of the unit's tables; file size limits keep it far below `u32::MAX`.
fn id(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// The expression that stands for a mistake which was reported.
fn poison(span: Span) -> ir::Expr {
    ir::Expr {
        kind: Box::new(ir::ExprKind::Error),
        ty: Type::error(),
        needs_user: false,
        spends: false,
        span,
    }
}

/// An expression; whether it needs a user and spends steps follows from its parts.
fn expr(kind: ir::ExprKind, ty: Type, span: Span) -> ir::Expr {
    let spends = kind.spends();
    let mut expr = ir::Expr { kind: Box::new(kind), ty, needs_user: false, spends, span };
    let children = expr.children();
    let needs_user = children.iter().any(|child| child.needs_user);
    expr.spends = spends || children.iter().any(|child| child.spends);
    expr.needs_user = needs_user;
    expr
}

/// A type as messages say it: a text in quotes is a `string`, and whether it may be absent is said elsewhere.
fn plain(ty: &Type) -> Type {
    match &ty.kind {
        Kind::Enum(words) if words.len() == 1 => Type::of(Kind::String),
        _ => ty.clone().present(),
    }
}

/// The labels of what decides an expression's value.
fn labels<'e>(parts: impl IntoIterator<Item = &'e ir::Expr>) -> Labels {
    parts.into_iter().fold(Labels::NONE, |all, part| all.or(part.ty.all_labels()))
}
