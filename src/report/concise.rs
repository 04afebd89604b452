//! Findings in one line each, as compilers print them: `file:line:column: severity code slug: message`.

use std::fmt::Write as _;

use crate::diag::Diagnostic;
use crate::source::Sources;

use super::{Summary, one_line};

/// All findings and the summary line. `locate` gives the path by which a reader finds a file.
pub(super) fn render(
    diagnostics: &[Diagnostic],
    sources: &Sources,
    locate: &dyn Fn(&str) -> String,
) -> String {
    let mut out = String::new();
    for Diagnostic { code, severity, message, span, .. } in diagnostics {
        let start = sources.start(*span);
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "{}:{}:{}: {} {} {}: {}",
            one_line(&locate(sources.name(span.file))),
            start.line,
            start.column,
            severity.as_str(),
            code.code,
            code.slug,
            one_line(message),
        );
    }
    let _ = writeln!(out, "{}", Summary::of(diagnostics));
    out
}
