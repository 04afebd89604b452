//! What must be true before anything is compared with the proofs: probes tell what the policy itself does, and the same
//! policy in other words decides the same.

use claimsc::analysis::fingerprint::fingerprint;
use claimsc::analysis::worst::worst;
use claimsc::eval::Effect;
use claimsc::program::Scratch;
use claimsc::{Decision, Policy};

use super::observe::{Observation, Run, compile};
use super::rng::Rng;
use super::tree::{Action, Written};
use super::truth::{Meeting, Truth, meetings};
use super::variants::{self, Files};
use super::world::World;
use super::{Case, Failure, Tally, engines, print};

pub(super) fn check(case: &Case, tally: &mut Tally) {
    let truth = Truth::new(&case.world, &case.tree, &case.observed);
    let (policy, mut scratch) = (&case.observed.policy, Scratch::new());
    let worst = worst(policy.unit());
    for run in &case.observed.runs {
        tally.count(format!("decision {}", run.decision.word()), 1);
        if let Err(problem) = engines::agree(policy, &worst, &truth.request(run), &mut scratch, tally) {
            tally.failures.push(failure(case, run, &problem));
        }
        if !run.is_probed {
            continue;
        }
        let problem = conflict_problem(&truth, run).or_else(|| firing_problem(&truth, run));
        if let Some(problem) = problem {
            tally.failures.push(failure(case, run, &problem));
            break;
        }
    }
    mutants(case, &truth, tally);
    let mut rng = Rng::new(case.seed ^ 0xfeed);
    for (what, files) in variants::equal(&mut rng, &case.tree) {
        match variant(case, &files) {
            Ok(policy) => {
                tally.count(format!("variant {what}"), 1);
                let is_same = fingerprint(policy.unit()) == fingerprint(case.observed.policy.unit());
                let word = if is_same { "the same" } else { "another" };
                tally.count(format!("{word} fingerprint: {what}"), 1);
                if !is_same && ALIKE.contains(&what) {
                    let detail = format!("{what}\n{}\n{}", case.observed.text.text, joined(&files));
                    tally.failures.push(Failure {
                        kind: "another fingerprint".to_owned(),
                        seed: case.seed,
                        detail,
                    });
                }
                if let Some(run) = first_difference(&case.observed, &policy, &truth) {
                    tally.failures.push(failure(
                        case,
                        run,
                        &format!("{what} decides otherwise\n{}", joined(&files)),
                    ));
                }
            }
            Err(errors) => {
                tally.unfit.push(format!("seed {}: {what}\n{errors}\n{}", case.seed, joined(&files)));
            }
        }
    }
}

/// What changes no fingerprint. (A let is computed once, so with and without it a request may cost other work.)
const ALIKE: [&str; 5] = [
    "items in another order",
    "in two files",
    "operands in another order",
    "other names of lets",
    "a comment and blanks",
];

/// Policies that differ in one detail have another fingerprint, unless they decide the same.
fn mutants(case: &Case, truth: &Truth<'_>, tally: &mut Tally) {
    let mut rng = Rng::new(case.seed ^ 0xbeef);
    for (what, mutant) in variants::mutants(&mut rng, &case.world, &case.tree, 3) {
        let Ok(policy) = variant(case, &variants::one_file(&mutant)) else { continue };
        let is_same = fingerprint(policy.unit()) == fingerprint(case.observed.policy.unit());
        let differs = first_difference(&case.observed, &policy, truth);
        tally.count(
            format!("mutant {what}, same fingerprint {is_same}, same decisions {}", differs.is_none()),
            1,
        );
        if let Some(run) = differs.filter(|_| is_same) {
            let problem =
                format!("{what}, and the same fingerprint\n{}", print::without_promises(&mutant).text);
            tally.failures.push(failure(case, run, &problem));
        }
    }
}

fn joined(files: &Files) -> String {
    files.iter().map(|(name, text)| format!("// {name}\n{text}")).collect()
}

fn failure(case: &Case, run: &Run, problem: &str) -> Failure {
    let request = case.world.request(&case.observed.space.cells[run.cell], run.index).to_json();
    let detail = format!("{problem}\nrequest {request}\ndecision {}", run.decision);
    Failure { kind: "decision".to_owned(), seed: case.seed, detail }
}

/// A policy in other words.
pub(super) fn variant(case: &Case, files: &Files) -> Result<Policy, String> {
    variant_in(&case.world, files)
}

/// The same in another world.
pub(super) fn variant_in(world: &World, files: &Files) -> Result<Policy, String> {
    let compilation = compile(world, files);
    let words = |finding: &claimsc::diag::Diagnostic| {
        let place = compilation.sources.place(finding.span);
        format!("{place}: {} {}", finding.code.slug, finding.message)
    };
    let errors: Vec<String> = compilation.diagnostics.iter().map(words).collect();
    compilation.policy.ok_or_else(|| errors.join("\n"))
}

/// Values of one claim conflict exactly where the evaluator says so.
fn conflict_problem(truth: &Truth<'_>, run: &Run) -> Option<String> {
    let expected =
        meetings(&truth.contributions(run)).iter().any(|(_, meeting)| *meeting == Meeting::Conflict);
    let Decision::Error(errors) = &run.decision else {
        return expected.then(|| "a conflict was expected".to_owned());
    };
    let sets_audience = truth.verbs.iter().any(|verb| matches!(verb.action, Action::Audience { .. }));
    match errors.iter().find(|error| error.code != "C0902" && error.code != "C0906") {
        // What a set audience leads to: the evaluation ends there.
        Some(error) if sets_audience && matches!(error.code, "C0903" | "C0905") => None,
        Some(error) => Some(format!("an error that no request should give: {}", error.message)),
        // An external source that failed ends it before anything is written.
        None if errors.iter().any(|error| error.code == "C0906") => None,
        None => (!expected).then(|| "no conflict was expected".to_owned()),
    }
}

/// A verb acts in the probe exactly where it acts in the policy.
fn firing_problem(truth: &Truth<'_>, run: &Run) -> Option<String> {
    if !run.index.is_multiple_of(7) || matches!(run.decision, Decision::Error(_)) {
        return None;
    }
    let explained = truth.observed.policy.explain(&truth.request(run), false);
    for statement in &explained.statements {
        let verb = truth.verb_at(&statement.rule.place).expect("every statement is a verb of the tree");
        let fired = matches!(statement.effect, Effect::Fired);
        // One that refuses for want of a value counts as acting.
        let refuses = matches!(&truth.verbs[verb].action, Action::Write { value: Written::OrDeny(_), .. });
        if !refuses && fired != run.verbs.contains_key(&verb) {
            return Some(format!("verb {verb} at {} fired: {fired}", statement.rule.place));
        }
    }
    None
}

fn first_difference<'o>(observed: &'o Observation, policy: &Policy, truth: &Truth<'_>) -> Option<&'o Run> {
    observed.runs.iter().find(|run| !agree(&run.decision, &policy.evaluate(&truth.request(run))))
}

/// Whether two decisions are the same but for places, which stand in messages of errors.
fn agree(one: &Decision, other: &Decision) -> bool {
    match (one, other) {
        (Decision::Error(a), Decision::Error(b)) => {
            let codes = |errors: &[claimsc::decision::EvaluationError]| {
                let mut codes: Vec<_> = errors.iter().map(|error| error.code).collect();
                codes.dedup();
                codes
            };
            codes(a) == codes(b)
        }
        _ => one == other,
    }
}
