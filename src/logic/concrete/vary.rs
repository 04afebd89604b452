//! A request to others like it: each with one value replaced by one that methods often tell apart from it, such as
//! a text in capital letters. What the solver does not understand of an expression, such a request may still show.

use crate::catalog::Root;
use crate::value::Value;

use super::shrink::{edited, part_of, parts};

/// Requests that differ from this one in a single value. They may be malformed and need not conform to claims.yaml.
pub fn near(request: &Value) -> Vec<Value> {
    let Some(members) = request.as_object() else { return Vec::new() };
    let mut found = Vec::new();
    for (index, (name, part)) in members.iter().enumerate() {
        if Root::DATA.iter().any(|root| root.as_str() == &**name) {
            vary(request, part, &mut vec![index], &mut found);
        }
    }
    found
}

fn vary(request: &Value, value: &Value, place: &mut Vec<usize>, found: &mut Vec<Value>) {
    for other in others(value) {
        found.push(edited(request, place, &|_| other.clone()));
    }
    for index in 0..parts(value) {
        if let Some(part) = part_of(value, index) {
            place.push(index);
            vary(request, part, place, found);
            place.pop();
        }
    }
}

/// Values to try in place of one.
fn others(value: &Value) -> Vec<Value> {
    let mut others = match value {
        Value::String(text) => {
            let texts = [
                text.to_uppercase(),
                text.to_lowercase(),
                format!("{text}{text}"),
                format!(" {text} "),
                format!("{text}-b.c/d"),
                "a long text ".repeat(20),
                "7".to_owned(),
                String::new(),
            ];
            texts.into_iter().map(Value::string).collect()
        }
        Value::Bool(truth) => vec![Value::Bool(!truth)],
        Value::List(items) => {
            let reversed = items.iter().rev().cloned().collect();
            let twice = items.iter().chain(items.iter()).cloned().collect();
            let with_others =
                items.iter().cloned().chain(items.first().into_iter().flat_map(others)).collect();
            [reversed, twice, with_others, Vec::new()].map(Value::list).to_vec()
        }
        _ => whole(value),
    };
    others.retain(|other| other != value);
    others
}

/// Whole numbers in place of one.
fn whole(value: &Value) -> Vec<Value> {
    let Some(number) = value.as_int() else { return Vec::new() };
    let others = [number.checked_add(1), number.checked_sub(1), number.checked_neg(), Some(0)];
    others.into_iter().flatten().map(Value::int).collect()
}

#[cfg(test)]
mod tests {
    use super::near;
    use crate::value::{JsonLimits, Value};

    #[test]
    fn one_value_at_a_time() {
        let text = br#"{ "grant": "password", "user": { "ok": true, "n": 5, "tags": ["a"] } }"#;
        let request = Value::parse_json(text, JsonLimits::default()).unwrap();
        let all: Vec<String> = near(&request).iter().map(Value::to_json).collect();
        insta::assert_snapshot!(all.join("\n"));
    }
}
