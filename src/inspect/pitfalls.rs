//! What goes wrong with tokens that are valid: claims that libraries rename, scopes that fill another token, headers
//! that are too large.

use crate::diag::Severity;
use crate::mint::is_of_type;
use crate::standard::claims::{self, SCOPE_CLAIMS};
use crate::standard::dotnet;
use crate::standard::headers::{BEARER_BYTES, HEADER_LIMITS};

use super::{Finding, Kind, Subject, kind};

/// What RFC 9068 section 2.2 requires.
const OF_ACCESS_TOKENS: [&str; 7] = ["iss", "sub", "aud", "client_id", "iat", "exp", "jti"];
/// What OpenID Connect Core section 2 requires.
const OF_ID_TOKENS: [&str; 5] = ["iss", "sub", "aud", "iat", "exp"];

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    findings.extend(required(subject));
    findings.extend(types(subject));
    findings.extend(scope(subject));
    findings.extend(scopes_of_the_id_token(subject));
    findings.extend(size(subject));
    findings.extend(stated_size(subject));
    findings.extend(renamed(subject));
    findings.push(credential());
}

/// What is to be said of every token, read or not.
pub(crate) fn credential() -> Finding {
    Finding::new(
        Severity::Note,
        "credential",
        "whoever has a token can use it until it expires: pasting one of production gives it away, to the history of the \
         shell first",
        "inspect tokens of test users, and give them on standard input with `-`",
    )
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Protocol claims that are not there. `exp` is looked at with the times.
fn required(subject: &Subject<'_>) -> Option<Finding> {
    let (required, source): (&[&str], _) = match subject.kind {
        Kind::AccessToken => (&OF_ACCESS_TOKENS, "RFC 9068 section 2.2"),
        Kind::IdToken => (&OF_ID_TOKENS, "OpenID Connect Core section 2"),
        Kind::LogoutToken | Kind::Other => return None,
    };
    let absent: Vec<&str> =
        required.iter().copied().filter(|name| *name != "exp" && !subject.has(name)).collect();
    (!absent.is_empty()).then(|| {
        Finding::new(
            Severity::Warning,
            "missing-protocol-claim",
            format!("the token has no {}", quoted(&absent)),
            format!("let the issuer write what every {} has ({source})", subject.kind),
        )
    })
}

/// Registered claims of another type than theirs; times are looked at elsewhere.
fn types(subject: &Subject<'_>) -> Vec<Finding> {
    let wrong = subject.token.claims().iter().filter_map(|(name, value)| {
        let claim = claims::claim(name).filter(|claim| !is_of_type(claim, value))?;
        let is_time = matches!(claim.name, "exp" | "nbf" | "iat" | "auth_time");
        let types: Vec<&str> = claim.types.iter().map(|ty| ty.what()).collect();
        (!is_time).then(|| {
            Finding::new(
                Severity::Warning,
                "claim-type",
                format!("`{name}` is {}, and it is registered as {}", kind(value), types.join(" or ")),
                format!(
                    "let the issuer write it as {} has it; libraries refuse or ignore other types",
                    claim.reference
                ),
            )
        })
    });
    wrong.collect()
}

/// `scope` is a text with blanks (RFC 8693 section 4.2); some hosts write `scp`.
fn scope(subject: &Subject<'_>) -> Option<Finding> {
    let finding =
        |slug, message: &str, help: &str| Some(Finding::new(Severity::Warning, slug, message, help));
    match (subject.claim("scope"), subject.claim("scp")) {
        (None, Some(_)) => finding(
            "scp",
            "the scopes are in `scp`, not in `scope` (RFC 9068 section 2.2.3)",
            "read `scp` in the API: Spring Security falls back to it, ASP.NET Core renames it, express-oauth2-jwt-bearer \
             does not look at it",
        ),
        (Some(_), Some(_)) => finding(
            "scp",
            "there are both `scope` and `scp`",
            "let the issuer write `scope` only: Spring Security reads `scope` alone then, Microsoft.Identity.Web reads `scp`",
        ),
        _ => None,
    }
}

/// Scopes that people ask for to have claims in the access token.
fn scopes_of_the_id_token(subject: &Subject<'_>) -> Option<Finding> {
    let scopes = subject.text("scope").filter(|_| subject.kind == Kind::AccessToken)?;
    let without: Vec<&str> = scopes
        .split(' ')
        .filter(|scope| {
            let names = SCOPE_CLAIMS.iter().find(|(name, _)| name == scope).map(|(_, names)| *names);
            names.is_some_and(|names| !names.iter().any(|name| subject.has(name)))
        })
        .collect();
    (!without.is_empty()).then(|| {
        Finding::new(
            Severity::Note,
            "scopes-of-the-id-token",
            format!(
                "the scopes {} fill the ID token and userinfo, not this access token (OpenID Connect Core section 5.4)",
                quoted(&without)
            ),
            "let the policy add what the API needs, under a name of your own (RFC 9068 section 2.2.2)",
        )
    })
}

fn size(subject: &Subject<'_>) -> Option<Finding> {
    let needed = subject.token.bytes() + BEARER_BYTES;
    let exceeded: Vec<String> = HEADER_LIMITS
        .iter()
        .filter(|limit| limit.bytes < needed)
        .map(|limit| format!("{} takes {} ({})", limit.owner, limit.bytes, limit.source))
        .collect();
    let is_cookie = exceeded.len() == 1;
    (!exceeded.is_empty()).then(|| {
        Finding::new(
            if is_cookie { Severity::Note } else { Severity::Warning },
            "header-size",
            format!("the token needs {needed} bytes of a header, more than some take by default"),
            "put less into the token: names of roles in place of lists of permissions, and no profile data",
        )
        .details(exceeded)
    })
}

/// The bound that claims.yaml states for an API.
fn stated_size(subject: &Subject<'_>) -> Vec<Finding> {
    let Some(catalog) = subject.question.catalog().filter(|_| subject.kind == Kind::AccessToken) else {
        return Vec::new();
    };
    let bytes = subject.token.bytes();
    let exceeded = subject.audience().into_iter().filter_map(|id| {
        let (alias, audience) = catalog.audience(id)?;
        let most = audience.max_token_bytes.filter(|most| (bytes as u64) > *most)?;
        Some(Finding::new(
            Severity::Error,
            "token-too-large",
            format!("the token has {bytes} bytes, and `{alias}` takes {most} by claims.yaml"),
            "put less into tokens for this API, or raise `max_token_bytes` if it takes more",
        ))
    });
    exceeded.collect()
}

fn renamed(subject: &Subject<'_>) -> Option<Finding> {
    let renamed: Vec<String> = subject
        .token
        .claims()
        .keys()
        .filter_map(|name| Some(format!("`{name}` becomes `{}`", dotnet::renamed(name)?)))
        .collect();
    (!renamed.is_empty() && subject.kind != Kind::LogoutToken).then(|| {
        Finding::new(
            Severity::Note,
            "renamed-by-dotnet",
            "JwtBearer of ASP.NET Core renames claims, unless it is told not to",
            "set `MapInboundClaims = false`, and `NameClaimType` and `RoleClaimType` to the names in the token",
        )
        .details(renamed)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    #[test]
    fn what_is_required_is_registered() {
        for name in OF_ACCESS_TOKENS.iter().chain(&OF_ID_TOKENS) {
            assert!(claims::claim(name).is_some(), "{name}");
        }
        assert!(is_of_type(claims::claim("sub").unwrap(), &Value::from("u-1")));
        assert!(!is_of_type(claims::claim("sub").unwrap(), &Value::int(1)));
    }
}
