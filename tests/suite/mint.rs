//! Minting: keys, tokens, and what happens to requests and policies that mean ill.

#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    reason = "a scene that cannot be set up is a failed test, and keys are ASCII"
)]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use claimsc::mint::{Algorithm, Issuance, KeyRing, Minter, Settings, SigningKey};
use claimsc::{Compiler, Policy, Request};

use super::folder::{in_repository, read};

#[path = "mint/hostile.rs"]
mod hostile;
#[path = "mint/keys.rs"]
mod keys;
#[path = "mint/read_back.rs"]
mod read_back;
#[path = "mint/tokens.rs"]
mod tokens;
#[path = "mint/workspace.rs"]
mod workspace;

/// The time of all tests.
const NOW: i64 = 1_781_000_000;

/// A key of `tests/mint/keys`.
fn pem(name: &str) -> Vec<u8> {
    read(&in_repository("tests/mint/keys").join(name)).into_bytes()
}

fn key(name: &str) -> SigningKey {
    SigningKey::read(&pem(name), None).unwrap()
}

fn issuance<'a>() -> Issuance<'a> {
    Issuance::at(NOW, [7; 16])
}

fn policy(catalog: &str, text: &str) -> Policy {
    let mut compiler = Compiler::new();
    // Some write under names that data decides, which proofs would refuse.
    compiler.catalog("claims.yaml", catalog).source("policy.claims", text).without_proofs();
    let compilation = compiler.compile();
    assert!(compilation.policy.is_some(), "{:#?}", compilation.diagnostics);
    compilation.policy.unwrap()
}

fn minter(policy: Policy, keys: KeyRing) -> Minter {
    let settings = Settings::of_policy(&policy).unwrap();
    Minter::new(policy, settings, keys)
}

fn request(json: &str) -> Request {
    Request::from_json(json.as_bytes()).unwrap()
}

/// Header and claims of a token, as its text says.
fn decoded(token: &str) -> (serde_json::Value, serde_json::Value) {
    let part = |text: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    assert_eq!(parts.len(), 3, "{token}");
    (part(parts[0]), part(parts[1]))
}

/// Whether a token is signed with one of the published keys, and the right one.
fn is_signed(minter: &Minter, token: &str) -> bool {
    let (message, signature) = token.rsplit_once('.').unwrap();
    let (header, _) = decoded(token);
    let key = minter.keys().public(header["kid"].as_str().unwrap()).unwrap();
    assert_eq!(Algorithm::parse(header["alg"].as_str().unwrap()), Some(key.algorithm()));
    key.verifies(message.as_bytes(), signature)
}
