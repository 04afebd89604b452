//! `claimsc diff`: what changes with this version of a policy, and for whom?

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::analysis::diff::{Diff, Kind, diff};
use crate::catalog::Cost;
use crate::report::{self, diff::Versions};

use super::{Color, Exit, Output, Stop, load};

/// Proves that two versions of a policy do the same, or shows in what they differ and for whom, each difference with a
/// request that both have decided.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claimsc diff old new                              two folders
  claimsc diff git:main .                           what this branch changes
  claimsc diff git:v1.2:policies/prod policies/prod --format markdown
  claimsc diff git:main . --deny new-claim,new-label,wider-audience

Exit code 0: proven equal. Exit code 1: different, or not proven equal; with --deny only if there is
a difference of these kinds or something undecided.")]
pub(super) struct Arguments {
    /// The old version: a folder or file, or `git:REVISION[:PATH]`
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The new version, likewise
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// Bind the constants of `config` in both versions: a JSON or YAML file with their values
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// What proofs may cost, in place of the new claims.yaml, as in `proposals=20000`
    #[arg(long, value_name = "NAME=COUNT", value_parser = load::budget)]
    budget: Vec<(Cost, u64)>,
    /// Fail only for differences of these kinds, and for what is undecided
    #[arg(long, value_name = "KIND,..", value_delimiter = ',', value_parser = kind)]
    deny: Vec<Kind>,
    /// How it is printed to standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For tools: one JSON object
    Json,
    /// For a pull request
    Markdown,
}

fn kind(word: &str) -> Result<Kind, String> {
    Kind::parse(word).ok_or_else(|| {
        let words: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
        format!("it is one of {}", words.join(", "))
    })
}

pub(super) fn run(arguments: &Arguments, color: Color) -> Result<Output, Stop> {
    let config = arguments.config.as_deref();
    let (old, mut new) = (load::version(&arguments.old, config)?, load::version(&arguments.new, config)?);
    new.budget.clone_from(&arguments.budget);
    // What one of the versions does wrong is for `claimsc check` to say.
    let (old, new) = (old.compile_unproven(), new.compile_unproven());
    for compilation in [&old, &new] {
        if compilation.policy.is_none() {
            let format =
                if arguments.format == Format::Json { super::Format::Json } else { super::Format::Text };
            return Ok(load::rejected(compilation, format, color));
        }
    }
    let (Some(old_policy), Some(new_policy)) = (&old.policy, &new.policy) else {
        return Ok(Output { exit: Exit::Findings, ..Output::default() });
    };
    let found = diff(old_policy.unit(), new_policy.unit());
    let versions = Versions { old: &old.sources, new: &new.sources };
    let stdout = match arguments.format {
        Format::Text => report::diff::text(&found, versions),
        Format::Json => report::pretty(&report::diff::json(&found, versions)),
        Format::Markdown => report::diff::markdown(&found, versions),
    };
    Ok(Output { stdout, exit: exit(&found, &arguments.deny), ..Output::default() })
}

fn exit(diff: &Diff, denied: &[Kind]) -> Exit {
    let fails = if denied.is_empty() { !diff.is_equal() } else { diff.has(denied) };
    if fails { Exit::Findings } else { Exit::Clean }
}
