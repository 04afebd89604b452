//! The tree of claims.yaml against the forms of its keys: whatever is no fact but a slip of the pen.
//!
//! What passes here can be read without looking at kinds again; what does not is reported once and read as missing.

use std::collections::BTreeMap;

use super::codes::{DUPLICATE_KEY, MALFORMED_TEXT, MISSING_KEY, UNKNOWN_KEY, UNUSABLE_NAME, WRONG_KIND};
use super::form::{Form, Format, Table};
use super::keys::{CONSTANT, SETTINGS};
use super::yaml::{Key, Node, NodeKind};
use crate::diag::{Applicability, Diagnostic};
use crate::source::Span;
use crate::suggest::similar;
use crate::value::time::parse_duration;

/// Beyond this many findings nothing is suggested any more: it would take too long on hostile files.
const MAX_SUGGESTIONS: usize = 100;

/// Checks a value. `name` is the key that it belongs to, for messages; `owner` that key's place.
pub(super) fn check(form: &Form, node: &Node, name: &str, owner: Span, findings: &mut Vec<Diagnostic>) {
    if node.is_error() {
        return;
    }
    match form {
        Form::Either(forms) => match forms.iter().find(|form| suits(form, node)) {
            Some(form) => check(form, node, name, owner, findings),
            None => findings.push(wrong_kind(form, node, name, owner)),
        },
        _ if !suits(form, node) => findings.push(wrong_kind(form, node, name, owner)),
        Form::Text(format) => check_text(*format, node.text().unwrap_or_default(), node.span, findings),
        Form::List(element) => check_list(element, node, name, findings),
        Form::Named(format, value) => {
            for (key, node) in node.map() {
                check_text(*format, &key.text, key.span, findings);
                check(value, node, &key.text, key.span, findings);
            }
        }
        Form::Keys(table) => check_keys(table, node, name, owner, findings),
        Form::Constant => check_shape(&CONSTANT, node, name, owner, findings),
        Form::Root(_) if node.entry("extends").is_some() => {
            for (key, node) in node.map().iter().filter(|(key, _)| &*key.text != "extends") {
                check_member(key, node, findings);
            }
        }
        Form::Shape | Form::Root(_) => check_shape(&SETTINGS, node, name, owner, findings),
        _ => {}
    }
}

/// Whether a mapping is settings; any other is a record.
pub(super) fn is_settings(node: &Node) -> bool {
    node.entry("type").is_some() || node.entry("enum").is_some()
}

/// The same for a constant, where `value` is a setting too.
pub(super) fn is_constant_settings(node: &Node) -> bool {
    is_settings(node) || node.entry("value").is_some()
}

fn suits(form: &Form, node: &Node) -> bool {
    match form {
        Form::Text(_) | Form::Type => node.text().is_some(),
        Form::Bool => node.bool().is_some(),
        Form::Int | Form::Version => node.int().is_some(),
        Form::Count => node.int().is_some_and(|n| n >= 0),
        Form::Seconds => seconds(node).is_some(),
        Form::Words(words) => node.text().is_some_and(|text| words().contains(&text)),
        Form::List(_) => matches!(node.kind, NodeKind::List(_)),
        Form::Named(..) | Form::Keys(_) | Form::Object => matches!(node.kind, NodeKind::Map(_)),
        Form::Either(forms) => forms.iter().any(|form| suits(form, node)),
        Form::Any => true,
        Form::Shape | Form::Root(_) | Form::Constant => {
            matches!(node.kind, NodeKind::Text(_) | NodeKind::Map(_))
        }
    }
}

/// A duration above zero, in seconds.
pub(super) fn seconds(node: &Node) -> Option<u64> {
    let seconds = match node.text() {
        Some(text) => parse_duration(text)?,
        None => node.int()?,
    };
    u64::try_from(seconds).ok().filter(|seconds| *seconds > 0)
}

fn wrong_kind(form: &Form, node: &Node, name: &str, owner: Span) -> Diagnostic {
    let subject = if name.is_empty() { "claims.yaml".to_owned() } else { format!("`{name}`") };
    if let (Form::Words(words), Some(text)) = (form, node.text()) {
        let words = words();
        let finding =
            Diagnostic::new(&MALFORMED_TEXT, node.span, format!("`{text}` is no value of {subject}"))
                .help(format!("use one of {}", form.what()));
        return suggest(finding, text, &words, node.span, 0);
    }
    let takes = format!("{subject} takes {}", form.what());
    let message = match &node.kind {
        NodeKind::Null => {
            return Diagnostic::new(&WRONG_KIND, owner, format!("{subject} has no value"))
                .help(format!("write {}", form.what()));
        }
        NodeKind::Text(_) | NodeKind::Number(_) if matches!(form, Form::Seconds) => takes,
        NodeKind::Number(_) if matches!(form, Form::Int | Form::Count | Form::Version) => takes,
        _ => format!("{takes}, this is {}", node.what()),
    };
    mend_kind(Diagnostic::new(&WRONG_KIND, node.span, message), form, node)
}

/// The changes that make a value of the wrong kind the right one, where the meaning is clear.
fn mend_kind(finding: Diagnostic, form: &Form, node: &Node) -> Diagnostic {
    let wants_text = matches!(form, Form::Text(_) | Form::Type)
        || matches!(form, Form::Either(forms) if forms.iter().any(|f| matches!(f, Form::Text(_))));
    match &node.kind {
        NodeKind::Bool(_) | NodeKind::Number(_) if wants_text => {
            let text = match &node.kind {
                NodeKind::Number(number) => number.to_string(),
                kind => matches!(kind, NodeKind::Bool(true)).to_string(),
            };
            finding.help("put it in quotes").fix(
                Applicability::Safe,
                "put it in quotes",
                node.span,
                format!("\"{text}\""),
            )
        }
        NodeKind::Text(text)
            if matches!(form, Form::Bool) || matches!(form, Form::Either([Form::Bool, ..])) =>
        {
            match text.text.to_ascii_lowercase().as_str() {
                "yes" | "on" | "y" | "true" => {
                    finding.fix(Applicability::Safe, "write `true`", node.span, "true")
                }
                "no" | "off" | "n" | "false" => {
                    finding.fix(Applicability::Safe, "write `false`", node.span, "false")
                }
                _ => finding,
            }
        }
        NodeKind::List(items) if matches!(form, Form::Shape | Form::Constant) => match items.as_slice() {
            [Node { kind: NodeKind::Text(text), .. }] => finding
                .help(format!("write a list type as text: `\"{}[]\"`", text.text))
                .fix(Applicability::Safe, "write the list type", node.span, format!("\"{}[]\"", text.text)),
            _ => finding.help("write a list type as text, as in `\"string[]\"`"),
        },
        _ => finding,
    }
}

fn check_text(format: Format, text: &str, span: Span, findings: &mut Vec<Diagnostic>) {
    let Err((fact, help)) = format.check(text) else { return };
    let code = match format {
        Format::Alias | Format::OwnLabel | Format::Word | Format::Member => &UNUSABLE_NAME,
        _ => &MALFORMED_TEXT,
    };
    let shown: String = text.chars().filter(|c| !c.is_control()).take(80).collect();
    let subject = if shown.is_empty() { "this text".to_owned() } else { format!("`{shown}`") };
    findings.push(Diagnostic::new(code, span, format!("{subject} {fact}")).help(help));
}

fn check_list(element: &Form, node: &Node, name: &str, findings: &mut Vec<Diagnostic>) {
    let mut seen = BTreeMap::new();
    for item in node.list() {
        check(element, item, name, item.span, findings);
        if let Some(first) = seen.insert(item.value().to_json(), item.span)
            && !item.has_error()
        {
            let subject = item.text().map_or("this".to_owned(), |text| format!("`{text}`"));
            findings.push(
                Diagnostic::new(&DUPLICATE_KEY, item.span, format!("{subject} is listed twice"))
                    .also(first, "it stands here first")
                    .help("keep one of them"),
            );
        }
    }
}

fn check_keys(table: &'static Table, node: &Node, name: &str, owner: Span, findings: &mut Vec<Diagnostic>) {
    for (key, node) in node.map() {
        match table.key(&key.text) {
            Some(row) => check(&row.form, node, row.name, key.span, findings),
            None => findings.push(unknown_key(table, key, name, findings.len())),
        }
    }
    for row in table.keys().filter(|row| row.required && node.entry(row.name).is_none()) {
        // The reader has words of its own for a file without version.
        if !matches!(row.form, Form::Version) {
            let message = format!("`{name}` has no `{}`", row.name);
            findings.push(Diagnostic::new(&MISSING_KEY, owner, message).help(format!("add `{}`", row.name)));
        }
    }
}

fn unknown_key(table: &'static Table, key: &Key, name: &str, count: usize) -> Diagnostic {
    let subject = if name.is_empty() { "claims.yaml".to_owned() } else { format!("`{name}`") };
    let finding = Diagnostic::new(&UNKNOWN_KEY, key.span, format!("{subject} has no key `{}`", key.text));
    if count > MAX_SUGGESTIONS {
        return finding;
    }
    let names: Vec<&str> = table.keys().map(|row| row.name).collect();
    let help = if [SETTINGS.name, CONSTANT.name].contains(&table.name) {
        "write a record with a member called `type` or `enum` as a type in quotes; a mapping with such a key is settings".to_owned()
    } else {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        format!("use one of {}", names.join(", "))
    };
    suggest(finding.help(help), &key.text, &names, key.span, count)
}

/// Offers the most similar word, if one is similar at all. `count` is how many findings there are already.
pub(super) fn suggest(
    finding: Diagnostic,
    text: &str,
    words: &[&str],
    span: Span,
    count: usize,
) -> Diagnostic {
    if count > MAX_SUGGESTIONS {
        return finding;
    }
    match similar(text, words.iter().copied()) {
        Some(word) => finding.help(format!("did you mean `{word}`?")).fix(
            Applicability::Unsafe,
            format!("write `{word}`"),
            span,
            word,
        ),
        None => finding,
    }
}

fn check_shape(
    settings: &'static Table,
    node: &Node,
    name: &str,
    owner: Span,
    findings: &mut Vec<Diagnostic>,
) {
    let is_constant = settings.name == CONSTANT.name;
    if is_settings(node) || (is_constant && is_constant_settings(node)) {
        if is_constant && !is_settings(node) {
            let message = format!("`{name}` has a value and no `type`");
            findings.push(Diagnostic::new(&MISSING_KEY, owner, message).help("add `type`"));
        }
        return check_keys(settings, node, name, owner, findings);
    }
    for (key, node) in node.map() {
        check_member(key, node, findings);
    }
}

fn check_member(key: &Key, node: &Node, findings: &mut Vec<Diagnostic>) {
    check_text(Format::Member, &key.text, key.span, findings);
    check(&Form::Shape, node, &key.text, key.span, findings);
}
