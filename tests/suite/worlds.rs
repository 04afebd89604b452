//! An independent opinion for the proofs: random policies over worlds so small that every request can be tried. What is
//! true of such a policy is read off the decisions of the production evaluator, never off the logic.

#[path = "worlds/attribute.rs"]
mod attribute;
#[path = "worlds/conditions.rs"]
mod conditions;
#[path = "worlds/observe.rs"]
mod observe;
#[path = "worlds/policy.rs"]
mod policy;
#[path = "worlds/print.rs"]
mod print;
#[path = "worlds/rng.rs"]
mod rng;
#[path = "worlds/tree.rs"]
mod tree;
#[path = "worlds/values.rs"]
mod values;
#[path = "worlds/world.rs"]
mod world;

use observe::{Skipped, observe};
use rng::Rng;
use world::World;

#[test]
fn generated_policies_compile() {
    let mut failed = Vec::new();
    let (mut count, mut big, mut requests) = (0, 0, 0);
    let mut words = std::collections::BTreeMap::new();
    for seed in 0..200 {
        let mut rng = Rng::new(seed);
        let world = World::random(&mut rng);
        let tree = policy::random(&mut rng, &world);
        count += 1;
        match observe(&world, &tree, 4000) {
            Ok(observed) => {
                requests += observed.runs.len();
                for run in &observed.runs {
                    *words.entry(run.decision.word()).or_insert(0) += 1;
                }
            }
            Err(Skipped::TooManyRequests) => big += 1,
            Err(Skipped::Errors(errors)) => failed.push(format!("seed {seed}\n{errors}\n{}", print::policy(&tree).text)),
        }
    }
    println!("{count} policies, {requests} requests, {words:?}, {big} too big, {} not compiled", failed.len());
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}
