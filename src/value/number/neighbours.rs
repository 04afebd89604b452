//! Numbers beside and between others, in the form that people write.

use std::fmt;

use super::{Decimal, Number};

/// Digits of the smallest whole number that rounds to no 64-bit float any more (2^1024 - 2^970). A number below it stays
/// below if a digit is added behind so many.
const FLOAT_DIGITS: usize = 309;

/// The smallest exponent that [`Number::parse`] takes, and the largest that texts made here have.
const EXPONENTS: std::ops::RangeInclusive<i64> = -9_999..=9_999;

impl Number {
    /// A number between this one and a larger one.
    pub(crate) fn between(&self, larger: &Number) -> Option<Number> {
        let (low, high) = (self.decimal(), larger.decimal());
        if self >= larger {
            return None;
        }
        if low.negative && !high.digits.is_empty() && !high.negative {
            return Some(Number::from(0));
        }
        let between = if low.negative { high.towards(low) } else { low.towards(high) };
        Number::parse(&between.to_string())
    }

    /// A larger number. There always is one: the range of 64-bit floats ends before the first that rounds to none.
    pub(crate) fn above(&self) -> Option<Number> {
        let decimal = self.decimal();
        if decimal.negative || decimal.digits.is_empty() {
            return Some(Number::from(i64::from(decimal.digits.is_empty())));
        }
        let power = Decimal { negative: false, magnitude: decimal.magnitude + 1, digits: "1".to_owned() };
        Number::parse(&power.to_string()).or_else(|| Number::parse(&decimal.finer(FLOAT_DIGITS).to_string()))
    }

    /// A smaller number.
    pub(crate) fn below(&self) -> Option<Number> {
        let mirrored = self.decimal().mirrored();
        Number::parse(&Number::parse(&mirrored.to_string())?.above()?.decimal().mirrored().to_string())
    }
}

impl Decimal {
    fn mirrored(self) -> Self {
        Decimal { negative: !self.negative && !self.digits.is_empty(), ..self }
    }

    /// A little further from zero: half a unit of the last of at least so many digits.
    fn finer(self, digits: usize) -> Self {
        let digits = format!("{:0<digits$}5", self.digits);
        Decimal { digits, ..self }
    }

    /// Between this one and one of the same sign that is further from zero; this may be zero.
    fn towards(self, further: Decimal) -> Self {
        if self.digits.is_empty() {
            return Decimal { magnitude: further.magnitude - 1, ..further };
        }
        let digits = if self.magnitude == further.magnitude { further.digits.len() } else { 0 };
        self.finer(digits)
    }
}

/// A JSON number, in the form that people write.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Decimal { negative, magnitude, digits } = self;
        let zeros = |n: i64| "0".repeat(usize::try_from(n).unwrap_or(0));
        let length = i64::try_from(digits.len()).unwrap_or(i64::MAX);
        let sign = if *negative { "-" } else { "" };
        let (first, rest) = digits.split_at_checked(1).unwrap_or(("0", ""));
        let (whole, fraction) = usize::try_from(*magnitude)
            .ok()
            .and_then(|magnitude| digits.split_at_checked(magnitude))
            .unwrap_or((digits, ""));
        match *magnitude {
            _ if digits.is_empty() => f.write_str("0"),
            -5..=0 => write!(f, "{sign}0.{}{digits}", zeros(-magnitude)),
            1..=18 if fraction.is_empty() => write!(f, "{sign}{whole}{}", zeros(magnitude - length)),
            1..=18 => write!(f, "{sign}{whole}.{fraction}"),
            _ if !EXPONENTS.contains(&(magnitude - 1)) => {
                write!(f, "{sign}0.{}{digits}e{}", zeros(EXPONENTS.start() - magnitude), EXPONENTS.start())
            }
            _ if rest.is_empty() => write!(f, "{sign}{first}e{}", magnitude - 1),
            _ => write!(f, "{sign}{first}.{rest}e{}", magnitude - 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        Number::parse(text).unwrap()
    }

    #[test]
    fn there_are_numbers_between_and_beyond() {
        let ascending = [
            "-1e308",
            "-12.5",
            "-12",
            "-1e-9999",
            "0",
            "1e-9999",
            "0.01",
            "0.1",
            "1",
            "1.0001",
            "20",
            "1e20",
            "1.79769313486231580793e308",
        ];
        for pair in ascending.windows(2) {
            let (low, high) = (number(pair[0]), number(pair[1]));
            let between = low.between(&high).unwrap();
            assert!(low < between && between < high, "{low} {between} {high}");
            assert_eq!(high.between(&low), None);
        }
        for text in ascending {
            let (below, above) = (number(text).below().unwrap(), number(text).above().unwrap());
            assert!(below < number(text) && number(text) < above, "{below} {text} {above}");
        }
        assert_eq!(number("1").between(&number("1.0")), None);
    }
}
