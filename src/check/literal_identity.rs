//! People and clients that are named by literals in conditions.

use std::collections::BTreeSet;

use super::look::{Everything, texts};
use super::words::{is_address, is_email};
use crate::catalog::Root;
use crate::diag::Diagnostic;
use crate::ir::{Expr, ExprKind, Slot, Unit};

crate::codes! {
    /// A condition names a person or a client by a literal.
    LITERAL_IDENTITY = "C0723" "literal-identity" Warning allow;
}

pub(super) fn check(all: &Everything<'_>, findings: &mut Vec<Diagnostic>) {
    let unit = all.unit;
    let mut seen = BTreeSet::new();
    for expr in &all.exprs {
        let (of, ids) = match &*expr.kind {
            ExprKind::Compare { left, right, .. } if !texts(unit, right).is_empty() => {
                (left, texts(unit, right))
            }
            ExprKind::Compare { left, right, .. } => (right, texts(unit, left)),
            ExprKind::In { element, list, .. } => (element, texts(unit, list)),
            ExprKind::Match { subject, arms, .. } => {
                let words = arms.iter().flat_map(|(words, _)| words).filter_map(|word| word.as_str());
                (subject, words.map(|word| (subject, word)).collect())
            }
            _ => continue,
        };
        let slot = all.origin(of);
        let is_person = slot.is_some_and(names_person);
        let is_client = slot.is_some_and(names_client);
        for (place, id) in ids {
            let (what, help) = if is_client {
                if is_alias(unit, place, id) {
                    continue;
                }
                ("a client", "give the client an alias under `clients` of claims.yaml and compare with that")
            } else if is_person || is_address(id) {
                (
                    "a person",
                    "give them a role where users are managed, or list them in a `table` or under `config`",
                )
            } else {
                continue;
            };
            if seen.insert(place.span) {
                let message = format!("{what} is named by a literal in a condition");
                findings.push(Diagnostic::new(&LITERAL_IDENTITY, place.span, message).help(help));
            }
        }
    }
}

/// Attributes that tell one person from another.
fn names_person(slot: &Slot) -> bool {
    const NAMES: &[&str] = &[
        "sub",
        "id",
        "user_id",
        "uid",
        "oid",
        "username",
        "user_name",
        "preferred_username",
        "nickname",
        "name",
        "given_name",
        "family_name",
        "first_name",
        "last_name",
        "full_name",
        "display_name",
        "login",
        "phone_number",
    ];
    slot.root == Root::User
        && match slot.path.as_slice() {
            [name] => NAMES.contains(&&**name) || is_email(slot),
            _ => false,
        }
}

fn names_client(slot: &Slot) -> bool {
    slot.root == Root::Client && matches!(slot.path.as_slice(), [member] if &**member == "id")
}

/// Whether an id of a client stands there as its alias: the text is as long as an alias, and a quoted id is not.
fn is_alias(unit: &Unit, place: &Expr, id: &str) -> bool {
    let length = (place.span.end - place.span.start) as usize;
    let aliases = unit.catalog.clients.iter().filter(|(_, client)| &*client.id == id);
    aliases.map(|(alias, _)| alias.len()).any(|alias| alias == length)
}
