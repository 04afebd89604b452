//! claimsc beside hand-written Rust on one workload: `cargo bench --bench native --features serde_json`.
//!
//! All contenders give the same claims for 200 mixed requests before they are timed, then take turns in one process;
//! figures are lower quartiles, and only their ratios mean something. `-- 1000` measures one number of rules only,
//! `-- spread` (or another kind of workload, `cold`, `json`, `threads`, `code`) one question only;
//! `-- --write` writes `docs/figures/native.md`.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a benchmark prints its figures, and fails by panicking"
)]

use std::path::Path;
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
    let (options, words): (Vec<_>, Vec<_>) =
        std::env::args().skip(1).partition(|word| word.starts_with("--"));
    let only: Vec<usize> = words.iter().filter_map(|word| word.parse().ok()).collect();
    let sizes = |usual: &[usize]| if only.is_empty() { usual.to_vec() } else { only.clone() };
    let asks = |question: &str| {
        let mut questions = words.iter().filter(|word| word.parse::<usize>().is_err()).peekable();
        questions.peek().is_none() || questions.any(|word| word == question)
    };
    let mut page = String::from(
        "# claimsc beside hand-written Rust\n\n<!-- Written by `cargo bench --bench native --features serde_json -- \
         --write` -->\n\nWhat is measured, how, and what it does not say: [performance](../performance.md).\n",
    );
    let mut say = |text: String| {
        println!("{text}");
        page.push_str(&text);
    };
    let by_size =
        |sizes: &[usize], make: Make, requests: fn(&Workload) -> Vec<serde_json::Value>, kind: Kind| {
            let column = |size: &usize| {
                let world = World::new(kind, *size);
                (format!("{size} rules"), world.figures(make, &Requests::new(requests(&world.workload))))
            };
            sizes.iter().map(column).collect::<Vec<_>>()
        };
    for kind in [Kind::Spread, Kind::Skewed].into_iter().filter(|kind| asks(kind.name())) {
        let columns = by_size(&sizes(&SIZES), contenders::native, Workload::hot, kind);
        say(table(&format!("{} audiences", kind.name()), &columns));
    }
    if asks("code") {
        let written: Vec<usize> = SIZES.into_iter().filter(|size| *size <= code::RULES).collect();
        let columns = by_size(&sizes(&written), contenders::as_code, Workload::hot, Kind::Spread);
        say(table("hand-written Rust as data and as code", &columns));
    }
    let others = Kind::ALL.into_iter().filter(|kind| !matches!(kind, Kind::Spread | Kind::Skewed));
    let column = |kind: Kind| {
        let (_, times) = by_size(&sizes(&[USUAL])[..1], contenders::native, Workload::hot, kind).remove(0);
        (kind.name().to_owned(), times)
    };
    let columns: Vec<Column> = others.filter(|kind| asks(kind.name())).map(column).collect();
    if !columns.is_empty() {
        say(table("other workloads", &columns));
    }
    if asks("json") {
        let columns = by_size(&sizes(&[USUAL]), contenders::json, Workload::hot, Kind::Spread);
        say(table("JSON input, parsed (value) or not (text)", &columns));
    }
    if asks("cold") {
        let many = |workload: &Workload| workload.matching(COLD);
        let columns = by_size(&sizes(&SIZES[2..]), contenders::native, many, Kind::Spread);
        say(table("cold caches", &columns));
    }
    if asks("threads") {
        say(threads(&World::new(Kind::Spread, sizes(&[USUAL])[0])));
    }
    if options.iter().any(|option| option == "--write") {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/figures/native.md");
        std::fs::write(file, page).expect("it can be written");
    }
}

/// What a column is about, and the nanoseconds of each contender.
type Column = (String, Vec<(String, f64)>);

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

/// A row for each contender, with ratios to the first row.
fn table(title: &str, columns: &[Column]) -> String {
    let heads: Vec<&str> = columns.iter().map(|(head, _)| head.as_str()).collect();
    let mut text =
        format!("\n## {title}\n\n| | {} |\n|---|{}\n", heads.join(" | "), "---:|".repeat(heads.len()));
    for (number, (name, _)) in columns[0].1.iter().enumerate() {
        let cells: Vec<String> = columns
            .iter()
            .map(|(_, times)| format!("{} (x{:.2})", shown(times[number].1), times[number].1 / times[0].1))
            .collect();
        text.push_str(&format!("| {name} | {} |\n", cells.join(" | ")));
    }
    text
}

/// How much more two threads do than one.
fn threads(world: &World) -> String {
    let hot = Requests::new(world.workload.hot());
    let names: Vec<String> = for_threads(&world.hand, &world.policy, &hot)
        .iter()
        .map(|contender| contender.name().to_owned())
        .collect();
    let order: Vec<usize> = (0..hot.values.len()).collect();
    let mut text = format!(
        "\n## two threads, {} rules\n\n| | requests per second, beside those of one |\n|---|---:|\n",
        world.workload.rules.len()
    );
    // Answers requests for a while on so many threads; gives how many a second.
    let turn = |number: usize, threads: usize| {
        let barrier = Barrier::new(threads);
        let work = || {
            // As of servers: nobody shares a request.
            let own = Requests::new(world.workload.hot());
            let mut contenders = for_threads(&world.hand, &world.policy, &own);
            let contender = &mut contenders[number];
            contender.turn(&order, 10);
            barrier.wait();
            let (start, mut requests) = (Instant::now(), 0);
            while start.elapsed() < Duration::from_millis(20) {
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
    let mut gains = vec![Vec::new(); names.len()];
    for _ in 0..TURNS {
        for (number, gains) in gains.iter_mut().enumerate() {
            let one = turn(number, 1);
            gains.push(turn(number, 2) / one);
        }
    }
    for (name, mut gains) in names.iter().zip(gains) {
        gains.sort_by(f64::total_cmp);
        text.push_str(&format!("| {name} | x{:.2} |\n", gains[gains.len() / 2]));
    }
    text
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
