//! `claimsc check`: is this policy fit to be deployed?

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::catalog::Cost;
use crate::compile::Compilation;
use crate::diag::Severity;
use crate::report::{self, Summary, terminal};
use crate::standard::{PROFILES, Profile};
use crate::value::Value;

use super::{Color, Exit, Output, Stop, fix, load, style, witnesses};

/// Checks a policy and prints all findings.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[command(after_help = "\
Examples:
  claimsc check                            the policy in the current folder
  claimsc check policies/prod --catalog prod.yaml
  claimsc check --deny warnings            in CI: warnings fail too
  claimsc check --profile okta             would it work there?
  claimsc check --format json | jq '.diagnostics[].message'
  claimsc check --fix --diff               what could be fixed safely
  claimsc check --proofs                   what is known of every `ensure` and contract
  claimsc check --witnesses shown          the requests that show findings, for `claimsc eval --request`")]
pub(super) struct Arguments {
    #[command(flatten)]
    policy: load::PolicyArguments,
    /// How findings are printed to standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Check for this host in place of the one that claims.yaml names
    #[arg(long, value_name = "NAME", value_parser = PROFILES)]
    profile: Option<String>,
    /// What proofs may cost, in place of claims.yaml: proposals, states, requests, variations, recipients, sizes, shrinking
    #[arg(long, value_name = "NAME=COUNT", value_parser = load::budget)]
    budget: Vec<(Cost, u64)>,
    /// Findings that fail like errors
    #[arg(long, value_enum, value_name = "KIND")]
    deny: Option<Deny>,
    /// Print findings that fail, nothing else
    #[arg(long, short)]
    quiet: bool,
    /// Apply the safe fixes of findings to the files below the policy's folder, and print what is left
    #[arg(long)]
    fix: bool,
    /// Apply fixes that change or choose a meaning too; of several the first
    #[arg(long = "unsafe", requires = "fix")]
    with_unsafe: bool,
    /// Print what `--fix` would change as a unified diff, and change nothing
    #[arg(long, requires = "fix", conflicts_with_all = ["format", "quiet", "proofs", "witnesses"])]
    diff: bool,
    /// List every `ensure` and contract: proven, refuted, vacuous or undecided, and what the proofs stand on
    #[arg(long, conflicts_with = "quiet")]
    proofs: bool,
    /// Write the requests that show findings to this folder, one file each: `<slug>-<number>.json`
    #[arg(long, value_name = "DIR")]
    witnesses: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Deny {
    Warnings,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One line for each finding
    Concise,
    /// For tools: one JSON object on standard output and nothing else there
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
}

impl Arguments {
    /// Whether a finding of this severity fails.
    fn fails(&self, severity: Severity) -> bool {
        let worst_allowed = match self.deny {
            Some(Deny::Warnings) => Severity::Note,
            None => Severity::Warning,
        };
        severity < worst_allowed
    }

    fn exit(&self, compilation: &Compilation) -> Exit {
        let has_failed =
            compilation.policy.is_none() || compilation.diagnostics.iter().any(|d| self.fails(d.severity));
        if has_failed { Exit::Findings } else { Exit::Clean }
    }
}

pub(super) fn run(arguments: &Arguments, color: Color) -> Result<Output, Stop> {
    if arguments.proofs && matches!(arguments.format, Format::Sarif | Format::Github) {
        return Err(Stop::new(
            "`--proofs` has no form for this format",
            "take `--format text` or `--format json` for the list of proofs",
        ));
    }
    let mut inputs = load::inputs(&arguments.policy)?;
    inputs.profile = arguments.profile.as_deref().and_then(Profile::find);
    inputs.budget.clone_from(&arguments.budget);
    if !arguments.fix {
        let compilation = inputs.compile();
        return print(arguments, &inputs, compilation, color);
    }
    let fixable = fix::fixable(&arguments.policy, &inputs)?;
    let exit_before = if arguments.diff { arguments.exit(&inputs.compile()) } else { Exit::Clean };
    let fixed = fix::apply(&mut inputs, fixable, arguments.with_unsafe);
    let stderr = summary(&fixed, arguments.diff);
    if arguments.diff {
        let diffs = fixed
            .changed
            .iter()
            .map(|file| fix::unified(&inputs.locate(&file.name), &file.before, &file.after));
        return Ok(Output { stdout: diffs.collect(), stderr, exit: exit_before });
    }
    fix::write(&fixed)?;
    let output = print(arguments, &inputs, fixed.compilation, color)?;
    Ok(Output { stderr: stderr + &output.stderr, ..output })
}

/// What was done, for standard error.
fn summary(fixed: &fix::Fixed, is_trial: bool) -> String {
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    let (count, files) = (fixed.count, fixed.changed.len());
    let done = if is_trial { "would be applied" } else { "applied" };
    let word = if count == 1 { "fix" } else { "fixes" };
    let place = if files == 0 { String::new() } else { format!(" in {files} file{}", plural(files)) };
    let restored = fixed
        .restored
        .iter()
        .map(|name| format!("`{}` was put back: its fixes do not fit together\n", report::visible(name)));
    std::iter::once(format!("{count} {word} {done}{place}\n")).chain(restored).collect()
}

fn print(
    arguments: &Arguments,
    inputs: &load::Inputs,
    compilation: Compilation,
    color: Color,
) -> Result<Output, Stop> {
    let exit = arguments.exit(&compilation);
    let worst = compilation.worst();
    let mut findings = compilation.diagnostics;
    let stderr = match &arguments.witnesses {
        Some(folder) => witnesses::write(folder, &findings)?,
        None => String::new(),
    };
    if arguments.quiet {
        findings.retain(|d| arguments.fails(d.severity));
    }
    let sources = &compilation.sources;
    let locate = |name: &str| inputs.locate(name);
    let mut stdout = match arguments.format {
        Format::Json => {
            let document = report::json(&findings, sources);
            let worst = worst.as_ref().map_or(Value::Null, report::worst_json);
            let mut document = report::with_member(&document, "worst", worst);
            if arguments.proofs {
                let proofs = compilation.promises.as_deref().map(|all| report::proofs_json(all, sources));
                document = report::with_member(&document, "proofs", proofs.unwrap_or(Value::Null));
            }
            report::pretty(&document)
        }
        Format::Sarif => report::pretty(&report::sarif(&findings, sources, &locate)),
        Format::Text | Format::Concise | Format::Github if findings.is_empty() && arguments.quiet => {
            String::new()
        }
        Format::Github => report::github(&findings, sources, &locate),
        Format::Concise => report::concise(&findings, sources, &locate),
        Format::Text if findings.is_empty() => {
            let files = sources.iter().count();
            let plural = if files == 1 { "" } else { "s" };
            format!("{} in {files} file{plural}\n", Summary::default())
        }
        Format::Text => terminal::render(&findings, sources, style(color, &std::io::stdout())),
    };
    if let Some(worst) = worst.filter(|_| arguments.format == Format::Text && !arguments.quiet) {
        stdout.push_str(&report::worst_text(&worst));
    }
    if arguments.proofs && arguments.format != Format::Json {
        stdout.push('\n');
        stdout.push_str(&match &compilation.promises {
            Some(promises) => report::proofs_text(promises, sources),
            None => "nothing is proven about a policy with such errors\n".to_owned(),
        });
    }
    Ok(Output { stdout, stderr, exit })
}
