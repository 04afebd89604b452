//! The hosts that policies can be written for: what each can do and what it forbids, as facts with their sources.
//!
//! A profile is one table in a file of its own. Nothing here decides: the checks `profile-*` read the facts, and so
//! do `claimsc profiles` and the pages in `docs/profiles`. To add a host, write its table and one line here.

use std::fmt;

use super::{Token, Tokens};

mod auth0;
mod authelia;
mod cognito;
mod entra;
mod generic;
mod hydra;
mod keycloak;
mod okta;
mod others;
mod supabase;
mod zitadel;

pub use others::OTHERS;

/// The values of `profile` in claims.yaml; the first is the default.
pub const PROFILES: [&str; 10] =
    ["generic", "auth0", "okta", "entra", "cognito", "keycloak", "hydra", "authelia", "supabase", "zitadel"];

static TABLES: [&Profile; 10] = [
    &generic::PROFILE,
    &auth0::PROFILE,
    &okta::PROFILE,
    &entra::PROFILE,
    &cognito::PROFILE,
    &keycloak::PROFILE,
    &hydra::PROFILE,
    &authelia::PROFILE,
    &supabase::PROFILE,
    &zitadel::PROFILE,
];

/// What a host can do and forbids.
#[derive(Debug)]
pub struct Profile {
    /// Its name in claims.yaml.
    pub name: &'static str,
    /// What people call the host.
    pub title: &'static str,
    /// The mechanism of the host that carries the policy out: a noun phrase.
    pub mechanism: &'static str,
    /// The tokens whose claims the mechanism writes.
    pub tokens: Tokens,
    /// Everything else that is known.
    pub facts: &'static [Fact],
}

impl Profile {
    /// All of them, in the order of [`PROFILES`].
    pub fn all() -> &'static [&'static Profile] {
        &TABLES
    }

    /// The profile of a name.
    pub fn find(name: &str) -> Option<&'static Profile> {
        TABLES.into_iter().find(|profile| profile.name == name)
    }

    /// Whether a verb has no counterpart.
    pub fn lacks(&self, verb: Verb) -> bool {
        self.facts.iter().any(|fact| matches!(fact.is, Is::Lacks(verbs) if verbs.contains(&verb)))
    }

    /// The facts about some of these tokens.
    pub fn about(&self, tokens: Tokens) -> impl Iterator<Item = &'static Fact> + use<> {
        self.facts.iter().filter(move |fact| !fact.tokens.and(tokens).is_empty())
    }
}

/// A product that is no profile, and why; its facts are kept for those who compare.
#[derive(Debug)]
pub struct Other {
    /// Its name.
    pub name: &'static str,
    /// Why there is no profile for it.
    pub reason: &'static str,
    /// What is known.
    pub facts: &'static [Fact],
}

/// One fact about a host.
#[derive(Debug)]
pub struct Fact {
    /// The tokens that it is about.
    pub tokens: Tokens,
    /// What is so.
    pub is: Is,
    /// Where and when, in a few words; may be empty.
    pub note: &'static str,
    /// Where the host says so.
    pub source: Source,
}

/// A public document or public code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// Its title, or repository and path.
    pub title: &'static str,
    /// Version, commit or date of what was read; may be empty.
    pub version: &'static str,
}

/// What is so. Lists of names are separated by blanks.
#[derive(Debug)]
pub enum Is {
    /// Claims of these names can neither be written nor removed.
    Closed(&'static str, Effect),
    /// Claims whose names begin like this can neither be written nor removed.
    ClosedPrefix(&'static str, Effect),
    /// Claims whose names begin like this can be removed and not written.
    OnlyRemoved(&'static str, Effect),
    /// `http` and `https` names of these hosts, and of those below them, cannot be written.
    ClosedHost(&'static str, Effect),
    /// Names that begin like this URN cannot be written.
    ClosedUrn(&'static str, Effect),
    /// Names that are no URL or URN cannot be written into tokens for these audiences: host suffix and paths.
    ShortNamesFor(&'static str, &'static str, Effect),
    /// A dot in a name makes an object of the parts.
    DotsNest(Effect),
    /// Claims of these names must stay in the token and have this type.
    Demanded(&'static str, Shape, Effect),
    /// Claims of these names must have this type.
    Typed(&'static str, Shape, Effect),
    /// All claims must have this type.
    AllTyped(Shape, Effect),
    /// The first token shows what the second carries and cannot be written by itself.
    Follows(Token, Token),
    /// These verbs have no counterpart.
    Lacks(&'static [Verb]),
    /// Not more claims than this.
    MaxClaims(u64, Effect),
    /// Names and values of a token together are not more bytes than this.
    MaxBytes(u64, Effect),
    /// A lifetime that the policy sets lies between these seconds.
    Lifetime(u64, u64, Effect),
    /// Claims of these names, or whose names begin like this where it ends in `*`, can be written.
    Open(&'static str),
    /// Something that no policy can do wrong, in words.
    Known(&'static str),
}

words! {
    /// What the host does about a policy that it cannot carry out.
    Effect {
        /// The token is issued without it, and nobody is told.
        Ignores = "ignores",
        /// The host's own value stays.
        Keeps = "keeps",
        /// All that the policy says about the token is skipped; the token is issued without it.
        SkipsPolicy = "skips_policy",
        /// The configuration is refused.
        RefusesSetup = "refuses_setup",
        /// No token is issued.
        RefusesToken = "refuses_token",
        /// It becomes something else.
        Changes = "changes",
        /// It is documented as impossible; what happens then is not.
        Declines = "declines",
    }
}

impl Effect {
    /// What the host of a title does about a removal.
    pub fn of_removal(self, title: &str) -> String {
        match self {
            Effect::Ignores => format!("{title} ignores that silently"),
            _ => self.of(title),
        }
    }

    /// What the host of a title does about it: `Auth0 ignores it silently and ..`.
    pub fn of(self, title: &str) -> String {
        let rest = match self {
            Effect::Ignores => "ignores it silently and issues the token without it",
            Effect::Keeps => "keeps its own value",
            Effect::SkipsPolicy => "skips all changes of the policy and issues the token anyway",
            Effect::RefusesSetup => "refuses the configuration",
            Effect::RefusesToken => "issues no token",
            Effect::Changes => "puts something else in its place",
            Effect::Declines => "does not support it",
        };
        format!("{title} {rest}")
    }
}

/// What a claim's value must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Any JSON.
    Any,
    /// A string.
    String,
    /// A whole number.
    Integer,
    /// A list.
    List,
    /// A list of strings.
    Strings,
    /// An object.
    Object,
    /// A string or a list.
    StringOrList,
    /// A string or a list of strings.
    StringOrStrings,
}

impl Shape {
    /// `a string`.
    pub fn words(self) -> &'static str {
        match self {
            Shape::Any => "any value",
            Shape::String => "a string",
            Shape::Integer => "a whole number",
            Shape::List => "a list",
            Shape::Strings => "a list of strings",
            Shape::Object => "an object",
            Shape::StringOrList => "a string or a list",
            Shape::StringOrStrings => "a string or a list of strings",
        }
    }
}

words! {
    /// What a policy can do beside writing claims.
    Verb {
        /// `remove`.
        Remove = "remove",
        /// `deny`.
        Deny = "deny",
        /// `add scope`.
        AddScope = "add scope",
        /// `remove scope`.
        RemoveScope = "remove scope",
        /// `limit scopes`.
        LimitScopes = "limit scopes",
        /// `set audience`.
        SetAudience = "set audience",
        /// `limit lifetime`.
        LimitLifetime = "limit lifetime",
    }
}
