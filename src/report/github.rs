//! Findings as workflow commands of GitHub Actions, which shows them beside the lines of a pull request
//! (GitHub Docs, "Workflow commands for GitHub Actions", "Setting an error message").

use std::fmt::Write as _;

use crate::diag::{Diagnostic, Severity};
use crate::source::Sources;

use super::{Summary, visible};

/// One command for each finding and the summary line. `locate` gives the path from the root of the repository.
pub(super) fn render(
    diagnostics: &[Diagnostic],
    sources: &Sources,
    locate: &dyn Fn(&str) -> String,
) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        let Diagnostic { code, severity, message, span, help, .. } = diagnostic;
        let command = match severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let (start, end) = (sources.start(*span), sources.end(*span));
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "::{command} file={},line={},col={},endLine={}",
            property(&locate(sources.name(span.file))),
            start.line,
            start.column,
            end.line,
        );
        if end.line == start.line && end.column > start.column {
            let _ = write!(out, ",endColumn={}", end.column);
        }
        let text = help.iter().fold(message.clone(), |text, help| format!("{text}\nhelp: {help}"));
        let _ =
            writeln!(out, ",title={}::{}", property(&format!("{} {}", code.code, code.slug)), data(&text));
    }
    let _ = writeln!(out, "{}", Summary::of(diagnostics));
    out
}

/// The text of a command: what could end it is written as `%..`.
fn data(text: &str) -> String {
    visible(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, which a colon or comma could end too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
