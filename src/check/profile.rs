//! What the checks of the target host share: what a policy does to which claims, and what the host would do about it.

use std::sync::Arc;

use regex::Regex;

use crate::diag::{Code, Diagnostic};
use crate::ir::{Action, ClaimId, ClaimName, Expr, Statement, Unit};
use crate::standard::profiles::{Fact, Is};
use crate::standard::{Profile, Token, Tokens};
use crate::ty::{Kind, Record, Type};

/// The profile that claims.yaml names.
pub(super) fn of(unit: &Unit) -> Option<&'static Profile> {
    Profile::find(&unit.catalog.profile)
}

/// What one statement does to one claim, or to all whose names begin alike.
pub(super) struct Touch<'u> {
    pub(super) statement: &'u Statement,
    pub(super) name: Name<'u>,
    pub(super) tokens: Tokens,
    /// What is written; `None` where the claim is removed.
    pub(super) written: Option<Written<'u>>,
}

/// The claim.
pub(super) enum Name<'u> {
    /// Its name.
    Whole(Arc<str>),
    /// Names that begin like this and go on with what matches.
    Prefix(&'u str, Option<&'u Regex>),
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

impl Touch<'_> {
    /// The names of a list that it is about; a name with a language tag counts as the name (OpenID Connect Core
    /// section 5.2).
    pub(super) fn among(&self, names: &'static str) -> Option<&'static str> {
        names.split_whitespace().find(|closed| match &self.name {
            Name::Whole(name) => {
                **name == **closed || name.split_once('#').is_some_and(|(base, _)| base == *closed)
            }
            Name::Prefix(prefix, matching) => {
                closed.strip_prefix(prefix).is_some_and(|member| matching.is_none_or(|m| m.is_match(member)))
            }
        })
    }

    /// The name, or what it begins with.
    pub(super) fn text(&self) -> &str {
        match &self.name {
            Name::Whole(name) => name,
            Name::Prefix(prefix, _) => prefix,
        }
    }

    /// A finding about it that states its source.
    pub(super) fn finding(&self, code: &'static Code, fact: &Fact, message: String) -> Diagnostic {
        finding(code, self.statement, fact, message)
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
}

/// The tokens of a touch in which a fact about names that begin alike holds: where no other fact opens the name.
pub(super) fn closed_in(touch: &Touch<'_>, profile: &Profile, fact: &Fact) -> Tokens {
    let tokens = touch.tokens.and(fact.tokens);
    tokens.iter().filter(|token| !touch.is_open(profile, *token)).fold(Tokens::NONE, Tokens::with)
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

/// Everything that a policy does to claims.
pub(super) fn touches(unit: &Unit) -> Vec<Touch<'_>> {
    let mut touches = Vec::new();
    for statement in &unit.statements {
        match &statement.action {
            Action::Write { claim, member, value, tokens, .. } => {
                let Some(name) = name(unit, *claim) else { continue };
                let ty = match member {
                    Some(_) => Type::of(Kind::Record(Arc::new(Record { members: Vec::new(), open: true }))),
                    None => value.ty.clone(),
                };
                let written = Some(Written { ty, value, is_whole: member.is_none() });
                touches.push(Touch { statement, name: Name::Whole(name), tokens: *tokens, written });
            }
            Action::Spread { prefix, value, matching, tokens, .. } => {
                spread(statement, prefix, value, matching.as_deref(), *tokens, &mut touches);
            }
            Action::Remove { claim, tokens } => {
                let Some(name) = name(unit, *claim) else { continue };
                touches.push(Touch { statement, name: Name::Whole(name), tokens: *tokens, written: None });
            }
            _ => {}
        }
    }
    touches
}

/// `add ns/* = record`: a claim for each known member, and one for all others.
fn spread<'u>(
    statement: &'u Statement,
    prefix: &'u str,
    value: &'u Expr,
    matching: Option<&'u Regex>,
    tokens: Tokens,
    touches: &mut Vec<Touch<'u>>,
) {
    let mut touch = |name, ty| {
        let written = Some(Written { ty, value, is_whole: false });
        touches.push(Touch { statement, name, tokens, written });
    };
    let others = match &value.ty.kind {
        Kind::Record(record) => {
            for (member, ty) in &record.members {
                if matching.is_none_or(|regex| regex.is_match(member)) {
                    touch(Name::Whole(format!("{prefix}{member}").into()), ty.clone());
                }
            }
            record.open.then(|| Type::of(Kind::Json))
        }
        Kind::Map(ty) => Some((**ty).clone()),
        _ => Some(Type::of(Kind::Json)),
    };
    if let Some(ty) = others {
        touch(Name::Prefix(prefix, matching), ty);
    }
}

/// The name of a claim; `None` where it comes from `config` and is not bound yet.
fn name(unit: &Unit, claim: ClaimId) -> Option<Arc<str>> {
    match &unit.claims.get(claim.index())?.name {
        ClaimName::Literal(name) => Some(name.clone()),
        ClaimName::Config(slot) => {
            let path = &unit.slots.get(slot.index())?.path;
            let (constant, members) = path.split_first()?;
            let mut value = unit.catalog.config.get(constant)?.value.as_ref()?;
            for member in members {
                value = value.as_object()?.get(member)?;
            }
            value.as_str().map(Arc::from)
        }
    }
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

/// A name of the policy's own for a claim whose short name the host keeps to itself.
pub(super) fn own_name(unit: &Unit, name: &str) -> String {
    let domain = unit.catalog.owned_domains.first().map_or("your-domain.example", |domain| domain);
    let local = name.rsplit([':', '/', '.']).find(|part| !part.is_empty()).unwrap_or("name");
    format!("https://{domain}/claims/{local}")
}
