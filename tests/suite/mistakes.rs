//! Mistakes that real customisations of tokens make are found, and policies that look alike and are right are not.
//! See docs/mistakes.md.
//!
//! `tests/mistakes/<class>/` has policies `wrong-*.claims`, each of which has to give one of the class's diagnostics,
//! and `right-*.claims`, which may give none of them, no error and no warning. Without a claims.yaml of its own a class
//! uses that of the folder above.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use claimsc::diag::Severity;

use super::folder::{catalog, entries, in_repository, name, read, report};

/// Classes of mistakes, and the diagnostics that tell them.
const CLASSES: &[(&str, &[&str])] = &[
    (
        "api-misuse",
        &[
            "unknown-attribute",
            "unknown-method",
            "foreign-syntax",
            "unknown-name",
            "misplaced-target",
            "wrong-stage",
        ],
    ),
    ("client-controlled-claim", &["user-editable-authorization", "untrusted-in-token"]),
    ("debug-leftover", &["left-over-constant"]),
    ("dumps-whole-metadata", &["whole-object"]),
    ("email-not-verified", &["unverified-email"]),
    ("empty-string-default", &["empty-default"]),
    ("fail-open", &["restriction-may-be-unknown", "empty-or-absent"]),
    ("first-element-assumption", &["first-of-unordered"]),
    ("hardcoded-assurance", &["constant-assurance"]),
    ("hardcoded-identity", &["literal-identity"]),
    ("missing-boundary", &["missing-boundary"]),
    ("missing-null-check", &["part-may-be-absent", "value-may-be-absent"]),
    ("nondeterministic", &["time-in-claim"]),
    ("partial-match", &["substring-match"]),
    ("permissive-default", &["privileged-default"]),
    ("pii-in-token", &["pii-in-token"]),
    ("query-audience", &["raw-parameter"]),
    ("reserved-claim-overwritten", &["protocol-claim"]),
    ("secret-hardcoded", &["secret-literal"]),
    ("secret-in-token", &["secret-in-claim", "pii-in-token"]),
    ("stringly-typed", &["wrong-type", "impossible-value"]),
    ("substring-role-match", &["substring-match"]),
    ("type-confusion", &["wrong-type", "unknown-method", "unknown-attribute", "untyped-json"]),
    ("un-namespaced-claim", &["claim-without-namespace", "foreign-namespace"]),
    ("unbounded-claim", &["unbounded-attribute"]),
    ("unverified-jwt", &["decoded-token"]),
    ("user-editable-authz", &["user-editable-authorization"]),
    ("user-in-m2m", &["machine-loses-claim"]),
    ("wrong-token", &["pii-in-token", "identity-claim-in-access-token"]),
    ("wrong-value-bug", &["unknown-attribute", "impossible-value", "unused-let", "constant-condition"]),
];

/// The findings of a policy.
fn findings(catalog: &str, policy: &Path) -> Vec<(&'static str, Severity, String)> {
    let mut compiler = claimsc::Compiler::new();
    compiler.catalog("claims.yaml", catalog).source(&name(policy), &read(policy));
    let findings = compiler.compile().diagnostics.into_iter();
    findings.map(|finding| (finding.code.slug, finding.severity, finding.message)).collect()
}

#[test]
fn mistakes_are_found_and_look_alikes_are_not() {
    let root = in_repository("tests/mistakes");
    let shared = catalog(&root).expect("a claims.yaml for all classes");
    let mut failures = Vec::new();
    let mut summary = String::from("class: found of all, false alarms of all\n");
    for (class, slugs) in CLASSES {
        let folder = root.join(class);
        let facts = catalog(&folder).unwrap_or_else(|| shared.clone());
        let (mut wrong, mut found, mut right, mut alarms) = (0, 0, 0, 0);
        let policies =
            entries(&folder).into_iter().filter(|path| path.extension().is_some_and(|e| e == "claims"));
        for policy in policies {
            let all = findings(&facts, &policy);
            let place = format!("{class}/{}", name(&policy));
            if name(&policy).starts_with("wrong-") {
                wrong += 1;
                if all.iter().any(|(slug, ..)| slugs.contains(slug)) {
                    found += 1;
                } else {
                    failures.push(format!("{place}: not found, only {all:?}"));
                }
            } else {
                right += 1;
                let is_alarm = |(slug, severity, _): &(&str, Severity, String)| {
                    *severity <= Severity::Warning || slugs.contains(slug)
                };
                let alarm: Vec<_> = all.into_iter().filter(is_alarm).collect();
                if !alarm.is_empty() {
                    alarms += 1;
                    failures.push(format!("{place}: {alarm:?}"));
                }
            }
        }
        assert!(wrong >= 5 && right >= 5, "{class} has {wrong} wrong policies and {right} right ones");
        let _ = writeln!(summary, "{class}: {found}/{wrong}, {alarms}/{right}");
    }
    println!("{summary}");
    report(&failures);
}

#[test]
fn every_folder_of_mistakes_is_tested_and_told() {
    let known: BTreeSet<&str> = CLASSES.iter().map(|(class, _)| *class).collect();
    let table = read(&in_repository("docs/mistakes.md"));
    for folder in entries(&in_repository("tests/mistakes")).iter().filter(|path| path.is_dir()) {
        let class = name(folder);
        assert!(known.contains(class.as_str()), "tests/mistakes/{class} is not in the list");
    }
    for (class, slugs) in CLASSES {
        let row = table.lines().find(|line| line.starts_with(&format!("| {class} |")));
        let row = row.unwrap_or_else(|| panic!("docs/mistakes.md has no row for {class}"));
        for slug in *slugs {
            assert!(row.contains(slug), "docs/mistakes.md does not say that {slug} finds {class}");
        }
    }
}
