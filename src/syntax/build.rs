//! What all builders share: the cursor over pest's pairs, spans, findings and documentation.

use std::cell::{Cell, RefCell};

use pest::iterators::{Pair, Pairs};

use crate::ast::{Doc, Name};
use crate::diag::{Applicability, Diagnostic};
use crate::source::{FileId, Span};
use crate::syntax::codes;
use crate::syntax::grammar::Rule;
use crate::syntax::scan::DocRun;

/// Turns pairs into the tree. Findings and documentation are behind cells, because the functions of the precedence
/// table share one builder.
pub(super) struct Builder<'t> {
    pub(super) file: FileId,
    pub(super) base: usize,
    /// The text as it was written.
    pub(super) text: &'t str,
    docs: RefCell<Vec<(DocRun, bool)>>,
    pub(super) findings: RefCell<Vec<Diagnostic>>,
    /// How many recursive builders are at work.
    pub(super) depth: Cell<usize>,
    /// Whether a too deep tree was reported: once is enough.
    pub(super) too_deep: Cell<bool>,
    /// Where the last syntax error was, where the last broken stretch ends, and how many errors there were.
    pub(super) last_error: Cell<Option<usize>>,
    pub(super) broken_until: Cell<Option<usize>>,
    pub(super) errors: Cell<usize>,
}

impl<'t> Builder<'t> {
    pub(super) fn new(
        file: FileId,
        base: usize,
        text: &'t str,
        docs: Vec<DocRun>,
        findings: Vec<Diagnostic>,
    ) -> Self {
        Builder {
            file,
            base,
            text,
            docs: RefCell::new(docs.into_iter().map(|run| (run, false)).collect()),
            findings: RefCell::new(findings),
            depth: Cell::new(0),
            too_deep: Cell::new(false),
            last_error: Cell::new(None),
            broken_until: Cell::new(None),
            errors: Cell::new(0),
        }
    }

    /// The findings in the order of the text.
    pub(super) fn finish(self) -> Vec<Diagnostic> {
        let mut findings = self.findings.into_inner();
        findings.sort_by_key(|d| (d.span.start, d.span.end));
        findings
    }

    pub(super) fn report(&self, diagnostic: Diagnostic) {
        self.findings.borrow_mut().push(diagnostic);
    }

    /// Syntax of another language: what is right here, and the edit that writes it.
    pub(super) fn report_habit(
        &self,
        span: Span,
        message: impl Into<String>,
        title: &str,
        replacement: &str,
    ) {
        self.report(Diagnostic::new(&codes::FOREIGN_SYNTAX, span, message).help(title).fix(
            Applicability::Safe,
            title,
            span,
            replacement,
        ));
    }

    pub(super) fn report_too_deep(&self, span: Span, what: &str, limit: usize) {
        if !self.too_deep.replace(true) {
            self.report(
                Diagnostic::new(
                    &codes::NESTING_TOO_DEEP,
                    span,
                    format!("{what} nests more than {limit} deep"),
                )
                .help("give parts of it names with `let`"),
            );
        }
    }

    pub(super) fn span_between(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, self.base + start, self.base + end)
    }

    /// From the first to the last token of a pair. pest's own end may include blanks before an absent tail, and so may
    /// a broken stretch that is empty.
    pub(super) fn span(&self, pair: &Pair<'_, Rule>) -> Span {
        let start = pair.as_span().start();
        let mut last = pair.clone();
        while let Some(inner) = last.clone().into_inner().next_back() {
            last = inner;
        }
        let written = self.text.get(start..last.as_span().end()).unwrap_or_default();
        self.span_between(start, start + written.trim_end().len())
    }

    /// The text of a span as it was written.
    pub(super) fn written(&self, span: Span) -> &'t str {
        let start = (span.start as usize).saturating_sub(self.base);
        let end = (span.end as usize).saturating_sub(self.base);
        self.text.get(start..end).unwrap_or_default()
    }

    pub(super) fn name(&self, pair: &Pair<'_, Rule>) -> Name {
        Name { text: pair.as_str().to_owned(), span: self.span(pair) }
    }

    /// The documentation on the lines before the token at `start`.
    pub(super) fn doc(&self, start: u32) -> Option<Doc> {
        let mut docs = self.docs.borrow_mut();
        let index = docs.partition_point(|(run, _)| run.doc.span.start < start).checked_sub(1)?;
        let (run, used) = docs.get_mut(index)?;
        (run.next == Some(start) && !std::mem::replace(used, true)).then(|| run.doc.clone())
    }

    /// Reports documentation that no builder has asked for, unless that could be the fault of a broken stretch.
    pub(super) fn report_stray_docs(&self) {
        let broken = self.errors.get() > 0;
        for (run, used) in self.docs.borrow().iter() {
            let may_be_about_broken = broken && run.next.is_some();
            if !used && !may_be_about_broken {
                let message = "this `///` comment documents nothing";
                self.report(
                    Diagnostic::new(&codes::STRAY_DOC_COMMENT, run.doc.span, message).help(
                        "put it on the line before an item, statement or contract member, or write `//`",
                    ),
                );
            }
        }
    }
}

/// A cursor over the children of a pair: the only place that knows that grammar and builders must agree.
#[derive(Clone)]
pub(super) struct Children<'i> {
    pairs: Pairs<'i, Rule>,
}

impl<'i> Children<'i> {
    pub(super) fn new(pairs: Pairs<'i, Rule>) -> Self {
        Children { pairs }
    }

    pub(super) fn of(pair: Pair<'i, Rule>) -> Self {
        Children { pairs: pair.into_inner() }
    }

    /// The rule of the next child.
    pub(super) fn peek(&self) -> Option<Rule> {
        self.pairs.peek().map(|pair| pair.as_rule())
    }

    /// The place of the next child.
    pub(super) fn peek_span(&self, builder: &Builder<'_>) -> Option<Span> {
        self.pairs.peek().map(|pair| builder.span(&pair))
    }

    /// The next child, if it is of this rule.
    pub(super) fn accept(&mut self, rule: Rule) -> Option<Pair<'i, Rule>> {
        if self.peek() == Some(rule) { self.pairs.next() } else { None }
    }

    /// The next child.
    #[track_caller]
    #[expect(
        clippy::panic,
        reason = "grammar and builder disagree: a defect that the tests over all rules find"
    )]
    pub(super) fn child(&mut self) -> Pair<'i, Rule> {
        match self.pairs.next() {
            Some(pair) => pair,
            None => panic!("grammar and builder disagree: a child is missing"),
        }
    }

    /// The next child, which is of this rule.
    #[track_caller]
    pub(super) fn expect(&mut self, rule: Rule) -> Pair<'i, Rule> {
        let pair = self.child();
        assert_eq!(pair.as_rule(), rule, "grammar and builder disagree");
        pair
    }
}

impl<'i> Iterator for Children<'i> {
    type Item = Pair<'i, Rule>;

    fn next(&mut self) -> Option<Self::Item> {
        self.pairs.next()
    }
}
