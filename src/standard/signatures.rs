//! Algorithms that sign tokens, and how many bytes their signatures have.

/// An algorithm of JSON Web Signature with a size of key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature {
    /// The value of `alg`.
    pub alg: &'static str,
    /// The key.
    pub key: &'static str,
    /// Bytes of the signature, not encoded yet.
    pub bytes: u64,
    /// What defines it.
    pub reference: &'static str,
}

/// What most issuers use: every one has to support it (RFC 9068 section 2.1, OpenID Connect Core section 15.1), and
/// keys have 2048 bits or more (RFC 7518 section 3.3). Its signatures are the longest of what is common.
pub const DEFAULT: Signature = rsa("RS256", "2048 bits", 256);

/// All that are common. An RSA signature is as long as the key's modulus (RFC 8017 sections 8.1.1 and 8.2.1).
pub const SIGNATURES: &[Signature] = &[
    DEFAULT,
    rsa("PS256", "2048 bits", 256),
    rsa("RS256", "3072 bits", 384),
    rsa("PS256", "3072 bits", 384),
    rsa("RS256", "4096 bits", 512),
    rsa("PS256", "4096 bits", 512),
    Signature { alg: "ES256", key: "P-256", bytes: 64, reference: "RFC 7518 section 3.4" },
    Signature { alg: "ES384", key: "P-384", bytes: 96, reference: "RFC 7518 section 3.4" },
    Signature { alg: "ES512", key: "P-521", bytes: 132, reference: "RFC 7518 section 3.4" },
    Signature { alg: "EdDSA", key: "Ed25519", bytes: 64, reference: "RFC 8037 section 3.1" },
    Signature { alg: "EdDSA", key: "Ed448", bytes: 114, reference: "RFC 8037 section 3.1" },
    Signature { alg: "HS256", key: "256 bits", bytes: 32, reference: "RFC 7518 section 3.2" },
];

const fn rsa(alg: &'static str, key: &'static str, bytes: u64) -> Signature {
    let reference = match alg.as_bytes() {
        [b'R', ..] => "RFC 7518 section 3.3",
        _ => "RFC 7518 section 3.5",
    };
    Signature { alg, key, bytes, reference }
}
