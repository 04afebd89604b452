//! The rules of evaluation, one by one.

mod absence;
mod demand;
mod engine;
mod levels;
mod stages;
mod values;
