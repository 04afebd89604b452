//! Client libraries that nobody here wrote go through all flows, and are refused where they should be.
//!
//! `tests/clients/install` installs them. Without them a test says that it was skipped; with `CI=true` it fails.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::program::Program;

const IN_BOTH: [&str; 9] = [
    "discovery",
    "login of a public client",
    "userinfo",
    "refresh with rotation",
    "a refresh token that comes again ends the session",
    "what the policy denies",
    "machines",
    "machines that are refused",
    "password of a test user",
];

const IN_NODE: [&str; 14] = [
    "refresh with fewer scopes, and not with more",
    "login of a confidential client for another API",
    "a code that comes again ends the session",
    "a code with a wrong verifier is used up",
    "a code of another client is refused",
    "a wrong password",
    "a form of another browser",
    "cancelled",
    "no sign-in without a form",
    "no plain PKCE",
    "no foreign scope",
    "no foreign resource",
    "no implicit flow",
    "no foreign redirect",
];

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(name)
}

/// Runs a client against a new server and holds what it reports against the steps that there are.
fn run(program: &Path, script: &str, installed: &Path, steps: &[&str]) {
    if !installed.exists() {
        let text = format!("{script}: tests/clients/install has not installed what it needs");
        assert!(!std::env::var("CI").is_ok_and(|value| value == "true"), "{text}");
        println!("skipped: {text}");
        return;
    }
    let server = Program::start(&[]);
    let output = Command::new(program).arg(folder(script)).arg(server.issuer()).output().expect("it starts");
    let (report, problem) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{report}{problem}\n{}", server.log());
    let reported: Vec<&str> = report.lines().collect();
    for step in steps {
        assert!(reported.contains(step), "`{step}` is missing:\n{report}");
    }
    assert_eq!(reported.len(), steps.len() + 1, "{report}");
    println!("{}: {} steps", reported.last().expect("a version"), steps.len());
    for event in [
        "info issued client=billing grant=client_credentials jti=",
        "warn used-again client=shop what=\"refresh token\"",
        "info denied client=shop code=access_denied rule=people.claims:",
        // The last one of both.
        "warn sign-in-refused client=shop-tests",
    ] {
        server.expect_log(event);
    }
    says_nothing_private(&server.log());
}

/// The log has events and nothing that somebody could use or should not know.
fn says_nothing_private(log: &str) {
    for private in ["alice", "Alice", "bob", "u-1", "demo-", "eyJ", "acme.example/claims", "Bearer", "code="]
    {
        let lines: Vec<&str> = log.lines().filter(|line| line.contains(private)).collect();
        let is_denial = |line: &&str| private == "code=" && line.starts_with("info denied ");
        assert!(lines.iter().all(is_denial), "`{private}` in the log: {lines:?}");
    }
}

#[test]
fn openid_client_signs_in_refreshes_and_is_refused() {
    let steps = [&IN_BOTH[..], &IN_NODE].concat();
    run(Path::new("node"), "node/client.mjs", &folder("node/node_modules"), &steps);
}

#[test]
fn authlib_signs_in_refreshes_and_is_refused() {
    let python = folder("python/venv/bin/python");
    run(&python, "python/client.py", &python, &IN_BOTH);
}
