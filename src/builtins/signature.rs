//! Signature text to patterns.
//!
//! ```text
//! signature = type "." name [ "(" [ parameter { "," parameter } ] ")" ] "->" type      without parentheses: a property
//! parameter = name [ "?" ] ":" ( type [ "=>" type ] | "literal" | [ "whole" ] "regex" ) [ "..." ]
//! type      = ( word | variable | "map" "[" type "]" | "{" name ":" type { "," name ":" type } "}"
//!             | "(" type { "|" type } ")" ) { "[]" | "?" }
//! ```
//!
//! A variable is one capital letter. `self` as a result is the receiver's own type; `object` is a map or a record. A
//! record also stands where `map[T]` is wanted: T is then what all its members have in common.

use std::fmt;
use std::sync::Arc;

use crate::ty::Kind;

/// A type with holes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Pattern {
    /// Any type, the same wherever the letter stands.
    Var(char),
    /// One of the kinds without parts.
    Scalar(Kind),
    /// A map or a record. As a result: like the receiver.
    Object,
    /// The receiver's own type.
    Receiver,
    /// A list.
    List(Box<Pattern>),
    /// A map.
    Map(Box<Pattern>),
    /// A record with these members.
    Record(Vec<(Arc<str>, Pattern)>),
    /// The first of these that fits.
    OneOf(Vec<Pattern>),
    /// It may be absent.
    Optional(Box<Pattern>),
}

/// A signature, read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Signature {
    pub(super) receiver: Pattern,
    pub(super) name: &'static str,
    /// Whether it is written without parentheses.
    pub(super) property: bool,
    pub(super) parameters: Vec<Parameter>,
    pub(super) result: Pattern,
}

/// One parameter.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) optional: bool,
    /// Whether it stands for one or more arguments.
    pub(super) repeated: bool,
    pub(super) kind: ParameterKind,
}

/// What a parameter takes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum ParameterKind {
    Value(Pattern),
    Lambda(Pattern, Pattern),
    Regex { whole: bool },
    Literal,
}

impl Pattern {
    /// Whether it accepts absence.
    pub(super) fn is_optional(&self) -> bool {
        matches!(self, Pattern::Optional(_))
    }

    /// The same, but present.
    pub(super) fn present(&self) -> &Pattern {
        match self {
            Pattern::Optional(inner) => inner,
            other => other,
        }
    }
}

impl Signature {
    /// Reads the notation; the error says what is expected where.
    pub(super) fn parse(text: &'static str) -> Result<Signature, String> {
        let mut cursor = Cursor { rest: text };
        let receiver = cursor.pattern()?;
        cursor.expect(".")?;
        let name = cursor.word()?;
        let property = !cursor.eat("(");
        let mut parameters = Vec::new();
        if !property && !cursor.eat(")") {
            loop {
                parameters.push(cursor.parameter()?);
                if !cursor.eat(",") {
                    break;
                }
            }
            cursor.expect(")")?;
        }
        cursor.expect("->")?;
        let result = cursor.pattern()?;
        if !cursor.rest.is_empty() {
            return Err(cursor.expected("the end"));
        }
        Ok(Signature { receiver, name, property, parameters, result })
    }
}

struct Cursor {
    rest: &'static str,
}

/// A bracket that is open while a type is read.
enum Open {
    Group(Vec<Pattern>),
    Map,
    Record(Vec<(Arc<str>, Pattern)>, Arc<str>),
}

impl Cursor {
    fn expected(&self, wanted: &str) -> String {
        format!("expected {wanted} at `{}`", self.rest)
    }

    fn eat(&mut self, mark: &str) -> bool {
        let Some(rest) = self.rest.trim_start().strip_prefix(mark) else { return false };
        self.rest = rest;
        true
    }

    fn expect(&mut self, mark: &str) -> Result<(), String> {
        if self.eat(mark) { Ok(()) } else { Err(self.expected(mark)) }
    }

    fn word(&mut self) -> Result<&'static str, String> {
        let text = self.rest.trim_start();
        let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
        match text.split_at_checked(end) {
            Some((word, rest)) if !word.is_empty() => {
                self.rest = rest;
                Ok(word)
            }
            _ => Err(self.expected("a word")),
        }
    }

    fn parameter(&mut self) -> Result<Parameter, String> {
        let name = self.word()?;
        let optional = self.eat("?");
        self.expect(":")?;
        let kind = if self.eat("literal") {
            ParameterKind::Literal
        } else if self.eat("whole") {
            self.expect("regex")?;
            ParameterKind::Regex { whole: true }
        } else if self.eat("regex") {
            ParameterKind::Regex { whole: false }
        } else {
            let pattern = self.pattern()?;
            if self.eat("=>") {
                ParameterKind::Lambda(pattern, self.pattern()?)
            } else {
                ParameterKind::Value(pattern)
            }
        };
        Ok(Parameter { name, optional, repeated: self.eat("..."), kind })
    }

    fn member(&mut self) -> Result<Arc<str>, String> {
        let name = self.word()?;
        self.expect(":")?;
        Ok(name.into())
    }

    fn pattern(&mut self) -> Result<Pattern, String> {
        let mut open = Vec::new();
        loop {
            if self.eat("(") {
                open.push(Open::Group(Vec::new()));
                continue;
            }
            if self.eat("{") {
                let name = self.member()?;
                open.push(Open::Record(Vec::new(), name));
                continue;
            }
            let word = self.word()?;
            if word == "map" {
                self.expect("[")?;
                open.push(Open::Map);
                continue;
            }
            let mut pattern = self.suffixes(base(word).ok_or_else(|| format!("no type is called `{word}`"))?);
            loop {
                match open.pop() {
                    None => return Ok(pattern),
                    Some(Open::Group(mut all)) => {
                        all.push(pattern);
                        if self.eat("|") {
                            open.push(Open::Group(all));
                            break;
                        }
                        self.expect(")")?;
                        pattern = Pattern::OneOf(all);
                    }
                    Some(Open::Map) => {
                        self.expect("]")?;
                        pattern = Pattern::Map(Box::new(pattern));
                    }
                    Some(Open::Record(mut members, name)) => {
                        members.push((name, pattern));
                        if self.eat(",") {
                            let name = self.member()?;
                            open.push(Open::Record(members, name));
                            break;
                        }
                        self.expect("}")?;
                        pattern = Pattern::Record(members);
                    }
                }
                pattern = self.suffixes(pattern);
            }
        }
    }

    fn suffixes(&mut self, mut pattern: Pattern) -> Pattern {
        loop {
            if self.eat("[]") {
                pattern = Pattern::List(Box::new(pattern));
            } else if self.eat("?") {
                pattern = Pattern::Optional(Box::new(pattern));
            } else {
                return pattern;
            }
        }
    }
}

fn base(word: &str) -> Option<Pattern> {
    let mut letters = word.chars();
    if let (Some(letter @ 'A'..='Z'), None) = (letters.next(), letters.next()) {
        return Some(Pattern::Var(letter));
    }
    Some(match word {
        "bool" => Pattern::Scalar(Kind::Bool),
        "int" => Pattern::Scalar(Kind::Int),
        "number" => Pattern::Scalar(Kind::Number),
        "string" => Pattern::Scalar(Kind::String),
        "email" => Pattern::Scalar(Kind::Email),
        "timestamp" => Pattern::Scalar(Kind::Timestamp),
        "duration" => Pattern::Scalar(Kind::Duration),
        "json" => Pattern::Scalar(Kind::Json),
        "object" => Pattern::Object,
        "self" => Pattern::Receiver,
        _ => return None,
    })
}

/// The notation that [`Signature::parse`] reads.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pattern::Var(letter) => write!(f, "{letter}"),
            Pattern::Scalar(kind) => write!(f, "{kind}"),
            Pattern::Object => f.write_str("object"),
            Pattern::Receiver => f.write_str("self"),
            Pattern::List(inner) => write!(f, "{inner}[]"),
            Pattern::Map(inner) => write!(f, "map[{inner}]"),
            Pattern::Optional(inner) => write!(f, "{inner}?"),
            Pattern::Record(members) => {
                for (i, (name, pattern)) in members.iter().enumerate() {
                    write!(f, "{}{name}: {pattern}", if i == 0 { "{ " } else { ", " })?;
                }
                f.write_str(" }")
            }
            Pattern::OneOf(all) => {
                for (i, pattern) in all.iter().enumerate() {
                    write!(f, "{}{pattern}", if i == 0 { "(" } else { " | " })?;
                }
                f.write_str(")")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_part_of_the_notation() {
        let signature = Signature::parse(
            "T[].f(a?: T => (string | map[U?])[], b: whole regex, c: literal...) -> map[T[]]?",
        )
        .unwrap();
        assert_eq!(signature.name, "f");
        assert!(!signature.property);
        assert_eq!(signature.receiver.to_string(), "T[]");
        assert_eq!(signature.result.to_string(), "map[T[]]?");
        let [a, b, c] = signature.parameters.as_slice() else { panic!("{signature:?}") };
        assert!(a.optional && !a.repeated);
        match &a.kind {
            ParameterKind::Lambda(from, to) => {
                assert_eq!((from.to_string(), to.to_string()), ("T".into(), "(string | map[U?])[]".into()));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(b.kind, ParameterKind::Regex { whole: true });
        assert!(c.repeated && c.kind == ParameterKind::Literal);
    }

    #[test]
    fn reads_properties_and_records() {
        let signature = Signature::parse("email.domain -> { a: T, b: map[{ c: int }] }[]").unwrap();
        assert!(signature.property);
        assert_eq!(signature.result.to_string(), "{ a: T, b: map[{ c: int }] }[]");
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, error) in [
            ("string.f(", "expected a word at ``"),
            ("string.f(a int) -> int", "expected : at ` int) -> int`"),
            ("string.f() -> integer", "no type is called `integer`"),
            ("map[T.f() -> T", "expected ] at `.f() -> T`"),
            ("(T | U.f() -> T", "expected ) at `.f() -> T`"),
            ("T.f() -> T x", "expected the end at ` x`"),
            ("T.f()", "expected -> at ``"),
        ] {
            assert_eq!(Signature::parse(text).unwrap_err(), error, "{text}");
        }
    }
}
