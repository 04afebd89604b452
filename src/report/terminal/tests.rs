use super::*;
use crate::diag::{Code, Findings};

static WRONG: Code =
    Code { code: "C0999", slug: "wrong", severity: Severity::Error, allowed: false, page: "# C0999 wrong\n" };

/// Some text in a file, and a way to point at it.
struct Text {
    sources: Sources,
}

impl Text {
    fn of(files: &[(&str, &str)]) -> Self {
        let mut sources = Sources::new();
        for (name, text) in files {
            sources.add(name, text);
        }
        Text { sources }
    }

    /// The first occurrence of `needle` in a file.
    fn span(&self, file: usize, needle: &str) -> Span {
        let (id, source) = self.sources.iter().nth(file).unwrap();
        let start = source.text().find(needle).unwrap();
        Span::new(id, start, start + needle.len())
    }

    fn draw(&self, diagnostic: Diagnostic) -> String {
        render(&[diagnostic], &self.sources, Style::PLAIN)
    }
}

#[test]
fn both_places_of_a_conflict_are_drawn_before_the_help() {
    let text = Text::of(&[
        ("b.claims", "// one\nadd ns/plan = \"free\"\n// three\n"),
        ("a.claims", "add ns/plan = \"pro\"\n"),
        ("claims.yaml", "language: 1\nprivate_claims: { plan: x }\n"),
    ]);
    let plan = text.span(0, "ns/plan");
    let diagnostic = Diagnostic::new(&WRONG, plan, "`ns/plan` gets two values")
        .label("`\"free\"` here")
        .also(text.span(1, "ns/plan"), "`\"pro\"` here")
        .also(text.span(2, "plan"), "declared here")
        .also(text.span(0, "// three"), "and this is beside it")
        .help("give one of them a condition")
        .fix(Applicability::Safe, "take the second", plan, "override ns/plan")
        .fix(Applicability::Unsafe, "remove this write", plan, "");
    insta::assert_snapshot!(text.draw(diagnostic));
}

#[test]
fn a_place_at_the_end_can_be_seen() {
    for text in ["", "a {\n", "a {"] {
        let text = Text::of(&[("p.claims", text)]);
        let (id, source) = text.sources.iter().next().unwrap();
        let end = source.text().len();
        let drawn = text.draw(Diagnostic::new(&WRONG, Span::new(id, end, end), "ends early").label("here"));
        assert!(drawn.contains("-- here"), "{drawn}");
    }
}

#[test]
fn spans_beyond_the_text_do_not_matter() {
    let text = Text::of(&[("p.claims", "é\n")]);
    let (id, _) = text.sources.iter().next().unwrap();
    for span in [Span::new(id, 1, 2), Span::new(id, 90, 99), Span::new(id, 2, 0)] {
        let drawn = text.draw(Diagnostic::new(&WRONG, span, "odd").label("here"));
        assert!(drawn.contains("x odd") && drawn.contains("1 error"), "{drawn}");
    }
}

#[test]
fn neither_long_lines_nor_long_spans_flood_the_terminal() {
    let long = format!("{}start{}end{}\nnext\n", "x".repeat(90_000), "y".repeat(9_000), "é".repeat(9_000));
    let many = format!("{{\n{}}}\n", "  line\n".repeat(5_000));
    let text = Text::of(&[("long.claims", &long), ("many.claims", &many)]);
    let (id, source) = text.sources.iter().nth(1).unwrap();
    let diagnostic = Diagnostic::new(&WRONG, text.span(0, "start"), "far apart")
        .label("from here")
        .also(text.span(0, "end"), "to here")
        .also(Span::new(id, 0, source.text().len()), "all of it");
    let drawn = text.draw(diagnostic);
    assert!(drawn.len() < 3_000, "{} bytes", drawn.len());
    for label in ["from here", "to here", "all of it"] {
        assert!(drawn.contains(label), "{drawn}");
    }
}

#[test]
fn a_policy_cannot_steer_the_terminal() {
    let text = Text::of(&[("a\u{1b}[0m.claims", "// \u{1b}[31m\u{202e} \u{9b}x\rwrong\r\nnext\r\n")]);
    let drawn = text.draw(
        Diagnostic::new(&WRONG, text.span(0, "wrong"), "`\u{1b}]0;title`")
            .label("\u{202e}")
            .help("\u{7}")
            .fix(Applicability::Safe, "\u{8}", text.span(0, "wrong"), "\u{1b}"),
    );
    assert!(!drawn.contains(super::super::is_steering), "{drawn:?}");
    insta::assert_snapshot!(drawn);
}

#[test]
fn of_very_many_findings_the_worst_are_drawn_and_all_are_counted() {
    let text = Text::of(&[("p.claims", &"x\n".repeat(1_000))]);
    let (id, _) = text.sources.iter().next().unwrap();
    let finding = |i: usize| Diagnostic::new(&WRONG, Span::new(id, 2 * i, 2 * i + 1), "wrong");
    let mut findings = Findings::new();
    findings.extend((0..999).map(|i| Diagnostic { severity: Severity::Warning, ..finding(i) }));
    findings.push(finding(999));
    let drawn = render(&findings.finish(), &text.sources, Style::PLAIN);
    assert_eq!(drawn.matches("! wrong").count(), MAX_DRAWN - 1, "{drawn}");
    assert_eq!(drawn.matches("x wrong").count(), 1, "the error is last, but not left out");
    let counted =
        "950 more, which `--format concise` and `--format json` list:\n   950  warning C0999 wrong\n\n";
    assert!(drawn.ends_with(&format!("{counted}1 error, 999 warnings\n")), "{drawn}");
}

#[test]
fn colours_and_boxes_where_the_terminal_has_them() {
    let text = Text::of(&[("p.claims", "wrong\n")]);
    let drawn = |style| render(&[Diagnostic::new(&WRONG, text.span(0, "wrong"), "x")], &text.sources, style);
    assert!(drawn(Style::PLAIN).is_ascii());
    let fancy = drawn(Style { color: true, unicode: true, width: 80 });
    assert!(fancy.contains("\u{1b}[31m") && fancy.contains('╭'), "{fancy}");
}
