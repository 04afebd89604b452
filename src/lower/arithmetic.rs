//! `+ - *` and unary minus: whole numbers, times and durations; `+` also joins strings and lists.

use super::context::Context;
use super::path::literal_of;
use super::{Lowerer, codes, expr, labels, plain, poison};
use crate::ast::{self, SumOperator};
use crate::diag::Diagnostic;
use crate::ir::{Expr, ExprKind};
use crate::source::Span;
use crate::ty::{Kind, Type};
use crate::value::Value;

impl<'a> Lowerer<'a> {
    pub(super) fn sum(
        &mut self,
        first: &'a ast::Expr,
        rest: &'a [(SumOperator, ast::Expr)],
        span: Span,
        cx: &Context<'a>,
    ) -> Expr {
        let first = self.expr(first, cx);
        let rest: Vec<(SumOperator, Expr)> = rest.iter().map(|(op, ast)| (*op, self.expr(ast, cx))).collect();
        if first.ty.is_error() || rest.iter().any(|(_, e)| e.ty.is_error()) {
            return poison(span);
        }
        let joins = first.ty.kind.is_text() || matches!(first.ty.kind, Kind::List(_));
        if joins && rest.iter().all(|(op, _)| *op == SumOperator::Plus) {
            return self.join(std::iter::once(first).chain(rest.into_iter().map(|(_, e)| e)).collect(), span);
        }
        let mut ty = first.ty.clone();
        let mut all = labels([&first]);
        for (op, operand) in &rest {
            let Some(kind) = sum_kind(&ty.kind, *op, &operand.ty.kind) else {
                return self.no_sum(&ty, *op, operand, first.span);
            };
            all = all.or(labels([operand]));
            ty = Type::of(kind).with_optional(ty.optional || operand.ty.optional);
        }
        expr(ExprKind::Sum(first, rest), ty.labelled(all), span)
    }

    fn no_sum(&mut self, left: &Type, op: SumOperator, right: &Expr, left_span: Span) -> Expr {
        let sign = if op == SumOperator::Plus { '+' } else { '-' };
        let (l, r) = (plain(left), plain(&right.ty));
        let mut diagnostic = Diagnostic::new(
            &codes::WRONG_TYPE,
            left_span.to(right.span),
            format!("`{l}` {sign} `{r}` has no meaning"),
        )
        .also(right.span, format!("this is `{r}`"));
        let text = self.text(right.span).to_owned();
        diagnostic = match (&l.kind, &r.kind) {
            (l, _) if l.is_text() && sign == '+' => {
                diagnostic.help(format!("put it into a template: `\"${{{text}}}\"`"))
            }
            (Kind::Number, _) | (_, Kind::Number) => diagnostic
                .help("arithmetic is exact and knows whole numbers only: declare the attribute as `int`"),
            (Kind::Json, _) | (_, Kind::Json) => diagnostic.help("test the type first: `as int`"),
            _ => diagnostic,
        };
        self.wrong(diagnostic)
    }

    fn join(&mut self, parts: Vec<Expr>, span: Span) -> Expr {
        let is_text = parts.first().is_some_and(|p| p.ty.kind.is_text());
        let mut ty = if is_text { Type::of(Kind::String) } else { Type::list(Type::of(Kind::Nothing)) };
        for part in &parts {
            let fits = if is_text { part.ty.kind.is_text() } else { matches!(part.ty.kind, Kind::List(_)) };
            let joined = if is_text { Some(ty.clone()) } else { ty.join(&part.ty.clone().present()) };
            let (true, Some(joined)) = (fits, joined) else {
                return self.no_sum(&ty, SumOperator::Plus, part, span);
            };
            ty = joined;
        }
        let optional = parts.iter().any(|p| p.ty.optional);
        let all = labels(&parts);
        expr(ExprKind::Join(parts), ty.with_optional(optional).labelled(all), span)
    }

    pub(super) fn product(&mut self, all: &'a [ast::Expr], span: Span, cx: &Context<'a>) -> Expr {
        let factors: Vec<Expr> = all.iter().map(|ast| self.expr(ast, cx)).collect();
        if factors.iter().any(|f| f.ty.is_error()) {
            return poison(span);
        }
        let durations = factors.iter().filter(|f| f.ty.kind == Kind::Duration).count();
        if let Some(bad) = factors.iter().find(|f| !matches!(f.ty.kind, Kind::Int | Kind::Duration)) {
            let found = bad.ty.clone().present();
            let diagnostic = Diagnostic::new(
                &codes::WRONG_TYPE,
                bad.span,
                format!("`*` multiplies `int`, and this is `{found}`"),
            );
            return self.wrong(diagnostic);
        }
        if durations > 1 {
            return self.wrong(
                Diagnostic::new(&codes::WRONG_TYPE, span, "a duration times a duration has no meaning")
                    .help("multiply a duration by an `int`"),
            );
        }
        let kind = if durations == 1 { Kind::Duration } else { Kind::Int };
        let optional = factors.iter().any(|f| f.ty.optional);
        let all = labels(&factors);
        expr(ExprKind::Product(factors), Type::of(kind).with_optional(optional).labelled(all), span)
    }

    pub(super) fn negate(&mut self, inner: &'a ast::Expr, span: Span, cx: &Context<'a>) -> Expr {
        let inner = self.expr(inner, cx);
        if inner.ty.is_error() {
            return poison(span);
        }
        if !matches!(inner.ty.kind, Kind::Int | Kind::Duration) {
            let found = inner.ty.clone().present();
            return self.wrong(Diagnostic::new(
                &codes::WRONG_TYPE,
                span,
                format!("`-` is for `int` and `duration`, and this is `{found}`"),
            ));
        }
        let ty = inner.ty.clone();
        if let Some(value) = literal_of(&inner).and_then(Value::as_int).and_then(i64::checked_neg) {
            return super::expr::literal(Value::int(value), ty, span);
        }
        expr(ExprKind::Negate(inner), ty, span)
    }
}

/// The kind of a sum or difference; `None` where it has no meaning.
fn sum_kind(left: &Kind, op: SumOperator, right: &Kind) -> Option<Kind> {
    Some(match (left, op, right) {
        (Kind::Int, _, Kind::Int) => Kind::Int,
        (Kind::Duration, _, Kind::Duration) | (Kind::Timestamp, SumOperator::Minus, Kind::Timestamp) => {
            Kind::Duration
        }
        (Kind::Timestamp, _, Kind::Duration) | (Kind::Duration, SumOperator::Plus, Kind::Timestamp) => {
            Kind::Timestamp
        }
        _ => return None,
    })
}
