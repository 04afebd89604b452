//! The engine that servers use against the reference engine: the same decision about every request, the same bytes, the
//! same steps, and never more than the bounds of the policy.

use claimsc::analysis::worst::Worst;
use claimsc::eval::evaluate_counted;
use claimsc::program::{Answer, Scratch};
use claimsc::value::Value;
use claimsc::{Decision, Policy, Request};

use super::Tally;

/// Both engines decide the same about a request.
pub(super) fn agree(
    policy: &Policy,
    worst: &Worst,
    request: &Request,
    scratch: &mut Scratch,
    tally: &mut Tally,
) -> Result<(), String> {
    let (plain, steps) = evaluate_counted(policy.unit(), request);
    if steps > worst.steps {
        return Err(format!("it takes {steps} steps, more than {worst:?}"));
    }
    if let Decision::Issue(issued) = &plain {
        let claims = issued.tokens.values().map(|claims| Value::object(claims.clone().into_iter().collect()));
        let bytes: usize = claims.map(|claims| claims.to_json().len()).sum();
        if bytes as u64 > worst.claims {
            return Err(format!("the claims have {bytes} bytes, more than {worst:?}"));
        }
    }
    let decision = policy.evaluate_with(request, scratch);
    let text = plain.to_string();
    if decision.to_string() != text {
        return Err(format!("the plain engine says {text}, the map {decision}"));
    }
    let asked = request.asked();
    let answer = policy.decide(&asked, request, scratch).map_err(|error| error.to_string())?;
    let bytes = match answer {
        Answer::Issue(issue) => Decision::Issue(issue.to_issued()),
        Answer::Deny(refusals) => Decision::Deny(refusals),
        Answer::Error(errors) => Decision::Error(errors),
    };
    if bytes.to_string() != text {
        return Err(format!("the plain engine says {text}, the bytes {bytes}"));
    }
    let word = plain.word();
    match scratch.effort() {
        Some(effort) => {
            tally.count(format!("decided by a program: {word}"), 1);
            if !(effort.steps..=effort.steps + effort.spared).contains(&steps) {
                return Err(format!("the plain engine takes {steps} steps, the program {effort:?}"));
            }
        }
        None => tally.count(format!("decided by the reference engine: {word}"), 1),
    }
    Ok(())
}
