//! What the benches measure: their policies compile with all proofs, and claimsc gives the claims that the hand-written
//! programs give; those that are made to cost much are accepted, and keep their bounds.

use std::collections::BTreeSet;

use claimsc::analysis::worst::worst as bound;
use claimsc::artifact::Trust;
use claimsc::diag::Severity;
use claimsc::eval::evaluate_counted;
use claimsc::{Compiler, Policy, Request};

#[path = "../../benches/native/code.rs"]
mod code;
#[path = "../../benches/native/contenders.rs"]
mod contenders;
#[path = "../../benches/native/person.rs"]
mod person;
#[expect(dead_code, reason = "only the benches measure time")]
#[path = "../../benches/workload/workload.rs"]
mod workload;
#[path = "../../benches/worst/cases.rs"]
mod worst;

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

/// Each of them small, so that nothing takes long here.
#[test]
fn the_worst_policies_are_accepted_and_no_request_exceeds_their_bounds() {
    for kind in worst::KINDS {
        let case = (kind.make)(kind.size.min(12));
        let mut compiler = Compiler::new();
        compiler.without_proofs().catalog("claims.yaml", &case.catalog).source("policy.claims", &case.policy);
        let compilation = compiler.compile();
        let found: Vec<_> = compilation.diagnostics.iter().map(|found| &found.message).collect();
        let artifact =
            compilation.artifact().filter(|_| case.is_packed).map(|bytes| bytes.expect("not too large"));
        let policy = match artifact {
            Some(bytes) => Policy::from_artifact(bytes, Trust::Anybody).expect("it was made a moment ago"),
            None => compilation.policy.unwrap_or_else(|| panic!("{}: {found:#?}", kind.name)),
        };
        let bound = bound(policy.unit());
        for request in &case.requests {
            let request = Request::from_json(request.as_bytes()).expect("a request");
            let (decision, steps) = evaluate_counted(policy.unit(), &request);
            assert!(steps <= bound.steps, "{}: {steps} steps, {bound:?}", kind.name);
            assert_eq!(policy.evaluate(&request).to_string(), decision.to_string(), "{}", kind.name);
            let is_refused = ["denied", "error"].iter().any(|word| kind.name.contains(word));
            assert_eq!(decision.word() != "issue", is_refused, "{}: {decision}", kind.name);
        }
    }
}
