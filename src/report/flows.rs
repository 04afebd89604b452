//! What arrives where: for terminals, as JSON, and as Markdown.

use std::fmt::Write as _;

use crate::analysis::flow::table::{Arrival, Known, Row, Table};
use crate::value::Value;

use super::json::object;
use super::one_line;

/// How wide a line is.
const WIDTH: usize = 100;
/// How wide the column of recipients may be.
const RECIPIENTS: usize = 34;

/// One row for each label and its recipients, in columns; long cells go on below.
pub(super) fn text(table: &Table) -> String {
    let rows: Vec<Cells> = table.rows.iter().map(Cells::of).collect();
    let widest =
        |cell: fn(&Cells) -> usize, least: usize| rows.iter().map(cell).max().unwrap_or(0).max(least);
    let label = widest(|row| row.label.chars().count(), "label".len());
    let readers = widest(|row| joined(&row.readers), "recipients".len()).min(RECIPIENTS);
    let (kind, accepts) = ("audience".len(), "accepts".len());
    let rest = WIDTH.saturating_sub(label + kind + readers + accepts + 8).max(20);
    let mut out = String::new();
    let mut line = |[a, b, c, d, e]: [&str; 5]| {
        let line = format!("{a:<label$}  {b:<kind$}  {c:<readers$}  {d:<accepts$}  {e}");
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{}", line.trim_end());
    };
    line(["label", "reader", "recipients", "accepts", "arrives through"]);
    let mut last = "";
    for row in &rows {
        let left = wrapped(&row.readers, readers);
        let right = wrapped(&row.claims, rest);
        for at in 0..left.len().max(right.len()) {
            let of = |lines: &[String]| lines.get(at).cloned().unwrap_or_default();
            let name = if at == 0 && row.label != last { row.label.as_str() } else { "" };
            let (kind, accepts) = if at == 0 { (row.kind, row.accepts) } else { ("", "") };
            line([name, kind, &of(&left), accepts, &of(&right)]);
        }
        last = &row.label;
    }
    out.push_str(&legend(table));
    out
}

/// The same as a table of Markdown.
pub(super) fn markdown(table: &Table) -> String {
    let mut out =
        String::from("| label | reader | recipients | accepts | arrives through |\n|---|---|---|---|---|\n");
    for row in table.rows.iter().map(Cells::of) {
        let escaped = |cells: &[String]| cells.join(", ").replace('|', "\\|");
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            row.label.replace('|', "\\|"),
            row.kind,
            escaped(&row.readers),
            row.accepts,
            escaped(&row.claims)
        );
    }
    out.push_str(&legend(table));
    out
}

/// `{ "flows": [..] }`; what is proven absent is null or not there.
pub(super) fn json(table: &Table) -> Value {
    let known = |known: Option<Known>| {
        known.map_or(Value::Null, |known| {
            Value::from(match known {
                Known::Shown => "shown",
                Known::Undecided => "undecided",
            })
        })
    };
    let rows = table.rows.iter().map(|row| {
        let recipients = row.readers.iter().map(|reader| {
            object([
                ("alias", reader.alias.as_deref().map_or(Value::Null, Value::from)),
                ("name", Value::from(&*reader.name)),
            ])
        });
        let claims = row.arrivals.iter().map(|arrival| {
            object([
                ("claim", Value::from(&*arrival.claim)),
                ("value", known(arrival.value)),
                ("guard", known(arrival.guard)),
                ("accepted", Value::Bool(arrival.accepted)),
            ])
        });
        object([
            ("label", Value::from(&*row.label)),
            ("reader", Value::from(row.kind)),
            ("recipients", Value::list(recipients.collect())),
            ("accepts", row.accepts.map_or(Value::Null, Value::Bool)),
            ("claims", Value::list(claims.collect())),
        ])
    });
    object([("flows", Value::list(rows.collect()))])
}

/// A row in words.
struct Cells {
    label: String,
    kind: &'static str,
    readers: Vec<String>,
    accepts: &'static str,
    claims: Vec<String>,
}

impl Cells {
    fn of(row: &Row) -> Self {
        let claims: Vec<String> = row.arrivals.iter().map(claim).collect();
        Cells {
            label: one_line(&row.label),
            kind: row.kind,
            readers: row.readers.iter().map(|reader| one_line(&reader.name)).collect(),
            accepts: match row.accepts {
                Some(true) => "yes",
                Some(false) => "no",
                None => "claims",
            },
            claims: if claims.is_empty() { vec!["nothing: proven".to_owned()] } else { claims },
        }
    }
}

/// `ns/level (guard)`; a value that is not accepted is marked.
fn claim(arrival: &Arrival) -> String {
    let mut text = one_line(&arrival.short);
    let value = match (arrival.value, arrival.accepted) {
        (Some(Known::Shown), true) | (None, _) => "",
        (Some(Known::Shown), false) => "not accepted",
        (Some(Known::Undecided), _) => "undecided",
    };
    let guard = match arrival.guard {
        Some(Known::Shown) => "guard",
        Some(Known::Undecided) => "guard undecided",
        None => "",
    };
    let notes: Vec<&str> = [value, guard].into_iter().filter(|note| !note.is_empty()).collect();
    if !notes.is_empty() {
        let _ = write!(text, " ({})", notes.join(", "));
    }
    text
}

fn legend(table: &Table) -> String {
    let all = || table.rows.iter().flat_map(|row| &row.arrivals);
    let mut out = String::new();
    if all().any(|arrival| arrival.guard.is_some()) {
        out.push_str("guard: a condition that reads the label decides the claim\n");
    }
    if table.rows.iter().any(|row| row.accepts.is_none()) {
        out.push_str("claims: each claim says with `@accepts` whether it takes such values\n");
    }
    if out.is_empty() { out } else { format!("\n{out}") }
}

fn joined(cells: &[String]) -> usize {
    let letters: usize = cells.iter().map(|cell| cell.chars().count()).sum();
    letters + 2 * cells.len().saturating_sub(1)
}

/// Cells with commas, in lines of this width where each fits into one.
fn wrapped(cells: &[String], width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (at, cell) in cells.iter().enumerate() {
        let cell = if at + 1 < cells.len() { format!("{cell},") } else { cell.clone() };
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + cell.chars().count() <= width => {
                line.push(' ');
                line.push_str(&cell);
            }
            _ => lines.push(cell),
        }
    }
    lines
}
