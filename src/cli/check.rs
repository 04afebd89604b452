//! `claimsc check`: is this policy fit to be deployed?

use clap::{Args, ValueEnum};

use crate::diag::Severity;
use crate::report::{self, Summary, terminal};
use crate::standard::{PROFILES, Profile};

use super::{Color, Exit, Format, Output, Stop, load, style};

/// Checks a policy and prints all findings.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claimsc check                            the policy in the current folder
  claimsc check policies/prod --catalog prod.yaml
  claimsc check --deny warnings            in CI: warnings fail too
  claimsc check --profile okta             would it work there?
  claimsc check --format json | jq '.diagnostics[].message'")]
pub(super) struct Arguments {
    #[command(flatten)]
    policy: load::PolicyArguments,
    /// How findings are printed to standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Check for this host in place of the one that claims.yaml names
    #[arg(long, value_name = "NAME", value_parser = PROFILES)]
    profile: Option<String>,
    /// Findings that fail like errors
    #[arg(long, value_enum, value_name = "KIND")]
    deny: Option<Deny>,
    /// Print findings that fail, nothing else
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Deny {
    Warnings,
}

pub(super) fn run(arguments: &Arguments, color: Color) -> Result<Output, Stop> {
    let profile = arguments.profile.as_deref().and_then(Profile::find);
    let compilation = load::policy(&arguments.policy, profile)?;
    let worst_allowed = match arguments.deny {
        Some(Deny::Warnings) => Severity::Note,
        None => Severity::Warning,
    };
    let fails = |severity: Severity| severity < worst_allowed;
    let has_failed =
        compilation.policy.is_none() || compilation.diagnostics.iter().any(|d| fails(d.severity));
    let exit = if has_failed { Exit::Findings } else { Exit::Clean };

    let mut findings = compilation.diagnostics;
    if arguments.quiet {
        findings.retain(|d| fails(d.severity));
    }
    let sources = &compilation.sources;
    let stdout = match arguments.format {
        Format::Json => report::pretty(&report::json(&findings, sources)),
        Format::Text if findings.is_empty() && arguments.quiet => String::new(),
        Format::Text if findings.is_empty() => {
            let files = sources.iter().count();
            let plural = if files == 1 { "" } else { "s" };
            format!("{} in {files} file{plural}\n", Summary::default())
        }
        Format::Text => terminal::render(&findings, sources, style(color, &std::io::stdout())),
    };
    Ok(Output { stdout, exit, ..Output::default() })
}
