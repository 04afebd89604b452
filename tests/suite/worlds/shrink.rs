//! Policies that are a little smaller, for showing what is wrong with as little text as possible.

use super::tree::{Action, Chain, Condition, Node, Promise, Tree, Verb, Written};
use super::variants::without_lets;

/// The tree with each of its parts left out in turn: what to try first to make a finding smaller.
pub(super) fn smaller(tree: &Tree) -> Vec<Tree> {
    let mut all = Vec::new();
    for index in 0..tree.promises.len() {
        let mut one = tree.clone();
        one.promises.remove(index);
        all.push(one);
    }
    for nodes in smaller_nodes(&tree.items) {
        all.push(Tree { items: nodes, ..tree.clone() });
    }
    for index in 0..tree.lets.len() {
        let mut one = tree.clone();
        one.lets.remove(index);
        all.push(one);
    }
    if !tree.lets.is_empty() {
        all.push(without_lets(tree));
    }
    for (index, promise) in tree.promises.iter().enumerate() {
        if let Promise::Ensure { when: Some(when), .. } = promise {
            for smaller in smaller_conditions(when) {
                let mut one = tree.clone();
                if let Promise::Ensure { when, .. } = &mut one.promises[index] {
                    *when = Some(smaller);
                }
                all.push(one);
            }
        }
    }
    for (index, one) in tree.lets.iter().enumerate() {
        for condition in smaller_conditions(&one.condition) {
            let mut changed = tree.clone();
            changed.lets[index].condition = condition;
            all.push(changed);
        }
    }
    all
}

/// Lists with one part less.
fn smaller_nodes(nodes: &[Node]) -> Vec<Vec<Node>> {
    let mut all = Vec::new();
    let with = |index: usize, inner: Vec<Node>| -> Vec<Node> {
        let mut changed = nodes[..index].to_vec();
        changed.extend(inner);
        changed.extend_from_slice(&nodes[index + 1..]);
        changed
    };
    for (index, node) in nodes.iter().enumerate() {
        all.push(with(index, Vec::new()));
        match node {
            Node::Verb(verb) => {
                let mut plain = verb.clone();
                plain.target = None;
                plain.unless = None;
                if let Action::Write { value: Written::If { otherwise, .. }, .. } = &verb.action
                    && let Action::Write { value, .. } = &mut plain.action
                    && otherwise != "omit"
                {
                    *value = Written::Text(otherwise.clone());
                }
                if plain != *verb {
                    all.push(with(index, vec![Node::Verb(plain)]));
                }
                for unless in verb.unless.iter().flat_map(smaller_conditions) {
                    let changed = Verb { unless: Some(unless), ..verb.clone() };
                    all.push(with(index, vec![Node::Verb(changed)]));
                }
            }
            Node::Chain(chain) => {
                all.extend(smaller_chains(chain).into_iter().map(|inner| with(index, inner)));
            }
        }
    }
    all
}

fn smaller_chains(chain: &Chain) -> Vec<Vec<Node>> {
    let mut all: Vec<Vec<Node>> = chain.branches.iter().map(|branch| branch.body.clone()).collect();
    all.extend(chain.otherwise.clone());
    let mut put = |changed: Chain| all.push(vec![Node::Chain(changed)]);
    if chain.otherwise.is_some() {
        put(Chain { otherwise: None, ..chain.clone() });
    }
    for index in 0..chain.branches.len() {
        if chain.branches.len() > 1 {
            let mut changed = chain.clone();
            changed.branches.remove(index);
            put(changed);
        }
        let branch = &chain.branches[index];
        for condition in smaller_conditions(&branch.condition) {
            let mut changed = chain.clone();
            changed.branches[index].condition = condition;
            put(changed);
        }
        for body in smaller_nodes(&branch.body).into_iter().filter(|body| !body.is_empty()) {
            let mut changed = chain.clone();
            changed.branches[index].body = body;
            put(changed);
        }
        if branch.target.is_some() {
            let mut changed = chain.clone();
            changed.branches[index].target = None;
            put(changed);
        }
    }
    for body in chain.otherwise.iter().flat_map(|body| smaller_nodes(body)).filter(|body| !body.is_empty()) {
        put(Chain { otherwise: Some(body), ..chain.clone() });
    }
    all
}

fn smaller_conditions(condition: &Condition) -> Vec<Condition> {
    match condition {
        Condition::Atom(_) | Condition::Let(_) => Vec::new(),
        Condition::Not(one) => {
            let mut all = vec![(**one).clone()];
            all.extend(smaller_conditions(one).into_iter().map(|one| Condition::Not(Box::new(one))));
            all
        }
        Condition::And(parts) | Condition::Or(parts) => {
            let is_and = matches!(condition, Condition::And(_));
            let join = |parts| if is_and { Condition::And(parts) } else { Condition::Or(parts) };
            let mut all = parts.clone();
            for index in 0..parts.len() {
                if parts.len() > 2 {
                    let mut fewer = parts.clone();
                    fewer.remove(index);
                    all.push(join(fewer));
                }
                for smaller in smaller_conditions(&parts[index]) {
                    let mut changed = parts.clone();
                    changed[index] = smaller;
                    all.push(join(changed));
                }
            }
            all
        }
    }
}
