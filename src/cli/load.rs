//! From the arguments that name a policy to its compilation.

use std::ffi::OsStr;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::thread;

use clap::Args;

use crate::catalog::{self, Cost};
use crate::compile::{Compilation, Compiler};
use crate::report::{self, terminal};
use crate::source::Sources;
use crate::standard::Profile;
use crate::syntax::MAX_FILE_BYTES;
use crate::value::{JsonLimits, Value};

use super::read::{self, Folder};
use super::{Color, Exit, Format, Output, Stop, style};

/// The length of a policy, in bytes, from which threads save more time than it takes to start them.
const LONG: usize = 32 * 1024;

/// The arguments of every command that reads a policy.
#[derive(Debug, Args)]
pub(super) struct PolicyArguments {
    /// The policy: a folder whose `*.claims` files, recursively, and `claims.yaml` are read; or one file; or `-`
    #[arg(value_name = "DIR", default_value = ".")]
    pub(super) policy: PathBuf,
    /// Read this file in place of the folder's `claims.yaml`
    #[arg(long, value_name = "FILE")]
    catalog: Option<PathBuf>,
    /// Bind the constants of `config`: a JSON or YAML file with their values
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl PolicyArguments {
    /// The arguments of a command whose policy may be left out.
    pub(super) fn of(policy: PathBuf, catalog: Option<PathBuf>, config: Option<PathBuf>) -> Self {
        PolicyArguments { policy, catalog, config }
    }

    /// Whether claims.yaml or constants are given beside the policy.
    pub(super) fn has_facts(&self) -> bool {
        self.catalog.is_some() || self.config.is_some()
    }

    /// How many of them read standard input.
    pub(super) fn standard_inputs(&self) -> usize {
        [Some(&self.policy), self.catalog.as_ref(), self.config.as_ref()]
            .into_iter()
            .flatten()
            .filter(|path| is_standard_input(path))
            .count()
    }
}

pub(super) fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Everything that a compilation is made of.
#[derive(Debug)]
pub(super) struct Inputs {
    pub(super) folder: Folder,
    config: Option<Value>,
    /// Takes the place of that of claims.yaml.
    pub(super) profile: Option<&'static Profile>,
    /// Takes the place of what claims.yaml says.
    pub(super) budget: Vec<(Cost, u64)>,
}

impl Inputs {
    /// Compiles the texts as they are now.
    pub(super) fn compile(&self) -> Compilation {
        self.compile_with(true)
    }

    /// The same without the analyses that prove or refute, for commands that ask what these would find.
    pub(super) fn compile_unproven(&self) -> Compilation {
        self.compile_with(false)
    }

    fn compile_with(&self, proves: bool) -> Compilation {
        let Folder { catalog, sources, refused } = &self.folder;
        if let Some((sources, diagnostics)) = refused {
            return Compilation {
                sources: sources.clone(),
                diagnostics: diagnostics.clone(),
                promises: None,
                policy: None,
            };
        }
        let mut compiler = Compiler::new();
        if let Some(file) = catalog {
            compiler.catalog(&file.name, &file.text);
        }
        for file in sources {
            compiler.source(&file.name, &file.text);
        }
        if let Some(config) = &self.config {
            compiler.config(config.clone());
        }
        if let Some(profile) = self.profile {
            compiler.profile(profile);
        }
        for (cost, count) in &self.budget {
            compiler.budget(*cost, *count);
        }
        if !proves {
            compiler.without_proofs();
        }
        if sources.iter().map(|file| file.text.len()).sum::<usize>() > LONG {
            compiler.threads(thread::available_parallelism().map_or(1, NonZero::get));
        }
        compiler.compile()
    }

    /// The path of a file from the current folder, by its name in findings.
    pub(super) fn locate(&self, name: &str) -> String {
        let file = self.folder.files().find(|file| file.name == name);
        file.and_then(|file| file.path.as_deref()).map_or_else(|| name.to_owned(), read::name)
    }
}

/// Reads and compiles the policy, for commands whose answer does not depend on what the analyses would find.
pub(super) fn policy(arguments: &PolicyArguments) -> Result<Compilation, Stop> {
    Ok(inputs(arguments)?.compile_unproven())
}

/// The findings in place of an answer about a policy that has errors.
pub(super) fn rejected(compilation: &Compilation, format: Format, color: Color) -> Output {
    let Compilation { diagnostics, sources, .. } = compilation;
    let mut output = Output { exit: Exit::Findings, ..Output::default() };
    match format {
        Format::Json => output.stdout = report::pretty(&report::json(diagnostics, sources)),
        Format::Text => {
            output.stderr = terminal::render(diagnostics, sources, style(color, &std::io::stderr()));
        }
    }
    output
}

/// Reads the policy.
pub(super) fn inputs(arguments: &PolicyArguments) -> Result<Inputs, Stop> {
    if arguments.standard_inputs() > 1 {
        return Err(Stop::new(
            "`-` stands for standard input and is given more than once",
            "name a file in all but one of these places",
        ));
    }
    let folder = read::policy(&arguments.policy, arguments.catalog.as_deref())?;
    let config = arguments.config.as_deref().map(config).transpose()?;
    Ok(Inputs { folder, config, profile: None, budget: Vec::new() })
}

/// Reads one of two versions of a policy: a folder or file, or `git:REVISION[:PATH]`.
pub(super) fn version(path: &Path, bound: Option<&Path>) -> Result<Inputs, Stop> {
    let folder = match path.to_str().and_then(|text| text.strip_prefix("git:")) {
        Some(revision) => read::revision(revision)?,
        None => read::policy(path, None)?,
    };
    let config = bound.map(config).transpose()?;
    Ok(Inputs { folder, config, profile: None, budget: Vec::new() })
}

/// `proposals=20000`.
pub(super) fn budget(text: &str) -> Result<(Cost, u64), String> {
    let (name, count) = text.split_once('=').ok_or("write a name and a count, as in `proposals=20000`")?;
    let names = || Cost::ALL.iter().map(|cost| cost.as_str()).collect::<Vec<_>>().join(", ");
    let cost = Cost::parse(name).ok_or_else(|| format!("no budget has this name: there are {}", names()))?;
    let count = count.parse().map_err(|_| "the count is no whole number".to_owned())?;
    Ok((cost, count))
}

/// The constants of `config`.
fn config(path: &Path) -> Result<Value, Stop> {
    let bytes = read::bytes(path, MAX_FILE_BYTES, "configuration")?;
    let value =
        if is_json(path, &bytes) { parse_json(path, bytes, "configuration")? } else { yaml(path, &bytes)? };
    if value.as_object().is_none() {
        return Err(Stop::new(
            format!("the configuration `{}` is a {}, not an object", read::name(path), value.kind()),
            "write the names of `config` and their values, as a JSON object or a YAML mapping",
        ));
    }
    Ok(value)
}

/// Whether a file's name, or else its first character, says that it is JSON.
fn is_json(path: &Path, bytes: &[u8]) -> bool {
    match path.extension().and_then(OsStr::to_str) {
        Some("json") => true,
        Some("yaml" | "yml") => false,
        _ => bytes.trim_ascii_start().starts_with(b"{"),
    }
}

fn yaml(path: &Path, bytes: &[u8]) -> Result<Value, Stop> {
    let name = read::name(path);
    let malformed = |place: String, fact: &str, help: &str| {
        Stop::new(format!("the configuration `{name}` is malformed at {place}: {fact}"), help)
    };
    let text = std::str::from_utf8(bytes).map_err(|error| {
        malformed(place(bytes, error.valid_up_to()), "this is not UTF-8", "save the file as UTF-8")
    })?;
    let mut sources = Sources::new();
    let file = sources.add(&name, text);
    catalog::read_data(file, text, "a configuration").map_err(|findings| {
        let first = findings.first();
        let at = first.map_or(0, |finding| finding.span.start as usize);
        let help = first.and_then(|finding| finding.help.as_deref());
        malformed(
            place(bytes, at),
            first.map_or("this is no YAML", |finding| &finding.message),
            help.unwrap_or("write it as in claims.yaml"),
        )
    })
}

/// A JSON file; `what` says what it is for.
pub(super) fn json(path: &Path, what: &str) -> Result<Value, Stop> {
    parse_json(path, read::bytes(path, JsonLimits::default().bytes, what)?, what)
}

fn parse_json(path: &Path, mut bytes: Vec<u8>, what: &str) -> Result<Value, Stop> {
    if bytes.starts_with(b"\xef\xbb\xbf") {
        // A byte order mark, which RFC 8259 section 8.1 lets readers ignore.
        bytes.drain(..3);
    }
    Value::parse_json(&bytes, JsonLimits::default()).map_err(|error| {
        Stop::new(
            format!(
                "the {what} `{}` is malformed at {}: {}",
                read::name(path),
                place(&bytes, error.offset),
                error.message
            ),
            "write one JSON value (RFC 8259), each member once",
        )
    })
}

/// `line 3, column 5` of a byte offset.
fn place(bytes: &[u8], offset: usize) -> String {
    let before = String::from_utf8_lossy(bytes.get(..offset).unwrap_or(bytes));
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("line {line}, column {column}")
}
