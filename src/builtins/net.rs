//! Addresses and URLs.

use std::fmt::Write as _;
use std::net::IpAddr;

use super::operands::{give, give_text};
use super::{Builtin, Call, results, sizes};
use crate::value::{Failure, Outcome};

pub(super) static ROWS: &[Builtin] = &[
    Builtin::new(
        "string.in_cidr(range: string) -> bool?",
        "Whether an IP address is in a range such as `10.0.0.0/8` or `2001:db8::/32`. An address of the other family is \
         not; absent if the string is no address or the range none.",
        &[
            (r#""10.1.2.3".in_cidr("10.0.0.0/8")"#, "true"),
            (r#""2001:db8::1".in_cidr("10.0.0.0/8")"#, "false"),
            (r#""10.1.2".in_cidr("10.0.0.0/8")"#, "absent"),
        ],
        in_cidr,
    )
    .refined(results::in_range),
    Builtin::new(
        "string.url_encode() -> string",
        "Percent-encodes the UTF-8 bytes of everything but `A-Za-z0-9-._~` (RFC 3986 section 2.3).",
        &[(r#""a b/ä~".url_encode()"#, r#""a%20b%2F%C3%A4~""#)],
        url_encode,
    )
    .sized(sizes::url_encoded),
];

/// An address and how many of its leading bits count. Bits behind them are not looked at.
pub(super) fn parse_range(text: &str) -> Option<(IpAddr, u32)> {
    let (address, length) = text.split_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    let canonical = !length.is_empty() && length.bytes().all(|b| b.is_ascii_digit());
    let length: u32 = length.parse().ok().filter(|_| canonical)?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    (length <= longest).then_some((address, length))
}

fn in_cidr(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let text = call.text()?;
    let (Ok(address), Some((network, length))) = (text.parse(), parse_range(call.text_at(0)?)) else {
        return Ok(Outcome::Absent);
    };
    give(match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(b)) => {
            let differs = a.to_bits() ^ b.to_bits();
            differs.checked_shr(32 - length).unwrap_or(0) == 0
        }
        (IpAddr::V6(a), IpAddr::V6(b)) => {
            let differs = a.to_bits() ^ b.to_bits();
            differs.checked_shr(128 - length).unwrap_or(0) == 0
        }
        _ => false,
    })
}

fn url_encode(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let mut out = String::new();
    for byte in call.text()?.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            // Writing to a string cannot fail.
            other => _ = write!(out, "%{other:02X}"),
        }
    }
    give_text("url_encode", out)
}

#[cfg(test)]
mod tests {
    use super::super::testing::Run;

    #[test]
    fn ranges() {
        for (address, range, expected) in [
            ("10.255.255.255", "10.0.0.0/8", "true"),
            ("11.0.0.0", "10.0.0.0/8", "false"),
            ("10.0.0.1", "10.0.0.1/32", "true"),
            ("10.0.0.2", "10.0.0.1/32", "false"),
            ("203.0.113.9", "0.0.0.0/0", "true"),
            ("10.9.9.9", "10.1.2.3/8", "true"),
            ("2001:db8:0:1::", "2001:db8::/63", "true"),
            ("2001:db8:0:2::", "2001:db8::/63", "false"),
            ("::1", "::/0", "true"),
            ("::1", "::1/128", "true"),
            ("::2", "::1/128", "false"),
            ("::ffff:10.0.0.1", "10.0.0.0/8", "false"),
            ("010.0.0.1", "10.0.0.0/8", "absent"),
            ("10.0.0.1/32", "10.0.0.0/8", "absent"),
            ("fe80::1%eth0", "fe80::/10", "absent"),
            ("", "10.0.0.0/8", "absent"),
            ("10.0.0.1", "10.0.0.0", "absent"),
            ("10.0.0.1", "10.0.0.0/33", "absent"),
            ("10.0.0.1", "10.0.0.0/+8", "absent"),
            ("10.0.0.1", "10.0.0.0/", "absent"),
            ("::1", "::/129", "absent"),
        ] {
            let run = Run::of("in_cidr", &format!("\"{address}\"")).arg(&format!("\"{range}\""));
            assert_eq!(run.json(), expected, "{address} {range}");
        }
    }

    #[test]
    fn url_encoding() {
        assert_eq!(Run::of("url_encode", r#""\u0000+😀""#).json(), r#""%00%2B%F0%9F%98%80""#);
        assert_eq!(Run::of("url_encode", "\"\"").json(), "\"\"");
    }
}
