//! Templates, lists, records and `??`: where absence ends or is left out.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::context::Context;
use super::expr::{At, literal, permits_absence};
use super::{Lowerer, codes, expr, labels, plain, poison};
use crate::ast::{self, ExprKind as Ast};
use crate::diag::{Applicability, Diagnostic};
use crate::ir::{self, Expr, ExprKind};
use crate::source::Span;
use crate::ty::{Kind, Record, Type};
use crate::value::Value;

impl<'a> Lowerer<'a> {
    pub(super) fn template(&mut self, parts: &'a [ast::Part], span: Span, cx: &Context<'a>) -> Expr {
        if parts.iter().all(|part| matches!(part, ast::Part::Text(_))) {
            let text: String = parts
                .iter()
                .map(|part| match part {
                    ast::Part::Text(text) => text.as_str(),
                    ast::Part::Value(_) => "",
                })
                .collect();
            return literal(Value::from(text.as_str()), Type::literal(&text), span);
        }
        let mut all = Vec::with_capacity(parts.len());
        for part in parts {
            all.push(match part {
                ast::Part::Text(text) => literal(Value::from(text.as_str()), Type::literal(text), span),
                ast::Part::Value(ast) => {
                    let value = self.expr(ast, cx);
                    self.printable(value)
                }
            });
        }
        let optional = all.iter().any(|part| part.ty.optional);
        let found = labels(&all);
        expr(ExprKind::Template(all), Type::of(Kind::String).with_optional(optional).labelled(found), span)
    }

    fn printable(&mut self, value: Expr) -> Expr {
        let kind = &value.ty.kind;
        if kind.is_text() || matches!(kind, Kind::Int | Kind::Bool | Kind::Error) {
            return value;
        }
        let found = value.ty.clone().present();
        let help = match kind {
            Kind::Json => "test its type first: `as string`",
            Kind::Timestamp => "write `.rfc3339()` or `.unix()`",
            Kind::Duration => "write `.seconds()`",
            Kind::List(_) => "write `.join(\",\")`",
            Kind::Number => "write `.to_string()`",
            _ => "read one of its members, or write `.to_json()`",
        };
        self.wrong(
            Diagnostic::new(
                &codes::WRONG_TYPE,
                value.span,
                format!("a template takes strings, whole numbers and Booleans, and this is `{found}`"),
            )
            .help(help),
        )
    }

    pub(super) fn list(&mut self, elements: &'a [ast::Element], span: Span, cx: &Context<'a>) -> Expr {
        let mut all = Vec::with_capacity(elements.len());
        let mut of = Type::of(Kind::Nothing);
        for element in elements {
            let at = if element.spread { At::RESULT } else { At::PART };
            let value = self.expr_at(&element.value, cx, at);
            let value = self.complete(value, "an element");
            let ty = match (&value.ty.kind, element.spread) {
                (Kind::List(inner), true) => (**inner).clone().labelled(value.ty.labels),
                (Kind::Error, _) => Type::error(),
                (_, true) => {
                    let found = value.ty.clone().present();
                    let message = format!("`...` takes a list here, and this is `{found}`");
                    self.say(&codes::WRONG_TYPE, value.span, message);
                    Type::error()
                }
                (_, false) => value.ty.clone().present(),
            };
            of = match of.join(&ty) {
                Some(joined) => joined,
                None => self.mixed(value.span, &of, &ty),
            };
            all.push(ir::Element { spread: element.spread, value });
        }
        let found = labels(all.iter().map(|e| &e.value));
        if of.is_error() {
            return poison(span);
        }
        expr(ExprKind::List(all), Type::list(of).labelled(found), span)
    }

    fn mixed(&mut self, span: Span, before: &Type, here: &Type) -> Type {
        let (before, here) = (plain(before), plain(here));
        self.report(
            Diagnostic::new(
                &codes::WRONG_TYPE,
                span,
                format!("this is `{here}`, and the others are `{before}`"),
            )
            .help("make them of one type"),
        );
        Type::error()
    }

    /// Reports a part that may be absent and does not say what then.
    pub(super) fn complete(&mut self, value: Expr, what: &str) -> Expr {
        if !value.ty.optional || permits_absence(&value) {
            return value;
        }
        let text = self.text(value.span);
        let (help, operand) = match &*value.kind {
            ExprKind::Coalesce(_) => ("end it with `?? omit` or with a value", text.to_owned()),
            _ => (
                "say what then: `?? omit` leaves it out, `?? \"..\"` puts something in its place",
                self.grouped(&value),
            ),
        };
        self.report(
            Diagnostic::new(&codes::ABSENT_PART, value.span, format!("{what} may be absent: `{text}`"))
                .help(help)
                .fix(
                    Applicability::Safe,
                    "leave it out when it is absent",
                    value.span,
                    format!("{operand} ?? omit"),
                ),
        );
        value
    }

    pub(super) fn record(&mut self, members: &'a [ast::Member], span: Span, cx: &Context<'a>) -> Expr {
        let mut all = Vec::with_capacity(members.len());
        let mut shape = Shape::default();
        for member in members {
            match member {
                ast::Member::Named { name, value } => {
                    let value = self.expr_at(value, cx, At::PART);
                    let value = self.complete(value, "a member");
                    if let Some(first) = shape.named.insert(name.text.as_str(), name.span) {
                        self.report(
                            Diagnostic::new(
                                &codes::DUPLICATE_KEY,
                                name.span,
                                format!("the member `{}` stands twice", name.text),
                            )
                            .also(first, "first here")
                            .help("remove one of them"),
                        );
                    }
                    shape.set(&name.text, value.ty.clone());
                    all.push(ir::Member::Named(name.text.as_str().into(), value));
                }
                ast::Member::Spread(ast) => {
                    let value = self.expr_at(ast, cx, At::RESULT);
                    let value = self.complete(value, "what is spread");
                    let value = if shape.spread(&value.ty) {
                        value
                    } else {
                        let found = value.ty.clone().present();
                        let message = format!("`...` takes a record or map here, and this is `{found}`");
                        self.wrong(Diagnostic::new(&codes::WRONG_TYPE, value.span, message))
                    };
                    all.push(ir::Member::Spread(value));
                }
            }
        }
        let values = all.iter().map(|m| match m {
            ir::Member::Named(_, e) | ir::Member::Spread(e) => e,
        });
        let found = labels(values.clone());
        if values.clone().any(|v| v.ty.is_error()) {
            return poison(span);
        }
        let ty = shape.ty();
        expr(ExprKind::Record(all), ty.labelled(found), span)
    }

    pub(super) fn coalesce(&mut self, all: &'a [ast::Expr], span: Span, cx: &Context<'a>, at: At) -> Expr {
        let mut operands: Vec<Expr> = Vec::with_capacity(all.len());
        let mut ty = Type::of(Kind::Nothing);
        for (i, ast) in all.iter().enumerate() {
            let is_last = i + 1 == all.len();
            if matches!(&*ast.kind, Ast::Deny(_)) {
                return self.expr(ast, cx);
            }
            let is_default = is_last && i > 0;
            let right = At { omit: is_default, null: is_default && at.default_null, default_null: false };
            let operand = self.expr_at(ast, cx, right);
            if operand.ty.is_error() {
                ty = Type::error();
            } else if !is_last && !operand.ty.optional {
                self.never_absent(&operand, span);
            }
            let joined = ty.join(&operand.ty);
            ty = joined.unwrap_or_else(|| self.mixed(operand.span, &ty.clone().present(), &operand.ty));
            operands.push(operand);
        }
        if ty.is_error() {
            return poison(span);
        }
        let optional = operands.last().is_none_or(|last| last.ty.optional);
        let found = labels(&operands);
        expr(ExprKind::Coalesce(operands), ty.with_optional(optional).labelled(found), span)
    }

    /// `??` behind something that cannot be absent.
    fn never_absent(&mut self, operand: &Expr, span: Span) {
        let text = self.text(operand.span).to_owned();
        let mut diagnostic =
            Diagnostic::new(&codes::NEVER_ABSENT, operand.span, format!("`{text}` cannot be absent"))
                .also(span, "so this `??` has nothing to do");
        diagnostic = if operand.needs_user {
            diagnostic.help(format!(
                "a default never stands for a missing user: write `if user exists then {text} else ..`"
            ))
        } else if matches!(&*operand.kind, ExprKind::Literal(_)) {
            diagnostic.help(
                "`??` binds tighter than a comparison: put the comparison in parentheses, `(a = b) ?? c`",
            )
        } else {
            diagnostic.help("leave `??` out, or declare the attribute with `?` if it may be missing")
        };
        self.report(diagnostic);
    }
}

/// The type of a record under construction.
#[derive(Default)]
struct Shape<'a> {
    members: Vec<(Arc<str>, Type)>,
    named: BTreeMap<&'a str, Span>,
    open: bool,
    /// A map was spread: only the type of all values together is known.
    map: Option<Type>,
}

impl Shape<'_> {
    fn set(&mut self, name: &str, ty: Type) {
        match self.members.iter_mut().find(|(n, _)| &**n == name) {
            // What may be left out leaves an earlier member of the name in place.
            Some((_, before)) if ty.optional => {
                let was_optional = before.optional;
                *before =
                    before.join(&ty).unwrap_or_else(|| Type::of(Kind::Json)).with_optional(was_optional);
            }
            Some((_, before)) => *before = ty,
            None => self.members.push((name.into(), ty)),
        }
    }

    fn spread(&mut self, ty: &Type) -> bool {
        match &ty.kind {
            Kind::Record(record) => {
                for (name, member) in &record.members {
                    self.set(name, member.clone().with_optional(member.optional || ty.optional));
                }
                self.open |= record.open;
            }
            Kind::Map(value) => {
                let joined = match &self.map {
                    Some(before) => before.join(value),
                    None => Some((**value).clone()),
                };
                self.map = Some(joined.unwrap_or_else(|| Type::of(Kind::Json)));
            }
            Kind::Json | Kind::Error | Kind::Nothing => self.open = true,
            _ => return false,
        }
        true
    }

    fn ty(self) -> Type {
        match self.map {
            None => Type::of(Kind::Record(Arc::new(Record { members: self.members, open: self.open }))),
            Some(value) if !self.open => {
                let all = self.members.iter().try_fold(value, |all, (_, ty)| all.join(ty));
                Type::map(all.unwrap_or_else(|| Type::of(Kind::Json)).present())
            }
            Some(_) => Type::of(Kind::Record(Arc::new(Record { members: self.members, open: true }))),
        }
    }
}
