//! A list of texts as the host keeps it.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::{Lists, Reading};

/// Texts that are compared each with each other; where there are more, the reference engine has sets for them.
pub(crate) const MANY: usize = 64;

/// Borrowed texts: `&[&str]`, `&[String]` or `&[Arc<str>]`.
#[derive(Clone, Copy)]
pub struct Texts<'a>(Held<'a>);

#[derive(Clone, Copy)]
enum Held<'a> {
    Borrowed(&'a [&'a str]),
    Owned(&'a [String]),
    Shared(&'a [Arc<str>]),
    /// One behind the other, and where each ends.
    Joined(&'a str, &'a [usize]),
    /// Those from one number up to another.
    Numbered(&'a dyn Words, u32, u32),
}

/// Holds words that it knows by number.
pub(super) trait Words: Sync {
    /// The word of a number.
    fn word(&self, number: usize) -> Option<&str>;
}

impl<'a> Texts<'a> {
    /// Texts that stand one behind the other, by their ends.
    pub(crate) fn ending(text: &'a str, ends: &'a [usize]) -> Self {
        Texts(Held::Joined(text, ends))
    }

    /// The words from one number up to another.
    pub(super) fn numbered(words: &'a dyn Words, start: u32, end: u32) -> Self {
        Texts(Held::Numbered(words, start, end))
    }

    /// How many there are.
    #[inline]
    pub fn len(self) -> usize {
        match self.0 {
            Held::Borrowed(all) => all.len(),
            Held::Owned(all) => all.len(),
            Held::Shared(all) => all.len(),
            Held::Joined(_, ends) => ends.len(),
            Held::Numbered(_, start, end) => end.saturating_sub(start) as usize,
        }
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// One of them.
    #[inline]
    pub fn get(self, index: usize) -> Option<&'a str> {
        match self.0 {
            Held::Borrowed(all) => all.get(index).copied(),
            Held::Owned(all) => all.get(index).map(String::as_str),
            Held::Shared(all) => all.get(index).map(|text| &**text),
            Held::Joined(text, ends) => {
                let start = index.checked_sub(1).map_or(Some(0), |before| ends.get(before).copied())?;
                text.get(start..*ends.get(index)?)
            }
            Held::Numbered(words, start, _) if index < self.len() => words.word(start as usize + index),
            Held::Numbered(..) => None,
        }
    }

    /// The only one, if there is one only.
    #[inline]
    pub(crate) fn only(self) -> Option<&'a str> {
        match self.0 {
            Held::Borrowed([one]) => Some(one),
            Held::Owned([one]) => Some(one),
            Held::Shared([one]) => Some(one),
            Held::Borrowed(_) | Held::Owned(_) | Held::Shared(_) => None,
            Held::Joined(..) | Held::Numbered(..) => self.get(0).filter(|_| self.len() == 1),
        }
    }

    /// One after the other.
    pub fn iter(self) -> impl ExactSizeIterator<Item = &'a str> {
        (0..self.len()).map(move |index| self.get(index).unwrap_or_default())
    }

    /// Copies that stand for themselves; of shared texts, the same ones.
    pub(crate) fn shared(self) -> Vec<Arc<str>> {
        match self.0 {
            Held::Shared(all) => all.to_vec(),
            _ => self.iter().map(Arc::from).collect(),
        }
    }

    /// Visits one after the other.
    #[inline]
    pub(crate) fn each(self, mut visit: impl FnMut(&'a str)) {
        match self.0 {
            Held::Borrowed(all) => all.iter().for_each(|text| visit(text)),
            Held::Owned(all) => all.iter().for_each(|text| visit(text)),
            Held::Shared(all) => all.iter().for_each(|text| visit(text)),
            Held::Joined(..) | Held::Numbered(..) => self.iter().for_each(visit),
        }
    }

    /// Whether this text is among them.
    pub fn contains(self, text: &str) -> bool {
        match self.0 {
            Held::Borrowed(all) => all.contains(&text),
            Held::Owned(all) => all.iter().any(|one| one == text),
            Held::Shared(all) => all.iter().any(|one| **one == *text),
            Held::Joined(..) | Held::Numbered(..) => self.iter().any(|one| one == text),
        }
    }

    /// Whether no text occurs twice, and all are as they should be; not where there are so many that a look at each pair
    /// takes long.
    #[inline]
    pub(crate) fn is_each_once(self, mut is_fit: impl FnMut(&str) -> bool) -> bool {
        if self.len() > MANY {
            return false;
        }
        match self.0 {
            Held::Borrowed(all) => is_each_once(all, is_fit),
            Held::Owned(all) => is_each_once(all, is_fit),
            Held::Shared(all) => is_each_once(all, is_fit),
            Held::Joined(..) | Held::Numbered(..) => self
                .iter()
                .enumerate()
                .all(|(index, text)| is_fit(text) && !self.iter().take(index).any(|other| other == text)),
        }
    }
}

#[inline]
fn is_each_once<T: AsRef<str>>(all: &[T], mut is_fit: impl FnMut(&str) -> bool) -> bool {
    let mut rest = all;
    while let Some((first, others)) = rest.split_first() {
        if !is_fit(first.as_ref()) || others.iter().any(|other| other.as_ref() == first.as_ref()) {
            return false;
        }
        rest = others;
    }
    true
}

impl Lists for Texts<'_> {
    fn count(&self, _: usize) -> usize {
        self.len()
    }

    fn each<'s>(
        &'s self,
        _: usize,
        visit: &mut dyn FnMut(Reading<'s>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        self.iter().try_for_each(|text| visit(Reading::Text(text)))
    }

    fn texts(&self, _: usize) -> Option<Texts<'_>> {
        Some(*self)
    }
}

impl Default for Texts<'_> {
    fn default() -> Self {
        Texts(Held::Borrowed(&[]))
    }
}

impl fmt::Debug for Texts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a> From<&'a [&'a str]> for Texts<'a> {
    fn from(texts: &'a [&'a str]) -> Self {
        Texts(Held::Borrowed(texts))
    }
}

impl<'a, const N: usize> From<&'a [&'a str; N]> for Texts<'a> {
    fn from(texts: &'a [&'a str; N]) -> Self {
        Texts(Held::Borrowed(texts))
    }
}

impl<'a> From<&'a [String]> for Texts<'a> {
    fn from(texts: &'a [String]) -> Self {
        Texts(Held::Owned(texts))
    }
}

impl<'a> From<&'a Vec<String>> for Texts<'a> {
    fn from(texts: &'a Vec<String>) -> Self {
        Texts(Held::Owned(texts))
    }
}

impl<'a> From<&'a [Arc<str>]> for Texts<'a> {
    fn from(texts: &'a [Arc<str>]) -> Self {
        Texts(Held::Shared(texts))
    }
}
