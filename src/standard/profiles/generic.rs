//! A host about which nothing special is known: it does what a policy says.

use super::Profile;
use crate::standard::Tokens;

pub(super) static PROFILE: Profile = Profile {
    name: "generic",
    title: "a generic host",
    mechanism: "the host's own code, which evaluates the policy while it makes a token",
    tokens: Tokens::ALL,
    facts: &[],
};
