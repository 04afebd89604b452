//! What names say: attributes and claims are written in many styles, and checks about trust look at their words.

use crate::catalog::Root;
use crate::ir::{ClaimId, ClaimName, Slot, Unit};

/// The words of a name in lower case: `isAdmin`, `is_admin`, `is-admin` and `https://acme.example/is_admin` all end in
/// `is`, `admin`. Of a URL or URN only the part behind the last `/` or `:` counts.
pub(super) fn words(name: &str) -> Vec<String> {
    let name = name.trim_end_matches(['/', ':']);
    let last = name.rsplit(['/', ':', '#']).next().unwrap_or(name);
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for c in last.chars() {
        if !c.is_ascii_alphanumeric() || (c.is_ascii_uppercase() && was_lower) {
            words.push(String::new());
        }
        if c.is_ascii_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.push(c.to_ascii_lowercase());
        }
        was_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Words behind which access stands, singular; the plural counts too.
const AUTHORITY: &[&str] = &[
    "role",
    "group",
    "permission",
    "entitlement",
    "privilege",
    "authority",
    "authorization",
    "admin",
    "superuser",
    "scope",
    "tenant",
    "organization",
    "clearance",
    "mfa",
    "staff",
];

/// Words of lists that say what somebody belongs to or may do, singular; the plural counts too.
const MEMBERSHIP: &[&str] = &[
    "role",
    "group",
    "permission",
    "entitlement",
    "privilege",
    "authority",
    "membership",
    "team",
    "tenant",
    "organization",
    "org",
    "registration",
];

/// Whether a name says that access follows from it.
pub(super) fn is_authority(name: &str) -> bool {
    words(name).iter().any(|word| AUTHORITY.iter().any(|known| is_form_of(word, known)))
}

/// Whether a name says that somebody belongs to something or may do something.
pub(super) fn is_membership(name: &str) -> bool {
    words(name).iter().any(|word| MEMBERSHIP.iter().any(|known| is_form_of(word, known)))
}

fn is_form_of(word: &str, singular: &str) -> bool {
    word == singular
        || word.strip_suffix('s') == Some(singular)
        || word.strip_suffix("ies").is_some_and(|stem| singular.strip_suffix('y') == Some(stem))
}

/// Whether a text names a role or permission that may do everything.
pub(super) fn is_privileged(text: &str) -> bool {
    const WHOLE: &[&str] =
        &["admin", "administrator", "superuser", "superadmin", "sysadmin", "root", "owner", "sudo"];
    text == "*" || words(text).iter().any(|word| WHOLE.contains(&word.as_str()))
}

/// Whether a text looks like an e-mail address of somebody.
pub(super) fn is_address(text: &str) -> bool {
    text.split_once('@').is_some_and(|(person, domain)| {
        !person.is_empty()
            && domain.contains('.')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && !text.contains(|c: char| {
                c.is_whitespace() || matches!(c, '/' | ':' | '@') && text.matches(c).count() > 1
            })
    })
}

/// Whether an attribute holds an e-mail address, by its name.
pub(super) fn is_email(slot: &Slot) -> bool {
    slot.root == Root::User
        && slot.path.last().is_some_and(|name| {
            matches!(
                name.to_ascii_lowercase().as_str(),
                "email" | "mail" | "e_mail" | "email_address" | "emailaddress" | "upn"
            )
        })
}

/// The name of a claim, or of the constant that holds it.
pub(super) fn claim_name(unit: &Unit, claim: ClaimId) -> String {
    match unit.claims.get(claim.index()).map(|claim| &claim.name) {
        Some(ClaimName::Literal(name)) => name.to_string(),
        Some(ClaimName::Config(slot)) => unit.slots.get(slot.index()).map(Slot::name).unwrap_or_default(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_all_styles_have_the_same_words() {
        for name in ["isAdmin", "is_admin", "is-admin", "https://acme.example/is_admin", "urn:acme:isAdmin"] {
            assert_eq!(words(name), ["is", "admin"], "{name}");
        }
    }

    #[test]
    fn whole_words_count() {
        assert!(is_authority("user_roles") && is_authority("authorities") && is_authority("isAdmin"));
        assert!(!is_authority("administration_fee_roleplay") && !is_authority("plan"));
        assert!(is_privileged("ROLE_ADMIN") && is_privileged("*") && !is_privileged("administers"));
    }

    #[test]
    fn addresses_have_a_person_and_a_domain() {
        assert!(is_address("ann@acme.example"));
        for text in ["@acme.example", "ann@acme", "ssh://git@acme.example/x", "a b@acme.example"] {
            assert!(!is_address(text), "{text}");
        }
    }
}
