//! Bytes to base64url without padding (RFC 7515 section 2), written where they are to stand.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::NO_PAD;

use super::SigningFailed;

/// Uses what the processor has for it, which is looked up once. The claims of a token are long enough for that to matter.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
static ENGINE: LazyLock<base64::engine::Simd> = LazyLock::new(|| base64::engine::Simd::url_safe(NO_PAD));
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
static ENGINE: LazyLock<base64::engine::GeneralPurpose> =
    LazyLock::new(|| base64::engine::GeneralPurpose::new(&base64::alphabet::URL_SAFE, NO_PAD));

/// How many digits so many bytes have.
pub(super) fn digits(bytes: usize) -> Result<usize, SigningFailed> {
    base64::encoded_len(bytes, false).ok_or(SigningFailed)
}

/// Room for the digits of 32 bytes.
pub(super) const SHORT: usize = 43;

/// The digits of at most 32 bytes.
pub(super) fn short<'p>(bytes: &[u8], place: &'p mut [u8; SHORT]) -> Result<&'p str, SigningFailed> {
    let written = ENGINE.encode_slice(bytes, place).map_err(|_| SigningFailed)?;
    let digits = place.get(..written).ok_or(SigningFailed)?;
    std::str::from_utf8(digits).map_err(|_| SigningFailed)
}

/// Appends the digits of some bytes.
pub(super) fn append(bytes: &[u8], out: &mut Vec<u8>) -> Result<(), SigningFailed> {
    let start = out.len();
    out.resize(start.saturating_add(digits(bytes.len())?), 0);
    let place = out.get_mut(start..).ok_or(SigningFailed)?;
    match ENGINE.encode_slice(bytes, place) {
        Ok(written) if written == place.len() => Ok(()),
        _ => Err(SigningFailed),
    }
}
