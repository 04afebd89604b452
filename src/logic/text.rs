//! The theory of strings: given tests of one string, some true and some false, a string that fits them or the proof that
//! there is none.
//!
//! Each test is a regular language of UTF-8 texts. [`holds`](TextTest::holds) decides a test for one text with plain
//! string functions, as the evaluator does; `machine` decides it byte by byte, as an automaton; `search` walks the
//! product of automata. The two opinions are independent: a text is given only if `holds` agrees with every literal, and
//! "none" means that a finite product was walked to its end.
//!
//! Nothing is known here of policies: what the string is and who tests it is the caller's business.

use std::borrow::Cow;
use std::sync::Arc;

use regex::Regex;

use crate::builtins::{compile_regex, compile_whole_regex};

mod find;
mod guess;
mod implied;
mod machine;
mod patterns;
mod search;
mod stage;

#[cfg(test)]
mod tests;

pub use find::find;
pub use implied::implies;
pub use patterns::Automata;

/// A test of a string.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TextTest {
    /// What is taken from the string, the first step first. Where a step has no value, the test is false.
    pub steps: Vec<TextStep>,
    /// What is asked of it.
    pub pattern: TextPattern,
    /// Whether the case of ASCII letters plays no role. Regular expressions and lengths are as they are.
    pub fold: bool,
}

/// Something that is taken from a string. Letters outside ASCII keep their case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TextStep {
    /// The letters A to Z in lower case.
    Lower,
    /// The letters a to z in upper case.
    Upper,
    /// What follows the last `@`, in lower case. No value without `@`, or with nothing behind it.
    Domain,
    /// Without the six ASCII blanks at both ends.
    Trim,
    /// The first so many code points; all if there are fewer.
    Take(u64),
    /// One side of a part that is looked for.
    Cut {
        /// Which part and which side.
        cut: TextCut,
        /// What is looked for.
        part: Arc<str>,
        /// Whether the case of ASCII letters plays no role in looking for it.
        fold: bool,
    },
}

/// Where a string is cut, and which side of it remains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TextCut {
    /// What follows the prefix; no value if the string does not start so.
    AfterPrefix,
    /// What follows the prefix; the string itself if it does not start so.
    StripPrefix,
    /// What precedes the suffix; no value if the string does not end so.
    BeforeSuffix,
    /// What precedes the suffix; the string itself if it does not end so.
    StripSuffix,
    /// What precedes the first occurrence; no value without one.
    Before,
    /// What follows the first occurrence; no value without one.
    After,
    /// What precedes the last occurrence; no value without one.
    BeforeLast,
    /// What follows the last occurrence; no value without one.
    AfterLast,
}

/// What is asked of a string.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TextPattern {
    /// It is this.
    Equals(Arc<str>),
    /// It starts so.
    StartsWith(Arc<str>),
    /// It ends so.
    EndsWith(Arc<str>),
    /// This occurs in it.
    Contains(Arc<str>),
    /// The regular expression, in the language's dialect, describes all of it.
    Matches(Arc<str>),
    /// The regular expression, in the language's dialect, describes some stretch of it.
    Finds(Arc<str>),
    /// It has at most so many code points.
    AtMost(u64),
    /// It is there: all steps have a value.
    Exists,
}

/// What strings there are at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextWorld {
    /// How many code points a string has at most. Of no meaning where `words` are given.
    pub max_chars: u64,
    /// The only strings, if they are enumerated.
    pub words: Option<Arc<[Arc<str>]>>,
}

/// An answer of [`find`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A text that fits all literals.
    Text(String),
    /// There is none; the literals at these places, in ascending order, suffice to exclude every string of the world.
    None(Vec<usize>),
    /// The budget is spent, or a test has too many steps or too large a regular expression for an automaton.
    Unknown,
}

impl TextTest {
    /// Whether the test is true of a text. A regular expression that does not compile describes no text.
    pub fn holds(&self, text: &str) -> bool {
        self.holds_with(text, |whole, source| compile(whole, source))
    }

    /// The same with regular expressions from elsewhere.
    fn holds_with(&self, text: &str, regex: impl FnOnce(bool, &Arc<str>) -> Option<Arc<Regex>>) -> bool {
        let Some(text) = taken(&self.steps, text) else { return false };
        let fitted = |part: &Arc<str>, fits: fn(&str, &str) -> bool| {
            if self.fold {
                fits(&text.to_ascii_lowercase(), &part.to_ascii_lowercase())
            } else {
                fits(&text, part)
            }
        };
        match &self.pattern {
            TextPattern::Equals(word) => fitted(word, |text, word| text == word),
            TextPattern::StartsWith(part) => fitted(part, |text, part| text.starts_with(part)),
            TextPattern::EndsWith(part) => fitted(part, |text, part| text.ends_with(part)),
            TextPattern::Contains(part) => fitted(part, |text, part| text.contains(part)),
            TextPattern::Matches(source) => regex(true, source).is_some_and(|regex| regex.is_match(&text)),
            TextPattern::Finds(source) => regex(false, source).is_some_and(|regex| regex.is_match(&text)),
            TextPattern::AtMost(chars) => chars_of(&text) <= *chars,
            TextPattern::Exists => true,
        }
    }

    /// The bound that the test puts on the number of code points of the string itself, if that is all it does.
    fn bound(&self) -> Option<u64> {
        let kept = |step: &TextStep| matches!(step, TextStep::Lower | TextStep::Upper);
        match self.pattern {
            TextPattern::AtMost(chars) if self.steps.iter().all(kept) => Some(chars),
            _ => None,
        }
    }
}

/// How many code points a text has.
fn chars_of(text: &str) -> u64 {
    u64::try_from(text.chars().count()).unwrap_or(u64::MAX)
}

/// The language's regular expression, searched for or describing the whole.
fn compile(whole: bool, source: &str) -> Option<Arc<Regex>> {
    let compiled = if whole { compile_whole_regex(source) } else { compile_regex(source) };
    compiled.ok()
}

/// What the steps take from a text.
fn taken<'a>(steps: &[TextStep], text: &'a str) -> Option<Cow<'a, str>> {
    let mut text = Cow::Borrowed(text);
    for step in steps {
        text = Cow::Owned(step.taken(&text)?);
    }
    Some(text)
}

impl TextStep {
    /// What the step takes from a text; `None` where it has no value.
    pub fn taken(&self, text: &str) -> Option<String> {
        match self {
            TextStep::Lower => Some(text.to_ascii_lowercase()),
            TextStep::Upper => Some(text.to_ascii_uppercase()),
            TextStep::Domain => {
                let (_, domain) = text.rsplit_once('@')?;
                (!domain.is_empty()).then(|| domain.to_ascii_lowercase())
            }
            TextStep::Trim => Some(text.trim_matches(BLANKS.map(char::from)).to_owned()),
            TextStep::Take(chars) => {
                Some(text.chars().take(usize::try_from(*chars).unwrap_or(usize::MAX)).collect())
            }
            TextStep::Cut { cut, part, fold: true } => {
                // Changing the case of ASCII letters keeps all places.
                let range = cut.kept(&text.to_ascii_lowercase(), &part.to_ascii_lowercase())?;
                text.get(range).map(str::to_owned)
            }
            TextStep::Cut { cut, part, fold: false } => text.get(cut.kept(text, part)?).map(str::to_owned),
        }
    }
}

/// What `trim` takes away.
const BLANKS: [u8; 6] = [b' ', b'\t', b'\n', 0x0b, 0x0c, b'\r'];

impl TextCut {
    /// Where in the text the side that remains stands.
    fn kept(self, text: &str, part: &str) -> Option<std::ops::Range<usize>> {
        let after = |at: usize| at + part.len()..text.len();
        match self {
            TextCut::AfterPrefix => text.starts_with(part).then(|| after(0)),
            TextCut::StripPrefix => Some(if text.starts_with(part) { after(0) } else { 0..text.len() }),
            TextCut::BeforeSuffix => text.strip_suffix(part).map(|rest| 0..rest.len()),
            TextCut::StripSuffix => Some(0..text.strip_suffix(part).unwrap_or(text).len()),
            TextCut::Before => text.find(part).map(|at| 0..at),
            TextCut::After => text.find(part).map(after),
            TextCut::BeforeLast => text.rfind(part).map(|at| 0..at),
            TextCut::AfterLast => text.rfind(part).map(after),
        }
    }
}
