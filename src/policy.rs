//! A compiled policy: the only thing that can be evaluated.

use std::sync::Arc;

#[cfg(feature = "compiler")]
use crate::artifact;
use crate::artifact::{Artifact, LoadError, Store, Trust};
use crate::catalog::Catalog;
use crate::decision::Decision;
use crate::eval;
#[cfg(feature = "compiler")]
use crate::eval::Dispatch;
use crate::input::{Asked, Attribute, Input};
use crate::ir::{Slot, Unit};
use crate::program::{Answer, Engine, Scratch};
use crate::request::{Request, RequestError};
#[cfg(feature = "compiler")]
use crate::source::Sources;

mod binding;

pub use binding::{BindError, BindErrors, Binding, Bound};

/// A policy without errors. Only [`Compiler::compile`](crate::Compiler::compile) makes one, so that what is evaluated
/// has been checked, or it is loaded from what was made of such a one. Cloning is cheap, and any number of threads may
/// use one at the same time.
#[derive(Debug, Clone)]
pub struct Policy {
    store: Store,
    engine: Arc<Engine>,
}

impl Policy {
    /// Seals a unit that has no errors.
    #[cfg(feature = "compiler")]
    pub(crate) fn seal(unit: Unit) -> Self {
        let dispatch = Arc::new(Dispatch::of(&unit));
        Policy::of(Store::Whole(Arc::new(unit), dispatch))
    }

    fn of(store: Store) -> Self {
        Policy { engine: Arc::new(Engine::new(store.clone())), store }
    }

    /// The policy as an artifact.
    #[cfg(feature = "compiler")]
    pub(crate) fn to_artifact(&self, fingerprint: &str, sources: &Sources) -> Result<Vec<u8>, LoadError> {
        artifact::write(self.unit(), self.store.dispatch(), fingerprint, sources)
    }

    /// Loads a policy from an artifact. Whoever does not sign artifacts has to settle elsewhere who may write the file:
    /// an artifact decides about tokens.
    ///
    /// # Errors
    /// As [`Artifact::read`].
    pub fn from_artifact(bytes: impl Into<Vec<u8>>, trust: Trust<'_>) -> Result<Self, LoadError> {
        Artifact::read(bytes, trust).map(Policy::from)
    }

    /// Decides about one request. The same request always gives the same decision.
    pub fn evaluate(&self, request: &Request) -> Decision {
        self.engine.with_scratch(|scratch| self.engine.evaluate(request, scratch))
    }

    /// The same with memory that is used again.
    pub fn evaluate_with(&self, request: &Request, scratch: &mut Scratch) -> Decision {
        self.engine.evaluate(request, scratch)
    }

    /// Decides about what a host asks in its own terms, into JSON bytes in the scratch. Once that has grown, a decision to
    /// issue allocates nothing. The host's way of reading attributes is compiled into it; where that is known only later,
    /// `&dyn Input` is an input, too.
    ///
    /// # Errors
    /// What makes a [`Request`] malformed: see [`Request::from_input`].
    pub fn decide<'s, I: Input>(
        &self,
        asked: &'s Asked<'s>,
        input: &'s I,
        scratch: &'s mut Scratch,
    ) -> Result<Answer<'s>, RequestError> {
        self.engine.decide(asked, input, scratch)
    }

    /// The same about a request, which is well-formed; `asked` is what it asks.
    #[cfg(feature = "mint")]
    pub(crate) fn decide_request<'s>(
        &self,
        asked: &'s Asked<'s>,
        request: &'s Request,
        scratch: &'s mut Scratch,
    ) -> Result<Answer<'s>, RequestError> {
        self.engine.decide_request(asked, request, scratch)
    }

    /// The same as [`Policy::decide`], and the answer knows which statements its claims come from, as a record of issued tokens needs it. Costs
    /// a note for each claim; [`Policy::explain`] also tells what kept other statements from acting.
    ///
    /// ```
    /// # #[cfg(feature = "compiler")]
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use claimsc::input::{Asked, NoAttributes};
    /// use claimsc::program::{Answer, Scratch};
    /// use claimsc::standard::{Grant, Token};
    ///
    /// let source = "namespace ns = \"https://acme.example/claims/\"\nadd ns/tier = \"gold\"";
    /// let policy = claimsc::Compiler::new().source("tiers.claims", source).compile().policy.ok_or("errors")?;
    /// let asked = Asked::new(Grant::ClientCredentials, "m2m-77");
    /// let mut scratch = Scratch::new();
    /// let Answer::Issue(issue) = policy.decide_traced(&asked, &NoAttributes, &mut scratch)? else {
    ///     return Err("nothing is issued".into());
    /// };
    /// let trace = issue.traces().next().ok_or("nothing is written")?;
    /// assert_eq!((trace.token, trace.claim), (Token::Access, "https://acme.example/claims/tier"));
    /// assert_eq!(&*trace.rule.place, "tiers.claims:2");
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "compiler"))]
    /// # fn main() {}
    /// ```
    ///
    /// # Errors
    /// As [`Policy::decide`].
    pub fn decide_traced<'s, I: Input>(
        &self,
        asked: &'s Asked<'s>,
        input: &'s I,
        scratch: &'s mut Scratch,
    ) -> Result<Answer<'s>, RequestError> {
        self.engine.decide_traced(asked, input, scratch)
    }

    /// What decides.
    #[cfg(test)]
    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Lends memory of an earlier caller, for those who have none of their own.
    #[cfg(feature = "mint")]
    pub(crate) fn with_scratch<R>(&self, work: impl FnOnce(&mut Scratch) -> R) -> R {
        self.engine.with_scratch(work)
    }

    /// The audience that it sees for one request, after `set audience`.
    #[cfg(feature = "mint")]
    pub(crate) fn audience(&self, request: &Request) -> Vec<Arc<str>> {
        self.store.audience(request)
    }

    /// Decides about one request and tells what led there; with `show_values`, values of claims are part of it.
    pub fn explain(&self, request: &Request, show_values: bool) -> eval::Explanation {
        eval::explain(self.unit(), request, show_values)
    }

    /// The attributes of requests that it may read, which inputs know by their index.
    pub fn attributes(&self) -> Vec<Attribute> {
        // Every excerpt knows all of them.
        let slots = self.excerpt(&[]).slots;
        let attribute =
            |(index, slot): (usize, &Slot)| Attribute { index, root: slot.root, path: slot.path.clone() };
        slots.iter().enumerate().filter(|(_, slot)| slot.root.is_attribute()).map(attribute).collect()
    }

    /// The typed policy, for analyses. One that was loaded from an artifact is decoded the first time.
    pub fn unit(&self) -> &Unit {
        self.store.unit()
    }

    /// The typed policy with only these statements, in this order, and what they need: see [`Unit::excerpt`]. Of one that
    /// was loaded from an artifact, nothing else is decoded.
    pub fn excerpt(&self, statements: &[usize]) -> Unit {
        self.store.excerpt(statements)
    }

    /// The facts of claims.yaml.
    pub fn catalog(&self) -> &Arc<Catalog> {
        self.store.catalog()
    }
}

impl From<Artifact> for Policy {
    fn from(artifact: Artifact) -> Self {
        Policy::of(artifact.store())
    }
}
