//! claimsc itself.

use std::borrow::Cow;
use std::cell::OnceCell;

use claimsc::artifact::Trust;
use claimsc::program::Scratch;
use claimsc::standard::Token;
use claimsc::{Compiler, Decision, Policy, Request};
use serde_json::Value;

use crate::engine::Engine;
use crate::person::{Fields, Written};
use crate::workload::Workload;
use crate::workload::hand::person::Typed;
use crate::workload::turns::Output;

/// From a [`Request`] to a map of claims; compiled from the texts, without proofs.
pub(crate) struct ClaimscMap(Policy);

/// From the host's own struct to JSON bytes; loaded from an artifact.
pub(crate) struct ClaimscBytes {
    policy: Policy,
    /// Decodes the whole artifact, which hosts with a derived input need not.
    fields: OnceCell<Fields>,
}

/// A decision, and memory that is used again.
#[derive(Default)]
pub(crate) struct Decided {
    scratch: Scratch,
    decision: Option<Decision>,
}

impl Engine for ClaimscMap {
    type Source = Compiler;
    type Input = Request;
    type Output = Decided;

    fn source(workload: &Workload) -> Compiler {
        workload.compiler()
    }

    fn load(compiler: &Compiler) -> Result<Self, String> {
        let compilation = compiler.clone().without_proofs().compile();
        compilation.policy.map(ClaimscMap).ok_or_else(|| format!("{:?}", compilation.diagnostics.first()))
    }

    fn input(&self, request: &Value) -> Request {
        let text = serde_json::to_vec(request).expect("it is JSON");
        Request::from_json(&text).expect("a request")
    }

    fn run(&self, request: &Request, output: &mut Decided) {
        output.decision = Some(self.0.evaluate_with(request, &mut output.scratch));
    }

    fn text<'a>(&self, output: &'a Decided) -> Cow<'a, [u8]> {
        let Some(Decision::Issue(issued)) = &output.decision else { panic!("{:?}", output.decision) };
        let claims = issued.tokens[&Token::Access].iter();
        let claims = claims.map(|(name, value)| (name.clone(), value.clone())).collect();
        claimsc::Value::object(claims).to_json().into_bytes().into()
    }
}

impl Engine for ClaimscBytes {
    type Source = Vec<u8>;
    type Input = Typed;
    type Output = Written;

    fn source(workload: &Workload) -> Vec<u8> {
        let compilation = workload.compiler().without_proofs().compile();
        compilation.artifact().expect("no errors").expect("it is small enough")
    }

    fn load(artifact: &Vec<u8>) -> Result<Self, String> {
        let policy = Policy::from_artifact(&artifact[..], Trust::Anybody);
        let policy = policy.map_err(|error| error.message().to_owned())?;
        Ok(ClaimscBytes { policy, fields: OnceCell::new() })
    }

    fn input(&self, request: &Value) -> Typed {
        Typed::of(request).expect("a whole request")
    }

    fn run(&self, request: &Typed, output: &mut Written) {
        let fields = self.fields.get_or_init(|| Fields::of(&self.policy));
        output.answer_typed(&self.policy, fields, request);
    }

    fn compare(&self, output: &mut Written, is_compared: bool) {
        Output::compare(output, is_compared);
    }

    /// Where only the time counts, the claims lie in the scratch as text, and nothing is left to do.
    fn text<'a>(&self, output: &'a Written) -> Cow<'a, [u8]> {
        output.text().as_bytes().into()
    }
}
