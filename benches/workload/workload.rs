//! One workload for every engine: N rules over N/10 audiences and several clients, of which exactly five write a claim
//! into the token of each request that is timed. A workload is data; how it looks as a policy, as requests and as
//! hand-written Rust stands in the files beside this one. The same numbers always give the same workload.
//!
//! Included by path, because the benches, a test and the comparison with other engines are crates of their own.

pub(crate) mod claims;
pub(crate) mod hand;
pub(crate) mod requests;
pub(crate) mod turns;

mod variants;

/// The prefix of all names of claims.
pub(crate) const NAMESPACE: &str = "https://acme.example/claims/";
/// The grant of all requests.
pub(crate) const GRANT: &str = "authorization_code";

/// One rule: if the request is for this audience and by this client, and the condition holds, then the claim gets the
/// value.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    /// The only audience of the request; any if `None`.
    pub(crate) audience: Option<usize>,
    pub(crate) client: Client,
    pub(crate) condition: Condition,
    pub(crate) level: Level,
    /// What follows the namespace in the claim's name.
    pub(crate) claim: String,
    pub(crate) value: Form,
}

/// What a rule says of the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Client {
    Any,
    Is(usize),
    IsNot(usize),
}

/// What a rule asks beside audience and client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    Always,
    /// The scope is granted.
    Scope(&'static str),
    /// The address of the user is verified.
    Verified,
    /// The user is in this group.
    InGroup(usize),
    /// The nickname of the user matches this one of [`PATTERNS`].
    Matches(usize),
}

/// The verbs that write a claim, from the weakest to the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Default,
    Add,
    Override,
}

/// The forms of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Copy of a text: `email`.
    Email,
    /// Copy of a list: `roles`.
    Roles,
    /// `acct:` and `nickname` in lower case.
    Handle,
    /// A truth value: `email_verified`.
    Verified,
    /// `tier-` and the number.
    Constant(usize),
    /// A nested attribute: `address.country`.
    Country,
    /// `department`, or `none` where it is missing.
    Department,
    /// Those of `roles` that begin with `app-`, in upper case.
    AppRoles,
    /// Those of `groups` that begin with `group-1`.
    Groups,
}

/// Regular expressions for whole nicknames.
pub(crate) const PATTERNS: [&str; 3] =
    [r"[A-Za-z]+\.Ex[0-9]+", r"(Alice|Bob|Carol)\.[A-Za-z0-9]{1,20}", r"([A-Za-z0-9]+\.)*[A-Za-z0-9]+"];

/// Rules and the numbers of what they talk about.
#[derive(Debug, Clone)]
pub(crate) struct Workload {
    pub(crate) rules: Vec<Rule>,
    pub(crate) audiences: usize,
    pub(crate) clients: usize,
    /// Audience and client of the requests that get five claims; more often where more rules are.
    pub(crate) pairs: Vec<(usize, usize)>,
    /// How many groups a user has.
    pub(crate) groups: usize,
}

/// What workloads there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Ten rules for each audience.
    Spread,
    /// One audience has half of all rules.
    Skewed,
    /// A rule of each client for any audience, and ten rules for everybody.
    Wildcards,
    /// Rules for all clients but one.
    Negations,
    /// Conditions are regular expressions.
    Patterns,
    /// Values are list comprehensions.
    Comprehensions,
    /// Of five claims two are written by a default, an add and an override.
    Overrides,
    /// Users with 200 groups; rules test and filter them.
    Groups,
}

impl Kind {
    pub(crate) const ALL: [Kind; 8] = [
        Kind::Spread,
        Kind::Skewed,
        Kind::Wildcards,
        Kind::Negations,
        Kind::Patterns,
        Kind::Comprehensions,
        Kind::Overrides,
        Kind::Groups,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Spread => "spread",
            Kind::Skewed => "skewed",
            Kind::Wildcards => "wildcards",
            Kind::Negations => "negations",
            Kind::Patterns => "patterns",
            Kind::Comprehensions => "comprehensions",
            Kind::Overrides => "overrides",
            Kind::Groups => "groups",
        }
    }
}

impl Workload {
    /// A workload of `rules` rules, or a few less where they do not come out even; of at least ten.
    pub(crate) fn new(kind: Kind, rules: usize) -> Self {
        variants::build(kind, rules)
    }
}

/// The alias of an audience.
pub(crate) fn audience_alias(audience: usize) -> String {
    format!("a{audience}")
}

/// The id of an audience.
pub(crate) fn audience_id(audience: usize) -> String {
    format!("https://a{audience}.acme.example")
}

/// Alias and id of a client.
pub(crate) fn client_id(client: usize) -> String {
    format!("c{client}")
}

/// A number that looks random and depends on nothing but `n` (the finalizer of `SplitMix64`).
pub(crate) fn scrambled(n: u64) -> u64 {
    let n = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}
