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

use cases::Cases;
use programs::{NoAnswer, PROGRAMS};
use scenarios::Scenario;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--list") {
        println!("validators: test");
        return ExitCode::SUCCESS;
    }
    let filters: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    if !filters.is_empty() && !filters.iter().any(|filter| "validators".contains(filter.as_str())) {
        return ExitCode::SUCCESS;
    }
    // Validators read the clock of this machine, so tokens are of this moment.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970").as_secs();
    let scenarios = Scenario::all(i64::try_from(now).expect("a time"));
    let Cases { mut cases, key_sets } = Cases::of(&scenarios);
    let base = jwks::serve(key_sets).expect("a port on loopback");
    for case in &mut cases {
        if let Some(path) = case.input["jwks"].as_str() {
            case.input["jwks"] = format!("{base}{path}").into();
        }
    }
    let inputs: Vec<&Value> = cases.iter().map(|case| &case.input).collect();
    let inputs = serde_json::to_string(&inputs).expect("JSON");

    let is_ci = std::env::var("CI").is_ok_and(|value| value == "true");
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for program in &PROGRAMS {
        match program.run(&inputs) {
            Ok(report) => {
                for validator in report["validators"].as_array().expect("validators") {
                    let (line, is_right) =
                        verdicts::judge(program.language, &report["runtime"], validator, &cases);
                    println!("{line}");
                    *if is_right { &mut passed } else { &mut failed } += 1;
                }
            }
            Err(NoAnswer::Missing(what)) if !(is_ci && program.is_required) => {
                println!("validator {} ... skipped: {what}", program.language);
                skipped += 1;
            }
            Err(NoAnswer::Missing(what) | NoAnswer::Failed(what)) => {
                println!("validator {} ... FAILED: {what}", program.language);
                failed += 1;
            }
        }
    }
    println!("\nvalidators: {passed} passed, {failed} failed, {skipped} skipped");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
