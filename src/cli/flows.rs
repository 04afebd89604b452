//! `claimsc flows`: which labelled data arrives at whom?

use clap::{Args, ValueEnum};

use crate::analysis::Study;
use crate::analysis::flow::table;
use crate::report;

use super::{Color, Exit, Output, Stop, load};

/// Shows for every label and recipient the claims through which the data arrives, or that it is proven not to.
///
/// Recipients are the audiences of access tokens, and the clients that read ID tokens, userinfo and SAML assertions.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claimsc flows                            the policy in the current folder
  claimsc flows policies/prod --format markdown

Exit code 1: a value arrives where its label is not accepted.")]
pub(super) struct Arguments {
    #[command(flatten)]
    policy: load::PolicyArguments,
    /// How the table is printed to standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For tools: one JSON object
    Json,
    /// For pull requests and pages
    Markdown,
}

pub(super) fn run(arguments: &Arguments, color: Color) -> Result<Output, Stop> {
    let inputs = load::inputs(&arguments.policy)?;
    // What the proofs would find is what is shown here.
    let compilation = inputs.compile_unproven();
    let Some(policy) = &compilation.policy else {
        let format = if arguments.format == Format::Json { super::Format::Json } else { super::Format::Text };
        return Ok(load::rejected(&compilation, format, color));
    };
    let flows = table::table(&mut Study::new(policy.unit()));
    let stdout = match arguments.format {
        Format::Text => report::flows_text(&flows),
        Format::Json => report::pretty(&report::flows_json(&flows)),
        Format::Markdown => report::flows_markdown(&flows),
    };
    let exit = if flows.has_leak() { Exit::Findings } else { Exit::Clean };
    Ok(Output { stdout, exit, ..Output::default() })
}
