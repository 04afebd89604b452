//! Protocol claims belong to the issuer: a policy that could write them could speak for somebody else.

use super::names::{Deed, Use, jwts, offer_own_name, uses};
use crate::catalog::ClaimNameKind;
use crate::diag::Diagnostic;
use crate::ir::{Action, Unit};
use crate::standard::claims::{self, Protocol};
use crate::ty::Kind;

crate::codes! {
    /// A verb touches a protocol claim, or a name that consumers read as one.
    PROTOCOL_CLAIM = "C0410" "protocol-claim" Error;
}

pub(super) fn check(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    for named in uses(unit) {
        if matches!(named.deed, Deed::Promise) || named.tokens.and(jwts()).is_empty() {
            continue;
        }
        let ClaimNameKind::Protocol(protocol) = unit.catalog.claim_name_kind(&named.name) else { continue };
        findings.push(finding(unit, &named, protocol));
    }
    free_members(unit, findings);
}

fn finding(unit: &Unit, named: &Use<'_>, protocol: Protocol) -> Diagnostic {
    let verb = if matches!(named.deed, Deed::Remove) { "removes" } else { "writes" };
    let finding = Diagnostic::new(&PROTOCOL_CLAIM, named.span, message(&named.said(), &named.name, protocol))
        .label(format!("no policy {verb} it"));
    let claim = protocol.claim.map_or(protocol.name, |claim| claim.name);
    let finding = match (claim, &named.deed) {
        (_, Deed::Remove) => finding.help("take the statement out: the issuer decides about this claim"),
        ("scope", _) => {
            finding.help("grant scopes by `add scope \"..\"`, or give another list a name of your own")
        }
        ("aud", _) => finding.help("narrow the audience by `set audience to ..`"),
        ("exp", _) => finding.help("shorten the life of the token by `limit lifetime to 5m`"),
        _ => finding,
    };
    if matches!(named.deed, Deed::Remove) { finding } else { offer_own_name(unit, finding, named) }
}

fn message(said: &str, name: &str, protocol: Protocol) -> String {
    let same = protocol.name == name;
    let is = if same { "is a protocol claim".to_owned() } else { format!("passes for `{}`", protocol.name) };
    let by = protocol.claim.map(|claim| format!(" ({})", claim.reference)).unwrap_or_default();
    match protocol.reading {
        Some(reading) if protocol.claim.is_some_and(|claim| claim.name != protocol.name) => {
            let claim = protocol.claim.map_or("", |claim| claim.name);
            let is = if same { String::new() } else { format!(" {is}:") };
            format!(
                "{said}{is} is read as `{claim}`{by}: {} takes it for {}",
                reading.reader, reading.meaning
            )
            .replacen(": is read", ", which is read", 1)
        }
        Some(reading) => format!("{said} {is}{by}: {} reads it as {}", reading.reader, reading.meaning),
        None => {
            let meaning = protocol.claim.map_or("", |claim| claim.meaning);
            format!("{said} {is}{by}: {}", uncapitalised(meaning))
        }
    }
}

fn uncapitalised(text: &str) -> String {
    let is_word = text.chars().nth(1).is_some_and(char::is_lowercase);
    match text.chars().next() {
        Some(first) if is_word => first.to_lowercase().chain(text.chars().skip(1)).collect(),
        _ => text.to_owned(),
    }
}

/// `ns/* = map`: its pattern must let no protocol claim through. Other members are judged when a token is minted.
fn free_members(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    for statement in &unit.statements {
        let Action::Spread { prefix, value, matching: Some(matching), tokens, .. } = &statement.action else {
            continue;
        };
        if matches!(&value.ty.kind, Kind::Record(record) if !record.open) || tokens.and(jwts()).is_empty() {
            continue;
        }
        let passes = claims::readings().iter().find(|reading| {
            reading.name.strip_prefix(&**prefix).is_some_and(|member| matching.is_match(member))
        });
        if let Some(reading) = passes {
            findings.push(
                Diagnostic::new(
                    &PROTOCOL_CLAIM,
                    statement.subject,
                    format!(
                        "this can write `{}`: {} reads it as {}",
                        reading.name, reading.reader, reading.meaning
                    ),
                )
                .label("the pattern lets it through")
                .help("narrow the pattern behind `matching`"),
            );
        }
    }
}
