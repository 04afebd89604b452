//! What a policy takes upon itself: every place where an author overrules a check or a label, with the reason.
//!
//! Read from the tree, so that nothing that is written can be missing, used or not.

use crate::ast::{
    Accepts, Allow, Block, ClaimItem, ClaimSubject, Expr, ExprKind, File, Item, ItemKind, Name, Part,
    Statement, StatementKind,
};
use crate::source::{Sources, Span};

/// One exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// Which kind.
    pub kind: ExceptionKind,
    /// The slug of the check or the label that it is about, as written.
    pub subject: Option<String>,
    /// The claim that it is about, as written.
    pub claim: Option<String>,
    /// Why; `None` for those that state none.
    pub reason: Option<String>,
    /// The whole annotation, or the call.
    pub span: Span,
}

/// The kinds of exception.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExceptionKind {
    /// `@allow(slug, "reason")`: a check is silenced.
    Allow,
    /// `@accepts(label, "reason")`: a claim takes values that it otherwise may not.
    Accepts,
    /// `@overridable`: rules of other files may override the claim.
    Overridable,
    /// `e.reveal(label, "reason")`: a value loses a label of privacy.
    Reveal,
    /// `e.trust(label, "reason")`: a value loses a label of distrust.
    Trust,
}

impl ExceptionKind {
    /// How it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            ExceptionKind::Allow => "@allow",
            ExceptionKind::Accepts => "@accepts",
            ExceptionKind::Overridable => "@overridable",
            ExceptionKind::Reveal => "reveal",
            ExceptionKind::Trust => "trust",
        }
    }
}

/// All exceptions of a file, in order. `sources` has its text.
pub fn exceptions(file: &File, sources: &Sources) -> Vec<Exception> {
    let mut auditor = Auditor { sources, found: Vec::new() };
    for item in &file.items {
        auditor.item(item);
    }
    let mut found = auditor.found;
    found.sort_by_key(|exception| (exception.span.start, exception.span.end));
    found
}

struct Auditor<'s> {
    sources: &'s Sources,
    found: Vec<Exception>,
}

impl Auditor<'_> {
    fn item(&mut self, item: &Item) {
        self.allows(&item.notes.allows);
        match &item.kind {
            ItemKind::Claim(claim) => self.claim(claim),
            ItemKind::Let(binding) => self.expr(&binding.value),
            ItemKind::Table(table) => {
                for row in &table.rows {
                    row.keys.iter().chain([&row.value]).for_each(|expr| self.expr(expr));
                }
            }
            ItemKind::Ensure(ensure) => ensure.when.iter().for_each(|condition| self.expr(condition)),
            ItemKind::Rule { body: statement, .. } | ItemKind::Statement(statement) => {
                self.statement(statement);
            }
            ItemKind::Namespace { .. } | ItemKind::Contract(_) => {}
        }
    }

    fn claim(&mut self, ClaimItem { subject, accepts, overridable }: &ClaimItem) {
        let about = match subject {
            ClaimSubject::Literal { alias, .. } | ClaimSubject::Config { alias, .. } => alias.span,
            ClaimSubject::Existing(name) => name.span(),
        };
        let claim = self.sources.text(about).to_owned();
        for Accepts { label, reason, span } in accepts {
            self.found.push(Exception {
                kind: ExceptionKind::Accepts,
                subject: Some(label.text.clone()),
                claim: Some(claim.clone()),
                reason: Some(reason.text.clone()),
                span: *span,
            });
        }
        if let Some(span) = overridable {
            self.found.push(Exception {
                kind: ExceptionKind::Overridable,
                subject: None,
                claim: Some(claim),
                reason: None,
                span: *span,
            });
        }
    }

    fn statement(&mut self, statement: &Statement) {
        let mut open = vec![statement];
        while let Some(statement) = open.pop() {
            self.allows(&statement.notes.allows);
            match &statement.kind {
                StatementKind::If(chain) => {
                    chain.branches.iter().for_each(|branch| self.expr(&branch.condition));
                    let blocks = chain.branches.iter().map(|branch| &branch.body).chain(&chain.otherwise);
                    blocks.for_each(|block| self.block(block, &mut open));
                }
                StatementKind::Block(block) => self.block(block, &mut open),
                StatementKind::Let(binding) => self.expr(&binding.value),
                StatementKind::Verb(verb) => {
                    verb.kind.value().into_iter().chain(&verb.unless).for_each(|expr| self.expr(expr));
                }
                StatementKind::Error => {}
            }
        }
    }

    fn block<'b>(&mut self, block: &'b Block, open: &mut Vec<&'b Statement>) {
        self.allows(&block.allows);
        open.extend(&block.statements);
    }

    fn allows(&mut self, allows: &[Allow]) {
        for Allow { slug, reason, span } in allows {
            self.add(ExceptionKind::Allow, slug.text.clone(), reason.text.clone(), *span);
        }
    }

    fn expr(&mut self, expr: &Expr) {
        let mut open = vec![expr];
        while let Some(expr) = open.pop() {
            if let ExprKind::Method { name, arguments, .. } = &*expr.kind {
                self.relabelling(name, arguments, expr.span);
            }
            open.extend(expr.children());
        }
    }

    /// `reveal` and `trust`, which are the language's own and no methods that a policy could declare.
    fn relabelling(&mut self, name: &Name, arguments: &[Expr], call: Span) {
        let kind = match name.text.as_str() {
            "reveal" => ExceptionKind::Reveal,
            "trust" => ExceptionKind::Trust,
            _ => return,
        };
        let [label, reason] = arguments else { return };
        let ExprKind::Template(parts) = &*reason.kind else { return };
        let reason = parts.iter().filter_map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            Part::Value(_) => None,
        });
        let subject = self.sources.text(label.span).to_owned();
        self.add(kind, subject, reason.collect(), Span { start: name.span.start, ..call });
    }

    fn add(&mut self, kind: ExceptionKind, subject: String, reason: String, span: Span) {
        self.found.push(Exception { kind, subject: Some(subject), claim: None, reason: Some(reason), span });
    }
}
