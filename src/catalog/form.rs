//! The forms that values of claims.yaml take. The reader checks them and the JSON Schema prints them.

use super::Root;
use crate::ty::Labels;

/// A mapping with known keys.
#[derive(Debug)]
pub(super) struct Table {
    /// Its name in the JSON Schema.
    pub(super) name: &'static str,
    /// What the mapping states.
    pub(super) doc: &'static str,
    pub(super) keys: &'static [Key],
    /// A table whose keys it has too.
    pub(super) base: Option<&'static Table>,
}

/// One key of a table.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) required: bool,
    pub(super) form: Form,
    pub(super) doc: &'static str,
}

impl Table {
    /// Its own keys, then those of the tables below it.
    pub(super) fn keys(&'static self) -> impl Iterator<Item = &'static Key> {
        std::iter::successors(Some(self), |table| table.base).flat_map(|table| table.keys)
    }

    pub(super) fn key(&'static self, name: &str) -> Option<&'static Key> {
        self.keys().find(|key| key.name == name)
    }
}

/// What a value looks like.
#[derive(Debug)]
pub(super) enum Form {
    /// The version of the language.
    Version,
    /// Text of a format.
    Text(Format),
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// A whole number from 0.
    Count,
    /// A span of time above zero: text such as `10m`, or whole seconds.
    Seconds,
    /// One of some words.
    Words(fn() -> Vec<&'static str>),
    /// A list whose elements differ.
    List(&'static Form),
    /// A mapping with free keys of a format.
    Named(Format, &'static Form),
    /// A mapping with known keys.
    Keys(&'static Table),
    /// The first of these that suits the kind of the value.
    Either(&'static [Form]),
    /// Any value.
    Any,
    /// A mapping with any values.
    Object,
    /// A type as text.
    Type,
    /// A shape: type, settings or record.
    Shape,
    /// The shape of something that policies read; with the word that `extends` takes.
    Root(Option<&'static str>),
    /// A shape with a `value`.
    Constant,
}

impl Form {
    /// For messages, after "takes".
    pub(super) fn what(&self) -> String {
        match self {
            Form::Text(_) => "text".to_owned(),
            Form::Bool => "`true` or `false`".to_owned(),
            Form::Int => "a whole number".to_owned(),
            Form::Count => "a whole number from 0".to_owned(),
            Form::Seconds => "a duration above zero, such as `10m`, or whole seconds".to_owned(),
            Form::Version => format!("`{}`", super::LANGUAGE),
            Form::Words(words) => {
                let words: Vec<String> = words().iter().map(|word| format!("`{word}`")).collect();
                words.join(", ")
            }
            Form::List(_) => "a list".to_owned(),
            Form::Named(..) | Form::Keys(_) | Form::Object => "a mapping".to_owned(),
            Form::Either(forms) => {
                let forms: Vec<String> = forms.iter().map(Form::what).collect();
                forms.join(", or ")
            }
            Form::Any => "a value".to_owned(),
            Form::Type => "a type as text".to_owned(),
            Form::Shape | Form::Constant => "a type, settings or a record".to_owned(),
            Form::Root(_) => "a mapping of attributes, or a record type as text".to_owned(),
        }
    }
}

/// What some text has to look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// Not empty.
    Any,
    /// An alias in policies.
    Alias,
    /// A label of the catalog's own.
    OwnLabel,
    /// Any label.
    Label,
    /// A name after a dot in policies, or in quotes within brackets.
    Member,
    /// A source of `external` or constant of `config`: read as `config.name`.
    Word,
    /// The slug of a check.
    Slug,
    /// The issuer.
    Issuer,
    /// A domain name without scheme, in lower case.
    Domain,
    /// The prefix of claim names.
    Namespace,
}

impl Format {
    /// A regular expression for the JSON Schema; where a text does not match it, [`Format::check`] refuses it.
    pub(super) fn pattern(self) -> Option<&'static str> {
        match self {
            Format::Any | Format::Member => None,
            Format::Alias | Format::OwnLabel | Format::Label => Some("^[a-z][a-z0-9_]*$"),
            Format::Word => Some("^[A-Za-z_][A-Za-z0-9_]*$"),
            Format::Slug => Some("^[a-z][a-z0-9]*(-[a-z0-9]+)*$"),
            Format::Issuer => Some("^https://[^/?#\\s]+[^?#\\s]*$"),
            Format::Domain => Some("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]([a-z0-9-]*[a-z0-9])?$"),
            Format::Namespace => Some("^([a-z][a-z0-9+.-]*:)[^\\s]+$"),
        }
    }

    /// Why a text does not have this format: a fact that goes on after the text, and what to do.
    pub(super) fn check(self, text: &str) -> Result<(), (String, &'static str)> {
        let fail = |fact: &str, help| Err((fact.to_owned(), help));
        if text.is_empty() {
            return fail("is empty", "write something or leave the key out");
        }
        if text.chars().any(char::is_control) {
            return fail(
                "has a line break or control character",
                "write it on one line, without control characters",
            );
        }
        match self {
            Format::Alias | Format::OwnLabel | Format::Label => check_alias(self, text),
            Format::Word if !is_word(text) => fail(
                "is not a word of letters, digits and `_`",
                "use letters, digits and `_`, with no digit first",
            ),
            Format::Slug if !is_slug(text) => {
                fail("is not the slug of a check", "write words with dashes, as in `pii-in-guard`")
            }
            Format::Issuer if !is_issuer(text) => fail(
                "is not an `https` URL without query and fragment",
                "write the issuer exactly as in its metadata, as in `https://id.acme.example/`",
            ),
            Format::Domain if !is_domain(text) => fail(
                "is not a domain name",
                "write the name in lower case, without scheme and path, as in `acme.example`; other letters in their `xn--` form",
            ),
            Format::Namespace if !is_namespace(text) => fail(
                "is not an absolute URL or URN",
                "write the namespace as in policies, as in `https://hasura.io/`",
            ),
            _ => Ok(()),
        }
    }
}

fn check_alias(format: Format, text: &str) -> Result<(), (String, &'static str)> {
    let mut bytes = text.bytes();
    let simple = bytes.next().is_some_and(|b| b.is_ascii_lowercase())
        && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !simple {
        return Err((
            "is not a lower-case word".to_owned(),
            "use `a` to `z`, digits and `_`, with a letter first",
        ));
    }
    if format == Format::OwnLabel && Labels::BUILT_IN.contains(&text) {
        return Err(("is built in".to_owned(), "remove it from the list"));
    }
    if format == Format::Alias && is_reserved(text) {
        return Err(("is a reserved word".to_owned(), "choose another name"));
    }
    if format == Format::Alias && Root::parse(text).is_some() {
        return Err(("is the name of an input".to_owned(), "choose another name"));
    }
    Ok(())
}

/// The words that no alias may be.
const RESERVED: [&str; 33] = [
    "namespace",
    "claim",
    "let",
    "table",
    "contract",
    "ensure",
    "rule",
    "if",
    "add",
    "default",
    "override",
    "append",
    "remove",
    "deny",
    "limit",
    "set",
    "then",
    "else",
    "to",
    "unless",
    "matching",
    "and",
    "or",
    "not",
    "in",
    "as",
    "exists",
    "failed",
    "match",
    "true",
    "false",
    "null",
    "omit",
];

fn is_reserved(word: &str) -> bool {
    RESERVED.contains(&word)
}

fn is_word(text: &str) -> bool {
    !text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn is_slug(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.split('-').all(|part| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

/// RFC 8414 section 2: `https`, no query, no fragment.
fn is_issuer(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://") else { return false };
    let host = rest.split('/').next().unwrap_or_default();
    !host.is_empty()
        && !host.contains('@')
        && !rest.contains(['?', '#'])
        && !text.contains(char::is_whitespace)
}

/// RFC 1123 section 2.1, with at least two labels and no number as the last one.
fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    text.len() <= 253
        && text.contains('.')
        && text.split('.').all(label)
        && text.rsplit('.').next().is_some_and(|last| last.starts_with(|c: char| c.is_ascii_lowercase()))
}

fn is_namespace(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.starts_with(|c: char| c.is_ascii_lowercase())
            && scheme
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'+' | b'.' | b'-'))
            && !rest.is_empty()
            && !rest.contains(char::is_whitespace)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_words_are_those_of_the_grammar() {
        let grammar = include_str!("../../grammar/claims.pest");
        let rule = grammar.split_once("\nreserved = @{").unwrap().1.split_once('}').unwrap().0;
        let mut words: Vec<&str> = rule.split('"').skip(1).step_by(2).collect();
        words.sort_unstable();
        let mut own = RESERVED.to_vec();
        own.sort_unstable();
        assert_eq!(words, own);
    }

    #[test]
    fn domains_issuers_and_namespaces() {
        for good in ["acme.example", "a-b.c0.xn--p1ai"] {
            assert!(Format::Domain.check(good).is_ok(), "{good}");
        }
        for bad in
            ["acme", "acme.", ".acme", "a..b", "-a.b", "a-.b", "10.0.0.1", "Acme.example", "a_b.c", "a.b/c"]
        {
            assert!(Format::Domain.check(bad).is_err(), "{bad}");
        }
        for good in ["https://id.acme.example", "https://id.acme.example:8443/realms/a/"] {
            assert!(Format::Issuer.check(good).is_ok(), "{good}");
        }
        for bad in [
            "http://a.b",
            "https://",
            "https:///x",
            "https://a.b?x",
            "https://a.b/#",
            "https://u@a.b",
            "https://a b",
            "a.b",
        ] {
            assert!(Format::Issuer.check(bad).is_err(), "{bad}");
        }
        for good in ["https://hasura.io/", "urn:example:claims:", "http://schemas.acme.example/"] {
            assert!(Format::Namespace.check(good).is_ok(), "{good}");
        }
        for bad in ["hasura", "https:", ":x", "1a:b", "Https://a", "https://a b"] {
            assert!(Format::Namespace.check(bad).is_err(), "{bad}");
        }
    }
}
