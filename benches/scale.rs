//! How time and memory grow with the number of rules: `cargo bench --bench scale`.
//!
//! Each question runs in a process of its own, so that its peak memory is its own; compiling without proofs is part of
//! it. Figures are the median of several runs; on a shared machine only their ratios mean something. `-- 1000` measures
//! one size only. `-- passes` tells which part of compiling takes how much, and what threads save; with `--write` into
//! `docs/figures/compiling.md`.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a benchmark prints its figures, and fails by panicking"
)]

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use claimsc::Policy;
use claimsc::analysis::Study;
use claimsc::analysis::diff::diff;
use claimsc::analysis::fingerprint::fingerprint;
use claimsc::analysis::flow::table;
use claimsc::analysis::inputs::{Question, inputs};
use claimsc::analysis::matrix::Matrix;

#[path = "scale/generator.rs"]
mod generator;
#[path = "scale/passes.rs"]
mod passes;

/// How many rules stand in one file.
const RULES_PER_FILE: usize = 1_000;
const SIZES: [usize; 4] = [100, 1_000, 5_000, 10_000];
/// What is measured, in the order of the columns.
const QUESTIONS: [&str; 9] = [
    "compile",
    "check",
    "matrix",
    "flows",
    "inputs",
    "fingerprint",
    "diff equal",
    "diff unequal",
    "evaluate",
];

fn main() {
    // `cargo bench` passes `--bench`; a size and a question mean that this is the process for them.
    let size = std::env::args().skip(1).find_map(|argument| argument.parse::<usize>().ok());
    let question = std::env::args().find(|argument| QUESTIONS.contains(&argument.as_str()));
    if let (Some(size), Some(question)) = (size, question) {
        let time = measure(size, &question);
        println!(
            "{:>10} {:>5}",
            shown(time),
            peak_mib().map_or_else(|| "?".to_owned(), |mib| mib.to_string())
        );
        return;
    }
    if std::env::args().any(|argument| argument == "passes") {
        return passes::report(std::env::args().any(|argument| argument == "--write"));
    }
    println!("time, and peak memory in MiB");
    println!("{:>7} {}", "rules", QUESTIONS.map(|question| format!("{question:>16}")).concat());
    for size in SIZES.into_iter().filter(|known| size.is_none_or(|wanted| wanted == *known)) {
        let figures = QUESTIONS.map(|question| {
            let this = std::env::current_exe().expect("the running program has a path");
            let size = size.to_string();
            let mut command = Command::new(this);
            let output = command.args([&size, question]).stderr(Stdio::inherit()).output();
            let output = output.expect("this program can be started");
            assert!(output.status.success(), "the measurement of {question} with {size} rules failed");
            String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
        });
        println!("{size:>7} {}", figures.concat());
    }
}

/// The time that a question takes.
fn measure(size: usize, question: &str) -> Duration {
    let generated = generator::generate(size, RULES_PER_FILE);
    let compiler = |change| generated.compiler(change);
    let other = match question {
        "diff equal" => Some(compiler(reordered)),
        "diff unequal" => Some(compiler(without_a_rule)),
        _ => None,
    };
    let mut compiler = compiler(str::to_owned);
    if question == "check" {
        return median(runs(size), || compiler.compile().diagnostics.len());
    }
    compiler.without_proofs();
    if let Some(mut other) = other {
        other.without_proofs();
        return median(runs(size), || {
            let [old, new] = [&compiler, &other].map(|version| version.compile().policy);
            let (old, new) = (old.expect("no errors"), new.expect("no errors"));
            let found = diff(old.unit(), new.unit());
            assert_eq!(found.is_equal(), question == "diff equal", "versions are compared");
            found
        });
    }
    let compile = || compiler.compile().policy.expect("the generated policy has no errors");
    let asked = |ask: fn(&Policy) -> usize| median(runs(size), || ask(&compile()));
    match question {
        "matrix" => asked(|policy| Matrix::of(policy.unit()).rows.len()),
        "flows" => asked(|policy| table::table(&mut Study::new(policy.unit())).rows.len()),
        "inputs" => asked(|policy| inputs(policy.unit(), &Question::default()).len()),
        "fingerprint" => asked(|policy| fingerprint(policy.unit()).len()),
        "evaluate" => {
            let request = claimsc::Request::from_json(generated.request.as_bytes()).expect("a request");
            let policy = compile();
            assert!(matches!(policy.evaluate(&request), claimsc::Decision::Issue(_)), "it gets a token");
            median(50, || policy.evaluate(&request))
        }
        _ => median(runs(size), || compile().unit().statements.len()),
    }
}

/// The same items in another order.
fn reordered(text: &str) -> String {
    text.lines().rev().collect::<Vec<_>>().join("\n")
}

/// One rule less in each file.
fn without_a_rule(text: &str) -> String {
    let first = text.lines().position(|line| line.starts_with("if "));
    let kept = text.lines().enumerate().filter(|(number, _)| Some(*number) != first);
    kept.map(|(_, line)| line).collect::<Vec<_>>().join("\n")
}

fn runs(size: usize) -> usize {
    if size > 1_000 { 3 } else { 9 }
}

/// With three digits or so.
fn shown(time: Duration) -> String {
    let micros = time.as_micros();
    match micros {
        0..10_000 => format!("{micros} us"),
        10_000..10_000_000 => format!("{} ms", micros / 1_000),
        _ => format!("{} s", micros / 1_000_000),
    }
}

fn median<T>(runs: usize, mut work: impl FnMut() -> T) -> Duration {
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
