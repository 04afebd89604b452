//! The program as a whole: arguments, streams, `explain`, `schema`.

use std::fs::OpenOptions;
use std::process::Stdio;

use super::{Scene, clean};

#[test]
fn usage_errors_exit_with_2() {
    insta::assert_snapshot!(
        Scene::new()
            .show("chekc")
            .show("check --formt json")
            .show("check --format yaml")
            .show("eval")
            .show("init --profile nobody")
            .record()
    );
}

#[test]
fn help_is_no_error() {
    insta::assert_snapshot!(Scene::new().show("--version").show("check --help").show("eval --help").record());
    assert_eq!(Scene::new().run("").exit, 2);
}

#[test]
fn standard_input_is_read_once() {
    insta::assert_snapshot!(
        clean()
            .show("check - --catalog -")
            .show("eval - --request -")
            .show("eval --config - --request -")
            .record()
    );
}

#[test]
fn explain_shows_the_page() {
    let scene = Scene::new();
    let by_code = scene.run("explain C0020");
    assert_eq!((by_code.exit, by_code.stderr.as_str()), (0, ""));
    assert!(by_code.stdout.starts_with("# C0020 not-utf8\n"), "{}", by_code.stdout);
    assert_eq!(by_code.stdout, scene.run("explain not-utf8").stdout);
    assert_eq!(by_code.stdout, scene.run("explain c0020").stdout);
}

#[test]
fn explain_lists_every_diagnostic() {
    let run = Scene::new().run("explain");
    for code in claimsc::registry::all() {
        assert!(run.stdout.contains(code.slug), "{} is not listed", code.slug);
    }
}

#[test]
fn explain_of_an_unknown_code_suggests_one() {
    insta::assert_snapshot!(Scene::new().show("explain not-utf-8").show("explain zzzzzzzz").record());
}

#[test]
fn the_schema_is_json() {
    let run = Scene::new().run("schema");
    assert_eq!((run.exit, run.stderr.as_str()), (0, ""));
    let schema: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert!(schema["properties"]["language"].is_object(), "{schema}");
}

#[test]
fn a_closed_pipe_is_quiet() {
    let mut child = Scene::new()
        .command("explain")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_not_success() {
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = Scene::new().command("explain").stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.starts_with("error: standard output cannot be written"), "{stderr}");
}

#[test]
fn colours_only_where_they_are_wanted() {
    let scene = Scene::new().bytes("broken.claims", b"\xff");
    let is_coloured = |arguments: &str, variable: Option<(&str, &str)>| {
        let output = scene.command(arguments).envs(variable).output().unwrap();
        output.stdout.contains(&0x1b)
    };
    assert!(!is_coloured("check", None));
    assert!(is_coloured("check --color always", None));
    assert!(is_coloured("check --color always", Some(("NO_COLOR", "1"))));
    assert!(is_coloured("check", Some(("CLICOLOR_FORCE", "1"))));
    assert!(!is_coloured("check --color never", Some(("CLICOLOR_FORCE", "1"))));
    assert!(!is_coloured("check --format json --color always", None));
}
