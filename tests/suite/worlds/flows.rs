//! What depends on what: two requests that differ in some attributes only, and what differs in their tokens.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use claimsc::standard::Token;

use super::observe::Run;
use super::truth::{Truth, full};

/// What makes a claim of one recipient depend on attributes with a label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flow {
    /// Two runs that differ in attributes of the label only.
    pub(super) runs: (usize, usize),
    /// The same statements act in both, so it is their values that differ.
    pub(super) is_value: bool,
    /// The verbs that write the claim in one of the runs.
    pub(super) verbs: BTreeSet<usize>,
}

/// By label, recipient, token and claim. A recipient is the id of an audience (or nothing, for a token without one) for
/// access tokens, else the id of a client.
pub(super) type Flows = BTreeMap<(&'static str, String, Token, String), Flow>;

impl Truth<'_> {
    /// What attributes with a label (values only, not their presence) change in issued tokens.
    pub(super) fn flows(&self) -> Flows {
        let mut flows = Flows::new();
        for label in ["pii", "health"] {
            let is_labelled = |attribute: usize| self.world.attributes[attribute].label == Some(label);
            for (one, other) in self.neighbours(&is_labelled) {
                self.compare_tokens(label, one, other, &mut flows);
            }
        }
        flows
    }

    /// Pairs of issued runs with the same request but for the values of some attributes that are there in both.
    fn neighbours(&self, varies: &dyn Fn(usize) -> bool) -> Vec<(usize, usize)> {
        let mut groups: BTreeMap<(usize, Vec<usize>), Vec<usize>> = BTreeMap::new();
        for (number, run) in self.observed.runs.iter().enumerate() {
            let cell = &self.observed.space.cells[run.cell];
            if run.issued().is_none() || !cell.dimensions.iter().any(|one| varies(*one)) {
                continue;
            }
            let values = self.world.values_of(cell, run.index);
            let fixed = cell.dimensions.iter().zip(values).map(|(dimension, value)| {
                match (varies(*dimension), &self.world.attributes[*dimension].values[value]) {
                    // What is there may be anything that is.
                    (true, Some(_)) => usize::MAX,
                    _ => value,
                }
            });
            groups.entry((run.cell, fixed.collect())).or_default().push(number);
        }
        let mut pairs = Vec::new();
        for group in groups.values() {
            // Whoever differs from anyone differs from the first or second.
            pairs.extend(group.iter().skip(1).map(|other| (group[0], *other)));
            pairs.extend(group.iter().skip(2).map(|other| (group[1], *other)));
        }
        pairs
    }

    fn compare_tokens(&self, label: &'static str, one: usize, other: usize, flows: &mut Flows) {
        let (a, b) = (&self.observed.runs[one], &self.observed.runs[other]);
        let (Some(first), Some(second)) = (a.issued(), b.issued()) else { return };
        let acting = |run: &Run| run.verbs.keys().copied().collect::<BTreeSet<_>>();
        let is_value = a.is_probed && b.is_probed && acting(a) == acting(b);
        for (token, claims) in &first.tokens {
            let others = &second.tokens[token];
            if *token == Token::Access && first.audience != second.audience {
                continue;
            }
            let names: BTreeSet<_> = claims.keys().chain(others.keys()).collect();
            for name in names.into_iter().filter(|name| claims.get(*name) != others.get(*name)) {
                let writes =
                    |run| self.contributions(run).into_iter().filter(|one| full(one.claim) == **name);
                let verbs = writes(a).chain(writes(b)).map(|one| one.verb).collect();
                let flow = Flow { runs: (one, other), is_value, verbs };
                for recipient in self.recipients(*token, &first.audience, a) {
                    let known = flows
                        .entry((label, recipient, *token, name.to_string()))
                        .or_insert_with(|| flow.clone());
                    if is_value && !known.is_value {
                        *known = flow.clone();
                    }
                }
            }
        }
    }

    /// Who reads a token.
    fn recipients(&self, token: Token, audience: &[Arc<str>], run: &Run) -> Vec<String> {
        match token {
            Token::Access if audience.is_empty() => vec![String::new()],
            Token::Access => audience.iter().map(ToString::to_string).collect(),
            _ => vec![self.observed.space.cells[run.cell].context.client.to_owned()],
        }
    }

    /// Whether a recipient may have data with a label.
    pub(super) fn accepts(&self, recipient: &str, token: Token, label: &str) -> bool {
        let lists = |labels: &str| labels.split(", ").any(|one| one == label);
        if token == Token::Access {
            // Once an audience states what it accepts, the others accept nothing.
            let is_stated = self.world.audiences.iter().any(|one| one.accepts.is_some());
            let audience = self.world.audiences.iter().find(|one| one.id == recipient);
            return !is_stated || audience.and_then(|one| one.accepts).is_some_and(lists);
        }
        let client = self.world.clients.iter().find(|one| one.id == recipient);
        client.and_then(|one| one.accepts).is_none_or(lists)
    }

    /// The attributes that matter, by client, grant and audience: two requests that differ in nothing else have
    /// unlike decisions.
    pub(super) fn inputs(
        &self,
    ) -> BTreeMap<(&'static str, &'static str, Vec<&'static str>), BTreeSet<&'static str>> {
        let mut inputs: BTreeMap<_, BTreeSet<&'static str>> = BTreeMap::new();
        let mut first = 0;
        for cell in &self.observed.space.cells {
            let context = &cell.context;
            let known = inputs.entry((context.client, context.grant, context.audience.clone())).or_default();
            let runs = &self.observed.runs[first..first + cell.size];
            let mut stride = 1;
            for dimension in &cell.dimensions {
                let attribute = &self.world.attributes[*dimension];
                let count = attribute.values.len();
                // Runs that differ in this dimension only from the run with its first value.
                let matters = (0..cell.size).any(|index| {
                    let value = index / stride % count;
                    value > 0 && runs[index].decision != runs[index - value * stride].decision
                });
                if matters {
                    known.insert(attribute.path);
                }
                stride *= count;
            }
            first += cell.size;
        }
        inputs
    }
}
