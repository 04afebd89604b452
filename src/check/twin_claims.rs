//! Two claims whose names people, or lenient consumers, take for one.

use std::collections::{BTreeMap, BTreeSet};

use super::names::{Deed, Use, jwts, uses};
use super::spelling::folded;
use crate::catalog::ClaimNameKind;
use crate::diag::Diagnostic;
use crate::ir::Unit;

crate::codes! {
    /// Names that differ in what is easily overlooked.
    TWIN_CLAIMS = "C0417" "twin-claims" Error;
}

pub(super) fn check(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    let uses = uses(unit);
    let mut first: BTreeMap<(bool, String), &Use<'_>> = BTreeMap::new();
    let mut told: BTreeSet<&str> = BTreeSet::new();
    // What the issuer puts in under another spelling may be removed.
    let is_told = |named: &Use<'_>| {
        let kind = unit.catalog.claim_name_kind(&named.name);
        named.is_misleading() || matches!(kind, ClaimNameKind::Protocol(_))
    };
    for named in uses.iter().filter(|named| !matches!(named.deed, Deed::Remove) && !is_told(named)) {
        for is_jwt in [true, false] {
            if named.tokens.iter().any(|token| jwts().contains(token) == is_jwt) {
                let other = *first.entry((is_jwt, folded(&named.name))).or_insert(named);
                if other.name != named.name && told.insert(&named.name) {
                    findings.push(finding(named, other));
                }
            }
        }
    }
}

fn finding(named: &Use<'_>, other: &Use<'_>) -> Diagnostic {
    Diagnostic::new(
        &TWIN_CLAIMS,
        named.span,
        format!("{} and {} are two claims that look like one", other.said(), named.said()),
    )
    .label("this spelling")
    .also(other.span, "the other one")
    .help("write both alike, or choose names that nobody takes for each other")
}
