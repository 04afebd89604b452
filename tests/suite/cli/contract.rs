//! `claimsc contract`.

use super::Scene;

const CATALOG: &str = "\
language: 1
issuer: https://id.acme.example/
owned_domains: [acme.example]
private_claims: { roles: { type: \"string[]\", reason: the api reads it } }
config: { claim_name: string? }
audiences:
  api:  { id: \"https://api.acme.example\" }
  idle: { id: \"https://idle.acme.example\" }
clients:
  web: { id: web, grants: [authorization_code, refresh_token], audiences: [api] }
  job: { id: job, grants: [client_credentials], audiences: [api] }
user:
  extends: oidc
  plan: { enum: [free, pro] }
  roles: { type: \"string[]\", default: [] }
  app_metadata: { extra: json?, flags: \"map[bool]\", size: \"int?\" }
";

const POLICY: &str = r#"namespace ns = "https://acme.example/claims/"
claim special = config.claim_name

/// Where it runs: `prod` | "test".
add ns/env = "prod"

/// Plans */ of people.
rule plans: if audience = api and user exists then {
  add ns/plan = user.plan
  /// Anything at all.
  add ns/more = user.app_metadata.extra
  add ns/object.a = user.sub
  if user.plan = "pro" then add ns/object.b = 1
  append roles = user.roles
  add ns/* = user.app_metadata.flags matching /f_[a-z]+/
  if user.plan = "free" then add ns/odd = "none"
  if user.plan = "pro" then add ns/odd = user.app_metadata.size
}
if audience = api then add ns/gone = 1
if audience = idle then add ns/never = 1
remove ns/gone unless audience = idle
add special = 1
"#;

fn scene() -> Scene {
    Scene::new().file("claims.yaml", CATALOG).file("policy.claims", POLICY)
}

#[test]
fn a_table() {
    insta::assert_snapshot!(scene().show("contract api").show("contract idle").record());
}

#[test]
fn a_schema() {
    insta::assert_snapshot!(scene().show("contract https://api.acme.example --format json-schema").record());
}

#[test]
fn an_interface() {
    insta::assert_snapshot!(scene().show("contract api --format typescript").record());
}

#[test]
fn what_cannot_be_told() {
    insta::assert_snapshot!(
        scene()
            .show("contract apo")
            .show("contract https://other.example")
            .file("bad/policy.claims", "add = 1")
            .show("contract api bad")
            .record()
    );
}
