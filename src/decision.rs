//! What a policy answers: the claims of each token, a refusal, or an error.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use crate::standard::Token;
use crate::value::{Object, Value};

/// The answer to one request.
///
/// Exhaustive on purpose: a host that mints tokens has to handle every case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Tokens are issued with these claims.
    Issue(Issued),
    /// The policy refuses the request; each denial once, sorted by code and message. Never empty.
    Deny(Vec<Refusal>),
    /// The policy cannot be evaluated: no token is issued. Each error once, sorted by code and message. Never empty.
    Error(Vec<EvaluationError>),
}

/// What the tokens carry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Issued {
    /// The claims of every token that the grant gives, sorted by name.
    pub tokens: BTreeMap<Token, BTreeMap<Arc<str>, Value>>,
    /// Claims that are suppressed, the issuer's own included; only tokens that have some.
    pub removed: BTreeMap<Token, BTreeSet<Arc<str>>>,
    /// Granted scopes: the request's in its order, then added ones by UTF-8 bytes.
    pub scopes: Vec<Arc<str>>,
    /// Ids of the audiences, the issuer's own endpoints included.
    pub audience: Vec<Arc<str>>,
    /// The longest lifetime in seconds, where a rule limits it.
    pub lifetime: Option<i64>,
}

/// One reason why a request is refused.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// An OAuth error code (RFC 6749 section 5.2).
    pub code: Arc<str>,
    /// What people are told.
    pub message: Arc<str>,
    /// `file:line` of the rule; no part of equality.
    pub rule: Arc<str>,
}

impl PartialEq for Refusal {
    fn eq(&self, other: &Self) -> bool {
        (&self.code, &self.message) == (&other.code, &other.message)
    }
}

impl Eq for Refusal {}

/// One reason why a policy cannot be evaluated. Names attributes and rules, never a value.
#[derive(Debug, Clone)]
pub struct EvaluationError {
    /// The diagnostic code, `C09..`.
    pub code: &'static str,
    /// The fact: lower case, without a period.
    pub message: String,
    /// `file:line` of the rule it was found for; `None` where it is about the request as a whole. No part of equality.
    pub rule: Option<Arc<str>>,
}

impl PartialEq for EvaluationError {
    fn eq(&self, other: &Self) -> bool {
        (self.code, &self.message) == (other.code, &other.message)
    }
}

impl Eq for EvaluationError {}

impl Decision {
    /// `issue`, `deny` or `error`.
    pub fn word(&self) -> &'static str {
        match self {
            Decision::Issue(_) => "issue",
            Decision::Deny(_) => "deny",
            Decision::Error(_) => "error",
        }
    }

    /// The JSON form of a decision.
    ///
    /// An issued one has `decision`, a member for each token that the grant gives, `removed`, `scopes`, `audience`
    /// and `lifetime` (seconds or null); a denial `decision` and `denials`; an error `decision` and `errors`.
    pub fn to_json(&self) -> Value {
        let mut members = Object::new();
        members.insert("decision".into(), Value::from(self.word()));
        match self {
            Decision::Issue(issued) => issued.write(&mut members),
            Decision::Deny(refusals) => {
                let denials = refusals
                    .iter()
                    .map(|refusal| finding(&refusal.code, &refusal.message, Some(&refusal.rule)));
                members.insert("denials".into(), Value::list(denials.collect()));
            }
            Decision::Error(errors) => {
                let errors =
                    errors.iter().map(|error| finding(error.code, &error.message, error.rule.as_ref()));
                members.insert("errors".into(), Value::list(errors.collect()));
            }
        }
        Value::object(members)
    }
}

impl Issued {
    fn write(&self, members: &mut Object) {
        for (token, claims) in &self.tokens {
            let claims = claims.iter().map(|(name, value)| (name.clone(), value.clone()));
            members.insert(token.as_str().into(), Value::object(claims.collect()));
        }
        let removed = self.removed.iter().map(|(token, names)| (token.as_str().into(), strings(names)));
        members.insert("removed".into(), Value::object(removed.collect()));
        members.insert("scopes".into(), strings(&self.scopes));
        members.insert("audience".into(), strings(&self.audience));
        members.insert("lifetime".into(), self.lifetime.map_or(Value::Null, Value::int));
    }
}

fn strings<'a>(texts: impl IntoIterator<Item = &'a Arc<str>>) -> Value {
    Value::list(texts.into_iter().cloned().map(Value::String).collect())
}

fn finding(code: &str, message: &str, rule: Option<&Arc<str>>) -> Value {
    let rule = rule.map_or(Value::Null, |rule| Value::String(rule.clone()));
    let members = [("code", Value::from(code)), ("message", Value::from(message)), ("rule", rule)];
    Value::object(members.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

/// The compact JSON form.
impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_json().to_json())
    }
}
