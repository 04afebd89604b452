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

/// Signs the bytes of a payload, and puts the token in the place of what there was.
pub(super) fn sign(
    key: &SigningKey,
    kind: Kind,
    payload: &[u8],
    place: &mut String,
) -> Result<(), SigningFailed> {
    let mut token = std::mem::take(place).into_bytes();
    write_message(key.header(kind), payload, key.signature_bytes(), &mut token)?;
    key.sign(&mut token)?;
    *place = String::from_utf8(token).map_err(|_| SigningFailed)?;
    Ok(())
}

/// The same with the bytes of an ID token's payload and the secret of its client.
pub(super) fn sign_shared(
    secret: &ClientSecret,
    payload: &[u8],
    place: &mut String,
) -> Result<(), SigningFailed> {
    let mut token = std::mem::take(place).into_bytes();
    write_message(secret.header(), payload, ClientSecret::SIGNATURE_BYTES, &mut token)?;
    secret.sign(&mut token)?;
    *place = String::from_utf8(token).map_err(|_| SigningFailed)?;
    Ok(())
}

/// What is signed, with just the room that the rest of the token takes: tokens are written in place.
fn write_message(
    header: &Header,
    payload: &[u8],
    signature_bytes: usize,
    token: &mut Vec<u8>,
) -> Result<(), SigningFailed> {
    let Header(header) = header;
    let rest = digits(payload.len())?.saturating_add(digits(signature_bytes)?).saturating_add(1);
    token.clear();
    token.reserve_exact(header.len().saturating_add(rest));
    token.extend_from_slice(header.as_bytes());
    append(payload, token)
}

/// Appends the last part.
pub(super) fn finish(token: &mut Vec<u8>, signature: &[u8]) -> Result<(), SigningFailed> {
    token.push(b'.');
    append(signature, token)
}
