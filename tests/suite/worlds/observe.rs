//! Everything that a policy does in a small world, as the production evaluator tells it.

use std::collections::{BTreeMap, BTreeSet};

use claimsc::decision::Issued;
use claimsc::diag::Severity;
use claimsc::standard::Token;
use claimsc::{Compilation, Compiler, Decision, Policy, Request, Value};

use super::print;
use super::tree::Tree;
use super::world::{Space, World, read};

const PREFIX: &str = "https://acme.example/c/";

/// Compiles without the proofs, which are what is being tested.
pub(super) fn compile(world: &World, files: &[(String, String)]) -> Compilation {
    let mut compiler = Compiler::new();
    compiler.catalog("claims.yaml", &world.catalog);
    for (name, text) in files {
        compiler.source(name, text);
    }
    compiler.without_proofs().compile()
}

/// A policy, or the errors that keep it from being one.
pub(super) fn policy(world: &World, text: &str) -> Result<Policy, String> {
    let compilation = compile(world, &[("p.claims".to_owned(), text.to_owned())]);
    let errors: Vec<String> = compilation
        .diagnostics
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| {
            format!("{}: {} {}", compilation.sources.place(finding.span), finding.code.slug, finding.message)
        })
        .collect();
    compilation.policy.ok_or_else(|| errors.join("\n"))
}

/// A small fact of a probe: a letter and its numbers, see [`print::probe`].
pub(super) type Flag = (char, usize, usize);

/// One request and what came of it.
#[derive(Debug, Clone)]
pub(super) struct Run {
    /// Into the cells of the space.
    pub(super) cell: usize,
    /// Of the request within the cell.
    pub(super) index: usize,
    pub(super) decision: Decision,
    /// Tokens that the grant gives and in which a verb acted, with the value that it wrote.
    pub(super) verbs: BTreeMap<usize, BTreeMap<Token, Option<Value>>>,
    pub(super) flags: BTreeSet<Flag>,
    /// Whether verbs and flags are known. A probe fails where a promise reads a source that failed.
    pub(super) is_probed: bool,
    pub(super) client: String,
    /// Bytes of the user's `sub` as JSON.
    pub(super) subject: Option<u64>,
}

impl Run {
    pub(super) fn issued(&self) -> Option<&Issued> {
        match &self.decision {
            Decision::Issue(issued) => Some(issued),
            _ => None,
        }
    }
}

/// All requests of a world and what a policy does with them.
#[derive(Debug, Clone)]
pub(super) struct Observation {
    pub(super) policy: Policy,
    pub(super) probe: Policy,
    pub(super) text: print::Text,
    pub(super) space: Space,
    /// In the order of the space.
    pub(super) runs: Vec<Run>,
}

/// Why a policy was not observed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Skipped {
    /// It does not compile.
    Errors(String),
    TooManyRequests,
}

/// The attributes that a policy and its promises read.
fn reads(policy: &Policy, text: &str) -> BTreeSet<String> {
    let mut reads: BTreeSet<String> = policy.unit().slots.iter().map(claimsc::ir::Slot::name).collect();
    let in_text = READABLE.iter().filter(|path| text.contains(**path));
    reads.extend(in_text.map(|path| (*path).to_owned()));
    reads
}

/// What only promises may read, or is no attribute.
const READABLE: [&str; 22] = [
    "connection",
    "organization",
    "actor",
    "external.risk",
    "user.nick",
    "user.limit",
    "grant in login",
    "scopes",
    "user.plan",
    "user.level",
    "user.verified",
    "user.staff",
    "user.name",
    "user.profile.city",
    "user.age",
    "user.groups",
    "user.email",
    "client.metadata.tier",
    "session.amr",
    "session.auth_time",
    "requested.scopes",
    "requested.audience",
];

pub(super) fn observe(world: &World, tree: &Tree, limit: usize) -> Result<Observation, Skipped> {
    let text = print::policy(tree);
    let compiled = policy(world, &print::without_promises(tree).text).map_err(Skipped::Errors)?;
    let probe_text = print::probe(tree, world.explicit_delegation);
    let reads = reads(&compiled, &probe_text.text);
    let space = world.space(&reads).filter(|space| space.count <= limit).ok_or(Skipped::TooManyRequests)?;
    let probe = policy(world, &probe_text.text)
        .map_err(|errors| Skipped::Errors(format!("of the probe: {errors}\n{}", probe_text.text)))?;
    let mut observed = Observation { policy: compiled, probe, text, space: space.clone(), runs: Vec::new() };
    for (number, cell) in space.cells.iter().enumerate() {
        for index in 0..cell.size {
            let request = read(&world.request(cell, index));
            let run = Run { cell: number, index, ..run(&observed, &request) };
            observed.runs.push(run);
        }
    }
    Ok(observed)
}

/// What a policy does with one request, which need not be one of its space.
pub(super) fn run(observed: &Observation, request: &Request) -> Run {
    let decision = observed.policy.evaluate(request);
    let given = request.grant().tokens().iter().collect();
    let probe = observed.probe.evaluate(request);
    let (verbs, flags) = probed(&probe, given);
    Run {
        cell: 0,
        index: 0,
        decision,
        verbs,
        flags,
        is_probed: matches!(probe, Decision::Issue(_)),
        client: request.client().id().to_string(),
        subject: request.user().and_then(|user| user.get("sub")).map(|sub| sub.to_json().len() as u64),
    }
}

type Probed = (BTreeMap<usize, BTreeMap<Token, Option<Value>>>, BTreeSet<Flag>);

/// What a probe tells; nothing where it is an error.
fn probed(decision: &Decision, given: Vec<Token>) -> Probed {
    let mut verbs: BTreeMap<usize, BTreeMap<Token, Option<Value>>> = BTreeMap::new();
    let mut flags = BTreeSet::new();
    let Decision::Issue(issued) = decision else { return (verbs, flags) };
    for (token, claims) in &issued.tokens {
        for (name, value) in claims {
            match flag(name) {
                ('v', verb, _) => {
                    verbs.entry(verb).or_default().insert(*token, Some(value.clone()));
                }
                flag => {
                    flags.insert(flag);
                }
            }
        }
    }
    for token in given {
        for name in issued.removed.get(&token).into_iter().flatten() {
            verbs.entry(flag(name).1).or_default().insert(token, None);
        }
    }
    (verbs, flags)
}

fn flag(name: &str) -> Flag {
    let short = name.strip_prefix(PREFIX).expect("a claim of a probe");
    let (letter, numbers) = short.split_at(1);
    let (first, second) = numbers.split_once('_').unwrap_or((numbers, "0"));
    let number = |text: &str| text.parse().expect("a number");
    (letter.chars().next().expect("a letter"), number(first), number(second))
}
