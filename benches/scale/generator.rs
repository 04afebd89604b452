//! Policies of any size for measurements: many audiences and clients, values of every common form, five to sixty
//! rules for each claim. The same numbers always give the same text.

use std::fmt::Write as _;

/// A policy with its catalog.
pub(super) struct Generated {
    /// Text of claims.yaml.
    pub(super) catalog: String,
    /// Texts of the policy's files.
    pub(super) files: Vec<String>,
    /// A request that the policy issues a token for.
    pub(super) request: String,
}

impl Generated {
    /// A compiler with these texts, each changed by `change`.
    pub(super) fn compiler(&self, change: fn(&str) -> String) -> claimsc::Compiler {
        let mut compiler = claimsc::Compiler::new();
        compiler.catalog("claims.yaml", &self.catalog);
        for (i, text) in self.files.iter().enumerate() {
            compiler.source(&format!("{i}.claims"), &change(text));
        }
        compiler
    }
}

/// How many audiences and clients there are at the most.
const PARTIES: usize = 200;

/// A policy of `rules` rules, so many of them in each file.
pub(super) fn generate(rules: usize, per_file: usize) -> Generated {
    let parties = (rules / 5).clamp(2, PARTIES);
    Generated { catalog: catalog(parties), files: policy(rules, per_file, parties), request: request() }
}

fn catalog(parties: usize) -> String {
    let mut text = String::from(
        "language: 1\nissuer: https://id.acme.example/\nowned_domains: [acme.example]\naudiences:\n",
    );
    for i in 0..parties {
        let _ = writeln!(text, "  api{i}: {{ id: \"https://api{i}.acme.example\" }}");
    }
    text.push_str("clients:\n");
    for i in 0..parties {
        let grants = "[authorization_code, refresh_token, client_credentials]";
        let _ =
            writeln!(text, "  app{i}: {{ id: \"app-{i}\", grants: {grants}, metadata: {{ tier: gold }} }}");
    }
    text.push_str(
        "user:\n  extends: oidc\n  plan: { enum: [free, pro, team] }\n  roles: { type: \"string[]\", max_items: 50, \
         max_length: 64, default: [] }\n  department: string?\n  level: { type: int, default: 0 }\n",
    );
    text
}

/// Each claim belongs to one audience, and its rules to different clients, so that no two of them meet.
fn policy(rules: usize, per_file: usize, parties: usize) -> Vec<String> {
    let names = "namespace ns = \"https://acme.example/claims/\"\nlet is_verified = user.email_verified\n";
    let mut files = vec![names.to_owned()];
    let mut text = String::new();
    for i in 0..rules {
        let (audience, place) = (i % parties, i / parties);
        let client = place % parties;
        let claim = match place {
            0..5 => 0,
            5..20 => 1,
            _ => 2 + (place - 20) / 60,
        };
        let condition = match i % 6 {
            0 => String::new(),
            1 => " and is_verified".to_owned(),
            2 => " and user.plan in [\"pro\", \"team\"]".to_owned(),
            3 => " and \"admin\" in user.roles".to_owned(),
            4 => " and user.email.domain = \"acme.example\"".to_owned(),
            _ => " and grant = authorization_code and user.level > 3".to_owned(),
        };
        let value = match (audience + claim) % 7 {
            0 => "user.email".to_owned(),
            1 => "user.roles.filter(r => r.starts_with(\"app-\"))".to_owned(),
            2 => format!("\"{i}:${{user.sub}}\""),
            3 => "user.email_verified".to_owned(),
            4 => format!("\"constant-{}\"", i % 50),
            5 => "user.department ?? \"none\"".to_owned(),
            _ => "user.email.lower()".to_owned(),
        };
        let _ = writeln!(
            text,
            "if audience = api{audience} and client = app{client}{condition} then add ns/c{audience}_{claim} = {value}"
        );
        if i % per_file == per_file - 1 {
            files.push(std::mem::take(&mut text));
        }
    }
    if !text.is_empty() {
        files.push(text);
    }
    files
}

fn request() -> String {
    r#"{ "grant": "authorization_code", "client": "app-0", "audience": "https://api0.acme.example",
         "scopes": ["openid", "email"], "now": "2026-11-20T12:00:00Z",
         "user": { "sub": "u1", "email": "a@acme.example", "email_verified": true, "plan": "pro", "level": 5,
                   "roles": ["app-dev", "admin", "app-ops"], "department": "sales" } }"#
        .to_owned()
}
