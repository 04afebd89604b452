//! `claimsc inputs`.

use super::{Scene, clean};

#[test]
fn every_kind_of_request_or_one() {
    insta::assert_snapshot!(
        clean()
            .show("inputs")
            .show("inputs --client web --grant authorization_code --audience api")
            .show("inputs --client job --audience https://api.acme.example --format json")
            .record()
    );
}

#[test]
fn requests_that_cannot_be() {
    insta::assert_snapshot!(
        clean()
            .show("inputs --client wep")
            .show("inputs --audience other")
            .show("inputs --client job --grant password")
            .show("inputs --grant magic")
            .record()
    );
}

#[test]
fn a_policy_with_errors_needs_nobody_knows_what() {
    insta::assert_snapshot!(Scene::new().bytes("policy.claims", b"add (\n").show("inputs").record());
}
