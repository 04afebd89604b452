//! What is known of every `ensure` and contract, and what proofs stand on, for people and for tools.

use std::fmt::Write as _;

use crate::analysis::statements::{Assumption, Promise};
use crate::source::Sources;
use crate::value::Value;

use super::json::{object, place};
use super::one_line;

/// A line for each, in columns, with numbers that refer to the assumptions below.
pub(super) fn text(promises: &[Promise], sources: &Sources) -> String {
    let mut assumed: Vec<&Assumption> = Vec::new();
    let mut rows: Vec<[String; 4]> = Vec::new();
    for promise in promises {
        let mut numbers = Vec::new();
        for assumption in &promise.assumptions {
            let at = assumed.iter().position(|known| *known == assumption).unwrap_or_else(|| {
                assumed.push(assumption);
                assumed.len() - 1
            });
            numbers.push((at + 1).to_string());
        }
        rows.push([
            promise.decided.as_str().to_owned(),
            one_line(&sources.place(promise.span)),
            one_line(&statement(promise, sources)),
            if numbers.is_empty() { String::new() } else { format!("[{}]", numbers.join(" ")) },
        ]);
    }
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let (places, statements) = (width(1), width(2));
    let mut out = String::new();
    for [verdict, place, statement, numbers] in &rows {
        let line = format!("{verdict:<9}  {place:<places$}  {statement:<statements$}  {numbers}");
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{}", line.trim_end());
    }
    if rows.is_empty() {
        out.push_str("no `ensure` and no contract\n");
    }
    if !assumed.is_empty() {
        out.push_str("\nproofs stand on:\n");
    }
    for (at, Assumption { is_enforced, text }) in assumed.iter().enumerate() {
        let whose =
            if *is_enforced { "enforced when requests are evaluated" } else { "for the issuer to keep" };
        let _ = writeln!(out, "{:>4}  {} ({whose})", at + 1, one_line(text));
    }
    out
}

/// A list of all; assumptions of proofs only.
pub(super) fn json(promises: &[Promise], sources: &Sources) -> Value {
    let one = |promise: &Promise| {
        let [file, start, end] = place(promise.span, sources);
        let assumptions = promise.assumptions.iter().map(|assumption| {
            object([
                ("text", Value::from(assumption.text.as_str())),
                ("enforced", Value::Bool(assumption.is_enforced)),
            ])
        });
        object([
            ("kind", Value::from(if promise.is_contract { "contract" } else { "ensure" })),
            ("statement", Value::string(statement(promise, sources))),
            ("verdict", Value::from(promise.decided.as_str())),
            file,
            start,
            end,
            ("assumptions", Value::list(assumptions.collect())),
        ])
    };
    Value::list(promises.iter().map(one).collect())
}

/// An `ensure` as it is written, in one line; of a contract its head.
fn statement(promise: &Promise, sources: &Sources) -> String {
    let text = sources.get(promise.span.file).map_or("", |source| source.text());
    let written = text.get(promise.span.start as usize..promise.span.end as usize).unwrap_or_default();
    let head = if promise.is_contract { written.split('{').next().unwrap_or_default() } else { written };
    head.split_whitespace().collect::<Vec<_>>().join(" ")
}
