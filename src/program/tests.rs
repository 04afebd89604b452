//! Programs are few, shared and bounded, whoever asks.

use std::fmt::Write as _;

use super::*;
use crate::eval::evaluate;
use crate::lower::testing::unit;
use crate::policy::Policy;

const CATALOG: &str = r#"
language: 1
issuer: https://id.acme.example/
owned_domains: [acme.example]
audiences:
  api: { id: "https://api.acme.example" }
  shop: { id: "https://shop.acme.example" }
audience_sets: [[api, shop]]
open_audiences: true
clients:
  web: { id: web-1 }
  job: { id: job-2 }
open_clients: true
"#;

const POLICY: &str = r#"
namespace ns = "https://acme.example/claims/"
add ns/client = client.id
if audience = api then add ns/api = true
if client = web then add ns/web = "yes" else add ns/other = audience
if not (client = job) and shop in audience then add ns/shop = scopes
"#;

fn policy() -> Policy {
    Policy::seal(unit(CATALOG, POLICY))
}

fn request(client: &str, audience: &str, scope: &str) -> Request {
    let text = format!(
        r#"{{ "grant": "client_credentials", "client": "{client}", "audience": [{audience}], "scopes": "{scope}" }}"#
    );
    Request::from_json(text.as_bytes()).unwrap()
}

#[test]
fn invented_names_make_no_programs() {
    let policy = policy();
    let mut scratch = Scratch::new();
    for n in 0..500 {
        let request = request(&format!("x{n}"), &format!(r#""https://x{n}.example""#), &format!("s{n}"));
        let decision = policy.evaluate_with(&request, &mut scratch);
        assert_eq!(decision.to_string(), evaluate(policy.unit(), &request).to_string());
        assert!(scratch.effort().is_some(), "a program decides about strangers too");
    }
    assert_eq!(policy.engine().shared.len(), 1);
}

#[test]
fn strangers_beside_known_audiences_are_decided_all_the_same() {
    let policy = policy();
    let mut scratch = Scratch::new();
    let many: Vec<String> = (0..9).map(|n| format!(r#""https://x{n}.example""#)).collect();
    for audience in [
        "",
        r#""https://api.acme.example""#,
        r#""https://shop.acme.example", "https://api.acme.example""#,
        r#""https://api.acme.example", "https://x.example""#,
        &many.join(","),
    ] {
        for client in ["web-1", "job-2", "stranger"] {
            let request = request(client, audience, "read");
            let decision = policy.evaluate_with(&request, &mut scratch);
            assert_eq!(decision.to_string(), evaluate(policy.unit(), &request).to_string());
        }
    }
}

/// Names that claims.yaml does not have are one kind of request: what it says of them is asked all the same.
#[test]
fn strangers_are_refused_where_claims_yaml_refuses_them() {
    let closed = |part: &str| CATALOG.replace(&format!("{part}: true\n"), "");
    let restricted = CATALOG.replace("{ id: web-1 }", "{ id: web-1, audiences: [api] }");
    let worlds = [closed("open_audiences"), closed("open_clients"), restricted];
    let mut refused = 0;
    for catalog in worlds {
        let policy = Policy::seal(unit(&catalog, POLICY));
        let mut scratch = Scratch::new();
        for client in ["web-1", "job-2", "stranger"] {
            for audience in ["api.acme", "shop.acme", "stranger"] {
                let request = request(client, &format!("\"https://{audience}.example\""), "read");
                let expected = evaluate(policy.unit(), &request);
                refused += usize::from(expected.word() == "error");
                for _ in 0..2 {
                    let decision = policy.evaluate_with(&request, &mut scratch);
                    assert_eq!(decision.to_string(), expected.to_string(), "{client}, {audience}: {catalog}");
                }
            }
        }
    }
    assert_eq!(refused, 3 + 3 + 2);
}

#[test]
fn threads_share_programs_and_decide_alike() {
    let policy = policy();
    let requests: Vec<Request> = (0..40)
        .map(|n| {
            let audience = ["", r#""https://api.acme.example""#, r#""https://shop.acme.example""#][n % 3];
            request(["web-1", "job-2", "stranger"][n / 3 % 3], audience, "read write")
        })
        .collect();
    let shown = |policy: &Policy| -> String {
        let mut scratch = Scratch::new();
        requests.iter().fold(String::new(), |mut all, request| {
            let _ = writeln!(all, "{}", policy.evaluate_with(request, &mut scratch));
            all
        })
    };
    let expected = shown(&policy);
    let fresh = &self::policy();
    let shown = &shown;
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(move || shown(fresh))).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), expected);
        }
    });
}

#[test]
fn a_scratch_serves_several_policies() {
    let (one, other) =
        (policy(), Policy::seal(unit(CATALOG, "add \"https://acme.example/claims/other\" = 1")));
    let mut scratch = Scratch::new();
    let request = request("web-1", "", "read");
    for _ in 0..3 {
        for policy in [&one, &other] {
            let decision = policy.evaluate_with(&request, &mut scratch);
            assert_eq!(decision.to_string(), evaluate(policy.unit(), &request).to_string());
        }
    }
}

/// Forms that are read, tested and written in one go, and need no memory.
const FORMS: &str = r#"
namespace ns = "https://acme.example/claims/"
claim ns/level @overridable
claim ns/tag @overridable
add ns/client = client.id
add ns/email = user.email
add ns/nick = user.nick ?? "none"
add ns/title = user.title ?? "none"
add ns/handle = "acct:${user.nick.lower()}/${user.team}"
add ns/mail = "${user.email}${user.nick}"
add ns/groups = user.groups
add ns/badge = "${user.team}-${user.verified}-${user.level}\"" to both
if "a" in user.groups then add ns/in_a = true
if "write" in scopes then add ns/floor = user.floor
if "write" in scopes then add ns/wing = "${user.wing}!"
if "read" in scopes and "more" in scopes then add ns/more = user.title to both
if user.team = "blue" and "read" in scopes and "more" in scopes then add ns/blue = "more"
if "read" in scopes or "write" in scopes then add ns/some = true
if not ("read" in scopes) then add ns/none = true
if "read" in scopes and user.team = "red" or "more" in scopes then add ns/mixed_scopes = true
if user.verified then add ns/verified = user.verified
if user.team = "red" and "read" in scopes then add ns/red = "yes" to both
if user.team.matches(/[a-m].*/) then add ns/early = user.level to id_token
default ns/level = "low"
if user.level > 3 then add ns/level = "middle"
if user.level > 3 then add ns/level = "middle"
if "write" in scopes then override ns/level = "high"
if user.team = "green" then add ns/tag = "${user.title}?" ?? deny access_denied "no title"
add name = "${user.team}!" to id_token
"#;

/// What needs memory beside them.
const OTHER_FORMS: &str = r#"
add ns/mixed = [user.team, user.team.lower()].filter(t => t.starts_with("r"))
if "ops" in user.tags then add ns/tags = user.tags.filter(t => t.starts_with("o")).map(t => t.upper())
if user.tags.any(t => t.ends_with("s")) then add ns/any = true
if "write" in requested.scopes then add scope "more"
"#;

const FORMS_CATALOG: &str = r#"
language: 1
owned_domains: [acme.example]
audiences:
  api: { id: "https://api.acme.example", accepts: [pii] }
clients:
  web: { id: web-1 }
open_clients: true
user:
  email: email
  nick: { type: "string?", max_length: 12 }
  title: string?
  team: string
  floor: int
  wing: { type: string, max_length: 5 }
  verified: bool
  level: int
  tags: { type: "string[]", max_items: 4, max_length: 8 }
  groups: { type: "string[]", max_items: 3 }
"#;

/// Whether all programs work without memory.
fn are_light(policy: &Policy) -> bool {
    policy.engine().shared.all(|program| program.needs == plan::Needs::Nothing)
}

#[test]
fn frequent_forms_are_decided_alike() {
    // Of these, expressions are looked at.
    let is_plain = |line: &&str| !line.contains("user.level > 3") && !line.contains("mixed_scopes");
    let forms: Vec<&str> = FORMS.lines().filter(is_plain).collect();
    let light = Policy::seal(unit(FORMS_CATALOG, &forms.join("\n")));
    decides_alike(&light);
    assert!(are_light(&light));
    let policy = Policy::seal(unit(FORMS_CATALOG, &format!("{FORMS}{OTHER_FORMS}")));
    decides_alike(&policy);
    assert!(!are_light(&policy));
}

fn decides_alike(policy: &Policy) {
    let (mut by_program, mut others) = (0, 0);
    let mut scratch = Scratch::new();
    let nicks =
        [r#""title": "Dr.","#, r#""nick": "Ann \" Lee","#, r#""nick": "a nick to lon","#, r#""nick": 7,"#];
    let tags =
        ["[]", r#"["ops", "röot"]"#, r#"["root", "ops", "o\n"]"#, r#"["ops", null]"#, r#"["much too long"]"#];
    let teams = ["red", "blue", "green"];
    let others_of_user = [
        r#""email": "a@acme.example", "verified": true, "level": 4, "groups": ["a", "\\"]"#,
        r#""email": "A@b.example", "verified": false, "level": 1, "groups": []"#,
        r#""email": "a@b.example", "verified": true, "level": 9, "groups": ["a", "b", "c", "d"]"#,
        r#""verified": true, "level": 9, "groups": []"#,
    ];
    for (client, scope) in [("web-1", "read more"), ("x", "write read"), ("web-1", "")] {
        for (nick, tags) in nicks.iter().flat_map(|nick| tags.iter().map(move |tags| (nick, tags))) {
            for (team, more) in
                teams.iter().flat_map(|team| others_of_user.iter().map(move |more| (team, more)))
            {
                // Of a write that does not fire, what it reads has to be right all the same.
                let (floor, wing) = if team == &"blue" { ("\"second\"", "north!") } else { ("2", "north") };
                let user = format!(
                    r#"{{ "sub": "u", "floor": {floor}, "wing": "{wing}", {nick} "tags": {tags}, "team": "{team}", {more} }}"#
                );
                let text = format!(
                    r#"{{ "grant": "authorization_code", "client": "{client}", "audience": "https://api.acme.example",
                        "scopes": "{scope}", "user": {user} }}"#
                );
                let request = Request::from_json(text.as_bytes()).unwrap();
                let (plain, steps) = crate::eval::evaluate_counted(policy.unit(), &request);
                assert_eq!(
                    policy.evaluate_with(&request, &mut scratch).to_string(),
                    plain.to_string(),
                    "{text}"
                );
                let asked = request.asked();
                let bytes = match policy.decide(&asked, &request, &mut scratch).unwrap() {
                    Answer::Issue(issue) => Decision::Issue(issue.to_issued()),
                    Answer::Deny(refusals) => Decision::Deny(refusals),
                    Answer::Error(errors) => Decision::Error(errors),
                };
                assert_eq!(bytes.to_string(), plain.to_string(), "{text}");
                match scratch.effort() {
                    None => others += 1,
                    Some(Effort { steps: least, spared }) => {
                        by_program += 1;
                        assert!((least..=least + spared).contains(&steps), "{steps} {least} {text}");
                    }
                }
            }
        }
    }
    assert!(by_program > 50 && others > 50, "{by_program} {others}");
}
