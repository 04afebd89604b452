//! An independent opinion for the proofs: random policies over worlds so small that every request can be tried. What is
//! true of such a policy is read off the decisions of the production evaluator, never off the logic.
//!
//! `CLAIMSC_WORLDS` sets how many policies there are, `CLAIMSC_SEED` the first seed, `CLAIMSC_REQUESTS` how large worlds
//! may be; `CLAIMSC_SHOW=slug` shows findings of that kind as if they were disagreements.

#[path = "worlds/attribute.rs"]
mod attribute;
#[path = "worlds/compare.rs"]
mod compare;
#[path = "worlds/conditions.rs"]
mod conditions;
#[path = "worlds/controls.rs"]
mod controls;
#[path = "worlds/engines.rs"]
mod engines;
#[path = "worlds/flows.rs"]
mod flows;
#[path = "worlds/observe.rs"]
mod observe;
#[path = "worlds/places.rs"]
mod places;
#[path = "worlds/policy.rs"]
mod policy;
#[path = "worlds/print.rs"]
mod print;
#[path = "worlds/rng.rs"]
mod rng;
#[path = "worlds/selfcheck.rs"]
mod selfcheck;
#[path = "worlds/shrink.rs"]
mod shrink;
#[path = "worlds/tree.rs"]
mod tree;
#[path = "worlds/truth.rs"]
mod truth;
#[path = "worlds/values.rs"]
mod values;
#[path = "worlds/variants.rs"]
mod variants;
#[path = "worlds/versions.rs"]
mod versions;
#[path = "worlds/world.rs"]
mod world;

use std::collections::BTreeMap;
use std::env;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use observe::{Observation, Skipped, observe};
use rng::Rng;
use tree::Tree;
use world::World;

/// Policies that do not compile, in percent. They are drawn without a look at what their surroundings have tested.
const MAX_UNFIT: usize = 5;
/// So many say nothing yet.
const FEW_UNFIT: usize = 10;

/// A random policy and what it does.
struct Case {
    seed: u64,
    world: World,
    tree: Tree,
    observed: Observation,
}

/// What a run over many seeds found.
#[derive(Default)]
struct Tally {
    policies: usize,
    requests: usize,
    unfit: Vec<String>,
    too_big: usize,
    counts: BTreeMap<String, usize>,
    failures: Vec<Failure>,
}

/// A disagreement about a random policy.
struct Failure {
    /// What is the matter; two of a kind are shown.
    kind: String,
    seed: u64,
    detail: String,
}

/// How many disagreements of one kind are shown.
const SHOWN: usize = 3;

impl Tally {
    fn count(&mut self, what: impl Into<String>, how_many: usize) {
        *self.counts.entry(what.into()).or_insert(0) += how_many;
    }

    fn figures(&self) -> String {
        let counts: String = self.counts.iter().map(|(what, count)| format!("  {what}: {count}\n")).collect();
        format!(
            "{} policies, {} requests, {} worlds too big, {} texts unfit, {} disagreements\n{counts}",
            self.policies,
            self.requests,
            self.too_big,
            self.unfit.len(),
            self.failures.len()
        )
    }

    /// Panics with the first few failures.
    fn judge(&self) {
        assert!(
            self.unfit.len() <= FEW_UNFIT.max(self.policies * MAX_UNFIT / 100),
            "{} texts do not compile:\n{}",
            self.unfit.len(),
            self.unfit[..3.min(self.unfit.len())].join("\n\n")
        );
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        let mut shown = String::new();
        for failure in &self.failures {
            let count = kinds.entry(&failure.kind).or_insert(0);
            *count += 1;
            if *count <= SHOWN {
                shown += &compare::report(failure);
            }
        }
        assert!(shown.is_empty(), "{} disagreements\n\n{shown}", self.failures.len());
    }
}

/// Worlds with more requests are passed over. `CLAIMSC_REQUESTS` takes its place.
fn max_requests() -> usize {
    usize::try_from(setting("CLAIMSC_REQUESTS", 150)).unwrap_or(usize::MAX)
}

fn setting(name: &str, usual: u64) -> u64 {
    env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Runs a check over so many random policies, on all processors.
fn over_many(usual: u64, check: impl Fn(&Case, &mut Tally) + Sync) -> Tally {
    let first = setting("CLAIMSC_SEED", 0);
    let end = first + setting("CLAIMSC_WORLDS", usual);
    let next = AtomicU64::new(first);
    let total = Mutex::new(BTreeMap::new());
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end {
                        break;
                    }
                    let mut tally = Tally::default();
                    one(seed, &check, &mut tally);
                    total.lock().expect("no worker panics").insert(seed, tally);
                }
            });
        }
    });
    let mut all = Tally::default();
    for (_, tally) in total.into_inner().expect("no worker panics") {
        all.policies += tally.policies;
        all.requests += tally.requests;
        all.too_big += tally.too_big;
        all.unfit.extend(tally.unfit);
        all.failures.extend(tally.failures);
        for (what, count) in tally.counts {
            all.count(what, count);
        }
    }
    all
}

fn one(seed: u64, check: &(impl Fn(&Case, &mut Tally) + Sync), tally: &mut Tally) {
    let case = case(seed, tally);
    tally.policies += 1;
    tally.requests += case.observed.runs.len();
    check(&case, tally);
}

/// The policy of a seed: the first one that compiles and is small enough.
fn case(seed: u64, tally: &mut Tally) -> Case {
    let mut rng = Rng::new(seed);
    loop {
        let world = World::random(&mut rng, max_requests());
        let tree = policy::random(&mut rng, &world);
        match observe(&world, &tree, max_requests()) {
            Ok(observed) => return Case { seed, world, tree, observed },
            Err(Skipped::TooManyRequests) => tally.too_big += 1,
            Err(Skipped::Errors(errors)) => {
                tally.unfit.push(format!(
                    "seed {seed}\n{errors}\n{}\n{}",
                    world.catalog,
                    print::policy(&tree).text
                ));
            }
        }
    }
}

#[test]
fn small_worlds_tell_what_the_evaluator_does() {
    let tally = over_many(40, selfcheck::check);
    println!("{}", tally.figures());
    tally.judge();
}

#[test]
fn versions_are_compared_as_requests_tell() {
    let tally = over_many(60, versions::check);
    println!("{}", tally.figures());
    tally.judge();
}

#[test]
fn random_policies_agree_with_brute_force() {
    let tally = over_many(2_000, |case, tally| {
        let opinions = compare::compare(&case.world, &case.tree, &case.observed);
        for (what, count) in opinions.counts {
            tally.count(what, count);
        }
        let mut kinds = BTreeMap::new();
        for one in opinions.found {
            tally.count(format!("disagreement: {}", one.kind), 1);
            kinds.entry(one.kind).or_insert(one.detail);
        }
        // One of each kind is enough to look at.
        let failures = kinds.into_iter().map(|(kind, detail)| Failure { kind, seed: case.seed, detail });
        tally.failures.extend(failures);
    });
    println!("{}", tally.figures());
    tally.judge();
}
