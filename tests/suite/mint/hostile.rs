//! Names and members that try to become protocol claims. Whatever a policy's data and a request's unknown members are
//! called, a token's protocol claims are those of the same request without them, or there is no token.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use claimsc::mint::{Issuance, KeyRing, MintError, Minter, Tokens};
use claimsc::standard::claims::{self, Class};
use claimsc::value::{JsonLimits, Value};
use proptest::prelude::*;

use super::{issuance, key, minter, policy, request};

const CATALOG: &str = "
language: 1
issuer: https://id.acme.example/
owned_domains: [acme.example]
default_audience: api
audiences:
  api: { id: 'https://api.acme.example' }
config: { name: string }
user: { extends: oidc, data: 'map[json]', evil: json }
session: { extends: standard }
";

/// Names that only the issuer may write, and those that consumers read as such.
fn protocol_names() -> Vec<&'static str> {
    let registered = claims::claims().iter().filter(|claim| claim.class == Class::Protocol);
    registered.map(|claim| claim.name).chain(claims::readings().iter().map(|reading| reading.name)).collect()
}

/// A name that may pass for a protocol claim with somebody.
fn hostile_name() -> impl Strategy<Value = String> {
    let name = proptest::sample::select(protocol_names()).prop_map(str::to_owned);
    prop_oneof![
        4 => name.clone(),
        1 => name.clone().prop_map(|name| name.to_uppercase()),
        1 => name.clone().prop_map(|name| format!("{name}#en")),
        1 => name.clone().prop_map(|name| format!("{name}.sub")),
        1 => name.clone().prop_map(|name| format!(" {name} ")),
        1 => name.clone().prop_map(|name| format!("{name}\u{0}")),
        1 => name.clone().prop_map(|name| format!("{name}\",\"sub\":\"admin")),
        1 => name.clone().prop_map(|name| name.replace('s', "\u{455}")),
        1 => name.clone().prop_map(|name| format!("https://acme.example/{name}")),
        1 => name.prop_map(|name| format!("../{name}")),
        1 => "\\PC{0,12}",
    ]
}

fn hostile_value() -> impl Strategy<Value = serde_json::Value> {
    prop_oneof![
        Just(serde_json::json!("admin")),
        Just(serde_json::json!(["https://other.acme.example"])),
        Just(serde_json::json!(99_999_999_999_i64)),
        Just(serde_json::json!({ "sub": "admin", "exp": 99_999_999_999_i64 })),
        Just(serde_json::json!(null)),
        Just(serde_json::json!(true)),
    ]
}

fn plain_request() -> serde_json::Value {
    serde_json::json!({
        "grant": "authorization_code", "client": "web", "scopes": ["openid", "profile", "email"],
        "user": { "sub": "u1", "name": "Ann", "email": "ann@acme.example", "data": {}, "evil": 1 },
        "session": { "auth_time": 1_780_999_200, "acr": "gold", "amr": ["pwd"] },
        "config": { "name": "https://acme.example/harmless" },
    })
}

fn mint(json: &serde_json::Value) -> Result<Tokens, MintError> {
    static MINTER: LazyLock<Minter> =
        LazyLock::new(|| minter(policy(CATALOG, POLICY), KeyRing::new(key("ed25519.pem"))));
    MINTER.mint(&request(&json.to_string()), &Issuance { nonce: Some("n-0S6"), ..issuance() })
}

/// The protocol claims of a token, read by a reader that refuses a name that stands twice. The hash of the access token
/// is left out: it differs where the policy's claims do.
fn protocol_claims(token: &str) -> BTreeMap<String, String> {
    use base64::Engine as _;
    let payload = token.split('.').nth(1).unwrap();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap();
    let value = Value::parse_json(&bytes, JsonLimits::default()).unwrap();
    let members = value.as_object().unwrap().iter();
    members
        .filter(|(name, _)| claims::protocol(name).is_some() && &***name != "at_hash")
        .map(|(name, value)| (name.to_string(), value.to_json()))
        .collect()
}

fn both(tokens: &Tokens) -> [BTreeMap<String, String>; 2] {
    [&tokens.access_token, &tokens.id_token].map(|token| protocol_claims(token.as_deref().unwrap()))
}

/// What the issuer says, whatever the policy and the request say beside it.
fn expected() -> [BTreeMap<String, String>; 2] {
    let of = |all: &[(&str, &str)]| all.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    let common = [
        ("iss", "\"https://id.acme.example/\""),
        ("sub", "\"u1\""),
        ("iat", "1781000000"),
        ("auth_time", "1780999200"),
        ("acr", "\"gold\""),
        ("amr", "[\"pwd\"]"),
    ];
    let access = [
        ("aud", "\"https://api.acme.example\""),
        ("client_id", "\"web\""),
        ("exp", "1781000600"),
        ("jti", "\"BwcHBwcHBwcHBwcHBwcHBw\""),
        ("scope", "\"openid profile email\""),
    ];
    let id = [("aud", "\"web\""), ("exp", "1781003600"), ("nonce", "\"n-0S6\"")];
    [of(&[&common[..], &access[..]].concat()), of(&[&common[..], &id[..]].concat())]
}

/// Writes what the request says, under names that the request says.
const POLICY: &str = r#"
    namespace ns = "https://acme.example/"
    claim special = config.name
    add special = user.evil to both
    add ns/* = user.data matching /.*/ to both
    add ns/whole = user.data to both
"#;

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_name_from_the_configuration_is_a_protocol_claim(name in hostile_name(), value in hostile_value()) {
        let mut json = plain_request();
        json["config"]["name"] = name.clone().into();
        json["user"]["evil"] = value;
        match mint(&json) {
            Ok(tokens) => prop_assert_eq!(both(&tokens), expected()),
            Err(MintError::Evaluation(_)) => {}
            Err(error) => return Err(TestCaseError::fail(format!("{name}: {error}"))),
        }
    }

    #[test]
    fn no_key_of_a_map_is_a_protocol_claim(names in proptest::collection::vec((hostile_name(), hostile_value()), 1..6)) {
        let mut json = plain_request();
        for (name, value) in names {
            json["user"]["data"][name] = value;
        }
        match mint(&json) {
            Ok(tokens) => prop_assert_eq!(both(&tokens), expected()),
            Err(MintError::Evaluation(_)) => {}
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        }
    }

    #[test]
    fn no_unknown_member_of_a_request_is_a_protocol_claim(
        names in proptest::collection::vec((hostile_name(), hostile_value(), 0..4_usize), 1..8),
    ) {
        let mut json = plain_request();
        for (name, value, place) in names {
            let part = match place {
                0 => &mut json,
                1 => &mut json["user"],
                2 => &mut json["session"],
                _ => &mut json["request"],
            };
            // What a request names on purpose stays as it is.
            if part.get(&name).is_none() {
                part[name] = value;
            }
        }
        match mint(&json) {
            Ok(tokens) => prop_assert_eq!(both(&tokens), expected()),
            Err(MintError::Evaluation(_)) => {}
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        }
    }
}

#[test]
fn the_tests_above_can_fail() {
    let tokens = mint(&plain_request()).unwrap();
    assert_eq!(both(&tokens), expected());
    let mut json = plain_request();
    json["config"]["name"] = "https://acme.example/other".into();
    json["user"]["data"]["sub"] = "admin".into();
    let (_, claims) = super::decoded(&mint(&json).unwrap().access_token.unwrap());
    assert_eq!(claims["https://acme.example/other"], 1, "names of the configuration are written");
    assert_eq!(
        claims["https://acme.example/sub"], "admin",
        "keys of maps are written, below their namespace"
    );
    for name in protocol_names() {
        json["config"]["name"] = name.into();
        let error = mint(&json).unwrap_err();
        assert!(matches!(error, MintError::Evaluation(_)), "{name}");
    }
}

/// By verb and token: what the compiler refuses never gets to a minter.
#[test]
fn no_verb_touches_a_protocol_claim() {
    for name in protocol_names() {
        for statement in [
            format!("add {name:?} = 1"),
            format!("add {name:?} = \"a\" to id_token"),
            format!("default {name:?} = true to userinfo"),
            format!("override {name:?} = [\"a\"] to both"),
            format!("append {name:?} = [\"a\"]"),
            format!("remove {name:?}"),
        ] {
            let mut compiler = claimsc::Compiler::new();
            compiler.catalog("claims.yaml", CATALOG).source("policy.claims", &statement).without_proofs();
            assert!(compiler.compile().policy.is_none(), "{statement}");
        }
    }
}
