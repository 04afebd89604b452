//! A hash table for pairs of texts that are known when it is filled: one hash over both, no allocation to look up.
//! The names are those of the policy, so nobody from outside can make them collide.

/// Pairs of texts with a number each.
pub(crate) struct Table<T> {
    entries: Vec<(String, String, T)>,
    /// Places in `entries`, from one on; zero is free. A power of two, at most half full.
    slots: Vec<u32>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Table { entries: Vec::new(), slots: Vec::new() }
    }
}

impl<T: Copy> Table<T> {
    pub(crate) fn insert(&mut self, first: &str, second: &str, value: T) {
        self.entries.push((first.to_owned(), second.to_owned(), value));
        let wanted = (self.entries.len() * 2).next_power_of_two();
        if wanted == self.slots.len() {
            self.file(self.entries.len() - 1);
        } else {
            self.slots = vec![0; wanted];
            (0..self.entries.len()).for_each(|entry| self.file(entry));
        }
    }

    fn file(&mut self, entry: usize) {
        let mask = self.slots.len() - 1;
        let (first, second, _) = &self.entries[entry];
        let mut slot = hash(first, second) & mask;
        while self.slots[slot] != 0 {
            slot = (slot + 1) & mask;
        }
        self.slots[slot] = u32::try_from(entry + 1).expect("fewer than 2^32 entries");
    }

    #[inline]
    pub(crate) fn get(&self, first: &str, second: &str) -> Option<T> {
        if self.slots.is_empty() {
            return None;
        }
        let mask = self.slots.len() - 1;
        let mut slot = hash(first, second) & mask;
        loop {
            let entry = (self.slots[slot] as usize).checked_sub(1)?;
            let (a, b, value) = &self.entries[entry];
            if a == first && b == second {
                return Some(*value);
            }
            slot = (slot + 1) & mask;
        }
    }
}

/// Eight bytes at a time, multiplied and folded.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "it is a hash")]
fn hash(first: &str, second: &str) -> usize {
    let mut hash = 0x51_7c_c1_b7_27_22_0a_95_u64;
    for text in [first, second] {
        let (words, rest) = text.as_bytes().as_chunks::<8>();
        for word in words {
            hash = fold(hash ^ u64::from_le_bytes(*word));
        }
        let mut last = rest.len() as u64;
        for byte in rest {
            last = last << 8 | u64::from(*byte);
        }
        hash = fold(hash ^ last);
    }
    (hash ^ (hash >> 32)) as usize
}

#[inline]
fn fold(hash: u64) -> u64 {
    hash.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23)
}
