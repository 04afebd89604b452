//! Attributes that reach a token and may be as long as they like, or hold whatever somebody adds to them.

use std::collections::BTreeSet;

use crate::catalog::Root;
use crate::diag::Diagnostic;
use crate::ir::{Action, Argument, Expr, ExprKind, LetId, Member, Slot, SlotId, Unit};
use crate::source::Span;
use crate::ty::{Bounds, Shape, ShapeKind};

crate::codes! {
    /// A list without a bound of its own is copied.
    UNBOUNDED_ATTRIBUTE = "C0730" "unbounded-attribute" Note allow;
    /// An object is copied with members that nobody has listed.
    WHOLE_OBJECT = "C0731" "whole-object" Note allow;
}

pub(super) fn check(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    let mut seen = BTreeSet::new();
    let mut entered = BTreeSet::new();
    for statement in &unit.statements {
        let (value, matching) = match &statement.action {
            Action::Write { .. } => (statement.action.value(), false),
            // A pattern chooses the members.
            Action::Spread { matching, .. } => (statement.action.value(), matching.is_some()),
            _ => continue,
        };
        let Some(value) = value else { continue };
        for (id, span) in copied(unit, value, &mut entered) {
            let Some(slot) = unit.slots.get(id.index()) else { continue };
            let Some(shape) = shape(unit, slot) else { continue };
            if matching || slot.root == Root::Config || !seen.insert(id) {
                continue;
            }
            findings.extend(report(slot, shape, span));
        }
    }
}

fn report(slot: &Slot, shape: &Shape, span: Span) -> Option<Diagnostic> {
    let name = slot.name();
    let is_bounded = shape.bounds.max_bytes.is_some() || shape.bounds.max_items.is_some();
    match &shape.kind {
        ShapeKind::List(_) if !is_bounded => Some(
            Diagnostic::new(
                &UNBOUNDED_ATTRIBUTE,
                span,
                format!(
                    "`{name}` goes into a token with up to {} elements: claims.yaml states no bound of its own",
                    Bounds::DEFAULT_ITEMS
                ),
            )
            .help("state `max_items` in claims.yaml, filter the list, or write `.at_most(n)`"),
        ),
        ShapeKind::Json | ShapeKind::Map(_) if !is_bounded => Some(whole(&name, span)),
        ShapeKind::Record(record) if record.open && !is_bounded => Some(whole(&name, span)),
        _ => None,
    }
}

fn whole(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(
        &WHOLE_OBJECT,
        span,
        format!("all of `{name}` goes into a token, whatever is added to it tomorrow"),
    )
    .help("list the members that readers need, as in `.pick(\"plan\", \"tenant\")`, or declare them in claims.yaml")
}

/// The shape of an attribute.
fn shape<'u>(unit: &'u Unit, slot: &Slot) -> Option<&'u Shape> {
    let mut shape = unit.catalog.input(slot.root)?;
    for name in &slot.path {
        shape = match &shape.kind {
            ShapeKind::Record(record) => record.member(name)?,
            ShapeKind::Map(value) => value,
            _ => return None,
        };
    }
    Some(shape)
}

/// The attributes that are copied whole, element for element, and where.
fn copied<'u>(unit: &'u Unit, value: &'u Expr, entered: &mut BTreeSet<LetId>) -> Vec<(SlotId, Span)> {
    let mut found = Vec::new();
    let mut open = vec![value];
    while let Some(expr) = open.pop() {
        match &*expr.kind {
            ExprKind::Slot(id) => found.push((*id, expr.span)),
            ExprKind::Let(id) if entered.insert(*id) => {
                open.extend(unit.lets.get(id.index()).map(|binding| &binding.value));
            }
            ExprKind::Join(all) | ExprKind::Coalesce(all) | ExprKind::Template(all) => open.extend(all),
            ExprKind::List(elements) => open.extend(elements.iter().map(|element| &element.value)),
            ExprKind::Record(members) => open.extend(members.iter().map(|member| match member {
                Member::Named(_, inner) | Member::Spread(inner) => inner,
            })),
            ExprKind::If { then, otherwise, .. } => open.extend([then, otherwise]),
            ExprKind::Match { arms, otherwise, .. } => {
                open.extend(arms.iter().map(|(_, inner)| inner).chain(otherwise));
            }
            ExprKind::Call { builtin, receiver, arguments, .. } => match builtin.name() {
                // A row of a table for each element: sets of few values.
                "map" | "flat_map" if !looks_up(arguments) => open.push(receiver),
                "distinct" | "sort" | "nonempty" | "join" | "to_json" | "to_list" | "to_string"
                | "flatten" | "lower" | "upper" | "trim" | "without" | "base64" | "base64url"
                | "map_values" => open.push(receiver),
                "union" | "merge" => {
                    open.push(receiver);
                    open.extend(arguments.iter().filter_map(|argument| match argument {
                        Argument::Value(inner) => Some(inner),
                        _ => None,
                    }));
                }
                _ => {}
            },
            _ => {}
        }
    }
    found
}

fn looks_up(arguments: &[Argument]) -> bool {
    arguments.iter().any(|argument| match argument {
        Argument::Lambda { body, .. } => body.any(&[], |part| matches!(&*part.kind, ExprKind::Lookup { .. })),
        _ => false,
    })
}
