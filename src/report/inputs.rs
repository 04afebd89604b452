//! What requests are asked for, for people and for tools.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use crate::analysis::inputs::{Input, Need, Requests, Row};
use crate::catalog::Catalog;
use crate::eval::Facet;
use crate::value::Value;

use super::json::object;
use super::one_line;

/// For each row its requests, then what they are asked for in columns.
pub fn text(rows: &[Row], catalog: &Catalog) -> String {
    let mut out = String::new();
    for (index, row) in rows.iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        for requests in &row.requests {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "{}", one_line(&heading(requests, catalog)));
        }
        if row.inputs.is_empty() {
            out.push_str("  nothing\n");
        }
        let lines = row.inputs.iter().map(|Input { name, ty, need, .. }| {
            (one_line(name), shortened(ty.as_deref().unwrap_or("-")), self::need(need))
        });
        let lines: Vec<_> = lines.collect();
        let width = |text: fn(&(String, String, String)) -> &String| {
            lines.iter().map(|line| text(line).chars().count()).max().unwrap_or_default()
        };
        let (names, types) = (width(|line| &line.0), width(|line| &line.1));
        for (name, ty, need) in &lines {
            let _ = writeln!(out, "  {name:<names$}  {ty:<types$}  {need}");
        }
    }
    out
}

/// The longest type that stands in the table whole; JSON has all of it.
const MAX_TYPE: usize = 40;

fn shortened(ty: &str) -> String {
    if ty.chars().count() <= MAX_TYPE {
        return one_line(ty);
    }
    one_line(&ty.chars().take(MAX_TYPE - 3).chain("...".chars()).collect::<String>())
}

fn need(need: &Need) -> String {
    match need {
        Need::Required => "required".to_owned(),
        Need::RequiredWith(part) => format!("required with `{part}`"),
        Need::Optional => "optional".to_owned(),
        Need::Existence => "whether it is there".to_owned(),
    }
}

fn heading(requests: &Requests, catalog: &Catalog) -> String {
    let Requests { clients, any_client, grants, any_grant, audiences, any_audience } = requests;
    let client = |client: &Facet<Arc<str>>| match client {
        Facet::Is(id) => {
            let listed = catalog.clients.iter().find(|(_, client)| client.id == *id);
            listed.map_or_else(|| format!("\"{id}\""), |(alias, _)| alias.to_string())
        }
        Facet::Other | Facet::Any => "any other".to_owned(),
    };
    let audience_id = |id: &Arc<str>| {
        catalog.audience(id).map_or_else(|| format!("\"{id}\""), |(alias, _)| alias.to_string())
    };
    let audience = |audience: &Facet<Vec<Arc<str>>>| match audience {
        Facet::Is(ids) if ids.is_empty() => "none".to_owned(),
        Facet::Is(ids) => ids.iter().map(audience_id).collect::<Vec<_>>().join(" + "),
        Facet::Other => "any other".to_owned(),
        Facet::Any => "several".to_owned(),
    };
    let clients = list("client", *any_client, clients, client);
    let grants = list("grant", *any_grant, grants, ToString::to_string);
    let audiences = list("audience", *any_audience, audiences, audience);
    format!("{clients}; {grants}; {audiences}")
}

fn list<T>(word: &str, any: bool, all: &BTreeSet<T>, name: impl Fn(&T) -> String) -> String {
    if any {
        return format!("any {word}");
    }
    format!("{word} {}", all.iter().map(name).collect::<Vec<_>>().join(", "))
}

/// `{ "rows": [ { "requests": [..], "inputs": [..] } ] }`.
pub fn json(rows: &[Row]) -> Value {
    let rows = rows.iter().map(|row| {
        let requests = row.requests.iter().map(requests_json).collect();
        let inputs = row.inputs.iter().map(input_json).collect();
        object([("requests", Value::list(requests)), ("inputs", Value::list(inputs))])
    });
    object([("rows", Value::list(rows.collect()))])
}

fn requests_json(Requests { clients, grants, audiences, .. }: &Requests) -> Value {
    let strings = |ids: &[Arc<str>]| Value::list(ids.iter().cloned().map(Value::String).collect());
    let ids = clients.iter().filter_map(|client| match client {
        Facet::Is(id) => Some(Value::String(id.clone())),
        Facet::Other | Facet::Any => None,
    });
    let sets = audiences.iter().filter_map(|audience| match audience {
        Facet::Is(ids) => Some(strings(ids)),
        Facet::Other | Facet::Any => None,
    });
    object([
        ("clients", Value::list(ids.collect())),
        ("other_clients", Value::Bool(clients.contains(&Facet::Other))),
        ("grants", Value::list(grants.iter().map(|grant| Value::from(grant.as_str())).collect())),
        ("audiences", Value::list(sets.collect())),
        ("other_audiences", Value::Bool(audiences.contains(&Facet::Other))),
        ("several_audiences", Value::Bool(audiences.contains(&Facet::Any))),
    ])
}

fn input_json(Input { name, ty, need, .. }: &Input) -> Value {
    let (word, with) = match need {
        Need::Required => ("required", Value::Null),
        Need::RequiredWith(part) => ("required", Value::from(part.as_str())),
        Need::Optional => ("optional", Value::Null),
        Need::Existence => ("existence", Value::Null),
    };
    object([
        ("name", Value::from(name.as_str())),
        ("type", ty.as_deref().map_or(Value::Null, Value::from)),
        ("need", Value::from(word)),
        ("with", with),
    ])
}
