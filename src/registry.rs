//! All diagnostics that the compiler can give, for `explain`, for the documentation and for the tests that hold them
//! to their pages.

use crate::diag::Code;

pub mod compilation;
pub mod files;

/// One line per room; checks bring their own.
static ROOMS: &[&[&Code]] = &[
    files::CODES,
    crate::syntax::codes::CODES,
    crate::catalog::codes::CODES,
    crate::lower::codes::CODES,
    compilation::CODES,
    crate::eval::codes::CODES,
    crate::builtins::codes::CODES,
];

/// The families: the first two digits of a code, and what the family is about.
pub static FAMILIES: &[(&str, &str)] = &[
    ("C00", "Files and limits"),
    ("C01", "Syntax"),
    ("C02", "Names"),
    ("C03", "Types and presence"),
    ("C04", "Claim names and namespaces"),
    ("C05", "Conflicts"),
    ("C06", "Reach, `ensure` and contracts"),
    ("C07", "Privacy and size"),
    ("C08", "Tests"),
    ("C09", "Evaluation"),
    ("C10", "The catalog, claims.yaml"),
];

/// All codes, sorted.
pub fn all() -> Vec<&'static Code> {
    let mut all: Vec<_> = ROOMS
        .iter()
        .copied()
        .chain(crate::check::CHECKS.iter().map(|check| check.codes))
        .chain(crate::analysis::ANALYSES.iter().map(|analysis| analysis.codes))
        .flat_map(|room| room.iter().copied())
        .collect();
    all.sort_by_key(|code| code.code);
    all
}

/// The codes of one family, such as `C03`, sorted.
pub fn family(prefix: &str) -> Vec<&'static Code> {
    all().into_iter().filter(|code| code.code.starts_with(prefix)).collect()
}

/// The kind of diagnostic that a code or slug names; case does not matter.
pub fn find(word: &str) -> Option<&'static Code> {
    all()
        .into_iter()
        .find(|code| code.code.eq_ignore_ascii_case(word) || code.slug.eq_ignore_ascii_case(word))
}

/// The codes whose code or slug is most like a word that names none; the best first, at most three.
pub fn similar(word: &str) -> Vec<&'static Code> {
    let word = word.to_ascii_lowercase();
    let distance = |name: &str| strsim::damerau_levenshtein(&word, &name.to_ascii_lowercase());
    let mut ranked: Vec<_> = all()
        .into_iter()
        .map(|code| (distance(code.code).min(distance(code.slug)), code))
        .filter(|(distance, code)| *distance <= 2.max(word.len() / 4) || code.slug.contains(&word))
        .collect();
    ranked.sort_by_key(|(distance, code)| (*distance, code.code));
    ranked.into_iter().map(|(_, code)| code).take(3).collect()
}

/// The fact that a page states: the sentence below its heading.
pub fn fact(code: &Code) -> &'static str {
    code.page.lines().skip(1).find(|line| !line.trim().is_empty()).unwrap_or_default()
}
