//! Strings, numbers, durations and regular expressions.

use pest::iterators::Pair;

use crate::ast::{Expr, ExprKind, Part, Text};
use crate::diag::{Applicability, Diagnostic};
use crate::source::Span;
use crate::syntax::build::{Builder, Children};
use crate::syntax::codes;
use crate::syntax::grammar::Rule;

/// What stands in the tree for a broken stretch.
pub(super) fn error_expr(span: Span) -> Expr {
    Expr { kind: Box::new(ExprKind::Error), span }
}

impl Builder<'_> {
    /// A string where only a literal may stand.
    pub(super) fn literal_text(&self, pair: Pair<'_, Rule>) -> Text {
        let span = self.span(&pair);
        let text = if pair.as_rule() == Rule::h_single {
            self.single_quoted(&pair)
        } else {
            let mut text = String::new();
            for part in self.parts(pair).0 {
                match part {
                    Part::Text(part) => text.push_str(&part),
                    Part::Value(value) => self.report(
                        Diagnostic::new(
                            &codes::LITERAL_REQUIRED,
                            value.span,
                            "only a literal text may stand here",
                        )
                        .help("write the text without `${`, or `\\${` for the characters themselves"),
                    ),
                }
            }
            text
        };
        Text { text, span }
    }

    /// The parts of a string and the height of the highest value in it.
    pub(super) fn parts(&self, pair: Pair<'_, Rule>) -> (Vec<Part>, usize) {
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut height = 0;
        for part in Children::of(pair) {
            match part.as_rule() {
                Rule::string_text => text.push_str(part.as_str()),
                Rule::escape => self.escape(part.as_str(), self.span(&part), &mut text),
                Rule::template_value => {
                    let mut children = Children::of(part);
                    children.expect(Rule::template_open);
                    let value = self.built(children.expect(Rule::expr));
                    height = height.max(value.height);
                    if !text.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut text)));
                    }
                    parts.push(Part::Value(value.expr));
                }
                _ => {}
            }
        }
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        (parts, height)
    }

    /// One escape with its backslash.
    fn escape(&self, written: &str, span: Span, text: &mut String) {
        let code = written.strip_prefix('\\').unwrap_or(written);
        let character = match code {
            "\"" => Some('"'),
            "\\" => Some('\\'),
            "n" => Some('\n'),
            "t" => Some('\t'),
            "$" => Some('$'),
            _ => code
                .strip_prefix("u{")
                .and_then(|hex| hex.strip_suffix('}'))
                .filter(|hex| (1..=6).contains(&hex.len()) && hex.bytes().all(|b| b.is_ascii_hexdigit()))
                .and_then(|hex| u32::from_str_radix(hex, 16).ok())
                .and_then(char::from_u32),
        };
        match character {
            Some(character) => text.push(character),
            None => self.report(
                Diagnostic::new(&codes::UNKNOWN_ESCAPE, span, format!("`{written}` is not an escape"))
                    .help("write one of `\\\"`, `\\\\`, `\\n`, `\\t`, `\\$` and `\\u{e9}`"),
            ),
        }
    }

    /// The text of `'x'`, which is reported.
    pub(super) fn single_quoted(&self, pair: &Pair<'_, Rule>) -> String {
        let span = self.span(pair);
        let inner = pair.as_str().strip_prefix('\'').and_then(|s| s.strip_suffix('\'')).unwrap_or_default();
        let mut text = String::new();
        let mut fixed = String::new();
        let mut rest = inner;
        while let Some(c) = rest.chars().next() {
            let length = if c == '\\' { escape_length(rest) } else { c.len_utf8() };
            let (piece, behind) = rest.split_at_checked(length).unwrap_or((rest, ""));
            if piece == "\\'" {
                text.push('\'');
                fixed.push('\'');
            } else if c == '\\' {
                self.escape(piece, span, &mut text);
                fixed.push_str(piece);
            } else {
                if c == '"' || rest.starts_with("${") {
                    fixed.push('\\');
                }
                text.push(c);
                fixed.push(c);
            }
            rest = behind;
        }
        let message = "strings stand in double quotes";
        self.report_habit(span, message, "write it in double quotes", &format!("\"{fixed}\""));
        text
    }

    /// A literal as a table's key or a case.
    pub(super) fn literal(&self, pair: Pair<'_, Rule>) -> Expr {
        let span = self.span(&pair);
        let mut children = Children::of(pair);
        let negative = children.accept(Rule::negative).is_some();
        let inner = children.child();
        let kind = match inner.as_rule() {
            Rule::number => match self.number(&inner) {
                ExprKind::Number(digits) if negative => ExprKind::Number(format!("-{digits}")),
                ExprKind::Duration(seconds) if negative => ExprKind::Duration(-seconds),
                kind => kind,
            },
            Rule::kw_true => ExprKind::Bool(true),
            Rule::kw_false => ExprKind::Bool(false),
            Rule::kw_null => ExprKind::Null,
            _ => {
                let text = self.literal_text(inner).text;
                ExprKind::Template(if text.is_empty() { Vec::new() } else { vec![Part::Text(text)] })
            }
        };
        Expr { kind: Box::new(kind), span }
    }

    /// A number or duration.
    pub(super) fn number(&self, pair: &Pair<'_, Rule>) -> ExprKind {
        let written = pair.as_str();
        let digits = written.trim_start_matches(|c: char| c.is_ascii_digit());
        let (digits, rest) = written.split_at_checked(written.len() - digits.len()).unwrap_or((written, ""));
        let span = self.span(pair);
        if digits.len() > 1 && digits.starts_with('0') {
            let trimmed = digits.trim_start_matches('0');
            let fixed = format!("{}{rest}", if trimmed.is_empty() { "0" } else { trimmed });
            self.report(
                Diagnostic::new(&codes::MALFORMED_NUMBER, span, format!("`{written}` begins with a zero"))
                    .help("remove the zeros; an identifier stands in quotes")
                    .fix(Applicability::Unsafe, "remove the zeros", span, fixed),
            );
            return ExprKind::Error;
        }
        let unit = match rest {
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            "d" => 86_400,
            _ if is_number_tail(rest) => return ExprKind::Number(written.to_owned()),
            _ => {
                self.report(
                    Diagnostic::new(
                        &codes::MALFORMED_NUMBER,
                        span,
                        format!("`{written}` is neither a number nor a duration"),
                    )
                    .help("write digits with an optional fraction and exponent, or digits and one of `s`, `m`, `h`, `d`"),
                );
                return ExprKind::Error;
            }
        };
        if let Some(seconds) = digits.parse::<i64>().ok().and_then(|count| count.checked_mul(unit)) {
            return ExprKind::Duration(seconds);
        }
        let message = format!("the duration `{written}` does not fit in 64 bits of seconds");
        self.report(
            Diagnostic::new(&codes::MALFORMED_NUMBER, span, message).help("write a shorter duration"),
        );
        ExprKind::Error
    }
}

/// The pattern of a regular expression, `\/` resolved.
pub(super) fn regex_pattern(pair: &Pair<'_, Rule>) -> String {
    let written = pair.as_str();
    let inner = written.strip_prefix('/').and_then(|s| s.strip_suffix('/')).unwrap_or(written);
    let mut pattern = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(c) = characters.next() {
        match characters.clone().next().filter(|_| c == '\\') {
            Some('/') => {}
            Some(next) => {
                pattern.extend([c, next]);
                characters.next();
            }
            None => pattern.push(c),
        }
    }
    pattern
}

/// The length of the escape at the start of a text.
fn escape_length(text: &str) -> usize {
    let braced = text.strip_prefix("\\u{").and_then(|hex| hex.find('}')).map(|end| end + 4);
    braced.unwrap_or_else(|| text.chars().take(2).map(char::len_utf8).sum())
}

/// What may follow the digits of a number: `.digits`, then `e` and digits with a sign.
fn is_number_tail(rest: &str) -> bool {
    let is_digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let (fraction, exponent) = match rest.split_once(['e', 'E']) {
        Some((fraction, exponent)) => (fraction, Some(exponent)),
        None => (rest, None),
    };
    (fraction.is_empty() || fraction.strip_prefix('.').is_some_and(is_digits))
        && exponent.is_none_or(|e| is_digits(e.strip_prefix(['+', '-']).unwrap_or(e)))
}
