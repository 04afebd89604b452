//! Tokens that are read back: by key sets of others, and when they are anything at all.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;

use claimsc::Request;
use claimsc::diag::Severity;
use claimsc::inspect::{Finding, Inspection, Kind, Origin, Question, Signature, Why, inspect};
use claimsc::mint::{
    Algorithm, Answer, Form, Issuance, KeyRing, KeySet, Minter, Settings, SignedToken, SigningKey,
};
use claimsc::value::{JsonLimits, Value};

use super::super::folder::{compile_folder, entries, in_repository, name, read_json, report};
use super::{NOW, issuance, key, minter, pem, policy, request};

const CATALOG: &str = "{ language: 1, issuer: 'https://id.acme.example/', owned_domains: [acme.example], \
                       audiences: { api: { id: 'https://api.acme.example' } } }";
const POLICY: &str = r#"if audience = api and user.email_verified then add "https://acme.example/email" = user.email
if client = "job" then add "https://acme.example/job" = true
add "https://acme.example/env" = "prod" to both
remove "https://acme.example/old" to both
"#;

/// An access token that a key signed.
fn minted(key: SigningKey) -> SignedToken {
    let minter = minter(policy(CATALOG, "add \"https://acme.example/env\" = \"prod\""), KeyRing::new(key));
    let machine = request(
        r#"{ "grant": "client_credentials", "client": "m", "audience": "https://api.acme.example" }"#,
    );
    let tokens = minter.mint(&machine, &issuance()).unwrap();
    SignedToken::read(&tokens.access_token.unwrap()).unwrap()
}

/// The set of one JWK, after a change.
fn set(key: &SigningKey, change: impl Fn(&mut serde_json::Value)) -> KeySet {
    let mut jwk: serde_json::Value = serde_json::from_str(&key.public().to_jwk().to_json()).unwrap();
    change(&mut jwk);
    KeySet::read(serde_json::json!({ "keys": [jwk] }).to_string().as_bytes()).unwrap()
}

#[test]
fn key_sets_of_others_verify() {
    let remove = |name: &'static str| {
        move |jwk: &mut serde_json::Value| drop(jwk.as_object_mut().unwrap().remove(name))
    };
    for algorithm in [Algorithm::Rs256, Algorithm::Ps256] {
        let key = || SigningKey::read(&pem("rs2048.pkcs8.pem"), Some(algorithm)).unwrap();
        let token = minted(key());
        for (what, keys) in [
            ("as it is", set(&key(), |_| ())),
            ("without alg", set(&key(), remove("alg"))),
            ("without kid", set(&key(), remove("kid"))),
            ("without use", set(&key(), remove("use"))),
        ] {
            let verified = keys.verify(&token).map(|by| by.algorithm);
            assert_eq!(verified, Ok(algorithm), "{what}");
        }
        for (what, keys) in [
            ("for encryption", set(&key(), |jwk| jwk["use"] = "enc".into())),
            ("another algorithm", set(&key(), |jwk| jwk["alg"] = "RS512".into())),
            ("another kid", set(&key(), |jwk| jwk["kid"] = "2026-01".into())),
            ("too small", set(&key(), |jwk| jwk["n"] = "AQAB".into())),
        ] {
            assert!(keys.verify(&token).is_err(), "{what}");
        }
    }
}

#[test]
fn a_minted_token_tells_nothing_wrong() {
    let token = minted(key("ed25519.pem"));
    let keys = KeySet::of_keys([key("ed25519.pem").public()]);
    let policy = policy(CATALOG, POLICY);
    let question = Question { keys: Some(&keys), policy: Some(&policy), ..Question::at(NOW) };
    let inspection = inspect(&token, &question);
    assert_eq!((inspection.kind, inspection.is_machine), (Kind::AccessToken, true));
    assert!(matches!(inspection.signature, Signature::Verified(_)));
    let worst = inspection.findings.iter().map(|finding| finding.severity).find(|s| *s != Severity::Note);
    assert_eq!(worst, None, "{:?}", inspection.findings);
    assert_eq!(format!("{token:?}"), format!("SignedToken(8 claims, {} bytes)", token.bytes()));
}

/// Every policy of the repository with its requests, by name.
fn policies() -> Vec<(String, claimsc::Policy, Vec<serde_json::Value>)> {
    let folders = |path: &str| entries(&in_repository(path)).into_iter().filter(|path| path.is_dir());
    let shipped = folders("policies").map(|folder| {
        let files = entries(&folder.join("requests")).into_iter();
        let requests = files.filter(|path| !name(path).ends_with(".expected.json"));
        (name(&folder), compile_folder(&folder).unwrap(), requests.map(|path| read_json(&path)).collect())
    });
    let corpus = folders("tests/corpus").map(|folder| {
        let task = read_json(&folder.join("examples.json"));
        let examples = task["examples"].as_array().unwrap().iter();
        let requests = examples.map(|example| example["request"].clone()).collect();
        (name(&folder), compile_folder(&folder).unwrap(), requests)
    });
    shipped.chain(corpus).collect()
}

/// Whether constants without a value are names of claims.
fn names_claims(policy: &claimsc::Policy) -> bool {
    let matrix = claimsc::analysis::matrix::Matrix::of(policy.unit());
    matrix.rows.iter().flat_map(|row| &row.cells).any(|cell| cell.name.starts_with("config."))
}

#[test]
fn what_a_policy_gives_is_never_a_surprise() {
    let (mut tokens, mut policy_claims, mut wrong) = (0, 0, Vec::new());
    for (name, policy, requests) in policies() {
        let issuer =
            policy.unit().catalog.issuer.clone().unwrap_or_else(|| "https://id.acme.example/".into());
        let keys = KeyRing::new(key("ed25519.pem"));
        let minter = Minter::new(policy.clone(), Settings::new(issuer).unwrap(), keys);
        let names_claims = names_claims(&policy);
        for request in requests {
            if names_claims && !request["config"].is_null() {
                // Where the request itself names claims, nothing else can know them.
                continue;
            }
            let Ok(request) = Request::from_json(request.to_string().as_bytes()) else { continue };
            let issuance = issuance();
            let issuance = Issuance { nonce: Some("n"), answer: Answer::usual(&request, false), ..issuance };
            let Ok(answer) = minter.mint(&request, &issuance) else { continue };
            let traces = minter.claim_traces(&request, &issuance);
            for text in [&answer.access_token, &answer.id_token].into_iter().flatten() {
                let question = Question { policy: Some(&policy), ..Question::at(NOW) };
                let inspection = inspect(&SignedToken::read(text).unwrap(), &question);
                tokens += 1;
                let token = inspection.kind.token();
                for claim in &inspection.claims {
                    let trace = traces.iter().find(|one| Some(one.token) == token && one.name == claim.name);
                    let written: Vec<&str> =
                        trace.iter().flat_map(|one| &one.written_by).map(|rule| &*rule.place).collect();
                    policy_claims += usize::from(!written.is_empty());
                    let named: Vec<&str> = match &claim.origin {
                        Origin::Policy(writes) => writes.iter().map(|write| &*write.place).collect(),
                        _ => Vec::new(),
                    };
                    if !written.iter().all(|place| named.contains(place)) {
                        wrong.push(format!("{name}: {} is of {written:?}, not of {named:?}", claim.name));
                    }
                }
                // Sessions of the requests have times of their own.
                let is_surprise = |finding: &&Finding| {
                    finding.severity != Severity::Note && finding.slug != "from-the-future"
                };
                let surprises = inspection.findings.iter().filter(is_surprise).map(|one| one.message.clone());
                wrong.extend(surprises.map(|message| format!("{name}: {message}")));
                let unexplained = inspection.missing.iter().filter(|one| one.why == Why::Unexplained);
                wrong.extend(unexplained.map(|one| format!("{name}: {} is unexplained", one.name)));
            }
        }
    }
    report(&wrong);
    assert!(tokens > 80 && policy_claims > 100, "{policy_claims} claims in {tokens} tokens");
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(|float| serde_json::json!(float)),
        Just(serde_json::json!(i64::MAX)),
        Just(serde_json::json!(NOW)),
        ".{0,12}".prop_map(Into::into),
        prop_oneof!["job", "https://api.acme.example", "openid email", "https://id.acme.example/"]
            .prop_map(Into::into),
    ];
    leaf.prop_recursive(2, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Into::into),
            prop::collection::btree_map(".{0,4}", inner, 0..3).prop_map(|members| serde_json::json!(members)),
        ]
    })
}

fn members(names: &'static [&'static str]) -> impl Strategy<Value = serde_json::Value> {
    let name = prop_oneof![4 => prop::sample::select(names).prop_map(str::to_owned), 1 => ".{0,8}"];
    prop::collection::btree_map(name, json(), 0..10).prop_map(|members| serde_json::json!(members))
}

const HEADERS: &[&str] = &["alg", "typ", "kid", "crit", "jwk"];
const CLAIMS: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "client_id",
    "azp",
    "iat",
    "exp",
    "nbf",
    "auth_time",
    "scope",
    "scp",
    "act",
    "nonce",
    "events",
    "email",
    "roles",
    "https://acme.example/email",
    "https://acme.example/old",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,60}|[A-Za-z0-9_.=-]{0,80}|ey[A-Za-z0-9_.-]{0,80}") {
        if let Err(unreadable) = SignedToken::read(&text) {
            prop_assert!(!unreadable.message().is_empty() && !unreadable.help().is_empty());
            prop_assert!(Form::Opaque <= unreadable.form);
        }
        let _ = KeySet::read(text.as_bytes());
    }

    #[test]
    fn any_token_is_inspected(header in members(HEADERS), claims in members(CLAIMS), now: i64) {
        let encode = |part: &serde_json::Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let signature = URL_SAFE_NO_PAD.encode([0x5a; 48]);
        let text = format!("{}.{}.{signature}", encode(&header), encode(&claims));
        let Ok(token) = SignedToken::read(&text) else { return Ok(()) };
        let policy = SHARED.with(Clone::clone);
        let keys = KeySet::of_keys([key("p256.sec1.pem").public()]);
        for now in [now, NOW] {
            let question = Question {
                now,
                keys: Some(&keys),
                policy: Some(&policy),
                audience: Some("https://api.acme.example"),
            };
            let inspection = inspect(&token, &question);
            prop_assert_eq!(inspection.claims.len(), token.claims().len());
            prop_assert_eq!(&inspection.signature, &Signature::Refused);
            prop_assert!(inspection.has_errors());
            let shown = shown(inspection);
            prop_assert!(!shown.contains(&signature));
            prop_assert!(!shown.contains(|c: char| c.is_control() && c != '\n'), "{shown:?}");
        }
    }
}

thread_local! {
    /// Compiled once.
    static SHARED: claimsc::Policy = policy(CATALOG, POLICY);
}

/// An inspection for people and for tools.
fn shown(inspection: Inspection) -> String {
    let found = Ok(inspection);
    let text = claimsc::report::inspection::text(&found);
    let json = claimsc::report::pretty(&claimsc::report::inspection::json(&[found]));
    let json = claimsc::report::visible_json(&json);
    assert!(Value::parse_json(json.as_bytes(), JsonLimits::default()).is_ok(), "{json}");
    text + &json
}
