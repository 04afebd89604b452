//! Artifacts: what is loaded is what was built, and nothing else is loaded.

use claimsc::artifact::{Artifact, Trust};
use claimsc::{Compilation, Compiler, Policy, Request};

use sha2::{Digest as _, Sha256};

use super::folder::{catalog, decide, name, sources};
use super::order::policies;

fn compile(catalog: Option<&str>, files: &[(String, String)]) -> Compilation {
    let mut compiler = Compiler::new();
    compiler.without_proofs();
    if let Some(catalog) = catalog {
        compiler.catalog("claims.yaml", catalog);
    }
    for (name, text) in files {
        compiler.source(name, text);
    }
    compiler.compile()
}

fn built(compilation: &Compilation) -> Vec<u8> {
    compilation.artifact().expect("a policy").expect("an artifact that can be loaded")
}

#[test]
fn what_is_loaded_is_what_was_built() {
    for (folder, requests) in policies() {
        let compilation = compile(catalog(&folder).as_deref(), &sources(&folder));
        let bytes = built(&compilation);
        let policy = compilation.policy.as_ref().expect("a policy");
        let artifact = Artifact::read(bytes, Trust::Anybody).expect("an artifact");
        assert_eq!(format!("{:?}", artifact.sources()), format!("{:?}", compilation.sources));
        let loaded = Policy::from(artifact);
        assert_eq!(format!("{:#?}", loaded.unit()), format!("{:#?}", policy.unit()), "{}", name(&folder));
        for request in requests {
            assert_eq!(decide(&loaded, &request), decide(policy, &request), "{}", name(&folder));
        }
    }
}

#[test]
fn excerpts_are_those_of_the_whole_policy() {
    for (folder, _) in policies() {
        let compilation = compile(catalog(&folder).as_deref(), &sources(&folder));
        let loaded = Policy::from_artifact(built(&compilation), Trust::Anybody).expect("an artifact");
        let policy = compilation.policy.expect("a policy");
        let all: Vec<usize> = (0..policy.unit().statements.len()).collect();
        let (even, odd): (Vec<usize>, Vec<usize>) = all.iter().partition(|index| *index % 2 == 0);
        let reversed: Vec<usize> = all.iter().rev().copied().chain([usize::MAX]).collect();
        for chosen in [&[][..], &all, &even, &odd, &reversed] {
            let (own, other) = (policy.excerpt(chosen), loaded.excerpt(chosen));
            assert_eq!(format!("{other:#?}"), format!("{own:#?}"), "{}: {chosen:?}", name(&folder));
        }
    }
}

/// The bytes with a checksum that fits: what a forger would write.
fn forged(mut bytes: Vec<u8>) -> Vec<u8> {
    let length = u32::try_from(bytes.len() - 48).expect("a small artifact");
    bytes[12..16].copy_from_slice(&length.to_le_bytes());
    let digest = Sha256::new().chain_update(&bytes[..16]).chain_update(&bytes[48..]).finalize();
    bytes[16..48].copy_from_slice(&digest);
    bytes
}

/// Loads what may be anything. If it is accepted, it has to decide about requests, one way or the other.
fn try_to_load(bytes: Vec<u8>, requests: &[Request]) -> bool {
    let Ok(artifact) = Artifact::read(bytes, Trust::Anybody) else { return false };
    let sources = artifact.sources();
    let policy = Policy::from(artifact);
    for request in requests {
        let _ = policy.evaluate(request).to_json();
        let _ = claimsc::report::explanation::text(&policy.explain(request, true), &sources);
    }
    let statements: Vec<usize> = (0..policy.unit().statements.len()).rev().collect();
    let excerpt = policy.excerpt(&statements);
    assert_eq!(excerpt.statements.len(), statements.len());
    true
}

/// Policies that use much of the language, with a few requests each.
fn victims() -> Vec<(Vec<u8>, Vec<Request>)> {
    let chosen = policies().into_iter().step_by(4);
    let victims = chosen.map(|(folder, requests)| {
        let compilation = compile(catalog(&folder).as_deref(), &sources(&folder));
        let requests = requests.iter().filter_map(|one| Request::from_json(one.to_string().as_bytes()).ok());
        (built(&compilation), requests.take(3).collect())
    });
    victims.collect()
}

#[test]
fn no_change_of_a_byte_makes_the_loader_or_the_evaluator_fail() {
    let stride: usize = std::env::var("CLAIMSC_STRIDE").ok().and_then(|s| s.parse().ok()).unwrap_or(97);
    let (mut accepted, mut refused) = (0, 0);
    for (index, (bytes, requests)) in victims().into_iter().enumerate() {
        for at in (48 + index..bytes.len()).step_by(stride) {
            for change in
                [|b: u8| b ^ 1, |b: u8| b.wrapping_add(1), |_| 0, |_| 0x7f, |b: u8| b ^ 0x80, |_| 0xff]
            {
                let mut changed = bytes.clone();
                changed[at] = change(changed[at]);
                if try_to_load(forged(changed), &requests) { accepted += 1 } else { refused += 1 }
            }
        }
    }
    assert!(accepted > 100 && refused > 100, "{accepted} accepted, {refused} refused");
}
