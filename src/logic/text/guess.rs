//! Texts that suggest themselves: what the true literals ask for, written one behind the other, or a word.
//!
//! A guess is tried on all literals before it is believed, so a bad one costs time and nothing else.

use super::search::Length;
use super::{TextPattern, TextStep, TextTest, chars_of};

/// What stands where nothing is asked for.
const FILLERS: [&str; 4] = ["", "a", "b", "c"];

/// What true literals ask of a text, or of its domain.
#[derive(Default)]
struct Asked<'a> {
    word: Option<&'a str>,
    prefix: &'a str,
    parts: Vec<&'a str>,
    suffix: &'a str,
    /// Whether anything is asked.
    any: bool,
}

impl<'a> Asked<'a> {
    fn add(&mut self, pattern: &'a TextPattern) {
        self.any = true;
        match pattern {
            TextPattern::Equals(word) => self.word = Some(word),
            TextPattern::StartsWith(part) if part.len() > self.prefix.len() => self.prefix = part,
            TextPattern::EndsWith(part) if part.len() > self.suffix.len() => self.suffix = part,
            TextPattern::Contains(part) => self.parts.push(part),
            _ => {}
        }
    }

    /// Beginning and middle; what is there already is not written again.
    fn body(&self) -> String {
        let mut body = self.prefix.to_owned();
        for part in &self.parts {
            if !body.contains(part) && !self.suffix.contains(part) {
                body.push_str(part);
            }
        }
        body
    }

    /// What is asked, as a domain behind an `@` and before what the text shall end with.
    fn as_host(&self, suffix: &str) -> String {
        let filler = match self.body() {
            _ if !self.suffix.is_empty() => "",
            body if body.is_empty() => "other.example",
            body if body.ends_with('.') => "example",
            _ => "",
        };
        let host = self.word.map_or_else(|| self.text(filler, self.suffix), str::to_owned);
        if host.ends_with(suffix) { format!("@{host}") } else { format!("@{host}{suffix}") }
    }

    fn text(&self, filler: &str, suffix: &str) -> String {
        let mut body = self.body();
        if filler.is_empty() && body.ends_with(suffix) {
            return body;
        }
        body.push_str(filler);
        body.push_str(suffix);
        body
    }
}

/// Texts to try, the best first; there is at least one. Some more where so many are to be avoided.
pub(super) fn guesses(literals: &[(&TextTest, bool)], length: Length, avoided: usize) -> Vec<String> {
    let (mut text, mut host) = (Asked::default(), Asked::default());
    for (test, _) in literals.iter().filter(|(test, wanted)| *wanted && test.bound().is_none()) {
        match test.steps.first() {
            Some(TextStep::Domain) => host.add(&test.pattern),
            _ => text.add(&test.pattern),
        }
    }
    if let Some(word) = text.word {
        return vec![word.to_owned()];
    }
    let mut out = Vec::new();
    let mut suffix = text.suffix.to_owned();
    if host.any && !suffix.contains('@') {
        suffix = host.as_host(text.suffix);
    }
    if text.any || host.any {
        let fillers = FILLERS.into_iter().filter(|filler| !(filler.is_empty() && suffix.starts_with('@')));
        out.extend(fillers.map(|filler| text.text(filler, &suffix)));
    }
    // An empty text fits, if at all, only where a reader sees nothing.
    out.retain(|text| !text.is_empty());
    out.push(text.text("other", &suffix));
    out.extend((2..avoided.saturating_add(8)).map(|number| text.text(&format!("other{number}"), &suffix)));
    out.extend(["a", "b", "0"].map(|filler| text.text(filler, &suffix)));
    out.extend(padded(&text, &suffix, length));
    out
}

/// The longest that is as short as the literals allow, where they ask for length.
fn padded(asked: &Asked<'_>, suffix: &str, length: Length) -> Option<String> {
    let bare = asked.text("", suffix);
    let missing = length.at_least.checked_sub(chars_of(&bare)).filter(|missing| *missing > 0)?;
    // Longer ones are not for readers.
    let missing = usize::try_from(missing).ok().filter(|missing| *missing <= 1 << 16)?;
    Some(asked.text(&"a".repeat(missing), suffix))
}
