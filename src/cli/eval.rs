//! `claimsc eval`: what a policy does with one request.

use std::path::PathBuf;

use clap::Args;

use crate::decision::Decision;
use crate::diag::Severity;
use crate::report::{self, explanation, terminal};
use crate::request::Request;

use super::{Color, Exit, Format, Output, Stop, artifact, load, read, style};

/// Evaluates a policy on a request and prints the result as JSON: the tokens' claims, or why there are none.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claimsc eval --request request.json
  claimsc eval policies/prod --request request.json --explain
  claimsc eval policy.claimsb --request request.json        what `claimsc build` has written
  echo '{\"grant\":\"client_credentials\",\"client\":\"m2m\"}' | claimsc eval --request -")]
pub(super) struct Arguments {
    #[command(flatten)]
    policy: artifact::PolicyOrArtifact,
    /// The request: a JSON file, or `-` for standard input
    #[arg(long, short, value_name = "FILE")]
    request: PathBuf,
    /// Tell which rules fired, which did not, and why: on standard error, or as a member with `--format json`
    #[arg(long)]
    explain: bool,
    /// Show values of the request in the explanation; they may be personal data
    #[arg(long, requires = "explain")]
    show_values: bool,
    /// `json`: the explanation is a member of the result, and findings of a policy with errors are JSON too
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments, color: Color) -> Result<Output, Stop> {
    if load::is_standard_input(&arguments.request) && arguments.policy.standard_inputs() > 0 {
        return Err(Stop::new(
            "`-` stands for standard input and is given more than once",
            "name a file in all but one of these places",
        ));
    }
    // What proofs would find is shown by requests, and this is where people try these.
    let compilation = arguments.policy.compilation()?;
    let mut output = Output::default();
    let sources = &compilation.sources;
    let mut findings = compilation.diagnostics;
    if compilation.policy.is_none() && arguments.format == Format::Json {
        output.stdout = report::pretty(&report::json(&findings, sources));
    } else {
        // Notes are for authors; they run `check`.
        findings.retain(|d| d.severity != Severity::Note);
        if !findings.is_empty() {
            output.stderr = terminal::render(&findings, sources, style(color, &std::io::stderr()));
        }
    }
    let Some(policy) = &compilation.policy else {
        return Ok(Output { exit: Exit::Findings, ..output });
    };
    let request = request(arguments)?;
    let decision = policy.evaluate(&request);
    output.exit = match decision {
        Decision::Issue(_) => Exit::Clean,
        Decision::Deny(_) => Exit::Denied,
        Decision::Error(_) => Exit::Unusable,
    };
    let mut result = decision.to_json();
    if arguments.explain {
        let explanation = policy.explain(&request, arguments.show_values);
        match arguments.format {
            Format::Text => output.stderr.push_str(&explanation::text(&explanation, sources)),
            Format::Json => {
                let explanation = explanation::json(&explanation, sources);
                result = report::with_member(&result, "explanation", explanation);
            }
        }
    }
    output.stdout = report::pretty(&result);
    Ok(output)
}

fn request(arguments: &Arguments) -> Result<Request, Stop> {
    let value = load::json(&arguments.request, "request")?;
    Request::from_value(&value).map_err(|error| {
        Stop::new(
            format!("the request `{}` is malformed: {error}", read::name(&arguments.request)),
            "mend the request; `claimsc init` writes a sample",
        )
    })
}
