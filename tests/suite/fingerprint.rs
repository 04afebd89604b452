//! Fingerprints of the policies in this repository: the same however they are laid out, and each one's own.

use std::collections::BTreeMap;

use claimsc::analysis::fingerprint::fingerprint;
use claimsc::diag::Severity;

use super::folder::{catalog, compile, name, report, sources};
use super::order::{items, policies};

#[test]
fn layout_changes_nothing() {
    let mut failures = Vec::new();
    let mut owners = BTreeMap::new();
    for (folder, _) in policies() {
        let catalog = catalog(&folder);
        let files = sources(&folder);
        let of = |files: &[(String, String)]| {
            compile(catalog.as_deref(), files, Severity::Error).map(|policy| fingerprint(policy.unit()))
        };
        let written = of(&files).expect("it compiles, as other tests see");
        if let Some(other) = owners.insert(written.clone(), name(&folder)) {
            failures.push(format!("{} is {other}", name(&folder)));
        }
        let apart = files.iter().flat_map(|(file, text)| {
            items(file, text)
                .into_iter()
                .enumerate()
                .map(move |(i, item)| (format!("{i}-{file}"), item.to_owned()))
        });
        let mut apart: Vec<_> = apart.collect();
        apart.reverse();
        let together = files.iter().map(|(_, text)| text.replace('\n', "  // a comment\r\n\r\n   "));
        let together = vec![("all.claims".to_owned(), together.collect::<String>())];
        for (layout, files) in [("apart, reversed", &apart), ("together, with comments", &together)] {
            match of(files) {
                Ok(found) if found == written => {}
                other => failures.push(format!("{}, {layout}: {other:?}, not {written}", name(&folder))),
            }
        }
    }
    assert!(owners.len() > 40, "there are {} policies", owners.len());
    report(&failures);
}
