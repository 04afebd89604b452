//! A claim is built by `append` or written as a whole: both at once would leave open which one counts.

use std::collections::BTreeMap;

use crate::ast::Level;
use crate::diag::Diagnostic;
use crate::ir::{Action, ClaimId, Statement, Unit};

crate::codes! {
    /// `append` beside another write of the claim.
    MIXED_APPEND = "C0337" "mixed-append" Error;
}

pub(super) fn check(unit: &Unit, findings: &mut Vec<Diagnostic>) {
    let mut whole: BTreeMap<ClaimId, Vec<&Statement>> = BTreeMap::new();
    for statement in &unit.statements {
        if let Action::Write { level: Level::Add | Level::Override, claim, .. } = &statement.action {
            whole.entry(*claim).or_default().push(statement);
        }
    }
    for statement in &unit.statements {
        let Action::Write { level: Level::Append, claim, tokens, .. } = &statement.action else { continue };
        let others = whole.get(claim).map(Vec::as_slice).unwrap_or_default();
        let Some(other) = others.iter().find(|other| !other.action.tokens().and(*tokens).is_empty()) else {
            continue;
        };
        findings.push(
            Diagnostic::new(
                &MIXED_APPEND,
                statement.span,
                "a claim is built by `append` or written as a whole, not both",
            )
            .also(other.span, "written as a whole here")
            .help("append this value too, or write the whole list by one `add`"),
        );
    }
}
