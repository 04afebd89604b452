//! Times and durations: their texts, and the calendar in UTC.
//!
//! A time is a number of whole seconds since 1970-01-01T00:00:00Z without leap seconds (POSIX time), a day is 86,400
//! seconds. The calendar is the Gregorian one for all years, as RFC 3339 demands.

use super::operands::{failure, give, give_option};
use super::{Builtin, Call, codes};
use crate::value::{Failure, Outcome, Value};

pub(super) static ROWS: &[Builtin] = &[
    Builtin::new(
        "string.parse() -> timestamp?",
        "The time that an RFC 3339 text with offset denotes; fractions of a second are cut off. Absent for any other text.",
        &[
            (r#""2026-11-20T13:00:00+01:00".parse().unix()"#, "1795176000"),
            (r#""2026-11-20".parse().unix()"#, "absent"),
        ],
        parse,
    ),
    Builtin::new(
        "timestamp.unix() -> int",
        "Whole seconds since 1970-01-01T00:00:00Z.",
        &[("now.unix()", "1795176000")],
        seconds,
    ),
    Builtin::new(
        "timestamp.rfc3339() -> string",
        "The RFC 3339 text in UTC, to the second. A time outside the years 0 to 9999 is an evaluation error.",
        &[("now.rfc3339()", r#""2026-11-20T12:00:00Z""#)],
        rfc3339,
    ),
    Builtin::new("timestamp.year() -> int", "The year, in UTC.", &[("now.year()", "2026")], year),
    Builtin::new("timestamp.month() -> int", "The month, 1 to 12, in UTC.", &[("now.month()", "11")], month),
    Builtin::new(
        "timestamp.day() -> int",
        "The day of the month, 1 to 31, in UTC.",
        &[("now.day()", "20")],
        day,
    ),
    Builtin::new(
        "timestamp.weekday() -> int",
        "The day of the week in UTC: 1 is Monday, 7 is Sunday (ISO 8601).",
        &[("now.weekday()", "5")],
        weekday,
    ),
    Builtin::new("duration.seconds() -> int", "Whole seconds.", &[("(5m).seconds()", "300")], seconds),
];

const DAY: i64 = 86_400;

fn parse(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    give_option(parse_rfc3339(&call.text()?))
}

fn seconds(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    give(call.int()?)
}

fn rfc3339(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    match format_rfc3339(call.int()?) {
        Some(text) => give(Value::string(text)),
        None => Err(failure(
            &codes::TIME_OUT_OF_RANGE,
            "`rfc3339` met a time outside the years 0 to 9999".to_owned(),
        )),
    }
}

fn date(call: &mut Call<'_>) -> Result<Date, Failure> {
    Ok(Date::of_day(call.int()?.div_euclid(DAY)))
}

fn year(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    give(date(call)?.year)
}

fn month(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    give(date(call)?.month)
}

fn day(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    give(date(call)?.day)
}

fn weekday(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    // Day 0 was a Thursday.
    give((call.int()?.div_euclid(DAY) + 3).rem_euclid(7) + 1)
}

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Date {
    year: i64,
    /// From 1.
    month: i64,
    /// From 1.
    day: i64,
}

/// Days of the 400 years after which the calendar repeats.
const ERA: i64 = 146_097;

impl Date {
    /// The date of a day counted from 1970-01-01.
    ///
    /// Years are counted from March here, so that the leap day is the last day of a year and the days before a month
    /// follow a straight line: 153 days in five months.
    fn of_day(days: i64) -> Self {
        // 0000-03-01 is 719,468 days before 1970-01-01.
        let days = days + 719_468;
        let era = days.div_euclid(ERA);
        let day_of_era = days.rem_euclid(ERA);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        Date { year: era * 400 + year_of_era + i64::from(month <= 2), month, day }
    }

    /// The day counted from 1970-01-01. The date need not exist; a year beyond any text's is not expected.
    fn to_day(self) -> i64 {
        let year = self.year - i64::from(self.month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let month_from_march = (self.month + 9) % 12;
        let day_of_year = (153 * month_from_march + 2) / 5 + self.day - 1;
        era * ERA + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
    }
}

/// The time that an RFC 3339 text denotes, in seconds since 1970. Fractions of a second are cut off; `T` and `Z` may be
/// small (section 5.6). Leap seconds (`:60`) are refused, as POSIX time has no number for them; so are times that are
/// outside the years 0 to 9999 in UTC.
///
/// ```
/// use claimsc::builtins::time::parse_rfc3339;
///
/// assert_eq!(parse_rfc3339("1970-01-01T01:00:00.9+01:00"), Some(0));
/// assert_eq!(parse_rfc3339("1970-01-01T00:00:00"), None);
/// ```
pub fn parse_rfc3339(text: &str) -> Option<i64> {
    let mut rest = text.as_bytes();
    let year = digits(&mut rest, 4)?;
    mark(&mut rest, b"-")?;
    let month = digits(&mut rest, 2)?;
    mark(&mut rest, b"-")?;
    let day = digits(&mut rest, 2)?;
    mark(&mut rest, b"Tt")?;
    let hour = digits(&mut rest, 2)?;
    mark(&mut rest, b":")?;
    let minute = digits(&mut rest, 2)?;
    mark(&mut rest, b":")?;
    let second = digits(&mut rest, 2)?;
    if mark(&mut rest, b".").is_some() {
        digits(&mut rest, 1)?;
        while digits(&mut rest, 1).is_some() {}
    }
    let offset = offset(&mut rest)?;
    let date = Date { year, month, day };
    // A date that does not exist comes back as another one.
    let exists = Date::of_day(date.to_day()) == date && hour < 24 && minute < 60 && second < 60;
    let time = date.to_day() * DAY + (hour * 60 + minute) * 60 + second - offset;
    (exists && rest.is_empty() && (FIRST..=LAST).contains(&time)).then_some(time)
}

/// `Z` or `+hh:mm`, in seconds.
fn offset(rest: &mut &[u8]) -> Option<i64> {
    let sign = match mark(rest, b"Zz+-")? {
        b'+' => 1,
        b'-' => -1,
        _ => return Some(0),
    };
    let hours = digits(rest, 2)?;
    mark(rest, b":")?;
    let minutes = digits(rest, 2)?;
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes) * 60)
}

/// The number that so many digits denote; moves behind them.
fn digits(rest: &mut &[u8], count: usize) -> Option<i64> {
    let (head, tail) = rest.split_at_checked(count)?;
    let number = head
        .iter()
        .try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0')))?;
    *rest = tail;
    Some(number)
}

/// One of these bytes; moves behind it.
fn mark(rest: &mut &[u8], any: &[u8]) -> Option<u8> {
    let (first, tail) = rest.split_first()?;
    any.contains(first).then(|| {
        *rest = tail;
        *first
    })
}

/// 0000-01-01T00:00:00Z.
const FIRST: i64 = -62_167_219_200;
/// 9999-12-31T23:59:59Z.
const LAST: i64 = 253_402_300_799;

/// The RFC 3339 text of a time in UTC; `None` outside the years 0 to 9999.
pub fn format_rfc3339(seconds: i64) -> Option<String> {
    if !(FIRST..=LAST).contains(&seconds) {
        return None;
    }
    let Date { year, month, day } = Date::of_day(seconds.div_euclid(DAY));
    let time = seconds.rem_euclid(DAY);
    let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
    Some(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"))
}

/// The seconds of a duration's text: digits and `s`, `m`, `h` or `d`. `None` for any other text and beyond 64 bits.
///
/// ```
/// use claimsc::builtins::time::parse_duration;
///
/// assert_eq!(parse_duration("5m"), Some(300));
/// assert_eq!(parse_duration("5 m"), None);
/// ```
pub fn parse_duration(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => DAY,
        _ => return None,
    };
    let well_formed = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    number.parse::<i64>().ok().filter(|_| well_formed)?.checked_mul(seconds)
}

#[cfg(test)]
mod tests {
    use super::super::testing::Run;
    use super::*;

    /// Every day of the years 0 to 9999 against counting.
    #[test]
    fn the_calendar_agrees_with_counting() {
        let mut day = FIRST / DAY;
        let mut weekday = 6; // 0000-01-01 was a Saturday.
        for year in 0..10_000 {
            let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let february = if is_leap { 29 } else { 28 };
            for (month, days) in (1..).zip([31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) {
                for in_month in 1..=days {
                    let date = Date { year, month, day: in_month };
                    assert_eq!(Date::of_day(day), date);
                    assert_eq!(date.to_day(), day);
                    assert_eq!((day + 3).rem_euclid(7) + 1, weekday);
                    day += 1;
                    weekday = weekday % 7 + 1;
                }
            }
        }
        assert_eq!(day * DAY - 1, LAST);
    }

    #[test]
    fn times_of_any_size_have_a_date() {
        for (seconds, year, month, day, weekday) in [
            ("0", "1970", "1", "1", "4"),
            ("-1", "1969", "12", "31", "3"),
            ("951782400", "2000", "2", "29", "2"),
            ("9223372036854775807", "292277026596", "12", "4", "7"),
            ("-9223372036854775808", "-292277022657", "1", "27", "7"),
        ] {
            let of = |method| Run::of(method, seconds).json();
            assert_eq!(
                [of("year"), of("month"), of("day"), of("weekday")],
                [year, month, day, weekday],
                "{seconds}"
            );
        }
        assert_eq!(Run::of("rfc3339", "253402300800").failure().code, "C0912");
        assert_eq!(Run::of("rfc3339", "-62167219201").failure().code, "C0912");
        assert_eq!(Run::of("rfc3339", "-62167219200").json(), r#""0000-01-01T00:00:00Z""#);
    }

    #[test]
    fn texts_of_times() {
        for (text, seconds) in [
            ("1985-04-12T23:20:50.52Z", Some(482_196_050)),
            ("1996-12-19T16:39:57-08:00", Some(851_042_397)),
            ("1996-12-19t16:39:57z", Some(851_013_597)),
            ("2026-11-20T12:00:00-00:00", Some(1_795_176_000)),
            ("9999-12-31T23:59:59Z", Some(LAST)),
            ("0000-01-01T00:00:00Z", Some(FIRST)),
            ("0000-01-01T00:00:00+00:01", None),
            ("9999-12-31T23:59:59-00:01", None),
            ("1990-12-31T23:59:60Z", None),
            ("2025-02-29T00:00:00Z", None),
            ("2024-02-29T00:00:00Z", Some(1_709_164_800)),
            ("2026-00-01T00:00:00Z", None),
            ("2026-13-01T00:00:00Z", None),
            ("2026-01-00T00:00:00Z", None),
            ("2026-01-32T00:00:00Z", None),
            ("2026-01-01T24:00:00Z", None),
            ("2026-01-01T00:60:00Z", None),
            ("2026-01-01T00:00:00", None),
            ("2026-01-01 00:00:00Z", None),
            ("2026-01-01T00:00:00.Z", None),
            ("2026-01-01T00:00:00+0100", None),
            ("2026-01-01T00:00:00+24:00", None),
            ("2026-01-01T00:00:00Z ", None),
            ("26-01-01T00:00:00Z", None),
            ("+2026-01-01T00:00:00Z", None),
            ("2026-01-01T00:00:0éZ", None),
            ("", None),
        ] {
            assert_eq!(parse_rfc3339(text), seconds, "{text}");
        }
    }

    #[test]
    fn texts_of_durations() {
        for (text, seconds) in [
            ("30s", Some(30)),
            ("12h", Some(43_200)),
            ("7d", Some(604_800)),
            ("0s", Some(0)),
            ("-5m", None),
            ("+5m", None),
            ("m", None),
            ("5", None),
            ("5w", None),
            ("5mé", None),
            ("", None),
            ("9223372036854775807d", None),
        ] {
            assert_eq!(parse_duration(text), seconds, "{text}");
        }
    }
}
