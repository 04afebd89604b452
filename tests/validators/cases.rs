//! What validators are asked: tokens as they are meant, and the ways in which tokens are presented wrongly.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use claimsc::mint::{Algorithm, ClientSecret, KeyRing, SigningKey, Tokens};
use serde_json::{Map, Value, json};

use super::scenarios::{Asked, Scenario};

const ALGORITHMS: [Algorithm; 5] =
    [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa];
const CLIENT_SECRET: &[u8] = b"known to this client and to its issuer only";
const OTHER_SECRET: &[u8] = b"known to another client and to its issuer only";
const OTHER_API: &str = "https://elsewhere.acme.example";
const OTHER_ISSUER: &str = "https://id.elsewhere.example/";
const DAY: i64 = 86_400;

/// One token as it is shown to a validator.
pub(crate) struct Case {
    /// What the programs are given; README.md beside this file describes it.
    pub(crate) input: Value,
    pub(crate) expected: Expected,
}

pub(crate) enum Expected {
    /// And these claims are read.
    Accepted(Map<String, Value>),
    /// For one of these reasons.
    Refused(&'static [&'static str]),
}

impl Case {
    pub(crate) fn text(&self, member: &str) -> &str {
        self.input[member].as_str().unwrap_or_default()
    }
}

/// All cases, and the key sets that they name by a path.
#[derive(Default)]
pub(crate) struct Cases {
    pub(crate) cases: Vec<Case>,
    pub(crate) key_sets: BTreeMap<String, String>,
}

/// The keys of an issuer through a change of keys.
struct Change {
    /// The first key signs.
    before: KeyRing,
    /// The second key signs, the first is retired: its tokens are still verified.
    after: KeyRing,
    /// The first is gone.
    later: KeyRing,
}

impl Change {
    fn of(algorithm: Algorithm) -> Self {
        let generate = || SigningKey::generate(algorithm).expect("a key");
        let (first, second) = (generate(), generate());
        let (first_id, second_id) = (first.id().clone(), second.id().clone());
        let mut before = KeyRing::new(first);
        before.publish(second).expect("published");
        let mut after = before.clone();
        after.activate(&second_id).expect("activated");
        after.retire(&first_id).expect("retired");
        let mut later = after.clone();
        later.remove(&first_id).expect("removed");
        Change { before, after, later }
    }
}

/// A request whose tokens are shown, and the keys that validators are to use: `jwks` with a path, or `secret`.
struct Show<'a> {
    scenario: &'a Scenario,
    asked: &'a Asked,
    algorithm: Algorithm,
    keys: &'a Value,
}

impl Show<'_> {
    fn at_api(&self, tokens: &Tokens, audience: &str) -> Value {
        let token = tokens.access_token.as_deref().expect("an access token");
        self.input("access_token", token, audience)
    }

    /// With all that a client knows of its sign-in.
    fn at_client(&self, tokens: &Tokens) -> Option<Value> {
        let token = tokens.id_token.as_deref()?;
        let mut input = self.input("id_token", token, self.asked.client());
        input["response_type"] = self.asked.response_type().into();
        let known = [
            ("nonce", self.asked.nonce()),
            ("code", self.asked.code()),
            ("access_token", tokens.access_token.as_deref()),
        ];
        for (member, value) in known {
            if let Some(value) = value {
                input[member] = value.into();
            }
        }
        Some(input)
    }

    fn input(&self, usage: &str, token: &str, audience: &str) -> Value {
        let mut input = self.keys.clone();
        input["asked"] = self.asked.name.clone().into();
        input["use"] = usage.into();
        input["token"] = token.into();
        input["algorithm"] = self.algorithm.as_str().into();
        input["issuer"] = self.scenario.issuer().into();
        input["audience"] = audience.into();
        input
    }
}

impl Cases {
    /// Those of all scenarios and algorithms.
    pub(crate) fn of(scenarios: &[Scenario]) -> Self {
        let mut all = Cases::default();
        for algorithm in ALGORITHMS {
            let change = Change::of(algorithm);
            let keys = all.publish(format!("/{algorithm}/after.json"), &change.after);
            let later = all.publish(format!("/{algorithm}/later.json"), &change.later);
            for scenario in scenarios {
                for asked in &scenario.asked {
                    let show = Show { scenario, asked, algorithm, keys: &keys };
                    all.right(&show, &scenario.mint(asked, &change.after, scenario.now), "as it is meant");
                }
                let show = Show { scenario, asked: scenario.person(), algorithm, keys: &keys };
                all.wrong_at_api(&show, &change.after);
                all.wrong_at_client(&show, &change.after);
                all.first_key(&show, &change.before, &later);
            }
        }
        for scenario in scenarios {
            if let Some(asked) = scenario.confidential() {
                all.client_secret(scenario, &asked);
            }
        }
        for algorithm in [Algorithm::Es256, Algorithm::Es384] {
            let scenario = &scenarios[0];
            let ring = KeyRing::new(key_with_short_coordinate(algorithm));
            let keys = all.publish(format!("/{algorithm}/short.json"), &ring);
            let show = Show { scenario, asked: scenario.person(), algorithm, keys: &keys };
            all.right(
                &show,
                &scenario.mint(show.asked, &ring, scenario.now),
                "coordinate that begins with zero",
            );
        }
        all
    }

    fn publish(&mut self, path: String, ring: &KeyRing) -> Value {
        let keys = json!({ "jwks": path });
        self.key_sets.insert(path, ring.jwks().to_json());
        keys
    }

    fn add(&mut self, what: &str, mut input: Value, expected: Expected) {
        let parts = ["asked", "algorithm", "use"].map(|part| input[part].as_str().unwrap_or_default());
        let name = format!("{}: {what}", parts.join(", "));
        assert!(self.cases.iter().all(|case| case.text("name") != name), "{name}: twice");
        input["name"] = name.into();
        self.cases.push(Case { input, expected });
    }

    /// Something that is shown as it was accepted before but for some members.
    fn refused<const N: usize>(
        &mut self,
        what: &str,
        reasons: &'static [&'static str],
        shown: &Value,
        but: [(&str, &str); N],
    ) {
        let mut input = shown.clone();
        for (member, value) in but {
            input[member] = value.into();
        }
        self.add(what, input, Expected::Refused(reasons));
    }

    /// Each token where it belongs: the access token at every API that it is for, the ID token at the client.
    fn right(&mut self, show: &Show<'_>, tokens: &Tokens, what: &str) {
        for audience in &tokens.audience {
            let claims = show.scenario.claims(show.asked, "access_token");
            let what =
                if tokens.audience.len() > 1 { format!("{what}, at {audience}") } else { what.to_owned() };
            self.add(&what, show.at_api(tokens, audience), Expected::Accepted(claims));
        }
        if let Some(input) = show.at_client(tokens) {
            if show.asked.code().is_some() {
                self.refused("with another code", &["c_hash"], &input, [("code", "another code")]);
            }
            self.add(what, input, Expected::Accepted(show.scenario.claims(show.asked, "id_token")));
        }
    }

    fn wrong_at_api(&mut self, show: &Show<'_>, keys: &KeyRing) {
        let Show { scenario, asked, .. } = show;
        let tokens = scenario.mint(asked, keys, scenario.now);
        let id_token = tokens.id_token.as_deref().expect("an ID token");
        let audience = tokens.audience.first().expect("an audience");
        let shown = show.at_api(&tokens, audience);
        let altered = with_a_claim_more(shown["token"].as_str().unwrap_or_default());
        self.refused("another audience", &["audience"], &shown, [("audience", OTHER_API)]);
        self.refused("another issuer", &["issuer"], &shown, [("issuer", OTHER_ISSUER)]);
        self.refused("an ID token", &["audience", "type"], &shown, [("token", id_token)]);
        let of_client = [("token", id_token), ("audience", asked.client())];
        self.refused(
            "an ID token, at an API that takes the client's id for its own",
            &["type"],
            &shown,
            of_client,
        );
        self.refused("an altered claim", &["signature"], &shown, [("token", &altered)]);
        let expired = show.at_api(&scenario.mint(asked, keys, scenario.now - DAY), audience);
        self.refused("expired", &["expired"], &expired, []);
    }

    fn wrong_at_client(&mut self, show: &Show<'_>, keys: &KeyRing) {
        let Show { scenario, asked, .. } = show;
        let tokens = scenario.mint(asked, keys, scenario.now);
        let access_token = tokens.access_token.as_deref().expect("an access token");
        let shown = show.at_client(&tokens).expect("an ID token");
        let altered = with_a_claim_more(shown["token"].as_str().unwrap_or_default());
        self.refused("of another client", &["audience"], &shown, [("audience", "another-client")]);
        self.refused("another issuer", &["issuer"], &shown, [("issuer", OTHER_ISSUER)]);
        self.refused(
            "an access token",
            &["audience", "algorithm", "type"],
            &shown,
            [("token", access_token)],
        );
        self.refused("an altered claim", &["signature"], &shown, [("token", &altered)]);
        self.refused("of another sign-in", &["nonce"], &shown, [("nonce", "another nonce")]);
        self.refused("with another access token", &["at_hash"], &shown, [("access_token", &altered)]);
        let expired = show.at_client(&scenario.mint(asked, keys, scenario.now - DAY)).expect("an ID token");
        self.refused("expired", &["expired"], &expired, []);
    }

    /// Tokens of the key that signed before: accepted while it is retired, refused when it is removed.
    fn first_key(&mut self, show: &Show<'_>, before: &KeyRing, later: &Value) {
        let tokens = show.scenario.mint(show.asked, before, show.scenario.now);
        self.right(show, &tokens, "by a retired key");
        let show = Show { keys: later, ..*show };
        let audience = tokens.audience.first().expect("an audience");
        self.refused("by a removed key", &["key"], &show.at_api(&tokens, audience), []);
        let at_client = show.at_client(&tokens).expect("an ID token");
        self.refused("by a removed key", &["key"], &at_client, []);
    }

    /// ID tokens that are signed with the secret of a confidential client.
    fn client_secret(&mut self, scenario: &Scenario, asked: &Asked) {
        let mut ring = KeyRing::new(SigningKey::generate(Algorithm::Es256).expect("a key"));
        ring.share(asked.client(), ClientSecret::new(CLIENT_SECRET).expect("a secret"));
        let keys = json!({ "secret": URL_SAFE_NO_PAD.encode(CLIENT_SECRET) });
        let show = Show { scenario, asked, algorithm: Algorithm::Hs256, keys: &keys };
        let tokens = scenario.mint(asked, &ring, scenario.now);
        let shown = show.at_client(&tokens).expect("an ID token");
        self.add("as it is meant", shown.clone(), Expected::Accepted(scenario.claims(asked, "id_token")));
        let other = URL_SAFE_NO_PAD.encode(OTHER_SECRET);
        self.refused("by another client's secret", &["signature"], &shown, [("secret", &other)]);
        self.wrong_at_client(&show, &ring);
    }
}

/// A token whose bearer made himself an administrator.
fn with_a_claim_more(token: &str) -> String {
    let parts: Vec<&str> = token.split('.').collect();
    let claims = URL_SAFE_NO_PAD.decode(parts[1]).expect("base64url");
    let mut claims: Value = serde_json::from_slice(&claims).expect("JSON");
    claims["https://acme.example/claims/is_admin"] = Value::from("altered");
    [parts[0], &URL_SAFE_NO_PAD.encode(claims.to_string()), parts[2]].join(".")
}

/// A key with a coordinate that has to be filled up with a zero (RFC 7518 section 6.2.1.2); one of 256 has it.
fn key_with_short_coordinate(algorithm: Algorithm) -> SigningKey {
    let is_short = |key: &SigningKey| {
        let jwk = key.public().to_jwk();
        let x = jwk.get("x").and_then(claimsc::Value::as_str).expect("a coordinate");
        URL_SAFE_NO_PAD.decode(x).expect("base64url").first() == Some(&0)
    };
    let keys = std::iter::repeat_with(|| SigningKey::generate(algorithm).expect("a key"));
    keys.take(100_000).find(is_short).expect("one of 256")
}
