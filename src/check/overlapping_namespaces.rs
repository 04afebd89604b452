//! Two namespaces in which the same claim has two spellings: a reader would not see that both are one.

use std::collections::BTreeMap;

use super::malformed_namespace::is_good;
use super::spelling::folded;
use crate::diag::Diagnostic;
use crate::ir::{Namespace, Unit};

crate::codes! {
    /// One namespace is a part of another, or both are spellings of one.
    OVERLAPPING_NAMESPACES = "C0415" "overlapping-namespaces" Error;
}

pub(super) fn check(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    let mut all: Vec<_> = unit.namespaces.iter().filter(|namespace| is_good(&namespace.prefix)).collect();
    all.sort_by_key(|namespace| (&namespace.prefix, &namespace.alias));
    // What a namespace lies within stands before it.
    let mut around: Vec<&Namespace> = Vec::new();
    let mut spellings: BTreeMap<String, &Namespace> = BTreeMap::new();
    for namespace in all {
        while around.pop_if(|wide| !namespace.prefix.starts_with(&*wide.prefix)).is_some() {}
        let spelling = folded(&namespace.prefix);
        if let Some(wide) = around.last() {
            findings.push(finding(namespace, wide, within(namespace, wide)));
        }
        if let Some(other) = spellings.get(&spelling)
            && !namespace.prefix.starts_with(&*other.prefix)
        {
            let message = format!(
                "`{}` and `{}` are spellings of one namespace, and different to every consumer",
                other.alias, namespace.alias
            );
            findings.push(finding(namespace, other, message));
        }
        spellings.entry(spelling).or_insert(namespace);
        around.push(namespace);
    }
}

fn within(narrow: &Namespace, wide: &Namespace) -> String {
    match narrow.prefix.strip_prefix(&*wide.prefix) {
        Some("") | None => format!("`{}` and `{}` are the same namespace", wide.alias, narrow.alias),
        Some(rest) => format!(
            "`{}` lies within `{}`: `{}/email` is also `{}/\"{rest}email\"`",
            narrow.alias, wide.alias, narrow.alias, wide.alias
        ),
    }
}

fn finding(namespace: &Namespace, other: &Namespace, message: String) -> Diagnostic {
    Diagnostic::new(&OVERLAPPING_NAMESPACES, namespace.span, message)
        .also(other.span, "the other one")
        .help("keep one of them, or give each a path of its own")
}
