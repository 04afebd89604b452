//! The rules in JavaScript, for every engine of it.

use crate::engine::{Plain, by_pair, plain};
use crate::workload::{Condition, Form, Workload};

/// A script whose value is a function from a request to claims.
pub(crate) fn script(workload: &Workload) -> String {
    let body = statements(&plain(workload), false);
    format!("function decide(r) {{\n  const c = {{}};\n{body}  return c;\n}}\ndecide")
}

/// The same with a map of functions.
pub(crate) fn indexed_script(workload: &Workload) -> String {
    let functions = by_pair(workload).into_iter().map(|((audience, client), rules)| {
        format!("[{:?}, (r, c) => {{\n{}}}],\n", format!("{audience} {client}"), statements(&rules, true))
    });
    format!(
        "const index = new Map([\n{}]);\nfunction decide(r) {{\n  const c = {{}};\n  const f = index.get(r.audience + \
         \" \" + r.client);\n  if (f !== undefined) f(r, c);\n  return c;\n}}\ndecide",
        functions.collect::<String>()
    )
}

fn statements(rules: &[Plain], indexed: bool) -> String {
    let mut text = String::new();
    for rule in rules {
        let mut conditions = Vec::new();
        if !indexed {
            conditions.push(format!("r.audience === {:?} && r.client === {:?}", rule.audience, rule.client));
        }
        match rule.condition {
            Condition::Scope(scope) => conditions.push(format!("r.scopes.includes({scope:?})")),
            Condition::Verified => conditions.push("r.user.email_verified".to_owned()),
            _ => {}
        }
        let condition =
            if conditions.is_empty() { String::new() } else { format!("if ({}) ", conditions.join(" && ")) };
        let value = match rule.value {
            Form::Email => "r.user.email".to_owned(),
            Form::Roles => "r.user.roles".to_owned(),
            Form::Handle => "\"acct:\" + r.user.nickname.toLowerCase()".to_owned(),
            Form::Verified => "r.user.email_verified".to_owned(),
            Form::Constant(number) => format!("\"tier-{number}\""),
            Form::Country => "r.user.address.country".to_owned(),
            _ => "r.user.department ?? \"none\"".to_owned(),
        };
        text.push_str(&format!("  {condition}c[{:?}] = {value};\n", rule.name));
    }
    text
}
