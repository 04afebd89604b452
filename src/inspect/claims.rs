//! Who writes each claim of a token, and which claims of the policy it has not.
//!
//! What the policy can do is asked of its matrix, which is proven. A token tells its client and its audience, and its
//! grant only in part: a machine's token is told from a person's, and that is all.

use std::sync::Arc;

use crate::analysis::matrix::{Audiences, Matrix, Party, Subject as Place, Write};
use crate::diag::Severity;
use crate::standard::Grant;
use crate::standard::claims::{self, Class, RegisteredClaim, SCOPE_CLAIMS};
use crate::standard::dotnet;
use crate::value::Value;

use super::table::{Fate, Table};
use super::{Finding, Kind, Subject};

/// A claim of a token.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Its name.
    pub name: Arc<str>,
    /// Its value.
    pub value: Value,
    /// Who writes it.
    pub origin: Origin,
    /// The type under which ASP.NET Core shows it, where that is another one.
    pub dotnet: Option<&'static str>,
}

/// Who writes a claim.
#[derive(Debug, Clone)]
pub enum Origin {
    /// The issuer, as the protocol has it.
    Protocol(&'static RegisteredClaim),
    /// The issuer, from the user, because this scope is granted (OpenID Connect Core section 5.4).
    Scope(&'static str),
    /// Statements of the policy: those that can have written it.
    Policy(Vec<Write>),
    /// It is registered, and nothing here writes it.
    Registered(&'static RegisteredClaim),
    /// It is not registered, and nothing here writes it; somebody is known to read it: who, and as what.
    Known(&'static str, &'static str),
    /// Nothing is known of it.
    Unknown,
}

impl Origin {
    /// `protocol`, `standard`, `policy` or `unknown`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Origin::Protocol(_) => "protocol",
            Origin::Scope(_) | Origin::Registered(_) => "standard",
            Origin::Policy(_) => "policy",
            Origin::Known(..) | Origin::Unknown => "unknown",
        }
    }
}

/// A claim that the policy can write into such a token, and that this one has not.
#[derive(Debug, Clone)]
pub struct Missing {
    /// Its name; where data decides it, what it begins with and `*`.
    pub name: Arc<str>,
    /// Why it is missing.
    pub why: Why,
    /// The statements that write it.
    pub writes: Vec<Write>,
    /// The statements that remove it.
    pub removals: Vec<Write>,
}

/// Why a claim is missing, the nearest reason first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// The policy always gives it: another policy decided about the token, or somebody dropped the claim.
    Unexplained,
    /// No condition of its statements was true, their values were absent, or a statement removed it.
    Conditions,
    /// Statements remove it: always, or from what the issuer writes.
    Removed,
    /// Only a person's token has it, and this is a machine's; or the other way round.
    OtherSubject,
    /// Only other grants give it.
    OtherGrant(Vec<Grant>),
    /// Only tokens for other audiences have it.
    OtherAudience(Vec<Audiences>),
    /// Only other clients get it.
    OtherClient(Vec<Party>),
}

impl Why {
    /// A word for it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Why::Unexplained => "unexplained",
            Why::Conditions => "conditions",
            Why::Removed => "removed",
            Why::OtherSubject => "other_subject",
            Why::OtherGrant(_) => "other_grant",
            Why::OtherAudience(_) => "other_audience",
            Why::OtherClient(_) => "other_client",
        }
    }
}

pub(super) fn compare(subject: &Subject<'_>, findings: &mut Vec<Finding>) -> (Vec<Claim>, Vec<Missing>) {
    let policy = subject.question.policy.zip(subject.kind.token());
    let table = policy.map(|(policy, token)| {
        let unit = policy.unit();
        Table::of(subject, &unit.catalog, &Matrix::of(unit), Place::Token(token))
    });
    let claim = |(name, value): (&Arc<str>, &Value)| Claim {
        name: name.clone(),
        value: value.clone(),
        origin: origin(subject, table.as_ref(), name),
        dotnet: dotnet::renamed(name),
    };
    let found: Vec<Claim> = subject.token.claims().iter().map(claim).collect();
    let missing = table.as_ref().map(|table| table.missing(subject)).unwrap_or_default();
    if let Some(table) = &table {
        findings.extend(found.iter().filter_map(|claim| unexpected(table, claim)));
    }
    (found, missing)
}

/// A claim that the policy does not give to such a token, or removes from it.
fn unexpected(table: &Table, claim: &Claim) -> Option<Finding> {
    let (slug, message) = match table.fate(&claim.name)? {
        _ if matches!(claim.origin, Origin::Protocol(_)) => return None,
        Fate::Possible => return None,
        Fate::Removed => (
            "removed-claim",
            format!("the policy removes `{}` from such a token, which has it all the same", claim.name),
        ),
        Fate::Elsewhere(place) => {
            ("unexpected-claim", format!("the policy writes `{}` only for {place}", claim.name))
        }
    };
    let help = "look for another policy, an older one, or what adds claims behind it";
    Some(Finding::new(Severity::Warning, slug, message, help))
}

fn origin(subject: &Subject<'_>, table: Option<&Table>, name: &str) -> Origin {
    let registered = claims::claim(name);
    if let Some(claim) = registered.filter(|claim| claim.class == Class::Protocol) {
        return Origin::Protocol(claim);
    }
    let writes = table.map(|table| table.writers(name)).unwrap_or_default();
    if !writes.is_empty() {
        return Origin::Policy(writes);
    }
    let scope = SCOPE_CLAIMS.iter().find(|(_, names)| names.contains(&name));
    match (scope, registered) {
        (Some((scope, _)), _) if subject.kind == Kind::IdToken => Origin::Scope(scope),
        (_, Some(claim)) => Origin::Registered(claim),
        _ => match claims::reading(name).copied().or_else(|| claims::known_use(name)) {
            Some(reading) => Origin::Known(reading.reader, reading.meaning),
            None => Origin::Unknown,
        },
    }
}
