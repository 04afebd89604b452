//! The public part of a key: its JWK, its thumbprint, and what it verifies.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;

use super::jwk::{Jwk, foreign_curve};
use super::key::{check_rsa_bits, choose};
use super::{Algorithm, SetupError, bits};
use crate::value::{Object, Value};

/// A public key that verifies signatures of one algorithm. Published, never secret.
#[derive(Clone)]
pub struct PublicKey {
    algorithm: Algorithm,
    id: Arc<str>,
    /// The members that a thumbprint is about, sorted by name (RFC 7638 section 3.2).
    members: Vec<(&'static str, Arc<str>)>,
    verifier: DecodingKey,
}

impl PublicKey {
    /// An RSA key from modulus and exponent, big-endian and without leading zeros.
    pub(super) fn rsa(algorithm: Algorithm, modulus: &[u8], exponent: &[u8]) -> Self {
        let members = [("e", exponent), ("n", modulus)];
        let verifier = DecodingKey::from_rsa_raw_components(modulus, exponent);
        PublicKey::of(algorithm, "RSA", None, members, verifier)
    }

    /// A key on P-256 or P-384 from an uncompressed point (SEC 1 section 2.3.3).
    pub(super) fn ec(algorithm: Algorithm, point: &[u8]) -> Result<Self, SetupError> {
        let (curve, length) = match algorithm {
            Algorithm::Es256 => ("P-256", 32),
            _ => ("P-384", 48),
        };
        let (x, y) = match point.split_first() {
            Some((4, rest)) if rest.len() == 2 * length => {
                rest.split_at_checked(length).ok_or_else(broken_point)?
            }
            _ => return Err(broken_point()),
        };
        let verifier = DecodingKey::from_ec_der(point);
        Ok(PublicKey::of(algorithm, "EC", Some(curve), [("x", x), ("y", y)], verifier))
    }

    /// An Ed25519 key.
    pub(super) fn ed(bytes: &[u8]) -> Result<Self, SetupError> {
        if bytes.len() != 32 {
            return Err(SetupError::new("the Ed25519 key has not 32 bytes", "write the key again"));
        }
        let verifier = DecodingKey::from_ed_der(bytes);
        Ok(PublicKey::of(Algorithm::EdDsa, "OKP", Some("Ed25519"), [("x", bytes)], verifier))
    }

    /// Reads a JWK. Private members are ignored; what is said of the key's use has to allow verifying.
    ///
    /// # Errors
    /// Keys of other kinds, for another algorithm or use, too weak, and secrets.
    pub fn from_jwk(value: &Value) -> Result<Self, SetupError> {
        let jwk = Jwk::new(value)?;
        let stated = jwk.algorithm(None)?;
        if !jwk.has("d") {
            jwk.check_use("verify")?;
        }
        match jwk.text("kty")? {
            "RSA" => {
                let modulus = jwk.number("n")?;
                check_rsa_bits(bits(&modulus))?;
                let algorithm = choose(stated, &[Algorithm::Rs256, Algorithm::Ps256], "an RSA key")?;
                Ok(PublicKey::rsa(algorithm, &modulus, &jwk.number("e")?))
            }
            "EC" => {
                let (own, what) = match jwk.text("crv")? {
                    "P-256" => (Algorithm::Es256, "a P-256 key"),
                    "P-384" => (Algorithm::Es384, "a P-384 key"),
                    _ => return Err(foreign_curve("P-256 or P-384")),
                };
                let algorithm = choose(stated, &[own], what)?;
                let [x, y] = [jwk.bytes("x")?, jwk.bytes("y")?];
                if x.len() != y.len() {
                    return Err(broken_point());
                }
                let point = [&[4], x.as_slice(), y.as_slice()].concat();
                PublicKey::ec(algorithm, &point)
            }
            "OKP" if jwk.text("crv")? != "Ed25519" => Err(foreign_curve("Ed25519")),
            "OKP" => {
                choose(stated, &[Algorithm::EdDsa], "an Ed25519 key")?;
                PublicKey::ed(&jwk.bytes("x")?)
            }
            "oct" => {
                Err(SetupError::new("this is a secret, which is never published", "leave it out of key sets"))
            }
            _ => {
                Err(SetupError::new("`kty` of the JWK is not known", "give a key with `kty` RSA, EC or OKP"))
            }
        }
    }

    fn of<const N: usize>(
        algorithm: Algorithm,
        kind: &'static str,
        curve: Option<&str>,
        numbers: [(&'static str, &[u8]); N],
        verifier: DecodingKey,
    ) -> Self {
        let mut members: Vec<(&'static str, Arc<str>)> = vec![("kty", kind.into())];
        members.extend(curve.map(|curve| ("crv", Arc::from(curve))));
        members.extend(numbers.map(|(name, bytes)| (name, URL_SAFE_NO_PAD.encode(bytes).into())));
        members.sort_unstable_by_key(|(name, _)| *name);
        let text = object(&members).to_json();
        let id = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, text.as_bytes()));
        PublicKey { algorithm, id: id.into(), members, verifier }
    }

    /// The key id: the thumbprint with SHA-256 (RFC 7638).
    pub fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// The algorithm.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The JWK (RFC 7517) with `use`, `alg` and `kid`.
    pub fn to_jwk(&self) -> Value {
        let common =
            [("use", Arc::from("sig")), ("alg", self.algorithm.as_str().into()), ("kid", self.id.clone())];
        let mut members = self.members.clone();
        members.extend(common);
        // First what it is, then what it is called, then the numbers.
        let place =
            |name: &str| ["kty", "use", "alg", "kid", "crv"].iter().position(|one| *one == name).unwrap_or(5);
        members.sort_by_key(|(name, _)| place(name));
        object(&members)
    }

    /// Whether a signature, in base64url, is this key's for a message: the first two parts of a token and the dot
    /// between them.
    pub fn verifies(&self, message: &[u8], signature: &str) -> bool {
        let algorithm = match self.algorithm {
            Algorithm::Rs256 => jsonwebtoken::Algorithm::RS256,
            Algorithm::Ps256 => jsonwebtoken::Algorithm::PS256,
            Algorithm::Es256 => jsonwebtoken::Algorithm::ES256,
            Algorithm::Es384 => jsonwebtoken::Algorithm::ES384,
            Algorithm::EdDsa => jsonwebtoken::Algorithm::EdDSA,
            // A public key is never one for HS256.
            Algorithm::Hs256 => return false,
        };
        jsonwebtoken::crypto::verify(signature, message, &self.verifier, algorithm).unwrap_or(false)
    }
}

fn broken_point() -> SetupError {
    SetupError::new("the point of the key is not one of its curve", "write the key again")
}

fn object(members: &[(&'static str, Arc<str>)]) -> Value {
    let members = members.iter().map(|(name, text)| (Arc::from(*name), Value::String(text.clone())));
    Value::object(members.collect::<Object>())
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({}, {})", self.algorithm, self.id)
    }
}
