//! All integration tests, in one binary.

#![expect(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "suite/artifact.rs"]
mod artifact;
#[path = "suite/benches.rs"]
mod benches;
#[path = "suite/budget.rs"]
mod budget;
#[path = "suite/builtins.rs"]
mod builtins;
#[path = "suite/cli.rs"]
mod cli;
#[path = "suite/contract.rs"]
mod contract;
#[path = "suite/corpus.rs"]
mod corpus;
#[path = "suite/diagnostics.rs"]
mod diagnostics;
#[path = "suite/docs.rs"]
mod docs;
#[path = "suite/eval.rs"]
mod eval;
#[path = "suite/fingerprint.rs"]
mod fingerprint;
#[path = "suite/folder.rs"]
mod folder;
#[path = "suite/house.rs"]
mod house;
#[path = "suite/inputs.rs"]
mod inputs;
#[path = "suite/lower.rs"]
mod lower;
#[path = "suite/mint.rs"]
mod mint;
#[path = "suite/mistakes.rs"]
mod mistakes;
#[path = "suite/names.rs"]
mod names;
#[path = "suite/order.rs"]
mod order;
#[path = "suite/policies.rs"]
mod policies;
#[path = "suite/profiles.rs"]
mod profiles;
#[path = "suite/reach.rs"]
mod reach;
#[path = "suite/statements.rs"]
mod statements;
#[path = "suite/syntax.rs"]
mod syntax;
#[path = "suite/threads.rs"]
mod threads;
#[expect(
    clippy::format_collect,
    clippy::struct_excessive_bools,
    clippy::too_many_lines,
    clippy::type_complexity,
    clippy::unused_self,
    reason = "tables of what policies are made of, and texts that are written once"
)]
#[path = "suite/worlds.rs"]
mod worlds;
