//! claims.yaml to [`Catalog`].
//!
//! Three passes: text to tree (`yaml`), tree against the forms of its keys (`check`), tree to data. It never fails:
//! mistakes are findings, and what they spoil is left out or has an error shape, so that one mistake is one finding.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::codes::{CATALOG_LIMIT, LANGUAGE_VERSION, MALFORMED_TEXT};
use super::defaults::{self, standard_shape};
use super::form::Form;
use super::keys::FILE;
use super::shape::{Shapes, Standard};
use super::yaml::{self, Node, NodeKind};
use super::{
    Catalog, Constant, Cost, ForeignNamespace, LANGUAGE, PrivateClaim, Root, World, check, domains, world,
};
use crate::diag::{Applicability, Diagnostic};
use crate::source::{FileId, Span};
use crate::standard::PROFILES;
use crate::ty::{Labels, RecordShape, Shape, ShapeKind};
use crate::value::Value;

/// Findings that are shown.
const MAX_FINDINGS: usize = 100;

/// Reads claims.yaml. The catalog is complete whatever the text is; with an error among the findings it may not be
/// used to issue tokens.
pub fn read(file: FileId, text: &str) -> (Catalog, Vec<Diagnostic>) {
    let mut findings = Vec::new();
    let mut catalog = Catalog { is_given: true, ..Catalog::default_world() };
    let before = findings.len();
    match yaml::parse(file, text, "claims.yaml", &mut findings) {
        Some(root) => read_root(file, text, &root, &mut catalog, &mut findings),
        None if findings.len() == before => {
            findings.push(no_language(file, text).help("write `language: 1` on the first line"));
        }
        None => {}
    }
    (catalog, limited(file, findings))
}

/// Reads a YAML text that is data, such as values for `config`, as strictly as claims.yaml. Nothing at all is null.
///
/// # Errors
/// What is not read in one way by everybody; messages call the text `what`.
pub fn read_data(file: FileId, text: &str, what: &'static str) -> Result<Value, Vec<Diagnostic>> {
    let mut findings = Vec::new();
    let root = yaml::parse(file, text, what, &mut findings);
    if findings.is_empty() {
        return Ok(root.map_or(Value::Null, |root| root.value()));
    }
    Err(limited(file, findings))
}

/// A hostile file has as many mistakes as bytes; nobody reads more than a screenful.
fn limited(file: FileId, mut findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    findings.sort_by_key(|finding| finding.span.start);
    if findings.len() > MAX_FINDINGS {
        let message = format!("{} more mistakes are not shown", findings.len() - MAX_FINDINGS);
        let span = findings.get(MAX_FINDINGS).map_or(Span::new(file, 0, 0), |finding| finding.span);
        findings.truncate(MAX_FINDINGS);
        findings.push(Diagnostic::new(&CATALOG_LIMIT, span, message));
    }
    findings
}

fn no_language(file: FileId, text: &str) -> Diagnostic {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let span = Span::new(file, start, start);
    Diagnostic::new(
        &LANGUAGE_VERSION,
        span,
        "claims.yaml does not say which version of the language it is for",
    )
    .help("write `language: 1`")
    .fix(Applicability::Safe, "add `language: 1`", span, "language: 1\n")
}

fn read_root(file: FileId, text: &str, root: &Node, catalog: &mut Catalog, findings: &mut Vec<Diagnostic>) {
    check::check(&Form::Keys(&FILE), root, "", root.span, findings);
    if !matches!(root.kind, NodeKind::Map(_)) {
        return;
    }
    match root.entry("language") {
        None => findings.push(no_language(file, text)),
        Some((_, node)) if node.int().is_some_and(|n| n >= 0 && n != LANGUAGE) => {
            let finding = Diagnostic::new(
                &LANGUAGE_VERSION,
                node.span,
                format!("this release knows language {LANGUAGE}"),
            )
            .help(format!("write `language: {LANGUAGE}`, or use a release that knows this one"));
            findings.push(finding);
        }
        Some(_) => {}
    }
    read_facts(root, catalog, findings);
    let labels = catalog.labels.clone();
    let mut shapes = Shapes { file, labels: &labels, findings };
    read_private_claims(root, catalog, &mut shapes);
    world::read(root, catalog, &mut shapes);
    read_config(root, catalog, &mut shapes);
    read_inputs(root, catalog, &mut shapes);
}

fn texts(root: &Node, key: &str) -> Vec<Arc<str>> {
    let items = root.get(key).map_or(&[][..], Node::list);
    let mut texts: Vec<Arc<str>> = Vec::new();
    let mut seen = BTreeSet::new();
    texts.extend(items.iter().filter_map(Node::text).filter(|text| seen.insert(*text)).map(Arc::from));
    texts
}

fn read_facts(root: &Node, catalog: &mut Catalog, findings: &mut Vec<Diagnostic>) {
    catalog.issuer = root.get("issuer").and_then(Node::text).map(Arc::from);
    if let Some(profile) = root.get("profile").and_then(Node::text).filter(|name| PROFILES.contains(name)) {
        catalog.profile = profile.into();
    }
    catalog.owned_domains = texts(root, "owned_domains");
    domains::check(root, findings);
    for (key, node) in root.get("foreign_namespaces").map_or(&[][..], Node::map) {
        if let Some(reason) = node.text() {
            let namespace = ForeignNamespace { reason: reason.into(), span: key.span };
            catalog.foreign_namespaces.insert(key.text.clone(), namespace);
        }
    }
    let own = texts(root, "labels");
    if own.len() > Labels::MAX_OWN
        && let Some((key, _)) = root.entry("labels")
    {
        let message = format!("{} labels are listed, {} are possible", own.len(), Labels::MAX_OWN);
        findings.push(Diagnostic::new(&CATALOG_LIMIT, key.span, message));
    }
    for label in own.into_iter().take(Labels::MAX_OWN) {
        if !catalog.labels.contains(&label) {
            catalog.labels.push(label);
        }
    }
    catalog.lifetimes = world::default_lifetimes(root, defaults::LIFETIMES);
    // OpenID Connect Core section 5.3 puts the userinfo endpoint at the issuer.
    let userinfo =
        catalog.issuer.as_deref().map(|issuer| format!("{}/userinfo", issuer.trim_end_matches('/')));
    catalog.issuer_endpoints = texts(root, "issuer_endpoints");
    if let Some(userinfo) = userinfo
        && !catalog.issuer_endpoints.iter().any(|endpoint| **endpoint == userinfo)
    {
        catalog.issuer_endpoints.push(userinfo.into());
    }
    catalog.explicit_delegation = root.get("delegation").and_then(Node::text) == Some("explicit");
    let locked = root.get("locked").map_or(&[][..], Node::list);
    catalog.locked = locked.iter().filter_map(|node| Some((Arc::from(node.text()?), node.span))).collect();
    for cost in Cost::ALL {
        let count = root.get("budgets").and_then(|budgets| budgets.get(cost.as_str())).and_then(Node::int);
        if let Some(count) = count.and_then(|count| u64::try_from(count).ok()) {
            catalog.budget.set(*cost, count);
        }
    }
}

fn read_private_claims(root: &Node, catalog: &mut Catalog, shapes: &mut Shapes<'_>) {
    for (key, node) in root.get("private_claims").map_or(&[][..], Node::map) {
        let reason = node.text().or_else(|| node.get("reason").and_then(Node::text));
        let ty = match node.get("type") {
            Some(Node { kind: NodeKind::Text(text), span }) => Some(shapes.ty(text, *span).ty()),
            _ => None,
        };
        if let Some(reason) = reason {
            let claim = PrivateClaim { ty, reason: reason.into(), span: key.span };
            catalog.private_claims.insert(key.text.clone(), claim);
        }
    }
}

fn read_config(root: &Node, catalog: &mut Catalog, shapes: &mut Shapes<'_>) {
    let mut members = Vec::new();
    for (key, node) in root.get("config").map_or(&[][..], Node::map) {
        // Settings without a type were reported.
        let untyped = check::is_constant_settings(node) && !check::is_settings(node);
        let shape = if untyped { Shape::of(ShapeKind::Error) } else { shapes.shape(node, Standard::NONE) };
        let value = match node.entry("value") {
            Some((value, node_value)) if check::is_constant_settings(node) => {
                shapes.fitting(node_value, &shape, &key.text, value.span)
            }
            _ => None,
        };
        catalog.config.insert(key.text.clone(), Constant { value, span: key.span });
        members.push((key.text.clone(), shape));
    }
    let shape = Shape::of(ShapeKind::Record(Arc::new(RecordShape { members, open: false })));
    catalog.inputs.insert(Root::Config, shape);
}

fn read_inputs(root: &Node, catalog: &mut Catalog, shapes: &mut Shapes<'_>) {
    let roots = [
        Root::User,
        Root::Connection,
        Root::Organization,
        Root::Session,
        Root::Actor,
        Root::Request,
        Root::External,
    ];
    let mut inputs = BTreeMap::new();
    for input in roots {
        let Some((key, node)) = root.entry(input.as_str()) else { continue };
        let shape = read_input(input, key.span, node, shapes);
        inputs.insert(input, shape);
    }
    catalog.inputs.extend(inputs);
    let metadata = if let Some((key, node)) = root.entry("client_metadata") {
        let shape = shapes.shape(node, Standard::NONE);
        // Several hosts know nothing of metadata but that it is text by name.
        let is_map = matches!(shape.kind, ShapeKind::Map(_));
        let shape = if is_map { shape } else { record_only(shape, key.span, shapes) };
        world::check_metadata(root, &shape, shapes);
        shape
    } else {
        world::check_metadata(root, &defaults::open_record(), shapes);
        world::inferred_metadata(catalog)
    };
    let dynamic = catalog.client_world == World::Dynamic;
    let labels = if dynamic { Labels::UNTRUSTED } else { Labels::NONE };
    catalog.inputs.insert(Root::Client, defaults::client_shape(metadata, labels));
}

/// The shape of one input, which keeps absence and labels of the standard one.
fn read_input(input: Root, owner: Span, node: &Node, shapes: &mut Shapes<'_>) -> Shape {
    let standard = standard_shape(input);
    let stated = if check::is_settings(node) || node.text().is_some() {
        let shape = shapes.shape(node, Standard::NONE);
        record_only(Standard::member_labels(input, &standard, shape), owner, shapes)
    } else {
        let mut members = Vec::new();
        for (key, node) in node.map().iter().filter(|(key, _)| &*key.text != "extends") {
            let kept = Standard::member(input, Some(&standard), &key.text);
            members.push((key.text.clone(), shapes.shape(node, kept)));
        }
        Shape::of(ShapeKind::Record(Arc::new(RecordShape { members, open: false })))
    };
    let ShapeKind::Record(stated_record) = &stated.kind else { return stated };
    let mut record = (**stated_record).clone();
    if let (Some((key, extends)), ShapeKind::Record(base)) = (node.entry("extends"), &standard.kind) {
        check_extends(input, key.span, extends, shapes.findings);
        record = extended(base, &record);
    }
    match input {
        // They are compared by id.
        Root::Connection | Root::Organization if record.member("id").is_none() => {
            record.members.insert(0, ("id".into(), Shape::of(ShapeKind::String)));
        }
        // A source that was not asked, or found nothing, is absent.
        Root::External => {
            for (_, shape) in &mut record.members {
                shape.optional = true;
            }
        }
        _ => {}
    }
    Shape {
        kind: ShapeKind::Record(Arc::new(record)),
        optional: standard.optional,
        labels: stated.labels.or(standard.labels),
        ..stated
    }
}

/// What `extends` may say was not checked with the other keys, because it may be left out there.
fn check_extends(input: Root, owner: Span, extends: &Node, findings: &mut Vec<Diagnostic>) {
    let word = FILE.key(input.as_str()).and_then(|key| match key.form {
        Form::Root(word) => word,
        _ => None,
    });
    let finding = match word {
        Some(word) if extends.text() == Some(word) => return,
        Some(word) => {
            let message = format!("`extends` of `{}` takes `{word}`", input.as_str());
            Diagnostic::new(&MALFORMED_TEXT, extends.span, message).help(format!("write `extends: {word}`"))
        }
        None => {
            let message = format!("`{}` has no standard shape to extend", input.as_str());
            Diagnostic::new(&MALFORMED_TEXT, owner, message).help("remove `extends`")
        }
    };
    findings.push(finding);
}

/// The standard members, with those that are stated in their places, and the others behind them.
fn extended(base: &RecordShape, stated: &RecordShape) -> RecordShape {
    let mut members: Vec<_> = base
        .members
        .iter()
        .map(|(name, shape)| (name.clone(), stated.member(name).unwrap_or(shape).clone()))
        .collect();
    members.extend(stated.members.iter().filter(|(name, _)| base.member(name).is_none()).cloned());
    RecordShape { members, open: base.open || stated.open }
}

/// What policies read member by member has to be a record.
fn record_only(shape: Shape, owner: Span, shapes: &mut Shapes<'_>) -> Shape {
    if matches!(shape.kind, ShapeKind::Record(_) | ShapeKind::Error) {
        return shape;
    }
    let message = format!("this has to be a record, not `{}`", shape.ty().kind);
    shapes.findings.push(
        Diagnostic::new(&super::codes::WRONG_KIND, owner, message)
            .help("write a mapping of attributes, or a record type such as `\"{ id: string, ... }\"`"),
    );
    Shape::of(ShapeKind::Error)
}
