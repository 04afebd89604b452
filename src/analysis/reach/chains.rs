//! Where branches are taken, said in as few words as possible: of the branches before one, only those count that its own
//! condition does not exclude already.

use std::collections::BTreeMap;

use crate::analysis::Study;
use crate::ir::{ChainId, Step};
use crate::logic::cube::Cube;
use crate::logic::formula::Formula;
use crate::logic::lemma::Lemma;

/// What is known of one chain.
struct Known {
    /// By condition: where it is true, what that plainly needs, and whether without a user the chain ends there.
    conditions: Vec<(Formula, Cube, bool)>,
    /// Where each branch is reached, each built on the one before it.
    reached: Vec<Formula>,
}

/// Chains that were looked at.
#[derive(Default)]
pub(super) struct Chains {
    known: BTreeMap<ChainId, Known>,
    taken: BTreeMap<Step, Formula>,
}

impl Chains {
    /// Where a branch is taken.
    pub(super) fn taken(&mut self, study: &mut Study<'_>, step: Step) -> Formula {
        if let Some(taken) = self.taken.get(&step) {
            return *taken;
        }
        if !study.f.knows(Lemma::EarlierBranches) || !study.f.knows(Lemma::MissingUser) {
            return study.meaning.taken(step.chain.index(), step.branch as usize);
        }
        let branch = step.branch as usize;
        if study.meaning.is_long(step.chain.index()) {
            return study.meaning.taken(step.chain.index(), branch);
        }
        let known = self.known(study, step.chain);
        let taken = match known.conditions.get(branch) {
            None => known.reached.get(branch).copied().unwrap_or(Formula::FALSE),
            Some((yes, cube, _)) => {
                let before: Vec<&(Formula, Cube, bool)> = known.conditions.iter().take(branch).collect();
                let user = before.iter().any(|(_, _, reads_user)| *reads_user);
                let left = before.iter().filter(|(_, other, _)| !cube.excludes(other));
                let mut parts: Vec<Formula> = left.map(|(other, ..)| !*other).chain([*yes]).collect();
                if user {
                    parts.push(study.meaning.user(&mut study.f));
                }
                study.f.all(parts)
            }
        };
        self.taken.insert(step, taken);
        taken
    }

    /// Where all of these branches are taken.
    pub(super) fn all_taken(&mut self, study: &mut Study<'_>, steps: &[Step]) -> Vec<Formula> {
        steps.iter().map(|step| self.taken(study, *step)).collect()
    }

    /// Where a branch is reached within its chain, whether or not it is taken.
    pub(super) fn reached(&mut self, study: &mut Study<'_>, step: Step) -> Formula {
        self.known(study, step.chain).reached.get(step.branch as usize).copied().unwrap_or(Formula::FALSE)
    }

    fn known(&mut self, study: &mut Study<'_>, chain: ChainId) -> &Known {
        self.known.entry(chain).or_insert_with(|| {
            let unit = study.unit;
            let one_audience = unit.catalog.has_single_audiences();
            let (mut conditions, mut reached) = (Vec::new(), vec![Formula::TRUE]);
            let mut last = Formula::TRUE;
            for condition in unit.chains.get(chain.index()).iter().flat_map(|chain| &chain.conditions) {
                let yes = study.meaning.truth(&mut study.f, &condition.expr).yes;
                let mut parts = vec![last, !yes];
                if condition.reads_user {
                    parts.push(study.meaning.user(&mut study.f));
                }
                last = study.f.all(parts);
                reached.push(last);
                conditions.push((yes, Cube::of(&study.f, yes, one_audience), condition.reads_user));
            }
            Known { conditions, reached }
        })
    }
}
