//! Looks at the bytes of a text, eight at a time.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Whether a test marks any byte. It gets eight bytes of the text as one word, some of them perhaps twice and in no order,
/// and sets the highest bit of each byte that it marks, of others only behind a marked one.
#[expect(clippy::inline_always, reason = "what it looks for is known where it is called")]
#[inline(always)]
pub(crate) fn is_any_marked(text: &[u8], marks: impl Fn(u64) -> u64) -> bool {
    let is_marked = |word: u64| marks(word) & HIGH != 0;
    let half = |half: &[u8; 4]| u64::from(u32::from_le_bytes(*half));
    match (text.last_chunk::<8>(), text.first_chunk::<4>(), text.last_chunk::<4>()) {
        (Some(last), _, _) => {
            let (words, _) = text.as_chunks::<8>();
            is_marked(u64::from_le_bytes(*last))
                || words.iter().any(|word| is_marked(u64::from_le_bytes(*word)))
        }
        (None, Some(first), Some(last)) => is_marked(half(first) << 32 | half(last)),
        _ => match (text.first(), text.get(text.len() / 2), text.last()) {
            // Of three bytes at most, these are all.
            (Some(first), Some(middle), Some(last)) => {
                let [first, middle, last] = [*first, *middle, *last].map(u64::from);
                is_marked(ONES.wrapping_mul(first) & !0xffff | middle << 8 | last)
            }
            _ => false,
        },
    }
}

/// Marks the bytes below a limit of at most 128.
#[inline]
pub(crate) fn below(word: u64, limit: u8) -> u64 {
    word.wrapping_sub(ONES.wrapping_mul(u64::from(limit))) & !word
}

/// Marks the bytes that are this one.
#[inline]
pub(crate) fn is(word: u64, byte: u8) -> u64 {
    below(word ^ ONES.wrapping_mul(u64::from(byte)), 1)
}

/// Marks the bytes that are above 127.
#[inline]
pub(crate) fn beyond(word: u64) -> u64 {
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_of_every_length_is_looked_at() {
        for len in 0..40 {
            let plain = vec![b'a'; len];
            for test in [|word| below(word, 0x20), |word| is(word, b'"'), beyond] {
                assert!(!is_any_marked(&plain, test));
            }
            for place in 0..len {
                for byte in 0..=255 {
                    let mut text = plain.clone();
                    text[place] = byte;
                    assert_eq!(is_any_marked(&text, |word| below(word, 0x20)), byte < 0x20, "{text:?}");
                    assert_eq!(is_any_marked(&text, |word| is(word, b'"')), byte == b'"', "{text:?}");
                    assert_eq!(is_any_marked(&text, beyond), byte > 127, "{text:?}");
                }
            }
        }
    }
}
