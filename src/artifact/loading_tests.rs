//! What was built is loaded where there is no compiler.

use super::{Artifact, Trust};
use crate::policy::Policy;
use crate::request::Request;

#[test]
fn a_policy_is_loaded_and_evaluated() {
    let artifact =
        Artifact::read(*include_bytes!("../../tests/artifact/v1.claimsb"), Trust::Anybody).unwrap();
    assert!(artifact.fingerprint().starts_with("v1:"));
    assert_eq!(artifact.sources().iter().count(), 2);
    let policy = Policy::from(artifact);
    let decide =
        |request: &str| policy.evaluate(&Request::from_json(request.as_bytes()).unwrap()).to_json().to_json();
    let issued = decide(
        r#"{ "grant": "authorization_code", "client": "web-1", "audience": "https://api.acme.example",
             "scopes": ["read"], "config": { "level": 4 },
             "user": { "sub": "u", "plan": "pro", "age": 30, "roles": ["admin-7", "b"] } }"#,
    );
    assert_eq!(
        issued,
        concat!(
            r#"{"decision":"issue","access_token":{"#,
            r#""https://acme.example/claims/admins":[{"name":"admin-7","short":"7"}],"#,
            r#""https://acme.example/claims/kinds":["admin-7","b"],"#,
            r#""https://acme.example/claims/label":"pro:36","https://acme.example/claims/tier":2},"#,
            r#""id_token":{},"userinfo":{},"removed":{},"scopes":[],"audience":["https://api.acme.example"],"lifetime":300}"#,
        )
    );
    let denied = decide(
        r#"{ "grant": "authorization_code", "client": "web-1", "config": { "level": 4 },
             "user": { "sub": "u", "plan": "pro", "roles": [] } }"#,
    );
    assert!(denied.contains("no person"), "{denied}");
}
