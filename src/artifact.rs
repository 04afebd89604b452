//! A policy to bytes and back, so that a server loads it without the compiler.
//!
//! [`Compilation::artifact`](crate::Compilation::artifact) writes one, `SigningKey::sign_artifact` signs it, and
//! [`Policy::from_artifact`](crate::Policy::from_artifact) loads it. May assume nothing about the bytes: everything in
//! them is checked before any of it is used, whatever checksum and signature say, so that no bytes can make the loader or
//! the evaluator panic, run on without end, or take more memory than a multiple of their length. The same policy gives the
//! same bytes on every machine.

mod bytes;
mod catalog;
mod checker;
mod error;
mod expr;
mod frame;
mod packed;
mod parts;
mod pool;
mod reader;
mod store;
mod types;
mod unit;
mod value;
mod wire;
#[cfg(feature = "compiler")]
mod writer;

use std::sync::Arc;

use error::Fault;
pub use error::{LoadError, Refused};
pub(crate) use frame::Frame;
pub use frame::MAGIC;
use packed::Packed;
pub(crate) use store::Store;

#[cfg(feature = "compiler")]
use crate::eval::Dispatch;
#[cfg(feature = "compiler")]
use crate::ir::Unit;
use crate::source::Sources;

/// Whose artifacts are loaded.
#[derive(Clone, Copy)]
pub enum Trust<'k> {
    /// Everybody's: who may write the file is settled elsewhere.
    Anybody,
    /// Those with the signature of a key that these keys verify.
    SignedBy(&'k dyn Signers),
}

/// Keys that verify artifacts.
pub trait Signers {
    /// Checks a signature over a SHA-256 digest, and says which key made it.
    ///
    /// # Errors
    /// A signature that no key has made, or about other bytes.
    fn verify(&self, signature: &str, sha256: &[u8; 32]) -> Result<Arc<str>, LoadError>;
}

/// Writes an artifact, and checks it as it will be checked when it is loaded.
#[cfg(feature = "compiler")]
pub(crate) fn write(
    unit: &Unit,
    dispatch: &Arc<Dispatch>,
    fingerprint: &str,
    sources: &Sources,
) -> Result<Vec<u8>, LoadError> {
    let content = packed::write(unit, dispatch, fingerprint, sources);
    let bytes = frame::close(&content).ok_or_else(|| {
        LoadError::new(
            Refused::Malformed,
            "the policy is larger than 4 GiB",
            "split it into several policies",
        )
    })?;
    match Artifact::read(&bytes[..], Trust::Anybody) {
        Ok(_) => Ok(bytes),
        Err(error) => Err(error.of_a_build()),
    }
}

/// A checked artifact.
#[derive(Debug, Clone)]
pub struct Artifact {
    packed: Arc<Packed>,
    signed_by: Option<Arc<str>>,
}

impl Artifact {
    /// Checks an artifact and reads what all of its statements share. The rest stays in these bytes.
    ///
    /// # Errors
    /// What is no artifact, of another version, damaged, malformed, or not signed as demanded.
    pub fn read(bytes: impl Into<Vec<u8>>, trust: Trust<'_>) -> Result<Self, LoadError> {
        let mut bytes = bytes.into();
        let Frame { signed, checksum, signature } = Frame::open(&bytes)?;
        let signed_by = match (trust, signature) {
            (Trust::Anybody, _) => None,
            (Trust::SignedBy(keys), Some(signature)) => Some(keys.verify(signature, &checksum)?),
            (Trust::SignedBy(_), None) => {
                return Err(LoadError::new(
                    Refused::Unsigned,
                    "the artifact is not signed, and a signature is demanded",
                    "sign it with `claimsc build --key`",
                ));
            }
        };
        let length = signed.len();
        bytes.truncate(length);
        Ok(Artifact { packed: Arc::new(Packed::open(bytes)?), signed_by })
    }

    /// The policy's fingerprint, as `claimsc fingerprint` prints it: of what was built.
    pub fn fingerprint(&self) -> &str {
        self.packed.fingerprint()
    }

    /// How many statements it has.
    pub fn statements(&self) -> usize {
        self.packed.statements()
    }

    /// The id of the key that has signed it, where a signature was demanded.
    pub fn signed_by(&self) -> Option<&str> {
        self.signed_by.as_deref()
    }

    /// The texts that it was built of, which places refer to.
    pub fn sources(&self) -> Sources {
        self.packed.sources()
    }

    pub(crate) fn store(self) -> Store {
        Store::Packed(self.packed)
    }
}

/// The samples of the page about artifacts are executed with those of this room.
#[cfg(all(feature = "compiler", feature = "mint"))]
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../docs/artifacts.md")]
    struct Artifacts;
}

#[cfg(test)]
mod loading_tests;
#[cfg(feature = "compiler")]
#[cfg(test)]
mod tests;
