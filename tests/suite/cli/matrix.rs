//! `claimsc matrix`.

use super::{CATALOG, POLICY, Scene, clean};

#[test]
fn what_every_token_can_carry() {
    insta::assert_snapshot!(
        Scene::new()
            .file("policy.claims", POLICY)
            .file("claims.yaml", CATALOG)
            .show("matrix")
            .show("matrix --client job --format markdown")
            .show(
                "matrix --client web --grant authorization_code --audience none --token request --format json"
            )
            .record()
    );
}

#[test]
fn filters_name_what_there_is() {
    insta::assert_snapshot!(
        clean()
            .show("matrix --client wep")
            .show("matrix --client other")
            .show("matrix --audience shop")
            .show("matrix --grant login")
            .show("matrix --token refresh_token")
            .show("matrix --token saml")
            .show("matrix --lock claims.lock --client web")
            .record()
    );
}

#[test]
fn a_page_in_a_file() {
    let scene = clean();
    let run = scene.run("matrix --format html --out matrix.html");
    assert_eq!((run.exit, run.stdout.as_str(), run.stderr.as_str()), (0, "", "wrote matrix.html\n"));
    let page = std::fs::read_to_string(scene.path("matrix.html")).unwrap();
    assert_eq!(page, scene.run("matrix --format html").stdout);
    assert!(page.starts_with("<!doctype html>") && page.contains(r#""alias":"web""#), "{page}");
    let run = scene.run("matrix --out no-such-folder/matrix.txt");
    assert_eq!(run.exit, 2, "{}", run.stderr);
}

#[test]
fn a_lock_tells_what_changes() {
    let scene = clean().show("matrix --lock claims.lock").show("matrix --check claims.lock");
    // Elsewhere, renamed and with another layout the policy is the same.
    let moved = POLICY
        .replace("rule staff:", "// A comment.\n\nrule people:\n ")
        .replace("user.email_verified", "(user.email_verified)");
    let scene = scene.bytes("policy.claims", moved.as_bytes()).show("matrix --check claims.lock");
    let changed = POLICY.replace(" and user.email_verified", "").replace("job = true", "job = false");
    let scene = scene.bytes("policy.claims", changed.as_bytes()).show("matrix --check claims.lock");
    let lock = std::fs::read_to_string(scene.path("claims.lock")).unwrap();
    insta::assert_snapshot!(
        scene
            .file("claims.lock", &lock)
            .bytes("broken.lock", lock.replace("client | job", "<<<<<<<\nclient | job").as_bytes())
            .show("matrix --check broken.lock")
            .show("matrix --check no.lock")
            .record()
    );
}

#[test]
fn a_policy_with_errors_has_no_matrix() {
    insta::assert_snapshot!(
        clean().bytes("broken.claims", b"add (\n").show("matrix --lock claims.lock").record()
    );
}
