//! Tables about a whole policy: the matrix, what requests are asked for, the sizes of values, the flow of labels.

use std::collections::BTreeSet;
use std::sync::Arc;

use claimsc::Value;
use claimsc::analysis::Study;
use claimsc::analysis::flow::table;
use claimsc::analysis::inputs::{Question, Requests, inputs};
use claimsc::analysis::matrix::{Cell, Matrix, Party, Row, Subject, Verb};
use claimsc::analysis::size::{Known, Protocol, Sizes, token_bytes};
use claimsc::eval::Facet;
use claimsc::ir;
use claimsc::standard::{Grant, Token, signatures};

use super::Opinions;
use crate::worlds::observe::Run;
use crate::worlds::world::Context;

/// No value is larger than its expression can be.
pub(super) fn sizes(opinions: &mut Opinions<'_>) {
    let unit = opinions.truth.observed.policy.unit();
    let sizes = Sizes::of(unit);
    for statement in &unit.statements {
        let (ir::Action::Write { value, .. } | ir::Action::Spread { value, .. }) = &statement.action else {
            continue;
        };
        let Some(verb) = opinions.truth.verb_at(&statement.place) else { continue };
        let bound = sizes.bound(value).bytes;
        let values = opinions.truth.observed.runs.iter().filter_map(|run| run.verbs.get(&verb));
        let largest =
            values.flat_map(|tokens| tokens.values().flatten()).map(|value| value.to_json().len()).max();
        match largest {
            Some(largest) if largest as u64 > bound => {
                opinions.disagree(
                    "value beyond its bound",
                    format!("verb {verb}: {largest} bytes, bound {bound}"),
                );
            }
            Some(_) => opinions.count("sizes within their bounds"),
            None => {}
        }
    }
}

/// The bytes of a run's access token, with what the issuer puts into it.
fn token_size(opinions: &Opinions<'_>, run: &Run) -> Option<u64> {
    let issued = run.issued()?;
    let claims = issued.tokens.get(&Token::Access)?.iter().map(|(name, value)| (name.clone(), value.clone()));
    let claims = Value::object(claims.collect()).to_json().len() as u64;
    let catalog = &opinions.truth.observed.policy.unit().catalog;
    let audience: Vec<&str> = issued.audience.iter().map(|id| &**id).collect();
    let known = Known {
        issuer: catalog.issuer.as_deref(),
        audience: &audience,
        client: Some(&run.client),
        subject: run.subject,
        scopes: (issued.scopes.iter().map(|scope| scope.len() as u64 + 1).sum::<u64>()).saturating_sub(1),
    };
    Some(token_bytes(claims, &Protocol::of(known), &signatures::DEFAULT))
}

/// No token of the world is larger than its audience takes, unless that is reported.
pub(super) fn tokens(opinions: &mut Opinions<'_>) {
    for audience in &opinions.truth.world.audiences {
        let Some(most) = audience.max_token_bytes.map(|most| most as u64) else { continue };
        let is_about = |finding: &&super::Finding| {
            matches!(finding.slug, "token-too-large" | "undecided-size")
                && finding.message.contains(&format!("`{}`", audience.alias))
        };
        let said = opinions.findings.iter().find(is_about).map(|finding| finding.slug);
        let is_for = |run: &&Run| {
            run.issued().is_some_and(|issued| opinions.truth.is_for(&issued.audience, Some(audience.alias)))
        };
        let runs = opinions.truth.observed.runs.iter().filter(is_for);
        let sizes = runs.filter_map(|run| Some((token_size(opinions, run)?, opinions.truth.request_of(run))));
        let largest = sizes.max_by_key(|(size, _)| *size);
        match (largest, said) {
            (Some((size, request)), None) if size > most => {
                let detail = format!("{size} bytes for `{}`, which takes {most}: {request}", audience.alias);
                opinions.disagree("missed token-too-large", detail);
            }
            (_, said) => opinions.count(format!("token sizes: {}", said.unwrap_or("within limits"))),
        }
        for finding in opinions.findings.iter().filter(is_about).cloned().collect::<Vec<_>>() {
            if let Some(run) = &finding.witness
                && token_size(opinions, run).is_none_or(|size| size <= most)
            {
                let detail = format!("{}: {:?} bytes", finding.shown(), token_size(opinions, run));
                opinions.disagree("idle witness of token-too-large", detail);
            }
        }
    }
}

/// Everything that a run does stands in the row of its client, grant and audience.
pub(super) fn matrix(opinions: &mut Opinions<'_>) {
    let matrix = Matrix::of(opinions.truth.observed.policy.unit());
    for (number, run) in opinions.truth.observed.runs.iter().enumerate() {
        let Some(issued) = run.issued().filter(|_| run.is_probed) else { continue };
        let context = &opinions.truth.observed.space.cells[run.cell].context;
        let problem = Grant::parse(context.grant)
            .expect("a grant")
            .tokens()
            .iter()
            .find_map(|token| row_problem(opinions, &matrix, run, context, &issued.audience, token));
        if let Some(problem) = problem {
            let detail = format!("{problem}\nfor {}", opinions.truth.shown(number));
            opinions.disagree("matrix", detail);
            return;
        }
    }
    opinions.count("matrices confirmed");
}

fn row_problem(
    opinions: &Opinions<'_>,
    matrix: &Matrix,
    run: &Run,
    context: &Context,
    audience: &[Arc<str>],
    token: Token,
) -> Option<String> {
    let is_party = |party: &Party, wanted: &str, listed: bool| match party {
        Party::Listed { id, .. } => **id == *wanted,
        Party::Other => !listed,
    };
    let truth = &opinions.truth;
    let is_client = truth.world.clients.iter().any(|client| client.id == context.client);
    let is_listed = |id: &str| truth.world.audiences.iter().any(|one| one.id == id);
    let fits = |row: &&Row| {
        row.subject == Subject::Token(token)
            && row.clients.iter().any(|party| is_party(party, context.client, is_client))
            && row.grants.iter().any(|grant| grant.as_str() == context.grant)
            && row.audiences.iter().any(|set| {
                set.len() == audience.len()
                    && audience.iter().all(|id| set.iter().any(|party| is_party(party, id, is_listed(id))))
            })
    };
    let rows: Vec<&Row> = matrix.rows.iter().filter(fits).collect();
    let [row] = rows[..] else { return Some(format!("{} rows for {token}", rows.len())) };
    let decide: BTreeSet<_> = truth
        .effects_of(run)
        .0
        .into_iter()
        .filter(|(_, of, _)| *of == token)
        .map(|(verb, _, name)| (verb, name))
        .collect();
    let places = |cell: &Cell| -> Vec<usize> {
        cell.writes.iter().filter_map(|write| truth.verb_at(&write.place)).collect()
    };
    // What decides a claim is listed, with a condition.
    for (verb, name) in &decide {
        if !row.cells.iter().any(|cell| *cell.name == **name && places(cell).contains(verb)) {
            return Some(format!("verb {verb} decides {name}, which is not in the row {row:#?}"));
        }
    }
    // What always acts does, unless something stronger decides.
    for cell in &row.cells {
        let decides = |verb: usize| decide.contains(&(verb, cell.name.to_string()));
        let all = places(cell);
        for (index, write) in cell.writes.iter().enumerate() {
            if !write.condition.is_always()
                || write.verb == Verb::Remove
                || all.iter().take(index).any(|verb| decides(*verb))
            {
                continue;
            }
            let verb = truth.verb_at(&write.place)?;
            if !run.verbs.get(&verb).is_some_and(|tokens| tokens.contains_key(&token)) {
                return Some(format!("verb {verb} always writes {}, but not here: {row:#?}", cell.name));
            }
        }
    }
    let issued = run.issued()?;
    let claims = issued.tokens.get(&token)?.iter().map(|(name, value)| (name.clone(), value.clone()));
    let bytes = Value::object(claims.collect()).to_json().len() as u64;
    let bound = row.max_bytes?;
    (bytes > bound).then(|| format!("{bytes} bytes in {token}, but the bound is {bound}"))
}

/// Every attribute that decides something is asked for.
pub(super) fn asked(opinions: &mut Opinions<'_>) {
    let rows = inputs(opinions.truth.observed.policy.unit(), &Question::default());
    for ((client, grant, audience), matter) in opinions.truth.inputs() {
        let fits = |requests: &Requests| {
            let is_grant = requests.grants.iter().any(|one| one.as_str() == grant);
            is_grant && is_client(requests, client) && is_audience(requests, &audience)
        };
        let fitting: Vec<_> = rows.iter().filter(|row| row.requests.iter().any(fits)).collect();
        let [row] = fitting[..] else {
            let detail = format!("{} rows for {client} {grant} {audience:?}\n{rows:#?}", fitting.len());
            opinions.disagree("inputs without a row", detail);
            return;
        };
        let asked: BTreeSet<&str> = row.inputs.iter().map(|input| input.name.as_str()).collect();
        let is_asked = |path: &str| {
            // What is below or above it counts too.
            asked.iter().any(|name| name.split('.').zip(path.split('.')).all(|(asked, part)| asked == part))
        };
        for path in matter {
            if is_asked(path) {
                opinions.count("inputs confirmed");
            } else {
                let detail = format!("{path} for {client} {grant} {audience:?}\n{rows:#?}");
                opinions.disagree("missed input", detail);
            }
        }
    }
}

fn is_client(requests: &Requests, id: &str) -> bool {
    requests.clients.iter().any(|facet| matches!(facet, Facet::Is(one) if **one == *id))
        || !requests.clients.is_empty()
            && id == "other-client"
            && requests.clients.iter().any(|facet| matches!(facet, Facet::Other | Facet::Any))
}

fn is_audience(requests: &Requests, wanted: &[&str]) -> bool {
    requests.audiences.iter().any(|facet| match facet {
        Facet::Is(ids) => {
            ids.len() == wanted.len() && wanted.iter().all(|id| ids.iter().any(|one| **one == **id))
        }
        Facet::Other => wanted == ["https://other.example"],
        Facet::Any => wanted.len() > 1,
    })
}

/// Where the table says that nothing arrives, nothing does.
pub(super) fn labels(opinions: &mut Opinions<'_>) {
    let mut study = Study::new(opinions.truth.observed.policy.unit());
    let table = table::table(&mut study);
    for ((label, recipient, token, claim), flow) in opinions.truth.flows() {
        let kind = if token == Token::Access { "audience" } else { "client" };
        let world = opinions.truth.world;
        let audience = world.audiences.iter().find(|one| one.id == recipient).map(|one| one.alias);
        let client = world.clients.iter().find(|one| one.id == recipient).map(|one| one.alias);
        let alias = if kind == "audience" { audience } else { client };
        let row = table.rows.iter().find(|row| {
            *row.label == *label
                && row.kind == kind
                && row.readers.iter().any(|one| match alias {
                    None if kind == "audience" => {
                        (one.name == "no audience") == recipient.is_empty() && one.alias.is_none()
                    }
                    _ => one.alias.as_deref() == alias,
                })
        });
        let arrival = row.and_then(|row| row.arrivals.iter().find(|one| *one.claim == *claim));
        if arrival.is_some_and(|one| one.value.is_some() || one.guard.is_some()) {
            opinions.count("flows in the table");
        } else {
            let (one, other) = flow.runs;
            let requests = format!("{}\n{}", opinions.truth.shown(one), opinions.truth.shown(other));
            opinions.disagree(
                "missed in the table of flows",
                format!("{label} to {recipient:?} by {claim}\n{requests}\n{row:#?}"),
            );
        }
    }
}
