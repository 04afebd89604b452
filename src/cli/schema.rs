//! `claimsc schema`: what may stand in claims.yaml, for editors.

use clap::Args;

use crate::report;

use super::{Output, Stop};

/// Prints the JSON Schema of claims.yaml.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  claimsc schema > claims.schema.json
  # then, as the first line of claims.yaml, for editors with a YAML language server:
  # yaml-language-server: $schema=claims.schema.json")]
pub(super) struct Arguments {}

pub(super) fn run(_: &Arguments) -> Result<Output, Stop> {
    Ok(Output { stdout: report::pretty(&crate::catalog::schema()), ..Output::default() })
}
