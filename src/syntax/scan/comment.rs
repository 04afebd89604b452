//! Comments: kept for the formatter, and as documentation for what follows them.

use crate::ast::{Comment, Doc};
use crate::diag::{Applicability, Diagnostic, Edit};
use crate::source::Span;
use crate::syntax::codes;
use crate::syntax::scan::{DocRun, Scanner};

impl Scanner<'_> {
    pub(super) fn line_comment(&mut self) {
        let start = self.at;
        let hash = self.peek(0) == b'#';
        while self.at < self.bytes.len() && self.peek(0) != b'\n' {
            match self.peek(0) {
                b'\r' if matches!(self.peek(1), b'\n' | 0) => self.at += 1,
                byte => self.text_character(byte),
            }
        }
        let end = start + self.text.get(start..self.at).unwrap_or_default().trim_end().len();
        let span = self.span(start, end);
        if hash {
            self.findings.push(
                Diagnostic::new(&codes::FOREIGN_SYNTAX, span, "comments begin with `//`, not with `#`")
                    .help("write `//`")
                    .fix(Applicability::Safe, "write `//`", self.span(start, start + 1), "//"),
            );
        }
        let own_line = self.line_start;
        self.comments.push(Comment { span, own_line });
        let comment = self.text.get(start..end).unwrap_or_default();
        if let Some(line) = comment.strip_prefix("///")
            && !line.starts_with('/')
        {
            self.doc_line(line.strip_prefix(' ').unwrap_or(line), span, own_line);
        }
    }

    pub(super) fn doc_line(&mut self, line: &str, span: Span, own_line: bool) {
        if self.doc_open
            && own_line
            && let Some(run) = self.docs.last_mut()
        {
            run.doc.text.push('\n');
            run.doc.text.push_str(line);
            run.doc.span = run.doc.span.to(span);
            return;
        }
        self.docs.push(DocRun { doc: Doc { text: line.to_owned(), span }, next: None });
        self.doc_open = own_line;
    }

    pub(super) fn block_comment(&mut self) {
        let start = self.at;
        let Some(length) = self.rest().find("*/") else {
            self.fatal = true;
            self.findings.push(
                Diagnostic::new(
                    &codes::UNCLOSED_LITERAL,
                    self.span(start, start + 2),
                    "this comment is never closed",
                )
                .help("write comments with `//`"),
            );
            return;
        };
        self.at = start + length + 2;
        let span = self.span(start, self.at);
        self.comments.push(Comment { span, own_line: self.line_start });
        let inside = self.text.get(start + 2..start + length).unwrap_or_default();
        let mut fixed: Vec<String> =
            inside.lines().map(|line| format!("// {}", line.trim().trim_start_matches('*').trim())).collect();
        let code_follows = !self.rest().lines().next().unwrap_or_default().trim().is_empty();
        if code_follows {
            fixed.push(String::new());
        }
        let fixed = fixed.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n");
        self.findings.push(
            Diagnostic::new(&codes::FOREIGN_SYNTAX, span, "comments begin with `//` and end with their line")
                .help("write `//` before each line")
                .fix_many(Applicability::Safe, "write it with `//`", vec![Edit { span, text: fixed }]),
        );
    }
}
