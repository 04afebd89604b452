//! Secrets on their way into tokens: attributes that are called so, and literals that look so, wherever they stand.

use super::look::{Copies, Everything};
use super::words::words;
use crate::diag::Diagnostic;
use crate::ir::{Action, Expr, ExprKind, Unit};
use crate::source::Span;
use crate::ty::{Kind, Labels};
use crate::value::Value;

crate::codes! {
    /// An attribute that sounds like a secret reaches a claim.
    SECRET_IN_CLAIM = "C0728" "secret-in-claim" Warning allow;
    /// A literal looks like a key or token.
    SECRET_LITERAL = "C0729" "secret-literal" Warning allow;
}

pub(super) fn check(all: &Everything<'_>, findings: &mut Vec<Diagnostic>) {
    attributes(all.unit, findings);
    literals(all, findings);
}

fn attributes(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    let mut copies = Copies::of(unit);
    for statement in &unit.statements {
        let (Action::Write { .. } | Action::Spread { .. }) = statement.action else { continue };
        let Some(value) = statement.action.value() else { continue };
        copies.walk(value, &mut |expr| {
            // Where labelled data may go is proven.
            let is_labelled = expr.ty.labels.contains(Labels::SECRET);
            let name = name(unit, expr).filter(|name| is_secret(name) && holds_text(&expr.ty.kind));
            if let Some(name) = name.filter(|_| !is_labelled) {
                let message = format!("`{name}` sounds like a secret, and every reader of the token reads it");
                findings.push(
                    Diagnostic::new(&SECRET_IN_CLAIM, expr.span, message)
                        .also(statement.span, "written here")
                        .help("leave it out: tokens are encoded, not encrypted; label it `secret` in claims.yaml"),
                );
            }
            true
        });
    }
}

/// The name of the attribute or member that an expression reads.
fn name<'u>(unit: &'u Unit, expr: &'u Expr) -> Option<&'u str> {
    match &*expr.kind {
        ExprKind::Slot(id) => unit.slots.get(id.index())?.path.last().map(|name| &**name),
        ExprKind::Member(_, name) => Some(name),
        ExprKind::Index(_, key) => super::look::literal(unit, key).and_then(Value::as_str),
        _ => None,
    }
}

fn holds_text(kind: &Kind) -> bool {
    match kind {
        Kind::List(inner) | Kind::Map(inner) => holds_text(&inner.kind),
        Kind::Json | Kind::Record(_) => true,
        kind => kind.is_text(),
    }
}

/// Whether a name ends like that of a secret: `access_token`, `apiKey`, `password_hash`; not `token_version`.
fn is_secret(name: &str) -> bool {
    const LAST: &[&str] = &[
        "token",
        "tokens",
        "password",
        "passwd",
        "pwd",
        "passphrase",
        "secret",
        "secrets",
        "apikey",
        "credential",
        "credentials",
        "otp",
        "totp",
        "pin",
        "jwt",
        "ssn",
    ];
    let words = words(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [.., "api" | "private" | "secret" | "signing" | "encryption", "key" | "keys"]
        | [.., "password" | "passwd" | "pwd" | "secret" | "token", "hash" | "digest" | "salt" | "value"] => {
            true
        }
        [.., last] => LAST.contains(last),
        [] => false,
    }
}

fn literals(all: &Everything<'_>, findings: &mut Vec<Diagnostic>) {
    let unit = all.unit;
    let mut report = |text: &str, span: Span| {
        if let Some(what) = looks_secret(text) {
            findings.push(
                Diagnostic::new(&SECRET_LITERAL, span, format!("this text looks like {what}"))
                    .help("revoke it if it is one, and keep secrets out of policies: they are read by many"),
            );
        }
    };
    for expr in &all.exprs {
        if let ExprKind::Literal(Value::String(text)) = &*expr.kind {
            report(text, expr.span);
        }
    }
    for table in unit.tables.iter() {
        let values = table.rows.iter().flat_map(|(keys, value)| keys.iter().chain([value]));
        for text in values.filter_map(Value::as_str) {
            report(text, table.span);
        }
    }
    for constant in unit.catalog.config.values() {
        if let Some(text) = constant.value.as_ref().and_then(Value::as_str) {
            report(text, constant.span);
        }
    }
}

/// What kind of secret a text looks like.
fn looks_secret(text: &str) -> Option<&'static str> {
    const PREFIXES: &[(&str, &str)] = &[
        ("sk_live_", "a payment key"),
        ("sk_test_", "a payment key"),
        ("rk_live_", "a payment key"),
        ("ghp_", "an access token"),
        ("gho_", "an access token"),
        ("github_pat_", "an access token"),
        ("glpat-", "an access token"),
        ("xoxb-", "an access token"),
        ("xoxp-", "an access token"),
        ("AKIA", "an access key"),
        ("AIza", "an API key"),
        ("SG.", "an API key"),
        ("-----BEGIN", "a key in PEM"),
    ];
    let prefix =
        PREFIXES.iter().find(|(prefix, _)| text.len() >= prefix.len() + 10 && text.starts_with(prefix));
    if let Some((_, what)) = prefix {
        return Some(what);
    }
    let is_base64 = |part: &str| {
        part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'+' | b'/' | b'='))
    };
    let parts: Vec<&str> = text.split('.').collect();
    if let [header, payload, signature] = parts.as_slice()
        && header.starts_with("eyJ")
        && [header, payload, signature].into_iter().all(|part| is_base64(part))
    {
        return Some("a signed token");
    }
    if text.len() >= 40 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Some("a key");
    }
    let has = |test: fn(&u8) -> bool| text.as_bytes().iter().filter(|b| test(b)).count() >= 4;
    let is_mixed = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit);
    // Paths and names have separators between words; keys do not.
    let is_dense = !text.contains(['/', '-', '_']) || text.len() >= 64;
    (text.len() >= 40 && is_base64(text) && is_mixed && is_dense).then_some("a key")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_end_so() {
        for name in ["access_token", "apiKey", "password_hash", "clientSecret", "private-key", "token"] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["token_version", "password_changed_at", "secretary", "key", "spin", "tokens_left"] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn keys_look_like_keys() {
        for text in [
            "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl",
            "-----BEGIN PRIVATE KEY-----",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
            "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY1234",
        ] {
            assert!(looks_secret(text).is_some(), "{text}");
        }
        for text in [
            "https://acme.example/claims/a-rather-long-claim-name/2026",
            "urn:oid:1.3.6.1.4.1.5923.1.1.1.7",
            "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
            "people who sign in here for the first time 2026",
        ] {
            assert!(looks_secret(text).is_none(), "{text}");
        }
    }
}
