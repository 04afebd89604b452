//! What is in minted tokens, and who wrote each part: for terminals.

use std::fmt::Write as _;

use crate::builtins::format_rfc3339;
use crate::eval::{ClaimTrace, RuleName};
use crate::source::Sources;
use crate::standard::Token;
use crate::standard::claims::SCOPE_CLAIMS;
use crate::value::{Object, Value};

use super::explanation;
use super::visible;

/// How wide the column of claims may be.
const WIDTH: usize = 60;
/// Claims that are times.
const TIMES: [&str; 3] = ["iat", "exp", "auth_time"];

/// Header and claims of a token.
#[derive(Debug, Clone)]
pub struct Decoded {
    /// Which one.
    pub token: Token,
    /// The members of its header.
    pub header: Object,
    /// Its claims.
    pub claims: Object,
}

/// Each token with its header, its claims beside what wrote them, and what was removed.
pub fn text(tokens: &[Decoded], traces: &[ClaimTrace], sources: &Sources) -> String {
    let mut out = String::new();
    for Decoded { token, header, claims } in tokens {
        let traces: Vec<&ClaimTrace> = traces.iter().filter(|trace| trace.token == *token).collect();
        let _ = writeln!(out, "{token}\n  header");
        table(&mut out, header.iter().map(|(name, value)| (member(name, value), Vec::new())).collect());
        out.push_str("  claims\n");
        let written =
            claims.iter().map(|(name, value)| (member(name, value), writers(name, value, &traces, sources)));
        table(&mut out, written.collect());
        let removed: Vec<_> = traces
            .iter()
            .filter(|trace| !trace.removed_by.is_empty())
            .map(|trace| (visible(&trace.name), rules(&trace.removed_by, sources)))
            .collect();
        if !removed.is_empty() {
            out.push_str("  removed\n");
            table(&mut out, removed);
        }
    }
    out
}

fn member(name: &str, value: &Value) -> String {
    visible(&format!("{name} = {}", value.to_json()))
}

fn rules(rules: &[RuleName], sources: &Sources) -> Vec<String> {
    rules.iter().map(|rule| explanation::rule(rule, sources)).collect()
}

/// What wrote a claim: rules, else the user's attribute of a granted scope, else the issuer.
fn writers(name: &str, value: &Value, traces: &[&ClaimTrace], sources: &Sources) -> Vec<String> {
    let trace = traces.iter().find(|trace| *trace.name == *name && !trace.written_by.is_empty());
    if let Some(trace) = trace {
        return rules(&trace.written_by, sources);
    }
    if let Some((scope, _)) = SCOPE_CLAIMS.iter().find(|(_, names)| names.contains(&name)) {
        return vec![format!("standard claim of the scope `{scope}`")];
    }
    let time = value.as_int().filter(|_| TIMES.contains(&name)).and_then(format_rfc3339);
    vec![time.map_or_else(|| "the issuer".to_owned(), |time| format!("the issuer: {time}"))]
}

/// Two columns; what belongs to one row and does not fit goes below.
pub(super) fn table(out: &mut String, rows: Vec<(String, Vec<String>)>) {
    let lengths = rows.iter().filter(|(_, notes)| !notes.is_empty()).map(|(left, _)| left.chars().count());
    let width = lengths.filter(|length| *length <= WIDTH).max().unwrap_or(0);
    for (left, notes) in rows {
        let is_long = left.chars().count() > width && !notes.is_empty();
        let mut first = left;
        if is_long {
            let _ = writeln!(out, "    {first}");
            first = String::new();
        }
        for note in if notes.is_empty() { vec![String::new()] } else { notes } {
            let line = format!("    {first:<width$}  {}", visible(&note));
            let _ = writeln!(out, "{}", line.trim_end());
            first.clear();
        }
    }
}
