//! Audiences, clients, connections and organizations of claims.yaml.
//!
//! The tree has passed `check`; here ids meet each other and aliases what they stand for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::IndexMap;

use super::check::{seconds, suggest};
use super::codes::{CONTRADICTORY_SETTINGS, DUPLICATE_ID, MALFORMED_TEXT, UNKNOWN_ALIAS};
use super::shape::Shapes;
use super::yaml::{Key, Node, NodeKind};
use super::{Audience, Catalog, Client, Lifetimes, Party, World};
use crate::diag::Diagnostic;
use crate::source::Span;
use crate::standard::Grant;
use crate::ty::{Labels, Shape, Type};
use crate::value::{Object, Value};

/// The aliases of all audiences.
type Listed<'a> = BTreeSet<&'a str>;

/// Aliases that are looked through for a similar one.
const MAX_SUGGESTED: usize = 1000;

/// Ids of one kind, with the places where they were stated.
#[derive(Default)]
struct Ids(BTreeMap<Arc<str>, Span>);

impl Ids {
    /// Reads `id`. An entry without one was reported; so that its alias is known all the same, that is its id.
    fn read(&mut self, key: &Key, node: &Node, what: &str, findings: &mut Vec<Diagnostic>) -> Arc<str> {
        let Some((node, id)) = node.get("id").and_then(|node| Some((node, node.text()?))) else {
            return key.text.clone();
        };
        let id: Arc<str> = id.into();
        if let Some(first) = self.0.get(&id) {
            let finding = Diagnostic::new(&DUPLICATE_ID, node.span, format!("two {what} have the id `{id}`"))
                .also(*first, "the other one")
                .help("give each its own id, or keep one alias");
            findings.push(finding);
            return id;
        }
        self.0.insert(id.clone(), node.span);
        id
    }
}

/// Reads everything that is listed by alias.
pub(super) fn read(root: &Node, catalog: &mut Catalog, shapes: &mut Shapes<'_>) {
    catalog.audience_world = world(root, "audiences", "open_audiences", shapes.findings);
    catalog.client_world = world(root, "clients", "open_clients", shapes.findings);
    let listed: Listed<'_> =
        root.get("audiences").map_or(&[][..], Node::map).iter().map(|(key, _)| &*key.text).collect();
    read_audiences(root, &listed, catalog, shapes);
    read_clients(root, &listed, catalog, shapes);
    catalog.connections = parties(root, "connections", shapes.findings);
    catalog.organizations = parties(root, "organizations", shapes.findings);
}

fn world(root: &Node, list: &str, open: &str, findings: &mut Vec<Diagnostic>) -> World {
    let entry = root.entry(open);
    let stated = entry.map(|(_, node)| node);
    match (root.entry(list).is_some(), stated.and_then(Node::bool), stated.and_then(Node::text)) {
        (_, _, Some("dynamic")) => World::Dynamic,
        (true, Some(true), _) | (false, None | Some(true), _) => World::Open,
        (true, _, _) => World::Closed,
        (false, Some(false), _) => {
            if let Some((key, _)) = entry {
                let message = format!("`{open}` is false, but no {list} are listed");
                findings.push(
                    Diagnostic::new(&CONTRADICTORY_SETTINGS, key.span, message)
                        .help(format!("list the {list}, or remove `{open}`")),
                );
            }
            World::Closed
        }
    }
}

fn read_audiences(root: &Node, listed: &Listed<'_>, catalog: &mut Catalog, shapes: &mut Shapes<'_>) {
    let mut ids = Ids::default();
    let endpoints: BTreeSet<Arc<str>> = catalog.issuer_endpoints.iter().cloned().collect();
    for (key, node) in root.get("audiences").map_or(&[][..], Node::map) {
        let id = ids.read(key, node, "audiences", shapes.findings);
        if endpoints.contains(&id) {
            let message = format!("`{id}` is an endpoint of the issuer, which policies do not see");
            shapes
                .findings
                .push(Diagnostic::new(&MALFORMED_TEXT, key.span, message).help("remove the audience"));
        }
        let audience = Audience {
            id,
            accepts: node.get("accepts").map(|node| accepts(node, shapes)),
            max_token_bytes: node
                .get("max_token_bytes")
                .and_then(Node::int)
                .and_then(|n| u64::try_from(n).ok()),
            scopes: node.get("scopes").map(|node| scopes(node, shapes.findings)),
            lifetimes: lifetimes(node),
            span: key.span,
        };
        catalog.audiences.insert(key.text.clone(), audience);
    }
    catalog.default_audience =
        root.get("default_audience").and_then(|node| alias(node, listed, shapes.findings));
    let Some((_, sets)) = root.entry("audience_sets") else { return };
    let read = sets.list().iter().filter_map(|set| {
        let aliases: Vec<Arc<str>> = aliases(set, listed, shapes.findings);
        if matches!(&set.kind, NodeKind::List(items) if items.len() < 2) {
            let finding =
                Diagnostic::new(&CONTRADICTORY_SETTINGS, set.span, "a set has two or more audiences")
                    .help("remove it: one audience alone is always possible");
            shapes.findings.push(finding);
        }
        (!aliases.is_empty()).then_some(aliases)
    });
    catalog.audience_sets = Some(read.collect());
}

/// Labels that may arrive somewhere.
fn accepts(node: &Node, shapes: &mut Shapes<'_>) -> Labels {
    for item in node.list().iter().filter(|item| item.text() == Some("secret")) {
        let finding = Diagnostic::new(&CONTRADICTORY_SETTINGS, item.span, "`secret` reaches no token")
            .help("remove `secret`, or give the attribute another label");
        shapes.findings.push(finding);
    }
    shapes.labels(node).without(Labels::SECRET)
}

/// RFC 6749 section 3.3: printable ASCII without blank, `"` and `\`.
fn scopes(node: &Node, findings: &mut Vec<Diagnostic>) -> Vec<Arc<str>> {
    let is_scope = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\')
    };
    let mut scopes = Vec::new();
    for item in node.list() {
        let Some(text) = item.text() else { continue };
        if !is_scope(text) {
            let finding = Diagnostic::new(&MALFORMED_TEXT, item.span, format!("`{text}` is not one scope"))
                .help("list each scope by itself, in ASCII without blanks (RFC 6749 section 3.3)");
            findings.push(finding);
        }
        scopes.push(text.into());
    }
    scopes
}

fn lifetimes(node: &Node) -> Lifetimes {
    let read = |name| node.get("lifetimes").and_then(|node| node.get(name)).and_then(seconds);
    Lifetimes { access_token: read("access_token"), id_token: read("id_token") }
}

/// The lifetimes of the whole file.
pub(super) fn default_lifetimes(root: &Node, standard: Lifetimes) -> Lifetimes {
    let stated = lifetimes(root);
    Lifetimes {
        access_token: stated.access_token.or(standard.access_token),
        id_token: stated.id_token.or(standard.id_token),
    }
}

/// Aliases of audiences; those that nothing declares are left out.
fn aliases(node: &Node, listed: &Listed<'_>, findings: &mut Vec<Diagnostic>) -> Vec<Arc<str>> {
    node.list().iter().filter_map(|item| alias(item, listed, findings)).collect()
}

/// The alias of an audience; `None` where nothing declares it.
fn alias(node: &Node, listed: &Listed<'_>, findings: &mut Vec<Diagnostic>) -> Option<Arc<str>> {
    let alias = node.text()?;
    if listed.contains(alias) {
        return Some(alias.into());
    }
    let finding = Diagnostic::new(&UNKNOWN_ALIAS, node.span, format!("there is no audience `{alias}`"))
        .help("list it under `audiences`");
    let known: Vec<&str> = listed.iter().copied().take(MAX_SUGGESTED).collect();
    findings.push(suggest(finding, alias, &known, node.span, findings.len()));
    None
}

fn read_clients(root: &Node, listed: &Listed<'_>, catalog: &mut Catalog, shapes: &mut Shapes<'_>) {
    let mut ids = Ids::default();
    for (key, node) in root.get("clients").map_or(&[][..], Node::map) {
        let id = ids.read(key, node, "clients", shapes.findings);
        let grants = |node: &Node| {
            node.list().iter().filter_map(Node::text).filter_map(Grant::parse).collect::<Vec<_>>()
        };
        let client = Client {
            id,
            name: text(node, "name"),
            confidential: node.get("confidential").and_then(Node::bool),
            grants: node.get("grants").map(grants),
            audiences: node.get("audiences").map(|node| aliases(node, listed, shapes.findings)),
            metadata: node.get("metadata").map_or_else(|| Value::object(Object::new()), Node::value),
            accepts: node.get("accepts").map(|node| accepts(node, shapes)),
            lifetimes: lifetimes(node),
            span: key.span,
        };
        catalog.clients.insert(key.text.clone(), client);
    }
}

/// Checks the metadata of the clients against their shape. They stay as they are written: requests may repeat them.
pub(super) fn check_metadata(root: &Node, shape: &Shape, shapes: &mut Shapes<'_>) {
    for (key, node) in root.get("clients").map_or(&[][..], Node::map) {
        let empty = Node { span: key.span, kind: NodeKind::Map(Vec::new()) };
        let metadata = node.get("metadata").unwrap_or(&empty);
        if !matches!(metadata.kind, NodeKind::Map(_)) {
            continue;
        }
        shapes.fitting(metadata, shape, &format!("{}.metadata", key.text), key.span);
    }
}

/// The shape of the metadata that the listed clients have: a member is certain where all of them have it and there
/// are no others.
pub(super) fn inferred_metadata(catalog: &Catalog) -> Shape {
    let open = catalog.client_world != World::Closed;
    let mut all = catalog.clients.values().map(|client| infer::type_of(&client.metadata));
    let first = all.next().unwrap_or_else(|| infer::type_of(&Value::object(Object::new())));
    let ty: Type = all.fold(first, |a, b| infer::unite(&a, &b));
    let shape = Shape::from(&infer::settled(&ty));
    if open { infer::opened(&shape) } else { shape }
}

mod infer {
    //! Types of values that were never declared.

    use std::collections::BTreeMap;
    use std::sync::Arc;

    use indexmap::IndexMap;

    use crate::ty::{Kind, Record, RecordShape, Shape, ShapeKind, Type};
    use crate::value::Value;

    /// The type of one value; members that are null are left out.
    pub(super) fn type_of(value: &Value) -> Type {
        Type::of(match value {
            Value::Null => Kind::Json,
            Value::Bool(_) => Kind::Bool,
            Value::Number(_) if value.as_int().is_some() => Kind::Int,
            Value::Number(_) => Kind::Number,
            Value::String(_) => Kind::String,
            Value::List(items) => {
                let element = items.iter().map(type_of).reduce(|a, b| unite(&a, &b));
                Kind::List(Arc::new(element.unwrap_or_else(|| Type::of(Kind::Nothing))))
            }
            Value::Object(members) => Kind::Record(Arc::new(Record {
                members: members
                    .iter()
                    .filter(|(_, value)| !matches!(value, Value::Null))
                    .map(|(name, value)| (name.clone(), type_of(value)))
                    .collect(),
                open: false,
            })),
        })
    }

    /// A type of which both are; `json` where they have nothing else in common.
    pub(super) fn unite(a: &Type, b: &Type) -> Type {
        let optional = a.optional || b.optional;
        let kind = match (&a.kind, &b.kind) {
            (Kind::Record(a), Kind::Record(b)) => Kind::Record(Arc::new(unite_records(a, b))),
            (Kind::List(a), Kind::List(b)) => Kind::List(Arc::new(unite(a, b))),
            _ => a.join(b).map_or(Kind::Json, |ty| ty.kind),
        };
        Type::of(kind).with_optional(optional)
    }

    fn unite_records(a: &Record, b: &Record) -> Record {
        let mut members: IndexMap<Arc<str>, Type> =
            a.members.iter().map(|(name, ty)| (name.clone(), ty.clone().optional())).collect();
        let certain: BTreeMap<&str, &Type> = a.members.iter().map(|(name, ty)| (&**name, ty)).collect();
        for (name, other) in &b.members {
            let ty = match certain.get(&**name) {
                Some(ty) => unite(ty, other),
                None => other.clone().optional(),
            };
            members.insert(name.clone(), ty);
        }
        Record { members: members.into_iter().collect(), open: false }
    }

    /// Elements of lists that are always empty may be anything.
    pub(super) fn settled(ty: &Type) -> Type {
        let kind = match &ty.kind {
            Kind::Nothing => Kind::Json,
            Kind::List(element) => Kind::List(Arc::new(settled(element))),
            Kind::Record(record) => {
                let members = record.members.iter().map(|(name, ty)| (name.clone(), settled(ty))).collect();
                Kind::Record(Arc::new(Record { members, open: record.open }))
            }
            kind => kind.clone(),
        };
        Type { kind, ..ty.clone() }
    }

    /// The same record for clients that nobody listed: nothing is certain.
    pub(super) fn opened(shape: &Shape) -> Shape {
        match &shape.kind {
            ShapeKind::Record(record) => {
                let members =
                    record.members.iter().map(|(n, shape)| (n.clone(), shape.clone().optional())).collect();
                Shape {
                    kind: ShapeKind::Record(Arc::new(RecordShape { members, open: true })),
                    ..shape.clone()
                }
            }
            _ => shape.clone(),
        }
    }
}

fn text(node: &Node, name: &str) -> Option<Arc<str>> {
    node.get(name).and_then(Node::text).map(Arc::from)
}

fn parties(root: &Node, list: &str, findings: &mut Vec<Diagnostic>) -> IndexMap<Arc<str>, Party> {
    let mut ids = Ids::default();
    let mut parties = IndexMap::new();
    for (key, node) in root.get(list).map_or(&[][..], Node::map) {
        let id = ids.read(key, node, list, findings);
        let party = Party { id, name: text(node, "name"), strategy: text(node, "strategy"), span: key.span };
        parties.insert(key.text.clone(), party);
    }
    parties
}
