//! Files, and how to see that they have changed.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The name of the catalog in a policy's folder.
pub(super) const CATALOG: &str = "claims.yaml";
/// No file of the server is larger.
const MAX_BYTES: u64 = 1 << 20;
/// Files of a policy.
const MAX_FILES: usize = 10_000;

/// Paths, sizes and times of change of files. It is compared and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp(Vec<(PathBuf, u64, Option<SystemTime>)>);

impl Stamp {
    pub(super) fn of(paths: Vec<PathBuf>) -> Result<Self, String> {
        let entries = paths.into_iter().map(|path| {
            // Follows links: a mounted config map changes by another target of a link.
            let data = fs::metadata(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            Ok((path, data.len(), data.modified().ok()))
        });
        entries.collect::<Result<_, String>>().map(Stamp)
    }
}

/// The catalog, if there is one, and the policy files of a folder and those in it, sorted. Names that start with a dot
/// are skipped.
pub(super) fn policy_files(root: &Path) -> Result<Vec<PathBuf>, String> {
    let failed = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    let mut open = vec![root.to_owned()];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).map_err(|error| failed(&folder, error))? {
            let path = entry.map_err(|error| failed(&folder, error))?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if name.starts_with('.') {
                continue;
            }
            let is_catalog = folder == root && name == CATALOG;
            let is_policy = path.extension().is_some_and(|extension| extension == "claims");
            if path.is_dir() {
                open.push(path);
            } else if is_catalog || is_policy {
                found.push(path);
            }
            if found.len() + open.len() > MAX_FILES {
                return Err(format!("{}: more than {MAX_FILES} files", root.display()));
            }
        }
    }
    if !found.iter().any(|path| path.extension().is_some_and(|extension| extension == "claims")) {
        return Err(format!("{}: there is no `*.claims` file", root.display()));
    }
    found.sort();
    Ok(found)
}

/// The text of a file.
pub(super) fn text(path: &Path) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    let mut text = String::new();
    fs::File::open(path).map_err(failed)?.take(MAX_BYTES + 1).read_to_string(&mut text).map_err(failed)?;
    if text.len() as u64 > MAX_BYTES {
        return Err(format!("{}: larger than 1 MiB", path.display()));
    }
    Ok(text)
}
