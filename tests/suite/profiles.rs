//! Every fact about a host has its effect: what violates it is refused under that profile, and under `generic` not.

#![expect(clippy::panic, reason = "a fact that no policy can be made of is a failed test")]

use std::collections::BTreeSet;
use std::fmt::Write as _;

use claimsc::Compiler;
use claimsc::diag::Severity;
use claimsc::standard::profiles::{Fact, Is, OTHERS, Shape, Verb};
use claimsc::standard::{PROFILES, Profile, Token, Tokens};

#[path = "profiles/pages.rs"]
mod pages;

const CATALOG: &str = r#"language: 1
owned_domains: [acme.example, sub.auth0.com]
audiences:
  management: { id: "https://tenant.eu.auth0.com/api/v2/" }
  api: { id: "https://api.acme.example" }
user:
  text: string
  number: int
  texts: string[]
  record: { a: string }
  maybe: string?
"#;

/// The slugs of the errors that a policy has under a profile; names that only a host's own list speaks about are
/// declared, so that nothing else is wrong with them.
fn errors(profile: &str, policy: &str, name: &str) -> BTreeSet<&'static str> {
    let mut compiler = Compiler::new();
    let declared = match name {
        "x:" => String::new(),
        _ if name.contains("://") || name.starts_with("urn:") => {
            format!("foreign_namespaces: {{ {name:?}: \"a consumer reads it\" }}\n")
        }
        _ => format!("private_claims: {{ {name:?}: \"a consumer reads it\" }}\n"),
    };
    let profile = Profile::find(profile).unwrap_or_else(|| panic!("there is no profile `{profile}`"));
    let compilation = compiler
        .catalog("claims.yaml", &format!("{CATALOG}{declared}"))
        .source("policy.claims", policy)
        .profile(profile)
        .compile();
    let errors = compilation.diagnostics.iter().filter(|d| d.severity == Severity::Error);
    errors.map(|d| d.code.slug).collect()
}

/// A write of a claim into one token.
fn write(name: &str, value: &str, token: Token) -> String {
    format!("add {name:?} = {value} to {token}")
}

/// A policy that a fact is against, the claim that it names, and the diagnostic.
struct Violation {
    policy: String,
    name: String,
    slug: &'static str,
}

/// All policies that a fact is against: one for each name and token.
#[expect(clippy::too_many_lines, reason = "one arm for each kind of fact")]
fn violations(profile: &Profile, fact: &Fact) -> Vec<Violation> {
    let mut all = Vec::new();
    // A host that cannot remove anything says so of every removal.
    let removal =
        if profile.lacks(Verb::Remove) { "profile-unsupported-verb" } else { "profile-restricted-claim" };
    let mut push = |policy: String, name: &str, slug| {
        all.push(Violation { policy, name: name.to_owned(), slug });
    };
    for token in fact.tokens.and(profile.tokens).iter() {
        match fact.is {
            Is::Closed(names, _) => {
                for name in names.split_whitespace() {
                    push(write(name, "user.text", token), name, "profile-restricted-claim");
                    push(format!("remove {name:?} to {token}"), name, removal);
                }
            }
            Is::ClosedPrefix(prefixes, _) | Is::OnlyRemoved(prefixes, _) => {
                for prefix in prefixes.split_whitespace() {
                    let name = format!("{prefix}anything");
                    push(write(&name, "user.text", token), &name, "profile-restricted-claim");
                }
            }
            Is::ClosedHost(hosts, _) => {
                for name in hosts.split_whitespace().flat_map(|host| {
                    [
                        format!("https://{host}/x"),
                        format!("http://sub.{host}/x"),
                        format!("https://{host}:443/x"),
                    ]
                }) {
                    push(write(&name, "user.text", token), &name, "profile-forbidden-namespace");
                }
            }
            Is::ClosedUrn(urn, _) => {
                let name = format!("{urn}:x");
                push(write(&name, "user.text", token), &name, "profile-forbidden-namespace");
            }
            Is::ShortNamesFor(..) => {
                let policy = format!("if audience = management then {}", write("short", "user.text", token));
                push(policy, "short", "profile-restricted-claim");
            }
            Is::DotsNest(_) => {
                let policy =
                    format!("{}\n{}", write("a", "user.text", token), write("a.b", "user.text", token));
                push(policy, "a", "profile-nested-name");
            }
            Is::Demanded(names, shape, _) => {
                for name in names.split_whitespace() {
                    push(format!("remove {name:?} to {token}"), name, removal);
                    if shape != Shape::Any {
                        push(write(name, wrong(shape), token), name, "profile-value-type");
                    }
                }
            }
            Is::Typed(names, shape, _) => {
                for name in names.split_whitespace() {
                    push(write(name, wrong(shape), token), name, "profile-value-type");
                }
            }
            Is::AllTyped(shape, _) => {
                push(write("https://acme.example/x", wrong(shape), token), "x:", "profile-value-type");
            }
            Is::MaxClaims(most, _) => {
                let policy = (0..=most).fold(String::new(), |mut policy, i| {
                    let _ = writeln!(
                        policy,
                        "{}",
                        write(&format!("https://acme.example/{i}"), "user.text", token)
                    );
                    policy
                });
                push(policy, "x:", "profile-too-many-claims");
            }
            Is::MaxBytes(most, _) => {
                let text = format!("{:?}", "x".repeat(usize::try_from(most).unwrap_or(usize::MAX)));
                push(write("https://acme.example/x", &text, token), "x:", "profile-value-too-large");
            }
            Is::Lifetime(least, most, _) => {
                for seconds in [least - 1, most + 1] {
                    push(format!("limit lifetime to {seconds}s"), "x:", "profile-lifetime");
                }
            }
            Is::Follows(..) | Is::Lacks(_) | Is::Open(_) | Is::Known(_) => {}
        }
    }
    match fact.is {
        Is::Follows(shown, _) => {
            push(write("https://acme.example/x", "user.text", shown), "x:", "profile-unsupported-token");
        }
        Is::Lacks(verbs) => {
            for verb in verbs {
                push(statement(*verb).to_owned(), "x:", "profile-unsupported-verb");
            }
        }
        _ => {}
    }
    all
}

/// A value that has not this shape.
fn wrong(shape: Shape) -> &'static str {
    match shape {
        Shape::Any => panic!("every value has it"),
        Shape::Integer | Shape::Object => "user.text",
        Shape::List | Shape::Strings | Shape::String | Shape::StringOrList | Shape::StringOrStrings => {
            "user.number"
        }
    }
}

fn statement(verb: Verb) -> &'static str {
    match verb {
        Verb::Remove => "remove \"https://acme.example/x\"",
        Verb::Deny => "deny \"no\"",
        Verb::AddScope => "add scope \"read\"",
        Verb::RemoveScope => "remove scope \"read\"",
        Verb::LimitScopes => "limit scopes to [\"read\"]",
        Verb::SetAudience => "set audience to \"https://api.acme.example\"",
        Verb::LimitLifetime => "limit lifetime to 5m",
    }
}

#[test]
fn every_fact_has_its_effect() {
    let mut complaints = String::new();
    let mut policies = 0;
    for profile in Profile::all() {
        for fact in profile.facts {
            for Violation { policy, name, slug } in violations(profile, fact) {
                policies += 1;
                let under = errors(profile.name, &policy, &name);
                // What no policy may do for any host is said once, by the check of names.
                let is_refused = under.contains(slug)
                    || under.contains("protocol-claim")
                    || (slug == "profile-value-type" && under.contains("registered-claim-type"));
                if !is_refused {
                    let _ = writeln!(complaints, "{}: `{policy}` gives {under:?}, not {slug}", profile.name);
                }
                let generic = errors("generic", &policy, &name);
                if let Some(slug) =
                    generic.iter().find(|other| **other == slug || other.starts_with("profile-"))
                {
                    let _ = writeln!(complaints, "generic: `{policy}` gives {slug}");
                }
            }
        }
    }
    assert!(complaints.is_empty(), "{complaints}");
    assert!(policies > 900, "{policies} policies");
}

#[test]
fn what_a_host_opens_stays_open() {
    for profile in Profile::all() {
        for fact in profile.facts {
            let Is::Open(names) = fact.is else { continue };
            for (token, name) in
                fact.tokens.iter().flat_map(|token| names.split_whitespace().map(move |name| (token, name)))
            {
                let name = name.replace('*', "anything");
                let errors = errors(profile.name, &write(&name, "user.text", token), &name);
                let of_host: Vec<_> = errors.iter().filter(|slug| slug.starts_with("profile-")).collect();
                assert!(of_host.is_empty(), "{}: {name} in {token}: {of_host:?}", profile.name);
            }
        }
    }
}

#[test]
fn tokens_that_a_host_cannot_write_are_refused() {
    for profile in Profile::all() {
        for token in Token::ALL {
            let policy = write("https://acme.example/x", "user.text", *token);
            let errors = errors(profile.name, &policy, "x:");
            assert_eq!(
                errors.contains("profile-unsupported-token"),
                !profile.tokens.contains(*token),
                "{}: {token}: {errors:?}",
                profile.name
            );
        }
    }
}

/// A removal means all tokens unless it says otherwise, and is no mistake where the host has fewer.
#[test]
fn a_removal_reaches_what_there_is() {
    assert!(errors("cognito", "remove \"https://acme.example/x\"", "x:").is_empty());
    let saml = errors("cognito", "remove \"https://acme.example/x\" to saml", "x:");
    assert!(saml.contains("profile-unsupported-token"), "{saml:?}");
}

#[test]
fn the_tables_are_complete() {
    let names: Vec<&str> = Profile::all().iter().map(|profile| profile.name).collect();
    assert_eq!(names, PROFILES);
    let closed = |name: &str, token| -> usize {
        let facts = Profile::find(name).unwrap_or_else(|| panic!("{name}")).about(Tokens::of(token));
        let names: BTreeSet<&str> = facts
            .filter_map(|fact| match fact.is {
                Is::Closed(names, _) => Some(names.split_whitespace()),
                _ => None,
            })
            .flatten()
            .collect();
        names.len()
    };
    // As many as the hosts' documents list.
    assert_eq!((closed("auth0", Token::Access), closed("auth0", Token::Id)), (60, 60));
    assert_eq!((closed("entra", Token::Access), closed("entra", Token::Id)), (183, 183));
    assert_eq!((closed("cognito", Token::Access), closed("cognito", Token::Id)), (20, 17));
    assert_eq!((closed("okta", Token::Access), closed("okta", Token::Id)), (19, 54));
    assert_eq!((closed("keycloak", Token::Access), closed("keycloak", Token::Id)), (8, 8));
    assert_eq!((closed("hydra", Token::Access), closed("hydra", Token::Id)), (10, 13));
    assert_eq!((closed("authelia", Token::Access), closed("authelia", Token::Id)), (19, 19));
}

#[test]
fn every_fact_states_its_source() {
    let facts = Profile::all().iter().flat_map(|profile| profile.facts);
    for fact in facts.chain(OTHERS.iter().flat_map(|other| other.facts)) {
        assert!(fact.source.title.len() > 5, "{fact:?}");
        let (Is::Closed(names, _) | Is::Typed(names, ..) | Is::Demanded(names, ..) | Is::Open(names)) =
            fact.is
        else {
            continue;
        };
        let all: Vec<&str> = names.split_whitespace().collect();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "a name stands twice in {names}");
    }
}

/// The slugs that policies have because of their host, beside what the facts alone say.
#[test]
fn ways_around_a_fact() {
    let cases: &[(&str, &str, &str, &[&str])] = &[
        // Members, spreads, language tags and constants write the claim too.
        ("auth0", "add roles.x = user.text", "roles", &["profile-restricted-claim"]),
        (
            "auth0",
            "namespace ns = \"ro\"\nadd ns/* = { les: user.text }",
            "roles",
            &["profile-restricted-claim"],
        ),
        ("auth0", "add \"roles#en\" = user.text", "roles#en", &["profile-restricted-claim"]),
        ("auth0", "default roles = user.text", "roles", &["profile-restricted-claim"]),
        ("auth0", "append roles = user.texts", "roles", &["profile-restricted-claim"]),
        // Case counts, and a name that begins alike is another name.
        ("auth0", "add Roles = user.text", "Roles", &[]),
        ("auth0", "add roles2 = user.text", "roles2", &[]),
        ("auth0", "add \"https://notauth0.com/x\" = user.text", "x:", &[]),
        ("auth0", "add \"https://acme.example/auth0.com/x\" = user.text", "x:", &[]),
        // SAML attributes have names of their own.
        ("auth0", "add roles = user.text to saml", "roles", &[]),
        // Auth0's own APIs take namespaced names; other audiences take short ones.
        ("auth0", "if audience = management then add \"https://acme.example/x\" = user.text", "x:", &[]),
        ("auth0", "if audience = api then add short = user.text", "short", &[]),
        (
            "auth0",
            "if user.number = 1 and management in audience then add short = user.text",
            "short",
            &["profile-restricted-claim"],
        ),
        // Userinfo follows the ID token.
        ("auth0", "add \"https://acme.example/x\" = user.text to id_token, userinfo", "x:", &[]),
        // Typed names are open although their prefix is closed.
        ("cognito", "add \"cognito:groups\" = user.texts", "x:", &[]),
        ("cognito", "add \"cognito:roles\" = user.texts to both", "x:", &["profile-restricted-claim"]),
        ("cognito", "remove \"dev:x\" to id_token", "x:", &[]),
        // A record is no string, whichever its members are; a list of strings is fine.
        ("entra", "add \"https://acme.example/x\" = user.record", "x:", &["profile-value-type"]),
        ("entra", "add \"https://acme.example/x\".y = user.text", "x:", &["profile-value-type"]),
        ("entra", "add \"https://acme.example/x\" = user.texts", "x:", &[]),
        ("entra", "add \"https://acme.example/x\" = []", "x:", &[]),
        // A value that denies where it is absent needs denials.
        (
            "entra",
            "add \"https://acme.example/x\" = user.maybe ?? deny \"no\"",
            "x:",
            &["profile-unsupported-verb"],
        ),
        ("hydra", "add \"https://acme.example/x\" = user.maybe ?? deny \"no\"", "x:", &[]),
        // Dots: only where one name lies below another, in the same token.
        ("keycloak", "add \"a.b\" = user.text\nadd \"a.c\" = user.text", "a.b", &[]),
        ("keycloak", "add \"a.b\" = user.text\nadd \"a\" = user.text to id_token", "a.b", &[]),
        ("supabase", "add role = user.text", "role", &[]),
        ("okta", "limit lifetime to 5m\nlimit lifetime to 24h", "x:", &[]),
    ];
    for (profile, policy, name, expected) in cases {
        let mut found = errors(profile, policy, name);
        found.retain(|slug| slug.starts_with("profile-"));
        let expected: BTreeSet<&str> = expected.iter().copied().collect();
        assert_eq!(found, expected, "{profile}: {policy}");
    }
}

#[test]
fn a_name_from_config_is_checked_when_it_is_bound() {
    let catalog = format!("{CATALOG}config: {{ name: string }}\n");
    let slugs = |name: Option<&str>| -> Vec<&str> {
        let mut compiler = Compiler::new();
        compiler
            .catalog("claims.yaml", &catalog)
            .source("policy.claims", "claim named = config.name\nadd named = user.text to id_token")
            .profile(Profile::find("auth0").unwrap_or_else(|| panic!("auth0")));
        if let Some(name) = name {
            let config = format!("{{ \"name\": {name:?} }}");
            let config = claimsc::Value::parse_json(config.as_bytes(), claimsc::value::JsonLimits::default());
            compiler.config(config.unwrap_or_else(|error| panic!("{error:?}")));
        }
        let found = compiler.compile().diagnostics;
        found.iter().map(|d| d.code.slug).filter(|slug| slug.starts_with("profile-")).collect()
    };
    assert_eq!(slugs(Some("roles")), ["profile-restricted-claim"]);
    assert_eq!(slugs(Some("https://acme.example/roles")), [""; 0]);
    assert_eq!(slugs(None), [""; 0]);
}

#[test]
fn a_fix_for_the_type_mends_it() {
    let text = "add \"https://acme.example/x\" = user.number";
    let mut compiler = Compiler::new();
    let compilation = compiler
        .catalog("claims.yaml", CATALOG)
        .source("policy.claims", text)
        .profile(Profile::find("entra").unwrap_or_else(|| panic!("entra")))
        .compile();
    let fix =
        compilation.diagnostics.iter().flat_map(|d| &d.fixes).next().unwrap_or_else(|| panic!("no fix"));
    let mut mended = text.to_owned();
    for edit in fix.edits.iter().rev() {
        mended.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
    }
    assert_eq!(mended, "add \"https://acme.example/x\" = \"${user.number}\"");
    assert!(errors("entra", &mended, "x:").is_empty());
}
