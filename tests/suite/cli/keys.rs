//! `claimsc keys`.

use std::fs;

use super::super::folder::{in_repository, read};
use super::Scene;

/// A key of `tests/mint/keys`.
pub(super) fn fixture(name: &str) -> Vec<u8> {
    read(&in_repository("tests/mint/keys").join(name)).into_bytes()
}

#[test]
fn keys_are_made_in_every_algorithm() {
    for algorithm in ["RS256", "PS256", "ES256", "ES384", "EdDSA"] {
        let scene = Scene::new();
        let run = scene.run(&format!("keys generate --alg {algorithm} --out key.jwk"));
        assert_eq!((run.exit, run.stderr.as_str()), (0, ""), "{}", run.stdout);
        let key: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(scene.path("key.jwk")).unwrap()).unwrap();
        assert_eq!(key["alg"], algorithm);
        assert!(run.stdout.contains(key["kid"].as_str().unwrap()), "{}", run.stdout);
        assert!(!run.stdout.contains(key["d"].as_str().unwrap()));
        let set = scene.run("keys jwks key.jwk");
        let set: serde_json::Value = serde_json::from_str(&set.stdout).unwrap();
        assert_eq!(set["keys"][0]["kid"], key["kid"]);
        assert!(set["keys"][0]["d"].is_null());
    }
    let secret = Scene::new().run("keys generate --alg HS256");
    let secret: serde_json::Value = serde_json::from_str(&secret.stdout).unwrap();
    assert_eq!((secret["kty"].as_str(), secret["k"].as_str().map(str::len)), (Some("oct"), Some(43)));
}

#[test]
#[cfg(unix)]
fn a_written_key_is_for_this_user_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let scene = Scene::new();
    assert_eq!(scene.run("keys generate --alg EdDSA --out key.jwk").exit, 0);
    assert_eq!(fs::metadata(scene.path("key.jwk")).unwrap().permissions().mode() & 0o777, 0o600);
    let before = fs::read(scene.path("key.jwk")).unwrap();
    assert_eq!(scene.run("keys generate --alg EdDSA --out key.jwk").exit, 2);
    assert_eq!(fs::read(scene.path("key.jwk")).unwrap(), before, "a key is never overwritten");
}

#[test]
fn key_sets_of_files() {
    let set = r#"{ "keys": [{ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }] }"#;
    insta::assert_snapshot!(
        Scene::new()
            .bytes("rsa.pem", &fixture("rs2048.pkcs1.pem"))
            .bytes("ec.pem", &fixture("p256.sec1.pem"))
            .file("retired.json", set)
            .show("keys jwks rsa.pem ec.pem retired.json")
            .show("keys jwks rsa.pem --alg PS256")
            .record()
    );
}

#[test]
fn keys_that_cannot_be_used_exit_with_2() {
    let secret = r#"{ "kty": "oct", "k": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE" }"#;
    insta::assert_snapshot!(
        Scene::new()
            .bytes("ec.pem", &fixture("p256.sec1.pem"))
            .bytes("weak.pem", &fixture("rs1024.pem"))
            .bytes("encrypted.pem", &fixture("encrypted.pem"))
            .file("secret.jwk", secret)
            .file("secrets.json", &format!("{{ \"keys\": [{secret}] }}"))
            .file("foreign.json", r#"{ "keys": [{ "kty": "EC", "crv": "P-521" }] }"#)
            .bytes("huge.json", &vec![b' '; 10 << 20])
            .show("keys jwks weak.pem")
            .show("keys jwks encrypted.pem")
            .show("keys jwks secret.jwk")
            .show("keys jwks secrets.json")
            .show("keys jwks foreign.json")
            .show("keys jwks huge.json")
            .show("keys jwks ec.pem ec.pem")
            .show("keys jwks ec.pem --alg ES384")
            .show("keys jwks nowhere.pem")
            .show("keys jwks")
            .show("keys generate")
            .show("keys generate --alg none")
            .show("keys generate --alg ES256 --out nowhere/key.jwk")
            .record()
    );
}
