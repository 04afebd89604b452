//! Scopes: literals that are none, and names that no audience lists.

use super::context::Context;
use super::expr::At;
use super::path::literal_of;
use super::{Lowerer, codes};
use crate::ast;
use crate::catalog::Root;
use crate::diag::{Applicability, Diagnostic};
use crate::ir::{Expr, ExprKind};
use crate::source::Span;
use crate::standard;
use crate::value::Value;

impl<'a> Lowerer<'a> {
    /// The value of a scope statement.
    pub(super) fn scopes(&mut self, ast: &'a ast::Expr, cx: &Context<'a>, restricts: bool) -> Option<Expr> {
        let value = self.expr_at(ast, cx, At::RESULT);
        let value = self.texts(value, "a scope");
        self.check_scope_literals(&value);
        if value.ty.is_error() {
            return None;
        }
        if restricts { self.never_missing(value, "`remove scope`", true) } else { Some(value) }
    }

    /// Literals that are no scopes, or that no audience has.
    pub(super) fn check_scope_literals(&mut self, value: &Expr) {
        let literals: Vec<&Expr> = match &*value.kind {
            ExprKind::List(elements) => elements.iter().filter(|e| !e.spread).map(|e| &e.value).collect(),
            _ => vec![value],
        };
        let literals: Vec<(String, Span)> = literals
            .into_iter()
            .filter_map(|e| Some((literal_of(e)?.as_str()?.to_owned(), e.span)))
            .collect();
        for (scope, span) in literals {
            if standard::is_scope_token(&scope) {
                self.check_scope_name(&scope, span);
                continue;
            }
            let mut diagnostic = Diagnostic::new(&codes::BAD_SCOPE, span, format!("\"{scope}\" is no scope"));
            diagnostic = if scope.contains(' ') {
                let parts: Vec<String> = scope.split_whitespace().map(|s| format!("\"{s}\"")).collect();
                let list = format!("[{}]", parts.join(", "));
                diagnostic.help("list scopes one by one: a text is never split at blanks").fix(
                    Applicability::Safe,
                    "make it a list",
                    span,
                    list,
                )
            } else {
                diagnostic
                    .help("use printable ASCII without blanks, quotes and backslashes (RFC 6749 section 3.3)")
            };
            self.report(diagnostic);
        }
    }

    /// Scope names that no audience lists, where every audience lists its scopes.
    pub(super) fn check_scope_names(&mut self, member: &Expr, all: &Expr) {
        let is_scopes = match &*all.kind {
            ExprKind::Slot(id) => self.slots.get_index(id.index()).is_some_and(|slot| {
                slot.root == Root::Scopes || slot.path.last().is_some_and(|name| &**name == "scopes")
            }),
            _ => false,
        };
        if is_scopes && let Some(name) = literal_of(member).and_then(Value::as_str) {
            self.check_scope_name(name, member.span);
        }
    }

    /// A scope that no token can have.
    pub(super) fn check_scope_name(&mut self, name: &str, span: Span) {
        let catalog = std::sync::Arc::clone(&self.catalog);
        let closed = catalog.audience_world == crate::catalog::World::Closed
            && !catalog.audiences.is_empty()
            && catalog.audiences.values().all(|audience| audience.scopes.is_some());
        let known = || {
            let listed = catalog.audiences.values().flat_map(|a| a.scopes.iter().flatten()).map(|s| &**s);
            listed.chain(crate::standard::OIDC_SCOPES.iter().copied())
        };
        if closed && !known().any(|scope| scope == name) {
            let diagnostic = Diagnostic::new(
                &codes::UNKNOWN_SCOPE,
                span,
                format!("no audience of claims.yaml has the scope \"{name}\""),
            );
            let near = crate::suggest::similar(name, known());
            self.report(match near {
                Some(near) => diagnostic.help(format!("did you mean \"{near}\"?")).fix(
                    Applicability::Unsafe,
                    format!("replace it by \"{near}\""),
                    span,
                    format!("\"{near}\""),
                ),
                None => diagnostic.help("list it under `scopes` of its audience in claims.yaml"),
            });
        }
    }
}
