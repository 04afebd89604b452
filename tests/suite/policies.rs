//! The policies that people copy give what is written beside them.

use super::folder::{compile_folder, decide, entries, in_repository, name, normal, read_json, report};

#[test]
fn shipped_policies_give_the_results_beside_them() {
    let mut failures = Vec::new();
    let folders = entries(&in_repository("policies"));
    let folders: Vec<_> = folders.iter().filter(|path| path.is_dir()).collect();
    assert!(folders.len() >= 6, "there are {} policies", folders.len());
    for folder in folders {
        let policy = match compile_folder(folder) {
            Ok(policy) => policy,
            Err(errors) => {
                failures.push(format!("{}\n{errors}", name(folder)));
                continue;
            }
        };
        let requests: Vec<_> = entries(&folder.join("requests"))
            .into_iter()
            .filter(|path| !name(path).ends_with(".expected.json"))
            .collect();
        assert!(!requests.is_empty(), "{} has no requests", folder.display());
        for request in requests {
            let expected = normal(&read_json(&request.with_extension("expected.json")));
            let result = normal(&decide(&policy, &read_json(&request)));
            if result != expected {
                failures.push(format!(
                    "{}/{}\nexpected {expected}\n     got {result}",
                    name(folder),
                    name(&request)
                ));
            }
        }
    }
    report(&failures);
}
