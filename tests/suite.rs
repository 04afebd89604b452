//! All integration tests, in one binary.

#[path = "suite/syntax.rs"]
mod syntax;
