//! What the checks of the target host share: what a policy does to which claims, and what the host would do about it.

use std::sync::Arc;

use regex::Regex;

use super::names::{self, Deed, Use};
use crate::catalog::ClaimNameKind;
use crate::diag::{Code, Diagnostic};
use crate::ir::{Action, Expr, Statement, Unit};
use crate::standard::profiles::{Fact, Is};
use crate::standard::{Profile, Token, Tokens, claims};
use crate::ty::{Kind, Labels, Record, Type};

/// The profile that claims.yaml names.
pub(super) fn of(unit: &Unit) -> Option<&'static Profile> {
    Profile::find(&unit.catalog.profile)
}

/// What one statement does to one claim, or to all whose names begin alike.
pub(super) struct Touch<'u> {
    pub(super) statement: &'u Statement,
    pub(super) tokens: Tokens,
    named: Use<'u>,
    extent: Extent<'u>,
}

/// How much of the name is known.
#[derive(Clone, Copy)]
enum Extent<'u> {
    /// All of it.
    Whole,
    /// Its beginning; it goes on with what matches.
    Beginning(Option<&'u Regex>),
}

/// What is written.
pub(super) struct Written<'u> {
    /// The type of the claim's value.
    pub(super) ty: Type,
    /// The expression; of `add ns/* = record` the record.
    pub(super) value: &'u Expr,
    /// Whether the expression is the value of this one claim.
    pub(super) is_whole: bool,
}

impl<'u> Touch<'u> {
    /// What is written; `None` where the claim is removed.
    pub(super) fn written(&self) -> Option<Written<'u>> {
        match self.named.deed {
            Deed::Write(_, value) => Some(Written { ty: value.ty.clone(), value, is_whole: true }),
            Deed::Member(_, _, value) => {
                let object = Kind::Record(Arc::new(Record { members: Vec::new(), open: true }));
                Some(Written { ty: Type::of(object), value, is_whole: false })
            }
            Deed::Spread(_, ty, value) => Some(Written { ty: ty.clone(), value, is_whole: false }),
            Deed::Remove | Deed::Promise => None,
        }
    }

    /// The name, or what it begins with.
    pub(super) fn text(&self) -> &str {
        &self.named.name
    }

    /// Whether the name is known to its end.
    pub(super) fn is_named(&self) -> bool {
        matches!(self.extent, Extent::Whole)
    }

    /// The names of a list that it is about; a name with a language tag counts as the name (OpenID Connect Core
    /// section 5.2).
    pub(super) fn among(&self, names: &'static str) -> Option<&'static str> {
        let name = self.text();
        names.split_whitespace().find(|closed| match self.extent {
            Extent::Whole => name == *closed || name.split_once('#').is_some_and(|(base, _)| base == *closed),
            Extent::Beginning(matching) => {
                closed.strip_prefix(name).is_some_and(|member| matching.is_none_or(|m| m.is_match(member)))
            }
        })
    }

    /// Whether it is about a protocol claim: the check of these says so, whatever the host.
    pub(super) fn is_protocol(&self) -> bool {
        self.is_named() && claims::protocol(self.text()).is_some()
    }

    /// Whether it is about a claim whose type is registered and not stated otherwise.
    pub(super) fn is_registered(&self, unit: &Unit) -> bool {
        let is_stated = unit.catalog.private_claims.contains_key(self.text());
        match unit.catalog.claim_name_kind(self.text()) {
            ClaimNameKind::Protocol(_) => true,
            ClaimNameKind::Identity(_) | ClaimNameKind::Authorization(_) => !is_stated,
            _ => false,
        }
    }

    /// A finding about it that states its source.
    pub(super) fn finding(&self, code: &'static Code, fact: &Fact, message: String) -> Diagnostic {
        Diagnostic { span: self.named.span, ..finding(code, self.statement, fact, message) }
    }

    /// Offers a name of the author's own in its place.
    pub(super) fn offer_own_name(&self, unit: &Unit, finding: Diagnostic) -> Diagnostic {
        names::offer_own_name(unit, finding, &self.named)
    }

    /// Whether a fact allows exactly this name in a token.
    fn is_open(&self, profile: &Profile, token: Token) -> bool {
        profile.about(Tokens::of(token)).any(|fact| match fact.is {
            Is::Open(names) => names.split_whitespace().any(|open| match open.strip_suffix('*') {
                Some(prefix) => self.text().starts_with(prefix),
                None => self.text() == open,
            }),
            Is::Typed(names, ..) | Is::Demanded(names, ..) => self.among(names).is_some(),
            _ => false,
        })
    }

    /// The tokens in which a fact about names that begin alike holds: where no other fact opens the name.
    pub(super) fn closed_in(&self, profile: &Profile, fact: &Fact) -> Tokens {
        let tokens = self.tokens.and(fact.tokens);
        tokens.iter().filter(|token| !self.is_open(profile, *token)).fold(Tokens::NONE, Tokens::with)
    }
}

/// A finding about a statement that states its source.
pub(super) fn finding(
    code: &'static Code,
    statement: &Statement,
    fact: &Fact,
    message: String,
) -> Diagnostic {
    let note = if fact.note.is_empty() { String::new() } else { format!("{}; ", fact.note) };
    Diagnostic::new(code, statement.span, message).label(format!("{note}source: {}", fact.source.title))
}

/// Everything that a policy does to claims. Names from `config` that are not bound yet are left out.
pub(super) fn touches(unit: &Unit) -> Vec<Touch<'_>> {
    let mut touches = Vec::new();
    for statement in &unit.statements {
        let tokens = statement.action.tokens();
        for named in names::uses_of(unit, statement) {
            touches.push(Touch { statement, tokens, named, extent: Extent::Whole });
        }
        touches.extend(unnamed(statement, tokens));
    }
    touches
}

/// `add ns/* = value`: the claims that its type does not name.
fn unnamed(statement: &Statement, tokens: Tokens) -> Option<Touch<'_>> {
    static JSON: Type = Type { kind: Kind::Json, optional: false, labels: Labels::NONE };
    let Action::Spread { prefix, value, matching, .. } = &statement.action else { return None };
    let ty = match &value.ty.kind {
        Kind::Record(record) if !record.open => return None,
        Kind::Map(ty) => &**ty,
        _ => &JSON,
    };
    let deed = Deed::Spread(statement, ty, value);
    let named = Use { name: prefix.clone(), config: None, span: statement.subject, tokens, deed };
    Some(Touch { statement, tokens, named, extent: Extent::Beginning(matching.as_deref()) })
}

/// `access and ID tokens`, `userinfo`.
pub(super) fn places(tokens: Tokens) -> String {
    let words: Vec<&str> = tokens
        .iter()
        .map(|token| match token {
            Token::Access => "access tokens",
            Token::Id => "ID tokens",
            Token::Userinfo => "userinfo",
            Token::Saml => "SAML assertions",
        })
        .collect();
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
        None => String::new(),
    }
}
