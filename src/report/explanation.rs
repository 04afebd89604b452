//! Why a decision is what it is, for people and for tools. Shows values of the request only where the explanation holds
//! them.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::eval::{Beaten, ClaimTrace, Effect, Explanation, Reason, RuleName, ScopeChanges, StatementTrace};
use crate::source::{Sources, Span};
use crate::standard::Token;
use crate::value::{Object, Value};

use super::json::{object, place};
use super::visible;

/// Characters of the source that are quoted in one line.
const MAX_QUOTE: usize = 90;

/// For people: the claims of each token with who wrote them, then each statement with what became of it.
pub fn text(explanation: &Explanation, sources: &Sources) -> String {
    let mut out = Text { sources, out: String::new() };
    out.decision(explanation);
    out.claims(&explanation.claims);
    if let Some(scopes) = &explanation.scopes {
        out.scopes(scopes);
    }
    out.statements(&explanation.statements);
    out.out
}

struct Text<'a> {
    sources: &'a Sources,
    out: String,
}

impl Text<'_> {
    fn line(&mut self, indent: usize, text: &str) {
        let _ = writeln!(self.out, "{:indent$}{}", "", visible(text));
    }

    fn decision(&mut self, explanation: &Explanation) {
        self.line(0, &format!("decision: {}", explanation.decision));
        for denial in &explanation.denials {
            self.line(2, &format!("{}: {} ({})", denial.rule, denial.message, denial.code));
        }
        for error in &explanation.errors {
            let rule = error.rule.as_deref().unwrap_or("the request");
            self.line(2, &format!("{rule}: {} ({})", error.message, error.code));
        }
    }

    fn claims(&mut self, claims: &[ClaimTrace]) {
        let mut token: Option<Token> = None;
        for claim in claims {
            if token != Some(claim.token) {
                token = Some(claim.token);
                self.line(0, "");
                self.line(0, claim.token.as_str());
            }
            match &claim.value {
                Some(value) => self.line(2, &format!("{} = {}", claim.name, value.to_json())),
                None => self.line(2, &claim.name),
            }
            for rule in &claim.written_by {
                self.line(4, &format!("written by {}", self.rule(rule)));
            }
            for rule in &claim.removed_by {
                self.line(4, &format!("removed by {}", self.rule(rule)));
            }
            for Beaten { rule, by } in &claim.beaten {
                let by: Vec<_> = by.iter().map(name).collect();
                self.line(4, &format!("beaten: {}, by {}", self.rule(rule), by.join(" and ")));
            }
        }
    }

    fn scopes(&mut self, ScopeChanges { added, dropped }: &ScopeChanges) {
        let lines =
            [("added", added), ("dropped", dropped)].into_iter().filter(|(_, scopes)| !scopes.is_empty());
        for (i, (word, scopes)) in lines.enumerate() {
            if i == 0 {
                self.line(0, "");
                self.line(0, "scopes");
            }
            self.line(2, &format!("{word}: {}", scopes.join(" ")));
        }
    }

    fn statements(&mut self, statements: &[StatementTrace]) {
        if !statements.is_empty() {
            self.line(0, "");
            self.line(0, "statements");
        }
        for StatementTrace { rule, effect } in statements {
            self.line(2, &format!("{:<9}  {}", word(effect), self.rule(rule)));
            let reasons = if let Effect::NotFired(reasons) = effect { reasons.as_slice() } else { &[] };
            for Reason { span, text, values } in reasons {
                self.line(13, &format!("`{}`: {text}", self.quote(*span)));
                for (path, value) in values {
                    self.line(15, &format!("{path} = {}", value.to_json()));
                }
            }
        }
    }

    fn rule(&self, named: &RuleName) -> String {
        rule(named, self.sources)
    }

    fn quote(&self, span: Span) -> String {
        quote(span, self.sources)
    }
}

/// A statement's place, name and first line.
pub(super) fn rule(rule: &RuleName, sources: &Sources) -> String {
    format!("{}: {}", name(rule), quote(rule.span, sources))
}

/// A stretch of the source on one line.
fn quote(span: Span, sources: &Sources) -> String {
    let text = sources.text(span);
    let line = text.lines().next().unwrap_or_default();
    let short: String = line.chars().take(MAX_QUOTE).collect();
    if short.len() < text.trim_end().len() { format!("{} ..", short.trim_end()) } else { short }
}

/// `policy.claims:3 (staff)`.
fn name(rule: &RuleName) -> String {
    match &rule.rule {
        Some(name) => format!("{} ({name})", rule.place),
        None => rule.place.to_string(),
    }
}

fn word(effect: &Effect) -> &'static str {
    match effect {
        Effect::Fired => "fired",
        Effect::NotFired(_) => "not fired",
        Effect::NoToken => "no token",
    }
}

/// For tools: `{ "claims": [..], "statements": [..], "scopes": { "added", "dropped" } or null }`. Denials and errors
/// are part of the decision.
pub fn json(explanation: &Explanation, sources: &Sources) -> Value {
    let claims = explanation.claims.iter().map(claim).collect();
    let statements = explanation.statements.iter().map(|trace| statement(trace, sources)).collect();
    let scopes = explanation.scopes.as_ref().map_or(Value::Null, |ScopeChanges { added, dropped }| {
        object([("added", strings(added)), ("dropped", strings(dropped))])
    });
    object([("claims", Value::list(claims)), ("statements", Value::list(statements)), ("scopes", scopes)])
}

fn claim(claim: &ClaimTrace) -> Value {
    let beaten = claim
        .beaten
        .iter()
        .map(|Beaten { rule, by }| object([("rule", named(rule)), ("by", rules(by))]))
        .collect();
    let mut members =
        vec![("token", Value::from(claim.token.as_str())), ("name", Value::String(claim.name.clone()))];
    members.extend(claim.value.clone().map(|value| ("value", value)));
    members.extend([
        ("written_by", rules(&claim.written_by)),
        ("beaten", Value::list(beaten)),
        ("removed_by", rules(&claim.removed_by)),
    ]);
    Value::object(members.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

fn statement(StatementTrace { rule, effect }: &StatementTrace, sources: &Sources) -> Value {
    let reasons = if let Effect::NotFired(reasons) = effect { reasons.as_slice() } else { &[] };
    object([
        ("rule", named(rule)),
        ("effect", Value::from(word(effect).replace(' ', "_").as_str())),
        ("reasons", Value::list(reasons.iter().map(|r| reason(r, sources)).collect())),
    ])
}

fn reason(Reason { span, text, values }: &Reason, sources: &Sources) -> Value {
    let [file, start, end] = place(*span, sources);
    let values: Object = values.iter().map(|(path, value)| (path.as_str().into(), value.clone())).collect();
    object([file, start, end, ("text", Value::from(text.as_str())), ("values", Value::object(values))])
}

fn rules(rules: &[RuleName]) -> Value {
    Value::list(rules.iter().map(named).collect())
}

/// `{ "place": "policy.claims:3", "name": "staff" or null }`.
fn named(rule: &RuleName) -> Value {
    let name = rule.rule.clone().map_or(Value::Null, Value::String);
    object([("place", Value::String(rule.place.clone())), ("name", name)])
}

fn strings(texts: &[Arc<str>]) -> Value {
    Value::list(texts.iter().cloned().map(Value::String).collect())
}
