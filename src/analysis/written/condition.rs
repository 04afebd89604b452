//! What is left of a condition once the facts of a row are known, and how it is written.

use std::fmt;
use std::sync::Arc;

/// A condition over texts in the language's own syntax. Its parts stand in a fixed order, whatever order they were
/// written in, so that equal conditions are equal texts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Condition {
    /// True of every request of the row.
    Always,
    /// True of none.
    Never,
    /// One test: a comparison or something that binds more tightly.
    Test(Arc<str>),
    /// Not.
    Not(Box<Condition>),
    /// All of two or more, none of which is an `All`.
    All(Vec<Condition>),
    /// Any of two or more, none of which is an `Any`.
    Any(Vec<Condition>),
    /// The first is true and the second is not, be it false or unknown: what `unless` says. Never part of another.
    Except(Box<Condition>, Box<Condition>),
}

impl Condition {
    /// One test. What binds less tightly than a comparison has to stand in parentheses.
    pub fn test(text: impl Into<Arc<str>>) -> Self {
        Condition::Test(text.into())
    }

    /// The opposite.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Condition::Always => Condition::Never,
            Condition::Never => Condition::Always,
            Condition::Not(inner) => *inner,
            other => Condition::Not(Box::new(other)),
        }
    }

    /// Itself, or the opposite.
    #[must_use]
    pub fn signed(self, is_true: bool) -> Self {
        if is_true { self } else { self.negated() }
    }

    /// All of them; `Always` if there are none.
    pub fn all(parts: impl IntoIterator<Item = Condition>) -> Self {
        let mut flat = Vec::new();
        for part in parts {
            match part {
                Condition::Always => {}
                Condition::Never => return Condition::Never,
                Condition::All(parts) => flat.extend(parts),
                other => flat.push(other),
            }
        }
        Self::joined(flat, Condition::Always, Condition::All)
    }

    /// Any of them; `Never` if there are none.
    pub fn any(parts: impl IntoIterator<Item = Condition>) -> Self {
        let mut flat = Vec::new();
        for part in parts {
            match part {
                Condition::Never => {}
                Condition::Always => return Condition::Always,
                Condition::Any(parts) => flat.extend(parts),
                other => flat.push(other),
            }
        }
        Self::joined(flat, Condition::Never, Condition::Any)
    }

    /// Where it holds unless the other one does.
    #[must_use]
    pub fn unless(self, other: Condition) -> Self {
        match (self, other) {
            (condition, Condition::Never) => condition,
            (Condition::Never, _) | (_, Condition::Always) => Condition::Never,
            (condition, other) => Condition::Except(Box::new(condition), Box::new(other)),
        }
    }

    /// The order of the variants makes it read well: tests first, then negations, then groups.
    fn joined(mut parts: Vec<Condition>, none: Condition, many: fn(Vec<Condition>) -> Condition) -> Self {
        parts.sort();
        parts.dedup();
        if parts.len() > 1 { many(parts) } else { parts.pop().unwrap_or(none) }
    }

    /// Whether it is true of every request of the row.
    pub fn is_always(&self) -> bool {
        *self == Condition::Always
    }

    /// Writes a part that must bind at least as tightly as `least`.
    fn write(&self, least: Binding, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let needs_parentheses = self.binding() < least;
        if needs_parentheses {
            f.write_str("(")?;
        }
        match self {
            Condition::Always => f.write_str("true")?,
            Condition::Never => f.write_str("false")?,
            Condition::Test(text) => f.write_str(text)?,
            Condition::Not(inner) => {
                f.write_str("not ")?;
                inner.write(Binding::Not, f)?;
            }
            Condition::All(parts) => write_parts(parts, " and ", Binding::Not, f)?,
            Condition::Any(parts) => write_parts(parts, " or ", Binding::All, f)?,
            Condition::Except(condition, other) => {
                if !condition.is_always() {
                    condition.write(Binding::Any, f)?;
                    f.write_str(" ")?;
                }
                f.write_str("unless ")?;
                other.write(Binding::Any, f)?;
            }
        }
        if needs_parentheses { f.write_str(")") } else { Ok(()) }
    }

    fn binding(&self) -> Binding {
        match self {
            Condition::Except(..) => Binding::Unless,
            Condition::Any(_) => Binding::Any,
            Condition::All(_) => Binding::All,
            Condition::Not(_) => Binding::Not,
            Condition::Always | Condition::Never | Condition::Test(_) => Binding::Test,
        }
    }
}

impl From<bool> for Condition {
    fn from(truth: bool) -> Self {
        if truth { Condition::Always } else { Condition::Never }
    }
}

/// How tightly operators bind, loosest first, as in the language.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Unless,
    Any,
    All,
    Not,
    Test,
}

fn write_parts(parts: &[Condition], word: &str, least: Binding, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            f.write_str(word)?;
        }
        part.write(least, f)?;
    }
    Ok(())
}

/// In the language's syntax, with no more parentheses than needed, in one line.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(Binding::Unless, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(text: &str) -> Condition {
        Condition::test(text)
    }

    #[test]
    fn parentheses_stand_where_they_must() {
        let either = Condition::any([test("b"), test("a")]);
        let both = Condition::all([test("c = 1"), either.clone()]);
        assert_eq!(both.to_string(), "c = 1 and (a or b)");
        assert_eq!(Condition::any([both.clone(), test("d")]).to_string(), "d or c = 1 and (a or b)");
        assert_eq!(both.negated().to_string(), "not (c = 1 and (a or b))");
        assert_eq!(test("c = 1").negated().to_string(), "not c = 1");
        let groups = Condition::all([either.negated(), test("c"), test("a").negated()]);
        assert_eq!(groups.to_string(), "c and not a and not (a or b)");
    }

    #[test]
    fn equal_conditions_are_equal_texts() {
        let one = Condition::all([test("a"), Condition::all([test("c"), test("b")])]);
        let other = Condition::all([Condition::all([test("b"), test("a")]), test("c"), test("a")]);
        assert_eq!(one, other);
        assert_eq!(one.to_string(), "a and b and c");
        assert_eq!(Condition::any([test("a"), test("a")]), test("a"));
    }

    #[test]
    fn unless_stands_last() {
        let either = Condition::any([test("b"), test("c")]);
        assert_eq!(either.clone().unless(test("d")).to_string(), "b or c unless d");
        assert_eq!(Condition::Always.unless(either.clone()).to_string(), "unless b or c");
        assert_eq!(test("a").unless(Condition::Never), test("a"));
        assert_eq!(test("a").unless(Condition::Always), Condition::Never);
    }

    #[test]
    fn what_is_known_is_folded_away() {
        assert_eq!(Condition::all([Condition::Always, test("a")]), test("a"));
        assert_eq!(Condition::all([Condition::Never, test("a")]), Condition::Never);
        assert_eq!(Condition::any([Condition::Always, test("a")]), Condition::Always);
        assert_eq!(Condition::any([]), Condition::Never);
        assert!(Condition::all([]).is_always());
        assert_eq!(test("a").negated().negated(), test("a"));
        assert_eq!(Condition::Always.negated(), Condition::Never);
    }
}
