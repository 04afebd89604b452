//! What compiling consists of: the share of each pass in the time that one thread works, and what more threads save.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use claimsc::Compiler;
use claimsc::compile::Pass;

use super::generator::generate;
use super::{median, shown};

/// Rules, how many of them stand in a file, and how often they are compiled.
const POLICIES: [(usize, usize, usize); 5] =
    [(1_000, 1_000, 15), (5_000, 5_000, 7), (10_000, 1_000, 7), (10_000, 5_000, 7), (100_000, 5_000, 3)];
/// From more rules on, the proofs are left out.
const PROVEN: usize = 10_000;
const PASSES: [(Pass, &str); 7] = [
    (Pass::Catalog, "claims.yaml"),
    (Pass::Syntax, "texts to trees"),
    (Pass::Lowering, "names and types"),
    (Pass::Checks, "checks"),
    (Pass::Findings, "findings and `@allow`"),
    (Pass::Sealing, "filing of the statements"),
    (Pass::Proofs, "proofs, in addition"),
];

/// Prints the tables.
pub(super) fn report(write: bool) {
    let columns: Vec<Column> =
        POLICIES.iter().map(|(rules, per_file, runs)| Column::of(*rules, *per_file, *runs)).collect();
    let row = |name: &str, cell: &dyn Fn(&Column) -> String| {
        format!("| {name} | {} |\n", columns.iter().map(cell).collect::<Vec<_>>().join(" | "))
    };
    let mut tables = row("", &|column| column.title.clone());
    tables += &format!("|---{}|\n", "|---:".repeat(columns.len()));
    for (pass, name) in PASSES {
        tables += &row(name, &|column| column.pass(pass));
    }
    tables += &row("all but the proofs, one thread", &|column| shown(column.alone));
    for threads in THREADS {
        tables += &row(&format!("the same, {threads} threads"), &|column| column.together(threads));
    }
    println!("{tables}");
    if write {
        let page = format!(
            "# Compiling\n\n<!-- Written by `cargo bench --bench scale -- passes --write` -->\n\n\
             What this says: [performance](../performance.md).\n\n{tables}"
        );
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/figures/compiling.md");
        std::fs::write(file, page).expect("it can be written");
    }
}

/// More threads than one.
const THREADS: [usize; 2] = [2, 4];

/// What was measured of one policy.
struct Column {
    title: String,
    passes: BTreeMap<Pass, Duration>,
    /// How long one thread takes without proofs.
    alone: Duration,
    /// The same for several.
    together: BTreeMap<usize, Duration>,
}

impl Column {
    fn of(rules: usize, per_file: usize, runs: usize) -> Self {
        let mut compiler = generate(rules, per_file).compiler(str::to_owned);
        let mut proven = BTreeMap::new();
        if rules <= PROVEN {
            proven = passes(compiler.threads(1), 1);
        }
        compiler.without_proofs();
        let mut passes = passes(compiler.threads(1), runs);
        passes.extend(proven.remove_entry(&Pass::Proofs));
        // In turns, so that a busy neighbour slows all of them.
        let mut times: BTreeMap<usize, Vec<Duration>> = BTreeMap::new();
        for _ in 0..runs {
            for threads in std::iter::once(1).chain(THREADS) {
                compiler.threads(threads);
                times.entry(threads).or_default().push(median(1, || compiler.compile()));
            }
        }
        let mut together: BTreeMap<usize, Duration> =
            times.into_iter().map(|(threads, times)| (threads, lowest(times))).collect();
        let alone = together.remove(&1).unwrap_or_default();
        let files = rules.div_ceil(per_file);
        let title = format!("{rules} rules, {files} file{}", if files == 1 { "" } else { "s" });
        Column { title, passes, alone, together }
    }

    /// Time and share of a pass.
    fn pass(&self, pass: Pass) -> String {
        let all: Duration =
            self.passes.iter().filter(|(pass, _)| **pass != Pass::Proofs).map(|(_, t)| *t).sum();
        match self.passes.get(&pass) {
            Some(time) => {
                format!("{} ({:.0} %)", shown(*time), 100.0 * time.as_secs_f64() / all.as_secs_f64())
            }
            None => String::new(),
        }
    }

    fn together(&self, threads: usize) -> String {
        let time = self.together.get(&threads).copied().unwrap_or_default();
        format!("{} (x{:.2})", shown(time), time.as_secs_f64() / self.alone.as_secs_f64())
    }
}

/// How long each pass takes; of several runs the shortest time.
fn passes(compiler: &Compiler, runs: usize) -> BTreeMap<Pass, Duration> {
    let mut times: BTreeMap<Pass, Vec<Duration>> = BTreeMap::new();
    for _ in 0..runs {
        let mut before = Instant::now();
        compiler.compile_watched(&mut |pass| {
            let now = Instant::now();
            times.entry(pass).or_default().push(now - before);
            before = now;
        });
    }
    times.into_iter().map(|(pass, times)| (pass, lowest(times))).collect()
}

fn lowest(times: Vec<Duration>) -> Duration {
    times.into_iter().min().unwrap_or_default()
}
