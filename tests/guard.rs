//! A guard against gross loss of speed: claimsc beside the hand-written program, in turns in one process. Only factors
//! count, and large ones: a busy neighbour slows both, and nothing here depends on how fast a machine is. What is lost by
//! less is for the benches to tell.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it measured"
)]

use claimsc::Policy;

#[expect(dead_code, reason = "the benches use it")]
#[path = "../benches/native/code.rs"]
mod code;
#[expect(dead_code, reason = "the benches use more of it")]
#[path = "../benches/native/contenders.rs"]
mod contenders;
#[path = "../benches/native/person.rs"]
mod person;
#[expect(dead_code, reason = "the benches use more of it")]
#[path = "../benches/workload/workload.rs"]
mod workload;

use contenders::Requests;
use workload::hand::Hand;
use workload::turns::measure;
use workload::{Kind, Workload};

/// Neither program is optimized here. One that looks at every rule takes thousands of times as long as the hand-written
/// one.
const GROSS: f64 = 60.0;
/// How much longer a request may take where there are a hundred times as many rules.
const FLAT: f64 = 4.0;
const TURNS: usize = 12;

fn main() {
    let ratios = [20, 2_000].map(|rules| {
        let workload = Workload::new(Kind::Spread, rules);
        let policy: Policy =
            workload.compiler().without_proofs().compile().policy.expect("the workload compiles");
        let hand = Hand::new(&workload);
        let requests = Requests::new(workload.hot());
        let mut all = contenders::native(&hand, &policy, &requests);
        all.retain(|contender| matches!(contender.name(), "rust-bytes" | "claimsc-bytes"));
        let order: Vec<usize> = (0..requests.values.len()).collect();
        let times = measure(&mut all, &order, TURNS);
        times[1] / times[0]
    });
    let [few, many] = ratios;
    println!("claimsc to hand-written: x{few:.1} with 20 rules, x{many:.1} with 2,000");
    assert!(few < GROSS && many < GROSS, "slower than the hand-written program by more than {GROSS}");
    assert!(many < few * FLAT, "the number of rules decides how long a request takes");
}
