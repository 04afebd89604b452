//! Two namespaces in which the same claim has two spellings: a reader would not see that both are one.

use super::malformed_namespace::is_good;
use super::spelling::folded;
use crate::diag::Diagnostic;
use crate::ir::Unit;

crate::codes! {
    /// One namespace is a part of another, or both are spellings of one.
    OVERLAPPING_NAMESPACES = "C0415" "overlapping-namespaces" Error;
}

pub(super) fn check(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    let good: Vec<_> = unit.namespaces.iter().filter(|namespace| is_good(&namespace.prefix)).collect();
    for (index, one) in good.iter().enumerate() {
        for other in good.iter().skip(index + 1) {
            let (wide, narrow) =
                if one.prefix.len() <= other.prefix.len() { (one, other) } else { (other, one) };
            let message = if wide.prefix == narrow.prefix {
                format!("`{}` and `{}` are the same namespace", wide.alias, narrow.alias)
            } else if folded(&wide.prefix) == folded(&narrow.prefix) {
                format!(
                    "`{}` and `{}` are spellings of one namespace, and different to every consumer",
                    wide.alias, narrow.alias
                )
            } else if let Some(rest) = narrow.prefix.strip_prefix(&*wide.prefix) {
                format!(
                    "`{}` lies within `{}`: `{}/email` is also `{}/\"{rest}email\"`",
                    narrow.alias, wide.alias, narrow.alias, wide.alias
                )
            } else {
                continue;
            };
            findings.push(
                Diagnostic::new(&OVERLAPPING_NAMESPACES, narrow.span, message)
                    .also(wide.span, "the other one")
                    .help("keep one of them, or give each a path of its own"),
            );
        }
    }
}
