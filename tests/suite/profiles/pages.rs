//! `docs/profiles` says what the tables say. `UPDATE_DOCS=1 cargo test` writes it anew.

use std::collections::BTreeSet;

use claimsc::report::profile::{index, page};
use claimsc::standard::Profile;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/profiles");

#[test]
fn the_pages_are_up_to_date() {
    let mut pages = vec![("README.md".to_owned(), index(Profile::all()))];
    pages.extend(Profile::all().iter().map(|profile| (format!("{}.md", profile.name), page(profile))));
    for (name, text) in &pages {
        let path = format!("{FOLDER}/{name}");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::create_dir_all(FOLDER).unwrap();
            std::fs::write(&path, text).unwrap();
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(found == *text, "{path}: run `UPDATE_DOCS=1 cargo test` to write it anew");
    }
    let names: BTreeSet<String> = pages.into_iter().map(|(name, _)| name).collect();
    for entry in std::fs::read_dir(FOLDER).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(names.contains(&name), "docs/profiles/{name} belongs to no profile");
    }
}
