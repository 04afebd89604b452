//! A registered claim has the type that its registration gives it: consumers parse it so.

use super::names::{Deed, Use, jwts, uses};
use crate::catalog::ClaimNameKind;
use crate::diag::{Applicability, Diagnostic, Edit};
use crate::ir::{ClaimName, Expr, Unit};
use crate::source::Span;
use crate::standard::claims::{self, JsonType, RegisteredClaim};
use crate::standard::{Token, Tokens};
use crate::ty::{Kind, Type};

crate::codes! {
    /// A value that is not of the type that is registered for its claim.
    REGISTERED_CLAIM_TYPE = "C0418" "registered-claim-type" Error;
}

pub(super) fn check(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    for named in uses(unit) {
        let claim = match unit.catalog.claim_name_kind(&named.name) {
            ClaimNameKind::Identity(claim) | ClaimNameKind::Authorization(claim) => claim,
            ClaimNameKind::Private => match claims::tagged_claim(&named.name) {
                Some(claim) => claim,
                None => continue,
            },
            _ => continue,
        };
        if !open_tokens(unit, &named).is_empty() {
            findings.extend(judge(&named, claim));
        }
    }
}

/// The tokens that read the claim as it is registered: nothing else is stated for it there.
fn open_tokens(unit: &Unit, named: &Use<'_>) -> Tokens {
    let private = unit.catalog.private_claims.get(&named.name);
    if private.is_some_and(|private| private.ty.is_some()) {
        return Tokens::NONE;
    }
    let is_stated = unit.contracts.iter().flat_map(|contract| &contract.members).any(|(claim, ..)| {
        let claim = unit.claims.get(claim.index());
        claim.is_some_and(|claim| matches!(&claim.name, ClaimName::Literal(listed) if *listed == named.name))
    });
    let read = if is_stated { Tokens::of(Token::Id).with(Token::Userinfo) } else { jwts() };
    named.tokens.and(read)
}

fn judge(named: &Use<'_>, claim: &RegisteredClaim) -> Option<Diagnostic> {
    match &named.deed {
        Deed::Write(_, value) => {
            let fits = claim.types.iter().any(|ty| fits(&value.ty, *ty));
            if fits {
                return address(claim, &value.ty, value.span);
            }
            Some(wrong(named, claim, &value.ty, value.span, Some(value)))
        }
        Deed::Spread(_, ty, value) => {
            let fits = claim.types.iter().any(|wanted| fits(ty, *wanted));
            (!fits).then(|| wrong(named, claim, ty, value.span, None))
        }
        Deed::Member(_, member, value) => {
            if !claim.types.iter().any(|ty| matches!(ty, JsonType::Object)) {
                return Some(
                    Diagnostic::new(
                        &REGISTERED_CLAIM_TYPE,
                        named.span,
                        format!(
                            "{} is {} ({}), which has no members",
                            named.said(),
                            types(claim),
                            claim.reference
                        ),
                    )
                    .help("write the whole claim, or give the object a name of its own"),
                );
            }
            address_member(claim, member, &value.ty, value.span)
        }
        Deed::Remove | Deed::Promise => None,
    }
}

fn wrong(
    named: &Use<'_>,
    claim: &RegisteredClaim,
    ty: &Type,
    span: Span,
    value: Option<&Expr>,
) -> Diagnostic {
    let found = plain(ty);
    let finding = Diagnostic::new(
        &REGISTERED_CLAIM_TYPE,
        span,
        format!("{} is {} ({}), and this is `{found}`", named.said(), types(claim), claim.reference),
    );
    let wants_list = claim.types.iter().any(|ty| matches!(ty, JsonType::Strings | JsonType::Array));
    match (&found.kind, value) {
        (kind, Some(value)) if kind.is_text() && wants_list => {
            let at = |offset| Span { start: offset, end: offset, ..span };
            let edits = vec![
                Edit { span: at(value.span.start), text: "[".into() },
                Edit { span: at(value.span.end), text: "]".into() },
            ];
            finding.help("write a list").fix_many(Applicability::Unsafe, "make it a list of one", edits)
        }
        (Kind::Json, _) => finding.help("say what it is by `as`, as in `value as string`"),
        _ => finding.help(format!(
            "write the registered type; if a consumer demands this one, state it under `private_claims` in claims.yaml: `{}: {{ type: \"{found}\", reason: \"..\" }}`",
            named.name
        )),
    }
}

fn types(claim: &RegisteredClaim) -> String {
    claim.types.iter().map(|ty| ty.what()).collect::<Vec<_>>().join(" or ")
}

/// Whether every value of a type is what a registration wants.
fn fits(ty: &Type, wanted: JsonType) -> bool {
    let kind = &ty.kind;
    let of_list = |test: fn(&Kind) -> bool| match kind {
        Kind::List(element) => test(&element.kind) || matches!(element.kind, Kind::Error | Kind::Nothing),
        _ => false,
    };
    match wanted {
        _ if matches!(kind, Kind::Error | Kind::Nothing) => true,
        JsonType::String | JsonType::Uri => kind.is_text(),
        JsonType::Date | JsonType::Number => kind.is_numeric(),
        JsonType::Bool => matches!(kind, Kind::Bool),
        JsonType::Object => is_object(kind),
        JsonType::Array => matches!(kind, Kind::List(_)),
        JsonType::Strings => of_list(Kind::is_text),
        JsonType::Objects => of_list(is_object),
    }
}

fn is_object(kind: &Kind) -> bool {
    matches!(kind, Kind::Record(_) | Kind::Map(_))
}

/// The members of `address` (OpenID Connect Core section 5.1.1), all texts.
const ADDRESS: [&str; 6] = ["formatted", "street_address", "locality", "region", "postal_code", "country"];

fn address(claim: &RegisteredClaim, ty: &Type, span: Span) -> Option<Diagnostic> {
    let Kind::Record(record) = &ty.kind else { return None };
    record.members.iter().find_map(|(member, ty)| address_member(claim, member, ty, span))
}

fn address_member(claim: &RegisteredClaim, member: &str, ty: &Type, span: Span) -> Option<Diagnostic> {
    if claim.name != "address" || ty.is_error() {
        return None;
    }
    let by = "OpenID Connect Core 1.0, Section 5.1.1";
    if !ADDRESS.contains(&member) {
        return Some(
            Diagnostic::new(
                &REGISTERED_CLAIM_TYPE,
                span,
                format!("`address` has no member `{member}` ({by})"),
            )
            .help(format!("its members are {}", ADDRESS.map(|member| format!("`{member}`")).join(", "))),
        );
    }
    let found = ty.clone().present();
    (!ty.kind.is_text()).then(|| {
        Diagnostic::new(
            &REGISTERED_CLAIM_TYPE,
            span,
            format!("`address.{member}` is a text ({by}), and this is `{found}`"),
        )
        .help("write a text")
    })
}

/// The type as claims.yaml would state it: without the words of literals.
fn plain(ty: &Type) -> Type {
    match &ty.kind {
        kind if kind.is_text() => Type::of(Kind::String),
        Kind::List(element) => Type::list(plain(element)),
        _ => ty.clone().present(),
    }
}
