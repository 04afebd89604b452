//! What both versions contribute to something, by what it is: where the same is contributed, nothing differs.

use std::collections::BTreeMap;

use crate::logic::formula::{Formula, Formulas};

/// Where the old version contributes something, and where the new one does.
#[derive(Debug)]
pub(super) struct Contributions<K> {
    by_key: BTreeMap<K, (Formula, Formula)>,
}

impl<K: Ord + Clone> Contributions<K> {
    pub(super) fn new() -> Self {
        Contributions { by_key: BTreeMap::new() }
    }

    pub(super) fn add(&mut self, f: &mut Formulas, is_new: bool, key: K, when: Formula) {
        let (old, new) = self.by_key.entry(key).or_insert((Formula::FALSE, Formula::FALSE));
        let side = if is_new { new } else { old };
        *side = f.either(*side, when);
    }

    /// What is not plainly contributed alike: the key, where only the old version does, where only the new one does.
    pub(super) fn differing(&self, f: &mut Formulas) -> Vec<(K, Formula, Formula)> {
        let unlike = self.by_key.iter().filter(|(_, (old, new))| old != new);
        unlike.map(|(key, (old, new))| (key.clone(), f.both(*old, !*new), f.both(*new, !*old))).collect()
    }

    /// Everything that the old version contributes, or that the new one does.
    pub(super) fn of(&self, is_new: bool) -> impl Iterator<Item = (&K, Formula)> {
        self.by_key.iter().map(move |(key, (old, new))| (key, if is_new { *new } else { *old }))
    }
}
