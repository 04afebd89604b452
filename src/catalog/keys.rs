//! Every key of claims.yaml, once: its name, form and meaning. The reader and the JSON Schema both use these tables.

use super::form::{Form, Format, Key, Table};
use crate::standard::{Grant, PROFILES};

const fn key(name: &'static str, form: Form, doc: &'static str) -> Key {
    Key { name, required: false, form, doc }
}

const fn required(name: &'static str, form: Form, doc: &'static str) -> Key {
    Key { name, required: true, form, doc }
}

const fn table(name: &'static str, doc: &'static str, keys: &'static [Key]) -> Table {
    Table { name, doc, keys, base: None }
}

fn grants() -> Vec<&'static str> {
    Grant::ALL.iter().map(|grant| grant.as_str()).collect()
}

fn profiles() -> Vec<&'static str> {
    PROFILES.to_vec()
}

fn dynamic() -> Vec<&'static str> {
    vec!["dynamic"]
}

fn explicit() -> Vec<&'static str> {
    vec!["explicit"]
}

const TEXT: Form = Form::Text(Format::Any);
const TEXTS: Form = Form::List(&TEXT);
const ALIASES: Form = Form::List(&Form::Text(Format::Alias));
const LABELS: Form = Form::List(&Form::Text(Format::Label));

/// The whole file.
pub(super) static FILE: Table = table(
    "claims.yaml",
    "The facts that claims policies talk about.",
    &[
        required("language", Form::Version, "The version of the language: 1."),
        key(
            "issuer",
            Form::Text(Format::Issuer),
            "The issuer, an `https` URL (RFC 8414 section 2). Needed for minting.",
        ),
        key(
            "profile",
            Form::Words(profiles),
            "The host that issues the tokens: what it can do and forbids. Default: generic.",
        ),
        key(
            "owned_domains",
            Form::List(&Form::Text(Format::Domain)),
            "Domains whose claim namespaces belong to you.",
        ),
        key(
            "foreign_namespaces",
            Form::Named(Format::Namespace, &TEXT),
            "Namespaces of others that are written on purpose, each with the reason.",
        ),
        key(
            "private_claims",
            Form::Named(Format::Member, &Form::Either(&[TEXT, Form::Keys(&PRIVATE_CLAIM)])),
            "Short claim names that some consumer demands, each with the reason.",
        ),
        key(
            "labels",
            Form::List(&Form::Text(Format::OwnLabel)),
            "Labels of your own, beside untrusted, user_editable, pii and secret; at most 60.",
        ),
        key(
            "lifetimes",
            Form::Keys(&LIFETIMES),
            "How long tokens live unless an audience or client says otherwise. Default: 10m and 1h.",
        ),
        key(
            "config",
            Form::Named(Format::Word, &Form::Constant),
            "Constants. Those without a value are bound when the policy is loaded.",
        ),
        key(
            "audiences",
            Form::Named(Format::Alias, &Form::Keys(&AUDIENCE)),
            "The APIs, by the alias that policies use. A list is closed unless `open_audiences`; without a list any may occur.",
        ),
        key("open_audiences", Form::Bool, "Whether audiences beside the listed ones may occur."),
        key("audience_sets", Form::List(&ALIASES), "Sets of audiences that may stand in one token together."),
        key(
            "default_audience",
            Form::Text(Format::Alias),
            "The alias of the audience of access tokens that are asked for without one (RFC 9068 section 3). Without it such tokens are not minted.",
        ),
        key(
            "issuer_endpoints",
            TEXTS,
            "Audiences that are endpoints of the issuer itself, beside its userinfo endpoint: policies do not see them.",
        ),
        key(
            "clients",
            Form::Named(Format::Alias, &Form::Keys(&CLIENT)),
            "The clients, by the alias that policies use. A list is closed unless `open_clients`; without a list any may occur.",
        ),
        key(
            "open_clients",
            Form::Either(&[Form::Bool, Form::Words(dynamic)]),
            "Whether clients beside the listed ones may occur; `dynamic`: they register themselves, so their name and metadata are untrusted.",
        ),
        key(
            "connections",
            Form::Named(Format::Alias, &Form::Keys(&CONNECTION)),
            "Ways to sign in, by the alias that policies use.",
        ),
        key(
            "organizations",
            Form::Named(Format::Alias, &Form::Keys(&ORGANIZATION)),
            "Organizations, by the alias that policies use.",
        ),
        key(
            "user",
            Form::Root(Some("oidc")),
            "The attributes of the user. Replaces the standard claims of OpenID Connect Core section 5.1; with `extends: oidc` it adds to them.",
        ),
        key(
            "connection",
            Form::Root(Some("standard")),
            "The attributes of the connection. Replaces the standard ones unless `extends: standard`.",
        ),
        key(
            "organization",
            Form::Root(Some("standard")),
            "The attributes of the organization. Replaces the standard ones unless `extends: standard`.",
        ),
        key(
            "session",
            Form::Root(Some("standard")),
            "The attributes of the session. Replaces the standard ones unless `extends: standard`.",
        ),
        key(
            "actor",
            Form::Root(Some("standard")),
            "The attributes of the delegate in token exchange (RFC 8693 section 4.1). Replaces the standard ones unless `extends: standard`.",
        ),
        key(
            "request",
            Form::Root(Some("standard")),
            "What is known of the HTTP request. Replaces the standard shape unless `extends: standard`.",
        ),
        key(
            "external",
            Form::Root(None),
            "The sources of data that the host fetches beforehand, each with its shape.",
        ),
        key(
            "client_metadata",
            Form::Root(None),
            "The metadata of clients: a mapping of attributes, or `map[string]`. Without it: what the listed clients have.",
        ),
        key(
            "delegation",
            Form::Words(explicit),
            "`explicit`: a write reaches delegated tokens only if its condition mentions `actor`.",
        ),
        key("locked", Form::List(&Form::Text(Format::Slug)), "Checks that no `@allow` may silence."),
        key(
            "budgets",
            Form::Keys(&BUDGETS),
            "What proofs may cost, as counts. What exceeds one is undecided, and the finding names it.",
        ),
    ],
);

static BUDGETS: Table = table(
    "budgets",
    "What proofs may cost, as counts.",
    &[
        key(
            "proposals",
            Form::Count,
            "Proposals of the solver that may be refuted for one question. Default: 2000.",
        ),
        key("states", Form::Count, "States of automata that may be visited for one text. Default: 20000."),
        key("requests", Form::Count, "Requests that may be tried for one question. Default: 8."),
        key(
            "variations",
            Form::Count,
            "Requests like those, with one value changed, that may be tried in their place. Default: 200.",
        ),
        key(
            "recipients",
            Form::Count,
            "Recipients that are asked about one by one where the answer for all together is open. Default: 12.",
        ),
        key(
            "sizes",
            Form::Count,
            "Questions about which writes meet in the largest token, for one limit of its size. Default: 500.",
        ),
        key(
            "shrinking",
            Form::Count,
            "Evaluations that may be spent on making one request smaller. Default: 400.",
        ),
    ],
);

static LIFETIMES: Table = table(
    "lifetimes",
    "How long tokens live.",
    &[key("access_token", Form::Seconds, "Access tokens."), key("id_token", Form::Seconds, "ID tokens.")],
);

static PRIVATE_CLAIM: Table = table(
    "private_claim",
    "A short claim name that some consumer demands.",
    &[
        key("type", Form::Type, "The type that the consumer demands."),
        required("reason", TEXT, "Why the name is needed."),
    ],
);

static AUDIENCE: Table = table(
    "audience",
    "One API.",
    &[
        required("id", TEXT, "The value of `aud`."),
        key(
            "accepts",
            LABELS,
            "The labels that it may receive. Once any audience states this, those that do not accept nothing.",
        ),
        key("max_token_bytes", Form::Count, "The largest access token, in bytes."),
        key("scopes", TEXTS, "Its scopes. Without a list any may occur."),
        key("lifetimes", Form::Keys(&LIFETIMES), "How long tokens for it live."),
    ],
);

static CLIENT: Table = table(
    "client",
    "One client.",
    &[
        required("id", TEXT, "The client id."),
        key("name", TEXT, "Its display name."),
        key("confidential", Form::Bool, "Whether it can keep a secret (RFC 6749 section 2.1)."),
        key(
            "grants",
            Form::List(&Form::Words(grants)),
            "The grants that it may use. Without a list any may occur.",
        ),
        key("audiences", ALIASES, "The audiences that it may ask for. Without a list: all listed ones."),
        key("metadata", Form::Object, "Its metadata."),
        key(
            "accepts",
            LABELS,
            "The labels that it may receive in ID tokens, userinfo and SAML. Default: everything but secret.",
        ),
        key("lifetimes", Form::Keys(&LIFETIMES), "How long its tokens live."),
    ],
);

static ORGANIZATION: Table = table(
    "organization",
    "One organization.",
    &[required("id", TEXT, "Its id."), key("name", TEXT, "Its name.")],
);

static CONNECTION: Table = Table {
    name: "connection",
    doc: "One way to sign in.",
    keys: &[key("strategy", TEXT, "Its strategy, such as `social`.")],
    base: Some(&ORGANIZATION),
};

/// What a mapping with `type` or `enum` may state.
pub(super) static SETTINGS: Table = Table {
    name: "settings",
    doc: "A type with bounds, default and labels. A mapping with `type` or `enum` is read as this, any other as a record.",
    keys: &[
        key("type", Form::Type, "The type."),
        key("optional", Form::Bool, "Whether it may be absent, as `?` behind a type says."),
        key("default", Form::Any, "The value when it is missing."),
    ],
    base: Some(&ITEMS),
};

/// What `items` may state.
pub(super) static ITEMS: Table = table(
    "items",
    "Bounds and labels of the elements of a list or map.",
    &[
        key("enum", Form::List(&TEXT), "The texts that are possible."),
        key("items", Form::Keys(&ITEMS), "Settings of the elements of a list or map."),
        key(
            "max_length",
            Form::Count,
            "The largest number of Unicode code points; of a list: of each element; of a map: of its keys.",
        ),
        key("max_items", Form::Count, "The largest number of elements or members."),
        key("max_bytes", Form::Count, "The largest size as compact JSON; of json, numbers and open records."),
        key("min", Form::Int, "The smallest number."),
        key("max", Form::Int, "The largest number."),
        key(
            "label",
            Form::Either(&[Form::Text(Format::Label), LABELS]),
            "Its labels. `[]` takes those of the standard shape away.",
        ),
    ],
);

/// A constant of `config`.
pub(super) static CONSTANT: Table = Table {
    name: "constant",
    doc: "A constant: settings and its value.",
    keys: &[key("value", Form::Any, "Its value. Without one it is bound when the policy is loaded.")],
    base: Some(&SETTINGS),
};

/// All tables, for the JSON Schema.
pub(super) static TABLES: [&Table; 11] = [
    &AUDIENCE,
    &BUDGETS,
    &CLIENT,
    &CONNECTION,
    &CONSTANT,
    &ITEMS,
    &LIFETIMES,
    &ORGANIZATION,
    &PRIVATE_CLAIM,
    &SETTINGS,
    &FILE,
];
