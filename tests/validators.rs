//! Tokens that were minted here, judged by libraries that nobody here wrote.
//!
//! Not a harness of tests but a program: what it proves depends on what is installed, and it says so. Without the libraries
//! it skips; with `CI=true` those that are required must be there. `tests/validators/README.md` describes it.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking and reports by printing"
)]

use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

#[path = "validators/cases.rs"]
mod cases;
#[path = "validators/jwks.rs"]
mod jwks;
#[path = "validators/programs.rs"]
mod programs;
#[path = "validators/scenarios.rs"]
mod scenarios;
#[path = "validators/verdicts.rs"]
mod verdicts;

use cases::{Case, Cases};
use programs::{NoAnswer, PROGRAMS};
use scenarios::Scenario;
use verdicts::Verdicts;

const PAGE: &str = include_str!("../docs/validators.md");

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--list") {
        println!("validators: test");
        return ExitCode::SUCCESS;
    }
    let filters: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    if !filters.is_empty() && !filters.iter().any(|filter| "validators".contains(filter.as_str())) {
        println!("validators: filtered out");
        return ExitCode::SUCCESS;
    }
    let cases = cases_of_this_moment();
    let inputs: Vec<&Value> = cases.iter().map(|case| &case.input).collect();
    let inputs = serde_json::to_string(&inputs).expect("JSON");
    let is_ci = std::env::var("CI").is_ok_and(|value| value == "true");
    let mut tally = Tally::default();
    for program in &PROGRAMS {
        let report = match program.run(&inputs) {
            Ok(report) => report,
            Err(NoAnswer::NotInstalled) => Value::Null,
            Err(NoAnswer::Failed(what)) => {
                println!("validators in {} ... FAILED: {what}", program.language);
                tally.failed += program.libraries.len();
                continue;
            }
        };
        for library in program.libraries {
            let mut validators = report["validators"].as_array().into_iter().flatten();
            let count = if let Some(validator) = validators.find(|validator| validator["name"] == **library) {
                let verdicts = Verdicts::of(&report, validator, &cases);
                println!("validator {}/{library} {verdicts}", program.language);
                // Versions are pinned, so the page can be held to it.
                let is_told = !program.is_required || verdicts.is_told(library, PAGE);
                if !is_told {
                    println!("  docs/validators.md has to say `{}` of it", verdicts.row());
                }
                if is_told && verdicts.is_right() { &mut tally.passed } else { &mut tally.failed }
            } else {
                let (word, count) = if is_ci && program.is_required {
                    ("FAILED", &mut tally.failed)
                } else {
                    ("skipped", &mut tally.skipped)
                };
                println!("validator {}/{library} ... {word}: {}", program.language, program.how_to_install());
                count
            };
            *count += 1;
        }
    }
    let Tally { passed, failed, skipped } = tally;
    println!("\nvalidators: {passed} passed, {failed} failed, {skipped} skipped");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// How many libraries went which way.
#[derive(Default)]
struct Tally {
    passed: usize,
    failed: usize,
    skipped: usize,
}

/// All cases, with their key sets served. Validators read the clock of this machine, so the tokens are of this moment.
fn cases_of_this_moment() -> Vec<Case> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970").as_secs();
    let scenarios = Scenario::all(i64::try_from(now).expect("a time"));
    let Cases { mut cases, key_sets } = Cases::of(&scenarios);
    let base = jwks::serve(key_sets).expect("a port on loopback");
    for case in &mut cases {
        if let Some(path) = case.input["jwks"].as_str() {
            case.input["jwks"] = format!("{base}{path}").into();
        }
    }
    cases
}
