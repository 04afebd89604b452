//! `claimsc init`: a first policy to start from.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::standard::profiles::Verb;
use crate::standard::{PROFILES, Profile};

use super::{Output, Stop, read};

/// The files, with `{profile}` to be filled in.
const FILES: [(&str, &str); 3] = [
    ("policy.claims", include_str!("init/policy.claims")),
    ("claims.yaml", include_str!("init/claims.yaml")),
    ("request.json", include_str!("init/request.json")),
];

/// The end of `policy.claims` where the host can refuse a request.
const DENIAL: &str = include_str!("init/denial.claims");

/// Writes a first policy, its claims.yaml and a sample request. Overwrites nothing.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claimsc init                             in the current folder
  claimsc init policies/prod --profile auth0")]
pub(super) struct Arguments {
    /// The folder; made if it is not there
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// The host that issues the tokens
    #[arg(long, default_value = "generic", value_parser = PROFILES)]
    profile: String,
}

pub(super) fn run(arguments: &Arguments) -> Result<Output, Stop> {
    let folder = &arguments.folder;
    refuse_to_overwrite(folder)?;
    let can_deny = Profile::find(&arguments.profile).is_some_and(|profile| !profile.lacks(Verb::Deny));
    let failed = |path: &Path, error: &io::Error| {
        Stop::new(
            format!("`{}` cannot be written: {}", read::name(path), read::cause(error)),
            "name a folder that this user may write to",
        )
    };
    fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
    let mut written: Vec<PathBuf> = Vec::new();
    for (name, text) in FILES {
        let path = folder.join(name);
        let mut text = text.replace("{profile}", &arguments.profile);
        if name == "policy.claims" && can_deny {
            text.push_str(DENIAL);
        }
        if let Err(error) = create(&path, &text, &mut written) {
            for path in &written {
                // What cannot be removed either is named by the next `init`.
                let _ = fs::remove_file(path);
            }
            return Err(failed(&path, &error));
        }
    }
    Ok(Output { stdout: next_steps(folder), ..Output::default() })
}

/// Looks before anything is written: a policy file that is there already would be compiled together with the new one.
fn refuse_to_overwrite(folder: &Path) -> Result<(), Stop> {
    let taken = |name: &str| {
        Err(Stop::new(
            format!("`{}` is there already; nothing was written", read::name(&folder.join(name))),
            "name a new folder, such as `claimsc init demo`",
        ))
    };
    if folder.exists() && !folder.is_dir() {
        return Err(Stop::new(
            format!("`{}` is there already and is no folder", read::name(folder)),
            "name a new folder, such as `claimsc init policy`",
        ));
    }
    for (name, _) in FILES {
        if fs::symlink_metadata(folder.join(name)).is_ok() {
            return taken(name);
        }
    }
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    match names.iter().find(|name| name.ends_with(".claims")) {
        Some(name) => taken(name),
        None => Ok(()),
    }
}

/// Writes a file that is not there yet; it counts as written as soon as it exists.
fn create(path: &Path, text: &str, written: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    written.push(path.to_owned());
    file.write_all(text.as_bytes())
}

fn next_steps(folder: &Path) -> String {
    let is_here = folder.as_os_str() == ".";
    let argument = if is_here { String::new() } else { format!(" {}", quoted(&read::name(folder))) };
    let request = quoted(&read::name(&if is_here {
        PathBuf::from("request.json")
    } else {
        folder.join("request.json")
    }));
    let files = FILES.map(|(name, _)| name).join(", ");
    let place = if is_here { "the current folder".to_owned() } else { format!("`{}`", read::name(folder)) };
    format!(
        "Wrote {files} to {place}.\n\n\
         Next:\n  \
         claimsc check{argument}\n  \
         claimsc eval{argument} --request {request}\n  \
         claimsc eval{argument} --request {request} --explain\n"
    )
}

/// A path as a shell takes it.
fn quoted(path: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+:@%,".contains(c);
    if path.chars().all(is_plain) { path.to_owned() } else { format!("'{}'", path.replace('\'', r"'\''")) }
}
