//! Regular expressions of policies: the syntax of the `regex` crate with ASCII classes, without flags, in linear time.
//!
//! `\d \w \s \b` and their negations are rewritten to what they mean in ASCII; everything else, `.` and `[^a]` too, is
//! about whole code points, so no match can cut one.

use std::ops::Range;
use std::sync::Arc;

use regex::{Regex, RegexBuilder};
use regex_syntax::ast::{
    self, AssertionKind, Ast, ClassPerl, ClassPerlKind, ClassSetItem, GroupKind, Span, Visitor,
};

/// Bytes of a pattern.
const MAX_PATTERN: usize = 1000;
/// Nesting of groups and classes.
const MAX_NESTING: u32 = 32;
/// Bytes of the compiled automaton, which bound the time that a match takes for each byte of text.
pub(crate) const MAX_COMPILED: usize = 1 << 20;

/// Prepares a regular expression that is searched for.
///
/// # Errors
/// What is wrong with it, as a diagnostic's message.
///
/// ```
/// use claimsc::builtins::compile_regex;
///
/// assert!(compile_regex(r"\d+").unwrap().is_match("a1"));
/// assert!(!compile_regex(r"\d+").unwrap().is_match("٣"));
/// assert_eq!(compile_regex("(").unwrap_err(), "malformed regular expression: unclosed group");
/// ```
pub fn compile_regex(pattern: &str) -> Result<Arc<Regex>, String> {
    compile(&ascii(pattern)?)
}

/// Prepares a regular expression that is about the whole value.
///
/// # Errors
/// As [`compile_regex`].
///
/// ```
/// use claimsc::builtins::compile_whole_regex;
///
/// let regex = compile_whole_regex("a|ab").unwrap();
/// assert!(regex.is_match("ab") && !regex.is_match("abc"));
/// ```
pub fn compile_whole_regex(pattern: &str) -> Result<Arc<Regex>, String> {
    compile(&format!(r"\A(?:{})\z", ascii(pattern)?))
}

/// Prepares a pattern that [`Regex::as_str`] gave of one that was prepared here, within limits of its own.
pub(crate) fn compile_again(pattern: &str, max_compiled: usize) -> Result<Arc<Regex>, regex::Error> {
    builder(pattern, max_compiled).build().map(Arc::new)
}

fn builder(pattern: &str, max_compiled: usize) -> RegexBuilder {
    let mut builder = RegexBuilder::new(pattern);
    builder.size_limit(max_compiled).dfa_size_limit(MAX_COMPILED);
    builder
}

fn compile(pattern: &str) -> Result<Arc<Regex>, String> {
    builder(pattern, MAX_COMPILED).build().map(Arc::new).map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "the regular expression is too large".to_owned(),
        other => format!("malformed regular expression: {other}"),
    })
}

/// The same pattern with ASCII classes only.
fn ascii(pattern: &str) -> Result<String, String> {
    if pattern.len() > MAX_PATTERN {
        return Err(format!("the regular expression has more than {MAX_PATTERN} bytes"));
    }
    let tree = ast::parse::ParserBuilder::new()
        .nest_limit(MAX_NESTING)
        .build()
        .parse(pattern)
        .map_err(|error| format!("malformed regular expression: {}", error.kind()))?;
    let mut text = String::new();
    let mut copied = 0;
    for (range, class) in ast::visit(&tree, Rewrites::default())? {
        text.push_str(pattern.get(copied..range.start).unwrap_or_default());
        text.push_str(class);
        copied = range.end;
    }
    text.push_str(pattern.get(copied..).unwrap_or_default());
    Ok(text)
}

/// Stretches of a pattern and what stands there instead, in order.
#[derive(Default)]
struct Rewrites(Vec<(Range<usize>, &'static str)>);

impl Rewrites {
    fn replace(&mut self, span: Span, text: &'static str) {
        self.0.push((span.start.offset..span.end.offset, text));
    }

    fn class(&mut self, class: &ClassPerl) {
        let text = match (&class.kind, class.negated) {
            (ClassPerlKind::Digit, false) => "[0-9]",
            (ClassPerlKind::Digit, true) => "[^0-9]",
            (ClassPerlKind::Space, false) => r"[\t\n\x0B\x0C\r ]",
            (ClassPerlKind::Space, true) => r"[^\t\n\x0B\x0C\r ]",
            (ClassPerlKind::Word, false) => "[0-9A-Za-z_]",
            (ClassPerlKind::Word, true) => "[^0-9A-Za-z_]",
        };
        self.replace(class.span, text);
    }
}

const NO_FLAGS: &str = "regular expressions have no flags here; write both cases, such as `[Aa]`";
const NO_UNICODE: &str = "regular expressions have no Unicode classes here";

impl Visitor for Rewrites {
    type Output = Vec<(Range<usize>, &'static str)>;
    type Err = String;

    fn finish(self) -> Result<Self::Output, String> {
        Ok(self.0)
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), String> {
        match ast {
            Ast::Flags(_) => return Err(NO_FLAGS.to_owned()),
            Ast::Group(group) => {
                if let GroupKind::NonCapturing(flags) = &group.kind
                    && !flags.items.is_empty()
                {
                    return Err(NO_FLAGS.to_owned());
                }
            }
            Ast::ClassUnicode(_) => return Err(NO_UNICODE.to_owned()),
            Ast::ClassPerl(class) => self.class(class),
            Ast::Assertion(assertion) => match assertion.kind {
                AssertionKind::WordBoundary => self.replace(assertion.span, r"(?-u:\b)"),
                AssertionKind::NotWordBoundary => self.replace(assertion.span, r"(?-u:\B)"),
                AssertionKind::StartLine
                | AssertionKind::EndLine
                | AssertionKind::StartText
                | AssertionKind::EndText => {}
                _ => return Err("write word boundaries as `\\b`".to_owned()),
            },
            _ => {}
        }
        Ok(())
    }

    fn visit_class_set_item_pre(&mut self, item: &ClassSetItem) -> Result<(), String> {
        match item {
            ClassSetItem::Perl(class) => self.class(class),
            ClassSetItem::Unicode(_) => return Err(NO_UNICODE.to_owned()),
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(pattern: &str, text: &str) -> bool {
        compile_whole_regex(pattern).unwrap().is_match(text)
    }

    #[test]
    fn classes_are_ascii() {
        for (pattern, text, expected) in [
            (r"\d", "7", true),
            (r"\d", "٣", false),
            (r"\D", "٣", true),
            (r"\w+", "aZ_9", true),
            (r"\w", "é", false),
            (r"[\w.-]+", "a.b-c", true),
            (r"[^\w]", "é", true),
            (r"[^\W]", "é", false),
            (r"\s", "\u{b}", true),
            (r"\s", "\u{a0}", false),
            (r"\S", "\u{a0}", true),
            (r"\\d", r"\d", true),
            (r"[[:alpha:]]+", "ab", true),
            (r".", "😀", true),
            (r".", "\n", false),
            (r"[^a]", "é", true),
            (r"a\/b", "a/b", true),
            (r"[&&]", "&", false),
            (r"[\w&&[^_]]+", "ab", true),
            (r"[\w&&[^_]]+", "a_", false),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(whole(pattern, text), expected, "{pattern} {text:?}");
        }
    }

    #[test]
    fn boundaries_are_ascii() {
        let count = |pattern, text| compile_regex(pattern).unwrap().find_iter(text).count();
        assert_eq!(count(r"\b", "ab é"), 2);
        assert_eq!(count(r"\bé", "é"), 0);
        assert_eq!(count(r"a\B", "ab a"), 1);
        // Empty matches fall between code points, never within one.
        let marked = compile_regex(r"\B").unwrap().replace_all("é😀", "-").into_owned();
        assert_eq!(marked, "-é-😀-");
    }

    #[test]
    fn the_whole_value_is_meant() {
        for (pattern, text, expected) in [
            ("a|ab", "ab", true),
            ("a|b", "ab", false),
            ("a", "a\n", false),
            ("^a$", "a", true),
            ("a$|b", "xa", false),
            ("a*?", "aaa", true),
        ] {
            assert_eq!(whole(pattern, text), expected, "{pattern} {text:?}");
        }
    }

    #[test]
    fn what_is_refused() {
        for (pattern, error) in [
            ("(?i)a", NO_FLAGS),
            ("(?i:a)", NO_FLAGS),
            ("(?-u:a)", NO_FLAGS),
            (r"\pL", NO_UNICODE),
            (r"[\p{Greek}]", NO_UNICODE),
            (r"\b{start}a", "write word boundaries as `\\b`"),
            ("a{1000}{1000}", "the regular expression is too large"),
            (r"(a)\1", "malformed regular expression: backreferences are not supported"),
            ("a**)", "malformed regular expression: unopened group"),
        ] {
            assert_eq!(compile_regex(pattern).unwrap_err(), error, "{pattern}");
        }
        assert!(compile_regex(&"(".repeat(500)).is_err());
        assert!(compile_regex(&"a".repeat(1001)).unwrap_err().contains("more than 1000 bytes"));
    }
}
