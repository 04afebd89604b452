//! `claimsc check --fix`: applies the fixes of findings, round by round, until none is left.
//!
//! A fix is applied as a whole or not at all, and never over another one of the same round; what it overlaps is tried
//! again in the next round, when the findings are new. A file that cannot be parsed as far as before is put back.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::compile::Compilation;
use crate::diag::{Applicability, Edit, Fix, Severity};
use crate::source::Sources;

use super::Stop;
use super::load::{Inputs, PolicyArguments, is_standard_input};

mod diff;
mod store;

pub(super) use diff::unified;

/// Rounds without fewer findings than ever: fixes that only make room for others take a few, those that undo each
/// other never end.
const PATIENCE: usize = 10;

/// What became of the files.
#[derive(Debug)]
pub(super) struct Fixed {
    /// How many fixes were applied.
    pub(super) count: usize,
    /// What is left.
    pub(super) compilation: Compilation,
    /// The files that differ.
    pub(super) changed: Vec<Changed>,
    /// The names of files that were put back.
    pub(super) restored: BTreeSet<String>,
}

/// A file before and after.
#[derive(Debug)]
pub(super) struct Changed {
    pub(super) name: String,
    pub(super) path: PathBuf,
    pub(super) before: String,
    pub(super) after: String,
}

/// The files that may be changed: those below the policy's folder, by name.
pub(super) fn fixable(arguments: &PolicyArguments, inputs: &Inputs) -> Result<BTreeSet<String>, Stop> {
    if is_standard_input(&arguments.policy) {
        return Err(Stop::new("standard input cannot be fixed", "name a file or a folder"));
    }
    let is_folder = arguments.policy.is_dir();
    let root = if is_folder { &arguments.policy } else { folder_of(&arguments.policy) };
    let files = inputs.folder.files().filter_map(|file| Some((file, file.path.as_deref()?)));
    let below = files.filter(|(_, path)| store::is_below(path, root));
    Ok(below.map(|(file, _)| file.name.clone()).collect())
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Applies fixes to the texts; nothing is written yet. Where they end, no fix is left; where they would not end, the
/// texts with the fewest findings stay. Either way the same again changes nothing.
pub(super) fn apply(inputs: &mut Inputs, mut fixable: BTreeSet<String>, with_unsafe: bool) -> Fixed {
    let original = texts(inputs);
    let mut compilation = inputs.compile();
    let mut count = 0;
    let mut best = Best { findings: compilation.diagnostics.len(), count, texts: original.clone() };
    let mut restored = BTreeSet::new();
    let mut fruitless = 0;
    loop {
        let chosen = choose(&compilation, &fixable, with_unsafe);
        if chosen.is_empty() {
            break;
        }
        if fruitless == PATIENCE {
            restore(inputs, &best.texts);
            (compilation, count) = (inputs.compile(), best.count);
            break;
        }
        let before = texts(inputs);
        change(inputs, &chosen, &compilation.sources);
        let next = inputs.compile();
        let worse = worse(&compilation, &next, &chosen);
        if !worse.is_empty() {
            restore(inputs, &before);
            fixable.retain(|name| !worse.contains(name));
            restored.extend(worse);
            continue;
        }
        count += chosen.len();
        compilation = next;
        fruitless += 1;
        if compilation.diagnostics.len() < best.findings {
            best = Best { findings: compilation.diagnostics.len(), count, texts: texts(inputs) };
            fruitless = 0;
        }
    }
    let changed = inputs.folder.files().filter_map(|file| {
        let before = original.get(&file.name).filter(|before| **before != file.text)?;
        Some(Changed {
            name: file.name.clone(),
            path: file.path.clone()?,
            before: before.clone(),
            after: file.text.clone(),
        })
    });
    Fixed { count, changed: changed.collect(), restored, compilation }
}

/// The texts with the fewest findings so far.
struct Best {
    findings: usize,
    /// How many fixes led there.
    count: usize,
    texts: BTreeMap<String, String>,
}

fn restore(inputs: &mut Inputs, texts: &BTreeMap<String, String>) {
    for file in inputs.folder.files_mut() {
        if let Some(text) = texts.get(&file.name) {
            file.text.clone_from(text);
        }
    }
}

/// Writes what was changed.
pub(super) fn write(fixed: &Fixed) -> Result<(), Stop> {
    fixed.changed.iter().try_for_each(|file| store::replace(&file.path, &file.before, &file.after))
}

fn texts(inputs: &Inputs) -> BTreeMap<String, String> {
    inputs.folder.files().map(|file| (file.name.clone(), file.text.clone())).collect()
}

/// The edits of one round: of each finding the first fix that may be applied, unless it touches one before it.
fn choose<'d>(
    compilation: &'d Compilation,
    fixable: &BTreeSet<String>,
    with_unsafe: bool,
) -> Vec<&'d [Edit]> {
    let is_wanted = |fix: &&Fix| match fix.applicability {
        Applicability::Safe => true,
        Applicability::Unsafe => with_unsafe,
        Applicability::Display => false,
    };
    let sources = &compilation.sources;
    let mut chosen: Vec<&[Edit]> = Vec::new();
    for diagnostic in &compilation.diagnostics {
        let Some(fix) = diagnostic.fixes.iter().find(is_wanted) else { continue };
        let is_allowed = |edit: &Edit| fixable.contains(sources.name(edit.span.file));
        let changes = |edit: &Edit| sources.text(edit.span) != edit.text;
        let touches = |edit: &Edit| chosen.iter().copied().flatten().any(|other| touch(edit, other));
        if fix.edits.iter().all(is_allowed) && fix.edits.iter().any(changes) && !fix.edits.iter().any(touches)
        {
            chosen.push(&fix.edits);
        }
    }
    chosen
}

/// Whether two edits overlap or meet: which of two insertions comes first is not for a tool to say.
fn touch(a: &Edit, b: &Edit) -> bool {
    a.span.file == b.span.file && a.span.start <= b.span.end && b.span.start <= a.span.end
}

/// Applies edits from the last to the first, so that none moves another.
fn change(inputs: &mut Inputs, chosen: &[&[Edit]], sources: &Sources) {
    let mut edits: Vec<&Edit> = chosen.iter().copied().flatten().collect();
    edits.sort_by_key(|edit| (edit.span.file, std::cmp::Reverse(edit.span.start)));
    for edit in edits {
        let name = sources.name(edit.span.file);
        let range = edit.span.start as usize..edit.span.end as usize;
        for file in inputs.folder.files_mut().filter(|file| file.name == name) {
            if file.text.get(range.clone()).is_some() {
                file.text.replace_range(range.clone(), &edit.text);
            }
        }
    }
}

/// The files that were changed and have more mistakes of form than before, and those that fixes changed with them.
fn worse(before: &Compilation, after: &Compilation, chosen: &[&[Edit]]) -> BTreeSet<String> {
    let name = |edit: &Edit| before.sources.name(edit.span.file).to_owned();
    let touched: BTreeSet<String> = chosen.iter().copied().flatten().map(name).collect();
    let mut worse: BTreeSet<String> =
        touched.into_iter().filter(|name| malformations(after, name) > malformations(before, name)).collect();
    loop {
        let count = worse.len();
        for edits in chosen {
            let names: Vec<String> = edits.iter().map(name).collect();
            if names.iter().any(|name| worse.contains(name)) {
                worse.extend(names);
            }
        }
        if worse.len() == count {
            return worse;
        }
    }
}

/// How badly a file is parsed: what keeps the rest of it from being read, then all errors of form.
fn malformations(compilation: &Compilation, name: &str) -> [usize; 2] {
    let mut counts = [0; 2];
    for d in &compilation.diagnostics {
        if d.severity != Severity::Error || compilation.sources.name(d.span.file) != name {
            continue;
        }
        let hides_more = d.code.code.starts_with("C00") || HIDING.contains(&d.code.slug);
        let is_form = d.code.code.starts_with("C01") || d.code.slug == "refused-yaml";
        counts = [counts[0] + usize::from(hides_more), counts[1] + usize::from(is_form)];
    }
    counts
}

/// Mistakes behind which nothing of a file is read.
const HIDING: &[&str] = &["unbalanced-bracket", "unclosed-literal", "invalid-yaml"];
