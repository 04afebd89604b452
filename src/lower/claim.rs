//! Names of claims, and the types that contracts and claims.yaml state for them.

use super::context::Context;
use super::names::{ClaimAlias, did_you_mean};
use super::{Lowerer, codes, id};
use crate::ast::{self, ClaimSubject};
use crate::catalog::Root;
use crate::diag::Diagnostic;
use crate::ir::{Claim, ClaimId, ClaimName, Expr, ExprKind, Step};
use crate::source::Span;
use crate::standard::{Token, Tokens};
use crate::suggest::similar;
use crate::ty::{Kind, Type};

/// A type that is stated for a claim.
#[derive(Clone)]
pub(super) struct Stated {
    /// The audience of the contract; `None` where claims.yaml states it for all tokens.
    audience: Option<std::sync::Arc<str>>,
    ty: Type,
    span: Span,
}

impl<'a> Lowerer<'a> {
    /// `claim ..`: the notes about a claim. Aliases were collected before.
    pub(super) fn claim_item(&mut self, item: &'a ast::ClaimItem) {
        let claim = match &item.subject {
            ClaimSubject::Existing(name) => self.claim(name),
            ClaimSubject::Literal { name, .. } => self.literal_claim(&name.text, name.span),
            ClaimSubject::Config { alias, path } => self.config_claim(path, alias.span),
        };
        let Some(claim) = claim else { return };
        let accepts: Vec<_> = item
            .accepts
            .iter()
            .filter_map(|a| Some((self.label(&a.label.text, a.label.span)?, a.span)))
            .collect();
        if let Some((_, data)) = self.claims.get_index_mut(claim.index()) {
            data.overridable |= item.overridable.is_some();
            data.accepts.extend(accepts);
        }
    }

    /// The claim that a name stands for; `None` where that was reported.
    pub(super) fn claim(&mut self, name: &'a ast::ClaimName) -> Option<ClaimId> {
        match name {
            ast::ClaimName::Bare(name) => {
                match self.names.claims.get(&name.text).map(|declared| declared.item) {
                    Some(ClaimAlias::Literal(text)) => self.literal_claim(&text.text, text.span),
                    Some(ClaimAlias::Config(path)) => self.config_claim(path, name.span),
                    None => self.literal_claim(&name.text, name.span),
                }
            }
            ast::ClaimName::Quoted(text) => self.literal_claim(&text.text, text.span),
            ast::ClaimName::Namespaced { namespace, local, span } => {
                let prefix = self.namespace(namespace)?;
                self.literal_claim(&format!("{prefix}{}", local.text), *span)
            }
            ast::ClaimName::All { span, .. } => {
                self.report(
                    Diagnostic::new(&codes::BAD_CLAIM_NAME, *span, "`*` stands for many claims")
                        .help("name one claim; `*` only stands in `add ns/* = record`"),
                );
                None
            }
        }
    }

    /// The prefix of a namespace.
    pub(super) fn namespace(&mut self, name: &'a ast::Name) -> Option<&'a str> {
        if let Some(declared) = self.names.namespaces.get(&name.text) {
            return Some(&declared.item.text);
        }
        if !self.is_broken {
            let diagnostic = Diagnostic::new(
                &codes::UNKNOWN_NAMESPACE,
                name.span,
                format!("no namespace is called `{}`", name.text),
            );
            self.report(match similar(&name.text, self.names.namespaces.names()) {
                Some(near) => did_you_mean(diagnostic, near),
                None => diagnostic.help(format!(
                    "declare it: `namespace {} = \"https://your-domain.example/claims/\"`",
                    name.text
                )),
            });
        }
        None
    }

    fn literal_claim(&mut self, name: &str, span: Span) -> Option<ClaimId> {
        if let Some(problem) = unfit(name) {
            self.report(
                Diagnostic::new(&codes::BAD_CLAIM_NAME, span, problem)
                    .help("name the claim by a word or an absolute URL"),
            );
            return None;
        }
        let stated = self.catalog.private_claims.get(name).and_then(|p| Some((p.ty.clone()?, p.span)));
        let key = ClaimName::Literal(name.into());
        let id = self.intern(key, span);
        if let Some((ty, span)) = stated {
            let all = self.claim_types.entry(id).or_default();
            if all.iter().all(|s| s.audience.is_some()) {
                all.push(Stated { audience: None, ty, span });
            }
        }
        Some(id)
    }

    fn config_claim(&mut self, path: &'a ast::Expr, span: Span) -> Option<ClaimId> {
        let typed = self.postfix_or_expr(path);
        if typed.ty.is_error() {
            return None;
        }
        if let ExprKind::Slot(slot) = &*typed.kind
            && self.slots.get_index(slot.index()).is_some_and(|s| s.root == Root::Config)
            && typed.ty.kind.is_text()
        {
            return Some(self.intern(ClaimName::Config(*slot), span));
        }
        self.report(
            Diagnostic::new(
                &codes::CLAIM_NOT_FROM_CONFIG,
                path.span,
                "a claim's name is a text or a string of `config`",
            )
            .help("write the name in quotes, or declare a string under `config` in claims.yaml"),
        );
        None
    }

    fn postfix_or_expr(&mut self, path: &'a ast::Expr) -> Expr {
        self.expr(path, &Context::default())
    }

    fn intern(&mut self, name: ClaimName, span: Span) -> ClaimId {
        let index = self.claims.get_index_of(&name).unwrap_or_else(|| {
            let claim = Claim { name: name.clone(), overridable: false, accepts: Vec::new(), span };
            self.claims.insert_full(name, claim).0
        });
        ClaimId(id(index))
    }

    /// The type that a contract states for a claim.
    pub(super) fn state(&mut self, claim: ClaimId, audience: std::sync::Arc<str>, ty: Type, span: Span) {
        self.claim_types.entry(claim).or_default().push(Stated { audience: Some(audience), ty, span });
    }

    /// Reports a written value that is not of the type that is stated for its claim.
    pub(super) fn check_stated(&mut self, claim: ClaimId, value: &Expr, tokens: Tokens, guard: &[Step]) {
        if value.ty.is_error() {
            return;
        }
        let all = self.claim_types.get(&claim).cloned().unwrap_or_default();
        for stated in all {
            let reaches = match &stated.audience {
                Some(audience) => tokens.contains(Token::Access) && !self.excludes(guard, audience),
                None => true,
            };
            if !reaches || value.ty.fits(&stated.ty) {
                continue;
            }
            let (found, wanted) = (value.ty.clone().present(), stated.ty.clone().present());
            let by = match &stated.audience {
                Some(audience) => format!("the contract of `{audience}`"),
                None => "claims.yaml".to_owned(),
            };
            self.report(
                Diagnostic::new(
                    &codes::CLAIM_TYPE,
                    value.span,
                    format!("{by} states `{wanted}` for this claim, and this is `{found}`"),
                )
                .also(stated.span, "stated here")
                .help("convert the value, or state another type"),
            );
        }
    }

    /// Whether a guard demands that the token is for another audience alone.
    fn excludes(&self, guard: &[Step], audience: &str) -> bool {
        let Some(id) = self.catalog.audiences.get(audience).map(|a| a.id.clone()) else { return false };
        let other = |e: &Expr| match &*e.kind {
            ExprKind::AudienceIs(crate::ir::AudienceOf::Token, of) => {
                super::path::literal_of(of).and_then(crate::value::Value::as_str).is_some_and(|of| *of != *id)
            }
            _ => false,
        };
        guard.iter().any(|step| {
            let condition =
                self.chains.get(step.chain.index()).and_then(|c| c.conditions.get(step.branch as usize));
            condition.is_some_and(|c| match &*c.expr.kind {
                ExprKind::And(all) => all.iter().any(other),
                _ => other(&c.expr),
            })
        })
    }
}

/// Why no token can carry a claim of this name; the checks of names go further.
fn unfit(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some("a claim's name cannot be empty");
    }
    name.chars().any(char::is_control).then_some("a claim's name cannot hold control characters")
}

/// The element type of a list.
pub(super) fn element(ty: &Type) -> Option<&Type> {
    match &ty.kind {
        Kind::List(element) => Some(element),
        _ => None,
    }
}
