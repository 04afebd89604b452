//! From whom a token is and whom it is for.

use crate::catalog::{Catalog, World};
use crate::diag::Severity;

use super::{Finding, Kind, Subject};

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    let catalog = subject.question.catalog();
    if let Some(catalog) = catalog {
        findings.extend(issuer(subject, catalog));
        findings.extend(client(subject, catalog));
    }
    match subject.kind {
        Kind::IdToken => findings.push(id_token(subject)),
        Kind::LogoutToken => {}
        Kind::AccessToken | Kind::Other => {
            findings.extend(audience(subject, catalog));
            findings.extend(audience_is_client(subject));
        }
    }
    findings.extend(untyped(subject));
}

fn issuer(subject: &Subject<'_>, catalog: &Catalog) -> Option<Finding> {
    let (expected, found) = (catalog.issuer.as_deref()?, subject.text("iss")?);
    (expected != found).then(|| {
        let almost = expected.trim_end_matches('/') == found.trim_end_matches('/');
        Finding::new(
            Severity::Error,
            "issuer-mismatch",
            format!("`iss` is `{found}`, and the issuer of claims.yaml is `{expected}`"),
            if almost {
                "write both alike: they are compared character by character, the last `/` included (RFC 9068 section 4)"
            } else {
                "ask the right issuer, or inspect the token with the policy of its own"
            },
        )
    })
}

fn client(subject: &Subject<'_>, catalog: &Catalog) -> Option<Finding> {
    let id = subject.client()?;
    let is_foreign = catalog.client_world == World::Closed && catalog.client(id).is_none();
    is_foreign.then(|| {
        Finding::new(
            Severity::Warning,
            "unknown-client",
            format!("the client `{id}` is none of claims.yaml, which lists all"),
            "add the client to claims.yaml, or inspect the token with the policy of its issuer",
        )
    })
}

/// An ID token where a token for an API was meant.
fn id_token(subject: &Subject<'_>) -> Finding {
    let audience = subject.audience().join("`, `");
    let (severity, place) = match subject.question.audience {
        Some(api) => (Severity::Error, format!(", and the API `{api}` has to refuse it")),
        None => (Severity::Note, ", and every API has to refuse it".to_owned()),
    };
    Finding::new(
        severity,
        "id-token",
        format!("this is an ID token: it tells the client `{audience}` who signed in{place}"),
        "send the access token to APIs (OpenID Connect Core section 2, RFC 9068 section 4)",
    )
}

fn audience(subject: &Subject<'_>, catalog: Option<&Catalog>) -> Option<Finding> {
    let audience = subject.audience();
    if let Some(api) = subject.question.audience {
        return (!audience.contains(&api)).then(|| {
            let found = if audience.is_empty() {
                "missing".to_owned()
            } else {
                format!("`{}`", audience.join("`, `"))
            };
            Finding::new(
                Severity::Error,
                "audience-mismatch",
                format!("`aud` is {found}, so the API `{api}` has to refuse the token"),
                "ask for a token for this API, with `resource` or `audience` (RFC 8707 section 2)",
            )
        });
    }
    let catalog = catalog.filter(|catalog| catalog.audience_world == World::Closed)?;
    let is_known = |id: &&str| {
        catalog.audience(id).is_some() || catalog.issuer_endpoints.iter().any(|endpoint| **endpoint == **id)
    };
    let foreign = audience.iter().find(|id| !is_known(id))?;
    Some(Finding::new(
        Severity::Warning,
        "unknown-audience",
        format!("`{foreign}` in `aud` is none of the APIs of claims.yaml, which lists all"),
        "ask for a token for one of them, or add the API to claims.yaml",
    ))
}

fn audience_is_client(subject: &Subject<'_>) -> Option<Finding> {
    let client = subject.client().filter(|client| subject.audience().contains(client))?;
    Some(Finding::new(
        Severity::Warning,
        "audience-is-client",
        format!("`aud` of this access token is its own client, `{client}`, as in an ID token"),
        "let the issuer name the API in `aud` (RFC 9068 section 3)",
    ))
}

fn untyped(subject: &Subject<'_>) -> Option<Finding> {
    let typ = subject.token.header_text("typ").unwrap_or_default().to_ascii_lowercase();
    let is_typed = typ.trim_start_matches("application/") == "at+jwt";
    (subject.kind == Kind::AccessToken && !is_typed).then(|| {
        Finding::new(
            Severity::Note,
            "untyped-access-token",
            "`typ` of the header is not `at+jwt`, so only the audience tells this access token from an ID token",
            "let the issuer write `at+jwt`; APIs that follow RFC 9068 section 4 refuse others",
        )
    })
}
