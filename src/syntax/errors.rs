//! Broken stretches -> messages. The stretch is parsed again with the strict rule, to learn what was expected.

use pest::Parser;
use pest::error::{Error, ErrorVariant, InputLocation};
use pest::iterators::Pair;

use crate::diag::Diagnostic;
use crate::syntax::build::Builder;
use crate::syntax::grammar::{Grammar, Rule};
use crate::syntax::{MAX_DEPTH, MAX_ERRORS, codes};

impl Builder<'_> {
    /// Reports a stretch that should have been `strict`.
    pub(super) fn report_broken(&self, pair: &Pair<'_, Rule>, strict: Rule) {
        self.report_broken_after(pair, strict, None);
    }

    /// Reports a stretch that should have been `strict`. If not even its first token fits, what stands before it and
    /// the rule for that alone tell how that could have gone on.
    pub(super) fn report_broken_after(
        &self,
        pair: &Pair<'_, Rule>,
        strict: Rule,
        before: Option<(&Pair<'_, Rule>, Rule)>,
    ) {
        // Parsing again has its price.
        if self.errors.get() > MAX_ERRORS {
            return;
        }
        let text = pair.get_input();
        let start = pair.as_span().start();
        let end = start + pair.as_str().trim_end().len();
        let cascades = self.broken_until.replace(Some(end)).is_some_and(|last| {
            last <= start && text.get(last..start).is_some_and(|between| !between.contains('\n'))
        });
        let failure = |rule: Rule, start: usize, end: usize| {
            let error = Grammar::parse(rule, text.get(start..end)?).err()?;
            Some((start + position(&error), error))
        };
        let alone = failure(strict, start, text.len());
        let after = match (before, &alone) {
            (Some((before, rule)), Some((at, _)))
                if *at == start && failure(Rule::stop_word, start, end).is_some() =>
            {
                failure(rule, before.as_span().start(), pair.as_span().end()).filter(|(at, _)| *at >= start)
            }
            _ => None,
        };
        if let Some((at, error)) = after.or(alone) {
            // The first message of a line is the true one, and so is one that reached further.
            if !cascades && self.last_error.get().is_none_or(|last| last < at) {
                self.last_error.set(Some(at));
                self.report_failure(&error, at, text);
            }
        }
    }

    /// An intact statement or row: what follows it on its line is a mistake of its own.
    pub(super) fn recovered(&self) {
        self.broken_until.set(None);
    }

    /// Reports what pest says about a place of the text that it has read.
    pub(super) fn report_failure(&self, error: &Error<Rule>, at: usize, text: &str) {
        match &error.variant {
            ErrorVariant::ParsingError { positives, .. } => self.report_unexpected(at, positives, text),
            // pest guards the native stack; the scan's limit is far below, but a caller's thread may be small.
            ErrorVariant::CustomError { .. } => {
                self.report_too_deep(self.span_between(at, at), "this text", MAX_DEPTH);
            }
        }
    }

    fn report_unexpected(&self, at: usize, expected: &[Rule], text: &str) {
        let count = self.errors.get() + 1;
        self.errors.set(count);
        if count > MAX_ERRORS {
            if count == MAX_ERRORS + 1 {
                let message =
                    format!("more than {MAX_ERRORS} syntax errors: the rest of the file is not reported");
                self.report(
                    Diagnostic::new(&codes::TOO_MANY_SYNTAX_ERRORS, self.span_between(at, at), message)
                        .help("mend the errors before"),
                );
            }
            return;
        }
        let at = next_token(text, at);
        let length = token_length(text.get(at..).unwrap_or_default());
        let token = text.get(at..at + length).unwrap_or_default();
        let (start, found) = if token.is_empty() {
            (text.trim_end().len().min(at), "the end of the file".to_owned())
        } else {
            (at, format!("`{token}`"))
        };
        let message = match list(expected) {
            Some(expected) => format!("expected {expected}, found {found}"),
            None => format!("{found} has no place here"),
        };
        let mut diagnostic =
            Diagnostic::new(&codes::UNEXPECTED_TOKEN, self.span_between(start, start + length), message);
        diagnostic.help = help(expected, token);
        self.report(diagnostic);
    }
}

/// Where pest stopped.
pub(super) fn position(error: &Error<Rule>) -> usize {
    match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    }
}

/// What to do about some tokens that people try.
fn help(expected: &[Rule], found: &str) -> Option<String> {
    let starts_statement =
        expected.iter().any(|rule| matches!(rule, Rule::statement | Rule::branch | Rule::item));
    Some(match found {
        "let" if expected == [Rule::branch] => "put the `let` and what uses it in braces".to_owned(),
        "namespace" | "claim" | "table" | "contract" | "ensure" | "rule" if expected == [Rule::statement] => {
            format!("put the `{found}` at the top level")
        }
        "return" | "function" | "def" | "fn" => "write `let name(parameter) = value`".to_owned(),
        "for" | "while" => "use a list's `.map(..)`, `.filter(..)`, `.any(..)` or `.all(..)`".to_owned(),
        "switch" | "case" | "when" if starts_statement => "write `if`, or `match` for a value".to_owned(),
        "permit" | "allow" | "forbid" | "grant" if starts_statement => {
            "write a verb such as `add` or `deny`".to_owned()
        }
        _ if expected == [Rule::name] && Grammar::parse(Rule::reserved, found).is_ok() => {
            format!("`{found}` is a reserved word: choose another name")
        }
        _ => return None,
    })
}

/// `a, b or c`, each once, in the order of the grammar; `None` if nothing can be named.
fn list(expected: &[Rule]) -> Option<String> {
    let mut rules = expected.to_vec();
    rules.sort_unstable();
    // Many rules at one place are the start of a value, or what may follow one.
    let value = rules.contains(&Rule::kw_omit);
    let operator = rules.contains(&Rule::coalesce);
    let end = if rules.contains(&Rule::optional_mark) && !operator { "the end of the type" } else { END };
    rules.retain(|rule| {
        let grouped = (value && STARTS_VALUE.contains(rule)) || (operator && FOLLOWS_VALUE.contains(rule));
        !grouped
    });
    let mut names: Vec<&str> = if value { vec!["a value"] } else { Vec::new() };
    for name in
        rules.into_iter().filter_map(|rule| if rule == Rule::EOI { Some(end) } else { rule.describe() })
    {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if operator && !names.contains(&"an operator") {
        names.push("an operator");
    }
    if names.len() > 1 {
        names.retain(|name| *name != "`.`");
    }
    // Behind an intact statement: its possible tails say less than that it could have ended.
    if names.contains(&END) && operator {
        names.retain(|name| matches!(*name, END | "an operator"));
    }
    let last = names.pop()?;
    Some(if names.is_empty() { last.to_owned() } else { format!("{} or {last}", names.join(", ")) })
}

/// What comes after an intact statement, as a message says it.
const END: &str = "the next statement";

/// What a value can begin with.
const STARTS_VALUE: &[Rule] = &[
    Rule::expr,
    Rule::h_lambda,
    Rule::if_expr,
    Rule::kw_deny,
    Rule::kw_false,
    Rule::kw_if,
    Rule::kw_match,
    Rule::kw_not,
    Rule::kw_null,
    Rule::kw_omit,
    Rule::kw_true,
    Rule::l_brace,
    Rule::l_bracket,
    Rule::l_paren,
    Rule::lambda,
    Rule::list,
    Rule::match_expr,
    Rule::name,
    Rule::negative,
    Rule::number,
    Rule::parens,
    Rule::quote,
    Rule::record,
    Rule::refusal,
    Rule::regex,
    Rule::string,
    Rule::variable,
];

/// What can continue a value, beside what is described as an operator.
const FOLLOWS_VALUE: &[Rule] = &[
    Rule::arguments,
    Rule::as_type,
    Rule::dot,
    Rule::equal,
    Rule::index,
    Rule::kw_and,
    Rule::kw_as,
    Rule::kw_exists,
    Rule::kw_failed,
    Rule::kw_in,
    Rule::kw_not,
    Rule::kw_or,
    Rule::l_bracket,
    Rule::l_paren,
    Rule::member,
    Rule::not_in,
];

/// Behind blanks and comments, before which pest may have stopped.
fn next_token(text: &str, mut at: usize) -> usize {
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let token = rest.trim_start();
        at += rest.len() - token.len();
        if !token.starts_with("//") {
            return at;
        }
        at += token.find('\n').unwrap_or(token.len());
    }
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
