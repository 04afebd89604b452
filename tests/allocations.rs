//! What does not allocate: counted, in a binary of its own because counting replaces the allocator.

#![expect(clippy::panic, reason = "a test fails by panicking")]

use allocation_counter::measure;
use claimsc::eval::evaluate_counted;
use claimsc::input::{JsonBuffer, JsonReader};
use claimsc::program::{Answer, Scratch};
use claimsc::{Compiler, Decision, Policy, Request};

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

/// What the engine does beside reading and writing attributes.
const MUCH: &str = r#"
namespace ns = "https://acme.example/claims/"
claim ns/plan @overridable
table limits { "free" => 10, "pro" => 1000 }
let plan = user.app_metadata.plan ?? "free"
add ns/plan = plan
if user exists and user.email_verified and user.email.ends_with("@acme.example") then override ns/plan = "pro"
add ns/limit = limits[plan]
append ns/roles = user.groups.filter(g => g.starts_with("app-")).map(g => g.upper())
if user.groups.any(g => g = "admin") then append ns/roles = ["ADMIN", "APP-A"]
default ns/level = "none"
if user.name.matches(/[A-Z][a-z]+/) then default ns/level = "none"
if plan = "pro" and not ("limited" in requested.scopes) then add scope "extra"
if user.email_verified then {
    add ns/verified = true
} else if user.groups.length() > 2 then {
    add ns/many = "${user.groups.length()} groups"
}
limit scopes to ["openid", "extra", "read"]
limit lifetime to 10m
"#;

#[test]
fn scopes_sets_tables_lambdas_and_chains_allocate_nothing() {
    let mut compiler = Compiler::new();
    let certain = "extends: oidc\n  email: email\n  email_verified: bool\n  name: string";
    compiler.without_proofs().catalog("claims.yaml", &CATALOG.replace("extends: oidc", certain));
    compiler.source("policy.claims", MUCH);
    let compilation = compiler.compile();
    let messages: Vec<_> = compilation.diagnostics.iter().map(|found| &found.message).collect();
    let policy = compilation.policy.unwrap_or_else(|| panic!("{messages:#?}"));
    let request = |verified: bool, plan: &str| {
        let text = format!(
            r#"{{ "grant": "password", "client": "app", "audience": "https://api.acme.example",
               "scopes": "openid read write", "user": {{ "sub": "u1", "email": "Ann@acme.example", "name": "Ann",
               "email_verified": {verified}, "groups": ["app-b", "x", "app-a", "admin"],
               "app_metadata": {{ "plan": "{plan}" }} }} }}"#
        );
        Request::from_json(text.as_bytes()).unwrap_or_else(|error| panic!("{error}"))
    };
    let requests = [request(true, "pro"), request(false, "free")];
    let mut scratch = Scratch::new();
    let mut answers = Vec::new();
    for request in &requests {
        let asked = request.asked();
        let answer = policy.decide(&asked, request, &mut scratch).expect("a request");
        let Answer::Issue(issue) = answer else { panic!("{answer:?}") };
        answers.push((issue.to_issued(), scratch.effort().expect("decided by a program").steps));
    }
    let decisions = requests.iter().map(|request| evaluate_counted(policy.unit(), request));
    for ((issued, steps), (decision, exact)) in answers.into_iter().zip(decisions) {
        assert_eq!(Decision::Issue(issued), decision);
        assert_eq!(steps, exact);
    }
    let mut decide = || {
        for request in &requests {
            let asked = request.asked();
            assert!(matches!(policy.decide(&asked, request, &mut scratch), Ok(Answer::Issue(_))));
        }
    };
    decide();
    assert_eq!(measure(&mut decide).count_total, 0);
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

#[cfg(feature = "mint")]
#[test]
fn minting_allocates_what_it_gives_away() {
    use claimsc::mint::{
        Algorithm, Answer, ClientSecret, Issuance, KeyRing, Minter, ResponseType, Settings, SigningKey,
        Workspace,
    };

    let settings = Settings::new("https://id.acme.example/").expect("an issuer");
    let mut keys = KeyRing::new(SigningKey::generate(Algorithm::EdDsa).expect("a key"));
    keys.share("web", ClientSecret::new(&[7; 32]).expect("a secret"));
    let minter = Minter::new(policy(), settings, keys);
    let request = |grant: &str| {
        let text = format!(
            r#"{{"grant":"{grant}","client":{{"id":"web","confidential":true}},"audience":"https://api.acme.example",
               "scopes":"openid profile email admin","user":{{"sub":"u1","email":"ann@acme.example","email_verified":true,
               "name":"Ann","groups":["a","b"]}},"session":{{"auth_time":1780999000,"amr":["pwd","otp"]}}}}"#
        );
        Request::from_json(text.as_bytes()).unwrap_or_else(|error| panic!("{error}"))
    };
    let at = Issuance { nonce: Some("n-0S6"), ..Issuance::at(1_781_000_000, [7; 16]) };
    let id_token = Answer::AuthorizationEndpoint(ResponseType::IdToken);
    // The cryptography allocates the signature of Ed25519. What is given away: tokens, their identifier, the lists of
    // scopes and audiences; and the claims while they are written.
    for (request, issuance, in_place, given) in
        [(request("implicit"), Issuance { answer: id_token, ..at }, 0, 5), (request("password"), at, 1, 7)]
    {
        let mut workspace = Workspace::new();
        let mut mint = || assert!(minter.mint_into(&request, &issuance, &mut workspace).is_ok());
        mint();
        assert_eq!(measure(&mut mint).count_total, in_place);
        let mint = || assert!(minter.mint(&request, &issuance).is_ok());
        mint();
        assert_eq!(measure(mint).count_total, given);
    }
}

/// The policy of some lines, for a user with a list of texts and one of numbers.
fn policy_of(lines: &str) -> Policy {
    let mut compiler = Compiler::new();
    compiler.without_proofs().catalog(
        "claims.yaml",
        "language: 1\nowned_domains: [acme.example]\nuser: { l: \"string[]\", n: \"int[]\" }\n",
    );
    compiler.source("policy.claims", &format!("namespace ns = \"https://acme.example/claims/\"\n{lines}"));
    let compilation = compiler.compile();
    let messages: Vec<_> = compilation.diagnostics.iter().map(|d| &d.message).collect();
    compilation.policy.unwrap_or_else(|| panic!("{messages:#?}"))
}

fn request_of(client: &str, elements: usize) -> Request {
    let (texts, numbers) = (vec!["\"a\""; elements].join(","), vec!["1"; elements].join(","));
    let text =
        format!(r#"{{"grant":"password","client":"{client}","user":{{"l":[{texts}],"n":[{numbers}]}}}}"#);
    Request::from_json(text.as_bytes()).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn what_lambdas_drop_does_not_pile_up() {
    let policy = policy_of("add ns/x = user.l.any(a => user.l.any(b => [...user.n, ...user.n][0] = 7))");
    let (request, mut scratch) = (request_of("app", 200), Scratch::new());
    let mut decision = None;
    let taken = measure(|| decision = Some(policy.evaluate_with(&request, &mut scratch)));
    assert!(matches!(decision, Some(Decision::Issue(_))), "{decision:?}");
    assert!(taken.bytes_max < 64 << 20, "40,000 lists of 400 numbers: {} bytes", taken.bytes_max);
}

#[test]
fn programs_are_bounded_in_bytes() {
    let rule =
        |n: usize| format!("if \"s{n}\" in scopes or client.id = \"c{n}\" then add ns/c{n} = user.n\n");
    let policy = policy_of(&(0..300).map(rule).collect::<String>());
    let requests: Vec<Request> = (0..300).map(|n| request_of(&format!("c{n}"), 1)).collect();
    let mut scratch = Scratch::new();
    let kept =
        measure(|| requests.iter().for_each(|request| drop(policy.evaluate_with(request, &mut scratch))));
    assert!(kept.bytes_current < 70 << 20, "{} bytes are kept", kept.bytes_current);
}
