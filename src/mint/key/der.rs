//! As much of DER (ITU-T X.690) as tells what a private key is. The cryptography reads the key itself.

use super::super::{SetupError, bits};

const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const OBJECT_ID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const CONTEXT_0: u8 = 0xa0;

/// What kind of key an encoding holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// With the bits of its modulus.
    Rsa(usize),
    P256,
    P384,
    Ed25519,
}

/// A stretch of elements, read from the front.
struct Elements<'a>(&'a [u8]);

impl<'a> Elements<'a> {
    /// The contents of the next element, if it has this tag.
    fn next(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (&found, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81..=0x84 => {
                let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                (length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
            }
            _ => return None,
        };
        let (contents, rest) = rest.split_at_checked(length)?;
        if found != tag {
            return None;
        }
        self.0 = rest;
        Some(contents)
    }

    fn sequence(&mut self) -> Option<Elements<'a>> {
        self.next(SEQUENCE).map(Elements)
    }

    /// A whole number that is not negative, without leading zeros.
    fn number(&mut self) -> Option<&'a [u8]> {
        let bytes = self.next(INTEGER)?;
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        bytes.get(zeros..)
    }
}

/// RFC 5208 section 5, RFC 5958 section 2: version, algorithm, key.
pub(super) fn pkcs8(der: &[u8]) -> Result<Kind, SetupError> {
    let (algorithm, parameters, key) = pkcs8_parts(der).ok_or_else(broken)?;
    match algorithm {
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1] => pkcs1(key),
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10] => {
            Err(foreign("a key that only RSASSA-PSS with its own parameters may use (RFC 4055)"))
        }
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1] => {
            curve(Elements(parameters).next(OBJECT_ID).ok_or_else(broken)?)
        }
        [0x2b, 0x65, 0x70] => Ok(Kind::Ed25519),
        [0x2b, 0x65, 0x71] => Err(foreign("an Ed448 key")),
        [0x2b, 0x65, 0x6e | 0x6f] => {
            Err(foreign("a key for key agreement (X25519 or X448), which cannot sign"))
        }
        [0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1] => Err(foreign("a DSA key")),
        _ => Err(foreign("a key of another kind")),
    }
}

fn pkcs8_parts(der: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let mut info = Elements(der).sequence()?;
    info.number()?;
    let mut algorithm = info.sequence()?;
    let id = algorithm.next(OBJECT_ID)?;
    Some((id, algorithm.0, info.next(OCTET_STRING)?))
}

/// RFC 8017 appendix A.1.2: version, modulus, and the rest.
pub(super) fn pkcs1(der: &[u8]) -> Result<Kind, SetupError> {
    let modulus = || {
        let mut key = Elements(der).sequence()?;
        key.number()?;
        key.number()
    };
    modulus().map(|bytes| Kind::Rsa(bits(bytes))).ok_or_else(broken)
}

/// RFC 5915 section 3: version, key, curve.
pub(super) fn sec1(der: &[u8]) -> Result<Kind, SetupError> {
    let id = || {
        let mut key = Elements(der).sequence()?;
        key.number()?;
        key.next(OCTET_STRING)?;
        Elements(key.next(CONTEXT_0)?).next(OBJECT_ID)
    };
    curve(id().ok_or_else(broken)?)
}

fn curve(id: &[u8]) -> Result<Kind, SetupError> {
    match id {
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7] => Ok(Kind::P256),
        [0x2b, 0x81, 4, 0, 34] => Ok(Kind::P384),
        [0x2b, 0x81, 4, 0, 35] => Err(foreign("a key on the curve P-521")),
        [0x2b, 0x81, 4, 0, 10] => Err(foreign("a key on the curve secp256k1")),
        _ => Err(foreign("a key on another curve")),
    }
}

/// The private parts of an RSA key in PKCS#8, in the order d, p, q, dP, dQ, qInv (RFC 8017 appendix A.1.2).
pub(super) fn rsa_private_parts(der: &[u8]) -> Option<[&[u8]; 6]> {
    let (_, _, key) = pkcs8_parts(der)?;
    let mut key = Elements(key).sequence()?;
    for _version_and_public_part in 0..3 {
        key.number()?;
    }
    let mut parts: [&[u8]; 6] = [&[]; 6];
    for part in &mut parts {
        *part = key.number()?;
    }
    Some(parts)
}

fn broken() -> SetupError {
    SetupError::new(
        "the contents of the PEM block are broken or of another kind than its label says",
        "write the key again, as with `openssl pkey`",
    )
}

fn foreign(what: &str) -> SetupError {
    SetupError::new(format!("this is {what}"), "give an RSA, P-256, P-384 or Ed25519 key")
}
