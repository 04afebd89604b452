//! Random values for claims, by type.

use super::attribute::{Attribute, Kind, is_partial};
use super::conditions::{Conditions, Place};
use super::rng::Rng;
use super::tree::{Let, Written};

/// The claims that policies write, each with the type of its values.
pub(super) const CLAIMS: [(&str, Type); 6] = [
    ("ns/level", Type::Text),
    ("ns/plan", Type::Text),
    ("ns/flag", Type::Bool),
    ("ns/count", Type::Int),
    ("ns/list", Type::Words),
    ("ns/obj", Type::Object),
];
pub(super) const MEMBERS: [&str; 2] = ["one", "two"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Text,
    Bool,
    Int,
    Words,
    Object,
}

impl Type {
    pub(super) fn written(self) -> &'static str {
        match self {
            Type::Text => "string",
            Type::Bool => "bool",
            Type::Int => "int",
            Type::Words => "string[]",
            Type::Object => "{ one: string, two: string }",
        }
    }
}

pub(super) fn type_of(claim: &str) -> Type {
    CLAIMS.iter().find(|(name, _)| *name == claim).map_or(Type::Text, |(_, ty)| *ty)
}

/// A text of the language and where it may be absent, apart from a missing user.
struct Draft {
    text: String,
    gap: Gap,
}

enum Gap {
    Never,
    /// Where this attribute is.
    With(&'static str),
    Itself,
}

fn sure(text: impl Into<String>) -> Draft {
    Draft { text: text.into(), gap: Gap::Never }
}

fn maybe(text: impl Into<String>) -> Draft {
    Draft { text: text.into(), gap: Gap::Itself }
}

fn literal(rng: &mut Rng, ty: Type) -> String {
    match ty {
        Type::Text => (rng.pick(&["\"a\"", "\"b\"", "\"gold\"", "\"pro\""])).to_owned(),
        Type::Bool => (rng.pick(&["true", "false"])).to_owned(),
        Type::Int => (rng.pick(&["1", "2", "18"])).to_owned(),
        Type::Words => (rng.pick(&["[\"a\"]", "[\"a\", \"b\"]", "[\"z\"]"])).to_owned(),
        Type::Object => (rng.pick(&["{ one: \"a\", two: \"b\" }", "{ one: \"b\", two: \"b\" }"])).to_owned(),
    }
}

impl Conditions<'_> {
    /// A value of a type; one that is never absent but for a missing user, where that is demanded.
    pub(super) fn written(&self, rng: &mut Rng, ty: Type, is_demanded: bool, lets: &[Let]) -> Written {
        if !is_demanded && rng.chance(5) {
            let draft = self.draft(rng, ty);
            if matches!(draft.gap, Gap::Itself) || matches!(draft.gap, Gap::With(_)) && rng.chance(20) {
                return Written::OrDeny(draft.text);
            }
        }
        let place = Place { has_user: false, must_be_known: false, of_token: true };
        match rng.below(10) {
            0 | 1 => {
                let then = literal(rng, ty);
                let omitted = !is_demanded && rng.chance(30);
                let otherwise = if omitted { "omit".to_owned() } else { self.text(rng, ty, is_demanded) };
                Written::If { condition: self.condition(rng, place, lets), then, otherwise }
            }
            2 | 3 => self.by_case(rng, ty, is_demanded).unwrap_or_else(|| Written::Text(literal(rng, ty))),
            4..7 => Written::Text(self.text(rng, ty, is_demanded)),
            _ => Written::Text(literal(rng, ty)),
        }
    }

    /// A `match` over an attribute or table over it.
    fn by_case(&self, rng: &mut Rng, ty: Type, is_demanded: bool) -> Option<Written> {
        let has_cases =
            |one: &&Attribute| matches!(one.kind, Kind::Enum(_)) && !(is_demanded && one.optional);
        let all: Vec<&Attribute> = self.world.attributes.iter().filter(has_cases).collect();
        let attribute = *all.get(rng.below(all.len().max(1)))?;
        let Kind::Enum(words) = attribute.kind else { return None };
        let mut arms: Vec<(String, String)> =
            words.iter().map(|word| (format!("\"{word}\""), literal(rng, ty))).collect();
        if arms.len() > 2 && rng.chance(30) {
            let (key, _) = arms.pop()?;
            arms[0].0 = format!("{}, {key}", arms[0].0);
        } else if rng.chance(50) {
            "_".clone_into(&mut arms.last_mut()?.0);
        }
        Some(Written::Match { subject: attribute.path.to_owned(), arms })
    }

    fn text(&self, rng: &mut Rng, ty: Type, is_demanded: bool) -> String {
        let draft = self.draft(rng, ty);
        if !is_demanded && rng.chance(75) {
            return draft.text;
        }
        let other = literal(rng, ty);
        match draft.gap {
            Gap::Never => draft.text,
            // Where something around it has tested that it exists, `??` is an error: so that is rare.
            Gap::With(path) if rng.chance(75) => {
                format!("if {path} exists then {} else {other}", draft.text)
            }
            Gap::With(_) | Gap::Itself => format!("({}) ?? {other}", draft.text),
        }
    }

    fn draft(&self, rng: &mut Rng, ty: Type) -> Draft {
        let mut drafts: Vec<Draft> = vec![sure(literal(rng, ty))];
        let is_bare = rng.chance(8);
        for attribute in &self.world.attributes {
            uses(attribute, ty, is_bare, &mut drafts);
        }
        match ty {
            Type::Text => drafts.push(sure("client.id")),
            Type::Bool => drafts.push(sure("user exists")),
            Type::Words => drafts.push(sure("scopes")),
            Type::Int | Type::Object => {}
        }
        let index = rng.below(drafts.len());
        drafts.swap_remove(index)
    }
}

/// The values of a type that an attribute gives; `is_bare` if `??` may stand right behind it.
fn uses(attribute: &Attribute, ty: Type, is_bare: bool, drafts: &mut Vec<Draft>) {
    let path = attribute.path;
    let gap = || if attribute.optional { Gap::With(path) } else { Gap::Never };
    let whole = |text: String| Draft { text, gap: gap() };
    let part = match is_bare {
        _ if !attribute.optional => path.to_owned(),
        true => format!("{path} ?? omit"),
        false => format!("if {path} exists then {path} else \"none\""),
    };
    match (attribute.kind, ty) {
        (Kind::Enum(_), Type::Text) => {
            drafts.push(whole(path.to_owned()));
            drafts.push(whole(format!("\"is:${{{path}}}\"")));
            drafts.push(maybe(format!("word_of[{path}]")));
        }
        (Kind::Text, Type::Text) => {
            drafts.push(whole(path.to_owned()));
            drafts.push(whole(format!("{path}.strip_prefix(\"ops-\")")));
            drafts.push(whole(format!("\"${{{path}}}!\"")));
            drafts.push(whole(format!("\"is:${{{path}.lower()}}\"")));
        }
        (Kind::Email, Type::Text) => {
            drafts.push(maybe(format!("{path}.domain")));
            drafts.push(whole(format!("\"mail:${{{path}}}\"")));
        }
        (Kind::Bool, Type::Bool) => drafts.push(whole(path.to_owned())),
        (_, Type::Bool) => {
            let test = &attribute.tests[0];
            let gap = match test {
                test if is_partial(test) => Gap::Itself,
                test if test.contains("exists") => Gap::Never,
                _ => gap(),
            };
            drafts.push(Draft { text: format!("({test})"), gap });
        }
        (Kind::Int, Type::Int) => {
            drafts.push(whole(path.to_owned()));
            drafts.push(whole(format!("{path} + 1")));
        }
        (Kind::Words, Type::Int) => drafts.push(whole(format!("{path}.length()"))),
        (Kind::Words, Type::Words) => {
            drafts.push(whole(path.to_owned()));
            drafts.push(whole(format!("{path}.filter(g => g != \"b\")")));
            drafts.push(whole(format!("{path}.filter(g => g.starts_with(\"a\"))")));
            drafts.push(whole(format!("{path}.filter(g => g.contains(\"b\")).map(g => g.upper())")));
            drafts.push(whole(format!("{path}.map(g => word_of[g] ?? omit)")));
        }
        (Kind::Text, Type::Words) => {
            drafts.push(sure(format!("[\"a\", {part}]")));
        }
        (Kind::Text | Kind::Enum(_), Type::Object) => {
            drafts.push(sure(format!("{{ one: {part}, two: \"b\" }}")));
        }
        _ => {}
    }
}
