//! Attributes in the host's own structs, in `serde_json::Value` and in JSON text.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(
    clippy::box_collection,
    clippy::option_option,
    clippy::redundant_allocation,
    reason = "fields of all kinds, strange ones too"
)]
#![expect(clippy::format_collect, reason = "what is shown is short")]

use claimsc::diag::Severity;
use claimsc::input::Roots;
use claimsc::{Compiler, Policy};

#[path = "native/alike.rs"]
mod alike;
#[path = "native/binding.rs"]
mod binding;
#[path = "native/kinds.rs"]
mod kinds;

/// A policy that reads these attributes, and the claims.yaml that declares them.
fn policy(catalog: &str, text: &str) -> Policy {
    let mut compiler = Compiler::new();
    compiler.without_proofs().catalog("claims.yaml", catalog).source("policy.claims", text);
    let compilation = compiler.compile();
    let errors = compilation.diagnostics.iter().filter(|finding| finding.severity == Severity::Error);
    let errors: Vec<&str> = errors.map(|finding| finding.message.as_str()).collect();
    compilation.policy.clone().unwrap_or_else(|| panic!("{errors:#?}"))
}

/// Why the struct does not fit.
fn refusal<T: Roots>(policy: &Policy) -> String {
    policy.bind::<T>().expect_err("it does not fit").to_string()
}
