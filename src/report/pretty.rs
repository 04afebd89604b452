//! JSON text for people.

use crate::value::Value;

/// Two blanks per level, a newline at the end.
pub(super) fn print(value: &Value) -> String {
    let mut out = String::new();
    write(value, 0, &mut out);
    out.push('\n');
    out
}

fn write(value: &Value, level: usize, out: &mut String) {
    match value {
        Value::List(items) if !items.is_empty() => {
            let lines = items.iter().map(|item| (None, item));
            block(['[', ']'], lines, level, out);
        }
        Value::Object(members) if !members.is_empty() => {
            let lines = members.iter().map(|(name, value)| (Some(&**name), value));
            block(['{', '}'], lines, level, out);
        }
        leaf => leaf.write_json(out),
    }
}

fn block<'a>(
    [open, close]: [char; 2],
    lines: impl Iterator<Item = (Option<&'a str>, &'a Value)>,
    level: usize,
    out: &mut String,
) {
    out.push(open);
    for (i, (name, value)) in lines.enumerate() {
        if i > 0 {
            out.push(',');
        }
        newline(level + 1, out);
        if let Some(name) = name {
            Value::from(name).write_json(out);
            out.push_str(": ");
        }
        write(value, level + 1, out);
    }
    newline(level, out);
    out.push(close);
}

fn newline(level: usize, out: &mut String) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", level));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::JsonLimits;

    #[test]
    fn prints_like_the_usual_tools() {
        let text = r#"{"a":[],"b":{},"c":[1.0,{"d":"\n"}],"e":null}"#;
        let value = Value::parse_json(text.as_bytes(), JsonLimits::default()).unwrap();
        let pretty = print(&value);
        assert_eq!(
            pretty,
            "{\n  \"a\": [],\n  \"b\": {},\n  \"c\": [\n    1.0,\n    {\n      \"d\": \"\\n\"\n    }\n  ],\n  \"e\": null\n}\n"
        );
        assert_eq!(Value::parse_json(pretty.as_bytes(), JsonLimits::default()).unwrap(), value);
    }
}
