//! Types that the target host takes.

use super::profile::{Touch, Written, of, places, touches};
use crate::diag::{Applicability, Diagnostic, Edit};
use crate::ir::{ExprKind, Unit};
use crate::source::Span;
use crate::standard::profiles::{Is, Shape};
use crate::ty::{Kind, Type};

crate::codes! {
    /// A value of a type that the host does not take for the claim.
    PROFILE_VALUE_TYPE = "C0422" "profile-value-type" Error allow;
}

pub(super) fn check(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    let Some(profile) = of(unit) else { return };
    for touch in touches(unit) {
        let Some(written) = touch.written() else { continue };
        for fact in profile.about(touch.tokens) {
            let (shape, effect) = match fact.is {
                // Registered claims have their registered type anyway, protocol claims are nobody's.
                Is::Typed(names, shape, effect) | Is::Demanded(names, shape, effect)
                    if touch.among(names).is_some() && !touch.is_registered(unit) =>
                {
                    (shape, effect)
                }
                Is::AllTyped(shape, effect) => (shape, effect),
                _ => continue,
            };
            if fits(&written.ty, shape) {
                continue;
            }
            let message = format!(
                "`{}` in {} is {} for {}, and this is `{}`: {}",
                touch.text(),
                places(touch.tokens.and(fact.tokens)),
                shape.words(),
                profile.title,
                written.ty.clone().present(),
                effect.of(profile.title)
            );
            let finding = touch.finding(&PROFILE_VALUE_TYPE, fact, message);
            findings.push(mend(finding, &touch, &written, shape));
        }
    }
}

/// Whether every value of a type has this shape; `json` may be anything.
fn fits(ty: &Type, shape: Shape) -> bool {
    let is_text = |kind: &Kind| kind.is_text() || matches!(kind, Kind::Error | Kind::Nothing);
    let is_strings = |kind: &Kind| matches!(kind, Kind::List(element) if is_text(&element.kind));
    let kind = &ty.kind;
    if matches!(kind, Kind::Error | Kind::Nothing) {
        return true;
    }
    match shape {
        Shape::Any => true,
        Shape::String => is_text(kind),
        Shape::Integer => *kind == Kind::Int,
        Shape::List => matches!(kind, Kind::List(_)),
        Shape::Strings => is_strings(kind),
        Shape::Object => matches!(kind, Kind::Map(_) | Kind::Record(_)),
        Shape::StringOrList => is_text(kind) || matches!(kind, Kind::List(_)),
        Shape::StringOrStrings => is_text(kind) || is_strings(kind),
    }
}

fn mend(finding: Diagnostic, touch: &Touch<'_>, written: &Written<'_>, shape: Shape) -> Diagnostic {
    let takes_text = matches!(shape, Shape::String | Shape::StringOrList | Shape::StringOrStrings);
    let is_simple = matches!(&*written.value.kind, ExprKind::Slot(_) | ExprKind::Literal(_));
    let (statement, value) = (touch.statement.span, written.value.span);
    let is_inside =
        value.file == statement.file && value.start >= statement.start && value.end <= statement.end;
    match written.ty.kind {
        Kind::Bool | Kind::Int if takes_text && is_simple && is_inside && written.is_whole => {
            let insert = |at: u32, text: &str| Edit {
                span: Span { start: at, end: at, ..value },
                text: text.to_owned(),
            };
            finding.help("write the value as a string").fix_many(
                Applicability::Unsafe,
                "write the value as a string",
                vec![insert(value.start, "\"${"), insert(value.end, "}\"")],
            )
        }
        Kind::Json => finding.help(format!("test first that it is {}, by `as`", shape.words())),
        _ => finding.help(format!("write {}", shape.words())),
    }
}
