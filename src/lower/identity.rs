//! Comparisons with `audience`, `client`, `grant`, `connection`, `organization`: bare names there are aliases of
//! claims.yaml, strings are ids.

use std::sync::Arc;

use super::condition::{boolean, negate_if, text};
use super::context::Context;
use super::path::text_literal;
use super::{Lowerer, codes, expr, labels, poison};
use crate::ast::{self, Comparison, ExprKind as Ast};
use crate::catalog::{Root, World};
use crate::diag::{Applicability, Diagnostic};
use crate::ir::{AudienceOf, Element, Expr, ExprKind};
use crate::source::Span;
use crate::standard::Grant;
use crate::suggest::similar;
use crate::ty::{Kind, Type};

/// What is compared.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// The set of audiences.
    Audience(AudienceOf),
    /// `audience.only()`, or a place that takes ids of audiences.
    AudienceId,
    /// The client, by id.
    Client,
    /// The grant.
    Grant,
    /// The connection, by id.
    Connection,
    /// The organization, by id.
    Organization,
}

impl Subject {
    fn word(self) -> &'static str {
        match self {
            Subject::Audience(AudienceOf::Requested) => "requested.audience",
            Subject::Audience(_) | Subject::AudienceId => "audience",
            Subject::Client => "client",
            Subject::Grant => "grant",
            Subject::Connection => "connection",
            Subject::Organization => "organization",
        }
    }
}

impl<'a> Lowerer<'a> {
    /// A comparison one side of which is compared by id; `None` for any other.
    pub(super) fn compare_identity(
        &mut self,
        operator: Comparison,
        left: &'a ast::Expr,
        right: &'a ast::Expr,
        span: Span,
        cx: &Context<'a>,
    ) -> Option<Expr> {
        let (subject, of, other) = match (subject(left, cx), subject(right, cx)) {
            (Some(subject), _) => (subject, left, right),
            (None, Some(subject)) => (subject, right, left),
            (None, None) => return None,
        };
        let word = subject.word();
        let negated = match operator {
            Comparison::Equal => false,
            Comparison::NotEqual => true,
            _ => {
                let message = format!("`{word}` has no order");
                return Some(
                    self.wrong(
                        Diagnostic::new(&codes::WRONG_TYPE, span, message)
                            .help("compare it with `=`, or with `in [..]`"),
                    ),
                );
            }
        };
        if let Subject::Audience(which) = subject {
            if negated {
                return Some(self.audience_inequality(word, other, span));
            }
            let id = self.identity(other, subject, cx);
            return Some(about(ExprKind::AudienceIs(which, id), span));
        }
        let of = self.subject_value(subject, of, cx);
        let id = self.identity(other, subject, cx);
        if of.ty.is_error() || id.ty.is_error() {
            return Some(poison(span));
        }
        let compare = ExprKind::Compare { operator: Comparison::Equal, left: of, right: id, fold: false };
        Some(negate_if(negated, boolean(compare, span)))
    }

    fn audience_inequality(&mut self, word: &str, other: &'a ast::Expr, span: Span) -> Expr {
        let text = self.text(other.span).to_owned();
        let fixed = format!("not ({text} in {word})");
        self.wrong(
            Diagnostic::new(
                &codes::AUDIENCE_INEQUALITY,
                span,
                format!("`{word}` is a set: `!=` could mean two things"),
            )
            .help(format!(
                "write `{fixed}`, or `not ({word} = {text})` if other audiences beside it are meant too"
            ))
            .fix(Applicability::Unsafe, "ask that it is not among them", span, fixed)
            .fix(
                Applicability::Unsafe,
                "ask that it is not exactly this one",
                span,
                format!("not ({word} = {text})"),
            ),
        )
    }

    /// `audience not in [..]` is `not (audience in [..])`, which people also read as "none of these".
    fn warn_of_audience_not_in(&mut self, word: &str, list: &'a ast::Expr, span: Span) {
        let all = self.text(list.span).to_owned();
        let plain = format!("not ({word} in {all})");
        let mut diagnostic = Diagnostic::new(
            &codes::AUDIENCE_NOT_IN,
            span,
            format!("`{word} not in` holds unless all of a set that is not empty are listed"),
        )
        .help(format!(
            "write `{plain}` if that is meant, `not (a in {word})` for each that it may not be for"
        ))
        .fix(Applicability::Safe, "say it plainly", span, plain);
        if let Ast::List(elements) = &*list.kind
            && elements.iter().all(|e| !e.spread)
            && !elements.is_empty()
        {
            let none: Vec<String> =
                elements.iter().map(|e| format!("not ({} in {word})", self.text(e.value.span))).collect();
            let none = format!("({})", none.join(" and "));
            diagnostic = diagnostic.fix(Applicability::Unsafe, "ask that none is among them", span, none);
        }
        self.report(diagnostic);
    }

    /// A membership test one side of which is compared by id; `None` for any other.
    pub(super) fn within_identity(
        &mut self,
        negated: bool,
        element: &'a ast::Expr,
        list: &'a ast::Expr,
        span: Span,
        cx: &Context<'a>,
    ) -> Option<Expr> {
        if let Some(subject @ Subject::Audience(which)) = subject(list, cx) {
            let id = self.identity(element, subject, cx);
            return Some(negate_if(negated, about(ExprKind::AudienceHas(which, id), span)));
        }
        let subject = subject(element, cx)?;
        if negated && matches!(subject, Subject::Audience(_)) {
            self.warn_of_audience_not_in(subject.word(), list, span);
        }
        Some(negate_if(negated, self.within_ids(subject, element, list, span, cx)))
    }

    /// Membership of an id, or of the set of audiences, in a list.
    fn within_ids(
        &mut self,
        subject: Subject,
        element: &'a ast::Expr,
        list: &'a ast::Expr,
        span: Span,
        cx: &Context<'a>,
    ) -> Expr {
        if subject == Subject::Grant && matches!(&*list.kind, Ast::Name(name) if name == "login") {
            return expr(ExprKind::Login, Type::of(Kind::Bool), span);
        }
        let all = self.identities(list, subject, cx);
        if let Subject::Audience(which) = subject {
            return about(ExprKind::AudienceWithin(which, all), span);
        }
        let element = self.subject_value(subject, element, cx);
        if element.ty.is_error() || all.ty.is_error() {
            return poison(span);
        }
        boolean(ExprKind::In { element, list: all, fold: false }, span)
    }

    fn subject_value(&mut self, subject: Subject, ast: &'a ast::Expr, cx: &Context<'a>) -> Expr {
        match subject {
            Subject::Client => self.input(Root::Client, &["id"], ast.span, cx),
            Subject::Grant => self.input(Root::Grant, &[], ast.span, cx),
            Subject::Connection => self.input(Root::Connection, &["id"], ast.span, cx),
            Subject::Organization => self.input(Root::Organization, &["id"], ast.span, cx),
            Subject::Audience(_) | Subject::AudienceId => self.expr(ast, cx),
        }
    }

    /// A list of ids.
    pub(super) fn identities(&mut self, ast: &'a ast::Expr, subject: Subject, cx: &Context<'a>) -> Expr {
        let Ast::List(elements) = &*ast.kind else {
            return self.expect(ast, &Type::list(Type::of(Kind::String)), cx);
        };
        let mut all = Vec::with_capacity(elements.len());
        for element in elements {
            let value = if element.spread {
                self.expect(&element.value, &Type::list(Type::of(Kind::String)), cx)
            } else {
                self.identity(&element.value, subject, cx)
            };
            all.push(Element { spread: element.spread, value });
        }
        if all.iter().any(|e| e.value.ty.is_error()) {
            return poison(ast.span);
        }
        let found = labels(all.iter().map(|e| &e.value));
        let optional = all.iter().any(|e| e.value.ty.optional);
        let ty = Type::list(Type::of(Kind::String)).with_optional(optional).labelled(found);
        expr(ExprKind::List(all), ty, ast.span)
    }

    /// An id: an alias of claims.yaml, or a string.
    pub(super) fn identity(&mut self, ast: &'a ast::Expr, subject: Subject, cx: &Context<'a>) -> Expr {
        if let Ast::Name(name) = &*ast.kind {
            let is_bound = cx.scope.get(name).is_some() || self.names.lets.has(name);
            if is_bound && self.alias(name, subject).is_some() {
                return self.ambiguous_alias(name, subject, ast.span);
            }
            if is_bound || Root::parse(name).is_some() {
                return self.expect(ast, &Type::of(Kind::String), cx);
            }
            return match self.alias(name, subject) {
                Some(id) => text(&id, ast.span),
                None => self.unknown_alias(name, subject, ast.span),
            };
        }
        if let Some(id) = text_literal(ast)
            && !self.is_known_id(id, subject)
        {
            return self.unknown_id(id, subject, ast.span);
        }
        if let Ast::List(_) = &*ast.kind {
            let word = subject.word();
            return self.wrong(
                Diagnostic::new(
                    &codes::WRONG_TYPE,
                    ast.span,
                    format!("`{word}` is compared with one id here"),
                )
                .help(format!("write `{word} in [..]`")),
            );
        }
        self.expect(ast, &Type::of(Kind::String), cx)
    }

    /// A name that is declared in the policy and in claims.yaml.
    fn ambiguous_alias(&mut self, name: &str, subject: Subject, span: Span) -> Expr {
        let word = subject.word().trim_start_matches("requested.");
        let mut diagnostic = Diagnostic::new(
            &codes::DUPLICATE_NAME,
            span,
            format!("`{name}` is declared in the policy and is the alias of {} too", with_article(word)),
        )
        .help("rename the `let` or parameter, or the alias in claims.yaml");
        if let Some(declared) = self.names.lets.get(name) {
            diagnostic = diagnostic.also(declared.name.span, "declared here");
        }
        self.wrong(diagnostic)
    }

    fn alias(&self, name: &str, subject: Subject) -> Option<Arc<str>> {
        match subject {
            Subject::Audience(_) | Subject::AudienceId => {
                self.catalog.audiences.get(name).map(|a| a.id.clone())
            }
            Subject::Client => self.catalog.clients.get(name).map(|c| c.id.clone()),
            Subject::Grant => Grant::parse(name).map(|g| g.as_str().into()),
            Subject::Connection => self.catalog.connections.get(name).map(|c| c.id.clone()),
            Subject::Organization => self.catalog.organizations.get(name).map(|o| o.id.clone()),
        }
    }

    /// Whether a request can have this id.
    fn is_known_id(&self, id: &str, subject: Subject) -> bool {
        match subject {
            Subject::Audience(_) | Subject::AudienceId => {
                self.catalog.audience_world != World::Closed || self.catalog.audience(id).is_some()
            }
            Subject::Client => {
                self.catalog.client_world != World::Closed || self.catalog.client(id).is_some()
            }
            Subject::Grant => Grant::parse(id).is_some(),
            Subject::Connection | Subject::Organization => true,
        }
    }

    fn ids(&self, subject: Subject) -> Vec<&str> {
        match subject {
            Subject::Audience(_) | Subject::AudienceId => {
                self.catalog.audiences.values().map(|a| &*a.id).collect()
            }
            Subject::Client => self.catalog.clients.values().map(|c| &*c.id).collect(),
            Subject::Grant | Subject::Connection | Subject::Organization => Vec::new(),
        }
    }

    fn aliases(&self, subject: Subject) -> Vec<&str> {
        match subject {
            Subject::Audience(_) | Subject::AudienceId => {
                self.catalog.audiences.keys().map(|k| &**k).collect()
            }
            Subject::Client => self.catalog.clients.keys().map(|k| &**k).collect(),
            Subject::Grant => Grant::ALL.iter().map(|g| g.as_str()).collect(),
            Subject::Connection => self.catalog.connections.keys().map(|k| &**k).collect(),
            Subject::Organization => self.catalog.organizations.keys().map(|k| &**k).collect(),
        }
    }

    pub(super) fn unknown_alias(&mut self, name: &str, subject: Subject, span: Span) -> Expr {
        let word = subject.word();
        let message = if subject == Subject::Grant {
            format!("there is no grant `{name}`")
        } else {
            format!("claims.yaml has no {} `{name}`", word.trim_start_matches("requested."))
        };
        let mut diagnostic = Diagnostic::new(&codes::UNKNOWN_ALIAS, span, message);
        let aliases = self.aliases(subject);
        if let Some(found) = similar(name, aliases.iter().copied()) {
            diagnostic = diagnostic.help(format!("did you mean `{found}`?")).fix(
                Applicability::Unsafe,
                format!("replace it by `{found}`"),
                span,
                found,
            );
        } else if subject == Subject::Grant && name == "login" {
            diagnostic = diagnostic.help("`login` stands for several grants: write `grant in login`");
        } else if aliases.is_empty() {
            diagnostic = diagnostic.help(format!("put the id in quotes, or declare `{name}` in claims.yaml"));
        } else {
            diagnostic = diagnostic.help(format!("known here: {}", aliases.join(", ")));
        }
        self.wrong(diagnostic)
    }

    fn unknown_id(&mut self, id: &str, subject: Subject, span: Span) -> Expr {
        let word = subject.word().trim_start_matches("requested.");
        if subject == Subject::Grant {
            return self.unknown_alias(id, subject, span);
        }
        let mut diagnostic = Diagnostic::new(
            &codes::UNKNOWN_ALIAS,
            span,
            format!("claims.yaml lists no {word} with the id \"{id}\""),
        );
        if self.alias(id, subject).is_some() {
            diagnostic = diagnostic
                .help(format!("leave the quotes out: `{id}` is an alias, a string is an id"))
                .fix(Applicability::Safe, "use the alias", span, id);
        } else {
            let aliases = self.aliases(subject);
            let near_id = similar(id, self.ids(subject));
            let near = match near_id {
                Some(near) => {
                    aliases.iter().copied().find(|a| self.alias(a, subject).as_deref() == Some(near))
                }
                None => similar(id, aliases.iter().copied()),
            };
            diagnostic = match near {
                Some(found) => diagnostic.help(format!("did you mean `{found}`?")).fix(
                    Applicability::Unsafe,
                    format!("replace it by `{found}`"),
                    span,
                    found,
                ),
                None => diagnostic.help(format!("list it in claims.yaml, or say `open_{word}s: true` there")),
            };
        }
        self.wrong(diagnostic)
    }
}

/// `an audience`, `a client`.
pub(super) fn with_article(word: &str) -> String {
    let article = if word.starts_with(['a', 'o']) { "an" } else { "a" };
    format!("{article} {word}")
}

/// Whether an expression is the bare name of an input.
pub(super) fn is_input(ast: &ast::Expr, root: Root, cx: &Context<'_>) -> bool {
    matches!(&*ast.kind, Ast::Name(name) if name == root.as_str() && cx.scope.get(name).is_none())
}

/// A condition about the audience.
fn about(kind: ExprKind, span: Span) -> Expr {
    let condition = boolean(kind, span);
    if condition.children().iter().any(|id| id.ty.is_error()) { poison(span) } else { condition }
}

/// What an expression is compared as, if by id.
fn subject(ast: &ast::Expr, cx: &Context<'_>) -> Option<Subject> {
    match &*ast.kind {
        Ast::Name(name) if cx.scope.get(name).is_none() => Some(match Root::parse(name)? {
            Root::Audience => Subject::Audience(AudienceOf::Token),
            Root::Client => Subject::Client,
            Root::Grant => Subject::Grant,
            Root::Connection => Subject::Connection,
            Root::Organization => Subject::Organization,
            _ => return None,
        }),
        Ast::Member { object, name } if name.text == "audience" && is_input(object, Root::Requested, cx) => {
            Some(Subject::Audience(AudienceOf::Requested))
        }
        Ast::Method { receiver, name, .. } if name.text == "only" => {
            matches!(subject(receiver, cx)?, Subject::Audience(_)).then_some(Subject::AudienceId)
        }
        _ => None,
    }
}
