//! claimsc: a compiler for declarative claims policies.

pub mod ast;
pub mod builtins;
pub mod catalog;
pub mod decision;
pub mod diag;
pub mod eval;
pub mod ir;
#[cfg(feature = "compiler")]
pub mod lower;
pub mod request;
pub mod source;
pub mod standard;
#[cfg(feature = "compiler")]
pub mod syntax;
pub mod ty;
pub mod value;
