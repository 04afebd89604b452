//! A URL or URN of somebody else: they decide what names in it mean.

use std::collections::BTreeSet;

use super::names::{Use, namespace_of, uses};
use crate::catalog::ClaimNameKind;
use crate::diag::Diagnostic;
use crate::ir::Unit;
use crate::source::Span;

crate::codes! {
    /// A name on a domain, or in a URN namespace, that is not the author's.
    FOREIGN_NAMESPACE = "C0413" "foreign-namespace" Error;
}

pub(super) fn check(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    let mut told: BTreeSet<Span> = BTreeSet::new();
    for named in uses(unit) {
        let ClaimNameKind::Foreign(place, owner) = unit.catalog.claim_name_kind(&named.name) else {
            continue;
        };
        if !named.is_jwt_write() {
            continue;
        }
        // Names of one namespace are told once, where it is declared.
        let namespace = namespace_of(unit, &named.name);
        let span = namespace.map_or(named.span, |namespace| namespace.span);
        if told.insert(span) {
            let prefix =
                namespace.map_or_else(|| prefix(&named.name), |namespace| namespace.prefix.to_string());
            let finding = finding(unit, &named, span, place, owner, &prefix);
            findings.push(if namespace.is_some() { finding.also(named.span, "used here") } else { finding });
        }
    }
}

fn finding(
    unit: &Unit,
    named: &Use<'_>,
    span: Span,
    place: &str,
    owner: Option<&str>,
    prefix: &str,
) -> Diagnostic {
    let is_urn = !named.name.contains("://");
    let what = if is_urn { format!("`urn:{place}`") } else { format!("`{place}`") };
    let message = match owner {
        Some(owner) => format!("{what} belongs to {owner}, who decides what claims there mean"),
        None if unit.catalog.owned_domains.is_empty() => {
            format!("claims.yaml does not say that {what} is yours")
        }
        None => format!("{what} is none of the domains that claims.yaml owns"),
    };
    let listed = format!(
        "list `\"{prefix}\"` under `foreign_namespaces`, with the reason, if a consumer reads its names"
    );
    let help = match owner {
        Some(_) => format!("write the claim in a namespace of your own; or {listed}"),
        None => {
            format!("add `{}` to `owned_domains` in claims.yaml if it is yours; or {listed}", domain(place))
        }
    };
    Diagnostic::new(&FOREIGN_NAMESPACE, span, message).label("somebody else's names").help(help)
}

/// What a host is likely to be registered as: its last two labels.
fn domain(host: &str) -> &str {
    let mut dots = host.rmatch_indices('.').map(|(at, _)| at);
    dots.nth(1).and_then(|at| host.get(at + 1..)).unwrap_or(host)
}

fn prefix(name: &str) -> String {
    name.rfind(['/', ':']).and_then(|at| name.get(..=at)).unwrap_or(name).to_owned()
}
