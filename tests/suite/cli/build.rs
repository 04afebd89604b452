//! `claimsc build`, and what the other commands make of an artifact.

use std::fs;

use super::keys::fixture;
use super::{CATALOG, POLICY, REQUEST, Scene, clean};

/// The record without what changes with the format: sizes and offsets.
fn told(scene: Scene) -> String {
    let record = scene.record();
    let sizes = regex::Regex::new(r"\d+ bytes|\(byte \d+\)").unwrap();
    sizes.replace_all(&record, "[SIZE]").into_owned()
}

fn built() -> Scene {
    let scene = clean()
        .bytes("key.pem", &fixture("ed25519.pem"))
        .bytes("other.pem", &fixture("p256.sec1.pem"))
        .bytes("request.json", REQUEST.as_bytes());
    for (key, name) in [("key.pem", "trusted.jwks"), ("other.pem", "others.jwks")] {
        fs::write(scene.path(name), scene.run(&format!("keys jwks {key}")).stdout).unwrap();
    }
    scene
}

#[test]
fn a_policy_is_built_and_signed() {
    let scene = built()
        .show("build -o policy.claimsb")
        .show("build -o signed.claimsb --key key.pem")
        .show("fingerprint signed.claimsb")
        .show("eval signed.claimsb --signed-by trusted.jwks --request request.json");
    insta::assert_snapshot!(told(scene));
}

#[test]
fn what_may_not_be_loaded_is_not() {
    let scene = built();
    scene.run("build -o policy.claimsb");
    scene.run("build -o signed.claimsb --key key.pem");
    let mut damaged = fs::read(scene.path("signed.claimsb")).unwrap();
    damaged[100] ^= 1;
    let cut_off = damaged[..damaged.len() / 2].to_vec();
    let scene = scene
        .bytes("damaged.claimsb", &damaged)
        .bytes("cut-off.claimsb", &cut_off)
        .bytes("text.claimsb", POLICY.as_bytes())
        .show("eval policy.claimsb --signed-by trusted.jwks --request request.json")
        .show("eval signed.claimsb --signed-by others.jwks --request request.json")
        .show("eval damaged.claimsb --request request.json")
        .show("eval cut-off.claimsb --request request.json")
        .show("eval text.claimsb --request request.json")
        .show("eval . --signed-by trusted.jwks --request request.json")
        .show("eval policy.claimsb --catalog claims.yaml --request request.json")
        .show("check policy.claimsb")
        .show("inspect - --signed-by trusted.jwks")
        .show("build -o nowhere/policy.claimsb");
    insta::assert_snapshot!(told(scene));
}

#[test]
fn a_policy_with_errors_is_not_built() {
    let scene = Scene::new()
        .bytes("policy.claims", b"add ns/a = 1\n")
        .bytes("secret.jwk", Scene::new().run("keys generate --alg HS256").stdout.as_bytes())
        .show("build -o policy.claimsb")
        .show("build -o -")
        .show("build -o policy.claimsb --key secret.jwk");
    assert!(!scene.path("policy.claimsb").exists());
    insta::assert_snapshot!(told(scene));
}

/// Commands say of an artifact what they say of the folder.
#[test]
fn an_artifact_stands_for_its_folder() {
    let scene = built();
    scene.run("build -o policy.claimsb");
    for command in [
        "eval [POLICY] --request request.json --explain --show-values",
        "eval [POLICY] --request request.json --explain --format json",
        "inputs [POLICY]",
        "fingerprint [POLICY]",
    ] {
        let [folder, artifact] = [".", "policy.claimsb"].map(|policy| {
            let run = scene.run(&command.replace("[POLICY]", policy));
            (run.exit, run.stdout, run.stderr)
        });
        assert_eq!(folder, artifact, "{command}");
        assert_eq!(folder.0, 0, "{command}: {}", folder.2);
    }
    let minted = scene.run("mint policy.claimsb --request request.json --key key.pem");
    assert_eq!(minted.exit, 0, "{}", minted.stderr);
    // One time for both, whatever passes between them.
    let [folder, artifact] = [".", "policy.claimsb"].map(|policy| {
        let run = scene.feed(
            &format!("inspect - {policy} --jwks trusted.jwks --now 1800000000"),
            minted.stdout.as_bytes(),
        );
        (run.exit, run.stdout, run.stderr)
    });
    assert_eq!(folder, artifact);
}

#[test]
fn the_same_bytes_in_every_folder() {
    let scene = Scene::new()
        .bytes("here/policy.claims", POLICY.as_bytes())
        .bytes("here/claims.yaml", CATALOG.as_bytes())
        .bytes("elsewhere/deeper/policy.claims", POLICY.as_bytes())
        .bytes("elsewhere/deeper/claims.yaml", CATALOG.as_bytes());
    scene.run("build here -o one.claimsb");
    scene.run("build elsewhere/deeper -o two.claimsb");
    scene.run("build elsewhere/deeper/policy.claims -o three.claimsb");
    let one = fs::read(scene.path("one.claimsb")).unwrap();
    for other in ["two.claimsb", "three.claimsb"] {
        assert!(one == fs::read(scene.path(other)).unwrap(), "{other}");
    }
    assert!(!scene.path("one.claimsb.new").exists());
}
