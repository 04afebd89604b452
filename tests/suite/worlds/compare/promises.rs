//! `ensure` and contracts.

use std::collections::BTreeSet;

use super::Opinions;
use crate::worlds::print::Part;
use crate::worlds::tree::{Ensured, Promise};

pub(super) fn compare(opinions: &mut Opinions<'_>) {
    for number in 0..opinions.truth.tree.promises.len() {
        let promise = &opinions.truth.tree.promises[number];
        let word = if matches!(promise, Promise::Ensure { .. }) { "ensure" } else { "contract" };
        if matches!(promise, Promise::Ensure { what: Ensured::NoLabel(_), .. }) {
            continue;
        }
        let said: BTreeSet<&str> = opinions
            .findings
            .iter()
            .filter(|finding| {
                matches!(finding.part, Some(Part::Promise(n) | Part::Member(n, _)) if n == number)
                    && finding.slug.ends_with(word)
            })
            .map(|finding| finding.slug)
            .collect();
        let kept = opinions.truth.promise(number);
        let verdict = said.iter().next().copied().unwrap_or("proven");
        opinions.count(format!("{word} {verdict}"));
        match (verdict.split('-').next().unwrap_or_default(), kept.broken) {
            ("proven" | "vacuous", Some(run)) => {
                let request = opinions.truth.shown(run);
                opinions.disagree(
                    format!("{word} broken, said to be {verdict}"),
                    format!("{promise:?} is broken by {request}"),
                );
            }
            ("vacuous", _) if kept.applies => {
                opinions
                    .disagree(format!("{word} not vacuous"), format!("{promise:?} applies to some request"));
            }
            ("proven", None) if !kept.applies && !kept.may_apply => {
                opinions.unsaid(&format!("vacuous-{word}"), format!("{promise:?} applies to no request"));
            }
            _ => {}
        }
    }
    opinions.check_witnesses("refuted-ensure", |truth, finding, run| match finding.part {
        Some(Part::Promise(number)) => match &truth.tree.promises[number] {
            Promise::Ensure { what: Ensured::NoLabel(_), .. } => run.issued().is_some(),
            _ => truth.is_broken(number, run) == Some(true),
        },
        _ => false,
    });
    opinions.check_witnesses("refuted-contract", |truth, finding, run| match finding.part {
        Some(Part::Promise(number) | Part::Member(number, _)) => truth.is_broken(number, run) == Some(true),
        // A write of what the contract does not list.
        _ => finding.others.iter().any(|part| match part {
            Part::Promise(number) | Part::Member(number, _) => truth.is_broken(*number, run) == Some(true),
            _ => false,
        }),
    });
}
