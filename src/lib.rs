//! claimsc: a compiler for declarative claims policies.

pub mod ast;
pub mod builtins;
pub mod catalog;
pub mod diag;
pub mod ir;
#[cfg(feature = "compiler")]
pub mod lower;
pub mod source;
pub mod standard;
#[cfg(feature = "compiler")]
pub mod syntax;
pub mod ty;
pub mod value;
