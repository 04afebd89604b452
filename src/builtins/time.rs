//! Times and durations; the calendar in UTC.
//!
//! A time is a number of whole seconds since 1970-01-01T00:00:00Z without leap seconds (POSIX time), a day is 86,400
//! seconds. The calendar is the Gregorian one for all years, as RFC 3339 demands.

use super::operands::{failure, give, give_option};
use super::{Builtin, Call, codes, sizes};
use crate::value::time::parse_timestamp;
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
    )
    .sized(sizes::rfc3339),
    Builtin::new("timestamp.year() -> int", "The year, in UTC.", &[("now.year()", "2026")], year),
    Builtin::new("timestamp.month() -> int", "The month, 1 to 12, in UTC.", &[("now.month()", "11")], month)
        .sized(sizes::digits::<2>),
    Builtin::new(
        "timestamp.day() -> int",
        "The day of the month, 1 to 31, in UTC.",
        &[("now.day()", "20")],
        day,
    )
    .sized(sizes::digits::<2>),
    Builtin::new(
        "timestamp.weekday() -> int",
        "The day of the week in UTC: 1 is Monday, 7 is Sunday (ISO 8601).",
        &[("now.weekday()", "5")],
        weekday,
    )
    .sized(sizes::digits::<1>),
    Builtin::new("duration.seconds() -> int", "Whole seconds.", &[("(5m).seconds()", "300")], seconds),
];

const DAY: i64 = 86_400;

fn parse(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    give_option(parse_timestamp(&call.text()?))
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
    give(weekday_of(call.int()?.div_euclid(DAY)))
}

/// The day of the week of a day counted from 1970-01-01, which was a Thursday.
fn weekday_of(day: i64) -> i64 {
    (day + 3).rem_euclid(7) + 1
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
}

/// 0000-01-01T00:00:00Z.
const FIRST: i64 = -62_167_219_200;
/// 9999-12-31T23:59:59Z.
const LAST: i64 = 253_402_300_799;

/// The RFC 3339 text of a time in UTC; `None` outside the years 0 to 9999.
pub(crate) fn format_rfc3339(seconds: i64) -> Option<String> {
    if !(FIRST..=LAST).contains(&seconds) {
        return None;
    }
    let Date { year, month, day } = Date::of_day(seconds.div_euclid(DAY));
    let time = seconds.rem_euclid(DAY);
    let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
    Some(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"))
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
                    assert_eq!(Date::of_day(day), Date { year, month, day: in_month });
                    assert_eq!(weekday_of(day), weekday);
                    day += 1;
                    weekday = weekday % 7 + 1;
                }
            }
        }
        assert_eq!(day * DAY - 1, LAST);
    }

    #[test]
    fn what_is_written_is_read_again() {
        for seconds in [FIRST, -1, 0, 951_782_399, 951_782_400, 1_795_176_000, LAST] {
            assert_eq!(format_rfc3339(seconds).and_then(|text| parse_timestamp(&text)), Some(seconds));
        }
        assert_eq!(Run::of("parse", r#""2026-11-20T12:00:00""#).json(), "absent");
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
}
