//! The requests of a workload, as the JSON that a host has.

use serde_json::{Value, json};

use super::{GRANT, Workload, audience_id, client_id, scrambled};

/// How many requests are asked in turn where caches are warm.
pub(crate) const HOT: usize = 64;

impl Workload {
    /// Requests that get five claims each, for as many audiences and clients as there are.
    pub(crate) fn hot(&self) -> Vec<Value> {
        self.matching(HOT)
    }

    /// So many different requests that get five claims each.
    pub(crate) fn matching(&self, count: usize) -> Vec<Value> {
        let requests = (0..count).map(|i| {
            // Evenly over the pairs, and not in their order.
            let pair = self.pairs[(i * self.pairs.len() / count + i) % self.pairs.len()];
            self.request(pair, i)
        });
        let mut requests: Vec<(u64, Value)> =
            requests.enumerate().map(|(i, request)| (scrambled(i as u64), request)).collect();
        requests.sort_by_key(|(place, _)| *place);
        requests.into_iter().map(|(_, request)| request).collect()
    }

    /// Requests of every kind: pairs without rules, scopes that are not granted, addresses that are not verified,
    /// missing departments, empty lists, texts that JSON escapes.
    pub(crate) fn mixed(&self, count: usize) -> Vec<Value> {
        let chosen = |seed: usize, salt: u64, from: usize| {
            usize::try_from(scrambled(seed as u64 * 31 + salt) % from as u64).expect("below an usize")
        };
        let requests = (0..count).map(|i| {
            let mut pair = self.pairs[chosen(i, 1, self.pairs.len())];
            if i % 5 == 0 {
                pair = (chosen(i, 2, self.audiences), chosen(i, 3, self.clients));
            }
            let mut request = self.request(pair, i);
            if i % 3 == 1 {
                request["scopes"] = json!(["openid", "offline_access"]);
            }
            let user = &mut request["user"];
            user["email_verified"] = json!(i % 4 != 1);
            match i % 7 {
                0 => user["nickname"] = json!("Quote \" Back\\slash \n Tab\t \u{1} é 𝄞"),
                1 => user["roles"] = json!([]),
                2 => user["department"] = json!("Ops \"night\" <&> ü"),
                3 => user["email"] = json!("O'Hara.X@Elsewhere.example"),
                4 => user["address"]["country"] = json!(""),
                _ => {}
            }
            request
        });
        requests.collect()
    }

    fn request(&self, (audience, client): (usize, usize), seed: usize) -> Value {
        let groups: Vec<String> = (0..self.groups).map(|group| format!("group-{group}")).collect();
        let country = ["DE", "AT", "CH"][seed % 3];
        let mut user = json!({
            "sub": format!("auth|{:016x}", scrambled(seed as u64)),
            "name": format!("Alice {seed} Example"),
            "given_name": "Alice",
            "family_name": "Example",
            "nickname": format!("Alice.Ex{seed}"),
            "preferred_username": format!("alice{seed}"),
            "email": format!("alice.{seed}@acme.example"),
            "email_verified": true,
            "phone_number": "+49 30 1234567",
            "phone_number_verified": false,
            "picture": "https://cdn.acme.example/pictures/alice.png",
            "locale": "de-DE",
            "zoneinfo": "Europe/Berlin",
            "birthdate": "1990-02-28",
            "updated_at": 1_781_000_000,
            "website": "https://alice.acme.example",
            "gender": "female",
            "address": {
                "street_address": "Hauptstrasse 1", "locality": "Berlin", "postal_code": "10115",
                "country": country
            },
            "roles": ["app-reader", "app-writer", "billing", format!("team-{}", seed % 10)],
            "groups": groups,
        });
        if !seed.is_multiple_of(3) {
            user["department"] = json!(["sales", "engineering"][seed % 2]);
        }
        json!({
            "grant": GRANT,
            "client": client_id(client),
            "audience": audience_id(audience),
            "scopes": ["openid", "profile", "email"],
            "user": user,
        })
    }
}
