//! claimsc beside hand-written Rust on one workload: `cargo bench --bench native`.
//!
//! All contenders give the same claims for 200 mixed requests before they are timed, then take turns in one process;
//! figures are lower quartiles, and only their ratios mean something. `-- 1000` measures one number of rules only,
//! `-- spread` (or another kind of workload, `cold`, `json`, `threads`, `code`) one question only.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a benchmark prints its figures, and fails by panicking"
)]

use std::sync::Barrier;
use std::time::{Duration, Instant};

use claimsc::Policy;

#[path = "native/code.rs"]
mod code;
#[path = "native/contenders.rs"]
mod contenders;
#[path = "native/person.rs"]
mod person;
#[path = "workload/workload.rs"]
mod workload;

use contenders::Requests;
use workload::hand::Hand;
use workload::turns::{Contender, agree, count, measure, shown};
use workload::{Kind, Workload};

const SIZES: [usize; 5] = [10, 100, 1_000, 10_000, 100_000];
/// How many rules the questions are asked with that are not about their number.
const USUAL: usize = 1_000;
/// How many requests are compared before anything is timed.
const MIXED: usize = 200;
/// How many different requests empty the caches.
const COLD: usize = 20_000;
const TURNS: usize = 60;

fn main() {
    // `cargo bench` passes `--bench`.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let only: Vec<usize> = words.iter().filter_map(|word| word.parse().ok()).collect();
    let sizes = |usual: &[usize]| if only.is_empty() { usual.to_vec() } else { only.clone() };
    let asks = |question: &str| {
        let mut questions = words.iter().filter(|word| word.parse::<usize>().is_err()).peekable();
        questions.peek().is_none() || questions.any(|word| word == question)
    };
    for kind in Kind::ALL.into_iter().filter(|kind| asks(kind.name())) {
        let usual: &[usize] = if matches!(kind, Kind::Spread | Kind::Skewed) { &SIZES } else { &[USUAL] };
        table(&format!("{}: native input", kind.name()), &sizes(usual), |size| {
            let world = World::new(kind, size);
            let hot = Requests::new(world.workload.hot());
            world.figures(contenders::native, &hot)
        });
    }
    if asks("code") {
        let usual = SIZES.map(|size| size.min(code::RULES));
        table("spread: native input, hand-written Rust as data and as code", &sizes(&usual[..3]), |size| {
            let world = World::new(Kind::Spread, size);
            let hot = Requests::new(world.workload.hot());
            world.figures(contenders::as_code, &hot)
        });
    }
    if asks("json") {
        table("spread: JSON input, parsed (value) or not (text)", &sizes(&[USUAL]), |size| {
            let world = World::new(Kind::Spread, size);
            let hot = Requests::new(world.workload.hot());
            world.figures(contenders::json, &hot)
        });
    }
    if asks("cold") {
        table("spread: native input, cold caches", &sizes(&SIZES[2..]), |size| {
            let world = World::new(Kind::Spread, size);
            let many = Requests::new(world.workload.matching(COLD));
            world.figures(contenders::native, &many)
        });
    }
    if asks("threads") {
        for size in sizes(&[USUAL]) {
            threads(&World::new(Kind::Spread, size));
        }
    }
}

/// A workload, compiled.
struct World {
    workload: Workload,
    hand: Hand,
    policy: Policy,
}

type Make = for<'a> fn(&'a Hand, &'a Policy, &'a Requests) -> Vec<Box<dyn Contender + 'a>>;

impl World {
    fn new(kind: Kind, size: usize) -> Self {
        let workload = Workload::new(kind, size);
        let compilation = workload.compiler().without_proofs().compile();
        let problem = compilation.diagnostics.first().map(|diagnostic| &diagnostic.message);
        assert!(compilation.policy.is_some(), "{kind:?} {size}: {problem:?}");
        let policy = compilation.policy.expect("it was asserted");
        World { hand: Hand::new(&workload), policy, workload }
    }

    /// The nanoseconds of each contender, by name.
    fn figures(&self, make: Make, requests: &Requests) -> Vec<(String, f64)> {
        let mixed = Requests::new(self.workload.mixed(MIXED));
        agree(&mut make(&self.hand, &self.policy, &mixed), MIXED);
        let mut contenders = make(&self.hand, &self.policy, requests);
        let five = |claims: serde_json::Value| claims.as_object().map_or(0, serde_json::Map::len) == 5;
        assert!((0..requests.values.len()).all(|i| five(contenders[0].claims(i))), "five claims each");
        let order: Vec<usize> = (0..requests.values.len()).collect();
        let times = measure(&mut contenders, &order, TURNS);
        contenders.iter().map(|contender| contender.name().to_owned()).zip(times).collect()
    }
}

/// Prints a row for each contender and a column for each number of rules, with ratios to the first row.
fn table(title: &str, sizes: &[usize], figures: impl Fn(usize) -> Vec<(String, f64)>) {
    let columns: Vec<_> = sizes.iter().map(|size| figures(*size)).collect();
    println!("\n{title}\n");
    let row = |name: &str, cells: &[String]| println!("| {name:<24} |{}", cells.concat());
    row("", &sizes.iter().map(|size| format!(" {size:>20} |")).collect::<Vec<_>>());
    println!("|{}|{}", "-".repeat(26), format!("{}:|", "-".repeat(21)).repeat(sizes.len()));
    for (number, (name, _)) in columns[0].iter().enumerate() {
        let cells = columns.iter().map(|column| {
            let time = column[number].1;
            format!(" {:>10} {:>9} |", shown(time), format!("(x{:.2})", time / column[0].1))
        });
        row(name, &cells.collect::<Vec<_>>());
    }
}

/// Prints how much more two threads do than one.
fn threads(world: &World) {
    let hot = Requests::new(world.workload.hot());
    let names: Vec<String> = for_threads(&world.hand, &world.policy, &hot)
        .iter()
        .map(|contender| contender.name().to_owned())
        .collect();
    let order: Vec<usize> = (0..hot.values.len()).collect();
    println!(
        "\nspread, {} rules: requests per second of two threads, beside those of one\n",
        world.workload.rules.len()
    );
    for (number, name) in names.iter().enumerate() {
        // Turns of one and two threads alternate.
        let turn = |threads: usize| {
            let barrier = Barrier::new(threads);
            let work = || {
                let mut contenders = for_threads(&world.hand, &world.policy, &hot);
                let contender = &mut contenders[number];
                contender.turn(&order, 10);
                barrier.wait();
                let (start, mut requests) = (Instant::now(), 0);
                while start.elapsed() < Duration::from_millis(40) {
                    contender.turn(&order, 4);
                    requests += 4 * order.len();
                }
                count(requests) / start.elapsed().as_secs_f64()
            };
            std::thread::scope(|scope| {
                let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
                running.into_iter().map(|thread| thread.join().expect("it ends")).sum::<f64>()
            })
        };
        let mut gains: Vec<f64> = (0..TURNS)
            .map(|_| {
                let one = turn(1);
                turn(2) / one
            })
            .collect();
        gains.sort_by(f64::total_cmp);
        println!("{name:<24} x{:.2}", gains[gains.len() / 2]);
    }
}

/// Those of the contenders that threads are asked about; each thread makes its own.
fn for_threads<'a>(
    hand: &'a Hand,
    policy: &'a Policy,
    requests: &'a Requests,
) -> Vec<Box<dyn Contender + 'a>> {
    let is_wanted = |name: &str| matches!(name, "rust-bytes" | "rust-map") || name.starts_with("claimsc");
    let all = contenders::native(hand, policy, requests).into_iter();
    all.filter(|contender| is_wanted(contender.name())).collect()
}
