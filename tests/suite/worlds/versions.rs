//! Two versions of a policy: the same in other words is proven equal, and what requests tell apart is not.

use std::collections::BTreeSet;

use claimsc::analysis::diff::{About, Among, Diff, Difference, Kind, Whom, diff};
use claimsc::analysis::matrix::Party;
use claimsc::standard::Token;
use claimsc::{Decision, Policy, Request, Value};

use super::observe::{Observation, observe};
use super::rng::Rng;
use super::selfcheck::{variant, variant_in};
use super::tree::Tree;
use super::variants::{self, one_file};
use super::world::{World, read};
use super::{Case, Failure, Tally, max_requests, print};

/// Changed policies that are compared for each policy.
const MUTANTS: usize = 4;
/// Changed claims.yaml that are compared for each policy.
const OTHER_FACTS: usize = 2;

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
        let outcome = if found.is_equal() { "proven equal" } else { "undecided" };
        tally.count(format!("{what}: {outcome}"), 1);
    }
    for (what, tree) in variants::mutants(&mut rng, &case.world, &case.tree, MUTANTS) {
        let Ok(new) = variant(case, &one_file(&tree)) else { continue };
        compare(case, (&old, &new), (&case.world, &tree), what, tally);
    }
    for _ in 0..OTHER_FACTS {
        let Some((what, world)) = case.world.with_other_fact(&mut rng) else { continue };
        // What does not compile any more is no version.
        let Ok(new) = variant_in(&world, &one_file(&case.tree)) else { continue };
        compare(case, (&old, &new), (&world, &case.tree), what, tally);
    }
}

/// Compares with what every request of both worlds tells.
fn compare(
    case: &Case,
    (old, new): (&Policy, &Policy),
    (world, tree): (&World, &Tree),
    what: &str,
    tally: &mut Tally,
) {
    let found = diff(old.unit(), new.unit());
    // What the changed policy reads may be more than what the old one does.
    let Ok(other) = observe(world, tree, max_requests()) else { return };
    let requests = requests(&case.world, &case.observed).into_iter().chain(requests(world, &other));
    let mut is_different = false;
    let mut had = (BTreeSet::new(), BTreeSet::new());
    // What one of them does not accept is no request of both.
    for text in requests.filter(|request| [&case.world, world].iter().all(|world| world.accepts(request))) {
        let request = read(&text);
        let (a, b) = (old.evaluate(&request), new.evaluate(&request));
        if [&a, &b].iter().any(|decision| matches!(decision, Decision::Error(_))) {
            continue;
        }
        had.0.extend(claims(&a));
        had.1.extend(claims(&b));
        let changed = changed(&a, &b);
        is_different |= !changed.is_empty();
        let untold = changed.iter().find_map(|about| Some((about, untold(&found, about, &request, &b)?)));
        if let Some((about, why)) = untold {
            let detail = format!(
                "{what}: {about:?} of {}\nold {a}\nnew {b}\n{}\n{}\n{}",
                text.to_json(),
                shown(&found),
                print::policy(tree).text,
                world.catalog,
            );
            tally.failures.push(Failure { kind: why.to_owned(), seed: case.seed, detail });
            return;
        }
    }
    if let Some(false_one) = found.differences.iter().find(|one| is_false(one, &had)) {
        let about = &false_one.about;
        let detail = format!("{what}: {} of {about:?}\n{}", false_one.kind, shown(&found));
        let kind = "a kind of difference that it is not".to_owned();
        tally.failures.push(Failure { kind, seed: case.seed, detail });
    }
    for difference in &found.differences {
        tally.count(format!("difference: {}", difference.kind), 1);
    }
    let outcome = match (is_different, found.is_equal(), found.differences.is_empty()) {
        (true, ..) => "different",
        (false, true, _) => "proven equal",
        (false, _, true) if found.undecided.is_empty() => "proven equal where both accept a request",
        (false, _, true) => "equal, undecided",
        (false, ..) => "different beyond the requests of the world",
    };
    let subject = if found.facts.is_empty() { "policy" } else { "claims.yaml" };
    tally.count(format!("changed {subject}: {outcome}"), 1);
    if is_different && !found.facts.is_empty() && found.is_equal() {
        let kind = "other facts proven equal".to_owned();
        tally.failures.push(Failure { kind, seed: case.seed, detail: what.to_owned() });
    }
}

fn requests(world: &World, observed: &Observation) -> Vec<Value> {
    let cells = observed.space.cells.iter();
    cells.flat_map(|cell| (0..cell.size).map(move |index| world.request(cell, index))).collect()
}

/// The claims of a decision.
fn claims(decision: &Decision) -> Vec<(String, Token)> {
    let Decision::Issue(issued) = decision else { return Vec::new() };
    let all = issued.tokens.iter();
    all.flat_map(|(token, claims)| claims.keys().map(|name| (name.to_string(), *token))).collect()
}

/// What differs between two answers.
fn changed(old: &Decision, new: &Decision) -> BTreeSet<About> {
    let (Decision::Issue(a), Decision::Issue(b)) = (old, new) else {
        return (old != new).then_some(About::Decision).into_iter().collect();
    };
    let mut changed = BTreeSet::new();
    for (token, claims) in &a.tokens {
        let others = &b.tokens[token];
        let names: BTreeSet<_> = claims.keys().chain(others.keys()).collect();
        let differing = names.into_iter().filter(|name| claims.get(*name) != others.get(*name));
        changed.extend(differing.map(|name| About::Claim(name.clone(), *token)));
    }
    let removed = |issued: &claimsc::decision::Issued| {
        let all = issued.removed.iter();
        all.flat_map(|(token, names)| names.iter().map(|name| About::Claim(name.clone(), *token)))
            .collect::<BTreeSet<_>>()
    };
    changed.extend(removed(a).symmetric_difference(&removed(b)).cloned());
    let scopes: (BTreeSet<_>, BTreeSet<_>) = (a.scopes.iter().collect(), b.scopes.iter().collect());
    changed.extend(scopes.0.symmetric_difference(&scopes.1).map(|scope| About::Scope((*scope).clone())));
    changed.extend((a.audience != b.audience).then_some(About::Audience));
    changed.extend((a.lifetime != b.lifetime).then_some(About::Lifetime));
    changed
}

/// Why what a request shows is not said, if it is not: nobody says that it differs, or for others only.
fn untold(diff: &Diff, changed: &About, request: &Request, answer: &Decision) -> Option<&'static str> {
    // Where the audience differs, what else does is not looked for.
    let is_about = |about: &About| match (about, changed) {
        (About::Claim(name, of), About::Claim(claim, token)) => {
            of == token && (name == claim || name.ends_with('*'))
        }
        // Any scope that no rule names.
        (About::OtherScopes, About::Scope(_)) | (About::Audience, _) => true,
        _ => about == changed,
    };
    if diff.undecided.iter().any(|one| is_about(&one.about)) {
        return None;
    }
    let mut told = diff.differences.iter().filter(|one| is_about(&one.about)).peekable();
    if told.peek().is_none() {
        return Some("missed difference");
    }
    // Differences without "for whom" were only come across.
    let is_for = |whom: &Whom| is_among(whom, request, answer);
    let is_told = told.all(|one| one.whom.is_none())
        || diff.differences.iter().any(|one| is_about(&one.about) && one.whom.as_ref().is_some_and(is_for));
    (!is_told).then_some("a difference for somebody who is not named")
}

fn is_among(whom: &Whom, request: &Request, answer: &Decision) -> bool {
    fn has(among: &Among<Party>, id: &str) -> bool {
        let is_listed = |party: &Party| matches!(party, Party::Listed { id: listed, .. } if **listed == *id);
        among.listed.iter().any(|party| is_listed(party) || *party == Party::Other)
    }
    let audience = match answer {
        Decision::Issue(issued) => &issued.audience[..],
        _ => request.audience(),
    };
    let audiences =
        Among { listed: whom.audiences.listed.iter().flatten().cloned().collect(), of: whom.audiences.of };
    (whom.clients.is_all() || has(&whom.clients, request.client().id()))
        && (whom.grants.is_all() || whom.grants.listed.contains(&request.grant()))
        && (whom.audiences.is_all()
            || if audience.is_empty() {
                whom.audiences.listed.contains(&None)
            } else {
                audience.iter().all(|id| has(&audiences, id))
            })
}

/// Whether requests contradict the kind of a difference: what is new was there for nobody, what is lost is there for
/// nobody any more.
fn is_false(
    difference: &Difference,
    (old, new): &(BTreeSet<(String, Token)>, BTreeSet<(String, Token)>),
) -> bool {
    let About::Claim(name, token) = &difference.about else { return false };
    let claim = (name.to_string(), *token);
    match difference.kind {
        Kind::NewClaim => difference.whom.is_some() && old.contains(&claim),
        Kind::LostClaim => difference.whom.is_some() && new.contains(&claim),
        _ => false,
    }
}

fn shown(diff: &Diff) -> String {
    let whom = |whom: &Option<Whom>| whom.as_ref().map_or_else(String::new, |whom| format!("{whom:?}"));
    let differences = diff
        .differences
        .iter()
        .map(|one| format!("{} {:?} {} {}\n", one.kind, one.about, one.witness.to_json(), whom(&one.whom)));
    let undecided = diff.undecided.iter().map(|one| format!("undecided {:?} {:?}\n", one.about, one.doubts));
    let facts = diff.facts.iter().map(|fact| format!("{fact:?}\n"));
    facts.chain(differences).chain(undecided).collect()
}
