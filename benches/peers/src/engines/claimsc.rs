//! claimsc itself.

use std::borrow::Cow;

use claimsc::program::Scratch;
use claimsc::standard::Token;
use claimsc::{Compiler, Decision, Policy, Request};
use serde_json::Value;

use crate::engine::Engine;
use crate::person::{Fields, Written};
use crate::workload::Workload;
use crate::workload::hand::person::Typed;
use crate::workload::turns::Output;

/// From a [`Request`] to a map of claims.
pub(crate) struct ClaimscMap(Policy);

/// From the host's own struct to JSON bytes.
pub(crate) struct ClaimscBytes {
    policy: Policy,
    fields: Fields,
}

/// A decision, and memory that is used again.
#[derive(Default)]
pub(crate) struct Decided {
    scratch: Scratch,
    decision: Option<Decision>,
}

fn compile(compiler: &Compiler) -> Result<Policy, String> {
    let compilation = compiler.clone().without_proofs().compile();
    compilation.policy.ok_or_else(|| format!("{:?}", compilation.diagnostics.first()))
}

impl Engine for ClaimscMap {
    type Source = Compiler;
    type Input = Request;
    type Output = Decided;

    fn source(workload: &Workload) -> Compiler {
        workload.compiler()
    }

    fn load(compiler: &Compiler) -> Result<Self, String> {
        compile(compiler).map(ClaimscMap)
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
    type Source = Compiler;
    type Input = Typed;
    type Output = Written;

    fn source(workload: &Workload) -> Compiler {
        workload.compiler()
    }

    fn load(compiler: &Compiler) -> Result<Self, String> {
        let policy = compile(compiler)?;
        Ok(ClaimscBytes { fields: Fields::of(&policy), policy })
    }

    fn input(&self, request: &Value) -> Typed {
        Typed::of(request).expect("a whole request")
    }

    fn run(&self, request: &Typed, output: &mut Written) {
        output.answer_typed(&self.policy, &self.fields, request);
    }

    fn compare(&self, output: &mut Written, is_compared: bool) {
        Output::compare(output, is_compared);
    }

    /// Where only the time counts, the claims lie in the scratch as text, and nothing is left to do.
    fn text<'a>(&self, output: &'a Written) -> Cow<'a, [u8]> {
        output.text().as_bytes().into()
    }
}
