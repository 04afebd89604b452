//! Identity claims are for whoever signs a person in. An API gets them where its contract lists them.

use super::names::{audiences_of, offer_own_name, uses};
use crate::catalog::{ClaimNameKind, Root};
use crate::diag::Diagnostic;
use crate::ir::{ClaimName, Expr, Statement, Unit};
use crate::standard::{Token, Tokens};

crate::codes! {
    /// An identity claim is written to an access token, and no contract lists it.
    IDENTITY_CLAIM_IN_ACCESS_TOKEN = "C0411" "identity-claim-in-access-token" Error allow;
}

pub(super) fn check(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    for named in uses(unit) {
        let Some(statement) = named.statement() else { continue };
        if !named.tokens.contains(Token::Access) {
            continue;
        }
        let ClaimNameKind::Identity(claim) = unit.catalog.claim_name_kind(&named.name) else { continue };
        if is_agreed(unit, statement, &named.name) {
            continue;
        }
        let finding = Diagnostic::new(
            &IDENTITY_CLAIM_IN_ACCESS_TOKEN,
            named.span,
            format!(
                "{} is an identity claim ({}), and this writes it to the access token",
                named.said(),
                claim.reference
            ),
        )
        .label("some hosts drop it there, and every API that gets the token learns it");
        let also = if named.tokens.and(Tokens::of(Token::Id)).is_empty() {
            "`to id_token`"
        } else {
            "`to id_token` alone"
        };
        let finding = match contract(unit, statement) {
            Some(span) => finding
                .also(span, "this contract does not list it")
                .help(format!("list it in the contract (RFC 9068, Section 2.2.2, permits it), write it {also}, or name it in a namespace")),
            None => finding.help(format!(
                "write it {also}, name it in a namespace, or list it in the contract of the API and write it under `audience = ..` (RFC 9068, Section 2.2.2, permits it)"
            )),
        };
        findings.push(offer_own_name(unit, about_scopes(unit, statement, finding), &named));
    }
}

/// Whether the token can only be for APIs whose contracts list the claim.
fn is_agreed(unit: &Unit, statement: &Statement, name: &str) -> bool {
    let Some(audiences) = audiences_of(unit, statement) else { return false };
    audiences.iter().all(|id| {
        unit.contracts.iter().filter(|contract| is_for(unit, &contract.audience, id)).any(|contract| {
            contract.members.iter().any(|(claim, ..)| {
                unit.claims.get(claim.index()).is_some_and(
                    |claim| matches!(&claim.name, ClaimName::Literal(listed) if **listed == *name),
                )
            })
        })
    })
}

/// The contract of the one API that the statement is about.
fn contract(unit: &Unit, statement: &Statement) -> Option<crate::source::Span> {
    let audiences = audiences_of(unit, statement)?;
    let [id] = audiences.as_slice() else { return None };
    unit.contracts.iter().find(|contract| is_for(unit, &contract.audience, id)).map(|contract| contract.span)
}

fn is_for(unit: &Unit, alias: &str, id: &str) -> bool {
    unit.catalog.audiences.get(alias).is_some_and(|audience| *audience.id == *id)
}

/// Who tests a scope means the rule of OpenID Connect for its scopes, which does not hold for access tokens.
fn about_scopes(unit: &Unit, statement: &Statement, finding: Diagnostic) -> Diagnostic {
    let conditions = statement.guard.iter().filter_map(|step| {
        let chain = unit.chains.get(step.chain.index())?;
        Some(&chain.conditions.get(step.branch as usize)?.expr)
    });
    let reads_scopes = |condition: &&Expr| {
        condition.slots(&unit.lets).iter().any(|slot| {
            unit.slots
                .get(slot.index())
                .is_some_and(|slot| matches!(slot.root, Root::Scopes | Root::Requested))
        })
    };
    match conditions.into_iter().find(reads_scopes) {
        Some(condition) => finding.also(
            condition.span,
            "scopes ask for claims of userinfo and ID token (OpenID Connect Core 1.0, Section 5.4), not of this one",
        ),
        None => finding,
    }
}
