//! Text -> tree. Fixtures are `tests/syntax/*.claims`; their snapshots show text, tree and findings.

#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    clippy::indexing_slicing,
    clippy::format_collect,
    clippy::needless_for_each,
    reason = "helpers of tests: a failure is a panic, and pictures of trees are short"
)]

#[path = "syntax/dump.rs"]
mod dump;
#[path = "syntax/hostile.rs"]
mod hostile;
#[path = "syntax/spans.rs"]
mod spans;

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use claimsc::diag::{Applicability, Diagnostic, Edit};
use claimsc::source::{Sources, Span};
use claimsc::syntax::{self, Parsed};

fn fixtures() -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/syntax");
    let mut all: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "claims"))
        .map(|path| {
            (path.file_stem().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(path).unwrap())
        })
        .collect();
    all.sort();
    all
}

fn parse(text: &str) -> (Sources, Parsed) {
    let mut sources = Sources::new();
    let file = sources.add("policy.claims", text);
    let parsed = syntax::parse(file, text);
    (sources, parsed)
}

/// One finding: place, slug, message, and indented what belongs to it.
fn shown(sources: &Sources, finding: &Diagnostic) -> String {
    let place = |span: Span| {
        let (start, end) = (sources.start(span), sources.end(span));
        if start.line == end.line {
            format!("{}:{}-{}", start.line, start.column, end.column)
        } else {
            format!("{}:{}-{}:{}", start.line, start.column, end.line, end.column)
        }
    };
    let mut text = format!(
        "{} {} {}: {}\n",
        place(finding.span),
        finding.severity.as_str(),
        finding.code.slug,
        finding.message
    );
    for label in &finding.labels {
        let _ = writeln!(text, "    {} {}", place(label.span), label.text);
    }
    if let Some(help) = &finding.help {
        let _ = writeln!(text, "    help: {help}");
    }
    for fix in &finding.fixes {
        let edits: Vec<String> =
            fix.edits.iter().map(|edit| format!("{} {:?}", place(edit.span), edit.text)).collect();
        let _ =
            writeln!(text, "    fix ({}): {}: {}", fix.applicability.as_str(), fix.title, edits.join(", "));
    }
    text
}

fn picture(text: &str) -> String {
    let (sources, parsed) = parse(text);
    let findings: String = parsed.findings.iter().map(|finding| shown(&sources, finding)).collect();
    format!("{text}\n---- tree\n{}---- findings\n{findings}", dump::file(&parsed.file))
}

#[test]
fn fixtures_give_their_tree_and_findings() {
    for (name, text) in fixtures() {
        insta::with_settings!({
            snapshot_path => "../syntax",
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!(name, picture(&text));
        });
    }
}

#[test]
fn good_fixtures_have_no_findings_and_bad_ones_have_some() {
    for (name, text) in fixtures() {
        let (sources, parsed) = parse(&text);
        let findings: String = parsed.findings.iter().map(|finding| shown(&sources, finding)).collect();
        assert_eq!(findings.is_empty(), name.starts_with("good-"), "{name}:\n{findings}");
        assert_eq!(parsed.file.broken, findings.contains(" error "), "{name}");
    }
}

#[test]
fn spans_begin_and_end_with_tokens() {
    for (name, text) in fixtures() {
        let (sources, parsed) = parse(&text);
        for span in spans::all(&parsed.file) {
            let written = sources.text(span);
            assert_eq!(written.trim(), written, "{name}: {span:?}");
            assert!(span.start < span.end || parsed.file.broken, "{name}: {span:?} is empty");
        }
    }
}

#[test]
fn blanks_comments_and_line_breaks_mean_nothing() {
    for (name, text) in fixtures().into_iter().filter(|(name, _)| name.starts_with("good-")) {
        let dump = |text: &str| dump::file(&parse(text).1.file);
        assert_eq!(dump(&text), dump(&format!("\u{feff}{}", text.replace('\n', "\r\n"))), "{name}");
        if !text.contains("//") {
            assert_eq!(dump(&text), dump(&text.replace('\n', " // note\n\n\t")), "{name}");
        }
    }
}

/// Applies the edits of all safe fixes, leaving out those that overlap an earlier one.
fn fixed(text: &str, findings: &[Diagnostic]) -> String {
    let mut edits: Vec<&Edit> = Vec::new();
    for finding in findings {
        let Some(fix) = finding.fixes.iter().find(|fix| fix.applicability == Applicability::Safe) else {
            continue;
        };
        let overlaps = |a: &Edit, b: &Edit| a.span.start < b.span.end && b.span.start < a.span.end;
        if !fix.edits.iter().any(|edit| edits.iter().any(|other| overlaps(edit, other))) {
            edits.extend(&fix.edits);
        }
    }
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut text = text.to_owned();
    for edit in edits.into_iter().rev() {
        text.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
    }
    text
}

#[test]
fn safe_fixes_mend_every_habit_and_keep_its_tree() {
    let habits: Vec<_> = fixtures().into_iter().filter(|(name, _)| name.starts_with("bad-habits")).collect();
    assert!(!habits.is_empty());
    for (name, text) in habits {
        let (_, before) = parse(&text);
        let mut mended = text.clone();
        for _ in 0..5 {
            mended = fixed(&mended, &parse(&mended).1.findings);
        }
        let (sources, after) = parse(&mended);
        let left: String = after.findings.iter().map(|finding| shown(&sources, finding)).collect();
        assert_eq!(left, "", "{name}:\n{mended}");
        assert_eq!(dump::file(&before.file), dump::file(&after.file), "{name}:\n{mended}");
    }
}

#[test]
fn types_of_the_catalog() {
    let mut sources = Sources::new();
    let file = sources.add("claims.yaml", "");
    let shown = |text: &str| match syntax::parse_type(file, text, 100) {
        Ok(ty) => {
            assert_eq!((ty.span.start, ty.span.end), (100, 100 + u32::try_from(text.len()).unwrap()));
            dump::ty(&ty)
        }
        Err(finding) => format!("{}..{} {}", finding.span.start, finding.span.end, finding.message),
    };
    let all: Vec<String> = [
        "string",
        "string[]?",
        "map[int?]",
        "\"free\" | \"pro\"",
        "(\"a\" | \"b\")[]",
        "{ a: string, \"b c\": int?, ... }",
        "{ default: bool }",
        "{}",
        "string string",
        "",
        "{ a: string",
        "list<string>",
        "string??",
    ]
    .iter()
    .map(|text| format!("{text:<36} {}", shown(text)))
    .collect();
    insta::with_settings!({
        snapshot_path => "../syntax",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!("types-of-the-catalog", all.join("\n"));
    });
}
