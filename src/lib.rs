#![doc = include_str!("../README.md")]

pub mod ast;
pub mod builtins;
pub mod catalog;
#[cfg(feature = "compiler")]
pub mod check;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "compiler")]
pub mod compile;
pub mod decision;
pub mod diag;
pub mod eval;
pub mod ir;
#[cfg(feature = "compiler")]
pub mod lower;
pub mod policy;
#[cfg(feature = "compiler")]
pub mod registry;
#[cfg(feature = "compiler")]
pub mod report;
pub mod request;
pub mod source;
pub mod standard;
#[cfg(feature = "compiler")]
pub mod suggest;
#[cfg(feature = "compiler")]
pub mod syntax;
pub mod ty;
pub mod value;

#[cfg(feature = "compiler")]
pub use compile::{Compilation, Compiler};
pub use decision::Decision;
pub use policy::Policy;
pub use request::Request;
pub use value::Value;
