//! Claim names that a request's `config` gives, judged like those of claims.yaml when a policy is compiled.

use crate::catalog::ClaimNameKind;
use crate::ir::{Action, ClaimId, ClaimName, Statement, Unit};
use crate::standard::{Token, Tokens};

/// The check that `@allow` may silence for names of people's attributes.
pub const IDENTITY_CLAIM_IN_ACCESS_TOKEN: &str = "identity-claim-in-access-token";

/// Whether some of the tokens are read as a JWT. The attributes of a SAML assertion may have any name.
pub(super) fn reaches_jwt(tokens: Tokens) -> bool {
    tokens.iter().any(|token| token != Token::Saml)
}

/// Whether all statements about a claim may touch it under this name.
pub(super) fn is_fit(unit: &Unit, claim: ClaimId, name: &str) -> bool {
    let kind = unit.catalog.claim_name_kind(name);
    unit.statements.iter().all(|statement| match &statement.action {
        Action::Write { claim: written, tokens, .. } if *written == claim && reaches_jwt(*tokens) => {
            may_write(unit, statement, *tokens, name, kind)
        }
        Action::Remove { claim: removed, tokens } if *removed == claim && reaches_jwt(*tokens) => {
            !matches!(kind, ClaimNameKind::Protocol(_))
        }
        _ => true,
    })
}

fn may_write(
    unit: &Unit,
    statement: &Statement,
    tokens: Tokens,
    name: &str,
    kind: ClaimNameKind<'_>,
) -> bool {
    match kind {
        ClaimNameKind::Authorization(_) | ClaimNameKind::Resistant | ClaimNameKind::Private => true,
        ClaimNameKind::Protocol(_) | ClaimNameKind::Malformed(_) | ClaimNameKind::Foreign(..) => false,
        ClaimNameKind::Short(_) => is_in_contract(unit, name),
        ClaimNameKind::Identity(_) => {
            let is_allowed = || statement.allows.iter().any(|slug| **slug == *IDENTITY_CLAIM_IN_ACCESS_TOKEN);
            !tokens.contains(Token::Access) || is_in_contract(unit, name) || is_allowed()
        }
    }
}

fn is_in_contract(unit: &Unit, name: &str) -> bool {
    unit.contracts.iter().flat_map(|contract| &contract.members).any(|(claim, ..)| {
        unit.claims
            .get(claim.index())
            .is_some_and(|claim| matches!(&claim.name, ClaimName::Literal(listed) if **listed == *name))
    })
}
