//! What differs between two versions of a policy: for terminals, as JSON, and for pull requests.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::analysis::diff::{About, Diff, Difference, Doubt, Fact, Kind, Undecided, Whom};
use crate::analysis::matrix::Party;
use crate::eval::RuleName;
use crate::source::Sources;
use crate::standard::{Grant, Token};
use crate::value::Value;

use super::one_line;

mod json;
mod markdown;

/// The texts of both versions, to name places in them.
#[derive(Debug, Clone, Copy)]
pub struct Versions<'s> {
    /// Of the old version.
    pub old: &'s Sources,
    /// Of the new version.
    pub new: &'s Sources,
}

/// For people.
pub fn text(diff: &Diff, versions: Versions<'_>) -> String {
    let mut out = String::new();
    if !diff.facts.is_empty() {
        out.push_str("claims.yaml\n");
        for fact in &diff.facts {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "  {}", one_line(&fact_line(fact)));
        }
        out.push('\n');
    }
    for Group { title, differences, undecided } in groups(diff) {
        let _ = writeln!(out, "{title}");
        for (tokens, difference) in differences {
            one(&mut out, &tokens, difference);
        }
        for undecided in undecided {
            let _ = writeln!(out, "  undecided{}", in_tokens(&token_of(&undecided.about)));
            for doubt in &undecided.doubts {
                let _ = writeln!(out, "    in the way  {}", one_line(&doubt_words(doubt, versions)));
            }
        }
        out.push('\n');
    }
    out.push_str(&summary(diff));
    out.push('\n');
    out
}

/// For tools: one JSON object.
pub fn json(diff: &Diff, versions: Versions<'_>) -> Value {
    json::document(diff, versions)
}

/// For a pull request.
pub fn markdown(diff: &Diff, versions: Versions<'_>) -> String {
    markdown::render(diff, versions)
}

fn one(out: &mut String, tokens: &[Token], difference: &Difference) {
    let _ = writeln!(out, "  {}{}", kind(difference), in_tokens(tokens));
    let mut line = |name: &str, text: &str| {
        let _ = writeln!(out, "    {name:<7}  {}", one_line(text));
    };
    line("for", &whom(difference));
    line("request", &difference.witness.to_json());
    line("old", &answer(difference.old.as_ref(), &difference.old_rules));
    line("new", &answer(difference.new.as_ref(), &difference.new_rules));
}

/// `value`, `new-label pii`.
fn kind(difference: &Difference) -> String {
    match &difference.label {
        Some(label) => format!("{} {label}", difference.kind),
        None => difference.kind.to_string(),
    }
}

/// What one version answers, and by which rules.
fn answer(value: Option<&Value>, rules: &[RuleName]) -> String {
    let mut text = value.map_or_else(|| "nothing".to_owned(), Value::to_json);
    if !rules.is_empty() {
        let rules: Vec<String> = rules.iter().map(rule).collect();
        let _ = write!(text, "   {}", rules.join(", "));
    }
    text
}

/// `policy.claims:3 staff`.
fn rule(rule: &RuleName) -> String {
    match &rule.rule {
        Some(name) => format!("{} {name}", rule.place),
        None => rule.place.to_string(),
    }
}

/// For whom, in words; what is said of everybody is left out.
fn whom(difference: &Difference) -> String {
    let Some(whom) = &difference.whom else {
        return "the request below, and perhaps others".to_owned();
    };
    let parts = parties(whom);
    if parts.is_empty() { "everybody".to_owned() } else { parts.join("; ") }
}

fn parties(whom: &Whom) -> Vec<String> {
    let mut parts = Vec::new();
    let name = |party: &Party| party.alias().map_or_else(|| "any other".to_owned(), ToString::to_string);
    if !whom.clients.is_all() {
        let clients: Vec<String> = whom.clients.listed.iter().map(name).collect();
        parts.push(format!("client {}", clients.join(", ")));
    }
    if !whom.grants.is_all() {
        parts.push(grants(&whom.grants.listed));
    }
    if !whom.audiences.is_all() {
        let listed: Vec<String> = whom.audiences.listed.iter().flatten().map(name).collect();
        let has_none = whom.audiences.listed.contains(&None);
        parts.push(match (listed.is_empty(), has_none) {
            (false, false) => format!("audience {}", listed.join(", ")),
            (false, true) => format!("audience {} or none", listed.join(", ")),
            (true, _) => "no audience".to_owned(),
        });
    }
    parts
}

/// Some of the grants; of most, the others.
fn grants(listed: &[Grant]) -> String {
    let words =
        |grants: Vec<&Grant>| grants.iter().map(|grant| grant.as_str()).collect::<Vec<_>>().join(", ");
    if listed.len() * 2 <= Grant::ALL.len() {
        return words(listed.iter().collect());
    }
    let others = Grant::ALL.iter().filter(|grant| !listed.contains(grant));
    format!("every grant but {}", words(others.collect()))
}

/// ` in the access token, ID token`.
fn in_tokens(tokens: &[Token]) -> String {
    if tokens.is_empty() {
        return String::new();
    }
    let words: Vec<&str> = tokens.iter().map(|token| token.as_str()).collect();
    format!(" in {}", words.join(", "))
}

fn token_of(about: &About) -> Vec<Token> {
    match about {
        About::Claim(_, token) => vec![*token],
        _ => Vec::new(),
    }
}

/// What is said about one claim, or about one thing of requests.
struct Group<'d> {
    title: String,
    /// With all tokens in which a request shows the same.
    differences: Vec<(Vec<Token>, &'d Difference)>,
    undecided: Vec<&'d Undecided>,
}

fn groups(diff: &Diff) -> Vec<Group<'_>> {
    let mut groups: BTreeMap<(u8, String), Group<'_>> = BTreeMap::new();
    let group = |about: &About| {
        let title = title(diff, about);
        let order = match about {
            About::Decision => 0,
            About::Audience => 1,
            About::Scope(_) | About::OtherScopes => 2,
            About::Lifetime => 3,
            About::Claim(..) => 4,
        };
        (order, title)
    };
    let empty =
        |title: &str| Group { title: title.to_owned(), differences: Vec::new(), undecided: Vec::new() };
    for difference in &diff.differences {
        let key = group(&difference.about);
        let group = groups.entry(key.clone()).or_insert_with(|| empty(&key.1));
        let same = group.differences.iter_mut().find(|(_, other)| is_same(other, difference));
        match same {
            Some((tokens, _)) => tokens.extend(token_of(&difference.about)),
            None => group.differences.push((token_of(&difference.about), difference)),
        }
    }
    for undecided in &diff.undecided {
        let key = group(&undecided.about);
        groups.entry(key.clone()).or_insert_with(|| empty(&key.1)).undecided.push(undecided);
    }
    groups.into_values().collect()
}

/// Whether two differences, of two tokens, are the same to a reader.
fn is_same(a: &Difference, b: &Difference) -> bool {
    (a.kind, &a.label, &a.witness, &a.old, &a.new, &a.whom)
        == (b.kind, &b.label, &b.witness, &b.old, &b.new, &b.whom)
}

fn title(diff: &Diff, about: &About) -> String {
    match about {
        About::Claim(name, _) => one_line(&diff.short_name(name)),
        About::Decision => "whether tokens are issued".to_owned(),
        About::Audience => "audience".to_owned(),
        About::Scope(scope) => format!("scope {}", one_line(scope)),
        About::OtherScopes => "other scopes".to_owned(),
        About::Lifetime => "lifetime".to_owned(),
    }
}

/// `client `app`: not there -> listed`.
fn fact_line(fact: &Fact) -> String {
    let text = |side: &Option<String>| side.clone().unwrap_or_else(|| "nothing".to_owned());
    let note = if fact.decides { "" } else { "   (decides about no request)" };
    format!("{}: {} -> {}{note}", fact.what, text(&fact.old), text(&fact.new))
}

fn doubt_words(doubt: &Doubt, versions: Versions<'_>) -> String {
    match doubt {
        Doubt::Old(span) => format!("{} (old)", versions.old.place(*span)),
        Doubt::New(span) => format!("{} (new)", versions.new.place(*span)),
        Doubt::Spent(cost, count) => format!(
            "the budget of {count} {cost} is spent: raise it under `budgets` in claims.yaml, or with `--budget {cost}={}`",
            count.saturating_mul(10).max(10)
        ),
        Doubt::Words(words) => words.to_string(),
    }
}

/// `proven equal`, or what there is.
fn summary(diff: &Diff) -> String {
    if diff.is_equal() {
        return "proven equal: both versions answer every request alike that conforms to claims.yaml and that both \
                can evaluate"
            .to_owned();
    }
    let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
    for difference in &diff.differences {
        *counts.entry(difference.kind).or_default() += 1;
    }
    let facts = diff.facts.iter().filter(|fact| fact.decides).count();
    if facts > 0 {
        counts.insert(Kind::Fact, facts);
    }
    let mut parts: Vec<String> = counts.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    if !diff.undecided.is_empty() {
        parts.push(format!("{} undecided", diff.undecided.len()));
    }
    let word = if diff.differences.is_empty() && facts == 0 { "not proven equal" } else { "different" };
    format!("{word}: {}", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_to_tell_is_equal() {
        let sources = Sources::new();
        let versions = Versions { old: &sources, new: &sources };
        assert!(text(&Diff::default(), versions).starts_with("proven equal"));
        let undecided = Undecided { about: About::Lifetime, doubts: vec![Doubt::Words("a budget".into())] };
        let diff = Diff { undecided: vec![undecided], ..Diff::default() };
        assert_eq!(
            text(&diff, versions),
            "lifetime\n  undecided\n    in the way  a budget\n\nnot proven equal: 1 undecided\n"
        );
    }
}
