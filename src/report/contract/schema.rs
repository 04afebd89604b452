//! JSON Schema, draft 2020-12: <https://json-schema.org/draft/2020-12>.

use crate::analysis::contract::{Offer, Offered, Presence};
use crate::logic::meaning::Name;
use crate::report::json::object;
use crate::ty::{Kind, Type};
use crate::value::{Object, Value};

use super::{FIXED, about, called};

pub(super) fn document(offer: &Offer) -> Value {
    let mut properties = Object::new();
    let mut patterns = Object::new();
    let mut required: Vec<Value> = Vec::new();
    for fixed in &FIXED {
        properties.insert(fixed.name.into(), described(&protocol(fixed.name, offer), fixed.meaning));
        required.extend(fixed.is_required.then(|| Value::from(fixed.name)));
    }
    for claim in &offer.claims {
        let schema = described(&any_of(&claim.types), &description(claim));
        match &claim.name {
            Name::Literal(name) => {
                properties.insert(name.clone(), schema);
                if claim.presence == Presence::Always {
                    required.push(Value::String(name.clone()));
                }
            }
            Name::Members(prefix, _) => {
                patterns.insert(format!("^{}", escaped(prefix)).into(), Value::Bool(true));
            }
            // What it is called is not known here.
            Name::Config(_) => {}
        }
    }
    let mut schema = Object::new();
    let mut put = |name: &str, value: Value| drop(schema.insert(name.into(), value));
    put("$schema", Value::from("https://json-schema.org/draft/2020-12/schema"));
    put("title", Value::string(format!("Access tokens for {}", called(offer))));
    put("description", Value::string(about(offer)));
    put("type", Value::from("object"));
    put("properties", Value::object(properties));
    if !patterns.is_empty() {
        put("patternProperties", Value::object(patterns));
    }
    put("required", Value::list(required));
    Value::object(schema)
}

/// When it is there, and what the author says.
fn description(claim: &Offered) -> String {
    let presence = match claim.presence {
        Presence::Always => "In every token.",
        Presence::WithUser => "In every token of a person.",
        Presence::Sometimes => "In some tokens.",
    };
    claim.docs.iter().map(|doc| doc.trim()).chain([presence]).collect::<Vec<_>>().join("\n\n")
}

fn described(schema: &Value, description: &str) -> Value {
    let mut members = Object::new();
    members.insert("description".into(), Value::from(description));
    members.extend(schema.as_object().cloned().unwrap_or_default());
    Value::object(members)
}

/// The schema of a protocol claim.
fn protocol(name: &str, offer: &Offer) -> Value {
    let typed = |word: &str| object([("type", Value::from(word))]);
    let one = |id: &Value| object([("const", id.clone())]);
    match name {
        "iss" => match &offer.issuer {
            Some(issuer) => one(&Value::String(issuer.clone())),
            None => typed("string"),
        },
        "aud" => {
            let id = Value::String(offer.id.clone());
            let several =
                object([("type", Value::from("array")), ("items", typed("string")), ("contains", one(&id))]);
            object([("anyOf", Value::list(vec![one(&id), several]))])
        }
        // Seconds may have fractions (`NumericDate` of RFC 7519, Section 2).
        "exp" | "iat" | "auth_time" => typed("number"),
        "amr" => object([("type", Value::from("array")), ("items", typed("string"))]),
        "act" => typed("object"),
        _ => typed("string"),
    }
}

fn any_of(types: &[Type]) -> Value {
    match types {
        [only] => schema(only),
        _ => object([("anyOf", Value::list(types.iter().map(schema).collect()))]),
    }
}

fn schema(ty: &Type) -> Value {
    let typed = |word: &str| object([("type", Value::from(word))]);
    match &ty.kind {
        Kind::Null => typed("null"),
        Kind::Bool => typed("boolean"),
        Kind::Int | Kind::Timestamp | Kind::Duration => typed("integer"),
        Kind::Number => typed("number"),
        Kind::String | Kind::Email => typed("string"),
        Kind::Enum(words) => match words.as_ref() {
            [only] => object([("const", Value::String(only.clone()))]),
            words => object([("enum", Value::list(words.iter().cloned().map(Value::String).collect()))]),
        },
        Kind::List(element) => object([("type", Value::from("array")), ("items", schema(element))]),
        Kind::Map(value) => {
            object([("type", Value::from("object")), ("additionalProperties", schema(value))])
        }
        Kind::Record(record) => {
            let properties: Object =
                record.members.iter().map(|(name, ty)| (name.clone(), schema(ty))).collect();
            let required = record.members.iter().filter(|(_, ty)| !ty.optional);
            let required = required.map(|(name, _)| Value::String(name.clone())).collect();
            object([
                ("type", Value::from("object")),
                ("properties", Value::object(properties)),
                ("required", Value::list(required)),
                ("additionalProperties", Value::Bool(record.open)),
            ])
        }
        Kind::Json | Kind::Error | Kind::Nothing => Value::object(Object::new()),
    }
}

/// A text as a regular expression of ECMA-262 that describes it and nothing else.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if r"\^$.*+?()[]{}|/".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
