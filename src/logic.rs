//! What a policy means, as sets of requests: formulas over what can be true of a request, whether any request makes one
//! true, and a request that does.
//!
//! Diagnostics are none of its business: `analysis` asks the questions and words the answers. A "no" is a proof, given
//! the facts of the catalog, which the evaluator enforces. A "yes" is believed only once the evaluator has run the
//! request that shows it.

pub mod atom;
pub mod concrete;
pub mod cube;
pub mod formula;
pub mod lemma;
pub mod meaning;
pub mod normal;
pub mod numbers;
pub mod solver;
pub mod text;
pub mod witness;
