//! Questions about whole policies, answered for whoever reviews them.
//!
//! Those that `claimsc check` asks by default are in [`ANALYSES`]; each lives in a file of its own, with its
//! diagnostics. What they find is proven, or shown by a request that the evaluator has run, or said to be undecided.

use crate::diag::{Code, Diagnostic};
use crate::ir::Unit;

pub mod audit;
pub mod size;
