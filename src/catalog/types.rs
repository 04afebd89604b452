//! Types as they are written, in either file, to shapes.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::check::suggest;
use super::codes::UNKNOWN_TYPE;
use crate::ast;
use crate::diag::Diagnostic;
use crate::ty::{Kind, RecordShape, Shape, ShapeKind};

/// The words that are types.
pub(super) const WORDS: [(&str, ShapeKind); 8] = [
    ("bool", ShapeKind::Bool),
    ("int", ShapeKind::Int),
    ("number", ShapeKind::Number),
    ("string", ShapeKind::String),
    ("email", ShapeKind::Email),
    ("timestamp", ShapeKind::Timestamp),
    ("duration", ShapeKind::Duration),
    ("json", ShapeKind::Json),
];

/// Nesting of types; values are at most 16 deep.
const MAX_DEPTH: usize = 32;

/// The shape that a written type stands for, without bounds beyond the defaults. A mistake is a finding and an error
/// shape at its place.
pub fn resolve_type(ty: &ast::Type, findings: &mut Vec<Diagnostic>) -> Shape {
    resolve(ty, MAX_DEPTH, findings)
}

fn resolve(ty: &ast::Type, depth: usize, findings: &mut Vec<Diagnostic>) -> Shape {
    let Some(depth) = depth.checked_sub(1) else {
        let message = format!("a type is nested more than {MAX_DEPTH} deep");
        findings.push(Diagnostic::new(&UNKNOWN_TYPE, ty.span, message));
        return Shape::of(ShapeKind::Error);
    };
    match &*ty.kind {
        ast::TypeKind::Error => Shape::of(ShapeKind::Error),
        ast::TypeKind::Named(word) => named(word, ty, findings),
        ast::TypeKind::Enum(words) => {
            let mut seen = BTreeMap::new();
            for word in words {
                if let Some(first) = seen.insert(word.text.as_str(), word.span) {
                    let message = format!("`{}` stands twice in this type", word.text);
                    findings
                        .push(Diagnostic::new(&UNKNOWN_TYPE, word.span, message).also(first, "first here"));
                }
            }
            one_of(words.iter().map(|word| Arc::from(word.text.as_str())))
        }
        ast::TypeKind::List(element) => {
            Shape::of(ShapeKind::List(Arc::new(resolve(element, depth, findings))))
        }
        ast::TypeKind::Map(value) => Shape::of(ShapeKind::Map(Arc::new(resolve(value, depth, findings)))),
        ast::TypeKind::Optional(inner) => resolve(inner, depth, findings).optional(),
        ast::TypeKind::Record { members, open } => {
            let mut record = RecordShape { members: Vec::new(), open: *open };
            let mut seen = BTreeMap::new();
            for (name, ty) in members {
                if let Some(first) = seen.insert(name.text.as_str(), name.span) {
                    let message = format!("the member `{}` stands twice in this type", name.text);
                    findings
                        .push(Diagnostic::new(&UNKNOWN_TYPE, name.span, message).also(first, "first here"));
                    continue;
                }
                record.members.push((name.text.as_str().into(), resolve(ty, depth, findings)));
            }
            Shape::of(ShapeKind::Record(Arc::new(record)))
        }
    }
}

fn named(word: &str, ty: &ast::Type, findings: &mut Vec<Diagnostic>) -> Shape {
    if let Some((_, kind)) = WORDS.iter().find(|(name, _)| *name == word) {
        return Shape::of(kind.clone());
    }
    let mut names: Vec<&str> = WORDS.iter().map(|(name, _)| *name).collect();
    let finding = Diagnostic::new(&UNKNOWN_TYPE, ty.span, format!("`{word}` is no type"))
        .help(format!("use one of {}, a list `T[]`, a record `{{ a: T }}` or `map[T]`", names.join(", ")));
    // What other languages call them.
    let habit = match word.to_ascii_lowercase().as_str() {
        "boolean" => Some("bool"),
        "integer" | "long" | "i64" | "int64" => Some("int"),
        "float" | "double" | "decimal" => Some("number"),
        "str" | "text" | "uuid" | "uri" | "url" => Some("string"),
        "date" | "datetime" | "time" | "instant" => Some("timestamp"),
        "any" | "object" | "unknown" => Some("json"),
        _ => None,
    };
    if let Some(habit) = habit {
        names = vec![habit];
    }
    let finding = match habit {
        Some(habit) => finding.help(format!("write `{habit}`")).fix(
            crate::diag::Applicability::Unsafe,
            format!("write `{habit}`"),
            ty.span,
            habit,
        ),
        None => suggest(finding, word, &names, ty.span, findings.len()),
    };
    findings.push(finding);
    Shape::of(ShapeKind::Error)
}

/// One of some texts; any text where there are too many to keep apart.
pub(super) fn one_of(words: impl IntoIterator<Item = Arc<str>>) -> Shape {
    Shape::from(&crate::ty::Type::of(Kind::words(words)))
}
