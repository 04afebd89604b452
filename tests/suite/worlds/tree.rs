//! Policies as the generator makes them: small enough to be taken apart, changed and printed in several ways.

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tree {
    pub(super) lets: Vec<Let>,
    pub(super) items: Vec<Node>,
    pub(super) promises: Vec<Promise>,
}

/// A `let` of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Let {
    pub(super) name: String,
    pub(super) condition: Condition,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Verb(Verb),
    Chain(Chain),
}

/// `if`, `else if`, `else`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chain {
    pub(super) branches: Vec<Branch>,
    pub(super) otherwise: Option<Vec<Node>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Branch {
    pub(super) condition: Condition,
    pub(super) target: Option<&'static str>,
    pub(super) body: Vec<Node>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verb {
    pub(super) action: Action,
    pub(super) target: Option<&'static str>,
    pub(super) unless: Option<Condition>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Action {
    /// `add`, `default`, `override`, `append`; claim and member.
    Write {
        word: &'static str,
        claim: &'static str,
        member: Option<&'static str>,
        value: Written,
    },
    /// `add ns/* = { .. }`: members and their values.
    Spread {
        members: Vec<(&'static str, String)>,
    },
    Remove {
        claim: &'static str,
    },
    Deny {
        text: String,
    },
    Lifetime {
        value: String,
    },
    /// `add scope`, `remove scope`, `limit scopes to`.
    Scope {
        words: &'static str,
        value: String,
    },
    Audience {
        value: String,
    },
}

/// What a write gives a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Written {
    Text(String),
    /// With `?? deny` behind it.
    OrDeny(String),
    If {
        condition: Condition,
        then: String,
        otherwise: String,
    },
    /// Keys as they are written (several with commas) and values.
    Match {
        subject: String,
        arms: Vec<(String, String)>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Condition {
    Atom(Atom),
    Let(String),
    Not(Box<Condition>),
    And(Vec<Condition>),
    Or(Vec<Condition>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Atom {
    pub(super) text: String,
    /// Whether it is known wherever there is a user.
    pub(super) is_certain: bool,
    pub(super) reads_user: bool,
}

/// `ensure` or a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Promise {
    Ensure {
        what: Ensured,
        audience: Option<&'static str>,
        token: Option<&'static str>,
        when: Option<Condition>,
    },
    Contract {
        audience: &'static str,
        members: Vec<(&'static str, &'static str, bool)>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ensured {
    Never(&'static str),
    Always(&'static str),
    NoLabel(&'static str),
    Deny,
}

impl Condition {
    pub(super) fn reads_user(&self, lets: &[Let]) -> bool {
        match self {
            Condition::Atom(atom) => atom.reads_user,
            Condition::Let(name) => {
                lets.iter().any(|one| one.name == *name && one.condition.reads_user(lets))
            }
            Condition::Not(one) => one.reads_user(lets),
            Condition::And(all) | Condition::Or(all) => all.iter().any(|one| one.reads_user(lets)),
        }
    }

    /// Whether nothing is true without a user: `user exists and ..`.
    pub(super) fn demands_user(&self) -> bool {
        match self {
            Condition::Atom(atom) => atom.text == "user exists",
            Condition::And(all) => all.iter().any(Condition::demands_user),
            _ => false,
        }
    }
}

impl Verb {
    /// Whether its guard must be known: what is skipped by mistake would grant.
    pub(super) fn restricts(&self) -> bool {
        match &self.action {
            Action::Write { word, .. } => *word == "override",
            Action::Scope { words, .. } => *words != "add scope",
            Action::Spread { .. } | Action::Audience { .. } => false,
            Action::Remove { .. } | Action::Deny { .. } | Action::Lifetime { .. } => true,
        }
    }
}

/// Calls a function for all nodes of a list and of what is in them, each before its parts.
pub(super) fn each_node<'n>(nodes: &'n [Node], call: &mut impl FnMut(&'n Node)) {
    for node in nodes {
        call(node);
        if let Node::Chain(chain) = node {
            for branch in &chain.branches {
                each_node(&branch.body, call);
            }
            each_node(chain.otherwise.as_deref().unwrap_or_default(), call);
        }
    }
}

/// The same for changes.
pub(super) fn each_node_mut(nodes: &mut [Node], call: &mut impl FnMut(&mut Node)) {
    for node in nodes {
        call(node);
        if let Node::Chain(chain) = node {
            for branch in &mut chain.branches {
                each_node_mut(&mut branch.body, call);
            }
            each_node_mut(chain.otherwise.as_deref_mut().unwrap_or_default(), call);
        }
    }
}

impl Tree {
    /// Calls a function for every condition that stands in the policy as a whole: of lets, branches, `unless`, values
    /// and promises.
    pub(super) fn each_condition_mut(&mut self, call: &mut impl FnMut(&mut Condition)) {
        self.lets.iter_mut().for_each(|one| call(&mut one.condition));
        each_node_mut(&mut self.items, &mut |node| match node {
            Node::Chain(chain) => chain.branches.iter_mut().for_each(|branch| call(&mut branch.condition)),
            Node::Verb(verb) => {
                if let Action::Write { value: Written::If { condition, .. }, .. } = &mut verb.action {
                    call(condition);
                }
                verb.unless.iter_mut().for_each(&mut *call);
            }
        });
        for promise in &mut self.promises {
            if let Promise::Ensure { when: Some(when), .. } = promise {
                call(when);
            }
        }
    }
}
