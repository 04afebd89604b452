//! The arguments of the program.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How the program is used.
pub const USAGE: &str = "\
An example of an OAuth 2.0 and OpenID Connect issuer that embeds claimsc.

Usage: claimsc-server [OPTIONS]
       claimsc-server hash-password    reads a password, writes what stands in the file of users

  --listen ADDRESS  where to listen [default: 127.0.0.1:8080]
  --issuer URL      the issuer identifier, `https` but on a loopback address [default: http://ADDRESS]
  --policy DIR      the policy: `*.claims` files and a `claims.yaml` [default: the demo's]
  --clients FILE    the clients [default: the demo's]
  --users FILE      the users [default: the demo's]
  --keys FILE       which files hold the keys [default: a key that is thrown away]
  --pause MS        how often to look for changed files, in milliseconds [default: 1000]
";

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Print [`USAGE`].
    Help,
    /// Hash a password.
    HashPassword,
    /// Serve.
    Serve(Arguments),
}

/// The arguments of a server.
#[derive(Debug, PartialEq, Eq)]
pub struct Arguments {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The issuer identifier, unless it is the address.
    pub issuer: Option<String>,
    /// The folder of the policy.
    pub policy: PathBuf,
    /// The clients.
    pub clients: PathBuf,
    /// The users.
    pub users: PathBuf,
    /// The list of keys, if there are any.
    pub keys: Option<PathBuf>,
    /// Between two looks at the files.
    pub pause: Duration,
}

impl Default for Arguments {
    fn default() -> Self {
        let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo");
        Arguments {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            issuer: None,
            policy: demo.join("policy"),
            clients: demo.join("clients.json"),
            users: demo.join("users.json"),
            keys: None,
            pause: Duration::from_secs(1),
        }
    }
}

impl Command {
    /// Reads the arguments behind the program's name.
    ///
    /// # Errors
    /// What is not as [`USAGE`] says.
    pub fn read(words: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut words = words.into_iter().peekable();
        match words.peek().map(String::as_str) {
            Some("--help" | "-h") => return Ok(Command::Help),
            Some("hash-password") => return Ok(Command::HashPassword),
            _ => {}
        }
        let mut arguments = Arguments::default();
        while let Some(name) = words.next() {
            let value = words.next().ok_or_else(|| format!("`{name}` has no value"))?;
            let unfit = || format!("the value of `{name}` is not fit");
            match &*name {
                "--listen" => arguments.listen = value.parse().map_err(|_| unfit())?,
                "--issuer" => arguments.issuer = Some(value),
                "--policy" => arguments.policy = value.into(),
                "--clients" => arguments.clients = value.into(),
                "--users" => arguments.users = value.into(),
                "--keys" => arguments.keys = Some(value.into()),
                "--pause" => arguments.pause = Duration::from_millis(value.parse().map_err(|_| unfit())?),
                _ => return Err(format!("`{name}` is not an argument")),
            }
        }
        Ok(Command::Serve(arguments))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_read() {
        let read = |line: &str| Command::read(line.split_whitespace().map(str::to_owned));
        assert_eq!(read(""), Ok(Command::Serve(Arguments::default())));
        assert_eq!(read("--help"), Ok(Command::Help));
        let Ok(Command::Serve(arguments)) = read("--listen 127.0.0.1:0 --pause 20") else {
            panic!("arguments of a server");
        };
        assert_eq!((arguments.listen.port(), arguments.pause.as_millis()), (0, 20));
        assert_eq!(read("--listen here"), Err("the value of `--listen` is not fit".to_owned()));
        assert_eq!(read("--port 1"), Err("`--port` is not an argument".to_owned()));
        assert_eq!(read("--listen"), Err("`--listen` has no value".to_owned()));
    }
}
