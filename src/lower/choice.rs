//! `if` and `match` as expressions.

use std::sync::Arc;

use super::condition::folds;
use super::context::Context;
use super::expr::At;
use super::path::literal_of;
use super::{Lowerer, codes, expr, labels, plain, poison};
use crate::ast;
use crate::diag::{Applicability, Diagnostic};
use crate::ir::{Expr, ExprKind};
use crate::source::Span;
use crate::ty::{Kind, Type};
use crate::value::Value;

impl<'a> Lowerer<'a> {
    pub(super) fn choice(
        &mut self,
        condition: &'a ast::Expr,
        then: &'a ast::Expr,
        otherwise: &'a ast::Expr,
        span: Span,
        cx: &Context<'a>,
        at: At,
    ) -> Expr {
        let condition = self.condition(condition, cx);
        self.check_constant(&condition, cx);
        let inner = At { omit: true, ..at };
        let taken = cx.knowing(&self.tables().learn(&condition, true));
        let then = self.expr_at(then, &taken, inner);
        let reads_user = self.reads(&condition).user;
        let other = self.otherwise(&condition, reads_user, cx);
        let otherwise = self.expr_at(otherwise, &other, inner);
        if condition.ty.is_error() || then.ty.is_error() || otherwise.ty.is_error() {
            return poison(span);
        }
        let Some(ty) = then.ty.join(&otherwise.ty) else {
            return self.branches_differ(&then, &otherwise, span);
        };
        // Without a user it has no value unless the condition is true all the same.
        let reads = reads_user && !cx.facts.user;
        let needs_user = reads || condition.needs_user || then.needs_user || otherwise.needs_user;
        let found = labels([&then, &otherwise]);
        let mut choice =
            expr(ExprKind::If { condition, reads_user, then, otherwise }, ty.labelled(found), span);
        choice.needs_user = needs_user;
        choice
    }

    /// What is known where a condition was not true: nothing about values, if it may have been unknown. Behind one
    /// that reads the user there is a user, because a chain or choice ends there without one.
    pub(super) fn otherwise(&self, condition: &Expr, reads_user: bool, cx: &Context<'a>) -> Context<'a> {
        let mut context = if condition.ty.optional {
            cx.clone()
        } else {
            cx.knowing(&self.tables().learn(condition, false))
        };
        context.facts.user |= reads_user;
        context
    }

    fn branches_differ(&mut self, then: &Expr, otherwise: &Expr, span: Span) -> Expr {
        let (a, b) = (plain(&then.ty), plain(&otherwise.ty));
        self.wrong(
            Diagnostic::new(&codes::WRONG_TYPE, span, format!("one branch is `{a}`, the other `{b}`"))
                .also(then.span, format!("this is `{a}`"))
                .also(otherwise.span, format!("this is `{b}`"))
                .help("make both of one type"),
        )
    }

    pub(super) fn matching(
        &mut self,
        subject: &'a ast::Expr,
        arms: &'a [ast::Arm],
        span: Span,
        cx: &Context<'a>,
        at: At,
    ) -> Expr {
        let subject = self.expr(subject, cx);
        let inner = At { omit: true, ..at };
        let mut seen: Vec<(Value, Span)> = Vec::new();
        let mut typed = Vec::new();
        let mut otherwise = None;
        let mut ty = Type::of(Kind::Nothing);
        let present = cx.knowing(&self.tables().learn(&subject, true));
        for arm in arms {
            let patterns = self.patterns(&subject, arm, &mut seen, cx);
            if otherwise.is_some() {
                self.report(
                    Diagnostic::new(
                        &codes::DUPLICATE_KEY,
                        arm.span,
                        "this arm is behind `_` and never taken",
                    )
                    .help("move `_` to the end"),
                );
            }
            let value = self.expr_at(&arm.value, &present, inner);
            ty = if let Some(joined) = ty.join(&value.ty) {
                joined
            } else {
                let message =
                    format!("this arm is `{}`, and those before are `{}`", plain(&value.ty), plain(&ty));
                self.say(&codes::WRONG_TYPE, value.span, message);
                Type::error()
            };
            if arm.patterns.is_empty() {
                otherwise = otherwise.or(Some(value));
            } else {
                typed.push((patterns, value));
            }
        }
        if otherwise.is_none() {
            self.check_complete(&subject, &seen, span);
        }
        if subject.ty.is_error() || ty.is_error() {
            return poison(span);
        }
        let reads_user = self.reads(&subject).user;
        let optional = ty.optional || subject.ty.optional;
        let found = labels(typed.iter().map(|(_, e)| e).chain(otherwise.iter()));
        let fold = folds(&subject.ty);
        let kind = ExprKind::Match { subject, reads_user, fold, arms: typed, otherwise };
        expr(kind, ty.with_optional(optional).labelled(found), span)
    }

    /// The literals of an arm, checked against the subject and the arms before.
    fn patterns(
        &mut self,
        subject: &Expr,
        arm: &'a ast::Arm,
        seen: &mut Vec<(Value, Span)>,
        cx: &Context<'a>,
    ) -> Vec<Value> {
        let mut values = Vec::new();
        for pattern in &arm.patterns {
            let literal = self.expr(pattern, cx);
            if literal.ty.is_error() {
                continue;
            }
            let Some(value) = literal_of(&literal).cloned() else {
                self.say(&codes::WRONG_TYPE, pattern.span, "an arm begins with a literal or `_`");
                continue;
            };
            self.check_pattern(subject, &literal, &value);
            let fold = folds(&subject.ty);
            if let Some((_, first)) = seen.iter().find(|(v, _)| v.equals(&value, fold)) {
                let first = *first;
                self.report(
                    Diagnostic::new(&codes::DUPLICATE_KEY, pattern.span, "this value has an arm already")
                        .also(first, "here")
                        .help("remove one of them"),
                );
            }
            seen.push((value.clone(), pattern.span));
            values.push(value);
        }
        values
    }

    fn check_pattern(&mut self, subject: &Expr, literal: &Expr, value: &Value) {
        let kind = &subject.ty.kind;
        match kind {
            Kind::Enum(words) => {
                let known = value.as_str().is_some_and(|word| words.iter().any(|w| &**w == word));
                if !known {
                    let text = self.text(subject.span).to_owned();
                    let list: Vec<String> = words.iter().map(|w| format!("\"{w}\"")).collect();
                    let mut diagnostic = Diagnostic::new(
                        &codes::IMPOSSIBLE_VALUE,
                        literal.span,
                        format!("`{text}` is never {}", self.text(literal.span)),
                    );
                    let near =
                        value.as_str().and_then(|w| crate::suggest::similar(w, words.iter().map(|w| &**w)));
                    diagnostic = match near {
                        Some(near) => diagnostic.help(format!("did you mean \"{near}\"?")).fix(
                            Applicability::Unsafe,
                            format!("replace it by \"{near}\""),
                            literal.span,
                            format!("\"{near}\""),
                        ),
                        None => diagnostic.help(format!("it is one of {}", list.join(", "))),
                    };
                    self.report(diagnostic);
                }
            }
            Kind::Error => {}
            kind if kind.is_text() && literal.ty.kind.is_text() => {}
            kind if kind.is_numeric() && literal.ty.kind.is_numeric() => {}
            Kind::Bool if literal.ty.kind == Kind::Bool => {}
            _ => {
                let (s, l) = (plain(&subject.ty), plain(&literal.ty));
                self.say(
                    &codes::WRONG_TYPE,
                    literal.span,
                    format!("`match` looks at `{s}`, and this is `{l}`"),
                );
            }
        }
    }

    fn check_complete(&mut self, subject: &Expr, seen: &[(Value, Span)], span: Span) {
        let missing: Vec<Arc<str>> = match &subject.ty.kind {
            Kind::Error => return,
            Kind::Enum(words) => {
                words.iter().filter(|w| !seen.iter().any(|(v, _)| v.as_str() == Some(w))).cloned().collect()
            }
            Kind::Bool => [true, false]
                .into_iter()
                .filter(|b| !seen.iter().any(|(v, _)| v.as_bool() == Some(*b)))
                .map(|b| Arc::from(b.to_string()))
                .collect(),
            _ => {
                self.report(
                    Diagnostic::new(&codes::INCOMPLETE_MATCH, span, "other values have no arm")
                        .help("add `_ => ..`, or `_ => omit`"),
                );
                return;
            }
        };
        if missing.is_empty() {
            return;
        }
        let quote =
            |w: &Arc<str>| if subject.ty.kind == Kind::Bool { w.to_string() } else { format!("\"{w}\"") };
        let list: Vec<String> = missing.iter().map(quote).collect();
        self.report(
            Diagnostic::new(&codes::INCOMPLETE_MATCH, span, format!("{} has no arm", list.join(", ")))
                .also(subject.span, format!("this is `{}`", subject.ty.clone().present()))
                .help("add an arm, or `_ => ..`"),
        );
    }
}
