//! All integration tests, in one binary.

#[path = "suite/cli.rs"]
mod cli;
#[path = "suite/diagnostics.rs"]
mod diagnostics;
#[path = "suite/syntax.rs"]
mod syntax;
