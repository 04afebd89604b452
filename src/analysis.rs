//! Questions about whole policies, answered for whoever reviews them.

pub mod audit;
pub mod matrix;
pub mod written;
