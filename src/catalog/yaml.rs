//! YAML text to a tree of [`Node`]s, each with its place in the file.
//!
//! Stricter than most readers, because what decides about tokens may not be read in two ways: duplicate keys, anchors,
//! aliases, merge keys, tags, several documents and numbers that YAML versions disagree about are refused. What YAML
//! 1.1 calls a Boolean (`yes`, `no`, `on`, `off`) is text, as in YAML 1.2.
//!
//! The tree is built from the events of the YAML crate's own parser, without recursion: deserializing would lose the
//! digits of numbers, quotes and the places of keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_yaml::granit_parser::{self, Event, Parser, ScalarStyle, ScanError, Span as Place, StructureStyle};

use super::codes::{CATALOG_LIMIT, DUPLICATE_KEY, INVALID_YAML, REFUSED_YAML};
use super::yaml_help;
use crate::diag::{Applicability, Diagnostic};
use crate::source::{FileId, Span};
use crate::value::{Number, Object, Value};

/// Bytes of a claims.yaml.
pub(super) const MAX_BYTES: usize = 1 << 20;
/// Nesting of lists and mappings.
const MAX_DEPTH: usize = 32;

/// A value and its place.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) span: Span,
    pub(super) kind: NodeKind,
}

/// What a value is.
#[derive(Debug)]
pub(super) enum NodeKind {
    /// A mistake was reported already.
    Error,
    Null,
    Bool(bool),
    Number(Number),
    Text(Text),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

/// Text, and whether its source is the same text, apart from one quote at either end.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) text: String,
    /// The offset of its first character, if each of its bytes is a byte of the source.
    pub(super) offset: Option<usize>,
}

/// The key of a mapping.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) text: Arc<str>,
    pub(super) span: Span,
}

impl Node {
    pub(super) fn text(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::Text(text) => Some(&text.text),
            _ => None,
        }
    }

    pub(super) fn bool(&self) -> Option<bool> {
        match self.kind {
            NodeKind::Bool(value) => Some(value),
            _ => None,
        }
    }

    pub(super) fn int(&self) -> Option<i64> {
        match &self.kind {
            NodeKind::Number(number) => number.as_int(),
            _ => None,
        }
    }

    pub(super) fn list(&self) -> &[Node] {
        match &self.kind {
            NodeKind::List(items) => items,
            _ => &[],
        }
    }

    pub(super) fn map(&self) -> &[(Key, Node)] {
        match &self.kind {
            NodeKind::Map(entries) => entries,
            _ => &[],
        }
    }

    pub(super) fn entry(&self, key: &str) -> Option<&(Key, Node)> {
        self.map().iter().find(|(k, _)| &*k.text == key)
    }

    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|(_, node)| node)
    }

    pub(super) fn is_error(&self) -> bool {
        matches!(self.kind, NodeKind::Error)
    }

    /// Whether a mistake was reported in it.
    pub(super) fn has_error(&self) -> bool {
        match &self.kind {
            NodeKind::Error => true,
            NodeKind::List(items) => items.iter().any(Node::has_error),
            NodeKind::Map(entries) => entries.iter().any(|(_, node)| node.has_error()),
            _ => false,
        }
    }

    /// The same as JSON; mistakes are null.
    pub(super) fn value(&self) -> Value {
        match &self.kind {
            NodeKind::Error | NodeKind::Null => Value::Null,
            NodeKind::Bool(value) => Value::Bool(*value),
            NodeKind::Number(number) => Value::Number(number.clone()),
            NodeKind::Text(text) => Value::string(text.text.as_str()),
            NodeKind::List(items) => Value::list(items.iter().map(Node::value).collect()),
            NodeKind::Map(entries) => Value::object(
                entries.iter().map(|(key, node)| (key.text.clone(), node.value())).collect::<Object>(),
            ),
        }
    }

    /// What it is, for messages.
    pub(super) fn what(&self) -> &'static str {
        match &self.kind {
            NodeKind::Error => "a mistake",
            NodeKind::Null => "nothing",
            NodeKind::Bool(_) => "a Boolean",
            NodeKind::Number(_) => "a number",
            NodeKind::Text(_) => "text",
            NodeKind::List(_) => "a list",
            NodeKind::Map(_) => "a mapping",
        }
    }
}

/// Reads one document; messages call it `what`. `None`: there is none, or no tree could be built, which is a finding
/// then.
pub(super) fn parse(
    file: FileId,
    text: &str,
    what: &'static str,
    findings: &mut Vec<Diagnostic>,
) -> Option<Node> {
    if text.len() > MAX_BYTES {
        let message = format!("{what} has more than {MAX_BYTES} bytes");
        findings.push(Diagnostic::new(&CATALOG_LIMIT, Span::new(file, 0, 0), message));
        return None;
    }
    let mut builder = Builder { file, text, what, findings, stack: Vec::new(), root: None };
    let mut documents = 0;
    // A directive may change what the rest means to other readers.
    let options = granit_parser::options! { disallow_directives: true, emit_comments: false };
    for next in Parser::new_from_str_with_options(text, options) {
        match next {
            Ok((Event::DocumentStart(..), place)) => {
                documents += 1;
                if documents == 2 {
                    let span = builder.span(&place);
                    builder.refuse(span, "several documents in one file", "keep one document");
                    break;
                }
            }
            Ok((event, place)) => builder.event(event, &place)?,
            Err(error) => {
                let finding = builder.syntax_error(&error);
                builder.findings.push(finding);
                return None;
            }
        }
    }
    builder.root
}

/// A list or mapping that is not closed yet.
enum Open {
    List {
        start: Span,
        items: Vec<Node>,
    },
    /// With the key whose value comes next, and whether it may stand there.
    Map {
        start: Span,
        entries: Vec<(Key, Node)>,
        key: Option<(Key, bool)>,
        seen: BTreeMap<Arc<str>, Span>,
    },
}

struct Builder<'a> {
    file: FileId,
    text: &'a str,
    what: &'static str,
    findings: &'a mut Vec<Diagnostic>,
    stack: Vec<Open>,
    root: Option<Node>,
}

impl Builder<'_> {
    fn span(&self, place: &Place) -> Span {
        let range = place.byte_range().unwrap_or_default();
        Span::new(self.file, range.start.min(self.text.len()), range.end.min(self.text.len()))
    }

    fn refuse(&mut self, span: Span, what: &str, help: &str) {
        let message = format!("{} may not have {what}", self.what);
        self.findings.push(Diagnostic::new(&REFUSED_YAML, span, message).help(help));
    }

    /// `None` where reading must stop.
    fn event(&mut self, event: Event<'_>, place: &Place) -> Option<()> {
        let span = self.span(place);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let refused = self.refuse_properties(span, anchor, tag.is_some());
                let node = self.scalar(&text, style, span, refused);
                self.node(node, matches!(style, ScalarStyle::Plain));
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.refuse(span, "aliases", "write the value out");
                self.node(Node { span, kind: NodeKind::Error }, false);
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.refuse_properties(span, anchor, tag.is_some());
                self.open(span, Open::List { start: span, items: Vec::new() })?;
            }
            Event::MappingStart(style, anchor, tag) => {
                self.refuse_properties(span, anchor, tag.is_some());
                let start = if style == StructureStyle::Flow { span } else { span.at_start() };
                let open = Open::Map { start, entries: Vec::new(), key: None, seen: BTreeMap::new() };
                self.open(span, open)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            _ => {}
        }
        Some(())
    }

    fn refuse_properties(&mut self, span: Span, anchor: usize, tag: bool) -> bool {
        if anchor != 0 {
            self.refuse(span, "anchors", "write the value out wherever it is needed");
        }
        if tag {
            self.refuse(span, "tags", "remove the tag");
        }
        anchor != 0 || tag
    }

    fn open(&mut self, span: Span, open: Open) -> Option<()> {
        if self.stack.len() >= MAX_DEPTH {
            let message = format!("lists and mappings are nested more than {MAX_DEPTH} deep");
            self.findings.push(Diagnostic::new(&CATALOG_LIMIT, span, message));
            self.root = None;
            return None;
        }
        self.stack.push(open);
        Some(())
    }

    fn close(&mut self, end: Span) {
        let node = match self.stack.pop() {
            Some(Open::List { start, items }) => {
                let last = items.last().map(|node| node.span);
                Node { span: self.whole(start, last, end), kind: NodeKind::List(items) }
            }
            Some(Open::Map { start, entries, .. }) => {
                let last = entries.last().map(|(key, node)| key.span.to(node.span));
                Node { span: self.whole(start, last, end), kind: NodeKind::Map(entries) }
            }
            None => return,
        };
        self.node(node, false);
    }

    /// From the first byte to the closing bracket or, where there is none, to the end of the last element.
    fn whole(&self, start: Span, last: Option<Span>, end: Span) -> Span {
        let opens = self.text.get(start.start as usize..).is_some_and(|t| t.starts_with(['{', '[']));
        if opens { start.to(end) } else { start.to(last.unwrap_or(start)) }
    }

    fn node(&mut self, node: Node, plain: bool) {
        match self.stack.last_mut() {
            None => self.root = Some(node),
            Some(Open::List { items, .. }) => items.push(node),
            Some(Open::Map { entries, key, .. }) => match key.take() {
                Some((key, true)) => entries.push((key, node)),
                Some((_, false)) => {}
                None => self.key(&node, plain),
            },
        }
    }

    fn key(&mut self, node: &Node, plain: bool) {
        let span = node.span;
        let mut usable = matches!(node.kind, NodeKind::Text(_));
        let text: Arc<str> = match &node.kind {
            NodeKind::Text(text) => text.text.as_str().into(),
            NodeKind::Error => Arc::from(""),
            kind => {
                let mut finding =
                    Diagnostic::new(&REFUSED_YAML, span, format!("a key is text, not {}", node.what()));
                let source = self.source(span).to_owned();
                if !matches!(kind, NodeKind::List(_) | NodeKind::Map(_)) && !source.is_empty() {
                    finding = finding.help("put the key in quotes").fix(
                        Applicability::Safe,
                        "put the key in quotes",
                        span,
                        format!("\"{source}\""),
                    );
                }
                self.findings.push(finding);
                source.as_str().into()
            }
        };
        if plain && &*text == "<<" {
            self.refuse(span, "merge keys", "write the members out");
            usable = false;
        }
        let Some(Open::Map { key, seen, .. }) = self.stack.last_mut() else { return };
        if let Some(first) = seen.get(&text).filter(|_| usable) {
            let finding = Diagnostic::new(&DUPLICATE_KEY, span, format!("the key `{text}` stands twice"))
                .also(*first, "it stands here first")
                .help("keep one of them");
            self.findings.push(finding);
            usable = false;
        }
        seen.entry(text.clone()).or_insert(span);
        *key = Some((Key { text, span }, usable));
    }

    fn source(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, span: Span, refused: bool) -> Node {
        if refused {
            return Node { span, kind: NodeKind::Error };
        }
        let quoted = matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
        let source = self.source(span);
        let same = if quoted { source.get(1..source.len().saturating_sub(1)) } else { Some(source) };
        let offset = (same == Some(text)).then(|| span.start as usize + usize::from(quoted));
        if style == ScalarStyle::Plain {
            match text {
                "" | "~" | "null" | "Null" | "NULL" => return Node { span, kind: NodeKind::Null },
                "true" | "True" | "TRUE" => return Node { span, kind: NodeKind::Bool(true) },
                "false" | "False" | "FALSE" => return Node { span, kind: NodeKind::Bool(false) },
                _ => {}
            }
            if let Some(number) = Number::parse(text) {
                return Node { span, kind: NodeKind::Number(number) };
            }
            if is_disputed_number(text) {
                let message = format!("`{text}` is a number to some readers of YAML and text to others");
                let finding = Diagnostic::new(&REFUSED_YAML, span, message)
                    .help("write a number as in JSON, or put the text in quotes")
                    .fix(Applicability::Unsafe, "put it in quotes", span, format!("\"{text}\""));
                self.findings.push(finding);
                return Node { span, kind: NodeKind::Error };
            }
        }
        Node { span, kind: NodeKind::Text(Text { text: text.to_owned(), offset }) }
    }

    fn syntax_error(&self, error: &ScanError) -> Diagnostic {
        let at = error.marker().byte_offset().unwrap_or(0).min(self.text.len());
        let width = self.text.get(at..).and_then(|t| t.chars().next()).map_or(0, char::len_utf8);
        let span = Span::new(self.file, at, at + width);
        let message = yaml_help::message(error.kind());
        let finding = Diagnostic::new(&INVALID_YAML, span, message);
        yaml_help::explain(finding, error.kind(), self.file, self.text, at)
    }
}

/// Plain scalars that some version of YAML reads as a number, but that are no JSON numbers (or beyond their range).
fn is_disputed_number(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let lower = digits.to_ascii_lowercase();
    if matches!(lower.as_str(), ".inf" | ".nan") {
        return true;
    }
    if lower.starts_with("0x") || lower.starts_with("0o") || lower.starts_with("0b") {
        return lower.len() > 2 && lower.chars().skip(2).all(|c| c.is_ascii_hexdigit() || c == '_');
    }
    // Versions and dates, such as `1.2.3` and `2026-11-20`, are no numbers to anybody.
    let (mantissa, exponent) = lower.split_once('e').unwrap_or((&lower, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let starts = mantissa.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let one_point = mantissa.bytes().filter(|b| *b == b'.').count() <= 1;
    let numeric = mantissa.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'_'));
    starts
        && one_point
        && numeric
        && mantissa.bytes().any(|b| b.is_ascii_digit())
        && !exponent.is_empty()
        && exponent.bytes().all(|b| b.is_ascii_digit())
}
