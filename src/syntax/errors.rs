//! Broken stretches -> messages. The stretch is parsed again with the strict rule, to learn what was expected.

use pest::Parser;
use pest::error::{Error, ErrorVariant, InputLocation};
use pest::iterators::Pair;

use crate::diag::Diagnostic;
use crate::syntax::build::Builder;
use crate::syntax::grammar::{Grammar, Rule};
use crate::syntax::{MAX_DEPTH, MAX_ERRORS, codes};

impl Builder<'_> {
    /// Reports a stretch that should have been `strict`; `text` is what pest has read.
    pub(super) fn report_broken(&self, pair: &Pair<'_, Rule>, strict: Rule, text: &str) {
        let start = pair.as_span().start();
        let Some(rest) = text.get(start..) else { return };
        match Grammar::parse(strict, rest) {
            Err(error) => self.report_failure(&error, start, text),
            Ok(_) => self.report_unexpected(start, &[], text),
        }
    }

    /// Reports what pest says about a text that begins at `start`.
    pub(super) fn report_failure(&self, error: &Error<Rule>, start: usize, text: &str) {
        let at = start
            + match error.location {
                InputLocation::Pos(at) => at,
                InputLocation::Span((at, _)) => at,
            };
        match &error.variant {
            ErrorVariant::ParsingError { positives, .. } => self.report_unexpected(at, positives, text),
            // pest guards the native stack; the scan's limit is far below, but a caller's thread may be small.
            ErrorVariant::CustomError { .. } => {
                self.report_too_deep(self.span_between(at, at), "this text", MAX_DEPTH);
            }
        }
    }

    fn report_unexpected(&self, at: usize, expected: &[Rule], text: &str) {
        // One line with a mistake often breaks twice; the first message is the true one.
        if let Some(last) = self.last_error.replace(Some(at))
            && last <= at
            && text.get(last..at).is_some_and(|between| !between.contains('\n'))
        {
            return;
        }
        let count = self.errors.get() + 1;
        self.errors.set(count);
        if count > MAX_ERRORS {
            if count == MAX_ERRORS + 1 {
                let span = self.span_between(at, at);
                self.report(
                    Diagnostic::new(
                        &codes::TOO_MANY_SYNTAX_ERRORS,
                        span,
                        format!("more than {MAX_ERRORS} syntax errors: the rest of the file is not reported"),
                    )
                    .help("mend the errors before"),
                );
            }
            return;
        }
        let length = token_length(text.get(at..).unwrap_or_default());
        let (start, found) = match text.get(at..at + length) {
            Some(token) if length > 0 => (at, format!("`{token}`")),
            _ => (text.trim_end().len().min(at), "the end of the file".to_owned()),
        };
        let message = match list(expected) {
            Some(expected) => format!("expected {expected}, found {found}"),
            None => format!("{found} has no place here"),
        };
        self.report(Diagnostic::new(
            &codes::UNEXPECTED_TOKEN,
            self.span_between(start, start + length),
            message,
        ));
    }
}

/// `a, b or c`, each once, in the order of the grammar; `None` if nothing can be named.
fn list(expected: &[Rule]) -> Option<String> {
    let mut rules = expected.to_vec();
    rules.sort_unstable();
    let mut names: Vec<&str> = Vec::new();
    for name in rules.into_iter().filter_map(Rule::describe) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    // What must come is more use than what could.
    if names.len() > 4 {
        names.retain(|name| !matches!(*name, "an operator" | "`.`" | "`[`" | "`(`" | "`as`"));
    }
    let last = names.pop()?;
    Some(if names.is_empty() { last.to_owned() } else { format!("{} or {last}", names.join(", ")) })
}

/// The length of the token at the start of a text.
fn token_length(text: &str) -> usize {
    let Some(first) = text.chars().next() else { return 0 };
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let run = |keep: &dyn Fn(char) -> bool| text.find(|c| !keep(c)).unwrap_or(text.len());
    match first {
        c if is_word(c) => run(&is_word),
        '@' => 1 + text.get(1..).and_then(|rest| rest.find(|c| !is_word(c))).unwrap_or(text.len() - 1),
        '"' | '\'' => {
            let line = text.split(['\n', '\r']).next().unwrap_or(text);
            let end = line.get(1..).and_then(|rest| rest.find(first)).map_or(line.len(), |end| end + 2);
            if end > 40 { 1 } else { end }
        }
        _ => {
            const MARKS: [&str; 13] =
                ["===", "!==", "...", "=>", "<=", ">=", "!=", "==", "??", "?.", "&&", "||", ":="];
            MARKS.iter().find(|mark| text.starts_with(**mark)).map_or(first.len_utf8(), |mark| mark.len())
        }
    }
}
