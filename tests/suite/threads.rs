//! Neither the number of threads nor the order in which files are handed over changes what the compiler gives: findings
//! with all their places and words, proofs, and the artifact to the byte.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use claimsc::Compiler;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{ProptestConfig, any, proptest};
use proptest::sample::{Index, select};

use super::folder::{catalog, entries, in_repository, sources};
use super::order::{items, policies};

/// At most so many files, and threads.
const MOST: usize = 8;

/// Policies that are right and policies with mistakes: claims.yaml and the files.
fn folders() -> Vec<PathBuf> {
    let mistakes = entries(&in_repository("tests/mistakes")).into_iter().filter(|path| path.is_dir());
    policies().into_iter().map(|(folder, _)| folder).chain(mistakes).collect()
}

/// The items of a policy, dealt out to these files in turn.
fn dealt(folder: &Path, files: &[usize]) -> Vec<(String, String)> {
    let mut dealt: BTreeMap<String, String> = BTreeMap::new();
    let mut turns = files.iter().cycle();
    for (name, text) in sources(folder) {
        for item in items(&name, &text) {
            let file = turns.next().copied().unwrap_or_default();
            let text = dealt.entry(format!("{file}.claims")).or_default();
            *text += item;
            text.push('\n');
        }
    }
    dealt.into_iter().collect()
}

/// Leaves out some bytes of one of the files.
fn broken(files: &mut [(String, String)], file: Index, at: Index, length: usize) {
    let text = &mut file.get_mut(files).1;
    let at = at.index(text.len() + 1);
    let kept = text.char_indices().filter(|(place, _)| *place < at || *place >= at + length);
    *text = kept.map(|(_, c)| c).collect();
}

/// Everything that a compilation gives, as text.
fn all(catalog: Option<&str>, files: &[(String, String)], threads: usize) -> String {
    let mut compiler = Compiler::new();
    compiler.threads(threads);
    if let Some(catalog) = catalog {
        compiler.catalog("claims.yaml", catalog);
    }
    for (name, text) in files {
        compiler.source(name, text);
    }
    let compilation = compiler.compile();
    let names: Vec<_> = compilation.sources.iter().map(|(id, source)| (id, source.name())).collect();
    let artifact = compilation.artifact().map(|artifact| artifact.expect("it is small"));
    format!("{names:?}\n{:#?}\n{:?}\n{artifact:#?}", compilation.diagnostics, compilation.promises)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn threads_and_order_change_nothing(
        folder in select(folders()),
        places in vec(0..MOST, 1..40),
        damage in option::of((any::<Index>(), any::<Index>(), 1_usize..30)),
        order in vec(any::<u64>(), MOST),
        threads in 2..=MOST,
    ) {
        let catalog = catalog(&folder);
        let mut files = dealt(&folder, &places);
        if let Some((file, at, length)) = damage {
            broken(&mut files, file, at, length);
        }
        let alone = all(catalog.as_deref(), &files, 1);
        let mut shuffled: Vec<_> = order.into_iter().zip(&files).collect();
        shuffled.sort();
        let shuffled: Vec<_> = shuffled.into_iter().map(|(_, file)| file.clone()).collect();
        let together = all(catalog.as_deref(), &shuffled, threads);
        let differing = alone.lines().zip(together.lines()).find(|(alone, together)| alone != together);
        assert!(alone == together, "{}, one thread and {threads}: {differing:?}", folder.display());
    }
}

/// The guard against a comparison of nothing: there are policies with an artifact, and policies with mistakes.
#[test]
fn policies_with_and_without_mistakes_are_compared() {
    let places: Vec<usize> = (0..MOST).collect();
    let artifact = |folder: &PathBuf| {
        let all = all(catalog(folder).as_deref(), &dealt(folder, &places), 2);
        all.lines().last().is_some_and(|artifact| artifact != "None")
    };
    let artifacts: Vec<bool> = folders().iter().step_by(10).map(artifact).collect();
    assert!(artifacts.contains(&true) && artifacts.contains(&false));
}
