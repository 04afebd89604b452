//! The claims of minted tokens, grant by grant, and requests that get none.

use std::fmt::Write as _;

use claimsc::mint::ResponseType::{CodeIdToken, CodeIdTokenToken, CodeToken, IdToken, IdTokenToken, Token};
use claimsc::mint::{
    Algorithm, Answer, ClientSecret, Issuance, KeyRing, MintError, Minter, ResponseType, Settings, SigningKey,
};

use super::{decoded, is_signed, issuance, key, minter, policy, request};

const CATALOG: &str = "
language: 1
issuer: https://id.acme.example/
owned_domains: [acme.example]
lifetimes: { access_token: 10m, id_token: 1h }
default_audience: api
audiences:
  api: { id: 'https://api.acme.example', lifetimes: { access_token: 5m } }
  billing: { id: 'https://billing.acme.example' }
audience_sets: [[api, billing]]
clients:
  web: { id: web, confidential: true }
  spa: { id: spa, confidential: false, lifetimes: { access_token: 2m, id_token: 5m } }
  job: { id: m2m-77, grants: [client_credentials, refresh_token, token_exchange, jwt_bearer], confidential: true }
user:
  extends: oidc
  plan: { enum: [free, pro, blocked], default: free }
";

const POLICY: &str = r#"
namespace ns = "https://acme.example/"
add ns/plan = user.plan to access_token, id_token, userinfo
add ns/env = "prod"
add nickname = "set by the policy" to id_token
remove picture to id_token
deny "the account is blocked" unless not user exists or user.plan != "blocked"
if audience = billing then limit lifetime to 1m
"#;

const USER: &str = r#""user": { "sub": "u1", "plan": "pro", "name": "Ann", "nickname": "an", "picture": "https://p",
  "email": "ann@acme.example", "email_verified": true, "phone_number": "+1", "phone_number_verified": false,
  "address": { "locality": "Oslo", "secret_note": "x" }, "birthdate": "1990", "updated_at": "2026-01-02T03:04:05Z",
  "https://acme.example/other": 1 },
  "session": { "auth_time": "2026-06-09T10:00:00Z", "acr": "urn:acme:gold", "amr": ["pwd", "otp"], "nonce": "no" }"#;

fn acme() -> Minter {
    minter(policy(CATALOG, POLICY), KeyRing::new(key("p256.sec1.pem")))
}

/// Request and answer, tokens decoded.
fn record(minter: &Minter, json: &str, issuance: &Issuance<'_>) -> String {
    let mut text =
        format!("{}\n", json.replace(&"x".repeat(5000), "(5,000 characters)").replace(USER, "(the person)"));
    let tokens = match minter.mint(&request(json), issuance) {
        Ok(tokens) => tokens,
        Err(error) => {
            let response = error.response(&request(json), issuance.answer);
            let fault = if response.is_fault { ", a fault of the issuer" } else { "" };
            let _ = writeln!(text, "-> {error}{fault}\n   {}\n", response.to_json().to_json());
            return text;
        }
    };
    for (name, token) in [("access_token", &tokens.access_token), ("id_token", &tokens.id_token)] {
        let Some(token) = token else { continue };
        let (header, claims) = decoded(token);
        if header["alg"] != "HS256" {
            assert!(is_signed(minter, token));
        }
        let _ = writeln!(text, "-> {name} {header}");
        for (name, value) in claims.as_object().unwrap() {
            let value =
                if name == "at_hash" { "\"(of the access token)\"".to_owned() } else { value.to_string() };
            let _ = writeln!(text, "     {name} = {value}");
        }
    }
    let mut response: serde_json::Value = serde_json::from_str(&tokens.to_json().to_json()).unwrap();
    for name in ["access_token", "id_token"] {
        if let Some(token) = response.get_mut(name) {
            *token = "...".into();
        }
    }
    let _ = writeln!(text, "   {response}\n");
    text
}

fn person(grant: &str, rest: &str) -> String {
    format!(r#"{{ "grant": "{grant}", "client": "web", {rest}, {USER} }}"#)
}

const API: &str = r#""audience": "https://api.acme.example""#;

#[test]
fn people() {
    let minter = acme();
    let mut all = String::new();
    let full = format!(r#"{API}, "scopes": "openid profile email address phone read""#);
    let nonce = Issuance { nonce: Some("n-0S6"), ..issuance() };
    all += &record(&minter, &person("authorization_code", &full), &nonce);
    all += &record(&minter, &person("password", &format!(r#"{API}, "scopes": "read""#)), &issuance());
    all += &record(&minter, &person("refresh_token", &format!(r#"{API}, "scopes": "openid""#)), &nonce);
    all += &record(&minter, &person("device_code", r#""scopes": "openid email""#), &issuance());
    let several = r#""audience": ["https://api.acme.example", "https://billing.acme.example", "https://id.acme.example/userinfo"]"#;
    all += &record(&minter, &person("ciba", several), &issuance());
    all +=
        &record(&minter, &person("password", r#""audience": "https://billing.acme.example""#), &issuance());
    let spa = person("password", &format!(r#"{API}, "scopes": "openid""#)).replace("\"web\"", "\"spa\"");
    all += &record(&minter, &spa, &issuance());
    insta::assert_snapshot!(all);
}

#[test]
fn machines() {
    let minter = acme();
    let mut all = String::new();
    for json in [
        r#"{ "grant": "client_credentials", "client": "m2m-77", "scopes": ["openid", "read"] }"#,
        r#"{ "grant": "refresh_token", "client": "m2m-77", "audience": "https://api.acme.example", "session": { "auth_time": 1 } }"#,
        r#"{ "grant": "jwt_bearer", "client": "m2m-77", "audience": "https://api.acme.example" }"#,
        r#"{ "grant": "token_exchange", "client": "m2m-77", "audience": "https://api.acme.example", "user": { "sub": "u1" }, "scopes": "openid",
  "actor": { "sub": "m2m-77", "exp": 1, "act": { "client_id": "first", "aud": "x" } } }"#,
    ] {
        all += &record(&minter, json, &issuance());
    }
    insta::assert_snapshot!(all);
}

#[test]
fn response_types() {
    let minter = acme();
    let mut all = String::new();
    let mut show =
        |grant: &str, scopes: &str, answer: Option<ResponseType>, nonce: Option<&str>, code: Option<&str>| {
            let answer = answer.map_or(Answer::TokenEndpoint, Answer::AuthorizationEndpoint);
            let json = person(grant, &format!(r#"{API}, "scopes": "{scopes}""#));
            let issuance = Issuance { answer, nonce, code, ..issuance() };
            let record = record(&minter, &json, &issuance);
            let (_, shown) = record.split_once("\n->").unwrap();
            let _ = writeln!(all, "{grant}, `{scopes}`, {answer:?}, {nonce:?}, {code:?}\n->{shown}");
        };
    show("implicit", "openid", Some(IdToken), Some("n"), None);
    show("implicit", "openid", Some(IdTokenToken), Some("n"), None);
    show("implicit", "read", Some(Token), None, None);
    show("hybrid", "openid", Some(CodeIdToken), Some("n"), Some("SplxlOBeZQQYbYS6WxSbIA"));
    show("hybrid", "openid", Some(CodeIdTokenToken), None, Some("SplxlOBeZQQYbYS6WxSbIA"));
    show("hybrid", "openid", Some(CodeToken), None, Some("SplxlOBeZQQYbYS6WxSbIA"));
    show("hybrid", "openid", None, Some("n"), None);
    show("implicit", "openid", Some(IdToken), None, None);
    show("implicit", "read", Some(IdToken), Some("n"), None);
    show("implicit", "openid", Some(CodeIdToken), Some("n"), Some("c"));
    show("implicit", "openid", None, Some("n"), None);
    show("hybrid", "openid", Some(CodeIdToken), Some("n"), None);
    show("authorization_code", "openid", Some(IdToken), Some("n"), None);
    show("authorization_code", "openid", None, None, Some("c"));
    insta::assert_snapshot!(all);
}

#[test]
fn usual_answers() {
    let usual = |grant: &str, scopes: &str, has_code| {
        let json = person(grant, &format!(r#""scopes": "{scopes}""#));
        Answer::usual(&request(&json), has_code)
    };
    for (grant, scopes, has_code, answer) in [
        ("implicit", "openid", false, Some(IdTokenToken)),
        ("implicit", "read", false, Some(Token)),
        ("hybrid", "openid", true, Some(CodeIdTokenToken)),
        ("hybrid", "read", true, Some(CodeToken)),
        ("hybrid", "openid", false, None),
        ("password", "openid", false, None),
    ] {
        let answer = answer.map_or(Answer::TokenEndpoint, Answer::AuthorizationEndpoint);
        assert_eq!(usual(grant, scopes, has_code), answer, "{grant} {scopes}");
    }
    assert_eq!(ResponseType::parse("token code id_token"), Some(CodeIdTokenToken));
    for words in ["", "code", "none", "token token", "id_token  token", "Token"] {
        assert_eq!(ResponseType::parse(words), None, "{words}");
    }
}

/// The examples of OpenID Connect Core, as computed for each algorithm's hash.
#[test]
fn hashes_are_those_of_the_algorithm() {
    let catalog = "{ language: 1, issuer: 'https://id.acme.example/' }";
    let json = person("hybrid", &format!(r#"{API}, "scopes": "openid""#));
    let code = "YmJiZTAwYmYtMzgyOC00NzhkLTkyOTItNjJjNDM3MGYzOWIy9sFhvH8K_x8UIHj1osisS57f5DduL";
    let answer = Answer::AuthorizationEndpoint(CodeIdToken);
    let issuance = Issuance { answer, code: Some(code), ..issuance() };
    for (algorithm, hash) in [
        (Algorithm::Rs256, "xsZZrUssMXjL3FBlzoSh2g"),
        (Algorithm::Ps256, "xsZZrUssMXjL3FBlzoSh2g"),
        (Algorithm::Es256, "xsZZrUssMXjL3FBlzoSh2g"),
        (Algorithm::Es384, "adt46pcdiB-l6eTNifgoVM-5AIJAxq84"),
        (Algorithm::EdDsa, "p2LHG4H-8pYDc0hyVOo3iIHvZJUqe9tbj3jESOuXbkY"),
    ] {
        let keys = KeyRing::new(SigningKey::generate(algorithm).unwrap());
        let tokens = minter(policy(catalog, ""), keys).mint(&request(&json), &issuance).unwrap();
        assert_eq!(decoded(&tokens.id_token.unwrap()).1["c_hash"], hash, "{algorithm}");
    }
}

#[test]
fn a_secret_signs_id_tokens_of_its_confidential_client_alone() {
    let mut ring = KeyRing::new(key("p384.sec1.pem"));
    let octets = [1; 32];
    for client in ["web", "spa", "unlisted"] {
        ring.share(client, ClientSecret::new(&octets).unwrap());
    }
    let minter = minter(policy(&CATALOG.replace("clients:", "open_clients: true\nclients:"), POLICY), ring);
    let json = |client: &str| {
        person("password", &format!(r#"{API}, "scopes": "openid""#)).replace("\"web\"", client)
    };
    let algorithms = |client: &str| {
        let tokens = minter.mint(&request(&json(client)), &issuance())?;
        let algorithm =
            |token: Option<String>| decoded(&token.unwrap()).0["alg"].as_str().unwrap().to_owned();
        Ok((algorithm(tokens.access_token), algorithm(tokens.id_token)))
    };
    let web = Ok(("ES384".to_owned(), "HS256".to_owned()));
    assert_eq!(algorithms("\"web\""), web);
    assert_eq!(algorithms(r#"{ "id": "unlisted", "confidential": true }"#), web);
    assert_eq!(algorithms("\"other\""), Ok(("ES384".to_owned(), "ES384".to_owned())));
    for public in ["\"spa\"", "\"unlisted\"", r#"{ "id": "unlisted", "confidential": false }"#] {
        assert_eq!(algorithms(public), Err(MintError::SecretOfPublicClient), "{public}");
    }
    let token = minter.mint(&request(&json("\"web\"")), &issuance()).unwrap().id_token.unwrap();
    let (header, claims) = decoded(&token);
    assert_eq!(header, serde_json::json!({ "alg": "HS256", "typ": "JWT" }));
    assert_eq!(
        claims["at_hash"].as_str().unwrap().len(),
        22,
        "SHA-256, although the access token is signed with ES384"
    );
    let key = jsonwebtoken::DecodingKey::from_secret(&octets);
    let (message, signature) = token.rsplit_once('.').unwrap();
    let hs256 = jsonwebtoken::Algorithm::HS256;
    assert!(jsonwebtoken::crypto::verify(signature, message.as_bytes(), &key, hs256).unwrap());
}

#[test]
fn requests_without_tokens() {
    let minter = acme();
    let mut all = String::new();
    let mut show = |json: &str, issuance: &Issuance<'_>| all += &record(&minter, json, issuance);
    let with_user = |user: &str, rest: &str| {
        format!(
            r#"{{ "grant": "password", "client": "web", {API}, "scopes": "openid email profile", "user": {user}{rest} }}"#
        )
    };
    for user in [
        r#"{ "plan": "blocked", "sub": "u1" }"#,
        "{}",
        r#"{ "sub": 7 }"#,
        r#"{ "sub": "" }"#,
        r#"{ "sub": "\u00e9" }"#,
        r#"{ "sub": "m2m-77" }"#,
        r#"{ "sub": "web" }"#,
        r#"{ "sub": "u1", "email": ["a@acme.example"] }"#,
        r#"{ "sub": "u1", "email_verified": "yes" }"#,
        r#"{ "sub": "u1", "website": "LONG" }"#,
        r#"{ "sub": "u1", "plan": "gold" }"#,
    ] {
        show(&with_user(&user.replace("LONG", &"x".repeat(5000)), ""), &issuance());
    }
    for session in [
        r#"{ "auth_time": "yesterday" }"#,
        r#"{ "acr": 1 }"#,
        r#"{ "amr": "pwd" }"#,
        r#"{ "amr": [1] }"#,
        r#"{ "acr": "LONG" }"#,
    ] {
        show(
            &with_user(
                r#"{ "sub": "u1" }"#,
                &format!(r#", "session": {session}"#).replace("LONG", &"x".repeat(5000)),
            ),
            &issuance(),
        );
    }
    for actor in ["{}", r#"{ "sub": 7 }"#, r#"{ "sub": "a", "act": {} }"#] {
        show(
            &format!(
                r#"{{ "grant": "token_exchange", "client": "m2m-77", {API}, "user": {{ "sub": "u1" }}, "actor": {actor} }}"#
            ),
            &issuance(),
        );
    }
    show(r#"{ "grant": "client_credentials", "client": "nobody" }"#, &issuance());
    show(&person("saml_sso", API), &issuance());
    let answer = Answer::AuthorizationEndpoint(Token);
    let front = Issuance { answer, ..issuance() };
    show(&person("implicit", API).replace("\"pro\"", "\"blocked\""), &front);
    show(&person("implicit", API).replace("\"u1\"", "7"), &front);
    insta::assert_snapshot!(all);
}

#[test]
fn denials_have_codes_that_the_endpoint_knows() {
    let all_codes = "access_denied unauthorized_client invalid_grant invalid_scope invalid_target server_error \
                     login_required insufficient_user_authentication expired_token unsupported_response_type";
    let mut all = String::new();
    for code in all_codes.split(' ') {
        let text = format!("deny {code} \"no\" unless client = \"x\"");
        let minter = minter(
            policy("{ language: 1, issuer: 'https://id.acme.example/' }", &text),
            KeyRing::new(key("ed25519.pem")),
        );
        let mut line = format!("{code}:");
        for (grant, answer) in [
            ("password", Answer::TokenEndpoint),
            ("client_credentials", Answer::TokenEndpoint),
            ("device_code", Answer::TokenEndpoint),
            ("implicit", Answer::AuthorizationEndpoint(Token)),
        ] {
            let user = if grant == "client_credentials" { "" } else { r#", "user": { "sub": "u" }"# };
            let request = request(&format!(r#"{{ "grant": "{grant}", "client": "web"{user} }}"#));
            let issuance = Issuance { answer, ..issuance() };
            let error = minter.mint(&request, &issuance).unwrap_err();
            let _ = write!(line, " {grant} {},", error.response(&request, answer).error);
        }
        let _ = writeln!(all, "{}", line.trim_end_matches(','));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn an_audience_is_needed() {
    let catalog = CATALOG.replace("default_audience: api\n", "");
    let text = r#"
        if client = web and grant = password then set audience to "https://billing.acme.example"
        deny "no audience was asked for" unless "https://api.acme.example" in audience or "https://billing.acme.example" in audience or client = spa
    "#;
    let json = |client: &str| {
        format!(r#"{{ "grant": "password", "client": "{client}", "scopes": "openid", {USER} }}"#)
    };
    let audience = |catalog: &str, client: &str| {
        let minter = minter(policy(catalog, text), KeyRing::new(key("p256.sec1.pem")));
        let tokens = minter.mint(&request(&json(client)), &issuance())?;
        assert_eq!(decoded(&tokens.id_token.unwrap()).1["aud"], client);
        let (_, claims) = decoded(&tokens.access_token.unwrap());
        assert_eq!(tokens.audience.len(), 1);
        Ok::<_, MintError>(claims["aud"].as_str().unwrap().to_owned())
    };
    assert_eq!(audience(&catalog, "spa"), Err(MintError::MissingAudience));
    assert_eq!(audience(&catalog, "web").as_deref(), Ok("https://billing.acme.example"));
    assert_eq!(audience(CATALOG, "spa").as_deref(), Ok("https://api.acme.example"));
    assert_eq!(
        audience(CATALOG, "web").as_deref(),
        Ok("https://billing.acme.example"),
        "the policy decides first"
    );
}

#[test]
fn userinfo() {
    let minter = acme();
    let mut all = String::new();
    for json in [
        person("authorization_code", &format!(r#"{API}, "scopes": "openid profile email address phone""#)),
        person("password", &format!(r#"{API}, "scopes": "openid""#)),
        person("password", &format!(r#"{API}, "scopes": "email""#)),
        r#"{ "grant": "client_credentials", "client": "m2m-77", "scopes": "openid" }"#.to_owned(),
        person("password", &format!(r#"{API}, "scopes": "openid""#)).replace("\"pro\"", "\"blocked\""),
    ] {
        let text = match minter.userinfo(&request(&json)) {
            Ok(claims) => claims.to_json(),
            Err(error) => error.to_string(),
        };
        let _ = writeln!(all, "{}\n-> {text}\n", json.replace(USER, "(the person)"));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn clients_receive_what_they_accept() {
    let catalog = "
language: 1
issuer: https://id.acme.example/
labels: [health]
clients:
  all: { id: all }
  some: { id: some, accepts: [pii] }
  none: { id: none, accepts: [] }
user:
  extends: oidc
  gender: { type: string?, label: [pii, health] }
  website: { type: string?, label: [secret] }
  zoneinfo: { type: string?, label: [user_editable] }
";
    let minter = minter(policy(catalog, ""), KeyRing::new(key("p256.sec1.pem")));
    let names = |client: &str| {
        let json = format!(
            r#"{{ "grant": "password", "client": "{client}", "audience": "a", "scopes": "openid profile address", "user": {{ "sub": "u",
                "name": "n", "gender": "g", "nickname": "n", "website": "w", "zoneinfo": "z", "address": {{ "country": "c" }} }} }}"#
        );
        let tokens = minter.mint(&request(&json), &issuance()).unwrap();
        let (_, claims) = decoded(&tokens.id_token.unwrap());
        let names = ["name", "gender", "nickname", "website", "zoneinfo", "address"];
        let names: Vec<&str> = names.into_iter().filter(|name| !claims[name].is_null()).collect();
        let userinfo = minter.userinfo(&request(&json)).unwrap();
        assert!(userinfo.as_object().unwrap().keys().skip(1).all(|name| names.contains(&&**name)));
        names.join(" ")
    };
    assert_eq!(names("all"), "name gender nickname zoneinfo address");
    assert_eq!(names("some"), "name nickname zoneinfo address");
    assert_eq!(names("none"), "zoneinfo");
}

#[test]
fn issuers() {
    for good in [
        "https://id.acme.example",
        "https://id.acme.example:8443/realms/a/",
        "http://127.0.0.1:8080",
        "http://localhost/",
        "http://[::1]:80/x",
    ] {
        assert!(Settings::new(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        "https://",
        "https:///x",
        "http://id.acme.example",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example/",
        "https://id.acme.example?x",
        "https://id.acme.example/#",
        "https://u@id.acme.example",
        "https://id acme",
        "id.acme.example",
    ] {
        assert!(Settings::new(bad).is_err(), "{bad}");
    }
    assert!(Settings::of_policy(&policy("{ language: 1 }", "")).is_err());
    let shown = format!("{:?}", acme().mint(&request(&person("password", API)), &issuance()).unwrap());
    assert_eq!(shown, "Tokens(access_token, 300 s, BwcHBwcHBwcHBwcHBwcHBw)");
}
