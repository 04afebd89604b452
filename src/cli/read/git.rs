//! The files of a policy at a revision of a git repository, as `git` itself tells them. Nothing is fetched.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::cli::Stop;

use super::{Folder, MAX_FILES, MAX_POLICY, Reader, walk};

/// Reads the policy at `REVISION[:PATH]`; the path starts at the current folder.
pub(in crate::cli) fn revision(name: &str) -> Result<Folder, Stop> {
    let (revision, path) = name.split_once(':').unwrap_or((name, "."));
    let path = path.trim_end_matches('/');
    let path = if path.is_empty() { "." } else { path };
    if revision.is_empty() || revision.starts_with('-') {
        return Err(Stop::new(
            format!("`git:{name}` names no revision"),
            "write it as `git:main`, or with a folder as `git:main:policies`",
        ));
    }
    let listed = git(&["ls-tree", "-r", "-z", revision, "--", &folder_of(path)])?;
    let listed = String::from_utf8_lossy(&listed).into_owned();
    let mut reader = Reader::default();
    let mut folder = Folder::default();
    let mut files: Vec<(String, String)> = listed.split('\0').filter_map(|line| entry(line, path)).collect();
    files.sort();
    for (number, (name, at)) in files.iter().enumerate() {
        let bytes = git(&["cat-file", "blob", &format!("{revision}:./{at}")])?;
        let file = reader.file(name, &*bytes, Path::new(at))?;
        match file {
            Some(file) if name == walk::CATALOG => folder.catalog = Some(file),
            file => folder.sources.extend(file),
        }
        if number >= MAX_FILES || reader.total > MAX_POLICY {
            return Err(Stop::new(
                format!("the policy at `git:{revision}` is too large"),
                "name the folder of one policy",
            ));
        }
    }
    let diagnostics = reader.findings.finish();
    folder.refused = (!diagnostics.is_empty()).then_some((reader.refused, diagnostics));
    if folder.sources.is_empty() && folder.refused.is_none() {
        return Err(Stop::new(
            format!("there is no `*.claims` file in `{path}` at `{revision}`"),
            "name the folder of a policy: `git:REVISION:PATH`, with a path from the current folder",
        ));
    }
    Ok(folder)
}

/// A folder as `ls-tree` wants it, so that it lists what is in it.
fn folder_of(path: &str) -> String {
    if path == "." || is_policy(path) { path.to_owned() } else { format!("{path}/") }
}

fn is_policy(name: &str) -> bool {
    name.ends_with(".claims")
}

/// Name and path of a file that belongs to the policy, of one line that `ls-tree` prints.
fn entry(line: &str, folder: &str) -> Option<(String, String)> {
    let (about, path) = line.split_once('\t')?;
    if !about.contains(" blob ") {
        return None;
    }
    let name = match path.strip_prefix(folder) {
        Some("") => path.rsplit('/').next()?,
        Some(rest) if folder != "." => rest.trim_start_matches('/'),
        _ => path,
    };
    let is_hidden = name.split('/').any(|part| part.starts_with('.'));
    let belongs = name == walk::CATALOG || is_policy(name);
    (belongs && !is_hidden).then(|| (name.to_owned(), path.to_owned()))
}

/// What `git` prints.
fn git(arguments: &[&str]) -> Result<Vec<u8>, Stop> {
    let output = Command::new("git").args(arguments).stdin(Stdio::null()).output().map_err(|error| {
        Stop::new(format!("`git` cannot be run: {error}"), "install git, or compare folders")
    })?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().next().unwrap_or_default().trim_start_matches("fatal: ").to_owned();
    Err(Stop::new(
        format!("`git` says: {said}"),
        "name a revision and a folder that are in the repository here",
    ))
}
