//! The engine that servers use: a policy and a request to claims in JSON, fast and always as the reference engine
//! ([`eval`](crate::eval)) decides.
//!
//! Grant, client and audience are looked at first. For each combination that occurs a *program* is made out of the few
//! statements that concern it: conditions that are decided are gone, attributes have a number, claims are in the order in
//! which tokens carry them. Running it reads the attributes that it demands, each once, and writes claims as bytes; once
//! the scratch has grown, nothing is allocated. Whatever is unusual is not decided here: where something fails, conflicts
//! or is denied, the reference engine starts anew and has the only word.

use std::sync::Arc;

use crate::artifact::Store;
use crate::ast::Level;
use crate::catalog::Root;
use crate::decision::Decision;
use crate::eval;
use crate::input::{Asked, Input};
use crate::ir::{Step, Unit};
use crate::request::{Request, RequestError};
use crate::standard::Tokens;

mod answer;
mod bind;
mod build;
mod cache;
mod run;
mod scratch;
mod sink;
mod value;

pub use answer::{Answer, Issue};
use bind::Source;
use cache::{Kept, Key, Names, Recent, Shared};
pub use scratch::{Effort, Scratch};

/// What is done for the requests of one kind.
#[derive(Debug)]
struct Program {
    /// The statements that are left, with folded conditions; attributes are registers.
    unit: Unit,
    /// For each statement, the steps of its guard that are open.
    guards: Vec<Vec<Step>>,
    /// A bound on the steps that the full policy takes beyond these.
    slack: u64,
    /// The tokens of the grant.
    given: Tokens,
    has_user: bool,
    /// Whether claims.yaml lists the client.
    is_listed: bool,
    /// Sorted; `None` where any scope may be granted.
    allowed_scopes: Option<Vec<Arc<str>>>,
    /// One for each register.
    sources: Vec<Source>,
    /// Statements about scopes.
    scopes: Vec<usize>,
    /// By name.
    claims: Vec<ClaimPlan>,
    /// Denials and limits of the lifetime.
    others: Vec<usize>,
    /// Roughly what it takes.
    bytes: usize,
}

/// Everything that is about one claim.
#[derive(Debug)]
struct ClaimPlan {
    name: Arc<str>,
    /// A comma, the name as JSON, a colon.
    key: String,
    /// Writes of the whole claim.
    writes: Vec<WritePlan>,
    /// Writes of members, by member.
    members: Vec<MemberPlan>,
    /// Statements that remove it, and from where.
    removals: Vec<(usize, Tokens)>,
}

#[derive(Debug)]
struct MemberPlan {
    name: Arc<str>,
    writes: Vec<WritePlan>,
}

/// One statement that writes.
#[derive(Debug)]
struct WritePlan {
    statement: usize,
    level: Level,
    /// Those of the grant that it reaches.
    tokens: Tokens,
    /// The JSON text of a constant value.
    constant: Option<String>,
}

/// A policy as the engine holds it.
#[derive(Debug)]
pub(crate) struct Engine {
    store: Store,
    names: Names,
    shared: Arc<Shared>,
    /// Whether no configured name of a claim refuses every request.
    has_fit_names: bool,
}

impl Engine {
    /// An engine without programs.
    pub(crate) fn new(store: Store) -> Self {
        Engine {
            names: Names::of(store.catalog(), store.dispatch()),
            has_fit_names: eval::has_fit_names(&store.about_configured_names()),
            shared: Arc::default(),
            store,
        }
    }

    /// Decides about a request of the host's own, into bytes.
    pub(crate) fn decide<'s>(
        &self,
        asked: &'s Asked<'s>,
        input: &'s dyn Input,
        scratch: &'s mut Scratch,
    ) -> Result<Answer<'s>, RequestError> {
        let Scratch { recent, memory, output, effort } = scratch;
        *effort = None;
        let done = self.program(asked, input, recent).and_then(|program| {
            let mut sink = sink::Bytes::new(output, program.given);
            let done = run::run(program, &self.names, asked, input, memory, &mut sink).ok()?;
            *effort = Some(Effort { steps: done.steps, spared: program.slack });
            Some(done)
        });
        if let Some(done) = done {
            return Ok(Answer::Issue(Issue::quick(asked, output, done)));
        }
        let request = Request::from_input(asked, input)?;
        Ok(match self.exactly(&request) {
            Decision::Issue(issued) => Answer::Issue(Issue::exact(issued, output)),
            Decision::Deny(refusals) => Answer::Deny(refusals),
            Decision::Error(errors) => Answer::Error(errors),
        })
    }

    /// Decides about a request in JSON form, into a map.
    pub(crate) fn evaluate(&self, request: &Request, scratch: &mut Scratch) -> Decision {
        let Scratch { recent, memory, output, effort } = scratch;
        *effort = None;
        let asked = request.asked();
        let done = self.program(&asked, request, recent).and_then(|program| {
            let mut sink = sink::Map::new(output, program.given);
            let done = run::run(program, &self.names, &asked, request, memory, &mut sink).ok()?;
            *effort = Some(Effort { steps: done.steps, spared: program.slack });
            Some(sink.issued(request, &done))
        });
        done.map_or_else(|| self.exactly(request), Decision::Issue)
    }

    /// What the reference engine says.
    fn exactly(&self, request: &Request) -> Decision {
        self.store.decide(request)
    }

    /// The program for a request, if there is one.
    #[inline]
    fn program<'r>(
        &self,
        asked: &Asked<'_>,
        input: &dyn Input,
        recent: &'r mut Recent,
    ) -> Option<&'r Program> {
        let key = self.names.key(asked.grant, asked.client, asked.audience, input.has(Root::User))?;
        if !recent.has(&self.shared, &key) {
            let program = self.shared.find_or_make(key, || self.make(&key));
            recent.keep(&self.shared, key, program);
        }
        recent.find(&key)
    }

    fn make(&self, key: &Key) -> Kept {
        if !self.has_fit_names {
            return None;
        }
        let facets = self.names.facets(key);
        let (client, audience) = match (&facets.client, &facets.audience) {
            (eval::Facet::Is(client), eval::Facet::Is(audience)) => (&**client, audience.as_slice()),
            (_, eval::Facet::Is(audience)) => ("", audience.as_slice()),
            (eval::Facet::Is(client), _) => (&**client, [].as_slice()),
            _ => ("", [].as_slice()),
        };
        let dispatch = self.store.dispatch();
        let mut candidates = dispatch.first().to_vec();
        candidates.extend(dispatch.concerning(client, audience));
        let program = build::build(&self.store.excerpt(&candidates), &facets, key.has_user())?;
        Some(Arc::new(program.measured()))
    }
}
