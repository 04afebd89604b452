//! Strings, regular expressions, and characters that may not stand where they stand.

use crate::diag::{Applicability, Diagnostic};
use crate::syntax::codes;
use crate::syntax::scan::Scanner;

impl Scanner<'_> {
    /// A string from its opening quote.
    pub(super) fn string(&mut self, start: usize) {
        self.at += 1;
        self.string_from(start);
    }

    /// The rest of a string, behind its opening quote or a `}` of a template.
    pub(super) fn string_from(&mut self, start: usize) {
        loop {
            match self.peek(0) {
                b'"' => {
                    self.at += 1;
                    return self.operand();
                }
                b'\\' if !matches!(self.peek(1), b'\n' | b'\r') && self.at + 1 < self.bytes.len() => {
                    self.at += 1 + self.char_len(1);
                }
                b'$' if self.peek(1) == b'{' => return self.open(b'$', start),
                b'\n' | b'\r' => return self.unclosed_string(start, "string", b'"'),
                0 if self.at >= self.bytes.len() => return self.unclosed_string(start, "string", b'"'),
                byte => self.text_character(byte),
            }
        }
    }

    /// A string in single quotes or a regular expression.
    pub(super) fn quoted(&mut self, quote: u8, what: &str) {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek(0) {
                byte if byte == quote => {
                    self.at += 1;
                    return self.operand();
                }
                b'\\' if !matches!(self.peek(1), b'\n' | b'\r') && self.at + 1 < self.bytes.len() => {
                    self.at += 1 + self.char_len(1);
                }
                b'\n' | b'\r' => return self.unclosed_string(start, what, quote),
                0 if self.at >= self.bytes.len() => return self.unclosed_string(start, what, quote),
                byte => self.text_character(byte),
            }
        }
    }

    pub(super) fn char_len(&self, ahead: usize) -> usize {
        self.text.get(self.at + ahead..).and_then(|t| t.chars().next()).map_or(1, char::len_utf8)
    }

    /// A character of a string, regular expression or comment.
    pub(super) fn text_character(&mut self, byte: u8) {
        if byte < 0x80 {
            if (byte < 0x20 && byte != b'\t') || byte == 0x7f {
                return self.control_character();
            }
            self.at += 1;
            return;
        }
        let c = self.rest().chars().next().unwrap_or_default();
        if is_bidirectional(c) {
            self.bidirectional(c);
        } else if is_control(c) {
            return self.control_character();
        }
        self.at += c.len_utf8();
    }

    pub(super) fn bidirectional(&mut self, c: char) {
        let end = self.at + c.len_utf8();
        self.findings.push(
            Diagnostic::new(
                &codes::BIDIRECTIONAL_CHARACTER,
                self.span(self.at, end),
                format!("U+{:04X} changes the direction in which the text around it is shown", u32::from(c)),
            )
            .label("invisible here")
            .help("remove it; in a string write it as an escape")
            .fix(
                Applicability::Unsafe,
                "write it as an escape",
                self.span(self.at, end),
                format!("\\u{{{:x}}}", u32::from(c)),
            ),
        );
    }

    pub(super) fn control_character(&mut self) {
        let c = self.rest().chars().next().unwrap_or_default();
        let end = self.at + c.len_utf8();
        self.patches.push((self.at, end, b' '));
        self.findings.push(
            Diagnostic::new(
                &codes::CONTROL_CHARACTER,
                self.span(self.at, end),
                format!("the character U+{:04X} may not stand in a policy", u32::from(c)),
            )
            .help("remove it; in a string write it as an escape")
            .fix(Applicability::Unsafe, "remove it", self.span(self.at, end), ""),
        );
        self.at = end;
    }

    /// A character beyond ASCII outside strings and comments.
    pub(super) fn foreign_character(&mut self) {
        let c = self.rest().chars().next().unwrap_or_default();
        let end = self.at + c.len_utf8();
        if is_bidirectional(c) {
            self.bidirectional(c);
            self.patches.push((self.at, end, b' '));
        } else if c.is_whitespace() && !is_control(c) {
            self.patches.push((self.at, end, b' '));
            self.findings.push(
                Diagnostic::new(
                    &codes::CONTROL_CHARACTER,
                    self.span(self.at, end),
                    format!("U+{:04X} is not white space here", u32::from(c)),
                )
                .help("write an ordinary blank")
                .fix(Applicability::Safe, "write a blank", self.span(self.at, end), " "),
            );
        } else if is_control(c) {
            return self.control_character();
        } else {
            self.operand();
        }
        self.at = end;
    }

    /// A line ends inside a literal. In a template it is the outermost string of the line that was not closed.
    pub(super) fn unclosed_string(&mut self, start: usize, what: &str, quote: u8) {
        if let Some(index) = self.frames.iter().position(|frame| frame.open == b'$') {
            let start = self.frames.get(index).map_or(start, |frame| frame.string);
            while self.frames.len() > index {
                self.pop();
            }
            self.balanced = false;
            return self.unclosed_string(start, "template", b'"');
        }
        let end = self.at;
        self.unclosed = true;
        let closing = char::from(quote);
        self.findings.push(
            Diagnostic::new(
                &codes::UNCLOSED_LITERAL,
                self.span(start, end),
                format!("this {what} is not closed on its line"),
            )
            .help(format!("close it with `{closing}`"))
            .fix(
                Applicability::Unsafe,
                format!("close it with `{closing}` here"),
                self.span(end, end),
                closing.to_string(),
            ),
        );
        // The line break becomes the closing mark, so that the lines after it are still checked. A string that ends with
        // the text, or in an escape, has no byte for it.
        if end < self.bytes.len() && self.bytes.get(end - 1) != Some(&b'\\') {
            self.patches.push((end, end + 1, quote));
            if self.peek(0) == b'\r' {
                self.at += 1;
            }
        } else {
            self.balanced = false;
        }
        self.operand();
    }
}

/// The explicit directional marks, embeddings, overrides and isolates of Unicode Standard Annex 9.
fn is_bidirectional(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Control characters but tab and line breaks, line and paragraph separators, and a byte order mark inside the text.
fn is_control(c: char) -> bool {
    (c.is_control() && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
}
