//! Input that is meant to break a parser: no panic, no overflow, no hang, and a finding that names the limit.

use std::thread;

use claimsc::syntax::{MAX_DEPTH, MAX_ERRORS, MAX_FILE_BYTES};
use proptest::prelude::*;

use super::{dump, parse};

/// Parses in a thread with a small stack; gives the slugs of the findings, each once per run.
fn slugs(text: String) -> Vec<&'static str> {
    // Unoptimised code needs about four times the stack.
    let stack = if cfg!(debug_assertions) { 2 << 20 } else { 512 << 10 };
    thread::Builder::new()
        .stack_size(stack)
        .spawn(move || {
            let mut slugs: Vec<_> = parse(&text).1.findings.iter().map(|finding| finding.code.slug).collect();
            slugs.dedup();
            slugs
        })
        .unwrap()
        .join()
        .unwrap()
}

fn nested(open: &str, inner: &str, close: &str, depth: usize) -> String {
    open.repeat(depth) + inner + &close.repeat(depth)
}

/// Repetitions that pest reads, a tenth of them in unoptimised code.
fn many(count: usize) -> usize {
    if cfg!(debug_assertions) { count / 10 } else { count }
}

#[test]
fn nesting_is_limited() {
    let deep = 100_000;
    for text in [
        format!("let a = {}", nested("(", "1", ")", deep)),
        format!("let a = {}", nested("[", "1", "]", deep)),
        format!("let a = {}", nested("{ a: ", "1", " }", deep)),
        format!("let a = {}", nested("x.f(g => ", "1", ")", deep)),
        format!("let a = {}", nested("\"${", "1", "}\"", deep)),
        nested("{ ", "add x = 1", " }", deep),
        format!("let a = {}true", "not ".repeat(50_000)),
        format!("let a = {}1", "- ".repeat(50_000)),
        format!("let a = {}1", "-".repeat(50_000)),
        format!("let a = {}x", "!".repeat(50_000)),
        format!("{}add x = 1", "if a then ".repeat(50_000)),
        format!("let a = {}1", "if a then ".repeat(50_000)),
        format!("let a = x{}", ".b".repeat(many(deep))),
        format!("let a = x{}", ".b()".repeat(many(deep))),
        format!("let a = x{}", "[0]".repeat(many(deep))),
        format!("let a = x{}", " as json".repeat(many(deep))),
        format!("let a = x{}", " exists".repeat(many(deep))),
        format!("let a = x{}", "()".repeat(many(deep))),
        format!("let a = x as json{}", "[]".repeat(many(deep))),
        format!("let a = {}3", "if b then 1 else ".repeat(many(20_000))),
        format!("let a = b{}", " ? 1 : c".repeat(many(50_000))),
    ] {
        assert_eq!(slugs(text.clone()).last(), Some(&"nesting-too-deep"), "{}", &text[..40]);
    }
}

#[test]
fn long_but_flat_is_fine() {
    for text in [
        format!("let a = b{}", " or b".repeat(many(200_000))),
        format!("let a = b{}", " + 1".repeat(many(100_000))),
        format!("let a = [{}]", "1, ".repeat(many(100_000))),
        format!("let a = \"{}\"", "x${a}".repeat(many(50_000))),
        format!("if a then add x = 1{}", " else if a then add x = 1".repeat(many(20_000))),
        "add x = if a then 1 else 2\n".repeat(500),
        "rule r: if a then add x = 1\n".repeat(500),
        "// comment\n".repeat(MAX_FILE_BYTES / 11),
        format!("let a = {}", nested("(", "1", ")", MAX_DEPTH - 1)),
        format!("let a = {}", nested("[", "1", "]", MAX_DEPTH - 1)),
        format!("let a = {}", nested("{ a: ", "1", " }", MAX_DEPTH - 1)),
        format!("let a = {}", nested("x.f(g => ", "1", ")", MAX_DEPTH - 1)),
        format!("let a = {}", nested("\"${", "1", "}\"", MAX_DEPTH - 1)),
        format!("let a = {}", nested("match a { 1 => ", "1", " }", MAX_DEPTH - 1)),
        format!("let a = {}", nested("(if a then ", "1", " else 2)", MAX_DEPTH / 2 - 1)),
        format!("let a = {}1{}", "if a then ".repeat(MAX_DEPTH - 1), " else 2".repeat(MAX_DEPTH - 1)),
        format!("let a = {}true", "not ".repeat(MAX_DEPTH - 1)),
        format!("{}add x = 1", "if a then ".repeat(MAX_DEPTH - 1)),
        nested("{ ", "add x = 1", " }", MAX_DEPTH - 1),
        nested("if a then { ", "add x = 1", " } else { add y = 1 }", MAX_DEPTH / 2 - 1),
    ] {
        assert_eq!(slugs(text.clone()), [""; 0], "{}", &text[..40]);
    }
}

#[test]
fn nested_constructs_end() {
    // pest does not memoise: if two alternatives shared a prefix, each level would double the time, and this would not end.
    let depth = 30;
    for text in [
        format!("let a = {}", nested("(", "1", ")", 60)),
        format!("let a = {}", nested("{ a: ", "1", " }", 60)),
        format!("let a = {}", nested("x.f(g => ", "1", ")", 60)),
        format!("let a = {}", nested("(if ", "a then 1 else 2", " then 1 else 2)", depth)),
        format!("let a = {}", nested("(if a then ", "1", " else 2)", depth)),
        format!("let a = {}", nested("match a { 1 => ", "1", " }", 60)),
        format!("let a = {}", nested("\"${", "1", "}\"", 60)),
        nested("if a then { ", "add x = 1", " } else { add y = 1 }", 60),
        format!("let a = {} ?", nested("(", "1 2", ")", 60)),
        nested("if a then { ", "add x 1", " } else { add y }", 60),
        nested("if a b then { ", "add x 1", " } else { add y }", 60),
    ] {
        slugs(text);
    }
}

#[test]
fn large_files_are_refused_unread() {
    assert_eq!(slugs("// comment\n".repeat(200_000)), ["file-too-large"]);
}

#[test]
fn errors_are_counted_out() {
    let (_, parsed) = parse(&"add x\n".repeat(1_000));
    assert_eq!(parsed.findings.len(), MAX_ERRORS + 1);
    assert_eq!(parsed.findings.last().unwrap().code.slug, "too-many-syntax-errors");
}

#[test]
fn characters_that_deceive() {
    assert_eq!(slugs("let a = \"x\0y\"".into()), ["control-character"]);
    assert_eq!(slugs("let \u{7} a = 1".into()), ["control-character"]);
    assert_eq!(slugs("let a\u{a0}= 1".into()), ["control-character"]);
    assert_eq!(slugs("let a = 1 \u{feff}".into()), ["control-character"]);
    assert_eq!(slugs("// a \u{202e} b\nlet a = 1".into()), ["bidirectional-character"]);
    assert_eq!(slugs("let a = \"\u{2066}admin\"".into()), ["bidirectional-character"]);
    assert_eq!(slugs("let \u{200f} a = 1".into()), ["bidirectional-character"]);
    assert_eq!(slugs("// hidden?\radd x = 1".into()), ["control-character"]);
    assert_eq!(slugs("// not hidden\r\nadd x = 1\radd y = 1 // end\r".into()), [""; 0]);
    assert_eq!(slugs("let a = \"\\u{202e}\"".into()), [""; 0]);
    assert_eq!(slugs("\u{feff}let a = 1".into()), [""; 0]);
}

#[test]
fn one_error_for_an_unbalanced_file() {
    for text in
        ["{", "}", "(]", "let a = [", "add x = \"${", "rule a: { { ( [ }", &"{".repeat(60), &"(]".repeat(500)]
    {
        assert_eq!(parse(text).1.findings.len(), 1, "{text}");
    }
}

#[test]
fn empty_files_are_empty() {
    for text in ["", " ", "\n\n", "// nothing", "\u{feff}"] {
        let (_, parsed) = parse(text);
        assert!(parsed.findings.is_empty() && parsed.file.items.is_empty(), "{text:?}");
    }
}

fn token() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => prop::sample::select(vec![
            "add", "remove", "if", "then", "else", "rule", "let", "table", "contract", "ensure", "claim", "namespace",
            "deny", "to", "both", "unless", "matching", "not", "in", "as", "and", "or", "exists", "omit", "match", "scope",
            "limit", "scopes", "set", "audience", "default", "override", "append", "a", "user", "ns/x", "ns/*", "ns/\"x\"",
            "never", "for", "when", "id_token", "true", "null", "undefined", "elif", "const", "return",
        ]).prop_map(str::to_owned),
        8 => prop::sample::select(vec![
            "(", ")", "[", "]", "{", "}", ",", ":", ".", "...", "=>", "=", "==", "!=", "!", "<", "<=", ">", "??", "?",
            "?.", "+", "-", "*", "/", "//", "///", "/*", "*/", "#", ";", "&&", "||", "|", "@allow", "@", "$", "\\", "\"",
            "'", "\n", "\r\n", "\t", "é", "\u{a0}", "\u{202e}", "\0", "\u{feff}", ":=",
        ]).prop_map(str::to_owned),
        3 => prop::sample::select(vec![
            "\"a\"", "\"a${b}\"", "\"${\"", "\"\\u{e9}\"", "\"\\x\"", "'a'", "5m", "12", "1.5e3", "007", "1x", "/a/", "(/a/)", ", /}/", "matching /{/",
            "{ a: 1 }", "[1]", "(a)", "f(x)", "x.map(g => g)", "add ns/x = 1", "if a then { add x = 1 }",
        ]).prop_map(str::to_owned),
    ]
}

#[test]
fn what_is_found_is_no_blank() {
    for text in ["add a = 1 unless not ", "add a = 1 unless not\u{a0} // c", "add a = 1 unless not // c\n  "]
    {
        let findings = parse(text).1.findings;
        let finding =
            findings.iter().find(|finding| finding.code.slug == "unexpected-token").expect("an error");
        assert_eq!(finding.message, "expected a value, found the end of the file");
        assert!(text.get(finding.span.start as usize..finding.span.end as usize).is_some());
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(debug_assertions) { 256 } else { 4_096 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn token_soup_never_panics(tokens in prop::collection::vec((token(), any::<bool>()), 0..60)) {
        let text: String = tokens.iter().map(|(token, glued)| format!("{token}{}", if *glued { "" } else { " " })).collect();
        let (first, second) = (parse(&text).1, parse(&text).1);
        prop_assert_eq!(dump::file(&first.file), dump::file(&second.file));
        prop_assert_eq!(&first.findings, &second.findings);
        for finding in &first.findings {
            prop_assert!(text.get(finding.span.start as usize..finding.span.end as usize).is_some());
            for edit in finding.fixes.iter().flat_map(|fix| &fix.edits) {
                prop_assert!(text.get(edit.span.start as usize..edit.span.end as usize).is_some());
            }
        }
    }

    #[test]
    fn arbitrary_text_never_panics(text in any::<String>()) {
        parse(&text);
    }

    #[test]
    fn balanced_soup_never_panics(parts in prop::collection::vec(token(), 0..40), brackets in prop::collection::vec(0..3_usize, 0..8)) {
        let is_bracket = |token: &String| token.len() == 1 && "()[]{}\"'\\".contains(token.as_str());
        let parts: Vec<String> = parts.into_iter().filter(|token| !is_bracket(token)).collect();
        let (left, right) = parts.split_at(parts.len() / 2);
        let mut text = left.join(" ");
        text.extend(brackets.iter().map(|b| ["( ", "[ ", "{ "][*b]));
        text += &right.join(" ");
        text.extend(brackets.iter().rev().map(|b| [" )", " ]", " }"][*b]));
        parse(&text);
    }
}
