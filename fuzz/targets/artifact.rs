//! No bytes make the loader or the evaluator panic, run without end or disagree with each other. The checksum is mended,
//! as a forger would do.

#![no_main]

use claimsc::Policy;
use claimsc::artifact::{Artifact, Trust};
use libfuzzer_sys::{Corpus, fuzz_target};
use sha2::{Digest as _, Sha256};

mod both;
mod requests;

/// Bytes of the frame, in front of the content.
const FRAME: usize = 48;

fuzz_target!(|bytes: &[u8]| -> Corpus {
    let Ok(artifact) = Artifact::read(forged(bytes), Trust::Anybody) else { return Corpus::Keep };
    let sources = artifact.sources();
    let policy = Policy::from(artifact);
    for request in requests::of(&policy) {
        both::agree(&policy, &request);
        let _ = claimsc::report::explanation::text(&policy.explain(&request, true), &sources);
    }
    let statements: Vec<usize> = (0..policy.unit().statements.len()).rev().collect();
    assert_eq!(policy.excerpt(&statements).statements.len(), statements.len());
    Corpus::Keep
});

fn forged(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if let Some(content) = bytes.len().checked_sub(FRAME) {
        let length = u32::try_from(content).unwrap_or(u32::MAX);
        bytes[12..16].copy_from_slice(&length.to_le_bytes());
        let digest = Sha256::new().chain_update(&bytes[..16]).chain_update(&bytes[FRAME..]).finalize();
        bytes[16..FRAME].copy_from_slice(&digest);
    }
    bytes
}
