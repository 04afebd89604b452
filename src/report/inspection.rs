//! What is to be said about a token, for people and for tools. What the token itself says is shown so that it steers
//! no terminal; its signature is no part of it.

use std::fmt::Write as _;

use crate::analysis::matrix::Write;
use crate::builtins::format_rfc3339;
use crate::diag::Severity;
use crate::inspect::{
    Claim, Finding, Inspection, Missing, Origin, Signature, Time, Why, credential, duration,
};
use crate::mint::Unreadable;
use crate::value::{Object, Value};

use super::json::{count, object, with};
use super::matrix::{audience_set, condition, deed, party, rule};
use super::one_line;
use super::tokens::table;

/// Characters of a value that are shown.
const MAX_VALUE: usize = 300;
/// Characters of a line outside the table of claims.
const MAX_LINE: usize = 500;
/// Claims that other requests get and that are named; the matrix has all.
const MAX_ELSEWHERE: usize = 12;

/// What was found out about one text.
pub type Found = Result<Inspection, Unreadable>;

/// For people: what it is, its claims beside who writes them, what is missing, and what is wrong.
pub fn text(found: &Found) -> String {
    match found {
        Ok(inspection) => readable(inspection),
        Err(unreadable) => {
            let mut out = format!("{}\n", unreadable.form.as_str());
            if let Some(members) = &unreadable.header {
                header(&mut out, members);
            }
            for one in unreadable_findings(unreadable) {
                finding(&mut out, &one);
            }
            out
        }
    }
}

fn readable(inspection: &Inspection) -> String {
    let mut out = String::new();
    line(&mut out, 0, &format!("{}: {}", inspection.kind, inspection.evidence));
    line(&mut out, 2, &signature(&inspection.signature));
    for time in &inspection.times {
        line(&mut out, 2, &moment(time));
    }
    if inspection.is_machine {
        line(&mut out, 2, "of a machine: `sub` is the client");
    }
    line(&mut out, 2, &format!("{} bytes", inspection.bytes));
    header(&mut out, &inspection.header);
    line(&mut out, 0, "claims");
    let rows = inspection
        .claims
        .iter()
        .map(|claim| (member(&claim.name, &claim.value), origin(&claim.origin, inspection.is_compared)));
    table(&mut out, rows.collect());
    missing(&mut out, inspection);
    for one in &inspection.findings {
        finding(&mut out, one);
    }
    out
}

fn unreadable_findings(unreadable: &Unreadable) -> [Finding; 2] {
    let fact = Finding {
        severity: Severity::Error,
        slug: "unreadable",
        message: unreadable.message().to_owned(),
        details: Vec::new(),
        help: unreadable.help().to_owned(),
    };
    [fact, credential()]
}

/// A line; what a token makes too long for one is cut off.
fn line(out: &mut String, indent: usize, text: &str) {
    let shown: String = text.chars().take(MAX_LINE).collect();
    let rest = if shown.len() < text.len() { " .." } else { "" };
    let _ = writeln!(out, "{:indent$}{}{rest}", "", one_line(&shown));
}

fn header(out: &mut String, members: &Object) {
    line(out, 0, "header");
    table(out, members.iter().map(|(name, value)| (member(name, value), Vec::new())).collect());
}

fn finding(out: &mut String, Finding { severity, slug, message, details, help }: &Finding) {
    line(out, 0, &format!("{}: {message} ({slug})", severity.as_str()));
    for detail in details {
        line(out, 4, detail);
    }
    line(out, 2, &format!("help: {help}"));
}

/// A name and its value in one line that says where each ends.
fn member(name: &str, value: &Value) -> String {
    let text = value.to_json();
    let shown: String = text.chars().take(MAX_VALUE).collect();
    let rest = if shown.len() < text.len() { format!(" .. ({} bytes)", text.len()) } else { String::new() };
    one_line(&format!("{} = {shown}{rest}", self::name(name)))
}

/// The name of a claim; one that is odd as JSON writes it.
fn name(name: &str) -> String {
    // Then it would not be seen where the name ends.
    let is_odd = name.is_empty() || name.chars().any(|c| c.is_control() || c == '=' || c == '"');
    if is_odd { Value::from(name).to_json() } else { name.to_owned() }
}

fn signature(signature: &Signature) -> String {
    match signature {
        Signature::Unknown => {
            "signature not verified: no keys were given, so anybody may have written this".to_owned()
        }
        Signature::Refused => "signature refused: anybody may have written this".to_owned(),
        Signature::Verified(by) => match &by.key {
            Some(key) => format!("signature verified: {} with the key `{key}`", by.algorithm),
            None => format!("signature verified: {} with the client's secret", by.algorithm),
        },
    }
}

fn moment(Time { name, at, ago }: &Time) -> String {
    let when = format_rfc3339(*at).unwrap_or_else(|| at.to_string());
    let distance = match ago {
        0.. => format!("{} ago", duration(*ago)),
        _ => format!("in {}", duration(ago.saturating_neg())),
    };
    let what = match *name {
        "auth_time" => "signed in",
        "iat" => "issued",
        "nbf" => "valid from",
        _ => "expires",
    };
    let what = if *name == "exp" && *ago >= 0 { "expired" } else { what };
    format!("{what} {when}, {distance}")
}

fn origin(origin: &Origin, is_compared: bool) -> Vec<String> {
    match origin {
        Origin::Protocol(claim) => vec![format!("protocol: {} ({})", claim.meaning, claim.reference)],
        Origin::Scope(scope) => vec![format!("standard: of the user, for the scope `{scope}`")],
        Origin::Registered(claim) => vec![format!("standard: {} ({})", claim.meaning, claim.reference)],
        Origin::Policy(writes) => writes
            .iter()
            .map(|write| format!("policy: {}, {}", deed_of(write), condition(&write.condition)))
            .collect(),
        Origin::Known(reader, meaning) => vec![format!("unknown; {reader} reads it as {meaning}")],
        Origin::Unknown if is_compared => vec!["unknown: the policy does not write it".to_owned()],
        Origin::Unknown => vec!["unknown".to_owned()],
    }
}

/// `policy.claims:3 (staff): = user.plan`.
fn deed_of(write: &Write) -> String {
    format!("{}: {}", rule(write), deed(write))
}

fn missing(out: &mut String, inspection: &Inspection) {
    let missing = &inspection.missing;
    if missing.is_empty() {
        return;
    }
    line(out, 0, "missing");
    let is_elsewhere =
        |one: &&Missing| matches!(one.why, Why::OtherGrant(_) | Why::OtherAudience(_) | Why::OtherClient(_));
    let rows = missing
        .iter()
        .filter(|one| !is_elsewhere(one))
        .chain(missing.iter().filter(is_elsewhere).take(MAX_ELSEWHERE));
    table(out, rows.map(|one| (name(&one.name), why(one, inspection.is_machine))).collect());
    let rest = missing.iter().filter(is_elsewhere).count().saturating_sub(MAX_ELSEWHERE);
    if rest > 0 {
        line(out, 4, &format!(".. and {rest} more that others get: see `claimsc matrix`"));
    }
}

fn why(missing: &Missing, is_machine: bool) -> Vec<String> {
    let fact = match &missing.why {
        Why::Unexplained => {
            "always given to such a token: another policy decided, or somebody dropped it".to_owned()
        }
        Why::Conditions => "given to such a token on a condition, which was not true".to_owned(),
        Why::Removed => "removed by the policy".to_owned(),
        Why::OtherSubject if is_machine => "needs a person, and this is the token of a machine".to_owned(),
        Why::OtherSubject => "only without a person, and this is the token of one".to_owned(),
        Why::OtherGrant(grants) => format!("not with this grant, only with {}", joined(grants)),
        Why::OtherAudience(sets) => {
            format!(
                "not for this audience, only for {}",
                joined(&sets.iter().map(audience_set).collect::<Vec<_>>())
            )
        }
        Why::OtherClient(clients) => {
            let clients: Vec<_> = clients.iter().map(|client| party(client, "any other client")).collect();
            format!("not for this client, only for {}", joined(&clients))
        }
    };
    let writes = missing.writes.iter().map(|write| {
        let only = if write.condition.is_always() { "" } else { "only " };
        format!("{}, {only}{}", deed_of(write), condition(&write.condition))
    });
    let removals = missing
        .removals
        .iter()
        .map(|write| format!("{}: {}, {}", rule(write), deed(write), condition(&write.condition)));
    std::iter::once(fact).chain(writes).chain(removals).collect()
}

fn joined<T: ToString>(words: &[T]) -> String {
    words.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// For tools: `{ "tokens": [..] }`, each with `kind`, `signature`, `header`, `claims`, `missing` and `findings`; of what
/// cannot be read `kind`, `header` and `findings`.
pub fn json(found: &[Found]) -> Value {
    let tokens = found.iter().map(|found| match found {
        Ok(inspection) => document(inspection),
        Err(unreadable) => object([
            ("kind", Value::from(unreadable.form.as_str())),
            ("header", unreadable.header.as_deref().cloned().map_or(Value::Null, Value::object)),
            ("findings", Value::list(unreadable_findings(unreadable).iter().map(finding_json).collect())),
        ]),
    });
    object([("tokens", Value::list(tokens.collect()))])
}

fn document(inspection: &Inspection) -> Value {
    let Inspection { kind, evidence, header, bytes, signature, times, claims, missing, findings, .. } =
        inspection;
    let findings = findings.iter().map(finding_json);
    let times = times.iter().map(|Time { name, at, ago }| {
        let text = format_rfc3339(*at).map_or(Value::Null, |text| Value::from(&*text));
        object([
            ("name", Value::from(*name)),
            ("at", Value::int(*at)),
            ("time", text),
            ("ago", Value::int(*ago)),
        ])
    });
    object([
        ("kind", Value::from(kind.as_str())),
        ("evidence", Value::from(&**evidence)),
        ("bytes", count(*bytes)),
        ("signature", signature_json(signature)),
        ("times", Value::list(times.collect())),
        ("header", Value::object(header.clone())),
        ("claims", Value::list(claims.iter().map(claim_json).collect())),
        ("missing", Value::list(missing.iter().map(missing_json).collect())),
        ("findings", Value::list(findings.collect())),
    ])
}

fn finding_json(Finding { severity, slug, message, details, help }: &Finding) -> Value {
    let details = details.iter().map(|detail| Value::from(&**detail)).collect();
    object([
        ("severity", Value::from(severity.as_str())),
        ("slug", Value::from(*slug)),
        ("message", Value::from(&**message)),
        ("details", Value::list(details)),
        ("help", Value::from(&**help)),
    ])
}

fn signature_json(signature: &Signature) -> Value {
    match signature {
        Signature::Unknown => object([("status", Value::from("unknown"))]),
        Signature::Refused => object([("status", Value::from("refused"))]),
        Signature::Verified(by) => object([
            ("status", Value::from("verified")),
            ("algorithm", Value::from(by.algorithm.as_str())),
            ("key", by.key.as_deref().map_or(Value::Null, Value::from)),
        ]),
    }
}

fn claim_json(claim: &Claim) -> Value {
    let whole = object([
        ("name", Value::String(claim.name.clone())),
        ("value", claim.value.clone()),
        ("origin", Value::from(claim.origin.as_str())),
    ]);
    let whole = match &claim.origin {
        Origin::Protocol(registered) | Origin::Registered(registered) => {
            with(&whole, "reference", Value::from(registered.reference))
        }
        Origin::Scope(scope) => with(&whole, "scope", Value::from(*scope)),
        Origin::Policy(writes) => with(&whole, "rules", rules(writes)),
        Origin::Known(..) | Origin::Unknown => whole,
    };
    match claim.dotnet {
        Some(ty) => with(&whole, "dotnet_type", Value::from(ty)),
        None => whole,
    }
}

fn missing_json(missing: &Missing) -> Value {
    let whole = object([
        ("name", Value::String(missing.name.clone())),
        ("why", Value::from(missing.why.as_str())),
        ("rules", rules(&missing.writes)),
        ("removed_by", rules(&missing.removals)),
    ]);
    let words = |words: Vec<String>| Value::list(words.iter().map(|word| Value::from(&**word)).collect());
    match &missing.why {
        Why::Unexplained | Why::Conditions | Why::Removed | Why::OtherSubject => whole,
        Why::OtherGrant(grants) => {
            with(&whole, "grants", words(grants.iter().map(ToString::to_string).collect()))
        }
        Why::OtherAudience(sets) => with(&whole, "audiences", words(sets.iter().map(audience_set).collect())),
        Why::OtherClient(clients) => {
            let clients = clients.iter().map(|client| party(client, "any other client"));
            with(&whole, "clients", words(clients.collect()))
        }
    }
}

fn rules(writes: &[Write]) -> Value {
    let rule = |write: &Write| {
        let text = |text: &Option<std::sync::Arc<str>>| text.clone().map_or(Value::Null, Value::String);
        object([
            ("place", Value::String(write.place.clone())),
            ("name", text(&write.rule)),
            ("verb", Value::from(write.verb.as_str())),
            ("member", text(&write.member)),
            ("value", text(&write.value)),
            ("type", text(&write.ty)),
            (
                "condition",
                if write.condition.is_always() {
                    Value::Null
                } else {
                    Value::from(&*write.condition.to_string())
                },
            ),
        ])
    };
    Value::list(writes.iter().map(rule).collect())
}
