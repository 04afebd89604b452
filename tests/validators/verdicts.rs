//! What a validator said of each case against what it has to say.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use super::cases::{Case, Expected};

/// What a library cannot do, by its own documentation. Where it learns to, this has to change.
struct Limits {
    name: &'static str,
    /// Algorithms that it does not have for a kind of token, or for any.
    without: &'static [(&'static str, Option<&'static str>)],
    /// What it does not check at all, for an algorithm or for any.
    unchecked: &'static [(&'static str, Option<&'static str>)],
}

const LIMITS: [Limits; 4] = [
    Limits { name: "jose", without: &[], unchecked: &[("at_hash", None), ("c_hash", None)] },
    Limits {
        name: "jsonwebtoken",
        without: &[("EdDSA", None)],
        unchecked: &[("at_hash", None), ("c_hash", None)],
    },
    Limits { name: "PyJWT", without: &[], unchecked: &[("at_hash", Some("EdDSA")), ("c_hash", None)] },
    Limits {
        name: "Authlib",
        without: &[
            ("PS256", Some("access_token")),
            ("ES384", Some("access_token")),
            ("EdDSA", Some("access_token")),
        ],
        unchecked: &[],
    },
];

/// A line about a validator, with more lines where it is wrong, and whether it is right.
pub(crate) fn judge(language: &str, runtime: &Value, validator: &Value, cases: &[Case]) -> (String, bool) {
    let [name, version] = ["name", "version"].map(|member| validator[member].as_str().unwrap_or("?"));
    let limits = LIMITS.iter().find(|limits| limits.name == name).expect("a validator that is known here");
    let results = validator["results"].as_array().expect("results");
    assert_eq!(results.len(), cases.len(), "{name} was asked everything");

    let (mut accepted, mut unsupported) = (0, 0);
    let mut refused: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = String::new();
    for (case, result) in cases.iter().zip(results) {
        assert_eq!(result["name"].as_str(), Some(case.text("name")), "{name} answers in order");
        match verdict(limits, case, result) {
            Verdict::Accepted => accepted += 1,
            Verdict::Refused(reason) => *refused.entry(reason).or_default() += 1,
            Verdict::Unsupported => unsupported += 1,
            Verdict::Unchecked => {}
            // Writing to a string cannot fail.
            Verdict::Wrong => drop(writeln!(wrong, "  {}: {}", case.text("name"), without_claims(result))),
        }
    }
    let is_right = wrong.is_empty() && accepted > 0 && !refused.is_empty();
    let sum: usize = refused.values().sum();
    let reasons: Vec<String> = refused.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
    let unsupported = if unsupported == 0 { String::new() } else { format!(", {unsupported} not supported") };
    let line = format!(
        "validator {language}/{name} {version} ({}): {accepted} accepted, {sum} refused ({}){unsupported} ... {}",
        runtime.as_str().unwrap_or("?"),
        reasons.join(", "),
        if is_right { "ok" } else { "FAILED" },
    );
    (format!("{line}\n{wrong}").trim_end().to_owned(), is_right)
}

enum Verdict<'r> {
    Accepted,
    Refused(&'r str),
    Unsupported,
    /// The library does not look at what is wrong.
    Unchecked,
    Wrong,
}

fn verdict<'r>(limits: &Limits, case: &Case, result: &'r Value) -> Verdict<'r> {
    let concerns = |(what, of): &(&str, Option<&str>), subject: &str, part: &str| {
        *what == subject && of.is_none_or(|of| of == part)
    };
    let (algorithm, usage) = (case.text("algorithm"), case.text("use"));
    let is_without = limits.without.iter().any(|one| concerns(one, algorithm, usage));
    match (result["outcome"].as_str(), &case.expected) {
        (Some("unsupported"), _) if is_without => Verdict::Unsupported,
        _ if is_without => Verdict::Wrong,
        (outcome, Expected::Refused([reason]))
            if limits.unchecked.iter().any(|one| concerns(one, reason, algorithm)) =>
        {
            if outcome == Some("accepted") { Verdict::Unchecked } else { Verdict::Wrong }
        }
        (Some("accepted"), Expected::Accepted(claims))
            if claims.iter().all(|(name, value)| result["claims"].get(name) == Some(value)) =>
        {
            Verdict::Accepted
        }
        (Some("refused"), Expected::Refused(reasons)) => match result["reason"].as_str() {
            Some(reason) if reasons.contains(&reason) => Verdict::Refused(reason),
            _ => Verdict::Wrong,
        },
        _ => Verdict::Wrong,
    }
}

/// A result in short.
fn without_claims(result: &Value) -> String {
    let part = |member: &str| result[member].as_str().unwrap_or_default().to_owned();
    [part("outcome"), part("reason"), part("message")].join(" ")
}
