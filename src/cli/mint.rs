//! `claimsc mint`: the signed tokens that one request gets.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Args;

use crate::diag::Severity;
use crate::mint::{
    Algorithm, Answer, Issuance, Key, KeyRing, MintError, Minter, ResponseType, Settings, SetupError,
    SigningKey, Tokens, random_bytes,
};
use crate::report::tokens::Decoded;
use crate::report::{self, terminal, visible};
use crate::request::Request;
use crate::source::Sources;
use crate::standard::Token;
use crate::value::{JsonLimits, Object, Value};

use super::keys::{algorithm, private_key};
use super::{Color, Exit, Output, Stop, artifact, load, read, style};

/// Mints the tokens that one request gets, signed, as an issuer answers it.
///
/// The request is that of `claimsc eval`. It may also have `nonce` and `code`, which an ID token refers to, and
/// `response_type`, such as `id_token token`, for an answer of the authorization endpoint. Without `now` it is the time of
/// this machine.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claimsc mint --request request.json --key signing.jwk
  claimsc mint policies/prod --request request.json --dev-key --decode
  claimsc mint --request request.json --key current.pem --key next.jwk | jq -r .access_token

The first key signs, others are only checked. A secret for HS256 signs the ID tokens of the request's client.")]
pub(super) struct Arguments {
    #[command(flatten)]
    policy: artifact::PolicyOrArtifact,
    /// The request: a JSON file, or `-` for standard input
    #[arg(long, short, value_name = "FILE")]
    request: PathBuf,
    /// A private key: PEM or JWK. May be given several times
    #[arg(long, value_name = "FILE", required_unless_present = "dev_key")]
    key: Vec<PathBuf>,
    /// Sign with a new key that is thrown away, and print its key set to standard error
    #[arg(long, conflicts_with = "key")]
    dev_key: bool,
    /// What keys sign with that do not say it themselves, or the throw-away key does [default: RS256 for RSA keys, ES256 for the throw-away key]
    #[arg(long, value_parser = algorithm(), value_name = "ALG")]
    alg: Option<Algorithm>,
    /// The issuer, in place of that of claims.yaml
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// Tell on standard error what the tokens say, and who wrote each claim
    #[arg(long)]
    decode: bool,
}

pub(super) fn run(arguments: &Arguments, color: Color) -> Result<Output, Stop> {
    let read_twice = std::iter::once(&arguments.request)
        .chain(&arguments.key)
        .filter(|path| load::is_standard_input(path))
        .count()
        + arguments.policy.standard_inputs();
    if read_twice > 1 {
        return Err(Stop::new(
            "`-` stands for standard input and is given more than once",
            "name a file in all but one of these places",
        ));
    }
    let compilation = arguments.policy.compilation()?;
    let mut output = Output::default();
    let mut findings = compilation.diagnostics;
    findings.retain(|finding| finding.severity != Severity::Note);
    if !findings.is_empty() {
        output.stderr = terminal::render(&findings, &compilation.sources, style(color, &std::io::stderr()));
    }
    let Some(policy) = compilation.policy else {
        return Ok(Output { exit: Exit::Findings, ..output });
    };
    let settings = match &arguments.issuer {
        Some(issuer) => Settings::new(&**issuer),
        None => Settings::of_policy(&policy),
    };
    let settings = settings.map_err(|error| stop(&error))?;
    let asked = Asked::read(&arguments.request)?;
    let keys = ring(arguments, &asked.request)?;
    if arguments.dev_key {
        output.stderr.push_str(&report::pretty(&keys.jwks()));
    }
    let minter = Minter::new(policy, settings, keys);
    answer(&minter, &asked, arguments.decode, &compilation.sources, output)
}

fn stop(error: &SetupError) -> Stop {
    Stop::new(error.message(), error.help())
}

fn answer(
    minter: &Minter,
    asked: &Asked,
    decode: bool,
    sources: &Sources,
    mut output: Output,
) -> Result<Output, Stop> {
    let issuance = asked.issuance()?;
    match minter.mint(&asked.request, &issuance) {
        Ok(tokens) => {
            if decode {
                let traces = minter.claim_traces(&asked.request, &issuance);
                output.stderr.push_str(&report::tokens::text(&decoded(&tokens), &traces, sources));
            }
            output.stdout = report::pretty(&tokens.to_json());
        }
        Err(error) => {
            output.exit = if matches!(error, MintError::Denied(_)) { Exit::Denied } else { Exit::Unusable };
            output.stderr.push_str(&reasons(&error));
            output.stdout = report::pretty(&error.response(&asked.request, issuance.answer).to_json());
        }
    }
    Ok(output)
}

/// Why there are no tokens, for the author: more than the client is told.
fn reasons(error: &MintError) -> String {
    let mut out = String::new();
    let mut line = |rule: &str, message: &str, code: &str| {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{}", visible(&format!("{rule}: {message} ({code})")));
    };
    match error {
        MintError::Denied(refusals) => {
            for refusal in refusals {
                line(&refusal.rule, &refusal.message, &refusal.code);
            }
        }
        MintError::Evaluation(errors) => {
            for error in errors {
                line(error.rule.as_deref().unwrap_or("the request"), &error.message, error.code);
            }
        }
        other => {
            let _ = writeln!(out, "error: {}", visible(&other.to_string()));
        }
    }
    out
}

/// The keys that the arguments name: the first that has a public part signs.
fn ring(arguments: &Arguments, request: &Request) -> Result<KeyRing, Stop> {
    if arguments.dev_key {
        let algorithm = arguments.alg.unwrap_or(Algorithm::Es256);
        return SigningKey::generate(algorithm).map(KeyRing::new).map_err(|error| stop(&error));
    }
    let mut ring: Option<KeyRing> = None;
    let mut secret = None;
    for path in &arguments.key {
        match (private_key(path, arguments.alg)?, &mut ring) {
            (Key::Secret(one), _) => secret = Some(one),
            (Key::Signing(key), Some(ring)) => ring.publish(key).map_err(|error| stop(&error))?,
            (Key::Signing(key), ring @ None) => *ring = Some(KeyRing::new(key)),
        }
    }
    let mut ring = ring.ok_or_else(|| {
        Stop::new(
            "no key can sign access tokens: a secret for HS256 signs ID tokens only",
            "name an RSA, EC or Ed25519 key too",
        )
    })?;
    if let Some(secret) = secret {
        ring.share(request.client().id(), secret);
    }
    Ok(ring)
}

/// The request and what the command reads beside it.
struct Asked {
    request: Request,
    nonce: Option<String>,
    code: Option<String>,
    response_type: Option<ResponseType>,
    now: i64,
}

impl Asked {
    fn read(path: &Path) -> Result<Self, Stop> {
        let malformed = |fact: &str| {
            Stop::new(
                format!("the request `{}` is malformed: {fact}", read::name(path)),
                "mend the request; `claimsc init` writes a sample",
            )
        };
        let mut value = load::json(path, "request")?;
        let text = |name: &str| match value.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.to_string())),
            Some(_) => Err(malformed(&format!("`{name}` is not a text"))),
        };
        let (nonce, code, response_type) = (text("nonce")?, text("code")?, text("response_type")?);
        let response_type = response_type
            .map(|words| {
                ResponseType::parse(&words).ok_or_else(|| malformed("`response_type` gives no tokens"))
            })
            .transpose()?;
        let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let clock = i64::try_from(clock).unwrap_or(i64::MAX);
        if value.as_object().is_some() && matches!(value.get("now"), None | Some(Value::Null)) {
            // The policy sees the same time as the token.
            value = report::with_member(&value, "now", Value::int(clock));
        }
        let request = Request::from_value(&value).map_err(|error| malformed(error.message()))?;
        let now = request.now().unwrap_or(clock);
        Ok(Asked { request, nonce, code, response_type, now })
    }

    fn issuance(&self) -> Result<Issuance<'_>, Stop> {
        let random = random_bytes().map_err(|error| stop(&error))?;
        let answer = match self.response_type {
            Some(kind) => Answer::AuthorizationEndpoint(kind),
            None => Answer::usual(&self.request, self.code.is_some()),
        };
        let (nonce, code) = (self.nonce.as_deref(), self.code.as_deref());
        Ok(Issuance { now: self.now, random, answer, nonce, code })
    }
}

fn decoded(tokens: &Tokens) -> Vec<Decoded> {
    let all = [(Token::Access, &tokens.access_token), (Token::Id, &tokens.id_token)];
    let part = |text: Option<&str>| {
        let bytes = URL_SAFE_NO_PAD.decode(text.unwrap_or_default()).unwrap_or_default();
        let value = Value::parse_json(&bytes, JsonLimits::default()).ok();
        value.as_ref().and_then(Value::as_object).cloned().unwrap_or_else(Object::new)
    };
    let decode = |(token, text): (Token, &Option<String>)| {
        let mut parts = text.as_deref()?.split('.');
        Some(Decoded { token, header: part(parts.next()), claims: part(parts.next()) })
    };
    all.into_iter().filter_map(decode).collect()
}
