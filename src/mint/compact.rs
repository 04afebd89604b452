//! Payload bytes to a signed token in compact form (RFC 7515 section 7.1).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::base64url::{append, digits};
use super::key::{ClientSecret, SigningKey};
use super::{Algorithm, SigningFailed};

/// What a token is, as its header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    AccessToken,
    IdToken,
    /// The signature of an artifact.
    Artifact,
}

impl Kind {
    /// The value of `typ`.
    pub(super) fn typ(self) -> &'static str {
        match self {
            // RFC 9068 section 2.1, without `application/` (RFC 7515 section 4.1.9).
            Kind::AccessToken => "at+jwt",
            Kind::IdToken => "JWT",
            Kind::Artifact => "claims-policy+jwt",
        }
    }
}

/// The first part of a token with its dot, encoded once for each key.
pub(super) struct Header(String);

impl Header {
    pub(super) fn new(algorithm: Algorithm, kind: Kind, key_id: Option<&str>) -> Self {
        let typ = kind.typ();
        // Thumbprints are base64url, so nothing has to be escaped.
        let key_id = key_id.map_or_else(String::new, |id| format!(r#","kid":"{id}""#));
        let json = format!(r#"{{"alg":"{algorithm}","typ":"{typ}"{key_id}}}"#);
        let mut text = URL_SAFE_NO_PAD.encode(json);
        text.push('.');
        Header(text)
    }
}

/// Signs the bytes of a payload.
pub(super) fn sign(key: &SigningKey, kind: Kind, payload: &[u8]) -> Result<String, SigningFailed> {
    let mut token = message(key.header(kind), payload, key.signature_bytes())?;
    key.sign(&mut token)?;
    String::from_utf8(token).map_err(|_| SigningFailed)
}

/// Signs the bytes of an ID token's payload with the secret of its client.
pub(super) fn sign_shared(secret: &ClientSecret, payload: &[u8]) -> Result<String, SigningFailed> {
    let mut token = message(secret.header(), payload, ClientSecret::SIGNATURE_BYTES)?;
    secret.sign(&mut token)?;
    String::from_utf8(token).map_err(|_| SigningFailed)
}

/// What is signed, with just the room that the rest of the token takes: tokens are written in place.
fn message(header: &Header, payload: &[u8], signature_bytes: usize) -> Result<Vec<u8>, SigningFailed> {
    let Header(header) = header;
    let rest = digits(payload.len())?.saturating_add(digits(signature_bytes)?).saturating_add(1);
    let mut token = Vec::with_capacity(header.len().saturating_add(rest));
    token.extend_from_slice(header.as_bytes());
    append(payload, &mut token)?;
    Ok(token)
}

/// Appends the last part.
pub(super) fn finish(token: &mut Vec<u8>, signature: &[u8]) -> Result<(), SigningFailed> {
    token.push(b'.');
    append(signature, token)
}
