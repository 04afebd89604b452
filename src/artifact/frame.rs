//! What stands around the content of an artifact: what it is, which versions it is of, its checksum and its signature.
//!
//! ```text
//! bytes  what
//!     8  `claimsb` and a zero
//!     2  version of the format         all numbers: least significant byte first
//!     2  version of the language
//!     4  length of the content
//!    32  SHA-256 of everything but itself and the signature
//!     n  the content
//!  rest  the signature, if there is one: a JWS in compact form (RFC 7515 section 7.1)
//! ```

use sha2::{Digest as _, Sha256};

use super::error::{LoadError, Refused};
use crate::catalog::LANGUAGE;

/// How every artifact begins.
pub const MAGIC: [u8; 8] = *b"claimsb\0";
/// The version of the format that this release writes and reads. It changes with every change of what is written.
pub(super) const FORMAT: u16 = 1;
/// Where the checksum stands.
const CHECKSUM: usize = 16;
/// Where the content starts.
pub(super) const CONTENT: usize = 48;
/// Bytes of a signature: several times what any key makes.
const MAX_SIGNATURE: usize = 8 << 10;

/// An artifact, taken apart.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame<'a> {
    /// Everything but the signature.
    pub(crate) signed: &'a [u8],
    /// The checksum as it is computed.
    pub(crate) checksum: [u8; 32],
    /// The signature, if there is one.
    pub(crate) signature: Option<&'a str>,
}

impl Frame<'_> {
    /// Takes an artifact apart and holds it against its checksum.
    pub(crate) fn open(bytes: &[u8]) -> Result<Frame<'_>, LoadError> {
        let cut_off = |at| {
            LoadError::new(
                Refused::Truncated,
                format!("the artifact is cut off: it has {} bytes", bytes.len()),
                "copy the whole file, or build it again with `claimsc build`",
            )
            .at(at)
        };
        let start = bytes.get(..MAGIC.len()).unwrap_or(bytes);
        if start != MAGIC.get(..start.len()).unwrap_or_default() || start.is_empty() {
            return Err(LoadError::new(
                Refused::NotAnArtifact,
                "this is no artifact: it does not begin with `claimsb`",
                "give a file that `claimsc build` has written",
            )
            .at(0));
        }
        let (Some([_, _, _, _, _, _, _, _, f0, f1, l0, l1, n0, n1, n2, n3]), Some(stated)) =
            (bytes.first_chunk::<CHECKSUM>(), bytes.get(CHECKSUM..CONTENT))
        else {
            return Err(cut_off(bytes.len()));
        };
        check_versions(u16::from_le_bytes([*f0, *f1]), u16::from_le_bytes([*l0, *l1]))?;
        let end = usize::try_from(u32::from_le_bytes([*n0, *n1, *n2, *n3]))
            .ok()
            .and_then(|length| CONTENT.checked_add(length))
            .ok_or_else(|| cut_off(12))?;
        let (signed, rest) = bytes.split_at_checked(end).ok_or_else(|| cut_off(bytes.len()))?;
        let checksum = digest(signed);
        if stated != checksum {
            return Err(LoadError::new(
                Refused::Checksum,
                "the artifact is damaged: its SHA-256 checksum does not fit",
                "copy the file again, or build it again with `claimsc build`",
            )
            .at(CHECKSUM));
        }
        let signature = match rest {
            [] => None,
            rest => Some(signature(rest).ok_or_else(|| {
                let what = "what follows the content is no signature";
                LoadError::new(Refused::Malformed, what, "build it again with `claimsc build`").at(end)
            })?),
        };
        Ok(Frame { signed, checksum, signature })
    }
}

fn check_versions(format: u16, language: u16) -> Result<(), LoadError> {
    if format != FORMAT {
        return Err(LoadError::new(
            Refused::Version,
            format!("the artifact has format version {format}, and this claimsc reads {FORMAT}"),
            "build it again with the release of claimsc that loads it",
        )
        .at(8));
    }
    if i64::from(language) != LANGUAGE {
        return Err(LoadError::new(
            Refused::Version,
            format!("the policy is written in language {language}, and this claimsc knows {LANGUAGE}"),
            "load it with a release that knows this language",
        )
        .at(10));
    }
    Ok(())
}

fn signature(rest: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(rest).ok()?;
    let is_compact = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (text.len() <= MAX_SIGNATURE && text.bytes().all(is_compact)).then_some(text)
}

/// Puts a frame around content.
#[cfg(feature = "compiler")]
pub(super) fn close(content: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(content.len()).ok()?;
    let language = u16::try_from(LANGUAGE).ok()?;
    let mut bytes = Vec::with_capacity(CONTENT + content.len());
    bytes.extend(MAGIC);
    bytes.extend(FORMAT.to_le_bytes());
    bytes.extend(language.to_le_bytes());
    bytes.extend(length.to_le_bytes());
    bytes.extend([0; CONTENT - CHECKSUM]);
    bytes.extend(content);
    let checksum = digest(&bytes);
    bytes.splice(CHECKSUM..CONTENT, checksum);
    Some(bytes)
}

/// SHA-256 (FIPS 180-4) of an artifact without signature, its checksum left out.
fn digest(signed: &[u8]) -> [u8; 32] {
    let (head, content) = signed.split_at_checked(CONTENT).unwrap_or((signed, &[]));
    Sha256::new().chain_update(head.get(..CHECKSUM).unwrap_or(head)).chain_update(content).finalize().into()
}
