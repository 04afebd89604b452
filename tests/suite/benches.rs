//! What the benches measure: their policies compile with all proofs, and claimsc gives the claims that the hand-written
//! programs give.

use std::collections::BTreeSet;

use claimsc::Compiler;
use claimsc::diag::Severity;

#[path = "../../benches/native/code.rs"]
mod code;
#[path = "../../benches/native/contenders.rs"]
mod contenders;
#[path = "../../benches/native/person.rs"]
mod person;
#[expect(dead_code, reason = "only the benches measure time")]
#[path = "../../benches/workload/workload.rs"]
mod workload;

use contenders::Requests;
use workload::hand::Hand;
use workload::turns::agree;
use workload::{Kind, Workload};

const RULES: usize = 100;

#[test]
fn the_policies_of_the_benches_have_no_findings() {
    for kind in Kind::ALL {
        let compilation = Workload::new(kind, RULES).compiler().compile();
        let findings: BTreeSet<_> = compilation
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity != Severity::Note)
            .map(|diagnostic| &diagnostic.message)
            .collect();
        assert!(findings.is_empty(), "{kind:?}: {findings:#?}");
    }
}

#[test]
fn claimsc_and_hand_written_programs_give_the_same_claims() {
    for kind in Kind::ALL {
        let workload = Workload::new(kind, RULES);
        let hand = Hand::new(&workload);
        let policy = workload.compiler().without_proofs().compile().policy.expect("no errors");
        let mixed = Requests::new(workload.mixed(200));
        for make in [contenders::native, contenders::json] {
            agree(&mut make(&hand, &policy, &mixed), 200);
        }
        let hot = Requests::new(workload.hot());
        for request in 0..hot.values.len() {
            for contender in &mut contenders::native(&hand, &policy, &hot) {
                let claims = contender.claims(request);
                let count = claims.as_object().expect("an object").len();
                assert_eq!(count, 5, "{kind:?}: {} for request {request}: {claims}", contender.name());
            }
        }
    }
}

#[test]
fn the_rules_that_are_written_as_code_are_those_of_the_workload() {
    let workload = Workload::new(Kind::Spread, code::RULES);
    let (hand, policy) = (Hand::new(&workload), Compiler::new().compile().policy.expect("an empty policy"));
    for requests in [workload.mixed(200), workload.matching(workload.pairs.len())] {
        let requests = Requests::new(requests);
        agree(&mut contenders::as_code(&hand, &policy, &requests), requests.values.len());
    }
}
