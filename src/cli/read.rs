//! From paths to text: which files make up a policy, and what they hold.
//!
//! Nothing is guessed and nothing is left out silently: what cannot be read stops the command, and what is not fit to
//! be a policy file is a diagnostic like any other.

use std::fs::File as Handle;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::artifact::MAGIC;
use crate::diag::{Diagnostic, Findings};
use crate::registry::files::{NOT_UTF8, POLICY_TOO_LARGE, TOO_MANY_FILES};
use crate::source::{Sources, Span};
use crate::syntax::MAX_FILE_BYTES;
use crate::syntax::codes::FILE_TOO_LARGE;

use super::Stop;
use super::load::is_standard_input;

mod git;
mod walk;

pub(super) use git::revision;
use walk::Found;

/// Bytes of all files of a policy.
const MAX_POLICY: usize = 64 << 20;
/// Files of a policy.
const MAX_FILES: usize = 10_000;

/// A file's name, relative to the policy's folder with `/` between folders, and its text.
#[derive(Debug)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) text: String,
    /// Where it is; `None` for standard input.
    pub(super) path: Option<PathBuf>,
}

/// The files of a policy.
#[derive(Debug, Default)]
pub(super) struct Folder {
    pub(super) catalog: Option<File>,
    /// Sorted by name.
    pub(super) sources: Vec<File>,
    /// Why they are not fit to be compiled.
    pub(super) refused: Option<(Sources, Vec<Diagnostic>)>,
}

impl Folder {
    /// The catalog and the policy's files.
    pub(super) fn files(&self) -> impl Iterator<Item = &File> {
        self.catalog.iter().chain(&self.sources)
    }

    /// The same, to be changed.
    pub(super) fn files_mut(&mut self) -> impl Iterator<Item = &mut File> {
        self.catalog.iter_mut().chain(&mut self.sources)
    }
}

/// Whether a file is an artifact: by its name, or by how it begins.
pub(super) fn is_artifact(path: &Path) -> bool {
    let is_named = path.extension().is_some_and(|extension| extension == "claimsb");
    let begins = || {
        let mut start = [0; MAGIC.len()];
        Handle::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok() && start == MAGIC
    };
    !is_standard_input(path)
        && std::fs::metadata(path).is_ok_and(|file| file.is_file())
        && (is_named || begins())
}

/// Reads the policy at `path`: a folder, a file or `-`. A file's catalog is the `claims.yaml` beside it, unless
/// `catalog` is given.
pub(super) fn policy(path: &Path, catalog: Option<&Path>) -> Result<Folder, Stop> {
    if is_artifact(path) {
        return Err(Stop::new(
            format!("`{}` is an artifact, and this command looks at a policy's texts", name(path)),
            "name the folder that it was built of; `eval`, `mint`, `inputs`, `inspect` and `fingerprint` take artifacts",
        ));
    }
    let mut reader = Reader::default();
    let mut sources = Vec::new();
    let beside;
    let (found, catalog) = if is_standard_input(path) {
        sources.extend(reader.file("<stdin>", io::stdin().lock(), path)?);
        (Vec::new(), catalog)
    } else if std::fs::metadata(path).map_err(|error| unreadable(path, &error))?.is_dir() {
        beside = path.join(walk::CATALOG);
        let walk::Files { policy, has_catalog } = walk::files(path, catalog.is_some())?;
        (policy, catalog.or_else(|| has_catalog.then_some(beside.as_path())))
    } else {
        beside = path.with_file_name(walk::CATALOG);
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        (vec![Found { name, path: path.to_owned() }], catalog.or_else(|| beside.exists().then_some(&beside)))
    };
    let catalog = catalog.map(|path| reader.catalog(path)).transpose()?.flatten();
    for (i, Found { name, path }) in found.iter().enumerate() {
        if i == MAX_FILES {
            reader.refuse(name, "", 0, |span| {
                Diagnostic::new(
                    &TOO_MANY_FILES,
                    span,
                    format!("the policy has {} files, more than {MAX_FILES}", found.len()),
                )
                .help("name the folder of one policy, or put rules that belong together into one file")
            });
            break;
        }
        let file = open(path)?;
        sources.extend(reader.file(name, file, path)?);
        if reader.total > MAX_POLICY {
            reader.refuse(name, "", 0, |span| {
                Diagnostic::new(&POLICY_TOO_LARGE, span, "the policy's files are larger than 64 MiB together")
                    .help("name the folder of one policy; data belongs into the user directory")
            });
            break;
        }
    }
    let diagnostics = reader.findings.finish();
    let refused = (!diagnostics.is_empty()).then_some((reader.refused, diagnostics));
    Ok(Folder { catalog, sources, refused })
}

/// Reads files and keeps account.
#[derive(Default)]
struct Reader {
    total: usize,
    refused: Sources,
    findings: Findings,
}

impl Reader {
    fn catalog(&mut self, path: &Path) -> Result<Option<File>, Stop> {
        if is_standard_input(path) {
            return self.file("<stdin>", io::stdin().lock(), path);
        }
        let is_default = path.file_name().is_some_and(|name| name == walk::CATALOG);
        let name = if is_default { walk::CATALOG.to_owned() } else { name(path) };
        self.file(&name, open(path)?, path)
    }

    /// The file's text; `None` if it is not fit, which is then among the findings.
    fn file(&mut self, name: &str, file: impl Read, path: &Path) -> Result<Option<File>, Stop> {
        let bytes = limited(file, MAX_FILE_BYTES).map_err(|error| unreadable(path, &error))?;
        let Some(bytes) = bytes else {
            self.total += MAX_FILE_BYTES;
            self.refuse(name, "", 0, |span| {
                Diagnostic::new(&FILE_TOO_LARGE, span, "the file is larger than 1 MiB")
                    .help("split the file; all `*.claims` files of a folder compile as one policy")
            });
            return Ok(None);
        };
        self.total += bytes.len();
        let bytes = match String::from_utf8(bytes) {
            Ok(text) => {
                let path = (!is_standard_input(path)).then(|| path.to_owned());
                return Ok(Some(File { name: name.to_owned(), text, path }));
            }
            Err(error) => error,
        };
        let at = bytes.utf8_error().valid_up_to();
        let bytes = bytes.into_bytes();
        let byte = bytes.get(at).copied().unwrap_or_default();
        let is_utf16 = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
        self.refuse(name, &String::from_utf8_lossy(&bytes), at, |span| {
            Diagnostic::new(&NOT_UTF8, span, "the file is not UTF-8")
                .label(format!("the byte {byte:02X} does not belong here"))
                .help(if is_utf16 {
                    "save the file as UTF-8, not as UTF-16"
                } else {
                    "save the file as UTF-8"
                })
        });
        Ok(None)
    }

    /// Adds a finding about a file at a byte offset.
    fn refuse(&mut self, name: &str, text: &str, at: usize, finding: impl FnOnce(Span) -> Diagnostic) {
        let file = self.refused.add(name, text);
        self.findings.push(finding(Span::new(file, at, at)));
    }
}

/// The bytes of a file that is not part of the policy; `what` says what it is for.
pub(super) fn bytes(path: &Path, limit: usize, what: &str) -> Result<Vec<u8>, Stop> {
    let bytes = if is_standard_input(path) {
        limited(io::stdin().lock(), limit)
    } else {
        limited(open(path)?, limit)
    };
    bytes.map_err(|error| unreadable(path, &error))?.ok_or_else(|| {
        Stop::new(
            format!("the {what} `{}` is larger than {} MiB", name(path), limit >> 20),
            "name a smaller file",
        )
    })
}

/// At most `limit` bytes; `None` if there are more.
fn limited(file: impl Read, limit: usize) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    file.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() <= limit).then_some(bytes))
}

fn open(path: &Path) -> Result<Handle, Stop> {
    Handle::open(path).map_err(|error| unreadable(path, &error))
}

/// How messages name a path.
pub(super) fn name(path: &Path) -> String {
    if is_standard_input(path) {
        return "<stdin>".to_owned();
    }
    let path = path.strip_prefix(".").ok().filter(|rest| !rest.as_os_str().is_empty()).unwrap_or(path);
    let name = path.to_string_lossy();
    if cfg!(windows) { name.replace('\\', "/") } else { name.into_owned() }
}

/// What the operating system says, without its number.
pub(super) fn cause(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// A path that cannot be read.
fn unreadable(path: &Path, error: &io::Error) -> Stop {
    let name = name(path);
    match error.kind() {
        io::ErrorKind::NotFound => Stop::new(
            format!("there is no file or folder `{name}`"),
            "check the path; it starts at the current folder",
        ),
        io::ErrorKind::PermissionDenied => Stop::new(
            format!("`{name}` may not be read: permission denied"),
            "grant this user the right to read it",
        ),
        io::ErrorKind::IsADirectory => {
            Stop::new(format!("`{name}` is a folder, not a file"), "name a file in it")
        }
        _ => Stop::new(
            format!("`{name}` cannot be read: {}", cause(error)),
            "check the path and what it leads to",
        ),
    }
}
