//! Static checks of a typed policy: each lives in a file of its own, with its diagnostics, and sees the whole policy.
//!
//! What can be said while one expression is typed (names, types, absence) the lowering says; what needs the whole
//! policy is a check. To add one, write `check/<slug>.rs` and its page, and add it to the module list and to [`CHECKS`].

use crate::diag::{Code, Diagnostic};
use crate::ir::Unit;

pub mod claim_without_namespace;
pub mod client_without_grants;
pub mod constant_assurance;
pub mod decoded_token;
pub mod discouraged_grant;
pub mod empty_default;
pub mod first_of_unordered;
pub mod foreign_namespace;
pub mod identity_claim_in_access_token;
pub mod left_over_constant;
pub mod literal_identity;
mod look;
pub mod machine_loses_claim;
pub mod malformed_namespace;
pub mod misleading_name;
pub mod missing_boundary;
pub mod mixed_append;
mod names;
pub mod overlapping_namespaces;
pub mod privileged_default;
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
pub mod public_client_decides;
pub mod raw_parameter;
pub mod registered_claim_type;
pub mod secret_in_claim;
mod spelling;
pub mod substring_match;
pub mod time_in_claim;
pub mod twin_claims;
pub mod unbounded_attribute;
pub mod unrequested_audience;
pub mod unused_alias;
pub mod unverified_email;
pub mod user_editable_authorization;
mod words;

/// A check: its diagnostics, and what finds them.
pub struct Check {
    /// What it can report.
    pub codes: &'static [&'static Code],
    run: fn(&Unit, &mut Vec<Diagnostic>),
}

/// All checks. Their order does not matter: findings are sorted.
pub static CHECKS: &[Check] = &[
    Check { codes: claim_without_namespace::CODES, run: claim_without_namespace::check },
    Check { codes: client_without_grants::CODES, run: client_without_grants::check },
    Check { codes: constant_assurance::CODES, run: constant_assurance::check },
    Check { codes: decoded_token::CODES, run: decoded_token::check },
    Check { codes: discouraged_grant::CODES, run: discouraged_grant::check },
    Check { codes: empty_default::CODES, run: empty_default::check },
    Check { codes: first_of_unordered::CODES, run: first_of_unordered::check },
    Check { codes: foreign_namespace::CODES, run: foreign_namespace::check },
    Check { codes: identity_claim_in_access_token::CODES, run: identity_claim_in_access_token::check },
    Check { codes: left_over_constant::CODES, run: left_over_constant::check },
    Check { codes: literal_identity::CODES, run: literal_identity::check },
    Check { codes: machine_loses_claim::CODES, run: machine_loses_claim::check },
    Check { codes: malformed_namespace::CODES, run: malformed_namespace::check },
    Check { codes: misleading_name::CODES, run: misleading_name::check },
    Check { codes: missing_boundary::CODES, run: missing_boundary::check },
    Check { codes: mixed_append::CODES, run: mixed_append::check },
    Check { codes: overlapping_namespaces::CODES, run: overlapping_namespaces::check },
    Check { codes: privileged_default::CODES, run: privileged_default::check },
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
    Check { codes: public_client_decides::CODES, run: public_client_decides::check },
    Check { codes: raw_parameter::CODES, run: raw_parameter::check },
    Check { codes: registered_claim_type::CODES, run: registered_claim_type::check },
    Check { codes: secret_in_claim::CODES, run: secret_in_claim::check },
    Check { codes: substring_match::CODES, run: substring_match::check },
    Check { codes: time_in_claim::CODES, run: time_in_claim::check },
    Check { codes: twin_claims::CODES, run: twin_claims::check },
    Check { codes: unbounded_attribute::CODES, run: unbounded_attribute::check },
    Check { codes: unrequested_audience::CODES, run: unrequested_audience::check },
    Check { codes: unused_alias::CODES, run: unused_alias::check },
    Check { codes: unverified_email::CODES, run: unverified_email::check },
    Check { codes: user_editable_authorization::CODES, run: user_editable_authorization::check },
];

/// The findings of all checks about a policy without errors in syntax, names and types.
pub fn check(unit: &Unit) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for check in CHECKS {
        (check.run)(unit, &mut findings);
    }
    findings
}
