//! JSON numbers that keep their digits and compare by value.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

#[cfg(feature = "compiler")]
mod neighbours;

/// A JSON number. `1.0` and `1` are equal, and each is written as it was read.
#[derive(Debug, Clone)]
pub struct Number(Digits);

#[derive(Debug, Clone)]
enum Digits {
    /// Canonical whole numbers in 64 bits.
    Int(i64),
    /// Any other valid JSON number text.
    Text(Arc<str>),
}

impl Number {
    /// A number from its JSON text; `None` if that is no JSON number or has a magnitude beyond a 64-bit float's.
    pub fn parse(text: &str) -> Option<Self> {
        Some(Number(match Form::of(text)? {
            Form::Whole(value) => Digits::Int(value),
            Form::Other => Digits::Text(text.into()),
        }))
    }

    /// The value, if the number is written without fraction and exponent and fits into 64 bits.
    pub fn as_int(&self) -> Option<i64> {
        match &self.0 {
            Digits::Int(value) => Some(*value),
            Digits::Text(text) => text.parse().ok(),
        }
    }

    /// The nearest 64-bit float.
    pub fn as_f64(&self) -> f64 {
        self.to_string().parse().unwrap_or(0.0)
    }

    /// Appends the JSON text.
    pub(crate) fn write_json(&self, out: &mut String) {
        match &self.0 {
            Digits::Int(value) => write_int(*value, out),
            Digits::Text(text) => out.push_str(text),
        }
    }

    fn decimal(&self) -> Decimal {
        Decimal::of(&self.to_string())
    }
}

/// Appends the decimal digits of a whole number: as `Display` does, without its settings.
pub(crate) fn write_int(value: i64, out: &mut String) {
    if value < 0 {
        out.push('-');
    }
    // As many as there can be, from the last one on.
    let mut digits = [b'0'; 20];
    let mut rest = value.unsigned_abs();
    let mut count = 0;
    for digit in digits.iter_mut().rev() {
        // Below ten, so that it is a digit.
        *digit = b'0' | (rest % 10) as u8;
        rest /= 10;
        count += 1;
        if rest == 0 {
            break;
        }
    }
    let start = digits.len().saturating_sub(count);
    out.push_str(digits.get(start..).and_then(|digits| std::str::from_utf8(digits).ok()).unwrap_or_default());
}

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// As a canonical whole number in 64 bits.
    Whole(i64),
    /// In another way.
    Other,
}

impl Form {
    /// The form of a JSON text; `None` where [`Number::parse`] refuses it.
    pub(crate) fn of(text: &str) -> Option<Self> {
        if !is_json_number(text) {
            return None;
        }
        if let Ok(value) = text.parse::<i64>()
            && text != "-0"
        {
            return Some(Form::Whole(value));
        }
        let exponent = text.split_once(['e', 'E']).map_or("", |(_, exponent)| exponent);
        let in_range = exponent.len() <= 5 && text.parse::<f64>().is_ok_and(f64::is_finite);
        in_range.then_some(Form::Other)
    }
}

/// Sign, significant digits without zeros at either end, and the power of ten of the first digit.
#[derive(PartialEq, Eq, Hash)]
struct Decimal {
    negative: bool,
    magnitude: i64,
    digits: String,
}

impl Decimal {
    /// Of a valid JSON number.
    fn of(text: &str) -> Self {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        let leading = all.len() - all.trim_start_matches('0').len();
        let digits = all.trim_matches('0').to_owned();
        if digits.is_empty() {
            return Decimal { negative: false, magnitude: 0, digits };
        }
        let exponent: i64 = exponent.parse().unwrap_or(0);
        let offset = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let magnitude = offset(whole.len()).saturating_sub(offset(leading)).saturating_add(exponent);
        Decimal { negative, magnitude, digits }
    }

    fn cmp_magnitude(&self, other: &Self) -> Ordering {
        match (self.digits.is_empty(), other.digits.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            // Digits have no leading zeros, so the power of ten decides first, then the digits as text.
            (false, false) => {
                self.magnitude.cmp(&other.magnitude).then_with(|| self.digits.cmp(&other.digits))
            }
        }
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        if let (Digits::Int(a), Digits::Int(b)) = (&self.0, &other.0) {
            return a.cmp(b);
        }
        let (a, b) = (self.decimal(), other.decimal());
        match (a.negative, b.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => a.cmp_magnitude(&b),
            (true, true) => b.cmp_magnitude(&a),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.decimal().hash(state);
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Number(Digits::Int(value))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Digits::Int(value) => write!(f, "{value}"),
            Digits::Text(text) => f.write_str(text),
        }
    }
}

/// The grammar of RFC 8259 section 6.
fn is_json_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|e| digits(e.strip_prefix(['+', '-']).unwrap_or(e)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        Number::parse(text).unwrap()
    }

    #[test]
    fn whole_numbers_are_written_as_they_are_displayed() {
        for value in [0, 1, -1, 9, 10, -10, 1_781_000_000, i64::MAX, i64::MIN, i64::MIN + 1] {
            let mut text = String::new();
            write_int(value, &mut text);
            assert_eq!(text, value.to_string());
        }
    }

    #[test]
    fn equality_is_by_value_and_digits_are_kept() {
        for (a, b) in [
            ("1", "1.0"),
            ("100", "1e2"),
            ("0.001", "1e-3"),
            ("-0", "0"),
            ("0e5", "0.0"),
            ("12.50", "1.25E1"),
        ] {
            assert_eq!(number(a), number(b), "{a} {b}");
            assert_eq!(number(a).to_string(), a);
        }
    }

    #[test]
    fn order_is_by_value() {
        let ascending = [
            "-1e3",
            "-10.5",
            "-2",
            "-0.1",
            "0",
            "1e-400",
            "0.01",
            "0.1",
            "1",
            "9",
            "10.5",
            "9223372036854775808",
        ];
        for (i, a) in ascending.iter().enumerate() {
            for (j, b) in ascending.iter().enumerate() {
                assert_eq!(number(a).cmp(&number(b)), i.cmp(&j), "{a} {b}");
            }
        }
    }

    #[test]
    fn what_is_no_number_or_too_large_is_refused() {
        for text in
            ["", "-", "01", "1.", ".5", "+1", "1e", "1e999", "-1e999", "1e-99999999999", "0x1", "1 ", "NaN"]
        {
            assert!(Number::parse(text).is_none(), "{text}");
        }
        assert_eq!(number("-0").as_int(), Some(0));
        assert_eq!(number("1.0").as_int(), None);
        assert_eq!(number("9223372036854775808").as_int(), None);
    }
}
