//! When a token is valid.

use crate::diag::Severity;
use crate::value::Value;

use super::{Finding, Kind, Subject, Time, kind};

/// Claims that are times, in the order in which they pass.
const TIMES: [&str; 4] = ["auth_time", "iat", "nbf", "exp"];
/// Times that are further away are taken for milliseconds: the year 5138 in seconds.
const FAR: u64 = 100_000_000_000;
/// 2^53: beyond it, floats have no fractions and times no meaning.
const MOST: f64 = 9_007_199_254_740_992.0;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Finding>) -> Vec<Time> {
    let now = subject.question.now;
    let mut times = Vec::new();
    for name in TIMES {
        let Some(value) = subject.claim(name) else { continue };
        match seconds(value) {
            Some(at) => times.push(Time { name, at, ago: now.saturating_sub(at) }),
            None => findings.push(malformed(name, value)),
        }
    }
    for Time { name, at, ago } in &times {
        findings.extend(judge(name, *at, *ago));
    }
    if !subject.has("exp") {
        let (severity, help) = match subject.kind {
            Kind::Other => {
                (Severity::Warning, "let the issuer write `exp`, unless something else ends such a token")
            }
            _ => (
                Severity::Error,
                "refuse it: access tokens and ID tokens have one (RFC 9068 section 2.2, OpenID Connect Core section 2)",
            ),
        };
        let message = "the token has no `exp`, so it would never expire";
        findings.push(Finding::new(severity, "no-expiry", message, help));
    }
    times
}

/// Whole seconds, those of a fraction rounded down (RFC 7519 section 2 permits fractions).
fn seconds(value: &Value) -> Option<i64> {
    if let Some(seconds) = value.as_int() {
        return Some(seconds);
    }
    let Value::Number(number) = value else { return None };
    let seconds = number.as_f64().floor();
    #[expect(clippy::cast_possible_truncation, reason = "the number is whole and within 2^53")]
    (seconds.abs() <= MOST).then_some(seconds as i64)
}

fn malformed(name: &str, value: &Value) -> Finding {
    let what = match value {
        Value::Number(_) => "a number beyond all times",
        other => kind(other),
    };
    let severity = if matches!(name, "exp" | "nbf") { Severity::Error } else { Severity::Warning };
    Finding::new(
        severity,
        "malformed-time",
        format!("`{name}` is {what}, and times are numbers: seconds since 1970 (RFC 7519 section 2)"),
        "let the issuer write the number; libraries refuse the token or do not see when it ends",
    )
}

fn judge(name: &str, at: i64, ago: i64) -> Option<Finding> {
    if at.unsigned_abs() >= FAR {
        return Some(Finding::new(
            Severity::Warning,
            "time-in-milliseconds",
            format!("`{name}` is thousands of years away: it is probably in milliseconds"),
            "let the issuer write seconds since 1970 (RFC 7519 section 2)",
        ));
    }
    match name {
        "exp" if ago >= 0 => Some(Finding::new(
            Severity::Error,
            "expired",
            format!("the token expired {} ago", duration(ago)),
            "get a new token; an API has to refuse this one (RFC 7519 section 4.1.4)",
        )),
        "nbf" if ago < 0 => Some(Finding::new(
            Severity::Error,
            "not-yet-valid",
            format!("the token becomes valid in {}", duration(ago.saturating_neg())),
            "wait, or compare the clocks of issuer and API (RFC 7519 section 4.1.5)",
        )),
        "iat" | "auth_time" if ago < 0 => Some(Finding::new(
            Severity::Warning,
            "from-the-future",
            format!("`{name}` is {} from now", duration(ago.saturating_neg())),
            "compare the clocks of issuer and API; some libraries refuse the token",
        )),
        _ => None,
    }
}

/// A stretch of time in its two largest units.
pub(crate) fn duration(seconds: i64) -> String {
    let units = [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")];
    let first = units.iter().position(|(length, _)| seconds >= *length).unwrap_or(units.len() - 1);
    let mut rest = seconds;
    let mut parts = Vec::new();
    for (length, unit) in units.iter().skip(first).take(2) {
        let count = rest / length;
        rest %= length;
        if count > 0 || parts.is_empty() {
            parts.push(format!("{count} {unit}"));
        }
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_two_units() {
        let all = [0, 59, 60, 61, 3600, 3661, 90_000, 86_400 * 400].map(duration);
        assert_eq!(all, ["0 s", "59 s", "1 min", "1 min 1 s", "1 h", "1 h 1 min", "1 d 1 h", "400 d"]);
    }

    #[test]
    fn fractions_are_times_and_texts_are_not() {
        let read = |text: &str| {
            seconds(&Value::parse_json(text.as_bytes(), crate::value::JsonLimits::default()).unwrap())
        };
        assert_eq!(read("1781000000"), Some(1_781_000_000));
        assert_eq!(read("1781000000.9"), Some(1_781_000_000));
        assert_eq!(read("1.781e9"), Some(1_781_000_000));
        assert_eq!(read("-0.5"), Some(-1));
        for text in ["\"1781000000\"", "1e300", "-1e300", "true", "null", "[1]"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
