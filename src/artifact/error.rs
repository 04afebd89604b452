//! Why an artifact is not loaded.

use std::fmt;

/// What kind of reason it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Refused {
    /// It does not begin like an artifact.
    NotAnArtifact,
    /// It ends too early.
    Truncated,
    /// It is of another version of the format or language.
    Version,
    /// It was changed or damaged.
    Checksum,
    /// No release of claimsc writes such content.
    Malformed,
    /// A signature is demanded, and there is none.
    Unsigned,
    /// No trusted key has signed it.
    WrongSignature,
}

/// Why an artifact is not loaded: the fact, where it is, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadError {
    /// What kind of reason it is.
    pub reason: Refused,
    /// The byte that it is about, if it is about one.
    pub offset: Option<usize>,
    message: String,
    help: String,
}

impl LoadError {
    /// An error from its fact, lower case and without a period, and an imperative sentence.
    pub fn new(reason: Refused, message: impl Into<String>, help: impl Into<String>) -> Self {
        LoadError { reason, offset: None, message: message.into(), help: help.into() }
    }

    pub(super) fn at(self, offset: usize) -> Self {
        LoadError { offset: Some(offset), ..self }
    }

    /// The fact: lower case, without a period.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do: one imperative sentence.
    pub fn help(&self) -> &str {
        &self.help
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match self.offset {
            Some(offset) => write!(f, " (byte {offset})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for LoadError {}

/// Where content is not what it has to be, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fault {
    at: usize,
    what: &'static str,
}

impl Fault {
    pub(super) fn new(at: usize, what: &'static str) -> Self {
        Fault { at, what }
    }
}

impl From<Fault> for LoadError {
    fn from(fault: Fault) -> Self {
        LoadError::new(
            Refused::Malformed,
            format!("the artifact is malformed: {}", fault.what),
            "build it again with `claimsc build`; no release writes this",
        )
        .at(fault.at)
    }
}
