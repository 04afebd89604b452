//! "Did you mean": the known word that is most like a misspelt one.

/// Words longer than this are not compared; nobody misspells them by accident.
const MAX_LENGTH: usize = 64;

/// The candidate that is most like a word, if one is like it at all. Case counts little; of equally similar ones the
/// first in order of bytes.
///
/// ```
/// assert_eq!(claimsc::suggest::similar("emial", ["name", "email"]), Some("email"));
/// assert_eq!(claimsc::suggest::similar("phone", ["name", "email"]), None);
/// ```
pub fn similar<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    if word.len() > MAX_LENGTH {
        return None;
    }
    let lower = word.to_ascii_lowercase();
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= MAX_LENGTH)
        .map(|candidate| {
            let other = candidate.to_ascii_lowercase();
            let score = if other == lower { 2.0 } else { strsim::jaro_winkler(&lower, &other) };
            // Case decides between words that differ in nothing else.
            (candidate, other, score + strsim::jaro_winkler(word, candidate) / 1e3)
        })
        .filter(|(_, other, score)| {
            *score > 0.85 || strsim::damerau_levenshtein(&lower, other) <= word.chars().count().div_ceil(4)
        })
        .max_by(|(a, _, x), (b, _, y)| x.total_cmp(y).then_with(|| b.cmp(a)))
        .map(|(candidate, ..)| candidate)
}
