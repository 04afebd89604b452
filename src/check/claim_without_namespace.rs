//! A short name may mean something else to somebody else: it needs a namespace, or somebody who asks for it.

use super::names::{namespace_of, offer_own_name, uses};
use crate::catalog::ClaimNameKind;
use crate::diag::Diagnostic;
use crate::ir::{ClaimName, Unit};
use crate::standard::claims;

crate::codes! {
    /// A short name that is neither in a namespace nor listed.
    CLAIM_WITHOUT_NAMESPACE = "C0412" "claim-without-namespace" Error;
}

pub(super) fn check(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    for named in uses(unit) {
        if !named.is_jwt_write() || named.is_misleading() {
            continue;
        }
        let ClaimNameKind::Short(claim) = unit.catalog.claim_name_kind(&named.name) else { continue };
        // What is wrong with a namespace is told where it is declared.
        if is_in_contract(unit, &named.name) || namespace_of(unit, &named.name).is_some() {
            continue;
        }
        let (said, known) = (named.said(), claims::known_use(&named.name));
        let message = match (claim, known) {
            (Some(claim), _) => format!(
                "{said} is registered for something else: {} ({})",
                claim.meaning.to_lowercase(),
                claim.reference
            ),
            (None, Some(known)) => {
                format!("{said} is in no namespace, and {} reads it as {}", known.reader, known.meaning)
            }
            (None, None) => format!(
                "{said} is in no namespace, so others may use it for something else (RFC 7519, Section 4.3)"
            ),
        };
        let finding = Diagnostic::new(&CLAIM_WITHOUT_NAMESPACE, named.span, message)
            .label("a private name that nobody asked for");
        let finding = offer_own_name(unit, finding, &named);
        let help = finding.help.clone().unwrap_or_default();
        findings.push(finding.help(format!(
            "{help}; or list `{}` under `private_claims` in claims.yaml, with the reason why a consumer needs this name",
            named.name
        )));
    }
}

fn is_in_contract(unit: &Unit, name: &str) -> bool {
    unit.contracts.iter().flat_map(|contract| &contract.members).any(|(claim, ..)| {
        unit.claims
            .get(claim.index())
            .is_some_and(|claim| matches!(&claim.name, ClaimName::Literal(listed) if **listed == *name))
    })
}
