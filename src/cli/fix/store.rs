//! Files replaced as a whole: whoever reads one meanwhile sees the old text or the new one.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use crate::cli::{Stop, read};

/// Whether a file really is below a folder, links followed.
pub(super) fn is_below(path: &Path, folder: &Path) -> bool {
    match (fs::canonicalize(path), fs::canonicalize(folder)) {
        (Ok(path), Ok(folder)) => path.starts_with(folder),
        _ => false,
    }
}

/// Replaces the text of a file that still is as it was read; permissions stay.
pub(super) fn replace(path: &Path, before: &str, after: &str) -> Result<(), Stop> {
    let failed = |error: io::Error| {
        Stop::new(
            format!("`{}` cannot be written: {}", read::name(path), read::cause(&error)),
            "check the permissions of the file and its folder",
        )
    };
    // Behind a link the file itself is replaced, not the link.
    let path = fs::canonicalize(path).map_err(failed)?;
    if fs::read(&path).map_err(failed)? != before.as_bytes() {
        return Err(Stop::new(
            format!("`{}` has changed since it was read", read::name(&path)),
            "run the command again",
        ));
    }
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    // Hidden, so that nothing takes it for a file of the policy.
    let new = path.with_file_name(format!(".{name}.{}.new", std::process::id()));
    let written = write(&new, after, &path).and_then(|()| fs::rename(&new, &path));
    written.map_err(|error| {
        let _ = fs::remove_file(&new);
        failed(error)
    })
}

fn write(new: &Path, text: &str, like: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(new)?;
    file.write_all(text.as_bytes())?;
    file.set_permissions(fs::metadata(like)?.permissions())?;
    file.sync_all()
}
