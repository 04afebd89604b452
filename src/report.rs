//! Renderings of findings: one file each. They know [`Diagnostic`] and [`Sources`] and nothing of how a finding came
//! to be.

use std::fmt;

use crate::analysis::audit::Exception;
use crate::analysis::flow::table::Table as Flows;
use crate::analysis::statements::Promise;
use crate::analysis::worst::Worst;
use crate::diag::{Diagnostic, Severity};
use crate::source::Sources;
use crate::value::Value;

mod audit;
mod concise;
pub mod contract;
pub mod diff;
pub mod explanation;
mod flows;
mod github;
pub mod inputs;
#[cfg(feature = "mint")]
pub mod inspection;
mod json;
pub mod lock;
pub mod matrix;
mod pretty;
pub mod profile;
mod proofs;
mod sarif;
#[cfg(feature = "cli")]
pub mod terminal;
pub mod tokens;
mod worst;

/// How many findings there are of each severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// The policy is refused.
    pub errors: usize,
    /// Probably mistakes.
    pub warnings: usize,
    /// Good to know.
    pub notes: usize,
}

impl Summary {
    /// Counts.
    pub fn of(diagnostics: &[Diagnostic]) -> Self {
        let count = |severity| diagnostics.iter().filter(|d| d.severity == severity).count();
        Summary {
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            notes: count(Severity::Note),
        }
    }
}

/// `2 errors, 1 warning`; `no findings` if there are none.
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = [(self.errors, "error"), (self.warnings, "warning"), (self.notes, "note")];
        let mut separator = "";
        for (count, word) in counts.into_iter().filter(|(count, _)| *count > 0) {
            let plural = if count == 1 { "" } else { "s" };
            write!(f, "{separator}{count} {word}{plural}")?;
            separator = ", ";
        }
        if separator.is_empty() { f.write_str("no findings") } else { Ok(()) }
    }
}

/// All findings as one JSON object, `{ "diagnostics": [..], "summary": {..} }`; places count lines and columns from 1,
/// columns in Unicode code points, offsets in bytes from 0.
pub fn json(diagnostics: &[Diagnostic], sources: &Sources) -> Value {
    json::document(diagnostics, sources)
}

/// All findings as a SARIF 2.1.0 log, with fixes, and fingerprints that stay the same when lines move. `locate` gives
/// the path of a file from the folder in which the program runs.
pub fn sarif(diagnostics: &[Diagnostic], sources: &Sources, locate: &dyn Fn(&str) -> String) -> Value {
    sarif::document(diagnostics, sources, locate)
}

/// All findings as workflow commands of GitHub Actions. `locate` gives the path of a file from the repository's root.
pub fn github(diagnostics: &[Diagnostic], sources: &Sources, locate: &dyn Fn(&str) -> String) -> String {
    github::render(diagnostics, sources, locate)
}

/// All findings in one line each. `locate` gives the path by which a reader finds a file.
pub fn concise(diagnostics: &[Diagnostic], sources: &Sources, locate: &dyn Fn(&str) -> String) -> String {
    concise::render(diagnostics, sources, locate)
}

/// The exceptions of a policy, one line each, in columns.
pub fn audit_text(exceptions: &[Exception], sources: &Sources) -> String {
    audit::text(exceptions, sources)
}

/// The exceptions of a policy as one JSON object, `{ "exceptions": [..] }`.
pub fn audit_json(exceptions: &[Exception], sources: &Sources) -> Value {
    audit::json(exceptions, sources)
}

/// What is known of every `ensure` and contract, a line each, and what the proofs stand on.
pub fn proofs_text(promises: &[Promise], sources: &Sources) -> String {
    proofs::text(promises, sources)
}

/// What is known of every `ensure` and contract, as a JSON list; a proof with what it stands on.
pub fn proofs_json(promises: &[Promise], sources: &Sources) -> Value {
    proofs::json(promises, sources)
}

/// What the worst request can cost, in one line.
pub fn worst_text(worst: &Worst) -> String {
    worst::text(worst)
}

/// What the worst request can cost, as a JSON object.
pub fn worst_json(worst: &Worst) -> Value {
    worst::json(worst)
}

/// A JSON object with one more member, the last one.
pub fn with_member(object: &Value, name: &str, value: Value) -> Value {
    json::with(object, name, value)
}

/// The request that shows a finding, if it has one.
pub fn witness(diagnostic: &Diagnostic) -> Option<Value> {
    json::witness(diagnostic)
}

/// What arrives where, in columns of at most 100 characters where names allow it.
pub fn flows_text(flows: &Flows) -> String {
    flows::text(flows)
}

/// What arrives where as one JSON object, `{ "flows": [..] }`.
pub fn flows_json(flows: &Flows) -> Value {
    flows::json(flows)
}

/// What arrives where as a table of Markdown.
pub fn flows_markdown(flows: &Flows) -> String {
    flows::markdown(flows)
}

/// JSON text for people: two blanks per level, one member or element per line, a newline at the end.
pub fn pretty(value: &Value) -> String {
    pretty::print(value)
}

/// `text` with everything that would steer a terminal or reorder what is shown (control characters, bidirectional
/// marks) written as `\u{..}`. Line breaks and tabs stay.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_steering(c) { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    out
}

/// JSON text with everything that would steer a terminal escaped as JSON does it.
pub fn visible_json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        // All of these are in the Basic Multilingual Plane, and within strings.
        if is_steering(c) { out.push_str(&format!("\\u{:04x}", u32::from(c))) } else { out.push(c) }
    }
    out
}

/// [`visible`], in one line.
fn one_line(text: &str) -> String {
    visible(text).replace(['\n', '\t'], " ")
}

/// Whether a character could hide or fake what a terminal shows: C0 and C1 controls, and the bidirectional marks of
/// Unicode Standard Annex 9, section 2.
fn is_steering(c: char) -> bool {
    let is_bidi =
        matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    is_bidi || (c.is_control() && c != '\n' && c != '\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_leaves_out_what_is_not_there() {
        let summary = Summary { errors: 2, warnings: 1, notes: 0 };
        assert_eq!(summary.to_string(), "2 errors, 1 warning");
        assert_eq!(Summary::default().to_string(), "no findings");
    }

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(visible("a\u{1b}[31m\u{202e}\tb\r\n"), "a\\u{1b}[31m\\u{202e}\tb\\u{d}\n");
        assert_eq!(visible_json("{\n \"\u{9b}31m\u{2066}\" }"), "{\n \"\\u009b31m\\u2066\" }");
    }
}
