//! `claimsc eval`.

use super::{CATALOG, POLICY, REQUEST, Scene, clean};

#[test]
fn tokens_are_issued() {
    insta::assert_snapshot!(
        clean().file("request.json", REQUEST).show("eval --request request.json").record()
    );
}

#[test]
fn a_request_from_standard_input() {
    let run = clean().feed("eval --request -", REQUEST.as_bytes());
    assert_eq!((run.exit, run.stderr.as_str()), (0, ""));
    let result: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(result["access_token"]["https://acme.example/claims/plan"], "pro");
    let with_mark = [b"\xef\xbb\xbf", REQUEST.as_bytes()].concat();
    assert_eq!(clean().feed("eval --request -", &with_mark).stdout, run.stdout);
}

#[test]
fn a_denial_exits_with_3() {
    let request = REQUEST.replace("pro", "suspended");
    insta::assert_snapshot!(
        clean().file("request.json", &request).show("eval --request request.json").record()
    );
}

#[test]
fn an_evaluation_error_exits_with_2() {
    let request = REQUEST.replace("\"pro\"", "\"secret plan\"");
    let run = clean().file("request.json", &request).show("eval --request request.json").record();
    let printed = run.split("$ claimsc").last().unwrap();
    assert!(!printed.contains("secret plan"), "a value of the request is shown");
    insta::assert_snapshot!(run);
}

#[test]
fn what_happened_is_explained() {
    insta::assert_snapshot!(
        clean()
            .file("policy.claims", POLICY)
            .file("request.json", REQUEST)
            .show("eval --request request.json --explain")
            .show("eval --request request.json --explain --show-values --format json")
            .show("eval --request request.json --show-values")
            .record()
    );
}

#[test]
fn warnings_go_to_standard_error() {
    let scene = clean().file("more.claims", "add \"https://acme.example/more\" = 1\n/// about nothing\n");
    let run = scene.feed("eval --request -", REQUEST.as_bytes());
    assert_eq!(run.exit, 0);
    assert!(run.stderr.starts_with("warning C0112 stray-doc-comment\n"), "{}", run.stderr);
    assert!(run.stdout.starts_with("{\n  \"decision\": \"issue\","), "{}", run.stdout);
    let without_catalog = Scene::new().bytes("policy.claims", b"add \"https://acme.example/more\" = 1\n");
    assert_eq!(
        without_catalog.feed("eval --request -", REQUEST.as_bytes()).stderr,
        "",
        "notes are left to `check`"
    );
}

#[test]
fn a_policy_with_errors_is_not_evaluated() {
    insta::assert_snapshot!(
        Scene::new()
            .bytes("claims.yaml", CATALOG.as_bytes())
            .file("policy.claims", "namespace ns = \"https://acme.example/claims/\"\nadd ns/a = user.emial\n")
            .bytes("request.json", REQUEST.as_bytes())
            .show("eval --request request.json")
            .show("eval --request request.json --format json")
            .record()
    );
}

#[test]
fn malformed_requests_exit_with_2() {
    let deep = format!("{{\"user\": {}{}}}", "[".repeat(1_000), "]".repeat(1_000));
    let mut scene = clean();
    for (name, text) in [
        ("empty.json", ""),
        ("cut.json", "{ \"grant\": \"authorization_code\","),
        ("list.json", "[]"),
        ("no-grant.json", "{}"),
        ("unknown-grant.json", r#"{ "grant": "auth_code", "client": "web" }"#),
        ("twice.json", "{\n  \"grant\": \"authorization_code\",\n  \"grant\": \"password\"\n}"),
        ("number.json", r#"{ "grant": "client_credentials", "client": "job", "now": 1e999 }"#),
        ("wrong-type.json", r#"{ "grant": "client_credentials", "client": "job", "scopes": 7 }"#),
        ("no-user.json", r#"{ "grant": "authorization_code", "client": "web" }"#),
        (
            "machine-user.json",
            r#"{ "grant": "client_credentials", "client": "job", "user": { "sub": "x" } }"#,
        ),
    ] {
        scene = scene.file(name, text).show(&format!("eval --request {name}"));
    }
    let scene = scene
        .bytes("deep.json", deep.as_bytes())
        .bytes("latin1.json", b"{ \"client\": \"\xe9\" }")
        .bytes("nul.json", b"{ \0 }")
        .bytes("huge.json", &vec![b' '; (16 << 20) + 1]);
    insta::assert_snapshot!(
        scene
            .show("eval --request deep.json")
            .show("eval --request latin1.json")
            .show("eval --request nul.json")
            .show("eval --request huge.json")
            .show("eval --request nowhere.json")
            .show("eval --request .")
            .record()
    );
}
