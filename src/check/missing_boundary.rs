//! Tests of domains and hosts by the beginning or end of a text, without the mark that bounds the name.

use super::look::{Everything, literal, resolve};
use super::words::is_email;
use crate::diag::Diagnostic;
use crate::ir::{Argument, Expr, ExprKind};
use crate::ty::Kind;
use crate::value::Value;

crate::codes! {
    /// A domain is tested without its boundary.
    MISSING_BOUNDARY = "C0734" "missing-boundary" Warning allow;
}

pub(super) fn check(all: &Everything<'_>, findings: &mut Vec<Diagnostic>) {
    let unit = all.unit;
    for expr in &all.exprs {
        let ExprKind::Call { builtin, receiver, arguments, .. } = &*expr.kind else { continue };
        let Some(Argument::Value(argument)) = arguments.first() else { continue };
        let Some(part) = literal(unit, argument).and_then(Value::as_str) else { continue };
        let of_email = is_of_email(all, receiver);
        let trap = match builtin.name() {
            "ends_with" if of_email => (!part.starts_with(['@', '.'])).then(|| format!("evil{part}")),
            "contains" if of_email && part.contains(|c: char| c.is_ascii_alphanumeric()) => {
                Some(format!("{part}.evil.example"))
            }
            "starts_with" => open_host(part).then(|| format!("{part}.evil.example")),
            _ => None,
        };
        if let Some(trap) = trap {
            findings.push(
                Diagnostic::new(&MISSING_BOUNDARY, expr.span, format!("this is true of `{trap}` too")).help(
                    "compare the whole domain, as in `user.email.domain = \"acme.example\"`, or put the `@`, `.` or `/` that bounds the name into the text",
                ),
            );
        }
    }
}

/// Whether a text is an address or a domain out of one.
fn is_of_email(all: &Everything<'_>, receiver: &Expr) -> bool {
    let unit = all.unit;
    if receiver.ty.kind == Kind::Email {
        return true;
    }
    resolve(unit, receiver).any(&unit.lets, |part| match &*part.kind {
        ExprKind::Slot(id) => part.ty.kind == Kind::Email || unit.slots.get(id.index()).is_some_and(is_email),
        _ => false,
    })
}

/// Whether a text is the beginning of a URL that ends within its host.
fn open_host(part: &str) -> bool {
    let host = part.strip_prefix("https://").or_else(|| part.strip_prefix("http://"));
    host.is_some_and(|host| host.contains('.') && !host.contains('/') && !host.ends_with('.'))
}
