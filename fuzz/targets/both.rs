//! Both engines about one request: they decide the same, and within the bounds of the policy.

use claimsc::analysis::worst::worst;
use claimsc::eval::evaluate_counted;
use claimsc::program::{Answer, Scratch};
use claimsc::{Decision, Policy, Request};

/// Panics unless both engines, into a map and into bytes, decide the same.
pub fn agree(policy: &Policy, request: &Request) {
    let (plain, steps) = evaluate_counted(policy.unit(), request);
    assert!(steps <= worst(policy.unit()).steps, "more steps than the bound");
    let mut scratch = Scratch::new();
    assert_eq!(policy.evaluate_with(request, &mut scratch).to_string(), plain.to_string());
    let asked = request.asked();
    let answer = policy.decide(&asked, request, &mut scratch).expect("a request that was read");
    let bytes = match answer {
        Answer::Issue(issue) => Decision::Issue(issue.to_issued()),
        Answer::Deny(refusals) => Decision::Deny(refusals),
        Answer::Error(errors) => Decision::Error(errors),
    };
    assert_eq!(bytes.to_string(), plain.to_string());
    if let Some(effort) = scratch.effort() {
        assert!((effort.steps..=effort.steps + effort.spared).contains(&steps), "{effort:?}, {steps} steps");
    }
}
