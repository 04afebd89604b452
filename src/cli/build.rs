//! `claimsc build`: a policy as an artifact, which servers load without the compiler.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::analysis::fingerprint::fingerprint;
use crate::diag::Severity;
use crate::mint::{Algorithm, Key, SigningKey};
use crate::policy::Policy;
use crate::report::terminal;

use super::keys::{algorithm, private_key};
use super::{Color, Exit, Output, Stop, load, read, style};

/// Checks a policy like `claimsc check` and writes it as an artifact: one file that servers load in milliseconds,
/// without the compiler.
///
/// The same policy gives the same bytes on every machine. The texts are part of it, so that explanations can quote them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claimsc build policies/prod -o policy.claimsb
  claimsc build -o policy.claimsb --key build.jwk
  claimsc eval policy.claimsb --signed-by trusted.jwks --request request.json

`eval`, `mint`, `inputs`, `inspect` and `fingerprint` take the file in place of a folder.")]
pub(super) struct Arguments {
    #[command(flatten)]
    policy: load::PolicyArguments,
    /// The file to write; one that is there is replaced at once, never half
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// Sign it with this private key: PEM or JWK
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// What the key signs with, if it does not say it itself [default: RS256 for RSA keys]
    #[arg(long, requires = "key", value_parser = algorithm(), value_name = "ALG")]
    alg: Option<Algorithm>,
}

pub(super) fn run(arguments: &Arguments, color: Color) -> Result<Output, Stop> {
    if load::is_standard_input(&arguments.output) {
        return Err(Stop::new("an artifact is no text for standard output", "name a file"));
    }
    let key = arguments.key.as_deref().map(|path| signing_key(path, arguments.alg)).transpose()?;
    let compilation = load::inputs(&arguments.policy)?.compile();
    let built = compilation.artifact();
    let mut findings = compilation.diagnostics;
    findings.retain(|finding| finding.severity != Severity::Note);
    let stderr = match findings.as_slice() {
        [] => String::new(),
        findings => terminal::render(findings, &compilation.sources, style(color, &io::stderr())),
    };
    let (Some(policy), Some(built)) = (&compilation.policy, built) else {
        return Ok(Output { stderr, exit: Exit::Findings, ..Output::default() });
    };
    let mut bytes = built.map_err(|error| Stop::new(error.message(), error.help()))?;
    if let Some(key) = &key {
        bytes = key.sign_artifact(&bytes).map_err(|error| Stop::new(error.message(), error.help()))?;
    }
    write(&arguments.output, &bytes)?;
    let stdout = told(&arguments.output, bytes.len(), policy, key.as_ref());
    Ok(Output { stdout, stderr, ..Output::default() })
}

fn told(path: &Path, bytes: usize, policy: &Policy, key: Option<&SigningKey>) -> String {
    let statements = policy.unit().statements.len();
    let plural = if statements == 1 { "" } else { "s" };
    let mut text = format!("Wrote `{}`: {statements} statement{plural}, {bytes} bytes.\n", read::name(path));
    text.push_str(&format!("fingerprint: {}\n", fingerprint(policy.unit())));
    if let Some(key) = key {
        text.push_str(&format!("signed by: {} ({})\n", key.id(), key.algorithm()));
    }
    text
}

fn signing_key(path: &Path, alg: Option<Algorithm>) -> Result<SigningKey, Stop> {
    match private_key(path, alg)? {
        Key::Signing(key) => Ok(key),
        Key::Secret(_) => Err(Stop::new(
            format!(
                "`{}` is a secret for HS256: whoever verifies with it can sign with it",
                read::name(path)
            ),
            "make a key with `claimsc keys generate --alg EdDSA`",
        )),
    }
}

/// Writes a file beside it first, so that a server which reads it meanwhile gets the old or the new one.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Stop> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    std::fs::write(&beside, bytes).and_then(|()| std::fs::rename(&beside, path)).map_err(|error| {
        // What was written in part is of no use; where it cannot be removed, the next run replaces it.
        let _ = std::fs::remove_file(&beside);
        Stop::new(
            format!("`{}` cannot be written: {}", read::name(path), read::cause(&error)),
            "name a file in a folder that this user may write to",
        )
    })
}
