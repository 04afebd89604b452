//! Roles and clients that are looked for inside of texts.

use super::look::Everything;
use super::words::is_membership;
use crate::catalog::Root;
use crate::diag::Diagnostic;
use crate::ir::{Argument, ExprKind, Slot};
use crate::value::Value;

crate::codes! {
    /// A role or client is recognised by a part of its name.
    SUBSTRING_MATCH = "C0725" "substring-match" Warning allow;
}

pub(super) fn check(all: &Everything<'_>, findings: &mut Vec<Diagnostic>) {
    let unit = all.unit;
    for expr in &all.exprs {
        let ExprKind::Call { builtin, receiver, arguments, .. } = &*expr.kind else { continue };
        let Some(slot) = all.origin(receiver) else { continue };
        let (what, help) = match builtin.name() {
            "contains" if is_role(slot) => {
                ("a role", "compare whole names: `\"admin\" in user.roles`, or `=` with one name")
            }
            "contains" | "starts_with" | "ends_with" if is_client(slot) => {
                ("a client", "compare with the client's alias, or with what its metadata says")
            }
            _ => continue,
        };
        let part = arguments.first().and_then(|argument| match argument {
            Argument::Value(part) => super::look::literal(unit, part).and_then(Value::as_str),
            _ => None,
        });
        let part = part.map_or(String::new(), |part| format!(" `{part}`"));
        let message =
            format!("{what} is recognised by the part{part} of its name, which other names have too");
        findings.push(Diagnostic::new(&SUBSTRING_MATCH, expr.span, message).help(help));
    }
}

fn is_role(slot: &Slot) -> bool {
    matches!(slot.root, Root::User | Root::External)
        && slot.path.last().is_some_and(|name| is_membership(name))
}

fn is_client(slot: &Slot) -> bool {
    slot.root == Root::Client
        && matches!(slot.path.as_slice(), [member] if matches!(&**member, "id" | "name"))
}
