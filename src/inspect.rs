//! What a token says, who wrote each part of it, what is missing and why, and what is wrong with it: for whoever asks
//! why a claim is not there, or why an API refuses a token.
//!
//! May assume nothing about the token, and believes nothing that it says: what a token claims about its client, its
//! audience and its grant only chooses what it is compared with. The time is an argument.

use crate::catalog::Catalog;
use crate::diag::Severity;
use crate::mint::{KeySet, SignedToken, Verified};
use crate::policy::Policy;
use crate::value::{Object, Value};

mod addressee;
mod claims;
mod kind;
mod pitfalls;
mod table;
mod times;

pub use claims::{Claim, Missing, Origin, Why};
pub use kind::Kind;
pub(crate) use pitfalls::credential;
pub(crate) use times::duration;

/// What a token is compared with.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The time in seconds since 1970.
    pub now: i64,
    /// What the signature is verified with.
    pub keys: Option<&'a KeySet>,
    /// The policy that should have decided about the token.
    pub policy: Option<&'a Policy>,
    /// The id of the API that the token is shown to.
    pub audience: Option<&'a str>,
}

impl<'a> Question<'a> {
    /// One about a time alone.
    pub fn at(now: i64) -> Self {
        Question { now, keys: None, policy: None, audience: None }
    }

    fn catalog(&self) -> Option<&'a Catalog> {
        Some(self.policy?.catalog())
    }
}

/// Everything that is to be said about a token. It never holds the signature.
#[derive(Debug, Clone)]
pub struct Inspection {
    /// What it is.
    pub kind: Kind,
    /// How that is seen.
    pub evidence: String,
    /// The members of its header.
    pub header: Object,
    /// Its length.
    pub bytes: usize,
    /// Whether a machine got it for itself: its subject is its client (RFC 9068 section 2.2).
    pub is_machine: bool,
    /// Whether it is signed as it says.
    pub signature: Signature,
    /// When it is valid.
    pub times: Vec<Time>,
    /// Whether a policy was there to compare it with.
    pub is_compared: bool,
    /// Its claims, in their order.
    pub claims: Vec<Claim>,
    /// What the policy can give and the token has not: first what it can give to just this client and audience.
    pub missing: Vec<Missing>,
    /// What is wrong, and what to know, the worst first.
    pub findings: Vec<Finding>,
}

/// Whether a token is signed as it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signature {
    /// There were no keys to verify it with.
    Unknown,
    /// One of the keys verified it.
    Verified(Verified),
    /// It is not; a finding says why.
    Refused,
}

/// A time in a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Time {
    /// The claim.
    pub name: &'static str,
    /// Seconds since 1970.
    pub at: i64,
    /// How long ago that is, in seconds; negative in the future.
    pub ago: i64,
}

/// Something that is wrong with a token, or good to know about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Errors are what somebody who verifies the token has to refuse it for.
    pub severity: Severity,
    /// A word for it that stays the same.
    pub slug: &'static str,
    /// The fact: lower case, without a period.
    pub message: String,
    /// What it is about, one thing each.
    pub details: Vec<String>,
    /// What to do: one imperative sentence.
    pub help: String,
}

impl Finding {
    fn new(
        severity: Severity,
        slug: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Finding { severity, slug, message: message.into(), details: Vec::new(), help: help.into() }
    }

    fn details(self, details: Vec<String>) -> Self {
        Finding { details, ..self }
    }
}

/// Inspects a token.
///
/// ```
/// use claimsc::inspect::{Kind, Question, inspect};
/// use claimsc::mint::SignedToken;
///
/// let header = "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9";
/// let token = SignedToken::read(&format!("{header}.eyJzdWIiOiJ1LTEiLCJleHAiOjE3ODEwMDA2MDB9.AAAA")).unwrap();
/// let inspection = inspect(&token, &Question::at(1_781_000_000));
/// assert_eq!(inspection.kind, Kind::AccessToken);
/// assert!(!inspection.has_errors());
/// assert!(inspect(&token, &Question::at(1_781_000_600)).has_errors(), "it has expired");
/// ```
pub fn inspect(token: &SignedToken, question: &Question<'_>) -> Inspection {
    let (kind, evidence) = kind::of(token, question.catalog());
    let subject = Subject { token, kind, question };
    let mut findings = Vec::new();
    let signature = signature(&subject, &mut findings);
    let times = times::check(&subject, &mut findings);
    addressee::check(&subject, &mut findings);
    let (claims, missing) = claims::compare(&subject, &mut findings);
    pitfalls::check(&subject, &mut findings);
    // Of the same severity the order of the questions: who signed it, when, for whom, what.
    findings.sort_by_key(|finding| match finding.severity {
        Severity::Error => 0,
        Severity::Warning => 1,
        Severity::Note => 2,
    });
    let (header, bytes) = (token.header().clone(), token.bytes());
    let is_compared = question.policy.is_some() && kind.token().is_some();
    let is_machine = subject.is_machine();
    Inspection {
        kind,
        evidence,
        header,
        bytes,
        is_machine,
        signature,
        times,
        is_compared,
        claims,
        missing,
        findings,
    }
}

impl Inspection {
    /// Whether somebody who verifies the token has to refuse it.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}

/// What is inspected.
struct Subject<'a> {
    token: &'a SignedToken,
    kind: Kind,
    question: &'a Question<'a>,
}

impl<'a> Subject<'a> {
    fn claim(&self, name: &str) -> Option<&'a Value> {
        self.token.claims().get(name)
    }

    fn text(&self, name: &str) -> Option<&'a str> {
        self.claim(name).and_then(Value::as_str)
    }

    fn has(&self, name: &str) -> bool {
        self.token.claims().contains_key(name)
    }

    /// The values of `aud`: one text or a list (RFC 7519 section 4.1.3).
    fn audience(&self) -> Vec<&'a str> {
        match self.claim("aud") {
            Some(Value::String(one)) => vec![one],
            Some(Value::List(all)) => all.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// The client that asked for the token, by whatever claim names it.
    fn client(&self) -> Option<&'a str> {
        match (self.kind, self.audience().as_slice()) {
            (Kind::IdToken, [one]) => Some(one),
            (Kind::IdToken, _) => self.text("azp"),
            _ => ["client_id", "azp", "cid", "appid"].into_iter().find_map(|name| self.text(name)),
        }
    }

    /// Whether a machine got it for itself.
    fn is_machine(&self) -> bool {
        self.kind == Kind::AccessToken && self.text("sub").is_some() && self.text("sub") == self.client()
    }
}

/// What kind of value it is, with the article.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "`true` or `false`",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::List(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn signature(subject: &Subject<'_>, findings: &mut Vec<Finding>) -> Signature {
    let token = subject.token;
    if let Some(name) =
        ["jwk", "jku", "x5c", "x5u"].into_iter().find(|name| token.header().contains_key(*name))
    {
        findings.push(Finding::new(
            Severity::Warning,
            "key-in-header",
            format!("`{name}` of the header names a key: who alters a token names a key of their own"),
            "verify with keys of the issuer only, never with one that the token brings (RFC 8725 section 3.10)",
        ));
    }
    let result = match subject.question.keys {
        Some(keys) => keys.verify(token).map(Signature::Verified),
        None => match token.check_signed() {
            Err(refusal) if refusal.is_final => Err(refusal),
            _ => Ok(Signature::Unknown),
        },
    };
    result.unwrap_or_else(|refusal| {
        findings.push(Finding::new(Severity::Error, "not-verified", refusal.message(), refusal.help()));
        Signature::Refused
    })
}
