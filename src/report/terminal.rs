//! Findings for people at a terminal, drawn by miette. This is the only file that names it.

use std::collections::BTreeMap;
use std::fmt;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, ThemeCharacters, ThemeStyles};

use crate::diag::{Applicability, Diagnostic, Edit, Fix, Severity};
use crate::source::{FileId, Sources, Span};

use super::{Summary, visible};

mod excerpt;

use excerpt::Excerpt;

/// Findings that are drawn at the most; the summary counts them all.
const MAX_DRAWN: usize = 200;

/// What the terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// ANSI colours.
    pub color: bool,
    /// Box drawing characters beyond ASCII.
    pub unicode: bool,
    /// Columns.
    pub width: usize,
}

impl Style {
    /// No colours, ASCII, 100 columns: the same wherever it is printed.
    pub const PLAIN: Style = Style { color: false, unicode: false, width: 100 };
}

/// All findings, a blank line behind each, and the summary line.
pub fn render(diagnostics: &[Diagnostic], sources: &Sources, style: Style) -> String {
    let handler = handler(style);
    let excerpts = excerpts(diagnostics, sources);
    let mut out = String::new();
    for diagnostic in diagnostics.iter().take(MAX_DRAWN) {
        let drawing = Drawing::new(diagnostic, &excerpts);
        if handler.render_report(&mut out, &drawing).is_err() {
            // Never lose a finding to the drawing of it.
            out.push_str(&format!("{}: {}\n", sources.place(diagnostic.span), drawing.message));
        }
        out.push('\n');
    }
    let hidden = diagnostics.len().saturating_sub(MAX_DRAWN);
    if hidden > 0 {
        out.push_str(&format!("{hidden} more are not shown here; `--format json` lists all\n"));
    }
    out.push_str(&format!("{}\n", Summary::of(diagnostics)));
    // Blank source lines leave blanks at their end.
    out.lines().flat_map(|line| [line.trim_end(), "\n"]).collect()
}

fn handler(style: Style) -> GraphicalReportHandler {
    let theme = GraphicalTheme {
        characters: if style.unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() },
        styles: if style.color { ThemeStyles::ansi() } else { ThemeStyles::none() },
    };
    GraphicalReportHandler::new_themed(theme)
        .with_width(style.width)
        .with_urls(false)
        .without_syntax_highlighting()
        .with_break_words(false)
}

/// The files that take part, each prepared once.
fn excerpts<'a>(diagnostics: &[Diagnostic], sources: &'a Sources) -> BTreeMap<FileId, Excerpt<'a>> {
    diagnostics
        .iter()
        .take(MAX_DRAWN)
        .flat_map(|d| std::iter::once(d.span.file).chain(d.labels.iter().map(|label| label.span.file)))
        .filter_map(|file| Some((file, sources.get(file)?)))
        .collect::<BTreeMap<_, _>>()
        .into_iter()
        .map(|(file, source)| (file, Excerpt::new(source)))
        .collect()
}

/// A finding, or the places of it that lie in another file, as miette wants it.
#[derive(Debug)]
struct Drawing<'a> {
    code: Option<String>,
    severity: Severity,
    message: String,
    help: Option<String>,
    source: Option<&'a Excerpt<'a>>,
    labels: Vec<LabeledSpan>,
    elsewhere: Vec<Drawing<'a>>,
}

impl<'a> Drawing<'a> {
    fn new(diagnostic: &Diagnostic, excerpts: &'a BTreeMap<FileId, Excerpt<'a>>) -> Self {
        let home = diagnostic.span.file;
        let mut drawing = Drawing {
            code: Some(format!(
                "{} {} {}",
                diagnostic.severity.as_str(),
                diagnostic.code.code,
                diagnostic.code.slug
            )),
            severity: diagnostic.severity,
            message: visible(&diagnostic.message),
            help: help(diagnostic),
            source: excerpts.get(&home),
            labels: Vec::new(),
            elsewhere: Vec::new(),
        };
        drawing.label(diagnostic.span, &diagnostic.label, true);
        let mut others: BTreeMap<FileId, Drawing<'a>> = BTreeMap::new();
        for label in &diagnostic.labels {
            if label.span.file == home {
                drawing.label(label.span, &label.text, false);
                continue;
            }
            let other = others.entry(label.span.file).or_insert_with(|| Drawing {
                code: None,
                severity: Severity::Note,
                message: "this place takes part".to_owned(),
                help: None,
                source: excerpts.get(&label.span.file),
                labels: Vec::new(),
                elsewhere: Vec::new(),
            });
            other.label(label.span, &label.text, other.labels.is_empty());
        }
        drawing.elsewhere = others.into_values().collect();
        drawing
    }

    fn label(&mut self, span: Span, text: &str, is_primary: bool) {
        let Some(source) = self.source else { return };
        let range = source.shown(span.start as usize, span.end as usize);
        let text = (!text.is_empty()).then(|| visible(text));
        let span = (range.start, range.len());
        self.labels.push(if is_primary {
            LabeledSpan::new_primary_with_span(text, span)
        } else {
            LabeledSpan::new_with_span(text, span)
        });
    }
}

/// The help sentence and a line for each fix.
fn help(diagnostic: &Diagnostic) -> Option<String> {
    let lines: Vec<String> =
        diagnostic.help.iter().map(|help| visible(help)).chain(diagnostic.fixes.iter().map(fix)).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn fix(Fix { title, applicability, edits }: &Fix) -> String {
    let kind = match applicability {
        Applicability::Safe => "fix",
        Applicability::Unsafe => "possible fix",
        Applicability::Display => "for example",
    };
    let title = visible(title);
    match edits.as_slice() {
        [Edit { text, .. }] if !text.trim().is_empty() && !title.contains(text.trim()) => {
            let text = visible(text.trim());
            if text.contains('\n') {
                format!("{kind}: {title}:\n{text}")
            } else {
                format!("{kind}: {title}: `{text}`")
            }
        }
        _ => format!("{kind}: {title}"),
    }
}

impl fmt::Display for Drawing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Drawing<'_> {}

impl miette::Diagnostic for Drawing<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.code.as_ref().map(|code| Box::new(code) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.source.map(|source| source as &dyn miette::SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        if self.elsewhere.is_empty() {
            return None;
        }
        Some(Box::new(self.elsewhere.iter().map(|other| other as &dyn miette::Diagnostic)))
    }
}
