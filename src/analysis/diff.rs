//! Two versions of a policy: proven equal, or in what they differ, for whom, each difference with a request that both
//! have decided.
//!
//! "Equal" is about requests that conform to claims.yaml and that both versions can evaluate: one that fails (data that
//! is malformed, a source that does not answer, values in conflict) gets no tokens, and why it fails is not compared.
//! Where claims.yaml changes too, requests that both versions accept are compared, and what changed is listed.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use crate::catalog::Cost;
use crate::eval::RuleName;
use crate::ir::Unit;
use crate::source::Span;
use crate::standard::{Grant, Token};
use crate::value::Value;

use super::fingerprint::fingerprint;
use super::matrix::Party;

mod claims;
mod contributions;
mod effects;
mod facts;
mod open;
mod pair;
mod reads;
mod requests;
mod whom;

pub use facts::Fact;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $word:literal,)*) => {
        /// In what two versions differ.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $($(#[$doc])* $kind,)* }

        impl Kind {
            /// All of them, in the order in which they are shown.
            pub const ALL: &[Kind] = &[$(Kind::$kind,)*];

            /// The word for it.
            pub fn as_str(self) -> &'static str {
                match self { $(Kind::$kind => $word,)* }
            }
        }
    };
}

kinds! {
    /// A token has a claim that it had for nobody.
    NewClaim = "new-claim",
    /// A token has a claim for nobody any more.
    LostClaim = "lost-claim",
    /// A claim has another value.
    Value = "value",
    /// A claim has a value of another type.
    Type = "type",
    /// A token has a claim for more requests.
    WiderPopulation = "wider-population",
    /// A token has a claim for fewer requests.
    NarrowerPopulation = "narrower-population",
    /// A claim reaches an audience that it did not reach, or a token is for an audience that it was not for.
    WiderAudience = "wider-audience",
    /// A token is no longer for an audience.
    NarrowerAudience = "narrower-audience",
    /// A claim carries data with a label that it did not carry.
    NewLabel = "new-label",
    /// A claim can be larger than before.
    Larger = "larger",
    /// A claim is kept out of a token, also where the issuer itself would write it.
    NewRemoval = "new-removal",
    /// It is no longer kept out.
    LostRemoval = "lost-removal",
    /// A scope is granted that was not.
    NewScope = "new-scope",
    /// A scope is no longer granted.
    LostScope = "lost-scope",
    /// A request is refused that was not.
    NewDenial = "new-denial",
    /// A request is no longer refused.
    LostDenial = "lost-denial",
    /// A request is refused for another reason.
    OtherDenial = "other-denial",
    /// Tokens may live longer.
    LongerLifetime = "longer-lifetime",
    /// Tokens may not live as long.
    ShorterLifetime = "shorter-lifetime",
    /// A request fails that did not.
    NewError = "new-error",
    /// A request no longer fails.
    LostError = "lost-error",
    /// A fact of claims.yaml that decides about requests.
    Fact = "fact",
}

impl Kind {
    /// The one that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        Kind::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a difference is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum About {
    /// A claim of a token, by its whole name.
    Claim(Arc<str>, Token),
    /// Whether there are tokens at all.
    Decision,
    /// The audience of the tokens.
    Audience,
    /// A scope.
    Scope(Arc<str>),
    /// Scopes whose names no rule says.
    OtherScopes,
    /// The limit of the lifetime.
    Lifetime,
}

/// Whose requests a difference can be about; nobody else's, which is proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whom {
    /// Clients, those that claims.yaml does not list as one.
    pub clients: Among<Party>,
    /// Grants.
    pub grants: Among<Grant>,
    /// Audiences of the token, those that claims.yaml does not list as one; `None` stands for a token without any.
    pub audiences: Among<Option<Party>>,
}

impl Whom {
    /// These and others.
    fn extend(&mut self, others: &Whom) {
        self.clients.extend(&others.clients);
        self.grants.extend(&others.grants);
        self.audiences.extend(&others.audiences);
    }
}

/// Some of all that there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Among<T> {
    /// These, each once.
    pub listed: Vec<T>,
    /// How many there are at all.
    pub of: usize,
}

impl<T: PartialEq + Clone> Among<T> {
    /// Whether there are no others.
    pub fn is_all(&self) -> bool {
        self.listed.len() == self.of
    }

    fn extend(&mut self, others: &Self) {
        for other in &others.listed {
            if !self.listed.contains(other) {
                self.listed.push(other.clone());
            }
        }
    }
}

/// A difference.
#[derive(Debug, Clone)]
pub struct Difference {
    /// Which.
    pub kind: Kind,
    /// About what.
    pub about: About,
    /// The label, of [`Kind::NewLabel`].
    pub label: Option<Arc<str>>,
    /// For whom; `None` where a request shows it that was found for another difference.
    pub whom: Option<Whom>,
    /// The rules of the old version that decide about the request.
    pub old_rules: Vec<RuleName>,
    /// Those of the new one.
    pub new_rules: Vec<RuleName>,
    /// The request that shows it.
    pub witness: Value,
    /// The part of the old version's answer that differs; `None` where there is none.
    pub old: Option<Value>,
    /// The part of the new version's answer.
    pub new: Option<Value>,
}

/// A question without an answer.
#[derive(Debug, Clone)]
pub struct Undecided {
    /// About what.
    pub about: About,
    /// What is in the way.
    pub doubts: Vec<Doubt>,
}

/// What is in the way of an answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// An expression of the old version that is not understood well enough.
    Old(Span),
    /// The same of the new version.
    New(Span),
    /// A budget that is spent, and what it is.
    Spent(Cost, u64),
    /// Something else, in words.
    Words(Arc<str>),
}

/// What is known of two versions.
#[derive(Debug, Clone, Default)]
pub struct Diff {
    /// Facts of claims.yaml that changed.
    pub facts: Vec<Fact>,
    /// Differences, by what they are about.
    pub differences: Vec<Difference>,
    /// What could be neither proven nor shown.
    pub undecided: Vec<Undecided>,
    /// Alias and prefix of each namespace, so that names can be shown as they are written.
    pub namespaces: Vec<(Arc<str>, Arc<str>)>,
}

impl Diff {
    /// Whether it is proven that both versions decide alike.
    pub fn is_equal(&self) -> bool {
        self.differences.is_empty()
            && self.undecided.is_empty()
            && !self.facts.iter().any(|fact| fact.decides)
    }

    /// Whether there is a difference of one of these kinds, or something undecided that could be one.
    pub fn has(&self, kinds: &[Kind]) -> bool {
        !self.undecided.is_empty()
            || self.differences.iter().any(|difference| kinds.contains(&difference.kind))
            || (kinds.contains(&Kind::Fact) && self.facts.iter().any(|fact| fact.decides))
    }

    /// How the policy writes a name: `ns/email`, or all of it where no namespace fits.
    pub fn short_name(&self, name: &str) -> String {
        let fitting = self
            .namespaces
            .iter()
            .filter_map(|(alias, prefix)| Some((prefix.len(), alias, name.strip_prefix(&**prefix)?)));
        match fitting.max_by_key(|(length, ..)| *length) {
            Some((_, alias, rest)) if !rest.is_empty() => format!("{alias}/{rest}"),
            _ => name.to_owned(),
        }
    }
}

/// Compares two versions of a policy, both without errors.
pub fn diff(old: &Unit, new: &Unit) -> Diff {
    let facts = facts::changed(old, new);
    let namespaces: BTreeSet<(Arc<str>, Arc<str>)> = new
        .namespaces
        .iter()
        .chain(old.namespaces.iter())
        .map(|n| (n.alias.clone(), n.prefix.clone()))
        .collect();
    let namespaces = namespaces.into_iter().collect();
    if fingerprint(old) == fingerprint(new) {
        return Diff { facts, namespaces, ..Diff::default() };
    }
    let mut pair = pair::Pair::new(old, new, &facts);
    requests::audience(&mut pair);
    requests::scopes(&mut pair);
    requests::denials(&mut pair);
    requests::lifetime(&mut pair);
    claims::compare(&mut pair);
    let (differences, undecided) = pair.finish();
    Diff { facts, differences, undecided, namespaces }
}

#[cfg(test)]
mod tests;
