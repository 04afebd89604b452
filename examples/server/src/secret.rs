//! Random values that grant something, and comparisons that tell nothing by the time they take.

use std::fmt;

use aws_lc_rs::{constant_time, digest, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// SHA-256 of a secret: what is kept in its place.
pub type Digest = [u8; 32];

/// The generator of the operating system gives no random numbers.
#[derive(Debug)]
pub struct NoRandom;

/// A code, a refresh token or the like: 256 random bits in base64url. `Debug` does not show it.
pub struct Secret(String);

impl Secret {
    /// A new one.
    ///
    /// # Errors
    /// A failing generator.
    pub fn random() -> Result<Self, NoRandom> {
        let mut bytes = [0; 32];
        rand::fill(&mut bytes).map_err(|_| NoRandom)?;
        Ok(Secret(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Its text, to be handed out.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub fn digest(&self) -> Digest {
        digest_of(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// SHA-256 of a text.
pub fn digest_of(text: &str) -> Digest {
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    let mut bytes = [0; 32];
    for (to, from) in bytes.iter_mut().zip(hash.as_ref()) {
        *to = *from;
    }
    bytes
}

/// Whether a text has this digest. The time does not depend on where they differ.
pub fn matches(digest: &Digest, text: &str) -> bool {
    constant_time::verify_slices_are_equal(digest, &digest_of(text)).is_ok()
}

/// Whether a PKCE verifier belongs to a challenge (RFC 7636 section 4.6, method `S256`).
pub fn verifies(challenge: &str, verifier: &str) -> bool {
    let expected = URL_SAFE_NO_PAD.encode(digest_of(verifier));
    constant_time::verify_slices_are_equal(expected.as_bytes(), challenge.as_bytes()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_standard_verifies() {
        // RFC 7636 appendix B.
        let (verifier, challenge) =
            ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert!(verifies(challenge, verifier));
        assert!(!verifies(challenge, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl"));
        assert!(!verifies(verifier, verifier), "the method `plain` is none");
    }

    #[test]
    fn secrets_differ_and_do_not_show() {
        let (one, other) = (Secret::random().unwrap(), Secret::random().unwrap());
        assert_ne!(one.reveal(), other.reveal());
        assert_eq!(one.reveal().len(), 43);
        assert_eq!(format!("{one:?}"), "Secret");
        assert!(matches(&one.digest(), one.reveal()));
        assert!(!matches(&one.digest(), other.reveal()));
    }
}
