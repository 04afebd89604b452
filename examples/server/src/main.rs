//! The program: see [`claimsc_server::arguments::USAGE`].

use std::io::{self, Read as _, Write as _};
use std::process::ExitCode;

use claimsc::mint::Settings;
use claimsc_server::arguments::{Arguments, Command, USAGE};
use claimsc_server::issuer::{Keys, Sources, hash_password};
use claimsc_server::log::{self, Level};
use claimsc_server::{Server, local_issuer, serve, watch};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problems) => {
            for problem in problems {
                log::event(Level::Error, "not-started", &[("problem", &*problem)]);
            }
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Vec<String>> {
    let command = Command::read(std::env::args().skip(1)).map_err(|problem| vec![problem])?;
    let text = match command {
        Command::Serve(arguments) => return start(arguments),
        Command::Help => USAGE.to_owned(),
        Command::HashPassword => {
            let mut password = String::new();
            io::stdin().take(1024).read_to_string(&mut password).map_err(|error| vec![error.to_string()])?;
            let hash =
                hash_password(password.trim_end_matches(['\r', '\n'])).map_err(|problem| vec![problem])?;
            hash + "\n"
        }
    };
    io::stdout().write_all(text.as_bytes()).map_err(|error| vec![error.to_string()])
}

fn start(arguments: Arguments) -> Result<(), Vec<String>> {
    let io = |error: io::Error| vec![error.to_string()];
    let listener = std::net::TcpListener::bind(arguments.listen).map_err(io)?;
    listener.set_nonblocking(true).map_err(io)?;
    let address = listener.local_addr().map_err(io)?;
    let issuer = arguments.issuer.unwrap_or_else(|| local_issuer(address));
    let keys = if let Some(list) = arguments.keys {
        Keys::Files { list }
    } else {
        log::event(Level::Warn, "throwaway-key", &[("hint", "tokens are worth nothing after a restart")]);
        Keys::throwaway().map_err(|problem| vec![problem])?
    };
    // A discovery document of another issuer than that of the root is elsewhere (RFC 8414 section 3.1).
    if issuer.split_once("://").is_some_and(|(_, rest)| rest.trim_end_matches('/').contains('/')) {
        return Err(vec!["the issuer has a path, and this server has none".to_owned()]);
    }
    let settings = Settings::new(issuer).map_err(|error| vec![error.to_string()])?;
    let (policy, clients, users) = (arguments.policy, arguments.clients, arguments.users);
    let sources = Sources { settings, policy, clients, users, keys };
    let server = Server::new(&sources)?;
    let issuer = server.current();
    let fields = [
        ("issuer", &**issuer.id()),
        ("address", &*address.to_string()),
        ("fingerprint", &*issuer.fingerprint),
    ];
    log::event(Level::Info, "listening", &fields);
    let watched = server.clone();
    std::thread::spawn(move || watch(&watched, &sources, arguments.pause));
    let runtime = tokio::runtime::Runtime::new().map_err(io)?;
    runtime
        .block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            serve(listener, server).await
        })
        .map_err(io)
}
