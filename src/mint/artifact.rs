//! Signatures of artifacts: who has built a policy.
//!
//! A signature is a signed token (RFC 7515 section 7.1) behind the content of an artifact. Its payload is the artifact's
//! SHA-256 digest, and its type (RFC 8725 section 3.11) is that of no token that is ever issued, so that neither can stand
//! in for the other.

use std::sync::Arc;

use super::compact::{self, Kind};
use super::{Algorithm, KeySet, SetupError, SignedToken, SigningKey};
use crate::artifact::{Frame, LoadError, Refused, Signers};
use crate::value::{Object, Value};

/// The member of the payload with the digest in hexadecimal digits.
const DIGEST: &str = "sha256";

impl SigningKey {
    /// The artifact with this key's signature, in place of one that it may have had.
    ///
    /// # Errors
    /// What is no artifact, or damaged; and a failing signature.
    pub fn sign_artifact(&self, artifact: &[u8]) -> Result<Vec<u8>, SetupError> {
        let Frame { signed, checksum, .. } =
            Frame::open(artifact).map_err(|error| SetupError::new(error.message(), error.help()))?;
        let members = [(DIGEST.into(), Value::from(&*hexadecimal(&checksum)))];
        let payload = Value::object(Object::from_iter(members)).to_json();
        let mut signature = String::new();
        compact::sign(self, Kind::Artifact, payload.as_bytes(), &mut signature)
            .map_err(|_| SetupError::new("the key cannot sign", "try again, or use another key"))?;
        Ok([signed, signature.as_bytes()].concat())
    }
}

/// Only keys that anybody may know: whoever could verify with a secret could sign with it.
impl Signers for KeySet {
    fn verify(&self, signature: &str, sha256: &[u8; 32]) -> Result<Arc<str>, LoadError> {
        let wrong = |why: &str| {
            LoadError::new(
                Refused::WrongSignature,
                format!("the artifact is not signed by a trusted key: {why}"),
                "build and sign it again, or trust the key that has signed it if it is yours",
            )
        };
        let token = SignedToken::read(signature).map_err(|error| wrong(error.message()))?;
        if token.header_text("typ") != Some(Kind::Artifact.typ()) {
            return Err(wrong("what it has for a signature is for something else"));
        }
        let verified = KeySet::verify(self, &token).map_err(|error| wrong(error.message()))?;
        let key = match verified.key {
            Some(key) if verified.algorithm != Algorithm::Hs256 => key,
            _ => return Err(wrong("a secret verifies no artifacts")),
        };
        if token.claims().get(DIGEST).and_then(Value::as_str) != Some(&hexadecimal(sha256)) {
            return Err(wrong("the signature is of another artifact"));
        }
        Ok(key)
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}
