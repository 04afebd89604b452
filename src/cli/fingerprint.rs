//! `claimsc fingerprint`: has anything but the text of this policy changed?

use clap::Args;

use crate::analysis::fingerprint::fingerprint;
use crate::report;
use crate::value::{Object, Value};

use super::{Color, Format, Output, Stop, artifact, load};

/// Prints one line that changes when what a policy does may change, and not when only its text does.
#[derive(Debug, Args)]
#[command(after_help = "\
Format, comments, order, files and names do not change it. Constants of `config` that the policy reads do.

Examples:
  claimsc fingerprint                      the policy in the current folder
  test \"$(claimsc fingerprint old)\" = \"$(claimsc fingerprint new)\"")]
pub(super) struct Arguments {
    #[command(flatten)]
    policy: artifact::PolicyOrArtifact,
    /// How the fingerprint is printed to standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments, color: Color) -> Result<Output, Stop> {
    let compilation = arguments.policy.compilation()?;
    let Some(policy) = &compilation.policy else {
        return Ok(load::rejected(&compilation, arguments.format, color));
    };
    let fingerprint = fingerprint(policy.unit());
    let stdout = match arguments.format {
        Format::Text => format!("{fingerprint}\n"),
        Format::Json => {
            let member = ("fingerprint".into(), Value::string(fingerprint));
            report::pretty(&Value::object(Object::from_iter([member])))
        }
    };
    Ok(Output { stdout, ..Output::default() })
}
