//! Conversions between types and encodings.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::operands::{give, give_option, give_text, json_text};
use super::{Builtin, Call, sizes};
use crate::ty::Bounds;
use crate::value::{Failure, JsonLimits, Number, Outcome, Value};

pub(super) static ROWS: &[Builtin] = &[
    Builtin::new(
        "string.to_int() -> int?",
        "The whole number that digits, with or without a `-` before them, denote. Absent for any other text and beyond 64 \
         bits.",
        &[(r#""-12".to_int()"#, "-12"), (r#""1.0".to_int()"#, "absent"), (r#""+1".to_int()"#, "absent")],
        text_to_int,
    ),
    Builtin::new(
        "number.to_int() -> int?",
        "The same value as a whole number, however it is written. Absent if it has a fraction or is beyond 64 bits.",
        &[("(12).to_int()", "12")],
        number_to_int,
    ),
    Builtin::new(
        "json.to_string() -> string",
        "A string as it is, anything else as its JSON text.",
        &[
            ("(12).to_string()", r#""12""#),
            (r#""a".to_string()"#, r#""a""#),
            ("true.to_string()", r#""true""#),
        ],
        to_string,
    )
    .sized(sizes::to_string),
    Builtin::new("T[].to_list() -> T[]", "The same list.", &[(r#"["a"].to_list()"#, r#"["a"]"#)], to_list)
    .sized(sizes::same),
    Builtin::new(
        "T.to_list() -> T[]",
        "A list of this one value; of `json`, a list as it is.",
        &[(r#""a".to_list()"#, r#"["a"]"#), (r#""[1,2]".parse_json().to_list()"#, "[1,2]")],
        to_list,
    )
    .sized(sizes::to_list),
    Builtin::new(
        "string.parse_json() -> json?",
        "The JSON value that the text is. Absent if it is none, has duplicate members or is nested more than 16 deep.",
        &[
            (r#""{\"a\": [1, 1.50]}".parse_json()"#, r#"{"a":[1,1.50]}"#),
            (r#""{\"a\": 1, \"a\": 2}".parse_json()"#, "absent"),
        ],
        parse_json,
    )
    .sized(sizes::parsed),
    Builtin::new(
        "json.to_json() -> string",
        "The JSON text, without blanks; numbers digit for digit, members in their order.",
        &[(r#"{ b: [1], a: "x" }.to_json()"#, r#""{\"b\":[1],\"a\":\"x\"}""#)],
        to_json,
    )
    .sized(sizes::to_json),
    Builtin::new(
        "string.base64() -> string",
        "The UTF-8 bytes in base64 with padding (RFC 4648 section 4).",
        &[(r#""ä?>".base64()"#, r#""w6Q/Pg==""#)],
        base64,
    )
    .sized(sizes::base64),
    Builtin::new(
        "string.from_base64() -> string?",
        "The text that base64 with padding denotes. Absent if it is malformed or no UTF-8.",
        &[(r#""w6Q/Pg==".from_base64()"#, r#""ä?>""#), (r#""w6Q/Pg".from_base64()"#, "absent")],
        from_base64,
    )
    .sized(sizes::from_base64),
    Builtin::new(
        "string.base64url() -> string",
        "The UTF-8 bytes in base64url without padding (RFC 4648 section 5).",
        &[(r#""ä?>".base64url()"#, r#""w6Q_Pg""#)],
        base64url,
    )
    .sized(sizes::base64url),
    Builtin::new(
        "string.from_base64url() -> string?",
        "The text that base64url without padding denotes. Absent if it is malformed or no UTF-8.",
        &[(r#""w6Q_Pg".from_base64url()"#, r#""ä?>""#), (r#""w6Q_Pg==".from_base64url()"#, "absent")],
        from_base64url,
    )
    .sized(sizes::from_base64),
    Builtin::new(
        "string.hex() -> string",
        "The UTF-8 bytes in hexadecimal, lower case.",
        &[(r#""ä1".hex()"#, r#""c3a431""#)],
        hex,
    )
    .sized(sizes::hex),
    Builtin::new(
        "string.from_hex() -> string?",
        "The text that hexadecimal digits of either case denote. Absent if they are malformed or no UTF-8.",
        &[(r#""C3a431".from_hex()"#, r#""ä1""#), (r#""c3".from_hex()"#, "absent")],
        from_hex,
    )
    .sized(sizes::from_hex),
];

fn text_to_int(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let text = call.text()?;
    let digits = text.strip_prefix('-').unwrap_or(&text);
    let well_formed = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    give_option(text.parse::<i64>().ok().filter(|_| well_formed))
}

fn number_to_int(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    match call.receiver()? {
        Value::Number(number) => give_option(whole(&number)),
        _ => Err(super::operands::wrong_type()),
    }
}

/// The whole number in 64 bits that a number equals.
fn whole(number: &Number) -> Option<i64> {
    if let Some(value) = number.as_int() {
        return Some(value);
    }
    let text = number.to_string();
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((&text, "0"));
    let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    let exponent: i64 = exponent.parse().ok()?;
    let zeros = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    let digits = format!("{integer}{fraction}");
    let significant = digits.trim_end_matches('0');
    if !significant.bytes().any(|b| b.is_ascii_digit()) {
        return Some(0);
    }
    let zeros = zeros.checked_add(i64::try_from(digits.len() - significant.len()).ok()?)?;
    // A 64-bit number has at most 19 digits.
    let zeros = usize::try_from(zeros).ok().filter(|zeros| *zeros < 20)?;
    format!("{significant}{}", "0".repeat(zeros)).parse().ok()
}

fn to_string(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    match call.receiver()? {
        Value::String(text) => give(Value::String(text)),
        other => give(Value::string(json_text("to_string", &other)?)),
    }
}

fn to_list(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    match call.receiver()? {
        Value::List(items) => give(Value::List(items)),
        other => give(Value::list(vec![other])),
    }
}

fn parse_json(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let limits = JsonLimits { depth: Bounds::MAX_DEPTH, ..JsonLimits::default() };
    give_option(Value::parse_json(call.text()?.as_bytes(), limits).ok())
}

fn to_json(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    give(Value::string(json_text("to_json", &call.receiver()?)?))
}

fn base64(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    give_text("base64", STANDARD.encode(call.text()?.as_bytes()))
}

fn base64url(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    give_text("base64url", URL_SAFE_NO_PAD.encode(call.text()?.as_bytes()))
}

fn from_base64(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    decoded(STANDARD.decode(call.text()?.as_bytes()).ok())
}

fn from_base64url(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    decoded(URL_SAFE_NO_PAD.decode(call.text()?.as_bytes()).ok())
}

fn hex(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    give_text("hex", call.text()?.bytes().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect())
}

fn from_hex(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let text = call.text()?;
    let byte = |pair: &[u8]| match pair {
        [high, low] => {
            let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
            Some(digit(*high)? << 4 | digit(*low)?)
        }
        _ => None,
    };
    decoded(text.as_bytes().chunks(2).map(byte).collect())
}

/// The text that bytes are in UTF-8.
fn decoded(bytes: Option<Vec<u8>>) -> Result<Outcome, Failure> {
    give_option(bytes.and_then(|bytes| String::from_utf8(bytes).ok()).map(Value::string))
}

#[cfg(test)]
mod tests {
    use super::super::testing::Run;

    #[test]
    fn whole_numbers() {
        for (text, expected) in [
            ("0", "0"),
            ("-0", "0"),
            ("007", "7"),
            ("9223372036854775807", "9223372036854775807"),
            ("-9223372036854775808", "-9223372036854775808"),
            ("9223372036854775808", "absent"),
            ("", "absent"),
            ("-", "absent"),
            ("+1", "absent"),
            (" 1", "absent"),
            ("1e2", "absent"),
            ("٣", "absent"),
        ] {
            assert_eq!(Run::of("string.to_int", &format!("\"{text}\"")).json(), expected, "{text}");
        }
        for (number, expected) in [
            ("1.0", "1"),
            ("1e2", "100"),
            ("-12.50e1", "-125"),
            ("100e-2", "1"),
            ("-0.0", "0"),
            ("0e9", "0"),
            ("1.5", "absent"),
            ("1e-1", "absent"),
            ("9223372036854775807.0", "9223372036854775807"),
            ("9223372036854775808", "absent"),
            ("1e300", "absent"),
            ("1000000000000000000000e-3", "1000000000000000000"),
        ] {
            assert_eq!(Run::of("number.to_int", number).json(), expected, "{number}");
        }
    }

    #[test]
    fn json_text() {
        assert_eq!(Run::of("to_string", r#"{"a":1.50}"#).json(), r#""{\"a\":1.50}""#);
        assert_eq!(Run::of("to_string", "null").json(), r#""null""#);
        assert_eq!(Run::of("to_json", r#""a\n""#).json(), r#""\"a\\n\"""#);
        assert_eq!(Run::of("to_json", &format!("\"{}\"", "\\u0001".repeat(200_000))).failure().code, "C0911");
        for (text, expected) in [
            (" [1] ", "[1]"),
            ("", "absent"),
            ("[1", "absent"),
            (&"[".repeat(17), "absent"),
            (&format!("{}{}", "[".repeat(17), "]".repeat(17)), "absent"),
        ] {
            assert_eq!(Run::of("parse_json", &format!("\"{text}\"")).json(), expected, "{text}");
        }
        assert_eq!(Run::of("T.to_list", "null").json(), "[null]");
        assert_eq!(Run::of("T.to_list", "[]").json(), "[]");
    }

    #[test]
    fn what_is_no_encoding_is_absent() {
        for (method, text) in [
            ("from_base64", "YQ"),
            ("from_base64", "YQ=="),
            ("from_base64", "YR=="),
            ("from_base64", "YQ==\\n"),
            ("from_base64", "_w=="),
            ("from_base64", "/w=="),
            ("from_base64url", "YQ=="),
            ("from_base64url", "YR"),
            ("from_base64url", "/w"),
            ("from_hex", "6"),
            ("from_hex", "6g"),
            ("from_hex", "ff"),
            ("from_hex", "é"),
        ] {
            let expected = if text == "YQ==" && method == "from_base64" { "\"a\"" } else { "absent" };
            assert_eq!(Run::of(method, &format!("\"{text}\"")).json(), expected, "{method} {text}");
        }
        for method in ["base64", "from_base64", "base64url", "from_base64url", "hex", "from_hex"] {
            assert_eq!(Run::of(method, "\"\"").json(), "\"\"", "{method}");
        }
    }
}
