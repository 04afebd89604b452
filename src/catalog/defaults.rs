//! What is true without claims.yaml, and what each part of it replaces: the standard shapes of all inputs.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;

use super::{Budget, ById, Catalog, Lifetimes, Root, World};
use crate::standard::{Grant, PROFILES};
use crate::ty::{Kind, Labels, RecordShape, Shape, ShapeKind};

/// Standard lifetimes: 10 minutes and one hour.
pub(super) const LIFETIMES: Lifetimes = Lifetimes { access_token: Some(600), id_token: Some(3600) };

impl Catalog {
    /// The world without a claims.yaml: the standard user of OpenID Connect, any client, any audience, no constants.
    pub fn default_world() -> Catalog {
        Catalog {
            is_given: false,
            issuer: None,
            profile: PROFILES.first().copied().unwrap_or_default().into(),
            owned_domains: Vec::new(),
            foreign_namespaces: IndexMap::new(),
            private_claims: IndexMap::new(),
            labels: Labels::BUILT_IN.into_iter().map(Arc::from).collect(),
            lifetimes: LIFETIMES,
            config: IndexMap::new(),
            audiences: IndexMap::new(),
            audience_world: World::Open,
            audience_sets: None,
            default_audience: None,
            issuer_endpoints: Vec::new(),
            clients: IndexMap::new(),
            client_world: World::Open,
            connections: IndexMap::new(),
            organizations: IndexMap::new(),
            inputs: Root::ALL
                .into_iter()
                .map(|root| (root, standard_shape(root)))
                .collect::<BTreeMap<_, _>>(),
            explicit_delegation: false,
            locked: Vec::new(),
            by_id: ById::default(),
            budget: Budget::default(),
        }
    }
}

/// The shape of an input that claims.yaml says nothing about.
pub(super) fn standard_shape(root: Root) -> Shape {
    match root {
        Root::Grant => {
            let words = Kind::words(Grant::ALL.iter().map(|grant| grant.as_str().into()));
            Shape::from(&crate::ty::Type::of(words))
        }
        Root::Client => client_shape(open_record(), Labels::NONE),
        Root::Audience | Root::Scopes => texts(),
        Root::Requested => record([("scopes", texts()), ("audience", texts())]),
        Root::Original => record([
            ("grant", standard_shape(Root::Grant).optional()),
            ("scopes", texts().optional()),
            ("audience", texts().optional()),
        ]),
        Root::User => standard_user(),
        Root::Connection => record([
            ("id", text()),
            ("name", text().optional()),
            ("strategy", text().optional()),
            ("metadata", open_record()),
        ])
        .optional(),
        Root::Organization => {
            record([("id", text()), ("name", text().optional()), ("metadata", open_record())]).optional()
        }
        // OpenID Connect Core section 2.
        Root::Session => open(record([
            ("auth_time", Shape::of(ShapeKind::Timestamp).optional()),
            ("acr", text().optional()),
            ("amr", texts().optional()),
        ])),
        // RFC 8693 section 4.1.
        Root::Actor => {
            open(record([("sub", text().optional()), ("client_id", text().optional())])).optional()
        }
        Root::Request => record([
            ("ip", text().optional()),
            ("geo", open(record([("country", text().optional())]))),
            ("headers", map(text())),
            ("query", map(Shape::of(ShapeKind::Json))),
            ("body", map(Shape::of(ShapeKind::Json))),
        ])
        .labelled(Labels::UNTRUSTED),
        Root::External => open_record(),
        Root::Config => record([]),
        Root::Now => Shape::of(ShapeKind::Timestamp),
    }
}

/// The shape of [`Root::Client`]; `labels` are those of what a client can say about itself.
pub(super) fn client_shape(metadata: Shape, labels: Labels) -> Shape {
    record([
        ("id", text()),
        ("name", text().optional().labelled(labels)),
        ("confidential", Shape::of(ShapeKind::Bool).optional()),
        ("metadata", metadata.labelled(labels)),
    ])
}

/// OpenID Connect Core section 5.1, with whether a claim identifies or reaches a person. `sub` is not labelled:
/// every token of the person carries it.
fn standard_user() -> Shape {
    use ShapeKind::{Bool, Email, String, Timestamp};
    let pii = true;
    let rows: [(&str, ShapeKind, bool); 19] = [
        ("name", String, pii),
        ("given_name", String, pii),
        ("family_name", String, pii),
        ("middle_name", String, pii),
        ("nickname", String, pii),
        ("preferred_username", String, pii),
        ("profile", String, pii),
        ("picture", String, pii),
        ("website", String, pii),
        ("email", Email, pii),
        ("email_verified", Bool, false),
        ("gender", String, pii),
        ("birthdate", String, pii),
        ("zoneinfo", String, false),
        ("locale", String, false),
        ("phone_number", String, pii),
        ("phone_number_verified", Bool, false),
        ("address", address(), pii),
        // A NumericDate, which is how a timestamp may stand in JSON.
        ("updated_at", Timestamp, false),
    ];
    let mut members: Vec<(Arc<str>, Shape)> = vec![("sub".into(), text())];
    members.extend(rows.into_iter().map(|(name, kind, pii)| {
        let labels = if pii { Labels::PII } else { Labels::NONE };
        (Arc::from(name), Shape::of(kind).optional().labelled(labels))
    }));
    Shape::of(ShapeKind::Record(Arc::new(RecordShape { members, open: false })))
}

/// OpenID Connect Core section 5.1.1.
fn address() -> ShapeKind {
    record(
        ["formatted", "street_address", "locality", "region", "postal_code", "country"]
            .map(|name| (name, text().optional())),
    )
    .kind
}

fn text() -> Shape {
    Shape::of(ShapeKind::String)
}

fn texts() -> Shape {
    Shape::of(ShapeKind::List(Arc::new(text())))
}

fn map(value: Shape) -> Shape {
    Shape::of(ShapeKind::Map(Arc::new(value)))
}

fn record<const N: usize>(members: [(&str, Shape); N]) -> Shape {
    let members = members.into_iter().map(|(name, shape)| (Arc::from(name), shape)).collect();
    Shape::of(ShapeKind::Record(Arc::new(RecordShape { members, open: false })))
}

/// The same record, with other members allowed.
fn open(shape: Shape) -> Shape {
    match shape.kind {
        ShapeKind::Record(record) => {
            let record = RecordShape { members: record.members.clone(), open: true };
            Shape { kind: ShapeKind::Record(Arc::new(record)), ..shape }
        }
        _ => shape,
    }
}

/// A record of which nothing is known.
pub(super) fn open_record() -> Shape {
    open(record([]))
}
