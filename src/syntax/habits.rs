//! Method names of other languages and what they are called here.

/// The builtin for another language's method name, and one sentence about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Habit {
    /// The name people type.
    pub name: &'static str,
    /// The method here, if the call can keep its arguments.
    pub replacement: Option<&'static str>,
    /// What to do: one imperative sentence.
    pub help: &'static str,
}

const fn renamed(name: &'static str, replacement: &'static str, help: &'static str) -> Habit {
    Habit { name, replacement: Some(replacement), help }
}

const fn different(name: &'static str, help: &'static str) -> Habit {
    Habit { name, replacement: None, help }
}

/// All of them, sorted by name.
pub const METHODS: &[Habit] = &[
    renamed("concat", "union", "join lists and strings with `+`"),
    renamed("count", "length", "write `.length()`"),
    renamed("endsWith", "ends_with", "write `.ends_with(..)`"),
    renamed("every", "all", "write `.all(..)`"),
    renamed("find", "first", "write `.first(..)`"),
    renamed("flatMap", "flat_map", "write `.flat_map(..)`"),
    different("forEach", "write a list with `.map(..)`"),
    renamed("groupBy", "group_by", "write `.group_by(..)`"),
    different("has", "write `value in list`, or `map[\"key\"] exists`"),
    different("hasOwnProperty", "write `record[\"key\"] exists`"),
    different("includes", "write `value in list`, or `.contains(..)` for text"),
    different("indexOf", "write `value in list`, or `.contains(..)` for text"),
    renamed("isEmpty", "is_empty", "write `.is_empty()`"),
    renamed("len", "length", "write `.length()`"),
    renamed("match", "matches", "write `.matches(/../)` or `.extract(/../)`"),
    different("push", "write `list + [value]`"),
    different("reduce", "use `.join(..)`, `.flatten()`, `.any(..)` or `.all(..)`"),
    different("replaceAll", "write `.replace(..)`, or `.regex_replace(/../, ..)`"),
    renamed("size", "length", "write `.length()`"),
    different("slice", "write `.take(n)`, `.after(..)` or `.before(..)`"),
    renamed("some", "any", "write `.any(..)`"),
    renamed("startsWith", "starts_with", "write `.starts_with(..)`"),
    different("substr", "write `.take(n)`, `.after(..)` or `.before(..)`"),
    different("substring", "write `.take(n)`, `.after(..)` or `.before(..)`"),
    renamed("test", "matches", "write `text.matches(/../)`"),
    renamed("toLower", "lower", "write `.lower()`"),
    renamed("toLowerCase", "lower", "write `.lower()`"),
    renamed("toString", "to_string", "write `.to_string()`"),
    renamed("toUpper", "upper", "write `.upper()`"),
    renamed("toUpperCase", "upper", "write `.upper()`"),
    renamed("trimEnd", "trim", "write `.trim()`, which takes blanks off both ends"),
    renamed("trimStart", "trim", "write `.trim()`, which takes blanks off both ends"),
    renamed("uniq", "distinct", "write `.distinct()`"),
    renamed("unique", "distinct", "write `.distinct()`"),
];

/// What another language's method is called here.
pub fn method(name: &str) -> Option<&'static Habit> {
    METHODS.iter().find(|habit| habit.name == name)
}
