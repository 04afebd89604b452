//! The same for tools.

use std::sync::Arc;

use crate::analysis::diff::{About, Diff, Difference, Fact, Undecided, Whom};
use crate::analysis::matrix::Party;
use crate::eval::RuleName;
use crate::report::json::object;
use crate::value::Value;

use super::{Versions, doubt_words};

/// `{ "equal", "facts", "differences", "undecided" }`.
pub(super) fn document(diff: &Diff, versions: Versions<'_>) -> Value {
    let undecided = diff.undecided.iter().map(|undecided| self::undecided(undecided, versions));
    object([
        ("equal", Value::Bool(diff.is_equal())),
        ("facts", Value::list(diff.facts.iter().map(fact).collect())),
        ("differences", Value::list(diff.differences.iter().map(difference).collect())),
        ("undecided", Value::list(undecided.collect())),
    ])
}

fn fact(fact: &Fact) -> Value {
    let text = |text: &Option<String>| text.as_deref().map_or(Value::Null, Value::from);
    object([
        ("fact", Value::from(fact.what.as_str())),
        ("old", text(&fact.old)),
        ("new", text(&fact.new)),
        ("decides", Value::Bool(fact.decides)),
    ])
}

fn difference(difference: &Difference) -> Value {
    let [about, name, token] = subject(&difference.about);
    let text = |text: &Option<Arc<str>>| text.as_deref().map_or(Value::Null, Value::from);
    object([
        ("kind", Value::from(difference.kind.as_str())),
        about,
        name,
        token,
        ("label", text(&difference.label)),
        ("for", difference.whom.as_ref().map_or(Value::Null, whom)),
        ("witness", difference.witness.clone()),
        ("old", answer(difference.old.as_ref(), &difference.old_rules)),
        ("new", answer(difference.new.as_ref(), &difference.new_rules)),
    ])
}

fn undecided(undecided: &Undecided, versions: Versions<'_>) -> Value {
    let [about, name, token] = subject(&undecided.about);
    let doubts = undecided.doubts.iter().map(|doubt| Value::string(doubt_words(doubt, versions)));
    object([about, name, token, ("doubts", Value::list(doubts.collect()))])
}

fn subject(about: &About) -> [(&'static str, Value); 3] {
    let (word, name, token) = match about {
        About::Claim(name, token) => ("claim", Some(name), Some(*token)),
        About::Decision => ("decision", None, None),
        About::Audience => ("audience", None, None),
        About::Scope(scope) => ("scope", Some(scope), None),
        About::OtherScopes => ("scopes", None, None),
        About::Lifetime => ("lifetime", None, None),
    };
    [
        ("about", Value::from(word)),
        ("name", name.map_or(Value::Null, |name| Value::String(name.clone()))),
        ("token", token.map_or(Value::Null, |token| Value::from(token.as_str()))),
    ]
}

/// Null stands for a client or audience that claims.yaml does not list, the empty text for a token without an audience.
fn whom(whom: &Whom) -> Value {
    let party = |party: &Party| party.alias().map_or(Value::Null, |alias| Value::String(alias.clone()));
    let audience = |audience: &Option<Party>| audience.as_ref().map_or_else(|| Value::from(""), party);
    let grants = whom.grants.listed.iter().map(|grant| Value::from(grant.as_str()));
    object([
        ("clients", Value::list(whom.clients.listed.iter().map(party).collect())),
        ("grants", Value::list(grants.collect())),
        ("audiences", Value::list(whom.audiences.listed.iter().map(audience).collect())),
    ])
}

fn answer(value: Option<&Value>, rules: &[RuleName]) -> Value {
    let rules = rules.iter().map(|rule| {
        let name = rule.rule.as_ref().map_or(Value::Null, |name| Value::String(name.clone()));
        object([("place", Value::String(rule.place.clone())), ("rule", name)])
    });
    object([("value", value.cloned().unwrap_or(Value::Null)), ("rules", Value::list(rules.collect()))])
}
