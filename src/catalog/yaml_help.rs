//! What to say about text that is no YAML: the mistakes that types invite.

use serde_yaml::granit_parser::ErrorKind;

use crate::diag::{Applicability, Diagnostic};
use crate::source::{FileId, Span};

/// The fact, in the words of this project where the parser's are about its own states.
pub(super) fn message(kind: &ErrorKind) -> String {
    match kind {
        ErrorKind::UnexpectedCharacter { character } => {
            format!("`{}` cannot stand here in YAML", character.escape_debug())
        }
        ErrorKind::UnclosedFlowCollection { open } => format!("this `{open}` is not closed"),
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            format!("`{close}` does not close `{open}`")
        }
        ErrorKind::UnclosedQuotedScalar => "this quote is not closed".to_owned(),
        ErrorKind::ExpectedFlowMappingSeparator => "a `,` or `}` is missing here".to_owned(),
        ErrorKind::ExpectedFlowSequenceSeparator => "a `,` or `]` is missing here".to_owned(),
        ErrorKind::MappingValueNotAllowed => "a `:` cannot stand here in YAML".to_owned(),
        ErrorKind::DirectiveDisallowed => "claims.yaml may not have YAML directives".to_owned(),
        ErrorKind::UnknownAnchor => "this alias has no anchor".to_owned(),
        ErrorKind::RecursionLimitExceeded => "lists and mappings are nested too deep".to_owned(),
        kind => format!("this is not YAML: {kind}"),
    }
}

/// Adds help, and a fix where one is known, to a finding about the text at `at`.
pub(super) fn explain(
    finding: Diagnostic,
    kind: &ErrorKind,
    file: FileId,
    text: &str,
    at: usize,
) -> Diagnostic {
    if let Some((start, end)) = unquoted_type(text, at) {
        let source = text.get(start..end).unwrap_or_default();
        let span = Span::new(file, start, end);
        let message = format!("the type `{source}` needs quotes here");
        return Diagnostic { message, span, ..finding }
            .help("put types with brackets or `?` inside `{ }` or `[ ]` in quotes")
            .fix(Applicability::Safe, "put the type in quotes", span, format!("\"{source}\""));
    }
    match kind {
        ErrorKind::InvalidTrailingDoubleQuotedScalar | ErrorKind::InvalidTrailingSingleQuotedScalar => {
            finding.help("put a type with quotes in it in single quotes, as in `'\"free\" | \"pro\"'`, or write `{ enum: [free, pro] }`")
        }
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabInPlainScalar
        | ErrorKind::TabAtBlockScalarStart => finding.help("indent with blanks"),
        ErrorKind::MappingValueNotAllowed => {
            finding.help("put text with `: ` in it in quotes, and check the indentation")
        }
        _ => finding,
    }
}

/// The stretch of a type such as `string[]?` or `map[string]` whose bracket is at or just before `at`.
fn unquoted_type(text: &str, at: usize) -> Option<(usize, usize)> {
    let in_type = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '[' | ']' | '?');
    let line_start = text.get(..at)?.rfind('\n').map_or(0, |i| i + 1);
    let line_end = text.get(at..)?.find('\n').map_or(text.len(), |i| at + i);
    let line = text.get(line_start..line_end)?;
    let mut offset = line_start;
    // The nearest word that names a type and goes on with a bracket, around the place of the error.
    for word in line.split_inclusive(|c: char| !in_type(c)) {
        let start = offset;
        offset += word.len();
        let word = word.trim_end_matches(|c: char| !in_type(c));
        let base = word.trim_end_matches(['[', ']', '?']);
        let brackets = word.get(base.len()..)?;
        let list = !base.is_empty() && brackets.contains("[]");
        let map = word.starts_with("map[") && word.contains(']');
        let end = start + word.trim_end_matches(|c| c == ']' && !list && !map).len();
        if (list || map) && start <= at && at <= offset {
            return Some((start, trim_unbalanced(text, start, end)));
        }
    }
    None
}

/// Leaves out closing brackets at the end that the stretch does not open.
fn trim_unbalanced(text: &str, start: usize, end: usize) -> usize {
    let mut open = 0usize;
    for (i, c) in text.get(start..end).unwrap_or_default().char_indices() {
        match c {
            '[' => open += 1,
            ']' if open == 0 => return start + i,
            ']' => open -= 1,
            _ => {}
        }
    }
    end
}
