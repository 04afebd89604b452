//! What a validator said of each case against what it has to say.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

use super::cases::{Case, Expected};

/// What a library cannot do, by its documentation or its code. Where it learns to, this has to change.
struct Limits {
    name: &'static str,
    /// Tokens that it does not take although they are right.
    lacks: fn(&Case) -> bool,
    /// Reasons to refuse a token that it does not look at.
    overlooks: fn(&Case, &str) -> bool,
}

const LIMITS: [Limits; 6] = [
    Limits { name: "jose", lacks: |_| false, overlooks: |_, reason| is_hash(reason) },
    Limits {
        name: "jsonwebtoken",
        lacks: |case| case.text("algorithm") == "EdDSA",
        overlooks: |_, reason| is_hash(reason),
    },
    Limits {
        name: "PyJWT",
        lacks: |_| false,
        // It has no hash for Ed25519.
        overlooks: |case, reason| {
            reason == "c_hash" || reason == "at_hash" && case.text("algorithm") == "EdDSA"
        },
    },
    Limits {
        name: "Authlib",
        lacks: |case| case.text("use") == "access_token" && !is_common(case),
        overlooks: |_, _| false,
    },
    Limits {
        name: "nimbus-jose-jwt",
        lacks: |case| case.text("algorithm") == "EdDSA",
        overlooks: |_, reason| is_hash(reason),
    },
    Limits {
        name: "google-oauth-client",
        // It wants to be told every audience of a token.
        lacks: |case| {
            let is_for_two =
                case.text("asked") == "admin-flag/two-apis" && case.text("use") == "access_token";
            is_for_two || !is_common(case)
        },
        overlooks: |_, reason| is_hash(reason),
    },
];

fn is_hash(reason: &str) -> bool {
    matches!(reason, "at_hash" | "c_hash")
}

fn is_common(case: &Case) -> bool {
    matches!(case.text("algorithm"), "RS256" | "ES256")
}

/// What a validator said of all cases.
pub(crate) struct Verdicts<'r> {
    version: &'r str,
    runtime: &'r str,
    accepted: usize,
    /// How often for which reason.
    refused: BTreeMap<&'r str, usize>,
    lacking: usize,
    /// A line for each case that it judged wrongly.
    wrong: String,
}

impl<'r> Verdicts<'r> {
    pub(crate) fn of(report: &'r Value, validator: &'r Value, cases: &[Case]) -> Self {
        let [name, version] =
            ["name", "version"].map(|member| validator[member].as_str().unwrap_or_default());
        let limits =
            LIMITS.iter().find(|limits| limits.name == name).expect("a validator that is known here");
        let results = validator["results"].as_array().expect("results");
        assert_eq!(results.len(), cases.len(), "{name} was asked everything");
        let mut all = Verdicts {
            version,
            runtime: report["runtime"].as_str().unwrap_or_default(),
            accepted: 0,
            refused: BTreeMap::new(),
            lacking: 0,
            wrong: String::new(),
        };
        for (case, result) in cases.iter().zip(results) {
            assert_eq!(result["name"].as_str(), Some(case.text("name")), "{name} answers in order");
            match verdict(limits, case, result) {
                Verdict::Accepted => all.accepted += 1,
                Verdict::Refused(reason) => *all.refused.entry(reason).or_default() += 1,
                Verdict::Lacking => all.lacking += 1,
                Verdict::Overlooked => {}
                Verdict::Wrong => {
                    let said =
                        ["outcome", "reason", "message"].map(|part| result[part].as_str().unwrap_or("-"));
                    all.wrong.push_str(&format!("\n  {}: {}", case.text("name"), said.join(", ")));
                }
            }
        }
        all
    }

    pub(crate) fn is_right(&self) -> bool {
        self.wrong.is_empty() && self.accepted > 0 && !self.refused.is_empty()
    }

    /// The last cells of its row in the documentation.
    pub(crate) fn row(&self) -> String {
        let refused: usize = self.refused.values().sum();
        format!("| {} | {} | {refused} | {} |", self.version, self.accepted, self.lacking)
    }

    pub(crate) fn is_told(&self, library: &str, page: &str) -> bool {
        let (start, end) = (format!("| `{library}`"), self.row());
        page.lines().any(|line| line.starts_with(&start) && line.ends_with(&end))
    }
}

impl fmt::Display for Verdicts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Verdicts { version, runtime, accepted, refused, lacking, wrong } = self;
        let sum: usize = refused.values().sum();
        let reasons: Vec<String> =
            refused.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
        let word = if self.is_right() { "ok" } else { "FAILED" };
        write!(f, "{version} on {runtime}: {accepted} accepted, {sum} refused ({})", reasons.join(", "))?;
        if *lacking > 0 {
            write!(f, ", {lacking} not supported")?;
        }
        write!(f, " ... {word}{wrong}")
    }
}

enum Verdict<'r> {
    Accepted,
    Refused(&'r str),
    /// The library does not take such tokens.
    Lacking,
    /// The library does not look at what is wrong.
    Overlooked,
    Wrong,
}

fn verdict<'r>(limits: &Limits, case: &Case, result: &'r Value) -> Verdict<'r> {
    let reason = result["reason"].as_str().unwrap_or_default();
    match (result["outcome"].as_str().unwrap_or_default(), &case.expected) {
        ("unsupported" | "refused", _) if (limits.lacks)(case) => Verdict::Lacking,
        _ if (limits.lacks)(case) => Verdict::Wrong,
        ("accepted", Expected::Refused([reason])) if (limits.overlooks)(case, reason) => Verdict::Overlooked,
        ("accepted", Expected::Accepted(claims)) if has_all(&result["claims"], claims) => Verdict::Accepted,
        ("refused", Expected::Refused(reasons)) if reasons.contains(&reason) => Verdict::Refused(reason),
        _ => Verdict::Wrong,
    }
}

fn has_all(read: &Value, claims: &Map<String, Value>) -> bool {
    claims.iter().all(|(name, value)| read.get(name) == Some(value))
}
