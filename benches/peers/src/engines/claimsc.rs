//! claimsc itself.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::process::Command;
use std::rc::Rc;

use claimsc::artifact::Trust;
use claimsc::input::JsonRequest;
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

/// From a `serde_json::Value` to JSON bytes, without a copy; loaded from an artifact.
pub(crate) struct ClaimscValue(Policy);

/// A decision, and memory that is used again.
#[derive(Default)]
pub(crate) struct Decided {
    scratch: Scratch,
    decision: Option<Decision>,
}

/// The argument that asks for an artifact on standard output.
pub(crate) const ARTIFACT: &str = "--artifact";

/// The artifact of a workload.
pub(crate) fn artifact(workload: &Workload) -> Vec<u8> {
    let compilation = workload.compiler().without_proofs().compile();
    compilation.artifact().expect("no errors").expect("it is small enough")
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

    fn input(&self, request: &Rc<Value>) -> Request {
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

/// Made by another process, so that none of the compiler's memory is there when it is loaded.
fn artifact_of(workload: &Workload) -> Vec<u8> {
    let this = std::env::current_exe().expect("the running program has a path");
    let rules = workload.rules.len().to_string();
    let output = Command::new(this).args([ARTIFACT, &rules]).output();
    output.expect("this program can be started").stdout
}

fn policy_of(artifact: &[u8]) -> Result<Policy, String> {
    Policy::from_artifact(artifact, Trust::Anybody).map_err(|error| error.message().to_owned())
}

impl Engine for ClaimscValue {
    type Source = Vec<u8>;
    type Input = Rc<Value>;
    type Output = Written;

    fn source(workload: &Workload) -> Vec<u8> {
        artifact_of(workload)
    }

    fn load(artifact: &Vec<u8>) -> Result<Self, String> {
        policy_of(artifact).map(ClaimscValue)
    }

    fn input(&self, request: &Rc<Value>) -> Rc<Value> {
        request.clone()
    }

    fn run(&self, request: &Rc<Value>, output: &mut Written) {
        let request = JsonRequest::new(request).expect("a request");
        output.answer(&self.0, &request.asked(), &request);
    }

    fn compare(&self, output: &mut Written, is_compared: bool) {
        Output::compare(output, is_compared);
    }

    fn text<'a>(&self, output: &'a Written) -> Cow<'a, [u8]> {
        output.text().as_bytes().into()
    }
}

impl Engine for ClaimscBytes {
    type Source = Vec<u8>;
    type Input = Typed;
    type Output = Written;

    fn source(workload: &Workload) -> Vec<u8> {
        artifact_of(workload)
    }

    fn load(artifact: &Vec<u8>) -> Result<Self, String> {
        Ok(ClaimscBytes { policy: policy_of(artifact)?, fields: OnceCell::new() })
    }

    fn input(&self, request: &Rc<Value>) -> Typed {
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
