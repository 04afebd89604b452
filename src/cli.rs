//! The `claimsc` program: arguments in, text and exit code out. All I/O of the project is in this room.
//!
//! A command reads what it needs and gives back an `Output`; only [`main`] writes to the standard streams.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use crate::report::{terminal::Style, visible};

mod artifact;
mod audit;
mod build;
mod check;
mod contract;
mod diff;
mod eval;
mod explain;
mod fingerprint;
mod fix;
mod flows;
mod init;
mod inputs;
mod inspect;
mod keys;
mod load;
mod matrix;
mod mint;
mod profiles;
mod read;
mod schema;
mod witnesses;

/// Checks and evaluates claims policies: the rules that decide which claims OAuth 2.0 and OpenID Connect tokens carry.
#[derive(Debug, Parser)]
#[command(name = "claimsc", version, about, arg_required_else_help = true, after_help = AFTER_HELP)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Colours in what is printed for people; `NO_COLOR` and `CLICOLOR_FORCE` are respected
    #[arg(long, global = true, display_order = 900, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    color: Color,
}

const AFTER_HELP: &str = "\
Exit codes:
  0  clean
  1  errors in the policy or in claims.yaml
  2  usage, paths, a malformed request or an evaluation error
  3  the policy denies the request

Start with:
  claimsc init demo
  claimsc check demo
  claimsc eval demo --request demo/request.json";

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::Arguments),
    Build(build::Arguments),
    Eval(eval::Arguments),
    Explain(explain::Arguments),
    Audit(audit::Arguments),
    Contract(contract::Arguments),
    Diff(diff::Arguments),
    Flows(flows::Arguments),
    Fingerprint(fingerprint::Arguments),
    Inputs(inputs::Arguments),
    Inspect(inspect::Arguments),
    Matrix(matrix::Arguments),
    Mint(mint::Arguments),
    Keys(keys::Arguments),
    Profiles(profiles::Arguments),
    Schema(schema::Arguments),
    Init(init::Arguments),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Color {
    /// At a terminal
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For tools: one JSON object on standard output and nothing else there
    Json,
}

/// What a command leaves behind.
#[derive(Debug, Default)]
struct Output {
    stdout: String,
    stderr: String,
    exit: Exit,
}

/// The exit codes of every command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Exit {
    #[default]
    Clean = 0,
    /// Errors in the policy or in claims.yaml.
    Findings = 1,
    /// Usage, paths, a malformed request, an evaluation error.
    Unusable = 2,
    /// The policy denies the request.
    Denied = 3,
}

/// Why a command cannot do its work: usage or paths. Exit code 2.
#[derive(Debug)]
struct Stop {
    /// The fact, as in diagnostics.
    message: String,
    /// One imperative sentence.
    help: String,
}

impl Stop {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Stop { message: message.into(), help: help.into() }
    }
}

impl From<Stop> for Output {
    fn from(Stop { message, help }: Stop) -> Self {
        let stderr = format!("error: {}\n  help: {}\n", visible(&message), visible(&help));
        Output { stderr, exit: Exit::Unusable, ..Output::default() }
    }
}

/// Runs the program on the arguments and streams of the process.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version go to standard output and are no error; a closed pipe is nobody's fault.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { Exit::Unusable as u8 } else { 0 });
        }
    };
    let color = arguments.color;
    let output = match arguments.command {
        Command::Check(arguments) => check::run(&arguments, color),
        Command::Build(arguments) => build::run(&arguments, color),
        Command::Eval(arguments) => eval::run(&arguments, color),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Audit(arguments) => audit::run(&arguments, color),
        Command::Contract(arguments) => contract::run(&arguments, color),
        Command::Diff(arguments) => diff::run(&arguments, color),
        Command::Flows(arguments) => flows::run(&arguments, color),
        Command::Fingerprint(arguments) => fingerprint::run(&arguments, color),
        Command::Inputs(arguments) => inputs::run(&arguments, color),
        Command::Inspect(arguments) => inspect::run(&arguments, color),
        Command::Matrix(arguments) => matrix::run(&arguments, color),
        Command::Mint(arguments) => mint::run(&arguments, color),
        Command::Keys(arguments) => keys::run(&arguments),
        Command::Profiles(arguments) => Ok(profiles::run(&arguments)),
        Command::Schema(arguments) => Ok(schema::run(&arguments)),
        Command::Init(arguments) => init::run(&arguments),
    };
    ExitCode::from(write(&output.unwrap_or_else(Output::from)) as u8)
}

/// Writes to the standard streams. A reader that has gone away (`claimsc check | head`) changes nothing; a full disk
/// must not look like success.
fn write(output: &Output) -> Exit {
    let mut stderr = io::stderr().lock();
    let mut stdout = io::stdout().lock();
    let _ = stderr.write_all(output.stderr.as_bytes());
    match stdout.write_all(output.stdout.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            let _ = writeln!(stderr, "error: standard output cannot be written: {error}");
            Exit::Unusable
        }
        _ => output.exit,
    }
}

/// What the stream can show that findings are printed to.
fn style(color: Color, stream: &impl IsTerminal) -> Style {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0");
    let is_terminal = stream.is_terminal();
    let color = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) => false,
        Color::Auto => is_terminal || is_set("CLICOLOR_FORCE"),
    };
    if !is_terminal {
        return Style { color, ..Style::PLAIN };
    }
    let width = terminal_size::terminal_size().map_or(Style::PLAIN.width, |(width, _)| usize::from(width.0));
    Style { color, unicode: shows_unicode(), width: width.clamp(40, 160) }
}

/// Whether the locale (POSIX.1-2017, section 8.2) or the Windows Terminal shows UTF-8.
fn shows_unicode() -> bool {
    if cfg!(windows) {
        return std::env::var_os("WT_SESSION").is_some();
    }
    ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty())
        .is_some_and(|value| {
            let value = value.to_ascii_lowercase();
            value.contains("utf-8") || value.contains("utf8")
        })
}
