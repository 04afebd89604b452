//! Where verbs and conditions stand in a tree, by the numbers of its text.

use super::observe::{Flag, Run};
use super::tree::{Chain, Node, Tree};

/// One branch of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    /// The number of the chain's first condition.
    pub(super) first: usize,
    /// How many conditions it has.
    pub(super) count: usize,
    /// The branch; `count` for `else`.
    pub(super) branch: usize,
}

impl Step {
    /// The flag that tells that the branch is taken.
    pub(super) fn flag(self) -> Flag {
        if self.branch < self.count {
            ('b', self.first + self.branch, 0)
        } else {
            ('e', self.first + self.count - 1, 0)
        }
    }

    pub(super) fn has(self, condition: usize) -> bool {
        (self.first..self.first + self.count).contains(&condition)
    }
}

/// By number: the branches around each verb and around each condition's chain, outermost first.
#[derive(Debug, Clone, Default)]
pub(super) struct Places {
    pub(super) verbs: Vec<Vec<Step>>,
    pub(super) conditions: Vec<Vec<Step>>,
}

impl Places {
    pub(super) fn of(tree: &Tree) -> Places {
        let mut places = Places::default();
        places.nodes(&tree.items, &[]);
        places
    }

    fn nodes(&mut self, nodes: &[Node], around: &[Step]) {
        for node in nodes {
            match node {
                Node::Verb(_) => self.verbs.push(around.to_vec()),
                Node::Chain(chain) => self.chain(chain, around),
            }
        }
    }

    fn chain(&mut self, chain: &Chain, around: &[Step]) {
        let (first, count) = (self.conditions.len(), chain.branches.len());
        self.conditions.extend(std::iter::repeat_n(around.to_vec(), count));
        let bodies = chain.branches.iter().map(|branch| &branch.body).chain(&chain.otherwise);
        for (branch, body) in bodies.enumerate() {
            let mut inner = around.to_vec();
            inner.push(Step { first, count, branch });
            self.nodes(body, &inner);
        }
    }
}

/// Whether all these branches are taken.
pub(super) fn taken(run: &Run, steps: &[Step]) -> bool {
    steps.last().is_none_or(|step| run.flags.contains(&step.flag()))
}
