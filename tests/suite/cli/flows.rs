//! `claimsc flows`.

use super::{CATALOG, Scene};

const FACTS: &str = r#"language: 1
issuer: https://id.acme.example/
owned_domains: [acme.example]
labels: [health]
audiences:
  crm:     { id: "https://crm.acme.example", accepts: [pii] }
  clinic:  { id: "https://clinic.acme.example", accepts: [pii, health] }
  metrics: { id: "https://metrics.acme.example", accepts: [] }
  orders:  { id: "https://orders.acme.example", accepts: [] }
  search:  { id: "https://search.acme.example", accepts: [] }
audience_sets: [[crm, metrics]]
clients:
  web:   { id: k8sYt1, grants: [authorization_code, refresh_token] }
  kiosk: { id: kiosk-9, grants: [device_code], audiences: [metrics], accepts: [] }
user:
  extends: oidc
  diet: { type: string, optional: true, label: health }
  pin: { type: string, optional: true, label: secret }
  user_metadata: { theme: "string?" }
request:
  extends: standard
  query: { campaign: "string?" }
"#;

#[test]
fn every_label_and_recipient() {
    let policy = r#"namespace ns = "https://acme.example/claims/"
claim ns/campaign @accepts(untrusted, "counted, never decided by")

if crm in audience and not (metrics in audience) then add ns/email = user.email
if audience = clinic then { add ns/diet = user.diet add ns/name = user.name }
if audience in [clinic, orders] then add ns/mail = user.email.reveal(pii, "they write to everybody")
add ns/campaign = request.query.campaign
add ns/theme = user.user_metadata.theme to id_token
@allow(pii-in-guard, "it is known who works here")
if user.email_verified and user.email.domain = "acme.example" then add ns/staff = true
remove phone_number to userinfo unless user.phone_number_verified
if client = web then add ns/greeting = user.given_name to id_token
"#;
    insta::assert_snapshot!(
        Scene::new()
            .file("policy.claims", policy)
            .bytes("claims.yaml", FACTS.as_bytes())
            .show("flows")
            .show("flows --format markdown")
            .show("check")
            .record()
    );
}

#[test]
fn a_leak_is_shown_and_fails() {
    let policy = "namespace ns = \"https://acme.example/claims/\"\n\
                  if audience in [crm, orders] then add ns/email = user.email\n\
                  if user.pin exists then add ns/has_pin = true to id_token\n\
                  if client = kiosk then add ns/diet = user.diet to id_token\n";
    insta::assert_snapshot!(
        Scene::new()
            .file("policy.claims", policy)
            .bytes("claims.yaml", FACTS.as_bytes())
            .show("flows")
            .show("flows --format json")
            .show("check")
            .record()
    );
}

#[test]
fn what_does_not_compile_is_not_judged() {
    let scene = Scene::new().bytes("claims.yaml", CATALOG.as_bytes()).bytes("broken.claims", b"add (\n");
    insta::assert_snapshot!(scene.show("flows").record());
}
