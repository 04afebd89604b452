//! Two versions of a policy: the same in other words is proven equal, and what requests tell apart is not.

use std::collections::BTreeSet;

use claimsc::analysis::diff::{About, Diff, diff};
use claimsc::standard::Token;
use claimsc::{Decision, Policy};

use super::observe::{Observation, observe};
use super::rng::Rng;
use super::selfcheck::variant;
use super::tree::Tree;
use super::variants::{self, one_file};
use super::world::read;
use super::{Case, Failure, MAX_REQUESTS, Tally, print};

/// Changed policies that are compared for each policy.
const MUTANTS: usize = 4;

pub(super) fn check(case: &Case, tally: &mut Tally) {
    let mut rng = Rng::new(case.seed ^ 0xd1ff);
    let Ok(old) = variant(case, &one_file(&case.tree)) else { return };
    for (what, files) in variants::equal(&mut rng, &case.tree) {
        let Ok(new) = variant(case, &files) else { continue };
        let found = diff(old.unit(), new.unit());
        if !found.differences.is_empty() {
            let detail = format!("{what}: {}\n{files:?}", shown(&found));
            tally.failures.push(Failure {
                kind: "a difference of equals".to_owned(),
                seed: case.seed,
                detail,
            });
        }
        let word = if found.is_equal() { "proven equal" } else { "undecided" };
        tally.count(format!("{what}: {word}"), 1);
    }
    for (what, tree) in variants::mutants(&mut rng, &case.world, &case.tree, MUTANTS) {
        let Ok(new) = variant(case, &one_file(&tree)) else { continue };
        mutant(case, (&old, &new), &tree, what, tally);
    }
}

fn mutant(case: &Case, (old, new): (&Policy, &Policy), tree: &Tree, what: &str, tally: &mut Tally) {
    let found = diff(old.unit(), new.unit());
    // What the changed policy reads may be more than what the old one does.
    let Ok(other) = observe(&case.world, tree, MAX_REQUESTS) else { return };
    let mut is_different = false;
    let requests = requests(case, &case.observed).into_iter().chain(requests(case, &other));
    for text in requests {
        let request = read(&text);
        let (a, b) = (old.evaluate(&request), new.evaluate(&request));
        if [&a, &b].iter().any(|decision| matches!(decision, Decision::Error(_))) {
            continue;
        }
        let changed = changed(&a, &b);
        is_different |= !changed.is_empty();
        let missed = changed.into_iter().find(|about| !is_told(&found, about.as_ref()));
        if let Some(about) = missed {
            let detail = format!(
                "{what}: {about:?} of {}\nold {a}\nnew {b}\n{}\n{}",
                text.to_json(),
                shown(&found),
                print::policy(tree).text
            );
            tally.failures.push(Failure { kind: "missed difference".to_owned(), seed: case.seed, detail });
            return;
        }
    }
    let word = match (is_different, found.is_equal(), found.differences.is_empty()) {
        (true, ..) => "different",
        (false, true, _) => "proven equal",
        (false, _, true) => "equal, undecided",
        (false, ..) => "different beyond the requests of the world",
    };
    tally.count(format!("mutant: {word}"), 1);
}

fn requests(case: &Case, observed: &Observation) -> Vec<claimsc::Value> {
    let cells = observed.space.cells.iter();
    cells.flat_map(|cell| (0..cell.size).map(move |index| case.world.request(cell, index))).collect()
}

/// What differs between two answers: `None` stands for the request as a whole.
fn changed(old: &Decision, new: &Decision) -> BTreeSet<Option<(String, Token)>> {
    let (Decision::Issue(a), Decision::Issue(b)) = (old, new) else {
        return (old != new).then_some(None).into_iter().collect();
    };
    let mut changed = BTreeSet::new();
    for (token, claims) in &a.tokens {
        let others = &b.tokens[token];
        let names: BTreeSet<_> = claims.keys().chain(others.keys()).collect();
        let differing = names.into_iter().filter(|name| claims.get(*name) != others.get(*name));
        changed.extend(differing.map(|name| Some((name.to_string(), *token))));
    }
    if a.audience != b.audience || a.scopes != b.scopes || a.lifetime != b.lifetime || a.removed != b.removed
    {
        changed.insert(None);
    }
    changed
}

/// Whether a difference is told, or something about it is undecided.
fn is_told(diff: &Diff, changed: Option<&(String, Token)>) -> bool {
    let abouts = || {
        let undecided = diff.undecided.iter().map(|one| &one.about);
        diff.differences.iter().map(|one| &one.about).chain(undecided)
    };
    match changed {
        // Where the audience differs, what else does is not looked for.
        Some((claim, token)) => abouts().any(|about| match about {
            About::Claim(name, of) => of == token && (**name == **claim || name.ends_with('*')),
            other => *other == About::Audience,
        }),
        None => abouts().next().is_some(),
    }
}

fn shown(diff: &Diff) -> String {
    let differences = diff
        .differences
        .iter()
        .map(|one| format!("{} {:?} {}\n", one.kind, one.about, one.witness.to_json()));
    let undecided = diff.undecided.iter().map(|one| format!("undecided {:?} {:?}\n", one.about, one.doubts));
    differences.chain(undecided).collect()
}
