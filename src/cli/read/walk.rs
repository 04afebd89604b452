//! Which files of a folder make up a policy: all `*.claims`, recursively, and the `claims.yaml` in its root.
//!
//! Folders and files whose name starts with a dot are skipped (version control, editors, the `..data` of mounted
//! config maps). Symbolic links are followed; what is reached twice is refused, because its rules would count twice.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::cli::Stop;

use super::unreadable;

/// The name of the catalog in a policy's folder.
pub(super) const CATALOG: &str = "claims.yaml";
/// Files and folders that are looked at.
const MAX_ENTRIES: usize = 200_000;

/// A policy file: its name relative to the folder, with `/`, and where it is.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) name: String,
    pub(super) path: PathBuf,
}

/// The files of a policy's folder.
#[derive(Debug)]
pub(super) struct Files {
    /// Sorted by name, at least one.
    pub(super) policy: Vec<Found>,
    pub(super) has_catalog: bool,
}

/// Finds the files below `root`. With a catalog from elsewhere (`has_other_catalog`), misplaced ones do not matter.
pub(super) fn files(root: &Path, has_other_catalog: bool) -> Result<Files, Stop> {
    let mut walk = Walk { root, has_other_catalog, entries: 0, seen: BTreeMap::new(), found: Vec::new() };
    let mut open = vec![(root.to_owned(), String::new())];
    while let Some((path, name)) = open.pop() {
        let folders = walk.folder(&path, &name)?;
        // Backwards, so that the stack gives them in order and the first complaint is always the same one.
        open.extend(folders.into_iter().rev());
    }
    let mut policy = walk.found;
    if policy.is_empty() {
        let root = super::name(root);
        return Err(Stop::new(
            format!("there is no `*.claims` file in the folder `{root}`"),
            format!("name the folder of a policy, or run `claimsc init {root}` to write a first one"),
        ));
    }
    policy.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Files { policy, has_catalog: root.join(CATALOG).exists() })
}

struct Walk<'a> {
    root: &'a Path,
    has_other_catalog: bool,
    entries: usize,
    /// Where folders and policy files really are, and the name under which each was met.
    seen: BTreeMap<PathBuf, String>,
    found: Vec<Found>,
}

impl Walk<'_> {
    /// Takes the files of one folder and gives its folders, sorted.
    fn folder(&mut self, path: &Path, name: &str) -> Result<Vec<(PathBuf, String)>, Stop> {
        let failed = |error: io::Error| unreadable(path, &error);
        let real = fs::canonicalize(path).map_err(failed)?;
        self.once(real, name)?;
        let mut entries = Vec::new();
        for entry in fs::read_dir(path).map_err(failed)? {
            self.entries += 1;
            if self.entries > MAX_ENTRIES {
                return Err(Stop::new(
                    format!("there are more than {MAX_ENTRIES} files below `{}`", super::name(self.root)),
                    "name the folder of one policy",
                ));
            }
            entries.push(entry.map_err(failed)?.file_name());
        }
        entries.sort();
        let mut folders = Vec::new();
        let is_root = name.is_empty();
        for entry in &entries {
            let at = path.join(entry);
            let Some(entry) = entry.to_str() else {
                if at.extension().is_some_and(|extension| extension == "claims") {
                    return Err(Stop::new(
                        format!("the name of the file `{}` is not UTF-8", super::name(&at)),
                        "rename the file",
                    ));
                }
                continue;
            };
            if entry.starts_with('.') {
                continue;
            }
            let entry_name = if is_root { entry.to_owned() } else { format!("{name}/{entry}") };
            let is_policy = entry.len() > ".claims".len() && entry.ends_with(".claims");
            match fs::metadata(&at) {
                Ok(metadata) if metadata.is_dir() => folders.push((at, entry_name)),
                Ok(metadata) if is_policy && metadata.is_file() => self.policy_file(at, entry_name)?,
                Ok(_) if is_policy => {
                    return Err(Stop::new(
                        format!("`{}` is not a file", super::name(&at)),
                        "rename or remove it",
                    ));
                }
                Ok(_) => self.misplaced_catalog(entry, &entry_name, is_root)?,
                Err(error) if is_policy => return Err(unreadable(&at, &error)),
                // A link that leads nowhere and is no policy file.
                Err(_) => {}
            }
        }
        Ok(folders)
    }

    fn policy_file(&mut self, path: PathBuf, name: String) -> Result<(), Stop> {
        let real = fs::canonicalize(&path).map_err(|error| unreadable(&path, &error))?;
        self.once(real, &name)?;
        self.found.push(Found { name, path });
        Ok(())
    }

    fn once(&mut self, real: PathBuf, name: &str) -> Result<(), Stop> {
        let shown = |name: &str| if name.is_empty() { ".".to_owned() } else { name.to_owned() };
        match self.seen.insert(real, name.to_owned()) {
            None => Ok(()),
            Some(first) => Err(Stop::new(
                format!("`{}` and `{}` are the same, by a symbolic link", shown(&first), shown(name)),
                "remove the link: its rules would count twice",
            )),
        }
    }

    /// A catalog that would not be read although somebody wrote it.
    fn misplaced_catalog(&self, entry: &str, name: &str, is_root: bool) -> Result<(), Stop> {
        if self.has_other_catalog {
            return Ok(());
        }
        if entry == CATALOG && !is_root {
            let folder = super::name(self.root.join(name).parent().unwrap_or(self.root));
            return Err(Stop::new(
                format!(
                    "`{name}` is below the folder `{}`, whose own `{CATALOG}` alone is read",
                    super::name(self.root)
                ),
                format!(
                    "check one policy at a time, such as `claimsc check {folder}`, or name a catalog with `--catalog`"
                ),
            ));
        }
        let is_near = ["claims.yml", "claim.yaml", "claim.yml", CATALOG]
            .iter()
            .any(|near| entry.eq_ignore_ascii_case(near));
        if is_root && is_near && entry != CATALOG && !self.root.join(CATALOG).exists() {
            return Err(Stop::new(
                format!("`{entry}` is not read: the catalog's name is `{CATALOG}`"),
                format!("rename it to `{CATALOG}`, or name it with `--catalog`"),
            ));
        }
        Ok(())
    }
}
