#![doc = include_str!("../README.md")]

#[cfg(feature = "compiler")]
pub mod analysis;
pub mod artifact;
mod ascii;
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
pub mod input;
#[cfg(all(feature = "compiler", feature = "mint"))]
pub mod inspect;
pub mod ir;
#[cfg(feature = "compiler")]
pub mod logic;
#[cfg(feature = "compiler")]
pub mod lower;
#[cfg(feature = "mint")]
pub mod mint;
#[cfg(feature = "compiler")]
mod parallel;
pub mod policy;
pub mod program;
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
