//! Text -> comments, and all that must be right before pest may run: size, characters, closed literals, balanced and
//! not too deeply nested brackets. One pass, no recursion.
//!
//! The grammar recurses for brackets, for an `if` directly under `then`, and for runs of prefix operators, so these
//! count as depth. Recovery rules are only linear over balanced brackets, so an unbalanced file gets that one error.
//! What is wrong but harmless is replaced, byte for byte, in the text that pest reads: spans stay true.

mod comment;
mod literal;

use crate::ast::{Comment, Doc};
use crate::diag::Diagnostic;
use crate::source::{FileId, Span};
use crate::syntax::codes;
use crate::syntax::{MAX_DEPTH, MAX_FILE_BYTES};

/// What the scan found.
pub(super) struct Scan {
    /// All comments in order.
    pub(super) comments: Vec<Comment>,
    /// Runs of `///` lines.
    pub(super) docs: Vec<DocRun>,
    /// What is wrong.
    pub(super) findings: Vec<Diagnostic>,
    /// What pest may read; `None` if it may not run at all.
    pub(super) text: Option<String>,
}

/// Documentation and the token that follows it.
pub(super) struct DocRun {
    pub(super) doc: Doc,
    /// Offset of the next token, if that is on the next line.
    pub(super) next: Option<u32>,
}

/// Scans a text that starts at `base` of its file.
pub(super) fn scan(file: FileId, text: &str, base: usize) -> Scan {
    let mut scanner = Scanner::new(file, text, base);
    if text.len() > MAX_FILE_BYTES {
        let message = format!("the file has {} bytes, more than {MAX_FILE_BYTES}", text.len());
        scanner.findings.push(
            Diagnostic::new(&codes::FILE_TOO_LARGE, scanner.span(0, 0), message)
                .help("split the policy into several files"),
        );
        scanner.fatal = true;
    } else {
        scanner.run();
    }
    scanner.finish()
}

/// What the token before was, as far as the scan must know.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Previous {
    /// `(`, `,` or `matching`: a regular expression can follow.
    RegexPlace,
    Then,
    Else,
    /// A mark after which an expression begins.
    Opening,
    Other,
}

/// An open bracket, and what nests in it without brackets.
struct Frame {
    /// `(`, `[`, `{`, or `$` for `${`.
    open: u8,
    at: usize,
    /// Where the string around a `${` starts.
    string: usize,
    /// Unbraced `if`s that are open.
    ifs: usize,
    /// Prefix operators in a row.
    prefixes: usize,
}

#[expect(clippy::struct_excessive_bools, reason = "independent facts of one pass")]
struct Scanner<'a> {
    file: FileId,
    text: &'a str,
    base: usize,
    bytes: &'a [u8],
    at: usize,
    frames: Vec<Frame>,
    depth: usize,
    previous: Previous,
    /// Whether only blanks stand before `at` on its line.
    line_start: bool,
    /// Whether the current line has been blank so far and a doc run waits for its token.
    doc_open: bool,
    comments: Vec<Comment>,
    docs: Vec<DocRun>,
    findings: Vec<Diagnostic>,
    /// Bytes to overwrite for pest: a range and what to put there.
    patches: Vec<(usize, usize, u8)>,
    unclosed: bool,
    balanced: bool,
    fatal: bool,
}

impl<'a> Scanner<'a> {
    fn new(file: FileId, text: &'a str, base: usize) -> Self {
        Scanner {
            file,
            text,
            base,
            bytes: text.as_bytes(),
            at: 0,
            frames: vec![Frame { open: 0, at: 0, string: 0, ifs: 0, prefixes: 0 }],
            depth: 0,
            previous: Previous::Other,
            line_start: true,
            doc_open: false,
            comments: Vec::new(),
            docs: Vec::new(),
            findings: Vec::new(),
            patches: Vec::new(),
            unclosed: false,
            balanced: true,
            fatal: false,
        }
    }

    fn finish(self) -> Scan {
        let text = (self.balanced && !self.fatal).then(|| {
            let mut bytes = self.bytes.to_vec();
            for (start, end, byte) in self.patches {
                if let Some(range) = bytes.get_mut(start..end) {
                    range.fill(byte);
                }
            }
            String::from_utf8_lossy(&bytes).into_owned()
        });
        Scan { comments: self.comments, docs: self.docs, findings: self.findings, text }
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, self.base + start, self.base + end)
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn run(&mut self) {
        if self.text.starts_with('\u{feff}') {
            self.patches.push((0, 3, b' '));
            self.at = 3;
        }
        while self.at < self.bytes.len() && !self.fatal {
            self.step();
        }
        if self.fatal {
            return;
        }
        if self.frames.len() > 1 {
            self.fatal = true;
            if !self.unclosed
                && let Some(frame) = self.frames.last()
            {
                let (open, at) = (frame.open, frame.at);
                self.report_unclosed(open, at);
            }
        }
    }

    /// One blank, comment or token in code.
    fn step(&mut self) {
        let byte = self.peek(0);
        match byte {
            b' ' | b'\t' | b'\r' => self.at += 1,
            b'\n' => self.newline(),
            b'/' if self.peek(1) == b'/' => self.line_comment(),
            b'#' => self.line_comment(),
            b'/' if self.peek(1) == b'*' => self.block_comment(),
            _ => {
                self.token_begins();
                self.token(byte);
                self.line_start = false;
            }
        }
    }

    fn newline(&mut self) {
        if self.frames.iter().any(|frame| frame.open == b'$') {
            return self.unclosed_string(self.at, "template", b'"');
        }
        // A blank line ends what a `///` can be about.
        if self.line_start && self.comments.last().is_none_or(|c| !self.on_this_line(c.span)) {
            self.doc_open = false;
        }
        self.at += 1;
        self.line_start = true;
    }

    /// Whether a comment ends where the current line ends.
    fn on_this_line(&self, span: Span) -> bool {
        let end = (span.end as usize).saturating_sub(self.base);
        self.bytes.get(end..self.at).is_some_and(|gap| gap.iter().all(|b| matches!(b, b' ' | b'\t' | b'\r')))
    }

    fn token_begins(&mut self) {
        if self.doc_open
            && let Some(run) = self.docs.last_mut()
        {
            run.next = u32::try_from(self.base + self.at).ok();
        }
        self.doc_open = false;
    }

    fn token(&mut self, byte: u8) {
        let next = self.peek(1);
        if self.previous == Previous::Else && !self.rest().starts_with("if") {
            self.if_ends();
        }
        match byte {
            b'"' => self.string(self.at),
            b'\'' => self.quoted(b'\'', "string"),
            b'/' if self.previous == Previous::RegexPlace => self.quoted(b'/', "regular expression"),
            b'(' | b'[' | b'{' => self.open(byte, self.at),
            b')' | b']' | b'}' => self.close(byte),
            b'-' | b'!' if next != b'=' => {
                self.at += 1;
                self.prefix();
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.word(),
            b'0'..=b'9' => {
                self.skip_while(|b| b.is_ascii_alphanumeric() || b == b'_');
                self.operand();
            }
            0..=0x1f | 0x7f => self.control_character(),
            0x80.. => self.foreign_character(),
            _ => {
                self.at += 1;
                // What follows `=` or `=>` is an expression of the same statement; what follows `:` starts afresh.
                self.previous = match byte {
                    b',' => Previous::RegexPlace,
                    b'=' | b'>' => Previous::Opening,
                    _ => Previous::Other,
                };
                self.reset_prefixes();
            }
        }
    }

    fn skip_while(&mut self, keep: impl Fn(u8) -> bool) {
        while self.bytes.get(self.at).is_some_and(|b| keep(*b)) {
            self.at += 1;
        }
    }

    fn operand(&mut self) {
        self.previous = Previous::Other;
        self.reset_prefixes();
    }

    fn word(&mut self) {
        let start = self.at;
        self.skip_while(|b| b.is_ascii_alphanumeric() || b == b'_');
        // `ns/*` and `ns/x` are one token; without this the first would open a comment.
        if self.peek(0) == b'/' && self.peek(1) == b'*' {
            self.at += 2;
        }
        let member = start.checked_sub(1).and_then(|i| self.bytes.get(i)) == Some(&b'.');
        match self.text.get(start..self.at).unwrap_or_default() {
            _ if member => self.operand(),
            "not" => self.prefix(),
            "if" => {
                let opens = match self.previous {
                    Previous::Then | Previous::Opening | Previous::RegexPlace => 1,
                    Previous::Else => 0,
                    Previous::Other => {
                        self.reset_ifs();
                        1
                    }
                };
                self.operand();
                self.deepen(start, |frame| frame.ifs += opens, opens);
            }
            "then" => {
                self.operand();
                self.previous = Previous::Then;
            }
            "else" => {
                self.operand();
                self.previous = Previous::Else;
            }
            "matching" => {
                self.operand();
                self.previous = Previous::RegexPlace;
            }
            _ => self.operand(),
        }
    }

    fn prefix(&mut self) {
        let start = self.at;
        self.previous = Previous::Opening;
        self.deepen(start, |frame| frame.prefixes += 1, 1);
    }

    fn reset_prefixes(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            self.depth -= std::mem::take(&mut frame.prefixes);
        }
    }

    /// The last branch of an `if` begins.
    fn if_ends(&mut self) {
        if let Some(frame) = self.frames.last_mut()
            && frame.ifs > 0
        {
            frame.ifs -= 1;
            self.depth -= 1;
        }
    }

    fn reset_ifs(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            self.depth -= std::mem::take(&mut frame.ifs);
        }
    }

    fn deepen(&mut self, at: usize, change: impl FnOnce(&mut Frame), by: usize) {
        if let Some(frame) = self.frames.last_mut() {
            change(frame);
        }
        self.depth += by;
        if self.depth > MAX_DEPTH && !self.fatal {
            self.fatal = true;
            self.findings.push(
                Diagnostic::new(
                    &codes::NESTING_TOO_DEEP,
                    self.span(at.min(self.bytes.len()), (at + 1).min(self.bytes.len())),
                    format!(
                        "more than {MAX_DEPTH} brackets, unbraced `if`s and prefix operators are nested here"
                    ),
                )
                .help("give parts of it names with `let`"),
            );
        }
    }

    fn open(&mut self, byte: u8, string: usize) {
        let at = self.at;
        self.at += if byte == b'$' { 2 } else { 1 };
        self.frames.push(Frame { open: byte, at, string, ifs: 0, prefixes: 0 });
        self.previous = if byte == b'(' { Previous::RegexPlace } else { Previous::Opening };
        if byte == b'{' {
            self.previous = Previous::Other;
        }
        self.deepen(at, |_| (), 1);
    }

    fn close(&mut self, byte: u8) {
        let at = self.at;
        let open = match byte {
            b')' => b'(',
            b']' => b'[',
            _ => b'{',
        };
        let innermost = self.frames.last().map_or((0, 0, 0), |frame| (frame.open, frame.at, frame.string));
        match innermost {
            (b'$', _, string) if byte == b'}' => {
                self.pop();
                self.at += 1;
                self.string_from(string);
            }
            (found, _, _) if found == open => {
                self.pop();
                self.at += 1;
                self.operand();
            }
            // The closer of this bracket may be in a literal that is not closed.
            _ if self.unclosed => {
                self.balanced = false;
                self.at += 1;
            }
            (found, opened, _) => {
                self.fatal = true;
                self.report_mismatch(byte, at, found, opened);
            }
        }
    }

    fn pop(&mut self) {
        if self.frames.len() > 1
            && let Some(frame) = self.frames.pop()
        {
            self.depth -= 1 + frame.ifs + frame.prefixes;
        }
    }

    fn report_unclosed(&mut self, open: u8, at: usize) {
        let shown = shown(open);
        let width = shown.len();
        self.findings.push(
            Diagnostic::new(
                &codes::UNBALANCED_BRACKET,
                self.span(at, at + width),
                format!("`{shown}` is never closed"),
            )
            .label("opened here")
            .also(self.span(self.bytes.len(), self.bytes.len()), "the file ends here")
            .help(format!("close it with `{}`", closer(open))),
        );
    }

    fn report_mismatch(&mut self, byte: u8, at: usize, found: u8, opened: usize) {
        let closing = char::from(byte);
        let place = self.span(at, at + 1);
        let diagnostic = if found == 0 {
            Diagnostic::new(&codes::UNBALANCED_BRACKET, place, format!("`{closing}` closes nothing"))
                .help(format!("remove the `{closing}`, or open its bracket before"))
        } else {
            let shown = shown(found);
            Diagnostic::new(
                &codes::UNBALANCED_BRACKET,
                place,
                format!("`{closing}` does not close the `{shown}` that is open here"),
            )
            .label(format!("expected `{}`", closer(found)))
            .also(self.span(opened, opened + shown.len()), "opened here")
            .help(format!("close it with `{}` first", closer(found)))
        };
        self.findings.push(diagnostic);
    }
}

fn shown(open: u8) -> &'static str {
    match open {
        b'(' => "(",
        b'[' => "[",
        b'$' => "${",
        _ => "{",
    }
}

fn closer(open: u8) -> char {
    match open {
        b'(' => ')',
        b'[' => ']',
        _ => '}',
    }
}
