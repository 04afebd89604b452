//! `claimsc fingerprint`.

use super::{CATALOG, POLICY, Scene, clean};

#[test]
fn one_line_that_only_a_change_of_what_is_done_changes() {
    let comment = format!("// A comment.\n{POLICY}");
    let other = POLICY.replace("\"no suspended users\"", "\"suspended\"");
    let scene = clean()
        .bytes("formatted/a/policy.claims", comment.as_bytes())
        .bytes("formatted/claims.yaml", CATALOG.as_bytes())
        .bytes("other/policy.claims", other.as_bytes())
        .bytes("other/claims.yaml", CATALOG.as_bytes())
        .show("fingerprint policy.claims --catalog claims.yaml")
        .show("fingerprint formatted")
        .show("fingerprint other --format json");
    insta::assert_snapshot!(scene.record());
}

#[test]
fn a_policy_with_errors_has_none() {
    let scene = Scene::new().bytes("policy.claims", b"add ns/a = 1\n");
    insta::assert_snapshot!(scene.show("fingerprint").show("fingerprint --format json").record());
}
