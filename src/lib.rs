//! claimsc: a compiler for declarative claims policies.

pub mod ast;
pub mod diag;
pub mod source;
pub mod standard;
pub mod ty;
pub mod value;
