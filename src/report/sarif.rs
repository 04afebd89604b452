//! Findings as a SARIF log, for code scanning: OASIS Static Analysis Results Interchange Format, version 2.1.0.
//! Section numbers are of that standard.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::diag::{Applicability, Code, Diagnostic, Edit, Fix, Label, Severity};
use crate::registry;
use crate::source::{Sources, Span};
use crate::value::Value;

use super::json::{count, object, with};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// A log of one run. `locate` gives the path of a file from the folder in which the program runs.
pub(super) fn document(
    diagnostics: &[Diagnostic],
    sources: &Sources,
    locate: &dyn Fn(&str) -> String,
) -> Value {
    let rules: BTreeMap<&str, &Code> = diagnostics.iter().map(|d| (d.code.code, d.code)).collect();
    let index: BTreeMap<&str, usize> = rules.keys().enumerate().map(|(i, code)| (*code, i)).collect();
    let mut log = Log { sources, locate, seen: BTreeMap::new() };
    let results = diagnostics
        .iter()
        .map(|diagnostic| log.result(diagnostic, index.get(diagnostic.code.code).copied().unwrap_or(0)))
        .collect();
    let driver = object([
        ("name", text("claimsc")),
        ("version", text(env!("CARGO_PKG_VERSION"))),
        ("rules", Value::list(rules.values().map(|code| rule(code)).collect())),
    ]);
    let run = object([
        ("tool", object([("driver", driver)])),
        ("columnKind", text("unicodeCodePoints")),
        ("results", Value::list(results)),
    ]);
    object([("$schema", text(SCHEMA)), ("version", text("2.1.0")), ("runs", Value::list(vec![run]))])
}

/// A `reportingDescriptor` (3.49).
fn rule(code: &Code) -> Value {
    object([
        ("id", text(code.code)),
        ("name", text(code.slug)),
        ("shortDescription", message(registry::fact(code))),
        ("help", object([("text", text(code.page)), ("markdown", text(code.page))])),
        ("defaultConfiguration", object([("level", text(level(code.severity)))])),
    ])
}

struct Log<'a> {
    sources: &'a Sources,
    locate: &'a dyn Fn(&str) -> String,
    /// How many findings of a code with one text there are in a file so far.
    seen: BTreeMap<(&'static str, String, String), usize>,
}

impl Log<'_> {
    /// A `result` (3.27).
    fn result(&mut self, diagnostic: &Diagnostic, rule: usize) -> Value {
        let Diagnostic { code, severity, message: fact, span, label, labels, help, fixes, witness: _ } =
            diagnostic;
        let mut sentence = fact.clone();
        for part in [label.as_str(), help.as_deref().unwrap_or_default()] {
            if !part.is_empty() {
                sentence.push_str("; ");
                sentence.push_str(part);
            }
        }
        let related = labels.iter().map(|Label { span, text: label }| {
            object([("physicalLocation", self.place(*span)), ("message", message(label))])
        });
        let related = Value::list(related.collect());
        let fixes = fixes.iter().filter(|fix| fix.applicability != Applicability::Display);
        let fixes = Value::list(fixes.map(|fix| self.fix(fix)).collect());
        let result = object([
            ("ruleId", text(code.code)),
            ("ruleIndex", count(rule)),
            ("level", text(level(*severity))),
            ("message", message(&sentence)),
            ("locations", Value::list(vec![object([("physicalLocation", self.place(*span))])])),
            ("relatedLocations", related),
            ("fixes", fixes),
            ("partialFingerprints", object([("claimscFinding/v1", text(&self.fingerprint(code, *span)))])),
        ]);
        match super::witness(diagnostic) {
            // A property bag (3.8).
            Some(request) => with(&result, "properties", object([("witness", request)])),
            None => result,
        }
    }

    /// A `physicalLocation` (3.29).
    fn place(&self, span: Span) -> Value {
        object([("artifactLocation", self.artifact(span)), ("region", self.region(span))])
    }

    fn artifact(&self, span: Span) -> Value {
        object([("uri", text(&uri(&self.path(span))))])
    }

    fn path(&self, span: Span) -> String {
        (self.locate)(self.sources.name(span.file))
    }

    /// A `region` (3.30): its end column is the one behind the last character.
    fn region(&self, span: Span) -> Value {
        let (start, end) = (self.sources.start(span), self.sources.end(span));
        object([
            ("startLine", count(start.line)),
            ("startColumn", count(start.column)),
            ("endLine", count(end.line)),
            ("endColumn", count(end.column)),
        ])
    }

    /// A `fix` (3.55): the edits by file.
    fn fix(&self, Fix { title, edits, .. }: &Fix) -> Value {
        let mut by_file: BTreeMap<String, (Span, Vec<Value>)> = BTreeMap::new();
        for Edit { span, text: inserted } in edits {
            let replacement = object([
                ("deletedRegion", self.region(*span)),
                ("insertedContent", object([("text", text(inserted))])),
            ]);
            by_file.entry(self.path(*span)).or_insert((*span, Vec::new())).1.push(replacement);
        }
        let changes = by_file.into_values().map(|(span, replacements)| {
            object([("artifactLocation", self.artifact(span)), ("replacements", Value::list(replacements))])
        });
        object([("description", message(title)), ("artifactChanges", Value::list(changes.collect()))])
    }

    /// What stays the same when lines above move: the code, the file, the words of the lines, and which of several
    /// such findings it is.
    fn fingerprint(&mut self, code: &Code, span: Span) -> String {
        let file = self.path(span);
        let words = self.words(span);
        let key = (code.code, file.clone(), words.clone());
        let ordinal = self.seen.entry(key).and_modify(|count| *count += 1).or_insert(0);
        let parts = [code.code, &file, &words, &ordinal.to_string()];
        format!("{:016x}", fnv1a(parts.join("\u{0}").as_bytes()))
    }

    /// The words of the lines of a span, with one blank between them.
    fn words(&self, span: Span) -> String {
        let text = self.sources.get(span.file).map_or("", |source| source.text());
        let (start, end) = (self.sources.start(span).offset, self.sources.end(span).offset);
        let from = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        let to = text.get(end..).and_then(|behind| behind.find('\n')).map_or(text.len(), |at| end + at);
        text.get(from..to).unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// The hash FNV-1a with 64 bits: a short name for a text, the same on every machine and in every release.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// A relative reference of RFC 3986 section 4.2: all but unreserved characters and `/` as `%..`.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn level(severity: Severity) -> &'static str {
    severity.as_str()
}

fn message(sentence: &str) -> Value {
    object([("text", text(sentence))])
}

fn text(text: &str) -> Value {
    Value::from(text)
}
