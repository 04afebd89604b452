//! A workload as a policy with its claims.yaml.

use std::fmt::Write as _;

use super::{
    Client, Condition, Form, GRANT, Level, NAMESPACE, PATTERNS, Rule, Workload, audience_alias, audience_id,
    client_id,
};

/// How many rules stand in one file.
const RULES_PER_FILE: usize = 5_000;

impl Workload {
    /// Text of claims.yaml.
    pub(crate) fn catalog(&self) -> String {
        let mut text = String::from(
            "language: 1\nissuer: https://id.acme.example/\nowned_domains: [acme.example]\naudiences:\n",
        );
        for audience in 0..self.audiences {
            let (alias, id) = (audience_alias(audience), audience_id(audience));
            let _ = writeln!(text, "  {alias}: {{ id: \"{id}\" }}");
        }
        text.push_str("clients:\n");
        for client in 0..self.clients {
            let id = client_id(client);
            let _ = writeln!(text, "  {id}: {{ id: {id}, grants: [{GRANT}] }}");
        }
        text.push_str(
            "user:\n  extends: oidc\n  email: email\n  email_verified: bool\n  nickname: string\n  \
             address: { country: string }\n  department: string?\n  \
             roles: { type: \"string[]\", max_items: 50, max_length: 64 }\n  \
             groups: { type: \"string[]\", max_items: 300, max_length: 64 }\n",
        );
        text
    }

    /// Texts of the policy's files.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut names = format!("namespace ns = \"{NAMESPACE}\"\n");
        let overridden = self.rules.iter().filter(|rule| rule.level == Level::Override);
        let overridden: std::collections::BTreeSet<&str> =
            overridden.map(|rule| rule.claim.as_str()).collect();
        for claim in overridden {
            let _ = writeln!(names, "claim ns/{claim} @overridable");
        }
        let files = self.rules.chunks(RULES_PER_FILE).map(|rules| {
            let mut text = String::new();
            for rule in rules {
                statement(&mut text, rule);
            }
            text
        });
        std::iter::once(names).chain(files).collect()
    }

    /// A compiler with these texts.
    pub(crate) fn compiler(&self) -> claimsc::Compiler {
        let mut compiler = claimsc::Compiler::new();
        compiler.catalog("claims.yaml", &self.catalog());
        for (i, text) in self.files().iter().enumerate() {
            compiler.source(&format!("{i}.claims"), text);
        }
        compiler
    }
}

fn statement(text: &mut String, rule: &Rule) {
    let audience = rule.audience.map(|audience| format!("audience = {}", audience_alias(audience)));
    let client = match rule.client {
        Client::Any => None,
        Client::Is(client) => Some(format!("client = {}", client_id(client))),
        Client::IsNot(client) => Some(format!("not (client = {})", client_id(client))),
    };
    let condition = match rule.condition {
        Condition::Always => None,
        Condition::Scope(scope) => Some(format!("\"{scope}\" in scopes")),
        Condition::Verified => Some("user.email_verified".to_owned()),
        Condition::InGroup(group) => Some(format!("\"group-{group}\" in user.groups")),
        Condition::Matches(pattern) => Some(format!("user.nickname.matches(/{}/)", PATTERNS[pattern])),
    };
    let conditions: Vec<String> = [audience, client, condition].into_iter().flatten().collect();
    let verb = match rule.level {
        Level::Default => "default",
        Level::Add => "add",
        Level::Override => "override",
    };
    let value = match rule.value {
        Form::Email => "user.email".to_owned(),
        Form::Roles => "user.roles".to_owned(),
        Form::Handle => "\"acct:${user.nickname.lower()}\"".to_owned(),
        Form::Verified => "user.email_verified".to_owned(),
        Form::Constant(number) => format!("\"tier-{number}\""),
        Form::Country => "user.address.country".to_owned(),
        Form::Department => "user.department ?? \"none\"".to_owned(),
        Form::AppRoles => "user.roles.filter(r => r.starts_with(\"app-\")).map(r => r.upper())".to_owned(),
        Form::Groups => "user.groups.filter(g => g.starts_with(\"group-1\"))".to_owned(),
    };
    let _ = writeln!(text, "if {} then {verb} ns/{} = {value}", conditions.join(" and "), rule.claim);
}
