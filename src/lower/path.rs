//! Names with what follows them: attributes, members, elements, look-ups, methods.

use std::sync::Arc;

use super::context::Context;
use super::expr::At;
use super::{Lowerer, codes, expr, labels, poison};
use crate::ast::{self, ExprKind as Ast, Name};
use crate::builtins;
use crate::catalog::Root;
use crate::diag::{Applicability, Diagnostic};
use crate::ir::{Expr, ExprKind, Slot};
use crate::source::Span;
use crate::suggest::similar;
use crate::ty::{Kind, Labels, Shape, ShapeKind, Type};
use crate::value::Value;

/// One step of a path as it was written.
#[derive(Clone, Copy)]
enum Op<'a> {
    Member(&'a Name),
    Index(&'a [ast::Expr], Span),
    Method(&'a Name, &'a [ast::Expr], Span),
}

/// An attribute on the way: how far the path has come into the shape of its root.
struct Attribute<'s> {
    slot: Slot,
    shape: &'s Shape,
    optional: bool,
    labels: Labels,
    span: Span,
}

/// The shape of what open records have beyond their known members.
static ANYTHING: std::sync::LazyLock<Shape> =
    std::sync::LazyLock::new(|| Shape::of(ShapeKind::Json).optional());

impl<'a> Lowerer<'a> {
    /// Types a name, member, element or method call.
    pub(super) fn postfix(&mut self, ast: &'a ast::Expr, cx: &Context<'a>) -> Expr {
        let (base, ops) = flatten(ast);
        let catalog = Arc::clone(&self.catalog);
        let Ast::Name(name) = &*base.kind else {
            let start = self.expr(base, cx);
            return self.steps(start, &ops, cx);
        };
        let is_bound = cx.scope.get(name).is_some() || self.names.lets.has(name);
        if !is_bound
            && let Some(root) = Root::parse(name)
            && let Some(shape) = catalog.input(root)
        {
            return self.attribute(root, shape, base.span, &ops, cx);
        }
        if !is_bound
            && let Some(table) = self.table_ids.get(name.as_str()).copied()
            && let Some((Op::Index(index, span), rest)) = ops.split_first()
        {
            self.names.tables.get(name);
            let start = self.look_up(table, index, base.span.to(*span), cx);
            return self.steps(start, rest, cx);
        }
        let start = self.name(name, base.span, cx, At::RESULT);
        self.steps(start, &ops, cx)
    }

    /// Follows a path into a declared input as far as its shape is known.
    fn attribute(&mut self, root: Root, shape: &Shape, span: Span, ops: &[Op<'a>], cx: &Context<'a>) -> Expr {
        let mut at = Attribute {
            slot: Slot { root, path: Vec::new() },
            shape,
            optional: false,
            labels: shape.labels,
            span,
        };
        at.optional = is_absent(&at.slot, shape.may_be_absent(), cx);
        let mut rest = ops;
        while let Some((op, behind)) = rest.split_first() {
            let (name, span, place) = match op {
                Op::Member(name) => (name.text.as_str(), name.span, name.span),
                Op::Index([index], span) => match text_literal(index) {
                    Some(text) => (text, *span, index.span),
                    None => break,
                },
                _ => break,
            };
            let (next, optional) = match &at.shape.kind {
                ShapeKind::Error => return poison(at.span.to(span)),
                ShapeKind::Record(record) => match record.member(name) {
                    Some(next) => (next, next.may_be_absent()),
                    None if record.open => (&*ANYTHING, true),
                    None => {
                        let missing = self.unknown_attribute(&at, name, place);
                        return self.steps(missing, behind, cx);
                    }
                },
                ShapeKind::Map(value) => (&**value, true),
                _ => break,
            };
            at.slot.path.push(name.into());
            at.optional = is_absent(&at.slot, optional, cx) || at.optional && !is_present(&at.slot, cx);
            at.labels = at.labels.or(next.labels);
            at.shape = next;
            at.span = at.span.to(span);
            rest = behind;
        }
        if at.slot.path.is_empty() && rest.is_empty() && root == Root::Client {
            return self.wrong(
                Diagnostic::new(&codes::WRONG_TYPE, at.span, "`client` is no value").help(
                    "read `client.id`, `client.name` or `client.metadata`, or compare it: `client = ..`",
                ),
            );
        }
        let start = self.read(&at, cx);
        self.steps(start, rest, cx)
    }

    /// The value of an attribute.
    fn read(&mut self, at: &Attribute<'_>, cx: &Context<'a>) -> Expr {
        let ty = at.shape.ty().with_optional(at.optional).labelled(at.labels);
        let id = self.slot(at.slot.clone());
        let mut read = expr(ExprKind::Slot(id), ty, at.span);
        if read.ty.is_error() {
            return poison(at.span);
        }
        read.needs_user = at.slot.root == Root::User && !cx.facts.user;
        read
    }

    /// The value of an attribute that is named by the language itself, such as `client.id`.
    pub(super) fn input(&mut self, root: Root, path: &[&str], span: Span, cx: &Context<'a>) -> Expr {
        let catalog = Arc::clone(&self.catalog);
        let Some(mut shape) = catalog.input(root) else { return poison(span) };
        let mut slot = Slot { root, path: Vec::new() };
        let mut optional = is_absent(&slot, shape.may_be_absent(), cx);
        let mut all = shape.labels;
        for name in path {
            let ShapeKind::Record(record) = &shape.kind else { return poison(span) };
            let Some(next) = record.member(name) else { return poison(span) };
            shape = next;
            slot.path.push((*name).into());
            optional = is_absent(&slot, shape.may_be_absent(), cx) || optional && !is_present(&slot, cx);
            all = all.or(shape.labels);
        }
        self.read(&Attribute { slot, shape, optional, labels: all, span }, cx)
    }

    fn unknown_attribute(&mut self, at: &Attribute<'_>, name: &str, span: Span) -> Expr {
        let parent = at.slot.name();
        let message = match (at.slot.root, at.slot.path.is_empty()) {
            (Root::Config, true) => format!("claims.yaml declares no constant `{name}`"),
            (Root::External, true) => format!("claims.yaml declares no external source `{name}`"),
            _ => format!("`{parent}` has no attribute `{name}`"),
        };
        let ShapeKind::Record(record) = &at.shape.kind else { return poison(span) };
        let diagnostic = Diagnostic::new(&codes::UNKNOWN_ATTRIBUTE, span, message);
        let known = record.members.iter().map(|(n, _)| &**n);
        if let Some(near) = similar(name, known.clone()) {
            let (place, replacement) = self.instead(at.span, span, near);
            return self.wrong(diagnostic.help(format!("did you mean `{near}`?")).fix(
                Applicability::Unsafe,
                format!("replace it by `{near}`"),
                place,
                replacement,
            ));
        }
        let more = if known.clone().count() > 12 { ", .." } else { "" };
        let mut list: Vec<&str> = known.take(12).collect();
        list.sort_unstable();
        let section = at.slot.root.as_str();
        let declare = format!("declare it under `{section}` in claims.yaml");
        self.wrong(diagnostic.help(match list.as_slice() {
            [] => declare,
            list => format!("{declare}; known here: {}{more}", list.join(", ")),
        }))
    }

    /// How a path is mended: what is replaced, and by what. `object` ends before the member that stands at `member`,
    /// as a word or as a text in brackets; a name that is no word stands in brackets.
    fn instead(&self, object: Span, member: Span, name: &str) -> (Span, String) {
        if self.text(member).starts_with('"') {
            return (member, format!("\"{name}\""));
        }
        let is_word = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if is_word {
            (member, name.to_owned())
        } else {
            (object.at_end().to(member), format!("[\"{name}\"]"))
        }
    }

    /// Applies members, indexes and methods to a value.
    fn steps(&mut self, start: Expr, ops: &[Op<'a>], cx: &Context<'a>) -> Expr {
        let mut value = start;
        for op in ops {
            if value.ty.is_error() {
                // Mistakes within the arguments are found all the same.
                self.arguments_of(*op, cx);
                return poison(value.span);
            }
            value = match *op {
                Op::Member(name) => self.member(value, name, cx),
                Op::Index(index, span) => self.element(value, index, span, cx),
                Op::Method(name, arguments, span) => self.method(value, name, arguments, span, cx),
            };
        }
        value
    }

    fn arguments_of(&mut self, op: Op<'a>, cx: &Context<'a>) {
        let arguments = match op {
            Op::Member(_) => return,
            Op::Index(arguments, _) | Op::Method(_, arguments, _) => arguments,
        };
        self.arguments(arguments, cx);
    }

    /// Types arguments for their own mistakes, where what they are given to is unknown.
    pub(super) fn arguments(&mut self, arguments: &'a [ast::Expr], cx: &Context<'a>) {
        for argument in arguments {
            if !matches!(&*argument.kind, Ast::Lambda { .. } | Ast::Regex(_)) {
                self.expr(argument, cx);
            }
        }
    }

    fn member(&mut self, object: Expr, name: &'a Name, cx: &Context<'a>) -> Expr {
        let span = object.span.to(name.span);
        let all = object.ty.labels;
        let of_object = object.ty.optional;
        let ty = match &object.ty.kind {
            Kind::Record(record) => match record.member(&name.text) {
                Some(ty) => ty.clone(),
                None if record.open => Type::of(Kind::Json).optional(),
                None => return self.no_member(&object, name, record.members.iter().map(|(n, _)| &**n)),
            },
            Kind::Map(value) => (**value).clone().optional(),
            Kind::Json => Type::of(Kind::Json).optional(),
            _ => {
                if let Ok(typing) = builtins::find(&name.text, &object.ty)
                    && typing.is_property()
                {
                    return self.method(object, name, &[], span, cx);
                }
                let methods = builtins::names_for(&object.ty);
                return self.no_member(&object, name, methods.into_iter());
            }
        };
        let ty = ty.labelled(all);
        let optional = ty.optional || of_object;
        let member = ExprKind::Member(object, name.text.as_str().into());
        self.narrowed(expr(member, ty.with_optional(optional), span), cx)
    }

    fn no_member<'c>(
        &mut self,
        object: &Expr,
        name: &Name,
        known: impl Iterator<Item = &'c str> + Clone,
    ) -> Expr {
        let text = self.text(object.span).to_owned();
        let ty = object.ty.clone().present();
        let mut diagnostic = Diagnostic::new(
            &codes::UNKNOWN_ATTRIBUTE,
            name.span,
            format!("`{text}` has no member `{}`", name.text),
        )
        .also(object.span, format!("this is `{ty}`"));
        if builtins::names_for(&object.ty).contains(&name.text.as_str()) {
            diagnostic = diagnostic.help("call the method").fix(
                Applicability::Unsafe,
                "add parentheses",
                name.span.at_end(),
                "()",
            );
        } else if let Some(near) = similar(&name.text, known) {
            let (place, replacement) = self.instead(object.span, name.span, near);
            diagnostic = diagnostic.help(format!("did you mean `{near}`?")).fix(
                Applicability::Unsafe,
                format!("replace it by `{near}`"),
                place,
                replacement,
            );
        }
        self.wrong(diagnostic)
    }

    fn element(&mut self, object: Expr, index: &'a [ast::Expr], end: Span, cx: &Context<'a>) -> Expr {
        let span = object.span.to(end);
        let [index] = index else {
            for part in index {
                self.expr(part, cx);
            }
            return self.wrong(
                Diagnostic::new(&codes::WRONG_ARGUMENTS, span, "only a table is looked up by two keys")
                    .help("use one index"),
            );
        };
        if let (Kind::Record(record), Some(name)) = (&object.ty.kind, text_literal(index)) {
            let Some(ty) = record.member(name).cloned() else {
                let name = Name { text: name.to_owned(), span: index.span };
                let known: Vec<Arc<str>> = record.members.iter().map(|(n, _)| n.clone()).collect();
                return self.no_member(&object, &name, known.iter().map(|n| &**n));
            };
            let optional = ty.optional || object.ty.optional;
            let ty = ty.labelled(object.ty.labels).with_optional(optional);
            return self.narrowed(expr(ExprKind::Member(object, name.into()), ty, span), cx);
        }
        let by = self.expr(index, cx);
        let (by, ty) = match object.ty.kind.clone() {
            Kind::List(element) => (self.must_fit(by, &Type::of(Kind::Int)), (*element).clone()),
            Kind::Map(value) => (self.must_fit(by, &Type::of(Kind::String)), (*value).clone()),
            Kind::Json if by.ty.kind.is_text() || by.ty.kind == Kind::Int || by.ty.is_error() => {
                (by, Type::of(Kind::Json))
            }
            Kind::Json => {
                let found = by.ty.clone();
                (
                    self.wrong(Diagnostic::new(
                        &codes::WRONG_TYPE,
                        by.span,
                        format!("`json` is indexed by `int` or `string`, not by `{found}`"),
                    )),
                    Type::of(Kind::Json),
                )
            }
            _ => {
                let (text, ty) = (self.text(object.span).to_owned(), object.ty.clone());
                return self.wrong(Diagnostic::new(
                    &codes::WRONG_TYPE,
                    span,
                    format!("`{text}` is `{ty}`, which has no elements"),
                ));
            }
        };
        let ty = ty.optional().labelled(labels([&by]).or(object.ty.labels));
        self.narrowed(expr(ExprKind::Index(object, by), ty, span), cx)
    }
}

/// Whether a part of a path may be absent where it is not certain that it is there.
fn is_absent(slot: &Slot, may_be: bool, cx: &Context<'_>) -> bool {
    may_be && !is_present(slot, cx)
}

fn is_present(slot: &Slot, cx: &Context<'_>) -> bool {
    cx.facts.has(&super::context::slot_key(slot))
}

/// The innermost expression and what follows it, without recursion.
fn flatten(ast: &ast::Expr) -> (&ast::Expr, Vec<Op<'_>>) {
    let mut ops = Vec::new();
    let mut base = ast;
    loop {
        base = match &*base.kind {
            Ast::Member { object, name } => {
                ops.push(Op::Member(name));
                object
            }
            Ast::Index { object, index } => {
                ops.push(Op::Index(index, base.span));
                object
            }
            Ast::Method { receiver, name, arguments } => {
                ops.push(Op::Method(name, arguments, base.span));
                receiver
            }
            _ => break,
        };
    }
    ops.reverse();
    (base, ops)
}

/// The text of a string literal without `${`.
pub(super) fn text_literal(ast: &ast::Expr) -> Option<&str> {
    match &*ast.kind {
        Ast::Template(parts) => match parts.as_slice() {
            [] => Some(""),
            [ast::Part::Text(text)] => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// The value of a literal expression of a typed tree.
pub(super) fn literal_of(expr: &Expr) -> Option<&Value> {
    match &*expr.kind {
        ExprKind::Literal(value) => Some(value),
        _ => None,
    }
}
