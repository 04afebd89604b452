//! What hosts can do and forbid: for terminals, as JSON, and as the pages of `docs/profiles`.

use std::fmt::Write as _;

use crate::standard::profiles::{Effect, Fact, Is, OTHERS, Other, Verb};
use crate::standard::{Profile, Token, Tokens};
use crate::value::Value;

use super::json::object;

/// How wide lines of names are.
const WIDTH: usize = 96;

/// A fact in words.
struct Row {
    kind: &'static str,
    /// A sentence without a period.
    says: String,
    names: Vec<&'static str>,
    effect: Option<Effect>,
    bounds: Vec<u64>,
}

impl Row {
    fn new(kind: &'static str, says: impl Into<String>) -> Self {
        Row { kind, says: says.into(), names: Vec::new(), effect: None, bounds: Vec::new() }
    }

    fn names(mut self, names: &'static str) -> Self {
        self.names = names.split_whitespace().collect();
        self
    }

    fn effect(mut self, effect: Effect) -> Self {
        self.effect = Some(effect);
        self
    }

    fn bounds(mut self, bounds: &[u64]) -> Self {
        self.bounds = bounds.to_vec();
        self
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each kind of fact, each a sentence")]
    fn of(fact: &Fact) -> Self {
        match fact.is {
            Is::Closed(names, effect) => {
                Row::new("closed", "These claims can neither be written nor removed").names(names).effect(effect)
            }
            Is::ClosedPrefix(names, effect) => {
                Row::new("closed_prefix", "Claims that begin like this can neither be written nor removed")
                    .names(names)
                    .effect(effect)
            }
            Is::OnlyRemoved(names, effect) => {
                Row::new("only_removed", "Claims that begin like this can be removed, not written")
                    .names(names)
                    .effect(effect)
            }
            Is::ClosedHost(names, effect) => {
                Row::new("closed_host", "URLs of these hosts, and of those below them, cannot be names of claims")
                    .names(names)
                    .effect(effect)
            }
            Is::ClosedUrn(names, effect) => {
                Row::new("closed_urn", "URNs that begin like this cannot be names of claims")
                    .names(names)
                    .effect(effect)
            }
            Is::ShortNamesFor(hosts, paths, effect) => Row::new(
                "short_names_for",
                format!(
                    "Names that are no URL or URN cannot be written where the audience is one of the paths {} of \
                     these hosts",
                    listed(paths.split_whitespace())
                ),
            )
            .names(hosts)
            .effect(effect),
            Is::DotsNest(effect) => {
                Row::new("dots_nest", "A dot in a name makes an object: `a.b` is the member `b` of `a`").effect(effect)
            }
            Is::Demanded(names, shape, effect) => {
                Row::new("demanded", format!("These claims must stay, as {}", shape.words()))
                    .names(names)
                    .effect(effect)
            }
            Is::Typed(names, shape, effect) => {
                Row::new("typed", format!("These claims must be {}", shape.words())).names(names).effect(effect)
            }
            Is::AllTyped(shape, effect) => {
                Row::new("all_typed", format!("Every claim must be {}", shape.words())).effect(effect)
            }
            Is::Follows(shown, of) => Row::new("follows", format!("`{shown}` shows what `{of}` carries")),
            Is::Lacks(verbs) => {
                Row::new("lacks", format!("There is no counterpart of {}", listed(verbs.iter().copied().map(Verb::as_str))))
            }
            Is::MaxClaims(most, effect) => {
                Row::new("max_claims", format!("At most {most} claims")).effect(effect).bounds(&[most])
            }
            Is::MaxBytes(most, effect) => {
                Row::new("max_bytes", format!("At most {most} bytes")).effect(effect).bounds(&[most])
            }
            Is::Lifetime(least, most, effect) => {
                Row::new("lifetime", format!("A lifetime is {least} to {most} seconds"))
                    .effect(effect)
                    .bounds(&[least, most])
            }
            Is::Open(names) => Row::new("open", "These claims can be written").names(names),
            Is::Known(text) => {
                let mut text = text.to_owned();
                if let Some(first) = text.get_mut(..1) {
                    first.make_ascii_uppercase();
                }
                Row::new("known", text)
            }
        }
    }

    /// Whether it says what must be, not what cannot.
    fn is_demand(&self) -> bool {
        !self.bounds.is_empty() || matches!(self.kind, "demanded" | "typed" | "all_typed")
    }

    /// The whole sentence, with what the host does.
    fn sentence(&self, title: &str) -> String {
        match self.effect {
            Some(effect) => {
                let or = if self.is_demand() { "else " } else { "" };
                format!("{}; {or}{}", self.says, effect.of(title))
            }
            None => self.says.clone(),
        }
    }
}

/// `` `a`, `b` ``.
fn listed<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

fn tokens(tokens: Tokens) -> Vec<&'static str> {
    tokens.iter().map(Token::as_str).collect()
}

fn source(fact: &Fact) -> String {
    let version = fact.source.version;
    if version.is_empty() {
        fact.source.title.to_owned()
    } else {
        format!("{} ({version})", fact.source.title)
    }
}

/// The verbs that a host has no counterpart for.
fn lacks(profile: &Profile) -> Vec<&'static str> {
    Verb::ALL.iter().filter(|verb| profile.lacks(**verb)).map(|verb| verb.as_str()).collect()
}

/// One line for each host.
pub fn list(profiles: &[&Profile]) -> String {
    let mut out = String::new();
    for profile in profiles {
        let _ = writeln!(out, "{:<10} {}: {}", profile.name, profile.title, profile.mechanism);
    }
    out.push_str("\n`claimsc profiles NAME` shows what a host can do and forbids.\n");
    out
}

/// One host, for people.
pub fn text(profile: &Profile) -> String {
    let mut out = format!("{}: {}\n", profile.name, profile.title);
    let _ = writeln!(out, "carried out by   {}", profile.mechanism);
    let _ = writeln!(out, "writes           {}", tokens(profile.tokens).join(", "));
    let lacks = lacks(profile);
    if !lacks.is_empty() {
        let _ = writeln!(out, "cannot           {}", lacks.join(", "));
    }
    for fact in profile.facts {
        let row = Row::of(fact);
        let about = tokens(fact.tokens).join(", ");
        let about = if about.is_empty() { "nothing of a policy".to_owned() } else { about };
        let _ = writeln!(out, "\n{about}\n{}", wrapped(&format!("{}.", row.sentence(profile.title)), "  "));
        if !row.names.is_empty() {
            let _ = writeln!(out, "{}", wrapped(&row.names.join(" "), "    "));
        }
        if !fact.note.is_empty() {
            let _ = writeln!(out, "{}", wrapped(&format!("note: {}", fact.note), "  "));
        }
        let _ = writeln!(out, "{}", wrapped(&format!("source: {}", source(fact)), "  "));
    }
    out
}

/// Lines that begin alike and are not too long; words are not broken.
fn wrapped(text: &str, indent: &str) -> String {
    let mut lines = Vec::new();
    let mut line = String::from(indent);
    for word in text.split_whitespace() {
        if line.len() > indent.len() && line.len() + 1 + word.len() > WIDTH {
            lines.push(std::mem::replace(&mut line, indent.to_owned()));
        }
        if line.len() > indent.len() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines.join("\n")
}

/// `{ "profiles": [ { "name", "title", "mechanism", "tokens", "lacks", "facts": [..] } ] }`.
pub fn json(profiles: &[&Profile]) -> Value {
    let profiles = profiles.iter().map(|profile| {
        object([
            ("name", Value::from(profile.name)),
            ("title", Value::from(profile.title)),
            ("mechanism", Value::from(profile.mechanism)),
            ("tokens", strings(tokens(profile.tokens))),
            ("lacks", strings(lacks(profile))),
            ("facts", Value::list(profile.facts.iter().map(json_fact).collect())),
        ])
    });
    object([("profiles", Value::list(profiles.collect()))])
}

fn json_fact(fact: &Fact) -> Value {
    let row = Row::of(fact);
    let bound = |bound: u64| Value::int(i64::try_from(bound).unwrap_or(i64::MAX));
    object([
        ("kind", Value::from(row.kind)),
        ("tokens", strings(tokens(fact.tokens))),
        ("says", Value::from(row.says.as_str())),
        ("names", strings(row.names)),
        ("bounds", Value::list(row.bounds.into_iter().map(bound).collect())),
        ("effect", row.effect.map_or(Value::Null, |effect| Value::from(effect.as_str()))),
        ("note", Value::from(fact.note)),
        ("source", Value::from(source(fact).as_str())),
    ])
}

fn strings(words: Vec<&str>) -> Value {
    Value::list(words.into_iter().map(Value::from).collect())
}

/// The page of a host in Markdown.
pub fn page(profile: &Profile) -> String {
    let mut out = format!(
        "# Profile `{}`: {}\n\nThe policy is carried out by {}, which writes {}.\n",
        profile.name,
        profile.title,
        profile.mechanism,
        listed(tokens(profile.tokens).into_iter()),
    );
    let lacks = lacks(profile);
    if lacks.is_empty() {
        out.push_str("It has a counterpart of every verb.\n");
    } else {
        let _ = writeln!(out, "It has no counterpart of {}.", listed(lacks.into_iter()));
    }
    if !profile.facts.is_empty() {
        out.push_str("\n## What is known\n");
    }
    for fact in profile.facts {
        write_fact(&mut out, profile.title, fact);
    }
    out.push_str(
        "\nThis page is written from `src/standard/profiles`; `claimsc profiles` prints the same.\n",
    );
    out
}

fn write_fact(out: &mut String, title: &str, fact: &Fact) {
    let row = Row::of(fact);
    let about = tokens(fact.tokens);
    let about = if about.is_empty() { String::new() } else { format!(" ({})", listed(about.into_iter())) };
    let _ = writeln!(out, "\n- {}{about}.", row.sentence(title));
    if !row.names.is_empty() {
        let _ = writeln!(out, "{}", wrapped(&listed(row.names.into_iter()), "  "));
    }
    if !fact.note.is_empty() {
        let _ = writeln!(out, "  Note: {}.", fact.note);
    }
    let _ = writeln!(out, "  Source: {}.", source(fact));
}

/// The index of the pages, and the page of what is no profile, in Markdown.
pub fn index(profiles: &[&Profile]) -> String {
    let mut out = String::from(
        "# Profiles\n\n`profile:` in claims.yaml names the host that carries the policy out. What that host would drop, \
         refuse or cannot do is\nan error; `claimsc check --profile NAME` tries another host, `claimsc profiles NAME` \
         prints its page.\n\n| profile | host | writes | cannot |\n|---|---|---|---|\n",
    );
    for profile in profiles {
        let _ = writeln!(
            out,
            "| [{name}]({name}.md) | {} | {} | {} |",
            profile.title,
            tokens(profile.tokens).join(", "),
            lacks(profile).join(", "),
            name = profile.name,
        );
    }
    out.push_str(
        "\n## No profiles\n\nWhat is known about other products, and why there is no profile for them.\n",
    );
    for Other { name, reason, facts } in OTHERS {
        let _ = writeln!(out, "\n### {name}\n\nNo profile: {reason}.");
        for fact in *facts {
            write_fact(&mut out, name, fact);
        }
    }
    out.push_str("\nThese pages are written from the tables in `src/standard/profiles`.\n");
    out
}
