//! Conflicting writes, and writes of what is removed.

use super::Opinions;
use crate::worlds::print::Part;
use crate::worlds::truth::{Meeting, full};

pub(super) fn compare(opinions: &mut Opinions<'_>) {
    let pairs = opinions.truth.pairs();
    let mut reported: Vec<_> = opinions.of("conflicting-writes").map(super::Finding::verbs).collect();
    let undecided: Vec<_> = opinions.of("undecided-conflict").map(super::Finding::verbs).collect();
    for verbs in &undecided {
        let is_met = pairs.iter().any(|((one, other), meetings)| {
            verbs.contains(one) && verbs.contains(other) && meetings.contains_key(&Meeting::Conflict)
        });
        opinions.count(format!("undecided-conflict, in truth {}", if is_met { "conflict" } else { "none" }));
    }
    reported.extend(undecided);
    for ((one, other), meetings) in &pairs {
        let Some(run) = meetings.get(&Meeting::Conflict) else { continue };
        if reported.iter().any(|verbs| verbs.contains(one) && verbs.contains(other)) {
            opinions.count("conflicting pairs");
        } else if said_enough(opinions, *one) {
            opinions.count("conflicting pairs beyond those shown");
        } else {
            let request = opinions.truth.shown(*run);
            opinions.disagree("missed conflict", format!("verbs {one} and {other} conflict for {request}"));
        }
    }
    opinions.check_witnesses("conflicting-writes", |_, _, run| match &run.decision {
        claimsc::Decision::Error(errors) => errors.iter().any(|error| error.code == "C0902"),
        _ => false,
    });
    removed(opinions);
}

/// Whether there are so many findings about claims of a verb that the rest is left out.
fn said_enough(opinions: &Opinions<'_>, verb: usize) -> bool {
    let claims = opinions.truth.claims(verb);
    let is_about = |finding: &&super::Finding| {
        finding.slug.contains("conflict") && claims.iter().any(|claim| finding.message.contains(&full(claim)))
    };
    opinions.findings.iter().filter(is_about).count() >= 8
}

fn removed(opinions: &mut Opinions<'_>) {
    let reported: Vec<_> = opinions.of("removed-write").map(super::Finding::verbs).collect();
    let undecided: Vec<_> = opinions.of("undecided-conflict").map(super::Finding::verbs).collect();
    // A write that is removed wherever it acts is told once, as one in vain.
    let in_vain: Vec<_> = opinions.of("beaten-write").map(|finding| finding.part).collect();
    for ((remove, write), run) in opinions.truth.removed_writes() {
        if reported.iter().chain(&undecided).any(|verbs| verbs.contains(&remove) && verbs.contains(&write))
            || in_vain.contains(&Some(Part::Verb(write)))
        {
            opinions.count("removed writes");
        } else {
            let request = opinions.truth.shown(run);
            opinions
                .disagree("missed removed-write", format!("verbs {remove} and {write} meet for {request}"));
        }
    }
    opinions.check_witnesses("removed-write", |_, finding, run| {
        finding.verbs().iter().all(|verb| run.verbs.contains_key(verb))
    });
}
