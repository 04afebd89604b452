//! Requests to policies of which nothing is known.

use claimsc::{Policy, Request};

/// A request of anybody for anything, and of the first client that claims.yaml lists for its first audience.
pub fn of(policy: &Policy) -> Vec<Request> {
    let catalog = policy.catalog();
    let client = catalog.clients.values().next().map_or("app", |client| &*client.id);
    let audience = catalog.audiences.values().next().map_or("urn:api", |audience| &*audience.id);
    let of = |text: String| Request::from_json(text.as_bytes()).ok();
    let user = r#"{"sub":"u1","email":"Ann@acme.example","email_verified":true,"name":"Ann","groups":["a","B","a"],
        "app_metadata":{"plan":"pro","roles":["x"]},"plan":"pro","n":7,"s":"text","l":["a","b"]}"#;
    let asked = |client: &str, audience: &str, grant: &str, user: &str| {
        let (client, audience) =
            (claimsc::Value::from(client).to_json(), claimsc::Value::from(audience).to_json());
        format!(
            r#"{{"grant":"{grant}","client":{client},"audience":{audience},"scopes":"openid email",
                "now":"2026-11-20T12:00:00Z"{user}}}"#
        )
    };
    let all = [
        asked(
            client,
            audience,
            "authorization_code",
            &format!(",\"user\":{user},\"organization\":\"org-1\""),
        ),
        asked(client, audience, "client_credentials", ""),
        asked("nobody", "urn:nothing", "refresh_token", ",\"user\":{\"sub\":\"u1\"}"),
    ];
    all.into_iter().filter_map(of).collect()
}
