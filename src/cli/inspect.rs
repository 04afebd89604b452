//! `claimsc inspect`: what is in a token, why, and what is wrong with it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;

use crate::inspect::{Inspection, Question, inspect};
use crate::mint::{KeySet, MAX_KEY_SET_BYTES, SignedToken};
use crate::policy::Policy;
use crate::report::{self, inspection};
use crate::value::time::parse_timestamp;
use crate::value::{JsonLimits, Value};

use super::{Color, Exit, Format, Output, Stop, artifact, load, read};

/// Bytes of standard input: a response with several tokens, or a text that is none.
const MAX_INPUT: usize = 2 << 20;

/// Tells what is in a token, who writes each claim, what the policy could give and the token has not, and what is wrong.
///
/// The signature is never printed. A token is a credential: what is typed as an argument stays in the shell's history, so
/// give tokens on standard input, and none of production.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claimsc inspect - policies/prod --jwks jwks.json < token.txt
  claimsc mint policies/prod --request request.json --dev-key | claimsc inspect - policies/prod
  claimsc inspect - --audience https://api.acme.example < token.txt     as that API sees it

Exit code 1: whoever verifies the token has to refuse it. Exit code 2: it cannot be read.")]
pub(super) struct Arguments {
    /// A token, or `-` for standard input; or a token response, whose tokens are inspected one after the other
    #[arg(value_name = "TOKEN|-")]
    token: String,
    /// The policy that should have decided about the token: a folder, one file, or an artifact
    #[arg(value_name = "DIR")]
    policy: Option<PathBuf>,
    /// Read this file in place of the folder's `claims.yaml`
    #[arg(long, value_name = "FILE", requires = "policy")]
    catalog: Option<PathBuf>,
    /// Bind the constants of `config`: a JSON or YAML file with their values
    #[arg(long, value_name = "FILE", requires = "policy")]
    config: Option<PathBuf>,
    #[command(flatten)]
    trust: artifact::TrustArguments,
    /// Verify the signature with this key set (RFC 7517), public key, or secret of a client
    #[arg(long, value_name = "FILE")]
    jwks: Option<PathBuf>,
    /// The API that the token is shown to: what `aud` has to name, or its alias in claims.yaml
    #[arg(long, value_name = "AUDIENCE")]
    audience: Option<String>,
    /// The time to judge by, as RFC 3339 text or seconds since 1970, in place of this machine's
    #[arg(long, value_name = "TIME", value_parser = time)]
    now: Option<i64>,
    /// `json`: one object with all that is known
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

fn time(text: &str) -> Result<i64, String> {
    let seconds = text.parse().ok().or_else(|| parse_timestamp(text));
    seconds.ok_or_else(|| "it is a time as `2026-06-09T10:00:00Z`, or seconds since 1970".to_owned())
}

pub(super) fn run(arguments: &Arguments, color: Color) -> Result<Output, Stop> {
    if arguments.trust.keys().is_some() && arguments.policy.is_none() {
        return Err(Stop::new(
            "`--signed-by` is about an artifact, and none is given",
            "name it behind the token",
        ));
    }
    let paths = [&arguments.policy, &arguments.catalog, &arguments.config, &arguments.jwks];
    let is_token = usize::from(arguments.token == "-");
    let paths = paths.into_iter().flatten().chain(arguments.trust.keys());
    if paths.filter(|path| load::is_standard_input(path)).count() + is_token > 1 {
        return Err(Stop::new(
            "`-` stands for standard input and is given more than once",
            "name a file in all but one of these places",
        ));
    }
    let keys = arguments.jwks.as_deref().map(key_set).transpose()?;
    let mut policy = None;
    if let Some(path) = &arguments.policy {
        let (catalog, config) = (arguments.catalog.clone(), arguments.config.clone());
        let of = load::PolicyArguments::of(path.clone(), catalog, config);
        let compilation = artifact::PolicyOrArtifact::of(of, arguments.trust.clone()).compilation()?;
        if compilation.policy.is_none() {
            return Ok(load::rejected(&compilation, arguments.format, color));
        }
        policy = compilation.policy;
    }
    let question = Question {
        now: arguments.now.unwrap_or_else(clock),
        keys: keys.as_ref(),
        policy: policy.as_ref(),
        audience: None,
    };
    let audience = arguments.audience.as_deref().map(|word| audience(policy.as_ref(), word));
    let question = Question { audience: audience.as_deref(), ..question };
    let found: Vec<inspection::Found> = tokens(arguments)?
        .iter()
        .map(|text| SignedToken::read(text).map(|token| inspect(&token, &question)))
        .collect();
    Ok(output(&found, arguments.format))
}

fn output(found: &[inspection::Found], format: Format) -> Output {
    let has_errors = |one: &inspection::Found| one.as_ref().is_ok_and(Inspection::has_errors);
    let exit = if found.iter().any(Result::is_err) {
        Exit::Unusable
    } else if found.iter().any(has_errors) {
        Exit::Findings
    } else {
        Exit::Clean
    };
    let stdout = match format {
        Format::Json => report::visible_json(&report::pretty(&inspection::json(found))),
        Format::Text => found.iter().map(inspection::text).collect::<Vec<_>>().join("\n"),
    };
    Output { stdout, exit, ..Output::default() }
}

fn clock() -> i64 {
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    i64::try_from(clock).unwrap_or(i64::MAX)
}

pub(super) fn key_set(path: &Path) -> Result<KeySet, Stop> {
    let text = read::bytes(path, MAX_KEY_SET_BYTES, "key set")?;
    KeySet::read(&text).map_err(|error| {
        let name = read::name(path);
        Stop::new(format!("the key set `{name}` is unusable: {}", error.message()), error.help())
    })
}

/// The id of an audience that is named by alias or id.
fn audience(policy: Option<&Policy>, word: &str) -> Arc<str> {
    let listed = policy.and_then(|policy| policy.catalog().audiences.get(word));
    listed.map_or_else(|| word.into(), |audience| audience.id.clone())
}

/// The tokens of the input: one, or those of a token response (RFC 6749 section 5.1).
fn tokens(arguments: &Arguments) -> Result<Vec<String>, Stop> {
    let text = if arguments.token == "-" {
        let bytes = read::bytes(Path::new("-"), MAX_INPUT, "token")?;
        String::from_utf8(bytes).map_err(|_| {
            Stop::new("the token is not text", "give the text of a token, or a token response")
        })?
    } else {
        arguments.token.clone()
    };
    let response = text.trim_ascii_start().starts_with('{');
    let response = response.then(|| Value::parse_json(text.as_bytes(), JsonLimits::default()).ok()).flatten();
    if let Some(error) = response.as_ref().and_then(|response| response.get("error")).and_then(Value::as_str)
    {
        return Err(Stop::new(
            format!("this is an error response without tokens: {error} (RFC 6749 section 5.2)"),
            "ask with `claimsc eval --explain` why the request gets none",
        ));
    }
    let members: Vec<String> = ["access_token", "id_token"]
        .into_iter()
        .filter_map(|name| response.as_ref()?.get(name)?.as_str().map(str::to_owned))
        .collect();
    Ok(if members.is_empty() { vec![text] } else { members })
}
