//! Owned domains that nobody can own, or that strangers have names under.
//!
//! A claim name is safe from collisions because its author controls the domain in it (RFC 7519 sections 2 and 4.2).

use super::codes::{SHARED_DOMAIN, UNOWNABLE_DOMAIN};
use super::yaml::Node;
use crate::diag::Diagnostic;

/// Domains of identity providers and of standards: what stands under them belongs to their owners, also where a tenant
/// has a name there.
const OTHERS: &[&str] = &[
    "auth0.com",
    "webtask.io",
    "webtask.run",
    "okta.com",
    "oktapreview.com",
    "okta-emea.com",
    "onelogin.com",
    "pingidentity.com",
    "pingone.com",
    "microsoftonline.com",
    "onmicrosoft.com",
    "b2clogin.com",
    "ciamlogin.com",
    "windows.net",
    "accounts.google.com",
    "googleapis.com",
    "amazoncognito.com",
    "supabase.co",
    "zitadel.cloud",
    "clerk.accounts.dev",
    "openid.net",
    "schemas.microsoft.com",
    "schemas.xmlsoap.org",
    "w3.org",
    "hasura.io",
    "aws.amazon.com",
];

/// Top-level domains of RFC 2606 and RFC 6761, and `internal`: no registry sells names there, so that everything
/// below them is as good as owned in documentation, tests and private networks.
const RESERVED: &[&str] = &["example", "test", "invalid", "localhost", "local", "internal", "arpa"];

/// Looks at `owned_domains`.
pub(super) fn check(root: &Node, findings: &mut Vec<Diagnostic>) {
    for item in root.get("owned_domains").map_or(&[][..], Node::list) {
        let Some(domain) = item.text() else { continue };
        if let Some(owner) = OTHERS.iter().find(|other| is_within(domain, other)) {
            let message = format!("what stands under `{owner}` is not yours to name");
            findings.push(
                Diagnostic::new(&SHARED_DOMAIN, item.span, message)
                    .help("name a domain that you have registered yourself; for names that others read, use `foreign_namespaces`"),
            );
        } else if let Some(is_private) = suffix(domain) {
            let finding = if is_private {
                let message = format!("strangers have names under `{domain}`");
                Diagnostic::new(&SHARED_DOMAIN, item.span, message)
                    .help(format!("name your own part of it, as in `acme.{domain}`"))
            } else {
                let message = format!("nobody can own `{domain}`: names below it are sold to anybody");
                Diagnostic::new(&UNOWNABLE_DOMAIN, item.span, message)
                    .help(format!("name the domain that you have registered, as in `acme.{domain}`"))
            };
            findings.push(finding);
        }
    }
}

fn is_within(domain: &str, other: &str) -> bool {
    domain.strip_suffix(other).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Whether a domain is a public suffix as a whole (publicsuffix.org), and then whether it is a company's, not a
/// registry's.
fn suffix(domain: &str) -> Option<bool> {
    if domain.rsplit('.').next().is_some_and(|top| RESERVED.contains(&top)) {
        return None;
    }
    let suffix = psl::suffix(domain.as_bytes())?;
    (suffix.is_known() && suffix.as_bytes() == domain.as_bytes())
        .then(|| suffix.typ() == Some(psl::Type::Private))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_suffixes_only() {
        assert_eq!(suffix("co.uk"), Some(false));
        assert_eq!(suffix("github.io"), Some(true));
        for fine in
            ["acme.co.uk", "acme.github.io", "example.com", "acme.example", "corp.internal", "acme.com"]
        {
            assert_eq!(suffix(fine), None, "{fine}");
        }
    }

    #[test]
    fn a_domain_holds_what_is_below_it() {
        assert!(is_within("acme.eu.auth0.com", "auth0.com") && is_within("auth0.com", "auth0.com"));
        assert!(!is_within("notauth0.com", "auth0.com"));
    }
}
