//! An explanation as JSON.

use std::sync::Arc;

use super::{Beaten, ClaimTrace, Effect, Explanation, Reason, RuleName, StatementTrace};
use crate::source::{Sources, Span};
use crate::value::{Object, Value};

impl Explanation {
    /// The JSON form. Places are `file:line:column`; members that hold values are there only where values were asked
    /// for.
    pub fn to_json(&self, sources: &Sources) -> Value {
        let mut members = vec![("decision", Value::from(self.decision))];
        if !self.denials.is_empty() {
            members.push((
                "denials",
                list(&self.denials, |denial| finding(&denial.code, &denial.message, Some(&denial.rule))),
            ));
        }
        if !self.errors.is_empty() {
            members.push((
                "errors",
                list(&self.errors, |error| finding(error.code, &error.message, error.rule.as_ref())),
            ));
        }
        members.push(("claims", list(&self.claims, |claim| claim.to_json(sources))));
        members.push(("statements", list(&self.statements, |statement| statement.to_json(sources))));
        if let Some(scopes) = &self.scopes {
            let text = |scope: &Arc<str>| Value::String(scope.clone());
            members.push((
                "scopes",
                object([("added", list(&scopes.added, text)), ("dropped", list(&scopes.dropped, text))]),
            ));
        }
        object(members)
    }
}

impl ClaimTrace {
    fn to_json(&self, sources: &Sources) -> Value {
        let rules = |rules: &[RuleName]| list(rules, |rule| rule.to_json(sources));
        let mut members = vec![
            ("token", Value::from(self.token.as_str())),
            ("name", Value::String(self.name.clone())),
            ("written_by", rules(&self.written_by)),
            (
                "beaten",
                list(&self.beaten, |Beaten { rule, by }| {
                    object([("rule", rule.to_json(sources)), ("by", rules(by))])
                }),
            ),
            ("removed_by", rules(&self.removed_by)),
        ];
        if let Some(value) = &self.value {
            members.push(("value", value.clone()));
        }
        object(members)
    }
}

impl StatementTrace {
    fn to_json(&self, sources: &Sources) -> Value {
        let mut members = vec![("rule", self.rule.to_json(sources))];
        match &self.effect {
            Effect::Fired => members.push(("effect", Value::from("fired"))),
            Effect::NoToken => members.push(("effect", Value::from("no_token"))),
            Effect::NotFired(reasons) => {
                members.push(("effect", Value::from("not_fired")));
                members.push(("reasons", list(reasons, |reason| reason.to_json(sources))));
            }
        }
        object(members)
    }
}

impl Reason {
    fn to_json(&self, sources: &Sources) -> Value {
        let mut members =
            vec![("place", place(sources, self.span)), ("text", Value::from(self.text.as_str()))];
        if !self.values.is_empty() {
            let values = self.values.iter().map(|(name, value)| (Arc::from(name.as_str()), value.clone()));
            members.push(("values", Value::object(values.collect())));
        }
        object(members)
    }
}

impl RuleName {
    fn to_json(&self, sources: &Sources) -> Value {
        let name = self.rule.as_ref().map_or(Value::Null, |rule| Value::String(rule.clone()));
        object([("place", place(sources, self.span)), ("name", name)])
    }
}

fn place(sources: &Sources, span: Span) -> Value {
    let column = sources.start(span).column;
    Value::from(format!("{}:{column}", sources.place(span)).as_str())
}

fn finding(code: &str, message: &str, rule: Option<&Arc<str>>) -> Value {
    let rule = rule.map_or(Value::Null, |rule| Value::String(rule.clone()));
    object([("code", Value::from(code)), ("message", Value::from(message)), ("rule", rule)])
}

fn list<T>(items: &[T], of: impl FnMut(&T) -> Value) -> Value {
    Value::list(items.iter().map(of).collect())
}

fn object<'n>(members: impl IntoIterator<Item = (&'n str, Value)>) -> Value {
    Value::object(members.into_iter().map(|(name, value)| (name.into(), value)).collect::<Object>())
}
