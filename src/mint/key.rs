//! Keys that sign: read from PEM or JWK, or made, and parsed once.
//!
//! A key for tokens that anybody verifies ([`SigningKey`]) and a secret that is shared with one client
//! ([`ClientSecret`]) are different types, so that the latter can neither sign an access token nor be published.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::encoding::{AsBigEndian, AsDer, Curve25519SeedBin, EcPrivateKeyBin, Pkcs8V1Der};
use aws_lc_rs::rand::{self, SystemRandom};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair, RsaPublicKeyComponents,
};
use aws_lc_rs::{hmac, signature};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::compact::{self, Header, Kind};
use super::public::PublicKey;
use super::{Algorithm, SetupError, SigningFailed};

mod der;
mod jwk;
mod pem;

/// The fewest bits of an RSA modulus (RFC 7518 section 3.3).
pub(super) const MIN_RSA_BITS: usize = 2048;
/// The most that the cryptography takes.
pub(super) const MAX_RSA_BITS: usize = 8192;
/// The fewest bytes of a secret for HS256: as many as the hash has (RFC 7518 section 3.2).
const MIN_SECRET_BYTES: usize = 32;
/// A file with a key is smaller than this.
const MAX_KEY_BYTES: usize = 64 << 10;

/// What a text with one private key is.
#[derive(Debug)]
pub enum Key {
    /// A key whose public part verifiers know.
    Signing(SigningKey),
    /// A secret for HS256.
    Secret(ClientSecret),
}

impl Key {
    /// Reads one private key: PEM (PKCS#8, PKCS#1 or SEC1) or a JWK (RFC 7517). `algorithm` says what the key is for
    /// where its text leaves that open; without it an RSA key signs with RS256.
    ///
    /// # Errors
    /// What is no private key, is encrypted, too weak, for another algorithm or use, or more than one.
    pub fn read(text: &[u8], algorithm: Option<Algorithm>) -> Result<Key, SetupError> {
        if text.len() > MAX_KEY_BYTES {
            return Err(SetupError::new("the text is longer than 64 KiB", "give one key, as PEM or JWK"));
        }
        match text.trim_ascii_start() {
            [b'{' | b'[', ..] => jwk::read(text, algorithm),
            _ => pem::read(text, algorithm).map(Key::Signing),
        }
    }
}

/// A private key and its public part. The private part is kept as the cryptography's own object, which wipes it when
/// it goes; `Debug` shows only algorithm and key id.
pub struct SigningKey {
    signer: Signer,
    public: PublicKey,
    access_header: Header,
    id_header: Header,
    artifact_header: Header,
}

enum Signer {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

impl SigningKey {
    /// Reads a key as [`Key::read`] does, and refuses secrets.
    ///
    /// # Errors
    /// As [`Key::read`].
    pub fn read(text: &[u8], algorithm: Option<Algorithm>) -> Result<Self, SetupError> {
        match Key::read(text, algorithm)? {
            Key::Signing(key) => Ok(key),
            Key::Secret(_) => Err(SetupError::new(
                "this is a secret for HS256, which no API can verify without being able to sign",
                "give an RSA, EC or Ed25519 key",
            )),
        }
    }

    /// Makes a new key with the random generator of the operating system. RSA keys have 2048 bits.
    ///
    /// # Errors
    /// HS256, which has no public part, and a failing generator.
    ///
    /// ```
    /// use claimsc::mint::{Algorithm, SigningKey};
    ///
    /// let key = SigningKey::generate(Algorithm::Es256).unwrap();
    /// assert_eq!(key.id().len(), 43);
    /// assert_eq!(format!("{key:?}"), format!("SigningKey(ES256, {})", key.id()));
    /// ```
    pub fn generate(algorithm: Algorithm) -> Result<Self, SetupError> {
        let failed = |_| SetupError::new("the generator of keys failed", "try again");
        let signer = match algorithm {
            Algorithm::Rs256 | Algorithm::Ps256 => {
                Signer::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).map_err(failed)?)
            }
            Algorithm::Es256 | Algorithm::Es384 => {
                let curve = curve(algorithm).ok_or_else(|| failed(aws_lc_rs::error::Unspecified))?;
                Signer::Ec(EcdsaKeyPair::generate(curve).map_err(failed)?)
            }
            Algorithm::EdDsa => Signer::Ed(Ed25519KeyPair::generate().map_err(failed)?),
            Algorithm::Hs256 => {
                return Err(SetupError::new(
                    "a secret for HS256 has no public part",
                    "make a `ClientSecret`",
                ));
            }
        };
        SigningKey::of(signer, algorithm)
    }

    fn of(signer: Signer, algorithm: Algorithm) -> Result<Self, SetupError> {
        let public = match &signer {
            Signer::Rsa(pair) => {
                let RsaPublicKeyComponents { n, e } =
                    RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                PublicKey::rsa(algorithm, &n, &e)
            }
            Signer::Ec(pair) => PublicKey::ec(algorithm, pair.public_key().as_ref())?,
            Signer::Ed(pair) => PublicKey::ed(pair.public_key().as_ref())?,
        };
        let id = public.id().clone();
        Ok(SigningKey {
            signer,
            access_header: Header::new(algorithm, Kind::AccessToken, Some(&id)),
            id_header: Header::new(algorithm, Kind::IdToken, Some(&id)),
            artifact_header: Header::new(algorithm, Kind::Artifact, Some(&id)),
            public,
        })
    }

    /// The key id: the thumbprint of the public part with SHA-256 (RFC 7638).
    pub fn id(&self) -> &Arc<str> {
        self.public.id()
    }

    /// The algorithm that it signs with, and no other.
    pub fn algorithm(&self) -> Algorithm {
        self.public.algorithm()
    }

    /// The public part.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The private key as a JWK (RFC 7517), to be kept where secrets are kept. The text is wiped when it is dropped.
    ///
    /// # Errors
    /// If the cryptography does not give the key out.
    pub fn to_private_jwk(&self) -> Result<Zeroizing<String>, SetupError> {
        let failed = || SetupError::new("the key cannot be written", "make a new one");
        let mut private: Vec<(&str, Zeroizing<String>)> = Vec::new();
        match &self.signer {
            Signer::Rsa(pair) => {
                let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| failed())?;
                let parts = der::rsa_private_parts(der.as_ref()).ok_or_else(failed)?;
                private.extend(["d", "p", "q", "dp", "dq", "qi"].into_iter().zip(parts.map(encoded)));
            }
            Signer::Ec(pair) => {
                let scalar: EcPrivateKeyBin<'_> = pair.private_key().as_be_bytes().map_err(|_| failed())?;
                private.push(("d", encoded(scalar.as_ref())));
            }
            Signer::Ed(pair) => {
                let seed = pair.seed().map_err(|_| failed())?;
                let seed: Curve25519SeedBin<'_> = seed.as_be_bytes().map_err(|_| failed())?;
                private.push(("d", encoded(seed.as_ref())));
            }
        }
        let mut text = Zeroizing::new(String::with_capacity(4096));
        text.push_str(self.public.to_jwk().to_json().trim_end_matches('}'));
        for (name, value) in &private {
            for part in [",\"", name, "\":\"", value, "\""] {
                text.push_str(part);
            }
        }
        text.push('}');
        Ok(text)
    }

    pub(super) fn header(&self, kind: Kind) -> &Header {
        match kind {
            Kind::AccessToken => &self.access_header,
            Kind::IdToken => &self.id_header,
            Kind::Artifact => &self.artifact_header,
        }
    }

    /// How many bytes a signature has (RFC 7518 section 3, RFC 8037 section 3.1).
    pub(super) fn signature_bytes(&self) -> usize {
        match (&self.signer, self.algorithm()) {
            (Signer::Rsa(pair), _) => pair.public_modulus_len(),
            (_, Algorithm::Es384) => 96,
            _ => 64,
        }
    }

    /// Signs a message and appends the signature as the last part of the token. ECDSA and RSASSA-PSS draw random numbers
    /// from the cryptography's own generator.
    pub(super) fn sign(&self, message: &mut Vec<u8>) -> Result<(), SigningFailed> {
        let random = SystemRandom::new();
        match &self.signer {
            Signer::Rsa(pair) => {
                let padding: &'static dyn signature::RsaEncoding = match self.algorithm() {
                    Algorithm::Ps256 => &RSA_PSS_SHA256,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut bytes = [0; MAX_RSA_BITS / 8];
                let bytes = bytes.get_mut(..pair.public_modulus_len()).ok_or(SigningFailed)?;
                pair.sign(padding, &random, message, bytes).map_err(|_| SigningFailed)?;
                compact::finish(message, bytes)
            }
            Signer::Ec(pair) => {
                let signature = pair.sign(&random, message).map_err(|_| SigningFailed)?;
                compact::finish(message, signature.as_ref())
            }
            Signer::Ed(pair) => {
                let signature = pair.try_sign(message).map_err(|_| SigningFailed)?;
                compact::finish(message, signature.as_ref())
            }
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, {})", self.algorithm(), self.id())
    }
}

/// A secret that is shared with one confidential client, whose ID tokens are signed with HS256 (OpenID Connect Core
/// section 10.1). It has no key id: a thumbprint of a secret would let strangers test guesses (RFC 7638 section 7).
pub struct ClientSecret {
    key: Box<hmac::Key>,
    header: Header,
    text: Zeroizing<Vec<u8>>,
}

impl ClientSecret {
    /// A secret from its octets, such as the `client_secret`.
    ///
    /// # Errors
    /// Fewer than 32 bytes (RFC 7518 section 3.2).
    pub fn new(octets: &[u8]) -> Result<Self, SetupError> {
        if octets.len() < MIN_SECRET_BYTES {
            return Err(SetupError::new(
                format!(
                    "the secret has {} bytes, and HS256 takes {MIN_SECRET_BYTES} or more (RFC 7518 section 3.2)",
                    octets.len()
                ),
                "make one with `claimsc keys generate --alg HS256`",
            ));
        }
        Ok(ClientSecret {
            key: Box::new(hmac::Key::new(hmac::HMAC_SHA256, octets)),
            header: Header::new(Algorithm::Hs256, Kind::IdToken, None),
            text: Zeroizing::new(octets.to_vec()),
        })
    }

    /// Makes a new secret of 32 random bytes.
    ///
    /// # Errors
    /// A failing generator.
    pub fn generate() -> Result<Self, SetupError> {
        let mut octets = Zeroizing::new([0_u8; MIN_SECRET_BYTES]);
        rand::fill(octets.as_mut())
            .map_err(|_| SetupError::new("the generator of keys failed", "try again"))?;
        ClientSecret::new(octets.as_ref())
    }

    /// The secret as a JWK of type `oct`. The text is wiped when it is dropped.
    pub fn to_private_jwk(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(256));
        text.push_str(r#"{"kty":"oct","use":"sig","alg":"HS256","k":""#);
        text.push_str(&encoded(&self.text));
        text.push_str("\"}");
        text
    }

    pub(super) fn header(&self) -> &Header {
        &self.header
    }

    /// How many bytes a signature has.
    pub(super) const SIGNATURE_BYTES: usize = 32;

    /// Signs a message, as [`SigningKey::sign`].
    pub(super) fn sign(&self, message: &mut Vec<u8>) -> Result<(), SigningFailed> {
        let signature = hmac::sign(&self.key, message);
        compact::finish(message, signature.as_ref())
    }

    /// Whether a signature, in base64url, is this secret's for a message.
    pub(super) fn verifies(&self, message: &[u8], signature: &str) -> bool {
        let tag = URL_SAFE_NO_PAD.decode(signature);
        tag.is_ok_and(|tag| hmac::verify(&self.key, message, &tag).is_ok())
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(HS256)")
    }
}

fn curve(algorithm: Algorithm) -> Option<&'static EcdsaSigningAlgorithm> {
    match algorithm {
        Algorithm::Es256 => Some(&ECDSA_P256_SHA256_FIXED_SIGNING),
        Algorithm::Es384 => Some(&ECDSA_P384_SHA384_FIXED_SIGNING),
        _ => None,
    }
}

/// Base64url without padding (RFC 7515 section 2).
fn encoded(bytes: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes))
}

/// Refuses RSA keys that are too small to be safe or too large to be used.
pub(super) fn check_rsa_bits(bits: usize) -> Result<(), SetupError> {
    if (MIN_RSA_BITS..=MAX_RSA_BITS).contains(&bits) {
        return Ok(());
    }
    Err(SetupError::new(
        format!(
            "the RSA modulus has {bits} bits, and keys of {MIN_RSA_BITS} to {MAX_RSA_BITS} bits sign (RFC 7518 section \
             3.3)"
        ),
        "make another key with `claimsc keys generate`",
    ))
}

/// What a key of some kind signs with: what was asked for if that fits, else the usual one.
pub(super) fn choose(
    asked: Option<Algorithm>,
    possible: &[Algorithm],
    what: &str,
) -> Result<Algorithm, SetupError> {
    let words: Vec<&str> = possible.iter().map(|algorithm| algorithm.as_str()).collect();
    let words = words.join(" or ");
    match (asked, possible.first()) {
        (None, Some(usual)) => Ok(*usual),
        (Some(asked), _) if possible.contains(&asked) => Ok(asked),
        _ => Err(SetupError::new(
            format!("{what} signs with {words}, not with {}", asked.map_or("it", Algorithm::as_str)),
            format!("ask for {words}, or give another key"),
        )),
    }
}
