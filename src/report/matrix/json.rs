//! The matrix for tools.

use std::sync::Arc;

use crate::analysis::matrix::{Cell, Matrix, Party, Row, Write};
use crate::report::json::object;
use crate::value::Value;

use super::VERSION;

pub(super) fn document(matrix: &Matrix) -> Value {
    let namespaces = matrix.namespaces.iter();
    let namespaces = namespaces.map(|(alias, prefix)| (alias.clone(), Value::String(prefix.clone())));
    object([
        ("version", Value::int(VERSION)),
        ("namespaces", Value::object(namespaces.collect())),
        ("rows", Value::list(matrix.rows.iter().map(row).collect())),
    ])
}

fn row(row: &Row) -> Value {
    let grants = row.grants.iter().map(|grant| Value::from(grant.as_str()));
    object([
        ("clients", parties(&row.clients)),
        ("grants", Value::list(grants.collect())),
        ("audiences", Value::list(row.audiences.iter().map(|set| parties(set)).collect())),
        ("subject", Value::from(row.subject.as_str())),
        ("max_bytes", bytes(row.max_bytes)),
        ("max_token_bytes", bytes(row.max_token_bytes)),
        ("undecided", strings(&row.undecided)),
        ("cells", Value::list(row.cells.iter().map(cell).collect())),
    ])
}

fn parties(parties: &[Party]) -> Value {
    let parties = parties.iter().map(|party| match party {
        Party::Listed { alias, id, .. } => {
            object([("alias", Value::String(alias.clone())), ("id", Value::String(id.clone()))])
        }
        Party::Other => Value::Null,
    });
    Value::list(parties.collect())
}

fn cell(Cell { name, writes }: &Cell) -> Value {
    object([
        ("name", Value::String(name.clone())),
        ("writes", Value::list(writes.iter().map(write).collect())),
    ])
}

fn write(write: &Write) -> Value {
    let condition = &write.condition;
    let condition = if condition.is_always() { Value::Null } else { Value::string(condition.to_string()) };
    object([
        ("verb", Value::from(write.verb.as_str())),
        ("member", text(write.member.as_ref())),
        ("condition", condition),
        ("value", text(write.value.as_ref())),
        ("digest", text(write.digest.as_ref())),
        ("type", text(write.ty.as_ref())),
        ("labels", strings(&write.labels)),
        ("max_bytes", bytes(write.max_bytes)),
        ("rule", text(write.rule.as_ref())),
        ("place", Value::String(write.place.clone())),
    ])
}

fn text(text: Option<&Arc<str>>) -> Value {
    text.map_or(Value::Null, |text| Value::String(text.clone()))
}

fn strings(texts: &[Arc<str>]) -> Value {
    Value::list(texts.iter().cloned().map(Value::String).collect())
}

fn bytes(bytes: Option<u64>) -> Value {
    bytes.map_or(Value::Null, |bytes| Value::int(i64::try_from(bytes).unwrap_or(i64::MAX)))
}
