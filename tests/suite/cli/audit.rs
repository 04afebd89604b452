//! `claimsc audit`.

use super::{CATALOG, Scene, clean};

#[test]
fn every_exception_with_its_reason() {
    let policy = r#"namespace ns = "https://acme.example/claims/"

claim ns/beta @accepts(untrusted, "a feature switch; no API decides by it")
claim ns/level @overridable

@allow(all-over-empty, "an empty list means every group")
if user.plan = "pro" then {
  let mail = user.email.reveal(pii, "the partner has a contract")
  add ns/mail = mail
  add ns/level = "pro"
}
add ns/beta = if request.headers["x-beta"].trust(untrusted, "set by our gateway") = "1" then true else false
"#;
    insta::assert_snapshot!(
        Scene::new()
            .file("policy.claims", policy)
            .bytes("claims.yaml", CATALOG.as_bytes())
            .show("audit")
            .show("audit --format json")
            .record()
    );
}

#[test]
fn nothing_to_tell_and_nothing_to_trust() {
    insta::assert_snapshot!(clean().show("audit").bytes("broken.claims", b"add (\n").show("audit").record());
}
