//! Methods of strings. Those that look for a text ignore ASCII case where the string is an `email`.

use std::sync::Arc;

use super::operands::{give, give_list, give_option, give_text, items_fit, text_fits};
use super::{Builtin, Call, Quick, results, sizes};
use crate::value::{Failure, Outcome, Value};

pub(super) static ROWS: &[Builtin] = &[
    Builtin::new(
        "email.domain -> string?",
        "What follows the last `@`, in lower case. Absent if there is no `@` or nothing behind it.",
        &[("user.email.domain", r#""acme.example""#)],
        domain,
    )
    .quickly(Quick::Made(|text, out| {
        domain_of(text).is_some_and(|domain| appended(domain, out, str::make_ascii_lowercase))
    }))
    .sized(sizes::part),
    Builtin::new(
        "email.lower() -> email",
        "The same with the letters A to Z in lower case.",
        &[("user.email.lower()", r#""ann@acme.example""#)],
        lower,
    )
    .quickly(Quick::Made(|text, out| appended(text, out, str::make_ascii_lowercase)))
    .sized(sizes::same),
    Builtin::new(
        "string.lower() -> string",
        "The same with the letters A to Z in lower case. Other letters stay.",
        &[(r#""Ops É".lower()"#, r#""ops É""#)],
        lower,
    )
    .quickly(Quick::Made(|text, out| appended(text, out, str::make_ascii_lowercase)))
    .sized(sizes::same),
    Builtin::new(
        "email.upper() -> email",
        "The same with the letters a to z in upper case.",
        &[("user.email.upper()", r#""ANN@ACME.EXAMPLE""#)],
        upper,
    )
    .quickly(Quick::Made(|text, out| appended(text, out, str::make_ascii_uppercase)))
    .sized(sizes::same),
    Builtin::new(
        "string.upper() -> string",
        "The same with the letters a to z in upper case. Other letters stay.",
        &[(r#""ops é".upper()"#, r#""OPS é""#)],
        upper,
    )
    .quickly(Quick::Made(|text, out| appended(text, out, str::make_ascii_uppercase)))
    .sized(sizes::same),
    Builtin::new(
        "email.trim() -> email",
        "The same without blanks at both ends.",
        &[("user.email.trim()", r#""Ann@ACME.example""#)],
        trim,
    )
    .quickly(Quick::Part(|text| Some(trimmed(text))))
    .sized(sizes::same),
    Builtin::new(
        "string.trim() -> string",
        "The same without blanks at both ends: blank, tab, line feed, vertical tab, form feed, carriage return.",
        &[(r#""\t ops \n".trim()"#, r#""ops""#)],
        trim,
    )
    .quickly(Quick::Part(|text| Some(trimmed(text))))
    .sized(sizes::same),
    Builtin::new(
        "string.split(separator: literal) -> string[]",
        "The parts between the separators, empty ones too. The separator is not empty.",
        &[(r#""a-b".split("-")"#, r#"["a","b"]"#), (r#"",a".split(",")"#, r#"["","a"]"#)],
        split,
    )
    .refined(results::separated)
    .sized(sizes::split),
    Builtin::new(
        "string.replace(old: string, new: string) -> string",
        "Replaces every occurrence. An empty `old` changes nothing.",
        &[(r#""a.b.c".replace(".", "-")"#, r#""a-b-c""#)],
        replace,
    )
    .sized(sizes::replaced),
    Builtin::new(
        "string.contains(part: string) -> bool",
        "Whether the part occurs.",
        &[
            (r#""team-ops".contains("-op")"#, "true"),
            (r#""team-ops".contains("OPS")"#, "false"),
            (r#""to: ann@acme.example".contains(user.email)"#, "true"),
        ],
        contains,
    )
    .quickly(Quick::Test(|text, part, fold| (!fold).then(|| text.contains(part)))),
    Builtin::new(
        "string.starts_with(prefix: string) -> bool",
        "Whether it starts so.",
        &[(r#""app-x".starts_with("app-")"#, "true"), (r#""app".starts_with("app-")"#, "false")],
        starts_with,
    )
    .quickly(Quick::Test(|text, part, fold| Some(starts(text, part, fold)))),
    Builtin::new(
        "string.ends_with(suffix: string) -> bool",
        "Whether it ends so.",
        &[
            (r#""x.example".ends_with(".example")"#, "true"),
            (r#"user.email.ends_with("@acme.example")"#, "true"),
        ],
        ends_with,
    )
    .quickly(Quick::Test(|text, part, fold| Some(ends(text, part, fold)))),
    Builtin::new(
        "string.strip_prefix(prefix: string) -> string",
        "The same without the prefix; unchanged if it does not start so.",
        &[(r#""app-x".strip_prefix("app-")"#, r#""x""#), (r#""x".strip_prefix("app-")"#, r#""x""#)],
        strip_prefix,
    )
    .sized(sizes::same),
    Builtin::new(
        "string.strip_suffix(suffix: string) -> string",
        "The same without the suffix; unchanged if it does not end so.",
        &[(r#""x-dev".strip_suffix("-dev")"#, r#""x""#), (r#""x".strip_suffix("-dev")"#, r#""x""#)],
        strip_suffix,
    )
    .sized(sizes::same),
    Builtin::new(
        "string.after_prefix(prefix: string) -> string?",
        "What follows the prefix; absent if it does not start so.",
        &[(r#""app-x".after_prefix("app-")"#, r#""x""#), (r#""x".after_prefix("app-")"#, "absent")],
        after_prefix,
    )
    .sized(sizes::part),
    Builtin::new(
        "string.before_suffix(suffix: string) -> string?",
        "What precedes the suffix; absent if it does not end so.",
        &[(r#""x-dev".before_suffix("-dev")"#, r#""x""#), (r#""x".before_suffix("-dev")"#, "absent")],
        before_suffix,
    )
    .sized(sizes::part),
    Builtin::new(
        "string.before(part: string) -> string?",
        "What precedes the first occurrence; absent without one.",
        &[(r#""a/b/c".before("/")"#, r#""a""#), (r#""a".before("/")"#, "absent")],
        before,
    )
    .sized(sizes::part),
    Builtin::new(
        "string.after(part: string) -> string?",
        "What follows the first occurrence; absent without one.",
        &[(r#""a/b/c".after("/")"#, r#""b/c""#), (r#""a".after("/")"#, "absent")],
        after,
    )
    .sized(sizes::part),
    Builtin::new(
        "string.before_last(part: string) -> string?",
        "What precedes the last occurrence; absent without one.",
        &[(r#""a/b/c".before_last("/")"#, r#""a/b""#), (r#""a".before_last("/")"#, "absent")],
        before_last,
    )
    .sized(sizes::part),
    Builtin::new(
        "string.after_last(part: string) -> string?",
        "What follows the last occurrence; absent without one.",
        &[(r#""a/b/c".after_last("/")"#, r#""c""#), (r#""a".after_last("/")"#, "absent")],
        after_last,
    )
    .sized(sizes::part),
    Builtin::new(
        "string.take(n: int) -> string",
        "The first `n` code points; all if there are fewer, none if `n` is negative.",
        &[(r#""häuser".take(2)"#, r#""hä""#), (r#""a".take(2)"#, r#""a""#)],
        take,
    )
    .sized(sizes::taken_text),
    Builtin::new(
        "string.length() -> int",
        "How many code points it has.",
        &[(r#""häuser".length()"#, "6")],
        length,
    )
    .quickly(Quick::Count)
    .sized(sizes::count),
];

fn domain(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let text = call.text()?;
    give_option(domain_of(&text).map(str::to_ascii_lowercase).map(Value::string))
}

fn domain_of(text: &str) -> Option<&str> {
    text.rsplit_once('@').map(|(_, domain)| domain).filter(|domain| !domain.is_empty())
}

/// Appends a text and changes the case of what was appended.
fn appended(text: &str, out: &mut String, change: fn(&mut str)) -> bool {
    let start = out.len();
    out.push_str(text);
    if let Some(new) = out.get_mut(start..) {
        change(new);
    }
    true
}

fn lower(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    give(Value::string(call.text()?.to_ascii_lowercase()))
}

fn upper(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    give(Value::string(call.text()?.to_ascii_uppercase()))
}

fn trim(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    give(trimmed(&call.text()?))
}

fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\u{b}', '\u{c}', '\r'])
}

fn starts(text: &str, part: &str, fold: bool) -> bool {
    let start = text.as_bytes().get(..part.len());
    start.is_some_and(|start| is_alike(start, part.as_bytes(), fold))
}

fn ends(text: &str, part: &str, fold: bool) -> bool {
    let end = text.len().checked_sub(part.len()).and_then(|at| text.as_bytes().get(at..));
    end.is_some_and(|end| is_alike(end, part.as_bytes(), fold))
}

fn is_alike(a: &[u8], b: &[u8], fold: bool) -> bool {
    if fold { a.eq_ignore_ascii_case(b) } else { a == b }
}

/// The receiver, and what is looked for in it: places are those of the first argument in it.
struct Search {
    text: Arc<str>,
    /// As the text, in lower case where case is ignored; changing the case of ASCII letters keeps all places.
    searched: Arc<str>,
    part: String,
}

impl Search {
    fn of(call: &mut Call<'_>) -> Result<Self, Failure> {
        let text = call.text()?;
        let part = call.text_at(0)?;
        let (searched, part) = if call.fold {
            (text.to_ascii_lowercase().into(), part.to_ascii_lowercase())
        } else {
            (text.clone(), part.to_owned())
        };
        Ok(Search { text, searched, part })
    }

    fn starts(&self) -> bool {
        self.searched.starts_with(&self.part)
    }

    fn ends(&self) -> bool {
        self.searched.ends_with(&self.part)
    }

    fn first(&self) -> Option<usize> {
        self.searched.find(&self.part)
    }

    fn last(&self) -> Option<usize> {
        self.searched.rfind(&self.part)
    }

    /// What precedes the part at a place.
    fn before(&self, at: usize) -> &str {
        self.text.get(..at).unwrap_or_default()
    }

    /// What follows the part at a place.
    fn after(&self, at: usize) -> &str {
        self.text.get(at + self.part.len()..).unwrap_or_default()
    }

    fn after_prefix(&self) -> Option<&str> {
        self.starts().then(|| self.after(0))
    }

    fn before_suffix(&self) -> Option<&str> {
        self.ends().then(|| self.before(self.text.len() - self.part.len()))
    }

    /// The stretches between the occurrences of the part, which is not empty.
    fn between(&self) -> impl Iterator<Item = &str> {
        let places = self.searched.match_indices(self.part.as_str()).map(|(at, _)| at);
        let mut start = 0;
        places.chain([self.text.len()]).map(move |end| {
            let stretch = self.text.get(start..end).unwrap_or_default();
            start = end + self.part.len();
            stretch
        })
    }
}

fn split(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let search = Search::of(call)?;
    let mut parts = Vec::new();
    for part in search.between() {
        items_fit("split", parts.len())?;
        parts.push(Value::from(part));
    }
    give_list("split", parts)
}

fn replace(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let search = Search::of(call)?;
    if search.part.is_empty() {
        return give(&*search.text);
    }
    let new = call.text_at(1)?;
    let mut out = String::new();
    for (i, stretch) in search.between().enumerate() {
        if i > 0 {
            out.push_str(new);
        }
        out.push_str(stretch);
        text_fits("replace", out.len())?;
    }
    give_text("replace", out)
}

fn contains(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    give(Search::of(call)?.first().is_some())
}

fn starts_with(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    give(Search::of(call)?.starts())
}

fn ends_with(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    give(Search::of(call)?.ends())
}

fn strip_prefix(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let search = Search::of(call)?;
    give(search.after_prefix().unwrap_or(&search.text))
}

fn strip_suffix(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let search = Search::of(call)?;
    give(search.before_suffix().unwrap_or(&search.text))
}

fn after_prefix(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    give_option(Search::of(call)?.after_prefix())
}

fn before_suffix(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    give_option(Search::of(call)?.before_suffix())
}

fn before(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let search = Search::of(call)?;
    give_option(search.first().map(|at| search.before(at)))
}

fn after(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let search = Search::of(call)?;
    give_option(search.first().map(|at| search.after(at)))
}

fn before_last(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let search = Search::of(call)?;
    give_option(search.last().map(|at| search.before(at)))
}

fn after_last(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let search = Search::of(call)?;
    give_option(search.last().map(|at| search.after(at)))
}

fn take(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let count = call.count_at(0)?;
    let text = call.text()?;
    give(text.char_indices().nth(count).and_then(|(end, _)| text.get(..end)).unwrap_or(&text))
}

fn length(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let count = call.text()?.chars().count();
    give(i64::try_from(count).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::super::testing::Run;

    #[test]
    fn domains() {
        for (text, domain) in [
            ("a@B.Example", r#""b.example""#),
            (r#"\"x@y\"@b.example"#, r#""b.example""#),
            ("a", "absent"),
            ("a@", "absent"),
            ("@b", r#""b""#),
        ] {
            assert_eq!(Run::of("domain", &format!("\"{text}\"")).json(), domain, "{text}");
        }
    }

    #[test]
    fn case_is_ascii_and_blanks_are_six() {
        assert_eq!(Run::of("string.lower", r#""ÄBC İ""#).json(), r#""Äbc İ""#);
        assert_eq!(Run::of("string.upper", r#""äß x""#).json(), r#""äß X""#);
        assert_eq!(Run::of("string.trim", r#""\u000b\f a\u00a0 ""#).json(), "\"a\u{a0}\"");
        assert_eq!(Run::of("string.trim", r#""  ""#).json(), r#""""#);
    }

    #[test]
    fn looking_for_a_text() {
        for (method, text, part, expected, folded) in [
            ("contains", "xABx", "ab", "false", "true"),
            ("contains", "x", "", "true", "true"),
            ("starts_with", "ABx", "ab", "false", "true"),
            ("starts_with", "a", "ab", "false", "false"),
            ("ends_with", "xAB", "ab", "false", "true"),
            ("ends_with", "x", "", "true", "true"),
            ("strip_prefix", "ABx", "ab", r#""ABx""#, r#""x""#),
            ("strip_suffix", "éAB", "ab", r#""éAB""#, r#""é""#),
            ("after_prefix", "ab", "ab", r#""""#, r#""""#),
            ("before_suffix", "ab", "b", r#""a""#, r#""a""#),
            ("before", "xAyA", "a", "absent", r#""x""#),
            ("after", "xAyAz", "a", "absent", r#""yAz""#),
            ("before_last", "xAyA", "a", "absent", r#""xAy""#),
            ("after_last", "xAyA", "a", "absent", r#""""#),
            ("before", "é", "", r#""""#, r#""""#),
            ("after_last", "é", "", r#""""#, r#""""#),
            ("split", "xAyé", "a", r#"["xAyé"]"#, r#"["x","yé"]"#),
            ("split", "", "a", r#"[""]"#, r#"[""]"#),
            ("split", "aaa", "aa", r#"["","a"]"#, r#"["","a"]"#),
        ] {
            let run = || Run::of(method, &format!("\"{text}\"")).arg(&format!("\"{part}\""));
            assert_eq!(run().json(), expected, "{method} {text} {part}");
            assert_eq!(run().fold().json(), folded, "{method} {text} {part}, folded");
        }
    }

    #[test]
    fn replacing() {
        let run = |text, old, new| Run::of("replace", text).arg(old).arg(new);
        assert_eq!(run(r#""aXbx""#, r#""x""#, r#""""#).fold().json(), r#""ab""#);
        assert_eq!(run(r#""aaa""#, r#""aa""#, r#""b""#).json(), r#""ba""#);
        assert_eq!(run(r#""é""#, r#""""#, r#""b""#).json(), r#""é""#);
        let long = format!("\"{}\"", "a".repeat(4000));
        assert_eq!(run(&long, r#""a""#, &long).failure().message, "`replace` gives more than 1048576 bytes");
    }

    #[test]
    fn lengths_are_code_points() {
        assert_eq!(Run::of("string.length", r#""😀é""#).json(), "2");
        assert_eq!(Run::of("string.length", r#""""#).json(), "0");
        for (n, expected) in
            [("0", ""), ("-1", ""), ("1", "😀"), ("9", "😀é"), ("9223372036854775807", "😀é")]
        {
            assert_eq!(Run::of("string.take", r#""😀é""#).arg(n).json(), format!("\"{expected}\""), "{n}");
        }
    }
}
