//! A key set (RFC 7517 section 5), and whether it verifies a token.
//!
//! A token chooses neither key nor algorithm: its header says which one it claims, and only a key of the set that is
//! for just that algorithm counts. Keys that a token brings along are never looked at.

use std::fmt;
use std::sync::Arc;

use super::{Algorithm, ClientSecret, Key, PublicKey, SetupError, SignedToken};
use crate::value::{JsonLimits, Object, Value};

/// The largest key set that is read, in bytes.
pub const MAX_KEY_SET_BYTES: usize = 1 << 20;
/// Keys of a set. A token without `kid` is tried with each.
const MAX_KEYS: usize = 256;

/// Keys that verify tokens.
pub struct KeySet {
    keys: Vec<Entry>,
    /// A file with nothing but the secret of one client.
    secret: Option<ClientSecret>,
}

struct Entry {
    id: Option<Arc<str>>,
    jwk: Value,
}

/// What verified a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// The key id; a secret has none.
    pub key: Option<Arc<str>>,
}

/// Why a token is not verified. Quotes nothing but its header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotVerified {
    /// Whether that is so whatever the keys are.
    pub is_final: bool,
    message: String,
    help: String,
}

impl NotVerified {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        NotVerified { is_final: false, message: message.into(), help: help.into() }
    }

    fn whatever_the_key(message: impl Into<String>, help: impl Into<String>) -> Self {
        NotVerified { is_final: true, ..NotVerified::new(message, help) }
    }

    /// The fact: lower case, without a period.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do: one imperative sentence.
    pub fn help(&self) -> &str {
        &self.help
    }
}

impl KeySet {
    /// Reads a key set, one public key or one client's secret, as JSON of at most [`MAX_KEY_SET_BYTES`]. Keys that
    /// cannot be used are an error only for tokens that need them: a set may hold keys for others.
    ///
    /// # Errors
    /// What is no key set, is too large, or has a private key or, among others, a secret.
    pub fn read(text: &[u8]) -> Result<Self, SetupError> {
        if text.len() > MAX_KEY_SET_BYTES {
            return Err(SetupError::new(
                format!("the key set has {} bytes, and none with more than 1 MiB is read", text.len()),
                "give the key set of one issuer",
            ));
        }
        if text.trim_ascii_start().starts_with(b"-----BEGIN") {
            return Err(SetupError::new(
                "this is PEM, not a key set",
                "give what the issuer serves at its `jwks_uri`; `claimsc keys jwks` makes a set of keys of your own",
            ));
        }
        let limits = JsonLimits { depth: 16, bytes: MAX_KEY_SET_BYTES };
        let value = Value::parse_json(text, limits).map_err(|error| {
            SetupError::new(
                format!("the key set is no JSON: {} (byte {})", error.message, error.offset),
                "give what the issuer serves at its `jwks_uri`",
            )
        })?;
        let Some(keys) = value.get("keys") else { return KeySet::of_one(text, &value) };
        let keys = keys.as_list().ok_or_else(|| {
            SetupError::new(
                "`keys` of the key set is not a list",
                "write a key set as RFC 7517 section 5 has it",
            )
        })?;
        if keys.len() > MAX_KEYS {
            return Err(SetupError::new(
                format!("the key set has {} keys, more than {MAX_KEYS}", keys.len()),
                "give the key set of one issuer",
            ));
        }
        if keys.iter().any(|key| kind(key) == Some("oct")) {
            return Err(SetupError::new(
                "the key set publishes a secret: everybody who reads it can sign tokens",
                "take keys with `kty` `oct` out of it, and replace those secrets",
            ));
        }
        if keys.iter().any(is_private) {
            return Err(SetupError::new(
                "the key set publishes a private key: everybody who reads it can sign tokens",
                "replace that key, and make key sets with `claimsc keys jwks`",
            ));
        }
        Ok(KeySet { keys: keys.iter().map(Entry::of).collect(), secret: None })
    }

    fn of_one(text: &[u8], value: &Value) -> Result<Self, SetupError> {
        match kind(value) {
            Some("oct") => {
                let secret = match Key::read(text, None)? {
                    Key::Secret(secret) => Some(secret),
                    Key::Signing(_) => None,
                };
                Ok(KeySet { keys: Vec::new(), secret })
            }
            Some(_) if is_private(value) => Err(SetupError::new(
                "this is a private key, and its public part is enough to verify tokens",
                "make a key set of it with `claimsc keys jwks`",
            )),
            Some(_) => Ok(KeySet { keys: vec![Entry::of(value)], secret: None }),
            None => Err(SetupError::new(
                "this is no key set: it has no `keys`",
                "give what the issuer serves at its `jwks_uri` (RFC 7517 section 5)",
            )),
        }
    }

    /// The keys of a set that was made here.
    pub fn of_keys<'k>(keys: impl IntoIterator<Item = &'k PublicKey>) -> Self {
        KeySet { keys: keys.into_iter().map(|key| Entry::of(&key.to_jwk())).collect(), secret: None }
    }

    /// Verifies the signature of a token, and nothing else of it: neither times nor issuer nor audience.
    ///
    /// # Errors
    /// A token without signature, with `crit`, of an unknown algorithm or key, with a key for another algorithm, and a
    /// signature that does not fit.
    pub fn verify(&self, token: &SignedToken) -> Result<Verified, NotVerified> {
        let algorithm = algorithm(token)?;
        if algorithm == Algorithm::Hs256 {
            return self.verify_shared(token);
        }
        if self.secret.is_some() {
            return Err(NotVerified::new(
                format!("the token says {algorithm}, and the secret of a client verifies HS256 only"),
                "give the issuer's key set",
            ));
        }
        let mut refused = None;
        let mut tried = 0;
        for entry in self.candidates(token)? {
            match PublicKey::read_jwk(&entry.jwk, Some(algorithm)) {
                Ok(key) if key.verifies(token.message(), token.signature()) => {
                    let id = entry.id.clone().unwrap_or_else(|| key.id().clone());
                    return Ok(Verified { algorithm, key: Some(id) });
                }
                Ok(_) => tried += 1,
                Err(error) => refused = Some(error),
            }
        }
        Err(match (tried, refused) {
            (0, Some(error)) => NotVerified::new(
                format!(
                    "the token says {algorithm}, and no key that it can mean is for that: {}",
                    error.message()
                ),
                "give the key set of the issuer that the token names",
            ),
            (0, None) => {
                NotVerified::new("the key set has no keys", "give what the issuer serves at its `jwks_uri`")
            }
            _ => NotVerified::new(
                "the signature does not fit: the token was altered, or another key signed it",
                "refuse the token; if it is yours, fetch the issuer's key set again",
            ),
        })
    }

    /// The keys that a token may be signed with.
    fn candidates(&self, token: &SignedToken) -> Result<Vec<&Entry>, NotVerified> {
        let Some(id) = token.header().get("kid") else { return Ok(self.keys.iter().collect()) };
        let id = id.as_str().ok_or_else(|| {
            NotVerified::new("`kid` of the token is not a text (RFC 7515 section 4.1.4)", "refuse the token")
        })?;
        let named: Vec<&Entry> = self.keys.iter().filter(|entry| entry.is_named(id)).collect();
        if named.is_empty() {
            return Err(NotVerified::new(
                format!("no key of the set has the key id `{id}`"),
                "fetch the key set again: keys are replaced, and another issuer has others",
            ));
        }
        Ok(named)
    }

    fn verify_shared(&self, token: &SignedToken) -> Result<Verified, NotVerified> {
        let Some(secret) = &self.secret else {
            return Err(NotVerified::new(
                "the token says HS256, and public keys are no secrets: whoever has read them could have signed it so \
                 (RFC 8725 section 2.1)",
                "refuse the token; if it is an ID token of a confidential client, give that client's secret as a JWK",
            ));
        };
        if secret.verifies(token.message(), token.signature()) {
            return Ok(Verified { algorithm: Algorithm::Hs256, key: None });
        }
        Err(NotVerified::new(
            "the signature does not fit: the token was altered, or another secret signed it",
            "refuse the token; if it is yours, check which client it is for",
        ))
    }
}

/// Shows no keys.
impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeySet({} keys{})", self.keys.len(), if self.secret.is_some() { ", a secret" } else { "" })
    }
}

impl Entry {
    fn of(jwk: &Value) -> Self {
        Entry { id: jwk.get("kid").and_then(Value::as_str).map(Arc::from), jwk: jwk.clone() }
    }

    /// By `kid`, or by thumbprint where the key has none.
    fn is_named(&self, id: &str) -> bool {
        match &self.id {
            Some(own) => **own == *id,
            None => PublicKey::from_jwk(&self.jwk).is_ok_and(|key| **key.id() == *id),
        }
    }
}

impl SignedToken {
    /// Whether the token says that it is signed, in a way that can be verified here; not whether it is.
    ///
    /// # Errors
    /// `crit`, no signature, an unknown algorithm.
    pub fn check_signed(&self) -> Result<(), NotVerified> {
        algorithm(self).map(drop)
    }
}

/// Whether a JWK has its private part (RFC 7518 section 6, RFC 8037 section 2).
fn is_private(jwk: &Value) -> bool {
    jwk.get("d").is_some()
}

fn kind(jwk: &Value) -> Option<&str> {
    jwk.get("kty").and_then(Value::as_str)
}

/// The algorithm that a token claims, if it can be verified at all.
fn algorithm(token: &SignedToken) -> Result<Algorithm, NotVerified> {
    let header: &Object = token.header();
    if let Some(critical) = header.get("crit") {
        let names: Vec<&str> =
            critical.as_list().unwrap_or_default().iter().filter_map(Value::as_str).collect();
        return Err(NotVerified::whatever_the_key(
            format!(
                "`crit` of the header demands extensions that are not understood here: {} (RFC 7515 section 4.1.11)",
                if names.is_empty() { "a malformed list".to_owned() } else { names.join(", ") }
            ),
            "refuse the token, unless whom it is for knows these extensions",
        ));
    }
    let Some(word) = token.header_text("alg") else {
        return Err(NotVerified::whatever_the_key(
            "the header has no text `alg` (RFC 7515 section 4.1.1), so nothing says how the token is signed",
            "refuse the token",
        ));
    };
    if word.eq_ignore_ascii_case("none") {
        return Err(NotVerified::whatever_the_key(
            "`alg` is `none`: the token is not signed, so anybody can have written it",
            "refuse the token (RFC 8725 section 3.2)",
        ));
    }
    let algorithm = Algorithm::parse(word).ok_or_else(|| {
        NotVerified::new(
            format!("`{word}` is no algorithm that is verified here"),
            "verify the token with the library of the API; RS256, PS256, ES256, ES384, EdDSA and HS256 are verified here",
        )
    })?;
    if token.signature().is_empty() {
        return Err(NotVerified::whatever_the_key("the signature is missing", "refuse the token"));
    }
    Ok(algorithm)
}
