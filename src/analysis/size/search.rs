//! The largest token among requests that are possible, not only by the sum of what each claim can be: best first over
//! which writes reach a token together.

use std::collections::{BTreeMap, BTreeSet};

use super::contents::{Contents, Most};
use super::limits::{Around, Limit, sets};
use crate::analysis::Study;
use crate::logic::atom::{Aim, Atom};
use crate::logic::formula::Formula;
use crate::logic::meaning::Write;
use crate::logic::solver::Instance;

/// The most that a limit's token can be.
pub(super) struct Tight {
    /// Bytes, as the limit counts them: no token has more.
    pub(super) bytes: u64,
    /// Whether there is a user.
    pub(super) has_user: bool,
    /// The writes that it comes from.
    pub(super) parts: Vec<usize>,
}

/// Looks for the largest token of one limit.
pub(super) struct Search<'s, 'u> {
    /// The policy.
    pub(super) study: &'s mut Study<'u>,
    /// The solver for it.
    pub(super) instance: Instance<'u>,
    contents: &'s Contents,
    limit: Limit<'u>,
    around: &'s Around<'u>,
    /// Writes that may reach the token, and where they do.
    effective: BTreeMap<usize, Formula>,
}

/// Writes that are taken for granted, and those that are left out.
#[derive(Debug, Clone, Default)]
struct Node {
    taken: BTreeSet<usize>,
    left_out: BTreeSet<usize>,
    most: Most,
}

impl<'s, 'u> Search<'s, 'u> {
    /// Prepares it: writes that plainly do not reach the token are put aside.
    pub(super) fn new(
        study: &'s mut Study<'u>,
        contents: &'s Contents,
        limit: Limit<'u>,
        around: &'s Around<'u>,
    ) -> Self {
        let mut effective = BTreeMap::new();
        for (index, part) in contents.parts.iter().enumerate() {
            if !limit.counts(study.unit, part)
                || !part.tokens.contains(limit.token)
                || !reaches(study, &limit, part.fires)
            {
                continue;
            }
            let among = contents.claim_of.get(index).and_then(|claim| contents.claims.get(*claim));
            let among: Vec<Write> = among.into_iter().flatten().filter_map(|one| study.write(*one)).collect();
            let among: Vec<&Write> = among.iter().collect();
            let Some(write) = study.write(index) else { continue };
            let formula = study.meaning.is_effective(&mut study.f, &write, limit.token, &among);
            if formula != Formula::FALSE {
                effective.insert(index, formula);
            }
        }
        let mut formulas: Vec<Formula> = effective.values().copied().collect();
        for has_user in [true, false] {
            formulas.extend(base(study, &limit, has_user));
        }
        let instance = study.instance(formulas);
        Search { study, instance, contents, limit, around, effective }
    }

    /// The largest token; `None` where there is none. Asks at most so many questions; once they are used up, the bound
    /// is what is known by then.
    pub(super) fn tightest(&mut self, questions: &mut u32) -> Option<Tight> {
        let with = self.with_user(true, questions);
        let without = self.with_user(false, questions);
        match (with, without) {
            (Some(a), Some(b)) => Some(if b.bytes > a.bytes { b } else { a }),
            (a, b) => a.or(b),
        }
    }

    fn with_user(&mut self, has_user: bool, questions: &mut u32) -> Option<Tight> {
        let base = base(self.study, &self.limit, has_user);
        if !self.study.is_possible(&mut self.instance, &base) {
            return None;
        }
        let mut open = vec![self.node(BTreeSet::new(), BTreeSet::new())];
        let mut impossible: BTreeSet<usize> = BTreeSet::new();
        let mut seen: BTreeSet<usize> = BTreeSet::new();
        loop {
            open.sort_by_key(|node| node.most.bytes);
            let mut best = open.pop()?;
            // What cannot reach the token by itself is no choice.
            let count = impossible.len();
            for part in best.most.parts.iter().copied().filter(|part| seen.insert(*part)) {
                *questions = questions.saturating_sub(1);
                if *questions > 0 && !self.can_stand(&base, std::iter::once(&part)) {
                    impossible.insert(part);
                }
            }
            if impossible.len() > count || !impossible.is_subset(&best.left_out) {
                best.left_out.extend(&impossible);
                open.push(self.node(best.taken, best.left_out));
                continue;
            }
            let bytes = self.limit.bytes(self.around, best.most.bytes, has_user);
            let parts = self.largest_first(&best.most.parts);
            let next = parts.iter().copied().find(|part| !best.taken.contains(part));
            let found = Tight { bytes, has_user, parts };
            if bytes <= self.limit.most || *questions < 2 || self.can_stand(&base, found.parts.iter()) {
                return Some(found);
            }
            *questions -= 2;
            let Some(next) = next else { return Some(found) };
            let mut left_out = best.left_out.clone();
            left_out.insert(next);
            open.push(self.node(best.taken.clone(), left_out));
            let mut taken = best.taken;
            taken.insert(next);
            if self.can_stand(&base, taken.iter()) {
                open.push(self.node(taken, best.left_out));
            }
        }
    }

    fn node(&self, taken: BTreeSet<usize>, left_out: BTreeSet<usize>) -> Node {
        let counts = |part| self.effective.contains_key(&part) && !left_out.contains(&part);
        let most = self.contents.most(&counts);
        Node { taken, left_out, most }
    }

    fn can_stand<'p>(&mut self, base: &[Formula], parts: impl Iterator<Item = &'p usize>) -> bool {
        let question: Vec<Formula> = base.iter().copied().chain(self.reach(parts)).collect();
        self.study.is_possible(&mut self.instance, &question)
    }

    fn reach<'p>(&self, parts: impl Iterator<Item = &'p usize>) -> Vec<Formula> {
        parts.filter_map(|part| self.effective.get(part).copied()).collect()
    }

    /// What has to hold for these writes to reach a token together; the second is easier to show, where it can be.
    pub(super) fn questions(&mut self, has_user: bool, parts: &[usize]) -> [Vec<Formula>; 2] {
        let mut question = base(self.study, &self.limit, has_user);
        question.extend(self.reach(parts.iter()));
        let mut quiet = question.clone();
        let claims: BTreeSet<usize> =
            parts.iter().filter_map(|part| self.contents.claim_of.get(*part).copied()).collect();
        for claim in claims {
            let others = self.contents.claims.get(claim).into_iter().flatten();
            let others = others.filter(|other| !parts.contains(other));
            quiet.extend(others.filter_map(|other| Some(!self.contents.parts.get(*other)?.fires)));
        }
        [question, quiet]
    }

    /// Writes by what they contribute, the largest first.
    pub(super) fn largest_first(&self, parts: &[usize]) -> Vec<usize> {
        let bytes = |part: &usize| self.contents.parts.get(*part).map_or(0, super::contents::Part::bytes);
        let mut sorted = parts.to_vec();
        sorted.sort_by_key(|part| (std::cmp::Reverse(bytes(part)), *part));
        sorted
    }
}

/// What is true of every token that a limit is about.
fn base(study: &mut Study<'_>, limit: &Limit<'_>, has_user: bool) -> Vec<Formula> {
    let gives = study.meaning.gives(&mut study.f, limit.token);
    let denied = study.meaning.denied(&mut study.f);
    let user = study.f.atom(Atom::User);
    let mut base = vec![gives, !denied, if has_user { user } else { !user }];
    if let Some(audience) = limit.audience() {
        base.push(study.f.atom(Atom::Audience(Aim::Token, audience.id.clone())));
    }
    base
}

/// Whether a formula is left once the audience is known.
fn reaches(study: &mut Study<'_>, limit: &Limit<'_>, fires: Formula) -> bool {
    let Some(audience) = limit.audience() else { return fires != Formula::FALSE };
    let catalog = &study.unit.catalog;
    let together: BTreeSet<&str> = sets(catalog, audience).into_iter().flatten().collect();
    let left = study.f.restrict(fires, &|atom| match atom {
        Atom::Audience(Aim::Token, id) if *id == audience.id => Some(true),
        Atom::Audience(Aim::Token, id) if !together.contains(&**id) => Some(false),
        Atom::NoAudience(Aim::Token) => Some(false),
        _ => None,
    });
    left != Formula::FALSE
}
