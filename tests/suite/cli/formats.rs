//! Findings in every rendering.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{CATALOG, Run, Scene};

/// Two errors, one with a second place and a fix, and a warning; one of them in a folder with an odd name.
fn findings() -> Scene {
    Scene::new()
        .file(
            "prod/policy.claims",
            "namespace ns = \"https://acme.example/claims/\"\nadd ns/a = user.emial\n/// about nothing\n",
        )
        .file("prod/50% of, all/more.claims", "namespace ns = \"https://acme.example/other/\"\n")
        .bytes("prod/claims.yaml", CATALOG.as_bytes())
}

#[test]
fn one_line_each() {
    insta::assert_snapshot!(findings().show("check prod --format concise").record());
}

#[test]
fn annotations_of_github() {
    insta::assert_snapshot!(findings().show("check prod --format github").record());
}

#[test]
fn code_scanning() {
    let mut log = sarif(&findings().run("check prod --format sarif"));
    // What releases and pages change.
    let driver = &mut log["runs"][0]["tool"]["driver"];
    driver["version"] = "*".into();
    for rule in driver["rules"].as_array_mut().unwrap() {
        assert!(rule["help"]["markdown"].as_str().unwrap().contains("## Why"));
        rule.as_object_mut().unwrap().remove("help");
    }
    insta::assert_snapshot!(serde_json::to_string_pretty(&log).unwrap());
}

fn sarif(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap()
}

fn fingerprints(log: &Value) -> Vec<String> {
    let results = log["runs"][0]["results"].as_array().unwrap();
    results
        .iter()
        .map(|result| result["partialFingerprints"]["claimscFinding/v1"].as_str().unwrap().to_owned())
        .collect()
}

/// What the standard demands beyond its schema: rules by index, relative URIs, regions in order.
#[test]
fn results_of_sarif_refer_to_their_rules_and_files() {
    let log = sarif(&findings().run("check prod --format sarif"));
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        for location in result["locations"].as_array().unwrap() {
            let place = &location["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().unwrap();
            assert!(uri.starts_with("prod/") && !uri.contains([' ', ',', ':']), "{uri}");
            let at = |name: &str| place["region"][name].as_u64().unwrap();
            assert!((1, 1) <= (at("startLine"), at("startColumn")));
            assert!((at("startLine"), at("startColumn")) <= (at("endLine"), at("endColumn")));
        }
    }
}

#[test]
fn fingerprints_survive_lines_that_move() {
    let policy = |above: &str| {
        let text = format!(
            "{above}namespace ns = \"https://acme.example/claims/\"\nadd ns/a = user.emial\nadd ns/b = user.emial\nadd ns/a   =  user.emial\n"
        );
        let scene =
            Scene::new().bytes("policy.claims", text.as_bytes()).bytes("claims.yaml", CATALOG.as_bytes());
        fingerprints(&sarif(&scene.run("check --format sarif")))
    };
    let first = policy("");
    assert_eq!(first, policy("\n// more\n\n"));
    let different: BTreeSet<_> = first.iter().collect();
    assert_eq!(different.len(), first.len(), "each finding has its own, also of two on like lines");
}

#[test]
fn hundreds_of_findings_are_summarised_for_people() {
    let mut text = String::from("namespace ns = \"https://acme.example/claims/\"\n");
    for n in 0..300 {
        text.push_str(&format!("add ns/c{n} = user.emial\n/// about nothing\n\n"));
    }
    let scene = Scene::new().bytes("policy.claims", text.as_bytes()).bytes("claims.yaml", CATALOG.as_bytes());
    let all = scene.run("check").stdout;
    assert!(all.lines().count() < 1000, "{} lines", all.lines().count());
    insta::assert_snapshot!(
        all.lines().rev().take(6).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n")
    );
    let complete: Value = serde_json::from_str(&scene.run("check --format json").stdout).unwrap();
    assert_eq!(complete["diagnostics"].as_array().unwrap().len(), 600);
    assert_eq!(scene.run("check --format concise").stdout.lines().count(), 601);
}
