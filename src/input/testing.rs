//! Random requests, and what makes an input the same as a request in JSON form.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use super::{Asked, Attribute, Input, Reading};
use crate::catalog::Root;
use crate::request::Request;
use crate::value::Value;

/// Attributes that the random requests have, or nearly have.
pub(super) fn attributes() -> Vec<Attribute> {
    let paths = [
        "user.sub",
        "user.email",
        "user.email_verified",
        "user.groups",
        "user.level",
        "user.address",
        "user.address.city",
        "user.address.geo.north",
        "user.a long name with blanks",
        "user.näme",
        "user",
        "connection.id",
        "connection.id.part",
        "connection.name",
        "connection.strategy",
        "organization.id",
        "organization.name",
        "organization.metadata.tier",
        "organization",
        "session.id",
        "actor.sub",
        "request.ip",
        "request.headers",
        "external.crm.plan",
        "external.crm",
        "config.ns",
        "client.name",
        "client.confidential",
        "client.metadata",
        "client.metadata.tier",
    ];
    let of = |(index, path): (usize, &str)| {
        let mut names = path.split('.');
        let root = names.next().and_then(Root::parse).expect("a root");
        Attribute { index, root, path: names.map(Arc::from).collect() }
    };
    paths.into_iter().enumerate().map(of).collect()
}

const NAMES: [&str; 24] = [
    "id",
    "name",
    "sub",
    "email",
    "email_verified",
    "groups",
    "level",
    "address",
    "city",
    "geo",
    "north",
    "a long name with blanks",
    "näme",
    "strategy",
    "metadata",
    "tier",
    "ip",
    "headers",
    "crm",
    "plan",
    "ns",
    "confidential",
    "other",
    "emai\u{1}l",
];

fn scalar() -> impl Strategy<Value = Json> {
    prop_oneof![
        2 => Just(Json::Null),
        2 => any::<bool>().prop_map(Json::from),
        2 => prop_oneof![Just(0), Just(i64::MAX), Just(i64::MIN), any::<i64>()].prop_map(Json::from),
        1 => prop_oneof![Just(-0.0), Just(1.0), Just(1e300), -1e9..1e9].prop_map(|n: f64| json!(n)),
        1 => any::<u64>().prop_map(Json::from),
        4 => prop_oneof!["", "[a-z]{1,9}", "[ -~]{0,20}", "\\PC{0,6}", Just("a\"b\\c\n\u{1}é😀".to_owned())]
            .prop_map(Json::from),
    ]
}

fn value() -> impl Strategy<Value = Json> {
    scalar().prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Json::from),
            members(inner).prop_map(Json::from),
        ]
    })
}

fn members(value: impl Strategy<Value = Json>) -> impl Strategy<Value = Map<String, Json>> {
    prop::collection::vec((prop::sample::select(NAMES.to_vec()), value), 0..8)
        .prop_map(|members| members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn object() -> impl Strategy<Value = Json> {
    members(value()).prop_map(Json::from)
}

fn words() -> impl Strategy<Value = Json> {
    prop_oneof![
        8 => prop::collection::vec("[a-d]", 0..30).prop_map(Json::from),
        3 => "[a-d]( {1,2}[a-d]){0,3}".prop_map(Json::from),
        1 => prop::collection::vec(scalar(), 0..3).prop_map(Json::from),
        1 => scalar(),
    ]
}

fn party() -> impl Strategy<Value = Json> {
    prop_oneof![4 => object(), 3 => "[a-z]{1,4}".prop_map(Json::from), 1 => scalar()]
}

fn asked_before() -> impl Strategy<Value = Json> {
    (words(), words()).prop_map(|(audience, scopes)| json!({ "audience": audience, "scopes": scopes }))
}

/// Requests in JSON form, some of them malformed.
pub(super) fn request() -> impl Strategy<Value = Json> {
    let grants =
        ["authorization_code", "client_credentials", "refresh_token", "token_exchange", "password", "x"];
    let client = prop_oneof![
        6 => Just(json!("app")),
        4 => (
            prop::option::of("[a-z]{1,3}"),
            prop::option::of(any::<bool>()),
            prop::option::of(object()),
        )
            .prop_map(|(name, confidential, metadata)| {
                json!({ "id": "app", "name": name, "confidential": confidential, "metadata": metadata })
            }),
        1 => object(),
        1 => scalar(),
    ];
    let roots = ["session", "actor", "request", "external", "config"];
    let root = (prop::sample::select(roots.to_vec()), prop_oneof![9 => object(), 1 => value()]);
    let part = prop_oneof![
        3 => words().prop_map(|words| ("audience", words)),
        3 => words().prop_map(|words| ("scopes", words)),
        2 => asked_before().prop_map(|asked| ("requested", asked)),
        2 => asked_before().prop_map(|mut first| {
            first["grant"] = json!("password");
            ("original", first)
        }),
        2 => party().prop_map(|party| ("connection", party)),
        2 => party().prop_map(|party| ("organization", party)),
        4 => root,
        1 => prop_oneof![
            Just(json!("2026-01-01T00:00:00Z")),
            any::<i64>().prop_map(Json::from),
            scalar(),
        ]
        .prop_map(|now| ("now", now)),
        1 => ("[a-z]{1,3}", value()).prop_map(|(_, value)| ("unknown", value)),
    ];
    let user = prop::option::weighted(0.8, prop_oneof![15 => object(), 1 => value()]);
    (prop::sample::select(grants.to_vec()), client, user, prop::collection::vec(part, 0..6)).prop_map(
        |(grant, client, user, parts)| {
            let mut request = Map::new();
            request.insert("grant".to_owned(), json!(grant));
            request.insert("client".to_owned(), client);
            if let Some(user) = user {
                request.insert("user".to_owned(), user);
            }
            request.extend(parts.into_iter().map(|(name, value)| (name.to_owned(), value)));
            Json::from(request)
        },
    )
}

/// Panics unless asking in the host's terms is asking by this request.
pub(super) fn assert_same(request: &Request, asked: &Asked<'_>, input: &dyn Input) {
    let copied = Request::from_input(asked, input).expect("a request");
    assert_eq!(format!("{request:?}"), format!("{copied:?}"));
    for root in Root::ALL {
        if matches!(root, Root::User | Root::Actor | Root::Client | Root::Config) {
            assert_eq!(input.has(root), request.has(root), "{root:?}");
        }
    }
    for attribute in attributes() {
        let (ours, theirs) = (input.read(&attribute), request.read(&attribute));
        let name = format!("{:?} {:?}: {ours:?} {theirs:?}", attribute.root, attribute.path);
        match (ours, theirs) {
            (Reading::Missing { found: ours }, Reading::Missing { found: theirs }) => {
                assert_eq!(ours, theirs, "{name}");
            }
            (Reading::Other, Reading::Other) => {}
            // The whole tells: the name of a party that has no id stands for it.
            (Reading::Other, Reading::Missing { .. }) if attribute.path.len() > 1 => {
                assert_eq!(&*attribute.path[0], "id", "{name}");
            }
            (Reading::Other, theirs) => {
                assert!(!theirs.to_value().is_none_or(|value| is_plain(&value)), "{name}");
            }
            (ours, theirs) => {
                let (Some(theirs), ours) = (theirs.to_value(), ours.to_value()) else {
                    panic!("{name}");
                };
                match ours {
                    Some(ours) => assert_eq!(ours.to_json(), theirs.to_json(), "{name}"),
                    None => assert!(!is_plain(&theirs), "{name}"),
                }
            }
        }
    }
}

/// Whether every input hands it out without a tree.
fn is_plain(value: &Value) -> bool {
    let is_plain_item = |item: &Value| match item {
        Value::Null => true,
        Value::List(_) => false,
        item => is_plain(item),
    };
    match value {
        Value::List(items) => items.iter().all(is_plain_item),
        Value::Number(number) => number.as_int().is_some_and(|int| int.to_string() == number.to_string()),
        Value::Bool(_) | Value::String(_) => true,
        Value::Null | Value::Object(_) => false,
    }
}
