//! What was measured, and how it looks as a page.

use std::collections::BTreeMap;

use crate::engines::{Entry, v8};
use crate::workload::turns::shown;

/// The nanoseconds of each engine for each number of rules.
pub(crate) struct Figure {
    pub(crate) sizes: Vec<usize>,
    names: Vec<&'static str>,
    times: BTreeMap<(String, usize), f64>,
    reasons: Vec<String>,
}

/// What loading took; zero where it failed.
pub(crate) struct Load {
    pub(crate) nanos: f64,
    pub(crate) bytes: f64,
}

impl Figure {
    pub(crate) fn new(sizes: &[usize], entries: &[Entry]) -> Self {
        let names = entries.iter().map(|entry| entry.name).collect();
        Figure { sizes: sizes.to_vec(), names, times: BTreeMap::new(), reasons: Vec::new() }
    }

    pub(crate) fn add(&mut self, name: &str, size: usize, nanos: f64) {
        self.times.insert((name.to_owned(), size), nanos);
    }

    /// Says why an engine has no figure.
    pub(crate) fn leave_out(&mut self, name: &str, size: usize, reason: &str) {
        self.reasons.push(format!("{name} with {size} rules: {reason}"));
    }

    pub(crate) fn time(&self, name: &str, size: usize) -> Option<f64> {
        self.times.get(&(name.to_owned(), size)).copied()
    }

    fn table(&self) -> String {
        let heads: Vec<String> = self.sizes.iter().map(|size| format!(" {size} rules |")).collect();
        let mut text = format!("| |{}\n|---|{}\n", heads.concat(), "---:|".repeat(heads.len()));
        for name in &self.names {
            text.push_str(&format!("| {name} |"));
            for size in &self.sizes {
                match (self.time(name, *size), self.time(self.names[0], *size)) {
                    (Some(time), Some(first)) => {
                        text.push_str(&format!(" {} ({}) |", shown(time), ratio(time / first)));
                    }
                    _ => text.push_str(" - |"),
                }
            }
            text.push('\n');
        }
        text
    }
}

fn ratio(ratio: f64) -> String {
    match ratio {
        0.0..10.0 => format!("x{ratio:.2}"),
        _ => format!("x{ratio:.0}"),
    }
}

/// Everything as Markdown.
pub(crate) fn page(figures: &[Figure; 2], loads: &[Load], entries: &[Entry]) -> String {
    let mut text = String::from(
        "# claimsc beside other engines\n\n<!-- Written by `cargo run --release --manifest-path benches/peers/Cargo.toml \
         -- --write` -->\n\nWhat is measured, how, and what it does not say: [performance](../performance.md).\n",
    );
    text.push_str("\n## From the engine's own form of a request to its own form of the claims\n\n");
    text.push_str(&figures[0].table());
    text.push_str("\n![](peers-native.svg)\n\n## From a parsed JSON request to the text of the claims\n\n");
    text.push_str(&figures[1].table());
    text.push_str(
        "\n![](peers-json.svg)\n\n## Loading 10,000 rules\n\n| | time | memory |\n|---|---:|---:|\n",
    );
    for (entry, load) in entries.iter().zip(loads) {
        if load.nanos > 0.0 {
            let mib = load.bytes / f64::from(1 << 20);
            text.push_str(&format!("| {} | {:.1} ms | {mib:.1} MiB |\n", entry.name, load.nanos / 1e6));
        } else {
            text.push_str(&format!("| {} | - | - |\n", entry.name));
        }
    }
    text.push_str("\nclaimsc to a map is compiled from the texts, without proofs; the others are loaded from an artifact. Memory is what the process has more behind loading than before, what a compiler has freed included.\n");
    text.push_str("\n`-`: not possible.\n");
    for reason in &figures[0].reasons {
        text.push_str(&format!("\n* {reason}"));
    }
    text.push_str(&format!("\n\n## Versions\n\n{}\n", versions()));
    text
}

/// What stands in the lock file, and the engine of `node`.
fn versions() -> String {
    let lock = include_str!("../Cargo.lock");
    let crates = ["cel", "cedar-policy", "regorus", "jrsonnet-evaluator", "rquickjs", "rhai"];
    let versions = crates.iter().filter_map(|name| {
        let (_, rest) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
        Some(format!("{name} {}", rest.split_once('"')?.0))
    });
    let mut versions: Vec<String> = versions.collect();
    versions
        .push(v8().map_or_else(|| "no V8 here".to_owned(), |version| format!("V8 {version} through node")));
    versions.join(", ")
}
