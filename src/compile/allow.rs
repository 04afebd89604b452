//! `@allow(slug, "reason")`: silences one check within an item, statement or block, and is told where it does nothing.

use crate::analysis::ANALYSES;
use crate::ast::{self, Allow, Block, ItemKind, Statement, StatementKind};
use crate::catalog::Catalog;
use crate::check::CHECKS;
use crate::diag::{Applicability, Code, Diagnostic};
use crate::registry::{self, compilation as codes};
use crate::source::Span;

/// One annotation and the text it covers.
struct Region<'a> {
    allow: &'a Allow,
    covers: Span,
    is_used: bool,
}

/// The annotations of an item.
struct Annotated<'a> {
    /// The text of the item.
    span: Span,
    /// The outermost first.
    regions: Vec<Region<'a>>,
}

impl Region<'_> {
    /// Whether the annotation names a check; a misspelt name is reported, and means what it is like.
    fn means(&self, slug: &str) -> bool {
        let word = &self.allow.slug.text;
        word == slug
            || registry::find(word).is_none()
                && registry::similar(word).first().is_some_and(|c| c.slug == slug)
    }
}

/// What could find anything. Of what was not asked for, an annotation is not unused.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    pub(super) checks: bool,
    pub(super) proofs: bool,
}

impl Asked {
    fn could_find(self, code: &Code) -> bool {
        let of_checks = || CHECKS.iter().any(|check| check.codes.contains(&code));
        let of_proofs = || ANALYSES.iter().any(|analysis| analysis.codes.contains(&code));
        (self.checks || !of_checks()) && (self.proofs || !of_proofs())
    }
}

/// Takes silenced findings out and adds those about the annotations themselves.
pub(super) fn apply(
    files: &[ast::File],
    catalog: &Catalog,
    asked: Asked,
    findings: Vec<Diagnostic>,
) -> Vec<Diagnostic> {
    let mut annotated = annotated(files);
    let mut kept = Vec::with_capacity(findings.len());
    for finding in findings {
        match region_of(&mut annotated, &finding) {
            Some(region) if finding.code.allowed && !is_locked(catalog, finding.code.slug) => {
                region.is_used = true;
            }
            _ => kept.push(finding),
        }
    }
    for (slug, span) in &catalog.locked {
        match registry::find(slug) {
            None => kept.push(unknown(slug, *span)),
            Some(code) if !code.allowed => kept.push(
                Diagnostic::new(
                    &codes::POINTLESS_LOCK,
                    *span,
                    format!("nothing can silence `{slug}` anyway"),
                )
                .help("remove it from `locked`"),
            ),
            Some(_) => {}
        }
    }
    let is_broken = files.iter().any(|file| file.broken);
    for region in annotated.iter().flat_map(|item| &item.regions) {
        kept.extend(about(region, catalog, asked, is_broken));
    }
    kept
}

/// The items with annotations. In the order of the texts, as files and items are, and they do not overlap.
fn annotated<'a>(files: &'a [ast::File]) -> Vec<Annotated<'a>> {
    let annotations = |item: &'a ast::Item| {
        let mut regions = Vec::new();
        add(&mut regions, &item.notes.allows, item.span);
        if let ItemKind::Rule { body: statement, .. } | ItemKind::Statement(statement) = &item.kind {
            collect(statement, &mut regions);
        }
        Annotated { span: item.span, regions }
    };
    let items = files.iter().flat_map(|file| &file.items).map(annotations);
    items.filter(|item| !item.regions.is_empty()).collect()
}

/// The annotation that is about a finding.
fn region_of<'r, 'a>(annotated: &'r mut [Annotated<'a>], finding: &Diagnostic) -> Option<&'r mut Region<'a>> {
    let place = finding.span.at_start();
    // Of all items that begin before it, only the last can cover it.
    let before = annotated.partition_point(|item| item.span.at_start() <= place);
    let item = annotated.get_mut(before.checked_sub(1)?)?;
    item.regions
        .iter_mut()
        .find(|region| region.covers.contains(finding.span) && region.means(finding.code.slug))
}

fn is_locked(catalog: &Catalog, slug: &str) -> bool {
    catalog.locked.iter().any(|(locked, _)| &**locked == slug)
}

/// What is wrong with an annotation.
fn about(region: &Region<'_>, catalog: &Catalog, asked: Asked, is_broken: bool) -> Option<Diagnostic> {
    let slug = &region.allow.slug;
    let word = &slug.text;
    let Some(code) = registry::find(word) else {
        return Some(unknown(word, slug.span));
    };
    if !code.allowed {
        return Some(
            Diagnostic::new(&codes::NOT_ALLOWABLE, slug.span, format!("`{word}` cannot be silenced"))
                .help("mend what it reports"),
        );
    }
    if is_locked(catalog, code.slug) {
        return Some(
            Diagnostic::new(&codes::NOT_ALLOWABLE, slug.span, format!("claims.yaml locks `{word}`"))
                .help("mend what it reports, or ask whoever owns claims.yaml"),
        );
    }
    if region.allow.reason.text.trim().is_empty() {
        return Some(
            Diagnostic::new(&codes::NO_REASON, region.allow.reason.span, "an `@allow` says why")
                .help("write the reason for whoever reviews this"),
        );
    }
    (!region.is_used && !is_broken && asked.could_find(code)).then(|| {
        Diagnostic::new(
            &codes::UNUSED_ALLOW,
            region.allow.span,
            format!("nothing here is reported as `{word}`"),
        )
        .help("remove the annotation")
        .fix(Applicability::Safe, "remove it", region.allow.span, "")
    })
}

/// A slug that names no check, in an annotation or in claims.yaml.
fn unknown(slug: &str, span: Span) -> Diagnostic {
    let diagnostic = Diagnostic::new(&codes::UNKNOWN_CHECK, span, format!("there is no check `{slug}`"));
    match registry::similar(slug).first() {
        Some(near) => diagnostic.help(format!("did you mean `{}`?", near.slug)).fix(
            Applicability::Unsafe,
            format!("replace it by `{}`", near.slug),
            span,
            near.slug,
        ),
        None => diagnostic.help("take the slug that the finding shows behind its code"),
    }
}

fn add<'a>(regions: &mut Vec<Region<'a>>, allows: &'a [Allow], covers: Span) {
    regions.extend(allows.iter().map(|allow| Region { allow, covers, is_used: false }));
}

fn collect<'a>(statement: &'a Statement, regions: &mut Vec<Region<'a>>) {
    let mut open = vec![statement];
    let block = |block: &'a Block, open: &mut Vec<&'a Statement>, regions: &mut Vec<Region<'a>>| {
        add(regions, &block.allows, block.span);
        open.extend(&block.statements);
    };
    while let Some(statement) = open.pop() {
        add(regions, &statement.notes.allows, statement.span);
        match &statement.kind {
            StatementKind::If(chain) => {
                for inner in chain.branches.iter().map(|branch| &branch.body).chain(&chain.otherwise) {
                    block(inner, &mut open, regions);
                }
            }
            StatementKind::Block(inner) => block(inner, &mut open, regions),
            StatementKind::Let(_) | StatementKind::Verb(_) | StatementKind::Error => {}
        }
    }
}
