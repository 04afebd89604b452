//! Namespaces that belong to the target host.

use super::profile::{of, places, touches};
use crate::catalog::ClaimNameKind;
use crate::diag::Diagnostic;
use crate::ir::Unit;
use crate::standard::namespaces::is_within;
use crate::standard::profiles::Is;

crate::codes! {
    /// A write into a namespace of the host's own.
    PROFILE_FORBIDDEN_NAMESPACE = "C0421" "profile-forbidden-namespace" Error allow;
}

pub(super) fn check(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    let Some(profile) = of(unit) else { return };
    for touch in touches(unit) {
        let name = touch.text();
        // Somebody else's namespace that claims.yaml does not list is reported as such, whatever the host.
        if touch.written().is_none()
            || matches!(unit.catalog.claim_name_kind(name), ClaimNameKind::Foreign(..))
        {
            continue;
        }
        for fact in profile.about(touch.tokens) {
            let (namespace, effect) = match fact.is {
                Is::ClosedHost(hosts, effect) => (host(name).filter(|host| is_below(host, hosts)), effect),
                Is::ClosedUrn(urn, effect) => (Some(urn).filter(|urn| begins(name, urn)), effect),
                _ => continue,
            };
            let Some(namespace) = namespace else { continue };
            let tokens = places(touch.tokens.and(fact.tokens));
            let message = format!(
                "`{namespace}` is a namespace of {}: `{name}` cannot be written into {tokens}, {}",
                profile.title,
                effect.of(profile.title)
            );
            let finding = touch.finding(&PROFILE_FORBIDDEN_NAMESPACE, fact, message);
            findings.push(touch.offer_own_name(unit, finding));
        }
    }
}

/// The host of an `http` or `https` name, without user and port.
fn host(name: &str) -> Option<&str> {
    let (scheme, rest) = name.split_once("://")?;
    let is_web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?.split(':').next()?;
    is_web.then_some(host)
}

/// Whether a host is one of these or below one of them; case does not matter (RFC 3986 section 3.2.2).
fn is_below(host: &str, hosts: &str) -> bool {
    let host = host.to_ascii_lowercase();
    hosts.split_whitespace().any(|domain| is_within(&host, domain))
}

/// Scheme and namespace of a URN ignore case (RFC 8141 section 3.1).
fn begins(name: &str, urn: &str) -> bool {
    name.get(..urn.len()).is_some_and(|start| start.eq_ignore_ascii_case(urn))
}
