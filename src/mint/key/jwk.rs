//! A private key as a JWK (RFC 7517, RFC 7518 section 6, RFC 8037 section 2).

use std::sync::Arc;

use aws_lc_rs::rsa::{KeyPairComponents, PublicKeyComponents};
use aws_lc_rs::signature::{EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair};
use zeroize::Zeroize as _;

use super::super::jwk::{Jwk, foreign_curve};
use super::super::{Algorithm, SetupError, bits};
use super::{ClientSecret, Key, Signer, SigningKey, check_rsa_bits, choose, curve};
use crate::value::{JsonLimits, Value};

pub(super) fn read(text: &[u8], asked: Option<Algorithm>) -> Result<Key, SetupError> {
    // The reader's messages may quote a character of the text, which is a secret.
    let mut value = Value::parse_json(text, JsonLimits::default()).map_err(|_| {
        SetupError::new("the JWK is malformed JSON or has a member twice", "write one JSON object (RFC 7517)")
    })?;
    let key = from_value(&value, asked);
    wipe(&mut value);
    key
}

/// Overwrites the texts of a value that nobody else holds.
fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some(text) = Arc::get_mut(text) {
                text.zeroize();
            }
        }
        Value::List(items) => Arc::get_mut(items).into_iter().flatten().for_each(wipe),
        Value::Object(members) => {
            Arc::get_mut(members).into_iter().flat_map(|members| members.values_mut()).for_each(wipe);
        }
        _ => {}
    }
}

fn from_value(value: &Value, asked: Option<Algorithm>) -> Result<Key, SetupError> {
    let jwk = Jwk::new(value)?;
    let asked = jwk.algorithm(asked)?;
    jwk.check_use("sign")?;
    match jwk.text("kty")? {
        "RSA" => rsa(&jwk, asked).map(Key::Signing),
        "EC" => ec(&jwk, asked).map(Key::Signing),
        "OKP" => ed(&jwk, asked).map(Key::Signing),
        "oct" => {
            choose(asked, &[Algorithm::Hs256], "a secret")?;
            ClientSecret::new(&jwk.bytes("k")?).map(Key::Secret)
        }
        _ => {
            Err(SetupError::new("`kty` of the JWK is not known", "give a key with `kty` RSA, EC, OKP or oct"))
        }
    }
}

fn rsa(jwk: &Jwk<'_>, asked: Option<Algorithm>) -> Result<SigningKey, SetupError> {
    let modulus = jwk.number("n")?;
    check_rsa_bits(bits(&modulus))?;
    let algorithm = choose(asked, &[Algorithm::Rs256, Algorithm::Ps256], "an RSA key")?;
    check_private(jwk)?;
    if jwk.has("oth") {
        return Err(SetupError::new("the RSA key has more than two primes", "give a key with two primes"));
    }
    let components = KeyPairComponents {
        public_key: PublicKeyComponents { n: modulus, e: jwk.number("e")? },
        d: jwk.bytes("d")?,
        p: jwk.bytes("p")?,
        q: jwk.bytes("q")?,
        dP: jwk.bytes("dp")?,
        dQ: jwk.bytes("dq")?,
        qInv: jwk.bytes("qi")?,
    };
    let pair = RsaKeyPair::from_components(&components).map_err(|_| contradictory())?;
    SigningKey::of(Signer::Rsa(pair), algorithm)
}

fn ec(jwk: &Jwk<'_>, asked: Option<Algorithm>) -> Result<SigningKey, SetupError> {
    let (own, what) = match jwk.text("crv")? {
        "P-256" => (Algorithm::Es256, "a P-256 key"),
        "P-384" => (Algorithm::Es384, "a P-384 key"),
        _ => return Err(foreign_curve("P-256 or P-384")),
    };
    let algorithm = choose(asked, &[own], what)?;
    check_private(jwk)?;
    let mut point = vec![4];
    point.extend_from_slice(&jwk.bytes("x")?);
    point.extend_from_slice(&jwk.bytes("y")?);
    let pair = curve(algorithm)
        .zip(Some(jwk.bytes("d")?))
        .and_then(|(curve, d)| EcdsaKeyPair::from_private_key_and_public_key(curve, &d, &point).ok());
    SigningKey::of(Signer::Ec(pair.ok_or_else(contradictory)?), algorithm)
}

fn ed(jwk: &Jwk<'_>, asked: Option<Algorithm>) -> Result<SigningKey, SetupError> {
    if jwk.text("crv")? != "Ed25519" {
        return Err(foreign_curve("Ed25519"));
    }
    let algorithm = choose(asked, &[Algorithm::EdDsa], "an Ed25519 key")?;
    check_private(jwk)?;
    let pair = Ed25519KeyPair::from_seed_and_public_key(&jwk.bytes("d")?, &jwk.bytes("x")?);
    SigningKey::of(Signer::Ed(pair.map_err(|_| contradictory())?), algorithm)
}

fn check_private(jwk: &Jwk<'_>) -> Result<(), SetupError> {
    if jwk.has("d") {
        return Ok(());
    }
    Err(SetupError::new("the JWK has only the public part", "give the private key that belongs to it"))
}

fn contradictory() -> SetupError {
    SetupError::new("the numbers of the JWK are broken or contradict each other", "write the JWK again")
}
