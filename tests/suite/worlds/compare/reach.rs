//! What can never act, what is always true, and what acts in vain.
//!
//! Findings of this kind are proofs, so one request refutes them. Where nothing is said although no request of the world
//! shows the contrary, that is only counted: proofs are sought within bounds.

use claimsc::Compilation;
use claimsc::diag::Severity;

use super::{Finding, Opinions};
use crate::worlds::observe;
use crate::worlds::places::{Places, Step, taken};
use crate::worlds::print::{self, Part};
use crate::worlds::tree::Action;

pub(super) fn compare(opinions: &mut Opinions<'_>) {
    let places = Places::of(opinions.truth.tree);
    for finding in opinions.findings.clone() {
        let is_refuted = match finding.slug {
            "never-fires" | "unreachable-branch" => acts(opinions, &finding),
            "always-true" => is_not_always(opinions, &places, &finding),
            "unreachable-arm" => is_chosen(opinions, &finding),
            _ => continue,
        };
        match is_refuted {
            None => opinions.count(format!("{} elsewhere", finding.slug)),
            Some(None) => opinions.count(format!("{} confirmed", finding.slug)),
            Some(Some(run)) => {
                let detail = format!("{}\nrefuted by {}", finding.shown(), opinions.truth.shown(run));
                opinions.disagree(format!("false {}", finding.slug), detail);
            }
        }
    }
    in_vain(opinions);
    quiet(opinions, &places);
}

/// The run in which what is said never to act does; `None` if it is not known what that is.
type Refutation = Option<Option<usize>>;

fn acts(opinions: &Opinions<'_>, finding: &Finding) -> Refutation {
    let mut runs = opinions.truth.observed.runs.iter();
    Some(match finding.part? {
        Part::Verb(verb) => runs.position(|run| run.verbs.contains_key(&verb)),
        Part::Condition(number) => runs.position(|run| run.flags.contains(&('b', number, 0))),
        Part::Else(number) => runs.position(|run| run.flags.contains(&('e', number, 0))),
        _ => return None,
    })
}

fn is_not_always(opinions: &Opinions<'_>, places: &Places, finding: &Finding) -> Refutation {
    let mut runs = opinions.truth.observed.runs.iter();
    Some(match finding.part? {
        Part::Condition(number) => {
            let around = &places.conditions[number];
            runs.position(|run| run.is_probed && taken(run, around) && !run.flags.contains(&('c', number, 0)))
        }
        // Its exception.
        Part::Verb(verb) => {
            let action = &opinions.truth.verbs[verb].action;
            if !matches!(action, Action::Deny { .. } | Action::Lifetime { .. } | Action::Scope { .. }) {
                return None;
            }
            runs.position(|run| {
                run.is_probed && taken(run, &places.verbs[verb]) && !run.verbs.contains_key(&verb)
            })
        }
        _ => return None,
    })
}

fn is_chosen(opinions: &Opinions<'_>, finding: &Finding) -> Refutation {
    let Some(Part::Arm(verb, arm)) = finding.part else { return None };
    Some(opinions.truth.observed.runs.iter().position(|run| run.flags.contains(&('a', verb, arm))))
}

/// Writes that never reach a token, and defaults that never apply.
fn in_vain(opinions: &mut Opinions<'_>) {
    let effects = opinions.truth.effects();
    for slug in ["beaten-write", "unused-default"] {
        for finding in opinions.of(slug).cloned().collect::<Vec<_>>() {
            let Some(Part::Verb(verb)) = finding.part else {
                opinions.disagree(format!("{slug} elsewhere"), finding.shown());
                continue;
            };
            if effects.decide.contains(&verb) {
                opinions.disagree(format!("false {slug}"), finding.shown());
            } else {
                opinions.count(format!("{slug} confirmed"));
            }
        }
    }
    for verb in effects.beaten.difference(&effects.decide) {
        let is_said = opinions.findings.iter().any(|finding| {
            matches!(finding.slug, "beaten-write" | "unused-default")
                && finding.part == Some(Part::Verb(*verb))
        });
        if !is_said {
            opinions.unsaid("beaten-write", format!("verb {verb} never reaches a token"));
        }
    }
}

/// What never acts in the world and is not reported.
fn quiet(opinions: &mut Opinions<'_>, places: &Places) {
    let is_closed = |steps: &[Step]| {
        opinions.findings.iter().any(|finding| {
            let Some(Part::Condition(number) | Part::Else(number)) = finding.part else { return false };
            matches!(finding.slug, "never-fires" | "unreachable-branch")
                && steps.iter().any(|step| step.has(number))
        })
    };
    let idle: Vec<usize> = (0..opinions.truth.verbs.len())
        .filter(|verb| !opinions.truth.fires(*verb) && !is_closed(&places.verbs[*verb]))
        .filter(|verb| !opinions.of("never-fires").any(|finding| finding.part == Some(Part::Verb(*verb))))
        .collect();
    for verb in idle {
        let is_caution = opinions.truth.verbs[verb].restricts();
        opinions.unsaid(
            if is_caution { "never-fires of a restriction" } else { "never-fires" },
            format!("verb {verb} never acts"),
        );
    }
}

/// Fixes that say that they keep the meaning do.
pub(super) fn fixes(opinions: &mut Opinions<'_>, compilation: &Compilation) {
    let text = if opinions.judges {
        opinions.truth.observed.text.text.clone()
    } else {
        print::without_promises(opinions.truth.tree).text
    };
    let applied: Vec<(&'static str, String)> = compilation
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.code.code.starts_with("C06"))
        .flat_map(|diagnostic| diagnostic.fixes.iter().map(|fix| (diagnostic.code.slug, fix)))
        .filter(|(_, fix)| fix.applicability == claimsc::diag::Applicability::Safe)
        .map(|(slug, fix)| (slug, edited(&text, fix)))
        .collect();
    for (slug, text) in applied {
        let compiled = observe::compile(opinions.truth.world, &[("p.claims".to_owned(), text.clone())]);
        let Some(policy) = compiled.policy else {
            let errors: Vec<_> = compiled
                .diagnostics
                .iter()
                .filter(|d| d.severity == Severity::Error)
                .map(|d| &d.message)
                .collect();
            opinions.disagree(format!("fix of {slug} does not compile"), format!("{errors:?}\n{text}"));
            continue;
        };
        let truth = &opinions.truth;
        let differing = truth.observed.runs.iter().position(|run| {
            let decision = policy.evaluate(&truth.request(run));
            !run.decision.eq(&decision) && decision.word() != "error"
        });
        match differing {
            None => opinions.count(format!("fix of {slug} confirmed")),
            Some(run) => {
                let detail = format!("{text}\ndecides otherwise about {}", opinions.truth.shown(run));
                opinions.disagree(format!("fix of {slug} changes decisions"), detail);
            }
        }
    }
}

fn edited(text: &str, fix: &claimsc::diag::Fix) -> String {
    let mut edits: Vec<_> = fix.edits.iter().collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span.start));
    let mut text = text.to_owned();
    for edit in edits {
        text.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
    }
    text
}
