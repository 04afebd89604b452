//! The manual of methods, `docs/builtins.md`, is written from the rows; and what must hold for every row.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::signature::Signature;
use super::{GROUPS, methods};

fn manual() -> String {
    let mut out = String::from(
        "# Methods\n\n<!-- Written from the rows in src/builtins; CLAIMSC_UPDATE=1 cargo test builtins -->\n\n\
         A signature says what a method is called on, what it takes and what it gives. `T` and `U` are any type, `T?` may be\n\
         absent, `object` is a map or a record, `self` the type of the receiver, `p: T => bool` a lambda, `p?` may be left\n\
         out. A `literal` is a string literal, a `regex` a regular expression literal that is searched for, a `whole regex`\n\
         one that describes the whole value. A record also stands where `map[T]` is wanted. An absent receiver or argument\n\
         makes the result absent, unless the receiver ends in `?`.\n\n\
         What looks for a text in an `email` or compares emails ignores ASCII case. The result has the labels of everything\n\
         that flows into it; what gives a `bool` compares, and clears `untrusted` unless an argument is `untrusted`.\n\n\
         In the examples `user.email` is `\"Ann@ACME.example\"` and `now` is 2026-11-20T12:00:00Z.\n",
    );
    for (title, rows) in GROUPS {
        let _ = write!(out, "\n## {title}\n");
        for row in *rows {
            let _ = write!(out, "\n### `{}`\n\n{}\n\n```text\n", row.signature, row.doc);
            for (expression, result) in row.examples {
                let _ = writeln!(out, "{expression}  ->  {result}");
            }
            out.push_str("```\n");
        }
    }
    out
}

#[test]
fn the_manual_is_what_the_rows_say() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/builtins.md");
    if std::env::var_os("CLAIMSC_UPDATE").is_some() {
        std::fs::write(path, manual()).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(written == manual(), "docs/builtins.md is out of date: run with CLAIMSC_UPDATE=1");
}

#[test]
fn every_row_is_complete() {
    let mut seen = BTreeSet::new();
    for row in methods() {
        let signature =
            Signature::parse(row.signature).unwrap_or_else(|error| panic!("{}: {error}", row.signature));
        assert_eq!(row.name(), signature.name);
        assert_eq!(row.accepts_absent(), signature.receiver.is_optional(), "{}", row.signature);
        assert!(
            seen.insert((signature.name, signature.receiver.to_string())),
            "{} stands twice",
            row.signature
        );
        assert!(row.doc.ends_with('.') && !row.doc.contains("  "), "{}: {}", row.signature, row.doc);
        assert!(!row.examples.is_empty(), "{} has no example", row.signature);
        for (expression, result) in row.examples {
            assert!(expression.contains(&format!(".{}", signature.name)), "{}: {expression}", row.signature);
            if *result != "absent" {
                assert_eq!(super::testing::json(result).to_json(), *result, "{}", row.signature);
            }
        }
    }
}

/// Every method of the language's definition has a row.
#[test]
fn all_methods_are_there() {
    let names = "lower upper trim split replace contains starts_with ends_with strip_prefix strip_suffix after_prefix \
                 before_suffix before after before_last after_last matches extract captures regex_replace length take \
                 map filter flat_map any all first last get at_most distinct sort union intersect difference flatten \
                 join group_by to_map nonempty is_empty keys values entries merge pick without map_values to_int \
                 to_string to_list parse_json to_json base64 from_base64 base64url from_base64url hex from_hex \
                 url_encode in_cidr parse unix rfc3339 year month day weekday seconds domain only";
    let expected: BTreeSet<&str> = names.split_whitespace().collect();
    let found: BTreeSet<&str> = methods().map(|row| Signature::parse(row.signature).unwrap().name).collect();
    assert_eq!(found, expected);
}
