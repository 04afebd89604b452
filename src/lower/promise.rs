//! `ensure` and `contract`: what the author states about the tokens.

use super::context::Context;
use super::identity::Subject;
use super::{Lowerer, codes};
use crate::ast;
use crate::catalog;
use crate::diag::Diagnostic;
use crate::ir;
use crate::source::Span;
use crate::standard::{Token, Tokens};

impl<'a> Lowerer<'a> {
    pub(super) fn ensure(&mut self, ensure: &'a ast::Ensure, span: Span) {
        let kind = match &ensure.kind {
            ast::EnsureKind::Never(name) => self.claim(name).map(ir::EnsureKind::Never),
            ast::EnsureKind::Always(name) => self.claim(name).map(ir::EnsureKind::Always),
            ast::EnsureKind::NoLabel(name) => self.label(&name.text, name.span).map(ir::EnsureKind::NoLabel),
            ast::EnsureKind::Deny => Some(ir::EnsureKind::Deny),
        };
        let audience = ensure.audience.as_ref().map(|name| self.audience_alias(name));
        let when = ensure.when.as_ref().map(|ast| {
            let condition = self.condition(ast, &Context::default());
            self.findings.extend(self.unknown_guard(&condition, span, "an `ensure`"));
            condition
        });
        let tokens = ensure.target.as_ref().map_or(Tokens::of(Token::Access), targets);
        let (Some(kind), false) = (kind, audience == Some(None)) else { return };
        self.ensures.push(ir::Ensure { kind, audience: audience.flatten(), tokens, when, span });
    }

    fn audience_alias(&mut self, name: &'a ast::Name) -> Option<std::sync::Arc<str>> {
        let known = self.catalog.audiences.get_key_value(name.text.as_str()).map(|(alias, _)| alias.clone());
        if known.is_none() {
            self.unknown_alias(&name.text, Subject::AudienceId, name.span);
        }
        known
    }

    pub(super) fn contract(&mut self, contract: &'a ast::Contract, span: Span) {
        let audience = self.audience_alias(&contract.audience);
        if let Some(audience) = &audience
            && let Some(first) = self.contracts.iter().find(|c| c.audience == *audience)
        {
            let first = first.span;
            self.report(
                Diagnostic::new(
                    &codes::DUPLICATE_NAME,
                    contract.audience.span,
                    format!("the audience `{audience}` has a contract already"),
                )
                .also(first, "here")
                .help("state all claims in one contract"),
            );
        }
        let mut members: Vec<(ir::ClaimId, crate::ty::Type, Span)> = Vec::new();
        for member in &contract.members {
            let ty = catalog::resolve_type(&member.ty, &mut self.findings).ty();
            let Some(claim) = self.claim(&member.claim) else { continue };
            if let Some((_, _, first)) = members.iter().find(|(c, ..)| *c == claim) {
                let first = *first;
                self.report(
                    Diagnostic::new(
                        &codes::DUPLICATE_KEY,
                        member.span,
                        "the contract names this claim twice",
                    )
                    .also(first, "first here")
                    .help("remove one of them"),
                );
                continue;
            }
            if !ty.kind.is_json() {
                self.report(
                    Diagnostic::new(
                        &codes::TIME_AS_CLAIM,
                        member.ty.span,
                        format!("no token carries a `{ty}` as it is"),
                    )
                    .help("state `int` for seconds, or `string` for RFC 3339 text"),
                );
                continue;
            }
            members.push((claim, ty.clone(), member.span));
            if let Some(audience) = &audience {
                self.state(claim, audience.clone(), ty, member.ty.span);
            }
        }
        let Some(audience) = audience else { return };
        self.contracts.push(ir::Contract { audience, members, span });
    }
}

/// The tokens of a written target.
pub(super) fn targets(target: &ast::Target) -> Tokens {
    target.tokens.iter().fold(Tokens::NONE, |all, (token, _)| all.with(*token))
}
