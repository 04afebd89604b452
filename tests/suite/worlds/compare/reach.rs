//! What can never act, what is always true, and what acts in vain.

use std::collections::BTreeSet;

use super::Opinions;
use crate::worlds::print::Part;

pub(super) fn compare(opinions: &mut Opinions<'_>) {
    let silent: BTreeSet<usize> = opinions.of("never-fires").flat_map(super::Finding::verbs).collect();
    for verb in silent {
        if opinions.truth.fires(verb) {
            opinions.disagree("false never-fires", format!("verb {verb} fires"));
        } else {
            opinions.count("never-fires confirmed");
        }
    }
    let closed: Vec<(Option<Part>, String)> =
        opinions.of("unreachable-branch").map(|finding| (finding.part, finding.shown())).collect();
    for (part, shown) in closed {
        let flag = match part {
            Some(Part::Condition(number)) => ('b', number, 0),
            Some(Part::Else(number)) => ('e', number, 0),
            _ => {
                opinions.disagree("unreachable-branch elsewhere", shown);
                continue;
            }
        };
        if opinions.truth.observed.runs.iter().any(|run| run.flags.contains(&flag)) {
            opinions.disagree("false unreachable-branch", shown);
        } else {
            opinions.count("unreachable-branch confirmed");
        }
    }
}
