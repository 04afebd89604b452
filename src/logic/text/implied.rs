//! What one true test says about another, seen from their texts alone.

use std::borrow::Cow;

use super::{Automata, TextPattern, TextStep, TextTest, chars_of};

/// Whether the truth of one test decides another one of the same string, in every world. `None` says nothing: it may
/// decide it nevertheless.
pub fn implies(a: &TextTest, b: &TextTest) -> Option<bool> {
    Automata::default().implies(a, b)
}

impl Automata {
    /// As [`implies`](super::implies), with regular expressions that were prepared for earlier questions.
    pub fn implies(&mut self, a: &TextTest, b: &TextTest) -> Option<bool> {
        if a == b {
            return Some(true);
        }
        if let TextPattern::Equals(word) = &a.pattern
            && a.steps.is_empty()
            && (!a.fold || is_blind(b) || !word.bytes().any(|byte| byte.is_ascii_alphabetic()))
        {
            return Some(self.holds(b, word));
        }
        // A test that has a value tells as much of each beginning of its steps.
        if b.pattern == TextPattern::Exists && a.steps.starts_with(&b.steps) {
            return Some(true);
        }
        if a.steps == b.steps {
            return same_text(a, b);
        }
        self.hosts(a, b)
    }

    /// One test is about the domain of the text that the other is about: `email.domain = "a.example"` and
    /// `email.ends_with("@a.example")`.
    fn hosts(&mut self, a: &TextTest, b: &TextTest) -> Option<bool> {
        let text = |pattern| TextTest { steps: Vec::new(), pattern, fold: true };
        match (a.steps.as_slice(), b.steps.as_slice()) {
            ([TextStep::Domain], []) => {
                let suffix = match &a.pattern {
                    TextPattern::Equals(host) => format!("@{host}"),
                    TextPattern::EndsWith(host) => host.to_string(),
                    _ => return None,
                };
                same_text(&text(TextPattern::EndsWith(suffix.into())), b)
            }
            ([], [TextStep::Domain]) => {
                let (TextPattern::Equals(end) | TextPattern::EndsWith(end)) = &a.pattern else { return None };
                let (_, host) = end.rsplit_once('@')?;
                let host = TextTest {
                    steps: Vec::new(),
                    pattern: TextPattern::Equals(host.to_ascii_lowercase().into()),
                    fold: false,
                };
                let asked = TextTest { steps: Vec::new(), ..b.clone() };
                if end.ends_with('@') { Some(false) } else { self.implies(&host, &asked) }
            }
            _ => None,
        }
    }
}

/// Whether the case of ASCII letters plays no role in a test.
fn is_blind(test: &TextTest) -> bool {
    match test.steps.first() {
        Some(TextStep::Lower | TextStep::Upper | TextStep::Domain) => return true,
        Some(_) => return false,
        None => {}
    }
    match test.pattern {
        TextPattern::AtMost(_) | TextPattern::Exists => true,
        TextPattern::Matches(_) | TextPattern::Finds(_) => false,
        _ => test.fold,
    }
}

/// What is known of a text: it begins and ends so, contains this, or is this.
struct Known<'a> {
    prefix: &'a str,
    suffix: &'a str,
    part: &'a str,
    word: Option<&'a str>,
}

impl<'a> Known<'a> {
    fn of(pattern: &'a TextPattern) -> Option<Self> {
        let unknown = Known { prefix: "", suffix: "", part: "", word: None };
        Some(match pattern {
            TextPattern::Equals(word) => Known { prefix: word, suffix: word, part: word, word: Some(word) },
            TextPattern::StartsWith(part) => Known { prefix: part, part, ..unknown },
            TextPattern::EndsWith(part) => Known { suffix: part, part, ..unknown },
            TextPattern::Contains(part) => Known { part, ..unknown },
            _ => return None,
        })
    }

    /// What is known of the pattern, where case plays a role or none.
    fn tells(&self, pattern: &TextPattern) -> Option<bool> {
        let known = |yes: bool, no: bool| {
            if yes {
                Some(true)
            } else if no {
                Some(false)
            } else {
                None
            }
        };
        match pattern {
            TextPattern::Equals(word) => {
                let fits =
                    word.starts_with(self.prefix) && word.ends_with(self.suffix) && word.contains(self.part);
                known(self.word == Some(word), self.word.is_some() || !fits)
            }
            TextPattern::StartsWith(part) => {
                known(self.prefix.starts_with(&**part), self.word.is_some() || !part.starts_with(self.prefix))
            }
            TextPattern::EndsWith(part) => {
                known(self.suffix.ends_with(&**part), self.word.is_some() || !part.ends_with(self.suffix))
            }
            TextPattern::Contains(part) => known(self.part.contains(&**part), self.word.is_some()),
            TextPattern::AtMost(most) => {
                let chars = chars_of(self.part);
                known(self.word.is_some() && chars <= *most, chars > *most)
            }
            TextPattern::Matches(_) | TextPattern::Finds(_) | TextPattern::Exists => None,
        }
    }
}

/// Both tests are about the same text.
fn same_text(a: &TextTest, b: &TextTest) -> Option<bool> {
    if let TextPattern::AtMost(most) = a.pattern {
        return bounded(most, &b.pattern);
    }
    let folded = a.fold || b.fold;
    let (known, asked) = (lowered(&a.pattern, folded), lowered(&b.pattern, folded));
    let told = Known::of(&known)?.tells(&asked)?;
    // Texts that agree but for their case may still differ; those that do not agree so differ.
    let exact = !a.fold || b.fold || matches!(b.pattern, TextPattern::AtMost(_)) || is_caseless(&b.pattern);
    (exact || !told).then_some(told)
}

/// What the length alone says.
fn bounded(most: u64, pattern: &TextPattern) -> Option<bool> {
    match pattern {
        TextPattern::AtMost(other) => (most <= *other).then_some(true),
        TextPattern::Equals(part)
        | TextPattern::StartsWith(part)
        | TextPattern::EndsWith(part)
        | TextPattern::Contains(part) => (chars_of(part) > most).then_some(false),
        TextPattern::Matches(_) | TextPattern::Finds(_) | TextPattern::Exists => None,
    }
}

fn is_caseless(pattern: &TextPattern) -> bool {
    match pattern {
        TextPattern::Equals(part)
        | TextPattern::StartsWith(part)
        | TextPattern::EndsWith(part)
        | TextPattern::Contains(part) => !part.bytes().any(|byte| byte.is_ascii_alphabetic()),
        _ => false,
    }
}

/// The pattern with its text in lower case, if case plays no role.
fn lowered(pattern: &TextPattern, folded: bool) -> Cow<'_, TextPattern> {
    let lower = |part: &str| part.to_ascii_lowercase().into();
    if !folded {
        return Cow::Borrowed(pattern);
    }
    Cow::Owned(match pattern {
        TextPattern::Equals(part) => TextPattern::Equals(lower(part)),
        TextPattern::StartsWith(part) => TextPattern::StartsWith(lower(part)),
        TextPattern::EndsWith(part) => TextPattern::EndsWith(lower(part)),
        TextPattern::Contains(part) => TextPattern::Contains(lower(part)),
        _ => return Cow::Borrowed(pattern),
    })
}
