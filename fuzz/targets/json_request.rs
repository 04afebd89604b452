//! A request is accepted or refused alike whether it is read into a tree or only where it is asked for, and then decided
//! alike.

#![no_main]

use std::sync::LazyLock;

use claimsc::input::{JsonBuffer, JsonReader};
use claimsc::program::{Answer, Scratch};
use claimsc::{Compiler, Decision, Policy, Request};
use libfuzzer_sys::fuzz_target;

mod both;

const CATALOG: &str = r#"
language: 1
owned_domains: [acme.example]
audiences: { api: { id: "urn:api", accepts: [pii] } }
client_metadata: { tier: string? }
user:
  extends: oidc
  groups: { type: "string[]", max_items: 5, default: [] }
  level: { type: int, min: -1000, default: 0 }
  scores: { type: "number[]", default: [] }
  since: timestamp?
  app_metadata: { plan: string?, limits: { daily: int? } }
  tags: "map[string]"
  extra: json?
organization: { id: string?, name: string?, metadata: { region: string? } }
"#;

const POLICY: &str = r#"
namespace ns = "https://acme.example/claims/"
add ns/email = user.email
add ns/groups = user.groups.filter(g => g.starts_with("a"))
add ns/level = user.level + 1
add ns/scores = user.scores
add ns/plan = user.app_metadata.plan ?? "free"
add ns/daily = user.app_metadata.limits.daily
add ns/team = user.tags.team
add ns/tags = user.tags
add ns/extra = user.extra
add ns/region = organization.metadata.region
add ns/tier = client.metadata.tier
add ns/scopes = requested.scopes
if user exists and user.since exists then add ns/since = user.since.unix()
if "admin" in scopes then add scope "audit"
if api in audience then limit lifetime to 5m
"#;

static SETUP: LazyLock<(Policy, JsonReader)> = LazyLock::new(|| {
    let mut compiler = Compiler::new();
    compiler.without_proofs().catalog("claims.yaml", CATALOG).source("policy.claims", POLICY);
    let compilation = compiler.compile();
    let policy = compilation.policy.unwrap_or_else(|| panic!("{:#?}", compilation.diagnostics));
    let reader = JsonReader::new(&policy.attributes());
    (policy, reader)
});

fuzz_target!(|bytes: &[u8]| {
    let (policy, reader) = &*SETUP;
    let (mut buffer, mut scratch) = (JsonBuffer::default(), Scratch::new());
    let request = match (Request::from_json(bytes), reader.request(bytes, &mut buffer)) {
        (Ok(request), Ok(read)) => {
            let asked = read.asked();
            let answer = policy.decide(&asked, &read, &mut scratch).expect("a request that was read");
            let decided = match answer {
                Answer::Issue(issue) => Decision::Issue(issue.to_issued()),
                Answer::Deny(refusals) => Decision::Deny(refusals),
                Answer::Error(errors) => Decision::Error(errors),
            };
            assert_eq!(decided.to_string(), policy.evaluate(&request).to_string());
            request
        }
        (Err(theirs), Err(ours)) => return assert_eq!(theirs, ours),
        (theirs, ours) => panic!("read into a tree: {:?}, where asked for: {:?}", theirs.err(), ours.err()),
    };
    both::agree(policy, &request);
});
