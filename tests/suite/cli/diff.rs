//! `claimsc diff`.

use std::process::Command;

use super::{CATALOG, POLICY, Scene};

/// The policy in other words and two files.
const SAME: [(&str, &str); 2] = [
    (
        "people.claims",
        r#"namespace ns = "https://acme.example/claims/"
let verified = user.email_verified
rule people: if not (not verified or not audience = api) then add ns/plan = user.plan
"#,
    ),
    (
        "machines/all.claims",
        r#"if client = job then add ns/job = true
if audience = api then deny "no suspended users" unless grant = client_credentials or user.plan != "suspended"
"#,
    ),
];

fn scene() -> Scene {
    let scene = Scene::new().file("old/policy.claims", POLICY).file("old/claims.yaml", CATALOG);
    let scene = scene.bytes("new/claims.yaml", CATALOG.as_bytes());
    SAME.iter()
        .fold(scene, |scene, (name, text)| scene.bytes(&format!("same/{name}"), text.as_bytes()))
        .bytes("same/claims.yaml", CATALOG.as_bytes())
}

#[test]
fn other_words_are_proven_equal() {
    let scene = scene();
    let run = scene.run("diff old same");
    assert_eq!((run.exit, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    assert!(run.stdout.starts_with("proven equal: "), "{}", run.stdout);
    assert_eq!(scene.run("diff old old").exit, 0);
}

#[test]
fn what_differs_is_shown_with_requests() {
    let new = POLICY.replace(" and user.email_verified", "").replace("job = true", "job = \"yes\"");
    insta::assert_snapshot!(
        scene()
            .file("new/policy.claims", &new)
            .show("diff old new")
            .show("diff old new --format markdown")
            .show("diff old new --format json")
            .show("diff old new --deny new-claim,lost-claim")
            .show("diff old new --deny new-clam")
            .record()
    );
}

#[test]
fn facts_that_change_are_told() {
    let catalog =
        CATALOG.replace("clients:\n", "clients:\n  app: { id: app, grants: [device_code] }\n").replace(
            "plan: { enum: [free, pro, suspended] }",
            "plan: { enum: [free, pro, suspended], label: pii }",
        );
    let scene = scene().bytes("new/policy.claims", POLICY.as_bytes());
    insta::assert_snapshot!(
        scene
            .file("new/claims.yaml", &catalog)
            .show("diff old new")
            .show("diff old new --deny value")
            .record()
    );
}

#[test]
fn a_policy_with_errors_is_not_compared() {
    insta::assert_snapshot!(
        scene().bytes("new/policy.claims", b"add (\n").show("diff old new").show("diff old nowhere").record()
    );
}

#[test]
fn revisions_of_git_are_versions() {
    let scene = scene();
    let git = |arguments: &[&str]| {
        let settings = ["-c", "user.name=a", "-c", "user.email=a@acme.example", "-c", "commit.gpgsign=false"];
        let mut command = Command::new("git");
        command.args(settings).args(arguments).current_dir(scene.path(".")).env("GIT_CONFIG_NOSYSTEM", "1");
        command.output().is_ok_and(|output| output.status.success())
    };
    assert!(git(&["init", "--quiet"]), "this test needs `git`");
    assert!(git(&["add", "."]) && git(&["commit", "--quiet", "-m", "first"]));
    let run = scene.run("diff git:HEAD:old same");
    assert_eq!((run.exit, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    let scene = scene.bytes("old/policy.claims", POLICY.replace("job = true", "job = false").as_bytes());
    let run = scene.run("diff git:HEAD:old old --format json");
    assert_eq!(run.exit, 1);
    assert!(run.stdout.contains("\"kind\": \"value\""), "{}", run.stdout);
    assert_eq!(scene.run("diff git:HEAD:old git:HEAD:same").exit, 0);
    for wrong in
        ["diff git:nowhere:old old", "diff git:HEAD:nothing old", "diff git: old", "diff git:--help old"]
    {
        let run = scene.run(wrong);
        assert_eq!((run.exit, run.stdout.as_str()), (2, ""), "{wrong}: {}", run.stderr);
        assert!(run.stderr.contains("help: "), "{wrong}: {}", run.stderr);
    }
}
