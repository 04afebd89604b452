//! What is looked for in a text: names below names.

use std::sync::Arc;

use crate::catalog::Root;
use crate::input::Attribute;

/// The number of a node.
pub(super) type NodeId = u32;

/// No node: nobody asks for it.
pub(super) const NOBODY: NodeId = NodeId::MAX;
/// The node of the request.
pub(super) const REQUEST: NodeId = 0;

macro_rules! fixed {
    ($($node:ident = $number:literal $path:expr,)*) => {
        $(pub(super) const $node: NodeId = $number;)*

        /// What every tree has, whatever a policy demands, in the order of the numbers.
        const FIXED: &[&[&str]] = &[$(&$path),*];
    };
}

fixed! {
    GRANT = 1 ["grant"],
    CLIENT = 2 ["client"],
    CLIENT_ID = 3 ["client", "id"],
    CLIENT_NAME = 4 ["client", "name"],
    CLIENT_CONFIDENTIAL = 5 ["client", "confidential"],
    CLIENT_METADATA = 6 ["client", "metadata"],
    AUDIENCE = 7 ["audience"],
    SCOPES = 8 ["scopes"],
    REQUESTED = 9 ["requested"],
    REQUESTED_AUDIENCE = 10 ["requested", "audience"],
    REQUESTED_SCOPES = 11 ["requested", "scopes"],
    ORIGINAL = 12 ["original"],
    ORIGINAL_GRANT = 13 ["original", "grant"],
    ORIGINAL_AUDIENCE = 14 ["original", "audience"],
    ORIGINAL_SCOPES = 15 ["original", "scopes"],
    NOW = 16 ["now"],
    USER = 17 ["user"],
    CONNECTION = 18 ["connection"],
    CONNECTION_ID = 19 ["connection", "id"],
    CONNECTION_NAME = 20 ["connection", "name"],
    ORGANIZATION = 21 ["organization"],
    ORGANIZATION_ID = 22 ["organization", "id"],
    ORGANIZATION_NAME = 23 ["organization", "name"],
    SESSION = 24 ["session"],
    ACTOR = 25 ["actor"],
    HTTP = 26 ["request"],
    EXTERNAL = 27 ["external"],
    CONFIG = 28 ["config"],
}

/// The node of a root that an input gives.
pub(super) fn node_of(root: Root) -> Option<NodeId> {
    Some(match root {
        Root::User => USER,
        Root::Client => CLIENT,
        Root::Connection => CONNECTION,
        Root::Organization => ORGANIZATION,
        Root::Session => SESSION,
        Root::Actor => ACTOR,
        Root::Request => HTTP,
        Root::External => EXTERNAL,
        Root::Config => CONFIG,
        _ => return None,
    })
}

/// The nodes, and which of them are the children of one.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    /// A table for each node that has children: open addressing, at most half full, sizes are powers of two.
    children: Vec<Child>,
}

#[derive(Debug, Clone)]
struct Node {
    name: Arc<str>,
    parent: NodeId,
    /// How many names lead to it.
    depth: usize,
    /// Where its table begins.
    first: usize,
    /// The size of its table less one; `None`: no children.
    mask: Option<usize>,
}

#[derive(Debug, Clone, Copy)]
struct Child {
    hash: u64,
    node: NodeId,
}

impl Tree {
    /// A tree with these attributes, and the node of each, by its index; [`NOBODY`] for what no input gives.
    pub(super) fn new(attributes: &[Attribute]) -> (Self, Vec<NodeId>) {
        let root = Node { name: "".into(), parent: REQUEST, depth: 0, first: 0, mask: None };
        let mut tree = Tree { nodes: vec![root], children: Vec::new() };
        let mut below: Vec<Vec<NodeId>> = vec![Vec::new()];
        for path in FIXED {
            tree.grow(REQUEST, path.iter().map(|name| Arc::from(*name)), &mut below);
        }
        let count = attributes.iter().map(|attribute| attribute.index + 1).max().unwrap_or(0);
        let mut nodes = vec![NOBODY; count];
        for attribute in attributes {
            if let (Some(root), Some(node)) = (node_of(attribute.root), nodes.get_mut(attribute.index)) {
                *node = tree.grow(root, attribute.path.iter().cloned(), &mut below);
            }
        }
        for (node, children) in below.iter().enumerate() {
            tree.index(node, children);
        }
        (tree, nodes)
    }

    /// The node at the end of a path from a node on, made if it is not there.
    fn grow(
        &mut self,
        from: NodeId,
        path: impl Iterator<Item = Arc<str>>,
        below: &mut Vec<Vec<NodeId>>,
    ) -> NodeId {
        let mut at = from;
        for name in path {
            let Some(children) = below.get_mut(at as usize) else {
                return NOBODY;
            };
            let is_it = |child: &&NodeId| self.node(**child).is_some_and(|node| node.name == name);
            if let Some(child) = children.iter().find(is_it) {
                at = *child;
                continue;
            }
            let Ok(child) = NodeId::try_from(self.nodes.len()) else {
                return NOBODY;
            };
            children.push(child);
            below.push(Vec::new());
            self.nodes.push(Node { name, parent: at, depth: self.depth(at) + 1, first: 0, mask: None });
            at = child;
        }
        at
    }

    fn index(&mut self, node: usize, children: &[NodeId]) {
        if children.is_empty() {
            return;
        }
        let (first, mask) = (self.children.len(), (children.len() * 2).next_power_of_two() - 1);
        self.children.resize(first + mask + 1, Child { hash: 0, node: NOBODY });
        for child in children {
            let hash = self.node(*child).map_or(0, |child| hash(child.name.as_bytes()));
            let mut at = place(hash) & mask;
            while self.children.get(first + at).is_some_and(|child| child.node != NOBODY) {
                at = (at + 1) & mask;
            }
            if let Some(free) = self.children.get_mut(first + at) {
                *free = Child { hash, node: *child };
            }
        }
        if let Some(node) = self.nodes.get_mut(node) {
            (node.first, node.mask) = (first, Some(mask));
        }
    }

    fn node(&self, node: NodeId) -> Option<&Node> {
        self.nodes.get(node as usize)
    }

    /// How many nodes there are.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// How many names lead to a node.
    pub(super) fn depth(&self, node: NodeId) -> usize {
        self.node(node).map_or(0, |node| node.depth)
    }

    /// What a node is a member of.
    pub(super) fn parent(&self, node: NodeId) -> NodeId {
        self.node(node).map_or(REQUEST, |node| node.parent)
    }

    /// The node of a member of this name and its hash.
    #[inline]
    pub(super) fn child(&self, node: NodeId, name_hash: u64, name: &str) -> NodeId {
        let Some(&Node { first, mask: Some(mask), .. }) = self.node(node) else {
            return NOBODY;
        };
        let mut at = place(name_hash) & mask;
        while let Some(child) = self.children.get(first + at)
            && child.node != NOBODY
        {
            if child.hash == name_hash && self.node(child.node).is_some_and(|node| *node.name == *name) {
                return child.node;
            }
            at = (at + 1) & mask;
        }
        NOBODY
    }
}

/// Where in a table a hash belongs: its upper half, which all of the name has an effect on.
fn place(hash: u64) -> usize {
    (hash >> 32) as usize
}

/// A number that tells most names apart: of their length and at most 16 bytes. Names with the same number are compared.
#[inline]
pub(super) fn hash(name: &[u8]) -> u64 {
    let word = |bytes: Option<&[u8; 8]>| bytes.map(|bytes| u64::from_le_bytes(*bytes));
    let half = |bytes: Option<&[u8; 4]>| bytes.map(|bytes| u64::from(u32::from_le_bytes(*bytes)));
    let byte = |at: usize| u64::from(name.get(at).copied().unwrap_or_default());
    let (head, tail) = match (word(name.first_chunk()), word(name.last_chunk())) {
        (Some(head), Some(tail)) => (head, tail),
        _ => half(name.first_chunk())
            .zip(half(name.last_chunk()))
            .unwrap_or_else(|| (byte(0) | byte(1) << 8, byte(2))),
    };
    let mixed = head ^ tail.rotate_left(32) ^ (name.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let product = mixed.wrapping_mul(0xd6e8_feb8_6659_fd93);
    product ^ product.rotate_right(32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_it_is_found_and_nothing_else() {
        let paths: Vec<String> = (0..200).map(|n| format!("name-{n}")).collect();
        let attributes: Vec<Attribute> = paths
            .iter()
            .enumerate()
            .map(|(index, name)| Attribute {
                index,
                root: Root::User,
                path: vec![Arc::from("address"), Arc::from(name.as_str())],
            })
            .collect();
        let (tree, nodes) = Tree::new(&attributes);
        let child = |node, name: &str| tree.child(node, hash(name.as_bytes()), name);
        let user = child(REQUEST, "user");
        assert_eq!(user, USER);
        assert_eq!(child(child(REQUEST, "original"), "scopes"), ORIGINAL_SCOPES);
        let address = child(user, "address");
        assert_eq!((tree.depth(address), tree.parent(address)), (2, USER));
        for (attribute, path) in attributes.iter().zip(&paths) {
            assert_eq!(child(address, path), nodes[attribute.index], "{path}");
            assert_eq!(child(user, path), NOBODY);
        }
        for other in ["", "n", "name-", "name-200", "name-1000000000"] {
            assert_eq!(child(address, other), NOBODY, "{other}");
        }
    }
}
