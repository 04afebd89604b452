//! Text -> [`ast::File`] and findings. Parsing never fails: a broken stretch is reported and left out, the rest is read.
//!
//! `scan` looks at the bytes first (limits, characters, brackets, comments), then pest reads `grammar/claims.pest`, then
//! `build` turns pairs into the tree. Nothing outside this module knows pest. Names, types and meanings are not judged.

mod build;
/// The diagnostics of this room.
pub mod codes;
mod errors;
mod expression;
mod grammar;
pub mod habits;
mod item;
mod literal;
mod operator;
mod scan;
mod statement;
mod types;

use pest::Parser;

use crate::ast;
use crate::diag::Diagnostic;
use crate::source::{FileId, Span};
use build::{Builder, Children};
use grammar::{Grammar, Rule};

/// The size of one file in bytes.
pub const MAX_FILE_BYTES: usize = 1024 * 1024;
/// How deeply brackets, unbraced `if`s and prefix operators may nest.
pub const MAX_DEPTH: usize = 64;
/// The height of an expression's tree, so that later passes may recurse: calls, members, indexes and operators.
pub const MAX_HEIGHT: usize = 128;
/// How many syntax errors of one file are reported.
pub const MAX_ERRORS: usize = 100;

/// A file as far as it could be read, and what is wrong with it.
#[derive(Debug)]
pub struct Parsed {
    /// The tree.
    pub file: ast::File,
    /// The findings, in the order of the text.
    pub findings: Vec<Diagnostic>,
}

/// Reads a policy file. Never fails: broken stretches become findings, the rest is in the tree.
pub fn parse(file: FileId, text: &str) -> Parsed {
    let scan = scan::scan(file, text, 0);
    let builder = Builder::new(file, 0, text, scan.docs, scan.findings);
    let mut tree = ast::File { comments: scan.comments, ..ast::File::default() };
    if let Some(text) = scan.text {
        match Grammar::parse(Rule::file, &text) {
            Ok(pairs) => tree.items = builder.file(Children::new(pairs)),
            Err(error) => builder.report_failure(&error, errors::position(&error), &text),
        }
        builder.report_stray_docs();
    }
    let findings = builder.finish();
    tree.broken = findings.iter().any(|d| d.severity == crate::diag::Severity::Error);
    Parsed { file: tree, findings }
}

/// Reads a type as it is written in claims.yaml; `offset` is where `text` starts in `file`.
#[expect(clippy::result_large_err, reason = "a type is read once per line of claims.yaml")]
pub fn parse_type(file: FileId, text: &str, offset: usize) -> Result<ast::Type, Diagnostic> {
    let scan = scan::scan(file, text, offset);
    let builder = Builder::new(file, offset, text, scan.docs, scan.findings);
    let mut ty = None;
    if let Some(text) = scan.text {
        match Grammar::parse(Rule::type_file, &text) {
            Ok(mut pairs) => ty = pairs.next().map(|pair| builder.ty(Children::of(pair))),
            Err(error) => builder.report_failure(&error, errors::position(&error), &text),
        }
    }
    match (builder.finish().into_iter().next(), ty) {
        (None, Some(ty)) => Ok(ty),
        (Some(finding), _) => Err(finding),
        (None, None) => {
            let place = Span::new(file, offset, offset + text.len());
            Err(Diagnostic::new(&codes::UNEXPECTED_TOKEN, place, "expected a type"))
        }
    }
}
