//! The members of a JWK (RFC 7517), private or public.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::{Algorithm, SetupError};
use crate::value::Value;

/// A JWK whose members are read by name. Messages name members and never quote them.
pub(super) struct Jwk<'a> {
    value: &'a Value,
}

impl<'a> Jwk<'a> {
    pub(super) fn new(value: &'a Value) -> Result<Self, SetupError> {
        if value.as_object().is_none() {
            return Err(SetupError::new("the JWK is not an object", "write one JSON object (RFC 7517)"));
        }
        if value.get("keys").is_some() {
            return Err(SetupError::new(
                "this is a JWK set, so which key signs would be a guess",
                "give one of its keys by itself",
            ));
        }
        Ok(Jwk { value })
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.value.get(name).is_some()
    }

    pub(super) fn text(&self, name: &str) -> Result<&'a str, SetupError> {
        self.value.get(name).and_then(Value::as_str).ok_or_else(|| {
            SetupError::new(
                format!("`{name}` of the JWK is missing or no text"),
                "write the JWK again, with all members of RFC 7518 section 6",
            )
        })
    }

    pub(super) fn bytes(&self, name: &str) -> Result<Zeroizing<Vec<u8>>, SetupError> {
        let decoded = URL_SAFE_NO_PAD.decode(self.text(name)?);
        decoded.map(Zeroizing::new).map_err(|_| {
            SetupError::new(
                format!("`{name}` of the JWK is not base64url without padding (RFC 7515 section 2)"),
                "write the JWK again",
            )
        })
    }

    /// A public number, without leading zeros.
    pub(super) fn number(&self, name: &str) -> Result<Vec<u8>, SetupError> {
        let bytes = self.bytes(name)?;
        Ok(bytes.iter().copied().skip_while(|byte| *byte == 0).collect())
    }

    /// The algorithm that the key states or was asked for. Both have to be the same.
    pub(super) fn algorithm(&self, asked: Option<Algorithm>) -> Result<Option<Algorithm>, SetupError> {
        let Some(stated) = self.value.get("alg") else { return Ok(asked) };
        let stated = stated.as_str().unwrap_or_default();
        if stated == "none" {
            return Err(SetupError::new(
                "`alg` of the JWK is `none`, and tokens without a signature are not made",
                "give a key for RS256, PS256, ES256, ES384 or EdDSA",
            ));
        }
        let Some(stated) = Algorithm::parse(stated) else {
            return Err(SetupError::new(
                "`alg` of the JWK is not one that claimsc signs with",
                "give a key for RS256, PS256, ES256, ES384, EdDSA or HS256",
            ));
        };
        match asked {
            Some(asked) if asked != stated => Err(SetupError::new(
                format!("`alg` of the JWK is {stated}, not {asked}"),
                "give another key: one key signs with one algorithm (RFC 8725 section 3.1)",
            )),
            _ => Ok(Some(stated)),
        }
    }

    /// Whether the key may be used for an operation of RFC 7517 section 4.3.
    pub(super) fn check_use(&self, operation: &str) -> Result<(), SetupError> {
        if self.value.get("use").is_some_and(|one| one.as_str() != Some("sig")) {
            return Err(SetupError::new("`use` of the JWK is not `sig`", "give a key for signatures"));
        }
        let operations = self.value.get("key_ops");
        let lists = |operations: &Value| {
            operations.as_list().is_some_and(|all| all.iter().any(|one| one.as_str() == Some(operation)))
        };
        if operations.is_some_and(|operations| !lists(operations)) {
            return Err(SetupError::new(
                format!("`key_ops` of the JWK does not list `{operation}`"),
                "give a key for signatures",
            ));
        }
        Ok(())
    }
}

pub(super) fn foreign_curve(known: &str) -> SetupError {
    SetupError::new(format!("`crv` of the JWK is not {known}"), "give an RSA, P-256, P-384 or Ed25519 key")
}
