//! The example policies, and what their requests are minted.

use std::fs;
use std::path::Path;

use claimsc::mint::{Answer, Issuance, KeyRing, Minter, Settings, Tokens, random_bytes};
use claimsc::standard::Grant;
use claimsc::{Compiler, Decision, Policy, Request};
use serde_json::{Map, Value, json};

const SCENARIOS: [&str; 4] = ["password-grant", "people-and-machines", "standard-claims", "admin-flag"];
const NONCE: &str = "n-0S6_WzA2Mj";
const CODE: &str = "SplxlOBeZQQYbYS6WxSbIA";

/// A policy and the requests that get tokens by it.
pub(crate) struct Scenario {
    policy: Policy,
    settings: Settings,
    pub(crate) asked: Vec<Asked>,
    pub(crate) now: i64,
}

/// One request for tokens.
pub(crate) struct Asked {
    /// Scenario and request.
    pub(crate) name: String,
    pub(crate) json: Value,
    request: Request,
}

impl Scenario {
    /// All scenarios, at a time.
    pub(crate) fn all(now: i64) -> Vec<Scenario> {
        SCENARIOS.iter().map(|name| Scenario::read(name, now)).collect()
    }

    fn read(name: &str, now: i64) -> Scenario {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies").join(name);
        let text = |file: &str| fs::read_to_string(folder.join(file)).expect("a file of the scenario");
        let mut compiler = Compiler::new();
        compiler.catalog("claims.yaml", &text("claims.yaml")).source("policy.claims", &text("policy.claims"));
        let policy = compiler.compile().policy.expect("a policy without errors");
        let settings = Settings::of_policy(&policy).expect("an issuer");

        let mut requests: Vec<(String, Value)> = Vec::new();
        for entry in fs::read_dir(folder.join("requests")).expect("requests") {
            let file = entry.expect("readable").file_name().into_string().expect("UTF-8");
            if let Some(stem) = file.strip_suffix(".json").filter(|stem| !stem.ends_with(".expected")) {
                let request = serde_json::from_str(&text(&format!("requests/{file}"))).expect("JSON");
                requests.push((stem.to_owned(), request));
            }
        }
        requests.sort_by(|a, b| a.0.cmp(&b.0));
        if name == "standard-claims" {
            requests.extend(other_grants(&requests));
        }
        let asked =
            requests.into_iter().map(|(request, json)| Asked::new(format!("{name}/{request}"), json, now));
        let asked: Vec<Asked> = asked.filter(|asked| gets_tokens(&policy, asked)).collect();
        assert!(asked.len() > 3, "the requests of {name} were found");
        Scenario { policy, settings, asked, now }
    }

    /// The first request of a person who gets an ID token too.
    pub(crate) fn person(&self) -> &Asked {
        self.asked.iter().find(|asked| asked.has_id_token()).expect("a person's request")
    }

    /// The same by a client that can keep a secret, if claims.yaml allows it to be one.
    pub(crate) fn confidential(&self) -> Option<Asked> {
        let asked = self.asked.iter().filter(|asked| asked.has_id_token());
        asked.map(Asked::confidential).find(|asked| gets_tokens(&self.policy, asked))
    }

    /// What a request gets with some keys at a time.
    pub(crate) fn mint(&self, asked: &Asked, keys: &KeyRing, now: i64) -> Tokens {
        let minter = Minter::new(self.policy.clone(), self.settings.clone(), keys.clone());
        let issuance = Issuance {
            answer: Answer::usual(&asked.request, asked.code().is_some()),
            nonce: Some(NONCE),
            code: asked.code(),
            ..Issuance::at(now, random_bytes().expect("random bytes"))
        };
        minter.mint(&asked.request, &issuance).unwrap_or_else(|error| panic!("{}: {error}", asked.name))
    }

    pub(crate) fn issuer(&self) -> &str {
        self.settings.issuer()
    }

    /// What the policy and the request say of a token, to be read by whoever verifies it.
    pub(crate) fn claims(&self, asked: &Asked, token: &str) -> Map<String, Value> {
        let decision = self.policy.evaluate(&asked.request).to_json().to_json();
        let decision: Value = serde_json::from_str(&decision).expect("JSON");
        let mut claims = decision[token].as_object().cloned().unwrap_or_default();
        let user = &asked.json["user"];
        let subject = if user.is_null() { json!(asked.client()) } else { user["sub"].clone() };
        claims.insert("sub".to_owned(), subject);
        if token == "id_token" {
            for (scope, name) in
                [("email", "email"), ("email", "email_verified"), ("profile", "preferred_username")]
            {
                if asked.request.scopes().iter().any(|one| **one == *scope) && !user[name].is_null() {
                    claims.insert(name.to_owned(), user[name].clone());
                }
            }
        }
        claims
    }
}

fn gets_tokens(policy: &Policy, asked: &Asked) -> bool {
    match policy.evaluate(&asked.request) {
        Decision::Issue(issued) => !issued.audience.is_empty(),
        Decision::Deny(_) | Decision::Error(_) => false,
    }
}

/// A sign-in by every other grant in which a person signs in. Clients of this scenario may use all of them.
fn other_grants(requests: &[(String, Value)]) -> Vec<(String, Value)> {
    let (_, request) = requests.iter().find(|(name, _)| name == "tickets").expect("a sign-in");
    let with_grant = |grant: &Grant| {
        let mut request = request.clone();
        request["grant"] = json!(grant.as_str());
        (format!("tickets by {grant}"), request)
    };
    let others = Grant::ALL.iter().filter(|grant| {
        !matches!(grant, Grant::AuthorizationCode | Grant::ClientCredentials | Grant::SamlSso)
    });
    others.map(with_grant).collect()
}

impl Asked {
    fn new(name: String, mut json: Value, now: i64) -> Self {
        if !json["user"].is_null() {
            json["session"] = json!({ "auth_time": now - 60, "acr": "urn:mace:incommon:iap:silver", "amr": ["pwd", "otp"] });
        }
        let request = Request::from_json(json.to_string().as_bytes()).expect("a request");
        Asked { name, json, request }
    }

    /// The same request by a client that can keep a secret.
    fn confidential(&self) -> Self {
        let mut json = self.json.clone();
        json["client"] = json!({ "id": self.client(), "confidential": true });
        let request = Request::from_json(json.to_string().as_bytes()).expect("a request");
        Asked { name: format!("{} with a client secret", self.name), json, request }
    }

    pub(crate) fn client(&self) -> &str {
        self.request.client().id()
    }

    fn has_id_token(&self) -> bool {
        self.request.user().is_some() && self.request.scopes().iter().any(|scope| **scope == *"openid")
    }

    /// What the ID token repeats: nothing after a refresh (OpenID Connect Core section 12.2).
    pub(crate) fn nonce(&self) -> Option<&'static str> {
        (self.request.grant() != Grant::RefreshToken).then_some(NONCE)
    }

    /// The authorization code that is given out with the tokens.
    pub(crate) fn code(&self) -> Option<&'static str> {
        (self.request.grant() == Grant::Hybrid).then_some(CODE)
    }

    /// The response type that a client asked for, where `code` stands for all answers of the token endpoint.
    pub(crate) fn response_type(&self) -> &'static str {
        match self.request.grant() {
            Grant::Implicit => "id_token token",
            Grant::Hybrid => "code id_token token",
            _ => "code",
        }
    }
}
