//! No texts make the compiler panic or run without end, and what becomes a policy decides the same by both engines and
//! from its artifact. A line `---` stands between claims.yaml and the policy; without one there is no claims.yaml.

#![no_main]

use claimsc::artifact::Trust;
use claimsc::catalog::Cost;
use claimsc::{Compiler, Policy};
use libfuzzer_sys::fuzz_target;

mod both;
mod requests;

/// Proofs are tried of short texts only, with small budgets: they may take longer than anybody waits here.
const SHORT: usize = 1_000;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut compiler = Compiler::new();
    let policy = match text.split_once("\n---\n") {
        Some((catalog, policy)) => {
            compiler.catalog("claims.yaml", catalog);
            policy
        }
        None => text,
    };
    compiler.source("policy.claims", policy);
    for cost in [Cost::Proposals, Cost::States, Cost::Requests, Cost::Sizes, Cost::Shrinking] {
        compiler.budget(cost, 50);
    }
    if text.len() > SHORT {
        compiler.without_proofs();
    }
    let compilation = compiler.compile();
    let _ = claimsc::report::json(&compilation.diagnostics, &compilation.sources).to_json();
    let _ = claimsc::report::concise(&compilation.diagnostics, &compilation.sources, &|name| name.to_owned());
    let (Some(policy), Some(artifact)) = (&compilation.policy, compilation.artifact()) else { return };
    let loaded =
        artifact.ok().map(|bytes| Policy::from_artifact(bytes, Trust::Anybody).expect("what was built"));
    for request in requests::of(policy) {
        both::agree(policy, &request);
        if let Some(loaded) = &loaded {
            assert_eq!(loaded.evaluate(&request).to_string(), policy.evaluate(&request).to_string());
        }
    }
});
