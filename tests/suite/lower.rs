//! Names, types and absence. Fixtures are `tests/lower/*.claims`, each with a `claims.yaml` of the same stem or the
//! shared one; their snapshots show text and findings. Those that begin with `good-` must be silent.

#[path = "lower/limits.rs"]
mod limits;

use std::path::PathBuf;

use claimsc::Compiler;
use claimsc::compile::Compilation;
use claimsc::diag::{Applicability, Diagnostic, Fix};
use claimsc::source::{Source, Sources, Span};

use super::folder::{entries, in_repository, name, read, report};

/// A policy with the claims.yaml that it is compiled with.
struct Fixture {
    name: String,
    text: String,
    catalog: String,
}

impl Fixture {
    fn compile(&self, text: &str) -> Compilation {
        Compiler::new()
            .catalog("claims.yaml", &self.catalog)
            .source("policy.claims", text)
            .without_proofs()
            .compile()
    }
}

fn fixtures() -> Vec<Fixture> {
    let has_extension = |path: &PathBuf| path.extension().is_some_and(|e| e == "claims");
    entries(&in_repository("tests/lower"))
        .into_iter()
        .filter(has_extension)
        .map(|path| {
            let own = path.with_extension("yaml");
            let catalog = if own.exists() { own } else { path.with_file_name("shared.yaml") };
            Fixture { name: name(&path.with_extension("")), text: read(&path), catalog: read(&catalog) }
        })
        .collect()
}

/// One finding: place, code, message, and indented what belongs to it.
pub(super) fn shown(sources: &Sources, finding: &Diagnostic) -> String {
    let place = |span: Span| {
        let start = sources.start(span);
        let file = sources.place(span);
        let file = file.split(':').next().unwrap_or_default();
        let file = if file == "policy.claims" { String::new() } else { format!("{file}:") };
        format!("{file}{}:{}", start.line, start.column)
    };
    let mut text = format!(
        "{} {} {} {}: {}\n",
        place(finding.span),
        finding.code.code,
        finding.severity.as_str(),
        finding.code.slug,
        finding.message
    );
    if !finding.label.is_empty() {
        text += &format!("    {}\n", finding.label);
    }
    for label in &finding.labels {
        text += &format!("    {} `{}` {}\n", place(label.span), sources.text(label.span), label.text);
    }
    if let Some(help) = &finding.help {
        text += &format!("    help: {help}\n");
    }
    for fix in &finding.fixes {
        let line = sources.start(finding.span).line;
        let mended = apply(whole(sources, finding), fix);
        let mended = mended.lines().nth(line - 1).unwrap_or_default();
        text +=
            &format!("    {} fix: {}\n        {}\n", fix.applicability.as_str(), fix.title, mended.trim());
    }
    text
}

/// The text of the file that a finding is about.
fn whole<'a>(sources: &'a Sources, finding: &Diagnostic) -> &'a str {
    sources.get(finding.span.file).map(Source::text).unwrap_or_default()
}

/// The text with the edits of one fix.
fn apply(text: &str, fix: &Fix) -> String {
    let mut text = text.to_owned();
    let mut edits: Vec<_> = fix.edits.iter().collect();
    edits.sort_by_key(|edit| edit.span.start);
    for edit in edits.into_iter().rev() {
        text.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
    }
    text
}

/// The findings of the lowering; what checks say about trust and reach is not what the fixtures are for.
pub(super) fn of_lowering(compilation: &Compilation) -> impl Iterator<Item = &Diagnostic> {
    let is_of_check =
        |finding: &Diagnostic| ["C06", "C07", "C10"].iter().any(|f| finding.code.code.starts_with(f));
    compilation.diagnostics.iter().filter(move |finding| {
        let of_check =
            claimsc::check::CHECKS.iter().flat_map(|check| check.codes).any(|code| *code == finding.code);
        !(of_check && is_of_check(finding))
    })
}

pub(super) fn all_shown(compilation: &Compilation) -> String {
    of_lowering(compilation).map(|finding| shown(&compilation.sources, finding)).collect()
}

#[test]
fn fixtures_give_their_findings() {
    for fixture in fixtures() {
        let findings = all_shown(&fixture.compile(&fixture.text));
        insta::with_settings!({
            snapshot_path => "../lower",
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!(fixture.name.as_str(), format!("{}\n---- findings\n{findings}", fixture.text));
        });
    }
}

#[test]
fn good_fixtures_are_silent_and_bad_ones_are_not() {
    let mut failures = Vec::new();
    for fixture in fixtures() {
        let compilation = fixture.compile(&fixture.text);
        let findings = all_shown(&compilation);
        let is_good = fixture.name.starts_with("good-");
        if findings.is_empty() != is_good || is_good && compilation.policy.is_none() {
            failures.push(format!("{}\n{findings}", fixture.name));
        }
    }
    report(&failures);
}

/// Findings of one kind, counted: what a fix mends is one of them.
fn count(findings: &[Diagnostic], of: &Diagnostic) -> usize {
    findings.iter().filter(|finding| finding.code == of.code && finding.message == of.message).count()
}

#[test]
fn every_fix_mends_its_finding_and_breaks_no_syntax() {
    let mut failures = Vec::new();
    for fixture in fixtures() {
        let before = fixture.compile(&fixture.text);
        for finding in &before.diagnostics {
            let fixes = finding.fixes.iter().filter(|fix| fix.applicability != Applicability::Display);
            for fix in fixes.filter(|_| whole(&before.sources, finding) == fixture.text) {
                let text = apply(&fixture.text, fix);
                let after = fixture.compile(&text);
                let syntax_errors = |compilation: &Compilation| {
                    compilation.diagnostics.iter().filter(|d| d.code.code.starts_with("C01")).count()
                };
                let has_syntax_error = syntax_errors(&after) > syntax_errors(&before);
                let is_mended = count(&after.diagnostics, finding) < count(&before.diagnostics, finding);
                if has_syntax_error || !is_mended {
                    let finding = shown(&before.sources, finding);
                    let after = all_shown(&after);
                    failures.push(format!("{}: {}\n{finding}--> {after}", fixture.name, fix.title));
                }
            }
        }
    }
    report(&failures);
}
