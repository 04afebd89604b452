//! `claimsc keys`: keys that sign tokens, and the key set that verifiers fetch.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use zeroize::Zeroizing;

use crate::mint::{Algorithm, ClientSecret, Key, PublicKey, SetupError, SigningKey};
use crate::report;
use crate::value::{JsonLimits, Object, Value};

use super::{Output, Stop, read};

/// Files with keys are smaller than this; a key set can have many keys.
const MAX_BYTES: usize = 1 << 20;

/// Makes keys that sign tokens, and the key set that APIs verify them with.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Generate(Generate),
    Jwks(Jwks),
}

/// Makes a new private key and prints it as a JWK (RFC 7517). Keep it where secrets are kept.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claimsc keys generate --alg ES256 --out signing.jwk
  claimsc keys jwks signing.jwk > jwks.json")]
struct Generate {
    /// What the key signs with; HS256 makes a secret, for ID tokens of one confidential client only
    #[arg(long, value_parser = algorithm(), value_name = "ALG")]
    alg: Algorithm,
    /// Write it to a new file that only this user may read
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Prints the key set (RFC 7517 section 5) of some keys: public parts only, in the order of the files.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  claimsc keys jwks next.jwk current.jwk retired-public.jwk > jwks.json")]
struct Jwks {
    /// Keys, private or public: PEM or JWK, or JWK sets of public keys; `-` for standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// What keys sign with that do not say it themselves: RS256 or PS256 for RSA keys
    #[arg(long, value_parser = algorithm(), value_name = "ALG")]
    alg: Option<Algorithm>,
}

/// Reads the name of an algorithm.
pub(super) fn algorithm() -> impl TypedValueParser<Value = Algorithm> {
    let names = Algorithm::ALL.map(Algorithm::as_str);
    PossibleValuesParser::new(names).try_map(|name| Algorithm::parse(&name).ok_or("not an algorithm"))
}

pub(super) fn run(arguments: &Arguments) -> Result<Output, Stop> {
    match &arguments.command {
        Command::Generate(generate) => run_generate(generate),
        Command::Jwks(jwks) => run_jwks(jwks),
    }
}

fn run_generate(arguments: &Generate) -> Result<Output, Stop> {
    let failed = |error: SetupError| Stop::new(error.message(), error.help());
    let (text, what) = if arguments.alg == Algorithm::Hs256 {
        let secret = ClientSecret::generate().map_err(failed)?;
        (secret.to_private_jwk(), "the secret".to_owned())
    } else {
        let key = SigningKey::generate(arguments.alg).map_err(failed)?;
        (key.to_private_jwk().map_err(failed)?, format!("the private key `{}`", key.id()))
    };
    let Some(path) = &arguments.out else {
        return Ok(Output { stdout: format!("{}\n", *text), ..Output::default() });
    };
    write_private(path, &text).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Stop::new(
            format!("`{}` is there already; nothing was written", read::name(path)),
            "name a new file: a key that signs may be lost by overwriting it",
        ),
        _ => Stop::new(
            format!("`{}` cannot be written: {}", read::name(path), read::cause(&error)),
            "name a file in a folder that this user may write to",
        ),
    })?;
    let stdout = format!("Wrote {what} for {} to `{}`.\n", arguments.alg, read::name(path));
    Ok(Output { stdout, ..Output::default() })
}

/// Writes a new file that is private from the moment it is there.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file: File = options.open(path)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.write_all(b"\n"));
    if written.is_err() {
        // Half a key is no key; what cannot be removed is refused by the next run.
        let _ = std::fs::remove_file(path);
    }
    written
}

fn run_jwks(arguments: &Jwks) -> Result<Output, Stop> {
    let mut keys: Vec<PublicKey> = Vec::new();
    for path in &arguments.files {
        for key in public_keys(path, arguments.alg)? {
            if keys.iter().any(|other| other.id() == key.id()) {
                return Err(Stop::new(
                    format!("the key `{}` in `{}` is given twice", key.id(), read::name(path)),
                    "name each key once",
                ));
            }
            keys.push(key);
        }
    }
    let keys = Value::list(keys.iter().map(PublicKey::to_jwk).collect());
    let set = Value::object(Object::from_iter([("keys".into(), keys)]));
    Ok(Output { stdout: report::pretty(&set), ..Output::default() })
}

/// The public parts of the keys in a file.
fn public_keys(path: &Path, alg: Option<Algorithm>) -> Result<Vec<PublicKey>, Stop> {
    let text = Zeroizing::new(read::bytes(path, MAX_BYTES, "key")?);
    let unusable = |error: SetupError| unusable(path, &error);
    let json = Value::parse_json(&text, JsonLimits::default()).ok();
    let keys = json.as_ref().and_then(|json| json.get("keys")).and_then(Value::as_list);
    match (json.as_ref(), keys) {
        (_, Some(keys)) => keys.iter().map(PublicKey::from_jwk).collect::<Result<_, _>>().map_err(unusable),
        (Some(jwk), None) if jwk.get("d").is_none() => {
            PublicKey::from_jwk(jwk).map(|key| vec![key]).map_err(unusable)
        }
        _ => SigningKey::read(&text, alg).map(|key| vec![key.public().clone()]).map_err(unusable),
    }
}

/// Reads one private key.
pub(super) fn private_key(path: &Path, alg: Option<Algorithm>) -> Result<Key, Stop> {
    let text = Zeroizing::new(read::bytes(path, MAX_BYTES, "key")?);
    Key::read(&text, alg).map_err(|error| unusable(path, &error))
}

fn unusable(path: &Path, error: &SetupError) -> Stop {
    Stop::new(format!("the key in `{}` is unusable: {}", read::name(path), error.message()), error.help())
}
