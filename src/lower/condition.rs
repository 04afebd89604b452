//! Conditions: `and or not`, comparisons, membership, presence.

use super::context::Context;
use super::expr::literal;
use super::identity::is_input;
use super::path::literal_of;
use super::{Lowerer, codes, expr, labels, plain, poison};
use crate::ast::{self, Comparison, ExprKind as Ast};
use crate::catalog::{self, Root};
use crate::diag::{Applicability, Diagnostic};
use crate::ir::{Expr, ExprKind};
use crate::source::Span;
use crate::ty::{Kind, Labels, Type};
use crate::value::Value;

/// A condition over operands: unknown where one of them is.
pub(super) fn boolean(kind: ExprKind, span: Span) -> Expr {
    let mut condition = expr(kind, Type::of(Kind::Bool), span);
    let parts = condition.children();
    let optional = parts.iter().any(|part| part.ty.optional);
    let mut all = labels(parts.iter().copied());
    // Comparing with a trusted value vouches for the outcome.
    if parts.iter().any(|part| !part.ty.all_labels().contains(Labels::UNTRUSTED)) {
        all = all.without(Labels::UNTRUSTED);
    }
    condition.ty = Type::of(Kind::Bool).with_optional(optional).labelled(all);
    condition
}

impl<'a> Lowerer<'a> {
    /// Types a condition.
    pub(super) fn condition(&mut self, ast: &'a ast::Expr, cx: &Context<'a>) -> Expr {
        let value = self.expr(ast, cx);
        if value.ty.fits(&Type::of(Kind::Bool)) || value.ty.kind == Kind::Json {
            return self.must_fit(value, &Type::of(Kind::Bool));
        }
        let found = plain(&value.ty);
        let diagnostic = Diagnostic::new(
            &codes::WRONG_TYPE,
            value.span,
            format!("a condition is true or false, and this is `{found}`"),
        );
        if !value.ty.optional {
            return self.wrong(diagnostic.help("compare it with something"));
        }
        let text = self.grouped(&value);
        self.wrong(diagnostic.help(format!("write `{text} exists` to test whether it is there")).fix(
            Applicability::Unsafe,
            "test whether it is there",
            value.span,
            format!("{text} exists"),
        ))
    }

    pub(super) fn not(&mut self, inner: &'a ast::Expr, span: Span, cx: &Context<'a>) -> Expr {
        let inner = self.condition(inner, cx);
        if inner.ty.is_error() {
            return poison(span);
        }
        let ty = inner.ty.clone();
        expr(ExprKind::Not(inner), ty, span)
    }

    /// `and` (conjunction) or `or`: each operand is typed knowing that those before it did not decide.
    pub(super) fn all_of(
        &mut self,
        all: &'a [ast::Expr],
        span: Span,
        cx: &Context<'a>,
        conjunction: bool,
    ) -> Expr {
        let mut known = cx.clone();
        let mut operands = Vec::with_capacity(all.len());
        for ast in all {
            let operand = self.condition(ast, &known);
            // What is unknown decides neither: behind `or` the next operand then still counts.
            if conjunction || !operand.ty.optional {
                let mut facts = self.tables().learn(&operand, conjunction);
                facts.user &= conjunction || !operand.needs_user;
                known = known.knowing(&facts);
            }
            operands.push(operand);
        }
        let ty = operands.iter().fold(Type::of(Kind::Bool), |ty, operand| {
            let optional = ty.optional || operand.ty.optional;
            ty.with_optional(optional).labelled(operand.ty.labels)
        });
        let kind = if conjunction { ExprKind::And(operands) } else { ExprKind::Or(operands) };
        expr(kind, ty, span)
    }

    pub(super) fn compare(
        &mut self,
        operator: Comparison,
        left: &'a ast::Expr,
        right: &'a ast::Expr,
        span: Span,
        cx: &Context<'a>,
    ) -> Expr {
        if let Some(comparison) = self.compare_identity(operator, left, right, span, cx) {
            return comparison;
        }
        let (left_span, right_span) = (left.span, right.span);
        let left = self.expr(left, cx);
        let right = self.expr(right, cx);
        if left.ty.is_error() || right.ty.is_error() {
            return poison(span);
        }
        let ordered = !matches!(operator, Comparison::Equal | Comparison::NotEqual);
        if let Err(problem) = comparable(&left.ty, &right.ty, ordered) {
            return self.incomparable(operator, &left, &right, span, problem);
        }
        let same = self.tables().key(&left).is_some_and(|key| self.tables().key(&right) == Some(key));
        let constant = same || (literal_of(&left).is_some() && literal_of(&right).is_some());
        if constant && cx.calls.is_empty() {
            let text = self.text(span).to_owned();
            self.report(
                Diagnostic::new(
                    &codes::CONSTANT_CONDITION,
                    span,
                    format!("`{text}` always has the same result"),
                )
                .also(left_span, "")
                .also(right_span, "")
                .help("compare with what was meant, or leave the comparison out"),
            );
        }
        let fold = folds(&left.ty) || folds(&right.ty);
        let negated = operator == Comparison::NotEqual;
        let operator = if negated { Comparison::Equal } else { operator };
        negate_if(negated, boolean(ExprKind::Compare { operator, left, right, fold }, span))
    }

    fn incomparable(
        &mut self,
        operator: Comparison,
        left: &Expr,
        right: &Expr,
        span: Span,
        problem: Incomparable,
    ) -> Expr {
        let (l, r) = (plain(&left.ty), plain(&right.ty));
        if let Incomparable::Disjoint = problem {
            let (declared, literal) = if literal_of(right).is_some() { (left, right) } else { (right, left) };
            let (text, ty) = (self.text(declared.span).to_owned(), declared.ty.clone().present());
            let (value, span) = (quoted(self.text(literal.span)), literal.span);
            let diagnostic =
                Diagnostic::new(&codes::IMPOSSIBLE_VALUE, span, format!("`{text}` is never {value}"))
                    .also(declared.span, format!("this is `{ty}`"));
            return self.wrong(match (&declared.ty.kind, literal_of(literal).and_then(Value::as_str)) {
                (Kind::Enum(words), Some(word)) => {
                    suggest_literal(diagnostic, word, words.iter().map(|w| &**w))
                }
                _ => diagnostic,
            });
        }
        let mut diagnostic = Diagnostic::new(
            &codes::WRONG_TYPE,
            span,
            format!("`{}` cannot compare `{l}` with `{r}`", operator.as_str()),
        )
        .label("")
        .also(left.span, format!("this is `{l}`"))
        .also(right.span, format!("this is `{r}`"));
        let texts = (self.text(left.span).to_owned(), self.text(right.span).to_owned());
        diagnostic = match (&l.kind, &r.kind) {
            (Kind::List(_), kind) if !matches!(kind, Kind::List(_)) => {
                diagnostic.help(format!("write `{} in {}` to look for an element", texts.1, texts.0)).fix(
                    Applicability::Unsafe,
                    "look for an element",
                    span,
                    format!("{} in {}", texts.1, texts.0),
                )
            }
            (kind, Kind::List(_)) if !matches!(kind, Kind::List(_)) => {
                diagnostic.help(format!("write `{} in {}` to look for an element", texts.0, texts.1)).fix(
                    Applicability::Unsafe,
                    "look for an element",
                    span,
                    format!("{} in {}", texts.0, texts.1),
                )
            }
            (Kind::Json, other) | (other, Kind::Json) if *other != Kind::Json => {
                diagnostic.help(format!("test the type first: `as {other}`"))
            }
            (Kind::Timestamp, other) | (other, Kind::Timestamp) if other.is_text() => {
                diagnostic.help("turn the text into a time: `.parse()`")
            }
            (Kind::Timestamp, Kind::Int) | (Kind::Int, Kind::Timestamp) => {
                diagnostic.help("turn the time into seconds: `.unix()`")
            }
            _ => diagnostic,
        };
        self.wrong(diagnostic)
    }

    /// `a in b`, `a not in b`.
    pub(super) fn within(
        &mut self,
        negated: bool,
        element: &'a ast::Expr,
        list: &'a ast::Expr,
        span: Span,
        cx: &Context<'a>,
    ) -> Expr {
        if let Some(condition) = self.within_identity(negated, element, list, span, cx) {
            return condition;
        }
        let member = self.expr(element, cx);
        let all = self.expr(list, cx);
        if member.ty.is_error() || all.ty.is_error() {
            return poison(span);
        }
        let Kind::List(of) = &all.ty.kind else { return self.no_list(&member, &all, span) };
        self.check_scope_names(&member, &all);
        match comparable(&member.ty, of, false) {
            Ok(()) => {}
            Err(Incomparable::Disjoint) if literal_of(&member).is_some() => {
                let (text, value) = (self.text(all.span).to_owned(), self.text(member.span).to_owned());
                let diagnostic = Diagnostic::new(
                    &codes::IMPOSSIBLE_VALUE,
                    member.span,
                    format!("{value} is never an element of `{text}`"),
                );
                let word = literal_of(&member).and_then(Value::as_str).unwrap_or_default();
                return self.wrong(match &of.kind {
                    Kind::Enum(words) => suggest_literal(diagnostic, word, words.iter().map(|w| &**w)),
                    _ => diagnostic,
                });
            }
            Err(Incomparable::Disjoint) => {
                let (text, list) = (self.text(member.span).to_owned(), self.text(all.span).to_owned());
                return self.wrong(Diagnostic::new(
                    &codes::IMPOSSIBLE_VALUE,
                    span,
                    format!("`{text}` is never one of `{list}`"),
                ));
            }
            Err(Incomparable::Types) => {
                let (found, of) = (plain(&member.ty), of.clone());
                return self.wrong(
                    Diagnostic::new(
                        &codes::WRONG_TYPE,
                        span,
                        format!("a list of `{of}` has no element that is `{found}`"),
                    )
                    .also(member.span, format!("this is `{found}`"))
                    .also(all.span, format!("this is `{}`", all.ty.clone().present())),
                );
            }
        }
        self.impossible_elements(&member, &all);
        let fold = folds(&member.ty) || folds(of);
        negate_if(negated, boolean(ExprKind::In { element: member, list: all, fold }, span))
    }

    /// Elements of a literal list that the value on the left can never have.
    fn impossible_elements(&mut self, member: &Expr, all: &Expr) {
        let (Kind::Enum(words), ExprKind::List(elements)) = (&member.ty.kind, &*all.kind) else { return };
        for element in elements.iter().filter(|e| !e.spread) {
            let Some(word) = literal_of(&element.value).and_then(Value::as_str) else { continue };
            if words.iter().any(|w| &**w == word) {
                continue;
            }
            let text = self.text(member.span).to_owned();
            let diagnostic = Diagnostic::new(
                &codes::IMPOSSIBLE_VALUE,
                element.value.span,
                format!("`{text}` is never \"{word}\""),
            );
            let diagnostic = suggest_literal(diagnostic, word, words.iter().map(|w| &**w));
            self.report(diagnostic);
        }
    }

    fn no_list(&mut self, member: &Expr, all: &Expr, span: Span) -> Expr {
        let (m, l) = (self.text(member.span).to_owned(), self.text(all.span).to_owned());
        let found = all.ty.clone().present();
        let diagnostic = Diagnostic::new(
            &codes::WRONG_TYPE,
            all.span,
            format!("`in` looks into a list, and this is `{found}`"),
        );
        let (help, replacement) = match &found.kind {
            Kind::Map(_) | Kind::Record(_) => {
                (format!("look a key up: `{l}[{m}] exists`"), format!("{l}[{m}] exists"))
            }
            kind if kind.is_text() => {
                (format!("look for a part of a text: `{l}.contains({m})`"), format!("{l}.contains({m})"))
            }
            Kind::Json => {
                (format!("test its type first: `{l} as string[]`"), format!("{m} in ({l} as string[])"))
            }
            _ => return self.wrong(diagnostic),
        };
        self.wrong(diagnostic.help(help).fix(Applicability::Unsafe, "replace it", span, replacement))
    }

    pub(super) fn exists(&mut self, inner: &'a ast::Expr, span: Span, cx: &Context<'a>) -> Expr {
        if is_input(inner, Root::User, cx) {
            return expr(ExprKind::UserExists, Type::of(Kind::Bool), span);
        }
        let inner = self.expr(inner, cx);
        if inner.ty.is_error() {
            return poison(span);
        }
        if !inner.ty.optional {
            let text = self.text(inner.span).to_owned();
            let diagnostic = if inner.needs_user {
                Diagnostic::new(
                    &codes::ALWAYS_EXISTS,
                    span,
                    format!("`{text}` is there whenever there is a user, and unknown without one"),
                )
                .help("write `user exists` to tell people from machines")
            } else {
                Diagnostic::new(&codes::ALWAYS_EXISTS, span, format!("`{text}` is always there"))
                    .help("leave the test out, or declare the attribute with `?` if it may be missing")
            };
            self.report(diagnostic);
        }
        let all = labels([&inner]);
        expr(ExprKind::Exists(inner), Type::of(Kind::Bool).labelled(all.without(Labels::UNTRUSTED)), span)
    }

    pub(super) fn failed(&mut self, inner: &'a ast::Expr, span: Span) -> Expr {
        let source = match &*inner.kind {
            Ast::Member { object, name } if matches!(&*object.kind, Ast::Name(n) if n == "external") => name,
            Ast::Error => return poison(span),
            _ => {
                return self.wrong(
                    Diagnostic::new(&codes::WRONG_TYPE, inner.span, "only a source of `external` can fail")
                        .help("write `external.name failed`"),
                );
            }
        };
        // Reading the source tells whether claims.yaml declares it.
        let read = self.postfix(inner, &Context::default());
        if read.ty.is_error() {
            return poison(span);
        }
        expr(ExprKind::Failed(source.text.as_str().into()), Type::of(Kind::Bool), span)
    }

    /// `e as T`.
    pub(super) fn test(
        &mut self,
        inner: &'a ast::Expr,
        ty: &ast::Type,
        span: Span,
        cx: &Context<'a>,
    ) -> Expr {
        let inner = self.expr(inner, cx);
        let shape = catalog::resolve_type(ty, &mut self.findings);
        let target = shape.ty();
        if inner.ty.is_error() || target.is_error() {
            return poison(span);
        }
        if inner.ty.kind != Kind::Json {
            let found = inner.ty.clone().present();
            return self.wrong(
                Diagnostic::new(
                    &codes::WRONG_TYPE,
                    inner.span,
                    format!("`as` tests `json`, and this is `{found}`"),
                )
                .help("leave `as` out, or convert with a method"),
            );
        }
        let all = labels([&inner]);
        self.narrowed(expr(ExprKind::As(inner, shape.into()), target.optional().labelled(all), span), cx)
    }

    /// A guard that is a constant.
    pub(super) fn check_constant(&mut self, condition: &Expr, cx: &Context<'a>) {
        if cx.calls.is_empty()
            && let Some(value) = literal_of(condition).and_then(Value::as_bool)
        {
            self.report(
                Diagnostic::new(
                    &codes::CONSTANT_CONDITION,
                    condition.span,
                    format!("this is always {value}"),
                )
                .help("leave the condition out, or say what was meant"),
            );
        }
    }
}

/// `not c` where `negated`.
pub(super) fn negate_if(negated: bool, condition: Expr) -> Expr {
    if !negated || condition.ty.is_error() {
        return condition;
    }
    let (ty, span) = (condition.ty.clone(), condition.span);
    expr(ExprKind::Not(condition), ty, span)
}

/// Whether comparisons of this type ignore ASCII case.
pub(super) fn folds(ty: &Type) -> bool {
    match &ty.kind {
        Kind::Email => true,
        Kind::List(of) => folds(of),
        _ => false,
    }
}

/// Why two types do not compare.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Incomparable {
    /// Of different kinds.
    Types,
    /// Enums without a common value.
    Disjoint,
}

/// Whether values of two types can be compared, for order if `ordered`.
pub(super) fn comparable(a: &Type, b: &Type, ordered: bool) -> Result<(), Incomparable> {
    let fits = match (&a.kind, &b.kind) {
        (Kind::Error | Kind::Nothing, _)
        | (_, Kind::Error | Kind::Nothing)
        | (Kind::Timestamp, Kind::Timestamp)
        | (Kind::Duration, Kind::Duration) => true,
        (Kind::Enum(x), Kind::Enum(y)) if !ordered => {
            // Two literals are comparable; that the result is known is another finding.
            let both_literal = x.len() == 1 && y.len() == 1;
            if !both_literal && !x.iter().any(|w| y.contains(w)) {
                return Err(Incomparable::Disjoint);
            }
            true
        }
        (x, y) if x.is_text() || x.is_numeric() => {
            x.is_text() && y.is_text()
                || x.is_numeric() && y.is_numeric()
                || !ordered && matches!(y, Kind::Json | Kind::Null)
        }
        (_, _) if ordered => false,
        (Kind::Json | Kind::Null, other) | (other, Kind::Json | Kind::Null) => other.is_json(),
        (Kind::List(x), Kind::List(y)) => comparable(x, y, false) != Err(Incomparable::Types),
        (Kind::Record(_) | Kind::Map(_), Kind::Record(_) | Kind::Map(_)) => true,
        (x, y) => *x == Kind::Bool && x == y,
    };
    if fits { Ok(()) } else { Err(Incomparable::Types) }
}

/// Adds "did you mean" for a string literal.
pub(super) fn suggest_literal<'c>(
    diagnostic: Diagnostic,
    word: &str,
    words: impl Iterator<Item = &'c str> + Clone,
) -> Diagnostic {
    let Some(found) = crate::suggest::similar(word, words.clone()) else {
        let list: Vec<String> = words.take(12).map(|w| format!("\"{w}\"")).collect();
        return diagnostic.help(format!("it is one of {}", list.join(", ")));
    };
    let span = diagnostic.span;
    diagnostic.help(format!("did you mean \"{found}\"?")).fix(
        Applicability::Unsafe,
        format!("replace it by \"{found}\""),
        span,
        format!("\"{found}\""),
    )
}

/// A text in backticks, unless it has quotes of its own.
pub(super) fn quoted(text: &str) -> String {
    if text.starts_with('"') { text.to_owned() } else { format!("`{text}`") }
}

/// A string constant.
pub(super) fn text(value: &str, span: Span) -> Expr {
    literal(Value::from(value), Type::literal(value), span)
}
