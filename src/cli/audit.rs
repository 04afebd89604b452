//! `claimsc audit`: what does this policy take upon itself?

use clap::Args;

use crate::analysis::audit;
use crate::report;
use crate::source::Sources;
use crate::syntax;

use super::{Color, Format, Output, Stop, load};

/// Lists every exception of a policy with its place and reason: `@allow`, `@accepts`, `@overridable`, `reveal`, `trust`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claimsc audit                            the policy in the current folder
  claimsc audit policies/prod --format json | jq '.exceptions[].reason'")]
pub(super) struct Arguments {
    #[command(flatten)]
    policy: load::PolicyArguments,
    /// How exceptions are printed to standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments, color: Color) -> Result<Output, Stop> {
    let inputs = load::inputs(&arguments.policy)?;
    // What proofs find does not change what was written.
    let compilation = inputs.compile_unproven();
    if compilation.policy.is_none() {
        // A list that leaves out what cannot be read would be trusted.
        return Ok(load::rejected(&compilation, arguments.format, color));
    }
    let mut sources = Sources::new();
    let mut exceptions = Vec::new();
    for file in &inputs.folder.sources {
        let id = sources.add(&file.name, &file.text);
        exceptions.extend(audit::exceptions(&syntax::parse(id, &file.text).file, &sources));
    }
    let stdout = match arguments.format {
        Format::Json => report::pretty(&report::audit_json(&exceptions, &sources)),
        Format::Text => report::audit_text(&exceptions, &sources),
    };
    Ok(Output { stdout, ..Output::default() })
}
