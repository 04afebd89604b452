//! A namespace keeps others out only if it is an absolute URL or a URN that ends where names begin.

use std::collections::BTreeSet;

use super::names::{Use, namespace_of, uses};
use crate::catalog::ClaimNameKind;
use crate::diag::{Applicability, Diagnostic};
use crate::ir::{Namespace, Unit};
use crate::source::Span;
use crate::standard::namespaces::{self, Form};

crate::codes! {
    /// A namespace or whole name that looks collision-resistant and is not.
    MALFORMED_NAMESPACE = "C0414" "malformed-namespace" Error;
}

pub(super) fn check(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    let uses = uses(unit);
    for namespace in unit.namespaces.iter() {
        let Some(finding) = problem(namespace) else { continue };
        let is_within = |named: &&Use<'_>| named.name.starts_with(&*namespace.prefix);
        let mut within = uses.iter().filter(is_within).peekable();
        let is_for_saml = within.peek().is_some() && !within.any(Use::is_jwt_write);
        if !is_for_saml {
            findings.push(finding);
        }
    }
    let mut told: BTreeSet<Span> = BTreeSet::new();
    for named in uses.iter().filter(|named| named.is_jwt_write() && !named.is_misleading()) {
        let ClaimNameKind::Malformed(problem) = unit.catalog.claim_name_kind(&named.name) else { continue };
        let is_told =
            namespace_of(unit, &named.name).is_some_and(|namespace| self::problem(namespace).is_some());
        if !is_told && told.insert(named.span) {
            findings.push(
                Diagnostic::new(
                    &MALFORMED_NAMESPACE,
                    named.span,
                    format!("{} keeps nobody else from using it: {problem}", named.said()),
                )
                .help(
                    "write an absolute URL on a domain of your own, as in `https://acme.example/claims/role`",
                ),
            );
        }
    }
}

fn problem(namespace: &Namespace) -> Option<Diagnostic> {
    let prefix = &*namespace.prefix;
    let finding = |problem: &str| {
        let (span, prefix) = (namespace.span, &namespace.prefix);
        Diagnostic::new(&MALFORMED_NAMESPACE, span, format!("`{prefix}` is no namespace: {problem}"))
    };
    let mended = match namespaces::form(prefix) {
        Form::Malformed(problem) => {
            let lower = prefix.to_ascii_lowercase();
            let mended = [lower, format!("{prefix}/")].into_iter().find(|mended| is_good(mended));
            return Some(mend(finding(problem), namespace, mended));
        }
        Form::Short => {
            let mended = ["https://", "https:"].map(|scheme| format!("{scheme}{prefix}"));
            let slashed = mended.clone().map(|mended| format!("{mended}/"));
            let mended = mended.into_iter().chain(slashed).find(|mended| is_good(mended));
            let finding = finding("it is neither an absolute URL nor a URN (RFC 7519, Section 2)");
            return Some(mend(finding, namespace, mended));
        }
        Form::Url { .. } | Form::Urn { .. } if prefix.ends_with(['/', ':']) => return None,
        Form::Url { .. } => format!("{prefix}/"),
        Form::Urn { .. } => format!("{prefix}:"),
    };
    let text = format!("without `/` or `:` at its end, `{}/email` is `{prefix}email`", namespace.alias);
    Some(mend(finding(&text), namespace, Some(mended)))
}

/// Whether a prefix keeps others out.
pub(super) fn is_good(prefix: &str) -> bool {
    prefix.ends_with(['/', ':']) && matches!(namespaces::form(prefix), Form::Url { .. } | Form::Urn { .. })
}

fn mend(finding: Diagnostic, namespace: &Namespace, mended: Option<String>) -> Diagnostic {
    match mended {
        Some(mended) => finding.help(format!("write `{mended}`")).fix(
            Applicability::Unsafe,
            format!("write `{mended}`"),
            namespace.span,
            format!("\"{mended}\""),
        ),
        None => finding
            .help("write an absolute URL on a domain of your own, as in `https://acme.example/claims/`"),
    }
}
