//! Accepted policies that cost as much as they can, and the worst requests to them: `cargo bench --bench worst`.
//!
//! For each there are the counts that `claimsc check` prints and what a request really takes: steps, time and memory, by
//! the engine that servers use and by the reference engine. `-- sort` measures only cases whose name has that word;
//! `-- --write` writes `docs/figures/worst.md`.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a benchmark prints its figures, and fails by panicking"
)]

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use allocation_counter::measure;
use claimsc::analysis::worst::{Worst, worst};
use claimsc::artifact::Trust;
use claimsc::eval::evaluate_counted;
use claimsc::program::{Answer, Scratch};
use claimsc::{Compiler, Policy, Request};

#[path = "worst/cases.rs"]
mod cases;

use cases::{Case, KINDS, Kind};

/// For how long a figure is measured at the least, and how often.
const LONG: Duration = Duration::from_millis(30);
const OFTEN: usize = 5;

fn main() {
    // `cargo bench` passes `--bench`.
    let (options, words): (Vec<_>, Vec<_>) =
        std::env::args().skip(1).partition(|word| word.starts_with("--"));
    let mut page = String::from(
        "# The worst requests to the worst policies\n\n<!-- Written by `cargo bench --bench worst -- --write` -->\n\n\
         What the columns mean, and what they say: [performance](../performance.md#what-is-bounded).\n\n",
    );
    let mut say = |line: String| {
        println!("{line}");
        page.push_str(&line);
        page.push('\n');
    };
    say("| case | decided | steps: taken, bound | operations: bound | server | reference | ns for a step | ns for an \
         operation | twice the size: operations, server, reference | memory: server, kept, reference | bytes: read, of \
         claims |"
        .to_owned());
    say(format!("|---|---|{}", "---:|".repeat(9)));
    for kind in KINDS {
        if words.is_empty() || words.iter().any(|word| kind.name.contains(word.as_str())) {
            say(row(kind));
        }
    }
    if options.iter().any(|option| option == "--write") {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/figures/worst.md");
        std::fs::write(file, page).expect("it can be written");
    }
}

/// What was found out about a case.
struct Figures {
    worst: Worst,
    decided: &'static str,
    steps: u64,
    /// Nanoseconds of the engine that servers use, and of the reference engine.
    server: f64,
    reference: f64,
    /// The most memory at one time, and what the scratch keeps.
    server_memory: u64,
    kept: i64,
    reference_memory: u64,
}

fn row(kind: &Kind) -> String {
    let (half, whole) = (figures(&(kind.make)(kind.size / 2)), figures(&(kind.make)(kind.size)));
    let Figures { worst, decided, steps, server, reference, .. } = whole;
    let per_step = if steps == 0 { "-".to_owned() } else { short_float(server / steps as f64) };
    let grown = [
        worst.operations as f64 / half.worst.operations as f64,
        server / half.server,
        reference / half.reference,
    ];
    let memory = [whole.server_memory, u64::try_from(whole.kept).unwrap_or(0), whole.reference_memory];
    format!(
        "| {} | {decided} | {}, {} | {} | {} | {} | {per_step} | {} | {} | {} | {}, {} |",
        kind.name,
        short(steps),
        short(worst.steps),
        short(worst.operations),
        time(server),
        time(reference),
        short_float(server / worst.operations as f64),
        grown.map(|times| format!("x{times:.1}")).join(", "),
        memory.map(short).join(", "),
        short(worst.read),
        short(worst.claims),
    )
}

fn figures(case: &Case) -> Figures {
    let compiled = policy(case);
    let worst = worst(compiled.unit());
    let packed = case.is_packed.then(|| packed(case));
    let policy = packed.as_ref().unwrap_or(&compiled);
    let requests: Vec<Request> = case
        .requests
        .iter()
        .map(|text| Request::from_json(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}")))
        .collect();
    let (decision, steps) = evaluate_counted(compiled.unit(), &requests[0]);
    assert!(steps <= worst.steps, "{steps} steps, {worst:?}");
    let mut scratch = Scratch::new();
    let first = measure(|| _ = decide(policy, &requests, &mut scratch));
    let second = measure(|| _ = decide(policy, &requests, &mut scratch));
    let reference = measure(|| drop(black_box(evaluate_counted(compiled.unit(), &requests[0]))));
    let count = requests.len() as f64;
    Figures {
        worst,
        decided: if scratch.effort().is_some() { "issue" } else { decision.word() },
        steps,
        server: nanos(|| _ = decide(policy, &requests, &mut scratch)) / count,
        reference: nanos(|| drop(black_box(evaluate_counted(compiled.unit(), &requests[0])))),
        server_memory: first.bytes_max.max(second.bytes_max),
        kept: first.bytes_current + second.bytes_current,
        reference_memory: reference.bytes_max,
    }
}

/// Decides about all requests, one after the other.
fn decide(policy: &Policy, requests: &[Request], scratch: &mut Scratch) -> usize {
    requests
        .iter()
        .map(|request| match policy.decide(&request.asked(), request, scratch).expect("well-formed") {
            Answer::Issue(issue) => black_box(issue).scopes().len(),
            Answer::Deny(refusals) => refusals.len(),
            Answer::Error(errors) => errors.len(),
        })
        .sum()
}

fn policy(case: &Case) -> Policy {
    let compilation = compiler(case).compile();
    let findings: Vec<_> = compilation
        .diagnostics
        .iter()
        .map(|found| format!("{}: {}", found.code.slug, found.message))
        .collect();
    compilation.policy.unwrap_or_else(|| panic!("{findings:#?}"))
}

fn packed(case: &Case) -> Policy {
    let bytes = compiler(case).compile().artifact().expect("no errors").expect("not too large");
    Policy::from_artifact(bytes, Trust::Anybody).expect("it was made a moment ago")
}

fn compiler(case: &Case) -> Compiler {
    let mut compiler = Compiler::new();
    compiler.without_proofs().catalog("claims.yaml", &case.catalog).source("policy.claims", &case.policy);
    compiler
}

/// The least nanoseconds of some turns: whatever else the machine does only adds to them.
fn nanos(mut work: impl FnMut()) -> f64 {
    let mut least = f64::INFINITY;
    for _ in 0..OFTEN {
        let (start, mut count) = (Instant::now(), 0_u32);
        while count == 0 || start.elapsed() < LONG {
            work();
            count += 1;
        }
        least = least.min(start.elapsed().as_secs_f64() * 1e9 / f64::from(count));
    }
    least
}

fn time(nanos: f64) -> String {
    match nanos {
        0.0..10_000.0 => format!("{nanos:.0} ns"),
        10_000.0..10_000_000.0 => format!("{:.1} us", nanos / 1e3),
        _ => format!("{:.1} ms", nanos / 1e6),
    }
}

/// A count with three digits or so: `12k`, `3.4M`.
fn short(count: u64) -> String {
    short_count(count as f64)
}

fn short_count(count: f64) -> String {
    match count {
        0.0..10_000.0 => format!("{count:.0}"),
        10_000.0..999_500.0 => format!("{:.0}k", count / 1e3),
        999_500.0..1e10 => format!("{:.1}M", count / 1e6),
        1e10..1e13 => format!("{:.0}G", count / 1e9),
        _ => format!("{count:.0e}"),
    }
}

/// Nanoseconds with two digits or so.
fn short_float(nanos: f64) -> String {
    match nanos {
        0.0..0.1 => "< 0.1".to_owned(),
        0.1..10.0 => format!("{nanos:.1}"),
        _ => short_count(nanos),
    }
}
