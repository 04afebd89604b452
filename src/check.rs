//! Static checks of a typed policy: each lives in a file of its own, with its diagnostics, and sees the whole policy.
//!
//! What can be said while one expression is typed (names, types, absence) the lowering says; what needs the whole
//! policy is a check. To add one, write `check/<slug>.rs` and its page, and add it to the module list and to [`CHECKS`].

use crate::diag::{Code, Diagnostic};
use crate::ir::Unit;
use crate::parallel;
use look::Everything;

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
    run: Run,
}

/// What a check looks at.
enum Run {
    /// The policy.
    Policy(fn(&Unit, &mut Vec<Diagnostic>)),
    /// Each expression by itself: they are gathered once for all of these.
    Expressions(fn(&Everything<'_>, &mut Vec<Diagnostic>)),
}

/// All checks. Their order does not matter: findings are sorted.
pub static CHECKS: &[Check] = &[
    Check { codes: claim_without_namespace::CODES, run: Run::Policy(claim_without_namespace::check) },
    Check { codes: client_without_grants::CODES, run: Run::Policy(client_without_grants::check) },
    Check { codes: constant_assurance::CODES, run: Run::Policy(constant_assurance::check) },
    Check { codes: decoded_token::CODES, run: Run::Expressions(decoded_token::check) },
    Check { codes: discouraged_grant::CODES, run: Run::Policy(discouraged_grant::check) },
    Check { codes: empty_default::CODES, run: Run::Policy(empty_default::check) },
    Check { codes: first_of_unordered::CODES, run: Run::Expressions(first_of_unordered::check) },
    Check { codes: foreign_namespace::CODES, run: Run::Policy(foreign_namespace::check) },
    Check {
        codes: identity_claim_in_access_token::CODES,
        run: Run::Policy(identity_claim_in_access_token::check),
    },
    Check { codes: left_over_constant::CODES, run: Run::Policy(left_over_constant::check) },
    Check { codes: literal_identity::CODES, run: Run::Expressions(literal_identity::check) },
    Check { codes: machine_loses_claim::CODES, run: Run::Policy(machine_loses_claim::check) },
    Check { codes: malformed_namespace::CODES, run: Run::Policy(malformed_namespace::check) },
    Check { codes: misleading_name::CODES, run: Run::Policy(misleading_name::check) },
    Check { codes: missing_boundary::CODES, run: Run::Expressions(missing_boundary::check) },
    Check { codes: mixed_append::CODES, run: Run::Policy(mixed_append::check) },
    Check { codes: overlapping_namespaces::CODES, run: Run::Policy(overlapping_namespaces::check) },
    Check { codes: privileged_default::CODES, run: Run::Policy(privileged_default::check) },
    Check { codes: profile_forbidden_namespace::CODES, run: Run::Policy(profile_forbidden_namespace::check) },
    Check { codes: profile_lifetime::CODES, run: Run::Policy(profile_lifetime::check) },
    Check { codes: profile_nested_name::CODES, run: Run::Policy(profile_nested_name::check) },
    Check { codes: profile_restricted_claim::CODES, run: Run::Policy(profile_restricted_claim::check) },
    Check { codes: profile_too_many_claims::CODES, run: Run::Policy(profile_too_many_claims::check) },
    Check { codes: profile_unsupported_token::CODES, run: Run::Policy(profile_unsupported_token::check) },
    Check { codes: profile_unsupported_verb::CODES, run: Run::Policy(profile_unsupported_verb::check) },
    Check { codes: profile_value_too_large::CODES, run: Run::Policy(profile_value_too_large::check) },
    Check { codes: profile_value_type::CODES, run: Run::Policy(profile_value_type::check) },
    Check { codes: protocol_claim::CODES, run: Run::Policy(protocol_claim::check) },
    Check { codes: public_client_decides::CODES, run: Run::Policy(public_client_decides::check) },
    Check { codes: raw_parameter::CODES, run: Run::Expressions(raw_parameter::check) },
    Check { codes: registered_claim_type::CODES, run: Run::Policy(registered_claim_type::check) },
    Check { codes: secret_in_claim::CODES, run: Run::Expressions(secret_in_claim::check) },
    Check { codes: substring_match::CODES, run: Run::Expressions(substring_match::check) },
    Check { codes: time_in_claim::CODES, run: Run::Policy(time_in_claim::check) },
    Check { codes: twin_claims::CODES, run: Run::Policy(twin_claims::check) },
    Check { codes: unbounded_attribute::CODES, run: Run::Policy(unbounded_attribute::check) },
    Check { codes: unrequested_audience::CODES, run: Run::Policy(unrequested_audience::check) },
    Check { codes: unused_alias::CODES, run: Run::Expressions(unused_alias::check) },
    Check { codes: unverified_email::CODES, run: Run::Policy(unverified_email::check) },
    Check { codes: user_editable_authorization::CODES, run: Run::Policy(user_editable_authorization::check) },
];

/// The findings of all checks about a policy without errors in syntax, names and types. Up to `threads` threads look.
pub fn check(unit: &Unit, threads: usize) -> Vec<Diagnostic> {
    let everything = Everything::of(unit);
    let findings = parallel::map(threads, CHECKS, |check| {
        let mut findings = Vec::new();
        match check.run {
            Run::Policy(run) => run(unit, &mut findings),
            Run::Expressions(run) => run(&everything, &mut findings),
        }
        findings
    });
    findings.into_iter().flatten().collect()
}
