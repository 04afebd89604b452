//! `claimsc schema`: what may stand in claims.yaml, for editors.

use clap::Args;

use super::Output;

/// Prints the JSON Schema of claims.yaml.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  claimsc schema > claims.schema.json
  # then, as the first line of claims.yaml, for editors with a YAML language server:
  # yaml-language-server: $schema=claims.schema.json")]
pub(super) struct Arguments {}

pub(super) fn run(_: &Arguments) -> Output {
    Output { stdout: crate::catalog::schema(), ..Output::default() }
}
