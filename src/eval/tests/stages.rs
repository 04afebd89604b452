//! Audience, scopes, lifetime, and requests that contradict the catalog.

use crate::catalog::{Catalog, World};
use crate::eval::testing::*;
use crate::ir::*;
use crate::standard::{Grant, Tokens};

fn decided(unit: &Unit, audience: &str, scopes: &str) -> String {
    let request = format!(
        r#"{{ "grant": "client_credentials", "client": "c", "audience": {audience}, "scopes": {scopes} }}"#
    );
    let decision = crate::eval::evaluate(unit, &self::request(&request)).to_json();
    match decision.get("errors") {
        Some(errors) => errors.as_list().unwrap()[0].get("message").unwrap().as_str().unwrap().to_owned(),
        None => {
            format!(
                "{} {}",
                decision.get("audience").unwrap().to_json(),
                decision.get("scopes").unwrap().to_json()
            )
        }
    }
}

#[test]
fn scopes_are_a_set_in_the_order_of_the_request_then_by_bytes() {
    let mut policy = Policy::new(catalog());
    policy.act(Action::AddScope(lit(r#"["b", "a", "y"]"#)));
    policy.act(Action::AddScope(lit(r#""x""#)));
    assert_eq!(decided(&policy.unit, "null", r#"["z", "y", "z"]"#), r#"[] ["z","y","a","b","x"]"#);
    policy.act(Action::RemoveScope(lit(r#""x""#)));
    policy.act(Action::LimitScopes(lit(r#"["y", "x", "b", "q"]"#)));
    policy.act(Action::LimitScopes(lit(r#"["y", "x", "a", "b"]"#)));
    assert_eq!(decided(&policy.unit, "null", r#""z y""#), r#"[] ["y","b"]"#);
}

#[test]
fn scopes_are_single_tokens() {
    for action in [Action::AddScope, Action::RemoveScope, Action::LimitScopes] {
        for scope in [r#"["a b"]"#, r#"[""]"#, r#"["a\"b"]"#, r#"["é"]"#] {
            let mut policy = Policy::new(catalog());
            policy.act(action(lit(scope)));
            assert!(decided(&policy.unit, "null", "[]").ends_with("gives what is not one scope"), "{scope}");
        }
    }
}

#[test]
fn later_stages_read_what_the_token_carries() {
    let mut policy = Policy::new(catalog());
    policy.act(Action::SetAudience(lit("\"a\"")));
    policy.act_if(audience_is("a"), Action::AddScope(lit("\"s\"")));
    let scopes = policy.read("scopes");
    let audience = policy.read("audience");
    let requested = policy.read("requested");
    policy.add("scopes", scopes);
    policy.add("audience", audience);
    policy.add("requested", requested);
    let decision = decide(&policy.unit, r#"{ "grant": "client_credentials", "client": "c", "scopes": "r" }"#);
    let claims = r#"{"audience":["a"],"requested":{"audience":[],"scopes":["r"]},"scopes":["r","s"]}"#;
    assert!(decision.contains(claims), "{decision}");
}

#[test]
fn an_audience_is_filled_or_narrowed() {
    let set = |json: &str| {
        let mut policy = Policy::new(catalog());
        policy.act(Action::SetAudience(lit(json)));
        policy.unit
    };
    assert_eq!(decided(&set(r#"["b", "a", "b"]"#), "null", "[]"), r#"["b","a"] []"#);
    assert_eq!(decided(&set(r#"["b", "a"]"#), r#"["a", "x", "b"]"#, "[]"), r#"["a","b"] []"#);
    assert_eq!(
        decided(&set("\"q\""), r#"["a"]"#, "[]"),
        "`set audience` gives an audience that was not asked for"
    );
    assert_eq!(decided(&set("[]"), r#"["a"]"#, "[]"), "`set audience` gives no audience");
    let endpoint = "\"https://id.acme.example/userinfo\"";
    assert_eq!(
        decided(&set(endpoint), "null", "[]"),
        "`set audience` gives an endpoint of the issuer itself"
    );
}

#[test]
fn audiences_that_are_set_differently_conflict() {
    let mut policy = Policy::new(catalog());
    policy.act(Action::SetAudience(lit(r#"["a", "b"]"#)));
    policy.act(Action::SetAudience(lit(r#"["b", "a"]"#)));
    let conflict = "the audience is set differently by `p.claims:1` and `p.claims:2`";
    assert_eq!(decided(&policy.unit, "null", "[]"), conflict);
    // Narrowed, both are the same set in the order of the request.
    assert_eq!(decided(&policy.unit, r#"["x", "b", "a"]"#, "[]"), r#"["b","a"] []"#);
}

#[test]
fn the_issuers_own_endpoints_stay_and_are_not_seen() {
    let mut catalog = catalog();
    catalog.issuer_endpoints.push("https://id.acme.example/api/v2/".into());
    let mut policy = Policy::new(catalog);
    let audience = policy.read("audience");
    policy.add("audience", audience);
    let asked = r#"["https://id.acme.example/userinfo", "a", "https://id.acme.example/api/v2/"]"#;
    let request = format!(r#"{{ "grant": "client_credentials", "client": "c", "audience": {asked} }}"#);
    let decision = decide(&policy.unit, &request);
    assert!(decision.contains(r#"{"audience":["a"]}"#), "{decision}");
    assert!(decision.contains(&format!(r#""audience":{}"#, value(asked).to_json())), "{decision}");
    policy.act(Action::SetAudience(lit("\"b\"")));
    let asked = r#"["https://id.acme.example/userinfo"]"#;
    assert_eq!(decided(&policy.unit, asked, "[]"), r#"["b","https://id.acme.example/userinfo"] []"#);
}

#[test]
fn audience_conditions_are_about_a_set() {
    let mut policy = Policy::new(catalog());
    policy.add("is", audience_is("a"));
    policy.add("has", expr(ExprKind::AudienceHas(AudienceOf::Token, lit("\"a\""))));
    policy.add("within", expr(ExprKind::AudienceWithin(AudienceOf::Requested, lit(r#"["a", "b"]"#))));
    for (audience, is, has, within) in [
        ("[]", false, false, false),
        (r#""a""#, true, true, true),
        (r#"["b", "a"]"#, false, true, true),
        (r#"["a", "c"]"#, false, true, false),
        (r#""b""#, false, false, true),
    ] {
        let request =
            format!(r#"{{ "grant": "client_credentials", "client": "c", "audience": {audience} }}"#);
        let expected = format!(r#"{{"has":{has},"is":{is},"within":{within}}}"#);
        assert!(decide(&policy.unit, &request).contains(&expected), "{audience}");
    }
}

#[test]
fn a_refresh_is_bound_by_what_was_granted_first() {
    let mut policy = Policy::of_user(&[]);
    policy.act(Action::AddScope(lit(r#"["new", "old"]"#)));
    let refresh = |grant: &str, audience: &str| {
        let request = format!(
            r#"{{ "grant": "{grant}", "client": "c", "user": {{}}, "audience": {audience}, "scopes": "a b",
                "original": {{ "scopes": "b old", "audience": ["x"] }} }}"#
        );
        decide(&policy.unit, &request)
    };
    assert!(refresh("refresh_token", "\"x\"").contains(r#""scopes":["b","old"]"#));
    assert!(refresh("refresh_token", "[]").contains(r#""scopes":["b","old"]"#));
    assert!(
        refresh("refresh_token", r#"["x", "y"]"#)
            .contains("the audience of a refresh exceeds the original one")
    );
    assert!(refresh("token_exchange", "\"y\"").contains(r#""scopes":["a","b","new","old"]"#));
}

#[test]
fn the_shortest_lifetime_wins() {
    let mut policy = Policy::new(catalog());
    policy.act(Action::LimitLifetime(lit("300")));
    policy.act(Action::LimitLifetime(lit("60")));
    policy.act_if(lit("false"), Action::LimitLifetime(lit("1")));
    let request = r#"{ "grant": "client_credentials", "client": "c" }"#;
    assert!(decide(&policy.unit, request).contains(r#""lifetime":60"#));
    policy.act(Action::LimitLifetime(lit("0")));
    assert!(decide(&policy.unit, request).contains("C0930"));
}

#[test]
fn a_limit_without_a_value_is_an_error() {
    let mut policy = Policy::of_user(&[("scopes", shape("string[]"))]);
    let scopes = policy.read("user.scopes");
    policy.act(Action::LimitScopes(scopes));
    assert_eq!(decided(&policy.unit, "[]", "[]"), "the value of `limit scopes` is absent");
}

#[test]
fn delegated_tokens_need_rules_that_mention_the_actor() {
    let mut catalog = catalog();
    catalog.explicit_delegation = true;
    let mut policy = Policy::new(catalog);
    policy.add("a", lit("1"));
    policy.add("b", lit("1")).mentions_actor = true;
    let claim = policy.claim(ClaimName::Literal("x".into()));
    policy.act(Action::Remove { claim, tokens: Tokens::ALL });
    let plain = r#"{ "grant": "token_exchange", "client": "c" }"#;
    assert!(decide(&policy.unit, plain).contains(r#"{"a":1,"b":1}"#));
    let delegated = r#"{ "grant": "token_exchange", "client": "c", "actor": { "sub": "x" } }"#;
    assert!(
        decide(&policy.unit, delegated)
            .contains(r#""access_token":{"b":1},"removed":{"access_token":["x"]}"#)
    );
}

fn closed() -> Catalog {
    let mut catalog = catalog();
    catalog.audience_world = World::Closed;
    catalog.client_world = World::Closed;
    catalog.audiences.insert("api".into(), audience("a", Some(&["read"])));
    catalog.audiences.insert("partner".into(), audience("p", None));
    catalog.audiences.insert("third".into(), audience("t", Some(&["third"])));
    catalog.audience_sets = Some(vec![vec!["api".into(), "partner".into()]]);
    catalog
        .clients
        .insert("ci".into(), client("c", Some(&[Grant::ClientCredentials]), Some(&["api", "partner"])));
    let mut spa = client("s", None, None);
    spa.name = Some("The app".into());
    spa.metadata = value(r#"{ "tier": "gold" }"#);
    catalog.clients.insert("spa".into(), spa);
    catalog
}

#[test]
fn requests_that_contradict_the_catalog_are_errors() {
    let policy = Policy::new(closed());
    let fine = r#""decision":"issue""#;
    for (request, expected) in [
        (r#""client": "c""#, fine),
        (r#""client": "c", "audience": ["p", "a"]"#, fine),
        (r#""client": "x""#, "the client is not listed in claims.yaml"),
        (r#""client": "c", "grant": "jwt_bearer""#, "client `ci` may not use the grant `jwt_bearer`"),
        (r#""client": "s", "grant": "jwt_bearer""#, fine),
        (r#""client": "s", "audience": "q""#, "an audience is not listed in claims.yaml"),
        (r#""client": "c", "audience": "t""#, "client `ci` may not request audience `third`"),
        (r#""client": "s", "audience": "t""#, fine),
        (r#""client": "s", "audience": ["a", "t"]"#, "these audiences may not stand in one token"),
        (r#""client": "s", "audience": "a", "scopes": "read openid""#, fine),
        (
            r#""client": "s", "audience": "a", "scopes": "write""#,
            "a scope is not among those that claims.yaml lists",
        ),
        (r#""client": "s", "audience": ["a", "p"], "scopes": "write""#, fine),
        (r#""client": "s", "scopes": "write""#, fine),
        (r#""client": { "id": "s", "name": "The app", "metadata": { "tier": "gold" } }"#, fine),
        (
            r#""client": { "id": "s", "name": "x" }"#,
            "`client.name` is not what claims.yaml states for client `spa`",
        ),
        (
            r#""client": { "id": "c", "name": "x" }"#,
            "`client.name` is not what claims.yaml states for client `ci`",
        ),
        (r#""client": { "id": "s", "confidential": true }"#, "`client.confidential` is not what"),
        (
            r#""client": { "id": "s", "metadata": { "tier": "gold", "x": 1 } }"#,
            "`client.metadata` is not what",
        ),
    ] {
        let grant = if request.contains("grant") { "" } else { r#""grant": "client_credentials", "# };
        let decision = decide(&policy.unit, &format!("{{ {grant}{request} }}"));
        assert!(decision.contains(expected), "{request} {decision}");
        assert!(expected == fine || decision.contains("C0903"), "{decision}");
    }
}

#[test]
fn a_filled_audience_may_not_contradict_the_catalog_either() {
    let mut policy = Policy::new(closed());
    policy.act(Action::SetAudience(lit("\"t\"")));
    assert_eq!(decided(&policy.unit, "[]", "[]"), "client `ci` may not request audience `third`");
}

#[test]
fn listed_clients_are_what_the_catalog_says() {
    let mut policy = Policy::new(closed());
    let name = policy.read("client.name");
    let tier = policy.read("client.metadata.tier");
    policy.add("name", name);
    policy.add("tier", tier);
    let request = r#"{ "grant": "client_credentials", "client": "s" }"#;
    assert!(decide(&policy.unit, request).contains(r#"{"name":"The app","tier":"gold"}"#));
}

#[test]
fn several_audiences_need_a_list_of_sets_unless_nothing_is_listed() {
    assert_eq!(decided(&Policy::new(catalog()).unit, r#"["a", "b"]"#, "[]"), r#"["a","b"] []"#);
    let mut catalog = catalog();
    catalog.audiences.insert("api".into(), audience("a", None));
    let unit = Policy::new(catalog).unit;
    assert_eq!(decided(&unit, r#"["a", "b"]"#, "[]"), "these audiences may not stand in one token");
    assert_eq!(decided(&unit, r#"["b"]"#, "[]"), r#"["b"] []"#);
}
