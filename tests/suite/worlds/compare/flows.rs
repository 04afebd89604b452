//! Labelled data that arrives somewhere, and what is said to arrive nowhere.

use std::collections::BTreeSet;

use claimsc::analysis::Study;
use claimsc::analysis::flow::table::{Known, Table, table};
use claimsc::standard::Token;
use claimsc::{Compiler, Decision};

use super::Opinions;
use crate::worlds::print;

pub(super) fn compare(opinions: &mut Opinions<'_>) {
    let flows = opinions.truth.flows();
    let said = said(opinions);
    for ((label, recipient, token), flow) in &flows {
        let kind = if *token == Token::Access { "audience" } else { "client" };
        let (one, other) = flow.runs;
        let claims = claims(opinions, (one, other), *token);
        let name = name(opinions, kind, recipient);
        let rows = said.rows.iter().filter(|row| *row.label == **label && row.kind == kind);
        let row = rows.into_iter().find(|row| row.readers.iter().any(|reader| reader.name == name));
        let arrivals = row.map(|row| &row.arrivals[..]).unwrap_or_default();
        for claim in &claims {
            let found = arrivals.iter().find(|arrival| *arrival.claim == **claim);
            let what = if flow.is_explicit { "value" } else { "condition" };
            match found {
                Some(arrival) if arrival.value.max(arrival.guard) == Some(Known::Shown) => {
                    opinions.count(format!("flow by {what}"));
                }
                Some(_) => opinions.count(format!("flow by {what}, undecided")),
                None => {
                    let requests = [one, other].map(|run| opinions.truth.shown(run)).join("\nand ");
                    opinions.disagree(
                        format!("missed flow by {what}"),
                        format!("{label} arrives at {kind} {name} in {claim}:\n{requests}"),
                    );
                }
            }
        }
    }
    found(opinions, &said);
    for slug in ["pii-in-token", "pii-in-guard"] {
        opinions.check_witnesses(slug, |_, finding, run| {
            finding.verbs().iter().any(|verb| run.verbs.contains_key(verb))
                && matches!(run.decision, Decision::Issue(_))
        });
    }
}

/// What the table says, a value that is shown to arrive where it is not accepted, is an error.
fn found(opinions: &mut Opinions<'_>, said: &Table) {
    for row in &said.rows {
        for arrival in &row.arrivals {
            let is_leak = arrival.value == Some(Known::Shown) && !arrival.accepted;
            let is_private = row.accepts.is_some();
            let reported = opinions.of("pii-in-token").any(|one| {
                one.message.contains(&format!("`{}`", arrival.claim)) && one.message.contains(&*row.label)
            });
            if is_leak && is_private && !reported {
                opinions.disagree(
                    "unreported leak",
                    format!("{} arrives at {:?} in {}", row.label, row.readers, arrival.claim),
                );
            }
        }
    }
}

fn said(opinions: &Opinions<'_>) -> Table {
    let truth = &opinions.truth;
    let text = print::without_promises(truth.tree);
    let mut compiler = Compiler::new();
    compiler.catalog("claims.yaml", &truth.world.catalog).source("p.claims", &text.text).without_proofs();
    let compilation = compiler.compile();
    let policy = compilation.policy.expect("the policy was observed, so it compiles");
    table(&mut Study::new(policy.unit()))
}

/// The claims of a token that differ between two requests.
fn claims(opinions: &Opinions<'_>, (one, other): (usize, usize), token: Token) -> BTreeSet<String> {
    let runs = &opinions.truth.observed.runs;
    let (Some(a), Some(b)) = (runs[one].issued(), runs[other].issued()) else { return BTreeSet::new() };
    let (a, b) = (&a.tokens[&token], &b.tokens[&token]);
    a.keys().chain(b.keys()).filter(|name| a.get(*name) != b.get(*name)).map(ToString::to_string).collect()
}

/// The name of a recipient, given by its id.
fn name(opinions: &Opinions<'_>, kind: &str, id: &str) -> String {
    let world = opinions.truth.world;
    let listed: Option<&str> = match kind {
        "audience" if id.is_empty() => return "no audience".to_owned(),
        "audience" => world.audiences.iter().find(|one| one.id == id).map(|one| one.alias),
        _ => world.clients.iter().find(|one| one.id == id).map(|one| one.alias),
    };
    listed.unwrap_or("any other").to_owned()
}
