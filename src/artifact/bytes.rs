//! Bytes that are read from front to back, and numbers in them.
//!
//! Numbers are LEB128: seven bits a byte, the lowest first, with the highest bit where another byte follows. Each number
//! has one form: a last byte of zero is refused.

use super::Fault;

/// A place in some bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Self {
        Cursor { bytes, at }
    }

    /// The offset of the next byte.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn go_to(&mut self, at: usize) {
        self.at = at;
    }

    /// How many bytes follow.
    pub(super) fn left(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    #[inline]
    pub(super) fn byte(&mut self) -> Option<u8> {
        let byte = self.bytes.get(self.at).copied()?;
        self.at += 1;
        Some(byte)
    }

    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(count)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    #[inline]
    pub(super) fn number(&mut self) -> Option<u64> {
        let first = self.byte()?;
        if first < 0x80 { Some(u64::from(first)) } else { self.long_number(first) }
    }

    fn long_number(&mut self, first: u8) -> Option<u64> {
        let mut number = u64::from(first & 0x7f);
        for shift in (7..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return None;
            }
            number |= bits << shift;
            if byte < 0x80 {
                return (byte != 0).then_some(number);
            }
        }
        None
    }

    /// The same with a fault where there is no number.
    #[inline]
    pub(super) fn expect_number(&mut self) -> Result<u64, Fault> {
        self.number().ok_or(Fault::Number)
    }

    /// A number of things of which each takes at least one byte.
    pub(super) fn expect_count(&mut self) -> Result<usize, Fault> {
        let count = usize::try_from(self.expect_number()?).unwrap_or(usize::MAX);
        if count <= self.left() { Ok(count) } else { Err(Fault::Count) }
    }

    pub(super) fn expect_bytes(&mut self, count: usize) -> Result<&'a [u8], Fault> {
        self.take(count).ok_or(Fault::CutOff)
    }
}

/// Appends a number.
#[cfg(feature = "compiler")]
pub(super) fn put_number(to: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        to.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    to.push(number.to_le_bytes()[0]);
}

/// A signed number as one that is small where it is near zero.
#[cfg(feature = "compiler")]
pub(super) fn zigzag(number: i64) -> u64 {
    (number.cast_unsigned() << 1) ^ (number >> 63).cast_unsigned()
}

/// The signed number again.
pub(super) fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -((number & 1).cast_signed())
}

#[cfg(feature = "compiler")]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_has_one_form() {
        for number in [0, 1, 127, 128, 300, u64::from(u32::MAX), 1 << 62, u64::MAX] {
            let mut bytes = Vec::new();
            put_number(&mut bytes, number);
            let mut cursor = Cursor::new(&bytes, 0);
            assert_eq!((cursor.number(), cursor.left()), (Some(number), 0));
        }
        for malformed in [&[0x80, 0][..], &[0x80], &[], &[0xff; 10], &[0x80; 12]] {
            assert_eq!(Cursor::new(malformed, 0).number(), None, "{malformed:?}");
        }
    }

    #[test]
    fn signed_numbers() {
        for number in [0, -1, 1, -64, 64, i64::MIN, i64::MAX] {
            assert_eq!(unzigzag(zigzag(number)), number);
        }
        assert_eq!(zigzag(-1), 1);
    }
}
