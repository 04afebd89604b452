//! Attributes and requests in JSON text, read in one pass without a tree.
//!
//! The pass is driven by what a policy demands: of everything else it only makes sure that it is JSON without duplicate
//! members, as strictly as [`Value::parse_json`]. Texts are borrowed; those with escapes are unescaped into a buffer that
//! the host keeps, and lists are read when they are asked for.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::kind::{self, DESCRIPTION, Kind};
use super::{Attribute, Input, Items, Lists, Reading};
use crate::catalog::Root;
use crate::request::RequestError;
use crate::value::{JsonLimits, Value};

mod elements;
mod request;
mod scan;
mod tree;

use elements::Elements;
pub use request::JsonTextRequest;
use tree::{NOBODY, NodeId, REQUEST, Tree, USER};

/// What a policy demands, prepared for reading JSON text: made once, used for any number of requests and threads.
///
/// ```
/// use claimsc::catalog::Root;
/// use claimsc::input::{Attribute, Input, JsonBuffer, JsonReader, Reading};
///
/// let email = Attribute { index: 0, root: Root::User, path: vec!["email".into()] };
/// let reader = JsonReader::new(std::slice::from_ref(&email));
/// let mut buffer = JsonBuffer::default();
///
/// let user = reader.user(br#"{ "sub": "u1", "email": "alice@acme.example" }"#, &mut buffer)?;
/// assert!(matches!(user.read(&email), Reading::Text("alice@acme.example")));
///
/// let twice = reader.user(br#"{ "sub": { "a": 1, "a": 2 } }"#, &mut buffer);
/// assert!(twice.is_err(), "also where nobody looks");
/// # Ok::<(), claimsc::request::RequestError>(())
/// ```
#[derive(Debug, Clone)]
pub struct JsonReader {
    tree: Tree,
    /// The node of each attribute, by its index.
    nodes: Vec<NodeId>,
}

/// What reading one text needs beside it. A host keeps one for each thread: once it has grown, reading allocates nothing.
#[derive(Debug, Clone, Default)]
pub struct JsonBuffer {
    /// Counts readings; cells of older ones count for nothing.
    turn: u64,
    /// By node.
    cells: Vec<Cell>,
    /// Names of the objects around the place that is read.
    names: Vec<scan::Name>,
    /// Texts that have escapes, without them.
    unescaped: String,
    /// Those of them that are elements of lists, by their places.
    elements: Vec<(u32, Piece)>,
    /// Audiences and scopes.
    words: Vec<Piece>,
    /// For sorting words.
    order: Vec<u32>,
}

/// What was found in one reading.
#[derive(Debug, Clone, Copy)]
struct Cell {
    turn: u64,
    found: Found,
}

/// What was found at a place that is asked for.
#[derive(Debug, Clone, Copy)]
enum Found {
    /// Null, or nothing.
    Nothing,
    Bool(bool),
    Int(i64),
    Text(Piece),
    List {
        start: u32,
        count: u32,
    },
    Object(Piece),
    /// Any other number, or an element that is a list or an object.
    Other(Piece),
}

/// A piece of the text, or of what was unescaped: then with the highest bit of its start. Texts have fewer than 2^31
/// bytes. (A truth value of its own would make it larger than a register.)
#[derive(Debug, Clone, Copy)]
struct Piece {
    start: u32,
    end: u32,
}

const UNESCAPED: u32 = 1 << 31;

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

impl Piece {
    #[inline]
    fn new(start: usize, end: usize) -> Self {
        Piece { start: offset(start), end: offset(end) }
    }

    fn unescaped(start: usize, end: usize) -> Self {
        Piece { start: offset(start) | UNESCAPED, end: offset(end) }
    }

    #[inline]
    fn is_unescaped(self) -> bool {
        self.start & UNESCAPED != 0
    }

    fn is_empty(self) -> bool {
        self.start & !UNESCAPED == self.end
    }

    #[inline]
    fn of<'a>(self, text: &'a str, unescaped: &'a str) -> &'a str {
        let whole = if self.is_unescaped() { unescaped } else { text };
        whole.get((self.start & !UNESCAPED) as usize..self.end as usize).unwrap_or_default()
    }
}

/// How much of a buffer is kept from one reading to the next, in elements of each part.
const KEPT: usize = 1 << 16;

impl JsonBuffer {
    fn begin(&mut self, nodes: usize) {
        fn clear<T>(part: &mut Vec<T>) {
            part.clear();
            part.shrink_to(KEPT);
        }
        self.turn += 1;
        if self.cells.len() < nodes {
            self.cells.resize(nodes, Cell { turn: 0, found: Found::Nothing });
        }
        clear(&mut self.names);
        clear(&mut self.elements);
        clear(&mut self.words);
        clear(&mut self.order);
        self.unescaped.clear();
        self.unescaped.shrink_to(KEPT);
    }

    #[inline]
    fn found(&self, node: NodeId) -> Found {
        match self.cells.get(node as usize) {
            Some(cell) if cell.turn == self.turn => cell.found,
            _ => Found::Nothing,
        }
    }
}

impl JsonReader {
    /// Prepares for the attributes that a policy reads.
    pub fn new(attributes: &[Attribute]) -> Self {
        let (tree, nodes) = Tree::new(attributes);
        JsonReader { tree, nodes }
    }

    /// Reads an object whose members are roots: `user`, `connection`, `organization`, `session`, `actor`, `request`,
    /// `external`, `config`, and `client` with what is known of the client beyond its id. Other members are ignored, null
    /// is absence. The text has at most 16 MiB and 64 levels.
    ///
    /// # Errors
    /// Malformed JSON, duplicate members at any depth, a root that is no object. (A connection or organization may also
    /// be its id.)
    pub fn attributes<'a>(
        &'a self,
        text: &'a [u8],
        buffer: &'a mut JsonBuffer,
    ) -> Result<JsonText<'a>, RequestError> {
        let limits = JsonLimits::default();
        let text = self.read(text, REQUEST, limits, buffer).ok_or_else(|| refused(text, limits))?;
        if !matches!(buffer.found(REQUEST), Found::Object(_)) {
            return Err(RequestError::new("the attributes are not an object"));
        }
        let attributes = JsonText { reader: self, text, buffer };
        attributes.check()?;
        Ok(attributes)
    }

    /// Reads the user alone: an object of at most 16 MiB and 63 levels, as it is one level below a request.
    ///
    /// # Errors
    /// Malformed JSON, duplicate members at any depth, something else than an object.
    pub fn user<'a>(
        &'a self,
        text: &'a [u8],
        buffer: &'a mut JsonBuffer,
    ) -> Result<JsonText<'a>, RequestError> {
        let limits = JsonLimits { depth: JsonLimits::default().depth - 1, ..JsonLimits::default() };
        let text = self.read(text, USER, limits, buffer).ok_or_else(|| refused(text, limits))?;
        match buffer.found(USER) {
            Found::Object(_) => Ok(JsonText { reader: self, text, buffer }),
            _ => Err(RequestError::new("`user` is not an object")),
        }
    }

    /// One pass over a text; `None` if it is malformed.
    fn read<'a>(
        &self,
        text: &'a [u8],
        node: NodeId,
        limits: JsonLimits,
        buffer: &mut JsonBuffer,
    ) -> Option<&'a str> {
        if text.len() > limits.bytes {
            return None;
        }
        let text = std::str::from_utf8(text).ok()?;
        buffer.begin(self.tree.len());
        scan::scan(text, node, &self.tree, limits.depth, buffer)?;
        Some(text)
    }
}

/// Why a text is refused, in the words of the reader whose word counts.
#[cold]
fn refused(text: &[u8], limits: JsonLimits) -> RequestError {
    RequestError::new(match Value::parse_json(text, limits) {
        Err(error) => format!("the attributes are malformed JSON: {error}"),
        Ok(_) => "the attributes are malformed JSON".to_owned(),
    })
}

/// Attributes in a text that was read by a [`JsonReader`], for the attributes that it was made for.
#[derive(Debug, Clone, Copy)]
pub struct JsonText<'a> {
    reader: &'a JsonReader,
    text: &'a str,
    buffer: &'a JsonBuffer,
}

impl<'a> JsonText<'a> {
    fn piece(&self, piece: Piece) -> &'a str {
        piece.of(self.text, &self.buffer.unescaped)
    }

    fn has_node(&self, node: NodeId) -> bool {
        !matches!(self.buffer.found(node), Found::Nothing)
    }

    fn kind(&self, node: NodeId) -> Kind {
        match self.buffer.found(node) {
            Found::Nothing => Kind::Null,
            Found::Bool(_) => Kind::Bool,
            Found::Text(piece) if piece.is_empty() => Kind::EmptyText,
            Found::Text(_) => Kind::Text,
            Found::Object(_) => Kind::Object,
            Found::Int(_) | Found::List { .. } | Found::Other(_) => Kind::Other,
        }
    }

    /// Whether all roots are what they may be.
    fn check(&self) -> Result<(), RequestError> {
        for root in Root::DATA.into_iter().chain([Root::Client]) {
            kind::check(root, self.kind(tree::node_of(root).unwrap_or(NOBODY)))?;
        }
        for (name, node) in description() {
            kind::check_description(name, self.kind(node))?;
        }
        Ok(())
    }

    fn reading(&self, found: Found, node: NodeId) -> Reading<'_> {
        match found {
            Found::Nothing => self.missing(node),
            Found::Bool(value) => Reading::Bool(value),
            Found::Int(value) => Reading::Int(value),
            Found::Text(piece) => Reading::Text(self.piece(piece)),
            Found::List { .. } => Reading::Items(Items::numbered(self, node as usize)),
            Found::Object(_) | Found::Other(_) => Reading::Other,
        }
    }

    /// How much of what leads to a node is there. A party may be its id, and has its name as id where it has none.
    #[cold]
    fn missing(&self, node: NodeId) -> Reading<'_> {
        let party = |id| match id {
            tree::CONNECTION_ID => Some((tree::CONNECTION, tree::CONNECTION_NAME)),
            tree::ORGANIZATION_ID => Some((tree::ORGANIZATION, tree::ORGANIZATION_NAME)),
            _ => None,
        };
        let (tree, mut at) = (&self.reader.tree, node);
        loop {
            if let Some((party, name)) = party(at) {
                match (self.buffer.found(party), self.buffer.found(name)) {
                    (Found::Text(id), _) if at == node => return Reading::Text(self.piece(id)),
                    (Found::Object(_), Found::Nothing) | (Found::Nothing, _) => {}
                    (Found::Object(_), found) if at == node => return self.reading(found, name),
                    _ => return Reading::Other,
                }
            }
            at = tree.parent(at);
            match (at, self.buffer.found(at)) {
                (REQUEST, _) => return Reading::Missing { found: 0 },
                // There is always a client, and its id is asked for elsewhere. A party that is a text has an id only.
                (tree::CLIENT, _) | (tree::CONNECTION | tree::ORGANIZATION, Found::Text(_)) => {
                    return Reading::Missing { found: 1 };
                }
                (_, Found::Nothing) => {}
                (_, Found::Object(_)) => return Reading::Missing { found: tree.depth(at) },
                _ => return Reading::Other,
            }
        }
    }

    fn value(&self, node: NodeId) -> Option<Value> {
        match self.buffer.found(node) {
            Found::Bool(value) => Some(Value::Bool(value)),
            Found::Text(piece) => Some(Value::from(self.piece(piece))),
            Found::Object(piece) => {
                Value::parse_json(self.piece(piece).as_bytes(), JsonLimits::default()).ok()
            }
            _ => None,
        }
    }
}

/// What describes the client beyond its id.
fn description() -> impl Iterator<Item = (&'static str, NodeId)> {
    DESCRIPTION.into_iter().zip([tree::CLIENT_NAME, tree::CLIENT_CONFIDENTIAL, tree::CLIENT_METADATA])
}

impl Input for JsonText<'_> {
    fn has(&self, root: Root) -> bool {
        match root {
            Root::Client => description().any(|(_, node)| self.has_node(node)),
            root => tree::node_of(root).is_some_and(|node| self.has_node(node)),
        }
    }

    fn read(&self, attribute: &Attribute) -> Reading<'_> {
        let Some(node) = self.reader.nodes.get(attribute.index).copied().filter(|node| *node != NOBODY)
        else {
            return Reading::Other;
        };
        match self.buffer.found(node) {
            // As text it stands for an object.
            Found::Text(_) if attribute.path.is_empty() => Reading::Other,
            Found::Nothing if node == tree::CLIENT || node == tree::CLIENT_ID => Reading::Other,
            found => self.reading(found, node),
        }
    }

    fn whole(&self, root: Root) -> Option<Value> {
        match root {
            Root::Client => {
                let described =
                    description().filter_map(|(name, node)| Some((Arc::from(name), self.value(node)?)));
                Some(Value::object(described.collect()))
            }
            root => self.value(tree::node_of(root)?),
        }
    }
}

impl Lists for JsonText<'_> {
    fn count(&self, number: usize) -> usize {
        match self.buffer.found(offset(number)) {
            Found::List { count, .. } => count as usize,
            _ => 0,
        }
    }

    fn each<'s>(
        &'s self,
        number: usize,
        visit: &mut dyn FnMut(Reading<'s>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let Found::List { start, count } = self.buffer.found(offset(number)) else {
            return ControlFlow::Continue(());
        };
        let mut elements = Elements::new(self.text, &self.buffer.elements, start, count);
        elements.try_for_each(|element| {
            visit(match element {
                Found::Text(piece) => Reading::Text(self.piece(piece)),
                Found::Int(value) => Reading::Int(value),
                Found::Bool(value) => Reading::Bool(value),
                Found::Nothing => Reading::Missing { found: 0 },
                Found::List { .. } | Found::Object(_) | Found::Other(_) => Reading::Other,
            })
        })
    }
}

#[cfg(test)]
mod tests;
