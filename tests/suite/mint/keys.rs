//! Keys: what is read, what is refused and how, and what a ring publishes.

use std::fmt::Write as _;

use claimsc::mint::KeyState::{Active, Published, Retired};
use claimsc::mint::{Algorithm, ClientSecret, Key, KeyRing, PublicKey, Purpose, SetupError, SigningKey};
use claimsc::value::{JsonLimits, Value};

use super::{is_signed, issuance, key, minter, pem, policy, request};

fn value(json: &str) -> Value {
    Value::parse_json(json.as_bytes(), JsonLimits::default()).unwrap()
}

/// The JWK of a key of this kind, without its last brace.
fn open_jwk(algorithm: Algorithm) -> String {
    let jwk = SigningKey::generate(algorithm).unwrap().to_private_jwk().unwrap();
    jwk.trim_end_matches('}').to_owned()
}

/// The key with one digit in the middle changed.
fn damaged(pem: &str) -> String {
    let middle = pem.len() / 2;
    let digit = if pem.as_bytes()[middle] == b'A' { "B" } else { "A" };
    format!("{}{digit}{}", &pem[..middle], &pem[middle + 1..])
}

fn refusal<T: std::fmt::Debug>(result: Result<T, SetupError>) -> String {
    let error = result.unwrap_err();
    format!("{}\n    {}", error.message(), error.help())
}

#[test]
fn every_format_gives_the_same_key() {
    for (one, other, algorithm) in [
        ("rs2048.pkcs1.pem", "rs2048.pkcs8.pem", Algorithm::Rs256),
        ("p256.sec1.pem", "p256.pkcs8.pem", Algorithm::Es256),
        ("p384.sec1.pem", "p384.sec1.pem", Algorithm::Es384),
        ("ed25519.pem", "ed25519.pem", Algorithm::EdDsa),
    ] {
        let (one, other) = (key(one), key(other));
        assert_eq!((one.algorithm(), one.id()), (algorithm, other.id()));
        let jwk = SigningKey::read(one.to_private_jwk().unwrap().as_bytes(), None).unwrap();
        assert_eq!((jwk.algorithm(), jwk.id()), (algorithm, one.id()));
        let public = PublicKey::from_jwk(&one.public().to_jwk()).unwrap();
        assert_eq!((public.algorithm(), public.id()), (algorithm, one.id()));
    }
    let pss = SigningKey::read(&pem("rs2048.pkcs8.pem"), Some(Algorithm::Ps256)).unwrap();
    assert_eq!(pss.algorithm(), Algorithm::Ps256);
}

#[test]
fn every_algorithm_signs_and_is_verified_by_its_public_part_alone() {
    let policy = policy("{ language: 1, issuer: 'https://id.acme.example/' }", "");
    let request = request(
        r#"{ "grant": "client_credentials", "client": "m", "audience": "https://api.acme.example" }"#,
    );
    for algorithm in Algorithm::ALL.into_iter().filter(|one| *one != Algorithm::Hs256) {
        let key = SigningKey::generate(algorithm).unwrap();
        let stranger = SigningKey::generate(algorithm).unwrap();
        let minter = minter(policy.clone(), KeyRing::new(key));
        let token = minter.mint(&request, &issuance()).unwrap().access_token.unwrap();
        assert!(is_signed(&minter, &token), "{algorithm}");
        let (message, signature) = token.rsplit_once('.').unwrap();
        assert!(!stranger.public().verifies(message.as_bytes(), signature), "{algorithm}");
        let altered = message.replacen('.', ".X", 1);
        let public = minter.keys().active(Purpose::AccessTokens);
        assert!(!public.verifies(altered.as_bytes(), signature), "{algorithm}");
        assert!(!public.verifies(message.as_bytes(), ""), "{algorithm}");
    }
}

/// RFC 7638 section 3.1 and RFC 8037 appendix A.3.
#[test]
fn key_ids_are_thumbprints() {
    let rsa = value(
        r#"{ "kty": "RSA", "e": "AQAB", "alg": "RS256", "kid": "2011-04-29", "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw" }"#,
    );
    assert_eq!(&**PublicKey::from_jwk(&rsa).unwrap().id(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    let ed = r#"{ "kty": "OKP", "crv": "Ed25519", "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }"#;
    let ed = SigningKey::read(ed.as_bytes(), None).unwrap();
    assert_eq!(&**ed.id(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    // RFC 8037 appendix A.4.
    assert!(ed.public().verifies(
        b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    ));
}

#[test]
fn unusable_pem_is_refused_with_a_sentence() {
    let mut all = String::new();
    for name in [
        "rs1024.pem",
        "encrypted.pem",
        "encrypted-traditional.pem",
        "certificate.pem",
        "public.pem",
        "two-keys.pem",
        "with-parameters.pem",
        "p521.pem",
        "secp256k1.pem",
        "ed448.pem",
        "x25519.pem",
        "rsa-pss.pem",
        "dsa.pem",
        "openssh.pem",
        "README.md",
    ] {
        let _ = writeln!(all, "{name}: {}", refusal(Key::read(&pem(name), None)));
    }
    let good = String::from_utf8(pem("p256.pkcs8.pem")).unwrap();
    let rsa = String::from_utf8(pem("rs2048.pkcs1.pem")).unwrap();
    for (name, text) in [
        ("an empty text", String::new()),
        ("cut off", good[..100].to_owned()),
        ("another end", good.replace("END PRIVATE", "END EC PRIVATE")),
        ("another label", good.replace("PRIVATE KEY", "EC PRIVATE KEY")),
        ("an unknown label", good.replace("PRIVATE KEY", "KEY")),
        ("no base64", good.replace("MIG", "M!G")),
        ("damaged numbers", rsa.replace("\nMII", "\nMIH")),
        ("numbers of another key", damaged(&rsa)),
        ("too long", " ".repeat(1 << 17)),
    ] {
        let _ = writeln!(all, "{name}: {}", refusal(Key::read(text.as_bytes(), None)));
    }
    for (name, algorithm) in [
        ("p256.pkcs8.pem", Algorithm::Es384),
        ("p256.pkcs8.pem", Algorithm::Rs256),
        ("rs2048.pkcs8.pem", Algorithm::Hs256),
        ("ed25519.pem", Algorithm::Es256),
    ] {
        let _ = writeln!(all, "{name} for {algorithm}: {}", refusal(Key::read(&pem(name), Some(algorithm))));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn unusable_jwks_are_refused_with_a_sentence() {
    let ec = open_jwk(Algorithm::Es256);
    let rsa = open_jwk(Algorithm::Rs256);
    let ed = open_jwk(Algorithm::EdDsa);
    let es = |from: &str, to: &str| format!("{}}}", ec.replace(from, to));
    let short = |name: &str| {
        let (before, after) = ec.split_once(&format!("\"{name}\":\"")).unwrap();
        format!("{before}\"{name}\":\"{}}}", &after[8..])
    };
    let other = open_jwk(Algorithm::Es256);
    let d = |jwk: &str| jwk.rsplit_once("\"d\":").unwrap().1.to_owned();
    let mut all = String::new();
    for (name, text) in [
        ("no JSON", "{ \"kty\": ".to_owned()),
        ("a list", "[]".to_owned()),
        ("a set", format!("{{ \"keys\": [{ec}}}] }}")),
        ("no kty", es("\"kty\":\"EC\"", "\"kty\":7")),
        ("unknown kty", es("\"kty\":\"EC\"", "\"kty\":\"AKP\"")),
        ("alg none", es("ES256", "none")),
        ("alg RS256 for EC", es("ES256", "RS256")),
        ("alg ES512", es("ES256", "ES512")),
        ("use enc", es("\"use\":\"sig\"", "\"use\":\"enc\"")),
        ("key_ops verify", format!("{ec},\"key_ops\":[\"verify\"]}}")),
        ("crv P-521", es("P-256", "P-521")),
        ("crv secp256k1", es("P-256", "secp256k1")),
        ("crv Ed448", format!("{}}}", ed.replace("Ed25519", "Ed448"))),
        ("public only", SigningKey::generate(Algorithm::Es256).unwrap().public().to_jwk().to_json()),
        ("a member twice", format!("{ec},\"d\":{}}}", d(&other))),
        (
            "the private part of another key",
            format!("{}\"d\":{}}}", ec.rsplit_once("\"d\":").unwrap().0, d(&other)),
        ),
        ("a short coordinate", short("x")),
        ("no base64url", es("\"x\":\"", "\"x\":\"+")),
        ("RSA without primes", format!("{}}}", rsa.replace("\"p\"", "\"pp\""))),
        ("RSA with many primes", format!("{rsa},\"oth\":[]}}")),
        ("RSA with another modulus", format!("{}}}", rsa.replace("\"n\":\"", "\"n\":\"_"))),
        ("short secret", r#"{ "kty": "oct", "k": "c2VjcmV0" }"#.to_owned()),
        ("secret for RS256", r#"{ "kty": "oct", "alg": "RS256", "k": "c2VjcmV0" }"#.to_owned()),
    ] {
        let _ = writeln!(all, "{name}: {}", refusal(Key::read(text.as_bytes(), None)));
    }
    let asked = Key::read(format!("{ec}}}").as_bytes(), Some(Algorithm::Es384));
    let _ = writeln!(all, "ES256 for ES384: {}", refusal(asked));
    let secret = ClientSecret::generate().unwrap().to_private_jwk();
    let _ =
        writeln!(all, "a secret for access tokens: {}", refusal(SigningKey::read(secret.as_bytes(), None)));
    let _ = writeln!(all, "a secret in a set: {}", refusal(PublicKey::from_jwk(&value(&secret))));
    let _ = writeln!(all, "HS256 as key pair: {}", refusal(SigningKey::generate(Algorithm::Hs256)));
    insta::assert_snapshot!(all);
}

#[test]
fn nothing_private_is_shown() {
    for algorithm in [Algorithm::Rs256, Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa] {
        let key = SigningKey::generate(algorithm).unwrap();
        let jwk = value(&key.to_private_jwk().unwrap());
        let mut shown = format!("{key:?} {:?}", key.public());
        let _ = write!(shown, " {:?}", KeyRing::new(key));
        for name in ["d", "p", "q", "dp", "dq", "qi"] {
            let Some(private) = jwk.get(name).and_then(Value::as_str) else { continue };
            assert!(!shown.contains(private), "{algorithm}: `{name}`");
        }
        assert!(shown.contains(jwk.get("kid").unwrap().as_str().unwrap()));
    }
    let secret = ClientSecret::new(b"a secret of more than thirty-two bytes").unwrap();
    assert_eq!(format!("{secret:?}"), "ClientSecret(HS256)");
}

#[test]
fn a_key_set_has_public_parts_only() {
    let mut ring = KeyRing::new(SigningKey::generate(Algorithm::Rs256).unwrap());
    for algorithm in [Algorithm::Ps256, Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa] {
        ring.publish(SigningKey::generate(algorithm).unwrap()).unwrap();
    }
    ring.share("web", ClientSecret::generate().unwrap());
    let set = ring.jwks();
    let keys = set.get("keys").unwrap().as_list().unwrap();
    let names =
        |key: &Value| key.as_object().unwrap().keys().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    assert_eq!(
        keys.iter().map(names).collect::<Vec<_>>(),
        [
            "kty use alg kid e n",
            "kty use alg kid e n",
            "kty use alg kid crv x y",
            "kty use alg kid crv x y",
            "kty use alg kid crv x",
        ]
    );
    assert_eq!(ring.id_token_algorithms(), [Algorithm::Rs256, Algorithm::Hs256]);
}

#[test]
fn keys_are_published_activated_retired_and_removed() {
    let [old, new] = ["p256.sec1.pem", "p384.sec1.pem"].map(key);
    let [old_id, new_id] = [old.id().clone(), new.id().clone()];
    let policy = policy("{ language: 1, issuer: 'https://id.acme.example/' }", "");
    let request = request(
        r#"{ "grant": "password", "client": "web", "audience": "https://api.acme.example", "scopes": "openid", "user": { "sub": "u" } }"#,
    );
    let mint = |ring: &KeyRing| {
        let minter = minter(policy.clone(), ring.clone());
        let tokens = minter.mint(&request, &issuance()).unwrap();
        [tokens.access_token.unwrap(), tokens.id_token.unwrap()].map(|token| {
            assert!(is_signed(&minter, &token));
            super::decoded(&token).0["kid"].as_str().unwrap().to_owned()
        })
    };
    let states = |ring: &KeyRing| [ring.state(&old_id), ring.state(&new_id)];
    let mut ring = KeyRing::new(old);
    assert_eq!(states(&ring), [Some(Active), None]);
    let old_token =
        minter(policy.clone(), ring.clone()).mint(&request, &issuance()).unwrap().access_token.unwrap();
    ring.publish(new).unwrap();
    assert_eq!(states(&ring), [Some(Active), Some(Published)]);
    assert_eq!(mint(&ring), [&*old_id, &*old_id]);

    ring.activate_for(&new_id, Purpose::IdTokens).unwrap();
    assert_eq!(states(&ring), [Some(Active), Some(Active)]);
    assert_eq!(mint(&ring), [&*old_id, &*new_id]);
    ring.activate(&new_id).unwrap();
    assert_eq!(states(&ring), [Some(Published), Some(Active)]);
    assert_eq!(mint(&ring), [&*new_id, &*new_id]);

    ring.retire(&old_id).unwrap();
    assert_eq!(states(&ring), [Some(Retired), Some(Active)]);
    assert_eq!(ring.jwks().get("keys").unwrap().as_list().unwrap().len(), 2);
    assert!(is_signed(&minter(policy.clone(), ring.clone()), &old_token), "its tokens are still verified");
    let mut all = String::new();
    for (what, refused) in [
        ("a key that is in the ring", ring.clone().publish(key("p256.sec1.pem"))),
        ("a retired key", ring.clone().activate(&old_id)),
        ("an active key to retire", ring.clone().retire(&new_id)),
        ("an active key to remove", ring.clone().remove(&new_id)),
        ("an unknown key", ring.clone().activate("nobody's")),
    ] {
        let _ = writeln!(all, "{what}: {}", refusal(refused));
    }
    ring.remove(&old_id).unwrap();
    assert_eq!(states(&ring), [None, Some(Active)]);
    assert!(ring.public(&old_id).is_none(), "its tokens are verified no more");
    ring.publish_retired(key("p256.sec1.pem").public().clone()).unwrap();
    assert_eq!(states(&ring), [Some(Retired), Some(Active)]);
    let all = all.replace(&*old_id, "OLD").replace(&*new_id, "NEW");
    insta::assert_snapshot!(all);
}
