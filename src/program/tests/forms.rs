//! Frequent forms of statements have ways of their own through the engine; they decide as the reference engine does.

use std::collections::BTreeSet;

use super::*;
use crate::eval::{RuleName, evaluate_counted};
use crate::input::{JsonBuffer, JsonReader};

/// Forms that are read, tested and written in one go, and need no memory.
const FORMS: &str = r#"
namespace ns = "https://acme.example/claims/"
claim ns/level @overridable
claim ns/tag @overridable
add ns/client = client.id
add ns/email = user.email
add ns/nick = user.nick ?? "none"
add ns/title = user.title ?? "none"
add ns/extra = user.extra ?? "none"
add ns/long = "${user.long}/${user.long.upper()}"
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
append ns/all = user.groups
if "ops" in user.tags then append ns/all = ["ops"]
if user.team = "blue" then append ns/all = ["ops", "a"] to both
add ns/object.a = user.team
default ns/object.a = "none"
if user.verified then add ns/object.b = user.level
if "read" in requested.scopes then remove ns/title to both
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
  extra: string?
  long: string
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

type Line = (Token, String, Arc<str>, bool);

/// What the answer tells of statements.
fn traced(issue: &Issue<'_>) -> BTreeSet<Line> {
    let line =
        |trace: Trace<'_>| (trace.token, trace.claim.to_owned(), trace.rule.place.clone(), trace.is_removal);
    issue.traces().map(line).collect()
}

/// The same from the reference engine.
fn explained(policy: &Policy, request: &Request) -> BTreeSet<Line> {
    let mut lines = BTreeSet::new();
    for trace in crate::eval::claim_traces(policy.unit(), request) {
        for (rules, is_removal) in [(&trace.written_by, false), (&trace.removed_by, true)] {
            let line =
                |rule: &RuleName| (trace.token, trace.name.to_string(), rule.place.clone(), is_removal);
            lines.extend(rules.iter().map(line));
        }
    }
    lines
}

/// Requests in JSON form, most of which are unusual in some way.
fn requests() -> Vec<String> {
    let mut requests = Vec::new();
    let nicks = [
        r#""title": "Dr.", "extra": "x","#,
        r#""nick": "Ann \" Lee","#,
        r#""nick": "a nick to lon","#,
        r#""nick": 7,"#,
    ];
    let tags =
        ["[]", r#"["ops", "röot"]"#, r#"["root", "ops", "o\n"]"#, r#"["ops", null]"#, r#"["much too long"]"#];
    let others = [
        r#""email": "a@acme.example", "verified": true, "level": 4, "groups": ["a", "\\"]"#,
        r#""email": "A@b.example", "verified": false, "level": 1, "groups": []"#,
        r#""email": "a@b.example", "verified": true, "level": 9, "groups": ["a", "b", "c", "d"]"#,
        r#""verified": true, "level": 9, "groups": []"#,
    ];
    let long = "long ".repeat(100);
    for (client, scope) in [("web-1", "read more"), ("x", "write read"), ("web-1", "")] {
        for (nick, tags) in nicks.iter().flat_map(|nick| tags.iter().map(move |tags| (nick, tags))) {
            for (team, other) in
                ["red", "blue", "green"].iter().flat_map(|team| others.map(|other| (team, other)))
            {
                // Of a write that does not fire, what it reads has to be right all the same.
                let (floor, wing) = if team == &"blue" { ("\"second\"", "north!") } else { ("2", "north") };
                requests.push(format!(
                    r#"{{ "grant": "authorization_code", "client": "{client}", "audience": "https://api.acme.example",
                        "scopes": "{scope}", "user": {{ "sub": "u", "long": "{long}", "floor": {floor}, "wing": "{wing}",
                        {nick} "tags": {tags}, "team": "{team}", {other} }} }}"#
                ));
            }
        }
    }
    requests
}

fn decides_alike(policy: &Policy) {
    let (mut by_program, mut others) = (0, 0);
    let (mut scratch, mut buffer) = (Scratch::new(), JsonBuffer::default());
    let reader = JsonReader::new(&policy.attributes());
    for text in requests() {
        let request = Request::from_json(text.as_bytes()).unwrap();
        let (plain, steps) = evaluate_counted(policy.unit(), &request);
        let expected = plain.to_string();
        assert_eq!(policy.evaluate_with(&request, &mut scratch).to_string(), expected, "{text}");
        let asked = request.asked();
        let answer = policy.decide(&asked, &request, &mut scratch).unwrap();
        assert_eq!(decision(answer), expected, "{text}");
        match scratch.effort() {
            None => others += 1,
            Some(Effort { steps: least, spared }) => {
                by_program += 1;
                assert!((least..=least + spared).contains(&steps), "{steps} {least} {text}");
            }
        }
        let read = reader.request(text.as_bytes(), &mut buffer).unwrap();
        let answer = policy.decide(&asked, &read, &mut scratch).unwrap();
        assert_eq!(decision(answer), expected, "{text}");
        let answer = policy.decide_traced(&asked, &read, &mut scratch).unwrap();
        if let Answer::Issue(issue) = &answer {
            assert_eq!(traced(issue), explained(policy, &request), "{text}");
        }
        assert_eq!(decision(answer), expected, "{text}");
    }
    assert!(by_program > 50 && others > 50, "{by_program} {others}");
}

fn decision(answer: Answer<'_>) -> String {
    let decision = match answer {
        Answer::Issue(issue) => Decision::Issue(issue.to_issued()),
        Answer::Deny(refusals) => Decision::Deny(refusals),
        Answer::Error(errors) => Decision::Error(errors),
    };
    decision.to_string()
}

/// Whoever asks in its own terms may ask anything.
#[test]
fn malformed_questions_are_refused_as_malformed_requests_are() {
    let policy = Policy::seal(unit(
        FORMS_CATALOG,
        "add \"https://acme.example/a\" = 1\nif \"a b\" in scopes then add \"https://acme.example/b\" = 1",
    ));
    let mut scratch = Scratch::new();
    let audience = ["https://api.acme.example"];
    for scopes in [&["a b"][..], &["a", "a"], &[""], &["a\u{7f}"], &["read", "write"]] {
        let asked = Asked::new(Grant::ClientCredentials, "web-1").audience(&audience).scopes(scopes);
        for _ in 0..2 {
            let answer = policy.decide(&asked, &NoAttributes, &mut scratch).map(decision);
            let expected = Request::from_input(&asked, &NoAttributes);
            let expected = expected.map(|request| evaluate(policy.unit(), &request).to_string());
            assert_eq!(format!("{answer:?}"), format!("{expected:?}"), "{scopes:?}");
        }
    }
}
