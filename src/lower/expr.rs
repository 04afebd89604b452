//! Expressions: one function per kind of expression lives in the file of its family; this one dispatches.

use super::context::{Binding, Context};
use super::identity::with_article;
use super::names::did_you_mean;
use super::path::literal_of;
use super::{LetState, Lowerer, MAX_DEPTH, codes, expr, plain, poison};
use crate::ast::{self, ExprKind as Ast};
use crate::catalog::Root;
use crate::diag::{Applicability, Diagnostic};
use crate::ir::{Expr, ExprKind};
use crate::source::Span;
use crate::suggest::similar;
use crate::ty::{Kind, Type};
use crate::value::{Number, Value};

/// What may stand at a place beside a value.
#[derive(Clone, Copy, Default)]
pub(super) struct At {
    /// `omit`.
    pub(super) omit: bool,
    /// `null`.
    pub(super) null: bool,
    /// `null` right of `??`.
    pub(super) default_null: bool,
}

impl At {
    /// A member or an element.
    pub(super) const PART: At = At { omit: true, null: true, default_null: true };
    /// A written value.
    pub(super) const WRITTEN: At = At { omit: true, null: false, default_null: true };
    /// The value of a `let` or lambda.
    pub(super) const RESULT: At = At { omit: true, null: false, default_null: false };
}

impl<'a> Lowerer<'a> {
    /// Types an expression where only values may stand.
    pub(super) fn expr(&mut self, ast: &'a ast::Expr, cx: &Context<'a>) -> Expr {
        self.expr_at(ast, cx, At::default())
    }

    /// Types an expression.
    pub(super) fn expr_at(&mut self, ast: &'a ast::Expr, cx: &Context<'a>, at: At) -> Expr {
        if !cx.calls.is_empty() && self.is_spent(ast.span) {
            return poison(ast.span);
        }
        if self.open >= MAX_DEPTH {
            return self.too_deep(ast.span);
        }
        self.open += 1;
        let typed = self.expr_kind(ast, cx, at);
        self.open -= 1;
        typed
    }

    fn expr_kind(&mut self, ast: &'a ast::Expr, cx: &Context<'a>, at: At) -> Expr {
        let span = ast.span;
        match &*ast.kind {
            Ast::Error => poison(span),
            Ast::Bool(value) => literal(Value::Bool(*value), Type::of(Kind::Bool), span),
            Ast::Null => self.null(span, at),
            Ast::Omit => self.omit(span, at),
            Ast::Number(text) => self.number(text, span),
            Ast::Duration(seconds) => literal(Value::int(*seconds), Type::of(Kind::Duration), span),
            Ast::Template(parts) => self.template(parts, span, cx),
            Ast::Regex(_) => {
                self.misplaced(span, "a regular expression can only be the argument of a method")
            }
            Ast::Lambda { .. } => self.misplaced(span, "a function can only be the argument of a method"),
            Ast::List(elements) => self.list(elements, span, cx),
            Ast::Record(members) => self.record(members, span, cx),
            Ast::Name(_) | Ast::Member { .. } | Ast::Index { .. } | Ast::Method { .. } => {
                self.postfix(ast, cx)
            }
            Ast::Call { function, arguments } => self.call(function, arguments, span, cx, at),
            Ast::If { condition, then, otherwise } => self.choice(condition, then, otherwise, span, cx, at),
            Ast::Match { subject, arms } => self.matching(subject, arms, span, cx, at),
            Ast::Not(inner) => self.not(inner, span, cx),
            Ast::Negate(inner) => self.negate(inner, span, cx),
            Ast::And(all) => self.all_of(all, span, cx, true),
            Ast::Or(all) => self.all_of(all, span, cx, false),
            Ast::Compare { operator, left, right } => self.compare(*operator, left, right, span, cx),
            Ast::In { negated, element, list } => self.within(*negated, element, list, span, cx),
            Ast::Coalesce(all) => self.coalesce(all, span, cx, at),
            Ast::Sum(first, rest) => self.sum(first, rest, span, cx),
            Ast::Product(all) => self.product(all, span, cx),
            Ast::Exists(inner) => self.exists(inner, span, cx),
            Ast::Failed(inner) => self.failed(inner, span),
            Ast::As(inner, ty) => self.test(inner, ty, span, cx),
            Ast::Deny(_) => self.wrong(
                Diagnostic::new(&codes::MISPLACED_DENY, span, "no request can be refused here")
                    .help("put `?? deny` outermost in a written value, or write `if .. then deny ..`"),
            ),
        }
    }

    /// Counts an expression of an expanded function.
    fn is_spent(&mut self, span: Span) -> bool {
        self.expanded += 1;
        if self.expanded == super::MAX_EXPANSION {
            self.report(
                Diagnostic::new(&codes::EXPANSION, span, "the functions of this policy expand to too much")
                    .label(format!("more than {} expressions at this call", super::MAX_EXPANSION))
                    .help("use a `let` without parameters for what is the same in all calls"),
            );
        }
        self.expanded >= super::MAX_EXPANSION
    }

    fn misplaced(&mut self, span: Span, message: &str) -> Expr {
        self.wrong(Diagnostic::new(&codes::WRONG_ARGUMENTS, span, message))
    }

    fn omit(&mut self, span: Span, at: At) -> Expr {
        if at.omit {
            return expr(ExprKind::Omit, Type::of(Kind::Nothing).optional(), span);
        }
        self.wrong(
            Diagnostic::new(&codes::MISPLACED_OMIT, span, "nothing can be left out here")
                .help("use `omit` as a list element, a member, or the value of a claim"),
        )
    }

    fn null(&mut self, span: Span, at: At) -> Expr {
        if at.null {
            return literal(Value::Null, Type::of(Kind::Null), span);
        }
        self.wrong(
            Diagnostic::new(
                &codes::MISPLACED_NULL,
                span,
                "`null` stands only as a member, as an element or right of `??`",
            )
            .help("write `x ?? null` for a claim that may be `null`, `x exists` to test whether something is there"),
        )
    }

    fn number(&mut self, text: &str, span: Span) -> Expr {
        match Number::parse(text) {
            Some(number) => {
                let kind = if number.as_int().is_some() { Kind::Int } else { Kind::Number };
                literal(Value::Number(number), Type::of(kind), span)
            }
            None => {
                self.wrong(Diagnostic::new(&codes::WRONG_TYPE, span, format!("`{text}` is out of range")))
            }
        }
    }

    /// A bare name that is no input and no catalog alias.
    pub(super) fn name(&mut self, name: &'a str, span: Span, cx: &Context<'a>, at: At) -> Expr {
        match cx.scope.get(name) {
            Some(Binding::Local(id, ty)) => {
                return self.narrowed(expr(ExprKind::Local(id), ty, span), cx);
            }
            Some(Binding::Argument { ast, scope, calls, is_used }) => {
                is_used.set(true);
                let before = self.findings.len();
                let inner = Context { scope, facts: cx.facts.clone(), calls };
                let mut value = self.expr_at(ast, &inner, at);
                self.forget_repeated(before);
                value.span = span;
                return value;
            }
            Some(Binding::Let(id)) => return self.let_use(id, span, cx),
            Some(Binding::Poison) => return poison(span),
            None => {}
        }
        match self.names.lets.get(name).map(|declared| declared.item) {
            Some(item) if item.params.is_some() => self.wrong(
                Diagnostic::new(&codes::WRONG_ARGUMENTS, span, format!("`{name}` is a function"))
                    .also(item.name.span, "declared here")
                    .help(format!("call it: `{name}(..)`")),
            ),
            Some(item) => match self.top_level_let(item) {
                Some(id) => self.let_use(id, span, cx),
                None => poison(span),
            },
            None => self.unknown_name(name, span, cx),
        }
    }

    /// Takes out findings that were there before: an argument is typed wherever its parameter stands.
    fn forget_repeated(&mut self, before: usize) {
        for finding in self.findings.split_off(before) {
            if !self.findings.contains(&finding) {
                self.findings.push(finding);
            }
        }
    }

    fn unknown_name(&mut self, name: &str, span: Span, cx: &Context<'a>) -> Expr {
        if self.names.tables.get(name).is_some() {
            return self.wrong(
                Diagnostic::new(&codes::WRONG_TYPE, span, format!("the table `{name}` is no value"))
                    .help(format!("look something up in it: `{name}[..]`")),
            );
        }
        if self.is_broken {
            return poison(span);
        }
        let mut diagnostic =
            Diagnostic::new(&codes::UNKNOWN_NAME, span, format!("nothing is called `{name}`"));
        let kinds = [
            (self.catalog.audiences.contains_key(name), "audience", "audience"),
            (self.catalog.clients.contains_key(name), "client", "client"),
            (self.catalog.connections.contains_key(name), "connection", "connection"),
            (self.catalog.organizations.contains_key(name), "organization", "organization"),
        ];
        if let Some((_, kind, input)) = kinds.into_iter().find(|(known, ..)| *known) {
            let message = format!("`{name}` is the alias of {}, which is no value", with_article(kind));
            return self.wrong(
                Diagnostic::new(&codes::UNKNOWN_NAME, span, message)
                    .help(format!("aliases stand in comparisons with `{input}`: write `{input} = {name}`")),
            );
        }
        let roots: Vec<&str> = Root::ALL.into_iter().map(Root::as_str).collect();
        let candidates = roots
            .into_iter()
            .chain(cx.scope.all())
            .chain(self.names.lets.names())
            .chain(self.names.tables.names());
        if let Some(near) = similar(name, candidates) {
            diagnostic = did_you_mean(diagnostic, near);
        } else {
            diagnostic = diagnostic
                .help(format!("write \"{name}\" with quotes if a text is meant, or declare it with `let`"))
                .fix(Applicability::Unsafe, "put it in quotes", span, format!("\"{name}\""));
        }
        self.wrong(diagnostic)
    }

    fn let_use(&mut self, id: crate::ir::LetId, span: Span, cx: &Context<'a>) -> Expr {
        let Some(item) = self.lets.get(id.index()) else { return poison(span) };
        if item.value.ty.is_error() {
            return poison(span);
        }
        let (needs_user, spends) = (item.value.needs_user, item.value.spends);
        let mut used = expr(ExprKind::Let(id), item.value.ty.clone(), span);
        used.needs_user = needs_user;
        used.spends = spends;
        self.narrowed(used, cx)
    }

    /// Types a top-level item, so that mistakes in one that nothing reads are found too.
    pub(super) fn let_item(&mut self, item: &'a ast::Let) {
        match (&item.params, self.names.lets.is_first(&item.name)) {
            (None, true) => {
                self.top_level_let(item);
            }
            (Some(params), _) => self.function_item(item, params),
            (None, false) => {}
        }
    }

    fn top_level_let(&mut self, item: &'a ast::Let) -> Option<crate::ir::LetId> {
        match self.let_states.get(item.name.text.as_str()) {
            Some(LetState::Done(id)) => return Some(*id),
            Some(LetState::Open) => {
                let message = format!("`{}` stands for itself", item.name.text);
                self.report(
                    Diagnostic::new(&codes::RECURSIVE_LET, item.name.span, message)
                        .help("a `let` may only use what does not use it"),
                );
                return None;
            }
            None => {}
        }
        self.let_states.insert(&item.name.text, LetState::Open);
        let value = self.expr_at(&item.value, &Context::default(), At::RESULT);
        let id = self.push_let(&item.name, value);
        self.let_states.insert(&item.name.text, LetState::Done(id));
        Some(id)
    }

    /// Takes absence away where it is certain that there is a value.
    pub(super) fn narrowed(&self, mut expr: Expr, cx: &Context<'a>) -> Expr {
        if cx.facts.user {
            expr.needs_user = false;
        }
        if expr.ty.optional && self.tables().key(&expr).is_some_and(|key| cx.facts.has(&key)) {
            expr.ty.optional = false;
        }
        expr
    }

    /// Types an expression that must be of a kind; anything else is reported with what was wanted.
    pub(super) fn expect(&mut self, ast: &'a ast::Expr, wanted: &Type, cx: &Context<'a>) -> Expr {
        let value = self.expr(ast, cx);
        self.must_fit(value, wanted)
    }

    /// Reports an expression whose type does not fit.
    pub(super) fn must_fit(&mut self, value: Expr, wanted: &Type) -> Expr {
        if value.ty.fits(wanted) {
            return value;
        }
        let found = plain(&value.ty);
        let text = self.grouped(&value);
        let mut diagnostic = if found.kind == Kind::Json {
            Diagnostic::new(
                &codes::UNTYPED_JSON,
                value.span,
                format!("`{text}` is `json`, which may be anything"),
            )
            .help(format!("test it first: `{text} as {wanted}`"))
            .fix(
                Applicability::Unsafe,
                "test its type",
                value.span,
                format!("({text} as {wanted})"),
            )
        } else {
            Diagnostic::new(&codes::WRONG_TYPE, value.span, format!("expected `{wanted}`, found `{found}`"))
        };
        if wanted.kind == Kind::Duration
            && let Some(seconds) = literal_of(&value).and_then(Value::as_int)
        {
            diagnostic = diagnostic.help(format!("write the unit: `{seconds}s`")).fix(
                Applicability::Unsafe,
                "mean seconds",
                value.span,
                format!("{seconds}s"),
            );
        }
        diagnostic = diagnostic.label(format!("this is `{found}`"));
        self.wrong(diagnostic)
    }
}

/// A constant.
pub(super) fn literal(value: Value, ty: Type, span: Span) -> Expr {
    expr(ExprKind::Literal(value), ty, span)
}

/// Whether an expression says that it may be left out: its absence comes from `omit`.
pub(super) fn permits_absence(expr: &Expr) -> bool {
    let permits = |e: &Expr| !e.ty.optional || permits_absence(e);
    match &*expr.kind {
        ExprKind::Omit => true,
        ExprKind::Coalesce(all) => all.last().is_some_and(permits_absence),
        ExprKind::If { then, otherwise, .. } => permits(then) && permits(otherwise),
        ExprKind::Match { subject, arms, otherwise, .. } => {
            !subject.ty.optional
                && arms.iter().all(|(_, e)| permits(e))
                && otherwise.as_ref().is_none_or(permits)
        }
        _ => false,
    }
}
