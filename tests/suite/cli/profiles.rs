//! `claimsc profiles` and `claimsc check --profile`.

use super::{Scene, clean};

#[test]
fn the_hosts_and_one_of_them() {
    insta::assert_snapshot!(
        Scene::new()
            .show("profiles")
            .show("profiles zitadel")
            .show("profiles generic --format json")
            .show("profiles keycloack")
            .record()
    );
}

#[test]
fn every_host_is_shown() {
    let scene = Scene::new();
    let all: serde_json::Value = serde_json::from_str(&scene.run("profiles --format json").stdout).unwrap();
    assert_eq!(all["profiles"].as_array().map(Vec::len), Some(claimsc::standard::PROFILES.len()));
    for name in claimsc::standard::PROFILES {
        let run = scene.run(&format!("profiles {name}"));
        assert_eq!((run.exit, run.stderr.as_str()), (0, ""), "{name}");
        assert!(run.stdout.lines().all(|line| line.chars().count() <= 110), "{}", run.stdout);
    }
}

#[test]
fn another_host_can_be_tried() {
    insta::assert_snapshot!(
        clean().show("check").show("check --profile keycloak").show("check --profile keycloack").record()
    );
}
