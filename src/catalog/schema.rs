//! The JSON Schema (draft 2020-12) of claims.yaml, from the tables that the reader checks files against.

use std::sync::Arc;

use super::form::{Form, Format, Key, Table};
use super::keys::{FILE, TABLES};
use crate::value::{Object, Value};

/// The JSON Schema of claims.yaml, as indented JSON with a newline at its end.
pub fn schema() -> String {
    let mut root = object([
        ("$schema", "https://json-schema.org/draft/2020-12/schema".into()),
        ("title", FILE.name.into()),
    ]);
    root.extend(mapping(&FILE));
    let mut defs: Vec<(&str, Value)> = TABLES
        .iter()
        .filter(|table| table.name != FILE.name)
        .map(|table| (table.name, Value::object(mapping(table))))
        .collect();
    defs.push(("type", Value::object(object([
        ("type", "string".into()),
        ("minLength", Value::int(1)),
        ("description", "A type: bool int number string email timestamp duration json, `T[]`, `{ a: T, b: U? }` (`...`: open), `map[T]`, `\"a\" | \"b\"`; `T?`: may be absent.".into()),
    ]))));
    defs.push(("shape", either_settings("settings", &["type", "enum"])));
    defs.push(("config_constant", either_settings("constant", &["type", "enum", "value"])));
    defs.push((
        "record",
        Value::object(object([
            ("description", "A record: the shape of each member.".into()),
            ("type", "object".into()),
            ("additionalProperties", reference("shape")),
        ])),
    ));
    defs.push((
        "seconds",
        Value::object(object([(
            "anyOf",
            Value::list(vec![
                Value::object(object([
                    ("type", "string".into()),
                    ("pattern", "^0*[1-9][0-9]*[smhd]$".into()),
                ])),
                Value::object(object([("type", "integer".into()), ("minimum", Value::int(1))])),
            ]),
        )])),
    ));
    defs.sort_by_key(|(name, _)| *name);
    let defs = defs.into_iter().map(|(name, value)| (Arc::from(name), value)).collect();
    root.insert("$defs".into(), Value::object(defs));
    let mut text = String::new();
    print(&Value::object(root), 0, &mut text);
    text.push('\n');
    text
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Object {
    members.into_iter().map(|(name, value)| (Arc::from(name), value)).collect()
}

fn reference(name: &str) -> Value {
    Value::object(object([("$ref", format!("#/$defs/{name}").as_str().into())]))
}

/// Type text, settings if one of some keys is there, else a record. Settings need a type or an enum.
fn either_settings(settings: &str, keys: &[&str]) -> Value {
    let has = |keys: &[&str]| {
        let required = keys.iter().map(|key| object([("required", Value::list(vec![(*key).into()]))]));
        Value::list(required.map(Value::object).collect())
    };
    let mut then = object([("$ref", format!("#/$defs/{settings}").as_str().into())]);
    then.insert("anyOf".into(), has(&["type", "enum"]));
    let mapping = object([
        ("if", Value::object(object([("anyOf", has(keys))]))),
        ("then", Value::object(then)),
        ("else", reference("record")),
    ]);
    Value::object(object([
        ("if", Value::object(object([("type", "string".into())]))),
        ("then", reference("type")),
        ("else", Value::object(mapping)),
    ]))
}

fn mapping(table: &'static Table) -> Object {
    let keys: Vec<&Key> = table.keys().collect();
    let properties = keys.iter().map(|key| (Arc::from(key.name), Value::object(property(key)))).collect();
    let required: Vec<Value> = keys.iter().filter(|key| key.required).map(|key| key.name.into()).collect();
    let mut members = object([
        ("description", table.doc.into()),
        ("type", "object".into()),
        ("properties", Value::object(properties)),
    ]);
    if !required.is_empty() {
        members.insert("required".into(), Value::list(required));
    }
    members.insert("additionalProperties".into(), false.into());
    members
}

fn property(key: &Key) -> Object {
    let mut members = object([("description", key.doc.into())]);
    members.extend(form(&key.form));
    members
}

fn form(shape: &Form) -> Object {
    let nested = |inner: &Form| Value::object(form(inner));
    match shape {
        Form::Version => object([("const", Value::int(super::LANGUAGE))]),
        Form::Text(format) => text(*format),
        Form::Bool => object([("type", "boolean".into())]),
        Form::Int => object([("type", "integer".into())]),
        Form::Count => object([("type", "integer".into()), ("minimum", Value::int(0))]),
        Form::Seconds => object([("$ref", "#/$defs/seconds".into())]),
        Form::Words(words) => object([("enum", Value::list(words().into_iter().map(Value::from).collect()))]),
        Form::List(element) => {
            object([("type", "array".into()), ("items", nested(element)), ("uniqueItems", true.into())])
        }
        Form::Named(format, value) => object([
            ("type", "object".into()),
            ("propertyNames", Value::object(text(*format))),
            ("additionalProperties", nested(value)),
        ]),
        Form::Keys(table) => object([("$ref", format!("#/$defs/{}", table.name).as_str().into())]),
        Form::Either(choices) => object([("anyOf", Value::list(choices.iter().map(nested).collect()))]),
        Form::Any => Object::new(),
        Form::Object => object([("type", "object".into())]),
        Form::Type => object([("$ref", "#/$defs/type".into())]),
        Form::Constant => object([("$ref", "#/$defs/config_constant".into())]),
        Form::Shape | Form::Root(None) => object([("$ref", "#/$defs/shape".into())]),
        Form::Root(Some(word)) => {
            let extended = object([
                ("type", "object".into()),
                ("required", Value::list(vec!["extends".into()])),
                (
                    "properties",
                    Value::object(object([("extends", Value::object(object([("const", (*word).into())])))])),
                ),
                ("additionalProperties", reference("shape")),
            ]);
            object([
                (
                    "if",
                    Value::object(object([
                        ("required", Value::list(vec!["extends".into()])),
                        ("type", "object".into()),
                    ])),
                ),
                ("then", Value::object(extended)),
                ("else", reference("shape")),
            ])
        }
    }
}

fn text(format: Format) -> Object {
    let mut members = object([("type", "string".into())]);
    match format.pattern() {
        Some(pattern) => members.insert("pattern".into(), pattern.into()),
        None => members.insert("minLength".into(), Value::int(1)),
    };
    members
}

/// JSON with two blanks for each level.
fn print(value: &Value, level: usize, out: &mut String) {
    let (open, close, parts): (char, char, Vec<(Option<&str>, &Value)>) = match value {
        Value::List(items) => ('[', ']', items.iter().map(|item| (None, item)).collect()),
        Value::Object(members) => {
            ('{', '}', members.iter().map(|(name, value)| (Some(&**name), value)).collect())
        }
        scalar => return out.push_str(&scalar.to_json()),
    };
    out.push(open);
    for (i, (name, value)) in parts.iter().enumerate() {
        out.push_str(if i == 0 { "\n" } else { ",\n" });
        out.push_str(&"  ".repeat(level + 1));
        if let Some(name) = name {
            out.push_str(&Value::from(*name).to_json());
            out.push_str(": ");
        }
        print(value, level + 1, out);
    }
    if !parts.is_empty() {
        out.push('\n');
        out.push_str(&"  ".repeat(level));
    }
    out.push(close);
}
