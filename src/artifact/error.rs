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

    /// The same about what was just written: it is beyond a limit that loading has.
    #[cfg(feature = "compiler")]
    pub(super) fn of_a_build(self) -> Self {
        let fact = self.message.rsplit(": ").next().unwrap_or_default();
        let message = format!("the policy is beyond what an artifact may hold: {fact}");
        LoadError::new(self.reason, message, "say it in smaller parts, or in several policies")
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

macro_rules! faults {
    ($($name:ident = $text:literal,)*) => {
        /// Why content is not what it has to be. Small, because every step of a check gives one or none.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Fault {
            $($name,)*
        }

        impl Fault {
            fn as_str(self) -> &'static str {
                match self {
                    $(Fault::$name => $text,)*
                }
            }
        }
    };
}

faults! {
    Number = "a number is cut off or malformed",
    Count = "a count is larger than what follows",
    CutOff = "something is cut off",
    TooLarge = "a number is too large",
    Utf8 = "a text is not UTF-8",
    Bool = "a yes or no is neither",
    Kind = "something is of no kind that there is",
    Place = "a place is outside of every file",
    Digits = "a number has no digits",
    Value = "there is no such value",
    Token = "there is no such token",
    String = "there is no such string",
    Regex = "a regular expression is malformed or too large",
    Regexes = "the regular expressions are too large together",
    NoRegex = "there is no such regular expression",
    Builtin = "a method is not known",
    NoBuiltin = "there is no such method",
    NoType = "there is no such type",
    Type = "a type is too deep or too large",
    Slot = "there is no such attribute",
    Table = "there is no such table",
    Claim = "there is no such claim",
    Local = "there is no such parameter",
    Chain = "there is no such chain",
    Let = "there is no such let before this",
    Lets = "lets nest too deeply",
    Nesting = "expressions nest too deeply",
    Parts = "a value or shape nests too deeply",
    Announced = "there are not as many attributes, tables or claims as announced",
    Statement = "a statement that is filed is none",
    Rest = "something follows the end",
    Unreadable = "the artifact cannot be read",
}

impl Fault {
    /// The error of a loader that has come to a byte.
    pub(super) fn at(self, offset: usize) -> LoadError {
        LoadError::new(
            Refused::Malformed,
            format!("the artifact is malformed: {}", self.as_str()),
            "build it again with `claimsc build`; no release writes this",
        )
        .at(offset)
    }
}
