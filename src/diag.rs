//! Diagnostics as plain data: what is wrong, where, why, and what to do.
//!
//! Renderings (terminal, JSON) live in `report`. A message is lower case, has no final period, puts the user's
//! words in backticks and never contains a secret or a person's data.

use crate::source::Span;

/// How bad it is. An error stops a policy from being deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The policy is refused.
    Error,
    /// Probably a mistake; `--deny warnings` refuses it.
    Warning,
    /// Good to know.
    Note,
}

impl Severity {
    /// `error`, `warning` or `note`.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// A kind of diagnostic: a stable code, a slug that works wherever the code does, and its page.
///
/// Declared by [`codes!`](crate::codes) in the room that reports it; never reused.
#[derive(Debug)]
pub struct Code {
    /// `C` and four digits; the first two are the family.
    pub code: &'static str,
    /// Words with dashes; names the bad pattern.
    pub slug: &'static str,
    /// The usual severity.
    pub severity: Severity,
    /// Whether `@allow(slug, "reason")` can silence it.
    pub allowed: bool,
    /// The page in Markdown: why, a failing example, the fix.
    #[cfg(feature = "compiler")]
    pub page: &'static str,
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Eq for Code {}

/// Declares the diagnostics of one room: a doc line, the name of the static, code, slug and severity; `allow` at the
/// end where `@allow` may silence it. The page is `docs/diagnostics/<slug>.md`.
///
/// ```text
/// codes! {
///     /// A path names an attribute that the catalog does not have.
///     UNKNOWN_ATTRIBUTE = "C0201" "unknown-attribute" Error;
/// }
/// ```
#[macro_export]
#[doc(hidden)]
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal $slug:literal $severity:ident $($allow:ident)?;)*) => {
        $($(#[$doc])*
        pub static $name: $crate::diag::Code = $crate::diag::Code {
            code: $code,
            slug: $slug,
            severity: $crate::diag::Severity::$severity,
            allowed: $crate::codes!(@allow $($allow)?),
            #[cfg(feature = "compiler")]
            page: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/diagnostics/", $slug, ".md")),
        };)*
        /// All diagnostics that this room declares.
        pub static CODES: &[&$crate::diag::Code] = &[$(&$name),*];
    };
    (@allow allow) => { true };
    (@allow) => { false };
}

/// A second place that takes part, with a few words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What this place has to do with it; may be empty.
    pub text: String,
}

/// How far a fix may be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Applicability {
    /// Keeps or clearly states the meaning: a tool may apply it.
    Safe,
    /// Changes or chooses a meaning: only a person applies it.
    Unsafe,
    /// Shows the idea; not text to insert as it is.
    Display,
}

impl Applicability {
    /// `safe`, `unsafe` or `display`.
    pub fn as_str(self) -> &'static str {
        match self {
            Applicability::Safe => "safe",
            Applicability::Unsafe => "unsafe",
            Applicability::Display => "display",
        }
    }
}

/// Replaces the text of `span`; an empty span inserts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// The new text.
    pub text: String,
}

/// A change that would mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// One imperative sentence without a period.
    pub title: String,
    /// How far it may be trusted.
    pub applicability: Applicability,
    /// The edits; they do not overlap.
    pub edits: Vec<Edit>,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What kind of finding.
    pub code: &'static Code,
    /// How bad; usually the code's own severity.
    pub severity: Severity,
    /// The fact.
    pub message: String,
    /// The place it is about.
    pub span: Span,
    /// A few words at that place; may be empty.
    pub label: String,
    /// Other places that take part.
    pub labels: Vec<Label>,
    /// One imperative sentence: what to do.
    pub help: Option<String>,
    /// Known mends.
    pub fixes: Vec<Fix>,
    /// A request that shows it, executed by the evaluator: JSON text as `claimsc eval --request` takes it.
    pub witness: Option<String>,
}

impl Diagnostic {
    /// A finding of a kind at a place.
    pub fn new(code: &'static Code, span: Span, message: impl Into<String>) -> Self {
        Diagnostic {
            code,
            severity: code.severity,
            message: message.into(),
            span,
            label: String::new(),
            labels: Vec::new(),
            help: None,
            fixes: Vec::new(),
            witness: None,
        }
    }

    /// Sets the request that shows it.
    #[must_use]
    pub fn witness(mut self, request: impl Into<String>) -> Self {
        self.witness = Some(request.into());
        self
    }

    /// Sets the words at the primary place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.label = text.into();
        self
    }

    /// Adds a second place.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Sets the help sentence.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Adds a fix that replaces one stretch of text.
    #[must_use]
    pub fn fix(
        self,
        applicability: Applicability,
        title: impl Into<String>,
        span: Span,
        text: impl Into<String>,
    ) -> Self {
        self.fix_many(applicability, title, vec![Edit { span, text: text.into() }])
    }

    /// Adds a fix of several edits.
    #[must_use]
    pub fn fix_many(
        mut self,
        applicability: Applicability,
        title: impl Into<String>,
        edits: Vec<Edit>,
    ) -> Self {
        self.fixes.push(Fix { title: title.into(), applicability, edits });
        self
    }
}

/// Findings of a run, in the order they were found; [`Findings::finish`] sorts them.
#[derive(Debug, Default)]
pub struct Findings {
    all: Vec<Diagnostic>,
}

impl Findings {
    /// No findings.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.all.push(diagnostic);
    }

    /// Adds many.
    pub fn extend(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        self.all.extend(diagnostics);
    }

    /// Whether one of them is an error.
    pub fn has_errors(&self) -> bool {
        self.all.iter().any(|d| d.severity == Severity::Error)
    }

    /// All of them in the order they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.all.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// All of them by file, offset, code and message, each once.
    pub fn finish(mut self) -> Vec<Diagnostic> {
        self.all.sort_by(|a, b| {
            (a.span.file, a.span.start, a.code.code, &a.message, a.span.end).cmp(&(
                b.span.file,
                b.span.start,
                b.code.code,
                &b.message,
                b.span.end,
            ))
        });
        self.all.dedup();
        self.all
    }
}
