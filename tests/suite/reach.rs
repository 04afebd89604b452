//! The pages of tests/reach: what policies say in vain. Pages called `good-..` may not have any but notes.

use crate::names::{self, Proofs};

#[test]
fn findings_about_reach() {
    insta::glob!("../reach", "*.md", |path| {
        let out = names::page(path, Proofs::With);
        insta::with_settings!({ omit_expression => true, description => "" }, {
            insta::assert_snapshot!(out);
        });
    });
}
