//! claimsc: a compiler for declarative claims policies.

pub mod ast;
pub mod builtins;
pub mod catalog;
pub mod decision;
pub mod diag;
pub mod eval;
pub mod ir;
pub mod request;
pub mod source;
pub mod standard;
pub mod ty;
pub mod value;
