//! Looks at the bytes of a text, eight or sixteen at a time.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Bytes that are looked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bytes {
    /// All below this one, which is at most 128.
    pub(crate) below: u8,
    /// All above this one; none if it is 255, and at most 127 otherwise.
    pub(crate) above: u8,
    /// These.
    pub(crate) those: [u8; 2],
}

impl Bytes {
    /// Whether any of them stands in a text.
    #[expect(clippy::inline_always, reason = "what is looked for is known where it is called")]
    #[inline(always)]
    pub(crate) fn is_any_in(self, text: &[u8]) -> bool {
        // Some bytes may be looked at twice.
        match (text.first_chunk::<8>(), text.last_chunk::<8>(), text.last_chunk::<16>()) {
            (_, _, Some(last)) if text.len() > 16 => self.is_any_of(last) || self.is_any_among(text),
            (Some(first), Some(last), _) => {
                (self.marked(u64::from_le_bytes(*first)) | self.marked(u64::from_le_bytes(*last))) & HIGH != 0
            }
            _ => match (text.first_chunk::<4>(), text.last_chunk::<4>()) {
                (Some(first), Some(last)) => {
                    let [first, last] = [first, last].map(|half| u64::from(u32::from_le_bytes(*half)));
                    self.marked(first | last << 32) & HIGH != 0
                }
                _ => text.iter().any(|byte| self.has(*byte)),
            },
        }
    }

    fn is_any_among(self, text: &[u8]) -> bool {
        let (blocks, _) = text.as_chunks::<16>();
        blocks.iter().any(|block| self.is_any_of(block))
    }

    /// The same for a block: without a way out in the middle, the compiler compares all bytes at once.
    #[inline]
    fn is_any_of(self, block: &[u8; 16]) -> bool {
        block.iter().fold(false, |is_any, byte| is_any | self.has(*byte))
    }

    #[inline]
    fn has(self, byte: u8) -> bool {
        let [one, other] = self.those;
        byte < self.below || byte > self.above || byte == one || byte == other
    }

    /// Eight bytes with the highest bit of each that is looked for set; of others only behind one of those.
    #[inline]
    fn marked(self, word: u64) -> u64 {
        let below = |word: u64, limit: u8| word.wrapping_sub(ONES.wrapping_mul(u64::from(limit))) & !word;
        let is = |byte: u8| below(word ^ ONES.wrapping_mul(u64::from(byte)), 1);
        let above = match self.above {
            255 => 0,
            above => word.wrapping_add(ONES.wrapping_mul(u64::from(127_u8.saturating_sub(above)))) | word,
        };
        let [one, other] = self.those;
        below(word, self.below) | above | is(one) | is(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_of_every_length_is_looked_at() {
        let sets = [(0x20, 255, *b"\"\\"), (b'!', b'~', *b"\"\\"), (0, 127, *b"bb"), (0, 255, *b"xy")];
        for (below, above, those) in sets {
            let set = Bytes { below, above, those };
            for len in 0..70 {
                let plain = vec![b'a'; len];
                assert!(!set.is_any_in(&plain));
                for place in 0..len {
                    for byte in 0..=255 {
                        let mut text = plain.clone();
                        text[place] = byte;
                        let expected = byte < below || byte > above || those.contains(&byte);
                        assert_eq!(set.is_any_in(&text), expected, "{set:?} {text:?}");
                    }
                }
            }
        }
    }
}
