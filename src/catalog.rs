//! The facts that a policy talks about: what `claims.yaml` states, resolved and complete.
//!
//! Reading the file is `catalog/read`; this module is the data, which the evaluator needs too (it enforces the catalog
//! at run time).

mod budget;
mod by_id;
#[cfg(feature = "compiler")]
mod check;
#[cfg(feature = "compiler")]
pub mod codes;
mod config;
mod defaults;
#[cfg(feature = "compiler")]
mod domains;
#[cfg(feature = "compiler")]
mod form;
#[cfg(feature = "compiler")]
mod keys;
mod names;
#[cfg(feature = "compiler")]
mod read;
#[cfg(feature = "compiler")]
mod schema;
#[cfg(feature = "compiler")]
mod shape;
#[cfg(test)]
#[cfg(feature = "compiler")]
mod tests;
#[cfg(feature = "compiler")]
mod types;
#[cfg(feature = "compiler")]
mod world;
#[cfg(feature = "compiler")]
mod yaml;
#[cfg(feature = "compiler")]
mod yaml_help;

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::source::Span;
use crate::standard::Grant;
use crate::ty::{Labels, Shape, Type};
use crate::value::Value;

pub use budget::{Budget, Cost};
pub use by_id::ById;
pub use config::bind_config;
pub use names::ClaimNameKind;
#[cfg(feature = "compiler")]
pub use {read::read, read::read_data, schema::schema, types::resolve_type};

/// The version of the language that this release knows.
pub const LANGUAGE: i64 = 1;

/// A root of what policies can read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Root {
    /// The grant of the request.
    Grant,
    /// The client: id, name, confidential, metadata.
    Client,
    /// The audiences that the token will carry, without the issuer's own endpoints.
    Audience,
    /// The scopes that the token will carry.
    Scopes,
    /// `requested.audience` and `requested.scopes`.
    Requested,
    /// What the first grant of a refresh had, or the exchanged token carried.
    Original,
    /// The person.
    User,
    /// How the user signed in.
    Connection,
    /// The organization that the user signed in to.
    Organization,
    /// The sign-in session.
    Session,
    /// The delegate in token exchange.
    Actor,
    /// The HTTP request.
    Request,
    /// Data that the host fetched beforehand, by source.
    External,
    /// Constants, bound when the policy is loaded.
    Config,
    /// The time of the request.
    Now,
}

impl Root {
    /// All roots.
    pub const ALL: [Root; 15] = [
        Root::Grant,
        Root::Client,
        Root::Audience,
        Root::Scopes,
        Root::Requested,
        Root::Original,
        Root::User,
        Root::Connection,
        Root::Organization,
        Root::Session,
        Root::Actor,
        Root::Request,
        Root::External,
        Root::Config,
        Root::Now,
    ];

    /// The word for it in policies.
    pub fn as_str(self) -> &'static str {
        match self {
            Root::Grant => "grant",
            Root::Client => "client",
            Root::Audience => "audience",
            Root::Scopes => "scopes",
            Root::Requested => "requested",
            Root::Original => "original",
            Root::User => "user",
            Root::Connection => "connection",
            Root::Organization => "organization",
            Root::Session => "session",
            Root::Actor => "actor",
            Root::Request => "request",
            Root::External => "external",
            Root::Config => "config",
            Root::Now => "now",
        }
    }

    /// Those that are data of the host, as the request gives them.
    pub const DATA: [Root; 8] = [
        Root::User,
        Root::Connection,
        Root::Organization,
        Root::Session,
        Root::Actor,
        Root::Request,
        Root::External,
        Root::Config,
    ];

    /// Whether it is data of the host, and not part of what is asked for. Of a client that claims.yaml does not list, all
    /// but its id is.
    pub fn is_attribute(self) -> bool {
        self == Root::Client || Root::DATA.contains(&self)
    }

    /// The root that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        Root::ALL.into_iter().find(|root| root.as_str() == word)
    }
}

/// Which clients or audiences may occur beside the listed ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum World {
    /// None.
    Closed,
    /// Others too; the host's registry vouches for them. Also where there is no list at all.
    #[default]
    Open,
    /// Others too, and they register themselves: name and metadata are `untrusted`. Clients only.
    Dynamic,
}

/// How long tokens live, in seconds; `None` where the level above decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lifetimes {
    /// Access tokens.
    pub access_token: Option<u64>,
    /// ID tokens.
    pub id_token: Option<u64>,
}

/// One API.
#[derive(Debug, Clone)]
pub struct Audience {
    /// The value of `aud`.
    pub id: Arc<str>,
    /// Labels that it may receive; `None` where it states none.
    pub accepts: Option<Labels>,
    /// The largest access token, in bytes.
    pub max_token_bytes: Option<u64>,
    /// Its scopes; `None` where none are listed, so any may occur.
    pub scopes: Option<Vec<Arc<str>>>,
    /// Lifetimes of tokens for it.
    pub lifetimes: Lifetimes,
    /// Its alias in claims.yaml.
    pub span: Span,
}

/// One client.
#[derive(Debug, Clone)]
pub struct Client {
    /// The client id.
    pub id: Arc<str>,
    /// Its display name.
    pub name: Option<Arc<str>>,
    /// Whether it can keep a secret (RFC 6749 section 2.1).
    pub confidential: Option<bool>,
    /// The grants that it may use; `None` where none are listed, so any may occur.
    pub grants: Option<Vec<Grant>>,
    /// Aliases of the audiences that it may request; `None`: all listed ones.
    pub audiences: Option<Vec<Arc<str>>>,
    /// Its metadata, checked against `client_metadata`.
    pub metadata: Value,
    /// Labels that it may receive in ID tokens, userinfo and SAML; `None`: everything but `secret`.
    pub accepts: Option<Labels>,
    /// Lifetimes of its tokens.
    pub lifetimes: Lifetimes,
    /// Its alias in claims.yaml.
    pub span: Span,
}

/// A connection or organization that has an alias.
#[derive(Debug, Clone)]
pub struct Party {
    /// Its id.
    pub id: Arc<str>,
    /// Its name.
    pub name: Option<Arc<str>>,
    /// The strategy of a connection.
    pub strategy: Option<Arc<str>>,
    /// Its alias in claims.yaml.
    pub span: Span,
}

/// A short claim name that some consumer demands.
#[derive(Debug, Clone)]
pub struct PrivateClaim {
    /// The type that the consumer demands, where it is stated.
    pub ty: Option<Type>,
    /// Why the name is needed.
    pub reason: Arc<str>,
    /// The name in claims.yaml.
    pub span: Span,
}

/// A constant of `config`.
#[derive(Debug, Clone)]
pub struct Constant {
    /// Its value; `None`: bound when the policy is loaded.
    pub value: Option<Value>,
    /// Its name in claims.yaml.
    pub span: Span,
}

/// A namespace that belongs to somebody else and is written on purpose.
#[derive(Debug, Clone)]
pub struct ForeignNamespace {
    /// Why.
    pub reason: Arc<str>,
    /// The namespace in claims.yaml.
    pub span: Span,
}

/// Everything that claims.yaml states, with defaults filled in.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// Whether there is a claims.yaml. Without one there is the standard OIDC user and an open world.
    pub is_given: bool,
    /// The issuer, an `https` URL.
    pub issuer: Option<Arc<str>>,
    /// The target provider; `generic` by default.
    pub profile: Arc<str>,
    /// Domains whose namespaces belong to the author.
    pub owned_domains: Vec<Arc<str>>,
    /// Namespaces of others that are written on purpose.
    pub foreign_namespaces: IndexMap<Arc<str>, ForeignNamespace>,
    /// Short claim names that some consumer demands.
    pub private_claims: IndexMap<Arc<str>, PrivateClaim>,
    /// Names of all labels: [`Labels::BUILT_IN`], then own ones.
    pub labels: Vec<Arc<str>>,
    /// Default lifetimes.
    pub lifetimes: Lifetimes,
    /// Constants; their shapes are members of the shape of [`Root::Config`].
    pub config: IndexMap<Arc<str>, Constant>,
    /// APIs by alias.
    pub audiences: IndexMap<Arc<str>, Audience>,
    /// Whether there are others.
    pub audience_world: World,
    /// Sets of aliases that may stand in one token; `None`: any set where the world of audiences is open without a
    /// list, else single ones only.
    pub audience_sets: Option<Vec<Vec<Arc<str>>>>,
    /// The alias of the audience of access tokens that are asked for without one (RFC 9068 section 3).
    pub default_audience: Option<Arc<str>>,
    /// Audiences that are the issuer's own endpoints: in results, not seen by policies.
    pub issuer_endpoints: Vec<Arc<str>>,
    /// Clients by alias.
    pub clients: IndexMap<Arc<str>, Client>,
    /// Whether there are others.
    pub client_world: World,
    /// Connections by alias.
    pub connections: IndexMap<Arc<str>, Party>,
    /// Organizations by alias.
    pub organizations: IndexMap<Arc<str>, Party>,
    /// The shape of each root, always complete: one entry for each of [`Root::ALL`].
    pub inputs: BTreeMap<Root, Shape>,
    /// `delegation: explicit`: a write reaches delegated tokens only if its condition mentions `actor`.
    pub explicit_delegation: bool,
    /// Slugs that no `@allow` may silence, and where claims.yaml says so.
    pub locked: Vec<(Arc<str>, Span)>,
    /// What proofs may cost.
    pub budget: Budget,
    /// Where clients and audiences stand.
    pub by_id: ById,
}

impl Catalog {
    /// The shape of a root.
    pub fn input(&self, root: Root) -> Option<&Shape> {
        self.inputs.get(&root)
    }

    /// The set of one label, by name.
    pub fn label(&self, name: &str) -> Option<Labels> {
        self.labels.iter().position(|label| &**label == name).map(Labels::bit)
    }

    /// Whether no token is for several audiences.
    pub fn has_single_audiences(&self) -> bool {
        let is_free = self.audiences.is_empty() && self.audience_world != World::Closed;
        self.audience_sets.is_none() && !is_free
    }
}
