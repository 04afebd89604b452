//! Methods with regular expressions.

use std::sync::Arc;

use regex::Captures;

use super::operands::{give, give_option, give_text, text_fits};
use super::{Builtin, Call, Quick, results, sizes};
use crate::ty::size::Text;
use crate::value::{Failure, Object, Outcome, Value};

pub(super) static ROWS: &[Builtin] = &[
    Builtin::new(
        "string.matches(r: whole regex) -> bool",
        "Whether the regular expression describes the whole string.",
        &[(r#""app-7".matches(/app-\d+/)"#, "true"), (r#""my app-7".matches(/app-\d+/)"#, "false")],
        matches,
    )
    .quickly(Quick::Matches),
    Builtin::new(
        "string.extract(r: regex) -> string?",
        "The first group of the first match; the match itself if the regular expression has no group. Absent without a \
         match, or if the group took no part in it.",
        &[
            (r#""cn=ops,ou=it".extract(/cn=([a-z]+)/)"#, r#""ops""#),
            (r#""room 12".extract(/[0-9]+/)"#, r#""12""#),
            (r#""room".extract(/[0-9]+/)"#, "absent"),
        ],
        extract,
    )
    .sized(sizes::part),
    Builtin::new(
        "string.captures(r: regex) -> (object | string[])?",
        "The groups of the first match: a record of the named ones, or without names the list of all. A group that took \
         no part is `\"\"`. Absent without a match.",
        &[
            (r#""eu-west-1".captures(/(?<area>[a-z]+)-(?<side>[a-z]+)/)"#, r#"{"area":"eu","side":"west"}"#),
            (r#""eu-west-1".captures(/([a-z]+)-([a-z]+)/)"#, r#"["eu","west"]"#),
            (r#""eu".captures(/([a-z]+)-([a-z]+)/)"#, "absent"),
        ],
        captures,
    )
    .refined(results::captures)
    .sized(sizes::captures),
    Builtin::new(
        "string.regex_replace(r: regex, replacement: literal) -> string",
        "Replaces every match. In the replacement `$1` and `$name` stand for groups, `$$` for a dollar; a group that took \
         no part is `\"\"`.",
        &[
            (r#""a1b22".regex_replace(/[0-9]+/, "N")"#, r#""aNbN""#),
            (r#""Doe, Ann".regex_replace(/(?<last>\w+), (?<first>\w+)/, "$first $last")"#, r#""Ann Doe""#),
        ],
        regex_replace,
    )
    .refined(results::replaced)
    .sized(sizes::regex_replaced),
];

fn matches(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let text = call.text()?;
    give(call.regex()?.is_match(&text))
}

fn extract(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let text = call.text()?;
    let regex = call.regex()?;
    let group = usize::from(regex.captures_len() > 1);
    let found = regex.captures(&text).and_then(|captures| captures.get(group));
    give_option(found.map(|found| found.as_str()))
}

fn captures(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let text = call.text()?;
    let regex = call.regex()?;
    let Some(captures) = regex.captures(&text) else { return Ok(Outcome::Absent) };
    let group = |i: usize| Value::from(captures.get(i).map_or("", |found| found.as_str()));
    let named: Object = (regex.capture_names().enumerate())
        .filter_map(|(i, name)| Some((Arc::from(name?), group(i))))
        .collect();
    if !named.is_empty() {
        return give(Value::object(named));
    }
    give(Value::list((1..regex.captures_len()).map(group).collect()))
}

fn regex_replace(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let text = call.text()?;
    let replacement = Replacement::parse(call.text_at(1)?);
    let mut out = String::new();
    let mut copied = 0;
    for captures in call.regex()?.captures_iter(&text) {
        let Some(whole) = captures.get(0) else { continue };
        out.push_str(text.get(copied..whole.start()).unwrap_or_default());
        replacement.write(&captures, &mut out);
        copied = whole.end();
        text_fits("regex_replace", out.len())?;
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    give_text("regex_replace", out)
}

/// The second argument of `regex_replace`, read.
pub(super) struct Replacement<'a>(Vec<Part<'a>>);

enum Part<'a> {
    Text(&'a str),
    Number(usize),
    Name(&'a str),
}

impl<'a> Replacement<'a> {
    /// `$` and digits or a word is a group, `$$` a dollar, any other `$` itself.
    pub(super) fn parse(text: &'a str) -> Self {
        let mut parts = Vec::new();
        let mut pieces = text.split('$');
        parts.extend(pieces.next().map(Part::Text));
        while let Some(piece) = pieces.next() {
            let digits = piece.find(|c: char| !c.is_ascii_digit()).unwrap_or(piece.len());
            let word = piece.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(piece.len());
            let group = if digits > 0 { digits } else { word };
            let (name, rest) = piece.split_at_checked(group).unwrap_or((piece, ""));
            match name.parse() {
                _ if piece.is_empty() => {
                    // `$$`, or a `$` at the end.
                    parts.push(Part::Text("$"));
                    parts.extend(pieces.next().map(Part::Text));
                    continue;
                }
                _ if name.is_empty() => parts.push(Part::Text("$")),
                Ok(number) if digits > 0 => parts.push(Part::Number(number)),
                // Digits that are no number are too many; no group is called so.
                _ => parts.push(Part::Name(name)),
            }
            parts.push(Part::Text(rest));
        }
        Replacement(parts)
    }

    /// A group that is not among these.
    pub(super) fn unknown(&self, groups: &[Option<String>]) -> Option<String> {
        self.0.iter().find_map(|part| match part {
            Part::Number(number) if *number >= groups.len() => Some(number.to_string()),
            Part::Name(name) if !groups.iter().flatten().any(|group| group == name) => {
                Some((*name).to_owned())
            }
            _ => None,
        })
    }

    /// The words of one replacement together, and how many groups it names.
    pub(super) fn measure(&self) -> (Text, u64) {
        self.0.iter().fold((Text::EMPTY, 0), |(words, groups), part| match part {
            Part::Text(text) => (words.then(Text::of(text)), groups),
            Part::Number(_) | Part::Name(_) => (words, groups + 1),
        })
    }

    fn write(&self, captures: &Captures<'_>, out: &mut String) {
        for part in &self.0 {
            let text = match part {
                Part::Text(text) => text,
                Part::Number(number) => captures.get(*number).map_or("", |found| found.as_str()),
                Part::Name(name) => captures.name(name).map_or("", |found| found.as_str()),
            };
            out.push_str(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Run, json};
    use super::*;

    #[test]
    fn groups_that_took_no_part() {
        let run = |method, pattern| Run::of(method, r#""b""#).regex(pattern).outcome();
        assert_eq!(run("extract", "(a)|b"), Outcome::Absent);
        assert_eq!(run("captures", "(a)|(b)"), Outcome::Value(json(r#"["","b"]"#)));
        assert_eq!(run("captures", "(?<x>a)|(b)"), Outcome::Value(json(r#"{"x":""}"#)));
    }

    #[test]
    fn replacements() {
        let json_string = |text: &str| Value::from(text).to_json();
        let run = |text: &str, pattern, with: &str| {
            Run::of("regex_replace", &json_string(text)).regex(pattern).arg(&json_string(with)).json()
        };
        for (text, pattern, with, expected) in [
            ("abc", "b", "[$0]", r#""a[b]c""#),
            ("abc", "(b)", "$1x", r#""abxc""#),
            ("abc", "(b)", "$$1", r#""a$1c""#),
            ("abc", "b", "$", r#""a$c""#),
            ("abc", "b", "1$ x", r#""a1$ xc""#),
            ("abc", "b", "$$", r#""a$c""#),
            ("abc", "(?<n_1>b)", "$n_1-", r#""ab-c""#),
            ("aé", "", "-", r#""-a-é-""#),
            ("", "a*", "x", r#""x""#),
            ("abc", "(z)?b", "<$1>", r#""a<>c""#),
        ] {
            assert_eq!(run(text, pattern, with), expected, "{text} {pattern} {with}");
        }
    }

    #[test]
    fn unknown_groups() {
        let groups = [None, Some("a".to_owned())];
        for (text, unknown) in [
            ("$1$a$0 $", None),
            ("$2", Some("2")),
            ("$b", Some("b")),
            ("$99999999999999999999", Some("99999999999999999999")),
        ] {
            assert_eq!(Replacement::parse(text).unknown(&groups).as_deref(), unknown, "{text}");
        }
    }

    #[test]
    fn growth_is_bounded() {
        let text = Value::from("a".repeat(4000).as_str()).to_json();
        let with = Value::from("b".repeat(4000).as_str()).to_json();
        let failure = Run::of("regex_replace", &text).regex("a").arg(&with).failure();
        assert_eq!(failure.code, "C0911");
    }
}
