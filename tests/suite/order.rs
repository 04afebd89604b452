//! The first property of every policy: the order of files and of items changes no result.

use std::path::{Path, PathBuf};

use claimsc::diag::Severity;
use claimsc::source::Sources;
use serde_json::Value;

use super::folder::{
    catalog, compile, decide, entries, in_repository, name, normal, read_json, report, sources,
};

#[test]
fn order_changes_nothing() {
    let mut failures = Vec::new();
    for (folder, requests) in policies() {
        let catalog = catalog(&folder);
        let mut files = sources(&folder);
        let written =
            compile(catalog.as_deref(), &files, Severity::Error).expect("it compiles, as other tests see");
        files.reverse();
        for (name, text) in &mut files {
            *text = reversed(name, text);
        }
        let policy = match compile(catalog.as_deref(), &files, Severity::Error) {
            Ok(policy) => policy,
            Err(errors) => {
                failures.push(format!("{}: only as written\n{errors}", name(&folder)));
                continue;
            }
        };
        for (index, request) in requests.iter().enumerate() {
            let (as_written, result) = (decide(&written, request), decide(&policy, request));
            if normal(&as_written) != normal(&result) {
                failures.push(format!(
                    "{} {index}\n as written {as_written}\n   reversed {result}",
                    name(&folder)
                ));
            }
        }
    }
    report(&failures);
}

/// All folders of policies in this repository, each with its requests.
pub(crate) fn policies() -> Vec<(PathBuf, Vec<Value>)> {
    let shipped = entries(&in_repository("policies")).into_iter().map(|folder| {
        let requests = entries(&folder.join("requests")).into_iter().filter(|path| !is_expected(path));
        let requests = requests.map(|path| read_json(&path)).collect();
        (folder, requests)
    });
    let tasks =
        entries(&in_repository("tests/corpus")).into_iter().filter(|path| path.is_dir()).map(|folder| {
            let examples = read_json(&folder.join("examples.json"));
            let examples = examples["examples"].as_array().cloned().unwrap_or_default();
            let requests = examples.iter().map(|example| example["request"].clone()).collect();
            (folder, requests)
        });
    shipped.chain(tasks).collect()
}

fn is_expected(path: &Path) -> bool {
    name(path).ends_with(".expected.json")
}

/// The text with its items, each with what stands before it, from the last to the first.
fn reversed(name: &str, text: &str) -> String {
    // A newline each, because a comment may stand at the start of the next piece.
    items(name, text).iter().rev().fold(String::new(), |all, piece| all + piece + "\n")
}

/// The items of a text, each with what stands before it.
pub(crate) fn items<'t>(name: &str, text: &'t str) -> Vec<&'t str> {
    let file = Sources::new().add(name, text);
    let items = claimsc::syntax::parse(file, text).file.items;
    let ends = items.iter().map(|item| item.span.end as usize);
    let starts = std::iter::once(0).chain(ends.clone());
    let pieces: Vec<&str> = starts.zip(ends).filter_map(|(start, end)| text.get(start..end)).collect();
    assert_eq!(pieces.len(), items.len());
    pieces
}
