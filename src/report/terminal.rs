//! Findings for people at a terminal, drawn by miette. This is the only file that names it.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, ThemeCharacters, ThemeStyles};

use crate::diag::{Applicability, Diagnostic, Edit, Fix, Label, Severity};
use crate::source::{FileId, Sources, Span};

use super::{Summary, visible};

mod excerpt;

use excerpt::{Excerpt, Files};

/// Findings that are drawn at the most, the worst ones; the others are counted by their codes.
const MAX_DRAWN: usize = 50;

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
    let (drawn, counted) = split(diagnostics);
    let excerpts = excerpts(&drawn, sources);
    let mut out = String::new();
    for diagnostic in drawn {
        let drawing = Drawing::new(diagnostic, &excerpts);
        if handler.render_report(&mut out, &drawing).is_err() {
            // Never lose a finding to the drawing of it.
            let _ = writeln!(out, "{}: {}", sources.place(diagnostic.span), drawing.message);
        }
        if let Some(request) = &diagnostic.witness {
            out.push_str(&witness(request));
        }
        out.push('\n');
    }
    if !counted.is_empty() {
        let hidden: usize = counted.values().sum();
        let _ = writeln!(out, "{hidden} more, which `--format concise` and `--format json` list:");
        for ((severity, code, slug), count) in counted {
            let _ = writeln!(out, "{count:>6}  {} {code} {slug}", severity.as_str());
        }
        out.push('\n');
    }
    let _ = writeln!(out, "{}", Summary::of(diagnostics));
    // Blank source lines leave blanks at their end.
    out.lines().flat_map(|line| [line.trim_end(), "\n"]).collect()
}

/// The longest request that is printed, in bytes.
const MAX_REQUEST: usize = 240;

/// The request that shows a finding, as one line that can be copied.
fn witness(request: &str) -> String {
    if request.len() <= MAX_REQUEST {
        format!("  shown by: {}\n", visible(request))
    } else {
        "  shown by a request that `--format json` prints and `--witnesses DIR` writes to a file\n".to_owned()
    }
}

/// The findings to draw, in order, and how many others there are of each kind.
fn split(diagnostics: &[Diagnostic]) -> (Vec<&Diagnostic>, Counts) {
    let mut by_severity: Vec<usize> = (0..diagnostics.len()).collect();
    by_severity.sort_by_key(|index| diagnostics.get(*index).map(|d| d.severity));
    by_severity.truncate(MAX_DRAWN);
    by_severity.sort_unstable();
    let (mut drawn, mut counted) = (Vec::new(), Counts::new());
    for (index, diagnostic) in diagnostics.iter().enumerate() {
        if by_severity.binary_search(&index).is_ok() {
            drawn.push(diagnostic);
        } else {
            let key = (diagnostic.severity, diagnostic.code.code, diagnostic.code.slug);
            *counted.entry(key).or_default() += 1;
        }
    }
    (drawn, counted)
}

/// By severity, code and slug.
type Counts = BTreeMap<(Severity, &'static str, &'static str), usize>;

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
fn excerpts<'a>(diagnostics: &[&Diagnostic], sources: &'a Sources) -> BTreeMap<FileId, Excerpt<'a>> {
    diagnostics
        .iter()
        .flat_map(|d| std::iter::once(d.span.file).chain(d.labels.iter().map(|label| label.span.file)))
        .filter_map(|file| Some((file, sources.get(file)?)))
        .collect::<BTreeMap<_, _>>()
        .into_iter()
        .map(|(file, source)| (file, Excerpt::new(source)))
        .collect()
}

/// A finding as miette wants it.
#[derive(Debug)]
struct Drawing<'a> {
    code: String,
    severity: Severity,
    message: String,
    help: Option<String>,
    files: Files<'a>,
    labels: Vec<LabeledSpan>,
}

impl<'a> Drawing<'a> {
    fn new(diagnostic: &Diagnostic, excerpts: &'a BTreeMap<FileId, Excerpt<'a>>) -> Self {
        let Diagnostic { code, severity, message, span, label, labels, .. } = diagnostic;
        let mut drawing = Drawing {
            code: format!("{} {} {}", severity.as_str(), code.code, code.slug),
            severity: *severity,
            message: visible(message),
            help: help(diagnostic),
            files: Files::default(),
            labels: Vec::new(),
        };
        drawing.label(*span, label, excerpts);
        for Label { span, text } in labels {
            drawing.label(*span, text, excerpts);
        }
        drawing
    }

    /// Adds a label. The first one decides what is drawn first and which place a frame's heading names.
    fn label(&mut self, span: Span, text: &str, excerpts: &'a BTreeMap<FileId, Excerpt<'a>>) {
        let Some(excerpt) = excerpts.get(&span.file) else { return };
        let is_first_of_file = !self.files.contains(excerpt);
        let range = self.files.shown(excerpt, span.start as usize, span.end as usize);
        let text = (!text.is_empty()).then(|| visible(text));
        let span = (range.start, range.len());
        self.labels.push(if is_first_of_file {
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
        Some(Box::new(&self.code))
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
        Some(&self.files)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

#[cfg(test)]
mod tests;
