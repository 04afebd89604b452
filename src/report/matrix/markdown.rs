//! The matrix for documents and pull requests.

use std::fmt::Write as _;

use crate::analysis::matrix::{Matrix, Row, Subject, Write};
use crate::report::one_line;

use super::{audiences, bound, clients, deed, grants, rule, subject};

/// A section for each row; its table has a line for each write.
pub(super) fn render(matrix: &Matrix) -> String {
    let mut out = String::from("# Claims matrix\n");
    for (alias, prefix) in &matrix.namespaces {
        // Writing to a string cannot fail.
        let _ = write!(out, "\n{} is {}.\n", code(alias), code(prefix));
    }
    for row in &matrix.rows {
        section(&mut out, matrix, row);
    }
    out
}

fn section(out: &mut String, matrix: &Matrix, row: &Row) {
    let _ = write!(
        out,
        "\n## {} · {} → {} · {}\n\n",
        plain(&clients(row)),
        plain(&grants(row)),
        plain(&audiences(row)),
        subject(row.subject)
    );
    if row.cells.is_empty() {
        out.push_str(if row.subject == Subject::Request {
            "Nothing is refused or limited.\n"
        } else {
            "No claims.\n"
        });
    } else {
        let what = if row.subject == Subject::Request { "effect" } else { "claim" };
        let _ = writeln!(out, "| {what} | value | when | labels | rule |\n|---|---|---|---|---|");
    }
    for cell in &row.cells {
        for (i, write) in cell.writes.iter().enumerate() {
            let name = if i == 0 { code(&matrix.short_name(&cell.name)) } else { String::new() };
            line(out, &name, write);
        }
    }
    if let Some(bound) = bound(row) {
        let _ = write!(out, "\nBytes: {bound}.\n");
    }
    for undecided in &row.undecided {
        let _ = write!(out, "\n**Undecided**: {}\n", code(undecided));
    }
}

fn line(out: &mut String, name: &str, write: &Write) {
    let when =
        if write.condition.is_always() { "always".to_owned() } else { code(&write.condition.to_string()) };
    let labels: Vec<_> = write.labels.iter().map(|label| plain(label)).collect();
    let _ = writeln!(
        out,
        "| {name} | {} | {when} | {} | {} |",
        code(&deed(write)),
        labels.join(", "),
        plain(&rule(write))
    );
}

/// A code span of `CommonMark` (section 6.1), fit for the cell of a table: its fence is longer than any run of backticks
/// within, and `|` is escaped, which GitHub's tables read even there.
fn code(text: &str) -> String {
    let text = one_line(text).replace('|', "\\|");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if longest > 0 { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Text without markup: ASCII punctuation that could be read as such is escaped (`CommonMark`, section 2.4).
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        if matches!(c, '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '|' | '&' | '#' | '~' | '!') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_code_span_or_a_cell() {
        assert_eq!(code("a | b"), "`a \\| b`");
        assert_eq!(code("a `` b"), "``` a `` b ```");
        assert_eq!(code("a\nb"), "`a b`");
        assert_eq!(plain("<b>*|"), "\\<b\\>\\*\\|");
    }
}
