//! What does not allocate: counted, in a binary of its own because counting replaces the allocator.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use allocation_counter::measure;
use claimsc::input::{JsonBuffer, JsonReader};
use claimsc::program::{Answer, Scratch};
use claimsc::{Compiler, Policy};

const POLICY: &str = r#"
namespace ns = "https://acme.example/claims/"
add ns/email = user.email.lower()
add ns/name = user.name
add ns/groups = user.groups
add ns/organization = organization.name
add ns/plan = user.app_metadata.plan ?? "free"
if user.email_verified and "admin" in scopes then add ns/role = "admin"
"#;

const CATALOG: &str = r#"
language: 1
owned_domains: [acme.example]
audiences:
  api: { id: "https://api.acme.example", accepts: [pii] }
user:
  extends: oidc
  groups: { type: "string[]", default: [] }
  app_metadata: { plan: string? }
"#;

const REQUESTS: [&str; 3] = [
    r#"{"grant":"password","client":"app","audience":"https://api.acme.example","scopes":"openid admin",
        "user":{"sub":"u1","email":"Alice@acme.example","email_verified":true,"name":"Al\"ice \u00e9",
          "groups":["a","b\n","c"],"app_metadata":{"plan":"pro","other":[1.5,{"x":"y\\"}]}},
        "organization":"org-1"}"#,
    r#"{"grant":"password","client":{"id":"app"},"audience":["https://api.acme.example"],"scopes":["a","b","a"],
        "user":{"sub":"u2","email":"bob@acme.example","email_verified":false,"groups":[]},
        "organization":{"id":"o","name":"Org"}}"#,
    r#"{"user":{"sub":"u3","email":"c@acme.example"},"scopes":"","grant":"password","client":"app"}"#,
];

fn policy() -> Policy {
    let mut compiler = Compiler::new();
    compiler.without_proofs().catalog("claims.yaml", CATALOG);
    compiler.source("policy.claims", POLICY);
    let compilation = compiler.compile();
    compilation.policy.unwrap_or_else(|| {
        panic!("{:#?}", compilation.diagnostics.iter().map(|d| &d.message).collect::<Vec<_>>())
    })
}

#[test]
fn a_decision_about_json_text_allocates_nothing() {
    let policy = policy();
    let reader = JsonReader::new(&policy.attributes());
    let (mut buffer, mut scratch) = (JsonBuffer::default(), Scratch::new());
    let mut decide = || {
        for text in REQUESTS {
            let request = reader.request(text.as_bytes(), &mut buffer).expect("a request");
            let asked = request.asked();
            let answer = policy.decide(&asked, &request, &mut scratch).expect("a request");
            assert!(matches!(answer, Answer::Issue(_)), "{answer:?}");
        }
    };
    decide();
    assert_eq!(measure(&mut decide).count_total, 0);
}

#[test]
fn reading_json_text_allocates_nothing_whatever_its_size() {
    let reader = JsonReader::new(&policy().attributes());
    let members: Vec<String> =
        (0..500).map(|n| format!("\"name \\n {n}\":[\"{n}\",{{\"a\":{n}.5}}]")).collect();
    let groups: Vec<String> = (0..200).map(|n| format!("\"group \\u0061 {n}\"")).collect();
    let text = format!("{{\"app_metadata\":{{{}}},\"groups\":[{}]}}", members.join(","), groups.join(","));
    let mut buffer = JsonBuffer::default();
    let mut read = || assert!(reader.user(text.as_bytes(), &mut buffer).is_ok());
    read();
    assert_eq!(measure(&mut read).count_total, 0);
}

#[cfg(feature = "derive")]
#[test]
fn a_decision_about_structs_allocates_nothing() {
    use claimsc::input::{Asked, Attributes, Roots};
    use claimsc::standard::Grant;

    #[derive(Roots)]
    struct Login<'a> {
        user: Option<&'a User>,
    }

    #[derive(Attributes)]
    struct User {
        email: Option<String>,
        email_verified: bool,
        groups: Vec<String>,
    }

    let policy = policy();
    let binding = policy.bind::<Login<'_>>().expect("it fits");
    let user = User {
        email: Some("Alice@acme.example".to_owned()),
        email_verified: true,
        groups: vec!["a".to_owned(), "b".to_owned()],
    };
    let (audience, scopes) = (["https://api.acme.example"], ["admin"]);
    let mut scratch = Scratch::new();
    let mut decide = || {
        let login = Login { user: Some(&user) };
        let asked = Asked::new(Grant::Password, "app").audience(&audience).scopes(&scopes);
        let input = binding.of(&login);
        let answer = policy.decide(&asked, &input, &mut scratch).expect("a request");
        assert!(matches!(answer, Answer::Issue(_)), "{answer:?}");
    };
    decide();
    assert_eq!(measure(&mut decide).count_total, 0);
}
