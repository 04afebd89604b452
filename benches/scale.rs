//! How compile time, memory and evaluation grow with the number of rules: `cargo bench --bench scale`.
//!
//! Each size runs in a process of its own, so that its peak memory is its own. Figures are the median of several
//! runs; on a shared machine only their ratios mean something.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a benchmark prints its figures, and fails by panicking"
)]

use std::time::{Duration, Instant};

#[path = "scale/generator.rs"]
mod generator;

const SIZES: [usize; 3] = [100, 1_000, 10_000];

fn main() {
    // `cargo bench` passes `--bench`; a size means that this is the process for that size.
    let size = std::env::args().skip(1).find_map(|argument| argument.parse::<usize>().ok());
    if let Some(size) = size {
        measure(size);
        return;
    }
    println!(
        "{:>7} {:>9} {:>10} {:>10} {:>11} {:>9}",
        "rules", "KiB text", "parse ms", "check ms", "evaluate us", "peak MiB"
    );
    for size in SIZES {
        let this = std::env::current_exe().expect("the running program has a path");
        let status = std::process::Command::new(this).arg(size.to_string()).status();
        assert!(status.is_ok_and(|s| s.success()), "the measurement of {size} rules failed");
    }
}

fn measure(size: usize) {
    let generated = generator::generate(size);
    let mut compiler = claimsc::Compiler::new();
    compiler.catalog("claims.yaml", &generated.catalog);
    for (i, text) in generated.files.iter().enumerate() {
        compiler.source(&format!("{i}.claims"), text);
    }
    let runs = if size > 1_000 { 5 } else { 15 };

    let file = claimsc::source::Sources::new().add("policy.claims", "");
    let parse_all = || generated.files.iter().map(|text| claimsc::syntax::parse(file, text).file.items.len());
    let parse = median(runs, || parse_all().sum::<usize>());
    let check = median(runs, || compiler.compile().diagnostics.len());

    let policy = compiler.compile().policy.expect("the generated policy has no errors");
    let request = claimsc::Request::from_json(generated.request.as_bytes()).expect("a request");
    assert!(matches!(policy.evaluate(&request), claimsc::Decision::Issue(_)), "the request gets a token");
    let evaluate = median(50, || policy.evaluate(&request));

    println!(
        "{size:>7} {:>9} {:>10.1} {:>10.1} {:>11.1} {:>9}",
        generated.files.iter().map(String::len).sum::<usize>() / 1024,
        parse.as_secs_f64() * 1e3,
        check.as_secs_f64() * 1e3,
        evaluate.as_secs_f64() * 1e6,
        peak_mib().map_or_else(|| "?".to_owned(), |mib| mib.to_string()),
    );
}

fn median<T>(runs: usize, mut work: impl FnMut() -> T) -> Duration {
    std::hint::black_box(work());
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(work());
            start.elapsed()
        })
        .collect();
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// The peak resident memory of this process, where the system tells.
fn peak_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib / 1024)
}
