//! The same data as structs, as a value and as text gives the same decision.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use claimsc::input::{Asked, Attributes, Input, JsonAttributes, JsonBuffer, JsonReader, JsonRequest, Roots};
use claimsc::program::{Answer, Scratch};
use claimsc::standard::{Grant, Token};
use claimsc::{Policy, Request};
use proptest::prelude::*;
use serde_json::{Value, json};

const CATALOG: &str = r#"
language: 1
owned_domains: [acme.example]
audiences:
  api: { id: "https://api.acme.example", accepts: [pii] }
client_metadata: { tier: string? }
user:
  extends: oidc
  groups: { type: "string[]", max_items: 5, default: [] }
  level: { type: int, min: -1000, default: 0 }
  scores: { type: "number[]", default: [] }
  status: { type: string, enum: [active, blocked], default: active }
  since: timestamp?
  app_metadata: { plan: string?, limits: { daily: int? } }
  tags: "map[string]"
  extra: json?
organization: { id: string?, name: string?, metadata: { region: string? } }
"#;

static POLICY: LazyLock<Policy> = LazyLock::new(|| super::policy(CATALOG, TEXT));

const TEXT: &str = r#"
namespace ns = "https://acme.example/claims/"
add ns/email = user.email
add ns/verified = user.email_verified
add ns/groups = user.groups
add ns/level = user.level + 1
add ns/scores = user.scores
add ns/status = user.status
if user.since exists then add ns/since = user.since.unix()
add ns/plan = user.app_metadata.plan ?? "free"
add ns/daily = user.app_metadata.limits.daily
add ns/team = user.tags.team
add ns/tags = user.tags
add ns/extra = user.extra
add ns/country = user.address.country
add ns/org = organization.id ?? "none"
add ns/region = organization.metadata.region
add ns/tier = client.metadata.tier
if user exists and user.status = "blocked" then deny "blocked"
"#;

#[derive(Debug, Roots)]
struct Login<'a> {
    user: Option<&'a User>,
    organization: Option<Organization>,
    client: Option<Client<'a>>,
}

#[derive(Debug, Attributes)]
struct User {
    sub: String,
    email: Option<Box<str>>,
    #[claims(rename = "email_verified")]
    verified: bool,
    groups: Vec<String>,
    level: i32,
    scores: Vec<f64>,
    status: String,
    since: Option<i64>,
    app_metadata: AppMetadata,
    tags: HashMap<String, String>,
    extra: Value,
    address: Option<Box<Address>>,
    #[claims(skip)]
    #[expect(dead_code, reason = "no policy sees it")]
    password: String,
}

#[derive(Debug, Attributes)]
struct AppMetadata {
    plan: Option<String>,
    limits: BTreeMap<String, i64>,
}

#[derive(Debug, Attributes)]
struct Address {
    country: Option<String>,
}

#[derive(Debug, Clone, Attributes)]
struct Organization {
    id: Option<String>,
    name: Option<String>,
    metadata: claimsc::Value,
}

#[derive(Debug, Attributes)]
struct Client<'a> {
    metadata: Option<&'a BTreeMap<String, String>>,
}

/// What there is, in the other form.
fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

impl User {
    fn json(&self) -> Value {
        object([
            ("sub", Some(json!(self.sub))),
            ("email", self.email.as_ref().map(|email| json!(email))),
            ("email_verified", Some(json!(self.verified))),
            ("groups", Some(json!(self.groups))),
            ("level", Some(json!(self.level))),
            ("scores", Some(json!(self.scores))),
            ("status", Some(json!(self.status))),
            ("since", Some(json!(self.since))),
            (
                "app_metadata",
                Some(object([
                    ("plan", self.app_metadata.plan.as_ref().map(|plan| json!(plan))),
                    ("limits", Some(json!(self.app_metadata.limits))),
                ])),
            ),
            ("tags", Some(json!(self.tags.iter().collect::<BTreeMap<_, _>>()))),
            ("extra", Some(self.extra.clone())),
            ("address", self.address.as_ref().map(|address| json!({ "country": address.country }))),
            ("unknown", Some(json!([{ "a": null }]))),
        ])
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[a-z]{1,6}", 1 => "\\PC{0,4}", 1 => Just("a\"\\\n\u{1}é😀".to_owned())]
}

fn user() -> impl Strategy<Value = User> {
    let extra = prop_oneof![
        3 => Just(Value::Null),
        1 => text().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => text().prop_map(|text| json!({ "a": [text, 1.5, null], "b": {} })),
    ];
    let first = (
        prop::option::weighted(0.9, text()),
        any::<bool>(),
        prop::collection::vec(text(), 0..7),
        prop_oneof![9 => -5..5_i32, 1 => any::<i32>()],
        prop::collection::vec(prop_oneof![Just(1.0), -1e3..1e3], 0..3),
        prop::sample::select(vec!["active", "active", "active", "blocked", "gone"]),
    );
    let second = (
        prop::option::of(prop_oneof![Just(0_i64), any::<i64>()]),
        prop::option::of(text()),
        prop::collection::btree_map(prop_oneof![Just("daily".to_owned()), text()], any::<i64>(), 0..3),
        prop::collection::hash_map(prop_oneof![Just("team".to_owned()), text()], text(), 0..3),
        extra,
        prop::option::of(prop::option::of(text())),
    );
    (first, second).prop_map(|(first, second)| {
        let (email, verified, groups, level, scores, status) = first;
        let (since, plan, limits, tags, extra, address) = second;
        User {
            sub: "u1".to_owned(),
            email: email.map(Into::into),
            verified,
            groups,
            level,
            scores,
            status: status.to_owned(),
            since,
            app_metadata: AppMetadata { plan, limits },
            tags,
            extra,
            address: address.map(|country| Box::new(Address { country })),
            password: "secret".to_owned(),
        }
    })
}

fn organization() -> impl Strategy<Value = Organization> {
    let name = || prop::option::of("[a-z]{1,4}");
    (name(), name(), prop::option::of(name())).prop_map(|(id, name, metadata)| {
        let region = metadata.map(|region| json!({ "region": region }).to_string());
        let metadata = region.map_or(claimsc::Value::Null, |text| {
            claimsc::Value::parse_json(text.as_bytes(), claimsc::value::JsonLimits::default()).expect("JSON")
        });
        Organization { id, name, metadata }
    })
}

/// The answer as text, errors included.
fn answer(policy: &Policy, asked: &Asked<'_>, input: &impl Input) -> String {
    let mut scratch = Scratch::new();
    match policy.decide(asked, input, &mut scratch) {
        Ok(Answer::Issue(issue)) => {
            let claims: Vec<_> = Token::ALL.iter().map(|token| issue.claims(*token)).collect();
            format!("{claims:?} {:?} {:?}", issue.scopes(), issue.to_issued().removed)
        }
        Ok(Answer::Deny(denials)) => format!("{denials:?}"),
        Ok(Answer::Error(errors)) => format!("{errors:?}"),
        Err(error) => error.to_string(),
    }
}

proptest! {
    #[test]
    fn one_decision_whatever_the_form(
        user in user(),
        has_user in prop::bool::weighted(0.9),
        organization in prop::option::of(organization()),
        tier in prop::option::of(text()),
    ) {
        let policy = &*POLICY;
        let binding = policy.bind::<Login<'_>>().unwrap_or_else(|errors| panic!("{errors}"));
        let metadata: Option<BTreeMap<String, String>> =
            tier.map(|tier| [("tier".to_owned(), tier)].into());
        let login = Login {
            user: has_user.then_some(&user),
            organization: organization.clone(),
            client: metadata.as_ref().map(|metadata| Client { metadata: Some(metadata) }),
        };
        let audience = ["https://api.acme.example"];
        let grant = if has_user { Grant::Password } else { Grant::ClientCredentials };
        let asked = Asked::new(grant, "app").audience(&audience);

        let roots = object([
            ("user", has_user.then(|| user.json())),
            ("organization", organization.map(|organization| {
                let metadata: Value = serde_json::from_str(&organization.metadata.to_json()).expect("JSON");
                json!({ "id": organization.id, "name": organization.name, "metadata": metadata })
            })),
            ("client", metadata.as_ref().map(|metadata| json!({ "metadata": metadata }))),
        ]);
        let mut whole = roots.clone();
        whole["grant"] = json!(grant.as_str());
        whole["audience"] = json!(audience);
        whole["client"] = json!({ "id": "app", "metadata": metadata });
        let (roots_text, whole_text) = (roots.to_string(), whole.to_string());

        let request = Request::from_json(whole_text.as_bytes()).expect("a request");
        let wanted = answer(policy, &request.asked(), &request);
        let reader = JsonReader::new(&policy.attributes());
        let mut buffer = JsonBuffer::default();
        prop_assert_eq!(&answer(policy, &asked, &binding.of(&login)), &wanted);
        prop_assert_eq!(&answer(policy, &asked, &JsonAttributes::new(&roots).expect("roots")), &wanted);
        let read = reader.attributes(roots_text.as_bytes(), &mut buffer).expect("roots");
        prop_assert_eq!(&answer(policy, &asked, &read), &wanted);
        let value = JsonRequest::new(&whole).expect("a request");
        prop_assert_eq!(&answer(policy, &value.asked(), &value), &wanted);
        let read = reader.request(whole_text.as_bytes(), &mut buffer).expect("a request");
        prop_assert_eq!(&answer(policy, &read.asked(), &read), &wanted);
        if let Ok(copied) = Request::from_input(&asked, &binding.of(&login)) {
            prop_assert_eq!(policy.evaluate(&copied).to_string(), policy.evaluate(&request).to_string());
        }
    }
}
