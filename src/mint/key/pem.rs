//! A private key as PEM (RFC 7468).

use aws_lc_rs::signature::{EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::super::{Algorithm, SetupError};
use super::der::{self, Kind};
use super::{Signer, SigningKey, check_rsa_bits, choose, curve};

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

pub(super) fn read(text: &[u8], asked: Option<Algorithm>) -> Result<SigningKey, SetupError> {
    let text = std::str::from_utf8(text).map_err(|_| unknown())?;
    let (label, der) = block(text)?;
    let kind = match label {
        "PRIVATE KEY" => der::pkcs8(&der),
        "RSA PRIVATE KEY" => der::pkcs1(&der),
        "EC PRIVATE KEY" => der::sec1(&der),
        _ => Err(unusable(label)),
    }?;
    let rejected = |_| {
        SetupError::new("the numbers of the key are broken or contradict each other", "write the key again")
    };
    match kind {
        Kind::Rsa(bits) => {
            check_rsa_bits(bits)?;
            let algorithm = choose(asked, &[Algorithm::Rs256, Algorithm::Ps256], "an RSA key")?;
            let pair = if label == "PRIVATE KEY" {
                RsaKeyPair::from_pkcs8(&der)
            } else {
                RsaKeyPair::from_der(&der)
            };
            SigningKey::of(Signer::Rsa(pair.map_err(rejected)?), algorithm)
        }
        Kind::P256 => ec(asked, Algorithm::Es256, "a P-256 key", &der),
        Kind::P384 => ec(asked, Algorithm::Es384, "a P-384 key", &der),
        Kind::Ed25519 => {
            let algorithm = choose(asked, &[Algorithm::EdDsa], "an Ed25519 key")?;
            SigningKey::of(Signer::Ed(Ed25519KeyPair::from_pkcs8(&der).map_err(rejected)?), algorithm)
        }
    }
}

fn ec(asked: Option<Algorithm>, own: Algorithm, what: &str, der: &[u8]) -> Result<SigningKey, SetupError> {
    let algorithm = choose(asked, &[own], what)?;
    let pair = curve(algorithm).and_then(|curve| EcdsaKeyPair::from_private_key_der(curve, der).ok());
    let pair = pair.ok_or_else(|| {
        SetupError::new("the numbers of the key are broken or contradict each other", "write the key again")
    })?;
    SigningKey::of(Signer::Ec(pair), algorithm)
}

/// Label and contents of the only block.
fn block(text: &str) -> Result<(&str, Zeroizing<Vec<u8>>), SetupError> {
    let count = text.lines().filter(|line| line.starts_with(BEGIN)).count();
    if count > 1 {
        return Err(SetupError::new(
            format!("the PEM text has {count} blocks, so which one signs would be a guess"),
            "leave one private key in it, without certificates and parameters",
        ));
    }
    let (_, rest) = text.split_once(BEGIN).ok_or_else(unknown)?;
    let (label, rest) = rest.split_once(DASHES).ok_or_else(cut)?;
    let (body, rest) = rest.split_once(END).ok_or_else(cut)?;
    if rest.split_once(DASHES).is_none_or(|(end, _)| end != label) {
        return Err(cut());
    }
    if body.contains("ENCRYPTED") {
        return Err(encrypted());
    }
    let digits: Zeroizing<String> = Zeroizing::new(body.split_ascii_whitespace().collect());
    let der = STANDARD.decode(digits.as_bytes()).map_err(|_| cut())?;
    Ok((label, Zeroizing::new(der)))
}

fn unknown() -> SetupError {
    SetupError::new(
        "the text is neither PEM nor a JWK",
        "give one private key as PEM (RFC 7468) or JWK (RFC 7517)",
    )
}

fn cut() -> SetupError {
    SetupError::new(
        "the PEM block is cut off or damaged",
        "copy the whole block, with its first and last line",
    )
}

fn encrypted() -> SetupError {
    SetupError::new("the private key is encrypted", "decrypt it first, as with `openssl pkey -in FILE`")
}

/// A block that holds no private key that can be used.
fn unusable(label: &str) -> SetupError {
    match label {
        "ENCRYPTED PRIVATE KEY" => encrypted(),
        "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => SetupError::new(
            "this is a certificate, which holds no private key",
            "give the private key that belongs to it",
        ),
        "PUBLIC KEY" | "RSA PUBLIC KEY" => SetupError::new(
            "this is a public key, which cannot sign",
            "give the private key that belongs to it",
        ),
        "OPENSSH PRIVATE KEY" => SetupError::new(
            "this is a key of OpenSSH, in a format of its own",
            "write it as PKCS#8, as with `ssh-keygen -p -m PKCS8`",
        ),
        _ => SetupError::new(
            "the PEM block is no private key",
            "give a block `PRIVATE KEY`, `RSA PRIVATE KEY` or `EC PRIVATE KEY`",
        ),
    }
}
