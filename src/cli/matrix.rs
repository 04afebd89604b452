//! `claimsc matrix`: what can every token carry?

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::analysis::matrix::{Filter, Matrix, NONE, OTHER, Subject};
use crate::catalog::{Catalog, World};
use crate::policy::Policy;
use crate::report::{self, lock, terminal};
use crate::standard::Grant;
use crate::suggest::similar;

use super::{Color, Exit, Output, Stop, load, read, style};

/// Prints, for each client, grant, audience and token, which claims it can carry, when and by which rules.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claimsc matrix                                          the policy in the current folder
  claimsc matrix --client spa --audience api
  claimsc matrix --client other --token access_token      clients that claims.yaml does not list
  claimsc matrix --format html --out matrix.html          a page to look things up in
  claimsc matrix --lock claims.lock                       keep what the policy does beside it
  claimsc matrix --check claims.lock                      in CI: has that changed?")]
pub(super) struct Arguments {
    #[command(flatten)]
    policy: load::PolicyArguments,
    /// Only this client: its alias or id, or `other`; may be repeated, as all filters
    #[arg(long, value_name = "CLIENT")]
    client: Vec<String>,
    /// Only this grant
    #[arg(long, value_name = "GRANT", value_parser = grant)]
    grant: Vec<Grant>,
    /// Only tokens for this audience: its alias or id, `other` or `none`
    #[arg(long, value_name = "AUDIENCE")]
    audience: Vec<String>,
    /// Only this token, or `request`: what is refused and limited
    #[arg(long, value_name = "TOKEN", value_parser = subject)]
    token: Vec<Subject>,
    /// How it is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write to this file in place of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write what the policy does to this file, for version control
    #[arg(long, value_name = "FILE", conflicts_with_all = FILTERS)]
    lock: Option<PathBuf>,
    /// Compare what the policy does with such a file; differences are printed and fail
    #[arg(long, value_name = "FILE", conflicts_with = "lock", conflicts_with_all = FILTERS)]
    check: Option<PathBuf>,
}

/// What makes no sense with a lock, which is about all of a policy.
const FILTERS: [&str; 6] = ["client", "grant", "audience", "token", "format", "out"];

/// The largest file that is compared.
const MAX_LOCK: usize = 64 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people at a terminal
    Text,
    /// For tools
    Json,
    /// For documents
    Markdown,
    /// A page that needs nothing else
    Html,
}

fn grant(word: &str) -> Result<Grant, String> {
    Grant::parse(word).ok_or_else(|| one_of(Grant::ALL.iter().map(|grant| grant.as_str())))
}

fn subject(word: &str) -> Result<Subject, String> {
    Subject::parse(word).ok_or_else(|| one_of(Subject::all().map(Subject::as_str)))
}

fn one_of<'w>(words: impl Iterator<Item = &'w str>) -> String {
    format!("it is one of {}", words.collect::<Vec<_>>().join(", "))
}

pub(super) fn run(arguments: &Arguments, color: Color) -> Result<Output, Stop> {
    let compilation = load::policy(&arguments.policy)?;
    let Some(policy) = &compilation.policy else {
        // What a policy with errors would do is nothing to rely on.
        let style = style(color, &std::io::stderr());
        let stderr = terminal::render(&compilation.diagnostics, &compilation.sources, style);
        return Ok(Output { stderr, exit: Exit::Findings, ..Output::default() });
    };
    let filter = filter(arguments, policy.catalog())?;
    match (&arguments.lock, &arguments.check) {
        (Some(path), _) => write(path, &lock::write(&matrix(policy))),
        (None, Some(path)) => check(path, policy),
        (None, None) => print(arguments, &filter.apply(matrix(policy)), color),
    }
}

fn matrix(policy: &Policy) -> Matrix {
    Matrix::of(policy.unit())
}

fn print(arguments: &Arguments, matrix: &Matrix, color: Color) -> Result<Output, Stop> {
    let text = match arguments.format {
        Format::Text if arguments.out.is_some() => report::matrix::text(matrix, terminal::Style::PLAIN),
        Format::Text => report::matrix::text(matrix, style(color, &std::io::stdout())),
        Format::Json => report::pretty(&report::matrix::json(matrix)),
        Format::Markdown => report::matrix::markdown(matrix),
        Format::Html => report::matrix::html(matrix),
    };
    match &arguments.out {
        Some(path) => write(path, &text),
        None => Ok(Output { stdout: text, ..Output::default() }),
    }
}

fn write(path: &Path, text: &str) -> Result<Output, Stop> {
    fs::write(path, text).map_err(|error| {
        Stop::new(
            format!("`{}` cannot be written: {}", read::name(path), read::cause(&error)),
            "check the path and the permissions of its folder",
        )
    })?;
    Ok(Output { stderr: format!("wrote {}\n", report::visible(&read::name(path))), ..Output::default() })
}

fn check(path: &Path, policy: &Policy) -> Result<Output, Stop> {
    let name = read::name(path);
    let renew = format!("write it anew with `claimsc matrix --lock {name}`, and review what changes");
    let bytes = read::bytes(path, MAX_LOCK, "lock file")?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Stop::new(format!("the lock file `{name}` is not UTF-8"), renew.as_str()))?;
    match lock::compare(&matrix(policy), &text) {
        Ok(None) => Ok(Output { stdout: format!("{name} says what the policy does\n"), ..Output::default() }),
        Ok(Some(differences)) => {
            let stderr = format!("{name} and the policy differ\n  help: {renew}\n");
            Ok(Output { stdout: differences, stderr: report::visible(&stderr), exit: Exit::Findings })
        }
        Err(lock::Malformed { line, message }) => {
            Err(Stop::new(format!("the lock file `{name}` is malformed at line {line}: {message}"), renew))
        }
    }
}

/// The filters, whose names are all known.
fn filter(arguments: &Arguments, catalog: &Catalog) -> Result<Filter, Stop> {
    let clients = catalog.clients.iter().map(|(alias, client)| (&**alias, &*client.id));
    let other = (catalog.client_world != World::Closed).then_some(OTHER);
    known("client", &arguments.client, &clients.collect::<Vec<_>>(), other)?;
    let audiences = catalog.audiences.iter().map(|(alias, audience)| (&**alias, &*audience.id));
    let other = (catalog.audience_world != World::Closed).then_some(OTHER);
    known("audience", &arguments.audience, &audiences.collect::<Vec<_>>(), [NONE].into_iter().chain(other))?;
    Ok(Filter {
        clients: arguments.client.clone(),
        grants: arguments.grant.clone(),
        audiences: arguments.audience.clone(),
        subjects: arguments.token.clone(),
    })
}

fn known<'c>(
    what: &str,
    asked: &[String],
    listed: &[(&'c str, &'c str)],
    others: impl IntoIterator<Item = &'c str>,
) -> Result<(), Stop> {
    let words: Vec<&str> = listed.iter().map(|(alias, _)| *alias).chain(others).collect();
    let is_known = |word: &str| words.contains(&word) || listed.iter().any(|(_, id)| *id == word);
    let Some(unknown) = asked.iter().find(|word| !is_known(word)) else { return Ok(()) };
    let help = match similar(unknown, words.iter().copied()) {
        Some(word) => format!("did you mean `{word}`?"),
        None if words.is_empty() => format!("leave `--{what}` out"),
        None => format!("name one of {}", words.join(", ")),
    };
    Err(Stop::new(format!("there is no {what} `{unknown}`"), help))
}
