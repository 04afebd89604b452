//! The algorithms that sign, and what else depends on them.

use std::fmt;

use aws_lc_rs::digest;

/// An algorithm of JSON Web Signature. There is no `none`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 section 3.3): what every verifier supports.
    Rs256,
    /// RSASSA-PSS with SHA-256 (RFC 7518 section 3.5).
    Ps256,
    /// ECDSA on P-256 with SHA-256 (RFC 7518 section 3.4): short signatures, widely supported.
    Es256,
    /// ECDSA on P-384 with SHA-384 (RFC 7518 section 3.4).
    Es384,
    /// Ed25519 (RFC 8037 section 3.1).
    EdDsa,
    /// HMAC with SHA-256 (RFC 7518 section 3.2): for ID tokens of confidential clients only.
    Hs256,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Algorithm; 6] = [
        Algorithm::Rs256,
        Algorithm::Ps256,
        Algorithm::Es256,
        Algorithm::Es384,
        Algorithm::EdDsa,
        Algorithm::Hs256,
    ];

    /// The value of `alg`.
    pub fn as_str(self) -> &'static str {
        match self {
            Algorithm::Rs256 => "RS256",
            Algorithm::Ps256 => "PS256",
            Algorithm::Es256 => "ES256",
            Algorithm::Es384 => "ES384",
            Algorithm::EdDsa => "EdDSA",
            Algorithm::Hs256 => "HS256",
        }
    }

    /// The one that a word names, as RFC 7515 compares it: with regard to case. `Ed25519` is the newer name of what
    /// RFC 8037 calls `EdDSA` (RFC 9864 section 2.2).
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "Ed25519" => Some(Algorithm::EdDsa),
            _ => Algorithm::ALL.into_iter().find(|algorithm| algorithm.as_str() == word),
        }
    }

    /// The hash that `at_hash` and `c_hash` of an ID token use (OpenID Connect Core section 3.1.3.6); that of Ed25519 is
    /// SHA-512 (RFC 8032 section 5.1).
    pub(super) fn hash(self) -> &'static digest::Algorithm {
        match self {
            Algorithm::Rs256 | Algorithm::Ps256 | Algorithm::Es256 | Algorithm::Hs256 => &digest::SHA256,
            Algorithm::Es384 => &digest::SHA384,
            Algorithm::EdDsa => &digest::SHA512,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
