//! Statements: nesting becomes a guard, which is a list of branches taken.

use std::sync::Arc;

use super::context::{Binding, Context};
use super::expr::At;
use super::promise::targets;
use super::reads::Reads;
use super::{Lowerer, id};
use crate::ast::{self, StatementKind};
use crate::ir::{Chain, ChainId, Condition, Step};
use crate::standard::Tokens;

/// What a statement inherits from what it stands in.
#[derive(Clone, Default)]
pub(super) struct Frame {
    pub(super) guard: Vec<Step>,
    /// What its conditions read, those before a branch too.
    pub(super) reads: Reads,
    /// The target of the innermost block that has one.
    pub(super) target: Option<Tokens>,
    /// The name of the rule.
    pub(super) rule: Option<Arc<str>>,
    /// Slugs silenced around it.
    pub(super) allows: Vec<Arc<str>>,
    /// A condition demands a user, so that nothing here is skipped for lack of one.
    pub(super) has_user: bool,
    /// An earlier condition of a chain reads the user: without one the chain ended there.
    pub(super) behind_user: Option<crate::source::Span>,
}

impl<'a> Lowerer<'a> {
    /// A statement at the top level.
    pub(super) fn rule(&mut self, name: Option<&'a ast::Name>, statement: &'a ast::Statement) {
        let frame = Frame { rule: name.map(|n| n.text.as_str().into()), ..Frame::default() };
        self.statement(statement, &Context::default(), &frame);
    }

    fn statement(&mut self, statement: &'a ast::Statement, cx: &Context<'a>, frame: &Frame) {
        let mut frame = frame.clone();
        frame.allows.extend(statement.notes.allows.iter().map(|allow| Arc::from(allow.slug.text.as_str())));
        match &statement.kind {
            StatementKind::If(chain) => self.chain(chain, statement, cx, &frame),
            StatementKind::Block(block) => self.block(block, cx, &frame),
            StatementKind::Verb(verb) => self.verb(verb, statement.span, cx, &frame),
            // A block handles its lets, because they are in scope of what follows them.
            StatementKind::Let(_) | StatementKind::Error => {}
        }
    }

    fn block(&mut self, block: &'a ast::Block, cx: &Context<'a>, frame: &Frame) {
        let mut frame = frame.clone();
        frame.allows.extend(block.allows.iter().map(|allow| Arc::from(allow.slug.text.as_str())));
        if let Some(target) = &block.target {
            frame.target = Some(targets(target));
        }
        let mut cx = cx.clone();
        let mut locals = Vec::new();
        for statement in &block.statements {
            if let StatementKind::Let(item) = &statement.kind {
                cx = self.local_let(item, &cx, &mut locals);
            } else {
                self.statement(statement, &cx, &frame);
            }
        }
        self.unused_locals(block, &locals);
    }

    fn local_let(
        &mut self,
        item: &'a ast::Let,
        cx: &Context<'a>,
        locals: &mut Vec<&'a ast::Let>,
    ) -> Context<'a> {
        let name = &item.name;
        // Most names are new, and then the scope need not be searched.
        let is_new = self.local_names.insert(&name.text);
        let shadowed = !is_new && cx.scope.get(&name.text).is_some() || self.names.lets.has(&name.text);
        if shadowed || crate::catalog::Root::parse(&name.text).is_some() {
            self.report(
                crate::diag::Diagnostic::new(
                    &super::codes::DUPLICATE_NAME,
                    name.span,
                    format!("`{}` has a meaning here already", name.text),
                )
                .help("choose another name"),
            );
        }
        if item.params.is_some() {
            self.report(
                crate::diag::Diagnostic::new(
                    &super::codes::BAD_NAME,
                    name.span,
                    format!("the function `{}` stands in a block", name.text),
                )
                .help("move it to the top level; only a `let` without parameters can be local"),
            );
            return cx.binding(&name.text, Binding::Poison);
        }
        let value = self.expr_at(&item.value, cx, At::RESULT);
        let id = self.push_let(name, value);
        locals.push(item);
        cx.binding(&name.text, Binding::Let(id))
    }

    /// Local lets that no text of their block reads.
    fn unused_locals(&mut self, block: &'a ast::Block, locals: &[&'a ast::Let]) {
        if self.is_broken || locals.is_empty() {
            return;
        }
        let read = super::names::words(block);
        for item in locals.iter().filter(|item| !read.contains(item.name.text.as_str())) {
            self.report(
                crate::diag::Diagnostic::new(
                    &super::codes::UNUSED_LET,
                    item.name.span,
                    format!("the let `{}` is never used", item.name.text),
                )
                .help("remove it, or use it"),
            );
        }
    }

    fn chain(&mut self, chain: &'a ast::If, statement: &'a ast::Statement, cx: &Context<'a>, frame: &Frame) {
        let chain_id = ChainId(id(self.chains.len()));
        let otherwise = chain.otherwise.as_ref().map(|block| block.span);
        self.chains.push(Chain { conditions: Vec::new(), otherwise, span: statement.span });
        let first = self.statements.len();
        let mut cx = cx.clone();
        let mut frame = frame.clone();
        for (index, branch) in chain.branches.iter().enumerate() {
            let condition = self.condition(&branch.condition, &cx);
            self.check_constant(&condition, &cx);
            let reads = self.reads(&condition);
            let (reads_user, span) = (reads.user, condition.span);
            frame.reads.add(&reads);
            let facts = self.tables().learn(&condition, true);
            let is_user_behind = !condition.ty.optional && self.tables().learn(&condition, false).user;
            let next = self.otherwise(&condition, reads_user, &cx);
            if let Some(chain) = self.chains.get_mut(chain_id.index()) {
                chain.conditions.push(Condition { expr: condition, reads_user });
            }
            let mut inner = frame.clone();
            inner.guard.push(Step { chain: chain_id, branch: id(index) });
            inner.has_user |= facts.user;
            self.block(&branch.body, &cx.knowing(&facts), &inner);
            if reads_user {
                frame.behind_user = frame.behind_user.or(Some(span));
            } else {
                frame.has_user |= is_user_behind;
            }
            cx = next;
        }
        if let Some(block) = &chain.otherwise {
            frame.guard.push(Step { chain: chain_id, branch: id(chain.branches.len()) });
            self.block(block, &cx, &frame);
        }
        self.share_failures(first, &frame.reads);
    }

    /// A failure that one condition of a chain tests is handled in all of it.
    fn share_failures(&mut self, first: usize, reads: &Reads) {
        if reads.failures.is_empty() {
            return;
        }
        for statement in self.statements.iter_mut().skip(first) {
            let mut all: std::collections::BTreeSet<_> = statement.handles_failure.drain(..).collect();
            all.extend(reads.failures.iter().cloned());
            statement.handles_failure = all.into_iter().collect();
        }
    }
}
