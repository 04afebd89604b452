//! The engine that servers use: a policy and a request to claims in JSON, fast and always as the reference engine
//! ([`eval`]) decides.
//!
//! Grant, client and audience are looked at first. For each combination that occurs a *program* is made out of the few
//! statements that concern it: conditions that are decided are gone, attributes have a number, claims are in the order in
//! which tokens carry them. Running it reads the attributes that it demands, each once, and writes claims as bytes; once
//! the scratch has grown, nothing is allocated. Whatever is unusual is not decided here: where something fails, conflicts
//! or is denied, the reference engine starts anew and has the only word.

use std::sync::{Arc, Mutex};

use crate::artifact::Store;
use crate::catalog::Root;
use crate::decision::Decision;
use crate::eval::{self, Facet};
use crate::input::{Asked, Input};
use crate::request::{Request, RequestError};

mod answer;
mod bind;
mod build;
mod cache;
mod fuse;
mod plan;
mod run;
mod scratch;
mod sink;
mod trace;
mod value;

pub use answer::{Answer, Issue};
use cache::{Held, Kept, Key, Names, Place, Recent, Shared};
use run::{Done, Question};
use scratch::Output;
pub use scratch::{Effort, Scratch};
use sink::{Bytes, Sink};
pub use trace::Trace;
use trace::Traced;

/// How many callers leave their memory to later ones.
const POOLED: usize = 16;

/// A policy as the engine holds it.
#[derive(Debug)]
pub(crate) struct Engine {
    store: Store,
    names: Names,
    shared: Arc<Shared>,
    /// Memory for callers without any of their own; handed on by its place, for it is large.
    pool: [Mutex<Option<Box<Scratch>>>; POOLED],
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
            pool: std::array::from_fn(|_| Mutex::default()),
            store,
        }
    }

    /// Decides about a request of the host's own, into bytes.
    #[inline]
    pub(crate) fn decide<'s, I: Input>(
        &self,
        asked: &'s Asked<'s>,
        input: &'s I,
        scratch: &'s mut Scratch,
    ) -> Result<Answer<'s>, RequestError> {
        let question = Question { asked, input, is_formed: false };
        let done = self.run(&question, scratch, |output, held| Bytes::new(output, held.program.given));
        self.answered(asked, input, &mut scratch.output, done, |_, _| {})
    }

    /// The same about a request, which is well-formed; `asked` is what it asks.
    #[cfg(feature = "mint")]
    pub(crate) fn decide_request<'s>(
        &self,
        asked: &'s Asked<'s>,
        request: &'s Request,
        scratch: &'s mut Scratch,
    ) -> Result<Answer<'s>, RequestError> {
        let question = Question { asked, input: request, is_formed: true };
        let done = self.run(&question, scratch, |output, held| Bytes::new(output, held.program.given));
        self.answered(asked, request, &mut scratch.output, done, |_, _| {})
    }

    /// The same, with a note of the statements that claims come from.
    pub(crate) fn decide_traced<'s, I: Input>(
        &self,
        asked: &'s Asked<'s>,
        input: &'s I,
        scratch: &'s mut Scratch,
    ) -> Result<Answer<'s>, RequestError> {
        let question = Question { asked, input, is_formed: false };
        let done = self.run(&question, scratch, Traced::new);
        self.answered(asked, input, &mut scratch.output, done, |output, request| {
            output.trail.set_exact(self.store.claim_traces(request));
        })
    }

    /// Lets the program for a request decide, if there is one that can.
    #[inline]
    fn run<'s, I: Input, S: Sink>(
        &self,
        question: &Question<'s, I>,
        scratch: &'s mut Scratch,
        sink: impl FnOnce(&'s mut Output, &Held) -> S,
    ) -> Option<Done> {
        let Scratch { recent, memory, output, effort } = scratch;
        *effort = None;
        let held = self.program(question.asked, question.input.has(Root::User), recent)?;
        let program = &held.program;
        let done = run::run(program, &self.names, question, memory, &mut sink(output, held)).ok()?;
        *effort = Some(Effort { steps: done.steps, spared: program.slack });
        Some(done)
    }

    /// What a program decided, or else the reference engine does.
    #[inline]
    fn answered<'s>(
        &self,
        asked: &'s Asked<'s>,
        input: &'s dyn Input,
        output: &'s mut Output,
        done: Option<Done>,
        note: impl FnOnce(&mut Output, &Request),
    ) -> Result<Answer<'s>, RequestError> {
        if let Some(done) = done {
            return Ok(Answer::Issue(Issue::quick(asked, output, &done)));
        }
        let request = Request::from_input(asked, input)?;
        Ok(match self.exactly(&request) {
            Decision::Issue(issued) => {
                Issue::write(issued, output);
                note(output, &request);
                Answer::Issue(Issue::exact(output))
            }
            Decision::Deny(refusals) => Answer::Deny(refusals),
            Decision::Error(errors) => Answer::Error(errors),
        })
    }

    /// Decides about a request in JSON form, into a map.
    pub(crate) fn evaluate(&self, request: &Request, scratch: &mut Scratch) -> Decision {
        let Scratch { recent, memory, output, effort } = scratch;
        *effort = None;
        let asked = request.asked();
        let done = self.program(&asked, request.has(Root::User), recent).and_then(|held| {
            let program = &held.program;
            let mut sink = sink::Map::new(output, program.given, held.labels());
            // It would be no request otherwise.
            let question = Question { asked: &asked, input: request, is_formed: true };
            let done = run::run(program, &self.names, &question, memory, &mut sink).ok()?;
            *effort = Some(Effort { steps: done.steps, spared: program.slack });
            Some(sink.issued(request, &done))
        });
        done.map_or_else(|| self.exactly(request), Decision::Issue)
    }

    /// Lends memory that an earlier caller has left, or new memory. Nobody waits for it.
    pub(crate) fn with_scratch<R>(&self, work: impl FnOnce(&mut Scratch) -> R) -> R {
        // Threads have stacks of their own, so each begins elsewhere, and usually finds what it left there.
        let here = 0_u8;
        let stack = std::ptr::addr_of!(here).addr() >> 16;
        let start = (stack.wrapping_mul(0x9E37_79B1) >> 16) % POOLED;
        let places = || self.pool.iter().cycle().skip(start).take(POOLED);
        let left = places().find_map(|place| place.try_lock().ok()?.take());
        let mut scratch = left.unwrap_or_default();
        let done = work(&mut scratch);
        let free = places().filter_map(|place| place.try_lock().ok()).find(|place| place.is_none());
        if let Some(mut place) = free {
            *place = Some(scratch);
        }
        done
    }

    /// What the reference engine says.
    fn exactly(&self, request: &Request) -> Decision {
        self.store.decide(request)
    }

    /// The program for a request, if there is one.
    #[inline]
    fn program<'r>(&self, asked: &Asked<'_>, has_user: bool, recent: &'r mut Recent) -> Option<&'r Held> {
        let place = Recent::place(asked);
        if let Some((place, audience)) = place
            && recent.is_of(&self.shared)
            && let Some(place) = recent.find_named(place, asked, audience, has_user)
        {
            return recent.at(place);
        }
        self.unnamed(asked, has_user, place.map(|(place, _)| place), recent)
    }

    /// The program for a request that is not known by its names.
    #[inline(never)]
    fn unnamed<'r>(
        &self,
        asked: &Asked<'_>,
        has_user: bool,
        place: Option<Place>,
        recent: &'r mut Recent,
    ) -> Option<&'r Held> {
        let key = self.names.key(asked.grant, asked.client, asked.audience, has_user)?;
        recent.belong_to(&self.shared);
        if recent.find(&key).is_none() {
            self.recall(key, recent);
        }
        if let Some(place) = place {
            recent.name(place, &self.names, &key);
        }
        recent.find(&key)?.as_ref()
    }

    /// Finds the program for a kind of requests that this thread has not met lately. Where there is no room for another
    /// one, a kind has to be met twice in a short while: making a program costs as much as many decisions.
    #[cold]
    #[inline(never)]
    fn recall(&self, key: Key, recent: &mut Recent) {
        let program = match self.shared.find(&key) {
            Some(program) => program,
            None if self.shared.has_room() || recent.has_met(&key) => {
                let program = self.make(&key);
                self.shared.keep(key, &program);
                program
            }
            None => return,
        };
        recent.keep(key, program);
    }

    fn make(&self, key: &Key) -> Kept {
        if !self.has_fit_names {
            return None;
        }
        let facets = self.names.facets(key);
        let client: &str = if let Facet::Is(client) = &facets.client { client } else { "" };
        let audience: &[Arc<str>] = if let Facet::Is(ids) = &facets.audience { ids } else { &[] };
        let dispatch = self.store.dispatch();
        let mut candidates = dispatch.first().to_vec();
        candidates.extend(dispatch.concerning(client, audience));
        let program = build::build(&self.store.excerpt(&candidates), &facets, key.has_user())?;
        Some(Arc::new(program))
    }
}

#[cfg(test)]
#[cfg(feature = "compiler")]
mod tests;
