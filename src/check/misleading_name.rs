//! A name that is not what a reader sees.

use std::collections::BTreeSet;

use super::names::{Deed, uses};
use super::spelling::misleading;
use crate::diag::Diagnostic;
use crate::ir::Unit;

crate::codes! {
    /// A claim name with invisible, look-alike or not normalised characters.
    MISLEADING_NAME = "C0416" "misleading-name" Error;
}

pub(super) fn check(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    let mut told = BTreeSet::new();
    for named in uses(unit) {
        // Names that somebody else chose may have to go as they are.
        if matches!(named.deed, Deed::Remove) {
            continue;
        }
        if let Some(problem) = misleading(&named.name)
            && told.insert(named.name.clone())
        {
            findings.push(
                Diagnostic::new(&MISLEADING_NAME, named.span, format!("the claim name {problem}"))
                    .label(format!("`{}`", named.name.escape_default()))
                    .help("type the name anew, in characters that everybody sees and types alike"),
            );
        }
    }
}
