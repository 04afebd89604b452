//! `claimsc profiles`: what the hosts can do and forbid.

use clap::Args;

use crate::report::{self, profile};
use crate::standard::{PROFILES, Profile};

use super::{Format, Output};

/// Lists the hosts that policies can be written for, or what one of them can do and forbids.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claimsc profiles
  claimsc profiles auth0 | less
  claimsc profiles okta --format json | jq -r '.profiles[].facts[].names[]'")]
pub(super) struct Arguments {
    /// The host
    #[arg(value_name = "PROFILE", value_parser = PROFILES)]
    profile: Option<String>,
    /// How it is printed to standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> Output {
    let one = arguments.profile.as_deref().and_then(Profile::find);
    let stdout = match (arguments.format, one) {
        (Format::Json, Some(one)) => report::pretty(&profile::json(&[one])),
        (Format::Json, None) => report::pretty(&profile::json(Profile::all())),
        (Format::Text, Some(one)) => profile::text(one),
        (Format::Text, None) => profile::list(Profile::all()),
    };
    Output { stdout, ..Output::default() }
}
