//! claimsc beside the engines that one would pick instead. From the repository's root:
//!
//! ```sh
//! cargo run --release --manifest-path benches/peers/Cargo.toml -- --write
//! ```
//!
//! writes the tables and plots of `docs/figures`. Without `--write` the tables are printed; numbers are numbers of rules,
//! other words choose engines by the beginning of their names. All engines give the same claims for 200 mixed requests
//! before anything is timed, then take turns; only ratios of one run mean something.

use std::fs;
use std::path::Path;
use std::process::Command;

mod engine;
mod engines;
mod figure;
#[path = "../../native/person.rs"]
mod person;
mod plot;
#[expect(dead_code, reason = "a part of it is compared")]
#[path = "../../workload/workload.rs"]
mod workload;

use engine::Peer;
use engines::Entry;
use figure::{Figure, Load};
use workload::turns::{Contender, agree, measure};
use workload::{Kind, Workload};

const SIZES: [usize; 4] = [10, 100, 1_000, 10_000];
/// How many rules are loaded.
const LOADED: usize = 10_000;
/// How many requests are compared before anything is timed.
const MIXED: usize = 200;
const TURNS: usize = 12;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (numbers, words): (Vec<_>, Vec<_>) = arguments
        .iter()
        .filter(|word| !word.starts_with("--"))
        .partition(|word| word.parse::<usize>().is_ok());
    let numbers: Vec<usize> = numbers.into_iter().filter_map(|word| word.parse().ok()).collect();
    let is_asked = |name: &str| words.is_empty() || words.iter().any(|word| name.starts_with(word.as_str()));
    if arguments.iter().any(|word| word == "--load") {
        // A process of its own, for one engine.
        let entry = engines::all().into_iter().find(|entry| words.iter().any(|word| *word == entry.name));
        let entry = entry.expect("an engine");
        let (nanos, bytes) = (entry.load)(&Workload::new(Kind::Spread, LOADED)).unwrap_or((0.0, 0.0));
        println!("{nanos} {bytes}");
        return;
    }
    let sizes = if numbers.is_empty() { SIZES.to_vec() } else { numbers };
    // What is compared with is always there.
    let entries: Vec<Entry> = engines::all()
        .into_iter()
        .enumerate()
        .filter(|(i, one)| *i == 0 || is_asked(one.name))
        .map(|(_, one)| one)
        .collect();
    let mut figures = [Figure::new(&sizes, &entries), Figure::new(&sizes, &entries)];
    for size in &sizes {
        compare(*size, &entries, &mut figures);
    }
    let loads: Vec<Load> = entries.iter().map(|entry| load(entry.name)).collect();
    let page = figure::page(&figures, &loads, &entries);
    if arguments.iter().any(|word| word == "--write") {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/figures");
        fs::create_dir_all(&folder).expect("a folder");
        let names = ["peers.md", "peers-native.svg", "peers-json.svg"];
        let texts = [page, plot::plot(&figures[0], &entries), plot::plot(&figures[1], &entries)];
        for (name, text) in names.iter().zip(texts) {
            fs::write(folder.join(name), text).expect("it can be written");
        }
    } else {
        println!("{page}");
    }
}

/// Adds the figures of one number of rules.
fn compare(size: usize, entries: &[Entry], figures: &mut [Figure; 2]) {
    eprintln!("{size} rules: loading");
    let workload = Workload::new(Kind::Spread, size);
    let mut peers: Vec<(&Entry, Box<dyn Peer>)> = Vec::new();
    for entry in entries {
        match (entry.peer)(&workload) {
            Ok(peer) => peers.push((entry, peer)),
            Err(error) => {
                let first = error.lines().next().unwrap_or_default();
                eprintln!("{} is left out with {size} rules: {first}", entry.name);
                figures[0].leave_out(entry.name, size, first);
            }
        }
    }
    let contenders = |requests: &[serde_json::Value]| -> [Vec<Box<dyn Contender>>; 2] {
        let (native, json) =
            peers.iter().map(|(entry, peer)| peer.contenders(entry.name, requests).into()).unzip();
        [native, json]
    };
    eprintln!("{size} rules: comparing");
    let [mut native, json] = contenders(&workload.mixed(MIXED));
    native.extend(json);
    agree(&mut native, MIXED);
    drop(native);
    let hot = workload.hot();
    let order: Vec<usize> = (0..hot.len()).collect();
    for (figure, mut contenders) in figures.iter_mut().zip(contenders(&hot)) {
        eprintln!("{size} rules: measuring");
        let times = measure(&mut contenders, &order, TURNS);
        for (contender, time) in contenders.iter().zip(times) {
            figure.add(contender.name(), size, time);
        }
    }
}

/// The least of three processes.
fn load(name: &str) -> Load {
    eprintln!("loading {name}");
    let turns = (0..3).map(|_| {
        let this = std::env::current_exe().expect("the running program has a path");
        let output = Command::new(this).args(["--load", name]).output().expect("this program can be started");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let (nanos, bytes) = text.trim().split_once(' ').unwrap_or(("0", "0"));
        Load { nanos: nanos.parse().unwrap_or_default(), bytes: bytes.parse().unwrap_or_default() }
    });
    turns.min_by(|a, b| a.nanos.total_cmp(&b.nanos)).expect("three of them")
}
