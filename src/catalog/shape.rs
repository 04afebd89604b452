//! Types, settings and records of claims.yaml to [`Shape`]s.
//!
//! The tree has passed `check`: a value of the wrong kind was reported and reads as an error shape here.

use std::sync::Arc;

use super::Root;
use super::check::{is_settings, suggest};
use super::codes::{CONTRADICTORY_SETTINGS, UNFIT_VALUE, UNKNOWN_LABEL};
use super::types::{one_of, resolve_type};
use super::yaml::{Node, NodeKind, Text};
use crate::diag::Diagnostic;
use crate::source::{FileId, Span};
use crate::syntax::parse_type;
use crate::ty::decode::{Mismatch, Part, Undeclared, decode};
use crate::ty::{Labels, RecordShape, Shape, ShapeKind};
use crate::value::Value;

/// Reads shapes; knows the labels that there are.
pub(super) struct Shapes<'a> {
    pub(super) file: FileId,
    pub(super) labels: &'a [Arc<str>],
    pub(super) findings: &'a mut Vec<Diagnostic>,
}

/// What the standard says about the labels of a shape and its parts.
#[derive(Clone, Copy)]
pub(super) struct Standard<'a> {
    shape: Option<&'a Shape>,
    labels: Labels,
}

impl<'a> Standard<'a> {
    /// Nothing.
    pub(super) const NONE: Standard<'static> = Standard { shape: None, labels: Labels::NONE };

    /// Of a part of an input.
    pub(super) fn member(root: Root, standard: Option<&'a Shape>, name: &str) -> Self {
        let inner = Standard { shape: standard, labels: Labels::NONE }.part(name);
        Standard { labels: inner.labels.or(own_labels(root, name)), ..inner }
    }

    /// The shape of a whole input, with the labels of the names that it keeps.
    pub(super) fn member_labels(root: Root, standard: &'a Shape, shape: Shape) -> Shape {
        let ShapeKind::Record(record) = &shape.kind else { return shape };
        let keep = |(name, shape): &(Arc<str>, Shape)| {
            (name.clone(), Standard::member(root, Some(standard), name).keep(shape.clone()))
        };
        let members = record.members.iter().map(keep).collect();
        let kind = ShapeKind::Record(Arc::new(RecordShape { members, open: record.open }));
        Shape { kind, ..shape }
    }

    fn part(self, name: &str) -> Self {
        match self.shape.map(|shape| &shape.kind) {
            Some(ShapeKind::Record(record)) => {
                let shape = record.member(name);
                Standard { shape, labels: shape.map_or(Labels::NONE, |shape| shape.labels) }
            }
            _ => Standard::NONE,
        }
    }

    /// The labels of the names that a shape keeps.
    pub(super) fn keep(self, shape: Shape) -> Shape {
        let kind = match &shape.kind {
            ShapeKind::Record(record) => {
                let keep =
                    |(name, shape): &(Arc<str>, Shape)| (name.clone(), self.part(name).keep(shape.clone()));
                let members = record.members.iter().map(keep).collect();
                ShapeKind::Record(Arc::new(RecordShape { members, open: record.open }))
            }
            kind => kind.clone(),
        };
        Shape { kind, ..shape }.labelled(self.labels)
    }
}

impl Shapes<'_> {
    /// A type, settings or a record.
    pub(super) fn shape(&mut self, node: &Node, standard: Standard<'_>) -> Shape {
        match &node.kind {
            NodeKind::Text(text) => standard.keep(self.ty(text, node.span)),
            NodeKind::Map(_) if is_settings(node) => self.settings(node, standard),
            NodeKind::Map(entries) => {
                let members = entries
                    .iter()
                    .map(|(key, node)| (key.text.clone(), self.shape(node, standard.part(&key.text))))
                    .collect();
                let record = RecordShape { members, open: false };
                Shape::of(ShapeKind::Record(Arc::new(record))).labelled(standard.labels)
            }
            _ => Shape::of(ShapeKind::Error),
        }
    }

    /// A type as text.
    pub(super) fn ty(&mut self, text: &Text, span: Span) -> Shape {
        let before = self.findings.len();
        let shape = match parse_type(self.file, &text.text, text.offset.unwrap_or(0)) {
            Ok(ty) => resolve_type(&ty, self.findings),
            Err(finding) => {
                self.findings.push(finding);
                Shape::of(ShapeKind::Error)
            }
        };
        // Where the text is spelled otherwise in the file, places within it are not known.
        if text.offset.is_none() {
            for finding in self.findings.iter_mut().skip(before) {
                finding.span = span;
                finding.labels.clear();
                finding.fixes.clear();
            }
        }
        shape
    }

    /// A mapping with `type` or `enum`, or only settings of elements.
    fn settings(&mut self, node: &Node, standard: Standard<'_>) -> Shape {
        let mut shape = match node.entry("type") {
            Some((_, Node { kind: NodeKind::Text(text), span })) => self.ty(text, *span),
            Some(_) => Shape::of(ShapeKind::Error),
            None => Shape::of(ShapeKind::String),
        };
        if node.get("optional").and_then(Node::bool) == Some(true) {
            shape = shape.optional();
        }
        let clears = node.get("label").is_some_and(|n| matches!(&n.kind, NodeKind::List(l) if l.is_empty()));
        if !clears {
            shape = standard.keep(shape);
        }
        self.apply(node, &mut shape);
        if let Some((key, default)) = node.entry("default") {
            shape.default = self.fitting(default, &shape, &key.text, key.span);
        }
        shape
    }

    /// Bounds, labels, enum and settings of elements.
    fn apply(&mut self, node: &Node, shape: &mut Shape) {
        self.apply_enum(node, shape);
        for name in ["max_length", "max_items", "max_bytes", "min", "max"] {
            let Some((key, value)) = node.entry(name) else { continue };
            let Some(value) = value.int() else { continue };
            if !bound(shape, name, value) && !has_error(shape) {
                let message = format!("`{name}` is no bound of `{}`", shape.ty().kind);
                self.findings
                    .push(Diagnostic::new(&CONTRADICTORY_SETTINGS, key.span, message).help(bound_help(name)));
            }
        }
        if let (Some((low, min)), Some((high, max))) = (node.entry("min"), node.entry("max"))
            && let (Some(min), Some(max)) = (min.int(), max.int())
            && min > max
        {
            let message = format!("`min` {min} is more than `max` {max}");
            self.findings.push(
                Diagnostic::new(&CONTRADICTORY_SETTINGS, low.span, message)
                    .also(high.span, "the maximum stands here")
                    .help("exchange them"),
            );
        }
        if let Some(label) = node.get("label") {
            shape.labels = shape.labels.or(self.labels(label));
        }
        let Some((key, items)) = node.entry("items") else { return };
        match &mut shape.kind {
            ShapeKind::List(element) | ShapeKind::Map(element) => {
                let mut inner = (**element).clone();
                self.apply(items, &mut inner);
                *element = Arc::new(inner);
            }
            ShapeKind::Error => {}
            _ => {
                let message =
                    format!("`items` is about the elements of lists and maps, not of `{}`", shape.ty().kind);
                self.findings.push(
                    Diagnostic::new(&CONTRADICTORY_SETTINGS, key.span, message)
                        .help("make it a list, as in `type: \"string[]\"`, or remove `items`"),
                );
            }
        }
    }

    fn apply_enum(&mut self, node: &Node, shape: &mut Shape) {
        let Some((key, words)) = node.entry("enum") else { return };
        let texts: Vec<Arc<str>> = words.list().iter().filter_map(Node::text).map(Arc::from).collect();
        if texts.is_empty() || texts.len() < words.list().len() {
            if matches!(&words.kind, NodeKind::List(list) if list.is_empty()) {
                let finding = Diagnostic::new(&CONTRADICTORY_SETTINGS, key.span, "`enum` lists no text")
                    .help("list the texts that are possible");
                self.findings.push(finding);
            }
            shape.kind = ShapeKind::Error;
            return;
        }
        match shape.kind {
            ShapeKind::String => shape.kind = one_of(texts).kind,
            ShapeKind::Error => {}
            _ => {
                let message = format!("`enum` lists texts, but the type is `{}`", shape.ty().kind);
                let help = if matches!(shape.kind, ShapeKind::List(_) | ShapeKind::Map(_)) {
                    "write `items: { enum: [..] }` for the elements"
                } else {
                    "remove `type` or `enum`"
                };
                self.findings.push(Diagnostic::new(&CONTRADICTORY_SETTINGS, key.span, message).help(help));
            }
        }
    }

    /// Labels by name, as text or list.
    pub(super) fn labels(&mut self, node: &Node) -> Labels {
        let one = std::slice::from_ref(node);
        let names = if node.text().is_some() { one } else { node.list() };
        let mut labels = Labels::NONE;
        for node in names {
            let Some(name) = node.text() else { continue };
            if let Some(index) = self.labels.iter().position(|label| &**label == name) {
                labels = labels.or(Labels::bit(index));
                continue;
            }
            let known: Vec<&str> = self.labels.iter().map(|label| &**label).collect();
            let finding = Diagnostic::new(&UNKNOWN_LABEL, node.span, format!("there is no label `{name}`"))
                .help("add it to `labels`");
            let count = self.findings.len();
            self.findings.push(suggest(finding, name, &known, node.span, count));
        }
        labels
    }

    /// The value of a node if it is of a shape.
    pub(super) fn fitting(&mut self, node: &Node, shape: &Shape, name: &str, owner: Span) -> Option<Value> {
        if node.has_error() || has_error(shape) {
            return None;
        }
        if matches!(node.kind, NodeKind::Null) && shape.kind != ShapeKind::Json {
            let finding = Diagnostic::new(&UNFIT_VALUE, owner, format!("`{name}` has no value"))
                .help("write a value or leave the key out");
            self.findings.push(finding);
            return None;
        }
        match decode(&node.value(), shape, Undeclared::Mistake) {
            Ok(value) => Some(value),
            Err(mismatch) => {
                let span = place(node, &mismatch).unwrap_or(owner);
                self.findings.push(Diagnostic::new(&UNFIT_VALUE, span, mismatch.precise(name)));
                None
            }
        }
    }
}

/// Labels that names of the user's attributes have by themselves, beside those of the standard shape.
fn own_labels(root: Root, name: &str) -> Labels {
    match (root, name) {
        (Root::User, "user_metadata") => Labels::USER_EDITABLE,
        _ => Labels::NONE,
    }
}

/// The place of the part that does not fit, or of the last part on the way to it that is there.
fn place(node: &Node, mismatch: &Mismatch) -> Option<Span> {
    let mut at = node;
    let mut span = (!matches!(node.kind, NodeKind::Null)).then_some(node.span);
    for part in mismatch.path.iter().rev() {
        let next = match part {
            Part::Member(name) | Part::Key(name) => at.entry(name).map(|(key, node)| (key.span, node)),
            Part::Element(index) => at.list().get(*index).map(|node| (node.span, node)),
        };
        let Some((key, node)) = next else { break };
        span = Some(if matches!(node.kind, NodeKind::Null | NodeKind::Map(_)) { key } else { node.span });
        at = node;
    }
    span
}

/// Whether a mistake was reported in it.
pub(super) fn has_error(shape: &Shape) -> bool {
    match &shape.kind {
        ShapeKind::Error => true,
        ShapeKind::List(inner) | ShapeKind::Map(inner) => has_error(inner),
        ShapeKind::Record(record) => record.members.iter().any(|(_, shape)| has_error(shape)),
        _ => false,
    }
}

/// Sets a bound where it belongs: those of a list that are about its elements, at the elements. Whether there is a
/// place for it.
fn bound(shape: &mut Shape, name: &str, value: i64) -> bool {
    let count = u64::try_from(value).ok();
    let bounds = &mut shape.bounds;
    match (name, &mut shape.kind) {
        ("max_length", ShapeKind::String | ShapeKind::Email | ShapeKind::Map(_)) => bounds.max_length = count,
        ("max_items", ShapeKind::List(_) | ShapeKind::Map(_)) => bounds.max_items = count,
        ("max_bytes", ShapeKind::Json | ShapeKind::Number) => bounds.max_bytes = count,
        ("max_bytes", ShapeKind::Record(record)) if record.open => bounds.max_bytes = count,
        ("min", ShapeKind::Int | ShapeKind::Number) => bounds.min = Some(value),
        ("max", ShapeKind::Int | ShapeKind::Number) => bounds.max = Some(value),
        ("max_length" | "max_bytes" | "min" | "max", ShapeKind::List(element)) => {
            let mut inner = (**element).clone();
            let placed = bound(&mut inner, name, value);
            *element = Arc::new(inner);
            return placed;
        }
        _ => return false,
    }
    true
}

fn bound_help(name: &str) -> &'static str {
    match name {
        "max_length" => "`max_length` bounds text, and the keys of maps",
        "max_items" => "`max_items` bounds lists and maps",
        "max_bytes" => "`max_bytes` bounds json, numbers and open records",
        _ => "`min` and `max` bound `int` and `number`",
    }
}
