//! Requests that show findings, as files that `claimsc eval --request` reads.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use crate::diag::Diagnostic;
use crate::report;

use super::{Stop, read};

/// Writes `<slug>-<number>.json` for every finding with a request, counted by slug in the order of findings, and says
/// how many.
pub(super) fn write(folder: &Path, findings: &[Diagnostic]) -> Result<String, Stop> {
    let failed = |path: &Path, error: &io::Error| {
        Stop::new(
            format!("`{}` cannot be written: {error}", read::name(path)),
            "name a folder that this user may write to",
        )
    };
    fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    let mut count = 0;
    for finding in findings {
        let Some(request) = report::witness(finding) else { continue };
        let number = numbers.entry(finding.code.slug).or_default();
        *number += 1;
        count += 1;
        let path = folder.join(format!("{}-{number}.json", finding.code.slug));
        fs::write(&path, report::pretty(&request)).map_err(|error| failed(&path, &error))?;
    }
    let plural = if count == 1 { "" } else { "s" };
    Ok(format!("{count} request{plural} written to {}\n", read::name(folder)))
}
