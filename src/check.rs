//! Static checks of a typed policy: each lives in a file of its own, with its diagnostics, and sees the whole policy.
//!
//! What can be said while one expression is typed (names, types, absence) the lowering says; what needs the whole
//! policy is a check. To add one, write `check/<slug>.rs` and its page, and add it to the module list and to [`CHECKS`].

use crate::diag::{Code, Diagnostic};
use crate::ir::Unit;

pub mod claim_without_namespace;
pub mod foreign_namespace;
pub mod identity_claim_in_access_token;
pub mod malformed_namespace;
pub mod misleading_name;
pub mod mixed_append;
mod names;
pub mod overlapping_namespaces;
mod profile;
pub mod profile_forbidden_namespace;
pub mod profile_lifetime;
pub mod profile_nested_name;
pub mod profile_restricted_claim;
pub mod profile_too_many_claims;
pub mod profile_unsupported_token;
pub mod profile_unsupported_verb;
pub mod profile_value_too_large;
pub mod profile_value_type;
pub mod protocol_claim;
pub mod registered_claim_type;
mod spelling;
pub mod twin_claims;

/// A check: its diagnostics, and what finds them.
pub struct Check {
    /// What it can report.
    pub codes: &'static [&'static Code],
    run: fn(&Unit, &mut Vec<Diagnostic>),
}

/// All checks. Their order does not matter: findings are sorted.
pub static CHECKS: &[Check] = &[
    Check { codes: claim_without_namespace::CODES, run: claim_without_namespace::check },
    Check { codes: foreign_namespace::CODES, run: foreign_namespace::check },
    Check { codes: identity_claim_in_access_token::CODES, run: identity_claim_in_access_token::check },
    Check { codes: malformed_namespace::CODES, run: malformed_namespace::check },
    Check { codes: misleading_name::CODES, run: misleading_name::check },
    Check { codes: mixed_append::CODES, run: mixed_append::check },
    Check { codes: overlapping_namespaces::CODES, run: overlapping_namespaces::check },
    Check { codes: profile_forbidden_namespace::CODES, run: profile_forbidden_namespace::check },
    Check { codes: profile_lifetime::CODES, run: profile_lifetime::check },
    Check { codes: profile_nested_name::CODES, run: profile_nested_name::check },
    Check { codes: profile_restricted_claim::CODES, run: profile_restricted_claim::check },
    Check { codes: profile_too_many_claims::CODES, run: profile_too_many_claims::check },
    Check { codes: profile_unsupported_token::CODES, run: profile_unsupported_token::check },
    Check { codes: profile_unsupported_verb::CODES, run: profile_unsupported_verb::check },
    Check { codes: profile_value_too_large::CODES, run: profile_value_too_large::check },
    Check { codes: profile_value_type::CODES, run: profile_value_type::check },
    Check { codes: protocol_claim::CODES, run: protocol_claim::check },
    Check { codes: registered_claim_type::CODES, run: registered_claim_type::check },
    Check { codes: twin_claims::CODES, run: twin_claims::check },
];

/// The findings of all checks about a policy without errors in syntax, names and types.
pub fn check(unit: &Unit) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for check in CHECKS {
        (check.run)(unit, &mut findings);
    }
    findings
}
